"""The documented rates, kept over all threads and processes of this machine.

The platform counts per API, app and tenant, so every notebook and colleague on one app shares the rate. We stay at nine
tenths of it. A server on loopback is nobody's shared rate: it is paced from its first rate-limit answer on.

When requests left stands in one small file for each app (`larknb.api.sent`). Whoever wants to send looks whether there
is room, and if not, lets the rest of the time pass and looks again: nobody holds a place for a process that may die.
"""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from pathlib import Path

from larknb.api.sent import Sent, SentFile
from larknb.wire.retry import Clock, Sleep

__all__ = ["Pacer"]

SHARE = 0.9  # of the documented rate: other clocks and other people's requests need the rest
ROUNDING = 1e-6  # seconds: what a clock of years cannot tell

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
    shared : Path, optional
        The file that all processes of one app share; without one, and where it cannot be used, each paces itself.
    clock : callable
        Tells the time in seconds, to all processes the same: the time since the machine started, by default.
    sleep : callable
        What waits, unless `wait` is given another one.
    """

    def __init__(
        self,
        *,
        always: bool = True,
        shared: Path | None = None,
        clock: Clock = time.monotonic,
        sleep: Sleep = time.sleep,
    ) -> None:
        self._on, self._clock, self._sleep = always, clock, sleep
        self._shared = SentFile(shared) if shared else None
        self._sent: Sent = {}  # by this process; it counts with what the file says
        self._lock = threading.Lock()

    def limited(self) -> None:
        """Note that the server answered with a rate limit."""
        self._on = True

    def wait(self, method: str, path: str, sleep: Sleep | None = None) -> None:
        """Return when one more request to the API of ``path`` stays below its rate."""
        began, asked = self._clock(), 0.0
        while pause := self._pause(method, path, at_once=self._clock() - began < asked / 2):
            (sleep or self._sleep)(pause)
            asked += pause

    def _pause(self, method: str, path: str, *, at_once: bool) -> float:
        """Note a request, which may leave now, and return 0; else return how long there is no room for it.

        ``at_once`` lets it leave whatever was sent: a clock that stands still must not keep it for ever.
        """
        _, count, seconds = _pattern(path)
        api, room = f"{method} {_api(path)}", max(1, int(count * SHARE))
        with self._lock:
            if self._shared is None or not self._on:
                return _decided(self._sent, api, room, 0.0 if at_once or not self._on else seconds, self._clock())
            with self._shared.opened() as sent:
                # Of two that left at one time, as a coarse clock tells it, both count.
                both = Counter(sent.get(api, ())) | Counter(self._sent.get(api, ()))
                sent[api] = sorted(both.elements())
                pause = _decided(sent, api, room, 0.0 if at_once else seconds, self._clock())
                self._sent[api] = sent[api]
                return pause


def _decided(sent: Sent, api: str, room: int, seconds: float, now: float) -> float:
    """Note a request if fewer than ``room`` left in the last ``seconds``, and return 0; else return what is missing.

    A time that is still to come was told by another clock, and counts as none.
    """
    known = [at for at in sent.get(api, ()) if at <= now]
    recent = [at for at in known if now - at < seconds - ROUNDING]
    if len(recent) >= room:
        return seconds - (now - recent[-room])
    sent[api] = [*known, now][-room:]
    return 0.0


def _pattern(path: str) -> tuple[str, int, float]:
    return next(rate for rate in RATES if re.match(rate[0], path))


def _api(path: str) -> str:
    """Return the path with its tokens taken out: the platform counts by API, not by document."""
    if together := next((each for each in TOGETHER if path.startswith(each)), ""):
        return together
    return "/".join("*" if re.search(r"\d|[A-Z]", part) and part not in ("v1", "v2", "v3") else part
                    for part in path.split("/"))  # fmt: skip
