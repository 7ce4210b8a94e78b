"""What was asked of the stand-in, in order, so that a test can count requests and look into them."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Call:
    """One request and how it ended.

    Attributes
    ----------
    body : object
        Parsed JSON or form, ``None`` without one.
    status, code : int or None
        As answered; ``None`` where nothing was answered, and ``code`` also for pages.
    identity : str or None
        ``"user:ou_..."``, ``"tenant"``, or ``None`` before anybody was recognised.
    at : float
        By the clock of the sandbox.
    """

    endpoint: str
    method: str
    path: str
    query: dict[str, str]
    body: Any
    status: int | None
    code: int | None
    identity: str | None
    headers: Mapping[str, str]
    at: float


class Journal:
    """List of the calls; may be read while requests arrive."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._lock = threading.Lock()

    @property
    def calls(self) -> list[Call]:
        """Calls so far, oldest first."""
        with self._lock:
            return list(self._calls)

    def add(self, call: Call) -> None:
        """Append one call."""
        with self._lock:
            self._calls.append(call)

    def endpoints(self) -> list[str]:
        """Names of the endpoints called, in order."""
        return [call.endpoint for call in self.calls]

    def count(self, endpoint: str | None = None) -> int:
        """Number of calls of an endpoint, or of all."""
        return len(self.calls) if endpoint is None else self.endpoints().count(endpoint)

    def clear(self) -> None:
        """Start anew."""
        with self._lock:
            self._calls.clear()

    def __len__(self) -> int:
        return self.count()

    def __iter__(self) -> Iterator[Call]:
        return iter(self.calls)

    def __getitem__(self, place: int) -> Call:
        return self.calls[place]
