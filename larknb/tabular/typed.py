"""The raw grid of a worksheet -> the typed table that it becomes -> pandas.

The typed table follows from the record of a `larknb.model.Grid` and two options, so another header row costs no request
and no inference mistake is final. A worksheet has no schema. What its columns are is read from the cells: the header
from frozen rows or from the first row that looks like one, the types from what all cells of a column are. A mixture
becomes text, each cell in its shortest exact form; nothing is rounded and no leading zero is lost.

What text cannot hold of a cell (links, mentions, images, files) and formula errors are in a side table, `cells`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa

from larknb.model import GridOptions
from larknb.results.sources import Column
from larknb.tabular.frames import pandas_metadata
from larknb.tabular.grid import (
    DAY,
    ERRORS,
    INDEX,
    UNIX,
    Element,
    Record,
    as_json,
    as_text,
    elements_of,
    grid_of,
    is_filled,
    kind_of,
    stripped,
)
from larknb.tabular.header import column_letters, column_names, fill_merged, header_rows, headers_of
from larknb.tabular.raw import TABLE_KEY

__all__ = [
    "INDEX",
    "cells",
    "columns",
    "layout_of",
    "to_frame",
    "to_table",
]

HEADER_KEY = b"lark.header"  # Arrow field metadata: the header as it stands in the sheet; absent where it is empty
COL_KEY = b"lark.col"  # the column's letters
KINDS_KEY = b"lark.kinds"  # how many cells of each kind there are, as JSON

# The kinds of cell that decide a column's type. All others (null, blank, rich, error) fit every type, as a missing
# value.
VALUE_KINDS = {"bool", "int", "float", "date", "text"}


def to_table(record: Record, options: GridOptions | None = None) -> pa.Table:
    """Return the typed table of a worksheet, one row per sheet row that holds something.

    The first column, ``_row``, is the 1-based sheet row. The metadata of each other field says where it comes from:
    ``lark.col``, ``lark.header`` and ``lark.kinds``.

    Parameters
    ----------
    record : mapping
        Of a `larknb.model.Grid`.
    options : mapping, optional
        ``header``: ``"auto"``, ``"none"``, a sheet row or a list of them. ``fill_merged``: ``"off"``, ``"down"`` or
        ``"all"``. Others are ignored.
    """
    options = options or {}
    grid = grid_of(record)
    layout = layout_of(grid, record, options)
    rows = _data(grid, layout, record, options)
    fields = [pa.field(INDEX, pa.int64(), nullable=False)]
    arrays = [pa.array([at + 1 for at in layout.data_rows], pa.int64())]
    for at, (header, name) in enumerate(zip(layout.headers, column_names(layout.headers), strict=True)):
        field, array = _column([row[at] for row in rows], at, header, name)
        fields.append(field)
        arrays.append(array)
    header_numbers = [at + 1 for at in layout.header_rows]
    about = {"table_id": record["sheet_id"], "name": record["title"], "header_rows": header_numbers}
    metadata = {TABLE_KEY: json.dumps(about), b"pandas": pandas_metadata(fields)}
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata=metadata))


# --- rows -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Layout:
    """What a grid becomes: which rows are what, counted from 0, and the header of each column that stays."""

    header_rows: list[int]
    data_rows: list[int]
    headers: list[str]


def layout_of(grid: Sequence[Sequence[Any]], record: Record, options: GridOptions) -> _Layout:
    """Return what the rows of a grid are; columns on the right without header and data are left out."""
    header = header_rows(grid, record, options.get("header", "auto"))
    first = max(header, default=-1) + 1
    data = [at for at in range(first, len(grid)) if any(map(is_filled, grid[at]))]
    headers = headers_of(grid, record["merges"], header)
    width = len(headers)
    while width and not stripped(headers[width - 1]) and not any(is_filled(grid[at][width - 1]) for at in data):
        width -= 1
    return _Layout(header, data, headers[:width])


def _data(grid: Sequence[Sequence[Any]], layout: _Layout, record: Record, options: GridOptions) -> list[list[Any]]:
    """Return the rows of the table, merged cells filled as the options say."""
    how = options.get("fill_merged", "off")
    rows = {at: list(grid[at]) for at in layout.data_rows}
    if how != "off":
        first = max(layout.header_rows, default=-1) + 1  # what is merged with the header is no value
        fill_merged(rows, grid, [merge for merge in record["merges"] if merge["row"] > first], how)
    return list(rows.values())


# --- types ----------------------------------------------------------------------------------------------------------


def _column(cells: Sequence[Any], at: int, header: str, name: str) -> tuple[pa.Field, pa.Array]:
    kinds = [kind_of(cell) for cell in cells]
    array = _array(cells, kinds)
    metadata = {COL_KEY: column_letters(at), KINDS_KEY: json.dumps(Counter(kinds))}
    if stripped(header):
        metadata[HEADER_KEY] = header
    # Without missing values, integers and booleans need no nullable type in pandas.
    whole = len(array) > 0 and array.null_count == 0 and array.type in (pa.int64(), pa.bool_())
    return pa.field(name, array.type, nullable=not whole, metadata=metadata), array


def _array(cells: Sequence[Any], kinds: Sequence[str]) -> pa.Array:
    """Return a column in the narrowest type that holds every cell exactly, which for a mixture is text."""
    present = VALUE_KINDS.intersection(kinds)
    values = [cell if kind in present else None for cell, kind in zip(cells, kinds, strict=True)]
    known = [value for value in values if value is not None]
    if present == {"bool"}:
        return pa.array(values, pa.bool_())
    if present == {"int"} and all(-(2**63) <= value < 2**63 for value in known):
        return pa.array(values, pa.int64())
    if present and present <= {"int", "float"} and all(map(_is_exact, known)):
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    if present == {"date"}:
        if any(ms % DAY for ms in known) and all(0 <= ms < DAY for ms in known):
            return _shifted(values, 0, 1000).view(pa.time64("us"))
        return _shifted(values, UNIX, 1).view(pa.timestamp("ms"))
    return pa.array([None if cell is None else as_text(cell) for cell in cells], pa.string())


def _shifted(values: Sequence[int | None], zero: int, scale: int) -> pa.Array:
    return pa.array([None if value is None else (value - zero) * scale for value in values], pa.int64())


def _is_exact(number: float) -> bool:
    """Say whether a double holds this number as it is."""
    try:
        return float(number) == number
    except OverflowError:
        return False


# --- pandas ---------------------------------------------------------------------------------------------------------


def to_frame(table: pa.Table) -> pd.DataFrame:
    """Return a typed table as a DataFrame, with the dtypes that ``load`` promises and ``_row`` as its index."""
    frame: pd.DataFrame = table.to_pandas()
    return frame


def cells(record: Record) -> pd.DataFrame:
    """Return what text cannot hold, in sheet order: one row per link, mention, image, file, multi-value and error.

    Its columns are ``row`` (1-based), ``col`` (letters), ``kind``, ``text``, ``link``, ``token`` (of the file or user)
    and ``raw``, the JSON of that part of the cell.
    """
    found = [
        (at, column_letters(column), each.kind, each.text, each.link, each.token, as_json(each.raw).decode())
        for at, row in enumerate(grid_of(record), 1)
        for column, cell in enumerate(row)
        for each in _beside_text(cell)
    ]
    names = ("col", "kind", "text", "link", "token", "raw")
    arrays = [pa.array([row[0] for row in found], pa.int64())]
    arrays += [pa.array([row[at] for row in found], pa.string()) for at in range(1, len(names) + 1)]
    side: pd.DataFrame = pa.table(arrays, names=["row", *names]).to_pandas()
    return side


def _beside_text(cell: Any) -> list[Element]:
    """Return the parts of a cell that its text does not hold."""
    if isinstance(cell, str):
        return [Element("error", cell, None, None, cell)] if cell in ERRORS else []
    if cell == []:
        return [Element("other", "", None, None, cell)]
    if isinstance(cell, (dict, list)):
        return [element for element in elements_of(cell) if element.kind != "text"]
    return []


def columns(schema: pa.Schema, empty: Mapping[str, float] | None = None) -> list[Column]:
    """Return what there is to say about the columns of a typed table.

    Parameters
    ----------
    empty : mapping, optional
        The share of rows without a value, by column name.
    """
    dtypes = to_frame(schema.empty_table()).dtypes
    found = []
    for field in schema:
        if field.name == INDEX:
            continue
        header = field.metadata.get(HEADER_KEY, b"").decode()
        found.append(
            Column(
                name=field.name,
                field_id=field.metadata[COL_KEY].decode(),
                type=_type_word(field),
                dtype=str(dtypes[field.name]),
                description=header if header != field.name else "",
                options=(),
                empty=(empty or {}).get(field.name),
            )
        )
    return found


_WORDS = {
    pa.bool_(): "Checkbox",
    pa.int64(): "Integer",
    pa.float64(): "Number",
    pa.timestamp("ms"): "DateTime",
    pa.time64("us"): "Time",
}


def _type_word(field: pa.Field) -> str:
    kinds = VALUE_KINDS.intersection(json.loads(field.metadata[KINDS_KEY]))
    return _WORDS.get(field.type, "Mixed" if len(kinds) > 1 else "Text")
