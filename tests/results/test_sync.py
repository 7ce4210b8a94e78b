"""What a sync's report says of its rows."""

from __future__ import annotations

import json

import pytest

from larknb.errors import ApiError
from larknb.results.sync import SyncReport, SyncRow
from tests.results.samples import REPORT


def test_a_report_shows_itself_and_turns_into_a_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """The columns of the frame are the documented ones; text and HTML carry the same cells."""
    monkeypatch.setenv("LARKNB_LANG", "en")
    report = SyncReport([SyncRow("s", "bitable", "人员", "fetched", rows=3, added=3, calls=5, seconds=0.5)])
    assert list(report.to_frame().columns) == [
        "source", "kind", "table", "action", "rows", "added", "changed", "removed", "calls", "seconds", "problem",
    ]  # fmt: skip
    assert "人员" in repr(report)
    assert "人员" in report._repr_html_()
    assert report.ok
    assert not SyncReport([SyncRow("s", "bitable", "", "not tried")]).ok


def test_zeros_are_left_out() -> None:
    """What was neither read nor changed is an empty cell, an unread table's rows as well; 0 rows are told."""
    report = SyncReport([SyncRow("a", "document", "a", "kept"), SyncRow("b", "bitable", "t", "fetched", 0)])
    lines = [line.split() for line in repr(report).splitlines()]
    assert lines[2:4] == [["a", "a", "kept"], ["b", "t", "fetched", "0"]]


def test_a_report_counts_what_failed() -> None:
    """Failed and untried rows alike, the requests of all, the sources once each."""
    assert REPORT.footer().startswith("4 source(s), 7 requests, 2 failed or not tried")


def test_the_first_failure_is_raised() -> None:
    """``raise_for_failures`` stops a run; a good report is returned, so that calls can be chained."""
    good = SyncReport([SyncRow("s", "bitable", "t", "kept")])
    assert good.raise_for_failures() is good
    with pytest.raises(ApiError, match="it broke"):
        REPORT.raise_for_failures()


def test_a_report_for_programs() -> None:
    """Everything is in it, as JSON takes it."""
    data = json.loads(json.dumps(REPORT.to_dict()))
    assert (data["ok"], data["calls"], len(data["rows"])) == (False, 7, 5)
    assert data["read_as"]["ours"] == {"identity": "tenant", "who": "cli_a"}
    assert data["rows"][4]["kind"] == "spreadsheet"
