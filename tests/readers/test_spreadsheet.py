"""What a visit to a spreadsheet costs, what it proves, and what it does when things go wrong."""

from __future__ import annotations

import json
import logging
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from larknb.errors import AccessDenied, ApiError, BudgetSpent, LarkError, NotFound, WrongKind
from larknb.model import Source
from larknb.readers.spreadsheet import SpreadsheetReader
from larknb.sandbox import Fault
from larknb.tabular.typed import cells

from .desks import ROWS, BookDesk, detail, large


@pytest.fixture
def desk(book: BookDesk) -> BookDesk:
    return book


# --- cost -----------------------------------------------------------------------------------------------------------


def test_the_first_visit(desk: BookDesk) -> None:
    """A layout, the data and the dates of the numeric columns; what is read is what people wrote."""
    look = desk.visit()
    assert desk.requests() == ["metainfo", "values_batch", "values_batch"]
    assert desk.ranges() == ["aaaaaa!A1:T200", "aaaaaa!B2:C3"]
    assert look.selected == {"aaaaaa": "明细"}
    frame = desk.shelf.frame("aaaaaa")
    assert frame["数量"].tolist() == [1, 2]
    assert frame["日期"].tolist() == [pd.Timestamp("2026-01-16"), pd.Timestamp("2026-01-17")]
    assert desk.waits == []


def test_what_is_asked_for(desk: BookDesk) -> None:
    """Evaluated values, serials first and texts then, and ids of this app's kind: no default of the platform."""
    desk.visit()
    data, dates = (call.query for call in desk.box.journal if call.endpoint == "values_batch")
    assert (data["valueRenderOption"], data.get("dateTimeRenderOption")) == ("UnformattedValue", None)
    assert (dates["valueRenderOption"], dates["dateTimeRenderOption"]) == ("UnformattedValue", "FormattedString")
    assert {call.query["user_id_type"] for call in desk.box.journal} == {"open_id"}


def test_touched_with_the_same_revision(desk: BookDesk) -> None:
    """A comment, say: the layout tells that nothing moved."""
    desk.visit()
    desk.book.touch()
    look = desk.visit()
    assert desk.requests() == ["metainfo"]
    assert look.plan == ()
    assert look.selected == {"aaaaaa": "明细"}


def test_not_touched(desk: BookDesk) -> None:
    """Where the gate says that nothing moved there is nothing to ask."""
    desk.visit()
    look = desk.visit(moved=False)
    assert desk.requests() == []
    assert (look.plan, look.selected) == ((), {"aaaaaa": "明细"})


def test_one_sheet_changed(desk: BookDesk) -> None:
    """Layout, data, dates; the new value arrives."""
    desk.visit()
    detail(desk).set(3, 2, 20)
    desk.visit()
    assert desk.requests() == ["metainfo", "values_batch", "values_batch"]
    assert desk.shelf.frame("aaaaaa")["数量"].tolist() == [1, 20]


def test_no_numbers_no_date_pass(desk: BookDesk) -> None:
    """Text cannot be a date; booleans are no numbers."""
    detail(desk).replace([["a", "b"], ["x", True]])
    desk.visit()
    assert desk.requests() == ["metainfo", "values_batch"]


def test_dates_are_an_option(desk: BookDesk) -> None:
    """With ``dates = False`` they stay serials, and cost nothing."""
    desk.options = {"dates": False}
    desk.visit()
    assert desk.requests() == ["metainfo", "values_batch"]
    assert desk.shelf.frame("aaaaaa")["日期"].tolist() == [46038, 46039]


def test_small_sheets_share_a_request(desk: BookDesk) -> None:
    """Five worksheets of 200 x 20 cost what one costs, whatever the order of the answers."""
    for number in range(2, 6):
        desk.book.add_sheet(f"第{number}页", [["n", "t"], [number, "x"]], sheet_id=f"sheet{number}")
    desk.visit()
    assert desk.requests() == ["metainfo", "sheets", "values_batch", "values_batch"]
    assert len(desk.ranges()[0].split(",")) == 5
    desk.book.sheet("第4页").set(2, 1, 44)
    desk.visit()
    assert desk.requests() == ["metainfo", "values_batch", "values_batch"]
    assert [desk.shelf.frame(f"sheet{n}")["n"].item() for n in range(2, 6)] == [2, 3, 44, 5]


