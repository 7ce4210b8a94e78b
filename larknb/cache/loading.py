"""What is made of the files of a cached source: frames, their columns, grids, previews, documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from larknb.cache import friendly as made
from larknb.cache import guidefiles
from larknb.cache.cached import SourceCache
from larknb.cache.checks import Corrupt, is_whole, verify
from larknb.cache.deltas import is_delta
from larknb.cache.forms import FORMS, FrameMaker
from larknb.cache.gridfiles import read_grid
from larknb.cache.manifest import GuideEntry, TableEntry
from larknb.cache.media import files_in, read_media
from larknb.cache.tablefiles import KEYS, empty_shares, read_rows, row_groups, schema_of
from larknb.config.names import columns_to_see
from larknb.errors import ConfigError, LarkError, NotFound, WrongKind
from larknb.guides.document import Document
from larknb.guides.guide import rows_of as guide_rows
from larknb.guides.guide import to_guide
from larknb.guides.relinked import relinked
from larknb.guides.schema import Guide
from larknb.messages import say
from larknb.model import USUAL, Shown, Where
from larknb.results.base import Result
from larknb.results.sources import Column
from larknb.tabular import frames
from larknb.tabular.friendly import Friendly
from larknb.tabular.preview import PREVIEW_ROWS, Preview
from larknb.tabular.preview import preview as preview_of_grid
from larknb.tabular.raw import RECORD_ID, definition_of, file_columns
from larknb.tabular.where import columns_of, matches

__all__ = [
    "attachments",
    "columns",
    "dataset",
    "described",
    "document",
    "frame",
    "frames_of",
    "friendly",
    "friendly_groups",
    "grid",
    "guide_of",
    "parts",
    "preview",
    "raw_dataset",
    "raw_frame",
    "record",
    "retold",
    "row_keys",
    "rows_of",
    "schema",
]

T = TypeVar("T")
TRIES = 10  # of a call that reads several files: each is of one state, or all are read again


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
    return _reading(cached, lambda: _frame(cached, _entry(cached, table_id), columns, where, shown))


def frames_of(cached: SourceCache) -> dict[str, pd.DataFrame]:
    """Return all tables of one state, by table_id; ``cached`` is that state afterwards."""
    return _reading(
        cached, lambda: {key: _frame(cached, entry, None, None, USUAL) for key, entry in cached.tables.items()}
    )


def parts(cached: SourceCache, table_id: str, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
    """Return a table as `frame` gives it, a row group at a time, all of one state."""
    maker = FORMS[_entry(cached, table_id).form]
    names = schema(cached, table_id).names
    if columns is not None:
        names = [maker.index, *_reading(cached, lambda: _named(cached, _entry(cached, table_id), columns))]
    return (maker.to_frame(rows.select(names)) for rows in friendly_groups(cached, table_id, names))


def described(cached: SourceCache, table_id: str) -> list[Column]:
    """Return the columns of a table as `columns` does, without a look at its rows."""
    entry = _entry(cached, table_id)
    return FORMS[entry.form].columns(schema(cached, table_id), {})


def rows_of(cached: SourceCache, table_id: str, ids: pa.Array) -> pd.DataFrame:
    """Return some rows of a table of records as `frame` does; only they are made, where that must be."""
    return _reading(cached, lambda: _rows_of(cached, _entry(cached, table_id), ids))


def row_keys(cached: SourceCache, table_id: str) -> pa.Table:
    """Return what tells whether rows of a table of records are the same: ids, and hashes of what they hold."""
    return _reading(cached, lambda: _raw(cached, _entry(cached, table_id), KEYS))


def raw_frame(
    cached: SourceCache, table_id: str, columns: Sequence[str] | None = None, *, where: Where | None = None
) -> pd.DataFrame:
    """Return a table in its loss-free form, columns by field_id; ``columns`` are field_ids or friendly names.

    A sheet's loss-free record is its `grid`; what it has as a table is returned as it is stored. ``where`` asks the
    friendly form, whose rows stand in the same order.
    """
    return _reading(cached, lambda: _raw_frame(cached, _entry(cached, table_id), columns, where))


def columns(cached: SourceCache, table_id: str) -> list[Column]:
    """Return the columns of a table, with the share of rows that have no value."""
    return _reading(cached, lambda: _columns(cached, _entry(cached, table_id)))


def attachments(cached: SourceCache, table_id: str) -> list[dict[str, object]]:
    """Return the files in the cells of a table, one for each place where one stands.

    Each has ``_record_id``, ``column``, ``name``, ``size``, ``type``, ``path`` (None where there is no file) and
    ``problem`` (why not).
    """
    return _reading(cached, lambda: _attachments(cached, _entry(cached, table_id)))


def dataset(cached: SourceCache, table_id: str) -> Any:
    """Return a table's friendly form for a query: a data set of its file, or the table where that has to be made."""
    return _reading(cached, lambda: made.dataset(cached, _entry(cached, table_id)))


