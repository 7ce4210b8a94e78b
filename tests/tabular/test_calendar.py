"""Instants as the calendar of the base's zone shows them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from larknb.model import Shown
from larknb.tabular.calendar import Calendar, zone_of
from larknb.tabular.frames import to_frame
from tests.tabular.records import DATE_ONLY, DAY, EXPECTED, befriended, frame_of, listed, one_column, raw_table_of_all


@pytest.mark.parametrize(
    ("name", "zone"),
    [("Asia/Beijing", ("Asia/Shanghai", True)), ("America/New_York", ("America/New_York", True)), ("", ("UTC", False)),
     ("Asia", ("UTC", False)), ("Mars/Base", ("UTC", False)), ("../../etc/passwd", ("UTC", False)),
     ("+08:00", ("UTC", False)), ("\ud800", ("UTC", False))],
)  # fmt: skip
def test_zones_are_iana_zones_or_utc(name: str, zone: tuple[str, bool]) -> None:
    """The platform's own wrong name is understood; what is no zone is UTC, and said so."""
    assert zone_of(name) == zone
    aware = befriended(one_column(5, [0], name), shown=Shown(aware=True))
    assert to_frame(aware)["_created_time"].dtype == f"datetime64[ms, {zone[0]}]"


@pytest.mark.parametrize(
    ("zone", "instant", "day"),
    [
        ("Asia/Shanghai", "1940-05-31T16:00Z", "1940-06-01"),  # clocks went from 00:00 to 01:00
        ("America/Sao_Paulo", "2018-11-04T03:00Z", "2018-11-04"),  # the same
        ("America/Sao_Paulo", "2019-02-17T03:00Z", "2019-02-17"),  # and back, at the same hour
        ("America/New_York", "2024-03-10T05:00Z", "2024-03-10"),  # DST begins later that day
        ("Asia/Shanghai", "1969-12-31T16:00Z", "1970-01-01"),
        ("Asia/Kathmandu", "2023-12-31T18:15Z", "2024-01-01"),
        ("Pacific/Apia", "2011-12-30T10:00Z", "2011-12-31"),  # the day before did not exist there
        ("UTC", "0001-01-01T00:00Z", "0001-01-01"),
    ],
)
def test_days_are_those_of_the_bases_calendar(zone: str, instant: str, day: str) -> None:
    """The first instant of a day is that day, whatever the clock of the zone did then."""
    ms = (datetime.fromisoformat(instant) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    column = frame_of(one_column(5, [ms, None], zone, property=DATE_ONLY))["X"]
    assert str(column.dtype) == "datetime64[ms]"
    assert listed(column) == [pd.Timestamp(day), None]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/New_York", "Pacific/Kiritimati"])
@pytest.mark.parametrize("formatter", ["yyyy/MM/dd", "yyyy/MM/dd HH:mm"])
def test_dates_far_out_do_no_harm(zone: str, formatter: str) -> None:
    """The first and last instants that exist can be loaded, shown and saved; beyond the zone's calendar is nothing."""
    instants = [-62135596800000, -62135596800000 + 2 * DAY, -10_000_000_000_000, 253402300799999 - 2 * DAY]
    frame = frame_of(one_column(5, [*instants, 253402300799999], zone, property={"date_formatter": formatter}))
    assert len(repr(frame)) > 0 and len(frame.to_html()) > 0
    assert frame["X"].notna().iloc[1:4].all()


def test_the_machines_zone_does_not_matter(machine_zone: str) -> None:
    """A notebook in New York sees the calendar days of the base in Shanghai."""
    frame = frame_of(raw_table_of_all())
    for name in ("发现日期", "发现时间", "到期日", "_created_time"):
        assert listed(frame[name]) == EXPECTED[name][1]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.none() | st.integers(-62135596800000, 253402300799999), max_size=5), st.sampled_from(
    ["UTC", "Asia/Shanghai", "America/New_York", "Pacific/Apia", "Europe/Dublin", "Asia/Kathmandu"]))  # fmt: skip
def test_instants_stay_what_they_are(instants: list[int | None], zone: str) -> None:
    """A date-time column holds exactly the instants that the server sent, in whatever zone."""
    raw = one_column(5, instants, zone, property={"date_formatter": "yyyy-MM-dd HH:mm"})
    friendly = befriended(raw, shown=Shown(aware=True)).column("X").cast(pa.int64()).to_pylist()
    edge = [ms is not None and not -62135596800000 + DAY < ms < 253402300799999 - DAY for ms in instants]
    assert all(far or before == after for before, after, far in zip(instants, friendly, edge, strict=True))


CHANGES = ["1940-05-31T16:00Z", "1900-12-31T15:54:17Z", "2011-12-30T10:00Z", "2024-03-10T07:00Z", "2024-11-03T06:00Z",
           "2024-04-06T15:00Z", "1916-05-21T02:25:21Z", "1969-12-31T23:59:59.999Z"]  # fmt: skip


NEAR = st.tuples(st.sampled_from(CHANGES), st.integers(-2 * 3_600_000, 2 * 3_600_000))


@settings(max_examples=100, deadline=None)
@given(st.lists(NEAR, min_size=1, max_size=9), st.sampled_from(
    ["Asia/Shanghai", "America/New_York", "Pacific/Apia", "Europe/Dublin", "Australia/Lord_Howe"]))  # fmt: skip
def test_clocks_are_right_also_in_the_hours_in_which_they_change(near: list[tuple[str, int]], zone: str) -> None:
    """Each instant alone and all together show what Python's own calendar says."""
    moments = [datetime.fromisoformat(change) + timedelta(milliseconds=off) for change, off in near]
    told = [moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for moment in moments]
    assert Calendar(zone).clocks(pa.array(moments, pa.timestamp("ms"))).to_pylist() == told
