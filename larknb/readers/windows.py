"""The windows in which the cells of a spreadsheet are read: as many as one answer takes, all of one revision."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import NoneType
from typing import Any

from larknb.api.client import LarkClient
from larknb.errors import LarkError
from larknb.readers.base import Torn, whole_number
from larknb.tabular.header import column_letters
from larknb.wire.codes import remedy

__all__ = [
    "Content",
    "Numbers",
    "Window",
    "Windows",
]

MOST_CELLS = 40_000  # of one request: 10 MB of answer leave room for 250 bytes a cell
MOST_ROWS = 2_000  # of one window
MOST_RANGES = 50  # of one request
LONGEST = 4_000  # characters of the ranges in an address, percent-encoded
VALUES_API = "sheets-v3/data/ukTMzUjL5EzM14SOxMTN"

UNKNOWN = -2  # stands for a revision that is no number; no layout has it

Content = dict[str, Any]  # the cells of a window as the server sent them: {row, column, values}, from its first cell on


@dataclass(frozen=True)
class Window:
    """A rectangle of a worksheet; rows and columns count from 1."""

    sheet_id: str
    row: int
    column: int
    rows: int
    columns: int

    @property
    def size(self) -> int:
        """How many cells it has."""
        return self.rows * self.columns

    @property
    def range(self) -> str:
        """The window as the platform writes it."""
        first, last = column_letters(self.column - 1), column_letters(self.column + self.columns - 2)
        return f"{self.sheet_id}!{first}{self.row}:{last}{self.row + self.rows - 1}"

    def holds(self, sheet_id: str, row: int, column: int) -> bool:
        """Say whether a cell lies in it."""
        inside = 0 <= row - self.row < self.rows and 0 <= column - self.column < self.columns
        return sheet_id == self.sheet_id and inside

    def split(self, cells: int) -> tuple[Window, list[Window]]:
        """Return a first piece of at most so many cells, full rows before part of a row, and what is left below it."""
        if self.columns > cells:
            first, below = replace(self, rows=1), self._below(1)
            beside = replace(first, column=self.column + cells, columns=self.columns - cells)
            return replace(first, columns=cells), [beside, *below]
        rows = min(self.rows, MOST_ROWS, max(1, cells // self.columns))
        return replace(self, rows=rows), self._below(rows)

    def _below(self, rows: int) -> list[Window]:
        return [replace(self, row=self.row + rows, rows=self.rows - rows)] if self.rows > rows else []

    def follows(self, other: Window) -> bool:
        """Say whether it is what is left below another one."""
        place = other.sheet_id, other.row + other.rows, other.column, other.columns
        return (self.sheet_id, self.row, self.column, self.columns) == place


@dataclass
class Windows:
    """Reads rectangles of one spreadsheet.

    ``limits`` is what it learns: by sheet_id how many cells a window may have where the usual number was too large.
    ``ended`` are the worksheets below whose windows nothing was proven to follow.
    """

    client: LarkClient
    path: str
    limits: dict[str, int]
    ended: set[str] = field(default_factory=set)

    def read(self, areas: Iterable[Window], revision: int, *, dates: bool = False) -> Iterator[tuple[Window, Content]]:
        """Yield what the areas hold at one revision, window by window, each area from the top down.

        Once a window holds no data, all the rest of its area is asked for in one: that it holds none either is the
        proof that nothing follows, whatever size the grid is said to have.

        Raises
        ------
        Torn
            A window shows another revision.
        """
        left = deque(areas)
        in_one = False
        while left:
            pack = [left.popleft()] if in_one else self._pack(left)
            for window, content in self._fetch(pack, revision, dates=dates):
                if content is None and in_one and window == pack[0]:
                    self.ended.add(window.sheet_id)
                yield window, content or {"row": window.row, "column": window.column, "values": []}
            in_one = content is None and bool(left) and left[0].follows(window)

    def _limit(self, sheet_id: str) -> int:
        return self.limits.get(sheet_id, MOST_CELLS)

    def _pack(self, left: deque[Window]) -> list[Window]:
        """Take from the areas as many windows together as one request takes."""
        pack: list[Window] = []
        while left:
            window, rest = left[0].split(self._limit(left[0].sheet_id))
            if pack and not self._fits([*pack, window]):
                break
            pack.append(window)
            left.popleft()
            left.extendleft(reversed(rest))
        return pack

    def _fits(self, pack: Sequence[Window]) -> bool:
        share = sum(window.size / self._limit(window.sheet_id) for window in pack)
        length = sum(len(window.range) + len("%21%3A%2C") - 2 for window in pack)
        return share <= 1 and len(pack) <= MOST_RANGES and length <= LONGEST

    def _fetch(self, pack: Sequence[Window], revision: int, *, dates: bool) -> Iterator[tuple[Window, Content | None]]:
        """Yield what the windows of one request hold, asked in smaller pieces where it is too large."""
        try:
            found = self._ask(pack, revision, dates=dates)
        except LarkError as error:
            if remedy(error.code).heal != "shrink" or (len(pack) == 1 and pack[0].size == 1):
                raise
        else:
            # A list of fewer answers than ranges proves nothing of the others: they are asked for singly.
            if len(found) == len(pack) or len(pack) == 1:
                yield from ((window, found[window]) for window in pack if window in found)
                return
        for smaller in self._smaller(pack):
            yield from self._fetch(smaller, revision, dates=dates)

    def _smaller(self, pack: Sequence[Window]) -> Iterator[Sequence[Window]]:
        """Yield the halves of a pack, or of a single window; the worksheet's limit is then a lower one."""
        if len(pack) > 1:
            half = len(pack) // 2
            yield from (pack[:half], pack[half:])
            return
        sheet_id = pack[0].sheet_id
        if pack[0].size <= self._limit(sheet_id):
            self.limits[sheet_id] = pack[0].size // 2
        left = deque(pack)
        while left:
            window, rest = left.popleft().split(self._limit(sheet_id))  # it may have become less meanwhile
            left.extendleft(reversed(rest))
            yield [window]

    def _ask(self, pack: Sequence[Window], revision: int, *, dates: bool) -> dict[Window, Content | None]:
        """Return what one request gives."""
        params = {"ranges": ",".join(window.range for window in pack), "valueRenderOption": "UnformattedValue",
                  "user_id_type": "open_id"}  # fmt: skip
        if dates:
            params["dateTimeRenderOption"] = "FormattedString"
        data = self.client.get(f"{self.path}/values_batch_get", api=VALUES_API, **params)
        answers = [answer for answer in data.get("valueRanges") or [] if isinstance(answer, Mapping)]
        told = [each["revision"] for each in (data, *answers) if each.get("revision") is not None]
        revisions = {whole_number(each, UNKNOWN) for each in told}
        if revisions != {revision}:
            raise Torn(f"revision {revision} became {' / '.join(map(str, sorted(revisions))) or 'unknown'}")
        return _sorted_out(pack, answers)


