"""The HTTP session that login and API share: no redirects, timeouts, proxies and certificates, loopback."""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

import requests

from larknb.messages import say
from larknb.wire.outgoing import SecretAdapter

__all__ = ["failure_reason", "is_loopback", "new_session"]

TIMEOUT = (10.0, 30.0)  # seconds to connect, and to wait for the answer; a login must never hang a notebook


def new_session(base_url: str) -> requests.Session:
    """Return a session for one host: proxies and CA bundle of the environment are honoured, except on loopback."""
    session = _Session()
    session.trust_env = not is_loopback(base_url)  # requests sends even 127.0.0.1 to HTTP_PROXY
    for scheme in ("https://", "http://"):
        session.mount(scheme, SecretAdapter())
    session.auth = _unchanged  # else an entry of ~/.netrc replaces the Bearer header, or adds Basic (error 20070)
    return session


class _Session(requests.Session):
    """Follows no redirect, whatever the call says, and waits for no answer without an end."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002
        return None  # it could carry a token or a secret to another host

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        kwargs["timeout"] = kwargs.get("timeout") or TIMEOUT
        return super().send(request, **kwargs)


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def is_loopback(url: str) -> bool:
    """Say whether a URL points to this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def failure_reason(error: requests.RequestException) -> str:
    """Return why a request failed, in the user's words: the error's own text may hold URL, proxy and password."""
    kinds = {
        requests.exceptions.ProxyError: "proxy",
        requests.exceptions.SSLError: "certificate",
        requests.exceptions.Timeout: "timeout",
    }
    return say(f"login.reason.{next((word for kind, word in kinds.items() if isinstance(error, kind)), 'connection')}")
