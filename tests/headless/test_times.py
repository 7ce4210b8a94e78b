from __future__ import annotations

from datetime import datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from larknb.errors import ConfigError
from larknb.headless.times import DAY, Timetable, next_due, parse_time, shortest_gap

ZONES = [
    "UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Beirut", "Asia/Kolkata"
]  # fmt: skip
HOUR = 3600.0


def epoch(text: str, zone: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


def walls(start: str, zone: str, count: int, interval: float | None, *at: str) -> list[str]:
    """The next times on the wall, each with what it is ahead of UTC."""
    now, found = epoch(start, zone), []
    for _ in range(count):
        now = next_due(now, interval, [time.fromisoformat(each) for each in at], ZoneInfo(zone))
        found.append(datetime.fromtimestamp(now, ZoneInfo(zone)).strftime("%d %H:%M%z")[:-2])
    return found


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        (HOUR, ["16 11:00+08", "16 12:00+08", "16 13:00+08"]),
        (1800, ["16 10:30+08", "16 11:00+08", "16 11:30+08"]),
        (7 * HOUR, ["16 14:00+08", "16 21:00+08", "17 00:00+08"]),
        (DAY, ["17 00:00+08", "18 00:00+08", "19 00:00+08"]),
        (7 * DAY, ["19 00:00+08", "26 00:00+08", "02 00:00+08"]),
    ],
)
def test_it_is_on_the_clock(interval: float, expected: list[str]) -> None:
    """Full hours and half hours; a new grid each midnight; weeks from Monday."""
    assert walls("2026-01-16 10:07:31", "Asia/Shanghai", 3, interval) == expected


def test_times_of_the_day() -> None:
    """Each on every day, and beside an interval."""
    assert walls("2026-01-16 10:00", "UTC", 3, None, "08:30", "18:00") == ["16 18:00+00", "17 08:30+00", "17 18:00+00"]
    assert walls("2026-01-16 07:30", "UTC", 3, HOUR, "08:30") == ["16 08:00+00", "16 08:30+00", "16 09:00+00"]


def test_the_clocks_go_forward() -> None:
    """There is no 02:30: the grid leaves it out, a valid time is an hour later."""
    assert walls("2026-03-29 00:30", "Europe/Berlin", 3, HOUR) == ["29 01:00+01", "29 03:00+02", "29 04:00+02"]
    assert walls("2026-03-29 00:30", "Europe/Berlin", 2, None, "02:30") == ["29 03:30+02", "30 02:30+02"]


def test_the_clocks_go_back() -> None:
    """02:00 comes twice: the grid has both, a valid time the first."""
    hours = ["25 01:00+02", "25 02:00+02", "25 02:00+01", "25 03:00+01"]
    assert walls("2026-10-25 00:30", "Europe/Berlin", 4, HOUR) == hours
    assert walls("2026-10-25 00:30", "Europe/Berlin", 2, None, "02:30") == ["25 02:30+02", "26 02:30+01"]


def test_the_machine_has_a_zone(machine_zone: str) -> None:
    """It is meant where none is named, on days when its clocks change, too."""
    now = epoch("2026-03-07 22:10", machine_zone)
    for _ in range(40):
        due = next_due(now, HOUR, [time(8, 30)])
        assert due == next_due(now, HOUR, [time(8, 30)], ZoneInfo(machine_zone))
        now = due


def test_midnight_is_left_out() -> None:
    """Where the clocks go forward at midnight, a daily run is at the first hour of that day."""
    assert walls("2026-03-28 12:00", "Asia/Beirut", 2, DAY) == ["29 01:00+03", "30 00:00+03"]


moments = st.integers(min_value=int(epoch("2025-01-01", "UTC")), max_value=int(epoch("2027-12-31", "UTC")))
intervals = st.sampled_from([1.0, 60.0, 420.0, 900.0, 1800.0, 2700.0, HOUR, 2 * HOUR, 5 * HOUR, 7 * HOUR, 12 * HOUR])

shifts = st.floats(min_value=-2 * HOUR, max_value=26 * HOUR)


