"""Bitable fields and cells -> the loss-free ("raw") Arrow form of a table.

A column's Arrow type depends on its field definition alone, never on the rows of one page, so that a table keeps its
types from sync to sync. What a type cannot hold exactly is null in its column and kept in ``_extra``, a JSON object
``{field_id: cell as received}``: column and ``_extra`` together give every received cell back.

Both generations of cell shapes are understood: those of record search and batch_get, which we ask, and the older ones
of the list and get calls. An older shape is stored as the newer one that says the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import chain, repeat
from types import NoneType
from typing import Any

import orjson
import pyarrow as pa

from larknb.tabular.raw import FIELD_KEY, TABLE_KEY

__all__ = [
    "computed_columns",
    "computed_schema",
    "field_of",
    "raw_schema",
    "to_arrow",
    "unknown_names",
]

Cell = Any  # whatever the JSON of one cell became
Record = Mapping[str, Any]

COMPUTED = {19, 20}  # lookup and formula
VALUELESS = {3001}  # a button is a column without data
TIME = pa.timestamp("ms", "UTC")


def _strings(*names: str) -> pa.StructType:
    return pa.struct([(name, pa.string()) for name in names])


def _list(items: pa.DataType) -> pa.ListType:
    return pa.list_(pa.field("element", items))  # Parquet's name for it: a schema equals the one read back


PERSON = _strings("id", "name", "en_name", "email", "avatar_url")
SYSTEM = {"_created_time": TIME, "_last_modified_time": TIME, "_created_by": PERSON, "_last_modified_by": PERSON}
SEGMENT = pa.struct([*_strings("type", "text", "link", "token", "mentionType", "name"), ("mentionNotify", pa.bool_())])
FILE = pa.struct([*_strings("file_token", "name", "type"), ("size", pa.int64()), *_strings("url", "tmp_url")])
PLACE = _strings("location", "pname", "cityname", "adname", "address", "name", "full_address")
RESULT = pa.struct([("type", pa.int32()), ("ui_type", pa.string()), ("value_json", pa.string())])

# Where pyarrow is lax: it takes True as the number 1.0 and cuts 1.5 down to the integer 1. With strings and booleans it
# is as strict as we are.
LAX = {pa.float64(): (int, float), pa.int64(): (int,), pa.int32(): (int,), TIME: (int,)}
FIRST_MS, LAST_MS = -62135596800000, 253402300799999  # the years 1 to 9999: no calendar we hand dates to has others

# What keeps a value from its Arrow type: a wrong type, a lone surrogate, a number too large or not exactly a float.
MISFIT = (TypeError, ValueError, ArithmeticError)

# --- cells -> what Arrow is built from --------------------------------------------------------------------------


def _unreadable(cell: Cell) -> Cell:
    raise TypeError(f"no such shape: {type(cell).__name__}")


def _as_segments(cell: Cell) -> Cell:
    return [{"type": "text", "text": cell}] if isinstance(cell, str) else _unreadable(cell)


def _as_number(cell: Cell) -> Cell:
    value = orjson.loads(cell)  # float() would take "1_000" and "nan" too
    if isinstance(value, float) and Decimal(cell) != Decimal(repr(value)):
        raise ValueError("more digits than a float keeps")
    return value


def _as_objects(cell: Cell) -> Cell:
    return [cell] if isinstance(cell, dict) else _unreadable(cell)


def _as_record_ids(cell: Cell) -> Cell:
    if isinstance(cell, dict):
        return cell["link_record_ids"] if cell.keys() == {"link_record_ids"} else _unreadable(cell)
    ids: list[Any] = []
    for link in cell if isinstance(cell, list) else _unreadable(cell):
        if not isinstance(link, dict) or not link.keys() <= {"type", "table_id", "record_ids", "text", "text_arr"}:
            raise TypeError("no link of the older shape")
        record_ids = link.get("record_ids") or []
        ids += record_ids if isinstance(record_ids, list) else _unreadable(record_ids)
    return ids or None


def _as_result(cell: Cell) -> Cell:
    if not isinstance(cell, dict):
        return {"value_json": _json(cell if isinstance(cell, list) else [cell])}
    value = cell.get("value")
    if not isinstance(value, list) or not cell.keys() <= {"type", "ui_type", "value"}:
        raise TypeError("no result")
    return {"type": cell.get("type"), "ui_type": cell.get("ui_type"), "value_json": _json(value)}


def _json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


@dataclass(frozen=True)
class _Form:
    """How the cells of one kind of column are kept: ``ready`` Python types go to Arrow as they are, others are read."""

    type: pa.DataType
    ready: frozenset[type]
    read: Callable[[Cell], Cell] = _unreadable


def _form(arrow: pa.DataType, *ready: type, read: Callable[[Cell], Cell] = _unreadable) -> _Form:
    return _Form(arrow, frozenset({*ready, NoneType}), read)


_TEXTS = _form(_list(SEGMENT), list, read=_as_segments)
_NUMBER = _form(pa.float64(), int, float, read=_as_number)
_CHOICE = _form(pa.dictionary(pa.int32(), pa.string()), str)
_CHOICES = _form(_list(pa.string()), list)
_MOMENT = _form(TIME, int)
_PERSONS = _form(_list(PERSON), list, read=_as_objects)
_STRING = _form(pa.string(), str)
_LINKS = _form(_list(pa.string()), read=_as_record_ids)
_RESULTS = _form(RESULT, read=_as_result)
_ANYTHING = _form(pa.string(), read=_json)

FORMS: dict[int, _Form] = {
    1: _TEXTS,
    2: _NUMBER,
    3: _CHOICE,
    4: _CHOICES,
    5: _MOMENT,
    7: _form(pa.bool_(), bool),
    11: _PERSONS,
    13: _STRING,
    15: _form(_strings("text", "link"), dict),
    17: _form(_list(FILE), list, read=_as_objects),
    18: _LINKS,
    19: _RESULTS,
    20: _RESULTS,
    21: _LINKS,
    22: _form(PLACE, dict),
    23: _form(_list(_strings("id", "name", "avatar_url")), list, read=_as_objects),
    24: _STRING,
    1001: _MOMENT,
    1002: _MOMENT,
    1003: _PERSONS,
    1004: _PERSONS,
    1005: _STRING,
}

# --- the schema -------------------------------------------------------------------------------------------------


def raw_schema(
    table_id: str, name: str, fields: Sequence[Mapping[str, Any]], *, time_zone: str, user_id_type: str = "open_id"
) -> pa.Schema:
    """Return the schema of a table's raw form.

    Parameters
    ----------
    fields : sequence of mapping
        The items of the field list, in its order.
    time_zone : str
        The base's zone as the server said it, whatever it is.

    Returns
    -------
    pyarrow.Schema
        ``_record_id``; one column per field, by ``field_id``; the system columns; ``_extra``; the two hashes. Each
        field's definition is JSON under ``FIELD_KEY`` in its metadata. ``TABLE_KEY`` in the metadata of the schema has
        ``table_id``, ``name``, ``time_zone``, ``user_id_type``, and in ``valueless`` the names of the buttons.
    """
    fields = list({field["field_id"]: field for field in fields}.values())  # a torn listing may name one twice
    table = {
        "table_id": table_id,
        "name": name,
        "time_zone": time_zone,
        "user_id_type": user_id_type,
        "valueless": [field["field_name"] for field in fields if field.get("type") in VALUELESS],
    }
    return pa.schema(
        [
            pa.field("_record_id", pa.string(), nullable=False),
            *(_column_field(field) for field in fields if field.get("type") not in VALUELESS),
            *SYSTEM.items(),
            ("_extra", pa.string()),
            ("_row_hash", pa.int64()),
            ("_computed_hash", pa.int64()),
        ],
        metadata={TABLE_KEY: _canonical(table)},
    )


def _column_field(field: Mapping[str, Any]) -> pa.Field:
    keys = ("field_id", "field_name", "type", "ui_type", "property", "is_primary", "description")
    definition = _canonical({key: field.get(key) for key in keys})
    return pa.field(field["field_id"], _form_of(field).type, metadata={FIELD_KEY: definition})


def computed_schema(schema: pa.Schema) -> pa.Schema:
    """Return the part of a raw schema that a read of the computed columns alone fills."""
    kept = {"_record_id", *computed_columns(schema), "_extra", "_computed_hash"}
    return pa.schema([field for field in schema if field.name in kept], metadata=schema.metadata)


def computed_columns(schema: pa.Schema) -> list[str]:
    """Return the names of the formula and lookup columns, which are their field ids."""
    return [field.name for field in schema if field_of(field).get("type") in COMPUTED]


def field_of(column: pa.Field) -> Mapping[str, Any]:
    """Return the field definition of a column of a raw schema, empty for a column of our own."""
    definition = (column.metadata or {}).get(FIELD_KEY)
    return _parsed(definition) if definition else {}


def _form_of(definition: Mapping[str, Any]) -> _Form:
    return FORMS.get(definition.get("type", 0), _ANYTHING)


@lru_cache(maxsize=1024)  # a select may have 20,000 options, and every page needs the definitions
def _parsed(definition: bytes) -> Mapping[str, Any]:
    # Not orjson: a name may hold a lone surrogate, which only the standard library reads.
    parsed: Mapping[str, Any] = json.loads(definition)
    return parsed


def unknown_names(schema: pa.Schema, records: Sequence[Record]) -> set[str]:
    """Return the keys of ``fields`` that no field of the schema has: a column was renamed or added during the read."""
    return set(chain.from_iterable(_cells(record) for record in records)) - _known_names(schema)


def _known_names(schema: pa.Schema) -> set[str]:
    names = {definition["field_name"] for column in schema if (definition := field_of(column))}
    return names.union(_parsed(schema.metadata[TABLE_KEY])["valueless"])


def _cells(record: Record) -> Mapping[str, Cell]:
    return record.get("fields") or {}


# --- records -> rows --------------------------------------------------------------------------------------------


def to_arrow(schema: pa.Schema, records: Sequence[Record]) -> pa.Table:
    """Return one row per record, in a schema of `raw_schema` or `computed_schema`.

    ``_row_hash`` and ``_computed_hash`` are equal exactly when the plain cells, or the computed ones, are; URLs that
    change without an edit do not count. ``_extra`` holds what fits no column: by ``field_id`` or name of the system
    column, and by field name where the schema has no such field. What a button may have to say is not kept.
    """
    rows = [_cells(record) for record in records]
    arrays = {"_record_id": pa.array([_record_id(record) for record in records], pa.string())}
    extras: list[dict[str, Cell]] = [{} for _ in records]
    plain: dict[str, list[Cell]] = {}
    computed: dict[str, list[Cell]] = {}

    for field_id, definition in ((column.name, field_of(column)) for column in schema if field_of(column)):
        name = definition["field_name"]
        cells = _present([row.get(name) for row in rows])
        arrays[field_id] = _column(field_id, definition, _form_of(definition), cells, extras)
        hashed = computed if definition["type"] in COMPUTED else plain
        hashed[field_id] = _without_volatile(definition, cells)
    for name, arrow in SYSTEM.items():
        if name in schema.names:
            cells = _present([record.get(name[1:]) for record in records])
            arrays[name] = _column(name, {}, _form(arrow, int, dict), cells, extras)

    known = _known_names(schema)
    for row, extra in zip(rows, extras, strict=True):
        if not row.keys() <= known:
            extra |= {name: row[name] for name in row.keys() - known if not _is_empty(row[name])}

    arrays["_extra"] = pa.array([_canonical(extra).decode() if extra else None for extra in extras], pa.string())
    arrays["_row_hash"] = _hashes(plain, len(records))
    arrays["_computed_hash"] = _hashes(computed, len(records))
    return pa.Table.from_arrays([arrays[name] for name in schema.names], schema=schema)


def _record_id(record: Record) -> str:
    return str(record.get("record_id") or record.get("id") or "")


def _present(cells: list[Cell]) -> list[Cell]:
    """Return the cells with None for every kind of empty one."""
    kinds = set(map(type, cells))
    if kinds <= {int, float, bool, NoneType}:  # these are never empty
        return cells
    if kinds <= {str, list, NoneType}:
        return [cell or None for cell in cells]
    return [None if _is_empty(cell) else cell for cell in cells]


def _is_empty(cell: Cell) -> bool:
    if not cell:
        return cell is None or isinstance(cell, str | list | dict)  # 0 and False are values
    if not isinstance(cell, dict):
        return False
    if cell.keys() == {"link_record_ids"}:
        return cell["link_record_ids"] in (None, [])
    return cell.keys() <= {"type", "ui_type", "value"} and cell.get("value", 0) in (None, [])


def _column(
    key: str, definition: Mapping[str, Any], form: _Form, cells: list[Cell], extras: list[dict[str, Cell]]
) -> pa.Array:
    """Return a column; a cell that does not fit it goes to its row's ``extras`` instead."""
    try:
        return _built(form, definition, cells)
    except MISFIT:
        fitting = [cell if _fits(form, cell) else None for cell in cells]
    for cell, fit, extra in zip(cells, fitting, extras, strict=True):
        if fit is None and cell is not None:
            extra[key] = cell
    return _built(form, definition, fitting)


