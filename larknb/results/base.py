"""Result, Rows and Attribute: a public call's result declares its columns; how it shows itself follows from that."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar, overload

from larknb import display
from larknb.errors import Asker
from larknb.messages import joined, say
from larknb.visible import visible

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Attribute",
    "Json",
    "Result",
    "Rows",
    "kind_word",
    "read_as_dict",
    "read_as_line",
    "some_of",
]


Json = dict[str, object]  # what a program gets of a result: nothing but texts, numbers, lists and dicts


class Result(ABC):
    """Something that shows itself: `to_frame` for work, HTML in a notebook, aligned text in a terminal."""

    title: ClassVar[str] = ""  # message key of the line above the table
    wrapping: ClassVar[int] = 1  # how many of the last columns may wrap in a notebook, a problem or a snippet

    @abstractmethod
    def columns(self) -> tuple[str, ...]:
        """Return the column names of `to_frame`, in order."""

    @abstractmethod
    def rows(self) -> list[tuple[Any, ...]]:
        """Return the rows of `to_frame`."""

    @abstractmethod
    def shown(self) -> tuple[Sequence[str], list[Sequence[Any]]]:
        """Return header and rows as people see them."""

    def headline(self) -> str:
        """Return the line above the table."""
        return say(self.title) if self.title else ""

    def footer(self) -> str:
        """Return the line below the table, or several; names in it are made visible here."""
        return ""

    def to_frame(self) -> pd.DataFrame:
        """Return the rows as a DataFrame."""
        import pandas as pd

        frame = pd.DataFrame(self.rows(), columns=list(self.columns()))
        # A document has no rows: counts with gaps stay whole numbers.
        return frame.astype({"rows": "Int64"}) if "rows" in frame else frame

    def to_dicts(self) -> list[Json]:
        """Return the rows as plain dicts, for ``--json``."""
        return [dict(zip(self.columns(), row, strict=True)) for row in self.rows()]

    def __repr__(self) -> str:
        header, rows = self.shown()
        return display.text(self.headline(), header, rows, self.footer())

    def _repr_html_(self) -> str:
        header, rows = self.shown()
        return display.html(self.headline(), header, rows, self.footer(), wrapping=self.wrapping)


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Attribute:
    """An attribute of each row: a column of `to_frame`, and how people see it.

    Parameters
    ----------
    name : str
        The attribute; the column has the same name.
    show : callable
        Turns its value into what people see; numbers that stay numbers stand on the right.
    header : str
        Message key of what people see above it; without one ``column.<name>``.
    only : str
        ``"frame"``: people do not see it. ``"screen"``: `to_frame` does not have it.
    last : bool
        People see it after all others: a long text, which may wrap there.
    """

    name: str
    show: Callable[[Any], Any] = _as_it_is
    header: str = ""
    only: Literal["", "frame", "screen"] = ""
    last: bool = False


Row = TypeVar("Row")


class Rows(Result, Sequence[Row]):
    """A result that is a sequence of small frozen values, one per row."""

    COLUMNS: ClassVar[tuple[Attribute, ...]] = ()
    none: ClassVar[str] = ""  # message key of the line below when there are no rows

    def __init__(self, items: Sequence[Row] = ()) -> None:
        self.items = tuple(items)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | Sequence[Row]:
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.items)

    def columns(self) -> tuple[str, ...]:
        """Return the column names of `to_frame`, in order."""
        return tuple(column.name for column in self.COLUMNS if column.only != "screen")

    def rows(self) -> list[tuple[Any, ...]]:
        """Return the rows of `to_frame`."""
        names = self.columns()
        return [tuple(getattr(item, name) for name in names) for item in self.items]

    def shown(self) -> tuple[Sequence[str], list[Sequence[Any]]]:
        """Return header and rows as people see them."""
        shown = sorted((column for column in self.COLUMNS if column.only != "frame"), key=lambda column: column.last)
        header = [say(column.header or f"column.{column.name}") for column in shown]
        return header, [[column.show(getattr(item, column.name)) for column in shown] for item in self.items]

    def footer(self) -> str:
        """Return the line below the table."""
        return say(self.none) if self.none and not self.items else ""


# --- words that several results share -----------------------------------------------------------------------------


def kind_word(kind: str) -> str:
    """Return what people call a kind of source."""
    return say(f"kind.{kind}")


def some_of(options: Sequence[str]) -> str:
    """Return the first options for a narrow column; a select may have 20,000."""
    more = f" … ({len(options)})" if len(options) > 8 else ""
    return ", ".join(options[:8]) + more


def read_as_line(read_as: Mapping[str, Asker]) -> str:
    """Say as whom sources were read: one for all, or which sources by each of several."""
    sources: dict[str, list[str]] = {}
    for name, asker in read_as.items():
        if asker.label:
            sources.setdefault(str(asker), []).append(name)
    if len(sources) == 1:
        return visible(say("error.asker", who=next(iter(sources))))
    return visible(joined(*(say("read.some", who=who, sources=some_of(names)) for who, names in sources.items())))


def read_as_dict(read_as: Mapping[str, Asker]) -> dict[str, dict[str, str]]:
    """Return as whom sources were read, for ``--json``."""
    return {name: {"identity": asker.kind, "who": asker.label} for name, asker in read_as.items()}
