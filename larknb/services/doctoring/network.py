"""Checks of the way to the platform: certificates, proxy, hosts, brand, clock."""

from __future__ import annotations

import http.client
import os
import re
import ssl
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

import urllib3
from requests.utils import get_environ_proxies, select_proxy

from larknb.config.addresses import BRANDS
from larknb.errors import LarkError
from larknb.messages import say
from larknb.results.doctor import Finding
from larknb.services.doctoring.examination import Contact, Examination, Unasked, finding, of_error
from larknb.wire.codes import from_failure
from larknb.wire.failures import BUNDLES, TUNNEL
from larknb.wire.session import is_loopback

__all__ = ["check_clock", "check_network"]

OFF = 300.0  # seconds: as many as a token must live at least to be handed out
PATIENCE = 5.0  # seconds for a proxy to answer
# What the addresses of documents end in, by brand.
SITES = {"feishu": ("feishu.cn", "larkoffice.com"), "lark": ("larksuite.com",)}


def check_clock(examination: Examination) -> list[Finding]:
    """Compare the machine's clock with the platform's."""
    contact = examination.contact(examination.settings.open_base)
    if contact.error or contact.server_time is None:
        raise Unasked
    off = _distance(contact)
    if abs(off) <= OFF:
        return [finding("ok", "clock", "clock_right")]
    side = say(f"doctor.side.{'ahead' if off > 0 else 'behind'}")
    return [finding("fault", "clock", "clock_off", by=_span(abs(off)), side=side)]


def _distance(contact: Contact) -> float:
    """Return by how many seconds our clock is ahead of the server's, which tells whole seconds."""
    server = contact.server_time or 0.0
    return contact.before - server if contact.before > server else min(0.0, contact.after - server)


def _span(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h" if seconds >= 3600 else f"{seconds / 60:.0f} min"


def check_network(examination: Examination) -> list[Finding]:
    """Look at certificates and proxy, and whether both hosts answer; what explains a silence is told once."""
    settings = examination.settings
    found = [*_bundles(), *_proxy(_target(examination)), *_brand(examination)]
    for base in dict.fromkeys((settings.open_base, settings.accounts_base)):
        error = examination.contact(base).error
        if error is not None and not found:
            found.append(of_error("hosts", error, link=base))
        elif error is None:
            found.append(finding("ok", "hosts", "host_reached", host=urlsplit(base).netloc))
    return found


# --- certificates ---------------------------------------------------------------------------------------------------


def _bundles() -> Iterator[Finding]:
    """Yield which file of trusted certificates is gone, or holds none."""
    for name in BUNDLES:
        path = os.environ.get(name)
        if path and not _holds_certificates(Path(path)):
            yield of_error("tls", from_failure("bundle", path=path, source=name))


def _holds_certificates(path: Path) -> bool:
    try:
        if path.is_dir():
            return True
        ssl.create_default_context(cafile=str(path))
    except (OSError, ssl.SSLError):
        return False
    return True


# --- proxy ----------------------------------------------------------------------------------------------------------


def _target(examination: Examination) -> str:
    """Return the host that a proxy stands before: loopback has none, so the brand's own is asked about there."""
    base = examination.settings.open_base
    return BRANDS[examination.settings.brand]["open_base"] if is_loopback(base) else base


def _proxy(target: str) -> Iterator[Finding]:
    """Yield what is wrong with the proxy that the environment names for a host, if it names one."""
    proxy = select_proxy(target, get_environ_proxies(target))
    if not proxy:
        return
    problem = _problem_of(proxy if "://" in proxy else f"http://{proxy}", urlsplit(target).hostname or "")
    yield finding("ok", "proxy", "proxy_answers") if problem is None else of_error("proxy", problem)


def _problem_of(proxy: str, host: str) -> LarkError | None:
    """Return why a proxy does not lead to a host; its user name and password are told to nobody but itself."""
    if proxy.startswith("socks") and find_spec("socks") is None:
        return from_failure("socks")
    try:
        address = urllib3.util.parse_url(proxy)
    except (urllib3.exceptions.LocationParseError, ValueError):
        return from_failure("proxy_address")
    if not address.host:
        return from_failure("proxy_address")
    connection = http.client.HTTPConnection(address.host.strip("[]"), address.port or 1080, timeout=PATIENCE)
    if address.scheme == "http":
        headers = urllib3.make_headers(proxy_basic_auth=unquote(address.auth)) if address.auth else {}
        connection.set_tunnel(host, 443, headers)
    try:
        connection.connect()
    except (OSError, http.client.HTTPException) as error:
        return _refusal(str(error), host, f"{address.host}:{address.port or 1080}")
    finally:
        connection.close()
    return None


def _refusal(answer: str, host: str, proxy: str) -> LarkError:
    """Return what the answer of a proxy means; none at all means that it does not run there."""
    match = TUNNEL.search(answer)
    if match is None:
        return from_failure("network", host=proxy, reason=say("login.reason.proxy"))
    status = int(match[1])
    if status == http.client.PROXY_AUTHENTICATION_REQUIRED:
        return from_failure("proxy_login")
    return from_failure("proxy_refusal", host=host, status=status)


# --- brand ----------------------------------------------------------------------------------------------------------


def _brand(examination: Examination) -> Iterator[Finding]:
    """Yield the sources whose address is of the other brand than the app."""
    settings = examination.settings
    if settings.open_base != BRANDS[settings.brand]["open_base"]:
        return  # a private deployment or the stand-in has names of its own
    other = "lark" if settings.brand == "feishu" else "feishu"
    for source in examination.sources:
        host = urlsplit(source.url).hostname or ""
        if re.search(rf"(^|\.)({'|'.join(map(re.escape, SITES[other]))})$", host):
            yield finding(
                "fault", "brand", "other_brand", link=source.url, source=source.name, host=host, brand=settings.brand,
                other=other,
            )  # fmt: skip
