"""The cells of records, as the server sends them -> the rows of the raw form.

Both generations of cell shapes are understood: those of record search and batch_get, which we ask, and the older ones
of the list and get calls. An older shape is stored as the newer one that says the same.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from types import NoneType
from typing import Any

import orjson
import pyarrow as pa

from larknb.tabular.calendar import FIRST_MS, LAST_MS
from larknb.tabular.hashes import hash_rows, without_volatile
from larknb.tabular.nearest import Near, nearest
from larknb.tabular.raw import (
    COMPUTED,
    COMPUTED_HASH,
    EXTRA,
    INSTANT,
    RECORD_ID,
    ROW_HASH,
    SYSTEM,
    Definition,
    FieldType,
    canonical_json,
    definition_of,
    field_names,
    options_of,
)

__all__ = [
    "to_arrow",
    "unknown_names",
]

EMPTY = Near(None, whole=True)
MOST_OPTIONS = 2_000  # of a select that are kept with each page whether any cell has them or not

MOST_EMPTY = 3  # members of an object that says nothing

Cell = Any  # whatever the JSON of one cell became
Record = Mapping[str, Any]

# Where pyarrow is lax: it takes True as the number 1.0 and cuts 1.5 down to the integer 1. With strings and booleans it
# is as strict as we are.
LAX = {pa.float64(): (int, float), pa.int64(): (int,), pa.int32(): (int,), INSTANT: (int,)}

# What keeps a value from its Arrow type: a wrong type, a lone surrogate, a number too large or not exactly a float.
MISFIT = (TypeError, ValueError, ArithmeticError)


def to_arrow(schema: pa.Schema, records: Sequence[Record]) -> pa.Table:
    """Return one row per record, in a schema of `raw_schema` or `computed_schema`.

    ``_row_hash`` and ``_computed_hash`` are equal exactly when the plain cells, or the computed ones, are; URLs that
    change without an edit do not count. ``_extra`` holds what fits no column: by ``field_id`` or name of the system
    column, and by field name where the schema has no such field. What a button may have to say is not kept.
    """
    layout = _layout(schema)
    rows = [_cells(record) for record in records]
    arrays = {RECORD_ID: pa.array([_record_id(record) for record in records], pa.string())}
    extras: list[dict[str, Cell]] = [{} for _ in records]
    plain: dict[str, list[Cell]] = {}
    computed: dict[str, list[Cell]] = {}

    for column in layout.columns:
        name = column.key
        cells = _without_empty([row.get(name) for row in (rows if column.definition else records)])
        arrays[column.name] = _array(column, cells, extras)
        if column.definition:
            hashed = computed if column.definition["type"] in COMPUTED else plain
            hashed[column.name] = without_volatile(column.definition, cells)

    _add_unknown(rows, layout.names, extras)
    arrays[EXTRA] = pa.array([canonical_json(extra).decode() if extra else None for extra in extras], pa.string())
    arrays[ROW_HASH] = hash_rows(plain, len(records))
    arrays[COMPUTED_HASH] = hash_rows(computed, len(records))
    return pa.Table.from_arrays([arrays[name] for name in schema.names], schema=schema)


def unknown_names(schema: pa.Schema, records: Sequence[Record]) -> set[str]:
    """Return the keys of ``fields`` that no field of the schema has: a column was renamed or added during the read."""
    return set().union(*map(_cells, records)) - _layout(schema).names


def _cells(record: Record) -> Mapping[str, Cell]:
    fields = record.get("fields")
    return fields if isinstance(fields, dict) else {}


def _record_id(record: Record) -> str:
    return str(record.get("record_id") or record.get("id") or "")


def _add_unknown(rows: Sequence[Mapping[str, Cell]], known: set[str], extras: Sequence[dict[str, Cell]]) -> None:
    """Keep the cells of fields that the schema does not have in ``extras``."""
    for row, extra in zip(rows, extras, strict=True):
        if not row.keys() <= known:
            extra |= {name: row[name] for name in row.keys() - known if not _is_empty(row[name])}


def _without_empty(cells: list[Cell]) -> list[Cell]:
    """Return the cells with None for every kind of empty one."""
    types = set(map(type, cells))
    if types <= {int, float, bool, NoneType}:  # these are never empty
        return cells
    if types <= {str, list, NoneType}:
        return [cell or None for cell in cells]
    if types <= {dict, NoneType}:  # an object of many members is none of those that say nothing
        return [cell if cell and (len(cell) > MOST_EMPTY or not _is_empty(cell)) else None for cell in cells]
    return [None if _is_empty(cell) else cell for cell in cells]


def _is_empty(cell: Cell) -> bool:
    if not cell:
        return cell is None or isinstance(cell, str | list | dict)  # 0 and False are values
    if not isinstance(cell, dict):
        return False
    if cell.keys() == {"link_record_ids"}:
        return cell["link_record_ids"] in (None, [])
    return cell.keys() <= {"type", "ui_type", "value"} and cell.get("value", 0) in (None, [])


# --- cells -> an Arrow array ----------------------------------------------------------------------------------------


def _array(column: _Column, cells: list[Cell], extras: list[dict[str, Cell]]) -> pa.Array:
    """Return the array of a column; a cell that does not fit it goes to its row's ``extras`` instead."""
    decoder, arrow, definition = column.decoder, column.type, column.definition
    try:
        return _decoded(decoder, arrow, definition, cells)
    except MISFIT:
        array, near = _nearest(decoder, arrow, definition, cells)
    for cell, kept, extra in zip(cells, near, extras, strict=True):
        if not kept.whole:
            extra[column.name] = cell
    return array