def _fits(form: _Form, cell: Cell) -> bool:
    try:
        _built(form, {}, [cell])  # which options there are is no matter, and there may be thousands
    except MISFIT:
        return False
    return True


def _built(form: _Form, definition: Mapping[str, Any], cells: list[Cell]) -> pa.Array:
    values = cells
    if not set(map(type, cells)) <= form.ready:
        values = [cell if type(cell) in form.ready else form.read(cell) for cell in cells]
    if form is _CHOICE:
        return _choices(values, _options(definition))
    return _array(values, form.type)


def _array(values: list[Any], arrow: pa.DataType) -> pa.Array:
    """Return an Arrow array of exactly these values; raise one of ``MISFIT`` if there cannot be one."""
    _check(values, arrow)
    return pa.array(values, arrow)


def _check(values: list[Any], arrow: pa.DataType) -> None:
    """Refuse what pyarrow would change or drop without a word."""
    if pa.types.is_list(arrow):
        _demand(values, list)
        items = list(chain.from_iterable(value for value in values if value is not None))
        if NoneType in set(map(type, items)):
            raise TypeError("an item is null")
        _check(items, arrow.value_type)
    elif pa.types.is_struct(arrow):
        _demand(values, dict)
        objects = [value for value in values if value is not None]
        if surplus := set().union(*objects) - {member.name for member in arrow}:
            raise TypeError(f"unexpected members {surplus}")
        for member, kind in ((member.name, member.type) for member in arrow if member.type in LAX):
            _check([value.get(member) for value in objects], kind)
    elif arrow in LAX:
        _demand(values, *LAX[arrow])
        if arrow == TIME and not all(FIRST_MS <= value <= LAST_MS for value in values if value is not None):
            raise ValueError("no calendar date")


