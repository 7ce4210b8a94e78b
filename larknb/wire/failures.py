"""Why a request has no answer that can be used: what the libraries below us raise, said as what it is.

Their own texts are never shown: they may hold the address, a proxy and its password.
"""

from __future__ import annotations

import http.client
import os
import re
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import certifi
import urllib3
from requests import exceptions

from larknb.messages import say
from larknb.wire.codes import Trouble
from larknb.wire.incoming import TooLarge, TooSlow

__all__ = ["BUNDLES", "Failure", "failure_of", "never_left"]

BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")  # where requests looks for certificates, in this order
TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")  # how http.client tells what a proxy answered

# What the libraries raise where an address is none: requests' own, and those that it lets through.
ADDRESS = (
    exceptions.InvalidURL,
    exceptions.MissingSchema,
    exceptions.InvalidSchema,
    urllib3.exceptions.LocationValueError,
    http.client.InvalidURL,
    UnicodeError,
)

# Troubles of a request that the platform never got: it could not be put together, or no connection came about.
UNSENT: tuple[Trouble, ...] = (
    "bundle", "socks", "proxy_address", "proxy_login", "proxy_refusal", "header", "address", "certificate",
)  # fmt: skip
UNCONNECTED = (
    exceptions.ConnectTimeout,
    exceptions.ProxyError,
    urllib3.exceptions.ConnectTimeoutError,
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ProxyError,
)

T = TypeVar("T", bound=BaseException)


@dataclass(frozen=True)
class Failure:
    """What went wrong, by its name in the table of `larknb.wire.codes`, and the words of its message."""

    trouble: Trouble
    words: Mapping[str, Any] = field(default_factory=dict)


def failure_of(error: BaseException) -> Failure:
    """Return what an error of a request means."""
    if bundle := _lost_bundle(error):
        return bundle
    if (large := _first(error, TooLarge)) is not None:
        return Failure("oversized", {"megabytes": f"{large.most / 1_000_000:g}"})
    if _first(error, TooSlow) is not None:
        return Failure("slow")
    return _by_certificate(error) or _by_proxy(error) or _by_kind(error)


def never_left(error: BaseException) -> bool:
    """Say whether it is certain that the platform got nothing of a request, so that it counts for no quota."""
    return failure_of(error).trouble in UNSENT or any(isinstance(each, UNCONNECTED) for each in _within(error))


def _by_kind(error: BaseException) -> Failure:
    """Return what its class tells, or that of an error which it wraps."""
    if isinstance(error, exceptions.Timeout):
        return _unreachable("timeout")
    if isinstance(error, exceptions.ContentDecodingError):
        return Failure("undecodable")
    if isinstance(error, exceptions.TooManyRedirects):
        return Failure("redirects", {"status": 302})
    unsent = _first(error, UnicodeEncodeError)
    if isinstance(error, exceptions.InvalidHeader) or (unsent and unsent.encoding == "latin-1"):
        return Failure("header")
    is_address = any(isinstance(each, ADDRESS) for each in _within(error))
    return Failure("address") if is_address else _unreachable("connection")


def _unreachable(reason: str) -> Failure:
    return Failure("network", {"reason": say(f"login.reason.{reason}")})


# --- proxies and certificates ---------------------------------------------------------------------------------------


def _by_proxy(error: BaseException) -> Failure | None:
    """Return what is wrong with the proxy, if anything is."""
    if isinstance(error, exceptions.InvalidSchema) and "SOCKS" in str(error):
        return Failure("socks")
    # What has a request had a good address of its own.
    if isinstance(error, exceptions.InvalidURL) and (error.request or isinstance(error, exceptions.InvalidProxyURL)):
        return Failure("proxy_address")
    if not any(isinstance(each, (exceptions.ProxyError, urllib3.exceptions.ProxyError)) for each in _within(error)):
        return None
    answered = next((found for each in _within(error) if (found := TUNNEL.search(str(each)))), None)
    status = int(answered[1]) if answered else 0
    if status == http.client.PROXY_AUTHENTICATION_REQUIRED:
        return Failure("proxy_login")
    return Failure("proxy_refusal", {"status": status}) if 400 <= status < 500 else _unreachable("proxy")


def _by_certificate(error: BaseException) -> Failure | None:
    """Return what is wrong with the encryption; a connection that broke while it was agreed upon is none of that."""
    found = _first(error, ssl.SSLError)
    if isinstance(found, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY_FAILED" in str(error):
        return Failure("certificate")
    if any("doesn't match" in str(each) for each in _within(error) if isinstance(each, urllib3.exceptions.SSLError)):
        return Failure("certificate")
    if isinstance(found, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return _unreachable("connection")
    return None if found is None and not isinstance(error, exceptions.SSLError) else Failure("tls")


def _lost_bundle(error: BaseException) -> Failure | None:
    """Return which file of certificates is gone, or holds none."""
    gone = any(type(each) is OSError and "CA certificate bundle" in str(each) for each in _within(error))
    unread = (getattr(each, "library", "") for each in _within(error) if isinstance(each, ssl.SSLError))
    if not gone and not {*unread} & {"X509", "PEM"}:
        return None
    named = (os.environ.get(name) for name in BUNDLES)
    return Failure("bundle", {"path": next(filter(None, named), None) or certifi.where()})


# --- errors within errors -------------------------------------------------------------------------------------------


def _first(error: BaseException, kind: type[T]) -> T | None:
    return next((each for each in _within(error) if isinstance(each, kind)), None)


def _within(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those that it wraps; the libraries have four places for them."""
    waiting, seen = [error], set[int]()
    while waiting:
        each = waiting.pop(0)
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        inner = (*each.args, *(getattr(each, name, None) for name in ("reason", "original_error")))
        waiting += [one for one in (*inner, each.__cause__, each.__context__) if isinstance(one, BaseException)]
