"""Tables of records, friendly and raw, as DataFrames."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa

from larknb.results.sources import Column
from larknb.tabular.raw import COMPUTED_HASH, LINKS, RECORD_ID, ROW_HASH, Definition, definition_of, options_of
from larknb.tabular.results import first_filled

__all__ = [
    "INDEX",
    "columns",
    "link_ids",
    "pandas_metadata",
    "raw_frame",
    "to_frame",
]

INDEX = RECORD_ID  # the column that becomes the index of a frame
SYSTEM_TYPES = {
    "_created_time": "CreatedTime",
    "_last_modified_time": "ModifiedTime",
    "_created_by": "CreatedUser",
    "_last_modified_by": "ModifiedUser",
}


def to_frame(table: pa.Table) -> pd.DataFrame:
    """Return friendly rows as a DataFrame, with the dtypes that ``load`` promises and ``_record_id`` as its index."""
    frame: pd.DataFrame = table.to_pandas()
    for field in table.schema:
        if pa.types.is_dictionary(field.type):
            _order_categories(frame, field)
        elif pa.types.is_timestamp(field.type) and field.type.tz:
            _use_zoneinfo(frame, field.name)
    return frame


def _order_categories(frame: pd.DataFrame, field: pa.Field) -> None:
    """Put options into their own order; a file with very many of them keeps them in order of appearance."""
    present = list(frame[field.name].cat.categories)
    ordered = list(options_of(definition_of(field)) | dict.fromkeys(present))
    if ordered != present:
        frame[field.name] = frame[field.name].cat.set_categories(ordered)


def _use_zoneinfo(frame: pd.DataFrame, name: str) -> None:
    """Replace a pytz zone, which older pyarrow gives: with one, pandas 2 ends the process on dates before 1677."""
    values = frame[name]
    dtype = values.dtype
    if not isinstance(dtype, pd.DatetimeTZDtype) or isinstance(dtype.tz, ZoneInfo):
        return
    if (values.astype("int64")[values.notna()] < pd.Timestamp.min.value // 10**6).any():
        frame[name] = values.dt.tz_convert(ZoneInfo(str(dtype.tz)))


def raw_frame(table: pa.Table) -> pd.DataFrame:
    """Return raw rows as a DataFrame: ``ArrowDtype`` columns by field_id, ``_record_id`` as its index."""
    shown = table.drop_columns([name for name in (ROW_HASH, COMPUTED_HASH) if name in table.column_names])
    frame: pd.DataFrame = shown.to_pandas(types_mapper=pd.ArrowDtype)
    return frame.set_index(INDEX)


def link_ids(friendly: pa.Table, raw: pa.Table) -> pa.Table:
    """Return friendly rows with record ids in their link columns; ``raw`` has the same rows in the same order."""
    for position, field in enumerate(friendly.schema):
        definition = definition_of(field)
        if definition.get("type") in LINKS:
            friendly = friendly.set_column(position, field, raw.column(definition["field_id"]))
    return friendly


def pandas_metadata(fields: Iterable[pa.Field]) -> bytes:
    """Return what pandas reads from a Parquet file to give the index (the first field) and the nullable types back."""
    listed = list(fields)
    described = {
        "index_columns": [listed[0].name],
        "column_indexes": [],
        "columns": [_pandas_column(field) for field in listed],
        "pandas_version": pd.__version__,
    }
    return json.dumps(described).encode()


def _pandas_column(field: pa.Field) -> dict[str, str | None]:
    dtype = {pa.int8(): "Int8", pa.float64(): "float64"}.get(field.type, "object")
    if pa.types.is_boolean(field.type):
        dtype = "boolean" if field.nullable else "bool"
    elif field.type == pa.int64():
        dtype = "Int64" if field.nullable else "int64"
    elif pa.types.is_timestamp(field.type):
        dtype = "datetime64[ms]"
    names = {"name": field.name, "field_name": field.name}
    return {**names, "pandas_type": dtype.lower(), "numpy_type": dtype, "metadata": None}


def columns(schema: pa.Schema, empty: Mapping[str, float] | None = None) -> list[Column]:
    """Return what there is to say about the columns of a friendly schema.

    Parameters
    ----------
    empty : mapping, optional
        The share of rows without a value, by field_id or by the name of a system column.
    """
    dtypes = to_frame(schema.empty_table()).dtypes
    found = []
    for field in schema:
        if field.name == INDEX:
            continue
        definition = definition_of(field)
        field_id = str(definition.get("field_id") or "")
        found.append(
            Column(
                name=field.name,
                field_id=field_id,
                type=_type_word(definition) if definition else SYSTEM_TYPES[field.name],
                dtype=str(dtypes[field.name]),
                description=_description(definition),
                options=tuple(options_of(definition)),
                empty=(empty or {}).get(field_id or field.name),
            )
        )
    return found


def _type_word(definition: Definition) -> str:
    return str(definition.get("ui_type") or f"Type{definition.get('type')}")


def _description(definition: Definition) -> str:
    description = definition.get("description") or ""
    if isinstance(description, list):
        return "".join(first_filled(segment, "text") for segment in description)
    return str(description)