def _sorted_out(pack: Sequence[Window], answers: Sequence[Mapping[str, Any]]) -> dict[Window, Content | None]:
    """Return what each window holds, where the answer says that it is: ranges may come back trimmed.

    None stands for a range that comes back empty: there is no data in it.
    """
    found: dict[Window, Content | None] = {}
    empty = 0
    for answer in answers:
        echo, values = str(answer.get("range") or ""), _rows(answer.get("values"))
        place = _place(echo)
        if place is None and not any(map(_has_cells, values)):
            empty += 1  # no data in one of the ranges
            continue
        window = next((window for window in pack if place and window.holds(*place)), None)
        if place is None or window is None:
            raise Torn(f"an answer for {echo!r}, which nobody asked for")
        found[window] = _content(window, place[1], place[2], values)
    for window in [window for window in pack if window not in found][:empty]:
        found[window] = None
    return found


def _rows(values: Any) -> list[list[Any] | None]:
    if not isinstance(values, (list, NoneType)) or not all(isinstance(row, (list, NoneType)) for row in values or ()):
        raise Torn("values that are no rows of cells")
    return values or []


def _has_cells(row: Sequence[Any] | None) -> bool:
    return any(cell is not None for cell in row or ())


def _content(window: Window, row: int, column: int, values: list[list[Any] | None]) -> Content:
    """Return cells from the first row of a window on; Torn where some lie outside of what was asked for."""
    tall, wide = window.row + window.rows - row, window.column + window.columns - column
    if any(map(_has_cells, values[tall:])) or any(_has_cells(cells[wide:]) for cells in values if cells):
        raise Torn(f"more cells than {window.range} has")
    kept = [cells[:wide] if cells and len(cells) > wide else cells for cells in values[:tall]]
    return {"row": window.row, "column": column, "values": [*[None] * (row - window.row), *kept]}


def _place(text: str) -> tuple[str, int, int] | None:
    """Return sheet_id, row and column of the first cell of an echoed range; None for an empty one."""
    sheet_id, _, first = text.rpartition("!")
    found = re.match(r"\$?([A-Z]{1,4})\$?([0-9]{1,9})", first)
    if not sheet_id or not found:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return sheet_id, int(found[2]), column


class Numbers:
    """Where a worksheet has numbers, which may be dates."""

    def __init__(self) -> None:
        self._columns: set[int] = set()
        self._first = self._last = 0

    def add(self, content: Content) -> None:
        """Take the cells of a window into account."""
        for row, cells in enumerate(content["values"], content["row"]):
            found = [column for column, cell in enumerate(cells or (), content["column"]) if type(cell) in (int, float)]
            if found:
                self._first, self._last = min(self._first or row, row), max(self._last, row)
                self._columns.update(found)

    def areas(self, sheet_id: str) -> Iterator[Window]:
        """Yield the areas to ask for dates: columns with numbers, neighbours together, as far down as there are any.

        They are cut into bands as high as a window of the widest of them, and so come from the top down.
        """
        starts = sorted(column for column in self._columns if column - 1 not in self._columns)
        ends = sorted(column for column in self._columns if column + 1 not in self._columns)
        widest = max((end - start + 1 for start, end in zip(starts, ends, strict=True)), default=1)
        height = min(MOST_ROWS, max(1, MOST_CELLS // widest))
        for row in range(self._first, self._last + 1, height) if starts else ():
            rows = min(height, self._last - row + 1)
            for start, end in zip(starts, ends, strict=True):
                yield Window(sheet_id, row, start, rows, end - start + 1)