def raw_dataset(cached: SourceCache, table_id: str) -> Any:
    """Return the raw form of a table of records for a query."""
    return _reading(cached, lambda: _raw_dataset(cached, _entry(cached, table_id)))


def record(cached: SourceCache) -> Mapping[str, Any]:
    """Return a document as it was received; WrongKind for a source that is none."""
    if cached.guide is None:
        raise WrongKind(say("guide.what"), source=cached.name, next=say("guide.next"))
    return _reading(cached, lambda: _record(cached, cached.guide))


def grid(cached: SourceCache, table_id: str) -> dict[str, Any]:
    """Return a worksheet as it was received; WrongKind for a table of records."""
    if cached.tables[table_id].form != "grid":
        raise WrongKind(say("grid.what"), source=cached.name, next=say("grid.next"))
    return _reading(cached, lambda: _grid(cached, _entry(cached, table_id)))


def preview(cached: SourceCache, table_id: str) -> Result:
    """Return the raw head of a table beside the names and types that its columns got."""
    return _reading(cached, lambda: _preview(cached, _entry(cached, table_id)))


def document(cached: SourceCache) -> Document:
    """Return a document as its current state tells it; WrongKind for a source that is none."""
    entry, guide = _reading(cached, lambda: _guide(cached))
    for file in (f"{entry.folder}/{guidefiles.RAW}", *cached.shown(entry)):  # what is read of it later
        with suppress(LarkError):
            cached.bring(cached.folder / file)
    # What is read of it later is that of the very state that the guide tells.
    record = partial(guidefiles.read_record, cached.folder / entry.folder, entry.checks)
    checks = {each.file: each.check for each in cached.manifest.media.values() if each.file}
    media = partial(read_media, cached.folder, checks=checks)
    names = {key: table.name for key, table in cached.tables.items()}
    return Document(guide, cached.folder, record=record, frame=partial(frame, cached), media=media, names=names)


def friendly(cached: SourceCache, table_id: str, names: Sequence[str] | None = None) -> pa.Table:
    """Return the friendly form of a table, or some columns of it; it is made again where its file is damaged."""
    return _reading(cached, lambda: made.read(cached, _entry(cached, table_id), names))


def friendly_groups(cached: SourceCache, table_id: str, names: Sequence[str]) -> Iterator[pa.Table]:
    """Yield some columns of a table's friendly form, some rows at a time: memory never holds the file."""
    entry = _entry(cached, table_id)
    path = cached.folder / entry.friendly
    if made.is_current(entry) and (is_whole(path, entry.friendly_check) or cached.bring(path)):
        yield from row_groups(path, columns=names)
    else:
        yield friendly(cached, table_id, names)


def schema(cached: SourceCache, table_id: str) -> pa.Schema:
    """Return the schema of the friendly form of a table."""
    return _reading(cached, lambda: made.schema(cached, _entry(cached, table_id)))


