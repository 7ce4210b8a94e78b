"""Cache: a folder for each source, and the manifest in it that says what its files are.

A sync writes its tables into a new snapshot folder (`larknb.cache.snapshot`), brings them to the disk, and makes them
current by one rename of ``manifest.json``: all tables of a source flip together, and a process that is killed at any
instant leaves the last good state readable. A manifest that is damaged or gone is made again of the snapshots
(`larknb.cache.rebuild`). A table that a read found unchanged keeps its file in an older snapshot.
The files directly in the source's folder are copies for people and other programs, replaced last and never read here.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Iterable, Mapping
from copy import copy
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa

from larknb.cache import guidefiles, manifest, rebuild, records
from larknb.cache.checks import check_file, is_whole
from larknb.cache.gridfiles import typing_options
from larknb.cache.manifest import FILE, GuideEntry, Manifest, SnapshotEntry, TableEntry
from larknb.cache.naming import FOLDERS, folder_of, key_of, kind_of, likely, named
from larknb.cache.records import Record
from larknb.cache.tablefiles import read_rows, schema_of
from larknb.messages import say
from larknb.model import Entry, Learned, Options, Source, Stamp
from larknb.stored import Damaged, Newer
from larknb.tabular.friendly import FORM
from larknb.tabular.raw import RECORD_ID

__all__ = ["INNER", "Cache", "SourceCache"]

INNER = tuple(FOLDERS.values())  # what a cache consists of

log = logging.getLogger("larknb")


class Cache:
    """All cached sources of a workspace, below ``root``; each is opened when it is first asked for, and once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._opened: dict[str, SourceCache] = {}  # by key

    def folders(self) -> list[Path]:
        """Return the folder of every source that has a manifest, or snapshots that tell one; open none."""
        places = [place for place in map(self.root.joinpath, sorted(FOLDERS.values())) if place.is_dir()]
        names = ((place, name) for place in places for name in sorted(os.listdir(place)))  # noqa: PTH208  as below
        # There may be thousands, and a Path takes longer than the disk.
        return [place / name for place, name in names
                if os.path.lexists(f"{place}/{name}/{FILE}") or records.folders(place / name)]  # fmt: skip

    def find(self, source: Source) -> SourceCache | None:
        """Return the cache of a source, None if there is none.

        Its name tells its folder. Only where that is not so, because it was renamed or has no name, the keys in all
        manifests are looked at.

        Raises
        ------
        Newer
            A newer larknb wrote its manifest.
        """
        key, places = source.key, likely(self.root, source)
        if key not in self._opened:
            found = next((cached for folder in places if (cached := _open(folder, key))), None)
            if found is None and key in self._by_key and self._by_key[key] not in places:
                found = _open(self._by_key[key], key)
            if found is None:
                found = next((cached for folder in places if (cached := _claimed(folder, source))), None)
            if found is not None:
                self._opened[key] = found
        return self._opened.get(key)

    @cached_property
    def _by_key(self) -> dict[str, Path]:
        return {key_of(folder): folder for folder in self.folders()}

    @property
    def sources(self) -> dict[str, SourceCache]:
        """Every cached source by key. This opens all of them; those of a newer larknb are left out."""
        known = {cached.folder for cached in self._opened.values()}
        self._open_all(folder for folder in self.folders() if folder not in known)
        return dict(sorted(self._opened.items(), key=lambda item: item[1].folder))

    def others(self, sources: Iterable[Source]) -> list[SourceCache]:
        """Return the cached sources that are none of these, as a rule without a look into the manifests of these."""
        asked = list(sources)
        places = {folder for source in asked for folder in named(self.root, source)}
        keys = {source.key for source in asked}
        return self._open_all(
            folder for folder in self.folders() if folder not in places and key_of(folder) not in keys
        )

    def _open_all(self, folders: Iterable[Path]) -> list[SourceCache]:
        found: list[SourceCache] = []
        for folder in folders:
            try:
                cached = SourceCache.open(folder)
            except Newer as error:
                log.warning("%s", error)
                continue
            if cached is not None:
                found.append(self._opened.setdefault(cached.manifest.key, cached))
        return found

    def open(self, folder: Path) -> SourceCache | None:
        """Return the cache in one of these folders, as it is now."""
        return SourceCache.open(folder)

    def of(self, source: Source) -> SourceCache:
        """Return the cache of a source to sync into; a renamed source's folder moves along.

        Only the holder of the workspace's lock may call this.

        Raises
        ------
        Newer
            A newer larknb wrote its manifest.
        """
        assert source.kind is not None, "a wiki link is resolved before its cache is asked for"
        cached, place = self.find(source), self.root / FOLDERS[source.kind]
        folder = folder_of(source, place, None if cached is None else cached.folder)
        if cached is not None and cached.folder != folder:
            cached = _moved(cached, folder)
        if cached is None:
            cached = SourceCache(folder, Manifest.of(source))
        cached.manifest = cached.manifest.told(source)
        self._opened[source.key] = cached
        return cached

    def forerunner(self, source: Source, configured: Collection[str]) -> SourceCache | None:
        """Return the cache that has a source's name, if it is of another one and none of the keys in the settings.

        Under that name people may have gone on with a copy of a base; then the source may `adopt` it. A source that
        was read has a cache of its own.
        """
        own = self.find(source)
        if source.key not in configured or (own is not None and own.tables):
            return None
        folder = named(self.root, source)[0]
        if not folder.is_dir() or key_of(folder) in ("", *configured):
            return None
        cached = SourceCache.open(folder)
        if cached is not None:
            cached.manifest = cached.manifest.told(source)
        return cached

    def adopt(self, source: Source, cached: SourceCache) -> None:
        """Go on with a forerunner as the cache of a source, which has no tables of its own."""
        own = self.find(source)
        if own is not None:  # it says no more than why the source could not be read
            (own.folder / FILE).unlink(missing_ok=True)
        self._opened[source.key] = cached


