"""Spreadsheets end to end: stand-in, sync, cache, frames; what a look costs is asked from the journal."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from larknb.errors import ChooseTable, NotFound, WrongKind
from larknb.sandbox import Sandbox
from larknb.sandbox.world.sheets.cells import Cell
from tests.conftest import Clock, Lab, open_lab

HOUR = 3600.0


@pytest.fixture
def book(tmp_path: Path, box: Sandbox, clock: Clock) -> Lab:
    """A spreadsheet with a title line above its header, and a second sheet without numbers."""
    spreadsheet = box.tenant.add_spreadsheet("在线表格示例", token="ShtBook0000000000000000001")
    spreadsheet.add_sheet(
        "测试",
        rows=[
            ["2026 年测试", None, None, None],
            ["编号", "日期", "数量", "链接"],
            ["001", dt.date(2026, 1, 16), 3, {"type": "url", "text": "飞书", "link": "https://feishu.cn"}],
            ["002", dt.date(2026, 1, 17), 4, "无"],
        ],
        sheet_id="sheet1",
    )
    spreadsheet.add_sheet("说明", rows=[["项", "值"], ["甲", "x"]], sheet_id="sheet2")
    return open_lab(tmp_path, box, clock, f"{box.url}/sheets/ShtBook0000000000000000001", spreadsheet)


def sync(lab: Lab, **options: Any) -> None:
    lab.workspace.sync(progress=False, **options).raise_for_failures()


def test_a_sheet_becomes_a_typed_frame(book: Lab) -> None:
    """Identifiers keep their zeros, dates are dates, integers are integers; the index is the sheet row."""
    sync(book)
    frame = book.workspace.load("s1/测试")
    assert frame.index.name == "_row"
    assert [*frame.index] == [3, 4]
    assert [*frame["编号"]] == ["001", "002"]
    assert frame["日期"].iloc[0] == pd.Timestamp("2026-01-16")
    assert (str(frame["日期"].dtype), str(frame["数量"].dtype)) == ("datetime64[ms]", "int64")
    pd.testing.assert_frame_equal(pd.read_parquet(book.workspace.paths("s1")["测试"]), frame)
    with pytest.raises(ChooseTable):
        book.workspace.load("s1")


def test_rich_cells_are_beside_the_table(book: Lab) -> None:
    """The link's text is in the frame, its address in cells()."""
    sync(book)
    assert book.workspace.load("s1/测试")["链接"].iloc[0] == "飞书"
    side = book.workspace.cells("s1/测试")
    assert side[["row", "col", "kind", "link"]].values.tolist() == [[3, "D", "link", "https://feishu.cn"]]


def test_what_a_look_costs(book: Lab) -> None:
    """Unchanged: the gate. Touched: + layout. Changed: + data and dates. Young: nothing."""
    sync(book)
    sync(book.later(10))
    assert book.requests() == []
    sync(book.later())
    assert book.requests() == ["metas"]
    book.later()
    book.made.touch()
    sync(book)
    assert book.requests() == ["metas", "metainfo"]
    book.later()
    book.made.sheets[0].set(3, 3, 99)
    sync(book)
    assert book.requests() == ["metas", "metainfo", "values_batch", "values_batch"]
    assert book.workspace.load("s1/测试")["数量"].iloc[0] == 99


def test_another_header_row_costs_no_request(book: Lab) -> None:
    """header = 1 takes effect at the next sync, however young the cache is, and nothing is asked."""
    sync(book)
    file = book.workspace.root / "larknb.toml"
    file.write_text(file.read_text(encoding="utf-8") + 'header = "none"\n', encoding="utf-8")
    sync(book.later(10))
    assert book.requests() == []
    assert [*book.workspace.load("s1/测试").columns][:2] == ["col_A", "col_B"]


def test_changes_are_counted_by_row(book: Lab) -> None:
    """One row edited, one added: the report says so; the other sheet is unchanged."""
    sync(book)
    book.later()
    sheet = book.made.sheets[0]
    sheet.set(3, 3, 99)
    sheet.set(5, 1, "003")
    report = book.workspace.sync(progress=False)
    rows = {row.table: (row.added, row.changed, row.removed) for row in report}
    assert rows == {"测试": (1, 1, 0), "说明": (0, 0, 0)}


def test_earlier_states_and_raw(book: Lab) -> None:
    """as_of makes the old table again from its grid; raw gives Arrow types."""
    sync(book)
    first = book.workspace.load("s1/测试")
    book.later()
    book.made.sheets[0].set(3, 3, 99)
    sync(book)
    pd.testing.assert_frame_equal(book.workspace.load("s1/测试", as_of=-2), first)
    raw = book.workspace.load("s1/测试", raw=True)
    assert all(isinstance(dtype, pd.ArrowDtype) for dtype in raw.dtypes)
    assert raw.index.name == "_row"


def test_schema_and_preview(book: Lab) -> None:
    """Columns by letter and type; the preview shows what became of the raw head."""
    sync(book)
    columns = {column.name: column for column in book.workspace.schema("s1/测试")}
    assert (columns["数量"].field_id, columns["数量"].type, columns["数量"].empty) == ("C", "Integer", 0.0)
    assert "2026 年测试" in repr(book.workspace.preview("s1/测试"))


def test_a_sheet_that_lost_most_rows_waits(book: Lab) -> None:
    """The guard holds for sheets as for tables."""
    sheet = book.made.sheets[1]
    for row in range(2, 32):
        sheet.set(row, 1, f"行 {row}")
    sync(book)
    book.later()
    for row in range(4, 32):
        sheet.set(row, 1, None)
    report = book.workspace.sync(progress=False)
    assert not report.ok
    assert len(book.workspace.load("s1/说明")) == 30


