"""Publishing: whole files first, the pointer of each source last.

``tables/<source>/<table>/<snapshot>.parquet`` are the tables as any engine reads them, ``documents/`` the guides,
``raw/`` what larknb needs beside them. A file never changes: what differs gets another name. So a reader, whose pointer
names files with their hashes, sees the old state or the new one, wherever a publish was interrupted. What no pointer
needs any more stays for a grace time, as somebody may still be reading it; only what larknb wrote is ever deleted.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Literal

from larknb.cache import friendly, records
from larknb.cache.cached import SourceCache
from larknb.cache.checks import Corrupt, check_file, is_whole
from larknb.cache.manifest import GUIDE_FILES, Manifest, TableEntry
from larknb.cache.parquet import ParquetFile
from larknb.cache.records import Record
from larknb.cache.tablefiles import ROW_GROUP
from larknb.errors import LarkError
from larknb.files import file_name
from larknb.messages import say
from larknb.outlets import delta
from larknb.remote import pointer as pointers
from larknb.remote.pointer import Pointer, PublishedFile, PublishedTable, Strange, cleaned, without_delta
from larknb.remote.target import Item, Target, reaching
from larknb.results.publish import PublishRow
from larknb.tabular.friendly import FORM

__all__ = ["GRACE", "Kept", "Publication", "Unfit", "utc"]

GRACE = 86_400.0  # seconds for which a file stays that no pointer names any more
AT_ONCE = 8  # uploads
TRIES = 3  # of one source: a sync may replace its state while it is on its way
READS = 2  # of one file: it may be replaced between its hash and its upload
FRIENDLY, RAWS = ".parquet", (".raw.parquet", ".delta.arrow.zst", ".grid.json.gz")

Call = Callable[[], None]
Titles = Callable[[SourceCache], Mapping[str, str]]


@dataclass
class Kept:
    """What the publisher remembers of a target, by the names of files there.

    ``begun`` may lie there without a pointer, as a crash left it; ``leaving`` says since when no pointer named a file.
    """

    begun: list[str] = field(default_factory=list)
    leaving: dict[str, float] = field(default_factory=dict)


class Unfit(LarkError):  # noqa: N818  as all of `larknb.errors`
    """A source that cannot be published as it is; the others can."""


class _Replaced(Exception):  # noqa: N818  a state of the cache
    """A sync replaced the state of a source while it was on its way."""


@dataclass(frozen=True)
class _Wanted:
    """A file that is to be there: its place in the source's folder, where it lies, its check."""

    place: str
    path: Path
    check: str


