"""Search in everything that is cached, and what is kept of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from larknb.cache.search import Contents, contents_of, contents_of_guide, contents_of_tables, search_all
from larknb.cache.store import Cache
from larknb.model import Kind, Source
from larknb.results.search import SearchHits
from larknb.scan import Passage
from tests.conftest import Lab
from tests.passages import guide as guide_json
from tests.passages import passage

from .taking import NOW, grid, guide, take, take_guide


class Shelf:
    """Some cached guides, and how often each was opened and read."""

    def __init__(self, root: Path) -> None:
        self.root, self.opened, self.read = root, 0, 0
        self.file = root / "search.json"

    def put(self, name: str, text: str, version: str = "1") -> None:
        folder = self.root / "guides" / name
        folder.mkdir(parents=True, exist_ok=True)
        section = {"path": [name], "block_id": "b", "text": text, "tables": [], "assets": []}
        (folder / "guide.json").write_text(json.dumps(guide_json(title=name, sections=[section])), encoding="utf-8")
        replaced = folder / "manifest.new"
        replaced.write_text(version, encoding="utf-8")
        replaced.replace(folder / "manifest.json")

    def contents(self, folder: Path) -> Contents:
        self.opened += 1
        version, passages = contents_of_guide(
            lambda: json.loads((folder / "guide.json").read_bytes()),
            (folder / "manifest.json").read_text(encoding="utf-8"),
            folder.name,
        )

        def read() -> list[Passage]:
            self.read += 1
            return list(passages())

        return Contents(version, read)

    def search(self, text: str) -> list[str]:
        folders = sorted((self.root / "guides").iterdir())
        return [hit.source for hit in search_all(self.file, folders, self.contents, text)]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf(tmp_path)
    shelf.put("a", "电机过热")
    shelf.put("b", "绝缘")
    return shelf


def forget() -> None:
    """Leave what a new process knows: a search keeps in memory what one file holds, and another file has its turn."""
    search_all(Path("another.json"), [], lambda _: Contents("", tuple), "x")


def test_a_source_is_read_once(shelf: Shelf) -> None:
    """The second search opens nothing, in this process or in another one."""
    assert shelf.search("过热") == ["a"]
    assert shelf.search("绝缘") == ["b"]
    forget()
    assert shelf.search("过热") == ["a"]
    assert (shelf.opened, shelf.read) == (2, 2)


def test_what_is_kept_is_what_was_read(shelf: Shelf) -> None:
    """Marks of our own in a text, and half of a character, which no file can hold, are text like any other."""
    shelf.put("a", '甲\x1e乙\x1f "丙" 电机')
    found = shelf.search("甲 乙 丙")
    forget()
    assert found == shelf.search("乙 电机") == ["a"]
    assert shelf.search("甲乙") == []
    half = [Contents("1", lambda: [passage("电机\ud83d")])]
    (shelf.root / "guides" / "c").mkdir()
    hits = search_all(shelf.root / "other.json", [shelf.root / "guides" / "c"], lambda _: half[0], "电机")
    assert [hit.snippet for hit in hits] == ["电机\ud83d"]


def test_what_changed_is_read_again(shelf: Shelf) -> None:
    """A replaced manifest is opened; its text is read only if there is a new version; a source that left is gone."""
    shelf.search("过热")
    shelf.put("a", "过热", version="1")  # a look that found nothing new
    assert shelf.search("过热") == ["a"]
    assert (shelf.opened, shelf.read) == (3, 2)
    shelf.put("a", "过温", version="2")
    assert shelf.search("过热") == []
    assert shelf.search("过温") == ["a"]
    assert (shelf.opened, shelf.read) == (4, 3)
    for path in (shelf.root / "guides" / "a").iterdir():
        path.unlink()
    (shelf.root / "guides" / "a").rmdir()
    assert shelf.search("过温") == []


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"format": 2, "sources": {"x": 5}}', b'{"format": 0}'])
def test_a_damaged_file_is_made_again(shelf: Shelf, damage: bytes) -> None:
    """Whatever happened to what is kept, the search is right."""
    shelf.search("过热")
    shelf.file.write_bytes(damage)
    forget()
    assert shelf.search("过热") == ["a"]
    assert json.loads(shelf.file.read_bytes())["sources"]


def test_a_broken_source_hides_no_other(shelf: Shelf) -> None:
    """Its guide cannot be read: the others are found, and it is, too, once it is whole again."""
    (shelf.root / "guides" / "a" / "guide.json").write_text("{")
    assert shelf.search("绝缘") == ["b"]
    shelf.put("a", "绝缘")
    assert shelf.search("绝缘") == ["a", "b"]


def test_where_nothing_can_be_kept_the_search_still_works(shelf: Shelf) -> None:
    """The file's place is taken by a folder: every search is right."""
    shelf.file.mkdir()
    assert shelf.search("过热") == ["a"]
    assert shelf.search("绝缘") == ["b"]


