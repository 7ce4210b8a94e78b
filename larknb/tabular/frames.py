"""Tables of records, friendly and raw, as DataFrames."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from larknb.model import Shown
from larknb.results.sources import Column
from larknb.tabular.columns import BETWEEN, IDS
from larknb.tabular.raw import (
    COMPUTED,
    COMPUTED_HASH,
    LINKS,
    RECORD_ID,
    ROW_HASH,
    Definition,
    FieldType,
    cells_of,
    definition_of,
    options_of,
    property_of,
)
from larknb.tabular.results import exact_text, first_filled

__all__ = [
    "INDEX",
    "apart",
    "columns",
    "differing",
    "holds_names",
    "joined",
    "pandas_metadata",
    "plain_frame",
    "raw_frame",
    "several",
    "to_frame",
]

GAPPED = {pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int32Dtype(), pa.bool_(): pd.BooleanDtype()}

INDEX = RECORD_ID  # the column that becomes the index of a frame
PERSONS = ("_created_by", "_last_modified_by")
SYSTEM_TYPES = {
    "_created_time": "CreatedTime",
    "_last_modified_time": "ModifiedTime",
    "_created_by": "CreatedUser",
    "_last_modified_by": "ModifiedUser",
}


def to_frame(table: pa.Table) -> pd.DataFrame:
    """Return friendly rows as a DataFrame, with the dtypes that ``load`` promises and ``_record_id`` as its index."""
    lists = {field.name: cells_of(table, field.name) for field in table.schema if pa.types.is_list(field.type)}
    for name, cells in lists.items():  # a column of nothing holds the place
        table = table.set_column(table.column_names.index(name), name, pa.nulls(len(cells)))
    frame: pd.DataFrame = table.to_pandas()
    for name, cells in lists.items():
        frame[name] = pd.Series(_tuples(cells), index=frame.index, dtype=object)
    for field in table.schema:
        if pa.types.is_dictionary(field.type):
            _order_categories(frame, field)
        elif pa.types.is_timestamp(field.type) and field.type.tz:
            _use_zoneinfo(frame, field.name)
    return frame


def plain_frame(table: pa.Table) -> pd.DataFrame:
    """Return what a query gave as a DataFrame, by the rules of `to_frame`; rows are numbered from 0.

    Decimals and whole numbers beyond 64 bits become float64, days become times, times are exact to the millisecond.
    Whole numbers and truths with gaps stay what they are.
    """
    for at, field in enumerate(table.schema):
        if pa.types.is_interval(field.type):
            table = table.set_column(at, field.name, _lengths(table.column(at)))
        elif plainer := _plainer(field.type):
            table = table.set_column(at, field.name, table.column(at).cast(plainer, safe=False))
    frame = to_frame(table.replace_schema_metadata(None))
    for field in table.schema:
        if table.column(field.name).null_count and (dtype := GAPPED.get(field.type)):
            frame[field.name] = table.column(field.name).to_pandas(types_mapper={field.type: dtype}.get)
    return frame


def _lengths(cells: pa.ChunkedArray) -> pa.Array:
    """Return intervals as lengths of time; those that count months are text, for nobody knows how long they are."""
    values = cells.to_pylist()
    if any(value is not None and value.months for value in values):
        return pa.array([None if value is None else str(tuple(value)) for value in values], pa.string())
    whole = [None if value is None else value.days * 86_400_000 + value.nanoseconds // 1_000_000 for value in values]
    return pa.array(whole, pa.int64()).view(pa.duration("ms"))


def _plainer(arrow: pa.DataType) -> pa.DataType | None:
    if pa.types.is_list(arrow):
        items = _plainer(arrow.value_type)
        return pa.list_(items) if items else None
    if pa.types.is_decimal(arrow):
        return pa.float64()
    if pa.types.is_date(arrow) or (pa.types.is_timestamp(arrow) and not arrow.tz):
        return pa.timestamp("ms")
    return pa.timestamp("ms", arrow.tz) if pa.types.is_timestamp(arrow) else None


def _tuples(cells: pa.Array) -> list[tuple[Any, ...] | None]:
    """Return lists as tuples, which unlike lists can be compared, counted and grouped."""
    items = iter(_objects(cells.flatten()))
    lengths = pc.list_value_length(cells).to_pylist()
    return [None if length is None else tuple(islice(items, length)) for length in lengths]


def _objects(items: pa.Array) -> list[Any]:
    """Return values as Python objects; equal texts are one object, which saves most of the time and memory."""
    if pa.types.is_string(items.type):
        encoded = items.dictionary_encode()
        names = np.array([*encoded.dictionary.to_pylist(), None], dtype=object)
        return list(names[encoded.indices.fill_null(len(names) - 1).to_numpy()])
    values = items.to_pylist()
    return [pd.Timestamp(each) if isinstance(each, datetime) else each for each in values]


def joined(table: pa.Table) -> pa.Table:
    """Return friendly rows with each cell of several values as one text."""
    for at, field in enumerate(table.schema):
        if pa.types.is_list(field.type):
            cells = _tuples(cells_of(table, field.name))
            texts = [None if each is None else BETWEEN.join(map(_as_text, each)) for each in cells]
            table = table.set_column(at, field.with_type(pa.string()), pa.array(texts, pa.string()))
    return table


def _as_text(item: Any) -> str:
    if isinstance(item, datetime):
        return item.isoformat(sep=" ").removesuffix(" 00:00:00")
    return "" if item is None else exact_text(item)


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


def differing(schema: pa.Schema, shown: Shown) -> list[str]:
    """Return the columns of a friendly schema that must be made anew to be shown so."""
    return [field.name for field in schema if _differs(field, shown)]


def _differs(field: pa.Field, shown: Shown) -> bool:
    type_ = definition_of(field).get("type")
    items = field.type.value_type if pa.types.is_list(field.type) else field.type
    is_computed_text = type_ in COMPUTED and pa.types.is_string(items)
    return bool(
        (shown.aware and pa.types.is_timestamp(items) and (type_ or field.name in SYSTEM_TYPES))
        or (shown.links == "id" and (type_ in LINKS or is_computed_text))
        or (shown.persons == "id" and (type_ in IDS or is_computed_text or field.name in PERSONS))
    )


def several(table: pa.Table, frame: pd.DataFrame, *, is_joined: bool) -> dict[str, pd.Series[Any]]:
    """Return the cells of friendly rows, as tuples, of which a frame of them has the values of each in one text.

    ``is_joined`` says that it has so also what `joined` made of lists.
    """
    found = {field.name: apart(frame[field.name]) for field in table.schema if holds_names(field)}
    for field in table.schema if is_joined else ():
        if pa.types.is_list(field.type):
            found[field.name] = pd.Series(_tuples(cells_of(table, field.name)), index=frame.index, dtype=object)
    return found


def apart(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return cells that are several names in one text as tuples of these."""
    cells = [tuple(cell.split(BETWEEN)) if isinstance(cell, str) else None for cell in column]
    return pd.Series(cells, index=column.index, dtype=object)


def holds_names(field: pa.Field) -> bool:
    """Say whether the cells of a friendly column are names of several persons, groups or files, in one text each."""
    definition = definition_of(field)
    type_ = definition.get("type")
    if type_ in COMPUTED:
        declared = property_of(definition, "type").get("data_type")
        type_ = declared if isinstance(declared, int) else FieldType.USER if type_ == FieldType.LOOKUP else None
    return type_ in IDS and bool(pa.types.is_string(field.type))


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
    elif pa.types.is_duration(field.type):
        dtype = "timedelta64[ms]"
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
