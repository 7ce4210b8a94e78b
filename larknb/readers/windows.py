"""The windows in which a worksheet is read."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from larknb.api.client import LarkClient
from larknb.errors import LarkError
from larknb.model import Grid, TableInfo
from larknb.wire.codes import remedy

__all__ = [
    "Moved",
    "Part",
    "Sheet",
    "Window",
    "Windows",
    "numeric",
    "to_grid",
]

MOST_CELLS = 40_000  # of one request: 10 MB of answer leave room for 250 bytes a cell
MOST_ROWS = 2_000  # of one window
MOST_RANGES = 50  # of one request
LONGEST = 4_000  # characters of the ranges in an address, percent-encoded
VALUES_API = "sheets-v3/data/ukTMzUjL5EzM14SOxMTN"

Part = dict[str, Any]  # what one window holds: the place of its first cell, and the cells as the server sent them


class Moved(Exception):  # noqa: N818  a state of the world, not an error
    """The windows just read do not belong together."""


@dataclass(frozen=True)
class Sheet:
    """A worksheet as the layout names it; one with a ``block_type`` is no grid."""

    sheet_id: str
    title: str
    block_type: str = ""
    block: str = ""
    rows: int = 0
    columns: int = 0
    frozen_rows: int = 0
    merges: tuple[Mapping[str, int], ...] = ()

    @property
    def memo(self) -> list[str]:
        """What the next look must know of it."""
        return [self.sheet_id, self.title, self.block_type, self.block]


# --- the windows --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Window:
    """A rectangle of a worksheet; rows and columns count from 1."""

    sheet_id: str
    row: int
    column: int
    rows: int
    columns: int

    @property
    def cells(self) -> int:
        return self.rows * self.columns

    @property
    def range(self) -> str:
        first, last = column_letters(self.column), column_letters(self.column + self.columns - 1)
        return f"{self.sheet_id}!{first}{self.row}:{last}{self.row + self.rows - 1}"

    def holds(self, sheet_id: str, row: int, column: int) -> bool:
        inside = 0 <= row - self.row < self.rows and 0 <= column - self.column < self.columns
        return sheet_id == self.sheet_id and inside

    def split(self, cells: int) -> tuple[Window, list[Window]]:
        """Return a first piece of at most so many cells, full rows before part of a row, and what is left."""
        if self.columns > cells:
            rest = replace(self, column=self.column + cells, columns=self.columns - cells)
            piece, below = replace(self, columns=cells).split(cells)
            return piece, [*below, rest]
        rows = min(self.rows, MOST_ROWS, max(1, cells // self.columns))
        rest = replace(self, row=self.row + rows, rows=self.rows - rows)
        return replace(self, rows=rows), [rest] if rest.rows else []


@dataclass(frozen=True)
class Windows:
    """Reads rectangles of one spreadsheet at one revision.

    ``cells`` remembers by sheet_id how many cells a window may have where the usual number was too large.
    """

    client: LarkClient
    path: str
    revision: int
    cells: dict[str, int]

    def read(self, areas: Sequence[Window], *, dates: bool = False) -> dict[str, list[Part]]:
        """Return what the areas hold, by sheet_id.

        Raises
        ------
        _Moved
            A window shows another revision.
        """
        parts: dict[str, list[Part]] = defaultdict(list)
        for pack in self._packs(areas):
            for window, part in self._fetch(pack, dates=dates):
                parts[window.sheet_id].append(part)
        return parts

    def _limit(self, sheet_id: str) -> int:
        return self.cells.get(sheet_id, MOST_CELLS)

    def _packs(self, areas: Sequence[Window]) -> Iterator[list[Window]]:
        """Yield the areas in windows, as many together as one request takes."""
        left = deque(areas)
        pack: list[Window] = []
        while left:
            window, rest = left[0].split(self._limit(left[0].sheet_id))
            if pack and not self._fits([*pack, window]):
                yield pack
                pack = []
                continue  # the limit of the worksheet may be a lower one now
            pack.append(window)
            left.popleft()
            left.extendleft(reversed(rest))
        if pack:
            yield pack

    def _fits(self, pack: Sequence[Window]) -> bool:
        share = sum(window.cells / self._limit(window.sheet_id) for window in pack)
        length = sum(len(window.range) + len("%21%3A%2C") - 2 for window in pack)
        return share <= 1 and len(pack) <= MOST_RANGES and length <= LONGEST

    def _fetch(self, pack: Sequence[Window], *, dates: bool) -> Iterator[tuple[Window, Part]]:
        """Yield what the windows of one request hold, asked in smaller pieces where it is too large."""
        try:
            parts = self._ask(pack, dates=dates)
        except LarkError as error:
            if remedy(error.code).heal != "shrink" or (len(pack) == 1 and pack[0].cells == 1):
                raise
        else:
            # A list of fewer answers than ranges proves nothing of the others: they are asked for singly.
            if len(parts) == len(pack) or len(pack) == 1:
                yield from parts.items()
                return
        for smaller in self._smaller(pack):
            yield from self._fetch(smaller, dates=dates)

    def _smaller(self, pack: Sequence[Window]) -> Iterator[Sequence[Window]]:
        if len(pack) > 1:
            half = len(pack) // 2
            yield from (pack[:half], pack[half:])
            return
        self.cells[pack[0].sheet_id] = pack[0].cells // 2
        left = deque(pack)
        while left:
            window, rest = left.popleft().split(self._limit(pack[0].sheet_id))  # it may have become less meanwhile
            left.extendleft(reversed(rest))
            yield [window]

    def _ask(self, pack: Sequence[Window], *, dates: bool) -> dict[Window, Part]:
        """Return what one request gives, each part where the answer says that it is: ranges may come back trimmed."""
        params = {"ranges": ",".join(window.range for window in pack), "valueRenderOption": "UnformattedValue",
                  "user_id_type": "open_id"}  # fmt: skip
        if dates:
            params["dateTimeRenderOption"] = "FormattedString"
        data = self.client.get(f"{self.path}/values_batch_get", api=VALUES_API, **params)
        answers = data.get("valueRanges") or []
        revisions = {data.get("revision"), *(answer.get("revision") for answer in answers)} - {None}
        if revisions != {self.revision}:
            raise Moved(f"revision {self.revision} became {' / '.join(map(str, sorted(revisions))) or 'unknown'}")
        parts: dict[Window, Part] = {}
        empty = 0
        for answer in answers:
            echo, values = str(answer.get("range") or ""), answer.get("values") or []
            place = _place(echo)
            if place is None and not any(cell is not None for row in values for cell in row or ()):
                empty += 1  # no data in one of the ranges
                continue
            window = next((window for window in pack if place and window.holds(*place)), None)
            if place is None or window is None:
                raise Moved(f"an answer for {echo!r}, which nobody asked for")
            parts[window] = {"row": place[1], "column": place[2], "values": values}
        for window in [window for window in pack if window not in parts][:empty]:
            parts[window] = {"row": window.row, "column": window.column, "values": []}
        return parts


def _place(text: str) -> tuple[str, int, int] | None:
    """Return sheet_id, row and column of the first cell of an echoed range; None for an empty one."""
    sheet_id, _, first = text.rpartition("!")
    found = re.match(r"\$?([A-Z]+)\$?(\d+)", first)
    if not sheet_id or not found:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return sheet_id, int(found[2]), column


def column_letters(column: int) -> str:
    """Return the letters of a column: 1 is A, 27 is AA."""
    letters = ""
    while column:
        column, place = divmod(column - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters


def numeric(sheet_id: str, parts: Sequence[Part]) -> list[Window]:
    """Return the areas to ask for dates: columns with numbers, neighbours together, as far down as there are any."""
    rows: set[int] = set()
    columns: set[int] = set()
    for part in parts:
        for row, cells in enumerate(part["values"], part["row"]):
            found = [column for column, cell in enumerate(cells or (), part["column"]) if type(cell) in (int, float)]
            if found:
                rows.add(row)
                columns.update(found)
    if not rows:
        return []
    first, last = min(rows), max(rows)
    starts = sorted(column for column in columns if column - 1 not in columns)
    ends = sorted(column for column in columns if column + 1 not in columns)
    return [
        Window(sheet_id, first, start, last - first + 1, end - start + 1)
        for start, end in zip(starts, ends, strict=True)
    ]


def to_grid(sheet: Sheet, revision: int, values: list[Part], dates: list[Part]) -> Grid:
    record = {
        "sheet_id": sheet.sheet_id,
        "title": sheet.title,
        "revision": revision,
        "row_count": sheet.rows,
        "column_count": sheet.columns,
        "frozen_row_count": sheet.frozen_rows,
        "merges": [*sheet.merges],
        "values": values,
        "dates": dates,
    }
    return Grid(TableInfo(sheet.sheet_id, sheet.title, revision, None), record)
