"""The documented rates, kept within this process.

The platform counts per API, app and tenant, so every notebook and colleague on one app shares the rate. We stay at nine
tenths of it. A server on loopback is nobody's shared rate: it is paced from its first rate-limit answer on.
"""

from __future__ import annotations

import re
import threading
import time
from collections import deque

from larknb.wire.retry import Clock, Sleep

__all__ = ["Pacer"]

SHARE = 0.9  # of the documented rate: other clocks and other people's requests need the rest

# (path pattern, requests, seconds); the first that fits counts. Documentation: api-call-guide/uUzN04SN3QjL1cDN
RATES: tuple[tuple[str, int, float], ...] = (
    (r"bitable/v1/", 20, 1.0),
    (r"wiki/v2/", 100, 60.0),
    (r"sheets/v3/spreadsheets/[^/]+(/sheets/query|/sheets/[^/]+)?$", 100, 60.0),
    (r"sheets/v2/", 100, 1.0),
    (r"docx/v1/", 5, 1.0),
    (r"drive/v1/metas/batch_query", 50, 1.0),
    (r"drive/v1/medias/", 5, 1.0),
    (r"drive/v1/files", 20, 1.0),
    (r"contact/v3/users/basic_batch", 5, 1.0),
    (r"", 20, 1.0),
)
# Counted as one API: a space of a thousand documents needs several of them for each, and nobody is to pass the rate.
TOGETHER = ("docx/v1/", "wiki/v2/")


class Pacer:
    """Delays a request until its API has room.

    Parameters
    ----------
    always : bool
        False for a server on loopback: it is paced only after it said that it limits.
    clock, sleep
        The real ones by default.
    """

    def __init__(
        self,
        *,
        always: bool = True,
        clock: Clock = time.monotonic,
        sleep: Sleep = time.sleep,
    ) -> None:
        self._on, self._clock, self._sleep = always, clock, sleep
        self._sent: dict[tuple[str, str], deque[float]] = {}
        self._lock = threading.Lock()

    def limited(self) -> None:
        """Note that the server answered with a rate limit."""
        self._on = True

    def wait(self, method: str, path: str) -> None:
        """Return when one more request to the API of ``path`` stays below its rate."""
        _, count, seconds = _pattern(path)
        room = max(1, int(count * SHARE))
        with self._lock:
            sent = self._sent.setdefault((method, _api(path)), deque(maxlen=room))
            now = self._clock()
            if self._on and len(sent) == room and now - sent[0] < seconds:
                self._sleep(seconds - (now - sent[0]))
                now = self._clock()
            sent.append(now)


def _pattern(path: str) -> tuple[str, int, float]:
    return next(rate for rate in RATES if re.match(rate[0], path))


def _api(path: str) -> str:
    """Return the path with its tokens taken out: the platform counts by API, not by document."""
    if together := next((each for each in TOGETHER if path.startswith(each)), ""):
        return together
    return "/".join("*" if re.search(r"\d|[A-Z]", part) and part not in ("v1", "v2", "v3") else part
                    for part in path.split("/"))  # fmt: skip