class Publication:
    """One publish to one target.

    Parameters
    ----------
    target : Target
        Where to; its lease is held.
    by : str
        The workspace, as people call it.
    now : float
        Epoch seconds.
    kept : Kept
        What is remembered of the target; `tidy` brings it up to date.
    titles : callable
        Tells what the tables of a source are called, by id.
    history : bool
        Publish all states that are kept, and not the current ones alone.
    """

    def __init__(
        self, target: Target, by: str, now: float, kept: Kept, titles: Titles, *, history: bool = False
    ) -> None:
        self.target, self.by, self.now, self.kept, self.titles, self.history = target, by, now, kept, titles, history
        with reaching(target, "write"):
            try:
                self._there = target.listing()
            except FileNotFoundError:
                self._there = {}
            self._before = dict(_pointers_in(target, self._there))
        self._after = dict(self._before)

    # --- one source ---------------------------------------------------------------------------------------------------

    def stems(self, caches: Sequence[SourceCache]) -> dict[str, SourceCache]:
        """Return what each source is called in the target: as before, else by its folder, and never as another one."""
        known = {each.manifest.key: stem for stem, each in self._before.items()}
        found: dict[str, SourceCache] = {}
        for cached in caches:
            taken = {stem.casefold() for stem in (*self._before, *found)}
            stem = known.get(cached.manifest.key) or file_name(cached.folder.name, cached.manifest.key, taken)
            found[stem] = cached
        return found

    def publish(self, stem: str, cached: SourceCache, note: Call, check: Call) -> PublishRow:
        """Publish one source.

        Parameters
        ----------
        note : callable
            Keeps ``self.kept`` on the disk: it names files that will come, or that are left behind.
        check : callable
            Makes sure of the lease.

        Raises
        ------
        Unfit
            A file of it is damaged, or a sync replaces its state again and again.
        """
        for _ in range(TRIES):
            try:
                return self._published(stem, cached, note, check)
            except (_Replaced, FileNotFoundError):
                cached.reload()
        raise Unfit(say("publish.moving.what"), source=cached.name, next=say("publish.moving.next"))

    def _published(self, stem: str, cached: SourceCache, note: Call, check: Call) -> PublishRow:
        before = self._before.get(stem)
        with tempfile.TemporaryDirectory(prefix="larknb-") as scratch:
            state = _State.of(cached, before, Path(scratch), history=self.history)
            told, missing = self._bring(stem, state, before, note)
        pointer = self._pointer(cached, state, told)
        if before is None or not _is_same(before, pointer):
            self._point(stem, pointer, note, check)
        is_new = before is None or before.manifest.snapshot != pointer.manifest.snapshot
        size = sum(file.size for file in missing)
        action: Literal["published", "unchanged"] = "published" if missing or is_new else "unchanged"
        return PublishRow(cached.name, pointer.kind, action, len(missing), size)

    def _point(self, stem: str, pointer: Pointer, note: Call, check: Call) -> None:
        """Make a pointer current; what only the one before it named is remembered, so that it can go some day."""
        if stem in self._before:
            self.kept.begun += self._left_by(stem, pointer)
        note()
        check()
        with reaching(self.target, "write"):
            self.target.put(pointers.name_of(stem), io.BytesIO(pointers.encoded(pointer)))
        self._after[stem] = pointer

    def _bring(
        self, stem: str, state: _State, before: Pointer | None, note: Call
    ) -> tuple[dict[str, PublishedFile], list[PublishedFile]]:
        """Upload the files that are not there; return all of them by their places, and those."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            told = [*pool.map(lambda each: self._told(stem, each, before), state.wanted)]
            pairs = [*zip(state.wanted, told, strict=True)]
            missing = [(each, file) for each, file in pairs if not self._is_there(file)]
            if missing:
                self.kept.begun += [file.path for _, file in missing]
                note()
            [*pool.map(lambda pair: self._upload(*pair), missing)]
        return {each.place: file for each, file in pairs}, [file for _, file in missing]

    def _told(self, stem: str, wanted: _Wanted, before: Pointer | None) -> PublishedFile:
        """Return what the pointer tells of a file; one whose check it knows already is not even read."""
        known = before.files.get(wanted.place) if before is not None else None
        if known is not None and wanted.check and known.check == wanted.check:
            return known
        with wanted.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = wanted.path.stat().st_size
        if wanted.check and wanted.check != check_file(wanted.path):
            raise Unfit(say("publish.damaged.what", path=wanted.path), next=say("publish.damaged.next"))
        name = _name(stem, wanted.place)
        if known is not None and known.sha256 == digest:
            name = known.path
        elif name in self._there:  # of another content, as far as anybody knows: that one may be read just now
            stem, dot, suffix = name.rpartition("/")[2].partition(".")
            name = f"{name.rpartition('/')[0]}/{stem}-{digest[:8]}{dot}{suffix}"
        return PublishedFile(path=name, sha256=digest, size=size, check=wanted.check)

    def _is_there(self, file: PublishedFile) -> bool:
        item = self._there.get(file.path)
        return item is not None and item.size == file.size

    def _upload(self, wanted: _Wanted, file: PublishedFile) -> None:
        with wanted.path.open("rb") as data:
            hashed = _Hashed(data)
            with reaching(self.target, "write"):
                self.target.put(file.path, hashed)
        if hashed.digest() != file.sha256:
            raise _Replaced
        self._there[file.path] = Item(file.size, self.now)

    def _pointer(self, cached: SourceCache, state: _State, files: Mapping[str, PublishedFile]) -> Pointer:
        known = state.manifest
        tables = {
            title: PublishedTable(
                file=files[entry.friendly].path, table_id=key, rows=entry.rows, synced_at=utc(entry.read_at)
            )
            for key, title in self.titles(cached).items()
            if (entry := known.tables.get(key)) is not None
        }  # fmt: skip
        document = "" if known.guide is None else files[known.guide.json].path.rpartition("/")[0]
        return Pointer(
            name=cached.name, kind=known.kind, url=known.url, published_by=self.by, published_at=utc(self.now),
            checked_at=utc(known.checked_at), tables=tables, document=document, files=files, manifest=known,
            records=state.records,
        )  # fmt: skip

    # --- what is there no more ----------------------------------------------------------------------------------------

    def _left_by(self, stem: str, now: Pointer | None) -> list[str]:
        """Return what only the pointer of before may need: its files, and the Delta tables that are none any more."""
        before = self._before[stem]
        gone = delta.places(stem, before.manifest) - (set() if now is None else delta.places(stem, now.manifest))
        return [*(file.path for file in before.files.values()), *self._below(gone)]

    def _below(self, places: Iterable[str]) -> list[str]:
        places = tuple(places)
        return [name for name in self._there if name.startswith(places)]

    def withdraw(self, keys: Iterable[str], note: Call, check: Call) -> Iterator[PublishRow]:
        """Delete the pointers of all sources but these; their files follow after the grace time."""
        wanted = {*keys}
        for stem, pointer in self._before.items():
            if pointer.manifest.key not in wanted:
                self.kept.begun += self._left_by(stem, None)
                note()
                check()
                with reaching(self.target, "write"):
                    self.target.delete(pointers.name_of(stem))
                del self._after[stem]
                yield PublishRow(pointer.name, pointer.kind, "removed")

    def tidy(self) -> None:
        """Delete the files that no pointer has named for the grace time; ``kept`` remembers the others."""
        needed = {file.path for pointer in self._after.values() for file in pointer.files.values()}
        needed |= {*self._below(set().union(*(delta.places(stem, now.manifest) for stem, now in self._after.items())))}
        named = {file.path for pointer in self._before.values() for file in pointer.files.values()}
        ours = {*named, *self.kept.begun, *self.kept.leaving} & self._there.keys()
        leaving = {name: self.kept.leaving.get(name, self.now) for name in sorted(ours - needed)}
        over = [name for name, since in leaving.items() if self.now - since >= GRACE]
        for name in over:
            with reaching(self.target, "write"):
                self.target.delete(name)
        self.kept.begun, self.kept.leaving = [], {name: leaving[name] for name in leaving.keys() - {*over}}


def _pointers_in(target: Target, there: Mapping[str, Item]) -> Iterator[tuple[str, Pointer]]:
    """Yield the pointers of a target by the names of their sources; a damaged one is written anew."""
    for name in sorted(there):
        stem = name.removeprefix(f"{pointers.FOLDER}/").removesuffix(".json")
        if name == pointers.name_of(stem) and "/" not in stem:
            with suppress(Strange, FileNotFoundError):
                yield stem, pointers.decoded(target.read(name))


def _is_same(before: Pointer, after: Pointer) -> bool:
    """Say whether two pointers say the same, but for the time of writing."""
    plain = pointers.decoded(pointers.encoded(after))
    return replace(before, published_at="", seal="") == replace(plain, published_at="", seal="")


def utc(at: float) -> str:
    """Return a time as every machine reads it."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


