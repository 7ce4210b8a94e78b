"""How the checks show themselves."""

from __future__ import annotations

from larknb.results.check import Checked, CheckReport

ROWS = [Checked("s", "t", "编号", "unique", 2, ("r1: A1", "r2: A1")), Checked("s", "t", "", "min_rows 3", 0)]


def test_a_report_tells_what_failed_and_shows_rows() -> None:
    """``ok`` is the whole of it; the frame has the columns of the design."""
    report = CheckReport(ROWS)
    assert not report.ok and CheckReport(ROWS[1:]).ok
    assert list(report.to_frame().columns) == ["source", "table", "column", "check", "failed", "sample"]
    assert "r1: A1; r2: A1" in repr(report) and "met" in repr(report)
    assert report.to_dict()["ok"] is False


def test_without_checks_it_is_told_how_to_have_some() -> None:
    """An empty report is no failure."""
    assert CheckReport().ok and "[[sources.checks]]" in repr(CheckReport())
