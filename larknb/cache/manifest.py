"""The manifest of a source: whose it is, which state of it is current, which older ones are kept, what a look learned.

It says what the current files in the source's folder are; what an older state consists of stands in the record of its
snapshot (`larknb.cache.records`). All of it has a type, `read` and `write` are the only ones that know its JSON, and a
seal over the whole tells a manifest that is as it was written from one that is not.
"""

from __future__ import annotations

import errno
import logging
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from itertools import count
from pathlib import Path
from typing import Any, Literal

import msgspec

from larknb import stored
from larknb.cache.checks import UNSEALED, Sealed, is_sealed, sealed, unsealed
from larknb.cache.policy import Held, snapshot_id
from larknb.decoding import ready
from larknb.files import is_there, read_plain, sync_folder
from larknb.files import replace as rename
from larknb.messages import say
from larknb.model import ColumnMemory, GridOptions, Kind, Learned, Source, Stamp

__all__ = [
    "FILE",
    "GUIDE_FILES",
    "OWN_NAMES",
    "Form",
    "GuideEntry",
    "Manifest",
    "MediaEntry",
    "PastTable",
    "SnapshotEntry",
    "StampEntry",
    "TableEntry",
    "is_inside",
    "is_plain",
    "key_of",
    "oddity",
    "paths_of",
    "read",
    "set_aside",
    "write",
]

FILE = "manifest.json"
# 1: what the sync itself must know stood among what the reader remembers. 2: every snapshot stood there whole.
# 3: no table had a delta. 4: a problem was that of all tables, and all rows of a table were always read.
FORMAT = 5
LATEST = 1e11  # epoch seconds that no clock shows: what says more is no time
# File names in the source's folder, without a suffix, that no table may have.
GUIDE_FILES = ("raw.json.gz", "guide.json", "guide.md")  # of a document, in the folder of its snapshot
OWN_NAMES = {"guide", "manifest", *(f"manifest.v{number}" for number in range(FORMAT))}

Form = Literal["records", "grid"]  # how a table came: record by record, or as the cells of a worksheet

log = logging.getLogger("larknb")


# --- tables ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class PastTable:
    """A table as an older state keeps it: the raw file alone, and what it takes to make the friendly form of it.

    Parameters
    ----------
    file : str
        Name of the files for other programs, without a suffix.
    raw, raw_check : str
        The raw file, from the source's folder on, and its check (`larknb.cache.checks`).
    delta, delta_check : str
        What stands for the raw file as soon as the state is not the current one (`larknb.cache.deltas`); empty where
        the raw file itself stays.
    read_at, computed_at : float
        When the read of the rows, and of the computed columns, began.
    whole_at : float, optional
        When the last read of all rows began, where only edited rows were read since.
    columns : mapping
        What `larknb.tabular.friendly.Friendly` learned of the columns.
    options : mapping
        The settings by which a grid becomes a table.
    gone : bool
        The table is no longer there; these are the last rows of it.
    """

    name: str
    file: str
    form: Form
    raw: str
    rows: int
    revision: int
    read_at: float
    computed_at: float
    columns: Mapping[str, ColumnMemory] = field(default_factory=dict)
    options: GridOptions = field(default_factory=GridOptions)
    gone: bool = False
    raw_check: str = ""
    delta: str = ""
    delta_check: str = ""
    whole_at: float | None = None


@dataclass(frozen=True, kw_only=True)
class TableEntry(PastTable):
    """A table of the current state.

    Parameters
    ----------
    friendly, friendly_check : str
        The friendly file, from the source's folder on; empty where it must be made of the raw one.
    friendly_form : int
        The form of that file, as `larknb.tabular.friendly.FORM` counts.
    misfits : int
        Rows that hold values which fit no type.
    held : Held, optional
        A newer reading that is held back.
    tried_at : float, optional
        When a read that was refused or held back began.
    """

    friendly: str = ""
    friendly_form: int = 1
    friendly_check: str = ""
    misfits: int = 0
    held: Held | None = None
    tried_at: float | None = None

    @classmethod
    def of(cls, past: PastTable) -> TableEntry:
        """Return a table of an older state as if it were the current one."""
        return cls(**_values(past))

    @property
    def fetched_at(self) -> float:
        """When the last read of all rows began, also one that was refused or held back."""
        return self.tried_at or self.whole_at or self.read_at

    def as_kept(self) -> TableEntry:
        """Return a table as it can be read when its state is not the current one any more."""
        return replace(self, raw=self.delta, raw_check=self.delta_check) if self.delta else self

    def past(self) -> PastTable:
        """Return what an older state keeps of this table."""
        return PastTable(**_values(self))


