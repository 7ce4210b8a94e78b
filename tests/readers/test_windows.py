"""In which windows a worksheet is read, and what is made of answers of every shape."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd
import pytest

from larknb.errors import ApiError
from larknb.sandbox import Fault
from larknb.tabular.grid import digest
from larknb.tabular.typed import to_table

from .desks import BookDesk, detail, large


@pytest.fixture
def desk(book: BookDesk) -> BookDesk:
    return book


def windows(record: Mapping[str, Any], which: str = "values") -> list[tuple[int, int, int]]:
    """Place and height of each window of a grid."""
    return [(part["row"], part["column"], len(part["values"])) for part in record[which]]


@pytest.mark.soak
def test_a_large_sheet(desk: BookDesk) -> None:
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


def test_blank_rows_do_not_end_the_reading(desk: BookDesk) -> None:
    """A block of rows behind 2,000 blank ones is found."""
    detail(desk).set(4100, 1, "末")
    desk.visit()
    assert desk.shelf.frame("aaaaaa").index.tolist() == [2, 3, 4100]


@pytest.mark.soak
def test_the_widest_sheet(desk: BookDesk) -> None:
    """13,000 columns: windows of three rows, columns named by up to three letters."""
    desk.book.add_sheet("宽", [["键"], ["a"], [], [], ["b"]], sheet_id="wideww", row_count=5, column_count=13_000)
    desk.book.sheet("宽").set(1, 13_000, "尾")
    desk.book.sheet("宽").set(5, 13_000, "末")
    desk.visit()
    assert desk.ranges()[:2] == ["aaaaaa!A1:T200", "wideww!A1:SEZ3"]
    assert desk.ranges()[2] == "wideww!A4:SEZ5"
    frame = desk.shelf.frame("wideww")
    assert [frame[name].fillna("").tolist() for name in ("键", "尾")] == [["a", "b"], ["", "末"]]


def test_too_large_is_halved_and_remembered(desk: BookDesk) -> None:
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


def test_too_large_together(desk: BookDesk) -> None:
    """Worksheets that do not fit into one answer are asked for singly, each in one piece."""
    detail(desk).row_count = 3
    for number in range(4):
        desk.book.add_sheet(f"p{number}", [["x" * 3_000]] * 3, sheet_id=f"page{number}0", row_count=3, column_count=1)
    desk.box.max_response_bytes = 20_000
    desk.visit()
    assert all(windows(desk.shelf.grids[f"page{number}0"]) == [(1, 1, 3)] for number in range(4))
    assert desk.shelf.state["cells"] == {}


def test_a_row_that_is_too_large(desk: BookDesk) -> None:
    """One row is split into columns, and put together again."""
    detail(desk).replace([[f"c{n}" for n in range(8)], ["y" * 3_000] * 8])
    detail(desk).row_count, detail(desk).column_count = 2, 8
    desk.box.max_response_bytes = 8_000
    desk.visit()
    frame = desk.shelf.frame("aaaaaa")
    assert frame.columns.tolist() == [f"c{n}" for n in range(8)]
    assert frame.to_numpy().tolist() == [["y" * 3_000] * 8]


def test_a_cell_that_is_too_large(desk: BookDesk) -> None:
    """There is nothing left to halve: the source fails with the platform's own words."""
    detail(desk).replace([["z" * 9_000]])
    detail(desk).row_count = detail(desk).column_count = 1
    desk.box.max_response_bytes = 1_000
    with pytest.raises(ApiError) as caught:
        desk.visit()
    assert caught.value.code == 90221
    assert desk.requests() == ["metainfo", "values_batch"]


@pytest.mark.parametrize("padding", ["full", "trimmed", "ragged"])
def test_padding_makes_no_difference(desk: BookDesk, padding: Any) -> None:
    """Full rectangles, trimmed ranges, short rows: the same table, the same hashes."""
    large(desk, 2_100)
    desk.visit()
    before = desk.shelf.grids["aaaaaa"]
    desk.box.padding = padding
    desk.visit(force=True)
    after = desk.shelf.grids["aaaaaa"]
    assert digest(after) == digest(before)
    assert to_table(after).equals(to_table(before))


def test_cells_lie_where_the_answer_says(desk: BookDesk) -> None:
    """A range that comes back smaller than asked, from the middle of it, and with rows that are null or missing."""
    answer = {"range": "aaaaaa!B3:C5", "revision": desk.book.revision, "values": [["h"], None, ["x", "y"]]}
    body = {"code": 0, "msg": "", "data": {"revision": desk.book.revision, "valueRanges": [answer]}}
    desk.box.faults.add(Fault.reply(200, body), endpoint="values_batch")
    desk.visit()
    assert desk.shelf.grids["aaaaaa"]["values"] == [
        {"row": 1, "column": 2, "values": [None, None, ["h"], None, ["x", "y"]]}
    ]


def test_fewer_answers_than_ranges(desk: BookDesk) -> None:
    """Silence about a worksheet proves nothing: it is asked for alone."""
    desk.book.add_sheet("二", [["a", "b"], ["x", "y"]], sheet_id="bbbbbb")
    answer = {"range": "aaaaaa!A1:A1", "revision": desk.book.revision, "values": [["h"]]}
    body = {"code": 0, "msg": "", "data": {"revision": desk.book.revision, "valueRanges": [answer]}}
    desk.box.faults.add(Fault.reply(200, body), endpoint="values_batch")
    desk.visit()
    assert desk.ranges()[:3] == ["aaaaaa!A1:T200,bbbbbb!A1:T200", "aaaaaa!A1:T200", "bbbbbb!A1:T200"]
    assert len(desk.shelf.frame("aaaaaa")) == 2
    assert desk.shelf.frame("bbbbbb").to_numpy().tolist() == [["x", "y"]]


def test_no_data_is_no_failure(desk: BookDesk) -> None:
    """An empty range in the answer stands for a window without data."""
    answer = {"range": "", "revision": desk.book.revision, "values": None}
    body = {"code": 0, "msg": "", "data": {"revision": desk.book.revision, "valueRanges": [answer]}}
    desk.box.faults.add(Fault.reply(200, body), endpoint="values_batch")
    desk.visit()
    assert desk.requests() == ["metainfo", "values_batch"]
    assert desk.shelf.grids["aaaaaa"]["values"] == [{"row": 1, "column": 1, "values": []}]


@pytest.mark.parametrize("place", ["zzzzzz!A1:A1", "aaaaaa!Z300:Z300", "aaaaaa", "A1:A1", ""])
def test_an_answer_that_nobody_asked_for(desk: BookDesk, place: str) -> None:
    """Cells of another worksheet, or of no place that can be read, are neither put into this one nor lost."""
    answer = {"range": place, "revision": desk.book.revision, "values": [["?"]]}
    body = {"code": 0, "msg": "", "data": {"revision": desk.book.revision, "valueRanges": [answer]}}
    desk.box.faults.add(Fault.reply(200, body), endpoint="values_batch", times=None)
    with pytest.raises(ApiError, match=f"'{place}'"):
        desk.visit()
    assert not desk.shelf.grids
