"""Snapshot: all of a source as one read left it, written whole before anything of it becomes current."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from larknb.cache import manifest
from larknb.cache.drafts import Drafts
from larknb.cache.forms import FORMS
from larknb.cache.gridfiles import typing_options
from larknb.cache.guidefiles import Shown, held_guide, keep_media, read_record, write_new_guide
from larknb.cache.intake import Intake
from larknb.cache.latest import publish
from larknb.cache.manifest import GuideEntry, Manifest, SnapshotEntry, TableEntry
from larknb.cache.policy import kept_snapshots, snapshot_id
from larknb.cache.store import SourceCache
from larknb.cache.sweep import sweep
from larknb.cache.tablefiles import Change
from larknb.files import sync_file, sync_folder
from larknb.guides.guide import rows_of
from larknb.model import Batch, Grid, Guide, Learned, Media, Options, Parcel, Policy, Stamp

__all__ = ["Snapshot"]


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
    policy : Policy
        How long older states are kept.
    formats : collection of str
        What other programs get, from the settings.
    """

    def __init__(
        self,
        cached: SourceCache,
        at: float,
        options: Options | None = None,
        *,
        policy: Policy,
        formats: Collection[str] = ("parquet",),
    ) -> None:
        self.cached, self.at = cached, at
        self.id = _free_id(cached.folder / "snapshots", at)
        self.folder = cached.folder / "snapshots" / self.id
        self._policy, self._formats = policy, formats
        self._intake = Intake(cached.folder, self.folder, at, typing_options(options or {}))
        self._drafts = Drafts(self.folder, cached.tables, self._intake.options)
        self._record: Mapping[str, Any] | None = None
        self._media = dict(cached.manifest.media)
        self._committed = False

    def __enter__(self) -> Snapshot:
        self.folder.mkdir(parents=True)
        return self

    def __exit__(self, *problem: object) -> None:
        if not self._committed and not self._is_kept():
            self._drafts.discard()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _is_kept(self) -> bool:
        """Ask the manifest on the disk: Ctrl-C may have come right after the flip."""
        saved = manifest.read(self.cached.folder)
        return saved is not None and self.id in saved.snapshots

    def add(self, parcel: Parcel) -> None:
        """Take what a reader yielded."""
        if isinstance(parcel, Batch):
            self._drafts.add_rows(parcel)
        elif isinstance(parcel, Grid):
            self._drafts.add_grid(parcel)
        elif isinstance(parcel, Media):
            self._media[parcel.token] = keep_media(self.cached.folder, parcel, self._media)
        elif isinstance(parcel, Guide):
            self._record = parcel.record

    def commit(
        self,
        learned: Learned,
        *,
        options: str,
        full_at: float,
        stamp: Stamp | None,
        accept_shrink: bool = False,
        calls: int = 0,
        identity: str = "",
    ) -> dict[str, Change]:
        """Make what was added current, in one step, and return what it changed, by table_id.

        Parameters
        ----------
        learned : Learned
            What the reader found out. What is held back is added to its ``again``. Tables that are neither
            ``selected`` nor ``gone`` leave the current state (old snapshots keep them); of one that is gone, or has
            ``failed``, the cached rows stay.
        options : str
            What identifies the settings that decided what was read.
        full_at : float
            When the last look began that asked everything.
        stamp : Stamp, optional
            The gate's answer from before the read. A forced read asks no gate; the stamp of an earlier look is older
            than the read, and so as good.
        accept_shrink : bool
            Take at once what lost more than half: a table of its rows, a document of its text or blocks.
        calls : int
            The requests that the read took.
        identity : str
            Who read it, in words.
        """
        tables, changes = self._taken_in(learned, accept_shrink=accept_shrink)
        held = [table_id for table_id, change in changes.items() if change.problem]
        tables = {key: replace(entry, gone=key in learned.gone) for key, entry in tables.items()
                  if key in learned.selected or key in learned.gone}  # fmt: skip
        tables = self._intake.friendly(tables, self.cached.tables)
        guide, change = self._guide(tables, learned.embedded, accept_shrink=accept_shrink)
        if change is not None:
            changes[self.cached.manifest.token] = change
            held += [self.cached.manifest.token] if change.problem else []
        learned = replace(learned, again=tuple(sorted({*learned.again, *held})))
        known = self.cached.manifest.after_look(self.at, learned, options=options, full_at=full_at, stamp=stamp)
        self._flip(replace(known, tables=tables, guide=guide, identity=identity), changes, calls)
        return changes

    def retype(self) -> None:
        """Type the grids of the current state anew, by other options: no read, no look."""
        tables = self._intake.friendly(self.cached.tables, self.cached.tables)
        self._flip(replace(self.cached.manifest, tables=tables), {}, 0)

    def _taken_in(self, learned: Learned, *, accept_shrink: bool) -> tuple[dict[str, TableEntry], dict[str, Change]]:
        """Return what becomes of all tables, and what changed in those that were read."""
        tables = {key: entry for key, entry in self.cached.tables.items() if self.cached.has_files(entry)}
        changes: dict[str, Change] = {}
        for key in learned.failed:
            self._drafts.drop(key)
            if key in tables:
                tables[key] = replace(tables[key], tried_at=self.at)
        for key, draft in self._drafts.finished():
            tables[key], changes[key] = self._intake.whole(draft, tables.get(key), accept_shrink=accept_shrink)
        for key, parts in self._drafts.computed.items():
            tables[key], changes[key] = self._intake.computed(key, tables[key], parts)
        return tables, changes

    def _guide(
        self, tables: Mapping[str, TableEntry], embedded: Mapping[str, Mapping[str, str]], *, accept_shrink: bool
    ) -> tuple[GuideEntry | None, Change | None]:
        """Write a document that was read, or whose embedded tables changed; return its entry and what changed in it."""
        old, root, record = self.cached.guide, self.cached.folder, self._record
        held = None
        if record is not None and old is not None and not accept_shrink:
            held = held_guide(root, record, old, self.at)
        is_fresh = any((root / entry.friendly).parent == self.folder for entry in tables.values())
        if (record is None or held) and old is not None:
            record = read_record(root / old.folder) if is_fresh else None
        if record is None:
            return held or (old, None)
        shown = {
            key: {**facts, "rows": self._rows(tables[key]) if key in tables else None}
            for key, facts in embedded.items()
        }
        guide, change = write_new_guide(root, self.folder, record, Shown(self._media, shown), old, self.at)
        if held is None:
            return guide, change
        waits, problem = held  # its tables are new, its text is that of the earlier reading
        return replace(guide, read_at=waits.read_at, held=waits.held, tried_at=waits.tried_at), problem

    def _rows(self, entry: TableEntry) -> list[list[Any]]:
        return rows_of(FORMS[entry.form].to_frame(pq.read_table(self.cached.folder / entry.friendly)))

    # --- the flip ---------------------------------------------------------------------------------------------------

    def _flip(self, changed: Manifest, changes: Mapping[str, Change], calls: int) -> None:
        """Bring the files to the disk, and then make them current by one rename."""
        files, before = self._on_disk(), [entry.file for entry in self.cached.tables.values()]
        if files:
            changed = self._with_snapshot(changed, _entry(changed, self.at, changes, files, calls))
        shown = {token for guide in changed.guides for token in guide.media}
        media = {token: entry for token, entry in self._media.items() if token in shown}
        self.cached.save(replace(changed, media=media))
        self._committed = bool(files)
        publish(self.cached, self._formats, before)
        sweep(self.cached.folder, self.cached.manifest)

    def _on_disk(self) -> list[Path]:
        """Return the files of this snapshot, as soon as no power cut can take them away."""
        files = [path for path in self.folder.iterdir() if path.is_file()]
        for path in files:
            sync_file(path)
        sync_folder(self.folder)
        sync_folder(self.folder.parent)
        return files

    def _with_snapshot(self, changed: Manifest, entry: SnapshotEntry) -> Manifest:
        """Return a manifest with this snapshot as the current one, and without those that are too old by now."""
        snapshots = {**changed.snapshots, self.id: entry}
        kept = kept_snapshots(snapshots, now=self.at, history=self._policy.history)
        return replace(
            changed, snapshot=self.id, snapshots={key: each for key, each in snapshots.items() if key in kept}
        )


def _entry(
    changed: Manifest, at: float, changes: Mapping[str, Change], files: Collection[Path], calls: int
) -> SnapshotEntry:
    """Return what the history tells of a snapshot."""
    return SnapshotEntry(
        synced_at=at,
        rows=sum(entry.rows for entry in changed.tables.values()),
        added=sum(change.added for change in changes.values()),
        changed=sum(change.changed for change in changes.values()),
        removed=sum(change.removed for change in changes.values()),
        bytes=sum(path.stat().st_size for path in files),
        calls=calls,
        identity=changed.identity,
        tables={key: entry.past() for key, entry in changed.tables.items()},
        guide=changed.guide,
    )


def _free_id(folder: Path, at: float) -> str:
    """Return the snapshot id for a time, moved on by whole seconds past the ids that exist."""
    while (folder / snapshot_id(at)).exists():
        at += 1
    return snapshot_id(at)
