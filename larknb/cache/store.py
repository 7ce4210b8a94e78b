"""Cache: one manifest per source, and the files it points to.

A sync writes its tables into a new snapshot folder (`larknb.cache.snapshot`), brings them to the disk, and makes them
current by one rename of ``manifest.json``: all tables of a source flip together, and a process that is killed at any
instant leaves the last good state readable. A table that a read found unchanged keeps its file in an older snapshot.
The files directly in the source's folder are copies for people and other programs, replaced last and never read here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from larknb.cache import frames
from larknb.errors import NotFound
from larknb.files import file_name, write_atomically
from larknb.messages import say
from larknb.model import Column, Entry, Kind, Source, Stamp

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Cache", "SourceCache", "row_groups"]

FOLDERS: dict[Kind, str] = {
    "bitable": "bitable_cache",
    "spreadsheet": "spreadsheet_cache",
    "document": "fault_diagnosis_cache/guides",
}
FORMAT = 1  # of the manifest

log = logging.getLogger("larknb")
T = TypeVar("T")


class Cache:
    """All cached sources of a workspace, below ``root``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def sources(self) -> dict[str, SourceCache]:
        """Every source that has a manifest here, by key."""
        manifests = [path for folder in FOLDERS.values() for path in (self.root / folder).glob("*/manifest.json")]
        found = [SourceCache(path.parent) for path in sorted(manifests)]
        return {str(cached.manifest["key"]): cached for cached in found if "key" in cached.manifest}

    def of(self, source: Source) -> SourceCache:
        """Return the cache of a source to sync into; a renamed source's folder moves along.

        Only the holder of the workspace's lock may call this.
        """
        assert source.kind is not None, "a wiki link is resolved before its cache is asked for"
        place = self.root / FOLDERS[source.kind]
        cached = self.sources.get(source.key)
        taken = {other.folder.name.casefold() for other in self.sources.values()
                 if other is not cached and other.folder.parent == place}  # fmt: skip
        folder = place / file_name(source.name, source.key, taken)
        if cached is None or cached.folder != folder:
            if cached is not None and not folder.exists():
                place.mkdir(parents=True, exist_ok=True)
                cached.folder.rename(folder)
            cached = self.sources[source.key] = SourceCache(folder)
        cached.manifest |= {"name": source.name, "kind": source.kind, "key": source.key, "part": source.part,
                            "url": source.url, "token": source.target, "wiki": source.wiki}  # fmt: skip
        return cached


