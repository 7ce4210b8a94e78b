"""Snapshot: all tables of a source as one read left them, written whole before anything becomes current."""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from larknb.cache import frames
from larknb.cache.policy import holds_back, kept_snapshots, snapshot_id
from larknb.cache.store import SourceCache, row_groups
from larknb.files import file_name, replace, sync_file, sync_folder
from larknb.messages import say
from larknb.model import Batch, Policy, Stamp, TableInfo

__all__ = ["Change", "Snapshot"]

ROW_GROUP = 50_000  # rows: what memory holds of a table on its way
HISTORY = ("name", "file", "raw", "rows", "revision", "columns", "read_at", "computed_at")  # what an old state needs
KEYS = ["_record_id", "_row_hash", "_computed_hash"]

log = logging.getLogger("larknb")


@dataclass(frozen=True)
class Change:
    """What a snapshot did to one table; a ``problem`` says why the cached rows were kept instead."""

    rows: int
    added: int = 0
    changed: int = 0
    removed: int = 0
    problem: str = ""


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
        self._writers: dict[str, _RawTable] = {}
        self._computed: dict[str, list[pa.Table]] = {}
        self._committed = False

    def __enter__(self) -> Snapshot:
        self.folder.mkdir(parents=True)
        return self

    def __exit__(self, *problem: object) -> None:
        for writer in self._writers.values():
            writer.abandon()
        if not self._committed:
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
            writer.abandon()
            writer.path.unlink(missing_ok=True)

    def _open(self, table: TableInfo) -> _RawTable:
        taken = {other.file.casefold() for key, other in self._writers.items() if key != table.table_id} | {
            entry["file"].casefold() for key, entry in self.cached.tables.items() if key != table.table_id
        }
        return _RawTable(self.folder, file_name(table.name, table.table_id, taken), table)

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
        self, tables: dict[str, dict[str, Any]], table_id: str, writer: _RawTable, accept_shrink: bool
    ) -> Change:
        """Decide what becomes of a table that was read whole: new, unchanged, or held back."""
        old = tables.get(table_id)
        info = writer.table
        entry = {
            "name": info.name, "file": writer.file, "revision": info.revision, "rows": writer.rows,
            "raw": self._relative(writer.path), "read_at": self.at, "computed_at": self.at,
            "misfits": writer.misfits, "columns": old["columns"] if old else {},
        }  # fmt: skip
        if old is None:
            tables[table_id] = entry
            return Change(writer.rows, added=writer.rows)
        change = _compare(self.cached.raw(table_id, KEYS), pq.read_table(writer.path, columns=KEYS))
        digest = _digest(writer.path)
        if not accept_shrink and holds_back(old["rows"], writer.rows, old.get("held"), digest, now=self.at):
            first = old.get("held")
            same = first is not None and first["digest"] == digest
            tables[table_id] = {**old, "held": first if same else {"digest": digest, "since": self.at}}
            writer.path.unlink()
            return Change(old["rows"], problem=say("shrink.held", before=old["rows"], after=writer.rows))
        untouched = not (change.added or change.changed or change.removed)
        if untouched and self.cached.schema(table_id).equals(info.schema, check_metadata=True):
            # The file in the older snapshot says the same: the volatile addresses in it, which no hash counts, may age.
            writer.path.unlink()
            entry |= {key: old[key] for key in ("file", "raw", "friendly", "columns")}
        tables[table_id] = entry
        return change

    def _merge(self, tables: dict[str, dict[str, Any]], table_id: str, parts: list[pa.Table]) -> Change:
        """Put freshly read computed columns into a table whose other columns did not change."""
        old = tables[table_id]
        fresh = pa.concat_tables(parts).unify_dictionaries().combine_chunks()
        info = TableInfo(table_id, old["name"], old["revision"], self.cached.schema(table_id))
        writer = _RawTable(self.folder, old["file"], info)
        for rows in row_groups(self.cached.folder / old["raw"]):
            writer.add(_with_computed(rows, fresh))
        writer.close()
        change = _compare(self.cached.raw(table_id, KEYS), pq.read_table(writer.path, columns=KEYS))
        if change.changed:
            tables[table_id] = {**old, "raw": self._relative(writer.path), "misfits": writer.misfits}
        else:
            writer.path.unlink()
        tables[table_id] = {**tables[table_id], "computed_at": self.at}
        return change

    def _befriend(self, tables: dict[str, dict[str, Any]]) -> None:
        """Make the friendly form of every new raw file, and of the tables whose links now read differently."""
        moved = {key for key, entry in tables.items() if entry["raw"] != self.cached.tables.get(key, {}).get("raw")}
        texts: dict[str, frames.LinkTexts] = {}
        for table_id, entry in tables.items():
            raw = self.cached.folder / entry["raw"]
            linked = frames.linked_tables(pq.read_schema(raw))
            if table_id not in moved and not linked & moved:
                continue
            for other in linked & tables.keys() - texts.keys():
                texts[other] = _texts(self.cached.folder / tables[other]["raw"])
            path = self.folder / f"{entry['file']}.parquet"
            entry["columns"] = _write_friendly(
                raw, path, entry["columns"], {k: texts[k] for k in linked & texts.keys()}
            )
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
            "identity": self.cached.manifest.get("identity", ""),
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
                    _write_json(folder / entry["friendly"], latest.with_suffix(".json"))
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


