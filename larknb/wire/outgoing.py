"""Secrets on their way out: no frame of requests, urllib3 or http.client holds one where a traceback could show it.

A header that is a `Secret` and the path of a hidden address wait beside the connection, and are put between the other
bytes in the moment in which these are sent; bodies are built here and stay masked. So whoever prints the local
variables of a request that hangs, fails or is interrupted sees stars, and so does the log of urllib3.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

import orjson
from requests.adapters import HTTPAdapter
from requests.utils import requote_uri
from urllib3 import PoolManager
from urllib3.connection import HTTPConnection

from larknb.config.secrets import MaskedBytes, Secret

__all__ = ["SecretAdapter", "as_form", "as_json", "hidden"]

PLACE = "/****"  # stands for the path of a hidden address until it is sent
TARGET = "X-Larknb-Target"  # carries that path to the connection, and no further

Pools = TypeVar("Pools", bound=PoolManager)


def as_json(body: object) -> MaskedBytes:
    """Return a body as JSON."""
    return MaskedBytes(orjson.dumps(body))


def as_form(body: Mapping[str, str]) -> MaskedBytes:
    """Return a body as a form."""
    return MaskedBytes(urlencode(body).encode())


def hidden(url: Secret) -> tuple[str, dict[str, str]]:
    """Return what to send instead of an address that is a secret itself: one without its path, and headers for it."""
    parts = urlsplit(url)
    target = requote_uri(parts._replace(scheme="", netloc="", fragment="").geturl())
    return f"{parts.scheme}://{parts.netloc}{PLACE}", {TARGET: Secret(target or "/")}


class SecretAdapter(HTTPAdapter):
    """Sends what requests gives it over connections that keep secrets to themselves."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the connections without a proxy."""
        super().init_poolmanager(*args, **kwargs)
        _keeping(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Make those of a proxy, of whatever kind."""
        is_new = proxy not in self.proxy_manager
        manager = super().proxy_manager_for(proxy, **kwargs)
        return _keeping(manager) if is_new else manager


def _keeping(manager: Pools) -> Pools:
    """Let each kind of connection of a manager keep secrets to itself."""
    kinds = manager.pool_classes_by_scheme
    manager.pool_classes_by_scheme = {scheme: _keeping_pool(kind) for scheme, kind in kinds.items()}
    return manager


def _keeping_pool(kind: Any) -> Any:
    connection = type("Connection", (_Keeping, kind.ConnectionCls), {})
    return type(kind.__name__, (kind,), {"ConnectionCls": connection})


class _Keeping(HTTPConnection):
    """Holds the secret headers of a request back until all the others are sent."""

    _held = _target = MaskedBytes()

    def putheader(self, header: Any, *values: Any) -> None:
        if header == TARGET:
            self._target = MaskedBytes(values[0].encode("ascii", "replace"))
        elif isinstance(values[0], Secret):
            # An error of encoding would quote what it could not encode.
            self._held = MaskedBytes(self._held + f"{header}: {values[0]}\r\n".encode("latin-1", "replace"))
        else:
            super().putheader(header, *values)

    def send(self, data: Any) -> None:
        """Send the head of a request, whole now, or another piece of it."""
        if self._held or self._target:
            data = MaskedBytes(data.removesuffix(b"\r\n").replace(PLACE.encode(), self._target or PLACE.encode(), 1))
            data = MaskedBytes(data + self._held + b"\r\n")
            self._held = self._target = MaskedBytes()
        super().send(data)
