"""Records as they are served: the cells asked for, in the shape asked for."""

from __future__ import annotations

import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from larknb.sandbox.platform.guard import id_kind, sees_avatars
from larknb.sandbox.platform.platform import Platform
from larknb.sandbox.wire.exchange import Request
from larknb.sandbox.world.bitable import cells
from larknb.sandbox.world.bitable.base import Table
from larknb.sandbox.world.bitable.fields import Field, options_of
from larknb.sandbox.world.bitable.rows import Row, TableState
from larknb.sandbox.world.ids import derived_id

from .shapes import CellShape, old_computed, old_links, seen_people

Serve = Callable[[Row], Any]


class RecordMaker:
    """Makes the records of an answer: the cells asked for, in the shape asked for."""

    def __init__(
        self, platform: Platform, table: Table, state: TableState, shape: CellShape, *, automatic: bool = False
    ) -> None:
        self._platform = platform
        self._table = table
        self._shape = shape
        self._automatic = automatic
        self._columns = [(key, column.name, self._special(column)) for key, column in state.fields.items()]

    def only(self, names: Sequence[str]) -> None:
        """Serve these columns alone."""
        self._columns = [column for column in self._columns if column[1] in names]

    def record(self, row: Row) -> dict[str, Any]:
        """Record object of one row; empty cells have no key."""
        fields = {}
        kept = row.cells
        for key, name, special in self._columns:
            if special is not None:
                value = special(row)
                if value is not None:
                    fields[name] = value
            elif key in kept:
                fields[name] = kept[key]
        fields.update(row.strays)
        if more := self._platform.more_members:
            fields = {name: _with_more(value, more) for name, value in fields.items()}
        record: dict[str, Any] = {"record_id": row.record_id, "fields": fields}
        if self._automatic:
            record["created_time"] = row.created_time
            record["last_modified_time"] = row.modified_time
            record["created_by"] = self._people(row.created_by)
            record["last_modified_by"] = self._people(row.modified_by)
        return record

    def _people(self, value: Any) -> Any:
        if self._shape.people_as_stored:
            return value
        return seen_people(value, self._shape, self._platform.tenant.find_user)

    def _special(self, column: Field) -> Serve | None:
        """How to serve a column whose cells do not go out as they are kept; ``None`` for the others."""
        change = self._change(column)
        if change is None and column.type not in cells.DERIVED:
            return None

        def serve(row: Row) -> Any:
            value = self._table.value(row, column)
            if value is None or change is None or isinstance(value, cells.Raw):
                return value
            return change(value)

        return serve

    def _change(self, column: Field) -> Callable[[Any], Any] | None:
        if column.type == cells.ATTACHMENT:
            return lambda value: [self._attachment(one) for one in value]
        if self._shape.old:
            return self._old(column)
        if self._shape.people_as_stored:
            return None
        if column.type in cells.PEOPLE:
            return self._people
        return self._computed_people if column.type in cells.COMPUTED else None

    def _computed_people(self, value: Any) -> Any:
        if isinstance(value, dict) and value.get("type") in cells.PEOPLE:
            return {**value, "value": self._people(value.get("value"))}
        return value

    def _attachment(self, file: Mapping[str, Any]) -> dict[str, Any]:
        extra = {"bitablePerm": {"tableId": self._table.table_id, "rev": self._table.revision}}
        quoted = urllib.parse.quote(orjson.dumps(extra), safe="")
        medias, token = f"{self._platform.url}/open-apis/drive/v1/medias", file.get("file_token", "")
        return {
            **file,
            "url": f"{medias}/{token}/download?extra={quoted}",
            "tmp_url": f"{medias}/batch_get_tmp_download_url?file_tokens={token}&extra={quoted}",
        }

    def _old(self, column: Field) -> Callable[[Any], Any] | None:
        zone, shape = self._table.base.zone, self._shape
        if column.type == cells.TEXT:
            return None if shape.segments else cells.text_of
        if column.type == cells.NUMBER:
            return cells.number_text
        if column.type == cells.PERSON:
            return self._people
        if column.type in (cells.CREATED_USER, cells.MODIFIED_USER):
            return lambda value: self._people(value[0] if isinstance(value, list) else value)
        if column.type in cells.LINKS:
            table_id = str((column.property or {}).get("table_id", ""))
            return lambda value: old_links(value, table_id, lambda ids: self._titles(table_id, ids))
        if column.type in cells.COMPUTED:
            plain = shape.referenced
            return lambda value: old_computed(value, zone, self._option_id, referenced=plain)
        return None

    def _titles(self, table_id: str, ids: Any) -> list[str]:
        linked = next((one for one in self._table.base.tables if one.table_id == table_id), None)
        return linked.titles(ids) if linked else []

    def _option_id(self, name: str) -> str:
        columns = [column for table in self._table.base.tables for column in table.fields]
        ids = {option["name"]: option["id"] for column in columns for option in options_of(column)}
        return str(ids.get(name, name))


def _with_more(value: Any, more: Mapping[str, Any]) -> Any:
    """Cell with more members in each of its objects."""
    value = cells.plain(value)
    if isinstance(value, list):
        return [_with_more(one, more) for one in value]
    return {**{key: _with_more(one, more) for key, one in value.items()}, **more} if isinstance(value, dict) else value


def shape_of(platform: Platform, request: Request, kind: object, **old: bool) -> CellShape:
    """Shape that this caller gets."""
    return CellShape(id_kind(platform, request, kind), sees_avatars(platform, request), **old)


def record_url(platform: Platform, row: Row) -> str:
    """Address under which people see a record."""
    return f"{platform.url}/record/{derived_id('', 27, row.record_id)}"
