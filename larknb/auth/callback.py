"""The loopback address that receives one verdict: the browser comes back to it with the code.

Anybody on this machine can speak to it, and so can every web page that the browser shows. So it answers only what is
addressed to it by name (a page that rebound its own name to 127.0.0.1 is not), believes only what carries the state of
this login, takes one verdict, and is gone after a while. What it shows and logs contains nothing of what it received.
Who speaks slowly, much or often hinders nobody: `Reception`.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from socket import socket
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from larknb.auth.loopback import LONGEST_REQUEST, Reception, listen
from larknb.config.secrets import NOTHING, Secret
from larknb.messages import language, say

__all__ = ["LIFETIME", "Callback", "Verdict", "busy", "read_verdict"]

LIFETIME = 600.0  # seconds: time to find the phone and to sign in; a code itself lives five minutes


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
        self.redirect_uri, self.busy, listeners = _first_free(redirect_uris)
        self.state, self.lang = state, language()
        self._claimed = threading.Lock()  # taken once, by the request that brings the verdict
        self._verdict: Verdict | None = None
        self._done = threading.Event()
        self._closing = threading.Event()
        self._reception = Reception(listeners, self._answer)
        self._thread = threading.Thread(target=self._serve, args=(lifetime,), name="larknb-callback", daemon=True)
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
        with self._reception as reception:
            while reception.is_open and not self._verdict and not self._closing.is_set() and time.monotonic() < end:
                reception.attend()
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

    def _answer(self, request: bytes) -> bytes:
        """Return what a request gets, and take the verdict if it brings one: its page is the last that is sent."""
        answer = _Answer(self, request)
        self._verdict = self._verdict or answer.verdict
        return answer.content

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


class _Answer(BaseHTTPRequestHandler):
    """The answer to one request, which came whole or was cut where it became too long."""

    def __init__(self, callback: Callback, request: bytes) -> None:
        self.callback, self.verdict = callback, None
        self._sent = BytesIO()
        self.rfile, self.wfile = BytesIO(request), self._sent
        if len(request) > LONGEST_REQUEST:
            self.requestline, self.request_version, self.command = "", self.protocol_version, "GET"
            self.send_error(HTTPStatus.REQUEST_URI_TOO_LONG)
        else:
            self.handle_one_request()

    verdict: Verdict | None

    @property
    def content(self) -> bytes:
        """The bytes of the answer."""
        return self._sent.getvalue()

    def do_GET(self) -> None:
        status, page, self.verdict = self.callback.judge(self.path, self.headers.get("Host", ""))
        body = self.callback.page(page)
        self.send_response(status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def version_string(self) -> str:
        return "larknb"

    def log_message(self, *args: Any) -> None:
        """Nothing: the request line holds the code."""


def _first_free(redirect_uris: Sequence[str]) -> tuple[str, tuple[str, ...], list[socket]]:
    held: list[str] = []
    for uri in redirect_uris:
        try:
            return uri, tuple(held), _listen(uri)
        except OSError:
            held.append(uri)
    return "", tuple(held), []


def busy(redirect_uris: Sequence[str]) -> tuple[str, ...]:
    """Return the addresses whose port another program holds at this moment."""
    return tuple(uri for uri in redirect_uris if not _is_free(uri))


def _is_free(uri: str) -> bool:
    try:
        listeners = _listen(uri)
    except OSError:
        return False
    for listener in listeners:
        listener.close()
    return True


def _listen(uri: str) -> list[socket]:
    address = urlsplit(uri)
    return listen(address.hostname or "", address.port or 80)
