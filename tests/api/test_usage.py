"""Which calls are counted, which months of them are kept, and the pace that they foretell."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from larknb.api.usage import Usage
from larknb.errors import BudgetSpent
from tests.conftest import Clock

JANUARY, FEBRUARY = 1_768_000_000.0, 1_770_500_000.0
MONTHS = [f"{2025 + n // 12}-{n % 12 + 1:02}" for n in range(16)]  # 2025-01 to 2026-04


def test_calls_are_counted_by_source_and_shared_between_processes(tmp_path: Path) -> None:
    """Two processes that count at the same time lose nothing of each other."""
    path = tmp_path / "usage.json"
    one, two = (Usage(path, clock=lambda: JANUARY) for _ in range(2))
    one.count("a")
    two.count("a")
    two.count("b")
    one.save()
    two.save()
    assert Usage(path, clock=lambda: JANUARY).by_source() == {"a": 2, "b": 1}


def test_a_new_month_begins_at_zero(tmp_path: Path) -> None:
    """The quota is per month, and the old month stays to compare with."""
    path = tmp_path / "usage.json"
    usage = Usage(path, clock=lambda: JANUARY)
    usage.count("a")
    usage.save()
    assert Usage(path, clock=lambda: FEBRUARY).total() == 0
    assert Usage(path, clock=lambda: JANUARY).total() == 1


def test_the_budget_stops_before_it_is_passed(tmp_path: Path) -> None:
    """The call that would be one too many is not made."""
    usage = Usage(tmp_path / "usage.json", budget=2)
    usage.count("a")
    usage.count("a")
    with pytest.raises(BudgetSpent, match="2"):
        usage.count("a")


def test_a_damaged_file_costs_the_count_alone(tmp_path: Path) -> None:
    """A lost count is no reason to lose a sync."""
    (tmp_path / "usage.json").write_bytes(b"\x00 not json")
    usage = Usage(tmp_path / "usage.json")
    usage.count("a")
    usage.save()
    assert usage.total() == 1


def test_the_file_of_an_older_larknb_goes_on(tmp_path: Path) -> None:
    """It held the months alone: they count, the next saving writes them anew, and the old file stays beside."""
    path, older = tmp_path / "usage.json", '{"2025-12": {"a": 7}, "2026-01": {"a": 2, "": 1}, "2025-11": "?"}'
    path.write_text(older, encoding="utf-8")
    usage = Usage(path, clock=lambda: JANUARY)
    assert usage.by_source() == {"a": 2, "": 1}
    usage.count("a")
    usage.save()
    months = {"2025-12": {"a": 7}, "2026-01": {"a": 3, "": 1}}
    assert json.loads(path.read_text(encoding="utf-8")) == {"format": 1, "months": months}
    assert (tmp_path / "usage.v0.json").read_text(encoding="utf-8") == older


def test_the_file_of_a_newer_larknb_is_left_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What it holds does not count here, and what is counted here does not get into it: the log says to upgrade."""
    path, newer = tmp_path / "usage.json", '{"format": 2, "months": {"2026-01": 9}}'
    path.write_text(newer, encoding="utf-8")
    usage = Usage(path, budget=2, clock=lambda: JANUARY)
    usage.count("a")
    usage.save()
    usage.count("a")
    assert usage.total() == 2
    with pytest.raises(BudgetSpent):
        usage.count("a")
    assert path.read_text(encoding="utf-8") == newer
    assert "upgrade larknb" in caplog.text


@pytest.mark.parametrize(
    "content",
    ["", "[]", "null", '{"format": 1}', '{"format": 1, "months": {"2026-01": 7}}', '{"format": "1", "months": {}}'],
)
def test_strange_content_counts_as_none(tmp_path: Path, content: str) -> None:
    """Whatever lies there: it is replaced by what is counted from now on."""
    path = tmp_path / "usage.json"
    path.write_text(content, encoding="utf-8")
    usage = Usage(path, clock=lambda: JANUARY)
    assert usage.total() == 0
    usage.count("a")
    usage.save()
    assert Usage(path, clock=lambda: JANUARY).by_source() == {"a": 1}


# --- months ---------------------------------------------------------------------------------------------------------


def noon(month: str, day: int = 15) -> float:
    """Return noon of a day by the clock of this machine, by which months are counted."""
    return time.mktime((int(month[:4]), int(month[5:]), day, 12, 0, 0, 0, 0, -1))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "work" / "usage.json"


def count_in(path: Path, month: str, calls: int = 1) -> None:
    usage = Usage(path, clock=lambda: noon(month))
    for _ in range(calls):
        usage.count("a")
    usage.save()


def kept(path: Path) -> dict[str, dict[str, int]]:
    told: dict[str, dict[str, int]] = json.loads(path.read_text(encoding="utf-8"))["months"]
    return told