def guide_of(cached: SourceCache) -> Guide:
    """Return what a document says, as `larknb.guides.schema` tells it."""
    return _reading(cached, lambda: _guide(cached))[1]


def retold(
    cached: SourceCache, files: Mapping[str, str], address: Callable[[str], str]
) -> tuple[Mapping[str, Any], Guide]:
    """Return a document as it was received, and what it says, for another place.

    Parameters
    ----------
    files : mapping
        Where its pictures and files lie there, by token; one that is left out counts as not downloaded.
    address : callable
        Gives where a link of it leads from there.
    """
    return _reading(cached, lambda: _retold(cached, files, address))


def _entry(cached: SourceCache, table_id: str) -> TableEntry:
    """Return a table of the state as it is now; a sync elsewhere may have taken it away since it was named."""
    if table_id not in cached.tables:
        names = ", ".join(entry.name for entry in cached.tables.values())
        raise NotFound(
            say("cache.table.what", table=table_id), source=cached.name, next=say("cache.table.next", tables=names)
        )
    return cached.tables[table_id]


def _reading(cached: SourceCache, read: Callable[[], T]) -> T:
    """Read files of one state. A sync elsewhere may just have deleted some: all are read again, of the state then.

    ``read`` must look their names up itself: they are others the next time.
    """
    tries = TRIES
    while tries:
        before = cached.manifest
        try:
            return read()
        except (Corrupt, FileNotFoundError) as error:
            problem = error
            if cached.bring(Path(str(error.filename))):
                continue
            tries -= 1
            if cached.snapshot:
                break  # what is current now is another state
            cached.reload()
            if cached.manifest == before:
                break
    raise _unreadable(cached, str(problem.filename)) from problem


def _unreadable(cached: SourceCache, path: str) -> LarkError:
    """Return the error for a file that is damaged or gone, and cannot be made again of others."""
    if cached.snapshot:
        what = say("cache.past.what", when=cached.snapshot, path=path)
        return NotFound(what, source=cached.name, next=say("cache.past.next"))
    return LarkError(
        say("cache.file.what", path=path), source=cached.name, next=say("cache.file.next", name=cached.name)
    )


# --- frames ---------------------------------------------------------------------------------------------------------


def _frame(
    cached: SourceCache, entry: TableEntry, columns: Sequence[str] | None, where: Where | None, shown: Shown
) -> pd.DataFrame:
    maker = FORMS[entry.form]
    names = None if columns is None else [maker.index, *_named(cached, entry, columns)]
    asked = _asked(cached, entry, where)
    needed = None if names is None or (where and not asked) else [*dict.fromkeys([*names, *asked.values()])]
    table = _varied(cached, entry, made.read(cached, entry, needed), shown)
    if where:
        table = table.filter(_matching(table, maker, asked, where, is_joined=shown.lists == "join"))
    table = table if names is None else table.select(names)
    return maker.to_frame(frames.joined(table) if shown.lists == "join" else table)


def _rows_of(cached: SourceCache, entry: TableEntry, ids: pa.Array) -> pd.DataFrame:
    if made.is_current(entry):
        table = made.read(cached, entry)
        return frames.to_frame(table.filter(pc.is_in(table.column(RECORD_ID), value_set=ids)))
    raw, check = cached.folder / entry.raw, entry.raw_check
    parts = [rows.filter(pc.is_in(rows.column(RECORD_ID), value_set=ids)) for rows in row_groups(raw, check)]
    schema = schema_of(raw)
    friendly = Friendly(schema, entry.columns, made.texts(cached, entry, schema))
    rows = pa.concat_tables(parts).unify_dictionaries()
    friendly.learn(rows)
    return frames.to_frame(friendly.convert(rows))


