"""How a source is found, opened and noted."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from larknb.cache.cached import SourceCache
from larknb.cache.store import Cache
from larknb.errors import ConfigError
from larknb.model import Source
from larknb.stored import Newer
from larknb.workspace import Workspace
from tests.conftest import TEAMS, Lab, text, write_settings

from .taking import NOW, SOURCE, batch, info, opened, take


def source(name: str, token: str, **more: Any) -> Source:
    return Source(name, f"https://x.feishu.cn/base/{token}", more.pop("kind", "bitable"), token, **more)


def keep(root: Path, *sources: Source) -> None:
    """Put manifests of some sources there."""
    for each in sources:
        Cache(root).of(each).note_problem("never read", NOW)


def make_newer(cached: SourceCache) -> bytes:
    """Let a newer larknb write the manifest of a source, and return what it says."""
    path = cached.folder / "manifest.json"
    document = json.loads(path.read_bytes()) | {"format": 99, "tables": "of another kind"}
    path.write_text(json.dumps(document), encoding="utf-8")
    return path.read_bytes()


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders whose manifest was read, in order."""
    names: list[str] = []

    def opened(path: str | Path, *args: Any, whole: Callable[..., Any] = os.open, **options: Any) -> Any:
        handle = whole(path, *args, **options)
        names.extend([Path(path).parent.name] if Path(path).name == "manifest.json" else [])
        return handle

    monkeypatch.setattr(os, "open", opened)
    return names


# --- one of many ----------------------------------------------------------------------------------------------------

ONE, TWO, THREE = source("one", "AppOne"), source("two", "AppTwo"), source("three", "SheetThree", kind="spreadsheet")


def test_one_source_costs_one_manifest(tmp_path: Path, reads: list[str]) -> None:
    """Its name tells its folder; asked for again it is there."""
    keep(tmp_path, ONE, TWO, THREE)
    reads.clear()
    cache = Cache(tmp_path)
    found = cache.find(THREE)
    assert found is not None
    assert (found.name, reads) == ("three", ["three"])
    assert cache.find(THREE) is found
    assert reads == ["three"]


def test_a_source_of_another_kind_and_the_same_name_is_not_opened(tmp_path: Path, reads: list[str]) -> None:
    """The address tells the kind, and so which of the two folders of that name it is."""
    same = replace(THREE, name="one")
    keep(tmp_path, ONE, same)
    reads.clear()
    found = Cache(tmp_path).find(same)
    assert found is not None
    assert (found.manifest.kind, reads) == ("spreadsheet", ["one"])


def test_a_wiki_link_costs_one_manifest(tmp_path: Path, reads: list[str]) -> None:
    """The settings do not tell its kind."""
    keep(tmp_path, ONE, TWO, THREE)
    reads.clear()
    found = Cache(tmp_path).find(replace(THREE, kind=None))
    assert found is not None
    assert (found.manifest.kind, reads) == ("spreadsheet", ["three"])


def test_a_source_without_a_name_is_found_by_its_key(tmp_path: Path, reads: list[str]) -> None:
    """As one that was renamed in the settings: each manifest is looked into once, however many are asked for."""
    keep(tmp_path, ONE, TWO, THREE)
    reads.clear()
    cache = Cache(tmp_path)
    found = [cache.find(asked) for asked in (replace(ONE, name=""), replace(TWO, name="neu"))]
    assert [cached and cached.name for cached in found] == ["one", "two"]
    assert sorted(reads) == ["one", "one", "three", "two", "two"]


def test_a_source_that_was_never_synced(tmp_path: Path) -> None:
    """Neither by its name nor by its key; another one of its name is not it."""
    keep(tmp_path, ONE)
    assert Cache(tmp_path / "nowhere").find(ONE) is None
    assert Cache(tmp_path).find(TWO) is None
    assert Cache(tmp_path).find(replace(TWO, name="one")) is None


def test_all_sources_by_key(tmp_path: Path, reads: list[str]) -> None:
    """Each is opened once, and so is one that was found before."""
    keep(tmp_path, ONE, TWO, THREE)
    reads.clear()
    cache = Cache(tmp_path)
    found = cache.find(TWO)
    assert [*cache.sources] == ["AppOne", "AppTwo", "SheetThree"]
    assert cache.sources["AppTwo"] is found
    assert sorted(reads) == ["one", "three", "two"]


def test_the_others_are_found_without_opening_these(tmp_path: Path, reads: list[str]) -> None:
    """Sources that are configured no more: of those that are, the name says enough."""
    keep(tmp_path, ONE, TWO, THREE)
    reads.clear()
    cache = Cache(tmp_path)
    assert [cached.name for cached in cache.others([ONE, replace(THREE, kind=None)])] == ["two"]
    assert {*reads} == {"two"}
    assert [cached.name for cached in cache.others([replace(ONE, name=""), THREE])] == ["two"]


