"""What is made of the files of a cached source: frames, their columns, grids, previews, documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from larknb.cache import guidefiles
from larknb.cache.forms import FORMS
from larknb.cache.gridfiles import read_grid
from larknb.cache.manifest import TableEntry
from larknb.cache.store import SourceCache
from larknb.cache.tablefiles import link_texts, row_groups
from larknb.errors import NotFound, WrongKind
from larknb.guides.document import Document
from larknb.guides.schema import Guide
from larknb.messages import say
from larknb.results.base import Result
from larknb.results.sources import Column
from larknb.tabular import frames
from larknb.tabular.friendly import Friendly
from larknb.tabular.preview import PREVIEW_ROWS, Preview
from larknb.tabular.preview import preview as preview_of_grid
from larknb.tabular.raw import RECORD_ID, linked_tables
from larknb.tabular.typed import to_table

__all__ = ["columns", "document", "frame", "grid", "parts", "preview", "raw_frame"]

T = TypeVar("T")


def frame(
    cached: SourceCache, table_id: str, columns: Sequence[str] | None = None, *, links: str = "text"
) -> pd.DataFrame:
    """Return a table as `larknb.load` gives it.

    Parameters
    ----------
    columns : sequence of str, optional
        Friendly names or field_ids, in the order wanted.
    links : str
        ``"text"``, or ``"id"`` for the record ids of linked rows.
    """
    return _reading(cached, lambda: _frame(cached, cached.tables[table_id], columns, links))


def parts(cached: SourceCache, table_id: str, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
    """Return a table as `frame` gives it, a row group at a time, all of one state."""
    return _reading(cached, lambda: _parts(cached, cached.tables[table_id], columns))


def raw_frame(cached: SourceCache, table_id: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Return a table in its loss-free form, columns by field_id; ``columns`` are field_ids or friendly names.

    A sheet's loss-free record is its `grid`; what it has as a table is returned as it is stored.
    """
    return _reading(cached, lambda: _raw_frame(cached, cached.tables[table_id], columns))


def columns(cached: SourceCache, table_id: str) -> list[Column]:
    """Return the columns of a table, with the share of rows that have no value."""
    return _reading(cached, lambda: _columns(cached, cached.tables[table_id]))


def grid(cached: SourceCache, table_id: str) -> dict[str, Any]:
    """Return a worksheet as it was received; WrongKind for a table of records."""
    if cached.tables[table_id].form != "grid":
        raise WrongKind(say("grid.what"), source=cached.name, next=say("grid.next"))
    return _reading(cached, lambda: read_grid(cached.folder / cached.tables[table_id].raw))


def preview(cached: SourceCache, table_id: str) -> Result:
    """Return the raw head of a table beside the names and types that its columns got."""
    return _reading(cached, lambda: _preview(cached, cached.tables[table_id]))


def document(cached: SourceCache) -> Document:
    """Return a document as its current state tells it; WrongKind for a source that is none."""
    folder, guide = _reading(cached, lambda: _guide(cached))
    # What is read of it later is that of the very state that the guide tells.
    record = partial(guidefiles.read_record, folder)
    media = partial(guidefiles.read_media, cached.folder)
    return Document(guide, cached.folder, record=record, frame=partial(frame, cached), media=media)


def _reading(cached: SourceCache, read: Callable[[], T]) -> T:
    """Read files of the manifest; a sync elsewhere may just have replaced them, so look once more.

    ``read`` must look their names up itself: they are others the second time.
    """
    try:
        return read()
    except FileNotFoundError as error:
        if cached.snapshot:  # what is current now is another state
            what = say("history.none.what", when=cached.snapshot)
            raise NotFound(what, source=cached.name) from error
        cached.reload()
        return read()


# --- frames ---------------------------------------------------------------------------------------------------------


def _frame(cached: SourceCache, entry: TableEntry, columns: Sequence[str] | None, links: str) -> pd.DataFrame:
    maker = FORMS[entry.form]
    names = None if columns is None else [maker.index, *_named(cached, entry, columns)]
    table = _friendly(cached, entry, names)
    if links == "id" and entry.form == "records":
        table = frames.link_ids(table, pq.read_table(cached.folder / entry.raw))
    return maker.to_frame(table)


def _parts(cached: SourceCache, entry: TableEntry, columns: Sequence[str] | None) -> Iterator[pd.DataFrame]:
    maker = FORMS[entry.form]
    names = None if columns is None else [maker.index, *_named(cached, entry, columns)]
    if not entry.friendly:
        return iter([_frame(cached, entry, columns, "text")])
    # Opened here: once it is, a sync may delete it.
    return _of_groups(pq.ParquetFile(cached.folder / entry.friendly), names, maker.to_frame)


def _of_groups(
    file: pq.ParquetFile, names: Sequence[str] | None, to_frame: Callable[[pa.Table], pd.DataFrame]
) -> Iterator[pd.DataFrame]:
    with file:
        names = file.schema_arrow.names if names is None else names
        for group in range(file.num_row_groups):
            yield to_frame(file.read_row_group(group, columns=names).select(names))
        if not file.num_row_groups:
            yield to_frame(file.schema_arrow.empty_table().select(names))


