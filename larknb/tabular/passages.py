"""The rows of a table as passages that a search finds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from larknb.model import Kind
from larknb.scan.folding import BODY, BREAK, END
from larknb.scan.passages import Passages
from larknb.tabular.columns import BETWEEN
from larknb.tabular.raw import cells_of, definition_of

__all__ = [
    "label_column",
    "passages_of_table",
    "text_columns",
]

OURS = f"[{BREAK}{BODY}{END}]"
TEXT = pa.large_string()  # the text of some rows may pass 2 GB


def passages_of_table(rows: pa.Table, source: str, title: str, url: str, kind: Kind = "bitable") -> Passages:
    """Return some rows of a table in its friendly form, one passage per row: the text of all its cells that hold any.

    Parameters
    ----------
    rows : pyarrow.Table
        The first column holds the ids of the rows. A row is called after its primary column.
    url : str
        The address of the table.
    """
    label = label_column(rows.schema)
    labels = _labels(rows, label) if label else pa.nulls(rows.num_rows, TEXT)
    cells = [_texts(rows, name) for name in text_columns(rows.schema) if name != label]
    joined = _joined(rows, labels, cells)
    if _marks_in(joined) != [len(joined)] * 2:  # somebody wrote one
        labels, *cells = (pc.replace_substring_regex(each, OURS, " ") for each in (labels, *cells))
        joined = _joined(rows, labels, cells)
    return Passages(kind, source, title, url, _bytes(joined))


def _joined(rows: pa.Table, labels: pa.Array, cells: Sequence[pa.Array]) -> pa.Array:
    """Return the passages; rows that hold no text are left out."""
    ids = cells_of(rows, rows.column_names[0]).cast(TEXT)
    named = _with(pc.coalesce(labels, ids), BODY)
    # The first one is never null: pyarrow drops a row of which all cells are.
    joined = pc.binary_join_element_wise(named, *cells, pa.scalar("\n", TEXT), null_handling="skip")
    holds = labels.is_valid()
    for each in cells:
        holds = pc.or_(holds, each.is_valid())
    return _with(joined.filter(holds), END)


def _with(texts: pa.Array, mark: str) -> pa.Array:
    return pc.binary_join_element_wise(texts, pa.scalar("", TEXT), pa.scalar(mark, TEXT))


def _marks_in(joined: pa.Array) -> list[int]:
    """Return how many of our marks there are that each passage has one of; none of the third kind belongs there."""
    data = _bytes(joined)
    if BREAK.encode() in data:
        return []
    return [data.count(mark.encode()) for mark in (BODY, END)]


def _bytes(texts: pa.Array) -> bytes:
    """Return the bytes of all texts, one after the other."""
    if not len(texts):
        return b""
    _, offsets, data = texts.buffers()
    first, last = np.frombuffer(offsets, np.int64)[[texts.offset, texts.offset + len(texts)]].tolist()
    found: bytes = data.slice(first, last - first).to_pybytes()
    return found


# --- cells ----------------------------------------------------------------------------------------------------------


def label_column(schema: pa.Schema) -> str | None:
    """Return the column that rows are called after: the primary one, or the first that holds text."""
    for field in schema:
        if definition_of(field).get("is_primary"):
            return str(field.name)
    return next(iter(text_columns(schema)), None)


def text_columns(schema: pa.Schema) -> list[str]:
    """Return the columns of text, choices, or lists of either; what begins with an underscore is our own."""
    return [field.name for field in schema if not field.name.startswith("_") and _is_text(field.type)]


def _is_text(arrow: pa.DataType) -> bool:
    items = arrow.value_type if pa.types.is_list(arrow) or pa.types.is_dictionary(arrow) else arrow
    return bool(pa.types.is_string(items) or pa.types.is_large_string(items))


def _labels(rows: pa.Table, name: str) -> pa.Array:
    """Return what rows are called, null where they have no name; whole numbers and days without what says nothing."""
    if _is_text(rows.schema.field(name).type):
        return _texts(rows, name)
    values = rows.column(name).to_pylist()
    return pa.array([None if value is None else _name(value) for value in values], TEXT)


def _name(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d %H:%M").removesuffix(" 00:00")
    return str(value)


def _texts(rows: pa.Table, name: str) -> pa.Array:
    """Return the texts of a column, null where there is none."""
    cells = cells_of(rows, name)
    texts = (pc.binary_join(cells, BETWEEN) if pa.types.is_list(cells.type) else cells).cast(TEXT)
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, TEXT), texts)
