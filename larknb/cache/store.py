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
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa

from larknb.cache import listing, manifest, media, rebuild, records
from larknb.cache.checks import UNSEALED, is_sealed, is_whole
from larknb.cache.folders import FOLDERS, folder_of, key_of, kind_of
from larknb.cache.gridfiles import typing_options
from larknb.cache.looks import Looks
from larknb.cache.manifest import FILE, LATEST, GuideEntry, Manifest, TableEntry
from larknb.cache.media import Lending
from larknb.cache.records import Record
from larknb.cache.tablefiles import row_groups, schema_of
from larknb.files import file_name
from larknb.messages import say
from larknb.model import KINDS, Entry, Learned, Options, Source, Stamp
from larknb.partial import Partial
from larknb.stored import Damaged, Newer
from larknb.tabular.friendly import FORM

__all__ = ["INNER", "Cache", "SourceCache"]

INNER = (*FOLDERS.values(), listing.FOLDER)  # what a cache consists of

log = logging.getLogger("larknb")


class Cache:
    """All cached sources of a workspace, below ``root``; each is opened when it is first asked for, and once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._opened: dict[str, SourceCache] = {}  # by key
        self._lending = Lending(self.folders)
        self._places = {kind: root / folder for kind, folder in FOLDERS.items()}

    @cached_property
    def _looks(self) -> Looks:
        return Looks(self.root)

    def save_looks(self) -> None:
        """Keep when the sources were looked at that had not changed."""
        self._looks.save()

    def folders(self) -> list[Path]:
        """Return the folder of every source that has a manifest, or snapshots that tell one; open none."""
        return [*self._folders()]

    def _folders(self, known: Collection[Path] = ()) -> Iterator[Path]:
        """Yield the folder of every source that none of the ``known`` ones is."""
        passed = {str(folder) for folder in known}
        for place in sorted(self._places.values()):
            # There may be thousands, and a Path takes longer than the disk.
            for name in sorted(os.listdir(place)) if place.is_dir() else ():  # noqa: PTH208
                path = f"{place}{os.sep}{name}"
                if path not in passed and (os.path.lexists(f"{path}/{FILE}") or records.folders(place / name)):
                    yield place / name

    def find(self, source: Source) -> SourceCache | None:
        """Return the cache of a source, None if there is none.

        Its name tells its folder. Only where that is not so, because it was renamed or has no name, the keys in all
        manifests are looked at.

        Raises
        ------
        Newer
            A newer larknb wrote its manifest.
        """
        key = source.key
        if key not in self._opened:
            found = self._find(source)
            if found is not None:
                self._take(found)
        return self._opened.get(key)

    def _find(self, source: Source) -> SourceCache | None:
        key = source.key
        if found := next((cached for folder in self._likely(source) if (cached := _open(folder, key))), None):
            return found
        likely = [*self._likely(source)]
        if key in self._by_key and self._by_key[key] not in likely:
            found = _open(self._by_key[key], key)
        return found or next((cached for folder in likely if (cached := _claimed(folder, source))), None)

    def _take(self, cached: SourceCache) -> SourceCache:
        """Remember what was opened, as the first that was opened of its source."""
        cached.looks = self._looks
        return self._opened.setdefault(cached.manifest.key, cached)

    def _likely(self, source: Source) -> Iterator[Path]:
        """Yield the folders that a source may have by its name, last those for where another one has its name."""
        yield from self._named(source)
        yield from self._named(source, frozenset({file_name(source.name, source.key).casefold()}))

    def _named(self, source: Source, taken: frozenset[str] = frozenset()) -> list[Path]:
        """Return the folder that its name gives a source, for each kind that it may be of."""
        name = file_name(source.name, source.key, taken)
        return [self._places[kind] / name for kind in ([source.kind] if source.kind else KINDS)]

    @cached_property
    def _by_key(self) -> dict[str, Path]:
        return {key_of(folder): folder for folder in self.folders()}

    @property
    def sources(self) -> dict[str, SourceCache]:
        """Every cached source by key. This opens all of them; those of a newer larknb are left out."""
        self._open_all(self._folders([cached.folder for cached in self._opened.values()]))
        return dict(sorted(self._opened.items(), key=lambda item: item[1].folder))

    def others(self, sources: Iterable[Source]) -> list[SourceCache]:
        """Return the cached sources that are none of these, as a rule without a look into the manifests of these."""
        asked = list(sources)
        places = [folder for source in asked for folder in self._named(source)]
        keys = {source.key for source in asked}
        return self._open_all(folder for folder in self._folders(places) if key_of(folder) not in keys)

    def _open_all(self, folders: Iterable[Path]) -> list[SourceCache]:
        found: list[SourceCache] = []
        for folder in folders:
            try:
                cached = SourceCache.open(folder)
            except Newer as error:
                log.warning("%s", error)
                continue
            if cached is not None:
                found.append(self._take(cached))
        return found

    def of(self, source: Source) -> SourceCache:
        """Return the cache of a source to sync into; a renamed source's folder moves along.

        Only the holder of the workspace's lock may call this.

        Raises
        ------
        Newer
            A newer larknb wrote its manifest.
        """
        assert source.kind is not None, "a wiki link is resolved before its cache is asked for"
        cached, place = self.find(source), self._places[source.kind]
        folder = folder_of(source, place, cached.folder if cached else None)
        if cached is not None and cached.folder != folder:
            cached = _moved(cached, folder)
        if cached is None:
            cached = SourceCache(folder, Manifest.of(source))
        cached.manifest, cached.looks, cached.lending = cached.manifest.told(source), self._looks, self._lending
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
        folder = self._named(source)[0]
        if not folder.is_dir() or key_of(folder) in ("", *configured):
            return None
        cached = SourceCache.open(folder)
        if cached is not None:
            cached.manifest, cached.lending = cached.manifest.told(source), self._lending
        return cached

    def adopt(self, source: Source, cached: SourceCache) -> None:
        """Go on with a forerunner as the cache of a source, which has no tables of its own."""
        own = self.find(source)
        if own is not None:  # it says no more than why the source could not be read
            (own.folder / FILE).unlink(missing_ok=True)
        cached.looks = self._looks
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


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


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
        self.lending = Lending(list)  # of a source that stands alone
        self._unfilled: frozenset[str] = frozenset()  # tables of which files are missing, as `check` found them
        self.looks: Looks | None = None  # of all sources, where looks that learn nothing are kept apart
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

    def is_replaced(self) -> bool:
        """Say whether the manifest on the disk is another one by now."""
        now = SourceCache(self.folder, self.manifest)
        now.reload()
        return not self.snapshot and now.manifest != self.manifest

    def save(self, changed: Manifest) -> None:
        """Make another manifest current, on the disk and then here; earlier states get their records before."""
        changed = records.with_records(self.folder, self.manifest, changed)
        self.manifest = manifest.write(self.folder, changed)

    def record(self, name: str) -> Record | None:
        """Return what an earlier state consisted of; None where that can no longer be told."""
        entry = self.manifest.snapshots[name]
        if entry.is_whole:
            return records.of_older(self.folder, self.manifest, name, entry)
        try:
            return records.read(self.folder / "snapshots" / name)
        except Damaged as damaged:
            log.warning(say("cache.record", path=damaged.path))
            return None

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
    def checked_at(self) -> float:
        """When the last good look began."""
        at = self.looks.at(self.manifest.key, self.manifest.seal) if self.looks else 0.0
        return at if 0 < at < LATEST else self.manifest.checked_at

    @property
    def entry(self) -> Entry | None:
        """What `decide` needs; None as long as nothing was read."""
        tables = [table for table in self.tables.values() if not table.gone]
        parts: list[TableEntry | GuideEntry] = [*tables, *([self.guide] if self.guide else [])]
        read = [part.fetched_at for part in parts]
        # What failed, or was damaged, is due at once, however young the rest is.
        is_due = self.manifest.problem or self._damaged or self._unfilled
        checked_at = 0.0 if is_due else self.checked_at
        return Entry(checked_at, min(read)) if read else None

    @property
    def parts(self) -> dict[str, str]:
        """What the source consists of: name by table_id, of a document also its title by its own token."""
        own = {self.manifest.token: self.guide.title} if self.guide else {}
        return own | {key: entry.name for key, entry in self.tables.items()}

    def is_typed_by(self, options: Options) -> bool:
        """Say whether all friendly files are there, of today's form, those of worksheets made by these options."""
        typed = all(
            entry.options == typing_options(options, key, entry.name)
            if entry.form == "grid"
            else entry.friendly_form == FORM
            for key, entry in self.tables.items()
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
        return sum(map(_size_of, paths))

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
        changed = self.manifest.after_look(at, learned, options=options, full_at=full_at, stamp=stamp)
        # Thousands of sources may be as they were: what is kept of that must not be a file for each.
        if self.looks is not None and self._holds(replace(changed, checked_at=self.manifest.checked_at)):
            self.looks.note(changed.key, changed.seal, at)
        else:
            self.save(changed)

    def _holds(self, told: Manifest) -> bool:
        """Say whether the manifest on the disk says just that."""
        return not self.rebuilt and told.seal != UNSEALED and is_sealed(told)

    def note_problem(self, problem: str, at: float, failing: Iterable[str] = ()) -> None:
        """Keep the reason why a look failed; the data and the time of the last good look stay as they are.

        ``failing`` are the tables that it is about, where it is not about all.
        """
        looked = replace(self.manifest, checked_at=self.checked_at)
        self.save(replace(looked, problem=problem, problem_at=at, failing=tuple(failing)))

    # --- what a reader asks (`larknb.readers.base.Known`) -----------------------------------------------------------

    @property
    def state(self) -> Mapping[str, Any]:
        """What the reader wanted to remember."""
        return self.manifest.state

    @property
    def again(self) -> Collection[str]:
        """What must be read at the next look, whatever its stamps say; what is damaged is part of it."""
        guide = self.guide
        paths = [] if guide is None else [*manifest.paths_of((), guide), *self._shown(guide)]
        damaged = [self.manifest.token] if self._damaged & {*paths} else []
        damaged += [key for key, entry in self.tables.items() if entry.raw in self._damaged]
        return [*dict.fromkeys([*self.manifest.again, *damaged, *self._unfilled])]

    def _shown(self, guide: GuideEntry) -> list[str]:
        """Return the pictures and files that lie there for a document."""
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
        there = {key: entry for key, entry in self.tables.items() if self.has_raw(entry)}
        self._unfilled = frozenset(media.unfilled(self.folder, self.manifest, there))
        return self._damaged

    def checks(self) -> dict[str, str]:
        """Return the checks of all files of the current state, by their place in the source's folder."""
        found = {table.raw: table.raw_check for table in self.tables.values()}
        found |= {table.delta: table.delta_check for table in self.tables.values() if table.delta}
        found |= {table.friendly: table.friendly_check for table in self.tables.values() if table.friendly}
        if self.guide is not None:
            names = manifest.GUIDE_FILES
            found |= {f"{self.guide.folder}/{name}": self.guide.checks.get(name, "") for name in names}
            found |= dict.fromkeys(self._shown(self.guide), "")
        return found | {each.file: each.check for each in self.manifest.media.values() if each.file in found}

    def _files(self, entry: TableEntry) -> list[Path]:
        return [self.folder / name for name in (entry.raw, entry.friendly) if name]

    def has_media(self, token: str, *, proven: bool = False) -> bool:
        """Say whether a picture or file is there already; ``proven``: its bytes are looked at."""
        known = self.manifest.media.get(token)
        is_damaged = known is not None and known.file in self._damaged
        return not is_damaged and media.has_media(self.folder, self.manifest.media, token, proven=proven)

    def partial(self, token: str) -> Partial:
        """Return where a picture or file is to be written that is not there, with what came of it before."""
        part = Partial(self.folder / media.FOLDER, token)
        if not part.is_there():
            self.lending.lend(token, part)
        return part

    def schema(self, table_id: str) -> pa.Schema:
        """Return the raw schema of a cached table of records."""
        return schema_of(self.folder / self.tables[table_id].raw)

    def row_groups(self, table_id: str, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """Yield the raw rows of a cached table, or some columns of them; Corrupt where they are not as written."""
        entry = self.tables[table_id]
        yield from row_groups(self.folder / entry.raw, entry.raw_check, columns)
