"""Which rows of a worksheet are its header, and the names they give to the columns."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from larknb.tabular.grid import INDEX, Date, Record, as_text, is_filled, kind_of, rows_of, stripped

__all__ = [
    "Merges",
    "column_letters",
    "column_names",
    "head_of",
    "header_rows",
    "headers_of",
]

HEAD = 20  # rows in which a header is looked for
MOST_FROZEN = 1_000  # rows; a screen shows some fifty
VALUES = frozenset({"bool", "int", "float", "date"})  # kinds of cells that name nothing by themselves
DEEPEST = 5  # rows of a header; what is merged over more of them stands beside data

Head = Mapping[int, Sequence[Any]]  # the first rows of a grid, by their places counted from 0


def head_of(record: Record, wanted: Any) -> Head:
    """Return the rows that decide what the header is: the first ones of the sheet, and the first with anything in it.

    ``wanted`` is the option ``header``.
    """
    named = wanted if isinstance(wanted, (list, tuple)) else [wanted] if isinstance(wanted, int) else []
    most = max(HEAD, _frozen_rows(record), *named)
    head: dict[int, list[Any]] = {}
    for at, row in rows_of(record):
        if at >= most and any(any(map(is_filled, known)) for known in head.values()):
            break
        head[at] = row
    return head


def header_rows(head: Head, record: Record, wanted: Any) -> list[int]:
    """Return the places of the header rows, counted from 0.

    They are those that the option ``header`` names; else frozen rows, or the first row that looks like a header.
    """
    if wanted == "none":
        return []
    if isinstance(wanted, int):
        return [wanted - 1]
    if isinstance(wanted, (list, tuple)):
        return sorted({row - 1 for row in wanted})
    counts = {at: count for at, row in head.items() if (count := sum(map(is_filled, row)))}
    frozen = min(_frozen_rows(record), max(counts, default=-1) + 1)
    if frozen and frozen - 1 in counts:
        return _frozen_header(head, record["merges"], frozen)
    first = next((at for at, count in counts.items() if count > 1 and at < HEAD), None)
    if first is None:
        return [next(iter(counts))] if counts else []
    return _merged_header(head, record["merges"], first)


def _frozen_rows(record: Record) -> int:
    frozen = int(record["frozen_row_count"])
    return frozen if 0 <= frozen <= MOST_FROZEN else 0


def _frozen_header(head: Head, merges: Sequence[Record], frozen: int) -> list[int]:
    """Return the last frozen row, or all of them below the title where merged cells tie them together."""
    merged = {(merge["row"] - 1, merge["column"] - 1): merge for merge in reversed(merges) if merge["row"] <= frozen}
    if not merged:
        return [frozen - 1]
    named = [column for column, cell in enumerate(head[frozen - 1]) if is_filled(cell)]
    first = 0
    while first < frozen - 1 and _is_title(head.get(first, ()), first, merged, named):
        first += 1
    return list(range(first, frozen))


def _merged_header(head: Head, merges: Sequence[Record], first: int) -> list[int]:
    """Return the first row that looks like a header with those around it that merged cells tie to it.

    A name merged downwards says how deep the header is. A group, which is merged across several columns, has the names
    of them in the row below. A group alone in its row is no header row by itself: it belongs to the one below.
    """
    at = _within(head, merges)
    top = first
    while top and _is_group(head.get(top - 1, ()), top - 1, at, head[first]):
        top -= 1
    ends = [_end(merge) for (row, column), merge in at.items() if row == first and _is_name(head, row, column, merge)]
    bottom = max(ends, default=first)
    if _has_values(head, at, first, bottom):
        return list(range(top, first + 1))
    while not ends and bottom - first < DEEPEST and _names_groups(head, at, bottom):
        bottom += 1
    return list(range(top, bottom + 1))


def _within(head: Head, merges: Sequence[Record]) -> dict[tuple[int, int], Record]:
    """Return the merged areas that begin in the first rows, by their first cell, as far as these rows reach."""
    width = max(map(len, head.values()), default=0)
    return {
        (merge["row"] - 1, merge["column"] - 1): {
            **merge, "columns": min(int(merge["columns"]), width - int(merge["column"]) + 1)
        }
        for merge in merges
        if merge["row"] - 1 in head and merge["column"] <= width
    }  # fmt: skip


def _end(merge: Record) -> int:
    """Return the last row of a merged area, counted from 0."""
    return int(merge["row"] + merge["rows"]) - 2


def _has_values(head: Head, merges: Mapping[tuple[int, int], Record], first: int, bottom: int) -> bool:
    """Say whether a number or a date stands below the first row, and under no group: then the row is one of data."""
    grouped = {
        place
        for (row, column), merge in merges.items()
        if first <= row < bottom and merge["columns"] > 1
        for place in range(column, column + int(merge["columns"]))
    }
    below = (head.get(row, ()) for row in range(first + 1, bottom + 1))
    return any(kind_of(cell) in VALUES and column not in grouped for row in below for column, cell in enumerate(row))


def _is_name(head: Head, row: int, column: int, merge: Record) -> bool:
    """Say whether a merged cell is a name of the header that reaches over several of its rows."""
    cells = head.get(row, ())
    is_named = column < len(cells) and is_filled(cells[column])
    return is_named and 1 < merge["rows"] <= DEEPEST and merge["columns"] == 1


def _is_group(row: Sequence[Any], at: int, merges: Mapping[tuple[int, int], Record], names: Sequence[Any]) -> bool:
    """Say whether a row holds one name of a group and nothing else; a title begins where the names begin."""
    filled = [column for column, cell in enumerate(row) if is_filled(cell)]
    named = [column for column, cell in enumerate(names) if is_filled(cell)]
    if len(filled) != 1 or filled[0] <= named[0]:
        return False
    merge = merges.get((at, filled[0]))
    return merge is not None and merge["rows"] == 1 and merge["columns"] > 1


def _names_groups(head: Head, merges: Mapping[tuple[int, int], Record], at: int) -> bool:
    """Say whether the row below groups holds the names of their columns: texts alone, and none under another name."""
    groups, below = head.get(at, ()), head.get(at + 1, ())
    named = {column for column, cell in enumerate(below) if is_filled(cell)}
    for (row, column), merge in merges.items():  # a name may be that of a group in its turn
        if row == at + 1 and column in named:
            named.update(range(column, column + int(merge["columns"])))
    covered: set[int] = set()
    for (row, column), merge in merges.items():
        if row == at and merge["columns"] > 1 and column < len(groups) and is_filled(groups[column]):
            columns = range(column, column + int(merge["columns"]))
            covered.update(columns)
            if len(named.intersection(columns)) < 2:
                return False  # what has no names of its own is no group
    if not covered:
        return False
    alone = {column for column, cell in enumerate(groups) if is_filled(cell)} - covered
    texts = [kind_of(cell) == "text" for cell in below if is_filled(cell)]
    return all(texts) and not alone & named


def _is_title(row: Sequence[Any], at: int, merged: Mapping[tuple[int, int], Record], named: Sequence[int]) -> bool:
    """Say whether a row above the header is blank, or one line over all ``named`` columns: no name of a group."""
    filled = [column for column, cell in enumerate(row) if is_filled(cell)]
    if len(filled) != 1:
        return not filled
    merge = merged.get((at, filled[0]))
    if merge is None:
        return True
    left = filled[0]
    return int(merge["rows"]) == 1 and left <= named[0] and left + int(merge["columns"]) > named[-1]


def headers_of(head: Head, merges: Sequence[Record], rows: Sequence[int], width: int) -> list[str]:
    """Return the header of each column as it stands in the sheet, the rows of one joined."""
    covers = Merges(merges, width, "all")
    block = [covers.filled(at, [*row]) for at, row in head.items() if at <= max(rows, default=-1)]
    block = [cells for at, cells in zip(head, block, strict=False) if at in set(rows)]
    headers = []
    for column in range(width):
        parts: list[str] = []
        for cells in block:
            text = _header_text(cells[column]) if column < len(cells) else ""
            if stripped(text) and parts[-1:] != [text]:  # a cell merged downwards names its column once
                parts.append(text)
        headers.append(parts[0] if len(parts) == 1 else " / ".join(map(stripped, parts)))
    return headers


def _header_text(cell: Any) -> str:
    # The serial 0 is a date by its format alone; nobody means the day 1899-12-30 by it.
    return "0" if isinstance(cell, Date) and cell == 0 else as_text(cell)


@dataclass
class _Cover:
    """A merged area that reaches over the present row: where it ends, its columns, and the value of its first cell."""

    end: int
    left: int
    right: int
    value: Any = None


class Merges:
    """Writes the value of merged cells into all of their rows, and with ``"all"`` into all of their columns.

    The rows are given one by one, from the top down. Merged areas never overlap: of two that do, the first counts.

    Parameters
    ----------
    merges : sequence of mapping
        Of the record.
    width : int
        Columns of the grid; no area reaches further.
    how : str
        ``"down"``, ``"all"``, or ``"off"``.
    after : int
        Areas that begin at or above this row, counted from 1, are left out.
    """

    def __init__(self, merges: Sequence[Record], width: int, how: str, after: int = 0) -> None:
        self._width, self._across = width, how == "all"
        known = [merge for merge in merges if merge["row"] > after and merge["column"] <= width] if how != "off" else []
        self._waiting = sorted(known, key=lambda merge: int(merge["row"]), reverse=True)
        self._open: list[_Cover] = []
        self._covered = bytearray(width)

    def filled(self, at: int, row: list[Any]) -> list[Any]:
        """Return a row with the values of the areas that reach over it; ``at`` is its place counted from 0."""
        self._close(at)
        while self._waiting and self._waiting[-1]["row"] <= at + 1:
            self._begin(self._waiting.pop(), at, row)
        if self._open:
            row = [*row, *[None] * (self._width - len(row))]
            for cover in self._open:
                right = cover.right if self._across else cover.left + 1
                row[cover.left : right] = [cover.value] * (right - cover.left)
        return row

    def _close(self, at: int) -> None:
        for cover in [cover for cover in self._open if cover.end <= at]:
            self._open.remove(cover)
            self._covered[cover.left : cover.right] = bytes(cover.right - cover.left)

    def _begin(self, merge: Record, at: int, row: Sequence[Any]) -> None:
        top, left = int(merge["row"]) - 1, int(merge["column"]) - 1
        right, end = min(left + int(merge["columns"]), self._width), top + int(merge["rows"])
        if end <= at or any(self._covered[left:right]):
            return
        self._covered[left:right] = b"\x01" * (right - left)
        self._open.append(_Cover(end, left, right, row[left] if top == at and left < len(row) else None))


def column_names(headers: Sequence[str]) -> list[str]:
    """Return column names: clean, never empty, each once."""
    wanted = [
        unicodedata.normalize("NFC", stripped(text)) or f"col_{column_letters(at)}" for at, text in enumerate(headers)
    ]
    own = {*wanted, INDEX}  # a number never makes a name that another column has by itself
    seen = Counter([INDEX])
    names = []
    for name in wanted:
        seen[name] += 1
        free = name
        while seen[name] > 1 and (free := f"{name}_{seen[name]}") in own:
            seen[name] += 1
        own.add(free)
        names.append(free)
    return names


def column_letters(at: int) -> str:
    """Return the letters of a column: 0 is A, 26 is AA."""
    return (column_letters(at // 26 - 1) if at >= 26 else "") + chr(ord("A") + at % 26)