def test_an_empty_sheet(desk: BookDesk) -> None:
    """Nothing in it, or no grid at all: a table without columns, and no request for what has no cells."""
    detail(desk).replace([])
    nothing = desk.book.add_sheet("无", sheet_id="nonono")
    nothing.row_count = nothing.column_count = 0
    desk.visit()
    assert desk.ranges() == ["aaaaaa!A1:T200"]
    assert [desk.shelf.frame(key).shape for key in ("aaaaaa", "nonono")] == [(0, 0), (0, 0)]


def test_force_and_full(desk: BookDesk) -> None:
    """Both read everything although nothing moved; a full visit asks also which worksheets are hidden."""
    desk.book.add_sheet("二", [["x"]], sheet_id="bbbbbb")
    desk.visit()
    desk.visit(force=True, moved=False)
    assert desk.requests() == ["metainfo", "values_batch", "values_batch"]
    desk.visit(full=True)
    assert desk.requests() == ["metainfo", "sheets", "values_batch", "values_batch"]


def test_volatile_formulas(desk: BookDesk) -> None:
    """``computed = "always"`` reads at every visit, also what the gate says was not edited."""
    desk.options = {"computed": "always"}
    desk.visit()
    detail(desk).set_quietly(2, 2, 100)
    desk.visit(moved=False)
    assert desk.requests() == ["metainfo", "values_batch", "values_batch"]
    assert desk.shelf.frame("aaaaaa")["数量"].tolist() == [100, 2]


def test_what_was_held_back_is_read_again(desk: BookDesk) -> None:
    """A worksheet that the cache did not take is read at the next visit, alone, whatever the stamps say."""
    desk.book.add_sheet("二", [["x"]], sheet_id="bbbbbb")
    desk.visit()
    desk.shelf.again = ["bbbbbb"]
    desk.visit(moved=False)
    assert desk.requests() == ["metainfo", "values_batch"]
    assert desk.ranges() == ["bbbbbb!A1:T200"]


def test_held_back_and_edited_meanwhile(desk: BookDesk) -> None:
    """Where the repeated reading finds another revision, the other worksheets are due too."""
    desk.book.add_sheet("二", [["x"]], sheet_id="bbbbbb")
    desk.visit()
    desk.shelf.again = ["bbbbbb"]
    detail(desk).set(2, 1, "丙")
    desk.visit(moved=False)
    assert desk.shelf.frame("aaaaaa")["名称"].tolist() == ["丙", "乙"]
    assert desk.shelf.state["revision"] == desk.book.revision


# --- which worksheets -------------------------------------------------------------------------------------------------


def test_hidden_sheets(desk: BookDesk) -> None:
    """They are left out; whether one is hidden is asked once, and again when worksheets come or go."""
    desk.book.add_sheet("隐藏", ROWS, sheet_id="hidden", hidden=True)
    assert desk.visit().selected == {"aaaaaa": "明细"}
    assert desk.requests().count("sheets") == 1
    assert desk.shelf.grids.keys() == {"aaaaaa"}
    detail(desk).set(2, 2, 5)
    desk.visit()
    assert "sheets" not in desk.requests()
    desk.book.add_sheet("新", [["x"]], sheet_id="newnew")
    assert desk.visit().selected == {"aaaaaa": "明细", "newnew": "新"}
    assert desk.requests().count("sheets") == 1


def test_a_sheet_that_is_shown_again(desk: BookDesk) -> None:
    """It is read at the next full visit, which notices."""
    hidden = desk.book.add_sheet("隐藏", ROWS, sheet_id="hidden", hidden=True)
    desk.visit()
    hidden.hidden = False
    assert desk.visit(full=True).selected == {"aaaaaa": "明细", "hidden": "隐藏"}


