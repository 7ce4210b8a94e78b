"""The HTTP session that login and API share: no redirects, ends and limits, proxies and certificates, loopback.

Which certificates are trusted: those of ``REQUESTS_CA_BUNDLE``, where a file is named; else those of certifi, and with
the extra ``larknb[truststore]`` also those of the system, where a company keeps its own.
"""

from __future__ import annotations

import ipaddress
import os
import ssl
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3

from larknb.wire.failures import BUNDLES
from larknb.wire.incoming import PacedAdapter
from larknb.wire.outgoing import SecretAdapter

__all__ = ["is_loopback", "new_session"]

TIMEOUT = (10.0, 30.0)  # seconds to connect, and to wait for the answer; a login must never hang a notebook


def new_session(base_url: str) -> requests.Session:
    """Return a session for one host: proxies and CA bundle of the environment are honoured, except on loopback."""
    session = _Session()
    session.trust_env = not is_loopback(base_url)  # requests sends even 127.0.0.1 to HTTP_PROXY
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter())
    session.headers["Accept-Encoding"] = "gzip"  # what `larknb.wire.incoming` unpacks
    session.auth = _unchanged  # else an entry of ~/.netrc replaces the Bearer header, or adds Basic (error 20070)
    return session


class _Adapter(SecretAdapter, PacedAdapter):
    """Keeps secrets out of frames on the way out, ends what comes in, and asks the system whom it trusts."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the connections without a proxy."""
        super().init_poolmanager(*args, **_system_store(), **kwargs)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Make those of a proxy, of whatever kind."""
        return super().proxy_manager_for(proxy, **_system_store(), **kwargs)


def _system_store() -> dict[str, ssl.SSLContext]:
    """Return how a connection trusts what the system trusts; nothing without truststore, or where a file is named."""
    if any(os.environ.get(name) for name in BUNDLES):
        return {}
    try:
        import truststore
    except ImportError:
        return {}
    return {"ssl_context": truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)}


class _Session(requests.Session):
    """Follows no redirect, whatever the call says, waits for no answer without an end, and reads none by itself.

    It raises nothing but ``requests.RequestException``.
    """

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        try:
            return super().request(*args, **kwargs)
        except requests.RequestException:
            raise
        except (OSError, ValueError, urllib3.exceptions.HTTPError) as error:  # what requests lets through
            raise requests.RequestException(error) from error

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002
        return None  # it could carry a token or a secret to another host

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        kwargs["timeout"] = kwargs.get("timeout") or TIMEOUT
        kwargs["stream"] = True  # whoever reads an answer says how much of it
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
