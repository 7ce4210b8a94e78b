"""The windows in which the cells of a spreadsheet are read: as many as one answer takes, all of one revision."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from larknb.api.client import LarkClient
from larknb.errors import LarkError
from larknb.readers.base import Torn
from larknb.tabular.header import column_letters
from larknb.wire.codes import remedy

__all__ = [
    "Content",
    "Window",
    "Windows",
    "numeric",
]

MOST_CELLS = 40_000  # of one request: 10 MB of answer leave room for 250 bytes a cell
MOST_ROWS = 2_000  # of one window
MOST_RANGES = 50  # of one request
LONGEST = 4_000  # characters of the ranges in an address, percent-encoded
VALUES_API = "sheets-v3/data/ukTMzUjL5EzM14SOxMTN"

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
        """Return a first piece of at most so many cells, full rows before part of a row, and what is left."""
        if self.columns > cells:
            rest = replace(self, column=self.column + cells, columns=self.columns - cells)
            piece, below = replace(self, columns=cells).split(cells)
            return piece, [*below, rest]
        rows = min(self.rows, MOST_ROWS, max(1, cells // self.columns))
        rest = replace(self, row=self.row + rows, rows=self.rows - rows)
        return replace(self, rows=rows), [rest] if rest.rows else []


@dataclass
class Windows:
    """Reads rectangles of one spreadsheet.

    ``limits`` is what it learns: by sheet_id how many cells a window may have where the usual number was too large.
    """

    client: LarkClient
    path: str
    limits: dict[str, int]

    def read(self, areas: Sequence[Window], revision: int, *, dates: bool = False) -> dict[str, list[Content]]:
        """Return what the areas hold at one revision, by sheet_id.

        Raises
        ------
        Torn
            A window shows another revision.
        """
        found: dict[str, list[Content]] = defaultdict(list)
        for pack in self._packs(areas):
            for window, content in self._fetch(pack, revision, dates=dates):
                found[window.sheet_id].append(content)
        return found

    def _limit(self, sheet_id: str) -> int:
        return self.limits.get(sheet_id, MOST_CELLS)

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
        share = sum(window.size / self._limit(window.sheet_id) for window in pack)
        length = sum(len(window.range) + len("%21%3A%2C") - 2 for window in pack)
        return share <= 1 and len(pack) <= MOST_RANGES and length <= LONGEST

    def _fetch(self, pack: Sequence[Window], revision: int, *, dates: bool) -> Iterator[tuple[Window, Content]]:
        """Yield what the windows of one request hold, asked in smaller pieces where it is too large."""
        try:
            found = self._ask(pack, revision, dates=dates)
        except LarkError as error:
            if remedy(error.code).heal != "shrink" or (len(pack) == 1 and pack[0].size == 1):
                raise
        else:
            # A list of fewer answers than ranges proves nothing of the others: they are asked for singly.
            if len(found) == len(pack) or len(pack) == 1:
                yield from found.items()
                return
        for smaller in self._smaller(pack):
            yield from self._fetch(smaller, revision, dates=dates)

    def _smaller(self, pack: Sequence[Window]) -> Iterator[Sequence[Window]]:
        """Yield the halves of a pack, or of a single window; the worksheet's limit is then a lower one."""
        if len(pack) > 1:
            half = len(pack) // 2
            yield from (pack[:half], pack[half:])
            return
        self.limits[pack[0].sheet_id] = pack[0].size // 2
        left = deque(pack)
        while left:
            window, rest = left.popleft().split(self._limit(pack[0].sheet_id))  # it may have become less meanwhile
            left.extendleft(reversed(rest))
            yield [window]

    def _ask(self, pack: Sequence[Window], revision: int, *, dates: bool) -> dict[Window, Content]:
        """Return what one request gives."""
        params = {"ranges": ",".join(window.range for window in pack), "valueRenderOption": "UnformattedValue",
                  "user_id_type": "open_id"}  # fmt: skip
        if dates:
            params["dateTimeRenderOption"] = "FormattedString"
        data = self.client.get(f"{self.path}/values_batch_get", api=VALUES_API, **params)
        answers = data.get("valueRanges") or []
        revisions = {data.get("revision"), *(answer.get("revision") for answer in answers)} - {None}
        if revisions != {revision}:
            raise Torn(f"revision {revision} became {' / '.join(map(str, sorted(revisions))) or 'unknown'}")
        return _sorted_out(pack, answers)


def _sorted_out(pack: Sequence[Window], answers: Sequence[Mapping[str, Any]]) -> dict[Window, Content]:
    """Return what each window holds, where the answer says that it is: ranges may come back trimmed."""
    found: dict[Window, Content] = {}
    empty = 0
    for answer in answers:
        echo, values = str(answer.get("range") or ""), answer.get("values") or []
        place = _place(echo)
        if place is None and not any(cell is not None for row in values for cell in row or ()):
            empty += 1  # no data in one of the ranges
            continue
        window = next((window for window in pack if place and window.holds(*place)), None)
        if place is None or window is None:
            raise Torn(f"an answer for {echo!r}, which nobody asked for")
        found[window] = {"row": place[1], "column": place[2], "values": values}
    for window in [window for window in pack if window not in found][:empty]:
        found[window] = {"row": window.row, "column": window.column, "values": []}
    return found


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


def numeric(sheet_id: str, contents: Sequence[Content]) -> list[Window]:
    """Return the areas to ask for dates: columns with numbers, neighbours together, as far down as there are any."""
    rows: set[int] = set()
    columns: set[int] = set()
    for content in contents:
        for row, cells in enumerate(content["values"], content["row"]):
            found = [column for column, cell in enumerate(cells or (), content["column"]) if type(cell) in (int, float)]
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
