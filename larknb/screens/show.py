"""`larknb.show`: the head of a frame as a pretty, static table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from larknb import display
from larknb.messages import say

__all__ = ["FrameView"]

LONGEST = 80  # letters of a cell; the whole text stands in its tooltip
LONGEST_TOOLTIP = 1_000
HUES = 12  # colours that can still be told apart
_PILL = "display:inline-block;padding:0 8px;margin:0 4px 0 0;border-radius:9px;background:hsla({hue},65%,50%,.22)"
_BADGE = f"display:inline-block;padding:0 8px;margin:0 6px 0 0;border-radius:9px;border:1px solid {display.LINE}"
_TABLE = "border-collapse:collapse;margin:6px 0"
_CELL = "padding:3px 14px 3px 0;vertical-align:top;text-align:{side};white-space:nowrap"
_HEAD = f"{_CELL};border-bottom:1px solid {display.LINE}"


class FrameView:
    """The first rows of a frame for people, as a notebook or a terminal shows them.

    Parameters
    ----------
    frame : DataFrame
        What `larknb.load` gave, or any other.
    rows : int
        How many of its rows are shown.
    colours : mapping, optional
        By column and option the number of its colour, as the platform has it.
    badges : sequence of str
        What there is to say of the frame: where it comes from, how old it is.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        rows: int = 50,
        *,
        colours: Mapping[str, Mapping[str, int]] | None = None,
        badges: Sequence[str] = (),
    ) -> None:
        names = [str(name) for name in frame.columns]
        self._names = [name for name in names if not name.startswith("_") and not _is_address(name, names)]
        self._head, self._length = frame.head(max(rows, 0)), len(frame)
        self._colours, self._badges = colours or {}, tuple(badges)
        self._columns = [self._head.iloc[:, names.index(name)] for name in self._names]
        self._links = {name: self._head[f"{name}.link"] for name in self._names if f"{name}.link" in names}

    def __repr__(self) -> str:
        texts = [[*map(_text_of(column), column)] for column in self._columns]
        rows = [[_cut(text) for text in row] for row in zip(*texts, strict=True)]
        return display.text(" · ".join(self._badges), self._names, rows, self._footer())

    def _repr_html_(self) -> str:
        cells = [self._cells(name, column) for name, column in zip(self._names, self._columns, strict=True)]
        sides = ["right" if _is_number(column) else "left" for column in self._columns]
        head = "".join(f'<th style="{_HEAD.format(side=side)}">{escape(name)}</th>'
                       for side, name in zip(sides, self._names, strict=True))  # fmt: skip
        styles = [_CELL.format(side=side) for side in sides]
        body = "".join(f"<tr>{_row(styles, row)}</tr>" for row in zip(*cells, strict=True))
        badges = "".join(f'<span style="{_BADGE}">{escape(badge)}</span>' for badge in self._badges)
        table = f'<table style="{_TABLE}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        return display.boxed("", f"<div>{badges}</div>{table}", self._footer())

    def _footer(self) -> str:
        if self._length > len(self._head):
            return say("show.head", shown=len(self._head), rows=self._length)
        return say("show.all", rows=self._length)

    def _cells(self, name: str, column: pd.Series[Any]) -> list[str]:
        text_of = _text_of(column)
        if name in self._links:
            return [_anchor(address, text_of(cell)) for cell, address in zip(column, self._links[name], strict=True)]
        colours = self._colours.get(name)
        if colours is not None or isinstance(column.dtype, pd.CategoricalDtype):
            return [_pills(cell, colours or {}) for cell in column]
        return [_html(text_of(cell)) for cell in column]


def _is_address(name: str, names: Sequence[str]) -> bool:
    """Say whether a column holds the addresses of the one beside it, whose texts lead there."""
    return name.endswith(".link") and name.removesuffix(".link") in names


def _row(styles: Sequence[str], cells: Sequence[str]) -> str:
    return "".join(f'<td style="{style}">{cell}</td>' for style, cell in zip(styles, cells, strict=True))


def _html(text: str) -> str:
    short = _cut(text)
    if short == text:
        return escape(text)
    return f'<span title="{escape(text[:LONGEST_TOOLTIP])}">{escape(short)}</span>'


def _anchor(address: Any, text: str) -> str:
    return display.anchor(address, _cut(text)) if isinstance(address, str) else _html(text)


def _pills(cell: Any, colours: Mapping[str, int]) -> str:
    """Return each option of a cell in its colour."""
    options = cell if isinstance(cell, tuple) else () if pd.isna(cell) else (cell,)
    return "".join(
        f'<span style="{_PILL.format(hue=_hue(colours.get(str(each))))}">{escape(str(each))}</span>' for each in options
    )


def _hue(colour: int | None) -> int:
    return 210 if colour is None else colour % HUES * (360 // HUES)


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


# --- what a cell says -------------------------------------------------------------------------------------------------


def _is_number(column: pd.Series[Any]) -> bool:
    return pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype)


def _text_of(column: pd.Series[Any]) -> Callable[[Any], str]:
    """Return what says a cell of a column: dates without the midnight that all of them have, numbers without noise."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        times = column.dropna()
        pattern = "%Y-%m-%d" if (times == times.dt.normalize()).all() else "%Y-%m-%d %H:%M"
        return lambda cell: "" if pd.isna(cell) else cell.strftime(pattern)
    if pd.api.types.is_float_dtype(column.dtype):
        return _number
    return _plain


def _number(cell: Any) -> str:
    return "" if pd.isna(cell) else f"{cell:,.6g}" if abs(cell) < 1e6 else f"{cell:,.0f}"


def _plain(cell: Any) -> str:
    if isinstance(cell, (tuple, list)):
        return "; ".join(map(_plain, cell))
    if isinstance(cell, (bool, np.bool_)):
        return "✓" if cell else ""
    if isinstance(cell, timedelta) and not pd.isna(cell):
        return display.length(cell)
    return "" if pd.isna(cell) else str(cell)
