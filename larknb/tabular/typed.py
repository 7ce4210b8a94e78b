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
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

import pandas as pd
import pyarrow as pa

from larknb.model import ColumnMemory, GridOptions
from larknb.results.sources import Column
from larknb.tabular.frames import pandas_metadata
from larknb.tabular.grid import (
    DAY,
    ERRORS,
    INDEX,
    UNIX,
    Date,
    Element,
    Record,
    as_json,
    as_text,
    elements_of,
    filled_length,
    kind_of,
    rows_of,
    stripped,
)
from larknb.tabular.header import Merges, column_letters, column_names, head_of, header_rows, headers_of
from larknb.tabular.raw import TABLE_KEY, storable

__all__ = [
    "INDEX",
    "Typing",
    "cells",
    "columns",
    "to_frame",
    "to_table",
]

HEADER_KEY = b"lark.header"  # Arrow field metadata: the header as it stands in the sheet; absent where it is empty
COL_KEY = b"lark.col"  # the column's letters
KINDS_KEY = b"lark.kinds"  # how many cells of each kind there are, as JSON

# The kinds of cell that decide a column's type. All others (null, blank, rich, error) fit every type, as a missing
# value.
VALUE_KINDS = {"bool", "int", "float", "date", "text"}
LENGTH, LENGTHS = "duration", pa.duration("ms")  # what a column of lengths is called, and its type
CHUNK = 500_000  # cells that are in memory while a table is made


def to_table(
    record: Record, options: GridOptions | None = None, known: Mapping[str, ColumnMemory] | None = None
) -> pa.Table:
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
    known : mapping, optional
        What was learned of the columns before, by name: a column of lengths stays one.
    """
    typing = Typing(record, options, known)
    return pa.Table.from_batches(typing.batches(), schema=typing.schema)


class Typing:
    """What a grid becomes: learned in one pass over its rows, made in another, so that memory never holds all of them.

    The parameters are those of `to_table`.

    Attributes
    ----------
    header_rows : list of int
        The places of the header rows, counted from 0; the data begin below the last one.
    width : int
        Columns up to the last one with anything in it.
    rows : int
        Rows of the table.
    schema : pyarrow.Schema
        Of the table.
    columns : dict
        What is to be remembered of its columns, by name.
    """

    def __init__(
        self, record: Record, options: GridOptions | None = None, known: Mapping[str, ColumnMemory] | None = None
    ) -> None:
        options = options or {}
        wanted = options.get("header", "auto")
        head = head_of(record, wanted)
        self._record, self._how = record, options.get("fill_merged", "off")
        self.header_rows = header_rows(head, record, wanted)
        self.width, self.rows = 0 if self._how == "off" else _width(record), 0
        learned = self._learn()
        headers = headers_of(head, record["merges"], self.header_rows, self.width)
        while headers and not stripped(headers[-1]) and not learned[len(headers) - 1].is_used:
            headers.pop()  # columns on the right without header and data
        self._columns = learned[: len(headers)]
        names = column_names(headers)
        for name, column in zip(names, self._columns, strict=True):
            column.was_length = (known or {}).get(name, {}).get("kind") == LENGTH
        self.schema = self._schema(headers, names)
        self.columns: dict[str, ColumnMemory] = {
            name: {"kind": LENGTH} for name, column in zip(names, self._columns, strict=True) if column.is_length
        }

    @property
    def first(self) -> int:
        """The place of the first row below the header."""
        return max(self.header_rows, default=-1) + 1

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows of the table, some at a time."""
        for places, columns in self._chunks():
            arrays = [pa.array([at + 1 for at in places], pa.int64())]
            nothing = (None,) * len(places)
            for at, known in enumerate(self._columns):
                arrays.append(known.array(columns[at] if at < len(columns) else nothing))
            yield pa.RecordBatch.from_arrays(arrays, schema=self.schema)

    def _learn(self) -> list[_Column]:
        """Return what all columns of the grid hold below the header."""
        learned: list[_Column] = []
        for places, columns in self._chunks():
            self.rows += len(places)
            learned += [_Column() for _ in range(len(columns) - len(learned))]
            for known, cells in zip(learned, columns, strict=False):
                known.learn(cells)
        return learned + [_Column() for _ in range(self.width - len(learned))]

    def _schema(self, headers: Sequence[str], names: Sequence[str]) -> pa.Schema:
        fields = [pa.field(INDEX, pa.int64(), nullable=False)]
        for at, (header, name) in enumerate(zip(headers, names, strict=True)):
            known = self._columns[at]
            metadata = {COL_KEY: column_letters(at), KINDS_KEY: json.dumps(known.counts(self.rows))}
            if stripped(header):
                metadata[HEADER_KEY] = header
            fields.append(pa.field(name, known.type, nullable=not known.is_whole(self.rows), metadata=metadata))
        about = {
            "table_id": self._record["sheet_id"],
            "name": self._record["title"],
            "header_rows": [at + 1 for at in self.header_rows],
        }
        return pa.schema(fields, metadata={TABLE_KEY: json.dumps(about), b"pandas": pandas_metadata(fields)})

    # --- rows -------------------------------------------------------------------------------------------------------

    def _chunks(self) -> Iterator[tuple[list[int], list[tuple[Any, ...]]]]:
        """Yield the places of some rows of the table, and their cells column by column."""
        places: list[int] = []
        chunk: list[list[Any]] = []
        size = 0
        for at, row in self._data():
            places.append(at)
            chunk.append(row)
            size += len(row)
            if size >= CHUNK:
                yield places, [*zip_longest(*chunk)]
                places, chunk, size = [], [], 0
        if places:
            yield places, [*zip_longest(*chunk)]

    def _data(self) -> Iterator[tuple[int, list[Any]]]:
        """Yield the rows below the header that hold something, merged cells filled as the options say."""
        merges = Merges(self._record["merges"], self.width, self._how, after=self.first)  # not what is merged with it
        for at, row in rows_of(self._record):
            if (length := filled_length(row)) > self.width:
                self.width = length
            if at >= self.first and length:
                yield at, merges.filled(at, row)


