"""What a visit to a spreadsheet costs, what it proves, and what it does when things go wrong."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from larknb.api.client import LarkClient
from larknb.errors import AccessDenied, ApiError, BudgetSpent, LarkError, LoginRequired, NotFound, WrongKind
from larknb.model import Batch, Grid, Source
from larknb.readers.base import Look
from larknb.readers.spreadsheet import SpreadsheetReader
from larknb.sandbox import Base, Fault, Field, Sandbox
from larknb.sandbox.workbook import Sheet, Spreadsheet
from larknb.tabular.grid import digest, row_hashes
from larknb.tabular.typed import cells, to_frame, to_table
from tests.conftest import text

TOKEN = "ShtTest0000000000000000001"
ROWS: list[list[Any]] = [["名称", "数量", "日期"], ["甲", 1, date(2026, 1, 16)], ["乙", 2, date(2026, 1, 17)]]


@dataclass
class Shelf:
    """What is kept of a source between two visits, as the cache would."""

    state: Mapping[str, Any] = field(default_factory=dict)
    again: Collection[str] = ()
    embedded: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    grids: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    batches: dict[str, pa.Table] = field(default_factory=dict)

    def has_media(self, token: str) -> bool:
        return False

    def rows(self, table_id: str) -> int | None:
        return self.tables[table_id]["rows"] if table_id in self.tables else None

    def schema(self, table_id: str) -> pa.Schema:
        return self.batches[table_id].schema

    def record_ids(self, table_id: str) -> pa.ChunkedArray:
        return self.batches[table_id].column("_record_id")

    def take(self, parcel: Grid | Batch) -> None:
        table = parcel.table
        if isinstance(parcel, Grid):
            self.grids[table.table_id] = parcel.record
            rows = len(row_hashes(parcel.record))
        else:
            before = [] if parcel.fresh else [self.batches[table.table_id]]
            self.batches[table.table_id] = pa.concat_tables([*before, parcel.rows])
            rows = self.batches[table.table_id].num_rows
        self.tables[table.table_id] = {"name": table.name, "rows": rows}

    def frame(self, sheet_id: str) -> pd.DataFrame:
        return to_frame(to_table(self.grids[sheet_id]))


@dataclass
class Desk:
    """A stand-in with one spreadsheet, somebody who reads it, and what was read so far."""

    box: Sandbox
    book: Spreadsheet
    client: LarkClient
    waits: list[float]
    shelf: Shelf = field(default_factory=Shelf)
    part: str = ""
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def reader(self) -> SpreadsheetReader:
        source = Source("表", self.box.url, "spreadsheet", TOKEN, part=self.part, options=self.options)
        return SpreadsheetReader(source, settle=7.0, sleep=self.waits.append)

    def visit(self, **asked: Any) -> Look:
        """Look, read, and keep what came; forget earlier requests."""
        self.box.journal.clear()
        look = self.reader.look(self.client, self.shelf, **asked)
        *parcels, learned = [*self.reader.read(self.client, self.shelf, look)] or [look]
        look = replace(look, **vars(learned))
        for parcel in parcels:
            if parcel.table.table_id not in look.failed:
                self.shelf.take(parcel)
        for table_id, entry in self.shelf.tables.items():
            entry["gone"] = table_id in look.gone
        self.shelf.tables = {key: self.shelf.tables[key] for key in self.shelf.tables
                             if key in look.selected or key in look.gone}  # fmt: skip
        self.shelf.state, self.shelf.again, self.shelf.embedded = look.state, look.again, look.embedded
        return look

    def requests(self) -> list[str]:
        return self.box.journal.endpoints()

    def ranges(self) -> list[str]:
        """The ranges of each request for values, as one string."""
        return [call.query["ranges"] for call in self.box.journal if call.endpoint == "values_batch"]

    def meanwhile(self, run: Any, endpoint: str = "values_batch", **kwargs: Any) -> None:
        """Do something just before a request is worked on."""
        self.box.faults.add(Fault.call(lambda _: run()), endpoint=endpoint, **kwargs)

    def reply(self, code: int, endpoint: str, **kwargs: Any) -> None:
        self.box.faults.add(Fault.reply(None, code), endpoint=endpoint, **kwargs)


@pytest.fixture
def desk(box: Sandbox, client: LarkClient, waits: list[float]) -> Desk:
    """A spreadsheet with one worksheet of three rows."""
    book = box.tenant.add_spreadsheet("表", token=TOKEN)
    book.add_sheet("明细", ROWS, sheet_id="aaaaaa", row_count=200, column_count=20, frozen_rows=1)
    return Desk(box, book, client, waits)


def detail(desk: Desk) -> Sheet:
    return desk.book.sheet("明细")


def windows(record: Mapping[str, Any], which: str = "values") -> list[tuple[int, int, int]]:
    """Place and height of each window of a grid."""
    return [(part["row"], part["column"], len(part["values"])) for part in record[which]]


# --- cost -----------------------------------------------------------------------------------------------------------


def test_the_first_visit(desk: Desk) -> None:
    """A layout, the data and the dates of the numeric columns; what is read is what people wrote."""
    look = desk.visit()
    assert desk.requests() == ["metainfo", "values_batch", "values_batch"]
    assert desk.ranges() == ["aaaaaa!A1:T200", "aaaaaa!B2:C3"]
    assert look.selected == {"aaaaaa": "明细"}
    frame = desk.shelf.frame("aaaaaa")
    assert frame["数量"].tolist() == [1, 2]
    assert frame["日期"].tolist() == [pd.Timestamp("2026-01-16"), pd.Timestamp("2026-01-17")]
    assert desk.waits == []


def test_what_is_asked_for(desk: Desk) -> None:
    """Evaluated values, serials first and texts then, and ids of this app's kind: no default of the platform."""
    desk.visit()
    data, dates = (call.query for call in desk.box.journal if call.endpoint == "values_batch")
    assert (data["valueRenderOption"], data.get("dateTimeRenderOption")) == ("UnformattedValue", None)
    assert (dates["valueRenderOption"], dates["dateTimeRenderOption"]) == ("UnformattedValue", "FormattedString")
    assert {call.query["user_id_type"] for call in desk.box.journal} == {"open_id"}


