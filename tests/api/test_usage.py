import json
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
