"""The rows of a table as passages that a search finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from larknb.model import Kind
from larknb.scan import Passage
from larknb.tabular.columns import BETWEEN
from larknb.tabular.raw import cells_of, definition_of

__all__ = [
    "label_column",
    "passages_of_table",
    "text_columns",
]


def passages_of_table(table: pa.Table, source: str, title: str, url: str, kind: Kind = "bitable") -> Iterator[Passage]:
    """Yield one passage per row of a table in its friendly form: the text of all its cells that hold any.

    Parameters
    ----------
    table : pyarrow.Table
        The first column holds the ids of the rows. A row is called after its primary column.
    url : str
        The address of the table.
    """
    ids = table.column(0).to_pylist()
    label = label_column(table.schema)
    labels = _labels(table, label) if label else [""] * len(ids)
    cells = [_texts(table, name) for name in text_columns(table.schema) if name != label]
    # Not binary_join_element_wise: pyarrow 26 drops a row whose cells are all null.
    texts = map(_joined, zip(*(column.to_pylist() for column in cells), strict=True)) if cells else [""] * len(ids)
    for row, name, text in zip(ids, labels, texts, strict=True):
        if name or text:
            yield Passage(kind, source, title, (name or str(row),), text, url)


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


def _labels(table: pa.Table, name: str) -> list[str]:
    if _is_text(table.schema.field(name).type):
        return [text or "" for text in _texts(table, name).to_pylist()]
    return ["" if value is None else str(value) for value in table.column(name).to_pylist()]


def _texts(table: pa.Table, name: str) -> pa.Array:
    cells = cells_of(table, name)
    return pc.binary_join(cells, BETWEEN) if pa.types.is_list(cells.type) else cells.cast(pa.string())


def _joined(cells: Iterable[str | None]) -> str:
    return "\n".join(cell for cell in cells if cell)
