"""Two states of a table, told apart: rows that came and went, cells before and after, columns that changed."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from larknb import display
from larknb.results.diff import Cell, ColumnChange
from larknb.results.sources import Column
from larknb.tabular.results import exact_text

__all__ = ["TableDifference", "compare_records", "compare_sheets"]

LONGEST_WALK = 5_000  # rows whose order is compared; the walk's time grows with the square

Positions = npt.NDArray[np.intp]


@dataclass(frozen=True)
class TableDifference:
    """What became of a table.

    Parameters
    ----------
    columns : tuple of ColumnChange
        In the order of the columns.
    added, removed : DataFrame
        The whole rows, as `larknb.load` gave them then.
    cells : tuple of Cell
        Row by row, in the order of the columns.
    """

    columns: tuple[ColumnChange, ...]
    added: pd.DataFrame
    removed: pd.DataFrame
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class _Pairs:
    """Which rows of both states are the same ones, by position, and what they are called."""

    before: Positions
    after: Positions
    keys: Sequence[Any]


@dataclass(frozen=True)
class _Twin:
    """A column of both states: its name then and now, and whether its type is another one."""

    before: str
    after: str
    retyped: bool = False


def compare_records(
    before: pd.DataFrame, after: pd.DataFrame, columns_before: Sequence[Column], columns_after: Sequence[Column]
) -> TableDifference:
    """Compare two states of a table of records: rows by their record id, columns by their field_id.

    The columns of the system (when a row was edited, and by whom) are not compared.
    """
    old, new = _by_field(columns_before), _by_field(columns_after)
    changes, twins = _columns_compared(old, new)
    at = before.index.get_indexer(after.index)
    kept = np.flatnonzero(at >= 0)
    pairs = _Pairs(at[kept], kept, after.index[kept].tolist())
    return _difference(before, after, changes, twins, pairs)


def compare_sheets(
    before: pd.DataFrame, after: pd.DataFrame, columns_before: Sequence[Column], columns_after: Sequence[Column]
) -> TableDifference:
    """Compare two states of a worksheet: columns by header, rows by the first column that is a key, or by content.

    A key is filled and different in every row of both states. Where there is none, rows of equal content are the same
    ones, and what stands between them in the same place and number is taken for changed; ``key`` is the row number.
    """
    changes, twins = _headers_compared(before, after, columns_before, columns_after)
    key = next((twin for twin in twins if _is_key(before[twin.before]) and _is_key(after[twin.after])), None)
    if key is not None:
        at = pd.Index(before[key.before]).get_indexer(pd.Index(after[key.after]))
        kept = np.flatnonzero(at >= 0)
        pairs = _Pairs(at[kept], kept, after[key.after].iloc[kept].tolist())
    else:
        pairs = _by_content(before, after, twins)
    return _difference(before, after, changes, twins, pairs)


# --- columns ----------------------------------------------------------------------------------------------------------


def _by_field(columns: Sequence[Column]) -> dict[tuple[str, int], Column]:
    """Return the columns by field_id, and which of the field's columns they are."""
    seen: Counter[str] = Counter()
    found: dict[tuple[str, int], Column] = {}
    for column in columns:
        if column.field_id:
            found[column.field_id, seen[column.field_id]] = column
            seen[column.field_id] += 1
    return found


def _columns_compared(
    old: dict[tuple[str, int], Column], new: dict[tuple[str, int], Column]
) -> tuple[list[ColumnChange], list[_Twin]]:
    changes = [ColumnChange("removed", old[key].name) for key in old if key not in new]
    twins = []
    for key, column in new.items():
        if key not in old:
            changes.append(ColumnChange("added", column.name))
            continue
        retyped = (old[key].type, old[key].dtype) != (column.type, column.dtype)
        twins.append(_Twin(old[key].name, column.name, retyped))
        if old[key].name != column.name:
            changes.append(ColumnChange("renamed", column.name, old[key].name, column.name))
        if retyped:
            changes.append(ColumnChange("retyped", column.name, _type_of(old[key], column), _type_of(column, old[key])))
    return changes, twins


def _type_of(column: Column, other: Column) -> str:
    return column.type if column.type != other.type else column.dtype


def _headers_compared(
    before: pd.DataFrame, after: pd.DataFrame, columns_before: Sequence[Column], columns_after: Sequence[Column]
) -> tuple[list[ColumnChange], list[_Twin]]:
    """Pair the columns of a worksheet: by name, and then those of one letter that say mostly the same."""
    names = {column.name for column in columns_before} & {column.name for column in columns_after}
    lost = {column.field_id: column for column in columns_before if column.name not in names}
    keys: dict[str, str] = {name: name for name in names}
    for column in columns_after:
        twin = lost.get(column.field_id)
        if column.name not in names and twin and _are_alike(before[twin.name], after[column.name]):
            keys[column.name] = twin.name
    old = {(column.name, 0): _without_gaps(column) for column in columns_before}
    new = {(keys.get(column.name, f"\0{column.name}"), 0): _without_gaps(column) for column in columns_after}
    return _columns_compared(old, new)


