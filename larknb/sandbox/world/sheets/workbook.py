"""A spreadsheet: worksheets of typed cells, and the one revision that moves with each change of any of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from larknb.sandbox.world.bitable.base import Base, Table
from larknb.sandbox.world.company import Company
from larknb.sandbox.world.document import Document
from larknb.sandbox.world.ids import derived_id
from larknb.sandbox.world.memory import ByteCache
from larknb.sandbox.world.people import User

from .ranges import Area, area_of

CACHED_BYTES = 64 * 1024 * 1024  # of served values, per spreadsheet
BITABLE_BLOCK = "BITABLE_BLOCK"
ROWS, COLUMNS = 200, 20  # the grid of a new worksheet, most of it blank

Values = Sequence[Sequence[Any]]
Merge = tuple[int, int, int, int]  # row and column from 1, then how many of each


class Sheet:
    """One worksheet; made by `Spreadsheet.add_sheet` and its like.

    Attributes
    ----------
    sheet_id, title : str
    hidden : bool
        Set it to hide the worksheet, which moves nothing.
    row_count, column_count, frozen_rows, frozen_columns : int
    merges : list of (row, column, rows, columns)
        Rows and columns count from 1.
    block : tuple of (type, token) or None
        Set where this is no grid but something embedded.
    """

    def __init__(self, spreadsheet: Spreadsheet, title: str, sheet_id: str) -> None:
        self.spreadsheet = spreadsheet
        self.title = title
        self.sheet_id = sheet_id
        self.hidden = False
        self.row_count = self.column_count = 0
        self.frozen_rows = self.frozen_columns = 0
        self.merges: list[Merge] = []
        self.block: tuple[str, str] | None = None
        self._rows: list[list[Any]] = []

    @property
    def index(self) -> int:
        """Place among the worksheets, from 0."""
        return self.spreadsheet.sheets.index(self)

    def read(self, row: int, column: int) -> Any:
        """Value of a cell, as it was set."""
        cells = self._rows[row - 1] if row <= len(self._rows) else []
        return cells[column - 1] if column <= len(cells) else None

    def rows_of(self, area: Area) -> list[list[Any]]:
        """Cells of an area, row by row, blank ones as ``None``."""
        width, start = area.last_column - area.column + 1, area.column - 1
        rows = []
        for place in range(area.row - 1, area.last_row):
            cells = self._rows[place][start : area.last_column] if place < len(self._rows) else []
            rows.append(cells + [None] * (width - len(cells)))
        return rows

    def filled(self, area: Area) -> Area | None:
        """Area without the blank rows and columns at its end, ``None`` if all of it is blank."""
        numbered = [(row, enumerate(cells)) for row, cells in enumerate(self.rows_of(area))]
        full = [(row, column) for row, cells in numbered for column, cell in cells if cell is not None]
        if not full:
            return None
        last_row, last_column = max(row for row, _ in full), max(column for _, column in full)
        return Area(area.row, area.column, area.row + last_row, area.column + last_column)

    def set(self, row: int, column: int, value: Any) -> None:
        """Write one cell; rows and columns count from 1. The grid grows where it must."""
        with self.spreadsheet.write():
            self._put(row, column, value)

    def set_quietly(self, row: int, column: int, value: Any) -> None:
        """Change a cell and move neither revision nor time: ``NOW()``, ``IMPORTRANGE``, formulas fed from elsewhere."""
        with self.spreadsheet.tenant.lock:
            self._put(row, column, value)
            self.spreadsheet.served.forget()

    def append(self, *rows: Sequence[Any]) -> None:
        """Write rows below the last one that is not blank, in one write."""
        with self.spreadsheet.write():
            self._fill(len(self._rows) + 1, 1, rows)

    def replace(self, rows: Values) -> None:
        """Write all cells anew, in one write; what was there before is gone."""
        with self.spreadsheet.write():
            self._rows = []
            self._fill(1, 1, rows)

    def delete_rows(self, row: int, count: int = 1) -> None:
        """Delete rows; those below move up, and the grid shrinks."""
        with self.spreadsheet.write():
            del self._rows[row - 1 : row - 1 + count]
            self.row_count -= count

    def rename(self, title: str) -> None:
        """Give the worksheet another title."""
        with self.spreadsheet.write():
            self.title = title

    def _put(self, row: int, column: int, value: Any) -> None:
        self._rows += [[] for _ in range(row - len(self._rows))]
        cells = self._rows[row - 1]
        cells += [None] * (column - len(cells))
        cells[column - 1] = value
        self.row_count, self.column_count = max(self.row_count, row), max(self.column_count, column)

    def _fill(self, first_row: int, first_column: int, rows: Values) -> None:
        for row, cells in enumerate(rows, first_row):
            for column, value in enumerate(cells, first_column):
                self._put(row, column, value)


class Spreadsheet(Document):
    """One spreadsheet; made by `Tenant.add_spreadsheet`.

    Attributes
    ----------
    sheets : list of Sheet
        In their order.
    """

    kind = "sheet"
    path = "sheets"

    def __init__(self, tenant: Company, token: str, name: str, owner: User) -> None:
        super().__init__(tenant, token, name, owner)
        self.sheets: list[Sheet] = []
        self.served = ByteCache(CACHED_BYTES)
        self._revision = 0
        self._made = itertools.count(1)

    @property
    def revision(self) -> int:
        """Number of changes so far, of all worksheets together; set it to play one that moved by itself."""
        return self._revision

    @revision.setter
    def revision(self, value: int) -> None:
        with self.tenant.lock:
            self._revision = value
            self.served.forget()

    def bump(self) -> None:
        """Move the revision by one, and nothing else."""
        self.revision += 1

    @contextmanager
    def write(self) -> Iterator[None]:
        """Do what one write does besides its work: move the revision by one, and the modify time to now."""
        with self.tenant.lock:
            yield
            self.bump()
            self.modifier = self.owner
            self.touch()

    def add_sheet(
        self,
        title: str,
        rows: Values = (),
        sheet_id: str | None = None,
        row_count: int | None = None,
        column_count: int | None = None,
        frozen_rows: int = 0,
        hidden: bool = False,
        merges: Sequence[Merge] = (),
        *,
        frozen_columns: int = 0,
    ) -> Sheet:
        """Add a worksheet; its grid is 200 x 20 cells, or what the rows need, unless it is said otherwise."""
        with self.write():
            sheet = self._new_sheet(title, sheet_id)
            sheet._fill(1, 1, rows)
            sheet.row_count = max(sheet.row_count, ROWS if row_count is None else row_count)
            sheet.column_count = max(sheet.column_count, COLUMNS if column_count is None else column_count)
            sheet.frozen_rows, sheet.frozen_columns, sheet.hidden = frozen_rows, frozen_columns, hidden
            sheet.merges = list(merges)
        return sheet

    def embed_base(self, base: Base, table: Table, title: str, sheet_id: str | None = None) -> Sheet:
        """Add a worksheet that shows a table of a Bitable."""
        return self.embed(title, f"{base.app_token}_{table.table_id}", BITABLE_BLOCK, sheet_id)

    def embed(self, title: str, token: str, kind: str = "OTHER_BLOCK", sheet_id: str | None = None) -> Sheet:
        """Add a worksheet that is no grid but a block of some other product."""
        with self.write():
            sheet = self._new_sheet(title, sheet_id)
            sheet.block = kind, token
        return sheet

    def remove_sheet(self, sheet: Sheet) -> None:
        """Delete a worksheet."""
        with self.write():
            self.sheets.remove(sheet)

    def sheet(self, title_or_id: str) -> Sheet:
        """Worksheet of this title or id."""
        found = next((one for one in self.sheets if title_or_id in (one.sheet_id, one.title)), None)
        if found is None:
            raise KeyError(f"spreadsheet {self.name} has no sheet {title_or_id}")
        return found

    def load(self, metainfo: Mapping[str, Any], query: Mapping[str, Any], *values: Mapping[str, Any]) -> None:
        """Take worksheets, revision and cells from recorded bodies: the v2 layout, the v3 one, and any value reads."""
        hidden = {item["sheet_id"]: item["hidden"] for item in query["data"]["sheets"]}
        for item in metainfo["data"]["sheets"]:
            sheet = self._new_sheet(item["title"], item["sheetId"])
            sheet.hidden = hidden[sheet.sheet_id]
            sheet.row_count, sheet.column_count = item["rowCount"], item["columnCount"]
            sheet.frozen_rows, sheet.frozen_columns = item["frozenRowCount"], item["frozenColCount"]
            sheet.merges = [
                (one["startRowIndex"] + 1, one["startColumnIndex"] + 1, one["rowCount"], one["columnCount"])
                for one in item.get("merges", [])
            ]
            block = item.get("blockInfo")
            sheet.block = (block["blockType"], block["blockToken"]) if block else None
        for body in values:
            self.load_values(body)
        self.revision = metainfo["data"]["properties"]["revision"]

    def load_values(self, body: Mapping[str, Any]) -> None:
        """Take cells from a recorded value read, moving nothing."""
        data = body["data"]
        for answer in data.get("valueRanges") or [data["valueRange"]]:
            sheet_id, _, place = answer["range"].partition("!")
            if sheet_id:
                sheet = self.sheet(sheet_id)
                area = area_of(place, sheet.row_count, sheet.column_count)
                assert area is not None
                sheet._fill(area.row, area.column, answer["values"] or [])
        self.served.forget()

    def _new_sheet(self, title: str, sheet_id: str | None) -> Sheet:
        sheet = Sheet(self, title, sheet_id or derived_id("", 6, self.token, next(self._made)))
        self.sheets.append(sheet)
        return sheet