def _open(folder: Path, key: str) -> SourceCache | None:
    """Return a source's cache if its folder is that of a key."""
    try:
        cached = SourceCache.open(folder)
    except Newer:
        if manifest.key_of(folder) == key:
            raise
        return None
    return cached if cached is not None and cached.manifest.key == key else None


def _claimed(folder: Path, source: Source) -> SourceCache | None:
    """Return a cache whose manifest is damaged and whose snapshots do not say whose they are: it is told by its name.

    Where the manifest still says a key, that decides.
    """
    if not folder.is_dir() or key_of(folder) not in ("", source.key):
        return None
    cached = SourceCache.open(folder, source)
    return cached if cached is not None and cached.rebuilt and cached.manifest.key == source.key else None


def _moved(cached: SourceCache, folder: Path) -> SourceCache | None:
    """Rename a source's folder; None where something is in the way."""
    if folder.exists() and not folder.samefile(cached.folder):  # where case does not count, they may be the same
        return None
    folder.parent.mkdir(parents=True, exist_ok=True)
    cached.folder.rename(folder)
    cached.folder = folder
    return cached


class SourceCache:
    """One source's folder: its manifest and what it points to.

    Parameters
    ----------
    folder : Path
        Holds ``manifest.json``, or will as soon as it is saved.
    manifest : Manifest
        What is known of the source. It is never changed, only replaced.
    snapshot : str
        The earlier state that this is, if it is one (`larknb.cache.history.at`).
    rebuilt : bool
        The manifest was damaged or gone, and this one was made of the snapshots: nothing is deleted as long as this
        object lives.
    """

    def __init__(self, folder: Path, manifest: Manifest, snapshot: str = "", *, rebuilt: bool = False) -> None:
        self.folder, self.manifest, self.snapshot, self.rebuilt = folder, manifest, snapshot, rebuilt
        self._damaged: frozenset[str] = frozenset()  # files of the current state, as `check` found them

    @classmethod
    def open(cls, folder: Path, source: Source | None = None) -> SourceCache | None:
        """Return the cache in a folder; None where there is neither a manifest nor a snapshot.

        Parameters
        ----------
        source : Source, optional
            Whose folder it is, as far as that is known without its manifest.

        Raises
        ------
        Newer
            A newer larknb wrote the manifest.
        """
        try:
            found = manifest.read(folder)
        except Damaged as damaged:
            log.warning(say("cache.unreadable", path=damaged.path))
            log.debug("%s", damaged)
            found = None
        if found is not None:
            return cls(folder, found)
        again = rebuild.rebuilt(folder, source, kind_of(folder))
        return None if again is None else cls(folder, again, rebuilt=True)

    def reload(self) -> None:
        """Read the manifest again; where there is none that can be read, the one that was read first stays."""
        try:
            self.manifest = manifest.read(self.folder) or self.manifest
        except Damaged:
            log.debug("%s is damaged", self.folder / FILE)

    def as_it_was(self, snapshot: str, known: Manifest) -> SourceCache:
        """Return the source as an earlier state, which ``known`` tells."""
        state = copy(self)
        state.manifest, state.snapshot = known, snapshot
        return state

    def bring(self, path: Path) -> bool:  # noqa: ARG002  what `larknb.remote.published` does
        """Bring a file here that is missing or damaged, where there is a place to have it from; say whether it came."""
        return False

    def is_replaced(self) -> bool:
        """Say whether the manifest on the disk is another one by now."""
        now = SourceCache(self.folder, self.manifest)
        now.reload()
        return not self.snapshot and now.manifest != self.manifest

    def save(self, changed: Manifest) -> None:
        """Make another manifest current, on the disk and then here; earlier states get their records before."""
        changed = self._with_records(changed)
        self.manifest = manifest.write(self.folder, changed)

    def record(self, name: str) -> Record | None:
        """Return what an earlier state consisted of; None where that can no longer be told."""
        entry = self.manifest.snapshots[name]
        if entry.is_whole:
            return self._record_of(name, entry)
        try:
            return records.read(self.folder / "snapshots" / name)
        except Damaged as damaged:
            log.warning(say("cache.record", path=damaged.path))
            return None

    def _with_records(self, changed: Manifest) -> Manifest:
        """Write the records of states that have none yet, and note the checks of their files."""
        whole = {name: entry for name, entry in changed.snapshots.items() if entry.is_whole}
        if not whole:
            return changed
        known: dict[str, str] = {}
        for snapshot in records.folders(self.folder):
            if snapshot.name in whole:
                record = self._record_of(snapshot.name, whole[snapshot.name])
                records.write(snapshot, record)
                known |= {f"snapshots/{snapshot.name}/{name}": check for name, check in record.files.items()}
        light = {name: replace(entry, tables={}, guide=None) for name, entry in whole.items()}
        return replace(changed, snapshots={**changed.snapshots, **light}).with_checks(known)

    def _record_of(self, name: str, entry: SnapshotEntry) -> Record:
        """Return the record of a state that has none yet."""
        known, place = self.manifest, f"snapshots/{name}"
        past = {key: TableEntry.of(table) for key, table in entry.tables.items()}
        then = replace(known, tables=known.tables if name == known.snapshot else past, guide=entry.guide)
        files = {f"{place}/{each}" for each in records.names(self.folder / place)} & {*then.paths}
        checks = {path: check_file(self.folder / path) for path in sorted(files)}
        light = replace(entry, tables={}, guide=None)
        return records.record_of(
            name, then.with_checks(checks), light, {Path(path).name: each for path, each in checks.items()}
        )

    # --- what the manifest says -------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The source's name when it was last synced."""
        return self.manifest.name

    @property
    def tables(self) -> Mapping[str, TableEntry]:
        """The current tables by table_id."""
        return self.manifest.tables

    @property
    def guide(self) -> GuideEntry | None:
        """The current state of a document; None for a source that is none."""
        return self.manifest.guide

    @property
    def stamp(self) -> Stamp | None:
        """The gate's answer before the last read."""
        stamp = self.manifest.stamp
        return Stamp(stamp.mtime, stamp.settled) if stamp else None

    @property
    def entry(self) -> Entry | None:
        """What `decide` needs; None as long as nothing was read."""
        tables = [table for table in self.tables.values() if not table.gone]
        parts: list[TableEntry | GuideEntry] = [*tables, *([self.guide] if self.guide else [])]
        read = [part.read_at if part.tried_at is None else part.tried_at for part in parts]
        # What failed, or was damaged, is due at once, however young the rest is.
        checked_at = 0.0 if self.manifest.problem or self._damaged else self.manifest.checked_at
        return Entry(checked_at, min(read)) if read else None

    @property
    def parts(self) -> dict[str, str]:
        """What the source consists of: name by table_id, of a document also its title by its own token."""
        own = {self.manifest.token: self.guide.title} if self.guide else {}
        return own | {key: entry.name for key, entry in self.tables.items()}

    def is_typed_by(self, options: Options) -> bool:
        """Say whether all friendly files are there, of today's form, those of worksheets made by these options."""
        asked = typing_options(options)
        typed = all(
            entry.options == asked if entry.form == "grid" else entry.friendly_form == FORM
            for entry in self.tables.values()
        )
        return typed and not any(self.has_raw(entry) and self.lacks(entry.friendly) for entry in self.tables.values())

    def table_id(self, table: str) -> str | None:
        """Return the id of a table given its name or id; a table that is gone leaves its name to a new one."""
        if table in self.tables:
            return table
        named = [key for key, entry in self.tables.items() if entry.name == table]
        return min(named, key=lambda key: self.tables[key].gone, default=None)

    def read_at(self, part: str) -> float:
        """Return when the read of a table, or of the document by its own token, began."""
        entry = self.tables.get(part) or self.guide
        return entry.read_at if entry else 0.0

    def size(self, part: str) -> int:
        """Return the bytes of the current files of a table, or of the document by its own token."""
        paths: list[Path] = []
        if part in self.tables:
            paths = self._files(self.tables[part])
        elif self.guide is not None:
            paths = [self.folder / self.guide.folder / name for name in manifest.GUIDE_FILES]
        return sum(path.stat().st_size for path in paths if path.exists())

    # --- what a look learned ----------------------------------------------------------------------------------------

    def note(self, at: float, learned: Learned, *, options: str, full_at: float, stamp: Stamp | None = None) -> None:
        """Keep what a look that read nothing learned.

        Parameters
        ----------
        at : float
            When it began.
        options : str
            What identifies the settings that decide what is read.
        full_at : float
            When the last look began that asked everything.
        stamp : Stamp, optional
            The gate's answer; without one the last one stays.
        """
        self.save(self.manifest.after_look(at, learned, options=options, full_at=full_at, stamp=stamp))

    def note_problem(self, problem: str, at: float) -> None:
        """Keep the reason why a look failed; the data and the time of the last good look stay as they are."""
        self.save(replace(self.manifest, problem=problem, problem_at=at))

    # --- what a reader asks (`larknb.readers.base.Known`) -----------------------------------------------------------

    @property
    def state(self) -> Mapping[str, Any]:
        """What the reader wanted to remember."""
        return self.manifest.state

    @property
    def again(self) -> Collection[str]:
        """What must be read at the next look, whatever its stamps say; what is damaged is part of it."""
        guide = self.guide
        paths = [] if guide is None else [*manifest.paths_of((), guide), *self.shown(guide)]
        damaged = [self.manifest.token] if self._damaged & {*paths} else []
        damaged += [key for key, entry in self.tables.items() if entry.raw in self._damaged]
        return [*dict.fromkeys([*self.manifest.again, *damaged])]

    def shown(self, guide: GuideEntry) -> list[str]:
        """Return the pictures and files that lie there for a document, from the source's folder on."""
        found = [self.manifest.media[token].file for token in guide.media if token in self.manifest.media]
        return [file for file in found if file]

    @property
    def embedded(self) -> Mapping[str, Mapping[str, str]]:
        """What became of the tables that a document embeds."""
        return self.manifest.embedded

    def rows(self, table_id: str) -> int | None:
        """Return how many rows the cached table has, None if there is none or its raw file cannot be read."""
        entry = self.tables.get(table_id)
        return entry.rows if entry is not None and self.has_raw(entry) else None

    def has_raw(self, entry: TableEntry) -> bool:
        """Say whether the raw file of a table is there, and was whole when the files were checked."""
        return not self.lacks(entry.raw)

    def lacks(self, name: str) -> bool:
        """Say whether a file of the source's folder is missing, or was damaged when the files were checked."""
        return not name or name in self._damaged or not (self.folder / name).is_file()

    def check(self) -> frozenset[str]:
        """Look at every file of the current state, and return those that are missing or damaged.

        They count as missing from now on: a sync makes them again or fetches them.
        """
        self._damaged = frozenset(name for name, check in self.checks().items()
                                  if not is_whole(self.folder / name, check))  # fmt: skip
        return self._damaged

    def checks(self) -> dict[str, str]:
        """Return the checks of all files of the current state, by their place in the source's folder."""
        found = {table.raw: table.raw_check for table in self.tables.values()}
        found |= {table.delta: table.delta_check for table in self.tables.values() if table.delta}
        found |= {table.friendly: table.friendly_check for table in self.tables.values() if table.friendly}
        if self.guide is not None:
            names = manifest.GUIDE_FILES
            found |= {f"{self.guide.folder}/{name}": self.guide.checks.get(name, "") for name in names}
            found |= dict.fromkeys(self.shown(self.guide), "")
        return found | {media.file: media.check for media in self.manifest.media.values() if media.file in found}

    def address_of(self, part: str, file: str = "") -> str:
        """Return where other programs find a table, or a file of the document."""
        return str(self.folder / (file or f"{self.tables[part].file}.parquet"))

    def size_of(self, snapshot: str) -> int:
        """Return what the folder of a state takes on the disk by now."""
        place = self.folder / "snapshots" / snapshot
        return sum(each.stat().st_size for each in place.iterdir() if each.is_file()) if place.is_dir() else 0

    def _files(self, entry: TableEntry) -> list[Path]:
        return [self.folder / name for name in (entry.raw, entry.friendly) if name]

    def has_media(self, token: str) -> bool:
        """Say whether a picture or file of a document is there already."""
        media = self.manifest.media.get(token)
        return media is not None and media.file not in self._damaged and guidefiles.has_media(
            self.folder, self.manifest.media, token
        )  # fmt: skip

    def schema(self, table_id: str) -> pa.Schema:
        """Return the raw schema of a cached table of records."""
        return schema_of(self.folder / self.tables[table_id].raw)

    def record_ids(self, table_id: str) -> pa.ChunkedArray:
        """Return the record ids of a cached table, one per row."""
        entry = self.tables[table_id]
        return read_rows(self.folder / entry.raw, entry.raw_check, [RECORD_ID]).column(0)
