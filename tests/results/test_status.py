"""What the status says of login, cache and quota."""

from __future__ import annotations

import json

import pytest

from larknb.errors import Asker
from larknb.results.status import Advice, Status, StatusRow
from tests.results.samples import STATUS

PERSON = Asker("user", "王敏 (ou_1)")


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
    assert [*header] == ["Source", "Kind", "Table", "Rows", "State", "Checked", "Size", "Last error"]
    assert [*rows[0]][3:] == [3, "stale", "2 h ago", "2.5 MB", ""]


def test_a_status_for_programs() -> None:
    """Everything is in it, as JSON takes it."""
    data = json.loads(json.dumps(STATUS.to_dict()))
    assert (data["calls"], data["budget"], data["forecast"]) == (120, 10_000, 300)
    assert data["read_as"]["mine"]["who"] == "王 (ou_1)"
    assert data["rows"][1]["age"] is None


def test_status_tells_what_it_knows() -> None:
    """Login beside the title; calls, pace, budget and readers below; nothing of what is not known."""
    assert (Status().headline(), Status().footer()) == ("Status", "0 API calls this month")
    full = Status((), login="王敏", calls=7, budget=100, forecast=30, read_as={"a": PERSON})
    assert full.headline() == "Status · 王敏"
    assert full.footer() == (
        "7 API calls this month, about 30 by its end at the present pace, budget 100. Read as 王敏."
    )
    assert Status((), budget=0, forecast=0).footer().endswith("about 0 by its end at the present pace, budget 0")
    assert full.to_dict() == {
        "login": "王敏", "calls": 7, "budget": 100, "forecast": 30, "advice": None, "rows": [],
        "read_as": {"a": {"identity": "user", "who": "王敏 (ou_1)"}},
    }  # fmt: skip


def test_status_shows_words_for_numbers() -> None:
    """Kind, state, age and size as people say them; the frame keeps the numbers."""
    row = StatusRow("a", "bitable", "t", 3, "stale", 7300.0, "2026-01-16T10:00:00", "why", 1500, 9)
    assert Status([row]).shown()[1] == [["a", "Bitable", "t", 3, "stale", "2 h ago", "1.5 KB", "why"]]
    assert Status([row]).rows() == [("a", "bitable", "t", 3, "stale", 7300.0, "2026-01-16T10:00:00", "why", 1500, 9)]


def row(source: str, calls: int) -> StatusRow:
    return StatusRow(source, "bitable", "t", 3, "fresh", 7.0, "", "", 1500, calls)


@pytest.mark.parametrize(
    ("status", "lines"),
    [
        (Status([row("a", 9), row("b", 12)]), ["Most calls: b (12)."]),
        (Status([row("a", 9), row("a", 9)]), []),  # one source with two tables
        (Status([row("a", 0), row("b", 0)]), []),
        (Status([], budget=9, advice=Advice(7200.0)), ["Fits the budget: an interval of 2 h or more."]),
        (Status([], budget=9, advice=Advice()),
         ["No interval fits what is left of the budget: raise monthly_calls or full_every."]),
        (Status([], advice=Advice(incremental={"a\x1b": 240})),
         ["a\\x1b: incremental = true would save about 240 calls a month."]),
        (Status([], advice=Advice()), []),
    ],
)  # fmt: skip
def test_status_advises(status: Status, lines: list[str]) -> None:
    """Below the counts, a line each: who takes most, which interval fits, where incremental pays."""
    assert status.footer().split("\n")[1:] == lines


def test_programs_get_the_advice() -> None:
    """As numbers."""
    status = Status([], budget=9, advice=Advice(7200.0, {"a": 240}))
    assert json.loads(json.dumps(status.to_dict()))["advice"] == {"interval": 7200.0, "incremental": {"a": 240}}
