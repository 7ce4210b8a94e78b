"""What a snapshot's folder says of itself."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from larknb.cache import history, records
from larknb.cache.cached import SourceCache
from larknb.cache.checks import check_file, check_of
from larknb.cache.policy import snapshot_id
from larknb.cache.verify import verify
from larknb.model import TableInfo
from larknb.stored import Damaged, Newer

from .taking import NOW, batch, guide, info, opened, take, take_guide, unpacked


def folder_of(cached: SourceCache, at: float = NOW) -> Path:
    return cached.folder / "snapshots" / snapshot_id(at)


def read_json(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    return found


def rewrite(path: Path, document: dict[str, Any]) -> None:
    path.write_bytes(gzip.compress(json.dumps(document).encode()))


def test_a_record_tells_all_of_its_state(cached: SourceCache) -> None:
    """Whose it is, what the source consisted of, and what was written there."""
    take(cached, NOW, batch(info(), 3))
    take_guide(cached, NOW + 60, *guide(cached, "words", "tok"))
    first, second = (records.read(folder_of(cached, at)) for at in (NOW, NOW + 60))
    assert first is not None
    assert second is not None
    assert (first.id, first.key, first.kind, first.name) == (snapshot_id(NOW), "AppA", "bitable", "功能安全")
    assert [(entry.name, entry.rows) for entry in first.tables.values()] == [("t", 3)]
    assert (first.guide, [*second.media]) == (None, ["tok"])
    for record in (first, second):
        folder = cached.folder / "snapshots" / record.id
        names = {path.name for path in folder.iterdir()} - {records.FILE, "t.parquet"}
        assert {name for name in record.files if name != "t.parquet"} == names
        assert all(record.files[name] == check_file(folder / name) for name in names)
    assert (first.entry.sequence, second.entry.sequence) == (1, 2)


def test_the_manifest_repeats_nothing_of_earlier_states(cached: SourceCache) -> None:
    """It tells them, and their records what they consist of."""
    take(cached, NOW, batch(info(), 3))
    take(cached, NOW + 60, batch(info(), 4))
    document = json.loads((cached.folder / "manifest.json").read_bytes())
    assert [each["tables"] for each in document["snapshots"].values()] == [{}, {}]


@pytest.mark.parametrize("change", [
    {"seal": "x"}, {"tables": None}, {"format": "1"}, {"name": "other"}, {"files": {}}, {"key": 7}, {"id": "other"},
    {"dropped": True}, {"entry": {}}, {"media": []},
])  # fmt: skip
def test_a_record_that_was_changed_is_damaged(cached: SourceCache, change: dict[str, Any]) -> None:
    """By whomever, in whatever place."""
    take(cached, NOW, batch(info(), 3))
    path = folder_of(cached) / records.FILE
    rewrite(path, read_json(path) | change)
    with pytest.raises(Damaged):
        records.read(path.parent)


def test_a_copied_folder_is_no_snapshot_of_its_own(cached: SourceCache) -> None:
    """Its record names another one."""
    take(cached, NOW, batch(info(), 3))
    copy = folder_of(cached, NOW + 5)
    copy.mkdir()
    (copy / records.FILE).write_bytes((folder_of(cached) / records.FILE).read_bytes())
    with pytest.raises(Damaged, match="copy"):
        records.read(copy)


def test_a_record_never_leads_out(cached: SourceCache) -> None:
    """Its seal may be whole."""
    take(cached, NOW, batch(info(), 3))
    known = records.read(folder_of(cached))
    assert known is not None
    entry = replace(known.tables["tblA"], raw="../../secret.parquet")
    for odd in (replace(known, tables={"tblA": entry}), replace(known, files={"../x": "1"})):
        records.write(folder_of(cached), odd)
        with pytest.raises(Damaged, match="elsewhere"):
            records.read(folder_of(cached))


def test_a_newer_record_is_refused(cached: SourceCache) -> None:
    """As a newer manifest is."""
    take(cached, NOW, batch(info(), 3))
    path = folder_of(cached) / records.FILE
    rewrite(path, read_json(path) | {"format": records.FORMAT + 1})
    with pytest.raises(Newer):
        records.read(path.parent)


def test_a_record_that_is_not_packed_reads(cached: SourceCache) -> None:
    """The history, the check of all files and a cache that is made again know it."""
    for number in range(3):
        take(cached, NOW + 60 * number, batch(info(), 3 + number))
    plain = [unpacked(folder) for folder in records.folders(cached.folder)]
    assert verify(opened(cached)) == []
    data = plain[0].read_bytes()
    plain[0].write_bytes(b"{")
    assert [(each.path, each.what) for each in verify(opened(cached))] == [(plain[0], "damaged")]
    plain[0].write_bytes(data)
    (cached.folder / "manifest.json").unlink()
    assert [row.rows for row in history.past(opened(cached))] == [5, 4, 3]


def test_what_a_state_shares_with_others_weighs_little(cached: SourceCache) -> None:
    """Its record tells all of it, so that it reads without the others: here 200 tables of which one changed."""
    tables = [TableInfo(f"tbl{number}", f"台账 {number}", 1, info().schema) for number in range(200)]
    take(cached, NOW, *(batch(table, 1) for table in tables))
    take(cached, NOW + 60, batch(tables[7], 2), selected=[table.table_id for table in tables])
    record = records.read(folder_of(cached, NOW + 60))
    assert record is not None
    assert len(record.tables) == 200
    assert (folder_of(cached, NOW + 60) / records.FILE).stat().st_size < 200 * 60


@pytest.mark.parametrize(("number", "unsaid"), [(1, {"delta", "delta_check", "whole_at", "needs"}), (2, {"whole_at"})])
def test_a_record_that_said_less_is_migrated(cached: SourceCache, number: int, unsaid: set[str]) -> None:
    """Format 1 said nothing of deltas, 2 not when all rows were read; a broken seal is seen."""
    take(cached, NOW, batch(info(), 3))
    path = unpacked(folder_of(cached))
    document = json.loads(path.read_bytes()) | {"seal": ""}
    for name in {"format"} | unsaid:
        document.pop(name, None)
        document["tables"]["tblA"].pop(name, None)
    older = {"format": number, **document, "seal": check_of(msgspec.json.encode(document))}
    path.write_text(json.dumps(older), encoding="utf-8")
    found = records.read(path.parent)
    assert found is not None
    assert found.tables["tblA"].rows == 3
    path.write_text(json.dumps(older | {"name": "other"}), encoding="utf-8")
    with pytest.raises(Damaged):
        records.read(path.parent)


def test_no_record_and_no_folder(tmp_path: Path) -> None:
    """There is nothing to tell; only what is named as a snapshot is a folder of one."""
    assert records.read(tmp_path) is None
    assert (records.folders(tmp_path), records.names(tmp_path / "nowhere"), records.begun(tmp_path)) == ([], [], [])
    for name in ("20260109T230640Z", "20260109T230640Z copy", "mine", ".20260109T230640Z"):
        (tmp_path / "snapshots" / name).mkdir(parents=True)
    (tmp_path / "snapshots" / "20260109T230641Z").write_text("mine")
    assert [each.name for each in records.folders(tmp_path)] == ["20260109T230640Z"]


def test_what_is_begun_is_noted(tmp_path: Path) -> None:
    """Before the first byte of it is written."""
    folder = tmp_path / "snapshots" / "20260109T230640Z"
    records.begin(folder, ["a.parquet"])
    records.will_come(folder, "名 称.parquet", "media/x.png")
    assert records.begun(folder) == ["a.parquet", "名 称.parquet", "media/x.png"]


def test_a_state_that_is_dropped_keeps_its_list_of_files(cached: SourceCache) -> None:
    """A later state may need them; it is no state of the history any more."""
    take(cached, NOW, batch(info(), 3))
    known = records.read(folder_of(cached))
    assert known is not None
    records.drop(folder_of(cached), known)
    dropped = records.read(folder_of(cached))
    assert dropped is not None
    assert (dropped.dropped, dropped.files, [*dropped.paths]) == (True, known.files, [])
