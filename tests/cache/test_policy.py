import pytest

from larknb.cache.policy import (
    SMALL_TEXT,
    Held,
    decide,
    hold_back,
    kept_snapshots,
    lost_most,
    snapshot_id,
    snapshot_time,
)
from larknb.model import Entry, Policy

POLICY = Policy(max_age=3600, full_every=86400, history=90 * 86400)
NOW = 1_768_000_000.0
HOUR, DAY = 3600.0, 86400.0


@pytest.mark.parametrize(
    ("entry", "force", "expected"),
    [
        (None, False, "fetch"),
        (None, True, "fetch"),
        (Entry(NOW - 10, NOW - 10), False, "keep"),
        (Entry(NOW - 10, NOW - 10), True, "refetch"),
        (Entry(NOW - HOUR, NOW - HOUR), False, "check"),
        (Entry(NOW - 10, NOW - DAY), False, "refetch"),
        (Entry(NOW + 100, NOW), False, "keep"),
        (Entry(NOW + 300 * DAY, NOW), False, "check"),
        (Entry(NOW + 300 * DAY, NOW + 300 * DAY), False, "refetch"),
    ],
)
def test_a_sync_does_what_age_and_force_say(entry: Entry | None, force: bool, expected: str) -> None:
    """Never read: fetch; forced or a day old: refetch; an hour old: check; younger: keep."""
    assert decide(entry, POLICY, now=NOW, force=force) == expected


def test_every_hourly_tick_looks() -> None:
    """24 hourly ticks, each a moment early, are 24 looks."""
    checked, looks = NOW, 0
    for tick in range(1, 25):
        now = NOW + tick * HOUR - 2 * (tick % 2)
        if decide(Entry(checked, NOW), Policy(3600, 10 * DAY, DAY), now=now, interval=HOUR) == "check":
            checked, looks = now, looks + 1
    assert looks == 24


def test_what_lost_most_waits_for_a_second_look() -> None:
    """Ten minutes later the same reading is believed; another one, or a sooner look, is not."""
    first = hold_back(None, "a", now=NOW)
    assert first == Held("a", NOW)
    assert hold_back(first, "a", now=NOW + 599) == first
    assert hold_back(first, "b", now=NOW + 600) == Held("b", NOW + 600)
    assert hold_back(first, "a", now=NOW + 600) is None


def test_what_is_small_and_small_losses_pass() -> None:
    """Below 20 rows or blocks, below 200 characters, or down to half, nothing counts as lost."""
    assert not lost_most(19, 0)
    assert not lost_most(100, 50)
    assert lost_most(20, 9)
    assert not lost_most(199, 0, SMALL_TEXT)
    assert lost_most(200, 99, SMALL_TEXT)


def test_history_thins_out() -> None:
    """All of the last 48 hours, then the last of each day up to the limit, and always the newest."""
    ids = [snapshot_id(NOW - n * HOUR) for n in range(24 * 100)]
    kept = kept_snapshots(ids, now=NOW, history=90 * DAY)
    recent = [name for name in kept if NOW - snapshot_time(name) <= 48 * HOUR]
    assert len(recent) == 49
    assert 88 <= len(kept) - len(recent) <= 90
    assert kept_snapshots([snapshot_id(NOW - 400 * DAY)], now=NOW, history=DAY) == {snapshot_id(NOW - 400 * DAY)}


def test_a_snapshot_is_named_after_its_time() -> None:
    """The id is UTC and turns back into the time."""
    assert snapshot_id(1768559400) == "20260116T103000Z"
    assert snapshot_time("20260116T103000Z") == 1768559400
