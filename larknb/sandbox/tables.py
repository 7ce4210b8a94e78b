"""The data of one table: fields, views, rows, and the revision that moves when they change.

Every changing method is one write call: it moves the table's revision by exactly one, the base's modify time to the
present second, and the modify time of the rows it edits. What it does not move is said in its docstring.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import orjson

from .cells import (
    ABSENT,
    ATTACHMENT,
    AUTO_NUMBER,
    CREATED_TIME,
    CREATED_USER,
    DERIVED,
    MODIFIED_TIME,
    UI_TYPES,
    Raw,
    local,
    plain,
    stored,
    text_of,
)
from .objects import ALPHABET, Answers, Past, User, derived_id

if TYPE_CHECKING:
    import datetime as dt

    from .base import Base

CACHED_BYTES = 192 * 1024 * 1024  # of served pages, per table: 100,000 rows of 20 columns fit, 500,000 are made anew
NOTHING: Mapping[str, Any] = {}
UNCHANGED: Any = object()  # default of arguments for which None means something
_AUTOMATIC = {
    "created_time": "created_time",
    "last_modified_time": "modified_time",
    "created_by": "created_by",
    "last_modified_by": "modified_by",
}


@dataclass(frozen=True)
class Field:
    """One column.

    Parameters
    ----------
    type, ui_type : int, str
        The platform's number and, where one number has several faces (Email, Currency, ...), its name.
    property : dict
        As the field list answers it. The options of a select may be plain names.
    description : str, optional
        Left out of the answer while it is ``None``, as ``is_hidden`` is.
    """

    name: str
    type: int
    ui_type: str = ""
    property: dict[str, Any] | None = None
    field_id: str = ""
    is_primary: bool = False
    description: str | None = None
    is_hidden: bool | None = False

    def __post_init__(self) -> None:
        filled = {
            "name": self.name.strip(),
            "ui_type": self.ui_type or UI_TYPES.get(self.type, "Text"),
            "field_id": self.field_id or derived_id("fld", 10, self.name, self.type),
            "property": _named_options(self.property),
        }
        for name, value in filled.items():
            object.__setattr__(self, name, value)


def options_of(column: Field) -> list[dict[str, Any]]:
    """Options of a select, empty for other columns."""
    return list((column.property or {}).get("options") or [])


def is_counter(column: Field) -> bool:
    """Whether this is a plain auto number, whose cells are the serials of the rows."""
    rule = (column.property or {}).get("auto_serial") or {}
    return column.type == AUTO_NUMBER and rule.get("type") == "auto_increment_number"


def _named_options(prop: dict[str, Any] | None) -> dict[str, Any] | None:
    options = (prop or {}).get("options")
    if prop is None or not isinstance(options, (list, tuple)):
        return prop
    return {**prop, "options": [_full_option(option, place) for place, option in enumerate(options)]}


def _full_option(option: Any, place: int) -> Any:
    return {"id": derived_id("opt", 10, option), "name": option, "color": place} if isinstance(option, str) else option


@dataclass(frozen=True)
class View:
    """One view: which rows it shows is either listed or a filter."""

    view_id: str
    name: str
    type: str = "grid"
    public_level: str = "Public"
    private_owner: str | None = None
    filter_info: dict[str, Any] | None = None
    record_ids: tuple[str, ...] | None = None
    hidden_fields: tuple[str, ...] | None = None


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


class State:
    """Fields and rows of a table at one moment, with the answers already made from them."""

    def __init__(self, fields: dict[str, Field], rows: dict[str, Row]) -> None:
        self.fields = fields
        self.rows = rows
        self._selections: dict[Hashable, list[Row]] = {}
        self._answers = Answers(CACHED_BYTES)

    def copy(self) -> State:
        """The same moment again, free to be changed."""
        return State(dict(self.fields), dict(self.rows))

    def forget(self) -> None:
        """Drop the answers: something has changed."""
        self._selections.clear()
        self._answers.forget()

    def selection(self, key: Hashable, select: Callable[[], list[Row]]) -> list[Row]:
        """Rows of a query, found once."""
        if key not in self._selections:
            self._selections[key] = select()
        return self._selections[key]

    def page(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        """Bytes of an answer, serialised once as long as there is room to keep it."""
        return self._answers.once(key, make)

    def named(self, name: str) -> Field | None:
        """Field that bears this name."""
        return next((one for one in self.fields.values() if one.name == name), None)

    @property
    def primary(self) -> Field | None:
        """Index column."""
        return next((one for one in self.fields.values() if one.is_primary), None)


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
        self._state = State({}, {})
        self._states: Past[State] = Past()
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

    def state_at(self, moment: float) -> State:
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
        """Change anything else of a column: ``type`` (with its usual ``ui_type``), ``property``, ``description``."""
        self._replace_field(field_id, **({"ui_type": ""} if "type" in changes else {}) | changes)

    def delete_field(self, field_id: str) -> None:
        """Delete a column with its cells; no time of a row moves."""
        with self._write() as state:
            del state.fields[field_id]
            for record_id, row in state.rows.items():
                if field_id in row.cells:
                    rest = {key: value for key, value in row.cells.items() if key != field_id}
                    state.rows[record_id] = replace(row, cells=rest)

    def rename_option(self, field_id: str, old: str, new: str) -> None:
        """Rename an option of a select: every cell that holds it reads otherwise, yet no time of a row moves."""
        with self._write() as state:
            column = state.fields[field_id]
            options = [{**option, "name": new} if option["name"] == old else option for option in options_of(column)]
            state.fields[field_id] = replace(column, property={**(column.property or {}), "options": options})
            for record_id, row in state.rows.items():
                value = row.cells.get(field_id)
                renamed = [new if one == old else one for one in value] if isinstance(value, list) else new
                if value == old or (isinstance(value, list) and old in value):
                    state.rows[record_id] = replace(row, cells={**row.cells, field_id: renamed})

    def rename(self, name: str) -> None:
        """Give the table another name: moves its revision and the base's."""
        with self._write():
            self.name = name
            self.base.revision += 1

    # Views -----------------------------------------------------------------------------------------------------------

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
    def _change(self) -> Iterator[State]:
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
    def _write(self, by: User | None = None) -> Iterator[State]:
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


def _tuple(values: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)


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
