from pathlib import Path

import pytest

from larknb.api.usage import Usage
from larknb.errors import BudgetSpent

JANUARY, FEBRUARY = 1_768_000_000.0, 1_770_500_000.0


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
