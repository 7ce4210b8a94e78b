"""An HTTP/1.1 server on 127.0.0.1 that keeps connections."""

from __future__ import annotations

import email.utils
import http.client
import logging
import socket
import socketserver
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler
from typing import Any

from larknb.sandbox.platform.platform import Platform
from larknb.sandbox.wire.exchange import Request, Response

from .dispatch import Dispatcher

LOG = logging.getLogger("larknb.sandbox")
CHUNK = 4096  # bytes of a chunk, where an answer is sent without its length


class Handler(BaseHTTPRequestHandler):
    """Reads requests from one connection and writes the answers."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def _serve(self) -> None:
        address, platform = urllib.parse.urlsplit(self.path), self.server.platform
        pairs = urllib.parse.parse_qsl(address.query, keep_blank_values=True)
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        response = self.server.dispatcher.answer(
            Request(self.command, address.path, dict(pairs), self.headers, content, pairs)
        )
        if platform.latency:
            platform.sleep(platform.latency)
        self._send(response)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve  # noqa: N815

    def _send(self, response: Response) -> None:
        if response.sent == "never":
            self.close_connection = True
            return
        content, length = response.content, {"Content-Length": str(len(response.content))}
        if response.is_chunked:
            content, length = _in_chunks(content), {"Transfer-Encoding": "chunked"}
        headers = {
            "Date": email.utils.formatdate(self.server.platform.clock(), usegmt=True),
            "Content-Type": response.content_type,
            **length,
            **response.headers,
        }
        if response.sent == "half":
            self.close_connection = True
            content = content[: len(content) // 2]
        first = f"HTTP/1.1 {response.status} {http.client.responses.get(response.status, 'Unknown')}"
        head = "\r\n".join([first, *(f"{name}: {value}" for name, value in headers.items()), "\r\n"])
        self.wfile.write(head.encode("latin-1") + (b"" if self.command == "HEAD" else content))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing: the journal knows."""


def _in_chunks(content: bytes) -> bytes:
    chunks = [content[start : start + CHUNK] for start in range(0, len(content), CHUNK)]
    return b"".join(b"%X\r\n%b\r\n" % (len(chunk), chunk) for chunk in [*chunks, b""])


class Server(socketserver.ThreadingTCPServer):
    """Listens on 127.0.0.1 and nowhere else; one thread per connection."""

    allow_reuse_address = sys.platform != "win32"  # on Windows it would let a second process listen on the same port
    daemon_threads = True  # a program that forgets to stop the sandbox still ends
    request_queue_size = 64

    def __init__(self, platform: Platform, dispatcher: Dispatcher, port: int) -> None:
        self.platform = platform
        self.dispatcher = dispatcher
        self._open: dict[threading.Thread, socket.socket] = {}
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", port), Handler)
        self._loop = threading.Thread(target=self.serve_forever, args=(0.02,), name="larknb sandbox", daemon=True)

    @property
    def port(self) -> int:
        """Port it listens on."""
        return int(self.server_address[1])

    def open(self) -> None:
        """Start to accept connections."""
        self._loop.start()

    def close(self) -> None:
        """Stop accepting, cut the connections that are still open, and wait for their threads."""
        self.shutdown()
        self._loop.join()
        self.server_close()
        with self._lock:
            still_open = dict(self._open)
        for thread, connection in still_open.items():
            _cut(connection)
            if thread is not threading.current_thread():
                thread.join(5)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve one connection in a thread of its own, known to `close`."""
        thread = threading.Thread(target=self.process_request_thread, args=(request, client_address), daemon=True)
        with self._lock:
            self._open[thread] = request
        thread.start()

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection and close it."""
        with self._lock:
            self._open.pop(threading.current_thread(), None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """Say nothing of clients that went away, which they may; a defect of ours goes to the log."""
        if not isinstance(sys.exception(), OSError):
            LOG.exception("the stand-in itself failed")


def _cut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
