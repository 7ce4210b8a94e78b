"""What the libraries below us raise, said as what it is (whole requests: tests/hostile/test_answers_wire.py)."""

from __future__ import annotations

import ssl

import pytest
import requests
import urllib3
from requests import exceptions
from urllib3.exceptions import ProxyError as NoProxy
from urllib3.exceptions import ReadTimeoutError as Late
from urllib3.exceptions import SSLError as NoTls

from larknb.wire.codes import TROUBLES
from larknb.wire.failures import failure_of, never_left
from larknb.wire.incoming import TooLarge, TooSlow

SENT = requests.Request("GET", "https://open.feishu.cn/x").prepare()
POOL = urllib3.HTTPSConnectionPool("open.feishu.cn")


def wrapped(error: Exception) -> urllib3.exceptions.MaxRetryError:
    return urllib3.exceptions.MaxRetryError(POOL, "/x", error)


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


def verify_failed(text: str = "certificate verify failed: self signed certificate") -> ssl.SSLCertVerificationError:
    return ssl.SSLCertVerificationError(1, f"[SSL: CERTIFICATE_VERIFY_FAILED] {text}")


ERRORS: dict[str, tuple[Exception, str]] = {
    "connection": (exceptions.ConnectionError("me:hush@proxy"), "network"),
    "connect timeout": (exceptions.ConnectTimeout(), "network"),
    "read timeout": (exceptions.ReadTimeout(), "network"),
    "cut in a chunk": (exceptions.ChunkedEncodingError(), "network"),
    "any other": (requests.RequestException(), "network"),
    "proxy": (exceptions.ProxyError(wrapped(NoProxy("no", OSError("refused")))), "network"),
    "proxy 407": (
        exceptions.ProxyError(wrapped(NoProxy("no", OSError("Tunnel connection failed: 407 x")))),
        "proxy_login",
    ),
    "proxy 403": (
        exceptions.ProxyError(wrapped(NoProxy("no", OSError("Tunnel connection failed: 403 x")))),
        "proxy_refusal",
    ),
    "proxy address": (exceptions.InvalidProxyURL("http://me:hush@"), "proxy_address"),
    "proxy address, below": (exceptions.InvalidURL("http://me:hush@", request=SENT), "proxy_address"),
    "socks": (exceptions.InvalidSchema("Missing dependencies for SOCKS support."), "socks"),
    "certificate": (exceptions.SSLError(wrapped(NoTls(verify_failed()))), "certificate"),
    "other host": (exceptions.SSLError("hostname 'x' doesn't match 'y' CERTIFICATE_VERIFY_FAILED"), "certificate"),
    "certificate of a proxy": (exceptions.ProxyError(wrapped(NoProxy("no", verify_failed()))), "certificate"),
    "no encryption": (exceptions.SSLError(wrapped(NoTls(ssl.SSLError(1, "WRONG_VERSION")))), "tls"),
    "cut while agreeing": (exceptions.SSLError(wrapped(NoTls(ssl.SSLEOFError(8, "EOF")))), "network"),
    "no bundle": (requests.RequestException(OSError("Could not find a suitable TLS CA certificate bundle")), "bundle"),
    "header": (exceptions.InvalidHeader("Bearer hush\n"), "header"),
    "header in Chinese": (requests.RequestException(UnicodeEncodeError("latin-1", "令", 0, 1, "no")), "header"),
    "address": (exceptions.InvalidURL("https://"), "address"),
    "no scheme": (exceptions.MissingSchema("x"), "address"),
    "another scheme": (exceptions.InvalidSchema("No connection adapters were found"), "address"),
    "a label too long": (requests.RequestException(urllib3.exceptions.LocationParseError("a..cn")), "address"),
    "a name of no alphabet": (requests.RequestException(UnicodeError("label empty or too long")), "address"),
    "undecodable": (exceptions.ContentDecodingError(), "undecodable"),
    "redirects": (exceptions.TooManyRedirects(), "redirects"),
    "too large": (TooLarge(4_000_000), "oversized"),
    "too slow": (exceptions.ReadTimeout(caused(Late(POOL, "/x", "m"), TooSlow())), "slow"),
}  # fmt: skip


@pytest.mark.parametrize(("error", "trouble"), ERRORS.values(), ids=ERRORS.keys())
def test_an_error_is_said_as_what_it_is(error: Exception, trouble: str) -> None:
    """Only what can heal is tried again; nothing of the error's own text is shown."""
    failure = failure_of(error)
    assert failure.trouble == trouble
    assert "hush" not in str(failure)
    assert (TROUBLES[failure.trouble].heal == "retry") == (trouble == "network")


def test_errors_that_wrap_each_other_end() -> None:
    """A circle of causes is walked once."""
    first, second = exceptions.ConnectionError(), OSError()
    first.__cause__, second.__context__ = second, first
    assert failure_of(first).trouble == "network"


MAY_HAVE_LEFT = {"network", "odd", "oversized", "slow", "undecodable", "redirects", "tls"}
CONNECTED = [
    exceptions.ConnectTimeout(),
    exceptions.ConnectionError(urllib3.exceptions.NewConnectionError(None, "refused")),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("error", CONNECTED, ids=lambda error: type(error).__name__)
def test_what_no_connection_took_never_left(error: Exception) -> None:
    """The platform got nothing of it."""
    assert never_left(error)


@pytest.mark.parametrize(("error", "trouble"), ERRORS.values(), ids=ERRORS.keys())
def test_only_what_certainly_stayed_here_never_left(error: Exception, trouble: str) -> None:
    """A lost answer, or one that cannot be used, may have been worked on."""
    may_have_left = trouble in MAY_HAVE_LEFT and not isinstance(
        error, (exceptions.ProxyError, exceptions.ConnectTimeout)
    )
    assert never_left(error) is not may_have_left
