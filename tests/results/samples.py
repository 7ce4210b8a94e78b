"""One result of each kind, with long, wide and hostile names."""

from __future__ import annotations

from typing import Any

from larknb.errors import ApiError, Asker
from larknb.model import Source
from larknb.results.base import Rows
from larknb.results.changes import Changed, Changes
from larknb.results.runs import CellError, CellRun, RunList, RunResult, RunRow
from larknb.results.search import Hit, SearchHits
from larknb.results.sources import Column, Columns, SourceList
from larknb.results.status import Status, StatusRow
from larknb.results.sync import SyncReport, SyncRow

EVIL = "<img src=x onerror=alert(1)>"
NAME = f"功能安全部人力盘点 {EVIL} \x1b[2J" + "长" * 90
WHEN = "2026-01-10T07:06:40+0800"
READ_AS = {"ours": Asker("tenant", "cli_a"), "mine": Asker("user", "王 (ou_1)")}

REPORT = SyncReport(
    [
        SyncRow(NAME, "bitable", NAME, "fetched", 3, added=3, calls=5, seconds=0.54),
        SyncRow("guide", "document", "guide", "unchanged"),
        SyncRow("guide", "document", "table", "kept"),
        SyncRow("bad", "bitable", "", "failed", calls=2, problem=NAME),
        SyncRow("late", "spreadsheet", "", "not tried"),
    ],
    {"bad": ApiError("it broke", code=1254607)},
    READ_AS,
)
STATUS = Status(
    [
        StatusRow(NAME, "bitable", NAME, 3, "stale", 7300.0, WHEN, "", 2_500_000, 12),
        StatusRow("new", "wiki", "", None, "never", None, "", NAME, 0, 0),
    ],
    login=NAME, calls=120, budget=10_000, forecast=300, read_as=READ_AS,
)  # fmt: skip
SOURCES = SourceList([
    Source(NAME, "https://example.feishu.cn/base/App", "bitable", "App"),
    Source("page", "https://example.feishu.cn/wiki/Wik", None, "Wik", wiki=True, identity="tenant"),
])  # fmt: skip
COLUMNS = Columns([
    Column(NAME, "fld1", "SingleSelect", "category", NAME, tuple(f"o{n}" for n in range(20_000)), 0.256),
    Column("gone", "fld2", "Text", "str", "", (), None),
])  # fmt: skip
HITS = SearchHits(
    [
        Hit("document", NAME, NAME, "步骤 > 过温", f"先查过温 {EVIL}", "https://example.feishu.cn/docx/D#b", ((2, 4),)),
        Hit("bitable", "s", "people", "row 7", "过温过温", "javascript:alert(1)", ((0, 2), (2, 4))),
    ],
    {"document": 10, "bitable": 20},
)
CHANGES = Changes(
    [Changed(NAME, "bitable", NAME, 2, 0, 1), Changed("guide", "document", "guide", 0, 4, 0)],
    since=1_768_000_000.0, failed=1, cost="9 requests.", login="It ends soon.",
)  # fmt: skip
RUN = RunResult(
    "nb", "work/runs/nb/1.ipynb", "failed", started_at=1_768_000_000.0, seconds=3.21,
    items=(CellRun(1, NAME, 0.04), CellRun(2, "1/0", 3.0)), error=CellError(2, "1/0", "ZeroDivisionError", EVIL),
)  # fmt: skip
RUNS = RunList(
    [RunRow(WHEN, NAME, "ok", 61.7, "nothing changed", "work/runs/a b.ipynb"),
     RunRow(WHEN, "nb", "killed", 0.2, "", "work/runs/c.ipynb")],
    root="/team",
)  # fmt: skip

RESULTS: tuple[Rows[Any], ...] = (REPORT, STATUS, SOURCES, COLUMNS, HITS, CHANGES, RUN, RUNS)
