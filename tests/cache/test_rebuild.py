"""The manifest made again of what lies in a source's folder, also of one of larknb 0.1, whose snapshots say little."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from larknb.cache import rebuild
from larknb.cache.cached import SourceCache
from larknb.cache.history import at
from larknb.cache.loading import document, frame
from larknb.cache.store import Cache
from larknb.model import Kind, Source

from .taking import NOW, SOURCE, batch, grid, guide, info, opened, take, take_guide

OLD = Path(__file__).parents[1] / "data" / "workspace-0.1" / "work"
NAMES: dict[Kind, tuple[str, str]] = {
    "bitable": ("bitable_cache", "人力盘点"),
    "spreadsheet": ("spreadsheet_cache", "在线台账"),
    "document": ("fault_diagnosis_cache/guides", "电机过热指引"),
}


def test_a_source_that_was_never_read_is_nothing(tmp_path: Path) -> None:
    """Nor is a folder of somebody else."""
    (tmp_path / "snapshots" / "20260109T230640Z").mkdir(parents=True)
    (tmp_path / "snapshots" / "20260109T230640Z" / "notes.txt").write_text("mine")
    assert rebuild.rebuilt(tmp_path) is None
    assert rebuild.key_of(tmp_path) == ""


def test_all_that_the_records_know_is_there_again(cached: SourceCache) -> None:
    """Order, counts and files of the states; what only a look could know is to be learned again."""
    for number in range(3):
        take(cached, NOW + 60 * number, batch(info(), 3 + number), grid("s", "sheet1", ["n"], [number]))
    take_guide(cached, NOW + 300, *guide(cached, "words", "tok"))
    before = cached.manifest
    again = rebuild.rebuilt(cached.folder)
    assert again is not None
    assert (again.ordered, again.snapshot, again.tables, again.guide) == (
        before.ordered, before.snapshot, before.tables, before.guide,
    )  # fmt: skip
    assert (again.snapshots, again.media) == (before.snapshots, before.media)
    assert (again.state, again.checked_at, again.full_at, bool(again.problem)) == ({}, 0.0, None, True)
    assert {*again.again} == {*before.tables, "AppA"}
    assert rebuild.key_of(cached.folder) == "AppA"


def test_the_newest_state_says_what_the_source_is_called(cached: SourceCache) -> None:
    """It may have had another name at an earlier one."""
    take(cached, NOW, batch(info(), 3))
    cached.manifest = cached.manifest.told(replace(SOURCE, name="新名"))
    take(cached, NOW + 60, batch(info(), 4))
    again = rebuild.rebuilt(cached.folder)
    assert again is not None
    assert again.name == "新名"


def test_a_state_that_is_kept_no_more_does_not_come_back(cached: SourceCache) -> None:
    """Its folder is there, because a later state needs a file of it."""
    take(cached, NOW, batch(info("one", "tbl1"), 3), batch(info("two", "tbl2"), 3))
    for number in range(3):
        take(cached, NOW + 86400 * (200 + number), batch(info("one", "tbl1"), 4 + number))
    again = rebuild.rebuilt(cached.folder)
    assert again is not None
    assert again.ordered == cached.manifest.ordered
    assert len(again.ordered) == 3
    assert len([*(cached.folder / "snapshots").iterdir()]) == 4


def test_a_table_whose_files_went_is_left_out(cached: SourceCache) -> None:
    """The others are there."""
    take(cached, NOW, batch(info("one", "tbl1"), 3), batch(info("two", "tbl2"), 3))
    for name in (cached.tables["tbl1"].raw, cached.tables["tbl1"].friendly):
        (cached.folder / name).unlink()
    again = rebuild.rebuilt(cached.folder)
    assert again is not None
    assert [*again.tables] == ["tbl2"]


# --- larknb 0.1 -------------------------------------------------------------------------------------------------------


def old(root: Path, kind: Kind) -> Source:
    """Copy a source of larknb 0.1 without its manifest, and return what the settings say of it."""
    place, name = NAMES[kind]
    shutil.copytree(OLD / place / name, root / place / name)
    (root / place / name / "manifest.json").write_bytes(b"\x00" * 50)
    return Source(name, "https://x.feishu.cn/some/Tok", kind, "Tok")


@pytest.mark.parametrize("kind", NAMES)
def test_an_old_source_is_found_by_its_name(tmp_path: Path, kind: Kind) -> None:
    """Its snapshots do not say whose they are; the settings do, and the folder's name."""
    source = old(tmp_path, kind)
    found = Cache(tmp_path).find(source)
    assert found is not None
    assert (found.rebuilt, found.manifest.key, found.manifest.kind, found.name) == (True, "Tok", kind, source.name)
    assert [each.name for each in Cache(tmp_path).others([])] == [source.name]
    assert Cache(tmp_path).find(Source("other", "https://x.feishu.cn/some/Oth", kind, "Oth")) is None


def test_the_tables_of_an_old_base(tmp_path: Path) -> None:
    """Each with its own name and rows, now and then; a table that the base lost is not told from the others."""
    found = Cache(tmp_path).find(old(tmp_path, "bitable"))
    assert found is not None
    assert {entry.name: entry.rows for entry in found.tables.values()} == {"部门": 2, "人员": 3, "待办": 2, "旧表": 1}
    assert frame(found, "tblPeople")["年龄"].iloc[0] == 35
    then = at(found, -3, NOW)
    assert frame(then, "tblPeople")["年龄"].iloc[0] == 34
    assert [len(at(found, number, NOW).tables) for number in (-1, -2, -3)] == [4, 4, 4]


def test_the_worksheets_of_an_old_spreadsheet(tmp_path: Path) -> None:
    """The friendly files as they lie there."""
    found = Cache(tmp_path).find(old(tmp_path, "spreadsheet"))
    assert found is not None
    assert {entry.name: entry.rows for entry in found.tables.values()} == {"台账": 2, "说明": 1}
    assert frame(found, "sheet1")["数量"].iloc[0] == 7


def test_the_text_of_an_old_document(tmp_path: Path) -> None:
    """Its pictures are found by their tokens."""
    found = Cache(tmp_path).find(old(tmp_path, "document"))
    assert found is not None
    assert "P0A1F-01" in document(found).markdown
    assert "P0A1F-00" in document(at(found, -2, NOW)).markdown
    assert [path.name for path in document(found).images] == ["MedWiring000000000000000001.png"]


def test_an_old_source_has_records_after_its_next_sync(tmp_path: Path) -> None:
    """Then it is as any other: the damaged manifest is aside, its states are there."""
    source = old(tmp_path, "bitable")
    cached = Cache(tmp_path).of(source)
    take(cached, NOW + 86400, batch(info("新", "tblNew"), 3))
    again = opened(cached)
    assert (again.rebuilt, len(again.manifest.snapshots)) == (False, 4)
    assert all(again.record(name) is not None for name in again.manifest.snapshots)
    assert frame(at(again, -4, NOW), "tblPeople")["年龄"].iloc[0] == 34
    assert len([*cached.folder.glob("manifest.json.damaged-*")]) == 1
