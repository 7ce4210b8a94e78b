"""Servers of loopback that answer with any bytes: torn, packed, dripping, and proxies of every mood."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

CERTIFICATE = Path(__file__).parents[1] / "data" / "tls" / "untrusted.pem"  # of open.feishu.cn, signed by nobody

Pieces = Callable[[bytes], Iterator[bytes]]  # the head of a request -> what is answered, piece by piece


class RawServer:
    """Answers each request, on a connection of its own, with the pieces that a function gives; counts them."""

    def __init__(self, answer: Pieces) -> None:
        self.answer, self.heads = answer, list[bytes]()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._listening.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._closed.set()
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while not self._closed.is_set():
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._work, args=(connection,), daemon=True).start()

    def _work(self, connection: socket.socket) -> None:
        with connection:
            try:
                head = _head_of(connection)
                self.heads.append(head)
                for piece in self.answer(head):
                    if self._closed.is_set():
                        return
                    connection.sendall(piece)
            except OSError:
                return  # whoever asked has gone

    def wait(self, seconds: float) -> bool:
        """Wait; False as soon as the server is closed."""
        return not self._closed.wait(seconds)


def _head_of(connection: socket.socket) -> bytes:
    connection.settimeout(10)
    head = b""
    while b"\r\n\r\n" not in head:
        more = connection.recv(65536)
        if not more:
            break
        head += more
    return head


@contextmanager
def serving(answer: Pieces) -> Iterator[RawServer]:
    server = RawServer(answer)
    try:
        yield server
    finally:
        server.close()


def whole(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> Pieces:
    """Return what answers with this body."""
    told = len(body) if length is None else length
    head = "\r\n".join([f"HTTP/1.1 {status}", "Connection: close", f"Content-Length: {told}", *headers, "", ""])
    return lambda _: iter([head.encode("latin-1") + body])


@contextmanager
def untrusted_host() -> Iterator[RawServer]:
    """A proxy that lets everything through, to a host whose certificate nobody signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    with _TlsProxy(context) as proxy:
        yield proxy


class _TlsProxy(RawServer):
    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(lambda _: iter([]))

    def __enter__(self) -> _TlsProxy:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _work(self, connection: socket.socket) -> None:
        with connection:
            try:
                self.heads.append(_head_of(connection))
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                with self._context.wrap_socket(connection, server_side=True) as secure:
                    _head_of(secure)
                    secure.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\n{"code":0}')
            except OSError:
                return