def _values(table: PastTable) -> Mapping[str, Any]:
    return {each.name: getattr(table, each.name) for each in fields(PastTable)}


# --- documents ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class GuideEntry:
    """A document: the folder of its files and its house form there, from the source's folder on, and what it shows.

    ``moved`` says that it was edited during every reading; ``media`` are the tokens of its pictures and files;
    ``checks`` are those of the files in its folder, by name; ``held`` and ``tried_at`` are as those of a `TableEntry`.
    """

    folder: str
    json: str
    title: str
    revision: int | str | None
    read_at: float
    moved: bool = False
    warnings: int = 0
    media: tuple[str, ...] = ()
    checks: Mapping[str, str] = field(default_factory=dict)
    held: Held | None = None
    tried_at: float | None = None

    @property
    def fetched_at(self) -> float:
        """When the last read began, also one that was held back."""
        return self.tried_at or self.read_at


@dataclass(frozen=True, kw_only=True)
class MediaEntry:
    """A picture or file of a document: where it lies, from the source's folder on, or why it could not be had.

    ``sha256`` is for those who read a guide, ``check`` for us (`larknb.cache.checks`).
    """

    file: str | None = None
    name: str | None = None
    mime: str | None = None
    bytes: int | None = None
    sha256: str | None = None
    check: str = ""
    status: Literal["failed", "skipped"] | None = None
    error: str | None = None


# --- the whole ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SnapshotEntry:
    """One state of the source that is kept, and what the sync that made it did.

    Parameters
    ----------
    sequence : int
        Its place among all states of the source: what came later has a higher one, whatever a clock said.
    tables, guide
        What it consists of, as long as its folder has no record of that yet.
    """

    sequence: int = 0
    synced_at: float
    rows: int
    added: int
    changed: int
    removed: int
    bytes: int
    calls: int
    identity: str
    tables: Mapping[str, PastTable] = field(default_factory=dict)
    guide: GuideEntry | None = None

    @classmethod
    def empty(cls) -> SnapshotEntry:
        """Return the state of a source before its first read."""
        return cls(synced_at=0.0, rows=0, added=0, changed=0, removed=0, bytes=0, calls=0, identity="")

    @property
    def is_whole(self) -> bool:
        """Say whether it tells itself what it consists of."""
        return bool(self.tables) or self.guide is not None


@dataclass(frozen=True)
class StampEntry:
    """The gate's answer from before the last read; see `larknb.model.Stamp`."""

    mtime: str
    settled: bool

    @classmethod
    def of(cls, stamp: Stamp) -> StampEntry:
        """Return what is kept of a stamp."""
        return cls(stamp.mtime, stamp.settled)