def test_an_embedded_base_is_a_table(book: Lab) -> None:
    """Its rows load like any other table's; at each look its revisions are asked."""
    from larknb.sandbox import Field

    base = book.box.tenant.add_base("inner", app_token="AppInner00000000000000001")
    table = base.add_table("缺陷", [Field("name", 1, is_primary=True)], table_id="tblInner")
    table.add({"name": "a"})
    book.made.embed_base(base, table, "内嵌")
    book.clock.advance(60)
    sync(book)
    assert len(book.workspace.load("s1/内嵌")) == 1
    sync(book.later())
    assert book.requests() == ["metas", "tables"]
    with pytest.raises(WrongKind, match="worksheet"):
        book.workspace.cells("s1/内嵌")


# --- sheets as guides are written -------------------------------------------------------------------------------------

MENTION = {"type": "mention", "name": "示例人", "text": "@示例人", "token": "7600000000000000010"}


@pytest.fixture
def plan(tmp_path: Path, box: Sandbox, clock: Clock) -> Lab:
    """A worksheet with lengths of time, long numbers and a mention."""
    spreadsheet = box.tenant.add_spreadsheet("计划", token="ShtPlan0000000000000000001")
    spreadsheet.add_sheet(
        "台账",
        rows=[
            ["任务", "时长", "短", "号", "大", "负责人"],
            ["甲", dt.timedelta(hours=36), Cell(1.5, "H:mm"), 123456789012345678, 2**53 + 1, MENTION],
            ["乙", dt.timedelta(hours=1), Cell(0.5, "H:mm"), None, 2**53, None],
        ],
        sheet_id="sheet1",
    )
    return open_lab(tmp_path, box, clock, f"{box.url}/sheets/ShtPlan0000000000000000001", spreadsheet)


def test_lengths_of_time_are_timedeltas_everywhere(plan: Lab) -> None:
    """In frames, by a filter, in a query, in the file for other programs, in a difference, and for people."""
    sync(plan)
    workspace = plan.workspace
    frame = workspace.load("s1")
    assert [*frame["时长"]] == [dt.timedelta(hours=36), dt.timedelta(hours=1)]
    assert [*frame["短"]] == [dt.timedelta(hours=36), dt.timedelta(hours=12)]
    assert workspace.load("s1", where={"时长": dt.timedelta(hours=36)}).index.tolist() == [2]
    assert workspace.sql('SELECT "时长" FROM "s1/台账"')["时长"].dtype == "timedelta64[ms]"
    pd.testing.assert_frame_equal(pd.read_parquet(workspace.paths("s1")["台账"]), frame)
    assert "36:00:00" in repr(workspace.show("s1"))
    plan.later()
    plan.made.sheet("台账").set(3, 2, dt.timedelta(hours=50))
    sync(plan)
    assert "50:00:00" in repr(workspace.diff("s1"))


def test_a_column_of_lengths_stays_one(plan: Lab) -> None:
    """Also when only times of day are left in it, after a sync and when its file is made again."""
    sync(plan)
    plan.later()
    plan.made.sheet("台账").set(2, 2, dt.timedelta(hours=2))
    sync(plan)
    assert plan.workspace.load("s1")["时长"].dtype == "timedelta64[ms]"
    for file in plan.workspace.root.glob("work/spreadsheet_cache/**/snapshots/*/台账.parquet"):
        file.unlink()
    assert plan.workspace.load("s1")["时长"].dtype == "timedelta64[ms]"


def test_long_numbers_are_whole_everywhere(plan: Lab) -> None:
    """Beyond 2^53 and with 18 digits, beside empty cells: in frames, queries, files and JSON."""
    sync(plan)
    workspace = plan.workspace
    frame = workspace.load("s1")
    assert (str(frame["号"].dtype), frame["号"].iloc[0]) == ("Int64", 123456789012345678)
    assert [*frame["大"]] == [2**53 + 1, 2**53]
    asked = workspace.sql('SELECT "号", "大" FROM "s1/台账"')
    assert (asked["号"].iloc[0], asked["大"].iloc[0]) == (123456789012345678, 2**53 + 1)


def test_a_mention_keeps_its_token(plan: Lab) -> None:
    """Whatever the member is called that tells whom or what it mentions."""
    sync(plan)
    side = plan.workspace.cells("s1")
    assert side[["kind", "text", "token"]].values.tolist() == [["mention", "@示例人", "7600000000000000010"]]


def with_options(lab: Lab, options: str) -> None:
    file = lab.workspace.root / "larknb.toml"
    file.write_text(f"{file.read_text(encoding='utf-8')}\n{options}", encoding="utf-8")


def test_a_worksheet_has_options_of_its_own(book: Lab) -> None:
    """They cost no request, leave the other worksheets alone, and the preview advises them word by word."""
    sync(book)
    advice = repr(book.workspace.preview("s1/说明")).partition("[")
    with_options(book, advice[1] + advice[2].replace("header = 1", 'header = "none"'))
    sync(book.later(10))
    assert book.requests() == []
    assert book.workspace.load("s1/说明").index.tolist() == [1, 2]
    assert book.workspace.load("s1/测试").columns.tolist()[0] == "编号"


def test_options_of_a_worksheet_that_does_not_exist(book: Lab) -> None:
    """A misspelt or renamed one is told, beside those that there are."""
    with_options(book, '[sources.by_table."台帐"]\nheader = 1')
    with pytest.raises(NotFound, match=r"台帐.*测试, 说明"):
        sync(book)