@pytest.mark.parametrize("passed", [1, 12, 13, 14, 16])
def test_thirteen_months_are_kept(path: Path, passed: int) -> None:
    """The present one, and a year to compare it with; what is older goes, oldest first."""
    for number, month in enumerate(MONTHS[:passed], 1):
        count_in(path, month, calls=number)
    assert [*kept(path)] == MONTHS[:passed][-13:]
    assert kept(path)[MONTHS[passed - 1]] == {"a": passed}


def test_a_kept_month_stays_as_it_was(path: Path) -> None:
    """Counting this month rewrites the file, and no other month in it."""
    count_in(path, "2026-03", calls=3)
    count_in(path, "2026-04")
    count_in(path, "2026-04")
    assert kept(path) == {"2026-03": {"a": 3}, "2026-04": {"a": 2}}


@pytest.mark.parametrize(("hours", "month"), [(-12.5, "2026-03"), (-11.5, "2026-04")])
def test_months_begin_at_local_midnight(path: Path, machine_zone: str, hours: float, month: str) -> None:
    """The platform counts by the tenant's clock, and people read theirs: half an hour before and after."""
    usage = Usage(path, clock=lambda: noon("2026-04", day=1) + hours * 3600)
    usage.count("a")
    usage.save()
    assert [*kept(path)] == [month]


def test_a_month_that_is_no_count_counts_as_none(path: Path) -> None:
    """Somebody's edit of the file costs that month alone."""
    path.parent.mkdir()
    path.write_text('{"2026-03": {"a": 3}, "2026-04": 7}', encoding="utf-8")
    usage = Usage(path, clock=lambda: noon("2026-04"))
    assert usage.total() == 0
    usage.count("a")
    usage.save()
    assert kept(path) == {"2026-03": {"a": 3}, "2026-04": {"a": 1}}


def test_what_was_saved_is_not_counted_twice(path: Path) -> None:
    """Before and after saving the count is the same, and a second saving adds nothing."""
    usage = Usage(path, budget=3, clock=lambda: noon("2026-04"))
    usage.count("a")
    usage.count("b")
    assert (usage.total(), usage.by_source()) == (2, {"a": 1, "b": 1})
    usage.save()
    usage.save()
    assert (usage.total(), usage.by_source()) == (2, {"a": 1, "b": 1})
    usage.count("a")
    assert usage.total() == 3
    with pytest.raises(BudgetSpent):
        usage.count("a")


def test_a_disk_that_takes_nothing_costs_the_count_alone(tmp_path: Path) -> None:
    """The sync goes on, and what was counted waits for the next saving."""
    blocked = tmp_path / "work"
    blocked.write_text("a file where a folder should be", encoding="utf-8")
    usage = Usage(blocked / "usage.json", clock=lambda: noon("2026-04"))
    usage.count("a")
    usage.save()
    blocked.unlink()
    usage.save()
    assert kept(blocked / "usage.json") == {"2026-04": {"a": 1}}


@pytest.mark.parametrize(("month", "days"), [("2026-04", 30), ("2025-12", 31), ("2025-02", 28)])
def test_the_forecast_follows_the_pace(path: Path, clock: Clock, month: str, days: int) -> None:
    """As many calls a day as until now, to the end of the month; the first hours are counted as a whole day."""
    clock.now = noon(month, day=11) - 12 * 3600  # ten days have passed
    usage = Usage(path, clock=clock)
    for _ in range(20):
        usage.count("a")
    assert usage.forecast() == 2 * days
    clock.now = noon(month, day=1) - 11 * 3600
    assert usage.forecast() == 20 * days


def test_a_count_is_taken_back(path: Path, clock: Clock) -> None:
    """Also after it was saved: the file has one call less."""
    usage = Usage(path, 2, clock=clock)
    usage.count("AppA")
    usage.count("AppA")
    usage.save()
    usage.uncount("AppA")
    usage.count("AppA")  # there is room in the budget again
    usage.uncount("AppA")
    usage.save()
    assert Usage(path, clock=clock).by_source() == {"AppA": 1}


@pytest.mark.parametrize(
    ("calls", "at", "daily"),
    [
        (0, 1_769_500_800.0, 100.0),  # the rest of the month could take more a day than the next months can
        (2400, 1_769_500_800.0, 150.0),  # four days are left of January, and 600 requests
        (3000, 1_769_500_800.0, 0.0),
        (3000, 1_769_875_140.0, 0.0),  # the last minute
    ],
)
def test_what_a_day_may_take_is_what_is_left_and_lasts(tmp_path: Path, calls: int, at: float, daily: float) -> None:
    """A day's share of what is left, and no more than one of a whole month."""
    usage = Usage(tmp_path / "usage.json", budget=3000 if calls else 3100, clock=lambda: at)
    for _ in range(calls):
        usage.count("a")
    assert Usage(tmp_path / "usage.json", clock=lambda: at).daily is None
    assert usage.daily == pytest.approx(min(daily, (usage.budget or 0) / 31), rel=0.1)
