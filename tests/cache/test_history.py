"""Which snapshot a moment means, and what a source is as one of them left it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from larknb.cache.cached import SourceCache
from larknb.cache.history import at, past, snapshot_of
from larknb.cache.history import find as found
from larknb.cache.loading import document, frame
from larknb.cache.policy import snapshot_id
from larknb.cache.store import Cache
from larknb.errors import NotFound
from larknb.sandbox import Sandbox
from larknb.sandbox.blocks import text as paragraph
from tests.conftest import Clock, Lab, open_lab, text

MIDNIGHT = datetime(2026, 1, 16)  # where the machine is
NOW = MIDNIGHT + timedelta(hours=10)
MS = 0.001


def find(moments: dict[str, float], when: Any, now: datetime = NOW) -> str | None:
    return snapshot_of(moments, when, now.timestamp())


# --- days --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [datetime(2026, 1, 16), datetime(2026, 3, 8), datetime(2026, 3, 9)])
def test_yesterday_ends_one_millisecond_before_midnight(machine_zone: str, day: datetime) -> None:
    """A snapshot of 00:00 is of today; so it is on the day on which the clocks change, and the day after."""
    midnight = day.timestamp()
    last, first = {"last": midnight - MS}, {"first": midnight}
    for hours in (0, 1, 12, 23.99):
        now = day + timedelta(hours=hours)
        assert find({**last, **first}, "yesterday", now) == "last"
        assert find(first, "yesterday", now) is None


@pytest.mark.parametrize("when", [date(2026, 1, 15), "2026-01-15", "20260115"])
def test_a_date_means_its_end(machine_zone: str, when: Any) -> None:
    """What its last millisecond left; the first moment of the next day does not count."""
    midnight = MIDNIGHT.timestamp()
    assert find({"last": midnight - MS, "first": midnight}, when) == "last"
    assert find({"first": midnight}, when) is None


def test_yesterday_is_the_last_state_before_today(machine_zone: str) -> None:
    """Nothing was synced yesterday: what was current then is older."""
    moments = {"old": (MIDNIGHT - timedelta(days=9)).timestamp(), "today": (MIDNIGHT + timedelta(hours=1)).timestamp()}
    assert find(moments, "yesterday") == "old"


# --- moments -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "when",
    [datetime(2026, 1, 15, 12), "2026-01-15 12:00", "2026-01-15T12:00:00"],
)
def test_a_naive_time_is_local(machine_zone: str, when: Any) -> None:
    """The snapshot of that very moment is the one, a later one is not."""
    noon = datetime(2026, 1, 15, 12).timestamp()
    assert find({"then": noon, "later": noon + MS}, when) == "then"


@pytest.mark.parametrize(
    "when",
    [datetime(2026, 1, 15, 12, tzinfo=UTC), "2026-01-15T12:00:00Z", "2026-01-15 20:00+08:00", "20260115T120000Z"],
)
def test_a_time_with_a_zone_means_that_zone(machine_zone: str, when: Any) -> None:
    """Also the name of a snapshot that went: it means what was current then."""
    noon = datetime(2026, 1, 15, 12, tzinfo=UTC).timestamp()
    assert find({"then": noon, "later": noon + MS}, when) == "then"


@given(st.dictionaries(st.text("abc", min_size=1), st.integers(0, 9), max_size=6), st.integers(-1, 10))
def test_the_newest_that_is_not_younger(moments: dict[str, int], moment: int) -> None:
    """Of all that are old enough, one of the youngest."""
    ordered = {name: float(at) for name, at in sorted(moments.items(), key=lambda item: item[1])}
    found = snapshot_of(ordered, datetime.fromtimestamp(moment), 100.0)
    old_enough = [at for at in moments.values() if at <= moment]
    assert (None if found is None else moments[found]) == max(old_enough, default=None)


# --- names and numbers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("index", "name"), [(-1, "new"), (-2, "middle"), (-3, "old"), (-4, None), (0, None), (1, None), (2, None)]
)
def test_an_index_counts_from_the_newest(index: int, name: str | None) -> None:
    """By their order, whatever their clocks said; none counts from the oldest, which changes by pruning."""
    assert find({"old": 1.0, "middle": 9.0, "new": 3.0}, index) == name


def test_a_name_means_its_snapshot() -> None:
    """Before anything else that it could be read as."""
    assert find({"2026-01-01": 1.0, "other": 5.0}, "2026-01-01") == "2026-01-01"


@pytest.mark.parametrize(("index", "name"), [("-1", "new"), (" -2 ", "old"), ("-3", None), (np.int64(-2), "old")])
def test_an_index_as_a_text_or_a_number_of_numpy(index: Any, name: str | None) -> None:
    """As the command line writes it, and as a loop over a frame gives it."""
    assert find({"old": 1.0, "new": 3.0}, index) == name


def test_a_weekday_means_the_last_state_of_that_day(machine_zone: str) -> None:
    """What Monday asks for: the state that the weekend began with."""
    monday = datetime(2026, 1, 19, 9)
    moments = {str(day): datetime(2026, 1, day, 18).timestamp() for day in (15, 16, 18)}
    assert [find(moments, when, monday) for when in ("friday", "周五", "3d", "saturday")] == ["16", "16", "15", "16"]


# --- the source as it was ----------------------------------------------------------------------------------------


def opened(lab: Lab) -> SourceCache:
    """Sync, and open the one source as a reader does."""
    lab.workspace.sync(progress=False).raise_for_failures()
    return next(iter(Cache(lab.workspace.settings.cache_dir).sources.values()))


def test_an_earlier_state_is_the_source_as_it_was(lab: Lab) -> None:
    """Its rows are those of then, also of a table that is called otherwise now; the present source stays as it is."""
    opened(lab)
    lab.people.add({"name": text("new"), "age": 99})
    lab.people.rename("staff")
    lab.later()
    cached = opened(lab)
    earlier = at(cached, -2, lab.clock())
    assert (earlier.name, earlier.snapshot) == ("s1", snapshot_id(lab.clock() - 3600))
    assert [len(frame(source, "tblPeople")) for source in (earlier, cached)] == [30, 31]
    assert (earlier.table_id("people"), cached.table_id("people")) == ("tblPeople", None)
    assert cached.snapshot == ""


def test_an_earlier_state_of_a_document(tmp_path: Path, box: Sandbox, clock: Clock) -> None:
    """Its words are those of then."""
    guide = box.tenant.add_document(
        "guide", [paragraph("old").named("blk1")], document_id="DocGuide0000000000000000001"
    )
    lab = open_lab(tmp_path, box, clock, f"{box.url}/docx/DocGuide0000000000000000001", guide)
    opened(lab)
    guide.edit("blk1", "new")
    cached = opened(lab.later())
    told = [document(source).markdown for source in (at(cached, -2, clock()), at(cached, -1, clock()), cached)]
    assert ["old" in words for words in told] == [True, False, False]


def test_no_state_that_old(lab: Lab) -> None:
    """The error names what was asked for, the source, and the first state that there is."""
    first = snapshot_id(lab.clock())
    opened(lab)
    lab.people.add({"name": text("new"), "age": 99})
    with pytest.raises(NotFound) as caught:
        at(opened(lab.later()), -3, lab.clock())
    assert "-3" in caught.value.what
    assert (caught.value.source, first in caught.value.next) == ("s1", True)


# --- what differs, and what was deleted --------------------------------------------------------------------------


def test_the_last_state_that_differs(lab: Lab) -> None:
    """Of one table, or of the source; before a state of then an earlier one; where there is none, that is said."""
    opened(lab)
    lab.people.add({"name": text("new"), "age": 99})
    opened(lab.later())
    lab.teams.add({"title": text("team 3")})
    cached = opened(lab.later())
    first, second, _ = cached.manifest.ordered
    assert found(cached, None, lab.clock()) == second
    assert found(cached, None, lab.clock(), table_id="tblPeople") == first
    assert found(at(cached, -2, lab.clock()), None, lab.clock()) == first
    with pytest.raises(NotFound, match="no earlier snapshot that differs"):
        found(at(cached, -3, lab.clock()), None, lab.clock())


def test_the_history_tells_each_snapshot(lab: Lab) -> None:
    """What its sync did, and which one is current; the newest is the first."""
    opened(lab)
    lab.people.add({"name": text("new"), "age": 99})
    lab.people.delete(next(iter(lab.people.rows)))
    rows = past(opened(lab.later()))
    assert [(row.rows, row.added, row.removed, row.note) for row in rows] == [(32, 1, 1, "current"), (32, 32, 0, "")]
    assert all(row.bytes > 1000 and row.calls > 0 and row.identity and row.revision for row in rows)


def test_the_history_names_a_wrong_clock(lab: Lab) -> None:
    """The time that is not believed is told as it was, and what it counts as."""
    opened(lab)
    lab.people.add({"name": text("a")})
    opened(lab.later(5 * 86400))
    lab.people.add({"name": text("b")})
    opened(lab.later(-4 * 86400))
    lab.people.add({"name": text("c")})
    rows = past(opened(lab.later()))
    assert ["clock was wrong" in row.note for row in rows] == [False, False, True, False]


def test_a_damaged_snapshot_is_told(lab: Lab) -> None:
    """The history still lists it, and the others say what they did."""
    cached = opened(lab)
    (cached.folder / "snapshots" / cached.manifest.ordered[0] / "snapshot.json.gz").write_bytes(b"{")
    row = past(cached)[0]
    assert (row.rows, row.revision, row.note) == (32, None, "current; cannot be read")