@dataclass(frozen=True, kw_only=True)
class Manifest(Sealed):
    """Everything that is known of a source.

    Parameters
    ----------
    name, kind, key, part, url, token, wiki, about
        The source as the last sync knew it; see `larknb.model.Source`. ``token`` is the one that the APIs take.
    snapshot : str, optional
        The id of the current state.
    tables, guide, media
        What the current state consists of; ``media`` also lists what older states show.
    snapshots : mapping
        The states that are kept, by id.
    checked_at : float
        When the last good look began.
    problem, problem_at
        Why the last look failed, and when; empty after a good one.
    failing : tuple of str
        The ids of the tables that it is about; empty where it is about all.
    identity : str
        Who read it, in words.
    state, again, embedded, contains
        What the last look learned, for the next one; see `larknb.model.Learned`. Nobody but the reader looks into its
        ``state``.
    options : str, optional
        What identifies the settings that decided what was read.
    full_at : float, optional
        When the last look began that asked everything.
    """

    name: str
    kind: Kind
    key: str
    url: str
    token: str
    part: str = ""
    wiki: bool = False
    about: Mapping[str, Any] = field(default_factory=dict)
    snapshot: str | None = None
    tables: Mapping[str, TableEntry] = field(default_factory=dict)
    guide: GuideEntry | None = None
    media: Mapping[str, MediaEntry] = field(default_factory=dict)
    snapshots: Mapping[str, SnapshotEntry] = field(default_factory=dict)
    stamp: StampEntry | None = None
    checked_at: float = 0.0
    problem: str = ""
    problem_at: float | None = None
    failing: tuple[str, ...] = ()
    identity: str = ""
    state: Mapping[str, Any] = field(default_factory=dict)
    again: tuple[str, ...] = ()
    embedded: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    contains: tuple[Kind, ...] = ()
    options: str | None = None
    full_at: float | None = None

    @classmethod
    def of(cls, source: Source) -> Manifest:
        """Return the manifest of a source that was never read."""
        assert source.kind is not None, "a wiki link is resolved before there is anything to keep"
        return cls(name=source.name, kind=source.kind, key=source.key, url=source.url, token=source.target)

    def told(self, source: Source) -> Manifest:
        """Return what is known of a source that may be called otherwise, and be another one, by now."""
        return replace(
            self, name=source.name, kind=source.kind or self.kind, key=source.key, part=source.part, url=source.url,
            token=source.target, wiki=source.wiki, about=dict(source.about) or self.about,
        )  # fmt: skip

    def after_look(self, at: float, learned: Learned, *, options: str, full_at: float, stamp: Stamp | None) -> Manifest:
        """Return what is known after a look that began ``at``; without a new stamp the last one stays."""
        return replace(
            self, checked_at=at, problem="", failing=(), stamp=self.stamp if stamp is None else StampEntry.of(stamp),
            state=learned.state, again=learned.again, embedded=learned.embedded, contains=learned.contains,
            options=options, full_at=full_at,
        )  # fmt: skip

    def with_checks(self, known: Mapping[str, str]) -> Manifest:
        """Return a manifest that tells these checks of its files, by their place in the source's folder."""
        tables = {
            key: replace(
                each, raw_check=known.get(each.raw, each.raw_check),
                delta_check=known.get(each.delta, each.delta_check) if each.delta else "",
                friendly_check=known.get(each.friendly, each.friendly_check) if each.friendly else "",
            )
            for key, each in self.tables.items()
        }  # fmt: skip
        guide = self.guide
        if guide is not None:
            found = {name: known.get(f"{guide.folder}/{name}", guide.checks.get(name, "")) for name in GUIDE_FILES}
            guide = replace(guide, checks=found)
        return replace(self, tables=tables, guide=guide)

    @property
    def ordered(self) -> list[str]:
        """The ids of the states that are kept, the newest last."""
        return sorted(self.snapshots, key=lambda name: (self.snapshots[name].sequence, name))

    @property
    def paths(self) -> Iterator[str]:
        """The files of the current state, from the source's folder on, pictures and files of documents among them."""
        yield from paths_of(self.tables.values(), self.guide, self.media.values())


def paths_of(tables: Iterable[PastTable], guide: GuideEntry | None, media: Iterable[MediaEntry] = ()) -> Iterator[str]:
    """Yield the files that a state consists of, from the source's folder on."""
    for table in tables:
        yield table.raw
        if table.delta:
            yield table.delta
        if isinstance(table, TableEntry) and table.friendly:
            yield table.friendly
    if guide is not None:
        yield from (f"{guide.folder}/{name}" for name in GUIDE_FILES)
    yield from (each.file for each in media if each.file)


# --- on disk --------------------------------------------------------------------------------------------------------


def read(folder: Path) -> Manifest | None:
    """Return the manifest of a source's folder, None where there is none.

    Raises
    ------
    stored.Damaged
        It is not what a larknb wrote, or cannot be read.
    stored.Newer
        A newer larknb wrote it.
    """
    path = folder / FILE
    try:
        if not _is_there(path):
            return None
        steps = {1: _with_state_apart, 2: _with_order, 3: unsealed, 4: unsealed}
        found = stored.read(path, Manifest, format=FORMAT, migrate=steps)
    except OSError as error:
        raise stored.Damaged(path, error.strerror or type(error).__name__) from error
    if found is not None and (reason := oddity(found)):
        raise stored.Damaged(path, reason)
    return found


