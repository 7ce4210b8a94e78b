"""The layout of a spreadsheet: its revision, and what each worksheet is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from larknb.links import split_embedded
from larknb.readers.embedded import Part

__all__ = [
    "Layout",
    "Sheet",
    "bases_in",
]

BITABLE = "BITABLE_BLOCK"


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


@dataclass(frozen=True)
class Layout:
    """The worksheets of a spreadsheet at one revision, by sheet_id."""

    revision: int
    sheets: Mapping[str, Sheet]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Layout:
        """Return the layout that the platform tells."""
        revision = int((data.get("properties") or {}).get("revision") or 0)
        return cls(revision, _by_id(map(_sheet, data.get("sheets") or ())))

    @classmethod
    def remembered(cls, state: Mapping[str, Any]) -> Layout | None:
        """Return names and revision as the last look left them, without sizes; None where nothing is remembered."""
        if "sheets" not in state:
            return None
        return cls(int(state["revision"]), _by_id(Sheet(*memo) for memo in state["sheets"]))


def _by_id(sheets: Iterable[Sheet]) -> dict[str, Sheet]:
    return {sheet.sheet_id: sheet for sheet in sheets}


def _sheet(item: Mapping[str, Any]) -> Sheet:
    block = item.get("blockInfo") or {}
    return Sheet(
        str(item["sheetId"]),
        str(item.get("title") or ""),
        block_type=str(block.get("blockType") or "?") if block else "",
        block=str(block.get("blockToken") or ""),
        rows=int(item.get("rowCount") or 0),
        columns=int(item.get("columnCount") or 0),
        frozen_rows=int(item.get("frozenRowCount") or 0),
        merges=tuple(map(_merge, item.get("merges") or ())),
    )


def _merge(merge: Mapping[str, Any]) -> dict[str, int]:
    """Return a merged area with the place of its first cell, counted from 1."""
    return {
        "row": int(merge.get("startRowIndex") or 0) + 1,
        "column": int(merge.get("startColumnIndex") or 0) + 1,
        "rows": int(merge.get("rowCount") or 1),
        "columns": int(merge.get("columnCount") or 1),
    }


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