def test_touched_with_the_same_revision(desk: Desk) -> None:
    """A comment, say: the layout tells that nothing moved."""
    desk.visit()
    desk.book.touch()
    look = desk.visit()
    assert desk.requests() == ["metainfo"]
    assert look.plan == ()
    assert look.selected == {"aaaaaa": "明细"}


def test_not_touched(desk: Desk) -> None:
    """Where the gate says that nothing moved there is nothing to ask."""
    desk.visit()
    look = desk.visit(moved=False)
    assert desk.requests() == []
    assert (look.plan, look.selected) == ((), {"aaaaaa": "明细"})


def test_one_sheet_changed(desk: Desk) -> None:
    """Layout, data, dates; the new value arrives."""
    desk.visit()
    detail(desk).set(3, 2, 20)
    desk.visit()
    assert desk.requests() == ["metainfo", "values_batch", "values_batch"]
    assert desk.shelf.frame("aaaaaa")["数量"].tolist() == [1, 20]


def test_no_numbers_no_date_pass(desk: Desk) -> None:
    """Text cannot be a date; booleans are no numbers."""
    detail(desk).replace([["a", "b"], ["x", True]])
    desk.visit()
    assert desk.requests() == ["metainfo", "values_batch"]


def test_dates_are_an_option(desk: Desk) -> None:
    """With ``dates = False`` they stay serials, and cost nothing."""
    desk.options = {"dates": False}
    desk.visit()
    assert desk.requests() == ["metainfo", "values_batch"]
    assert desk.shelf.frame("aaaaaa")["日期"].tolist() == [46038, 46039]


def test_small_sheets_share_a_request(desk: Desk) -> None:
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


def test_a_large_sheet(desk: Desk) -> None:
    """20,000 x 20 are ten windows of data; the dates of its three numeric columns fit into two requests."""
    rows: list[list[Any]] = [["键", "n", "日期", *(f"t{i}" for i in range(16)), "m"]]
    rows += [[f"k{n}", n, date(2026, 1, 16), *["x"] * 16, n / 2] for n in range(2, 20_001)]
    detail(desk).replace(rows)
    desk.visit()
    assert desk.requests() == ["metainfo", *["values_batch"] * 12]
    assert desk.ranges()[:2] == ["aaaaaa!A1:T2000", "aaaaaa!A2001:T4000"]
    frame = desk.shelf.frame("aaaaaa")
    assert len(frame) == 19_999
    assert frame["n"].tolist() == list(range(2, 20_001))
    assert (frame["日期"] == pd.Timestamp("2026-01-16")).all()
    assert str(frame["m"].dtype) == "float64"