@pytest.mark.parametrize("named", [{"options": {"sheets": ["隐藏"]}}, {"part": "hidden"}])
def test_a_hidden_sheet_that_is_named(desk: BookDesk, named: dict[str, Any]) -> None:
    """What the settings or the address name is read, hidden or not, and nobody asks."""
    desk.book.add_sheet("隐藏", ROWS, sheet_id="hidden", hidden=True)
    desk.part, desk.options = named.get("part", ""), named.get("options", {})
    assert desk.visit().selected == {"hidden": "隐藏"}
    assert desk.requests() == ["metainfo", "values_batch", "values_batch"]


def test_an_unknown_name(desk: BookDesk) -> None:
    """The message lists what there is."""
    desk.options = {"sheets": ["明细", "没有"]}
    with pytest.raises(NotFound, match=r"没有.*明细"):
        desk.visit()


def test_a_named_sheet_that_was_renamed(desk: BookDesk) -> None:
    """The settings name what is not there any more: the source fails and keeps what it has."""
    desk.options = {"sheets": ["明细"]}
    desk.visit()
    detail(desk).rename("改名")
    with pytest.raises(NotFound, match=r"明细.*改名"):
        desk.visit()


def test_a_sheet_that_was_renamed(desk: BookDesk) -> None:
    """It keeps its id and gets its new name."""
    desk.visit()
    detail(desk).rename("改名")
    assert desk.visit().selected == {"aaaaaa": "改名"}
    assert desk.shelf.tables["aaaaaa"].name == "改名"


def test_a_sheet_that_was_deleted(desk: BookDesk) -> None:
    """It is reported as gone, and read again once it is back."""
    other = desk.book.add_sheet("二", [["x"], ["1"]], sheet_id="bbbbbb")
    desk.visit()
    desk.book.remove_sheet(other)
    look = desk.visit()
    assert (look.selected, look.gone) == ({"aaaaaa": "明细"}, {"bbbbbb": "二"})
    desk.book.sheets.append(other)
    look = desk.visit()
    assert (look.selected, look.gone) == ({"aaaaaa": "明细", "bbbbbb": "二"}, {})
    assert "bbbbbb!A1:T200" in desk.ranges()[0]


# --- one revision -----------------------------------------------------------------------------------------------------


def test_an_edit_between_two_windows(desk: BookDesk) -> None:
    """The windows of the old revision are read again, after a new look at the layout."""
    sheet = large(desk)
    desk.meanwhile(lambda: sheet.set(5_001, 1, 5_001), after=2)
    desk.visit()
    assert desk.requests() == ["metainfo", *["values_batch"] * 3, "metainfo", *["values_batch"] * 4]
    assert desk.shelf.frame("aaaaaa")["n"].tolist() == list(range(2, 5_002))
    assert desk.shelf.state["revision"] == desk.book.revision
    assert desk.visit().plan == ()


def test_an_edit_between_the_passes(desk: BookDesk) -> None:
    """A date that became a number meanwhile is never taken for one: both passes show one revision."""
    desk.meanwhile(lambda: detail(desk).set(2, 3, 7), after=1)
    desk.visit()
    assert desk.requests() == ["metainfo", "values_batch", "values_batch", "metainfo", "values_batch", "values_batch"]
    assert desk.shelf.frame("aaaaaa")["日期"].tolist() == ["7", "2026-01-17"]


def test_an_edit_before_the_first_window(desk: BookDesk) -> None:
    """Also the very first answer must be of the revision that the layout had."""
    desk.meanwhile(lambda: detail(desk).append(["丙", 3]))
    desk.visit()
    assert desk.requests() == ["metainfo", "values_batch", "metainfo", "values_batch", "values_batch"]
    assert len(desk.shelf.frame("aaaaaa")) == 3


def test_edits_without_end(desk: BookDesk) -> None:
    """After three readings the source fails, and says why; nothing of it is handed on."""
    desk.meanwhile(desk.book.bump, times=None)
    with pytest.raises(ApiError, match=r"kept changing.*revision \d+ became \d+"):
        desk.visit()
    assert desk.requests() == ["metainfo", "values_batch"] * 3
    assert desk.shelf.grids == {}


