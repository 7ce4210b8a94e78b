"""Search in everything that is cached, and the index that is kept of each source."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest

from larknb.cache.index import MARK
from larknb.cache.search import Contents, contents_of_guide, contents_of_tables, search_all
from larknb.cache.store import Cache
from larknb.results.search import SearchHits
from larknb.scan.passages import Passages
from tests.conftest import Lab
from tests.passages import guide, passage, together

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has neither pipes nor permission bits")


class Shelf:
    """Some cached guides, and how often each was opened and read."""

    def __init__(self, root: Path) -> None:
        self.root, self.opened, self.read = root, 0, 0
        self.place = root / "search"

    def put(self, name: str, text: str, version: str = "1", *, age: float = 60) -> None:
        folder = self.root / "guides" / name
        folder.mkdir(parents=True, exist_ok=True)
        section = {"path": [name], "block_id": "b", "text": text, "tables": [], "assets": []}
        whole = json.dumps(guide(title=name, sections=[section]))
        for file, text in (("guide.json", whole), ("manifest.json", version)):
            new = folder / f"{file}.{uuid4()}"
            new.write_text(text, encoding="utf-8")
            at = time.time_ns() - int(age * 1e9)
            os.utime(new, ns=(at, at))
            new.replace(folder / file)

    def contents(self, folder: Path) -> Contents:
        self.opened += 1
        version, passages = contents_of_guide(
            lambda: json.loads((folder / "guide.json").read_bytes()),
            (folder / "manifest.json").read_text(encoding="utf-8"),
            folder.name,
        )

        def read() -> list[Passages]:
            self.read += 1
            return list(passages())

        return Contents(version, read)

    def search(self, text: str) -> list[str]:
        folders = sorted((self.root / "guides").iterdir())
        return [hit.source for hit in search_all(self.place, folders, self.contents, text)]

    def file(self, name: str) -> Path:
        return self.place / f"guides-{name}.index"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf(tmp_path)
    shelf.put("a", "电机过热")
    shelf.put("b", "绝缘")
    return shelf


def forget() -> None:
    """Leave what a new process knows: a search keeps in memory what is in one folder, and another has its turn."""
    search_all(Path("another"), [], lambda _: Contents("", tuple), "x")


# --- what is read ---------------------------------------------------------------------------------------------------


def test_a_source_is_read_once(shelf: Shelf) -> None:
    """The second search opens nothing, in this process or in another one."""
    assert shelf.search("过热") == ["a"]
    assert shelf.search("绝缘") == ["b"]
    forget()
    assert shelf.search("过热") == ["a"]
    assert (shelf.opened, shelf.read) == (2, 2)


def test_what_changed_is_read_again(shelf: Shelf) -> None:
    """A replaced manifest is opened; its text is read only if there is a new version; a source that left is gone."""
    shelf.search("过热")
    shelf.put("a", "过热", version="1", age=30)  # a look that found nothing new
    assert shelf.search("过热") == ["a"]
    assert (shelf.opened, shelf.read) == (3, 2)
    forget()
    assert shelf.search("过热") == ["a"]
    assert (shelf.opened, shelf.read) == (3, 2)
    shelf.put("a", "过温", version="2", age=20)
    assert shelf.search("过热") == []
    assert shelf.search("过温") == ["a"]
    assert (shelf.opened, shelf.read) == (4, 3)
    for path in (shelf.root / "guides" / "a").iterdir():
        path.unlink()
    (shelf.root / "guides" / "a").rmdir()
    assert shelf.search("过温") == []


def test_one_changed_source_costs_that_source(shelf: Shelf) -> None:
    """The index of the other one is not even touched."""
    shelf.search("过热")
    before = shelf.file("b").stat()
    shelf.put("a", "过温", version="2", age=20)
    forget()
    assert shelf.search("过温") == ["a"]
    assert shelf.read == 3
    assert (shelf.file("b").stat().st_ino, shelf.file("b").stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_two_manifests_of_one_time_are_told_apart(shelf: Shelf) -> None:
    """Some file systems know but every second moment: a young manifest is opened again."""
    shelf.put("a", "过热", version="2", age=0)
    shelf.search("过热")
    at = (shelf.root / "guides" / "a" / "manifest.json").stat().st_mtime_ns
    shelf.put("a", "过温", version="3", age=0)
    os.utime(shelf.root / "guides" / "a" / "manifest.json", ns=(at, at))
    forget()
    assert shelf.search("过温") == ["a"]


def test_what_is_kept_is_what_was_read(shelf: Shelf) -> None:
    """Marks of our own in a text, and half of a character, which no file can hold, are text like any other."""
    shelf.put("a", '甲\x1e乙\x1f\x1d "丙" 电机', version="2")
    found = shelf.search("甲 乙 丙")
    forget()
    assert found == shelf.search("乙 电机") == ["a"]
    assert shelf.search("甲乙") == []
    half = [Contents("1", lambda: together([passage("电机\ud83d")]))]
    (shelf.root / "guides" / "c").mkdir()
    for _ in range(2):
        hits = search_all(shelf.root / "other", [shelf.root / "guides" / "c"], lambda _: half[0], "电机")
        assert [hit.snippet for hit in hits] == ["电机\ud83d"]
        forget()


def test_a_broken_source_hides_no_other(shelf: Shelf) -> None:
    """Its guide cannot be read: the others are found, and it is, too, once it is whole again."""
    (shelf.root / "guides" / "a" / "guide.json").write_text("{")
    assert shelf.search("绝缘") == ["b"]
    shelf.put("a", "绝缘")
    assert shelf.search("绝缘") == ["a", "b"]


# --- what lies in the folder of the indexes -------------------------------------------------------------------------

DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda whole: b"",
    "cut": lambda whole: whole[:-1],
    "cut short": lambda whole: whole[: len(MARK) + 5],
    "another program's": lambda whole: b"SQLite format 3\0" + whole,
    "an older one": lambda whole: whole.replace(b"index 4", b"index 3"),
    "a head without end": lambda whole: MARK + b"\xff" * 12,
    "longer": lambda whole: whole + b"more",
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize("asked", ["at once", "by a new process"])
def test_a_damaged_index_is_made_again(shelf: Shelf, damage: Callable[[bytes], bytes], asked: str) -> None:
    """Whatever happened to what is kept, the search is right."""
    shelf.search("过热")
    file = shelf.file("a")
    stat = file.stat()
    file.write_bytes(damage(file.read_bytes()))
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    if asked == "by a new process":
        forget()
    assert shelf.search("过热") == ["a"]
    forget()
    assert shelf.search("过热") == ["a"]


def test_a_flipped_bit_shows_nothing_wrong(shelf: Shelf) -> None:
    """Wherever in the file it is, and with the right time on it."""
    shelf.search("过热")
    file, chance = shelf.file("a"), random.Random(7)
    whole, stat = file.read_bytes(), file.stat()
    for bit in chance.sample(range(len(whole) * 8), 150):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        file.write_bytes(damaged)
        os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        forget()
        hits = search_all(shelf.place, [shelf.root / "guides" / "a"], shelf.contents, "过热")
        assert [hit.snippet for hit in hits] == ["电机过热"]


def test_another_process_may_replace_it_at_any_time(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """What this one knows of the file is true no more: it looks again."""
    monkeypatch.setattr("larknb.cache.search.KEPT", 0)  # memory keeps nothing: each search reads the file
    shelf.search("过热")
    mine = shelf.file("a").read_bytes()
    forget()
    shelf.put("a", "电机过热" * 50 + "与过温", version="2", age=20)
    shelf.search("过温")
    shelf.file("a").write_bytes(mine)
    assert shelf.search("过温") == ["a"]


def test_what_is_left_over_is_deleted(shelf: Shelf) -> None:
    """Indexes of sources that are gone, unfinished ones of long ago, and the one file of earlier versions."""
    shelf.place.mkdir()
    gone, unfinished = shelf.file("gone"), shelf.place / ".guides-a.index.0011aabb.tmp"
    for path in (gone, unfinished):
        path.write_bytes(MARK + b"...")
    os.utime(unfinished, (1, 1))
    (shelf.root / "search.json").write_bytes(b'{"format":3,"sum":1,"sources":{}}')
    shelf.search("过热")
    assert sorted(path.name for path in shelf.place.iterdir()) == ["guides-a.index", "guides-b.index"]
    assert not (shelf.root / "search.json").exists()


def test_what_is_not_ours_stays(shelf: Shelf) -> None:
    """Whatever it is called, in the folder and beside it; and what another process is about to finish."""
    shelf.place.mkdir()
    mine = {
        shelf.place / "notes.txt": b"mine",
        shelf.place / "my.index": b"mine",
        shelf.place / ".guides-a.index.0011aabb.tmp": b"mine",
        shelf.place / ".guides-b.index.0011aabb.tmp": MARK,
        shelf.root / "search.json": b"[1, 2]",
    }
    for path, data in mine.items():
        path.write_bytes(data)
        if data == b"mine":
            os.utime(path, (1, 1))
    (shelf.place / "folder.index").mkdir()
    shelf.search("过热")
    assert {path: path.read_bytes() for path in mine} == mine
    assert (shelf.place / "folder.index").is_dir()


ODD: dict[str, Callable[[Path], object]] = {
    "a file": lambda path: path.write_bytes(b"mine"),
    "a pipe": lambda path: os.mkfifo(path),
    "a link to nothing": lambda path: path.symlink_to("nowhere"),
    "a link to a folder": lambda path: path.symlink_to("guides"),
    "a folder that nobody may write to": lambda path: path.mkdir(0o500),
}


@posix
@pytest.mark.parametrize("make", ODD.values(), ids=ODD)
def test_where_nothing_can_be_kept_the_search_still_works(shelf: Shelf, make: Callable[[Path], object]) -> None:
    """From memory, so that the second one reads nothing; what lies there stays as it is."""
    make(shelf.place)
    before = shelf.place.lstat()
    assert shelf.search("过热") == ["a"]
    assert shelf.search("绝缘") == ["b"]
    assert shelf.read == 2
    assert (shelf.place.lstat().st_mode, shelf.place.lstat().st_size) == (before.st_mode, before.st_size)
    assert not [*(shelf.root / "guides").glob("*.index")]


@posix
def test_something_else_under_the_name_of_an_index_stays(shelf: Shelf) -> None:
    """It is not followed, and the search works without."""
    shelf.place.mkdir()
    (shelf.root / "mine").write_bytes(MARK)
    shelf.file("a").symlink_to(shelf.root / "mine")
    os.mkfifo(shelf.file("b"))
    assert shelf.search("过热") == ["a"]
    assert shelf.search("绝缘") == ["b"]
    assert shelf.file("a").is_symlink()
    assert (shelf.root / "mine").read_bytes() == MARK


# --- several at once ------------------------------------------------------------------------------------------------

SEARCHES = """
import sys
from pathlib import Path
from tests.cache.test_search import Shelf, forget
shelf = Shelf(Path(sys.argv[1]))
for version in range(12):
    shelf.put("b", f"绝缘 {version}", version=f"{sys.argv[2]} {version}", age=60 - version)
    assert shelf.search("过热") == ["a"], version
    assert shelf.search("绝缘") == ["b"], version
    forget()
