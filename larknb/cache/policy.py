"""When a source is asked about, read, held back or thinned out. Pure: no disk, no network, no clock of its own."""

from __future__ import annotations

import calendar
import time
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from larknb.model import Action, Entry, Policy

__all__ = [
    "SMALL_TEXT",
    "Held",
    "agreed",
    "credible",
    "decide",
    "hold_back",
    "kept_snapshots",
    "lost_most",
    "snapshot_id",
    "snapshot_time",
]


def decide(
    entry: Entry | None, policy: Policy, *, now: float, force: bool = False, interval: float | None = None
) -> Action:
    """Say what a sync must do with one source; a scheduled run gives its ``interval`` in seconds."""
    if entry is None:
        return "fetch"
    # Distances, not ages: a time in the future was written by a clock that was wrong, and would stop us until then.
    if force or abs(now - entry.fetched_at) >= policy.full_every:
        return "refetch"
    # A tick comes a moment less than one interval after the last look: without the 0.9 every second tick would keep.
    max_age = policy.max_age if interval is None else min(policy.max_age, 0.9 * interval)
    return "check" if abs(now - entry.checked_at) >= max_age else "keep"


SMALL = 20  # rows of a table, or blocks of a document: what has less may shrink as it likes
SMALL_TEXT = 200  # characters of a document, likewise
SECOND_LOOK = 600.0  # seconds between the two looks that must agree before more than half may be lost


@dataclass(frozen=True)
class Held:
    """A reading that waits for a second look: what identifies it, and when it first came."""

    digest: str
    since: float


def lost_most(before: int, after: int, small: int = SMALL) -> bool:
    """Say whether more than half was lost of what was not small."""
    return before >= small and after * 2 < before


def hold_back(held: Held | None, digest: str, *, now: float) -> Held | None:
    """Return a reading that lost most as one that waits; None where this is the second look that reads the same.

    Parameters
    ----------
    held : Held, optional
        A reading that was held back earlier.
    digest : str
        What identifies the new reading.
    """
    if held is None or held.digest != digest:
        return Held(digest, now)
    return held if abs(now - held.since) < SECOND_LOOK else None


ALL_OF = 48 * 3600.0  # seconds in which every snapshot is kept; before that the last one of each day


def credible(times: Sequence[float]) -> list[float]:
    """Return when syncs were, given what their clocks said, in their order.

    Times that agree with the order are believed: of all ways to leave times out, the one that leaves out the fewest. A
    sync whose clock was wrong has the time of the one before it.
    """
    lasts: list[int] = []  # by length: where the shortest-lived of all rising rows of that length ends
    before: list[int | None] = []
    for index, at in enumerate(times):
        place = bisect_right([times[last] for last in lasts], at)
        before.append(lasts[place - 1] if place else None)
        lasts[place : place + 1] = [index]
    believed: set[int] = set()
    index_ = lasts[-1] if lasts else None
    while index_ is not None:
        believed.add(index_)
        index_ = before[index_]
    known = min((times[index] for index in believed), default=0.0)
    found: list[float] = []
    for index, at in enumerate(times):
        known = at if index in believed else known
        found.append(known)
    return found


def agreed(times: Iterable[float]) -> float:
    """Return the newest time that two syncs agree on: a single clock that ran ahead makes nothing old."""
    return max(sorted({*times})[:-1], default=0.0)


def kept_snapshots(times: Mapping[str, float], *, now: float, history: float) -> set[str]:
    """Return the snapshots that stay: all of the last 48 hours, then the last of each local day, up to ``history``.

    The newest one always stays.

    Parameters
    ----------
    times : mapping
        When each was, in their order.
    """
    kept = {*[*times][-1:]}
    days: dict[str, str] = {}
    for name, at in times.items():
        if now - at <= ALL_OF:
            kept.add(name)
        elif now - at <= history:
            days[time.strftime("%Y-%m-%d", time.localtime(at))] = name  # a later one of the same day replaces it
    return kept | set(days.values())


def snapshot_id(at: float) -> str:
    """Return the name of a snapshot begun at ``at``, such as ``20260116T103000Z``."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(at))


def snapshot_time(name: str) -> float:
    """Return the epoch seconds that a snapshot's name stands for."""
    return float(calendar.timegm(time.strptime(name, "%Y%m%dT%H%M%SZ")))
