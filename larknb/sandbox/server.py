"""The wire: routes, the order in which a request is judged, and an HTTP/1.1 server on 127.0.0.1 that keeps connections.

A request passes: route, fault, bearer and scopes, rate, work. Every answer carries a log id and is in the journal
before the first byte leaves, so that a test may look as soon as its client has returned.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import http.client
import itertools
import logging
import os
import re
import socket
import socketserver
import sys
import threading
import urllib.parse
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

from .faults import Fault
from .guard import admit
from .journal import Call
from .wire import Answer, CodeError, DeviceError, Endpoint, Request, failure

if TYPE_CHECKING:
    from .box import Sandbox

LOG = logging.getLogger("larknb.sandbox")
NO_PATH, NO_METHOD, INTERNAL = 99991201, 99991301, 1255001
CHUNK = 4096  # bytes of a chunk, where an answer is sent without its length


def _refuse(code: int) -> Endpoint:
    def work(box: Sandbox, request: Request) -> Answer:  # noqa: ARG001
        raise CodeError(code)

    return Endpoint("unknown", "", "", work, tokens=())


class Routes:
    """Finds the endpoint of a request."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._routes = [(self._pattern(endpoint.path), endpoint) for endpoint in endpoints]
        self._no_path, self._no_method = _refuse(NO_PATH), _refuse(NO_METHOD)

    @staticmethod
    def _pattern(path: str) -> re.Pattern[str]:
        return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path)))

    def find(self, request: Request) -> Endpoint:
        """Endpoint of this method and path; what its path names goes into ``request.params``."""
        tried = [(pattern.fullmatch(request.path), endpoint) for pattern, endpoint in self._routes]
        at_path = [(found, endpoint) for found, endpoint in tried if found]
        for found, endpoint in at_path:
            if endpoint.method == request.method:
                request.params = {name: urllib.parse.unquote(value) for name, value in found.groupdict().items()}
                return endpoint
        return self._no_method if at_path else self._no_path


class Desk:
    """Answers requests, one after the other, as the order of this module's docstring says."""

    def __init__(self, box: Sandbox, endpoints: Iterable[Endpoint]) -> None:
        self._box = box
        self._routes = Routes(endpoints)
        self._count = itertools.count(1)

    def answer(self, request: Request) -> Answer:
        """Answer to one request, with its log id, noted in the journal."""
        box = self._box
        request.log_id = f"{dt.datetime.fromtimestamp(box.clock(), dt.UTC):%Y%m%d%H%M%S}{next(self._count):018X}"
        endpoint = self._routes.find(request)
        fault = box.faults.take(endpoint)
        answer = self._answer(endpoint, request, fault)
        answer.headers["X-Tt-Logid"] = request.log_id
        if fault and fault.kind == "truncate":
            answer.sent = "half"
        elif fault and fault.kind == "drop_after":
            answer.sent = "never"
        self._note(endpoint, request, answer)
        if fault and fault.kind == "hang":
            box.stopping.wait(fault.seconds)
        return answer

    def _answer(self, endpoint: Endpoint, request: Request, fault: Fault | None) -> Answer:
        if fault and fault.run:
            fault.run(self._box)
        instead = fault.instead(self._box, endpoint, request) if fault else None
        return instead or self._work(endpoint, request)

    def _work(self, endpoint: Endpoint, request: Request) -> Answer:
        with self._box.tenant.lock:
            try:
                admit(self._box, endpoint, request)
                self._box.limits.spend(endpoint)
                return endpoint.work(self._box, request)
            except (CodeError, DeviceError) as error:
                return failure(self._box, endpoint, request, error)
            except Exception as error:
                LOG.exception("the stand-in itself failed at %s", endpoint.name)
                return failure(self._box, endpoint, request, CodeError(INTERNAL, f"stand-in: {error!r}", status=500))

    def _note(self, endpoint: Endpoint, request: Request, answer: Answer) -> None:
        headers = dict(request.headers.items())
        for name in headers:
            if name.lower() == "authorization":
                headers[name] = headers[name].partition(" ")[0] + " ***"
        answered = answer.sent != "never"
        call = Call(
            endpoint=endpoint.name,
            method=request.method,
            path=request.path,
            query=request.query,
            body=request.body if request.content else None,
            status=answer.status if answered else None,
            code=answer.code if answered else None,
            identity=request.caller.label if request.caller else None,
            headers=headers,
            at=self._box.clock(),
        )
        self._box.journal.add(call)


class Handler(BaseHTTPRequestHandler):
    """Reads requests from one connection and writes the answers."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def _serve(self) -> None:
        address, box = urllib.parse.urlsplit(self.path), self.server.box
        pairs = urllib.parse.parse_qsl(address.query, keep_blank_values=True)
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer = box.desk.answer(Request(self.command, address.path, dict(pairs), self.headers, content, pairs))
        if box.latency:
            box.sleep(box.latency)
        self._send(answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve  # noqa: N815

    def _send(self, answer: Answer) -> None:
        if answer.sent == "never":
            self.close_connection = True
            return
        content, length = answer.content, {"Content-Length": str(len(answer.content))}
        if answer.is_chunked:
            content, length = _in_chunks(content), {"Transfer-Encoding": "chunked"}
        headers = {
            "Date": email.utils.formatdate(self.server.box.clock(), usegmt=True),
            "Content-Type": answer.content_type,
            **length,
            **answer.headers,
        }
        if answer.sent == "half":
            self.close_connection = True
            content = content[: len(content) // 2]
        first = f"HTTP/1.1 {answer.status} {http.client.responses.get(answer.status, 'Unknown')}"
        head = "\r\n".join([first, *(f"{name}: {value}" for name, value in headers.items()), "\r\n"])
        self.wfile.write(head.encode("latin-1") + (b"" if self.command == "HEAD" else content))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing: the journal knows."""


def _in_chunks(content: bytes) -> bytes:
    chunks = [content[start : start + CHUNK] for start in range(0, len(content), CHUNK)]
    return b"".join(b"%X\r\n%b\r\n" % (len(chunk), chunk) for chunk in [*chunks, b""])


class Server(socketserver.ThreadingTCPServer):
    """Listens on 127.0.0.1 and nowhere else; one thread per connection."""

    allow_reuse_address = os.name != "nt"  # on Windows it would let a second process listen on the same port
    daemon_threads = True  # a program that forgets to stop the sandbox still ends
    request_queue_size = 64

    def __init__(self, box: Sandbox, port: int) -> None:
        self.box = box
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