"""


@pytest.mark.soak
def test_two_processes_make_one_index(shelf: Shelf) -> None:
    """Each finds what there is, whatever the other one does to the same files meanwhile."""
    places = [sys.executable, "-c", SEARCHES, str(shelf.root)]
    processes = [subprocess.Popen([*places, name], cwd=Path(__file__).parents[2]) for name in ("one", "two")]
    assert [process.wait(60) for process in processes] == [0, 0]
    assert not [*shelf.place.glob("*.tmp")]
    assert shelf.search("绝缘") == ["b"]


def test_threads_search_at_once(shelf: Shelf) -> None:
    """Each finds what there is, while sources change."""

    def look(number: int) -> list[list[str]]:
        shelf.put("b", f"绝缘 {number}", version=f"{number // 4}")
        return [shelf.search("过热"), shelf.search("绝缘")]

    with ThreadPoolExecutor(4) as pool:
        assert [*pool.map(look, range(1, 40))] == [[["a"], ["b"]]] * 39


# --- from end to end ------------------------------------------------------------------------------------------------


def test_the_rows_of_a_synced_base_are_found(lab: Lab) -> None:
    """Text and linked rows' names, with a link to the row; a new sync is seen by the next search."""
    lab.workspace.sync(progress=False).raise_for_failures()
    cached = next(iter(Cache(lab.workspace.settings.cache_dir).sources.values()))

    def find(text: str) -> SearchHits:
        return search_all(lab.workspace.root / "search", [cached.folder], lambda _: contents_of_tables(cached), text)

    hits = find("PERSON 17")
    assert [(hit.kind, hit.source, hit.title, hit.path) for hit in hits] == [("bitable", "s1", "people", "person 17")]
    assert hits[0].url == f"{lab.box.url}/base/{lab.base.app_token}?table=tblPeople"
    assert find("team").found == 32  # the teams themselves, and the people who are linked to them
    lab.people.edit(next(iter(lab.people.rows)), {"name": [{"type": "text", "text": "somebody new"}]})
    lab.later().workspace.sync(progress=False, force=True).raise_for_failures()
    cached.reload()
    assert [hit.path for hit in find("somebody new")] == ["somebody new"]


def test_a_near_miss_is_offered(lab: Lab) -> None:
    """What is there and differs by one character, as it is written there; it finds something."""
    lab.workspace.sync(progress=False).raise_for_failures()
    hits = lab.workspace.search("persan 17")
    assert (len(hits), hits.counts, hits.near) == (0, {}, ("person 17",))
    assert lab.workspace.search(hits.near[0]).found
    assert lab.workspace.search("persan 17", kind="document").near == ()
