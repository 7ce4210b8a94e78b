"""A small server on loopback that keeps what it hears, and answers whatever a test wants it to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Self

__all__ = ["Answer", "Server", "read_request", "say"]

Answer = Callable[
    [socket.socket, bytes], None
]  # gets the connection and the request; the connection is closed after it


def say(content: bytes) -> Answer:
    """Answer with these bytes."""
    return lambda connection, _: connection.sendall(content)


class Server:
    """Reads one request of each connection, and closes it after the answer."""

    def __init__(self, answer: Answer = say(b"")) -> None:  # noqa: B008  it has no state
        self.answer = answer
        self.requests: list[bytes] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._door.close()

    @property
    def heard(self) -> bytes:
        """All that was ever asked."""
        return b"".join(self.requests)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._door.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                connection.settimeout(5)
                self.requests.append(read_request(connection))
                self.answer(connection, self.requests[-1])


def read_request(connection: socket.socket) -> bytes:
    """Return one request, head and body."""
    heard = b""
    while b"\r\n\r\n" not in heard and (piece := connection.recv(65536)):
        heard += piece
    head, _, body = heard.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length and (piece := connection.recv(65536)):
        body, heard = body + piece, heard + piece
    return heard
