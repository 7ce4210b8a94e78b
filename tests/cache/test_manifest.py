"""The manifest on the disk: what is read of it, of an older one, of a newer one, and of anything else."""

from __future__ import annotations

import json
import os
from dataclasses import FrozenInstanceError, replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from larknb.cache import manifest
from larknb.cache.checks import check_of
from larknb.cache.manifest import GuideEntry, Manifest, MediaEntry, SnapshotEntry, StampEntry, TableEntry
from larknb.cache.policy import Held
from larknb.model import Learned, Source, Stamp
from larknb.stored import Damaged, Newer

SOURCE = Source(
    "指引", "https://x.feishu.cn/wiki/Wik", "document", "Wik", wiki=True, obj_token="Doc", about={"space": 1}
)
TABLE = TableEntry(
    name="缺陷", file="缺陷", form="records", raw="snapshots/a/缺陷.raw.parquet", rows=3, revision=2, read_at=5.0,
    computed_at=6.0, columns={"fldA": {"of": "x"}}, friendly="snapshots/a/缺陷.parquet", misfits=1,
    held=Held("digest", 7.0), tried_at=8.0,
)  # fmt: skip
GUIDE = GuideEntry(
    folder="snapshots/a", json="snapshots/a/guide.json", title="t", revision=3, read_at=5.0, media=("m",)
)
SNAPSHOT = SnapshotEntry(
    sequence=1, synced_at=5.0, rows=3, added=3, changed=0, removed=0, bytes=10, calls=4, identity="王敏",
)  # fmt: skip
WHOLE = replace(
    Manifest.of(SOURCE).told(SOURCE), snapshot="a", tables={"tblA": TABLE}, guide=GUIDE, snapshots={"a": SNAPSHOT},
    media={"m": MediaEntry(file="media/m.png", bytes=4), "n": MediaEntry(status="failed", error="gone")},
    stamp=StampEntry("9", True), checked_at=9.0, problem="p", problem_at=8.5, identity="王敏", state={"any": [1, None]},
    again=("tblA",), embedded={"tblA": {"status": "ok"}}, contains=("bitable",), options="{}", full_at=4.0,
)  # fmt: skip


def write_json(folder: Path, document: Any) -> None:
    (folder / "manifest.json").write_text(json.dumps(document), encoding="utf-8")