# --- one state ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _State:
    """What is published of a source: its manifest without what is private, its records, its files."""

    manifest: Manifest
    records: Mapping[str, Record]
    wanted: Sequence[_Wanted]

    @classmethod
    def of(cls, cached: SourceCache, before: Pointer | None, scratch: Path, *, history: bool) -> _State:
        """Return the present state, and with ``history`` the earlier ones; what must be made lies in ``scratch``."""
        checks, known = cached.checks(), cached.manifest
        found = records.read_all(cached.folder) if history else {}
        states, places = _earlier(cached, found) if history else ({}, set())
        if not history:
            known = replace(known, tables={key: without_delta(each) for key, each in known.tables.items()})
        tables = {key: _with_friendly(cached, entry, before, scratch) for key, entry in known.tables.items()}
        known = cleaned(replace(known, tables={key: entry for key, (entry, _) in tables.items()}))
        made = {entry.friendly: path for entry, path in tables.values()}
        known, states = _with_states(known, states)
        checks |= {entry.friendly: entry.friendly_check for entry, _ in tables.values()}
        for id_, record in found.items():
            checks |= {f"snapshots/{id_}/{name}": check for name, check in record.files.items()}
        wanted = [
            _Wanted(place, _own(made.get(place, cached.folder / place), cached.folder, scratch), checks.get(place, ""))
            for place in sorted(places | {*known.paths})
        ]
        return cls(known, states, wanted)


