"""The configured sources, the columns of a table, the files of a source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload

from larknb.model import Source
from larknb.results.base import Attribute, Rows, kind_word, some_of

__all__ = ["Column", "Columns", "Paths", "SourceList"]


class SourceList(Rows[Source]):
    """The configured sources; by its name each child of a library among them can be had, too."""

    title, none = "sources.title", "sources.none"
    COLUMNS = (
        Attribute("name"),
        Attribute("kind", only="frame"),
        Attribute("said_kind", kind_word, header="column.kind", only="screen"),
        Attribute("url"),
        Attribute("identity"),
    )

    def __init__(self, items: Sequence[Source] = (), children: Sequence[Source] = ()) -> None:
        super().__init__(items)
        self._children = tuple(children)

    def rows(self) -> list[tuple[Any, ...]]:
        """Return the rows of `to_frame`; the kind of a library is what it is."""
        return [tuple(source.library or value if name == "kind" else value
                      for name, value in zip(self.columns(), row, strict=True))
                for source, row in zip(self, super().rows(), strict=True)]  # fmt: skip

    @overload
    def __getitem__(self, index: int | str) -> Source: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Source]: ...
    def __getitem__(self, index: int | str | slice) -> Source | Sequence[Source]:
        if not isinstance(index, str):
            return self.items[index]
        found = next((source for source in (*self.items, *self._children) if source.name == index), None)
        if found is None:
            raise KeyError(index)
        return found

    def _ipython_key_completions_(self) -> list[str]:
        return [source.name for source in (*self.items, *self._children)]


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