def test_blank_rows_do_not_end_the_reading(desk: Desk) -> None:
    """A block of rows behind 2,000 blank ones is found."""
    detail(desk).set(4100, 1, "末")
    desk.visit()
    assert desk.shelf.frame("aaaaaa").index.tolist() == [2, 3, 4100]


def test_the_widest_sheet(desk: Desk) -> None:
    """13,000 columns: windows of three rows, columns named by up to three letters."""
    desk.book.add_sheet("宽", [["键"], ["a"], [], [], ["b"]], sheet_id="wideww", row_count=5, column_count=13_000)
    desk.book.sheet("宽").set(1, 13_000, "尾")
    desk.book.sheet("宽").set(5, 13_000, "末")
    desk.visit()
    assert desk.ranges()[:2] == ["aaaaaa!A1:T200", "wideww!A1:SEZ3"]
    assert desk.ranges()[2] == "wideww!A4:SEZ5"
    frame = desk.shelf.frame("wideww")
    assert [frame[name].fillna("").tolist() for name in ("键", "尾")] == [["a", "b"], ["", "末"]]


def test_an_empty_sheet(desk: Desk) -> None:
    """Nothing in it, or no grid at all: a table without columns, and no request for what has no cells."""
    detail(desk).replace([])
    nothing = desk.book.add_sheet("无", sheet_id="nonono")
    nothing.row_count = nothing.column_count = 0
    desk.visit()
    assert desk.ranges() == ["aaaaaa!A1:T200"]
    assert [desk.shelf.frame(key).shape for key in ("aaaaaa", "nonono")] == [(0, 0), (0, 0)]


def test_force_and_full(desk: Desk) -> None:
    """Both read everything although nothing moved; a full visit asks also which worksheets are hidden."""
    desk.book.add_sheet("二", [["x"]], sheet_id="bbbbbb")
    desk.visit()
    desk.visit(force=True, moved=False)
    assert desk.requests() == ["metainfo", "values_batch", "values_batch"]
    desk.visit(full=True)
    assert desk.requests() == ["metainfo", "sheets", "values_batch", "values_batch"]


def test_volatile_formulas(desk: Desk) -> None:
    """``computed = "always"`` reads at every visit, also what the gate says was not edited."""
    desk.options = {"computed": "always"}
    desk.visit()
    detail(desk).set_quietly(2, 2, 100)
    desk.visit(moved=False)
    assert desk.requests() == ["metainfo", "values_batch", "values_batch"]
    assert desk.shelf.frame("aaaaaa")["数量"].tolist() == [100, 2]


def test_what_was_held_back_is_read_again(desk: Desk) -> None:
    """A worksheet that the cache did not take is read at the next visit, alone, whatever the stamps say."""
    desk.book.add_sheet("二", [["x"]], sheet_id="bbbbbb")
    desk.visit()
    desk.shelf.again = ["bbbbbb"]
    desk.visit(moved=False)
    assert desk.requests() == ["metainfo", "values_batch"]
    assert desk.ranges() == ["bbbbbb!A1:T200"]


def test_held_back_and_edited_meanwhile(desk: Desk) -> None:
    """Where the repeated reading finds another revision, the other worksheets are due too."""
    desk.book.add_sheet("二", [["x"]], sheet_id="bbbbbb")
    desk.visit()
    desk.shelf.again = ["bbbbbb"]
    detail(desk).set(2, 1, "丙")
    desk.visit(moved=False)
    assert desk.shelf.frame("aaaaaa")["名称"].tolist() == ["丙", "乙"]
    assert desk.shelf.state["revision"] == desk.book.revision


# --- which worksheets -------------------------------------------------------------------------------------------------


def test_hidden_sheets(desk: Desk) -> None:
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


def test_a_sheet_that_is_shown_again(desk: Desk) -> None:
    """It is read at the next full visit, which notices."""
    hidden = desk.book.add_sheet("隐藏", ROWS, sheet_id="hidden", hidden=True)
    desk.visit()
    hidden.hidden = False
    assert desk.visit(full=True).selected == {"aaaaaa": "明细", "hidden": "隐藏"}


