"""The configured sources, the columns of a table, the files of a source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

from larknb.model import Source
from larknb.results.base import Attribute, Rows, kind_word, some_of

__all__ = ["Column", "Columns", "Paths", "SourceList"]


class SourceList(Rows[Source]):
    """The configured sources."""

    title, none = "sources.title", "sources.none"
    COLUMNS = (
        Attribute("name"),
        Attribute("kind", lambda kind: kind_word(kind or "wiki")),  # nobody asked yet what the page holds
        Attribute("url"),
        Attribute("identity"),
    )

    @overload
    def __getitem__(self, index: int | str) -> Source: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Source]: ...
    def __getitem__(self, index: int | str | slice) -> Source | Sequence[Source]:
        if not isinstance(index, str):
            return self.items[index]
        found = next((source for source in self.items if source.name == index), None)
        if found is None:
            raise KeyError(index)
        return found

    def _ipython_key_completions_(self) -> list[str]:
        return [source.name for source in self.items]


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
    COLUMNS = (
        Attribute("name"),
        Attribute("field_id"),
        Attribute("type"),
        Attribute("dtype"),
        Attribute("description"),
        Attribute("options", some_of),
        Attribute("empty", lambda share: "" if share is None else f"{share:.0%}"),
    )


class Paths(dict[str, str]):
    """The current files of a source, by table; ``folder`` holds them all."""

    folder: str = ""