def _asked(cached: SourceCache, entry: TableEntry, where: Where | None) -> dict[str, str]:
    """Return the columns that ``where`` names, friendly name by the name that was given."""
    given = columns_of(where) if where else None
    return {} if given is None else {name: _named(cached, entry, [name])[0] for name in given}


def _matching(
    table: pa.Table, maker: FrameMaker, asked: Mapping[str, str], where: Where, *, is_joined: bool = False
) -> pa.Array:
    """Say of each row whether ``where`` asks for it; only the columns that it names become a frame."""
    part = table.select([*dict.fromkeys([maker.index, *asked.values()])]) if asked else table
    wanted = {asked[name]: each for name, each in where.items()} if isinstance(where, Mapping) else where
    frame = maker.to_frame(frames.joined(part) if is_joined else part)
    try:
        return pa.array(matches(frame, wanted, frames.several(part, frame, is_joined=is_joined) if asked else {}))
    except (TypeError, ValueError) as error:
        raise ConfigError(say("where.what", reason=error), next=say("where.next")) from error


def _varied(cached: SourceCache, entry: TableEntry, table: pa.Table, shown: Shown) -> pa.Table:
    """Return friendly rows with the columns made anew that are asked for in another way than they are stored."""
    names = frames.differing(table.schema, shown) if entry.form == "records" else []
    if not names:
        return table
    schema = schema_of(cached.folder / entry.raw, entry.raw_check)
    texts = {} if shown.links == "id" else made.texts(cached, entry, schema)
    friendly = Friendly(schema, entry.columns, texts, shown)
    rows = _raw(cached, entry, [RECORD_ID, *friendly.sources_of(names)])
    friendly.learn(rows)
    anew = friendly.convert(rows)
    for name in names:
        table = table.set_column(table.column_names.index(name), anew.schema.field(name), anew.column(name))
    return table


def _raw_frame(
    cached: SourceCache, entry: TableEntry, columns: Sequence[str] | None, where: Where | None
) -> pd.DataFrame:
    maker = FORMS[entry.form]
    asked = _asked(cached, entry, where)
    mask = None
    if where:
        needed = [maker.index, *asked.values()] if asked else None
        mask = _matching(made.read(cached, entry, needed), maker, asked, where)
    if entry.form == "grid":
        index = FORMS[entry.form].index
        names = None if columns is None else [index, *_named(cached, entry, columns)]
        table = made.read(cached, entry, names)
        table = table if mask is None else table.filter(mask)
        stored: pd.DataFrame = table.replace_schema_metadata(None).to_pandas(types_mapper=pd.ArrowDtype)
        return stored.set_index(index)
    table = _raw(cached, entry, _raw_names(cached, entry, columns))
    return frames.raw_frame(table if mask is None else table.filter(mask))


def _raw_names(cached: SourceCache, entry: TableEntry, columns: Sequence[str] | None) -> list[str] | None:
    """Return the raw columns that were named by field_id or friendly name; None for all."""
    if columns is None:
        return None
    known = schema_of(cached.folder / entry.raw, entry.raw_check).names
    ids = {column.name: column.field_id or column.name for column in frames.columns(made.schema(cached, entry))}
    wanted = [name if name in known else ids.get(name, name) for name in columns]
    if missing := [name for name in wanted if name not in known]:
        raise _no_column(cached, missing[0], [*ids])
    return [RECORD_ID, *wanted]


def _raw(cached: SourceCache, entry: TableEntry, columns: Sequence[str] | None = None) -> pa.Table:
    return read_rows(cached.folder / entry.raw, entry.raw_check, columns)


def _attachments(cached: SourceCache, entry: TableEntry) -> list[dict[str, object]]:
    schema = schema_of(cached.folder / entry.raw, entry.raw_check)
    names = file_columns(schema) if entry.form == "records" else []
    if not names:
        return []
    missing = say("attachments.none" if cached.guide is None else "attachments.embedded")
    titles = {name: definition_of(schema.field(name))["field_name"] for name in names}
    return files_in(cached.folder, cached.manifest.media, _raw(cached, entry, [RECORD_ID, *names]), titles, missing)


