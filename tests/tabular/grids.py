"""Raw grids of worksheets, and what an analyst sees of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd
from hypothesis import strategies as st

from larknb.tabular.typed import to_frame, to_table

TEXT = str(pd.Series(["a"]).dtype)  # the installed pandas' default: "str", before pandas 3 "object"
EPOCH = datetime(1899, 12, 30)
DAY = 86_400_000
TODAY = 46_038  # 2026-01-16
Rows = Sequence[Any]  # of lists of cells, some of them null


def window(rows: Rows, row: int = 1, column: int = 1) -> dict[str, Any]:
    return {"row": row, "column": column, "values": rows}


def record_of(values: Rows, dates: Rows = (), frozen: int = 0, merges: Sequence[Sequence[int]] = ()) -> dict[str, Any]:
    """Return a grid given as rows from A1 on; merges are row, column, rows, columns."""
    return {
        "sheet_id": "aaaaaa",
        "title": "明细",
        "revision": 1,
        "row_count": 200,
        "column_count": 20,
        "frozen_row_count": frozen,
        "merges": [dict(zip(("row", "column", "rows", "columns"), merge, strict=True)) for merge in merges],
        "values": [window(values)],
        "dates": [window(dates)] if dates else [],
    }


def frame_of(values: Rows, dates: Rows = (), options: Any = None, **layout: Any) -> pd.DataFrame:
    return to_frame(to_table(record_of(values, dates, **layout), options))


def one_column(*items: Any, dates: Sequence[int] = ()) -> pd.DataFrame:
    """Return the frame of one column below a header; the cells at ``dates`` have a date format."""
    shown = [[None], *(["2026/01/01" if place in dates else cell] for place, cell in enumerate(items))]
    # A second column keeps the rows whose cell is empty.
    return frame_of([["x", "n"], *([cell, "·"] for cell in items)], shown if dates else ())


def listed(values: Any) -> list[Any]:
    """Return the values of a column as plain Python: None for every kind of missing one."""
    return [None if pd.isna(value) else value for value in values]


# --- rich cells -----------------------------------------------------------------------------------------------------

LINK = {"type": "url", "text": "手册", "link": "https://example.com/m"}
IMAGE = {"type": "embed-image", "text": "", "fileToken": "imgToken1", "link": "https://example.com/i?sign=1"}
PERSON = {"type": "mention", "text": "@王敏", "userID": "ou_1"}
PAGE = {"type": "mention", "text": "指南", "link": "https%3A%2F%2Fexample.com%2Fd%3Fa%3D1"}


# --- any grid -------------------------------------------------------------------------------------------------------

ERRORS = ["#DIV/0!", "#N/A", "#REF!", "#VALUE!", "#NAME?", "#NUM!"]
BLANKS = ["", " ", "\u3000", "\u00a0\u200b", "\ufeff"]
LEAVES = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
ELEMENT = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["text", "url", "mention", "embed-image", "attachment", "multipleValue", "new"])
        | LEAVES,
        "text": st.text(max_size=5) | LEAVES,
        "link": st.sampled_from(["https://example.com", "https%3A%2F%2Fexample.com", ""]) | LEAVES,
        "texts": st.lists(st.dictionaries(st.just("text"), st.text(max_size=3) | LEAVES) | LEAVES, max_size=3) | LEAVES,
        "values": st.lists(LEAVES | st.text(max_size=3), max_size=3) | LEAVES,
        "fileToken": st.text(max_size=5) | LEAVES,
        "userID": st.text(max_size=5),
        "textType": st.sampled_from(["fileToken", "openId"]),
        "segmentStyle": st.just({"bold": True}),
    },
)
CELL = (
    LEAVES
    | st.text(max_size=6)
    | st.sampled_from([*ERRORS, *BLANKS])
    | ELEMENT
    | st.lists(ELEMENT | st.text(max_size=3) | LEAVES, max_size=3)
)
SERIAL = st.integers(-800_000, 3_000_000) | st.floats(-800_000, 3_000_000) | st.floats(0, 1, exclude_max=True)
# Columns of one kind with holes, so that types beside text come up; a date is a pair of serial and True.
HOLES = st.none() | st.sampled_from([*ERRORS, *BLANKS])
DATES = st.tuples(SERIAL, st.just(True))
COLUMN_KINDS = [
    CELL,
    st.booleans() | HOLES,
    st.integers(-(2**63), 2**64 - 1) | HOLES,
    st.integers(-5, 5),
    st.floats(-1e9, 1e9) | HOLES,
    DATES | HOLES,
    DATES | st.integers(-9, 9),
    st.tuples(st.floats(0, 1, exclude_max=True), st.just(True)) | st.none(),
    st.text(max_size=4) | HOLES,
    st.none(),
]


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any]:
    height = draw(st.integers(0, 8))
    kinds = draw(st.lists(st.sampled_from(COLUMN_KINDS), max_size=6))
    grid = [[draw(kind) for kind in kinds] for _ in range(height)]
    values = [[cell[0] if isinstance(cell, tuple) else cell for cell in row] for row in grid]
    dates = [["2026/01/01" if isinstance(cell, tuple) else cell for cell in row] for row in grid]
    place = st.integers(1, 9)
    merges = draw(st.lists(st.tuples(place, place, place, place), max_size=3))
    return record_of(values, dates, frozen=draw(st.integers(0, 4)), merges=merges)


OPTIONS: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {},
    optional={
        "header": st.sampled_from(["auto", "none", 1, 3, [1, 2], (2, 4)]),
        "fill_merged": st.sampled_from(["off", "down", "all"]),
    },
)