def _own(path: Path, *folders: Path) -> Path:
    """Return a file that lies in one of these folders; Unfit where a link leads elsewhere: nobody meant that."""
    real = Path(os.path.realpath(path))
    if not any(real.is_relative_to(os.path.realpath(folder)) for folder in folders):
        raise Unfit(say("publish.link.what", path=path), next=say("publish.damaged.next"))
    return path


def _earlier(cached: SourceCache, found: Mapping[str, Record]) -> tuple[dict[str, Record], set[str]]:
    """Return the earlier states that can be told whole, and all files that they need."""
    states: dict[str, Record] = {}
    places: set[str] = set()
    for name in cached.manifest.ordered:
        record = cached.record(name)
        needed = None if record is None else records.with_needs(record.paths, found)
        if record is not None and needed is not None and all((cached.folder / place).is_file() for place in needed):
            states[name] = record
            places |= needed
    return states, places


def _with_states(known: Manifest, states: Mapping[str, Record]) -> tuple[Manifest, dict[str, Record]]:
    """Return a manifest that keeps these states, and the present one, and their records without what is private."""
    current = known.snapshot or ""
    kept = {name: entry for name, entry in known.snapshots.items() if name in states or name == current}
    shown = {token for each in states.values() if each.guide is not None for token in each.guide.media}
    shown |= set(known.guide.media) if known.guide is not None else set()
    media = {token: each for token, each in known.media.items() if token in shown}
    known = replace(known, snapshots=kept, media=media)
    clean = {name: _cleaned_record(record) for name, record in states.items()}
    if current in kept and current not in clean:
        clean[current] = records.record_of(current, known, kept[current], {})
    return known, clean


def _cleaned_record(record: Record) -> Record:
    tables = {key: replace(each, held=None, tried_at=None) for key, each in record.tables.items()}
    return replace(record, about={}, options=None, entry=replace(record.entry, identity=""), tables=tables)


def _with_friendly(
    cached: SourceCache, entry: TableEntry, before: Pointer | None, scratch: Path
) -> tuple[TableEntry, Path]:
    """Return a table with its friendly file and where that lies: it is made in ``scratch`` where there is none."""
    known = before.files.get(entry.friendly) if before is not None and entry.friendly else None
    path, check = cached.folder / entry.friendly, entry.friendly_check
    if friendly.is_current(entry) and ((known is not None and check and known.check == check) or is_whole(path, check)):
        return entry, path
    place = f"{entry.raw.rpartition('/')[0]}/{entry.file}{FRIENDLY}"
    path = scratch / f"{len([*scratch.iterdir()])}{FRIENDLY}"
    try:
        table = friendly.read(cached, entry)
    except Corrupt as error:
        raise Unfit(say("publish.damaged.what", path=error.path), next=say("publish.damaged.next")) from error
    with ParquetFile(path, table.schema) as file:
        file.write_table(table, row_group_size=ROW_GROUP)
    return replace(entry, friendly=place, friendly_form=FORM, friendly_check=check_file(path)), path


def _name(stem: str, place: str) -> str:
    """Return where a file of a source's folder goes in the target."""
    first, *middle, file = place.split("/")
    if first == "media":
        return f"documents/{stem}/media/{file}"
    snapshot = "/".join(middle)
    if file in GUIDE_FILES:
        return f"documents/{stem}/{snapshot}/{file}"
    suffix = next((each for each in (*RAWS, FRIENDLY) if file.endswith(each)), "")
    room = "raw" if suffix in RAWS else "tables"
    return f"{room}/{stem}/{file.removesuffix(suffix)}/{snapshot}{suffix}"


class _Hashed:
    """A file that is hashed while it is read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._hash = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._hash.update(data)
        return data

    def digest(self) -> str:
        """Return the hash of what was read."""
        return self._hash.hexdigest()