def near_a_change(zone: str, year: int) -> list[float]:
    """Days on which the clocks of a zone are put forward or back."""
    start = epoch(f"{year}-01-01", "UTC")
    ahead = [datetime.fromtimestamp(start + n * DAY, ZoneInfo(zone)).utcoffset() for n in range(365)]
    return [start + n * DAY for n, (one, two) in enumerate(pairwise(ahead)) if one != two]


@given(st.sampled_from(ZONES), intervals, moments, shifts, st.booleans())
def test_the_next_time_is_later_and_on_the_grid(
    name: str, interval: float, moment: int, shift: float, at_change: bool
) -> None:
    """Whatever the clocks do: it is later, at most an interval and a change away, and shows a round time."""
    zone = ZoneInfo(name)
    changes = near_a_change(name, 2026) if at_change else []
    after = changes[moment % len(changes)] + shift if changes else float(moment)
    due = next_due(after, interval, (), zone)
    assert after < due <= after + interval + 2 * HOUR
    wall = datetime.fromtimestamp(due, zone)
    since_midnight = timedelta(hours=wall.hour, minutes=wall.minute, seconds=wall.second).total_seconds()
    is_first_of_the_day = datetime.fromtimestamp(due - 1, zone).date() != wall.date()
    assert since_midnight % interval == 0 or is_first_of_the_day
    assert next_due(due - 0.5, interval, (), zone) == due, "nothing lies between"


@given(st.sampled_from(ZONES), moments, st.times(), st.times())
def test_every_day_has_each_time_once(name: str, moment: int, one: time, two: time) -> None:
    """Over five days, a valid time comes five times, in order."""
    zone, now, found = ZoneInfo(name), float(moment), []
    at = [each.replace(microsecond=0, fold=0) for each in (one, two)]
    for _ in range(5 * len(set(at))):
        now = next_due(now, None, at, zone)
        found.append(now)
    assert found == sorted(set(found))
    assert found[-1] - moment <= 5 * DAY + 2 * HOUR


def test_the_shortest_gap_of_a_day() -> None:
    """Around midnight, too; a single time comes once a day."""
    assert shortest_gap([time(8, 30), time(18)]) == 9.5 * 3600
    assert shortest_gap([time(23, 50), time(0, 10)]) == 1200
    assert shortest_gap([time(7), time(7)]) == DAY


@pytest.mark.parametrize("after", [1796011609.0706913, 1796022037.9638238, 1796042805.5915248])
def test_a_full_hour_is_a_whole_second(after: float) -> None:
    """Not a moment before it, which would be shown as 09:59."""
    assert next_due(after, 3600.0, zone=ZoneInfo("Asia/Shanghai")) % 3600 == 0


def test_times_of_the_day_are_read() -> None:
    """And refused where they are none."""
    assert (parse_time("8:30").hour, parse_time("08:30").minute) == (8, 30)
    for wrong in ("24:00", "8", "half past", "8:30:00"):
        with pytest.raises(ConfigError, match="valid time"):
            parse_time(wrong)


def test_the_gap_between_two_runs() -> None:
    """The interval, else the shortest gap between the times; a single run has none."""
    assert Timetable(HOUR, [time(8), time(9)]).gap == HOUR
    assert Timetable(None, [time(8), time(10)]).gap == 2 * HOUR
    assert Timetable(None).gap is None


@pytest.mark.parametrize(
    ("timetable", "expected"),
    [
        (Timetable(HOUR, (), ZoneInfo("UTC")), "2026-01-16 12:00"),
        (Timetable(HOUR, [time(11)], ZoneInfo("UTC")), "2026-01-16 11:00"),
        (Timetable(None, [time(10), time(18)], ZoneInfo("UTC")), "2026-01-16 18:00"),
    ],
)
def test_the_next_run_keeps_its_distance(timetable: Timetable, expected: str) -> None:
    """After a run at 10:55 nobody needs one at 11:00, unless that is a valid time that was asked for."""
    began, ended = epoch("2026-01-16 10:55", "UTC"), epoch("2026-01-16 10:56", "UTC")
    assert timetable.next_run(began, ended) == epoch(expected, "UTC")
