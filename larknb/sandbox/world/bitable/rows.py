"""The rows of a table, and the state in which a reader sees them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from larknb.sandbox.world.memory import ByteCache
from larknb.sandbox.world.times import local

from .cells import AUTO_NUMBER, CREATED_TIME, CREATED_USER, MODIFIED_TIME
from .fields import Field

CACHED_BYTES = 192 * 1024 * 1024  # of served pages, per table: 100,000 rows of 20 columns fit, 500,000 are made anew
NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Row:
    """One record; ``cells`` by field id, ``strays`` by a name that no field bears, times in milliseconds."""

    record_id: str
    serial: int
    created_time: int
    modified_time: int
    created_by: dict[str, Any]
    modified_by: dict[str, Any]
    cells: Mapping[str, Any]
    strays: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


class TableState:
    """Fields and rows of a table at one moment, with the answers already made from them."""

    def __init__(self, fields: dict[str, Field], rows: dict[str, Row]) -> None:
        self.fields = fields
        self.rows = rows
        self._selections: dict[Hashable, list[Row]] = {}
        self._pages = ByteCache(CACHED_BYTES)

    def copy(self) -> TableState:
        """The same moment again, free to be changed."""
        return TableState(dict(self.fields), dict(self.rows))

    def forget(self) -> None:
        """Drop the answers: something has changed."""
        self._selections.clear()
        self._pages.forget()

    def rewrite(self, field_id: str, change: Callable[[Any], Any]) -> None:
        """Change every cell of a column; ``None`` empties one. No time of a row moves."""
        for record_id, row in self.rows.items():
            if field_id in row.cells:
                rest = {key: value for key, value in row.cells.items() if key != field_id}
                new = change(row.cells[field_id])
                self.rows[record_id] = replace(row, cells=rest if new is None else {**rest, field_id: new})

    def selection(self, key: Hashable, select: Callable[[], list[Row]]) -> list[Row]:
        """Rows of a query, found once."""
        if key not in self._selections:
            self._selections[key] = select()
        return self._selections[key]

    def page(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        """Bytes of an answer, serialised once as long as there is room to keep it."""
        return self._pages.once(key, make)

    def named(self, name: str) -> Field | None:
        """Field that bears this name."""
        return next((one for one in self.fields.values() if one.name == name), None)

    @property
    def primary(self) -> Field | None:
        """Index column."""
        return next((one for one in self.fields.values() if one.is_primary), None)


def derived(row: Row, field: Field, zone: dt.tzinfo) -> Any:
    """Value of a column that follows from the row itself."""
    if field.type == CREATED_TIME:
        return row.created_time
    if field.type == MODIFIED_TIME:
        return row.modified_time
    if field.type == AUTO_NUMBER:
        return _auto_number(row, field, zone)
    return [row.created_by if field.type == CREATED_USER else row.modified_by]


def _auto_number(row: Row, field: Field, zone: dt.tzinfo) -> str:
    rule = (field.property or {}).get("auto_serial") or {}
    if rule.get("type") != "custom":
        return str(row.serial)
    parts = []
    for option in rule.get("options", []):
        kind, value = option["type"], option["value"]
        if kind == "system_number":
            parts.append(str(row.serial).zfill(int(value)))
        elif kind == "created_time":
            pattern = value.replace("yyyy", "%Y").replace("MM", "%m").replace("dd", "%d")
            parts.append(local(row.created_time, zone).strftime(pattern))
        else:
            parts.append(value)
    return "".join(parts)