def _nearest(
    decoder: _Decoder, arrow: pa.DataType, definition: Definition, cells: list[Cell]
) -> tuple[pa.Array, list[Near]]:
    """Return the array of the nearest cells that fit, and these cells."""
    if pa.types.is_struct(arrow) or (pa.types.is_list(arrow) and pa.types.is_struct(arrow.value_type)):
        near = [EMPTY if cell is None else nearest(definition.get("type"), arrow, cell) for cell in cells]
        with suppress(*MISFIT):  # as a rule they just have more members: no cell needs a look of its own
            return _decoded(decoder, arrow, definition, [kept.cell for kept in near]), near
    near = [_near(decoder, arrow, definition, cell) for cell in cells]
    return _decoded(decoder, arrow, definition, [kept.cell for kept in near]), near


def _near(decoder: _Decoder, arrow: pa.DataType, definition: Definition, cell: Cell) -> Near:
    """Return a cell that fits as it is, else the nearest one that does."""
    if cell is None or _fits(decoder, arrow, cell):
        return Near(cell, whole=True)
    near = nearest(definition.get("type"), arrow, cell)
    return near if near.cell is None or _fits(decoder, arrow, near.cell) else Near(None)


def _fits(decoder: _Decoder, arrow: pa.DataType, cell: Cell) -> bool:
    try:
        _decoded(decoder, arrow, {}, [cell])  # which options there are is no matter, and there may be thousands
    except MISFIT:
        return False
    return True


def _decoded(decoder: _Decoder, arrow: pa.DataType, definition: Definition, cells: list[Cell]) -> pa.Array:
    """Return an Arrow array of exactly these cells; raise one of ``MISFIT`` if there cannot be one."""
    values = cells
    if not set(map(type, cells)) <= decoder.ready:
        values = [cell if type(cell) in decoder.ready else decoder.read(cell) for cell in cells]
    if pa.types.is_dictionary(arrow):
        return _choices(values, options_of(definition))
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
        for name, member in ((member.name, member.type) for member in arrow if member.type in LAX):
            _check([value.get(name) for value in objects], member)
    elif arrow in LAX:
        _demand(values, *LAX[arrow])
        if arrow == INSTANT and not all(FIRST_MS <= value <= LAST_MS for value in values if value is not None):
            raise ValueError("no calendar date")


def _demand(values: Iterable[Any], *types: type) -> None:
    if surplus := set(map(type, values)) - {*types, NoneType}:
        raise TypeError(f"unexpected {surplus}")


def _choices(values: list[Any], options: Collection[str]) -> pa.Array:
    """Return a dictionary array: the options in their order, then the names that none of them has.

    Of very many options only those are there that cells have: every page has a dictionary of its own.
    """
    _demand(values, str)
    if len(options) > MOST_OPTIONS:
        used = set(values)
        options = [name for name in options if name in used]
    codes = {name: code for code, name in enumerate(options)}
    indices = [None if value is None else codes.setdefault(value, len(codes)) for value in values]
    return pa.DictionaryArray.from_arrays(pa.array(indices, pa.int32()), pa.array(list(codes), pa.string()))


# --- the decoders of the types --------------------------------------------------------------------------------------


def _refuse(cell: Cell) -> Cell:
    raise TypeError(f"no such shape: {type(cell).__name__}")


@dataclass(frozen=True)
class _Decoder:
    """How cells become what Arrow takes: those of the ``ready`` Python types as they are, all others by ``read``."""

    ready: frozenset[type]
    read: Callable[[Cell], Cell]


def _decoder(*ready: type, read: Callable[[Cell], Cell] = _refuse) -> _Decoder:
    return _Decoder(frozenset({*ready, NoneType}), read)


