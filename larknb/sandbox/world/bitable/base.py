"""A Bitable and its tables: fields, views, rows, and the revisions that move when they change.

Every changing method is one write call: it moves the table's revision by exactly one, the base's modify time to the
present second, and the modify time of the rows it edits. What it does not move is said in its docstring.
"""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import orjson

from larknb.sandbox.world.company import Company
from larknb.sandbox.world.document import Document
from larknb.sandbox.world.ids import ALPHABET, derived_id
from larknb.sandbox.world.memory import Past
from larknb.sandbox.world.people import User
from larknb.sandbox.world.times import zone_of

from .cells import ABSENT, ATTACHMENT, DERIVED, Raw, converted, plain, stored, text_of
from .fields import Field, View, is_counter, options_of, recorded_field
from .rows import NOTHING, Row, TableState, derived

UNCHANGED: Any = object()  # default of arguments for which None means something
_AUTOMATIC = {
    "created_time": "created_time",
    "last_modified_time": "modified_time",
    "created_by": "created_by",
    "last_modified_by": "modified_by",
}


class Table:
    """One table; made by `Base.add_table`.

    Attributes
    ----------
    table_id, name : str
    views : dict of View
        By view id; a new table has one grid.
    """

    def __init__(self, base: Base, name: str, fields: Iterable[Field], table_id: str) -> None:
        self.base = base
        self.name = name
        self.table_id = table_id
        self.views: dict[str, View] = {}
        self._revision = 1
        self._revisions: Past[int] = Past()
        self._last_serial = 0
        self._random = random.Random(f"{base.app_token} {table_id}")  # noqa: S311 - ids that are the same every time
        self._state = TableState({}, {})
        self._states: Past[TableState] = Past()
        for one in fields:
            self._place(one)
        first = next(iter(self._state.fields.values()), None)
        if first and not self._state.primary:
            self._state.fields[first.field_id] = replace(first, is_primary=True)
        grid = View(self._new_id("vew", 10), "表格")
        self.views[grid.view_id] = grid

    @property
    def revision(self) -> int:
        """Revision as the list of tables shows it; set it to play one that moved by itself."""
        return self._revision

    @revision.setter
    def revision(self, value: int) -> None:
        tenant = self.base.tenant
        with tenant.lock:
            self._revisions.note(self._revision, tenant.clock(), tenant.keep_past())
            self._revision = value
            self._state.forget()  # attachment addresses hold the revision

    @property
    def fields(self) -> list[Field]:
        """Columns in their order."""
        return list(self._state.fields.values())

    @property
    def rows(self) -> Mapping[str, Row]:
        """Rows by record id in their order; change them through the methods."""
        return self._state.rows

    def revision_at(self, moment: float) -> int:
        """Revision as a reader saw it at that moment."""
        return self._revisions.at(moment, self._revision)

    def state_at(self, moment: float) -> TableState:
        """Fields and rows as a reader saw them at that moment."""
        return self._states.at(moment, self._state)

    def field(self, name_or_id: str) -> Field:
        """Column of this name or id."""
        found = self._state.fields.get(name_or_id) or self._state.named(name_or_id)
        if found is None:
            raise KeyError(f"table {self.name} has no field {name_or_id}")
        return found

    def read(self, record_id: str) -> dict[str, Any]:
        """Stored cells of a row by field name, raw ones unpacked."""
        row = self._state.rows[record_id]
        cells = {one.name: row.cells[key] for key, one in self._state.fields.items() if key in row.cells}
        cells.update(row.strays)
        return {name: plain(value) for name, value in cells.items()}

    # Rows ------------------------------------------------------------------------------------------------------------

    def add(self, fields: Mapping[str, Any], record_id: str | None = None, *, by: User | None = None) -> str:
        """Add one row and give its record id."""
        with self._write(by):
            return self._insert(fields, record_id, self._now(), by or self.base.owner)

    def add_many(self, rows: Iterable[Mapping[str, Any]], *, by: User | None = None) -> list[str]:
        """Add rows in one write call and give their record ids; large cells may be shared, they are not copied."""
        with self._write(by):
            now, person = self._now(), by or self.base.owner
            return [self._insert(fields, None, now, person) for fields in rows]

    def edit(self, record_id: str, fields: Mapping[str, Any], *, by: User | None = None) -> None:
        """Change cells of a row; ``None`` empties one."""
        with self._write(by) as state:
            person = (by or self.base.owner).person()
            row = self._edited(record_id, fields)
            state.rows[record_id] = replace(row, modified_time=self._now(), modified_by=person)

    def set_quietly(self, record_id: str, fields: Mapping[str, Any]) -> None:
        """Change cells and move neither a revision nor a time: ``TODAY()``, renamed persons, cross-table formulas."""
        with self._change() as state:
            state.rows[record_id] = self._edited(record_id, fields)

    def set_history(
        self,
        record_id: str,
        *,
        created_time: int | None = None,
        modified_time: int | None = None,
        created_by: User | None = None,
        modified_by: User | None = None,
    ) -> None:
        """Give a row the times (milliseconds) and persons of its past, as quietly as `set_quietly`."""
        given: dict[str, Any] = {
            "created_time": created_time,
            "modified_time": modified_time,
            "created_by": created_by and created_by.person(),
            "modified_by": modified_by and modified_by.person(),
        }
        with self._change() as state:
            known = {name: value for name, value in given.items() if value is not None}
            state.rows[record_id] = replace(state.rows[record_id], **known)

    def delete(self, *record_ids: str) -> None:
        """Delete rows in one write call."""
        with self._write() as state:
            for record_id in record_ids:
                del state.rows[record_id]

    def adopt(self, item: Mapping[str, Any]) -> None:
        """Add a record from a recorded answer, to be served word for word until somebody changes it."""
        recorded, names = item["fields"], {one.name: one for one in self.fields}
        cells = {name: self._as_recorded(names.get(name), value) for name, value in recorded.items()}
        record_id = self.add(cells, item["record_id"])
        with self._change() as state:
            row = state.rows[record_id]
            row = replace(row, **{mine: item[theirs] for theirs, mine in _AUTOMATIC.items() if theirs in item})
            serial = next((recorded[one.name] for one in self.fields if is_counter(one) and one.name in recorded), None)
            row = replace(row, serial=int(serial) if serial else row.serial)
            self._last_serial = max(self._last_serial, row.serial)
            state.rows[record_id] = replace(row, cells=self._without_derived(row, recorded))

    # Fields ----------------------------------------------------------------------------------------------------------

    def add_field(self, field: Field) -> str:
        """Add a column and give its field id."""
        with self._write():
            return self._place(field)

    def rename_field(self, field_id: str, name: str) -> None:
        """Give a column another name; no time of a row moves."""
        self._replace_field(field_id, name=name)

    def change_field(self, field_id: str, **changes: Any) -> None:
        """Change anything else of a column: ``type`` (with its usual ``ui_type``; cells follow), ``property``, ..."""
        self._replace_field(field_id, **({"ui_type": ""} if "type" in changes else {}) | changes)

    def delete_field(self, field_id: str) -> None:
        """Delete a column with its cells; no time of a row moves."""
        with self._write() as state:
            del state.fields[field_id]
            state.rewrite(field_id, lambda _: None)

    def rename_option(self, field_id: str, old: str, new: str) -> None:
        """Rename an option of a select: every cell that holds it reads otherwise, yet no time of a row moves."""
        with self._write() as state:
            column = state.fields[field_id]
            options = [{**option, "name": new} if option["name"] == old else option for option in options_of(column)]
            state.fields[field_id] = replace(column, property={**(column.property or {}), "options": options})
            names = {old: new}
            state.rewrite(field_id, lambda cell: [names.get(one, one) for one in cell] if isinstance(cell, list)
                          else names.get(cell, cell) if isinstance(cell, str) else cell)  # fmt: skip

    def rename(self, name: str) -> None:
        """Give the table another name: moves its revision and the base's."""
        with self._write():
            self.name = name
            self.base.revision += 1

    # Views -----------------------------------------------------------------------------------------------------------

    def copied(self, base: Base) -> Table:
        """Table of another base with the same ids, fields, views and rows."""
        made = Table(base, self.name, self.fields, self.table_id)
        made._state, made._last_serial = self._state.copy(), self._last_serial
        made.views = dict(self.views)
        return made

    def add_view(
        self,
        name: str,
        filter_info: Mapping[str, Any] | None = None,
        record_ids: Sequence[str] | None = None,
        *,
        type: str = "grid",  # noqa: A002
        hidden_fields: Sequence[str] | None = None,
        private_owner: User | None = None,
    ) -> str:
        """Add a view that shows the rows of a filter, or the rows named, and give its id.

        Parameters
        ----------
        filter_info : dict
            ``{"conjunction", "conditions": [{"field_id", "operator", "value"}]}``; a value may be a plain list.
        """
        with self._write():
            view_id = self._new_id("vew", 10)
            level, owner = ("Private", private_owner.open_id) if private_owner else ("Public", None)
            self.views[view_id] = View(view_id, name, type, level, owner, hidden_fields=_tuple(hidden_fields))
            self._set_rows_of_view(view_id, filter_info, record_ids)
            return view_id

    def change_view(
        self,
        view_id: str,
        *,
        name: str | None = None,
        filter_info: Mapping[str, Any] | None = UNCHANGED,
        record_ids: Sequence[str] | None = UNCHANGED,
        hidden_fields: Sequence[str] | None = UNCHANGED,
        quietly: bool = False,
    ) -> None:
        """Change a view; ``quietly`` leaves the revision alone, since nobody has written whether a view moves it."""
        with self._change() if quietly else self._write():
            view = self.views[view_id]
            if hidden_fields is not UNCHANGED:
                view = replace(view, hidden_fields=_tuple(hidden_fields))
            self.views[view_id] = replace(view, name=name or view.name)
            self._set_rows_of_view(view_id, filter_info, record_ids)

    def remove_view(self, view_id: str) -> None:
        """Delete a view."""
        with self._write():
            del self.views[view_id]

    # What a row is besides its cells ---------------------------------------------------------------------------------

    def value(self, row: Row, field: Field) -> Any:
        """Value that record search serves for a cell, ``None`` where the key would be missing."""
        if field.field_id in row.cells:
            kept = row.cells[field.field_id]
            return None if kept is ABSENT else kept
        return derived(row, field, self.base.zone) if field.type in DERIVED else None

    def titles(self, record_ids: Iterable[str]) -> list[str]:
        """Texts of the index column of some rows, as a link shows them."""
        primary, rows = self._state.primary, self._state.rows
        if primary is None:
            return []
        return [text_of(plain(self.value(rows[one], primary))) for one in record_ids if one in rows]

    # Inside ----------------------------------------------------------------------------------------------------------

    @contextmanager
    def _change(self) -> Iterator[TableState]:
        tenant = self.base.tenant
        with tenant.lock:
            keep = tenant.keep_past()
            self._states.note(self._state, tenant.clock(), keep)
            if keep:
                self._state = self._state.copy()
            else:
                self._state.forget()
            yield self._state

    @contextmanager
    def _write(self, by: User | None = None) -> Iterator[TableState]:
        with self._change() as state:
            yield state
            self.revision += 1
            self.base.moved(by)

    def _now(self) -> int:
        return int(self.base.tenant.clock() * 1000)

    def _new_id(self, prefix: str, length: int) -> str:
        return prefix + "".join(self._random.choices(ALPHABET, k=length))

    def _insert(self, fields: Mapping[str, Any], record_id: str | None, now: int, person: User) -> str:
        record_id = record_id or self._new_id("rec", 12)
        if record_id in self._state.rows:
            raise ValueError(f"record {record_id} exists")
        who, (cells, strays) = person.person(), self._cells(fields)
        self._last_serial += 1
        self._state.rows[record_id] = Row(record_id, self._last_serial, now, now, who, who, cells, strays)
        return record_id

    def _edited(self, record_id: str, fields: Mapping[str, Any]) -> Row:
        row = self._state.rows[record_id]
        cells, strays = self._cells(fields)
        written = {key for key, column in self._state.fields.items() if column.name in fields}
        kept = {key: value for key, value in row.cells.items() if key not in written}
        return replace(row, cells=kept | cells, strays={**row.strays, **strays})

    def _cells(self, fields: Mapping[str, Any]) -> tuple[dict[str, Any], Mapping[str, Any]]:
        names, zone = {one.name: one for one in self._state.fields.values()}, self.base.zone
        cells, strays = {}, {}
        for name, value in fields.items():
            column = names.get(name)
            if column is None and isinstance(value, Raw):
                strays[name] = value
                continue
            column = column or self.field(name)
            kept = stored(value, column.type, column.ui_type, zone)
            if kept is not None:
                cells[column.field_id] = kept
        return cells, strays or NOTHING

    def _as_recorded(self, column: Field | None, value: Any) -> Any:
        # Raw is what would be stored, and so served, otherwise; attachments would get addresses of ours.
        if column is None or column.type == ATTACHMENT:
            return Raw(value)
        kept = stored(value, column.type, column.ui_type, self.base.zone)
        return value if kept is not None and kept == value else Raw(value)

    def _without_derived(self, row: Row, recorded: Mapping[str, Any]) -> dict[str, Any]:
        # Derived cells are left to be derived, so that later edits show in them, unless the recording says otherwise.
        cells = dict(row.cells)
        for column in self.fields:
            if column.type in DERIVED:
                if column.name not in recorded:
                    cells[column.field_id] = ABSENT
                elif recorded[column.name] == derived(row, column, self.base.zone):
                    del cells[column.field_id]
        return cells

    def _place(self, field: Field) -> str:
        fields = self._state.fields
        if any(one.name == field.name for one in fields.values()):
            raise ValueError(f"table {self.name} already has a field {field.name}")
        if field.field_id in fields:
            field = replace(field, field_id=self._new_id("fld", 10))
        fields[field.field_id] = field
        return field.field_id

    def _replace_field(self, field_id: str, **changes: Any) -> None:
        with self._write() as state:
            column = replace(state.fields[field_id], **changes)
            if any(one.name == column.name and key != field_id for key, one in state.fields.items()):
                raise ValueError(f"table {self.name} already has a field {column.name}")
            if column.type != state.fields[field_id].type:
                state.rewrite(field_id, lambda cell: converted(cell, column.type, column.ui_type, self.base.zone))
            state.fields[field_id] = column

    def _set_rows_of_view(self, view_id: str, filter_info: Any, record_ids: Any) -> None:
        view = self.views[view_id]
        if filter_info is not UNCHANGED:
            view = replace(view, filter_info=filter_info and self._full_filter(filter_info))
        if record_ids is not UNCHANGED:
            view = replace(view, record_ids=_tuple(record_ids))
        self.views[view_id] = view

    def _full_filter(self, filter_info: Mapping[str, Any]) -> dict[str, Any]:
        conditions = []
        for condition in filter_info.get("conditions", []):
            value, column = condition.get("value"), self.field(condition["field_id"])
            full = {"condition_id": self._new_id("con", 7), "field_type": column.type, **condition}
            conditions.append(full | {"value": value if isinstance(value, str) else orjson.dumps(value or []).decode()})
        return {"condition_omitted": None, "conjunction": "and", **filter_info, "conditions": conditions}


