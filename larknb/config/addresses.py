"""Hosts that secrets and logins may be sent to, and addresses that a login may return to."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from larknb.config.values import NAMES, Rule, apply_rule, wrong_value
from larknb.env import TRUSTED_HOSTS
from larknb.errors import ConfigError
from larknb.messages import quoted, say

__all__ = [
    "BRANDS",
    "Address",
    "is_trusted",
    "parse_address",
    "redirect_uris",
    "trusted_bases",
]

BRANDS = {
    "feishu": {"open_base": "https://open.feishu.cn", "accounts_base": "https://accounts.feishu.cn"},
    "lark": {"open_base": "https://open.larksuite.com", "accounts_base": "https://accounts.larksuite.com"},
}

# A plain address and nothing else: no user part, no look-alike letters, no dot at the end of the host, no query. What
# a URL library would make of any other does not matter, because any other is refused.
_ADDRESS = re.compile(
    r"(https?)://(\[::1\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::([1-9][0-9]{0,4}))?((?:/[\w.~-]+)*)/?",
    re.ASCII | re.IGNORECASE,
)
# Browsers open none of these (the bad ports of the Fetch standard).
_BAD_PORTS = {
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
    111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532,
    540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061,
    6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
}  # fmt: skip


@dataclass(frozen=True)
class Address:
    """An address of a server; ``port`` is None where none is written, ``path`` is empty or begins with a slash."""

    scheme: str
    host: str
    port: int | None
    path: str

    def __str__(self) -> str:
        return f"{self.scheme}://{self.site}{self.path}"

    @property
    def site(self) -> str:
        """The host, and the port if one is written."""
        return self.host if self.port is None else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether the host is written as this machine itself."""
        if self.host in ("localhost", "[::1]"):
            return True
        try:
            return ipaddress.IPv4Address(self.host).is_loopback  # four plain numbers; "127.1" and "0177.0.0.1" are not
        except ValueError:
            return False


def parse_address(value: Any) -> Address | None:
    """Return the address that a value spells, None where it is not a plain one."""
    match = _ADDRESS.fullmatch(value) if isinstance(value, str) else None
    if match is None or int(match[3] or 1) > 65535:
        return None
    return Address(match[1].lower(), match[2].lower(), int(match[3]) if match[3] else None, match[4])


def redirect_uris(value: Any) -> tuple[str, ...]:
    """Return the addresses that a login may come back to: over http, to a port of this machine that browsers open."""
    for uri in NAMES(value):
        address = parse_address(uri)
        if not address or address.scheme != "http" or not address.is_loopback or not address.port or not address.path:
            raise wrong_value(uri, say("accept.redirect"))
        if address.port in _BAD_PORTS:
            raise wrong_value(uri, say("accept.port", port=address.port))
    return tuple(value)  # as they are written: the console compares them letter by letter


def trusted_bases(values: Mapping[str, Any], places: Mapping[str, str], env: Mapping[str, str]) -> tuple[str, str]:
    """Return ``open_base`` and ``accounts_base``, both trusted.

    Parameters
    ----------
    values, places : mapping
        The settings by their keys, and where each was set: a file and section, or a variable.
    """
    own = BRANDS[values["brand"]]
    given = {
        name: apply_rule(_base_rule(values["brand"], name, env), values[name], places[name])
        for name in own
        if values[name] is not None
    }
    foreign = next((name for name, base in given.items() if base != own[name]), "")
    missing = next((name for name in own if name not in given), "")
    if foreign and missing:  # the code of a login at one platform would go to another
        raise ConfigError(
            say("config.pair.what", given=foreign, missing=missing),
            source=places[foreign],
            next=say("config.pair.next", missing=missing),
        )
    bases = own | given
    return bases["open_base"], bases["accounts_base"]


def _base_rule(brand: str, name: str, env: Mapping[str, str]) -> Rule:
    """Return the rule that accepts the brand's own address under this name, and those of trusted hosts."""
    own = BRANDS[brand][name]

    def rule(value: Any) -> str:
        address = parse_address(value)
        if address and (str(address) == own or is_trusted(address, env)):
            return str(address)
        raise ConfigError(
            say("config.host.what", value=quoted(value)), next=say("config.host.next", own=own, brand=brand)
        )

    return rule


def is_trusted(address: Address, env: Mapping[str, str]) -> bool:
    """Say whether a host may be sent secrets: loopback, or over https one that the environment names."""
    if any(f"https://{address.host}" in bases.values() for bases in BRANDS.values()):
        return False  # the other brand, or the other host of this one: no setting makes that fit
    named = {host.strip().lower() for host in env.get(TRUSTED_HOSTS, "").split(",")}
    return address.is_loopback or (address.scheme == "https" and bool(named & {address.host, address.site}))
