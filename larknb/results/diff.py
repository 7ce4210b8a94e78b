"""What `larknb.diff` tells: what became of a table or a document between two of its states."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from html import escape
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from larknb import display
from larknb.messages import say
from larknb.results.base import Json, Result
from larknb.results.words import words

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BlockChange", "Cell", "ColumnChange", "Diff", "Part"]

SHOWN = 40  # lines: the first screen
LONGEST = 60  # letters of a value on the screen

Change = Literal["added", "removed", "changed"]


@dataclass(frozen=True)
class Cell:
    """One cell that changed: the row's key, the column by its present name, and both values."""

    key: Any
    column: str
    before: Any
    after: Any


@dataclass(frozen=True)
class ColumnChange:
    """A column that was added, removed, renamed (``before`` and ``after`` are names) or retyped (they are types)."""

    change: Literal["added", "removed", "renamed", "retyped"]
    column: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class BlockChange:
    """A block that was added, removed or changed: the headings that it stands under, and its text before and after."""

    change: Change
    block_id: str
    path: tuple[str, ...]
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Part:
    """What became of one table, or of the text of a document.

    Parameters
    ----------
    title : str
        What it is called.
    added, removed : DataFrame, optional
        The whole rows.
    cells, columns, blocks : tuple
        What changed in the rows that stayed; in the columns; in a document.
    names : mapping
        What people call the rows, by key.
    stamps : frozenset of str
        Columns that say when and by whom a row was edited: beside another change of the row people need not see them.
    """

    title: str
    added: pd.DataFrame | None = None
    removed: pd.DataFrame | None = None
    cells: tuple[Cell, ...] = ()
    columns: tuple[ColumnChange, ...] = ()
    blocks: tuple[BlockChange, ...] = ()
    names: Mapping[Any, str] = field(default_factory=dict, repr=False)
    stamps: frozenset[str] = frozenset()

    def keys(self, change: Literal["added", "removed"]) -> list[Any]:
        """Return the keys of the rows that came, or went."""
        frame = self.added if change == "added" else self.removed
        return [] if frame is None else frame.index.tolist()

    def lines(self) -> Iterator[tuple[Change, Any, str | None, Any, Any]]:
        """Yield what changed, as `Diff.to_frame` has it."""
        for key in self.keys("removed"):
            yield "removed", key, None, self.names.get(key), None
        for key in self.keys("added"):
            yield "added", key, None, None, self.names.get(key)
        for cell in self.cells:
            yield "changed", cell.key, cell.column, cell.before, cell.after
        for block in self.blocks:
            yield block.change, block.block_id, " › ".join(block.path), block.before or None, block.after or None

    def news(self) -> Iterator[tuple[Change, Any, str | None, Any, Any]]:
        """Yield what people see of `lines`: all but the stamps of rows in which something else changed, too."""
        edited = {cell.key for cell in self.cells if cell.column not in self.stamps}
        return (line for line in self.lines() if line[2] not in self.stamps or line[1] not in edited)

    def __bool__(self) -> bool:
        return bool(self.columns) or any(True for _ in self.lines())

    def count(self, change: Change) -> int:
        """Return how many rows, or blocks, were added, removed or changed."""
        blocks = sum(block.change == change for block in self.blocks)
        if change == "changed":
            return blocks + len({cell.key for cell in self.cells})
        return blocks + len(self.keys(change))


