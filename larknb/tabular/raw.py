"""The raw form of a table: loss-free, by field_id, with each field's definition in its metadata."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

__all__ = [
    "Field",
    "INDEX",
    "LINKS",
    "RESULTS",
    "SYSTEM",
    "TIMES",
    "cells_of",
    "definition_of",
    "linked_table",
    "linked_tables",
    "time_zone_of",
]

FIELD_KEY = b"lark.field"  # Arrow field metadata: the field's definition as JSON, the server's own keys
TABLE_KEY = b"lark.table"  # Arrow schema metadata: table_id, name, time_zone, user_id_type, valueless as JSON

Field = Mapping[str, Any]  # a field definition, with the server's own keys

LINKS = {18, 21}
RESULTS = {19, 20}  # lookup and formula
TIMES = {5, 1001, 1002}
INDEX = "_record_id"
SYSTEM = {
    "_created_time": "CreatedTime",
    "_last_modified_time": "ModifiedTime",
    "_created_by": "CreatedUser",
    "_last_modified_by": "ModifiedUser",
}


def linked_tables(schema: pa.Schema) -> set[str]:
    """Return the ids of the tables that the link columns of a raw schema point to."""
    definitions = (definition_of(field) for field in schema)
    tables = {linked_table(definition) for definition in definitions if definition.get("type") in LINKS}
    return {table for table in tables if table}


def linked_table(definition: Field) -> str | None:
    return (definition.get("property") or {}).get("table_id")


# --- the friendly form ------------------------------------------------------------------------------------------


def definition_of(field: pa.Field) -> Field:
    """Return the field definition that a column carries; empty for a column of our own."""
    definition: Field = json.loads((field.metadata or {}).get(FIELD_KEY, b"{}"))
    return definition


def time_zone_of(schema: pa.Schema) -> str:
    return json.loads(schema.metadata[TABLE_KEY]).get("time_zone") or ""


def cells_of(rows: pa.Table, name: str) -> pa.Array:
    return rows.column(name).unify_dictionaries().combine_chunks()