def _width(record: Record) -> int:
    return max((filled_length(row) for _, row in rows_of(record)), default=0)


# --- types ----------------------------------------------------------------------------------------------------------


class _Column:
    """What the cells of a column are, and so the narrowest type that holds each exactly; for a mixture that is text."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._fits, self._is_exact = True, True  # every integer, an int64 and a double
        self._has_days, self._has_times = False, False
        self._has_lengths, self._has_moments = False, False  # what can be nothing else, and what can be no length
        self.was_length = False

    @property
    def is_used(self) -> bool:
        """True when there is anything in it."""
        return bool(self._counts.keys() - {"null", "blank"})

    def learn(self, cells: Sequence[Any]) -> None:
        """Take some more cells into account."""
        kinds = Counter(map(kind_of, cells))
        self._counts.update(kinds)
        if kinds["int"]:
            numbers = [cell for cell in cells if type(cell) is int]
            self._fits = self._fits and min(numbers) >= -(2**63) and max(numbers) < 2**63
            self._is_exact = self._is_exact and all(map(_is_exact, numbers))
        if kinds["date"]:
            dates = [cell for cell in cells if type(cell) is Date]
            self._has_times = self._has_times or any(ms % DAY for ms in dates)
            self._has_days = self._has_days or not all(0 <= ms < DAY for ms in dates)
            self._has_lengths = self._has_lengths or any(date.is_length for date in dates)
            self._has_moments = self._has_moments or not all(date.is_clock for date in dates)

    def counts(self, rows: int) -> dict[str, int]:
        """Return how many cells of each kind there are in so many rows."""
        missing = rows - self._counts.total()
        return {kind: count for kind, count in sorted((self._counts + Counter(null=missing)).items()) if count}

    def is_whole(self, rows: int) -> bool:
        """Say whether the column needs no nullable type in pandas: integers or booleans without missing values."""
        kind = {pa.int64(): "int", pa.bool_(): "bool"}.get(self.type)
        return rows > 0 and kind is not None and self._counts[kind] == rows

    @property
    def type(self) -> pa.DataType:
        """The type of the column."""
        present = {kind for kind in VALUE_KINDS if self._counts[kind]}
        if present == {"bool"}:
            return pa.bool_()
        if present == {"int"} and self._fits:
            return pa.int64()
        if present and present <= {"int", "float"} and self._is_exact:
            return pa.float64()
        if present == {"date"}:
            return self._date_type()
        return pa.string()

    def _date_type(self) -> pa.DataType:
        if not self._has_moments and (self._has_lengths or self.was_length):
            return LENGTHS
        if self._has_lengths:
            return pa.string()  # lengths beside dates
        return pa.time64("us") if self._has_times and not self._has_days else pa.timestamp("ms")

    @property
    def is_length(self) -> bool:
        """True when it is a column of lengths, or was one before."""
        return self.was_length or self.type == LENGTHS

    @property
    def _shows_dates(self) -> bool:
        """True when its cells are lengths beside dates, and stay what the sheet shows."""
        return self._has_lengths and not VALUE_KINDS.intersection(self._counts) - {"date"}

    def array(self, cells: Sequence[Any]) -> pa.Array:
        """Return some of its cells in its type."""
        arrow = self.type
        if pa.types.is_string(arrow):
            text = _shown if self._shows_dates else as_text
            return pa.array([None if cell is None else storable(text(cell)) for cell in cells], arrow)
        if pa.types.is_temporal(arrow):
            zero, scale = (0, 1000) if pa.types.is_time(arrow) else (0 if arrow == LENGTHS else UNIX, 1)
            numbers = [(cell - zero) * scale if type(cell) is Date else None for cell in cells]
            return pa.array(numbers, pa.int64()).view(arrow)
        if pa.types.is_floating(arrow):
            return pa.array([float(cell) if type(cell) in (int, float) else None for cell in cells], arrow)
        wanted = bool if pa.types.is_boolean(arrow) else int
        return pa.array([cell if type(cell) is wanted else None for cell in cells], arrow)


def _shown(cell: Any) -> str:
    """Return a cell as the sheet shows it, where it is a date."""
    return cell.text if isinstance(cell, Date) else as_text(cell)


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
        (at + 1, column_letters(column), each.kind, each.text, each.link, each.token, as_json(each.raw).decode())
        for at, row in rows_of(record)
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
    LENGTHS: "Duration",
}


def _type_word(field: pa.Field) -> str:
    kinds = VALUE_KINDS.intersection(json.loads(field.metadata[KINDS_KEY]))
    return _WORDS.get(field.type, "Mixed" if len(kinds) > 1 else "Text")
