"""One path of the platform: who may call it, how often, and what does the work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from larknb.sandbox.wire.exchange import Request, Response

from .platform import Platform

TIER_4 = ((1000, 60), (50, 1))  # a documented tier: requests and seconds; either one trips


@dataclass(frozen=True)
class Endpoint:
    """One path of the platform, who may call it, and what does the work.

    Parameters
    ----------
    scopes : tuple of str
        Any one of them suffices; none: no scope is needed.
    tokens : tuple of str
        Kinds of access token that are accepted; none: the endpoint takes no bearer.
    limits : tuple of (int, int) or (int, int, int)
        Documented rates: so many requests in so many seconds; the third is the code where it is not 99991400.
    kind : str
        ``api``, ``oauth`` (flat bodies), ``page`` (for a person's browser), or ``file`` (bytes, and perhaps failures
        without a body).
    """

    name: str
    method: str
    path: str
    work: Callable[[Platform, Request], Response]
    scopes: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ("user", "tenant")
    limits: tuple[tuple[int, int] | tuple[int, int, int], ...] = ()
    kind: Literal["api", "oauth", "page", "file"] = "api"