def test_the_rows_of_a_synced_base_are_found(lab: Lab) -> None:
    """Text and linked rows' names, with a link to the row; a new sync is seen by the next search."""
    lab.workspace.sync(progress=False).raise_for_failures()
    cached = next(iter(Cache(lab.workspace.settings.cache_dir).sources.values()))

    def find(text: str) -> SearchHits:
        return search_all(
            lab.workspace.root / "search.json", [cached.folder], lambda _: contents_of_tables(cached), text
        )

    hits = find("PERSON 17")
    assert [(hit.kind, hit.source, hit.title, hit.path) for hit in hits] == [("bitable", "s1", "people", "person 17")]
    assert hits[0].url == f"{lab.box.url}/base/{lab.base.app_token}?table=tblPeople"
    assert find("team").found == 32  # the teams themselves, and the people who are linked to them
    lab.people.edit(next(iter(lab.people.rows)), {"name": [{"type": "text", "text": "somebody new"}]})
    lab.later().workspace.sync(progress=False, force=True).raise_for_failures()
    cached.reload()
    assert [hit.path for hit in find("somebody new")] == ["somebody new"]


def test_what_is_kept_says_its_format(shelf: Shelf) -> None:
    """A larknb that keeps other things makes it again."""
    shelf.search("过热")
    kept = json.loads(shelf.file.read_bytes())
    shelf.file.write_text(json.dumps({**kept, "format": kept["format"] - 1}), encoding="utf-8")
    forget()
    assert shelf.search("过热") == ["a"]
    assert shelf.read == 4


def test_one_kind_alone_is_searched(tmp_path: Path) -> None:
    """Where nothing is said, all are."""
    found = {"a": [passage("电机 甲")], "b": [passage("电机 乙")._replace(kind="bitable")]}
    folders = [tmp_path / name for name in found]
    for folder in folders:
        folder.mkdir()
        (folder / "manifest.json").write_text("1", encoding="utf-8")

    def search(kind: Kind | None) -> list[str]:
        hits = search_all(
            tmp_path / "s.json",
            folders,
            lambda one: Contents("1", lambda: list[Passage](found[one.name])),
            "电机",
            kind,
        )
        return sorted(hit.kind for hit in hits)

    assert [search(kind) for kind in (None, "document", "bitable", "spreadsheet")] == [
        ["bitable", "document"], ["document"], ["bitable"], [],
    ]  # fmt: skip


def test_a_cached_document_and_a_worksheet_are_found(tmp_path: Path) -> None:
    """By their words, with an address that leads to the sheet; a folder without a manifest has nothing."""
    cache = Cache(tmp_path)
    page = cache.of(Source("指引", "https://x.feishu.cn/docx/Doc?from=a#b", "document", "AppA"))
    book = cache.of(Source("台账", "https://x.feishu.cn/sheets/Sht?from=a#b", "spreadsheet", "Sht"))
    take_guide(page, NOW, *guide("过热"))
    take(book, NOW, grid("数据", "sheet1", ["名称", "数量"], ["过热", 1]))
    hits = search_all(tmp_path / "s.json", [*cache.folders(), tmp_path / "none"], contents_of, "过热")
    assert {hit.kind: hit.source for hit in hits} == {"document": "指引", "spreadsheet": "台账"}
    [url] = [hit.url for hit in hits if hit.kind == "spreadsheet"]
    assert url == "https://x.feishu.cn/sheets/Sht?sheet=sheet1"
    assert (contents_of(tmp_path / "none").version, [*contents_of(tmp_path / "none").passages()]) == ("", [])
