"""Which rows are the header, and the names they give."""

from __future__ import annotations

from typing import Any

import pytest

from larknb.tabular.typed import to_table
from tests.tabular.grids import TODAY, frame_of, listed, record_of

GROUPS = [["区域", "2024 年", None], [None, "上半年", "下半年"], ["华东", 10, 20], [None, 30, 40]]
MERGES = [(1, 1, 2, 1), (1, 2, 1, 2), (3, 1, 2, 1)]


def test_a_header_of_several_rows() -> None:
    """Frozen rows that merged cells tie together name the columns jointly; a cell merged downwards counts once."""
    frame = frame_of(GROUPS, frozen=2, merges=MERGES)
    assert frame.columns.tolist() == ["区域", "2024 年 / 上半年", "2024 年 / 下半年"]
    assert frame.index.tolist() == [3, 4]


def test_frozen_rows_without_merged_cells() -> None:
    """The last of them is the header."""
    frame = frame_of([["报表", None], ["a", "b"], [1, 2]], frozen=2)
    assert (frame.columns.tolist(), frame.index.tolist()) == (["a", "b"], [3])


def test_a_merged_title_above_merged_groups() -> None:
    """A line over the whole width names the sheet, not its columns."""
    title = [["2024 年度报表", None, None]]
    merges = [(1, 1, 1, 3), *((row + 1, column, rows, cols) for row, column, rows, cols in MERGES)]
    frame = frame_of([*title, *GROUPS], frozen=3, merges=merges)
    assert frame.columns.tolist() == ["区域", "2024 年 / 上半年", "2024 年 / 下半年"]


def test_a_group_over_some_columns_is_no_title() -> None:
    """A single merged cell that covers only some columns is a part of their names."""
    frame = frame_of([[None, "温度", None], ["时间", "进", "出"], [1, 2, 3]], frozen=2, merges=[(1, 2, 1, 2)])
    assert frame.columns.tolist() == ["时间", "温度 / 进", "温度 / 出"]


def test_a_frozen_row_that_is_blank() -> None:
    """It names nothing; the header is looked for as if none were frozen."""
    frame = frame_of([[None, None], ["a", "b"], [1, 2]], frozen=1)
    assert frame.columns.tolist() == ["a", "b"]


def test_a_single_column() -> None:
    """Without a row of two cells the first one that is not blank is the header."""
    frame = frame_of([[None], ["名单"], ["甲"], ["乙"]])
    assert (frame.columns.tolist(), frame["名单"].tolist()) == (["名单"], ["甲", "乙"])


def test_a_header_is_looked_for_in_the_first_rows() -> None:
    """A row of two cells far below is data."""
    frame = frame_of([["标题"], *[["x"]] * 20, ["a", "b"]])
    assert frame.columns.tolist() == ["标题", "col_B"]


@pytest.mark.parametrize(
    ("header", "names", "index"),
    [
        ("none", ["col_A", "col_B", "col_C"], [1, 2, 3, 4]),
        (1, ["区域", "2024 年", "2024 年_2"], [2, 3, 4]),
        (2, ["区域", "上半年", "下半年"], [3, 4]),
        ([1, 2], ["区域", "2024 年 / 上半年", "2024 年 / 下半年"], [3, 4]),
        ((2, 1), ["区域", "2024 年 / 上半年", "2024 年 / 下半年"], [3, 4]),
        (9, [], []),
    ],
)
def test_the_header_is_an_option(header: Any, names: list[str], index: list[int]) -> None:
    """None, a sheet row, or several; merged cells name every column that they cover."""
    frame = frame_of(GROUPS, options={"header": header}, merges=MERGES)
    assert (frame.columns.tolist(), frame.index.tolist()) == (names, index)


@pytest.mark.parametrize(
    ("headers", "names"),
    [
        (["a", "a", "a"], ["a", "a_2", "a_3"]),
        (["a", "a", "a_2"], ["a", "a_3", "a_2"]),
        (["_row", "x"], ["_row_2", "x"]),
        (["\u3000名\u00a0", "\u200b名\ufeff"], ["名", "名_2"]),
        (["e\u0301", "é"], ["é", "é_2"]),
        ([2024, 2025.5, True], ["2024", "2025.5", "TRUE"]),
        ([None, "\u3000", "x"], ["col_A", "col_B", "x"]),
        (["col_B", None, "x"], ["col_B", "col_B_2", "x"]),
        ([{"type": "url", "text": "链接", "link": "u"}, [{"type": "text", "text": "粗"}]], ["链接", "粗"]),
    ],
)  # fmt: skip
def test_names(headers: list[Any], names: list[str]) -> None:
    """Clean, never empty, each once, and none that another column has by itself."""
    assert frame_of([headers, [1] * len(headers)], options={"header": 1}).columns.tolist() == names


def test_dates_in_the_header() -> None:
    """Months along the top are named by their day."""
    frame = frame_of([["项目", TODAY], ["甲", 1]], [[None, "1月16日"]])
    assert frame.columns.tolist() == ["项目", "2026-01-16"]


def test_wide_tables() -> None:
    """Thirteen thousand columns of one name are named in a moment, the last by three letters."""
    table = to_table(record_of([["x"] * 13_000, [1] * 13_000]))
    assert table.column_names[-1] == "x_13000"
    assert table.schema.field(13_000).metadata[b"lark.col"] == b"SEZ"