@pytest.mark.parametrize("named", [{"options": {"sheets": ["隐藏"]}}, {"part": "hidden"}])
def test_a_hidden_sheet_that_is_named(desk: Desk, named: dict[str, Any]) -> None:
    """What the settings or the address name is read, hidden or not, and nobody asks."""
    desk.book.add_sheet("隐藏", ROWS, sheet_id="hidden", hidden=True)
    desk.part, desk.options = named.get("part", ""), named.get("options", {})
    assert desk.visit().selected == {"hidden": "隐藏"}
    assert desk.requests() == ["metainfo", "values_batch", "values_batch"]


def test_an_unknown_name(desk: Desk) -> None:
    """The message lists what there is."""
    desk.options = {"sheets": ["明细", "没有"]}
    with pytest.raises(NotFound, match=r"没有.*明细"):
        desk.visit()


def test_a_named_sheet_that_was_renamed(desk: Desk) -> None:
    """The settings name what is not there any more: the source fails and keeps what it has."""
    desk.options = {"sheets": ["明细"]}
    desk.visit()
    detail(desk).rename("改名")
    with pytest.raises(NotFound, match=r"明细.*改名"):
        desk.visit()


def test_a_sheet_that_was_renamed(desk: Desk) -> None:
    """It keeps its id and gets its new name."""
    desk.visit()
    detail(desk).rename("改名")
    assert desk.visit().selected == {"aaaaaa": "改名"}
    assert desk.shelf.tables["aaaaaa"]["name"] == "改名"


def test_a_sheet_that_was_deleted(desk: Desk) -> None:
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


def large(desk: Desk, rows: int = 5_000) -> Sheet:
    """Make the worksheet several windows long."""
    detail(desk).replace([["n", *["t"] * 19], *[[n, *["x"] * 19] for n in range(2, rows + 1)]])
    return detail(desk)


def test_an_edit_between_two_windows(desk: Desk) -> None:
    """The windows of the old revision are read again, after a new look at the layout."""
    sheet = large(desk)
    desk.meanwhile(lambda: sheet.set(5_001, 1, 5_001), after=2)
    desk.visit()
    assert desk.requests() == ["metainfo", *["values_batch"] * 3, "metainfo", *["values_batch"] * 4]
    assert desk.shelf.frame("aaaaaa")["n"].tolist() == list(range(2, 5_002))
    assert desk.shelf.state["revision"] == desk.book.revision
    assert desk.visit().plan == ()


def test_an_edit_between_the_passes(desk: Desk) -> None:
    """A date that became a number meanwhile is never taken for one: both passes show one revision."""
    desk.meanwhile(lambda: detail(desk).set(2, 3, 7), after=1)
    desk.visit()
    assert desk.requests() == ["metainfo", "values_batch", "values_batch", "metainfo", "values_batch", "values_batch"]
    assert desk.shelf.frame("aaaaaa")["日期"].tolist() == ["7", "2026-01-17"]


def test_an_edit_before_the_first_window(desk: Desk) -> None:
    """Also the very first answer must be of the revision that the layout had."""
    desk.meanwhile(lambda: detail(desk).append(["丙", 3]))
    desk.visit()
    assert desk.requests() == ["metainfo", "values_batch", "metainfo", "values_batch", "values_batch"]
    assert len(desk.shelf.frame("aaaaaa")) == 3


def test_edits_without_end(desk: Desk) -> None:
    """After three readings the source fails, and says why; nothing of it is handed on."""
    desk.meanwhile(desk.book.bump, times=None)
    with pytest.raises(ApiError, match=r"kept changing.*revision \d+ became \d+"):
        desk.visit()
    assert desk.requests() == ["metainfo", "values_batch"] * 3
    assert desk.shelf.grids == {}


def test_an_answer_without_a_revision(desk: Desk) -> None:
    """What does not prove itself is not believed."""
    answer = {"range": "aaaaaa!A1:B2", "values": [["a"]]}
    body = {"code": 0, "msg": "", "data": {"valueRanges": [answer]}}
    desk.box.faults.add(Fault.reply(200, body), endpoint="values_batch", times=None)
    with pytest.raises(ApiError, match="unknown"):
        desk.visit()