def test_an_answer_without_a_revision(desk: BookDesk) -> None:
    """What does not prove itself is not believed."""
    answer = {"range": "aaaaaa!A1:B2", "values": [["a"]]}
    body = {"code": 0, "msg": "", "data": {"valueRanges": [answer]}}
    desk.box.faults.add(Fault.reply(200, body), endpoint="values_batch", times=None)
    with pytest.raises(ApiError, match="unknown"):
        desk.visit()


def test_a_sheet_deleted_between_layout_and_values(desk: BookDesk) -> None:
    """The others are read; the deleted one is gone if we had it, else forgotten."""
    known, new = (desk.book.add_sheet(name, [[name]], sheet_id=name * 6) for name in "xy")
    desk.options = {"sheets": ["明细", "x"]}
    desk.visit()
    desk.options = {}

    def remove() -> None:
        desk.book.remove_sheet(known)
        desk.book.remove_sheet(new)

    desk.meanwhile(remove)
    detail(desk).set(2, 2, 9)
    look = desk.visit()
    assert (look.selected, look.gone) == ({"aaaaaa": "明细"}, {"xxxxxx": "x"})
    assert desk.requests() == ["metainfo", "sheets", "values_batch", "metainfo", "values_batch", "values_batch"]
    assert desk.shelf.frame("aaaaaa")["数量"].tolist() == [9, 2]


@pytest.mark.parametrize("new_codes", [False, True])
def test_a_sheet_that_shrank(desk: BookDesk, new_codes: bool) -> None:
    """A range that no longer exists, in either family of codes: the layout is asked again."""
    desk.box.reject_out_of_grid, desk.box.new_sheet_codes = True, new_codes
    desk.meanwhile(lambda: detail(desk).delete_rows(3, 100))
    desk.visit()
    assert desk.requests() == ["metainfo", "values_batch", "metainfo", "values_batch", "values_batch"]
    assert desk.ranges()[1] == "aaaaaa!A1:T100"
    assert len(desk.shelf.frame("aaaaaa")) == 1


def test_a_range_that_is_refused_for_good(desk: BookDesk) -> None:
    """The layout is asked again once, not for ever."""
    desk.reply(90202, "values_batch", times=None)
    with pytest.raises(LarkError) as caught:
        desk.visit()
    assert caught.value.code == 90202
    assert desk.requests() == ["metainfo", "values_batch"] * 2


# --- too large --------------------------------------------------------------------------------------------------------


# --- answers of other shapes ------------------------------------------------------------------------------------------


# --- faults at each request -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("endpoint", ["metainfo", "sheets", "values_batch"])
@pytest.mark.parametrize("after", [0, 1])
@pytest.mark.parametrize(
    "fault",
    [Fault.reply(None, 90217), Fault.reply(None, 90235), Fault.reply(None, 99991400), Fault.html(502), Fault.drop(),
     Fault.truncate(), Fault.invalid_json()],
    ids=["90217", "90235", "rate", "html", "drop", "truncate", "invalid"],
)  # fmt: skip
def test_what_heals(desk: BookDesk, endpoint: str, after: int, fault: Fault) -> None:
    """A limit, a busy document, a broken connection: asked again, and the table is whole."""
    desk.book.add_sheet("二", [["x"], [1]], sheet_id="bbbbbb")
    desk.box.faults.add(fault, endpoint=endpoint, after=after)
    desk.visit()
    desk.visit(full=True)
    assert len(desk.box.faults) == 0
    assert len(desk.shelf.frame("aaaaaa")) == 2
    assert len(desk.waits) == 1


