"""Merged cells of a table."""

from __future__ import annotations

from typing import Any

import pytest

from larknb.guides.forms import Cell, Paragraph, Span
from larknb.guides.merging import merge


def grid(rows: int, columns: int) -> list[list[Cell]]:
    return [[Cell([Paragraph([Span(f"{r}{c}")])]) for c in range(columns)] for r in range(rows)]


def span(down: Any, across: Any) -> dict[str, Any]:
    return {"row_span": down, "col_span": across}


@pytest.mark.parametrize(
    ("merges", "hidden"),
    [
        ([span(2, 1)], ["10"]),
        ([span(1, 2)], ["01"]),
        ([span(2, 2)], ["01", "10", "11"]),
        ([span(10**9, -1)], ["10"]),
        ([span(1, 2), span(2, 1)], ["01"]),
        ([None, "wide", span("2", None)], []),
        ([], []),
    ],
)
def test_a_merged_cell_covers_others(merges: list[Any], hidden: list[str]) -> None:
    """What stands under it is told; of two areas that overlap the first counts; sizes are foreign."""
    cells = grid(2, 2)
    assert merge(cells, merges) == hidden
    assert sum(cell.anchor is not None for row in cells for cell in row) == len(hidden)