def test_a_sheet_deleted_between_layout_and_values(desk: Desk) -> None:
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
def test_a_sheet_that_shrank(desk: Desk, new_codes: bool) -> None:
    """A range that no longer exists, in either family of codes: the layout is asked again."""
    desk.box.reject_out_of_grid, desk.box.new_sheet_codes = True, new_codes
    desk.meanwhile(lambda: detail(desk).delete_rows(3, 100))
    desk.visit()
    assert desk.requests() == ["metainfo", "values_batch", "metainfo", "values_batch", "values_batch"]
    assert desk.ranges()[1] == "aaaaaa!A1:T100"
    assert len(desk.shelf.frame("aaaaaa")) == 1


def test_a_range_that_is_refused_for_good(desk: Desk) -> None:
    """The layout is asked again once, not for ever."""
    desk.reply(90202, "values_batch", times=None)
    with pytest.raises(LarkError) as caught:
        desk.visit()
    assert caught.value.code == 90202
    assert desk.requests() == ["metainfo", "values_batch"] * 2


# --- too large --------------------------------------------------------------------------------------------------------


def test_too_large_is_halved_and_remembered(desk: Desk) -> None:
    """Smaller windows bring the same table; the next visit begins with the size that worked."""
    sheet = large(desk)
    desk.visit()
    whole = desk.shelf.frame("aaaaaa")
    desk.box.max_response_bytes = 60_000
    desk.visit(force=True)
    assert {call.code for call in desk.box.journal} == {0, 90221}
    pd.testing.assert_frame_equal(desk.shelf.frame("aaaaaa"), whole)
    sheet.set(2, 1, 2)
    desk.visit()
    assert {call.code for call in desk.box.journal} == {0}
    pd.testing.assert_frame_equal(desk.shelf.frame("aaaaaa"), whole)
    desk.box.max_response_bytes = None
    desk.visit(full=True)
    assert len(desk.shelf.grids["aaaaaa"]["values"]) == 3


def test_too_large_together(desk: Desk) -> None:
    """Worksheets that do not fit into one answer are asked for singly, each in one piece."""
    detail(desk).row_count = 3
    for number in range(4):
        desk.book.add_sheet(f"p{number}", [["x" * 3_000]] * 3, sheet_id=f"page{number}0", row_count=3, column_count=1)
    desk.box.max_response_bytes = 20_000
    desk.visit()
    assert all(windows(desk.shelf.grids[f"page{number}0"]) == [(1, 1, 3)] for number in range(4))
    assert desk.shelf.state["cells"] == {}


def test_a_row_that_is_too_large(desk: Desk) -> None:
    """One row is split into columns, and put together again."""
    detail(desk).replace([[f"c{n}" for n in range(8)], ["y" * 3_000] * 8])
    detail(desk).row_count, detail(desk).column_count = 2, 8
    desk.box.max_response_bytes = 8_000
    desk.visit()
    frame = desk.shelf.frame("aaaaaa")
    assert frame.columns.tolist() == [f"c{n}" for n in range(8)]
    assert frame.to_numpy().tolist() == [["y" * 3_000] * 8]


def test_a_cell_that_is_too_large(desk: Desk) -> None:
    """There is nothing left to halve: the source fails with the platform's own words."""
    detail(desk).replace([["z" * 9_000]])
    detail(desk).row_count = detail(desk).column_count = 1
    desk.box.max_response_bytes = 1_000
    with pytest.raises(ApiError) as caught:
        desk.visit()
    assert caught.value.code == 90221
    assert desk.requests() == ["metainfo", "values_batch"]


# --- answers of other shapes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("padding", ["full", "trimmed", "ragged"])
def test_padding_makes_no_difference(desk: Desk, padding: Any) -> None:
    """Full rectangles, trimmed ranges, short rows: the same table, the same hashes."""
    large(desk, 2_100)
    desk.visit()
    before = desk.shelf.grids["aaaaaa"]
    desk.box.padding = padding
    desk.visit(force=True)
    after = desk.shelf.grids["aaaaaa"]
    assert digest(after) == digest(before)
    assert to_table(after).equals(to_table(before))


def test_cells_lie_where_the_answer_says(desk: Desk) -> None:
    """A range that comes back smaller than asked, from the middle of it, and with rows that are null."""
    answer = {"range": "aaaaaa!B3:C5", "revision": desk.book.revision, "values": [["h"], None, ["x", "y"]]}
    body = {"code": 0, "msg": "", "data": {"revision": desk.book.revision, "valueRanges": [answer]}}
    desk.box.faults.add(Fault.reply(200, body), endpoint="values_batch")
    desk.visit()
    assert desk.shelf.grids["aaaaaa"]["values"] == [{"row": 3, "column": 2, "values": answer["values"]}]