def _grid(cached: SourceCache, entry: TableEntry) -> dict[str, Any]:
    return read_grid(cached.folder / entry.raw, entry.raw_check)


def _columns(cached: SourceCache, entry: TableEntry) -> list[Column]:
    empty: dict[str, float] = {}
    if entry.form == "records":
        empty = empty_shares(cached.folder / entry.raw, entry.raw_check)
    elif entry.friendly:
        empty = _shares_of(made.read(cached, entry))
    return FORMS[entry.form].columns(made.schema(cached, entry), empty)


def _shares_of(table: pa.Table) -> dict[str, float]:
    """Return the share of rows without a value, by column."""
    rows = table.num_rows
    return {name: table.column(name).null_count / rows for name in table.column_names} if rows else {}


def _named(cached: SourceCache, entry: TableEntry, wanted: Sequence[str]) -> list[str]:
    """Return the friendly names of columns that were named by name or field_id, each once."""
    ids: dict[str, list[str]] = {}
    known = FORMS[entry.form].columns(made.schema(cached, entry), {})
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
    return NotFound(what, source=cached.name, next=columns_to_see(name, names, cached.name))


def _raw_dataset(cached: SourceCache, entry: TableEntry) -> Any:
    path = cached.folder / entry.raw
    if is_delta(path):
        return _raw(cached, entry)
    verify(path, entry.raw_check)
    return ds.dataset(path)


# --- previews and documents -----------------------------------------------------------------------------------------


def _preview(cached: SourceCache, entry: TableEntry) -> Result:
    if entry.form == "grid":
        return preview_of_grid(_grid(cached, entry), entry.options)
    known = [column for column in _columns(cached, entry) if column.field_id]
    head = _raw(cached, entry).slice(0, PREVIEW_ROWS)
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


def _guide(cached: SourceCache) -> tuple[GuideEntry, Guide]:
    """Return the entry of a document, and the document as it lies there or, where that is damaged, is made again."""
    entry = cached.guide
    if entry is None:
        raise WrongKind(say("guide.what"), source=cached.name, next=say("guide.next"))
    folder = cached.folder / entry.folder
    try:
        return entry, guidefiles.read_guide(folder, entry.checks)
    except (Corrupt, FileNotFoundError):
        if cached.bring(folder / guidefiles.GUIDE):
            return _guide(cached)
        if not folder.is_dir():
            raise
        record = guidefiles.read_record(folder, entry.checks)
    media = {token: asdict(each) for token, each in cached.manifest.media.items()}
    return entry, to_guide(record, media, _embedded(cached), fetched_at=entry.read_at)


def _retold(
    cached: SourceCache, files: Mapping[str, str], address: Callable[[str], str]
) -> tuple[Mapping[str, Any], Guide]:
    entry = cached.guide
    assert entry is not None, "a document stays one"
    record = relinked(_record(cached, entry), address)
    media = {token: {**asdict(each), "file": files.get(token)} for token, each in cached.manifest.media.items()}
    return record, to_guide(record, media, _embedded(cached), fetched_at=entry.read_at)


def _embedded(cached: SourceCache) -> dict[str, Mapping[str, Any]]:
    return {key: {**facts, "rows": _shown(cached, key)} for key, facts in cached.manifest.embedded.items()}


def _record(cached: SourceCache, entry: GuideEntry | None) -> Mapping[str, Any]:
    assert entry is not None, "a document stays one"
    return guidefiles.read_record(cached.folder / entry.folder, entry.checks)


def _shown(cached: SourceCache, key: str) -> list[list[Any]] | None:
    """Return the rows of an embedded table as a guide shows them."""
    entry = cached.tables.get(key)
    return None if entry is None else guide_rows(FORMS[entry.form].to_frame(made.read(cached, entry)))
