"""Tables as a terminal shows them: as wide as it is, with colours where it has them. rich is imported here, and late.

A table that is too wide folds its cells; where even that leaves too little room, each row becomes a short list. What
others wrote is made visible before rich sees it, and is never taken for its markup.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TextIO

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from larknb.cli.pages import columns
from larknb.console import tell
from larknb.display import fold, is_number, plain, width
from larknb.messages import CATALOGUE, say
from larknb.results.base import Result
from larknb.visible import visible_lines

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["console_of", "draw", "draw_frame"]

NO_COLOR = "NO_COLOR"  # the variable by which people ask all programs for plain text
GAP = 2  # cells between two columns
NARROWEST = 10  # cells: a column that folds needs as many to be read
PASSAGE = 60  # cells: a longer text is read as one, and folds into fewer lines
LONGEST = 20  # cells of a cell of a frame, before it folds
LINES = 2  # of a cell of a frame; the rest is cut
ROWS = 20  # of a frame: the first and the last ten

STYLES = {
    "state.fresh": "green", "state.stale": "yellow", "state.failed": "red", "action.fetched": "green",
    "action.failed": "red", "action.not tried": "yellow", "doctor.level.fault": "red", "doctor.level.note": "yellow",
    "doctor.level.ok": "green", "runs.status.ok": "green", "runs.status.failed": "red", "diff.added": "green",
    "diff.removed": "red", "diff.changed": "yellow",
}  # fmt: skip


def draw(result: object) -> None:
    """Print a result: what stands above its table, the table, what stands below it; all else as it shows itself."""
    console = console_of()
    if not isinstance(result, Result) or type(result).__repr__ is not Result.__repr__:
        for line in visible_lines(str(result)).split("\n"):
            _draw_line(line, console.width)
        return
    header, rows = result.shown()
    if headline := result.headline():
        console.print(Text(visible_lines(headline), style="bold"))
    if rows:
        styles: Mapping[str, str] = {say(key): style for key, style in STYLES.items() if key in CATALOGUE}
        _draw_table(console, header, [[*row] for row in rows], styles)
    if footer := result.footer():
        console.print(Text(visible_lines(footer), style="dim"))


def _draw_line(line: str, room: int) -> None:
    """Print a line; where it must be folded, its rest is set in."""
    indent = len(line) - len(line.lstrip())
    first, *others = fold(line.lstrip(), room - indent - GAP)
    tell(" " * indent + first)
    for each in others:
        tell(" " * (indent + GAP) + each)


def console_of(stream: TextIO | None = None) -> Console:
    """Return what draws on a stream, by default stdout; without any style where NO_COLOR is set."""
    colours: Literal["auto"] | None = None if os.environ.get(NO_COLOR) else "auto"
    return Console(
        file=stream, width=columns(), color_system=colours, highlight=False, markup=False, emoji=False
    )  # fmt: skip


def _draw_table(
    console: Console, header: Sequence[str], rows: Sequence[Sequence[Any]], styles: Mapping[str, str]
) -> None:
    shown = [at for at in range(len(header)) if any(row[at] not in ("", None) for row in rows)]
    texts = [[plain(row[at]) for row in rows] for at in shown]
    names = [plain(header[at]) for at in shown]
    widths = [max(map(width, [name, *column])) for name, column in zip(names, texts, strict=True)]
    least = [_least(column, name, cells) for name, column, cells in zip(names, texts, widths, strict=True)]
    if sum(least) + GAP * len(shown) > console.width:
        _draw_lists(console, names, [*zip(*texts, strict=True)], styles)
        return
    table = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False, header_style="bold")
    for at, name, cells in zip(shown, names, least, strict=True):
        right = all(is_number(row[at]) or row[at] in ("", None) for row in rows)
        table.add_column(Text(name), justify="right" if right else "left", overflow="fold", min_width=cells)
    for row in zip(*texts, strict=True):
        table.add_row(*(Text(value, style=styles.get(value, "")) for value in row))
    console.print(table)


def _least(column: Sequence[str], name: str, cells: int) -> int:
    """Return how many cells a column needs: all where they are few, and as many as its longest address."""
    addresses = [width(word) for text in column for word in text.split() if "://" in word]
    return max([min(cells, NARROWEST if cells <= PASSAGE else PASSAGE // 2), min(cells, width(name)), *addresses])


def _draw_lists(
    console: Console, names: Sequence[str], rows: Sequence[Sequence[str]], styles: Mapping[str, str]
) -> None:
    """Print each row as a short list: the first value, and in the lines below it what else it holds."""
    for first, *others in rows:
        console.print(Text(first, style="bold"))
        there = [(name, value) for name, value in zip(names[1:], others, strict=True) if value]
        parts = [Text.assemble((f"{name} ", "dim"), (value, styles.get(value, ""))) for name, value in there]
        for line in _beside_each_other(parts, console.width - 2):
            if "://" in line.plain and line.plain.count(" ") == 1:  # only the terminal may fold an address
                console.print(Text.assemble("  ", line), soft_wrap=True)
            else:
                console.print(Padding(line, (0, 0, 0, 2), expand=False), overflow="fold")


def _beside_each_other(parts: Sequence[Text], room: int) -> list[Text]:
    """Return parts as lines; one that is longer than a line has lines of its own."""
    lines: list[Text] = []
    for part in parts:
        if lines and lines[-1].cell_len + 3 + part.cell_len <= room:
            lines[-1] = Text.assemble(lines[-1], (" · ", "dim"), part)
        else:
            lines.append(part)
    return lines


# --- frames ---------------------------------------------------------------------------------------------------------


def draw_frame(frame: pd.DataFrame, *, whole: bool) -> None:
    """Print the first and the last rows of a frame: its first column and those of the business before all others.

    Parameters
    ----------
    whole : bool
        All columns and the index, in as many blocks as the width needs; else as many columns as fit, and the names
        of the others.
    """
    console = console_of()
    picked = _rows(frame)
    texts: Mapping[int, list[str]] = {position: _cells(frame.iloc[:, position], picked) for position in _order(frame)}
    index = [plain(frame.index[at]) if at is not None else "…" for at in picked]
    left = [*texts]
    while left:
        room = console.width - (max(map(width, index), default=0) + GAP if whole else 0)
        block = _that_fit(frame, texts, left, room)
        left = [position for position in left if position not in block]
        _draw_block(console, frame, index if whole else [], {position: texts[position] for position in block})
        if not whole:
            break
        console.print()
    if left:
        names = ", ".join(plain(frame.columns[position]) for position in left)
        console.print(Text(say("cli.more_columns", count=len(left), names=names), style="dim"))


def _order(frame: pd.DataFrame) -> list[int]:
    """Return the positions of the columns: those that larknb or the platform adds come last."""
    return sorted(range(frame.shape[1]), key=lambda position: str(frame.columns[position]).startswith("_"))


def _rows(frame: pd.DataFrame) -> list[int | None]:
    """Return which rows are shown; None stands for those between."""
    if len(frame) <= ROWS:
        return [*range(len(frame))]
    return [*range(ROWS // 2), None, *range(len(frame) - ROWS // 2, len(frame))]


def _cells(column: pd.Series[Any], rows: Sequence[int | None]) -> list[str]:
    shown = column.iloc[[row for row in rows if row is not None]]
    texts = iter([_cut(value) for value in _as_text(shown)])
    return ["…" if row is None else next(texts) for row in rows]


def _as_text(column: pd.Series[Any]) -> list[str]:
    """Return cells as people read them: lists joined, times without the zeros that none of them needs, gaps empty."""
    if column.dtype.kind == "M":
        return ["" if text == "NaT" else text for text in column.astype(str)]
    return [_joined(value) for value in column.tolist()]


def _joined(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        return "; ".join(map(plain, value))
    if value is None or value != value:  # a gap differs from itself
        return ""
    return f"{value:,.10g}".replace(",", "") if isinstance(value, float) else plain(value)


def _cut(text: str) -> str:
    text, most = plain(text), LONGEST * LINES
    return text if width(text) <= most else text[: most // 2 if width(text) > len(text) else most] + "…"


def _that_fit(frame: pd.DataFrame, texts: Mapping[int, list[str]], left: Sequence[int], room: int) -> list[int]:
    """Return the first columns that fit beside each other; at least one."""
    block: list[int] = []
    for position in left:
        widest = max(width(each) for each in [plain(frame.columns[position]), *texts[position]])
        room -= min(widest, LONGEST) + (GAP if block else 0)
        if block and room < 0:
            break
        block.append(position)
    return block


def _draw_block(console: Console, frame: pd.DataFrame, index: Sequence[str], block: Mapping[int, list[str]]) -> None:
    table = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False, header_style="bold")
    if index:
        table.add_column(Text(plain(frame.index.name or "")), style="dim", no_wrap=True)
    for position in block:
        right = frame.iloc[:, position].dtype.kind in "iuf"
        name = Text(plain(frame.columns[position]))
        table.add_column(name, justify="right" if right else "left", overflow="fold", max_width=LONGEST)
    for at, cells in enumerate(zip(*block.values(), strict=True)):
        table.add_row(*([Text(index[at])] if index else []), *(Text("\n".join(fold(cell, LONGEST))) for cell in cells))
    console.print(table)