def test_fewer_answers_than_ranges(desk: Desk) -> None:
    """Silence about a worksheet proves nothing: it is asked for alone."""
    desk.book.add_sheet("二", [["a", "b"], ["x", "y"]], sheet_id="bbbbbb")
    answer = {"range": "aaaaaa!A1:A1", "revision": desk.book.revision, "values": [["h"]]}
    body = {"code": 0, "msg": "", "data": {"revision": desk.book.revision, "valueRanges": [answer]}}
    desk.box.faults.add(Fault.reply(200, body), endpoint="values_batch")
    desk.visit()
    assert desk.ranges()[:3] == ["aaaaaa!A1:T200,bbbbbb!A1:T200", "aaaaaa!A1:T200", "bbbbbb!A1:T200"]
    assert len(desk.shelf.frame("aaaaaa")) == 2
    assert desk.shelf.frame("bbbbbb").to_numpy().tolist() == [["x", "y"]]


def test_no_data_is_no_failure(desk: Desk) -> None:
    """An empty range in the answer stands for a window without data."""
    answer = {"range": "", "revision": desk.book.revision, "values": None}
    body = {"code": 0, "msg": "", "data": {"revision": desk.book.revision, "valueRanges": [answer]}}
    desk.box.faults.add(Fault.reply(200, body), endpoint="values_batch")
    desk.visit()
    assert desk.requests() == ["metainfo", "values_batch"]
    assert desk.shelf.grids["aaaaaa"]["values"] == [{"row": 1, "column": 1, "values": []}]


@pytest.mark.parametrize("place", ["zzzzzz!A1:A1", "aaaaaa!Z300:Z300", "aaaaaa", "A1:A1", ""])
def test_an_answer_that_nobody_asked_for(desk: Desk, place: str) -> None:
    """Cells of another worksheet, or of no place that can be read, are neither put into this one nor lost."""
    answer = {"range": place, "revision": desk.book.revision, "values": [["?"]]}
    body = {"code": 0, "msg": "", "data": {"revision": desk.book.revision, "valueRanges": [answer]}}
    desk.box.faults.add(Fault.reply(200, body), endpoint="values_batch", times=None)
    with pytest.raises(ApiError, match=f"'{place}'"):
        desk.visit()
    assert not desk.shelf.grids


# --- faults at each request -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("endpoint", ["metainfo", "sheets", "values_batch"])
@pytest.mark.parametrize("after", [0, 1])
@pytest.mark.parametrize(
    "fault",
    [Fault.reply(None, 90217), Fault.reply(None, 90235), Fault.reply(None, 99991400), Fault.html(502), Fault.drop(),
     Fault.truncate(), Fault.invalid_json()],
    ids=["90217", "90235", "rate", "html", "drop", "truncate", "invalid"],
)  # fmt: skip
def test_what_heals(desk: Desk, endpoint: str, after: int, fault: Fault) -> None:
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
def test_what_does_not_heal(desk: Desk, endpoint: str, code: int, error: type[LarkError]) -> None:
    """No access, deleted, quota: the error reaches the caller with its code, and nothing was handed on."""
    desk.book.add_sheet("二", [["x"], [1]], sheet_id="bbbbbb")
    desk.reply(code, endpoint, times=None)
    with pytest.raises(error) as caught:
        desk.visit()
    assert caught.value.code == code
    assert desk.shelf.grids == {}


def test_a_wiki_token(desk: Desk) -> None:
    """The token of a wiki node is no spreadsheet token: the sync resolves it again."""
    token = desk.box.tenant.add_wiki_node(desk.book)
    reader = SpreadsheetReader(Source("表", "", "spreadsheet", token, wiki=True))
    with pytest.raises(NotFound):
        reader.look(desk.client, Shelf())


# --- embedded bases ---------------------------------------------------------------------------------------------------


def add_base(desk: Desk, app_token: str = "AppEmbed000000000000000001", table_id: str = "tblEmbed1") -> Base:
    base = desk.box.tenant.add_base("库", app_token=app_token)
    table = base.add_table("缺陷", [Field("标题", 1, is_primary=True)], table_id=table_id)
    table.add_many([{"标题": text(f"缺陷 {n}")} for n in range(3)])
    return base


