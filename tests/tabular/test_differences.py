"""Two states of a table, told apart."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from larknb.results.diff import ColumnChange
from larknb.results.sources import Column
from larknb.tabular.differences import TableDifference, compare_records, compare_sheets


def columns_of(frame: pd.DataFrame, ids: dict[str, str] | None = None) -> list[Column]:
    """Return the columns of a frame; those that begin with an underscore are the system's."""
    named = ids or {}
    return [
        Column(str(name), "" if str(name).startswith("_") else named.get(str(name), str(name)), str(frame[name].dtype),
               str(frame[name].dtype), "", (), None) for name in frame
    ]  # fmt: skip


def records(rows: dict[str, dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame.from_dict(rows, orient="index")
    return frame.rename_axis("_record_id")


def told(found: TableDifference) -> list[tuple[Any, ...]]:
    return [(cell.key, cell.column, cell.before, cell.after) for cell in found.cells]


BEFORE = records(
    {
        "r1": {"名": "甲", "数": 1.0, "签": ("a",), "_t": 1},
        "r2": {"名": "乙", "数": float("nan"), "签": None, "_t": 1},
        "r3": {"名": "丙", "数": 3.0, "签": ("a", "b"), "_t": 1},
    }
)


def test_rows_and_cells_are_told_apart() -> None:
    """By record id, whatever the order; who edited when is no change of a cell."""
    after = records(
        {
            "r3": {"名": "丙", "数": None, "签": ("b", "a"), "_t": 2},
            "r4": {"名": "丁", "数": 4.0, "签": None, "_t": 2},
            "r1": {"名": "甲", "数": 1.0, "签": ("a",), "_t": 2},
        }
    )
    found = compare_records(BEFORE, after, columns_of(BEFORE), columns_of(after))
    assert (list(found.added.index), list(found.removed.index)) == (["r4"], ["r2"])
    assert told(found) == [("r3", "数", 3.0, None), ("r3", "签", ("a", "b"), ("b", "a"))]
    assert found.columns == () and found.added["名"].tolist() == ["丁"]


def test_columns_are_told_by_their_field() -> None:
    """A renamed column is the same one, and its cells go on under the new name."""
    after = BEFORE.rename(columns={"名": "姓名"}).drop(columns="签").assign(新=True)
    after.loc["r1", "姓名"] = "甲甲"
    found = compare_records(BEFORE, after, columns_of(BEFORE), columns_of(after, {"姓名": "名"}))
    assert set(found.columns) == {
        ColumnChange("removed", "签"), ColumnChange("renamed", "姓名", "名", "姓名"), ColumnChange("added", "新"),
    }  # fmt: skip
    assert told(found) == [("r1", "姓名", "甲", "甲甲")]


def test_a_retyped_column_is_compared_by_what_it_says() -> None:
    """Numbers that became texts changed their type, not each of their values."""
    after = BEFORE.assign(数=["1", "", "4"])
    found = compare_records(BEFORE, after, columns_of(BEFORE), columns_of(after))
    assert [change.change for change in found.columns] == ["retyped"]
    assert told(found) == [("r3", "数", 3.0, "4")]


def test_nothing_changed() -> None:
    """What is missing in both is equal, of whatever kind."""
    frame = BEFORE.assign(评=pd.array([1, None, 3], "Int8"), 类=pd.Categorical(["x", None, "y"]))
    found = compare_records(frame, frame.copy(), columns_of(frame), columns_of(frame))
    assert (found.columns, found.cells, len(found.added), len(found.removed)) == ((), (), 0, 0)


def sheet(*rows: tuple[Any, ...], names: str = "ABC") -> pd.DataFrame:
    index = pd.Index(range(2, 2 + len(rows)), name="_row")
    return pd.DataFrame([*rows], index=index, columns=[*names][: len(rows[0])])


def sheets_compared(before: pd.DataFrame, after: pd.DataFrame) -> TableDifference:
    letters = [{str(name): letter for name, letter in zip(frame, "abcdef", strict=False)} for frame in (before, after)]
    return compare_sheets(before, after, columns_of(before, letters[0]), columns_of(after, letters[1]))


def test_a_sheet_with_a_key_is_compared_by_it() -> None:
    """A row that was inserted above moves nothing."""
    before, after = sheet((1, "x"), (2, "y")), sheet((3, "z"), (1, "x"), (2, "Y"))
    found = sheets_compared(before, after)
    assert (list(found.added.index), len(found.removed)) == ([2], 0)
    assert told(found) == [(2, "B", "y", "Y")]


def test_a_sheet_without_a_key_is_compared_by_content() -> None:
    """Rows that occur twice are no key; an edited row between two that stayed is a changed one."""
    before = sheet(("x", 1), ("x", 1), ("y", 2), ("z", 3))
    after = sheet(("x", 1), ("x", 1), ("y", 5), ("z", 3), ("z", 3))
    found = sheets_compared(before, after)
    assert told(found) == [(4, "B", 2, 5)]
    assert len(found.added) == 1 and len(found.removed) == 0


def test_a_renamed_header_is_told_by_what_stands_below() -> None:
    """The column of the same letter that says the same is the same; one that says otherwise is another."""
    before = sheet((1, "x", "p"), (2, "y", "q"))
    renamed = before.rename(columns={"B": "名称"})
    assert sheets_compared(before, renamed).columns == (ColumnChange("renamed", "名称", "B", "名称"),)
    other = renamed.assign(名称=["m", "n"])
    assert {change.change for change in sheets_compared(before, other).columns} == {"added", "removed"}


def test_a_very_long_sheet_is_compared_without_a_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Equal rows are paired wherever they stand; the rest came or went."""
    monkeypatch.setattr("larknb.tabular.differences.LONGEST_WALK", 2)
    found = sheets_compared(sheet(("x", 1), ("x", 1), ("y", 2)), sheet(("y", 2), ("x", 1), ("x", 3)))
    assert (len(found.added), len(found.removed), found.cells) == (1, 1, ())


CELLS = st.fixed_dictionaries(
    {"名": st.none() | st.text(max_size=2), "数": st.none() | st.floats(allow_nan=False),
     "签": st.none() | st.lists(st.sampled_from("ab"), max_size=2).map(tuple)}
)  # fmt: skip
TABLES = st.dictionaries(st.sampled_from(["r1", "r2", "r3", "r4"]), CELLS)


def frame_of(rows: dict[str, dict[str, Any]]) -> pd.DataFrame:
    index = pd.Index(list(rows), name="_record_id", dtype=object)
    data = {name: pd.Series([row[name] for row in rows.values()], index, dtype=object) for name in ("名", "数", "签")}
    return pd.DataFrame(data, index=index)


@settings(max_examples=60, deadline=None)
@given(TABLES, TABLES)
def test_what_changed_makes_the_later_state_of_the_earlier_one(
    old: dict[str, dict[str, Any]], new: dict[str, dict[str, Any]]
) -> None:
    """Take the removed rows away, write the changed cells, add the added rows: that is the later state."""
    before, after = frame_of(old), frame_of(new)
    found = compare_records(before, after, columns_of(before), columns_of(after))
    rows = {key: dict(row) for key, row in old.items() if key not in found.removed.index}
    for cell in found.cells:
        assert rows[cell.key][cell.column] == cell.before or cell.before is None
        rows[cell.key][cell.column] = cell.after
    for key, row in found.added.iterrows():
        rows[str(key)] = {str(name): row[name] if row[name] == row[name] else None for name in row.index}
    assert rows == new
