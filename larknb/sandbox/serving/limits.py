"""Rates: the documented ones once they are switched on, and those that a test sets."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass

from larknb.sandbox.platform.endpoint import Endpoint
from larknb.sandbox.wire.errors import CodeError

RATE_LIMITED = 99991400


@dataclass(frozen=True)
class Rate:
    """So many requests in so many seconds; more are refused with this code and status.

    Without a status it is the one that the endpoint sends with the code: HTTP 400 for documents, 429 elsewhere.
    """

    count: int
    seconds: int
    code: int = RATE_LIMITED
    status: int | None = None


@dataclass
class _Window:
    opened: float
    used: int = 0


class Limits:
    """Windows of all endpoints; a window opens with the first request after the last one closed."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.documented = False
        self._clock = clock
        self._own: dict[str, Rate] = {}
        self._windows: dict[tuple[str, Rate], _Window] = {}
        self._lock = threading.Lock()

    def set(self, endpoint: str, rate: Rate) -> None:
        """Set the rate of one endpoint; it holds whether or not the documented ones do."""
        self._own[endpoint] = rate

    def spend(self, endpoint: Endpoint) -> None:
        """Count one request; raise `CodeError` if it is one too many for any of the rates."""
        own = self._own.get(endpoint.name)
        rates = [own] if own else []
        if self.documented and not own:
            rates = [Rate(*limit) for limit in endpoint.limits]
        with self._lock:
            for rate in rates:
                self._spend(endpoint.name, rate)

    def _spend(self, name: str, rate: Rate) -> None:
        now = self._clock()
        window = self._windows.setdefault((name, rate), _Window(now))
        if now >= window.opened + rate.seconds:
            window.opened, window.used = now, 0
        if window.used >= rate.count:
            raise CodeError(rate.code, status=rate.status, headers=self._headers(rate, window.opened - now))
        window.used += 1

    def _headers(self, rate: Rate, passed: float) -> dict[str, str]:
        if rate.code != RATE_LIMITED:
            return {}
        wait = max(1, math.ceil(rate.seconds + passed))
        return {"x-ogw-ratelimit-limit": str(rate.count), "x-ogw-ratelimit-reset": str(wait)}
