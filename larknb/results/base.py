"""Result and Rows: what every public call returns shows itself and turns into a frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, overload

from larknb.messages import say

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Result",
    "Rows",
    "some_of",
]

# --- what the public calls return -------------------------------------------------------------------------------


class Result:
    """Something that shows itself: `to_frame` for work, HTML in a notebook, aligned text in a terminal."""

    title: ClassVar[str] = ""  # message key of the line above the table

    def columns(self) -> tuple[str, ...]:
        """Return the column names of `to_frame`, in order."""
        raise TypeError(f"{type(self).__name__} has no table form")

    def rows(self) -> list[tuple[Any, ...]]:
        """Return the rows of `to_frame`."""
        raise TypeError(f"{type(self).__name__} has no table form")

    def shown(self) -> tuple[Sequence[str], list[Sequence[Any]]]:
        """Return header and rows as people see them; the same as `to_frame` unless a result knows better."""
        return self.columns(), [*self.rows()]

    def headline(self) -> str:
        """Return the line above the table."""
        return say(self.title) if self.title else ""

    def footer(self) -> str:
        """Return the line below the table."""
        return ""

    def to_frame(self) -> pd.DataFrame:
        """Return the rows as a DataFrame."""
        import pandas as pd

        frame = pd.DataFrame(self.rows(), columns=list(self.columns()))
        # A document has no rows: counts with gaps stay whole numbers.
        return frame.astype({"rows": "Int64"}) if "rows" in frame else frame

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return the rows as plain dicts, for ``--json``."""
        return [dict(zip(self.columns(), row, strict=True)) for row in self.rows()]

    def __repr__(self) -> str:
        from larknb import display

        header, rows = self.shown()
        return display.text(self.headline(), header, rows, self.footer())

    def _repr_html_(self) -> str:
        from larknb import display

        header, rows = self.shown()
        return display.html(self.headline(), header, rows, self.footer())


Row = TypeVar("Row")


class Rows(Result, Sequence[Row]):
    """A result that is a sequence of small frozen dataclasses, one per row."""

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

    def rows(self) -> list[tuple[Any, ...]]:
        """Return the rows of `to_frame`."""
        return [tuple(getattr(item, name) for name in self.columns()) for item in self.items]


def some_of(options: Sequence[str]) -> str:
    """Return the first options for a narrow column; a select may have 20,000."""
    more = f" … ({len(options)})" if len(options) > 8 else ""
    return ", ".join(options[:8]) + more