def _without_gaps(column: Column) -> Column:
    """Return a column whose dtype says nothing: integers with a gap are of another dtype, and of no other type."""
    return replace(column, dtype="")


def _are_alike(before: pd.Series[Any], after: pd.Series[Any]) -> bool:
    """Say whether at least half of a column's texts were in another one."""
    old, new = Counter(map(_as_text, before)), Counter(map(_as_text, after))
    return 2 * sum((old & new).values()) >= max(len(before), len(after), 1)


# --- rows -------------------------------------------------------------------------------------------------------------


def _is_key(column: pd.Series[Any]) -> bool:
    return bool(column.notna().all() and column.is_unique)


def _by_content(before: pd.DataFrame, after: pd.DataFrame, twins: Sequence[_Twin]) -> _Pairs:
    """Pair rows that say the same, and, between those, rows of the same place."""
    old = _contents(before, [twin.before for twin in twins])
    new = _contents(after, [twin.after for twin in twins])
    pairs = _walked(old, new) if max(len(old), len(new)) <= LONGEST_WALK else _counted(old, new)
    left, right = (np.array([pair[side] for pair in pairs], dtype=np.intp) for side in (0, 1))
    return _Pairs(left, right, after.index[right].tolist())


def _contents(frame: pd.DataFrame, names: Sequence[str]) -> list[tuple[str, ...]]:
    return list(zip(*(map(_as_text, frame[name]) for name in names), strict=True)) if names else [()] * len(frame)


def _walked(old: Sequence[tuple[str, ...]], new: Sequence[tuple[str, ...]]) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    for what, i, j, m, n in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal" or (what == "replace" and j - i == n - m):
            pairs += zip(range(i, j), range(m, n), strict=True)
    return pairs


def _counted(old: Sequence[tuple[str, ...]], new: Sequence[tuple[str, ...]]) -> list[tuple[int, int]]:
    """Pair equal rows whatever their order: that is what time allows for very many."""
    places: dict[tuple[str, ...], list[int]] = {}
    for at in reversed(range(len(old))):
        places.setdefault(old[at], []).append(at)
    return [(places[row].pop(), at) for at, row in enumerate(new) if places.get(row)]


# --- cells ------------------------------------------------------------------------------------------------------------


def _difference(
    before: pd.DataFrame, after: pd.DataFrame, changes: Sequence[ColumnChange], twins: Sequence[_Twin], pairs: _Pairs
) -> TableDifference:
    found: list[tuple[int, int, Cell]] = []
    for order, twin in enumerate(twins):
        old, new = before[twin.before].iloc[pairs.before], after[twin.after].iloc[pairs.after]
        changed = np.flatnonzero(_differ(old, new, as_text=twin.retyped))
        found += [
            (at, order, Cell(pairs.keys[at], twin.after, _value(a), _value(b)))
            for at, a, b in zip(changed.tolist(), old.iloc[changed], new.iloc[changed], strict=True)
        ]
    added, removed = np.ones(len(after), dtype=bool), np.ones(len(before), dtype=bool)
    added[pairs.after], removed[pairs.before] = False, False
    cells = tuple(cell for _, _, cell in sorted(found, key=lambda each: each[:2]))
    return TableDifference(tuple(changes), after[added], before[removed], cells)


def _differ(old: pd.Series[Any], new: pd.Series[Any], *, as_text: bool) -> npt.NDArray[np.bool_]:
    """Say in which rows two columns differ; what is missing in both is equal. Of another type, texts are compared."""
    if as_text:
        return np.array([_as_text(a) != _as_text(b) for a, b in zip(old, new, strict=True)], dtype=bool)
    empty, gone = new.isna().to_numpy(), old.isna().to_numpy()
    differs, both = np.asarray(empty != gone, dtype=bool), ~(empty | gone)
    if old.dtype == new.dtype and old.dtype != object and not isinstance(old.dtype, pd.CategoricalDtype):
        unequal = old.reset_index(drop=True).ne(new.reset_index(drop=True)).fillna(False)
        return differs | (np.asarray(unequal, dtype=bool) & both)
    left, right = old.astype(object).to_numpy()[both], new.astype(object).to_numpy()[both]
    differs[both] = [a is not b and a != b for a, b in zip(left, right, strict=True)]
    return differs


def _as_text(value: Any) -> str:
    if isinstance(value, tuple):
        return "; ".join(map(_as_text, value))
    if value is None or pd.isna(value):
        return ""
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, pd.Timedelta):
        return display.length(value)
    return exact_text(value) if isinstance(value, (str, int, float)) else str(value).removesuffix(" 00:00:00")


def _value(value: Any) -> Any:
    """Return a cell as it can stand in a frame of changes: None where it is missing."""
    if isinstance(value, tuple):
        return value
    return None if pd.isna(value) else value
