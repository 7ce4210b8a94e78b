"""Pointers: what they leave out, and what is no pointer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest

from larknb.cache.manifest import Manifest, SnapshotEntry, TableEntry
from larknb.cache.records import record_of
from larknb.remote.pointer import Pointer, PublishedFile, Strange, cleaned, decoded, encoded, name_of

TABLE = TableEntry(
    name="t", file="t", form="records", raw="snapshots/a/t.raw.parquet", rows=1, revision=1, read_at=1, computed_at=1
)
MANIFEST = Manifest(
    name="s", kind="bitable", key="k", url="u", token="k", tables={"tbl": TABLE}, identity="王敏 (ou_1)"
)  # fmt: skip
RECORD = record_of("a", MANIFEST, SnapshotEntry.empty(), {})
POINTER = Pointer(
    name="s", kind="bitable", url="u", published_by="ws", published_at="now", checked_at="now", manifest=MANIFEST,
    files={"snapshots/a/t.raw.parquet": PublishedFile(path="raw/s/t/a.raw.parquet", sha256="0", size=1)},
)  # fmt: skip


def test_a_pointer_comes_back_as_it_was() -> None:
    """But for the seals that it got."""
    found = decoded(encoded(POINTER))
    assert replace(found, seal="", manifest=replace(found.manifest, seal="")) == POINTER
    assert name_of("s") == "sources/s.json"


def file_at(place: str, path: str) -> Pointer:
    return replace(POINTER, files={place: PublishedFile(path=path, sha256="0", size=1)})


STRANGE: dict[str, Callable[[], bytes]] = {
    "cut": lambda: encoded(POINTER)[:-20],
    "changed": lambda: encoded(POINTER).replace(b'"ws"', b'"xx"'),
    "nothing": lambda: b"",
    "a list": lambda: b"[]",
    "deep": lambda: b"[" * 100_000,
    "newer": lambda: msgspec.json.encode({"format": 99}),
    "a place above": lambda: encoded(file_at("snapshots/../../x", "raw/x")),
    "a place elsewhere": lambda: encoded(file_at("/etc/passwd", "raw/x")),
    "a path above": lambda: encoded(file_at("snapshots/a/x", "../other/x")),
    "a record above": lambda: encoded(replace(POINTER, records={"../..": RECORD})),
    "a table elsewhere": lambda: encoded(
        replace(POINTER, manifest=replace(MANIFEST, tables={"tbl": replace(TABLE, raw="../x")}))
    ),
}


@pytest.mark.parametrize("what", STRANGE)
def test_what_is_no_pointer_is_refused(what: str) -> None:
    """A file that is cut, changed or newer, and one that would lead a reader out of its own folder."""
    with pytest.raises(Strange):
        decoded(STRANGE[what]())


def test_a_manifest_is_published_without_what_is_private() -> None:
    """Who read, what failed and what a reader remembers is the publisher's own."""
    entry = replace(SnapshotEntry.empty(), identity="王敏 (ou_1)")
    known = replace(
        MANIFEST,
        problem="C:\\secret",
        state={"cursor": "x"},
        about={"owner": "ou_1"},
        options="o",
        snapshots={"a": entry},
    )
    told = encoded(replace(POINTER, manifest=cleaned(known))).decode()
    assert [each for each in ("ou_1", "王敏", "secret", "cursor") if each in told] == []