@pytest.fixture
def base(desk: Desk) -> Base:
    base = add_base(desk)
    desk.book.embed_base(base, base.tables[0], "缺陷清单", sheet_id="embed1")
    return base


def test_an_embedded_base_is_a_table(desk: Desk, base: Base) -> None:
    """Its rows come under the name of the worksheet, after a wait for the replicas; the grid waits for nobody."""
    look = desk.visit()
    assert look.selected == {"aaaaaa": "明细", "tblEmbed1": "缺陷清单"}
    assert desk.shelf.batches["tblEmbed1"].num_rows == 3
    assert desk.shelf.tables["tblEmbed1"]["name"] == "缺陷清单"
    assert desk.requests() == [
        "metainfo", "sheets", "tables", "app", "values_batch", "values_batch", "fields", "search", "tables",
    ]  # fmt: skip
    assert desk.waits == [7.0]


@pytest.mark.parametrize("moved", [True, False])
def test_an_embedded_base_is_asked_at_every_look(desk: Desk, base: Base, moved: bool) -> None:
    """One table list, also when the gate says that the spreadsheet was not edited; only what moved is read."""
    desk.visit()
    desk.visit(moved=moved)
    assert desk.requests() == ["metainfo"] * moved + ["tables"]
    base.tables[0].add({"标题": text("新")})
    desk.visit(moved=moved)
    assert desk.requests() == ["metainfo"] * moved + ["tables", "fields", "search", "tables"]
    assert desk.shelf.batches["tblEmbed1"].num_rows == 4


def test_an_edited_sheet_leaves_its_base_alone(desk: Desk, base: Base) -> None:
    """The two have their own revisions."""
    desk.visit()
    detail(desk).set(2, 2, 8)
    desk.visit()
    assert desk.requests() == ["metainfo", "tables", "values_batch", "values_batch"]


def test_two_tables_of_one_base(desk: Desk, base: Base) -> None:
    """They share the table list."""
    second = base.add_table("第二", [Field("名", 1, is_primary=True)], table_id="tblEmbed2")
    desk.book.embed_base(base, second, "附表", sheet_id="embed2")
    desk.visit()
    desk.visit()
    assert desk.requests() == ["metainfo", "tables"]
    assert {key: entry["name"] for key, entry in desk.shelf.tables.items()} == {
        "aaaaaa": "明细", "tblEmbed1": "缺陷清单", "tblEmbed2": "附表",
    }  # fmt: skip


def test_a_copy_of_the_base(desk: Desk, base: Base) -> None:
    """A copied base keeps its table ids: the two tables are told apart."""
    copy = add_base(desk, app_token="AppEmbed000000000000000002")
    copy.tables[0].add({"标题": text("只在副本")})
    desk.book.embed_base(copy, copy.tables[0], "副本", sheet_id="embed2")
    desk.visit()
    rows = {entry["name"]: entry["rows"] for entry in desk.shelf.tables.values()}
    assert rows == {"明细": 3, "缺陷清单": 3, "副本": 4}
    desk.visit()
    assert desk.requests() == ["metainfo", "tables", "tables"]


def test_an_embedded_table_can_be_named(desk: Desk, base: Base) -> None:
    """By its worksheet, as any other; then the grids cost nothing."""
    desk.options = {"sheets": ["缺陷清单"]}
    assert desk.visit().selected == {"tblEmbed1": "缺陷清单"}
    assert "values_batch" not in desk.requests()
    desk.part, desk.options = "embed1", {}
    assert desk.visit().selected == {"tblEmbed1": "缺陷清单"}


@pytest.mark.parametrize(("endpoint", "code"), [("tables", 91403), ("fields", 1254302), ("search", 1254040)])
def test_a_base_that_fails_harms_nobody(desk: Desk, base: Base, endpoint: str, code: int) -> None:
    """Its table is reported as failed and read at the next visit; the worksheets are fine."""
    desk.reply(code, endpoint)
    look = desk.visit()
    assert {key: error.code for key, error in look.failed.items()} == {"tblEmbed1": code}
    assert desk.shelf.tables.keys() == {"aaaaaa"}
    look = desk.visit()
    assert look.failed == {}
    assert desk.shelf.batches["tblEmbed1"].num_rows == 3