class Diff(Result):
    """What changed between two states, row by row and cell by cell, or block by block.

    ``parts`` has what became of each table; ``added`` and ``removed`` are the whole rows where there is one table
    alone. ``since`` and ``until`` are the times of the two states, epoch seconds.
    """

    wrapping = 2  # both values may wrap

    def __init__(
        self, parts: Sequence[Part], *, source: str, since: float | None = None, until: float | None = None
    ) -> None:
        self.parts = tuple(parts)
        self.source, self.since, self.until = source, since, until

    @property
    def added(self) -> pd.DataFrame | None:
        """The rows that came, where the comparison is of one table."""
        return self.parts[0].added if len(self.parts) == 1 else None

    @property
    def removed(self) -> pd.DataFrame | None:
        """The rows that went, where the comparison is of one table."""
        return self.parts[0].removed if len(self.parts) == 1 else None

    @property
    def column_changes(self) -> list[ColumnChange]:
        """The columns that were added, removed, renamed or retyped."""
        return [change for part in self.parts for change in part.columns]

    def __len__(self) -> int:
        return sum(1 for part in self.parts for _ in part.lines())

    def __bool__(self) -> bool:
        return any(self.parts)

    def columns(self) -> tuple[str, ...]:
        """Return the column names of `to_frame`; several tables are told apart by the first one."""
        names = ("change", "key", "column", "before", "after")
        return names if len(self.parts) == 1 else ("table", *names)

    def rows(self) -> list[tuple[Any, ...]]:
        """Return one row per added or removed row, and one per changed cell or block."""
        many = len(self.parts) != 1
        return [(part.title, *line) if many else line for part in self.parts for line in part.lines()]

    def to_frame(self) -> pd.DataFrame:
        """Return the changes as a DataFrame; ``before`` and ``after`` hold the values themselves."""
        import pandas as pd

        return pd.DataFrame(self.rows(), columns=list(self.columns()), dtype=object)

    def to_dict(self) -> Json:
        """Return everything as a plain dict, for ``--json``; what JSON has no word for is text."""
        rows = [dict(zip(self.columns(), map(_plain, row), strict=True)) for row in self.rows()]
        columns = [vars(change) for change in self.column_changes]
        return {"source": self.source, "since": self.since, "until": self.until, "columns": columns, "rows": rows}

    # --- as people see it -----------------------------------------------------------------------------------------

    def sentences(self, clean: Callable[[str], str] = str) -> Iterator[str]:
        """Yield what changed, a line of plain text each: for a message, which holds no table.

        Parameters
        ----------
        clean : callable
            Takes secrets out of a whole text, before it is cut.
        """
        for part in self.parts:
            notes = (_column_note(part, change, many=False) for change in part.columns)
            yield from (clean(f"~ {part.title}: {note}") for note in notes)
            for change, key, column, before, after in part.news():
                names = [part.title, *([column] if part.blocks else [part.names.get(key) or str(key), column])]
                place = clean(" · ".join(name for name in names if name))
                told = _told(change, clean(_line(before)), clean(_line(after))) if column is not None else ""
                yield f"{_SIGNS[change]} {place}{told}"

    def headline(self) -> str:
        """Return the line above: of what, since when, and how much."""
        if self.since is None and not self:
            return say("diff.alone", source=self.source)
        added, removed, changed = (sum(part.count(name) for part in self.parts) for name in _CHANGES)
        begin = say(
            "diff.title", source=self.source, since=display.moment(self.since), until=display.moment(self.until)
        )
        return begin + (say("diff.counts", added=added, removed=removed, changed=changed) if self else say("diff.none"))

    def footer(self) -> str:
        """Return what became of columns, and how many lines are not shown."""
        notes = [_column_note(part, change, many=len(self.parts) > 1) for part in self.parts for change in part.columns]
        if (more := sum(1 for part in self.parts for _ in part.news()) - SHOWN) > 0:
            notes.append(say("diff.more", count=more))
        return "\n".join(notes)

    def shown(self) -> tuple[Sequence[str], list[Sequence[Any]]]:
        """Return the first lines: what changed, which row, what it said and says."""
        lines = (self._line(part, line) for part in self.parts for line in part.news())
        header, rows = [say(f"diff.{name}") for name in _SCREEN], [*islice(lines, SHOWN)]
        if is_text := all(part.blocks for part in self.parts):  # a document has headings for rows and columns
            header[_SCREEN.index("column")] = say("diff.path")
        left_out = {"table": len(self.parts) == 1, "row": is_text}
        kept = [at for at, name in enumerate(_SCREEN) if not left_out.get(name)]
        return [header[at] for at in kept], [[row[at] for at in kept] for row in rows]

    def _line(self, part: Part, line: tuple[Change, Any, str | None, Any, Any]) -> Sequence[Any]:
        change, key, column, before, after = line
        old, new = _brief(before), _brief(after)
        if change == "changed":
            is_text = all(isinstance(value, (str, tuple, list)) for value in (before, after))
            pieces = [*words(old, new)] if is_text else (("-", old), ("+", new))
            old, new = (_Marked.of(text, sign, pieces) for text, sign in ((old, "-"), (new, "+")))
        name = part.names.get(key)
        row = key if not name or name == str(key) else name
        return [part.title, say(f"diff.{change}"), "" if part.blocks else row, column or "", old, new]


_SCREEN = ("table", "change", "row", "column", "before", "after")
_CHANGES: tuple[Change, ...] = ("added", "removed", "changed")
_SIGNS: Mapping[Change, str] = {"added": "+", "removed": "-", "changed": "~"}


def _told(change: Change, old: str, new: str) -> str:
    """Return the values behind a place; of two long texts only what differs."""
    if change != "changed":
        return f": {_cut(old or new)}"
    if max(len(old), len(new)) > LONGEST:
        start = _alike(old, new)
        end = _alike(old[start:][::-1], new[start:][::-1])
        old, new = (f"…{text[start : len(text) - end]}…" for text in (old, new))
    return f": {_cut(old)} → {_cut(new)}"


def _alike(one: str, other: str) -> int:
    """Return how many letters two texts have in common at their start."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _column_note(part: Part, change: ColumnChange, *, many: bool) -> str:
    note = say(f"diff.column.{change.change}", column=change.column, before=change.before, after=change.after)
    return f"{part.title}: {note}" if many else note


def _brief(value: Any) -> str:
    """Return a value as one line that fits."""
    return _cut(_line(value))


def _line(value: Any) -> str:
    return " ".join(_text(value).split())


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _plain(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return [*map(_plain, value)]
    return value if value is None or isinstance(value, (str, bool, int, float)) else _said(value)


def _text(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        return "; ".join(map(_text, value))
    return "" if value is None else _said(value).removesuffix(" 00:00:00")


def _said(value: Any) -> str:
    return display.length(value) if isinstance(value, timedelta) else str(value)


class _Marked(display.Drawn):
    """One side of a changed value: in HTML, what went or came is marked."""

    pieces: tuple[tuple[str, str], ...]
    sign: str

    @classmethod
    def of(cls, text: str, sign: str, pieces: Iterable[tuple[str, str]]) -> _Marked:
        """Return a text of which these pieces are marked that have its sign."""
        made = cls(text)
        made.pieces, made.sign = tuple(pieces), sign
        return made

    def html(self) -> str:
        """Return it with its marks; colours that are readable on light and on dark."""
        hue = "0" if self.sign == "-" else "130"
        mark = f"background:hsla({hue},70%,50%,.25);border-radius:3px;padding:0 2px"
        return "".join(
            f'<span style="{mark}">{escape(text)}</span>' if what == self.sign else escape(text)
            for what, text in self.pieces
            if what in ("", self.sign) and text
        )
