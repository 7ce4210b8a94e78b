"""What is tried again, and when.

Only what the contract says can heal: rate limits, a busy document, an error inside the platform, a connection that
failed. Every call of larknb reads, so asking twice harms nothing; a login, where it does, counts its own tries. The
waits grow 1, 2, 4, 8 s with jitter; the server's own ``x-ogw-ratelimit-reset`` (a delay in seconds, not a time) goes
first.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

__all__ = ["Clock", "Retry", "Sleep"]

TRIES = 5  # requests in all: four waits of 1 + 2 + 4 + 8 s stay well under a minute
LONGEST_RESET = 120.0  # seconds: a server that asks for more is told so to the user instead of hanging a notebook

Clock = Callable[[], float]  # tells the time; an argument everywhere, with the real one as default
Sleep = Callable[[float], None]  # lets so many seconds pass


@dataclass
class Retry:
    """The waits of one request.

    Parameters
    ----------
    tries : int
        Requests in all.
    longest : float
        Seconds: where the server asks for more, there is no next try.
    jitter : callable
        Gives a number from 0 to 1; the wait is between half and the whole of the step.
    """

    tries: int = TRIES
    longest: float = LONGEST_RESET
    jitter: Callable[[], float] = random.random
    failed: int = field(default=0, init=False)

    def wait(self, headers: Mapping[str, str] | None = None) -> float | None:
        """Return how many seconds to wait before the next try, or None when it is time to give up."""
        self.failed += 1
        if self.failed >= self.tries:
            return None
        asked = _seconds(headers or {})
        if asked is not None:
            return asked if asked <= self.longest else None
        step = 2.0 ** (self.failed - 1)
        return step * (0.5 + 0.5 * self.jitter())


def _seconds(headers: Mapping[str, str]) -> float | None:
    """Return the delay that the server asks for; ``Retry-After`` is not documented but honoured."""
    for name in ("x-ogw-ratelimit-reset", "retry-after"):
        try:
            return max(0.0, float(headers.get(name, "")))
        except ValueError:
            continue  # absent, or the date form that nobody has seen here
    return None
