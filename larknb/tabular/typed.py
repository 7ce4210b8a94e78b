"""A grid -> the typed table that it becomes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa

from larknb.results.sources import Column
from larknb.tabular.frames import pandas_metadata
from larknb.tabular.grid import (
    DAY,
    ERRORS,
    INDEX,
    UNIX,
    Element,
    Options,
    Record,
    _as_json,
    cell_text,
    clean_text,
    elements_of,
    grid_of,
    kind_of,
    shows,
)
from larknb.tabular.header import column_letters, column_names, fill_merged, header_rows, headers_of
from larknb.tabular.raw import TABLE_KEY

__all__ = [
    "cells",
    "columns",
    "layout_of",
    "to_frame",
    "to_table",
]

HEADER_KEY = b"lark.header"  # Arrow field metadata: the header as it stands in the sheet; absent where it is empty
COL_KEY = b"lark.col"  # the column's letters
KINDS_KEY = b"lark.kinds"  # how many cells of each kind there are, as JSON

# The kinds of cell that decide a column's type. Beside them there are null, blank (text that shows nothing: formulas
# give it for "no value"), rich (an image, say: no text of its own) and error; those fit every type, as a missing value.
TYPED = {"bool", "int", "float", "date", "text"}


# --- types ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Layout:
    """What a grid becomes: which rows are what, and the header of each column that stays."""

    header: list[int]
    body: list[int]
    headers: list[str]


def layout_of(grid: Sequence[Sequence[Any]], record: Record, options: Options) -> _Layout:
    header = header_rows(grid, record, options.get("header", "auto"))
    first = max(header, default=-1) + 1
    body = [at for at in range(first, len(grid)) if any(map(shows, grid[at]))]
    headers = headers_of(grid, record["merges"], header)
    width = len(headers)
    while width and not clean_text(headers[width - 1]) and not any(shows(grid[at][width - 1]) for at in body):
        width -= 1
    return _Layout(header, body, headers[:width])


def body_of(grid: Sequence[Sequence[Any]], layout: _Layout, record: Record, options: Options) -> list[list[Any]]:
    """Return the rows of the table, merged cells filled as the options say."""
    how = options.get("fill_merged", "off")
    rows = {at: list(grid[at]) for at in layout.body}
    if how != "off":
        first = max(layout.header, default=-1) + 1  # what is merged with the header is no value
        fill_merged(rows, grid, [merge for merge in record["merges"] if merge["row"] > first], how)
    return list(rows.values())


def _array(cells: Sequence[Any], kinds: Sequence[str]) -> pa.Array:
    """Return a column in the narrowest type that holds every cell exactly, which for a mixture is text."""
    told = TYPED.intersection(kinds)
    values = [cell if kind in told else None for cell, kind in zip(cells, kinds, strict=True)]
    known = [value for value in values if value is not None]
    if told == {"bool"}:
        return pa.array(values, pa.bool_())
    if told == {"int"} and all(-(2**63) <= value < 2**63 for value in known):
        return pa.array(values, pa.int64())
    if told and told <= {"int", "float"} and all(map(_is_exact, known)):
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    if told == {"date"}:
        if any(ms % DAY for ms in known) and all(0 <= ms < DAY for ms in known):
            return _shifted(values, 0, 1000).view(pa.time64("us"))
        return _shifted(values, UNIX, 1).view(pa.timestamp("ms"))
    return pa.array([None if cell is None else cell_text(cell) for cell in cells], pa.string())


def _shifted(values: Sequence[int | None], zero: int, scale: int) -> pa.Array:
    return pa.array([None if value is None else (value - zero) * scale for value in values], pa.int64())


def _is_exact(number: float) -> bool:
    """Say whether a double holds this number as it is."""
    try:
        return float(number) == number
    except OverflowError:
        return False


def to_table(record: Record, options: Options | None = None) -> pa.Table:
    """Return the typed table of a worksheet, one row per sheet row that holds something.

    The first column, ``_row``, is the 1-based sheet row. Each other field tells in its metadata where it comes from:
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
    rows = body_of(grid, layout, record, options)
    fields = [pa.field(INDEX, pa.int64(), nullable=False)]
    arrays = [pa.array([at + 1 for at in layout.body], pa.int64())]
    for at, (header, name) in enumerate(zip(layout.headers, column_names(layout.headers), strict=True)):
        column = [row[at] for row in rows]
        kinds = [kind_of(cell) for cell in column]
        array = _array(column, kinds)
        told = {COL_KEY: column_letters(at), KINDS_KEY: json.dumps(Counter(kinds))}
        if clean_text(header):
            told[HEADER_KEY] = header
        # Without missing values, integers and booleans need no nullable type in pandas.
        whole = len(array) > 0 and array.null_count == 0 and array.type in (pa.int64(), pa.bool_())
        fields.append(pa.field(name, array.type, nullable=not whole, metadata=told))
        arrays.append(array)
    about = {"table_id": record["sheet_id"], "name": record["title"], "header_rows": [at + 1 for at in layout.header]}
    metadata = {TABLE_KEY: json.dumps(about), b"pandas": pandas_metadata(fields)}
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata=metadata))


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
    found: list[tuple[int, str, str, str, str | None, str | None, str]] = []
    for at, row in enumerate(grid_of(record), 1):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                elements = [Element("error", cell, None, None, cell)] if cell in ERRORS else []
            elif isinstance(cell, (dict, list)):
                elements = [element for element in elements_of(cell) if element.kind != "text"]
                elements += [Element("other", "", None, None, cell)] if cell == [] else []
            else:
                continue
            found += [
                (at, column_letters(column), e.kind, e.text, e.link, e.token, _as_json(e.raw).decode())
                for e in elements
            ]
    names = ("col", "kind", "text", "link", "token", "raw")
    arrays = [pa.array([row[0] for row in found], pa.int64())]
    arrays += [pa.array([row[at] for row in found], pa.string()) for at in range(1, len(names) + 1)]
    side: pd.DataFrame = pa.table(arrays, names=["row", *names]).to_pandas()
    return side


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
    kinds = TYPED.intersection(json.loads(field.metadata[KINDS_KEY]))
    return _WORDS.get(field.type, "Mixed" if len(kinds) > 1 else "Text")
