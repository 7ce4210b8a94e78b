"""The friendly form of a cached table: as it lies there, or made again of the raw one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds

from larknb.cache.cached import SourceCache
from larknb.cache.checks import Corrupt, verify
from larknb.cache.gridfiles import open_grid
from larknb.cache.manifest import TableEntry
from larknb.cache.tablefiles import link_texts, read_rows, row_groups, schema_of
from larknb.tabular.friendly import FORM, Friendly
from larknb.tabular.links import LinkTexts, tables_behind
from larknb.tabular.typed import to_table

__all__ = ["dataset", "is_current", "read", "schema", "texts"]


def dataset(cached: SourceCache, entry: TableEntry) -> Any:
    """Return the friendly form of a table for a query: a data set of its file, or the table where it is made."""
    path = cached.folder / entry.friendly
    if not is_current(entry):
        return _made(cached, entry)
    try:
        verify(path, entry.friendly_check)
    except (Corrupt, FileNotFoundError) as problem:
        return dataset(cached, entry) if cached.bring(path) else _made_instead(cached, entry, problem)
    return ds.dataset(path)


def read(cached: SourceCache, entry: TableEntry, names: Sequence[str] | None = None) -> pa.Table:
    """Return the friendly form of a table, or some columns of it in the order asked.

    It is made again of the raw one where it is damaged, gone or of an older form, unless a sync has just replaced the
    whole state.
    """
    if not is_current(entry):
        table = _made(cached, entry)
    else:
        path = cached.folder / entry.friendly
        try:
            table = read_rows(path, entry.friendly_check, names)
        except (Corrupt, FileNotFoundError) as problem:
            if cached.bring(path):
                return read(cached, entry, names)
            table = _made_instead(cached, entry, problem)
    return table if names is None else table.select(names)


def is_current(entry: TableEntry) -> bool:
    """Say whether there is a friendly file of today's form; until a sync writes it, it is made in memory."""
    return bool(entry.friendly) and (entry.form == "grid" or entry.friendly_form == FORM)


def _made_instead(cached: SourceCache, entry: TableEntry, problem: OSError) -> pa.Table:
    """Return the friendly form made again; where the raw file is lost as well, the problem was that of the friendly."""
    if isinstance(problem, FileNotFoundError) and cached.is_replaced():
        raise problem
    try:
        return _made(cached, entry)
    except (Corrupt, FileNotFoundError):
        raise problem from None


def schema(cached: SourceCache, entry: TableEntry) -> pa.Schema:
    """Return the friendly schema of a table."""
    if is_current(entry):
        path = cached.folder / entry.friendly
        try:
            return schema_of(path, entry.friendly_check)
        except (Corrupt, FileNotFoundError) as problem:
            if cached.bring(path):
                return schema(cached, entry)
            return _made_instead(cached, entry, problem).schema
    if entry.form == "records" and entry.columns:  # what was learned of the rows stands in it
        return Friendly(schema_of(cached.folder / entry.raw, entry.raw_check), entry.columns).schema
    return _made(cached, entry).schema


def _made(cached: SourceCache, entry: TableEntry) -> pa.Table:
    """Return the friendly form of a table, made of the raw one."""
    if entry.form == "grid":
        return to_table(open_grid(cached.folder / entry.raw, entry.raw_check), entry.options, entry.columns)
    raw, check = cached.folder / entry.raw, entry.raw_check
    columns = schema_of(raw, check)
    friendly = Friendly(columns, entry.columns, texts(cached, entry, columns))
    for rows in row_groups(raw, check):
        friendly.learn(rows)
    return pa.concat_tables([friendly.convert(rows) for rows in row_groups(raw)])


def texts(cached: SourceCache, entry: TableEntry, columns: pa.Schema) -> dict[str, LinkTexts]:
    """Return the texts of the rows that a table with these raw columns shows, by table_id."""
    schemas = {key: schema_of(cached.folder / each.raw) for key, each in cached.tables.items()
               if each.form == "records" and not cached.lacks(each.raw)}  # fmt: skip
    behind = {key: cached.tables[key] for key in tables_behind(columns, entry.columns, schemas)}
    return {key: link_texts(cached.folder / other.raw, other.raw_check) for key, other in behind.items()}
