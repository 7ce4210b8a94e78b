"""The raw form of a table of records: loss-free, one column per field, named by its ``field_id``.

A column's Arrow type depends on the field's definition alone, never on the rows of one page, so that a table keeps its
types from sync to sync. What a type cannot hold exactly is null in its column and kept in ``_extra``, a JSON object
``{field_id: cell as received}``: column and ``_extra`` together give every received cell back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from enum import IntEnum
from functools import lru_cache
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

__all__ = [
    "CATEGORY",
    "COMPUTED",
    "COMPUTED_HASH",
    "EXTRA",
    "FIELD_KEY",
    "INSTANT",
    "LINKS",
    "RECORD_ID",
    "ROW_HASH",
    "SYSTEM",
    "TABLE_KEY",
    "TIMES",
    "Definition",
    "FieldType",
    "beside",
    "canonical_json",
    "cells_of",
    "computed_columns",
    "computed_schema",
    "definition_of",
    "definitions_of",
    "field_names",
    "file_columns",
    "linked_table",
    "linked_tables",
    "list_of",
    "lookup_target",
    "named_options",
    "options_of",
    "property_of",
    "raw_schema",
    "storable",
    "storable_json",
    "time_zone_of",
]

FORM = 2  # of the raw form; 1: a cell with one member too many was in ``_extra`` alone
FIELD_KEY = b"lark.field"  # Arrow field metadata: the field's definition as JSON, the server's own keys
TABLE_KEY = b"lark.table"  # Arrow schema metadata: what there is to say about the table, as JSON

Definition = Mapping[str, Any]  # of a field, with the server's own keys
DEFINITION_KEYS = ("field_id", "field_name", "type", "ui_type", "property", "is_primary", "description")


class FieldType(IntEnum):
    """The server's numbers for the types of fields; there are others, and more will come."""

    TEXT = 1
    NUMBER = 2
    SINGLE_SELECT = 3
    MULTI_SELECT = 4
    DATE_TIME = 5
    CHECKBOX = 7
    USER = 11
    PHONE = 13
    URL = 15
    ATTACHMENT = 17
    SINGLE_LINK = 18
    LOOKUP = 19
    FORMULA = 20
    DUPLEX_LINK = 21
    LOCATION = 22
    GROUP_CHAT = 23
    STAGE = 24
    CREATED_TIME = 1001
    MODIFIED_TIME = 1002
    CREATED_USER = 1003
    MODIFIED_USER = 1004
    AUTO_NUMBER = 1005
    BUTTON = 3001


TIMES = frozenset({FieldType.DATE_TIME, FieldType.CREATED_TIME, FieldType.MODIFIED_TIME})
LINKS = frozenset({FieldType.SINGLE_LINK, FieldType.DUPLEX_LINK})
COMPUTED = frozenset({FieldType.LOOKUP, FieldType.FORMULA})
VALUELESS = frozenset({FieldType.BUTTON})  # a button is a field without data: no column

# --- the Arrow types ------------------------------------------------------------------------------------------------


def list_of(items: pa.DataType) -> pa.ListType:
    """Return a list type as Parquet names its items, so that a schema equals the one read back."""
    return pa.list_(pa.field("element", items))


def _strings(*names: str) -> pa.StructType:
    return pa.struct([(name, pa.string()) for name in names])


INSTANT = pa.timestamp("ms", "UTC")
CATEGORY = pa.dictionary(pa.int32(), pa.string())
SEGMENT = pa.struct([*_strings("type", "text", "link", "token", "mentionType", "name"), ("mentionNotify", pa.bool_())])
PERSON = _strings("id", "name", "en_name", "email", "avatar_url")
GROUP = _strings("id", "name", "avatar_url")
FILE = pa.struct([*_strings("file_token", "name", "type"), ("size", pa.int64()), *_strings("url", "tmp_url")])
PLACE = _strings("location", "pname", "cityname", "adname", "address", "name", "full_address")
RESULT = pa.struct([("type", pa.int32()), ("ui_type", pa.string()), ("value_json", pa.string())])

ARROW_TYPES: dict[int, pa.DataType] = {
    FieldType.TEXT: list_of(SEGMENT),
    FieldType.NUMBER: pa.float64(),
    FieldType.SINGLE_SELECT: CATEGORY,
    FieldType.MULTI_SELECT: list_of(pa.string()),
    FieldType.DATE_TIME: INSTANT,
    FieldType.CHECKBOX: pa.bool_(),
    FieldType.USER: list_of(PERSON),
    FieldType.PHONE: pa.string(),
    FieldType.URL: _strings("text", "link"),
    FieldType.ATTACHMENT: list_of(FILE),
    FieldType.SINGLE_LINK: list_of(pa.string()),
    FieldType.LOOKUP: RESULT,
    FieldType.FORMULA: RESULT,
    FieldType.DUPLEX_LINK: list_of(pa.string()),
    FieldType.LOCATION: PLACE,
    FieldType.GROUP_CHAT: list_of(GROUP),
    FieldType.STAGE: pa.string(),
    FieldType.CREATED_TIME: INSTANT,
    FieldType.MODIFIED_TIME: INSTANT,
    FieldType.CREATED_USER: list_of(PERSON),
    FieldType.MODIFIED_USER: list_of(PERSON),
    FieldType.AUTO_NUMBER: pa.string(),
}
UNKNOWN = pa.string()  # the JSON of a cell whose type nobody knows yet