def test_folders_are_listed_and_not_opened(tmp_path: Path, reads: list[str]) -> None:
    """A search opens only those whose manifest was replaced."""
    keep(tmp_path, TWO, THREE, ONE, *(source(name, f"App{name}") for name in "febdac"))
    (tmp_path / "bitable_cache" / "empty").mkdir()
    reads.clear()
    folders = Cache(tmp_path).folders()
    assert [folder.name for folder in folders] == [*"abcdef", "one", "two", "three"]
    assert reads == []


def test_a_source_that_is_new_is_there_at_once(tmp_path: Path) -> None:
    """Before anything of it is on the disk: whoever syncs it and whoever asks what it has mean the same."""
    cache = Cache(tmp_path)
    made = cache.of(ONE)
    assert cache.of(ONE) is made
    assert cache.find(ONE) is made
    assert Cache(tmp_path).find(ONE) is None


# --- names ----------------------------------------------------------------------------------------------------------


def test_a_renamed_source_takes_its_folder_along(tmp_path: Path) -> None:
    """With all that is in it; whoever found it before has it still."""
    cache = Cache(tmp_path)
    take(cache.of(SOURCE), NOW, batch(info(), 3))
    cache = Cache(tmp_path)
    found, renamed = cache.find(SOURCE), cache.of(replace(SOURCE, name="新名"))
    assert renamed is found
    assert (renamed.folder.name, renamed.rows("tblA")) == ("新名", 3)
    assert [folder.name for folder in cache.folders()] == ["新名"]


def test_two_sources_of_one_name_have_two_folders(tmp_path: Path) -> None:
    """Also where upper and lower case alone tells them apart; both are found by their names."""
    sources = [source("Data", "AppOne"), source("Data", "AppTwo"), source("data", "AppThree")]
    keep(tmp_path, *sources)
    names = [cached.folder.name.casefold() for cached in Cache(tmp_path).sources.values()]
    assert len({*names}) == 3
    for each in sources:
        found = Cache(tmp_path).find(each)
        assert found is not None
        assert found.manifest.key == each.key


def test_a_source_may_be_renamed_by_its_case_alone(tmp_path: Path) -> None:
    """It stands in nobody's way but its own: its folder gets the name as it is written now."""
    keep(tmp_path, source("Data", "AppOne"))
    renamed = Cache(tmp_path).of(source("data", "AppOne"))
    assert (renamed.folder.name, renamed.manifest.problem) == ("data", "never read")


def test_a_source_keeps_its_folder_beside_a_stranger(tmp_path: Path) -> None:
    """Somebody put another cache there whose name differs by its case alone: it is no reason to move this one."""
    keep(tmp_path, source("Data", "AppOne"))
    keep(tmp_path / "elsewhere", source("data", "AppTwo"))
    if (tmp_path / "bitable_cache" / "data").exists():
        pytest.skip("this file system does not tell the two apart")
    (tmp_path / "elsewhere" / "bitable_cache" / "data").rename(tmp_path / "bitable_cache" / "data")
    assert Cache(tmp_path).of(source("Data", "AppOne")).folder.name == "Data"


def test_two_sources_of_one_name_cost_two_manifests(tmp_path: Path, reads: list[str]) -> None:
    """That of the one whose name it was first, and its own."""
    keep(tmp_path, ONE, replace(TWO, name="one"), THREE)
    reads.clear()
    found = Cache(tmp_path).find(replace(TWO, name="one"))
    assert found is not None
    assert reads == ["one", found.folder.name]


def test_a_name_that_became_free_is_taken(tmp_path: Path) -> None:
    """The first one went away: the second one's folder gets the plain name."""
    keep(tmp_path, ONE, replace(TWO, name="one"))
    first = Cache(tmp_path).find(ONE)
    assert first is not None
    (first.folder / "manifest.json").unlink()
    first.folder.rmdir()
    assert Cache(tmp_path).of(replace(TWO, name="one")).folder == first.folder


def test_a_source_that_is_of_another_kind_now_moves(tmp_path: Path) -> None:
    """A wiki page may stand for another document one day: what was cached goes with it."""
    keep(tmp_path, replace(ONE, wiki=True))
    moved = Cache(tmp_path).of(replace(ONE, kind="document", wiki=True, obj_token="Doc"))
    assert moved.folder == tmp_path / "fault_diagnosis_cache/guides/one"
    assert (moved.manifest.kind, moved.manifest.token, moved.manifest.problem) == ("document", "Doc", "never read")


def test_something_else_is_in_the_way(tmp_path: Path) -> None:
    """A folder that is no source's has the new name: it becomes the source's, which is read anew."""
    keep(tmp_path, ONE)
    (tmp_path / "bitable_cache" / "neu").mkdir()
    cached = Cache(tmp_path).of(replace(ONE, name="neu"))
    assert (cached.folder.name, cached.manifest.problem) == ("neu", "")


# --- damaged and newer ----------------------------------------------------------------------------------------------