# --- raw files -------------------------------------------------------------------------------------------------


@dataclass
class _RawTable:
    """One raw Parquet file being written, a row group at a time."""

    folder: Path
    file: str
    table: TableInfo
    rows: int = 0
    misfits: int = 0
    _waiting: list[pa.Table] = field(default_factory=list)
    _writer: pq.ParquetWriter | None = None

    @property
    def path(self) -> Path:
        return self.folder / f"{self.file}.raw.parquet"

    def add(self, rows: pa.Table) -> None:
        self.rows += rows.num_rows
        self.misfits += rows.num_rows - rows.column("_extra").null_count
        self._waiting.append(rows)
        if sum(part.num_rows for part in self._waiting) >= ROW_GROUP:
            self._flush()

    def _flush(self) -> None:
        if self._writer is None:
            self._writer = pq.ParquetWriter(self.path, self.table.schema, compression="zstd")
        rows = pa.concat_tables(self._waiting) if self._waiting else self.table.schema.empty_table()
        self._writer.write_table(rows.unify_dictionaries().cast(self.table.schema), row_group_size=ROW_GROUP)
        self._waiting = []

    def close(self) -> None:
        if self._waiting or self._writer is None:
            self._flush()
        assert self._writer is not None
        self._writer.close()
        self._writer = None

    def abandon(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def _compare(old: pa.Table, new: pa.Table) -> Change:
    """Count the rows that came, went or differ, by record id and hashes."""
    at = pc.index_in(new.column("_record_id"), value_set=old.column("_record_id").combine_chunks())
    known = at.is_valid()
    before = old.take(at.drop_null())
    after = new.filter(known)
    differs = np.zeros(after.num_rows, dtype=bool)
    for name in KEYS[1:]:
        differs |= before.column(name).to_numpy() != after.column(name).to_numpy()
    return Change(
        new.num_rows, added=new.num_rows - after.num_rows, changed=int(differs.sum()),
        removed=old.num_rows - after.num_rows,
    )  # fmt: skip


def _digest(path: Path) -> str:
    """Return what identifies the rows of a file, in whatever order they came."""
    rows = pq.read_table(path, columns=KEYS)
    rows = rows.take(pc.sort_indices(rows.column("_record_id")))
    digest = hashlib.blake2b(digest_size=16)
    for name in KEYS:
        for chunk in rows.column(name).chunks:
            digest.update("\n".join(chunk.to_pylist()).encode() if name == KEYS[0] else chunk.to_numpy().tobytes())
    return digest.hexdigest()


def _with_computed(rows: pa.Table, fresh: pa.Table) -> pa.Table:
    """Return ``rows`` with the computed columns of ``fresh``, matched by record id."""
    fresh = fresh.take(pc.index_in(rows.column("_record_id"), value_set=fresh.column("_record_id").combine_chunks()))
    computed = [name for name in fresh.column_names if name not in ("_record_id", "_extra")]
    for name in computed:
        rows = rows.set_column(rows.column_names.index(name), rows.schema.field(name), fresh.column(name))
    if rows.column("_extra").null_count < rows.num_rows or fresh.column("_extra").null_count < rows.num_rows:
        extra = [
            _joined_extra(old, new, computed)
            for old, new in zip(rows.column("_extra").to_pylist(), fresh.column("_extra").to_pylist(), strict=True)
        ]
        rows = rows.set_column(rows.column_names.index("_extra"), "_extra", pa.array(extra, pa.string()))
    return rows


def _joined_extra(old: str | None, new: str | None, computed: list[str]) -> str | None:
    kept = {key: value for key, value in orjson.loads(old or "{}").items() if key not in computed}
    joined = {**kept, **orjson.loads(new or "{}")}
    return orjson.dumps(joined).decode() if joined else None


# --- friendly files --------------------------------------------------------------------------------------------


def _texts(raw: Path) -> frames.LinkTexts:
    """Return the primary texts of a table's rows."""
    return frames.LinkTexts.of_groups(pq.read_schema(raw), row_groups(raw))


def _write_friendly(
    raw: Path, path: Path, known: Mapping[str, Any], links: Mapping[str, frames.LinkTexts]
) -> dict[str, Any]:
    """Write the friendly form of a raw file and return what was learned of its columns."""
    friendly = frames.Friendly(pq.read_schema(raw), known, links)
    for rows in row_groups(raw):
        friendly.learn(rows)
    with pq.ParquetWriter(path, friendly.schema, compression="zstd") as writer:
        for rows in row_groups(raw):
            writer.write_table(friendly.convert(rows), row_group_size=ROW_GROUP)
    return dict(friendly.state)


def _write_json(friendly: Path, path: Path) -> None:
    """Write the latest state as UTF-8 records for programs that read no Parquet."""
    frame = frames.to_frame(pq.read_table(friendly)).reset_index()
    partial = path.with_name(f".{path.name}.tmp")
    partial.write_text(frame.to_json(orient="records", force_ascii=False, date_format="iso"), encoding="utf-8")
    replace(partial, path)
