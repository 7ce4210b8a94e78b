"""Names in the cells of cached bases, and those that are kept."""

from __future__ import annotations

from pathlib import Path

from larknb.cache.people import KnownPeople, KnownPerson, names_in, read_people, write_people
from larknb.cache.store import Cache
from larknb.sandbox import Field
from tests.conftest import Lab, sync

MENTION = {"type": "mention", "mentionType": "User", "token": "ou_c", "name": "王五", "text": "@王五"}


def test_names_are_in_the_cells(lab: Lab) -> None:
    """In person cells, in mentions within texts, and among those who edited a record."""
    editor = lab.box.tenant.users[0]
    fields = [Field("名称", 1, is_primary=True), Field("负责人", 11), Field("数", 2)]
    table = lab.base.add_table("人员", fields)
    table.add({"名称": [MENTION], "负责人": [{"id": "ou_a", "name": "张三"}, {"id": "ou_b", "name": " "}]})
    table.add({"名称": None, "负责人": None, "数": 5})
    sync(lab)
    caches = Cache(lab.workspace.settings.cache_dir).sources.values()
    wanted = {"ou_a", "ou_b", "ou_c", "ou_gone", editor.open_id}
    found = {key: name for key, name in names_in(caches).items() if key in wanted}
    assert found == {"ou_a": "张三", "ou_c": "王五", editor.open_id: editor.name}


def test_a_table_that_cannot_be_read_tells_nothing(synced: Lab) -> None:
    """Its file is damaged: others go on."""
    [cached] = Cache(synced.workspace.settings.cache_dir).sources.values()
    for entry in cached.tables.values():
        (cached.folder / entry.raw).write_bytes(b"no parquet")
    assert names_in([cached]) == {}


def test_what_is_known_is_kept(tmp_path: Path) -> None:
    """By app and id; a file that is none of ours is nothing."""
    known = KnownPeople({"app": {"ou_a": KnownPerson("张三", 5.0)}})
    write_people(tmp_path / "people.json", known)
    assert read_people(tmp_path / "people.json") == known
    (tmp_path / "people.json").write_text("[]")
    assert read_people(tmp_path / "people.json") == KnownPeople()
    (tmp_path / "folder.json").mkdir()
    write_people(tmp_path / "folder.json", known)
    assert read_people(tmp_path / "folder.json") == KnownPeople()
