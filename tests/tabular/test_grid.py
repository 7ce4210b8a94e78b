"""The raw grid: its cells, their texts, and what changed between two readings."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from larknb.tabular.grid import digest, row_hashes
from larknb.tabular.typed import cells, to_table
from tests.tabular.grids import IMAGE, LINK, OPTIONS, TODAY, frame_of, record_of, records, window


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ({"type": "multipleValue", "values": [1, "甲", True, 0.5]}, "1,甲,TRUE,0.5"),
        ({"type": "url", "text": "", "link": "https://example.com"}, "https://example.com"),
        ({"type": "url", "text": None, "texts": [{"text": "文"}, {"text": "本"}, None, "x"], "link": "u"}, "文本"),
        ({"type": "formula", "text": "=A1"}, "=A1"),
        ({"type": "attachment", "text": "图纸.pdf", "fileToken": "f1", "size": 3}, "图纸.pdf"),
        ({"type": "some-day", "text": "未来"}, "未来"),
        ({"type": "some-day", "text": 12}, "12"),
        ({"type": None, "values": {}}, ""),
        ([{"type": "text"}, "直", None, 3], "直3"),
        ([[{"type": "text", "text": "深"}]], "深"),
    ],
)
def test_texts_of_rich_cells(cell: Any, text: str) -> None:
    """Every shape has a text, also those that nobody has seen yet."""
    assert frame_of([["x", "n"], [cell, "·"], ["t", "·"]])["x"].iloc[0] == text


# --- what changed ---------------------------------------------------------------------------------------------------


def test_row_hashes() -> None:
    """By sheet row; an edit, a new row and a deleted one show, and blank rows do not count."""
    before = row_hashes(record_of([["a", "b"], [1, 2], [None, None], [3, 4]]))
    after = row_hashes(record_of([["a", "b"], [1, "2"], [5], [None, None]]))
    assert (list(before), list(after)) == ([1, 2, 4], [1, 2, 3])
    assert before[1] == after[1]
    assert before[2] != after[2]


@pytest.mark.parametrize(
    ("one", "other"), [(1, 1.0), (1, True), (1, "1"), (None, 0), ("", 0), (LINK, "手册"), (LINK, {**LINK, "link": "u"})]
)
def test_what_is_a_change(one: Any, other: Any) -> None:
    """Another value, another kind of value, another link."""
    first, second = (row_hashes(record_of([["x", cell]])) for cell in (one, other))
    assert first != second


def test_a_date_format_is_a_change() -> None:
    """The same number is another value once it is a date, and the same date however it is written."""
    plain = row_hashes(record_of([[TODAY]]))
    shown = [row_hashes(record_of([[TODAY]], [[text]])) for text in ("2026/01/16", "1月16日")]
    assert shown[0] == shown[1] != plain


def test_what_is_no_change() -> None:
    """The address of a file, which is signed anew each time, and how the cells came."""
    signed = {**IMAGE, "link": "https://example.com/i?sign=2"}
    assert row_hashes(record_of([[IMAGE]])) == row_hashes(record_of([[signed]]))
    assert row_hashes(record_of([[[IMAGE]]])) == row_hashes(record_of([[[signed]]]))
    assert row_hashes(record_of([["a"]])) == row_hashes(record_of([["a", None, None], [None], []]))


@pytest.mark.parametrize(
    "change",
    [
        {"title": "新"},
        {"frozen_row_count": 1},
        {"merges": [{"row": 2, "column": 1, "rows": 2, "columns": 1}]},
        {"values": [window([["b"]])]},
    ],
)
def test_digest(change: dict[str, Any]) -> None:
    """Everything that the table follows from counts; the revision and the size of the grid do not."""
    record = record_of([["a"], [1]])
    assert digest(record | change) != digest(record)
    assert digest(record | {"revision": 9, "row_count": 900, "column_count": 7}) == digest(record)


@given(records(), st.data())
@settings(max_examples=150, deadline=None)
def test_windows_make_no_difference(record: dict[str, Any], data: st.DataObject) -> None:
    """However the grid is cut into windows, padded or trimmed: one table, one set of hashes."""
    cut = dict(record)
    for which in ("values", "dates"):
        rows = record[which][0]["values"] if record[which] else []
        down, across = data.draw(st.integers(0, 8)), data.draw(st.integers(0, 6))
        cut[which] = [
            window([row[:across] for row in rows[:down]]),
            window([row[across:] for row in rows[:down]], column=across + 1),
            window([[*row, None, None] for row in rows[down:]] + [None], row=down + 1),
        ]
    options = data.draw(OPTIONS)
    assert to_table(cut, options).equals(to_table(record, options), check_metadata=True)
    assert row_hashes(cut) == row_hashes(record)
    assert cells(cut).equals(cells(record))
