import pytest
from hypothesis import given
from hypothesis import strategies as st

from larknb.cache.policy import (
    SMALL_TEXT,
    Held,
    agreed,
    credible,
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
    times = {str(n): NOW - n * HOUR for n in reversed(range(24 * 100))}
    kept = kept_snapshots(times, now=NOW, history=90 * DAY)
    recent = [name for name in kept if NOW - times[name] <= 48 * HOUR]
    assert len(recent) == 49
    assert 88 <= len(kept) - len(recent) <= 90
    assert kept_snapshots({"only": NOW - 400 * DAY}, now=NOW, history=DAY) == {"only"}


def test_the_newest_is_the_last_one() -> None:
    """Whatever its clock said: it is the present state."""
    assert "last" in kept_snapshots({"first": NOW, "last": 0.0}, now=NOW, history=DAY)


@pytest.mark.parametrize(("told", "believed"), [
    ([], []), ([5], [5]), ([1, 2, 3], [1, 2, 3]), ([1, 1, 1], [1, 1, 1]),
    ([1, 2, 900, 3], [1, 2, 2, 3]),
    ([1, 2, 900], [1, 2, 900]),  # nothing speaks against it yet
    ([8, 9, 5, 10], [8, 9, 9, 10]), ([8, 9, 5], [8, 9, 9]), ([900, 1, 2], [1, 1, 2]), ([0, 1, 2], [0, 1, 2]),
    ([1, 900, 2, 901, 3, 4], [1, 1, 2, 2, 3, 4]), ([1, 2, 3, -5, -4, 4], [1, 2, 3, 3, 3, 4]),
])  # fmt: skip
def test_times_that_agree_with_the_order_are_believed(told: list[float], believed: list[float]) -> None:
    """A clock that was wrong at one sync, or at some, moves nothing but their own times."""
    assert credible(told) == believed


@given(st.lists(st.integers(0, 20)))
def test_what_is_believed_never_falls(told: list[int]) -> None:
    """It is as long as what was told, rises with the order, and holds nothing that no clock said."""
    found = credible([float(at) for at in told])
    assert len(found) == len(told)
    assert found == sorted(found)
    assert {*found} <= {*told}


@pytest.mark.parametrize(("times", "newest"), [([], 0), ([7], 0), ([7, 7], 0), ([1, 9], 1), ([1, 900, 3], 3)])
def test_two_syncs_must_agree_on_what_is_now(times: list[float], newest: float) -> None:
    """One alone makes nothing old."""
    assert agreed(times) == newest


def test_a_snapshot_is_named_after_its_time() -> None:
    """The id is UTC and turns back into the time."""
    assert snapshot_id(1768559400) == "20260116T103000Z"
    assert snapshot_time("20260116T103000Z") == 1768559400