@pytest.mark.parametrize("endpoint", ["metainfo", "sheets", "values_batch"])
@pytest.mark.parametrize(
    ("code", "error"), [(90213, AccessDenied), (90214, NotFound), (1310249, NotFound), (99991403, BudgetSpent)]
)
def test_what_does_not_heal(desk: BookDesk, endpoint: str, code: int, error: type[LarkError]) -> None:
    """No access, deleted, quota: the error reaches the caller with its code, and nothing was handed on."""
    desk.book.add_sheet("二", [["x"], [1]], sheet_id="bbbbbb")
    desk.reply(code, endpoint, times=None)
    with pytest.raises(error) as caught:
        desk.visit()
    assert caught.value.code == code
    assert desk.shelf.grids == {}


def test_a_wiki_token(desk: BookDesk) -> None:
    """The token of a wiki node is no spreadsheet token: the sync resolves it again."""
    token = desk.box.tenant.add_wiki_node(desk.book)
    reader = SpreadsheetReader(Source("表", "", "spreadsheet", token, wiki=True))
    with pytest.raises(NotFound):
        reader.look(desk.client, desk.shelf)


# --- what nobody can read ---------------------------------------------------------------------------------------------


def test_a_block_of_another_kind(desk: BookDesk, caplog: pytest.LogCaptureFixture) -> None:
    """It is told of once, remembered, and fails nothing."""
    desk.book.embed("画板", "demoBlock", "OTHER_BLOCK", sheet_id="other1")
    with caplog.at_level(logging.WARNING, "larknb"):
        look = desk.visit()
        desk.visit()
    assert [record.message for record in caplog.records] == [
        "表: Sheet 画板 is of a kind that cannot be read (OTHER_BLOCK)"
    ]
    assert (look.failed, look.selected) == ({}, {"aaaaaa": "明细"})
    assert look.state["unread"] == {"other1": "画板"}


def test_a_block_of_another_kind_that_is_named(desk: BookDesk) -> None:
    """Who asks for it is told that it cannot be had; the other worksheets are read."""
    desk.book.embed("画板", "demoBlock", "OTHER_BLOCK", sheet_id="other1")
    desk.options = {"sheets": ["画板", "明细"]}
    look = desk.visit()
    assert isinstance(look.failed["other1"], WrongKind)
    assert len(desk.shelf.frame("aaaaaa")) == 2


def test_times_and_rich_cells_come_as_they_are(desk: BookDesk) -> None:
    """Date-times keep their seconds, links and mentions their object."""
    link = {"type": "url", "text": "文档", "link": "https://example.com"}
    detail(desk).replace([["t", "l"], [datetime(2026, 1, 16, 10, 30, 5), link]])
    desk.visit()
    frame = desk.shelf.frame("aaaaaa")
    assert frame["t"].tolist() == [pd.Timestamp("2026-01-16 10:30:05")]
    assert frame["l"].tolist() == ["文档"]
    assert cells(desk.shelf.grids["aaaaaa"])["link"].tolist() == ["https://example.com"]


def test_the_contracts_workbook(desk: BookDesk) -> None:
    """The recorded workbook, served and read over HTTP: hidden, embedded and unknown worksheets, groups, rich cells."""
    folder = os.environ.get("LARKNB_CONTRACT")
    if not folder:
        pytest.skip("LARKNB_CONTRACT does not name the folder of the contract")
    names = ("metainfo_workbook", "sheets_query_workbook", "values_merged", "values_rich_cells", "values_chunk_1")
    examples = Path(folder) / "examples" / "sheets"
    desk.book.sheets.clear()
    desk.book.load(*(json.loads((examples / f"{name}.json").read_text(encoding="utf-8")) for name in names))
    look = desk.visit()
    assert list(look.selected.values()) == ["销售明细", "多级表头", "嵌入多维表格", "富文本单元格", "大表"]
    assert look.failed.keys() == {"tblkIYhz52o6G5nx"}  # the base itself is not there
    assert look.state["unread"] == {"e5F6g7": "其它类型"}
    assert desk.shelf.frame("b2C3d4").columns.tolist() == ["区域", "2024 年 / 上半年", "2024 年 / 下半年"]
    assert desk.shelf.frame("f6G7h8")["值"].count() == 31
    assert len(cells(desk.shelf.grids["f6G7h8"])) == 21
    assert len(desk.shelf.frame("g7H8i9")) == 11