def test_a_damaged_manifest_is_made_again(cached: SourceCache) -> None:
    """Of the snapshot that lies there; the next sync sets the damaged one aside."""
    take(cached, NOW, batch(info(), 3))
    (cached.folder / "manifest.json").write_bytes(b"\x00\x00")
    root = cached.folder.parent.parent
    again = Cache(root).of(SOURCE)
    assert [*Cache(root).sources] == ["AppA"]
    assert (again.folder, again.rebuilt, again.rows("tblA")) == (cached.folder, True, 3)
    take(again, NOW + 60, batch(info(), 4))
    assert opened(again).rows("tblA") == 4
    assert len([*cached.folder.glob("manifest.json.damaged-*")]) == 1


def test_a_damaged_manifest_without_a_snapshot_counts_as_none(cached: SourceCache) -> None:
    """There was nothing but a problem to tell."""
    cached.note_problem("no access", NOW)
    (cached.folder / "manifest.json").write_bytes(b"{")
    root = cached.folder.parent.parent
    assert SourceCache.open(cached.folder) is None
    assert (Cache(root).find(SOURCE), Cache(root).sources) == (None, {})
    take(Cache(root).of(SOURCE), NOW + 60, batch(info(), 4))
    assert opened(cached).rows("tblA") == 4


def test_a_newer_manifest_is_refused_for_its_source_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Found by its name or by its key, to read or to sync; the others are there."""
    keep(tmp_path, ONE, TWO)
    found = Cache(tmp_path).find(ONE)
    assert found is not None
    make_newer(found)
    for asked in (ONE, replace(ONE, name="neu"), replace(ONE, kind=None)):
        with pytest.raises(Newer, match="upgrade larknb"):
            Cache(tmp_path).find(asked)
    with pytest.raises(Newer):
        Cache(tmp_path).of(ONE)
    assert Cache(tmp_path).find(TWO) is not None
    with caplog.at_level(logging.WARNING):
        assert [*Cache(tmp_path).sources] == ["AppTwo"]
    assert "newer larknb" in caplog.text


def test_a_newer_manifest_of_another_source_is_no_concern(tmp_path: Path) -> None:
    """It only has the name that this one would have: this one gets a folder of its own."""
    keep(tmp_path, ONE)
    first = Cache(tmp_path).find(ONE)
    assert first is not None
    before = make_newer(first)
    second = replace(TWO, name="one")
    assert Cache(tmp_path).find(second) is None
    keep(tmp_path, second)
    found = Cache(tmp_path).find(second)
    assert found is not None
    assert found.folder != first.folder
    assert (first.folder / "manifest.json").read_bytes() == before


def test_a_sync_leaves_a_newer_manifest_alone(lab: Lab) -> None:
    """Its source has failed and says so; the other one is read; not a byte of the newer state changes."""
    lab.workspace.sync(progress=False).raise_for_failures()
    other = lab.box.tenant.add_base("other", app_token="AppOther00000000000000001")
    other.add_table("t", TEAMS, table_id="tblOther").add({"title": text("a")})
    urls = [f"{lab.box.url}/base/{base.app_token}" for base in (lab.base, other)]
    write_settings(lab.workspace.root, lab.box, *urls)
    workspace = Workspace(lab.workspace.root, clock=lab.clock, sleep=lab.clock.sleep)
    cached = next(iter(Cache(workspace.settings.cache_dir).sources.values()))
    before = make_newer(cached)
    kept = {path: path.read_bytes() for path in cached.folder.rglob("*") if path.is_file()}
    lab.later()
    for force in (False, True):
        report = workspace.sync(progress=False, force=force)
        assert {row.source: row.action for row in report} == {"s1": "failed", "s2": "fetched"}
        assert isinstance(report.errors["s1"], ConfigError)
        assert "upgrade larknb" in next(row.problem for row in report if row.source == "s1")
    assert (cached.folder / "manifest.json").read_bytes() == before
    assert {path: path.read_bytes() for path in kept} == kept


def test_a_newer_manifest_needs_no_login(lab: Lab) -> None:
    """Nobody is asked for anything: only another larknb helps."""
    lab.workspace.sync(progress=False).raise_for_failures()
    make_newer(next(iter(Cache(lab.workspace.settings.cache_dir).sources.values())))
    lab.workspace.settings.token_file.unlink()
    report = lab.later().workspace.sync(progress=False)
    assert isinstance(report.errors["s1"], Newer)
    assert lab.box.journal.calls == []


def test_a_damaged_source_hides_no_other_from_a_search(lab: Lab) -> None:
    """It has nothing to search in until it is synced again."""
    lab.workspace.sync(progress=False).raise_for_failures()
    root = lab.workspace.settings.cache_dir
    keep(root, ONE)
    (root / "bitable_cache/one/manifest.json").write_bytes(b"{")
    assert [hit.title for hit in lab.workspace.search("person 17")] == ["people"]
