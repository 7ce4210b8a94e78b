"""Numbers that a float would round: the column that holds one is of whole numbers, or of texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from larknb.model import ColumnMemory
from larknb.tabular.columns import FriendlyColumn, RawColumn
from larknb.tabular.results import MIXED, exact_text

__all__ = ["NumberColumn"]

INTEGER = "integer"


class NumberColumn(RawColumn):
    """float64 as long as each number is exactly one; with a larger one int64 if all are whole, else their texts."""

    reads_beside = True

    def __init__(self, learned: ColumnMemory) -> None:
        self._kind = learned.get("kind")
        self._has_fractions = False

    @property
    def friendly(self) -> list[FriendlyColumn]:
        """One column of numbers, or of their shortest exact texts."""
        if self._kind == MIXED:
            return [FriendlyColumn(pa.string(), _as_text)]
        arrow = pa.int64() if self._kind == INTEGER else pa.float64()
        return [FriendlyColumn(arrow, lambda cells: cells.cast(arrow))]

    @property
    def learned(self) -> ColumnMemory:
        """What the column became; nothing as long as it is one of floats."""
        return {"kind": self._kind} if self._kind else {}

    def completed(self, cells: pa.Array, beside: Mapping[int, Any]) -> pa.Array:
        """Return texts of all numbers where one of them does not fit a float."""
        exact = {row: str(cell) for row, cell in beside.items() if _is_number(cell)}
        if not exact:
            return cells
        return pa.array([exact.get(row, text) for row, text in enumerate(_as_text(cells).to_pylist())], pa.string())

    def learn(self, cells: pa.Array) -> None:
        """Widen as far as one of these numbers asks for it."""
        if self._kind == MIXED:
            return
        is_exact = pa.types.is_string(cells.type)
        self._has_fractions = self._has_fractions or not _are_whole(cells)
        if is_exact or self._kind:
            self._kind = MIXED if self._has_fractions else INTEGER


def _is_number(cell: Any) -> bool:
    """Say whether a cell that no float holds is a number, or the digits of one."""
    if isinstance(cell, str):
        digits = cell.removeprefix("-").replace(".", "", 1)
        return digits.isascii() and digits.isdigit()
    return isinstance(cell, (int, float)) and not isinstance(cell, bool)


def _are_whole(cells: pa.Array) -> bool:
    try:
        cells.cast(pa.int64())
    except pa.ArrowInvalid:
        return False
    return True


def _as_text(cells: pa.Array) -> pa.Array:
    if pa.types.is_string(cells.type):
        return cells
    return pa.array([None if value is None else exact_text(value) for value in cells.to_pylist()], pa.string())
