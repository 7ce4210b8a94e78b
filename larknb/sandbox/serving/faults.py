"""What can go wrong on purpose: canned failures, cut connections, changes made just before a request is worked on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from larknb.sandbox.platform.endpoint import Endpoint

FaultKind = Literal["reply", "drop", "drop_after", "truncate", "hang", "html", "invalid_json", "call", "alter"]


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong; made by the class methods, armed by ``box.faults.add``.

    ``run`` is called with the `Sandbox`, which this module lies below.
    """

    kind: FaultKind
    status: int | None = None
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    run: Callable[[Any], object] | None = None
    change: Callable[[bytes], bytes] | None = None
    seconds: float = 0.0

    @classmethod
    def reply(
        cls, status: int | None, body_or_code: Mapping[str, Any] | int, headers: Mapping[str, str] | None = None
    ) -> Fault:
        """Answer with this code, or body, instead of doing the work; status ``None``: the one the contract names."""
        return cls("reply", status, body_or_code, headers or {})

    @classmethod
    def drop(cls) -> Fault:
        """Close the connection before anything is done."""
        return cls("drop")

    @classmethod
    def drop_after(cls) -> Fault:
        """Do the work, for example consume the refresh token, and close without an answer."""
        return cls("drop_after")

    @classmethod
    def truncate(cls) -> Fault:
        """Announce the whole body, send half of it, and close."""
        return cls("truncate")

    @classmethod
    def hang(cls, seconds: float = 30.0) -> Fault:
        """Keep the connection open and silent until the time or the sandbox ends, then close it."""
        return cls("hang", seconds=seconds)

    @classmethod
    def html(cls, status: int = 502) -> Fault:
        """Answer with the HTML page of some proxy."""
        return cls("html", status)

    @classmethod
    def invalid_json(cls) -> Fault:
        """Answer 200 with a body that claims to be JSON and is not."""
        return cls("invalid_json", 200)

    @classmethod
    def call(cls, run: Callable[[Any], object]) -> Fault:
        """Run this first, then do the work: change rows between two pages, let a token expire."""
        return cls("call", run=run)

    @classmethod
    def alter(cls, change: Callable[[bytes], bytes]) -> Fault:
        """Do the work, and answer 200 with what this makes of the body: a member is missing, or of another type."""
        return cls("alter", change=change)


@dataclass
class _Armed:
    fault: Fault
    endpoint: str | None
    after: int
    times: int | None

    def matches(self, endpoint: Endpoint) -> bool:
        return endpoint.kind != "page" if self.endpoint is None else self.endpoint == endpoint.name


class Faults:
    """Armed faults, used up in the order in which they were added, one per request."""

    def __init__(self) -> None:
        self._armed: list[_Armed] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault, endpoint: str | None = None, after: int = 0, times: int | None = 1) -> None:
        """Arm a fault.

        Parameters
        ----------
        endpoint : str, optional
            Name as in the journal; without it every request of the API matches (pages for people do not).
        after : int
            Matching requests that pass first.
        times : int or None
            How often it strikes; ``None``: until `clear`.
        """
        with self._lock:
            self._armed.append(_Armed(fault, endpoint, after, times))

    def clear(self) -> None:
        """Disarm all."""
        with self._lock:
            self._armed.clear()

    def __len__(self) -> int:
        return len(self._armed)

    def take(self, endpoint: Endpoint) -> Fault | None:
        """Fault that strikes this request. Those that were to let requests pass have now seen one more."""
        with self._lock:
            struck = None
            for armed in [one for one in self._armed if one.matches(endpoint)]:
                if armed.after:
                    armed.after -= 1
                elif struck is None:
                    struck = armed
            return self._use(struck) if struck else None

    def _use(self, armed: _Armed) -> Fault:
        if armed.times is not None:
            armed.times -= 1
            if armed.times == 0:
                self._armed.remove(armed)
        return armed.fault
