"""What is made of the files of a cached source: frames, their columns, grids, previews, documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from larknb.cache import guidefiles
from larknb.cache.forms import FORMS, FrameMaker
from larknb.cache.gridfiles import read_grid
from larknb.cache.manifest import TableEntry
from larknb.cache.store import SourceCache
from larknb.cache.tablefiles import link_texts, row_groups
from larknb.errors import ConfigError, NotFound, WrongKind
from larknb.guides.document import Document
from larknb.guides.schema import Guide
from larknb.messages import say
from larknb.model import USUAL, Shown, Where
from larknb.results.base import Result
from larknb.results.sources import Column
from larknb.tabular import frames
from larknb.tabular.friendly import Friendly, is_current
from larknb.tabular.links import LinkTexts, tables_behind
from larknb.tabular.preview import PREVIEW_ROWS, Preview
from larknb.tabular.preview import preview as preview_of_grid
from larknb.tabular.raw import LINKS, RECORD_ID, definition_of, linked_table
from larknb.tabular.typed import to_table
from larknb.tabular.where import columns_of, matches

__all__ = [
    "Link",
    "colours",
    "columns",
    "dataset",
    "document",
    "frame",
    "grid",
    "links",
    "preview",
    "raw_dataset",
    "raw_frame",
]

T = TypeVar("T")


def frame(
    cached: SourceCache,
    table_id: str,
    columns: Sequence[str] | None = None,
    *,
    where: Where | None = None,
    shown: Shown = USUAL,
) -> pd.DataFrame:
    """Return a table as `larknb.load` gives it.

    Parameters
    ----------
    columns : sequence of str, optional
        Friendly names or field_ids, in the order wanted.
    where : mapping or callable, optional
        Which rows (see `larknb.tabular.where.matches`).
    shown : Shown
        How cells are shown that can be shown in more than one way.
    """
    return _reading(cached, lambda: _frame(cached, cached.tables[table_id], columns, where, shown))


def raw_frame(
    cached: SourceCache, table_id: str, columns: Sequence[str] | None = None, *, where: Where | None = None
) -> pd.DataFrame:
    """Return a table in its loss-free form, columns by field_id; ``columns`` are field_ids or friendly names.

    A sheet's loss-free record is its `grid`; what it has as a table is returned as it is stored. ``where`` asks the
    friendly form, whose rows stand in the same order.
    """
    return _reading(cached, lambda: _raw_frame(cached, cached.tables[table_id], columns, where))


def columns(cached: SourceCache, table_id: str) -> list[Column]:
    """Return the columns of a table, with the share of rows that have no value."""
    return _reading(cached, lambda: _columns(cached, cached.tables[table_id]))


def dataset(cached: SourceCache, table_id: str) -> Any:
    """Return a table's friendly form for a query: a data set of its file, or the table where that has to be made."""
    return _reading(cached, lambda: _dataset(cached, cached.tables[table_id]))


def raw_dataset(cached: SourceCache, table_id: str) -> Any:
    """Return the raw form of a table of records for a query."""
    return _reading(cached, lambda: ds.dataset(cached.folder / cached.tables[table_id].raw))


def colours(cached: SourceCache, table_id: str) -> dict[str, dict[str, int]]:
    """Return the colour numbers of the options of each select column, by column and option."""
    schema = _reading(cached, lambda: _schema(cached, cached.tables[table_id]))
    found = {field.name: (definition_of(field).get("property") or {}).get("options") for field in schema}
    return {
        name: {str(option.get("name")): option["color"] for option in options if isinstance(option.get("color"), int)}
        for name, options in found.items()
        if options
    }


@dataclass(frozen=True)
class Link:
    """A link column: its name and field_id, the table that it points to, and whether its cells may hold several."""

    column: str
    field_id: str
    target: str
    many: bool


def links(cached: SourceCache, table_id: str) -> dict[str, Link]:
    """Return the link columns of a table, by name."""
    schema = _reading(cached, lambda: _schema(cached, cached.tables[table_id]))
    found = [(field, definition) for field in schema if (definition := definition_of(field)).get("type") in LINKS]
    return {
        field.name: Link(
            field.name, definition["field_id"], linked_table(definition) or "", pa.types.is_list(field.type)
        )
        for field, definition in found
    }


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


def _frame(
    cached: SourceCache, entry: TableEntry, columns: Sequence[str] | None, where: Where | None, shown: Shown
) -> pd.DataFrame:
    maker = FORMS[entry.form]
    names = None if columns is None else [maker.index, *_named(cached, entry, columns)]
    asked = _asked(cached, entry, where)
    needed = None if names is None or (where and not asked) else [*dict.fromkeys([*names, *asked])]
    table = _shown(cached, entry, _friendly(cached, entry, needed), shown)
    if where:
        table = table.filter(_matching(table, maker, asked, where))
    table = table if names is None else table.select(names)
    return maker.to_frame(frames.joined(table) if shown.lists == "join" else table)


def _asked(cached: SourceCache, entry: TableEntry, where: Where | None) -> dict[str, str]:
    """Return the columns that ``where`` names, friendly name by the name that was given."""
    given = columns_of(where) if where else None
    return {} if given is None else {name: _named(cached, entry, [name])[0] for name in given}