def test_a_base_that_fails_after_an_edit(desk: Desk, base: Base) -> None:
    """The edit is not forgotten: the next visit reads it."""
    desk.visit()
    base.tables[0].add({"标题": text("新")})
    desk.reply(1254302, "search")
    assert desk.visit().failed.keys() == {"tblEmbed1"}
    desk.visit()
    assert desk.shelf.batches["tblEmbed1"].num_rows == 4


@pytest.mark.parametrize(("code", "error"), [(99991403, BudgetSpent), (99991669, LoginRequired)])
def test_what_stops_everything(desk: Desk, base: Base, code: int, error: type[LarkError]) -> None:
    """A spent quota or a dead login is no matter of one base."""
    desk.reply(code, "tables", times=None)
    with pytest.raises(error):
        desk.visit()


def test_a_base_without_permission_to_read_bases(desk: Desk, base: Base) -> None:
    """A login that lacks the scope for bases still reads the worksheets."""
    desk.reply(99991679, "tables", times=None)
    look = desk.visit()
    assert look.failed["tblEmbed1"].lacks_scope
    assert len(desk.shelf.frame("aaaaaa")) == 2


def test_an_embedded_table_that_is_gone(desk: Desk, base: Base) -> None:
    """Deleted in its base, or with its worksheet: either way it is gone, not failed."""
    desk.visit()
    kept = base.add_table("另一个", [Field("名", 1, is_primary=True)])
    base.remove_table(base.tables[0])
    assert base.tables == [kept]
    look = desk.visit()
    assert (look.gone, look.failed) == ({"tblEmbed1": "缺陷清单"}, {})
    assert look.selected == {"aaaaaa": "明细"}


def test_an_embedded_worksheet_that_is_gone(desk: Desk, base: Base) -> None:
    """The table was cached under its own id; it is missed all the same."""
    desk.visit()
    desk.book.remove_sheet(desk.book.sheet("缺陷清单"))
    look = desk.visit()
    assert (look.gone, look.selected) == ({"tblEmbed1": "缺陷清单"}, {"aaaaaa": "明细"})


def test_a_held_back_table_of_a_base(desk: Desk, base: Base) -> None:
    """It is read again through the base, although no revision moved."""
    desk.visit()
    desk.shelf.again = ["tblEmbed1"]
    desk.visit(moved=False)
    assert desk.requests() == ["tables", "fields", "search", "tables"]


# --- what nobody can read ---------------------------------------------------------------------------------------------


def test_a_block_of_another_kind(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """It is told of once, remembered, and fails nothing."""
    desk.book.embed("画板", "demoBlock", "OTHER_BLOCK", sheet_id="other1")
    with caplog.at_level(logging.WARNING, "larknb"):
        look = desk.visit()
        desk.visit()
    assert [record.message for record in caplog.records] == [
        "表: Sheet 画板 holds something that cannot be read (OTHER_BLOCK)"
    ]
    assert (look.failed, look.selected) == ({}, {"aaaaaa": "明细"})
    assert look.state["unread"] == {"other1": "画板"}


def test_a_block_of_another_kind_that_is_named(desk: Desk) -> None:
    """Who asks for it is told that it cannot be had; the other worksheets are read."""
    desk.book.embed("画板", "demoBlock", "OTHER_BLOCK", sheet_id="other1")
    desk.options = {"sheets": ["画板", "明细"]}
    look = desk.visit()
    assert isinstance(look.failed["other1"], WrongKind)
    assert len(desk.shelf.frame("aaaaaa")) == 2


def test_times_and_rich_cells_come_as_they_are(desk: Desk) -> None:
    """Date-times keep their seconds, links and mentions their object."""
    link = {"type": "url", "text": "文档", "link": "https://example.com"}
    detail(desk).replace([["t", "l"], [datetime(2026, 1, 16, 10, 30, 5), link]])
    desk.visit()
    frame = desk.shelf.frame("aaaaaa")
    assert frame["t"].tolist() == [pd.Timestamp("2026-01-16 10:30:05")]
    assert frame["l"].tolist() == ["文档"]
    assert cells(desk.shelf.grids["aaaaaa"])["link"].tolist() == ["https://example.com"]


def test_the_contracts_workbook(desk: Desk) -> None:
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
