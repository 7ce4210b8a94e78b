"""What a sync's report says of its rows."""

from __future__ import annotations

import json
from typing import get_args

import pandas as pd
import pytest

from larknb.errors import Asker, ChooseTable, LarkError, LoginRequired, NotFound
from larknb.model import Outcome
from larknb.results.sync import SyncReport, SyncRow
from tests.results.samples import REPORT

PERSON, APP = Asker("user", "王敏 (ou_1)"), Asker("tenant", "cli_1")


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


def test_a_report_counts_what_failed() -> None:
    """Failed and untried rows alike, the requests of all, the sources once each."""
    assert REPORT.footer().startswith("4 sources, 7 requests, 2 failed or not tried")


def test_a_report_for_programs() -> None:
    """Everything is in it, as JSON takes it."""
    data = json.loads(json.dumps(REPORT.to_dict()))
    assert (data["ok"], data["calls"], len(data["rows"])) == (False, 7, 5)
    assert data["read_as"]["ours"] == {"identity": "tenant", "who": "cli_a"}
    assert data["rows"][4]["kind"] == "spreadsheet"


def test_row_counts_with_gaps_stay_whole_numbers() -> None:
    """A document has no rows: the counts of the tables beside it are no floats for that."""
    frame = SyncReport([SyncRow("a", "document", "d", "fetched"), SyncRow("b", "bitable", "t", "kept", 7)]).to_frame()
    assert frame["rows"].tolist() == [pd.NA, 7]
    assert str(frame["rows"].dtype) == "Int64"


@pytest.mark.parametrize("action", get_args(Outcome))
def test_a_report_is_ok_if_nothing_failed_and_all_was_tried(action: Outcome) -> None:
    """One row that failed or was not tried is enough; the footer counts those rows, and sources, not tables."""
    rows = [SyncRow("a", "bitable", "t1", "fetched", calls=2), SyncRow("a", "bitable", "t2", action, calls=3)]
    report = SyncReport(rows)
    failed = action in ("failed", "not tried")
    assert (report.ok, report.calls) == (not failed, 5)
    told = "1 source, 5 requests, 1 failed or not tried: see the last column." if failed else "1 source, 5 requests."
    assert report.footer() == told


def test_a_report_raises_its_first_failure() -> None:
    """In the order of the sources; without one it is handed on."""
    first = NotFound("first")
    with pytest.raises(NotFound, match="first"):
        SyncReport((), {"a": first, "b": LarkError("second")}).raise_for_failures()
    report = SyncReport()
    assert report.raise_for_failures() is report


def test_a_report_shows_no_zeros() -> None:
    """What did not happen is an empty cell; a table without rows has 0 of them, and a document none."""
    shown = SyncReport([
        SyncRow("a", "bitable", "t", "unchanged", rows=0),
        SyncRow("b", "document", "d", "fetched", None, 1, 2, 3, 4, 0.26),
    ]).shown()  # fmt: skip
    assert shown[0][:4] == ["Source", "Table", "Action", "Rows"]
    assert shown[1] == [
        ["a", "t", "unchanged", 0, "", "", "", "", "", ""],
        ["b", "d", "fetched", None, 1, 2, 3, 4, "0.3", ""],
    ]


@pytest.mark.parametrize(
    ("askers", "told"),
    [
        ({}, ""),
        ({"a": PERSON, "b": PERSON}, " Read as 王敏."),
        ({"a": PERSON, "b": Asker("user", "")}, " Read as 王敏."),
        ({"a": PERSON, "b": APP, "c": PERSON}, " Read as 王敏: a, c. Read as the app itself, cli_1: b."),
        ({f"s{n}": PERSON for n in range(9)} | {"b": APP}, " Read as 王敏: s0, s1, s2, s3, s4, s5, s6, s7 … (9)."
         " Read as the app itself, cli_1: b."),
    ],
)  # fmt: skip
def test_a_report_tells_as_whom_it_read(askers: dict[str, Asker], told: str) -> None:
    """One reader of all is named once; with several each is named with its sources, of which eight are enough."""
    report = SyncReport((), read_as=askers)
    assert report.footer() == f"0 sources, 0 requests.{told}"
    assert report.to_dict() == {
        "ok": True, "calls": 0, "rows": [], "checks": [],
        "read_as": {name: {"identity": asker.kind, "who": asker.label} for name, asker in askers.items()},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("", "s"),
        ("s", "s"),
        ("s, drive-v1/file", "s, drive-v1/file"),
        ("drive-v1/files", "s, drive-v1/files"),
        ("larknb.toml, s", "larknb.toml, s"),
        ("s1, tables", "s, s1, tables"),
    ],
)
def test_every_error_names_its_source(place: str, told: str) -> None:
    """Also one whose name is a part of other words; what happened, and why, stays what it was."""
    cause = OSError("disk")
    error = ChooseTable("it failed", source=place, next="go on", tables=["t"], code=7)
    error.__cause__ = cause
    found = SyncReport((), {"s": error}).errors["s"]
    assert isinstance(found, ChooseTable)
    assert (found.source, found.what, found.next, found.code, found.tables) == (told, "it failed", "go on", 7, ("t",))
    assert found.__cause__ is cause


def test_an_error_of_several_sources_names_each() -> None:
    """One login that ended is the failure of all: each has it under its own name."""
    ended = LoginRequired("the login has ended")
    report = SyncReport((), {"甲": ended, "乙": ended})
    assert [str(error) for error in report.errors.values() if "Source: 甲." in str(error)] == [str(report.errors["甲"])]
    assert "Source: 乙." in str(report.errors["乙"])
    with pytest.raises(LoginRequired, match="甲"):
        report.raise_for_failures()
