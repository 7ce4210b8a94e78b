"""Snapshot: all tables of a source as one read left them, written whole before anything becomes current."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from larknb.cache import frames
from larknb.cache.policy import holds_back, kept_snapshots, snapshot_id
from larknb.cache.store import SourceCache, row_groups
from larknb.cache.tablefiles import (
    KEYS,
    Change,
    TableWriter,
    compare,
    digest,
    link_texts,
    with_computed,
    write_friendly,
    write_json,
)
from larknb.files import file_name, replace, sync_file, sync_folder
from larknb.messages import say
from larknb.model import Batch, Policy, Stamp, TableInfo

__all__ = ["Snapshot"]

HISTORY = ("name", "file", "raw", "rows", "revision", "columns", "read_at", "computed_at")  # what an old state needs

log = logging.getLogger("larknb")


class Snapshot:
    """A new state of a source on its way to the disk.

    Use it as a context manager: what was not committed when it closes is deleted again.

    Parameters
    ----------
    cached : SourceCache
        The source it belongs to.
    at : float
        When the read began, epoch seconds; its id is that time in UTC.
    """

    def __init__(self, cached: SourceCache, at: float) -> None:
        self.cached, self.at = cached, at
        self.id = _free_id(cached.folder / "snapshots", at)
        self.folder = cached.folder / "snapshots" / self.id
        self._writers: dict[str, TableWriter] = {}
        self._computed: dict[str, list[pa.Table]] = {}
        self._committed = False

    def __enter__(self) -> Snapshot:
        self.folder.mkdir(parents=True)
        return self

    def __exit__(self, *problem: object) -> None:
        if not self._committed:
            for writer in self._writers.values():
                writer.discard()
            shutil.rmtree(self.folder, ignore_errors=True)

    def add(self, batch: Batch) -> None:
        """Take some rows of a table."""
        table_id = batch.table.table_id
        if batch.computed_only:
            if batch.fresh:
                self._computed[table_id] = []
            self._computed[table_id].append(batch.rows)
            return
        if batch.fresh:
            self._drop(table_id)
            self._writers[table_id] = self._open(batch.table)
        self._writers[table_id].add(batch.rows)

    def _drop(self, table_id: str) -> None:
        """Forget what an earlier reading of a table left."""
        self._computed.pop(table_id, None)
        if writer := self._writers.pop(table_id, None):
            writer.discard()

    def _open(self, table: TableInfo) -> TableWriter:
        taken = {other.file.casefold() for key, other in self._writers.items() if key != table.table_id} | {
            entry["file"].casefold() for key, entry in self.cached.tables.items() if key != table.table_id
        }
        known = self.cached.tables.get(table.table_id, {}).get("columns", {})
        return TableWriter(self.folder, file_name(table.name, table.table_id, taken), table, known)

    # --- commit -------------------------------------------------------------------------------------------------

    def commit(
        self,
        *,
        state: Mapping[str, Any],
        stamp: Stamp | None,
        policy: Policy,
        formats: Iterable[str] = ("parquet",),
        accept_shrink: bool = False,
        selected: Iterable[str] | None = None,
        gone: Iterable[str] = (),
        failed: Iterable[str] = (),
        calls: int = 0,
        identity: str = "",
    ) -> dict[str, Change]:
        """Make what was added current, in one step, and return what it changed, by table_id.

        Parameters
        ----------
        state : mapping
            What the reader wants to remember; a table that is held back is added to its ``again``.
        stamp : Stamp, optional
            The gate's answer from before the read.
        accept_shrink : bool
            Take a table that lost more than half of its rows at once.
        selected : iterable of str, optional
            The tables that the settings ask for; others leave the current state (old snapshots keep them).
        gone : iterable of str
            Selected tables that are no longer there; their cached rows stay.
        failed : iterable of str
            Tables whose reading was refused; what came of it is dropped and their cached rows stay.
        """
        manifest = self.cached.manifest
        tables = {key: dict(entry) for key, entry in self.cached.tables.items()}
        changes: dict[str, Change] = {}
        held: list[str] = []
        for table_id in failed:
            self._drop(table_id)
        for table_id, writer in self._writers.items():
            writer.close()
            changes[table_id] = self._settle(tables, table_id, writer, accept_shrink)
            if changes[table_id].problem:
                held.append(table_id)
        for table_id, parts in self._computed.items():
            changes[table_id] = self._merge(tables, table_id, parts)
        missing, wanted = set(gone), None if selected is None else {*selected, *gone}
        tables = {key: {**entry, "gone": key in missing} for key, entry in tables.items()
                  if wanted is None or key in wanted}  # fmt: skip
        self._befriend(tables)

        before = self.cached.tables
        files = [path for path in self.folder.iterdir() if path.is_file()]
        for path in files:
            sync_file(path)
        sync_folder(self.folder)
        sync_folder(self.folder.parent)
        again = sorted({*state.get("again", ()), *held})
        manifest |= {
            "tables": tables,
            "state": {**self.cached.state, **state, "again": again},
            "stamp": {"mtime": stamp.mtime, "settled": stamp.settled} if stamp else None,
            "checked_at": self.at,
            "problem": "",
            "identity": identity,
        }
        if files:
            manifest["snapshot"] = self.id
            manifest["snapshots"] = {**manifest["snapshots"], self.id: self._record(tables, changes, files, calls)}
            kept = kept_snapshots(manifest["snapshots"], now=self.at, history=policy.history)
            manifest["snapshots"] = {key: value for key, value in manifest["snapshots"].items() if key in kept}
        self.cached.save()
        self._committed = bool(files)
        self._publish(before, set(formats))
        self._sweep()
        return changes

    def _settle(
        self, tables: dict[str, dict[str, Any]], table_id: str, writer: TableWriter, accept_shrink: bool
    ) -> Change:
        """Decide what becomes of a table that was read whole: new, unchanged, or held back."""
        old = tables.get(table_id)
        if old is None:
            tables[table_id] = self._entry(writer, {})
            return Change(writer.rows, added=writer.rows)
        if not accept_shrink and writer.rows < old["rows"]:
            found = digest(writer.raw)
            if holds_back(old["rows"], writer.rows, old.get("held"), found, now=self.at):
                writer.discard()
                known = old.get("held") or {}
                held = known if known.get("digest") == found else {"digest": found, "since": self.at}
                tables[table_id] = {**old, "held": held}
                return Change(old["rows"], problem=say("shrink.held", before=old["rows"], after=writer.rows))
        change = compare(self.cached.raw(table_id, KEYS), pq.read_table(writer.raw, columns=KEYS))
        entry = self._entry(writer, old)
        untouched = not (change.added or change.changed or change.removed)
        if untouched and self.cached.schema(table_id).equals(writer.table.schema, check_metadata=True):
            # The file in the older snapshot says the same: the volatile addresses in it, which no hash counts, may age.
            writer.discard()
            entry |= {key: old[key] for key in ("file", "raw", "friendly", "columns")}
        tables[table_id] = entry
        return change

    def _entry(self, writer: TableWriter, old: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the manifest says of a table that was just written."""
        entry = {
            "name": writer.table.name, "file": writer.file, "revision": writer.table.revision, "rows": writer.rows,
            "raw": self._relative(writer.raw), "read_at": self.at, "computed_at": self.at, "misfits": writer.misfits,
            "columns": old.get("columns", {}),
        }  # fmt: skip
        if writer.columns is not None:
            entry |= {"friendly": self._relative(writer.friendly), "columns": writer.columns}
        return entry

    def _merge(self, tables: dict[str, dict[str, Any]], table_id: str, parts: list[pa.Table]) -> Change:
        """Put freshly read computed columns into a table whose other columns did not change."""
        old = tables[table_id]
        fresh = pa.concat_tables(parts).unify_dictionaries().combine_chunks()
        info = TableInfo(table_id, old["name"], old["revision"], self.cached.schema(table_id))
        writer = TableWriter(self.folder, old["file"], info, old["columns"])
        for rows in row_groups(self.cached.folder / old["raw"]):
            writer.add(with_computed(rows, fresh))
        writer.close()
        change = compare(self.cached.raw(table_id, KEYS), pq.read_table(writer.raw, columns=KEYS))
        if change.changed:
            tables[table_id] = {**self._entry(writer, old), "read_at": old["read_at"]}
        else:
            writer.discard()
            tables[table_id] = {**old, "computed_at": self.at}
        return change

    def _befriend(self, tables: dict[str, dict[str, Any]]) -> None:
        """Make the friendly forms that are missing, and those whose links now read differently."""
        moved = {key for key, entry in tables.items() if entry["raw"] != self.cached.tables.get(key, {}).get("raw")}
        texts: dict[str, frames.LinkTexts] = {}
        for entry in tables.values():
            raw = self.cached.folder / entry["raw"]
            linked = frames.linked_tables(pq.read_schema(raw)) & tables.keys()
            if "friendly" in entry and not linked & moved:
                continue
            for other in linked - texts.keys():
                texts[other] = link_texts(self.cached.folder / tables[other]["raw"])
            path = self.folder / f"{entry['file']}.parquet"
            entry["columns"] = write_friendly(raw, path, entry["columns"], {key: texts[key] for key in linked})
            entry["friendly"] = self._relative(path)

    def _relative(self, path: Path) -> str:
        return path.relative_to(self.cached.folder).as_posix()

    def _record(
        self, tables: Mapping[str, Mapping[str, Any]], changes: Mapping[str, Change], files: list[Path], calls: int
    ) -> dict[str, Any]:
        """Return the line of this snapshot in the history."""
        return {
            "synced_at": self.at,
            "rows": sum(entry["rows"] for entry in tables.values()),
            "added": sum(change.added for change in changes.values()),
            "changed": sum(change.changed for change in changes.values()),
            "removed": sum(change.removed for change in changes.values()),
            "bytes": sum(path.stat().st_size for path in files),
            "calls": calls,
            "identity": self.cached.manifest["identity"],
            "tables": {key: {name: entry[name] for name in HISTORY} for key, entry in tables.items()},
        }

    # --- after the flip -----------------------------------------------------------------------------------------

    def _publish(self, before: Mapping[str, Mapping[str, Any]], formats: set[str]) -> None:
        """Replace the files for other programs; one that is held open elsewhere is left for the next time."""
        folder, tables = self.cached.folder, self.cached.tables
        for table_id, entry in tables.items():
            latest = folder / f"{entry['file']}.parquet"
            if latest.exists() and entry["friendly"] == before.get(table_id, {}).get("friendly"):
                continue
            try:
                partial = latest.with_name(f".{latest.name}.tmp")
                shutil.copyfile(folder / entry["friendly"], partial)
                replace(partial, latest)
                if "json" in formats:
                    write_json(folder / entry["friendly"], latest.with_suffix(".json"))
            except OSError as error:
                log.warning(say("cache.latest", path=latest, reason=error.strerror or type(error).__name__))
        current = {entry["file"] for entry in tables.values()}
        for stale in {entry["file"] for entry in before.values()} - current:
            _try_unlink(folder / f"{stale}.parquet")
            _try_unlink(folder / f"{stale}.json")

    def _sweep(self) -> None:
        """Delete what no kept snapshot needs: raw files of dropped ones, friendly files of old ones, leftovers."""
        manifest = self.cached.manifest
        needed = {entry[form] for entry in manifest["tables"].values() for form in ("raw", "friendly")}
        needed |= {table["raw"] for snap in manifest["snapshots"].values() for table in snap["tables"].values()}
        for folder in (self.cached.folder / "snapshots").iterdir():
            left = 0
            for path in folder.iterdir():
                if self._relative(path) in needed:
                    left += 1
                else:
                    _try_unlink(path)
            if not left:
                shutil.rmtree(folder, ignore_errors=True)
        for path in self.cached.folder.glob(".*.tmp"):
            _try_unlink(path)


def _try_unlink(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        log.debug("still in use: %s", path.name)  # on Windows a reader may have it open; the next sweep takes it


def _free_id(folder: Path, at: float) -> str:
    """Return the snapshot id for a time, moved on by whole seconds past the ids that exist."""
    while (folder / snapshot_id(at)).exists():
        at += 1
    return snapshot_id(at)
