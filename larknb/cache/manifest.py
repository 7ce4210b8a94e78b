"""The manifest of a source: whose it is, which state of it is current, which older ones are kept, what a look learned.

It is the one file that says what all others in the source's folder are. All of it has a type, and `read` and `write`
are the only ones that know its JSON.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

import msgspec

from larknb import stored
from larknb.cache.policy import Held
from larknb.messages import say
from larknb.model import ColumnMemory, GridOptions, Kind, Learned, Source, Stamp

__all__ = [
    "FILE",
    "OWN_NAMES",
    "Form",
    "GuideEntry",
    "Manifest",
    "MediaEntry",
    "PastTable",
    "SnapshotEntry",
    "StampEntry",
    "TableEntry",
    "key_of",
    "read",
    "write",
]

FILE = "manifest.json"
FORMAT = 2  # 1: what the sync itself must know stood among what the reader remembers
# File names in the source's folder, without a suffix, that no table may have.
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
    raw : str
        The raw file, from the source's folder on.
    read_at, computed_at : float
        When the read of the rows, and of the computed columns, began.
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


@dataclass(frozen=True, kw_only=True)
class TableEntry(PastTable):
    """A table of the current state.

    Parameters
    ----------
    friendly : str
        The friendly file, from the source's folder on; empty where it must be made of the raw one.
    misfits : int
        Rows that hold values which fit no type.
    held : Held, optional
        A newer reading that is held back.
    tried_at : float, optional
        When a read that was refused or held back began.
    """

    friendly: str = ""
    misfits: int = 0
    held: Held | None = None
    tried_at: float | None = None

    @classmethod
    def of(cls, past: PastTable) -> TableEntry:
        """Return a table of an older state as if it were the current one."""
        return cls(**_values(past))

    def past(self) -> PastTable:
        """Return what an older state keeps of this table."""
        return PastTable(**_values(self))


def _values(table: PastTable) -> Mapping[str, Any]:
    return {each.name: getattr(table, each.name) for each in fields(PastTable)}


# --- documents ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class GuideEntry:
    """A document: the folder of its files and its house form there, from the source's folder on, and what it shows.

    ``moved`` says that it was edited during every reading; ``media`` are the tokens of its pictures and files; ``held``
    and ``tried_at`` are as those of a `TableEntry`.
    """

    folder: str
    json: str
    title: str
    revision: int | str | None
    read_at: float
    moved: bool = False
    warnings: int = 0
    media: tuple[str, ...] = ()
    held: Held | None = None
    tried_at: float | None = None


@dataclass(frozen=True, kw_only=True)
class MediaEntry:
    """A picture or file of a document: where it lies, from the source's folder on, or why it could not be had."""

    file: str | None = None
    name: str | None = None
    mime: str | None = None
    bytes: int | None = None
    sha256: str | None = None
    status: Literal["failed", "skipped"] | None = None
    error: str | None = None


# --- the whole ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SnapshotEntry:
    """One state of the source that is kept: what the sync that made it did, and what it consists of."""

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
class Manifest:
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
            self, checked_at=at, problem="", stamp=self.stamp if stamp is None else StampEntry.of(stamp),
            state=learned.state, again=learned.again, embedded=learned.embedded, contains=learned.contains,
            options=options, full_at=full_at,
        )  # fmt: skip

    @property
    def guides(self) -> list[GuideEntry]:
        """The document in all states that are kept."""
        entries = [self.guide, *(snapshot.guide for snapshot in self.snapshots.values())]
        return [entry for entry in entries if entry is not None]


# --- on disk --------------------------------------------------------------------------------------------------------


def read(folder: Path) -> Manifest | None:
    """Return the manifest of a source's folder; a damaged one counts as none, and that is said in the log.

    Raises
    ------
    stored.Newer
        A newer larknb wrote it.
    """
    try:
        return stored.read(folder / FILE, Manifest, format=FORMAT, migrate={1: _with_state_apart})
    except stored.Damaged as damaged:
        log.warning(say("cache.damaged", path=damaged.path))
        log.debug("%s", damaged)
        return None


def write(folder: Path, manifest: Manifest) -> None:
    """Make a manifest current, in one step."""
    stored.write(folder / FILE, manifest, format=FORMAT)


def _with_state_apart(document: stored.Unchecked) -> stored.Unchecked:
    """Make format 2 of format 1: what the sync itself must know stood among what the reader remembers."""
    state = dict(document["state"])
    kinds = {part["kind"] for part in state.get("parts", {}).values()} | ({"bitable"} if state.get("bases") else set())
    known = {name: state.pop(name) for name in ("again", "embedded", "options", "full_at") if name in state}
    return {**document, **known, "state": state, "contains": sorted(kinds)}


class _Head(msgspec.Struct):
    key: str = ""


def key_of(folder: Path) -> str:
    """Return the key of the source whose folder it is, at less cost than `read`, and of a newer manifest too.

    Empty where it cannot be told.
    """
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=_Head).key
    except (OSError, ValueError, RecursionError, msgspec.MsgspecError):
        return ""