def _demand(values: Iterable[Any], *kinds: type) -> None:
    if surplus := set(map(type, values)) - {*kinds, NoneType}:
        raise TypeError(f"unexpected {surplus}")


def _choices(values: list[Any], options: Iterable[str]) -> pa.Array:
    _demand(values, str)
    codes = {name: code for code, name in enumerate(options)}
    indices = [None if value is None else codes.setdefault(value, len(codes)) for value in values]
    return pa.DictionaryArray.from_arrays(pa.array(indices, pa.int32()), pa.array(list(codes), pa.string()))


def _options(definition: Mapping[str, Any]) -> Iterable[str]:
    """Return the option names in their order, each once; a name that is no valid text can be no dictionary value."""
    options = (definition.get("property") or {}).get("options") or ()
    names = (option.get("name") for option in options)
    return dict.fromkeys(name for name in names if isinstance(name, str) and _is_valid(name))


def _is_valid(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


# --- hashes -----------------------------------------------------------------------------------------------------

HOLDING_URLS = {11, 17, 19, 20, 23, 1003, 1004}  # persons, files, groups, and results that may hold them
VOLATILE = {"avatar_url", "url", "tmp_url"}  # they move with every revision, or with a new portrait


def _without_volatile(definition: Mapping[str, Any], cells: list[Cell]) -> list[Cell]:
    return [_stable(cell) for cell in cells] if definition["type"] in HOLDING_URLS else cells


def _stable(cell: Cell) -> Cell:
    if isinstance(cell, list):
        return [_stable(item) for item in cell]
    if isinstance(cell, dict):
        return {key: _stable(value) if key == "value" else value for key, value in cell.items() if key not in VOLATILE}
    return cell


def _hashes(columns: Mapping[str, list[Cell]], length: int) -> pa.Array:
    rows: Iterable[tuple[Cell, ...]] = zip(*columns.values(), strict=True) if columns else repeat((), length)
    return pa.array(
        [_hash({key: cell for key, cell in zip(columns, row, strict=True) if cell is not None}) for row in rows],
        pa.int64(),
    )


def _hash(value: Mapping[str, Cell]) -> int:
    digest = hashlib.blake2b(_canonical(value), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _canonical(value: Any) -> bytes:
    """Return JSON with sorted keys; equal values give equal bytes."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # a lone surrogate, or an integer of more than 64 bits: ASCII escapes keep both
        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
