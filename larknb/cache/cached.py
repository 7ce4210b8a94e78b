"""SourceCache: one source's folder, its manifest and what it points to."""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from larknb.cache import manifest, media, rebuild, records
from larknb.cache.checks import UNSEALED, is_sealed, is_whole
from larknb.cache.folders import kind_of
from larknb.cache.gridfiles import typing_options
from larknb.cache.looks import Looks
from larknb.cache.manifest import FILE, LATEST, GuideEntry, Manifest, TableEntry
from larknb.cache.media import Lending
from larknb.cache.records import Record
from larknb.cache.tablefiles import row_groups, schema_of
from larknb.messages import say
from larknb.model import Entry, Learned, Options, Source, Stamp
from larknb.partial import Partial
from larknb.stored import Damaged
from larknb.tabular.friendly import FORM

__all__ = ["SourceCache"]

log = logging.getLogger("larknb")


def _size_of(path: str) -> int:
    try:
        return os.stat(path).st_size  # noqa: PTH116  there may be thousands, and a Path takes longer than the disk
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
        names: Iterable[str] = ()
        if part in self.tables:
            names = (self.tables[part].raw, self.tables[part].friendly)
        elif self.guide is not None:
            names = (f"{self.guide.folder}/{name}" for name in manifest.GUIDE_FILES)
        return sum(_size_of(f"{self.folder}{os.sep}{name}") for name in names if name)

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
        paths = [] if guide is None else [*manifest.paths_of((), guide), *self.shown(guide)]
        damaged = [self.manifest.token] if self._damaged & {*paths} else []
        damaged += [key for key, entry in self.tables.items() if entry.raw in self._damaged]
        return [*dict.fromkeys([*self.manifest.again, *damaged, *self._unfilled])]

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
            found |= dict.fromkeys(self.shown(self.guide), "")
        return found | {each.file: each.check for each in self.manifest.media.values() if each.file in found}

    def address_of(self, part: str, file: str = "") -> str:
        """Return where other programs find a table, or a file of the document."""
        return str(self.folder / (file or f"{self.tables[part].file}.parquet"))

    def size_of(self, snapshot: str) -> int:
        """Return what the folder of a state takes on the disk by now."""
        place = self.folder / "snapshots" / snapshot
        return sum(each.stat().st_size for each in place.iterdir() if each.is_file()) if place.is_dir() else 0

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
