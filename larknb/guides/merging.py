"""Merged cells of a table: which cells one covers, and what stands under it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any

from larknb.guides.forms import Cell, lines
from larknb.guides.payloads import read_mapping, read_number

__all__ = ["merge"]


def merge(grid: list[list[Cell]], merges: Sequence[Any]) -> list[str]:
    """Give merged cells their spans, and the cells that they cover their anchor; return the texts under them.

    Parameters
    ----------
    merges : sequence
        How far each cell reaches, row by row, as the platform tells it.
    """
    width, hidden = len(grid[0]) if grid else 0, []
    for index, each in enumerate(merges[: len(grid) * width]):
        row, column = divmod(index, width)
        down = min(max(1, read_number(read_mapping(each).get("row_span"), 1)), len(grid) - row)
        across = min(max(1, read_number(read_mapping(each).get("col_span"), 1)), width - column)
        area = [range(row, row + down), range(column, column + across)]
        if not grid[row][column].is_single or any(not grid[r][c].is_single for r, c in product(*area)):
            continue  # areas never overlap; of two that do, the first counts
        covered = [*product(*area)][1:]
        if covered:
            grid[row][column] = replace(grid[row][column], row_span=down, col_span=across)
        for r, c in covered:
            hidden.append(" ".join(lines(grid[r][c].children)))
            grid[r][c] = replace(grid[r][c], anchor=(row, column))
    return [text for text in hidden if text]
