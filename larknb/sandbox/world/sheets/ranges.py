"""Ranges of a worksheet as value reads write them: ``<sheetId>!A1:B5``, ``!A:B``, ``!A2:B``, or the bare id."""

from __future__ import annotations

import re
from dataclasses import dataclass

OPEN_COLUMNS = 100  # a range without a last row reaches over so many columns, and silently no further
_AREA = re.compile(r"([A-Z]{1,4})([1-9]\d{0,8})?:([A-Z]{1,4})([1-9]\d{0,8})?")


@dataclass(frozen=True)
class Area:
    """A rectangle of cells; rows and columns count from 1, the last ones belong to it."""

    row: int
    column: int
    last_row: int
    last_column: int

    def __str__(self) -> str:
        return f"{letters(self.column)}{self.row}:{letters(self.last_column)}{self.last_row}"

    def within(self, rows: int, columns: int) -> Area | None:
        """Part of it that lies in a grid of this size, ``None`` if none does."""
        last_row, last_column = min(self.last_row, rows), min(self.last_column, columns)
        inside = self.row <= last_row and self.column <= last_column
        return Area(self.row, self.column, last_row, last_column) if inside else None


def letters(column: int) -> str:
    """Name of a column: 1 is A, 27 is AA."""
    name = ""
    while column:
        column, place = divmod(column - 1, 26)
        name = chr(ord("A") + place) + name
    return name


def column_of(name: str) -> int:
    """Number of a column."""
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def area_of(text: str | None, rows: int, columns: int) -> Area | None:
    """Area that the part behind the ``!`` means in a grid of this size, ``None`` if it is no range.

    It may reach beyond the grid where the text does. Without the part it is the whole grid.
    """
    if text is None:
        return Area(1, 1, rows, columns)
    found = _AREA.fullmatch(text)
    if not found:
        return None
    first, row, last, last_row = found.groups()
    if last_row and not row:
        return None
    area = Area(int(row or 1), column_of(first), int(last_row or rows), column_of(last))
    if not last_row:  # also when it starts below the grid
        area = Area(area.row, area.column, max(area.row, rows), min(area.last_column, area.column + OPEN_COLUMNS - 1))
    return area if area.row <= area.last_row and area.column <= area.last_column else None


def cells_of(text: str) -> int:
    """Number of cells of a range with its worksheet, as an answer echoes it."""
    area = area_of(text.partition("!")[2], 0, 0)
    return (area.last_row - area.row + 1) * (area.last_column - area.column + 1) if area else 0
