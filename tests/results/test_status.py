"""What the status says of login, cache and quota."""

from __future__ import annotations

import json

import pytest

from larknb.results.status import Status, StatusRow
from tests.results.samples import STATUS


def test_status_speaks_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    """Header, states and units follow the language."""
    monkeypatch.setenv("LARKNB_LANG", "zh")
    row = StatusRow("s", "bitable", "人员", 3, "stale", 7300.0, "", "", 2_500_000, 1)
    assert "待更新" in repr(Status([row]))
    assert "2 小时" in repr(Status([row]))
    assert "2.5 MB" in repr(Status([row]))


def test_the_frame_has_the_documented_columns() -> None:
    """Ages, sizes and requests are numbers there."""
    frame = STATUS.to_frame()
    assert [*frame.columns] == [
        "source", "kind", "table", "rows", "state", "age", "synced_at", "last_error", "bytes", "calls_month",
    ]  # fmt: skip
    first = frame.to_dict("records")[0]
    assert (first["age"], first["bytes"], first["calls_month"]) == (7300.0, 2_500_000, 12)


def test_the_last_error_stands_last() -> None:
    """It is long, and only there it may wrap; the time of the sync is told as an age."""
    header, rows = STATUS.shown()
    assert [*header] == ["Source", "Kind", "Table", "Rows", "State", "Age", "Size", "Last error"]
    assert [*rows[0]][3:] == [3, "stale", "2 h", "2.5 MB", ""]


def test_the_quota_stands_below() -> None:
    """Forecast and budget only where there are any, and a full stop before who asked."""
    assert Status(calls=3).footer() == "3 API calls this month"
    line = "120 API calls this month, about 300 by its end at the present pace, budget 10000"
    assert STATUS.footer().startswith(f"{line}. Read as ")


def test_who_is_logged_in_stands_above() -> None:
    """Without a login there is the title alone."""
    assert Status(login="王").headline() == "Status · 王"
    assert Status().headline() == "Status"


def test_a_status_for_programs() -> None:
    """Everything is in it, as JSON takes it."""
    data = json.loads(json.dumps(STATUS.to_dict()))
    assert (data["calls"], data["budget"], data["forecast"]) == (120, 10_000, 300)
    assert data["read_as"]["mine"]["who"] == "王 (ou_1)"
    assert data["rows"][1]["age"] is None
