"""What people write for a time in the past."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from larknb.cache.moments import moment
from larknb.errors import NotFound

NOW = datetime(2026, 1, 16, 10)  # a Friday, where the machine is
END = timedelta(milliseconds=-1)


def found(when: Any, now: datetime = NOW) -> datetime:
    return datetime.fromtimestamp(round(moment(when, now.timestamp()), 3))


@pytest.mark.parametrize(
    ("word", "day"),
    [
        ("thursday", 15), ("Thu", 15), ("周四", 15), ("星期四", 15), ("礼拜四", 15),
        ("friday", 9), ("FRIDAY", 9), ("周五", 9), ("saturday", 10), ("周六", 10), ("sunday", 11), ("周日", 11),
        ("周天", 11), ("星期天", 11), ("monday", 12), ("周一", 12), ("yesterday", 15), (" Yesterday ", 15),
        ("昨天", 15), ("前天", 14), ("today", 16), ("今天", 16),
    ],
)  # fmt: skip
def test_a_word_means_the_end_of_its_day(machine_zone: str, word: str, day: int) -> None:
    """A weekday is the last one before today, also where today is one; upper case and full width do not matter."""
    assert found(word) == datetime(2026, 1, day) + timedelta(days=1) + END


@pytest.mark.parametrize(
    ("word", "ago"),
    [("3d", timedelta(3)), ("12h", timedelta(hours=12)), ("1w", timedelta(7)), ("1d12h", timedelta(1.5)),
     ("90min", timedelta(minutes=90)), ("３d", timedelta(3))],
)  # fmt: skip
def test_a_duration_means_so_long_ago(word: str, ago: timedelta) -> None:
    """To the second, not to the day."""
    assert found(word) == NOW - ago


def test_a_weekday_in_the_week_in_which_the_clocks_change(machine_zone: str) -> None:
    """Its end is midnight on the wall, however long the days since then were."""
    assert found("saturday", datetime(2026, 3, 9, 8)) == datetime(2026, 3, 8) + END


def test_a_run_means_when_it_began() -> None:
    """Before the id is read as the time that it tells as well."""
    assert moment("20260101T000000Z", 9.0, {"20260101T000000Z": 5.0}.get) == 5.0
    assert moment("night/20260101T000000Z", 9.0, {"night/20260101T000000Z": 6.0}.get) == 6.0


@pytest.mark.parametrize(
    ("when", "end"),
    [(date.max, math.inf), ("9999-12-31", math.inf), (datetime.max, math.inf), (datetime.min, -math.inf)],
)
def test_a_time_beyond_all_clocks(when: Any, end: float) -> None:
    """It is later, or earlier, than any snapshot."""
    assert moment(when, 0.0) * math.copysign(1.0, end) > 1e10


@pytest.mark.parametrize(
    "when",
    ["", "soon", "2026-13-01", "2026-01-15 25:00", "3", "3x", "d", "周八", "fridayy", 1.5, None, (1,), True, b"3d"],
)
def test_what_is_no_moment(when: Any) -> None:
    """It is named, and so are the forms that would do."""
    with pytest.raises(NotFound) as caught:
        moment(when, 2.0)
    assert str(when) in caught.value.what
    assert "yesterday" in caught.value.next
