"""The loopback address that receives one verdict: the browser comes back to it with the code.

Anybody on this machine can speak to it, and so can every web page that the browser shows. So it answers only what is
addressed to it by name (a page that rebound its own name to 127.0.0.1 is not), believes only what carries the state of
this login, takes one verdict, and is gone after a while. What it shows and logs contains nothing of what it received.
"""

from __future__ import annotations

import errno
import os
import secrets
import selectors
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from larknb.config.secrets import NOTHING, Secret
from larknb.messages import language, say

__all__ = ["LIFETIME", "Callback", "Verdict", "busy", "read_verdict"]

LIFETIME = 600.0  # seconds: time to find the phone and to sign in; a code itself lives five minutes
PATIENCE = 5.0  # seconds for a browser to say what it wants: some connect ahead and say nothing
TICK = 0.1  # seconds until a close is noticed


@dataclass(frozen=True)
class Verdict:
    """What the authorize page sent back: a code, or why there is none (``access_denied``)."""

    code: Secret = NOTHING
    error: str = ""


def read_verdict(query: str, state: str) -> Verdict | Literal["state"] | None:
    """Return the verdict of a query string; ``"state"`` if it belongs to another login, None if it is none."""
    fields = parse_qs(query, keep_blank_values=True)
    if any(len(fields.get(name, [])) > 1 for name in ("code", "error", "state")):
        return None
    code, error, its_state = (fields.get(name, [""])[0] for name in ("code", "error", "state"))
    if not code and not error:
        return None
    if not secrets.compare_digest(its_state.encode("utf-8", "replace"), state.encode()):
        return "state"
    return Verdict(error=error) if error else Verdict(Secret(code))


class Callback:
    """Listens on the first of ``redirect_uris`` that is free, from the moment it is made until it has its verdict.

    Parameters
    ----------
    redirect_uris : sequence of str
        As they are registered in the console.
    state : str
        What the verdict must carry.
    lifetime : float
        Seconds after which nobody is expected any more.

    Attributes
    ----------
    redirect_uri : str
        The address it listens on; empty if all are busy.
    busy : tuple of str
        The addresses that another program holds.
    """

    def __init__(self, redirect_uris: Sequence[str], state: str, *, lifetime: float = LIFETIME) -> None:
        self.redirect_uri, self.busy, self._servers = _first_free(redirect_uris)
        self.state, self.lang = state, language()
        self._claimed = threading.Lock()  # taken once, by the request that brings the verdict
        self._verdict: Verdict | None = None
        self._done = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(lifetime,), name="larknb-callback", daemon=True)
        for server in self._servers:
            server.callback = self
        self._thread.start()

    def wait(self, timeout: float | None = None) -> Verdict | None:
        """Return the verdict, or None if none came within ``timeout`` seconds or before the end."""
        self._done.wait(timeout)
        return self._verdict

    def close(self) -> None:
        """Stop listening."""
        self._closing.set()
        self._thread.join()

    def _serve(self, lifetime: float) -> None:
        end = time.monotonic() + lifetime
        with selectors.DefaultSelector() as ready:
            for server in self._servers:
                ready.register(server, selectors.EVENT_READ, server)
            while self._servers and self._verdict is None and not self._closing.is_set() and time.monotonic() < end:
                for key, _ in ready.select(TICK):
                    key.data.handle_request()
        for server in self._servers:
            server.server_close()
        self._done.set()

    # --- one request -----------------------------------------------------------------------------------------------

    def judge(self, target: str, host: str) -> tuple[HTTPStatus, str, Verdict | None]:
        """Return status, page and verdict for one GET."""
        address = urlsplit(self.redirect_uri)
        path, _, query = target.partition("?")
        if host.lower() != address.netloc.lower():
            return HTTPStatus.MISDIRECTED_REQUEST, "stranger", None
        if path != address.path:
            return HTTPStatus.NOT_FOUND, "stranger", None
        verdict = read_verdict(query, self.state)
        if not isinstance(verdict, Verdict):
            return HTTPStatus.BAD_REQUEST, "stranger", None
        if not self._claimed.acquire(blocking=False):
            return HTTPStatus.GONE, "stranger", None
        return HTTPStatus.OK, "denied" if verdict.error else "received", verdict

    def accept(self, verdict: Verdict) -> None:
        """Take the verdict, once its page is on the way to the browser."""
        self._verdict = verdict

    def page(self, name: str) -> bytes:
        """Return the page that tells a person what happened; it holds no script and nothing from outside."""
        title, text = escape(say(f"login.page.{name}.title", self.lang)), escape(say(f"login.page.{name}", self.lang))
        return _PAGE.format(lang=self.lang, title=title, text=text).encode()


_PAGE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>larknb · {title}</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif; max-width: 32em; margin: 20vh auto 0;
padding: 0 1em }}
h1 {{ font-size: 1.4em }}
</style></head>
<body><h1>{title}</h1><p>{text}</p></body></html>
"""
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # the page's own address holds the code
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = PATIENCE

    def do_GET(self) -> None:
        callback = self.server.callback
        status, page, verdict = callback.judge(self.path, self.headers.get("Host", ""))
        body = callback.page(page)
        try:
            self.send_response(status)
            for name, value in _HEADERS.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        finally:
            if verdict:
                callback.accept(verdict)

    def version_string(self) -> str:
        return "larknb"

    def log_message(self, *args: Any) -> None:
        """Nothing: the request line holds the code."""


class _Server(socketserver.ThreadingTCPServer):  # http.server's own class looks the host up, which can take seconds
    callback: Callback
    daemon_threads = True
    timeout = TICK
    allow_reuse_address = os.name != "nt"  # there it would let a second program share the port, and take the code

    def __init__(self, family: socket.AddressFamily, host: str, port: int) -> None:
        self.address_family = family
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        if sys.platform == "win32":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        super().server_bind()

    def handle_error(self, *args: Any) -> None:
        """Nothing: a browser that went away is no error, and standard error belongs to the notebook."""


def _first_free(redirect_uris: Sequence[str]) -> tuple[str, tuple[str, ...], list[_Server]]:
    busy: list[str] = []
    for uri in redirect_uris:
        try:
            return uri, tuple(busy), _bind(uri)
        except OSError:
            busy.append(uri)
    return "", tuple(busy), []


def busy(redirect_uris: Sequence[str]) -> tuple[str, ...]:
    """Return the addresses whose port another program holds at this moment."""
    return tuple(uri for uri in redirect_uris if not _is_free(uri))


def _is_free(uri: str) -> bool:
    try:
        servers = _bind(uri)
    except OSError:
        return False
    for server in servers:
        server.server_close()
    return True


def _bind(uri: str) -> list[_Server]:
    """Listen on one address, or on none of it: of ``localhost`` a browser may try either half, and get a stranger."""
    address = urlsplit(uri)
    host, port = address.hostname or "", address.port or 80
    if host != "localhost":
        return [_Server(socket.AF_INET6 if ":" in host else socket.AF_INET, host, port)]
    servers = [_Server(socket.AF_INET, "127.0.0.1", port)]
    try:
        servers.append(_Server(socket.AF_INET6, "::1", port))
    except OSError as error:
        if error.errno not in _NO_IPV6:
            servers[0].server_close()
            raise
    return servers


# Windows has numbers of its own for sockets (WSAEADDRNOTAVAIL, WSAEAFNOSUPPORT).
_NO_IPV6 = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, 10049, 10047)
