"""The layout of a spreadsheet: its revision, and what each worksheet is."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from larknb.errors import ApiError
from larknb.links import split_embedded
from larknb.messages import say
from larknb.readers.base import is_name, whole_number
from larknb.readers.embedded import Part

__all__ = [
    "Layout",
    "Sheet",
    "bases_in",
]

log = logging.getLogger("larknb")

BITABLE = "BITABLE_BLOCK"
NO_REVISION = -1  # stands for one that is no number; no answer has it, so that nothing is read
MOST_COLUMNS = 13_000  # of a worksheet, says the documentation
MOST_CELLS = 20_000_000  # four times what the documentation says that a worksheet has, blank ones counted
MOST_MERGES = 100_000  # areas of one worksheet: more are left out, which costs no cell


@dataclass(frozen=True)
class Sheet:
    """A worksheet as the layout names it; one with a ``block_type`` is no grid.

    ``has_size`` is False where the platform tells none that a grid may have.
    """

    sheet_id: str
    title: str
    block_type: str = ""
    block: str = ""
    rows: int = 0
    columns: int = 0
    frozen_rows: int = 0
    merges: tuple[Mapping[str, int], ...] = ()
    has_size: bool = True

    @property
    def most_rows(self) -> int:
        """How many rows are looked at."""
        return min(self.rows, MOST_CELLS // max(1, self.columns))

    @property
    def memo(self) -> list[str]:
        """What the next look must know of it."""
        return [self.sheet_id, self.title, self.block_type, self.block]


@dataclass(frozen=True)
class Layout:
    """The worksheets of a spreadsheet at one revision, by sheet_id."""

    revision: int
    sheets: Mapping[str, Sheet]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Layout:
        """Return the layout that the platform tells; ApiError where that is none."""
        sheets, properties = data.get("sheets"), data.get("properties")
        if not isinstance(sheets, list) or not isinstance(properties, Mapping) or not all(map(_is_sheet, sheets)):
            raise ApiError(say("list.what"), next=say("torn.next"))
        return cls(whole_number(properties.get("revision"), NO_REVISION), _by_id(map(_sheet, sheets)))

    @classmethod
    def remembered(cls, state: Mapping[str, Any]) -> Layout | None:
        """Return names and revision as the last look left them, without sizes; None where nothing is remembered."""
        if "sheets" not in state:
            return None
        return cls(int(state["revision"]), _by_id(Sheet(*memo) for memo in state["sheets"]))


def _by_id(sheets: Iterable[Sheet]) -> dict[str, Sheet]:
    return {sheet.sheet_id: sheet for sheet in sheets}


def _is_sheet(item: Any) -> bool:
    return isinstance(item, Mapping) and is_name(item.get("sheetId"))


def _sheet(item: Mapping[str, Any]) -> Sheet:
    block = item.get("blockInfo")
    about = block if isinstance(block, Mapping) else {}
    rows, columns = whole_number(item.get("rowCount"), -1), whole_number(item.get("columnCount"), -1)
    return Sheet(
        item["sheetId"],
        str(item.get("title") or ""),
        block_type=str(about.get("blockType") or "?") if block else "",
        block=str(about.get("blockToken") or ""),
        rows=max(0, rows),
        columns=max(0, columns),
        frozen_rows=whole_number(item.get("frozenRowCount"), 0),
        merges=_merges(item),
        has_size=bool(block) or (rows >= 0 and 0 <= columns <= MOST_COLUMNS),
    )


def _merges(item: Mapping[str, Any]) -> tuple[dict[str, int], ...]:
    """Return the merged areas that are some, with the place of the first cell of each, counted from 1."""
    listed = item.get("merges")
    merges = (_merge(merge) for merge in (listed if isinstance(listed, list) else ()) if isinstance(merge, Mapping))
    known = tuple(islice((merge for merge in merges if _is_area(merge)), MOST_MERGES + 1))
    if len(known) > MOST_MERGES:
        log.warning(say("layout.merges", sheet=item.get("title"), most=MOST_MERGES))
    return known[:MOST_MERGES]


def _merge(merge: Mapping[str, Any]) -> dict[str, int]:
    return {
        "row": whole_number(merge.get("startRowIndex"), 0) + 1,
        "column": whole_number(merge.get("startColumnIndex"), 0) + 1,
        "rows": whole_number(merge.get("rowCount"), 1),
        "columns": whole_number(merge.get("columnCount"), 1),
    }


def _is_area(merge: Mapping[str, int]) -> bool:
    """Say whether a merge covers any cell, and none above or left of the sheet."""
    return all(number > 0 for number in merge.values())


def bases_in(sheets: Iterable[Sheet]) -> list[Part]:
    """Return the bases of which worksheets show tables.

    A table is cached under its table_id. That is unique within one base only, and a copied base keeps the ids of the
    first: tables that share one are cached under the whole token of their block.
    """
    found: dict[str, dict[str, Sheet]] = defaultdict(dict)
    for sheet in sheets:
        app_token, table_id = split_embedded(sheet.block)
        if sheet.block_type == BITABLE and table_id:
            found[app_token].setdefault(table_id, sheet)
    count = Counter(table_id for tables in found.values() for table_id in tables)
    return [
        Part(
            "bitable",
            app_token,
            {table_id: table_id if count[table_id] == 1 else sheet.block for table_id, sheet in tables.items()},
            {table_id: sheet.title for table_id, sheet in tables.items()},
        )
        for app_token, tables in found.items()
    ]