def read_json(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return document


def test_everything_comes_back(tmp_path: Path) -> None:
    """Each field, and those of what it holds."""
    manifest.write(tmp_path, WHOLE)
    found = manifest.read(tmp_path)
    assert found is not None
    assert replace(found, seal="") == WHOLE


def test_a_manifest_cannot_be_changed() -> None:
    """Whoever has it in hand may rely on it; a change makes another one."""
    with pytest.raises(FrozenInstanceError):
        WHOLE.problem = "other"  # type: ignore[misc]


def test_a_state_of_the_history_keeps_no_friendly_file() -> None:
    """Only what it takes to make the table again; as the current one it asks for that."""
    assert not hasattr(TABLE.past(), "friendly")
    again = TableEntry.of(TABLE.past())
    assert (again.friendly, again.raw, again.columns, again.held) == ("", TABLE.raw, TABLE.columns, None)


# --- older ones -----------------------------------------------------------------------------------------------------


def as_format_1(state: dict[str, Any]) -> dict[str, Any]:
    """Return a manifest as 0.1.0 wrote it: what the sync must know stands among what the reader remembers."""
    return {
        "format": 1, "snapshot": None, "tables": {}, "snapshots": {}, "state": state, "identity": "", "name": "s",
        "kind": "document", "key": "Doc", "part": "", "url": "https://x", "token": "Doc", "wiki": False, "about": {},
    }  # fmt: skip


def test_the_memory_of_the_sync_leaves_that_of_the_reader(tmp_path: Path) -> None:
    """Options, time of the last full look, what is to be read again, what became of embedded tables."""
    embedded = {"Sht_a": {"status": "failed", "problem": "p"}}
    known = {"again": ["Sht_a"], "embedded": embedded, "options": '{"view":"v"}', "full_at": 5.0}
    write_json(tmp_path, as_format_1({"revision": 3, **known}))
    found = manifest.read(tmp_path)
    assert found is not None
    assert (found.again, found.embedded, found.options, found.full_at) == (("Sht_a",), embedded, '{"view":"v"}', 5.0)
    assert found.state == {"revision": 3}


@pytest.mark.parametrize(("state", "kinds"), [
    ({}, ()),
    ({"parts": {}, "bases": {}}, ()),
    ({"parts": {"S": {"kind": "spreadsheet", "ids": ["a"]}, "B": {"kind": "bitable", "ids": ["b"]}}},
     ("bitable", "spreadsheet")),
    ({"bases": {"App": {"revisions": {}}}}, ("bitable",)),
])  # fmt: skip
def test_what_a_source_contains_is_told_by_the_memory_of_its_reader(
    tmp_path: Path, state: dict[str, Any], kinds: tuple[str, ...]
) -> None:
    """A login needs scopes for it before the next look."""
    write_json(tmp_path, as_format_1(state))
    found = manifest.read(tmp_path)
    assert found is not None
    assert found.contains == kinds
    assert found.state == state


def test_a_source_that_0_1_0_could_not_read(tmp_path: Path) -> None:
    """Its first sync failed: there is a problem and no memory at all."""
    write_json(tmp_path, as_format_1({}) | {"problem": "no access", "problem_at": 5.0})
    found = manifest.read(tmp_path)
    assert found is not None
    assert (found.problem, found.checked_at, found.options, found.full_at) == ("no access", 0.0, None, None)


def test_an_older_manifest_is_kept_beside(tmp_path: Path) -> None:
    """As it was, once the new one is written."""
    write_json(tmp_path, as_format_1({"again": []}))
    before = (tmp_path / "manifest.json").read_bytes()
    found = manifest.read(tmp_path)
    assert found is not None
    manifest.write(tmp_path, found)
    assert read_json(tmp_path)["format"] == manifest.FORMAT
    assert (tmp_path / "manifest.v1.json").read_bytes() == before


@pytest.mark.parametrize(("number", "unsaid"), [(3, {"delta", "delta_check", "whole_at"}), (4, {"whole_at"})])
def test_a_manifest_that_said_less_is_migrated(tmp_path: Path, number: int, unsaid: set[str]) -> None:
    """The seal of an older format is that of what it said of a table, and a broken one is seen."""
    manifest.write(tmp_path, WHOLE)
    document = read_json(tmp_path) | {"seal": ""}
    for table in document["tables"].values():
        for name in unsaid:
            del table[name]
    del document["format"]
    older = {"format": number, **document, "seal": check_of(msgspec.json.encode(document))}
    write_json(tmp_path, older)
    found = manifest.read(tmp_path)
    assert found is not None
    assert found.tables == WHOLE.tables
    write_json(tmp_path, older | {"name": "another"})
    with pytest.raises(Damaged, match="seal"):
        manifest.read(tmp_path)


# --- other ones -----------------------------------------------------------------------------------------------------


def test_a_newer_manifest_is_refused(tmp_path: Path) -> None:
    """It names the file and says what helps; writing over it is refused, too."""
    write_json(tmp_path, {"format": manifest.FORMAT + 1, "key": "Doc"})
    with pytest.raises(Newer, match="upgrade larknb"):
        manifest.read(tmp_path)
    with pytest.raises(Newer):
        manifest.write(tmp_path, WHOLE)
    assert read_json(tmp_path) == {"format": manifest.FORMAT + 1, "key": "Doc"}


@pytest.mark.parametrize("damage", [
    {"format": 2}, {"format": 1}, [], {"format": 1, "state": []}, {"format": 1, "state": {"parts": [1]}},
    {"format": 1, "state": {"parts": {"a": {}}}}, {"format": "x"}, 7, {"format": 3}, {"format": 2, "seal": ""},
])  # fmt: skip
def test_a_damaged_manifest_is_told(tmp_path: Path, damage: Any) -> None:
    """Whatever it says instead."""
    write_json(tmp_path, damage)
    with pytest.raises(Damaged) as caught:
        manifest.read(tmp_path)
    assert caught.value.path == tmp_path / "manifest.json"


@pytest.mark.parametrize(
    "field", ["tables", "snapshots", "guide", "media", "stamp", "key", "kind", "checked_at", "again"]
)
def test_a_field_of_another_type_is_damage(tmp_path: Path, field: str) -> None:
    """No field is taken for what it is not: the error comes here and not in the middle of a sync."""
    manifest.write(tmp_path, WHOLE)
    write_json(tmp_path, read_json(tmp_path) | {field: [{"strange": 1}]})
    with pytest.raises(Damaged):
        manifest.read(tmp_path)


@pytest.mark.parametrize("changed", [
    {"name": "Other"}, {"key": "Other"}, {"checked_at": 10.0}, {"snapshots": {}}, {"tables": {}}, {"seal": ""},
    {"seal": "none"}, {"seal": "00000000-1"}, {"media": {}}, {"again": []},
])  # fmt: skip
def test_a_value_that_fits_and_was_never_written_is_damage(tmp_path: Path, changed: dict[str, Any]) -> None:
    """A bit that a disk has flipped, or a hand: the seal tells."""
    manifest.write(tmp_path, WHOLE)
    write_json(tmp_path, read_json(tmp_path) | changed)
    with pytest.raises(Damaged):
        manifest.read(tmp_path)


@pytest.mark.parametrize("odd", [
    {"tables": {"t": replace(TABLE, raw="../../secret.parquet")}}, {"tables": {"t": replace(TABLE, raw="/etc/passwd")}},
    {"tables": {"t": replace(TABLE, friendly="snapshots/../../x.parquet")}}, {"checked_at": 1e300},
    {"tables": {"t": replace(TABLE, file="../x")}}, {"checked_at": -1.0}, {"snapshots": {"../x": SNAPSHOT}},
    {"guide": replace(GUIDE, folder="..")}, {"media": {"m": MediaEntry(file="../m.png")}},
    {"snapshots": {"a": replace(SNAPSHOT, synced_at=1e12)}}, {"tables": {"t": replace(TABLE, file="")}},
])  # fmt: skip
def test_what_no_larknb_writes_is_damage(tmp_path: Path, odd: dict[str, Any]) -> None:
    """A path that leads out of the source's folder, a time that no clock shows: its seal is whole."""
    manifest.write(tmp_path, replace(WHOLE, **odd))
    with pytest.raises(Damaged, match="strange"):
        manifest.read(tmp_path)


def test_big_numbers_of_a_reader_do_not_break_the_seal(tmp_path: Path) -> None:
    """Nor tuples, nor words of other scripts: what is sealed is what comes back."""
    manifest.write(tmp_path, replace(WHOLE, state={"big": 10**25, "pair": (1, 2), "word": "\u2028é", "small": 1e-7}))
    found = manifest.read(tmp_path)
    assert found is not None
    assert found.state["big"] == 10**25


def test_a_damaged_manifest_is_set_aside(tmp_path: Path) -> None:
    """With the time of its last change, as often as it happens; the new one takes its place."""
    for text in ("{", "[]"):
        (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
        os.utime(tmp_path / "manifest.json", (1768000000, 1768000000))
        manifest.write(tmp_path, WHOLE)
    kept = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.glob("*.damaged-*")}
    name = "manifest.json.damaged-20260109T230640Z"
    assert kept == {name: "{", f"{name}-2": "[]"}
    assert manifest.read(tmp_path) is not None


def test_there_is_none(tmp_path: Path) -> None:
    """A source that was never synced is nothing to speak of."""
    assert manifest.read(tmp_path / "nowhere") is None


@pytest.mark.parametrize(("document", "key"), [
    ({"format": 3, "key": "Doc", "new": {"things": [1]}}, "Doc"), ({"format": 1, "key": "Doc"}, "Doc"), ({}, ""),
    ({"key": 5}, ""), ([], ""),
])  # fmt: skip
def test_the_key_is_read_alone(tmp_path: Path, document: Any, key: str) -> None:
    """Of any format, also of a newer one; empty where there is none."""
    write_json(tmp_path, document)
    assert manifest.key_of(tmp_path) == key
    assert manifest.key_of(tmp_path / "nowhere") == ""


# --- what a look learned --------------------------------------------------------------------------------------------


def test_a_look_replaces_what_the_last_one_learned() -> None:
    """State and all; what was wrong with the last one is over, the tables stay."""
    learned = Learned(state={"new": 1}, again=("tblB",))
    after = WHOLE.after_look(20.0, learned, options='{"a":1}', full_at=20.0, stamp=Stamp("10", False, "title", "owner"))
    assert (after.checked_at, after.problem, after.options, after.full_at) == (20.0, "", '{"a":1}', 20.0)
    assert (after.state, after.again, after.embedded, after.contains) == ({"new": 1}, ("tblB",), {}, ())
    assert (after.stamp, after.tables) == (StampEntry("10", False), WHOLE.tables)


def test_without_a_stamp_the_last_one_stays() -> None:
    """A forced read asks no gate."""
    assert WHOLE.after_look(20.0, Learned(), options="{}", full_at=20.0, stamp=None).stamp == StampEntry("9", True)


def test_a_source_is_told_anew() -> None:
    """Another name and another target; what is known of its place stays where nobody tells it again."""
    told = WHOLE.told(replace(SOURCE, name="新名", obj_token="Other", about={}))
    assert (told.name, told.token, told.key, told.about) == ("新名", "Other", "Wik", {"space": 1})
    assert told.tables == WHOLE.tables


def test_what_a_manifest_does_not_tell_is_the_usual(tmp_path: Path) -> None:
    """One that was written before a key was thought of says the same as one that says nothing special."""
    folder = "snapshots/20260116T103000Z"
    table = {"name": "t", "file": "t", "form": "grid", "raw": f"{folder}/t.grid.json.gz", "rows": 1, "revision": 2,
             "read_at": 3.0, "computed_at": 4.0}  # fmt: skip
    guide = {"folder": folder, "json": f"{folder}/guide.json", "title": "t", "revision": None, "read_at": 5.0}
    then = {"synced_at": 6.0, "rows": 1, "added": 1, "changed": 0, "removed": 0, "bytes": 7, "calls": 8,
            "identity": "x"}  # fmt: skip
    known = {"name": "s", "kind": "document", "key": "k", "url": "u", "token": "tok"}
    write_json(tmp_path, {"format": 2, **known, "tables": {"a": table}, "guide": guide, "media": {"m": {}},
                          "snapshots": {"20260116T103000Z": then}})  # fmt: skip
    found = manifest.read(tmp_path)
    assert found is not None
    told = found.tables["a"]
    assert (told.columns, told.options, told.gone) == ({}, {}, False)
    assert (told.friendly, told.misfits, told.held, told.tried_at) == ("", 0, None, None)
    assert found.guide is not None
    assert (found.guide.moved, found.guide.warnings, found.guide.media) == (False, 0, ())
    assert {getattr(found.media["m"], name) for name in ("file", "name", "mime", "bytes", "status", "error")} == {None}
    [kept] = found.snapshots.values()
    assert (kept.tables, kept.guide) == ({}, None)
    assert (found.part, found.wiki, found.about, found.checked_at, found.problem) == ("", False, {}, 0.0, "")


@pytest.mark.parametrize("name", ["guide", "manifest", "manifest.v0", "manifest.v1"])
def test_names_that_no_table_may_have(name: str) -> None:
    """Its files would pass for our own, or for those of an older larknb."""
    assert name in manifest.OWN_NAMES
