"""The configured sources, the columns of a table, the files of a source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from larknb.messages import say
from larknb.model import Source
from larknb.results.base import Rows, some_of

__all__ = [
    "Column",
    "Columns",
    "Paths",
    "SourceList",
]


class SourceList(Rows[Source]):
    """The configured sources."""

    title = "sources.title"

    def columns(self) -> tuple[str, ...]:  # noqa: D102
        return ("name", "kind", "url", "identity")

    def shown(self) -> tuple[Sequence[str], list[Sequence[Any]]]:  # noqa: D102
        header = [say(f"column.{name}") for name in self.columns()]
        return header, [(each.name, say(f"kind.{each.kind or 'wiki'}"), each.url, each.identity) for each in self]

    def footer(self) -> str:  # noqa: D102
        return say("sources.none") if not self.items else ""


@dataclass(frozen=True)
class Column:
    """One column of a table as the field list defines it. ``empty`` is the share of rows without a value, 0 to 1."""

    name: str
    field_id: str
    type: str
    dtype: str
    description: str
    options: tuple[str, ...]
    empty: float | None


class Columns(Rows[Column]):
    """The columns of one table."""

    title = "schema.title"

    def columns(self) -> tuple[str, ...]:  # noqa: D102
        return ("name", "field_id", "type", "dtype", "description", "options", "empty")

    def shown(self) -> tuple[Sequence[str], list[Sequence[Any]]]:  # noqa: D102
        header = [say(f"column.{name}") for name in self.columns()]
        return header, [
            (c.name, c.field_id, c.type, c.dtype, c.description, some_of(c.options),
             "" if c.empty is None else f"{c.empty:.0%}")
            for c in self
        ]  # fmt: skip


class Paths(dict[str, str]):
    """The current files of a source, by table; ``folder`` holds them all."""

    folder: str = ""