# --- merged cells ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "region", "value"),
    [
        ("off", ["华东", None, "华南", None], ["a", "b", "c", None]),
        ("down", ["华东", "华东", "华南", "华南"], ["a", "b", "c", None]),
        ("all", ["华东", "华东", "华南", "华南"], ["a", "b", "华南", "华南"]),
    ],
)
def test_merged_cells(how: str, region: list[Any], value: list[Any]) -> None:
    """As they came, filled down their first column, or all over; a row blank but for the merge is no row."""
    rows = [["区域", "值", "注"], ["华东", "a", 1], [None, "b", 2], ["华南", "c", 3], [None, None, 4], [None] * 3, [5]]
    down, across = (2, 1, 2, 1), (4, 1, 3, 2)
    frame = frame_of(rows, options={"fill_merged": how}, merges=[down, across if how == "all" else (4, 1, 3, 1)])
    assert frame.index.tolist() == [2, 3, 4, 5, 7]
    assert listed(frame["区域"])[:4] == region
    assert listed(frame["值"])[:4] == value


def test_what_is_merged_with_the_header_is_no_value() -> None:
    """A header that reaches into the rows below is not written into them."""
    frame = frame_of([["区域", "值"], [None, 1], ["华南", 2]], options={"fill_merged": "all"}, merges=[(1, 1, 2, 1)])
    assert listed(frame["区域"]) == [None, "华南"]


def test_merged_cells_beyond_the_grid() -> None:
    """Merges where nothing is do no harm."""
    merges = [(2, 1, 500, 30), (900, 1, 2, 2), (1, 9, 2, 2)]
    frame = frame_of([["a"], [1]], options={"fill_merged": "all"}, merges=merges)
    assert (frame.columns.tolist(), frame["a"].tolist()) == (["a"], [1])


PEOPLE = ["姓名", "联系方式", None]


@pytest.mark.parametrize(
    ("rows", "merges", "names", "first"),
    [
        # names merged downwards say how deep the header is
        (GROUPS, MERGES, ["区域", "2024 年 / 上半年", "2024 年 / 下半年"], 3),
        ([["品", "销量", None], [None, 2025, 2026], ["甲", 1, 2]], [(1, 1, 2, 1), (1, 2, 1, 2)],
         ["品", "销量 / 2025", "销量 / 2026"], 3),
        ([["a", "g", None, None], [None, "h", None, "k"], [None, "x", "y", None], [1, 2, 3, 4]],
         [(1, 1, 3, 1), (1, 2, 1, 3), (2, 2, 1, 2), (2, 4, 2, 1)], ["a", "g / h / x", "g / h / y", "g / k"], 4),
        # groups alone: the names stand below them
        ([[None, "进", None, "出", None], ["时间", "温", "压", "温", "压"], [1, 2, 3, 4, 5]],
         [(1, 2, 1, 2), (1, 4, 1, 2)], ["时间", "进 / 温", "进 / 压", "出 / 温", "出 / 压"], 3),
        ([["姓名", "联系", None], [None, "电话", "邮箱"], ["甲", "138", "a@b"]], [(1, 2, 1, 2)],
         ["姓名", "联系 / 电话", "联系 / 邮箱"], 3),
        ([["a", None], ["b", None], ["c", "d"], [1, 2]], [(1, 1, 1, 2), (2, 1, 1, 2)], ["c", "d"], 4),
        ([[None, "温", None], ["时间", "进", "出"], [1, 2, 3]], [(1, 2, 1, 2)], ["时间", "温 / 进", "温 / 出"], 3),
        ([["甲组", None, "乙组", None], ["子", None, "丑", None], ["p", "q", "r", "s"], [1, 2, 3, 4]],
         [(1, 1, 1, 2), (1, 3, 1, 2), (2, 1, 1, 2), (2, 3, 1, 2)],
         ["甲组 / 子 / p", "甲组 / 子 / q", "乙组 / 丑 / r", "乙组 / 丑 / s"], 4),
        # a title above, over all columns or fewer
        ([["2024 年度报表", None, None], *GROUPS], [(1, 1, 1, 3), (2, 1, 2, 1), (2, 2, 1, 2)],
         ["区域", "2024 年 / 上半年", "2024 年 / 下半年"], 4),
        ([["报表", None, None], ["a", "b", "c"], [1, 2, 3]], [(1, 1, 1, 2)], ["a", "b", "c"], 3),
        # what is merged says nothing of the header
        ([PEOPLE, ["甲", "138", "a@b"]], [(1, 2, 1, 2)], ["姓名", "联系方式", "联系方式_2"], 2),
        ([PEOPLE, [None, 138, 139]], [(1, 2, 1, 2)], ["姓名", "联系方式", "联系方式_2"], 2),
        ([["a", "b"], ["甲", 1], [None, 2]], [(2, 1, 2, 1)], ["a", "b"], 2),
        ([["2026", "b"], *[[None, n] for n in range(9)]], [(1, 1, 10, 1)], ["2026", "b"], 2),
        ([["a", "b"], [1, 2], ["计", None]], [(3, 1, 1, 2)], ["a", "b"], 2),
    ],
)  # fmt: skip
def test_merged_cells_tell_the_header(rows: list[Any], merges: list[Any], names: list[str], first: int) -> None:
    """Without frozen rows: how deep it is, which groups belong to it, and what is a title or data."""
    frame = frame_of(rows, merges=merges)
    assert (frame.columns.tolist(), frame.index.tolist()[0]) == (names, first)
