"""Snapshot: all of a source as one read left it, written whole before anything of it becomes current."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from larknb.cache import deltas, manifest, records
from larknb.cache.cached import SourceCache
from larknb.cache.checks import check_file
from larknb.cache.drafts import Drafts, names_of
from larknb.cache.forms import FORMS
from larknb.cache.guidefiles import RAW, Shown, held_guide, read_record, write_new_guide
from larknb.cache.intake import Intake
from larknb.cache.latest import publish
from larknb.cache.manifest import GUIDE_FILES, GuideEntry, Manifest, MediaEntry, SnapshotEntry, TableEntry
from larknb.cache.media import Names, entry_of, place, sweep_partial, tokens_in
from larknb.cache.policy import agreed, credible, kept_snapshots, snapshot_id
from larknb.cache.sweep import sweep
from larknb.cache.tablefiles import Change, read_rows
from larknb.files import is_there, sync_file, sync_folder
from larknb.guides.guide import rows_of
from larknb.model import Batch, Grid, Guide, Learned, Media, Options, Parcel, Policy, Stamp
from larknb.partial import Received
from larknb.stored import Damaged

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
        The source's options; some decide what a grid becomes.
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
        self._intake = Intake(cached.folder, self.folder, at, options or {}, cached.lacks, policy.history)
        self._drafts = Drafts(self.folder, cached.tables, self._intake.options)
        self._record: Mapping[str, Any] | None = None
        self._media = dict(cached.manifest.media)
        self._came: dict[str, Media] = {}  # pictures and files of this read, those that could not be had among them
        self._committed = False

    def __enter__(self) -> Snapshot:
        files = [name for entry in self.cached.tables.values() for name in names_of(entry.file)]
        records.begin(self.folder, [*files, *GUIDE_FILES])
        return self

    def __exit__(self, *problem: object) -> None:
        if not self._committed and not self._is_kept():
            self._drafts.discard()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _is_kept(self) -> bool:
        """Ask the manifest on the disk: Ctrl-C, or a refusal of the disk, may have come right after the flip."""
        try:
            saved = manifest.read(self.cached.folder)
        except Damaged:
            return True  # nobody knows: a later sync deletes what no manifest needs
        return saved is not None and self.id in saved.snapshots

    def add(self, parcel: Parcel) -> None:
        """Take what a reader yielded."""
        if isinstance(parcel, Batch):
            self._drafts.add_rows(parcel)
        elif isinstance(parcel, Grid):
            self._drafts.add_grid(parcel)
        elif isinstance(parcel, Media):
            entry = self._media[parcel.token] = entry_of(self.cached.folder, parcel, self._media, self._names)
            self._came[parcel.token] = parcel
            if entry.file:
                records.will_come(self.folder, entry.file)
        elif isinstance(parcel, Guide):
            self._record = parcel.record

    @cached_property
    def _names(self) -> Names:
        return Names(self.cached.folder, self._media)

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
        lacks = self.cached.lacks
        tables = {key: entry for key, entry in self.cached.tables.items()
                  if not (lacks(entry.raw) and lacks(entry.friendly))}  # fmt: skip
        changes: dict[str, Change] = {}
        for key in learned.failed:
            self._drafts.drop(key)
            if key in tables:
                tables[key] = replace(tables[key], tried_at=self.at)
        for key, draft in self._drafts.finished():
            old = tables.get(key)
            tables[key], change = self._intake.whole(draft, old, accept_shrink=accept_shrink)
            changes[key] = replace(change, misfits=draft.misfits)
            if old is not None and key in learned.incremental:
                tables[key] = replace(tables[key], whole_at=old.whole_at or old.read_at)
        for key, parts in self._drafts.computed.items():
            tables[key], changes[key] = self._intake.computed(key, tables[key], parts)
        return tables, changes

    def _guide(
        self, tables: Mapping[str, TableEntry], embedded: Mapping[str, Mapping[str, str]], *, accept_shrink: bool
    ) -> tuple[GuideEntry | None, Change | None]:
        """Write a document that was read, or whose embedded tables changed; return its entry and what changed in it."""
        old, root, record = self.cached.guide, self.cached.folder, self._record
        is_readable = old is not None and not self.cached.lacks(f"{old.folder}/{RAW}")
        held = None
        if record is not None and old is not None and is_readable and not accept_shrink:
            held = held_guide(root, record, old, self.at)
        is_fresh = any((root / entry.friendly).parent == self.folder for entry in tables.values())
        if (record is None or held) and old is not None:
            record = read_record(root / old.folder) if is_fresh and is_readable else None
        if record is None:
            return held or (old, None)
        shown = {
            key: {**facts, "rows": self._rows(tables[key]) if key in tables else None}
            for key, facts in embedded.items()
        }
        is_whole = old is not None and not any(self.cached.lacks(f"{old.folder}/{name}") for name in GUIDE_FILES)
        before = old if is_whole else None
        guide, change = write_new_guide(root, self.folder, record, Shown(self._media, shown), before, self.at)
        if held is None:
            return guide, change
        waits, problem = held  # its tables are new, its text is that of the earlier reading
        return replace(guide, read_at=waits.read_at, held=waits.held, tried_at=waits.tried_at), problem

    def _rows(self, entry: TableEntry) -> list[list[Any]] | None:
        if self.cached.lacks(entry.friendly):
            return None
        return rows_of(FORMS[entry.form].to_frame(read_rows(self.cached.folder / entry.friendly)))

    # --- the flip ---------------------------------------------------------------------------------------------------

    def _flip(self, changed: Manifest, changes: Mapping[str, Change], calls: int) -> None:
        """Bring the files to the disk, and then make them current by one rename."""
        files, before = self._on_disk(), self.cached.manifest
        changed = self._checked(changed, files)
        if files:
            entry = _entry(changed, self.at, changes, self._size(files), calls, self._next())
            changed = self._with_snapshot(changed, entry)
        shown = self._shown(changed)
        changed = self._with_media(changed, shown)
        place(self.cached.folder, self._coming(changed))
        if files:
            needs = {name: deltas.about(self.folder / name).previous for name in files if name.endswith(deltas.SUFFIX)}
            record = records.record_of(self.id, changed, changed.snapshots[self.id], files, needs)
            records.write(self.folder, replace(record, media=shown))
        elif self._came:
            self._note_media(changed, shown)
        self.cached.save(changed)
        self._committed = bool(files)
        publish(self.cached, self._formats, [entry.file for entry in before.tables.values()])
        self.cached.lending.note(self.cached.folder, changed.media)
        if not self.cached.rebuilt:
            sweep(self.cached.folder, self.cached.manifest, before.paths)
            lacking = {token for token, entry in shown.items() if not entry.file}
            sweep_partial(self.cached.folder, lacking | (self._came.keys() - changed.media.keys()))

    def _coming(self, changed: Manifest) -> dict[str, Received]:
        """Return the files that this state shows and that came just now, by the names that they are to have."""
        return {str(entry.file): came.file for token, entry in changed.media.items()
                if (came := self._came.get(token)) and came.file}  # fmt: skip

    def _note_media(self, changed: Manifest, shown: Mapping[str, MediaEntry]) -> None:
        """Note what came for a state that is as it was before: its record tells which files it needs."""
        name = changed.snapshot or ""
        record = self.cached.record(name) if name in changed.snapshots else None
        if record is not None:
            records.write(self.cached.folder / "snapshots" / name, replace(record, media=shown))

    def _on_disk(self) -> dict[str, str]:
        """Return the checks of this snapshot's files, by name, as soon as no power cut can take their bytes away."""
        names = [name for name in records.names(self.folder) if name != records.BEGUN]
        for name in names:
            sync_file(self.folder / name)
        sync_folder(self.folder.parent)  # the folder itself follows with its record
        return {name: check_file(self.folder / name) for name in names}

    def _checked(self, changed: Manifest, files: Mapping[str, str]) -> Manifest:
        """Return a manifest that tells the checks of all current files: those of older snapshots as they were told."""
        place = self.folder.relative_to(self.cached.folder).as_posix()
        return changed.with_checks(self.cached.checks() | {f"{place}/{name}": check for name, check in files.items()})

    def _with_media(self, changed: Manifest, shown: Mapping[str, MediaEntry]) -> Manifest:
        """Return a manifest with the pictures and files that the current state shows, or one that is kept."""
        needed = {*shown}
        if {*self._media} - needed:
            for name in changed.snapshots.keys() - {self.id}:
                record = self.cached.record(name)
                needed |= {*record.media, *(record.guide.media if record.guide else ())} if record else set()
        return replace(changed, media={token: entry for token, entry in self._media.items() if token in needed})

    def _shown(self, changed: Manifest) -> dict[str, MediaEntry]:
        """Return the pictures and files that the current state shows."""
        if not self._media:
            return {}
        tokens = changed.guide.media if changed.guide else tokens_in(self.cached.folder, changed.tables.values())
        return {token: self._media[token] for token in tokens if token in self._media}

    def _size(self, files: Collection[str]) -> int:
        return sum((self.folder / name).stat().st_size for name in files)

    def _next(self) -> int:
        return 1 + max((each.sequence for each in self.cached.manifest.snapshots.values()), default=0)

    def _with_snapshot(self, changed: Manifest, entry: SnapshotEntry) -> Manifest:
        """Return a manifest with this snapshot as the current one, and without those that are too old by now.

        In the run that found the manifest damaged, none is too old.
        """
        ordered = {name: changed.snapshots[name] for name in changed.ordered} | {self.id: entry}
        if self.cached.rebuilt:
            return replace(changed, snapshot=self.id, snapshots=ordered)
        times = credible([each.synced_at for each in ordered.values()])
        now = agreed([*times, self.cached.checked_at, self.at])
        kept = kept_snapshots(dict(zip(ordered, times, strict=True)), now=now, history=self._policy.history)
        return replace(
            changed, snapshot=self.id, snapshots={name: each for name, each in ordered.items() if name in kept}
        )


def _entry(
    changed: Manifest, at: float, changes: Mapping[str, Change], size: int, calls: int, sequence: int
) -> SnapshotEntry:
    """Return what the history tells of a snapshot."""
    return SnapshotEntry(
        sequence=sequence,
        synced_at=at,
        rows=sum(entry.rows for entry in changed.tables.values()),
        added=sum(change.added for change in changes.values()),
        changed=sum(change.changed for change in changes.values()),
        removed=sum(change.removed for change in changes.values()),
        bytes=size,
        calls=calls,
        identity=changed.identity,
    )


def _free_id(folder: Path, at: float) -> str:
    """Return the snapshot id for a time, moved on by whole seconds past the ids that exist."""
    while is_there(folder / snapshot_id(at)):
        at += 1
    return snapshot_id(at)