def _matching(table: pa.Table, maker: FrameMaker, asked: Mapping[str, str], where: Where) -> pa.Array:
    """Say of each row whether ``where`` asks for it; only the columns that it names become a frame."""
    part = table.select([*dict.fromkeys([maker.index, *asked.values()])]) if asked else table
    wanted = {asked[name]: each for name, each in where.items()} if isinstance(where, Mapping) else where
    try:
        return pa.array(matches(maker.to_frame(part), wanted))
    except (TypeError, ValueError) as error:
        raise ConfigError(say("where.what", reason=error), next=say("where.next")) from error


def _shown(cached: SourceCache, entry: TableEntry, table: pa.Table, shown: Shown) -> pa.Table:
    """Return friendly rows with the columns made anew that are asked for in another way than they are stored."""
    names = frames.differing(table.schema, shown) if entry.form == "records" else []
    if not names:
        return table
    schema = pq.read_schema(cached.folder / entry.raw)
    friendly = Friendly(schema, entry.columns, {} if shown.links == "id" else _texts(cached, entry, schema), shown)
    rows = pq.read_table(cached.folder / entry.raw, columns=[RECORD_ID, *friendly.sources_of(names)])
    friendly.learn(rows)
    made = friendly.convert(rows)
    for name in names:
        table = table.set_column(table.column_names.index(name), made.schema.field(name), made.column(name))
    return table


def _raw_frame(
    cached: SourceCache, entry: TableEntry, columns: Sequence[str] | None, where: Where | None
) -> pd.DataFrame:
    maker = FORMS[entry.form]
    asked = _asked(cached, entry, where)
    mask = None
    if where:
        needed = [maker.index, *asked.values()] if asked else None
        mask = _matching(_friendly(cached, entry, needed), maker, asked, where)
    if entry.form == "grid":
        index = FORMS[entry.form].index
        names = None if columns is None else [index, *_named(cached, entry, columns)]
        table = _friendly(cached, entry, names)
        table = table if mask is None else table.filter(mask)
        stored: pd.DataFrame = table.replace_schema_metadata(None).to_pandas(types_mapper=pd.ArrowDtype)
        return stored.set_index(index)
    table = pq.read_table(cached.folder / entry.raw, columns=_raw_names(cached, entry, columns))
    return frames.raw_frame(table if mask is None else table.filter(mask))


def _raw_names(cached: SourceCache, entry: TableEntry, columns: Sequence[str] | None) -> list[str] | None:
    """Return the raw columns that were named by field_id or friendly name; None for all."""
    if columns is None:
        return None
    path = cached.folder / entry.raw
    known = pq.read_schema(path).names
    ids = {column.name: column.field_id or column.name for column in frames.columns(_schema(cached, entry))}
    wanted = [name if name in known else ids.get(name, name) for name in columns]
    if missing := [name for name in wanted if name not in known]:
        raise _no_column(cached, missing[0], [*ids])
    return [RECORD_ID, *wanted]


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


def _dataset(cached: SourceCache, entry: TableEntry) -> Any:
    return ds.dataset(cached.folder / entry.friendly) if _has_friendly(cached, entry) else _made(cached, entry)


def _friendly(cached: SourceCache, entry: TableEntry, names: Sequence[str] | None = None) -> pa.Table:
    """Return the friendly form of a table, or some columns of it in the order asked."""
    is_there = _has_friendly(cached, entry)
    table = pq.read_table(cached.folder / entry.friendly, columns=names) if is_there else _made(cached, entry)
    return table if names is None else table.select(names)


def _has_friendly(cached: SourceCache, entry: TableEntry) -> bool:
    """Say whether the friendly file is there in today's form; until a sync writes it, it is made in memory."""
    if not entry.friendly or entry.form == "grid":
        return bool(entry.friendly)
    return is_current(pq.read_schema(cached.folder / entry.friendly))


def _schema(cached: SourceCache, entry: TableEntry) -> pa.Schema:
    """Return the friendly schema of a table."""
    if _has_friendly(cached, entry):
        return pq.read_schema(cached.folder / entry.friendly)
    return _made(cached, entry).schema


def _made(cached: SourceCache, entry: TableEntry) -> pa.Table:
    """Return the friendly form of a table of an older state, which keeps its raw files alone."""
    raw = cached.folder / entry.raw
    if entry.form == "grid":
        return to_table(read_grid(raw), entry.options)
    schema = pq.read_schema(raw)
    friendly = Friendly(schema, entry.columns, _texts(cached, entry, schema))
    for rows in row_groups(raw):
        friendly.learn(rows)
    return pa.concat_tables([friendly.convert(rows) for rows in row_groups(raw)])


def _texts(cached: SourceCache, entry: TableEntry, schema: pa.Schema) -> dict[str, LinkTexts]:
    """Return the texts of the rows that a table shows, by table_id."""
    schemas = {key: pq.read_schema(cached.folder / each.raw) for key, each in cached.tables.items()
               if each.form == "records"}  # fmt: skip
    return {key: link_texts(cached.folder / cached.tables[key].raw)
            for key in tables_behind(schema, entry.columns, schemas)}  # fmt: skip