# --- the columns that are ours --------------------------------------------------------------------------------------

RECORD_ID = "_record_id"
SYSTEM = {"_created_time": INSTANT, "_last_modified_time": INSTANT, "_created_by": PERSON, "_last_modified_by": PERSON}
EXTRA = "_extra"
ROW_HASH = "_row_hash"  # of the plain cells
COMPUTED_HASH = "_computed_hash"  # of the formula and lookup cells

OWN = frozenset({RECORD_ID, *SYSTEM, EXTRA, ROW_HASH, COMPUTED_HASH})

# --- the schema -----------------------------------------------------------------------------------------------------


def raw_schema(
    table_id: str, name: str, fields: Sequence[Definition], *, time_zone: str, user_id_type: str = "open_id"
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
        ``table_id name time_zone user_id_type form``, and in ``valueless`` the names of the buttons.
    """
    fields = list({field["field_id"]: field for field in map(_readable, fields) if field}.values())  # each once
    about = {
        "table_id": table_id,
        "name": name,
        "time_zone": time_zone,
        "user_id_type": user_id_type,
        "form": FORM,
        "valueless": [field["field_name"] for field in fields if field.get("type") in VALUELESS],
    }
    return pa.schema(
        [
            pa.field(RECORD_ID, pa.string(), nullable=False),
            *(_column(field) for field in fields if field.get("type") not in VALUELESS),
            *SYSTEM.items(),
            (EXTRA, pa.string()),
            (ROW_HASH, pa.int64()),
            (COMPUTED_HASH, pa.int64()),
        ],
        metadata={TABLE_KEY: canonical_json(about)},
    )


def _readable(field: Any) -> Definition | None:
    """Return a field definition as far as it is of the documented types; None for one that can be no column.

    The cells of a field without a column are kept in ``_extra``.
    """
    if not isinstance(field, Mapping):
        return None
    field_id, name = field.get("field_id"), field.get("field_name")
    if not isinstance(field_id, str) or not isinstance(name, str) or not field_id or field_id in OWN:
        return None
    type_, declared = field.get("type"), field.get("property")
    found = {**field, "type": type_ if type(type_) is int else 0}
    return {**found, "property": _readable_property(declared)} if "property" in field else found


def _readable_property(declared: Any) -> Any:
    """Return a property with those of its members that are of the documented types; None where it is none itself."""
    if not isinstance(declared, Mapping):
        return None
    found = dict(declared)
    for name, shape in (("options", list), ("type", Mapping), ("ui_property", Mapping), ("table_id", str)):
        if name in found and not isinstance(found[name], shape):
            del found[name]
    if "options" in found:
        found["options"] = [option for option in found["options"] if isinstance(option, Mapping)]
    for name in ("type", "ui_property"):
        if name in found:
            found[name] = _readable_property(found[name])
    return found


def _column(field: Definition) -> pa.Field:
    definition = canonical_json({key: field.get(key) for key in DEFINITION_KEYS})
    arrow = ARROW_TYPES.get(field.get("type", 0), UNKNOWN)
    return pa.field(field["field_id"], arrow, metadata={FIELD_KEY: definition})


def computed_schema(schema: pa.Schema) -> pa.Schema:
    """Return the part of a raw schema that a read of the computed columns alone fills."""
    kept = {RECORD_ID, *computed_columns(schema), EXTRA, COMPUTED_HASH}
    return pa.schema([column for column in schema if column.name in kept], metadata=schema.metadata)


def computed_columns(schema: pa.Schema) -> list[str]:
    """Return the names of the formula and lookup columns, which are their field ids."""
    return [column.name for column in schema if definition_of(column).get("type") in COMPUTED]


def file_columns(schema: pa.Schema) -> list[str]:
    """Return the names of the columns that hold files."""
    return [column.name for column in schema if definition_of(column).get("type") == FieldType.ATTACHMENT]


# --- what a schema says ---------------------------------------------------------------------------------------------


def definition_of(column: pa.Field) -> Definition:
    """Return the field definition that a column carries, raw or friendly; empty for a column of our own."""
    definition = (column.metadata or {}).get(FIELD_KEY)
    return _parsed(definition) if definition else {}


def definitions_of(schema: pa.Schema) -> dict[str, Definition]:
    """Return the field definitions of a raw schema by column, in its order; our own columns are left out."""
    return {column.name: definition for column in schema if (definition := definition_of(column))}


def field_names(schema: pa.Schema) -> set[str]:
    """Return the names of the fields of a raw schema, buttons included."""
    names = {definition["field_name"] for definition in definitions_of(schema).values()}
    return names.union(_about(schema)["valueless"])


def time_zone_of(schema: pa.Schema) -> str:
    """Return the base's zone as the server said it; empty where it did not."""
    return _about(schema).get("time_zone") or ""


def linked_tables(schema: pa.Schema) -> set[str]:
    """Return the ids of the tables that the link columns of a raw schema point to."""
    definitions = definitions_of(schema).values()
    tables = {linked_table(definition) for definition in definitions if definition.get("type") in LINKS}
    return {table for table in tables if table}


def linked_table(definition: Definition) -> str | None:
    """Return the id of the table that a link field points to."""
    table_id = property_of(definition).get("table_id")
    return table_id if isinstance(table_id, str) else None


def lookup_target(definition: Definition) -> tuple[str, str] | None:
    """Return the ids of the table and the field that a lookup shows, where its definition tells."""
    declared = definition.get("property") or {}
    table, field = (declared.get("filter_info") or {}).get("target_table"), declared.get("target_field")
    return (table, field) if isinstance(table, str) and isinstance(field, str) else None


def options_of(definition: Definition) -> dict[str, None]:
    """Return the option names of a select in their order, each once; a formula may declare some too.

    A name that is no valid text is left out: no file can hold it.
    """
    within = ("type", "ui_property") if definition.get("type") in COMPUTED else ()
    options = property_of(definition, *within).get("options")
    named = (option for option in (options if isinstance(options, list) else ()) if isinstance(option, Mapping))
    names = (option.get("name") for option in named)
    return dict.fromkeys(name for name in names if isinstance(name, str) and name == storable(name))


def named_options(definition: Definition) -> dict[str, str]:
    """Return the options of a select, name by id; those without one of both are left out."""
    options = property_of(definition).get("options")
    named = [option for option in options if isinstance(option, Mapping)] if isinstance(options, list) else []
    return {option["id"]: option["name"] for option in named
            if isinstance(option.get("id"), str) and isinstance(option.get("name"), str)}  # fmt: skip


def property_of(definition: Definition, *names: str) -> Mapping[str, Any]:
    """Return the property of a field, or an object within it; empty where there is none."""
    found = definition.get("property")
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def cells_of(rows: pa.Table, name: str) -> pa.Array:
    """Return a column as one array."""
    return rows.column(name).unify_dictionaries().combine_chunks()


def beside(rows: pa.Table, names: Collection[str]) -> dict[str, dict[int, Any]]:
    """Return the cells in ``_extra`` of some columns, by column and row."""
    found: dict[str, dict[int, Any]] = {}
    if not names or EXTRA not in rows.column_names or rows.column(EXTRA).null_count == rows.num_rows:
        return found
    extras = cells_of(rows, EXTRA)
    keys = "|".join(re.escape(json.dumps(name)) for name in names)
    held = pc.match_substring_regex(extras, f"(?:{keys}):").fill_null(False)
    for row, extra in zip(pc.indices_nonzero(held).to_pylist(), extras.filter(held).to_pylist(), strict=True):
        for name, cell in json.loads(extra).items():  # not orjson: there may be lone surrogates
            if name in names:
                found.setdefault(name, {})[row] = cell
    return found


def _about(schema: pa.Schema) -> Mapping[str, Any]:
    return _parsed(schema.metadata[TABLE_KEY])


@lru_cache(maxsize=1024)  # a select may have 20,000 options, and every page needs the definitions
def _parsed(text: bytes) -> Mapping[str, Any]:
    # Not orjson: a name may hold a lone surrogate, which only the standard library reads.
    parsed: Mapping[str, Any] = json.loads(text)
    return parsed


def canonical_json(value: Any) -> bytes:
    """Return JSON with sorted keys; equal values give equal bytes."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # a lone surrogate, or an integer of more than 64 bits: ASCII escapes keep both
        return _escaped_json(value)


def _escaped_json(value: Any) -> bytes:
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    except (RecursionError, ValueError):  # it nests without end, or is a number of thousands of digits
        return json.dumps(storable_json(value), sort_keys=True, separators=(",", ":")).encode()


def storable(text: str) -> str:
    """Return text without lone surrogates, which no file can hold."""
    return text.encode("utf-8", "replace").decode()


MOST_BITS = 10_000  # of a number that is written in digits
DEEPEST = 100  # levels of a value that are kept: orjson writes 254, and the longest cell known has 8


def storable_json(value: Any, deepest: int = DEEPEST) -> Any:
    """Return foreign JSON as a file can hold it.

    Texts are without lone surrogates, numbers beyond 64 bits become text, and ``…`` stands for what nests too deep.
    """
    if isinstance(value, str):
        return value if value.isascii() else storable(value)
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return str(value) if value.bit_length() < MOST_BITS else "…"
    if not isinstance(value, (dict, list)):
        return value
    if not deepest:
        return "…"
    if isinstance(value, list):
        return [storable_json(each, deepest - 1) for each in value]
    return {storable(key): storable_json(each, deepest - 1) for key, each in value.items()}
