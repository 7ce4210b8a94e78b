"""Which rows of a worksheet are its header, and the names they give to the columns."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from larknb.tabular.grid import INDEX, Date, Record, as_text, is_filled, stripped

__all__ = [
    "column_letters",
    "column_names",
    "fill_merged",
    "header_rows",
    "headers_of",
]

HEAD = 20  # rows in which a header is looked for


def header_rows(grid: Sequence[Sequence[Any]], record: Record, wanted: Any) -> list[int]:
    """Return the places of the header rows, counted from 0.

    They are those that the option ``header`` names; else frozen rows, or the first row that looks like a header.
    """
    if wanted == "none":
        return []
    if isinstance(wanted, int):
        return [wanted - 1]
    if isinstance(wanted, (list, tuple)):
        return sorted({row - 1 for row in wanted})
    frozen = min(int(record["frozen_row_count"]), len(grid))
    if frozen and any(map(is_filled, grid[frozen - 1])):
        return _frozen_header(grid, record["merges"], frozen)
    counts = [sum(map(is_filled, row)) for row in grid]
    first = next((at for at, count in enumerate(counts[:HEAD]) if count > 1), None)
    if first is None:
        first = next((at for at, count in enumerate(counts) if count), None)
    return [] if first is None else [first]


def _frozen_header(grid: Sequence[Sequence[Any]], merges: Sequence[Record], frozen: int) -> list[int]:
    """Return the last frozen row, or all of them below the title where merged cells tie them together."""
    if not any(merge["row"] <= frozen for merge in merges):
        return [frozen - 1]
    first = 0
    while first < frozen - 1 and _is_title(grid, merges, first, frozen - 1):
        first += 1
    return list(range(first, frozen))


def _is_title(grid: Sequence[Sequence[Any]], merges: Sequence[Record], at: int, header: int) -> bool:
    """Say whether a row above the header is blank or one line over the whole width, and names no group of columns."""
    filled = [column for column, cell in enumerate(grid[at]) if is_filled(cell)]
    if len(filled) != 1:
        return not filled
    merge = next((merge for merge in merges if (merge["row"], merge["column"]) == (at + 1, filled[0] + 1)), None)
    if merge is None:
        return True
    named = [column for column, cell in enumerate(grid[header]) if is_filled(cell)]
    left = int(merge["column"]) - 1
    return int(merge["rows"]) == 1 and left <= named[0] and left + int(merge["columns"]) > named[-1]


def headers_of(grid: Sequence[Sequence[Any]], merges: Sequence[Record], rows: Sequence[int]) -> list[str]:
    """Return the header of each column as it stands in the sheet, the rows of one joined."""
    block = {at: list(grid[at]) for at in rows if at < len(grid)}
    fill_merged(block, grid, merges, "all")
    headers = []
    for column in range(len(grid[0]) if grid else 0):
        parts: list[str] = []
        for cells in block.values():
            text = _header_text(cells[column])
            if stripped(text) and parts[-1:] != [text]:  # a cell merged downwards names its column once
                parts.append(text)
        headers.append(parts[0] if len(parts) == 1 else " / ".join(map(stripped, parts)))
    return headers


def _header_text(cell: Any) -> str:
    # The serial 0 is a date by its format alone; nobody means the day 1899-12-30 by it.
    return "0" if isinstance(cell, Date) and cell == 0 else as_text(cell)


def fill_merged(
    rows: Mapping[int, list[Any]], grid: Sequence[Sequence[Any]], merges: Iterable[Record], how: str
) -> None:
    """Write the value of merged cells into all of their rows, and with ``"all"`` into all of their columns."""
    for merge in merges:
        top, left = merge["row"] - 1, merge["column"] - 1
        if top >= len(grid) or left >= len(grid[0]):
            continue
        right = min(left + (merge["columns"] if how == "all" else 1), len(grid[0]))
        for at in range(top, min(top + merge["rows"], len(grid))):
            if at in rows:
                rows[at][left:right] = [grid[top][left]] * (right - left)


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
