"""Pointer: the one file of a published source that says what its current state is. It is written last.

``sources/<source>.json`` begins with what any program can use: which file each table is. Then comes what larknb needs
to read the source as its own cache: every file with its hash, the manifest, and the records of the states that are
kept. What concerns the publisher alone has been taken out of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

import msgspec

from larknb.cache.checks import Sealed, is_sealed, sealed
from larknb.cache.manifest import Manifest, TableEntry, is_inside, is_plain, oddity
from larknb.cache.records import Record
from larknb.decoding import ready
from larknb.messages import say

__all__ = ["FOLDER", "Pointer", "PublishedFile", "PublishedTable", "Strange", "cleaned", "decoded", "encoded",
           "name_of", "without_delta"]  # fmt: skip

FOLDER, SUFFIX = "sources", ".json"
FORMAT = 1


class Strange(Exception):  # noqa: N818  a state of the file
    """A pointer that does not say what it should, or that a newer larknb wrote."""


@dataclass(frozen=True, kw_only=True)
class PublishedFile:
    """A file of the store: its place there, its hash and size, and the check that the cache knows it by."""

    path: str
    sha256: str
    size: int
    check: str = ""


@dataclass(frozen=True, kw_only=True)
class PublishedTable:
    """A table for any program: the Parquet file of its current state, from the target on."""

    file: str
    table_id: str
    rows: int
    synced_at: str


@dataclass(frozen=True, kw_only=True)
class Pointer(Sealed):
    """What a published source is.

    Parameters
    ----------
    published_by : str
        The workspace that publishes it, as people call it.
    published_at, checked_at : str
        When this was written, and when somebody last looked whether the source had changed.
    tables : mapping
        The tables by what they are called.
    document : str
        The folder of the document, from the target on; empty for other sources.
    files : mapping
        All files, by their place in the folder of a cached source.
    """

    name: str
    kind: str
    url: str
    published_by: str
    published_at: str
    checked_at: str
    tables: Mapping[str, PublishedTable] = field(default_factory=dict)
    document: str = ""
    files: Mapping[str, PublishedFile]
    manifest: Manifest
    records: Mapping[str, Record] = field(default_factory=dict)


def name_of(stem: str) -> str:
    """Return the name of a pointer in its target."""
    return f"{FOLDER}/{stem}{SUFFIX}"


def cleaned(manifest: Manifest) -> Manifest:
    """Return a manifest without what concerns the publisher alone: who read, what failed, what a reader remembers."""
    tables = {key: replace(each, held=None, tried_at=None) for key, each in manifest.tables.items()}
    guide = manifest.guide and replace(manifest.guide, held=None, tried_at=None)
    states = {name: replace(each, identity="", tables={}, guide=None) for name, each in manifest.snapshots.items()}
    return replace(
        manifest, tables=tables, guide=guide, snapshots=states, about={}, stamp=None, problem="", problem_at=None,
        identity="", state={}, again=(), options=None, full_at=None,
    )  # fmt: skip


def without_delta(table: TableEntry) -> TableEntry:
    """Return a table that needs no earlier state."""
    return replace(table, delta="", delta_check="")


def encoded(pointer: Pointer) -> bytes:
    """Return a pointer as its file holds it."""
    whole = sealed(replace(pointer, manifest=sealed(pointer.manifest)))
    document = {"format": FORMAT, **{each.name: getattr(whole, each.name) for each in fields(whole)}}
    return msgspec.json.format(msgspec.json.encode(document), indent=1)


class _Head(msgspec.Struct):
    format: int = 0


def decoded(data: bytes) -> Pointer:
    """Return what the file of a pointer says; Strange where it is none, or leads out of its place."""
    try:
        if msgspec.json.decode(data, type=ready(_Head)).format > FORMAT:
            raise Strange(say("stored.newer.next"))
        found = msgspec.json.decode(data, type=ready(Pointer))
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Strange(str(error)) from error
    if not is_sealed(found):
        raise Strange("its seal is broken")
    if reason := _oddity(found):
        raise Strange(reason)
    return found


def _oddity(pointer: Pointer) -> str:
    """Return what no larknb writes into a pointer, empty where there is nothing of that kind."""
    odd = [place for place in pointer.files if not is_inside(place)]
    odd += [each.path for each in pointer.files.values() if not all(map(is_plain, each.path.split("/")))]
    odd += [name for name in pointer.records if not is_plain(name)]
    return oddity(pointer.manifest) or (f"{odd[0]!r} is strange" if odd else "")