def _read_text(cell: Cell) -> Cell:
    return [{"type": "text", "text": cell}] if isinstance(cell, str) else _refuse(cell)


def _read_number(cell: Cell) -> Cell:
    value = orjson.loads(cell)  # float() would take "1_000" and "nan" too
    if value is None:
        raise TypeError("no number")  # null, in quotes
    if isinstance(value, float) and Decimal(cell) != Decimal(repr(value)):
        raise ValueError("more digits than a float keeps")
    return value


def _read_record_ids(cell: Cell) -> Cell:
    if isinstance(cell, dict):
        return cell["link_record_ids"] if cell.keys() == {"link_record_ids"} else _refuse(cell)
    return _refuse(cell)  # the older shapes are near


def _read_result(cell: Cell) -> Cell:
    if not isinstance(cell, dict):
        return {"value_json": _read_anything(cell if isinstance(cell, list) else [cell])}
    value = cell.get("value")
    if not isinstance(value, list) or not cell.keys() <= {"type", "ui_type", "value"}:
        raise TypeError("no result")
    return {"type": cell.get("type"), "ui_type": cell.get("ui_type"), "value_json": _read_anything(value)}


def _read_anything(cell: Cell) -> str:
    return orjson.dumps(cell, option=orjson.OPT_SORT_KEYS).decode()


_TEXT = _decoder(list, read=_read_text)
_STRING = _decoder(str)
_TIME = _decoder(int)
_OBJECT = _decoder(dict)
_OBJECTS = _decoder(list)
_RECORD_IDS = _decoder(read=_read_record_ids)
_RESULT = _decoder(read=_read_result)
_SYSTEM = _decoder(int, dict)
_ANYTHING = _decoder(read=_read_anything)

DECODERS: dict[int, _Decoder] = {
    FieldType.TEXT: _TEXT,
    FieldType.NUMBER: _decoder(int, float, read=_read_number),
    FieldType.SINGLE_SELECT: _STRING,
    FieldType.MULTI_SELECT: _decoder(list),
    FieldType.DATE_TIME: _TIME,
    FieldType.CHECKBOX: _decoder(bool),
    FieldType.USER: _OBJECTS,
    FieldType.PHONE: _STRING,
    FieldType.URL: _OBJECT,
    FieldType.ATTACHMENT: _OBJECTS,
    FieldType.SINGLE_LINK: _RECORD_IDS,
    FieldType.LOOKUP: _RESULT,
    FieldType.FORMULA: _RESULT,
    FieldType.DUPLEX_LINK: _RECORD_IDS,
    FieldType.LOCATION: _OBJECT,
    FieldType.GROUP_CHAT: _OBJECTS,
    FieldType.STAGE: _STRING,
    FieldType.CREATED_TIME: _TIME,
    FieldType.MODIFIED_TIME: _TIME,
    FieldType.CREATED_USER: _OBJECTS,
    FieldType.MODIFIED_USER: _OBJECTS,
    FieldType.AUTO_NUMBER: _STRING,
}


# --- what a schema asks for, which is the same for each page of a table ---------------------------------------------


@dataclass(frozen=True)
class _Column:
    """A column that is made of cells: ``key`` is what records call it, of a system column without a definition."""

    name: str
    key: str
    type: pa.DataType
    definition: Definition
    decoder: _Decoder


@dataclass(frozen=True)
class _Layout:
    """The columns of a schema, and the names of its fields, buttons included."""

    schema: pa.Schema
    columns: Sequence[_Column]
    names: set[str]


_LAYOUTS: dict[int, _Layout] = {}
MOST_LAYOUTS = 32  # a few tables are read at a time


def _layout(schema: pa.Schema) -> _Layout:
    """Return what a schema asks for, found once for all pages: comparing two schemas takes longer than a page."""
    found = _LAYOUTS.get(id(schema))
    if found is None or found.schema is not schema:
        if len(_LAYOUTS) >= MOST_LAYOUTS:
            _LAYOUTS.clear()
        columns = [column for each in schema if (column := _column(each)) is not None]
        found = _LAYOUTS[id(schema)] = _Layout(schema, columns, field_names(schema))
    return found


def _column(column: pa.Field) -> _Column | None:
    """Return what becomes of a column; None for our own."""
    if definition := definition_of(column):
        decoder = DECODERS.get(definition["type"], _ANYTHING)
        return _Column(column.name, definition["field_name"], column.type, definition, decoder)
    return _Column(column.name, column.name[1:], column.type, {}, _SYSTEM) if column.name in SYSTEM else None