def write(folder: Path, manifest: Manifest) -> Manifest:
    """Make a manifest current, in one step, and return it sealed; a damaged one that is there is set aside before."""
    set_aside(folder)
    whole = sealed(manifest)
    stored.write(folder / FILE, whole, format=FORMAT)
    return whole


def set_aside(folder: Path) -> None:
    """Rename a manifest that is damaged: the time of its last change becomes part of its name."""
    try:
        read(folder)
    except stored.Damaged as damaged:
        if isinstance(damaged.__cause__, OSError) and damaged.__cause__.errno not in UNREADABLE:
            raise damaged.__cause__ from None  # the disk may read it the next time
        at = snapshot_id(damaged.path.lstat().st_mtime)
        names = (f"{FILE}.damaged-{at}", *(f"{FILE}.damaged-{at}-{number}" for number in range(2, 100)))
        free = next(folder / name for name in names if not is_there(folder / name))
        rename(damaged.path, free)
        sync_folder(folder)
        log.warning(say("cache.damaged", path=free))


# A folder, a link to nothing, to itself or through a file, no right to read it: nothing that passes.
UNREADABLE = {None, errno.ENOENT, errno.EISDIR, errno.ELOOP, errno.ENOTDIR, errno.EACCES, errno.EPERM, errno.EINVAL}


def _is_there(path: Path) -> bool:
    """Say whether there is a manifest; OSError where something else has its place."""
    if not is_there(path):
        return False
    if not stat.S_ISREG(path.stat().st_mode):
        raise IsADirectoryError(errno.EISDIR, "no file", str(path))
    return True


def oddity(manifest: Manifest) -> str:
    """Return what no larknb writes into a manifest, empty where there is nothing of that kind."""
    if not is_sealed(manifest):
        return "its seal is broken"
    times = [manifest.checked_at, *(each.synced_at for each in manifest.snapshots.values())]
    names = {*manifest.snapshots, *(entry.file for entry in manifest.tables.values())}
    odd = [str(at) for at in times if not 0 <= at < LATEST]
    odd += [name for name in names if not is_plain(name)]
    odd += [name for name in manifest.paths if not is_inside(name)]
    return f"{odd[0]!r} is strange" if odd else ""


def is_plain(name: str) -> bool:
    """Say whether a name is one of a file or folder, and leads nowhere else."""
    return name not in (".", "..") and PLAIN.fullmatch(name) is not None


PLAIN = re.compile(r"[^/\\:\0]+")


def is_inside(name: str) -> bool:
    """Say whether a path leads to a file of snapshots or media below the source's folder."""
    first, *rest = name.split("/")
    return first in ("snapshots", "media") and bool(rest) and all(map(is_plain, rest))


def _with_state_apart(document: stored.Unchecked) -> stored.Unchecked:
    """Make format 2 of format 1: what the sync itself must know stood among what the reader remembers."""
    state = dict(document["state"])
    kinds = {part["kind"] for part in state.get("parts", {}).values()} | ({"bitable"} if state.get("bases") else set())
    known = {name: state.pop(name) for name in ("again", "embedded", "options", "full_at") if name in state}
    return {**document, **known, "state": state, "contains": sorted(kinds)}


def _with_order(document: stored.Unchecked) -> stored.Unchecked:
    """Make format 3 of format 2: the order of the snapshots was that of their times, and there were no seals."""
    if "seal" in document:
        raise ValueError("format 2 had no seal")
    numbers = zip(sorted(document["snapshots"]), count(1), strict=False)
    ordered = {name: {**document["snapshots"][name], "sequence": number} for name, number in numbers}
    return {**document, "snapshots": ordered, "seal": UNSEALED}


class _Head(msgspec.Struct):
    key: str = ""


def key_of(folder: Path) -> str:
    """Return the key of the source whose folder it is, at less cost than `read`, and of a newer manifest too.

    Empty where it cannot be told.
    """
    try:
        return msgspec.json.decode(read_plain(folder / FILE, stored.MOST), type=ready(_Head)).key
    except (OSError, ValueError, RecursionError, msgspec.MsgspecError):
        return ""
