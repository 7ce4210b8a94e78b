"""A store that speaks S3 on loopback: in memory, or another server behind it; it can fail at any request."""

from __future__ import annotations

import hashlib
import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

import pytest

KEY, SECRET = "testkey", "testsecret"
# What happens to a request: "" as it should, "busy" (503), "reset" (nothing was done), "lost" (done, and no answer).
Fault = Callable[[int, str, str], str]


@dataclass
class Request:
    """What a client sent."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes


@dataclass
class Answer:
    """What it gets."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class Memory:
    """The part of S3 that pyarrow.fs and conditional writes ask for."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, float]] = {}  # by bucket and key
        self.parts: dict[str, dict[int, bytes]] = {}
        self.lock = threading.Lock()

    def answer(self, request: Request) -> Answer:
        with self.lock:
            handle: Callable[[Request], Answer] = getattr(self, f"do_{request.method.lower()}")
            return handle(request)

    def do_get(self, request: Request) -> Answer:
        if "list-type" in request.query or "/" not in request.path:
            return self.listing(request)
        if request.path not in self.objects:
            return Answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
        body, at = self.objects[request.path]
        headers = {"ETag": tag_of(body), "Last-Modified": formatdate(at, usegmt=True)}
        if wanted := request.headers.get("range"):
            first, last = wanted.removeprefix("bytes=").split("-")
            part = body[int(first) : int(last or len(body)) + 1]
            return Answer(
                206, part, headers | {"Content-Range": f"bytes {first}-{int(first) + len(part) - 1}/{len(body)}"}
            )
        return Answer(200, body, headers)

    do_head = do_get

    def do_put(self, request: Request) -> Answer:
        if "uploadId" in request.query:
            self.parts[request.query["uploadId"][0]][int(request.query["partNumber"][0])] = request.body
            return Answer(200, headers={"ETag": tag_of(request.body)})
        known = self.objects.get(request.path)
        if request.headers.get("if-none-match") == "*" and known is not None:
            return Answer(412)
        if (tag := request.headers.get("if-match")) and (known is None or tag_of(known[0]) != tag):
            return Answer(412)
        self.objects[request.path] = request.body, time.time()
        return Answer(200, headers={"ETag": tag_of(request.body)})

    def do_post(self, request: Request) -> Answer:
        if "uploads" in request.query:
            name = f"upload{len(self.parts)}"
            self.parts[name] = {}
            return Answer(
                200,
                f"<InitiateMultipartUploadResult><UploadId>{name}</UploadId></InitiateMultipartUploadResult>".encode(),
            )
        parts = self.parts[request.query["uploadId"][0]]
        body = b"".join(parts[number] for number in sorted(parts))
        self.objects[request.path] = body, time.time()
        tag = escape(tag_of(body))
        return Answer(
            200, f"<CompleteMultipartUploadResult><ETag>{tag}</ETag></CompleteMultipartUploadResult>".encode()
        )

    def do_delete(self, request: Request) -> Answer:
        self.objects.pop(request.path, None)
        return Answer(204)

    def listing(self, request: Request) -> Answer:
        bucket, prefix = request.path.strip("/"), request.query.get("prefix", [""])[0]
        keys = [key for key in sorted(self.objects) if key.startswith(f"{bucket}/{prefix}")]
        found = "".join(self._listed(key, bucket) for key in keys)
        return Answer(200, f"<ListBucketResult><IsTruncated>false</IsTruncated>{found}</ListBucketResult>".encode())

    def _listed(self, key: str, bucket: str) -> str:
        body, at = self.objects[key]
        told = f"<Key>{escape(key.removeprefix(f'{bucket}/'))}</Key><Size>{len(body)}</Size>"
        when = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(at))
        return f"<Contents>{told}<LastModified>{when}</LastModified></Contents>"


class Behind:
    """Another server, to which every request goes as it came."""

    def __init__(self, url: str) -> None:
        self.site = urlsplit(url).netloc

    def forward(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        connection = http.client.HTTPConnection(self.site, timeout=30)
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            if name.lower() not in ("transfer-encoding", "content-length", "expect"):
                connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)
        found = connection.getresponse()
        data = found.read()
        connection.close()
        kept = {
            name: value for name, value in found.getheaders() if name.lower() not in ("transfer-encoding", "connection")
        }
        return Answer(found.status, data, kept)


def tag_of(body: bytes) -> str:
    return f'"{hashlib.md5(body).hexdigest()}"'


class S3:
    """A running store; ``journal`` has the requests, ``fault`` says what happens to each."""

    def __init__(self, behind: str = "") -> None:
        self.memory, self.behind = Memory(), Behind(behind) if behind else None
        self.journal: list[tuple[str, str]] = []
        self.fault: Fault = lambda *_: ""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def use(self, patch: pytest.MonkeyPatch) -> Self:
        """Let this process take it for its S3."""
        for name, value in environment(self.url).items():
            patch.setenv(name, value)
        return self

    def fail_from(self, number: int, fault: str) -> None:
        """Fail the ``number``-th request from now on, and all that follow it."""
        first = len(self.journal) + number
        self.fault = lambda at, *_: fault if at >= first else ""

    def heal(self) -> None:
        """Answer every request again."""
        self.fault = lambda *_: ""

    def _handler(store) -> type[BaseHTTPRequestHandler]:  # noqa: N805  self is the handler's
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self) -> None:
                body = self._body()
                place = urlsplit(self.path)
                path = unquote(place.path).strip("/")
                number = len(store.journal)
                store.journal.append((self.command, path))
                fault = store.fault(number, self.command, path)
                if fault == "reset":
                    return self._hang_up()
                if fault == "busy":
                    return self._send(Answer(503, b"<Error><Code>SlowDown</Code></Error>"))
                answer = self._done(place.query, path, body)
                return self._hang_up() if fault == "lost" else self._send(answer)

            def _done(self, query: str, path: str, body: bytes) -> Answer:
                if store.behind is not None:
                    return store.behind.forward(self.command, self.path, dict(self.headers), body)
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = parse_qs(query, keep_blank_values=True)
                return store.memory.answer(Request(self.command, path, asked, headers, body))

            def _body(self) -> bytes:
                if self.headers.get("transfer-encoding", "").lower() == "chunked":
                    data = b"".join(self._chunks())
                else:
                    data = self.rfile.read(int(self.headers.get("content-length") or 0))
                if store.behind is None and "aws-chunked" in self.headers.get("content-encoding", ""):
                    return unchunked(data)
                return data

            def _chunks(self) -> Iterator[bytes]:
                while size := int(self.rfile.readline().partition(b";")[0], 16):
                    yield self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()

            def _hang_up(self) -> None:
                self.close_connection = True
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                self.connection.close()

            def _send(self, answer: Answer) -> None:
                self.send_response(answer.status)
                length = {"Content-Length": str(len(answer.body))}
                for name, value in {**length, **answer.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD" and answer.body:
                    self.wfile.write(answer.body)

            do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_one  # noqa: N815  http.server's names

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


def unchunked(data: bytes) -> bytes:
    """Return what a client of Amazon's sends in pieces, each with its length."""
    found = b""
    while data:
        head, _, data = data.partition(b"\r\n")
        size = int(head.partition(b";")[0] or b"0", 16)
        found, data = found + data[:size], data[size + 2 :]
        if not size:
            break
    return found


def environment(url: str) -> dict[str, str]:
    """Return the variables by which everybody finds a store."""
    return {
        "AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }  # fmt: skip
