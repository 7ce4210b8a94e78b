"""Snapshot: all tables of a source as one read left them, written whole before anything becomes current."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from larknb.cache.gridfiles import GridWriter, read_grid, write_typed
from larknb.cache.guidefiles import GUIDE, MARKDOWN, RAW, keep_media, read_guide, read_record, tokens, write_guide
from larknb.cache.policy import holds_back, kept_snapshots, snapshot_id
from larknb.cache.store import FORMS, SourceCache
from larknb.cache.tablefiles import (
    Change,
    TableWriter,
    link_texts,
    row_groups,
    with_computed,
    write_friendly,
    write_json,
)
from larknb.files import file_name, replace, sync_file, sync_folder
from larknb.guides.guide import block_hashes, rows_of, same_content, to_guide
from larknb.messages import say
from larknb.model import Batch, Grid, Media, Parcel, Policy, Stamp, TableInfo
from larknb.tabular.links import LinkTexts
from larknb.tabular.raw import linked_tables

__all__ = ["Snapshot", "publish", "typing_options"]

# What an old state needs of a table, to be made again.
HISTORY = ("name", "file", "form", "raw", "rows", "revision", "columns", "options", "read_at", "computed_at", "gone")
OURS = {"manifest", "guide"}  # file names in the source's folder that no table may have
TYPING = ("header", "fill_merged")  # options that decide what a grid becomes, at no request

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
    options : mapping, optional
        The source's options, as far as they decide what a grid becomes.
    """

    def __init__(self, cached: SourceCache, at: float, options: Mapping[str, Any] | None = None) -> None:
        self.cached, self.at, self.options = cached, at, typing_options(options or {})
        self.id = _free_id(cached.folder / "snapshots", at)
        self.folder = cached.folder / "snapshots" / self.id
        self._writers: dict[str, TableWriter | GridWriter] = {}
        self._computed: dict[str, list[pa.Table]] = {}
        self._guide: Mapping[str, Any] | None = None
        self._media: dict[str, dict[str, Any]] = dict(cached.manifest.get("media", {}))
        self._committed = False

    def __enter__(self) -> Snapshot:
        self.folder.mkdir(parents=True)
        return self

    def __exit__(self, *problem: object) -> None:
        # Ctrl-C may have come right after the flip: the manifest on the disk knows.
        if self._committed or self.id in SourceCache(self.cached.folder).manifest["snapshots"]:
            return
        for writer in self._writers.values():
            writer.discard()
        shutil.rmtree(self.folder, ignore_errors=True)

    def add(self, parcel: Parcel) -> None:
        """Take what a reader yielded."""
        if isinstance(parcel, Batch):
            self._add_rows(parcel)
        elif isinstance(parcel, Grid):
            self._drop(parcel.table.table_id)
            file = self._file(parcel.table)
            self._writers[parcel.table.table_id] = GridWriter(self.folder, file, parcel, self.options)
        elif isinstance(parcel, Media):
            keep_media(self.cached.folder, parcel, self._media)
        else:
            self._guide = parcel.record

    def _add_rows(self, batch: Batch) -> None:
        table_id = batch.table.table_id
        if batch.computed_only:
            if batch.fresh:
                self._computed[table_id] = []
            self._computed[table_id].append(batch.rows)
            return
        if batch.fresh:
            self._drop(table_id)
            known = self.cached.tables.get(table_id, {}).get("columns", {})
            self._writers[table_id] = TableWriter(self.folder, self._file(batch.table), batch.table, known)
        writer = self._writers[table_id]
        assert isinstance(writer, TableWriter), "a table that was a grid begins anew with a fresh batch"
        writer.add(batch.rows)

    def _drop(self, table_id: str) -> None:
        """Forget what an earlier reading of a table left."""
        self._computed.pop(table_id, None)
        if writer := self._writers.pop(table_id, None):
            writer.discard()

    def _file(self, table: TableInfo) -> str:
        """Return a file name for a table that nothing else of the source has."""
        taken = (
            OURS
            | {other.file.casefold() for key, other in self._writers.items() if key != table.table_id}
            | {entry["file"].casefold() for key, entry in self.cached.tables.items() if key != table.table_id}
        )
        name = file_name(table.name, table.table_id, taken)
        if name.casefold().endswith(".raw"):  # its friendly file would be the raw one of another table
            name = file_name(table.name, table.table_id, {name.casefold()})
        return name

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
        tables = {key: dict(entry) for key, entry in self.cached.tables.items() if self.cached.has_files(entry)}
        changes: dict[str, Change] = {}
        held: list[str] = []
        for table_id in failed:
            self._drop(table_id)
            if table_id in tables:
                tables[table_id]["tried_at"] = self.at
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
        guide, told = self._tell(tables, state.get("embedded", {}))
        if told is not None:
            changes[self.cached.manifest["token"]] = told
        again = sorted({*state.get("again", ()), *held})
        learned = {
            "guide": guide,
            "state": {**self.cached.state, **state, "again": again},
            # A forced read asks no gate; the stamp of an earlier look is older than the read, and so as good.
            "stamp": {"mtime": stamp.mtime, "settled": stamp.settled} if stamp else self.cached.manifest.get("stamp"),
            "checked_at": self.at,
            "problem": "",
            "identity": identity,
        }
        self._flip(tables, learned, changes, calls, policy, formats)
        return changes

    def retype(self, policy: Policy, formats: Iterable[str]) -> None:
        """Type the grids of the current state anew, by other options: no read, no look."""
        tables = {key: dict(entry) for key, entry in self.cached.tables.items()}
        self._befriend(tables)
        self._flip(tables, {}, {}, 0, policy, formats)

    def _flip(
        self,
        tables: dict[str, dict[str, Any]],
        learned: Mapping[str, Any],
        changes: Mapping[str, Change],
        calls: int,
        policy: Policy,
        formats: Iterable[str],
    ) -> None:
        """Bring the files to the disk, and then make them current by one rename."""
        old, before = self.cached.manifest, self.cached.tables
        files = [path for path in self.folder.iterdir() if path.is_file()]
        for path in files:
            sync_file(path)
        sync_folder(self.folder)
        sync_folder(self.folder.parent)
        manifest = self.cached.manifest = {**old, "tables": tables, **learned}
        if files:
            manifest["snapshot"] = self.id
            manifest["snapshots"] = {**manifest["snapshots"], self.id: self._record(tables, changes, files, calls)}
            kept = kept_snapshots(manifest["snapshots"], now=self.at, history=policy.history)
            manifest["snapshots"] = {key: value for key, value in manifest["snapshots"].items() if key in kept}
        shown = {token for guide in self._guides() for token in guide["media"]}
        manifest["media"] = {token: media for token, media in self._media.items() if token in shown}
        try:
            self.cached.save()
        except BaseException:
            self.cached.manifest = old  # else the next note would make files current that are deleted now
            raise
        self._committed = bool(files)
        publish(self.cached, formats)
        self._unpublish(before)
        self._sweep()

    def _settle(
        self, tables: dict[str, dict[str, Any]], table_id: str, writer: TableWriter | GridWriter, accept_shrink: bool
    ) -> Change:
        """Decide what becomes of a table that was read whole: new, unchanged, or held back."""
        old = tables.get(table_id)
        if old is None or old["form"] != writer.form:
            tables[table_id] = self._entry(writer, {})
            return Change(writer.rows, added=writer.rows)
        raw = self.cached.folder / old["raw"]
        if not accept_shrink and writer.rows < old["rows"]:
            found = writer.digest()
            if holds_back(old["rows"], writer.rows, old.get("held"), found, now=self.at):
                writer.discard()
                known = old.get("held") or {}
                held = known if known.get("digest") == found else {"digest": found, "since": self.at}
                tables[table_id] = {**old, "held": held, "tried_at": self.at}
                return Change(old["rows"], problem=say("shrink.held", before=old["rows"], after=writer.rows))
        change = writer.compare(raw)
        entry = self._entry(writer, old)
        untouched = not (change.added or change.changed or change.removed)
        if untouched and writer.is_like(raw):
            # The file in the older snapshot says the same: the volatile addresses in it, which no hash counts, may age.
            writer.discard()
            entry |= {key: old[key] for key in ("file", "raw", "friendly", "columns", "options")}
        tables[table_id] = entry
        return change

    def _entry(self, writer: TableWriter | GridWriter, old: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the manifest says of a table that was just written."""
        entry = {
            "name": writer.table.name, "file": writer.file, "revision": writer.table.revision, "rows": writer.rows,
            "raw": self._relative(writer.raw), "read_at": self.at, "computed_at": self.at, "misfits": writer.misfits,
            "columns": old.get("columns", {}), "form": writer.form, "options": self.options,
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
        change = writer.compare(self.cached.folder / old["raw"])
        if change.changed:
            tables[table_id] = {**self._entry(writer, old), "read_at": old["read_at"]}
        else:
            writer.discard()
            tables[table_id] = {**old, "computed_at": self.at}
        return change

    def _befriend(self, tables: dict[str, dict[str, Any]]) -> None:
        """Make the friendly forms that are missing, or whose links or typing options are other ones now."""
        before = self.cached.tables
        moved = {key for key, entry in tables.items() if entry["raw"] != before.get(key, {}).get("raw")}
        texts: dict[str, LinkTexts] = {}
        for entry in tables.values():
            raw, path = self.cached.folder / entry["raw"], self.folder / f"{entry['file']}.parquet"
            if entry["form"] == "grid":
                if entry["options"] == self.options:
                    continue
                entry["rows"] = write_typed(read_grid(raw), path, self.options)
                entry["options"] = self.options
            else:
                linked = linked_tables(pq.read_schema(raw)) & tables.keys()
                if "friendly" in entry and not linked & moved:
                    continue
                for other in linked - texts.keys():
                    texts[other] = link_texts(self.cached.folder / tables[other]["raw"])
                entry["columns"] = write_friendly(raw, path, entry["columns"], {key: texts[key] for key in linked})
            entry["friendly"] = self._relative(path)

    def _tell(
        self, tables: Mapping[str, Mapping[str, Any]], embedded: Mapping[str, Any]
    ) -> tuple[dict[str, Any] | None, Change | None]:
        """Write a document that was read, or whose embedded tables changed; return its entry and what changed in it."""
        old, folder = self.cached.guide, self.cached.folder
        fresh = {key for key, entry in tables.items() if entry["friendly"].split("/")[1] == self.id}
        if self._guide is None and not (old and fresh):
            return old, None
        record = self._guide or read_record(folder / old["folder"])  # type: ignore[index]
        shown = {
            key: {**facts, "rows": rows_of(self._frame(tables[key])) if key in tables else None}
            for key, facts in embedded.items()
        }
        guide = to_guide(record, self._media, shown, fetched_at=self.at)
        entry = {
            "folder": self._relative(self.folder), "json": f"{self._relative(self.folder)}/{GUIDE}",
            "title": guide["title"], "revision": guide["revision_id"], "read_at": self.at,
            "moved": bool(record.get("moved")), "warnings": len(guide["warnings"]),
            "media": sorted(tokens(guide)),
        }  # fmt: skip
        if old is None:
            write_guide(self.folder, record, guide)
            return entry, Change(None, added=len(record["blocks"]))
        before = block_hashes(read_record(folder / old["folder"]))
        after = block_hashes(record)
        both = before.keys() & after.keys()
        changed = sum(before[key] != after[key] for key in both)
        change = Change(None, added=len(after) - len(both), changed=changed, removed=len(before) - len(both))
        if same_content(read_guide(folder / old["folder"]), guide):
            # Comments move the revision and nothing of the text: the older snapshot tells it all.
            return {**old, "revision": entry["revision"], "read_at": self.at}, change
        write_guide(self.folder, record, guide)
        return entry, change

    def _frame(self, entry: Mapping[str, Any]) -> pd.DataFrame:
        frame: pd.DataFrame = FORMS[entry["form"]].to_frame(pq.read_table(self.cached.folder / entry["friendly"]))
        return frame

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
            "guide": self.cached.guide,
        }

    # --- after the flip -----------------------------------------------------------------------------------------

    def _unpublish(self, before: Mapping[str, Mapping[str, Any]]) -> None:
        """Delete the files for other programs of tables that are called otherwise now, or asked for no more."""
        current = {entry["file"] for entry in self.cached.tables.values()}
        for stale in {entry["file"] for entry in before.values()} - current:
            _try_unlink(self.cached.folder / f"{stale}.parquet")
            _try_unlink(self.cached.folder / f"{stale}.json")

    def _sweep(self) -> None:
        """Delete what no kept snapshot needs: raw files of dropped ones, friendly files of old ones, leftovers."""
        manifest = self.cached.manifest
        needed = {entry[form] for entry in manifest["tables"].values() for form in ("raw", "friendly")}
        needed |= {table["raw"] for snap in manifest["snapshots"].values() for table in snap["tables"].values()}
        for guide in self._guides():
            needed |= {f"{guide['folder']}/{name}" for name in (RAW, GUIDE, MARKDOWN)}
        for folder in (self.cached.folder / "snapshots").iterdir():
            left = 0
            for path in folder.iterdir():
                if self._relative(path) in needed:
                    left += 1
                else:
                    _try_unlink(path)
            if not left:
                shutil.rmtree(folder, ignore_errors=True)
        kept = {Path(media["file"]).name for media in manifest.get("media", {}).values() if "file" in media}
        for path in [*self.cached.folder.glob(".*.tmp"), *self.cached.folder.glob("media/*")]:
            if path.name not in kept:
                _try_unlink(path)

    def _guides(self) -> list[Mapping[str, Any]]:
        """Return the entries of the document in all states that are kept."""
        manifest = self.cached.manifest
        entries = [manifest.get("guide"), *(snap.get("guide") for snap in manifest["snapshots"].values())]
        return [entry for entry in entries if entry]


def publish(cached: SourceCache, formats: Iterable[str]) -> None:
    """Bring the files for other programs up to date; one that is held open elsewhere is left for the next look."""
    folder = cached.folder
    for entry in cached.tables.values():
        friendly, latest = folder / entry["friendly"], folder / f"{entry['file']}.parquet"
        _refresh(latest, friendly, partial(shutil.copyfile, friendly))
        records = latest.with_name(f"{entry['file']}.json")
        if "json" in formats:
            _refresh(records, friendly, partial(_write_records, entry["form"], friendly))
        else:
            _try_unlink(records)  # an old one would say what is true no more
    if cached.guide is not None:
        for name in (GUIDE, MARKDOWN):
            told = folder / cached.guide["folder"] / name
            _refresh(folder / name, told, partial(shutil.copyfile, told))


def _refresh(latest: Path, origin: Path, write: Callable[[Path], object]) -> None:
    """Replace a file unless it was made of the same ``origin``, whose modify time it bears."""
    made = latest.with_name(f".{latest.name}.tmp")
    try:
        at = origin.stat().st_mtime_ns
        if latest.exists() and latest.stat().st_mtime_ns == at:
            return
        write(made)
        os.utime(made, ns=(at, at))
        replace(made, latest)
    except OSError as error:
        log.warning(say("cache.latest", path=latest, reason=error.strerror or type(error).__name__))


def _write_records(form: str, friendly: Path, path: Path) -> None:
    write_json(FORMS[form].to_frame(pq.read_table(friendly)), path)


def typing_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that decide what a grid becomes, as JSON gives them back."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in options.items() if key in TYPING}


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