class Base(Document):
    """One Bitable; made by `Tenant.add_base`.

    Attributes
    ----------
    revision : int
        Moves by one when a table is added, removed or renamed.
    tables : list of Table
    time_zone : str
        As the platform answers it, which may be ``Asia/Beijing`` or empty.
    is_advanced : bool
        Advanced permissions are on: who is not in the sandbox's ``roles`` sees no rows.
    """

    kind = "bitable"
    path = "base"

    def __init__(
        self,
        tenant: Company,
        token: str,
        name: str,
        owner: User,
        *,
        time_zone: str = "Asia/Shanghai",
        is_advanced: bool = False,
        formula_type: int = 1,
    ) -> None:
        super().__init__(tenant, token, name, owner)
        self.time_zone = time_zone
        self.is_advanced = is_advanced
        self.formula_type = formula_type
        self.advance_version = "v1"
        self.revision = 1
        self.tables: list[Table] = []
        self._made = itertools.count(1)

    @property
    def app_token(self) -> str:
        """Token of the base in URLs and paths."""
        return self.token

    @property
    def zone(self) -> dt.tzinfo:
        """Zone in which the base counts its days."""
        return zone_of(self.time_zone)

    def moved(self, by: User | None = None) -> None:
        """Note that somebody edited the base now."""
        self.modifier = by or self.owner
        self.touch()

    def add_table(self, name: str, fields: Iterable[Field], table_id: str | None = None) -> Table:
        """Add an empty table with these columns; the first is the index column unless another says so."""
        with self.tenant.lock:
            table = Table(self, name, fields, table_id or derived_id("tbl", 13, self.app_token, next(self._made)))
            self.tables.append(table)
            self.revision += 1
            self.moved()
            return table

    def take_copies(self, tables: Iterable[Table]) -> None:
        """Add copies of another base's tables: ids stay, revisions begin anew; our guess of what a copy is."""
        with self.tenant.lock:
            self.tables += [table.copied(self) for table in tables]
            self.revision += 1
            self.moved()

    def remove_table(self, table: Table) -> None:
        """Delete a table."""
        with self.tenant.lock:
            self.tables.remove(table)
            self.revision += 1
            self.moved()

    def table(self, name_or_id: str) -> Table:
        """Table of this name or id."""
        found = next((one for one in self.tables if name_or_id in (one.table_id, one.name)), None)
        if found is None:
            raise KeyError(f"base {self.name} has no table {name_or_id}")
        return found

    def load(
        self,
        name: str,
        fields_body: Mapping[str, Any],
        records_body: Mapping[str, Any],
        *,
        table_id: str | None = None,
        revision: int = 1,
    ) -> Table:
        """Add a table from a recorded field list and a recorded search answer, which it then serves word for word."""
        columns = [recorded_field(item) for item in fields_body["data"]["items"]]
        table = self.add_table(name, columns, table_id)
        for item in records_body["data"]["items"] or []:
            table.adopt(item)
        table.revision = revision
        return table


def _tuple(values: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)
