"""Cache: one manifest per source, and the files it points to.

A sync writes its tables into a new snapshot folder (`larknb.cache.snapshot`), brings them to the disk, and makes them
current by one rename of ``manifest.json``: all tables of a source flip together, and a process that is killed at any
instant leaves the last good state readable. A table that a read found unchanged keeps its file in an older snapshot.
The files directly in the source's folder are copies for people and other programs, replaced last and never read here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from larknb.cache import frames
from larknb.files import file_name, write_atomically
from larknb.messages import say
from larknb.model import Column, Entry, Kind, Source, Stamp

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Cache", "SourceCache"]

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

    # --- what the manifest says ------------------------------------------------------------------------------------

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

    def size(self) -> int:
        """Return the bytes of all files of this source."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())

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

    # --- what a reader asks (`larknb.sources.base.Known`) ------------------------------------------------------------

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

    # --- frames ------------------------------------------------------------------------------------------------------

    def raw(self, table_id: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Return a current table in its loss-free Arrow form."""
        return self._current(table_id, lambda entry: pq.read_table(self.folder / entry["raw"], columns=columns))

    def friendly(self, table_id: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Return a current table in its friendly Arrow form."""
        return self._current(table_id, lambda entry: pq.read_table(self.folder / entry["friendly"], columns=columns))

    def _current(self, table_id: str, read: Callable[[dict[str, Any]], T]) -> T:
        """Read a file of the manifest; a sync elsewhere may just have replaced it, so look once more."""
        try:
            return read(self.tables[table_id])
        except FileNotFoundError:
            self.reload()
            return read(self.tables[table_id])
