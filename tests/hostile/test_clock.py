"""Clocks that are wrong: no history is lost by them, and the order of the states is that of their syncs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from larknb.cache.cached import SourceCache
from larknb.cache.history import at
from larknb.cache.policy import snapshot_id
from larknb.cache.store import Cache
from tests.cache.taking import NOW, SOURCE, batch, info, opened, take
from tests.conftest import Lab, sign_in, text

HOUR, DAY, YEAR = 3600.0, 86400.0, 365 * 86400.0


def sync_at(root: Path, offsets: list[float]) -> SourceCache:
    """Let a process of its own sync at each of these times, one row more each time."""
    for number, offset in enumerate(offsets, 1):
        take(Cache(root).of(SOURCE), NOW + offset, batch(info(), number))
    return opened(Cache(root).of(SOURCE))


def counts(cached: SourceCache, now: float) -> list[int | None]:
    """Return the rows of each state, the newest first, as the indices tell them."""
    numbers = range(-1, -1 - len(cached.manifest.snapshots), -1)
    return [at(cached, number, now).rows("tblA") for number in numbers]


CLOCKS: dict[str, list[float]] = {
    "right": [0, HOUR, 2 * HOUR, 3 * HOUR],
    "100 days ahead for one sync": [0, HOUR, 100 * DAY, 2 * HOUR, 3 * HOUR],
    "100 days ahead for the first sync": [100 * DAY, 0, HOUR, 2 * HOUR],
    "100 days ahead for the last sync": [0, HOUR, 2 * HOUR, 100 * DAY],
    "100 years ahead": [0, HOUR, 100 * YEAR, 2 * HOUR, 3 * HOUR],
    "ahead now and then": [0, 100 * DAY, HOUR, 300 * DAY, 2 * HOUR, 3 * HOUR],
    "two hours back": [0, 12 * HOUR, 10 * HOUR, 13 * HOUR],
    "two hours back for good": [0, 12 * HOUR, 10 * HOUR, 11 * HOUR, 11.5 * HOUR],
    "two hours back for the last sync": [0, 12 * HOUR, 10 * HOUR],
    "an hour of winter twice": [0, HOUR, 2 * HOUR, HOUR, 2 * HOUR, 3 * HOUR],
    "a day back": [0, DAY, 0.5 * DAY, DAY + HOUR, DAY + 2 * HOUR],
    "1970": [0, HOUR, 5 - NOW, 2 * HOUR, 3 * HOUR],
    "always the same second": [0, 0, 0, 0, 0],
    "within one second": [0, 0.1, 0.2, 0.9, 1.0, 1.1],
    "falling": [5 * HOUR, 4 * HOUR, 3 * HOUR, 2 * HOUR, HOUR],
    "a second back each time": [4, 3, 2, 1, 0],
}


@pytest.mark.parametrize("clock", CLOCKS)
def test_nothing_is_pruned_and_the_order_is_that_of_the_syncs(tmp_path: Path, clock: str) -> None:
    """Every state is there, under an id of its own; -1 is the newest, and so is now, whatever time it is then."""
    cached = sync_at(tmp_path, CLOCKS[clock])
    expected = [*range(len(CLOCKS[clock]), 0, -1)]
    assert counts(cached, NOW) == expected
    assert cached.rows("tblA") == len(expected)
    assert len({*cached.manifest.snapshots}) == len(expected)
    last = NOW + CLOCKS[clock][-1]
    for now in (last, last + 1, last + 1000 * DAY):
        moment = datetime.fromtimestamp(now, UTC)
        assert at(cached, moment, now).rows("tblA") == at(cached, moment.isoformat(), now).rows("tblA") == len(expected)


def test_ids_are_times_in_utc(tmp_path: Path) -> None:
    """Two of one second are told apart by moving on; the history tells when each really was."""
    cached = sync_at(tmp_path, [0, 0, 0.5, -1])
    assert cached.manifest.ordered == [snapshot_id(NOW + second) for second in (0, 1, 2, -1)]
    assert [cached.manifest.snapshots[name].synced_at - NOW for name in cached.manifest.ordered] == [0, 0, 0.5, -1]


def test_what_was_current_then_is_told_by_the_times_that_are_believed(tmp_path: Path) -> None:
    """A sync whose clock went back does not push its state into the past."""
    cached = sync_at(tmp_path, [0, 10 * HOUR, 20 * HOUR, 5 * HOUR, 21 * HOUR])
    then = {hours: at(cached, datetime.fromtimestamp(NOW + hours * HOUR, UTC), NOW + 30 * HOUR).rows("tblA")
            for hours in (1, 7, 11, 20.5, 22)}  # fmt: skip
    assert then == {1: 1, 7: 1, 11: 2, 20.5: 4, 22: 5}


def test_retention_goes_on_after_a_wrong_clock(tmp_path: Path) -> None:
    """As soon as two syncs agree that it is that late; what a wrong clock made is thinned out like the rest."""
    offsets = [0, HOUR, 300 * DAY, 2 * HOUR, *(200 * DAY + hour * HOUR for hour in range(3))]
    cached = sync_at(tmp_path, offsets)
    assert counts(cached, NOW) == [7, 6, 5]


def test_a_clock_that_runs_ahead_in_a_workspace(lab: Lab) -> None:
    """One sync in between is 100 days ahead: all states are there afterwards, and the present one is the last."""
    for number, hours in enumerate((0, 1, 2400, -2398, 1)):
        lab.people.add({"name": text(f"new {number}")})
        lab.clock.advance(hours * HOUR)
        sign_in(lab.workspace, lab.box)
        lab.workspace.sync(progress=False, force=True).raise_for_failures()
    loads = [len(lab.workspace.load("s1/people", as_of=number)) for number in range(-1, -6, -1)]
    assert loads == [35, 34, 33, 32, 31]
    assert len(lab.workspace.load("s1/people")) == 35
    assert len(lab.workspace.load("s1/people", as_of=datetime.fromtimestamp(lab.clock(), UTC))) == 35
