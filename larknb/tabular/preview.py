"""The head of a table as it was received, beside the names and types that its columns got."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Any

from larknb.messages import say
from larknb.model import GridOptions
from larknb.results.base import Result
from larknb.tabular.grid import Record, as_text, is_filled, rows_of
from larknb.tabular.header import column_letters
from larknb.tabular.typed import Typing, columns

__all__ = [
    "PREVIEW_ROWS",
    "Preview",
    "preview",
]

PREVIEW_ROWS = 8  # below the header
PREVIEW_COLUMNS = 12  # that are shown; `to_frame` has them all
PREVIEW_TEXT = 24  # characters of a cell that are shown


def preview(record: Record, options: GridOptions | None = None) -> Preview:
    """Return the head of a worksheet beside what became of it: the header row, and the name and type of each column.

    The parameters are those of `to_table`.
    """
    typing = Typing(record, options)
    described = columns(typing.schema)
    letters = [column_letters(at) for at in range(typing.width)]
    rest = [""] * (len(letters) - len(described))
    items: list[tuple[Any, ...]] = [
        (None, "name", *(column.name for column in described), *rest),
        (None, "type", *(column.type for column in described), *rest),
    ]
    for at, row in _head(record, typing.first + PREVIEW_ROWS):
        use = "header" if at in typing.header_rows else "above" if at < typing.first else "data"
        use = use if use != "data" or any(map(is_filled, row)) else "blank"
        items.append((at + 1, use, *map(as_text, row[: len(letters)]), *[""] * (len(letters) - len(row))))
    rows = [at + 1 for at in typing.header_rows]
    header = json.dumps(rows if len(rows) > 1 else rows[0] if rows else "none")
    table = json.dumps(str(record["title"]), ensure_ascii=False)
    return Preview(str(record["title"]), letters, items, say("preview.wrong", table=table, header=header))


def _head(record: Record, most: int) -> Iterator[tuple[int, list[Any]]]:
    """Yield the first rows of a worksheet as far as there are any, the blank ones among them."""
    following = 0
    for at, row in takewhile(lambda item: item[0] < most, rows_of(record)):
        if any(map(is_filled, row)):
            yield from ((blank, []) for blank in range(following, at))
            yield at, row
            following = at + 1


class Preview(Result):
    """The raw head of a table under the names and types that its columns get; ``hint`` is the line below it."""

    def __init__(self, title: str, letters: Sequence[str], items: Sequence[tuple[Any, ...]], hint: str = "") -> None:
        self.sheet, self._letters, self.items, self._hint = title, tuple(letters), tuple(items), hint

    def columns(self) -> tuple[str, ...]:  # noqa: D102
        return ("row", "use", *self._letters)

    def rows(self) -> list[tuple[Any, ...]]:  # noqa: D102
        return list(self.items)

    def shown(self) -> tuple[Sequence[str], list[Sequence[Any]]]:  # noqa: D102
        more = len(self._letters) > PREVIEW_COLUMNS
        header = [say("preview.row"), say("preview.use"), *self._letters[:PREVIEW_COLUMNS], *["…"] * more]
        return header, [
            [row, say(f"preview.{use}"), *map(_cut, cells[:PREVIEW_COLUMNS]), *[""] * more]
            for row, use, *cells in self.items
        ]

    def headline(self) -> str:  # noqa: D102
        return say("preview.title", sheet=self.sheet)

    def footer(self) -> str:  # noqa: D102
        return self._hint


def _cut(text: str) -> str:
    return text if len(text) <= PREVIEW_TEXT else text[: PREVIEW_TEXT - 1] + "…"