def _raw_frame(cached: SourceCache, entry: TableEntry, columns: Sequence[str] | None) -> pd.DataFrame:
    if entry.form == "grid":
        index = FORMS[entry.form].index
        names = None if columns is None else [index, *_named(cached, entry, columns)]
        table = _friendly(cached, entry, names)
        stored: pd.DataFrame = table.replace_schema_metadata(None).to_pandas(types_mapper=pd.ArrowDtype)
        return stored.set_index(index)
    path = cached.folder / entry.raw
    if columns is None:
        return frames.raw_frame(pq.read_table(path))
    known = pq.read_schema(path).names
    ids = {column.name: column.field_id or column.name for column in frames.columns(_schema(cached, entry))}
    wanted = [name if name in known else ids.get(name, name) for name in columns]
    if missing := [name for name in wanted if name not in known]:
        raise _no_column(cached, missing[0], [*ids])
    return frames.raw_frame(pq.read_table(path, columns=[RECORD_ID, *wanted]))


def _columns(cached: SourceCache, entry: TableEntry) -> list[Column]:
    path = entry.raw if entry.form == "records" else entry.friendly
    empty = _empty_shares(cached.folder / path) if path else {}
    return FORMS[entry.form].columns(_schema(cached, entry), empty)


def _empty_shares(path: Path) -> dict[str, float]:
    """Return the share of rows without a value, by column."""
    with pq.ParquetFile(path) as file:
        rows = file.metadata.num_rows
        names = file.schema_arrow.names if rows else []
        return {name: file.read(columns=[name]).column(0).null_count / rows for name in names}


def _named(cached: SourceCache, entry: TableEntry, wanted: Sequence[str]) -> list[str]:
    """Return the friendly names of columns that were named by name or field_id, each once."""
    ids: dict[str, list[str]] = {}
    known = FORMS[entry.form].columns(_schema(cached, entry), {})
    for column in known:
        ids.setdefault(column.field_id, []).append(column.name)
    ids.pop("", None)  # columns of the system have no id
    all_names = [column.name for column in known]
    names: list[str] = []
    for name in wanted:
        if name not in all_names and name not in ids:
            raise _no_column(cached, name, all_names)
        names += [name] if name in all_names else ids[name]
    return [*dict.fromkeys(names)]


def _no_column(cached: SourceCache, name: str, names: Sequence[str]) -> NotFound:
    what = say("column.missing.what", column=name)
    return NotFound(what, source=cached.name, next=say("field.missing.next", fields=", ".join(names)))


# --- previews and documents -----------------------------------------------------------------------------------------


def _preview(cached: SourceCache, entry: TableEntry) -> Result:
    if entry.form == "grid":
        return preview_of_grid(read_grid(cached.folder / entry.raw), entry.options)
    known = [column for column in _columns(cached, entry) if column.field_id]
    head = pq.read_table(cached.folder / entry.raw).slice(0, PREVIEW_ROWS)
    values = [[_as_json(cell) for cell in head.column(column.field_id).to_pylist()] for column in known]
    names, types = [column.name for column in known], [f"{column.type} → {column.dtype}" for column in known]
    rows = [(number, "data", *row) for number, row in enumerate(zip(*values, strict=True), 1)]
    letters = [column.field_id for column in known]
    return Preview(entry.name, letters, [(None, "name", *names), (None, "type", *types), *rows])


def _as_json(cell: Any) -> str:
    """Return a raw cell as text; members of structs that hold nothing are left out."""
    if isinstance(cell, list):
        return "[" + ", ".join(map(_as_json, cell)) + "]"
    if isinstance(cell, dict):
        return "{" + ", ".join(f"{key}: {_as_json(value)}" for key, value in cell.items() if value is not None) + "}"
    return "" if cell is None else str(cell)


def _guide(cached: SourceCache) -> tuple[Path, Guide]:
    """Return the folder of a document's current state, and the document as it lies there."""
    if cached.guide is None:
        raise WrongKind(say("guide.what"), source=cached.name, next=say("guide.next"))
    folder = cached.folder / cached.guide.folder
    return folder, guidefiles.read_guide(folder)


# --- the friendly form ----------------------------------------------------------------------------------------------


def _friendly(cached: SourceCache, entry: TableEntry, names: Sequence[str] | None = None) -> pa.Table:
    """Return the friendly form of a table, or some columns of it in the order asked."""
    table = pq.read_table(cached.folder / entry.friendly, columns=names) if entry.friendly else _made(cached, entry)
    return table if names is None else table.select(names)


def _schema(cached: SourceCache, entry: TableEntry) -> pa.Schema:
    """Return the friendly schema of a table."""
    return pq.read_schema(cached.folder / entry.friendly) if entry.friendly else _made(cached, entry).schema


def _made(cached: SourceCache, entry: TableEntry) -> pa.Table:
    """Return the friendly form of a table of an older state, which keeps its raw files alone."""
    raw = cached.folder / entry.raw
    if entry.form == "grid":
        return to_table(read_grid(raw), entry.options)
    schema = pq.read_schema(raw)
    linked = linked_tables(schema) & cached.tables.keys()
    texts = {key: link_texts(cached.folder / cached.tables[key].raw) for key in linked}
    friendly = Friendly(schema, entry.columns, texts)
    for rows in row_groups(raw):
        friendly.learn(rows)
    return pa.concat_tables([friendly.convert(rows) for rows in row_groups(raw)])