class SourceCache:
    """One source's folder: its manifest and what it points to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest: dict[str, Any] = {"format": FORMAT, "snapshot": None, "tables": {}, "snapshots": {}, "state": {}}
        self.reload()

    def reload(self) -> None:
        """Read the manifest again; a damaged one counts as none."""
        try:
            found = orjson.loads((self.folder / "manifest.json").read_bytes())
        except FileNotFoundError:
            return
        except ValueError:
            log.warning(say("cache.damaged", path=self.folder / "manifest.json"))
            return
        self.manifest |= found

    def save(self) -> None:
        """Make the manifest current."""
        write_atomically(self.folder / "manifest.json", orjson.dumps(self.manifest, option=orjson.OPT_INDENT_2))

    # --- what the manifest says ---------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The source's name when it was last synced."""
        return str(self.manifest.get("name", self.folder.name))

    @property
    def tables(self) -> dict[str, dict[str, Any]]:
        """The current tables by table_id."""
        tables: dict[str, dict[str, Any]] = self.manifest["tables"]
        return tables

    @property
    def state(self) -> dict[str, Any]:
        """What the reader wanted to remember."""
        state: dict[str, Any] = self.manifest["state"]
        return state

    @property
    def stamp(self) -> Stamp | None:
        """The gate's answer before the last read."""
        stamp = self.manifest.get("stamp")
        return Stamp(stamp["mtime"], stamp["settled"]) if stamp else None

    @property
    def entry(self) -> Entry | None:
        """What `decide` needs; None as long as nothing was read."""
        read = [table["read_at"] for table in self.tables.values() if not table.get("gone")]
        return Entry(self.manifest["checked_at"], min(read)) if read else None

    def table_id(self, table: str) -> str | None:
        """Return the id of a current table given its name or id."""
        if table in self.tables:
            return table
        return next((key for key, entry in self.tables.items() if entry["name"] == table), None)

    def size(self, entry: Mapping[str, Any]) -> int:
        """Return the bytes of a table's current files."""
        paths = (self.folder / entry[form] for form in ("raw", "friendly"))
        return sum(path.stat().st_size for path in paths if path.exists())

    def note(self, at: float, *, stamp: Stamp | None = None, state: dict[str, Any] | None = None) -> None:
        """Keep what a look that read nothing learned: when it began, the gate's stamp, the reader's state."""
        self.manifest |= {"checked_at": at, "problem": "", "state": self.state | (state or {})}
        if stamp is not None:
            self.manifest["stamp"] = {"mtime": stamp.mtime, "settled": stamp.settled}
        self.save()

    def note_problem(self, problem: str, at: float) -> None:
        """Keep the reason why a look failed; the data and the time of the last good look stay as they are."""
        self.manifest |= {"problem": problem, "problem_at": at}
        self.save()

    # --- what a reader asks (`larknb.sources.base.Known`) -------------------------------------------------------

    def rows(self, table_id: str) -> int | None:
        """Return how many rows the cached table has, None if there is none."""
        entry = self.tables.get(table_id)
        return None if entry is None else int(entry["rows"])

    def schema(self, table_id: str) -> pa.Schema:
        """Return the raw schema of a cached table."""
        return pq.read_schema(self.folder / self.tables[table_id]["raw"])

    def record_ids(self, table_id: str) -> pa.ChunkedArray:
        """Return the record ids of a cached table, one per row."""
        return self.raw(table_id, ["_record_id"]).column(0)

    # --- frames -------------------------------------------------------------------------------------------------

    def frame(self, table_id: str, columns: Sequence[str] | None = None, *, links: str = "text") -> pd.DataFrame:
        """Return a table as `load` gives it.

        Parameters
        ----------
        columns : sequence of str, optional
            Friendly names or field_ids, in the order wanted.
        links : str
            ``"text"``, or ``"id"`` for the record ids of linked rows.
        """
        return self._reading(lambda: frames.to_frame(self._friendly(self.tables[table_id], columns, links)))

    def raw_frame(self, table_id: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return a table in its loss-free form, columns by field_id; ``columns`` are field_ids or friendly names."""
        return self._reading(lambda: frames.raw_frame(self._raw_columns(table_id, columns)))

    def columns(self, table_id: str) -> list[Column]:
        """Return the columns of a table, with the share of rows that have no value."""
        return self._reading(lambda: self._columns(self.tables[table_id]))

    def raw(self, table_id: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Return a table in its loss-free Arrow form."""
        return self._reading(lambda: pq.read_table(self.folder / self.tables[table_id]["raw"], columns=columns))

    def _reading(self, read: Callable[[], T]) -> T:
        """Read files of the manifest; a sync elsewhere may just have replaced them, so look once more."""
        try:
            return read()
        except FileNotFoundError:
            self.reload()
            return read()

    def _friendly(self, entry: Mapping[str, Any], columns: Sequence[str] | None, links: str) -> pa.Table:
        schema = self._friendly_schema(entry)
        names = None if columns is None else [frames.INDEX, *_named(schema, columns, self.name)]
        if "friendly" in entry:
            table = pq.read_table(self.folder / entry["friendly"], columns=names)
        else:
            table = self._made_again(entry)
        table = table if names is None else table.select(names)
        if links == "id":
            table = frames.link_ids(table, pq.read_table(self.folder / entry["raw"]))
        return table

    def _friendly_schema(self, entry: Mapping[str, Any]) -> pa.Schema:
        if "friendly" in entry:
            return pq.read_schema(self.folder / entry["friendly"])
        return frames.Friendly(pq.read_schema(self.folder / entry["raw"]), entry["columns"]).schema

    def _made_again(self, entry: Mapping[str, Any]) -> pa.Table:
        """Return the friendly form of an older state, which keeps its raw files alone."""
        raw = self.folder / entry["raw"]
        schema = pq.read_schema(raw)
        linked = {
            key: self.folder / self.tables[key]["raw"] for key in frames.linked_tables(schema) & self.tables.keys()
        }
        texts = {
            key: frames.LinkTexts.of_groups(pq.read_schema(path), row_groups(path)) for key, path in linked.items()
        }
        friendly = frames.Friendly(schema, entry["columns"], texts)
        for rows in row_groups(raw):
            friendly.learn(rows)
        return pa.concat_tables([friendly.convert(rows) for rows in row_groups(raw)])

    def _raw_columns(self, table_id: str, columns: Sequence[str] | None) -> pa.Table:
        entry = self.tables[table_id]
        path = self.folder / entry["raw"]
        if columns is None:
            return pq.read_table(path)
        known = pq.read_schema(path).names
        ids = {column.name: column.field_id or column.name for column in self._columns(entry)}
        wanted = [name if name in known else ids.get(name, name) for name in columns]
        if missing := [name for name in wanted if name not in known]:
            raise _no_column(missing[0], [*ids], self.name)
        return pq.read_table(path, columns=[frames.INDEX, *wanted])

    def _columns(self, entry: Mapping[str, Any]) -> list[Column]:
        raw = self.folder / entry["raw"]
        with pq.ParquetFile(raw) as file:
            schema = file.schema_arrow
            rows = file.metadata.num_rows
            empty = {
                field.name: file.read(columns=[field.name]).column(0).null_count / rows for field in schema if rows
            }
        return frames.columns(self._friendly_schema(entry), empty)


def row_groups(path: Path) -> Iterator[pa.Table]:
    """Yield the row groups of a Parquet file; an empty file yields one empty table."""
    with pq.ParquetFile(path) as file:
        for index in range(file.num_row_groups):
            yield file.read_row_group(index)
        if not file.num_row_groups:
            yield file.schema_arrow.empty_table()


def _named(schema: pa.Schema, wanted: Sequence[str], source: str) -> list[str]:
    """Return the friendly names of columns that were named by name or field_id."""
    ids: dict[str, list[str]] = {}
    for column in frames.columns(schema):
        ids.setdefault(column.field_id, []).append(column.name)
    names: list[str] = []
    for name in wanted:
        if name not in schema.names and name not in ids:
            raise _no_column(name, schema.names[1:], source)
        names += [name] if name in schema.names else ids[name]
    return names


def _no_column(name: str, names: Sequence[str], source: str) -> NotFound:
    return NotFound(
        say("column.missing.what", column=name), source=source, next=say("field.missing.next", fields=", ".join(names))
    )
