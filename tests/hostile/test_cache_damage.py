"""Damaged files of a cache: whatever a disk or a hand made of them, a call gives right data or names what is not."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from larknb.cache import manifest
from larknb.cache.snapshot import Snapshot
from larknb.cache.store import Cache
from larknb.cache.verify import verify
from larknb.errors import ConfigError, LarkError
from larknb.model import Learned, Policy
from tests.cache.taking import NOW, batch, info, opened, take

from .shelf import ASKS, OF, SOURCES, STATES, Shelf, answer, fill

DAY = 86400.0
NAMES = [*SOURCES]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Three sources of three states each, which nobody may change."""
    return fill(tmp_path_factory.mktemp("shelf") / "whole")


@pytest.fixture(scope="module")
def right(whole: Shelf) -> dict[str, Any]:
    """What every call says of it."""
    return {ask: answer(whole, ask) for ask in ASKS}


@pytest.fixture
def shelf(whole: Shelf, tmp_path: Path) -> Shelf:
    return whole.copy(tmp_path / "shelf")


# --- manifests --------------------------------------------------------------------------------------------------------

Damage = Callable[[Path], object]


def cut(share: float) -> Damage:
    return lambda path: path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])


def put(data: bytes | str) -> Damage:
    return lambda path: path.write_bytes(data.encode() if isinstance(data, str) else data)


def say(**changed: Any) -> Damage:
    return lambda path: path.write_text(json.dumps(json.loads(path.read_bytes()) | changed), encoding="utf-8")


def without(*keys: str) -> Damage:
    def damage(path: Path) -> None:
        document = json.loads(path.read_bytes())
        path.write_text(json.dumps({key: value for key, value in document.items() if key not in keys}), "utf-8")

    return damage


def sealed(**changed: Any) -> Damage:
    """Change what a manifest says, and seal it anew."""

    def damage(path: Path) -> None:
        known = manifest.read(path.parent)
        assert known is not None
        manifest.write(path.parent, replace(known, **changed))

    return damage


def swap(old: bytes, new: bytes) -> Damage:
    return lambda path: path.write_bytes(path.read_bytes().replace(old, new))


def other(make: Damage) -> Damage:
    """Put something else where the file was."""

    def damage(path: Path) -> None:
        path.unlink()
        make(path)

    return damage


def folder_with_a_file(path: Path) -> None:
    path.mkdir()
    (path / "notes.txt").write_text("mine")


DAMAGES: dict[str, Damage] = {
    "cut in half": cut(0.5),
    "its last byte is gone": cut(0.999),
    "its first bytes are left": cut(0.02),
    "empty": put(b""),
    "zeros": put(bytes(5000)),
    "zeros at its end": lambda path: path.write_bytes(path.read_bytes()[:-900] + bytes(900)),
    "zeros at its start": lambda path: path.write_bytes(bytes(64) + path.read_bytes()[64:]),
    "an empty object": put("{}"),
    "an empty list": put("[]"),
    "null": put("null"),
    "a number": put("7"),
    "words": put("no manifest at all"),
    "deep lists": put("[" * 100_000),
    "deep objects": put('{"a":' * 100_000),
    "a deep value": put('{"format": 3, "tables": ' + "[" * 50_000 + "]" * 50_000 + "}"),
    "no UTF-8": put(b"\xff\xfe\x00{"),
    "UTF-16": lambda path: path.write_bytes(path.read_bytes().decode().encode("utf-16")),
    "a BOM": lambda path: path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes()),
    "twice": lambda path: path.write_bytes(path.read_bytes() * 2),
    "something behind it": lambda path: path.write_bytes(path.read_bytes() + b"x"),
    "a page of another file": lambda path: path.write_bytes(path.read_bytes()[:500] + b"PAR1" * 100),
    "tables null": say(tables=None),
    "tables a list": say(tables=[]),
    "tables of nothing": say(tables={"tblA": None}),
    "tables of lists": say(tables={"tblA": [1]}),
    "tables gone": say(tables={}),
    "snapshots null": say(snapshots=None),
    "snapshots a text": say(snapshots="x"),
    "snapshots gone": say(snapshots={}),
    "snapshots of numbers": say(snapshots={STATES[0]: 5}),
    "a snapshot that is none": say(snapshot=7),
    "a name that is none": say(name=None),
    "a name that was another": say(name="other"),
    "a key that is a number": say(key=5),
    "a key that is empty": say(key=""),
    "a kind of nothing": say(kind="folder"),
    "a time that is a text": say(checked_at="soon"),
    "a time without end": put('{"format": 3, "checked_at": 1e999}'),
    "no time": put('{"format": 3, "checked_at": NaN}'),
    "media a number": say(media=3),
    "a state that is a list": say(state=[]),
    "format a text": say(format="3"),
    "format true": say(format=True),
    "format half": say(format=2.5),
    "format below none": say(format=-1),
    "format before ours": say(format=0),
    "format of the one before": say(format=2),
    "no format": without("format"),
    "no seal": without("seal"),
    "no name": without("name"),
    "a broken seal": say(seal="00000000-1"),
    "half an emoji": swap(b'"name": "', b'"name": "\\ud83d'),
    "one digit more": swap(b'"rows": ', b'"rows": 1'),
    "another letter": swap(b"snapshots/2026", b"snapshots/2027"),
    "a path that leads out": sealed(snapshot="../x", snapshots={"../x": manifest.SnapshotEntry.empty()}),
    "a time of no clock": sealed(checked_at=1e15),
    "missing": lambda path: path.unlink(),
    "a folder": other(lambda path: path.mkdir()),
    "a folder with a file": other(folder_with_a_file),
    "a link to itself": other(lambda path: path.symlink_to(path)),
    "a link to nothing": other(lambda path: path.symlink_to(path.parent / "nothing")),
    "a link to a device": other(lambda path: path.symlink_to("/dev/zero")),
    "a link to a folder": other(lambda path: path.symlink_to(path.parent)),
    "a pipe": other(lambda path: os.mkfifo(path)),
}
POSIX = {"a link to itself", "a link to nothing", "a link to a device", "a link to a folder", "a pipe"}
# The ones that stand for the others in the default run.
FEW = {"cut in half", "zeros", "tables null", "snapshots gone", "missing", "a folder", "deep lists"}
FEW_FILES = {"cut in half", "a folder"}


def each_of(names: Iterable[str], few: set[str]) -> list[Any]:
    """Return the damages that this system can do; those that are not among the few run with the long tests."""
    possible = [name for name in names if os.name != "nt" or name not in POSIX]
    return [name if name in few else pytest.param(name, marks=pytest.mark.soak) for name in possible]


@pytest.mark.parametrize("damage", each_of(DAMAGES, FEW))
def test_a_damaged_manifest_costs_no_call_anything(shelf: Shelf, right: dict[str, Any], damage: str) -> None:
    """The snapshots tell what it said: every call says what it said before, of the history as well."""
    for name in NAMES:
        DAMAGES[damage](shelf.folder(name) / "manifest.json")
    before = listed(shelf.root)
    assert {ask: answer(shelf, ask) for ask in ASKS} == right
    assert listed(shelf.root) == before


def listed(root: Path) -> set[str]:
    """Return what lies in a workspace, without what a search keeps."""
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.name != "search.json"}


@pytest.mark.parametrize("damage", each_of(DAMAGES, FEW))
def test_the_next_sync_sets_it_aside_and_loses_nothing(shelf: Shelf, damage: str) -> None:
    """However long ago the earlier states were; the sync after it thins them out as ever."""
    path = shelf.folder("base") / "manifest.json"
    DAMAGES[damage](path)
    for number in range(2):
        cached = Cache(shelf.root / "work").of(SOURCES["base"])
        take(cached, NOW + (400 + number) * DAY, batch(info("people", "tblA"), 9 + number))
        assert cached.rebuilt is (number == 0)
        assert len(opened(cached).manifest.snapshots) == (4 if number == 0 else 2)
    aside = [each for each in path.parent.iterdir() if each.name.startswith("manifest.json.damaged-")]
    assert len(aside) == (damage != "missing")
    assert answer(shelf, "people") == Shelf(shelf.root).workspace.load("base/people", as_of=-1).to_dict()
    assert len(shelf.workspace.load("base/people")) == 10


def test_the_run_that_found_damage_thins_nothing_out(tmp_path: Path) -> None:
    """However short the history is by now; the next one does."""
    for number in range(3):
        take(Cache(tmp_path).of(SOURCES["base"]), NOW + 10 * number * DAY, batch(info(), 3 + number))
    cached = Cache(tmp_path).of(SOURCES["base"])
    (cached.folder / "manifest.json").write_bytes(b"{")
    for number, left in ((3, 4), (4, 2)):
        cached = Cache(tmp_path).of(SOURCES["base"])
        with Snapshot(cached, NOW + (20 + number) * DAY, policy=Policy(history=1.0)) as snapshot:
            snapshot.add(batch(info(), 3 + number))
            snapshot.commit(Learned(selected={"tblA": "t"}), options="{}", full_at=NOW, stamp=None)
        assert len(opened(cached).manifest.snapshots) == left


@pytest.mark.parametrize("number", [manifest.FORMAT + 1, 99, 10**6])
def test_a_newer_manifest_is_refused_and_left_as_it_is(shelf: Shelf, right: dict[str, Any], number: int) -> None:
    """By every call; the other sources go on."""
    path = shelf.folder("base") / "manifest.json"
    say(format=number)(path)
    before = path.read_bytes()
    for ask in OF["base"][:-1]:
        told = answer(shelf, ask)
        assert isinstance(told, ConfigError), ask
        assert "upgrade larknb" in str(told)
    assert {ask: answer(shelf, ask) for name in ("book", "page") for ask in OF[name]} == {
        ask: right[ask] for name in ("book", "page") for ask in OF[name]
    }
    assert "upgrade larknb" in str(next(iter(shelf.workspace.status())).last_error)
    with pytest.raises(ConfigError):
        Cache(shelf.root / "work").of(SOURCES["base"])
    assert path.read_bytes() == before


def test_a_manifest_and_a_record_damaged_at_once(shelf: Shelf) -> None:
    """The files of that snapshot tell what they are; the other states are as they were."""
    folder = shelf.folder("base")
    (folder / "manifest.json").write_bytes(b"{")
    (folder / "snapshots" / STATES[1] / "snapshot.json.gz").write_bytes(bytes(40))
    counts = [len(shelf.workspace.load("base/people", as_of=state)) for state in STATES]
    assert counts == [5, 6, 7]


def test_a_manifest_damaged_between_two_looks_of_a_reader(shelf: Shelf, right: dict[str, Any]) -> None:
    """Whoever has it open reads on."""
    cached = Cache(shelf.root / "work").find(SOURCES["base"])
    assert cached is not None
    (shelf.folder("base") / "manifest.json").write_bytes(b"")
    cached.reload()
    assert cached.rows("tblA") == len(right["people"]["name"])


# --- data files -------------------------------------------------------------------------------------------------------

FILE_DAMAGES = {name: DAMAGES[name] for name in (
    "cut in half", "its last byte is gone", "its first bytes are left", "empty", "zeros", "zeros at its end",
    "zeros at its start", "words", "an empty object", "an empty list", "twice", "something behind it", "missing",
    "a folder", "a folder with a file", "a link to itself", "a link to nothing", "a link to a device", "a pipe",
)}  # fmt: skip


def data_files(shelf: Shelf, name: str) -> list[Path]:
    """Return the files that a cache consists of, those for other programs left out."""
    folder = shelf.folder(name)
    return sorted(path for place in ("snapshots", "media") for path in (folder / place).rglob("*") if path.is_file())


def is_right_or_named(told: Any, expected: Any, path: Path) -> bool:
    """Say whether a call gave what it should, or an error that names the file or its snapshot and what to do."""
    if told == expected or told == []:  # a search has nothing to search in
        return True
    names = (path.name, path.parent.name)
    return isinstance(told, LarkError) and any(name in str(told) for name in names) and bool(told.next)


def wrong_files(shelf: Shelf, right: dict[str, Any], name: str, damage: str, paths: Iterable[Path]) -> list[str]:
    """Damage each file in turn, and return what was neither right nor named."""
    wrong = []
    for path in paths:
        data = path.read_bytes()
        FILE_DAMAGES[damage](path)
        wrong += [f"{path} {ask}" for ask in OF[name] if not is_right_or_named(answer(shelf, ask), right[ask], path)]
        restore(path, data)
    return wrong


@pytest.mark.parametrize("damage", each_of(FILE_DAMAGES, FEW_FILES))
@pytest.mark.parametrize("name", NAMES)
def test_a_damaged_file_is_made_again_or_named(shelf: Shelf, right: dict[str, Any], name: str, damage: str) -> None:
    """Each file of the present state in turn: what every call says is right, or names it."""
    paths = [path for path in data_files(shelf, name) if STATES[2] in path.parts or "media" in path.parts]
    assert wrong_files(shelf, right, name, damage, paths) == []


@pytest.mark.parametrize("damage", each_of(FILE_DAMAGES, {*FEW_FILES, "missing"}))
def test_a_friendly_file_is_made_again_at_every_load(shelf: Shelf, right: dict[str, Any], damage: str) -> None:
    """The raw one tells all that it told."""
    for name in ("base", "book"):
        for path in data_files(shelf, name):
            if path.name in ("people.parquet", "teams.parquet", "data.parquet"):
                FILE_DAMAGES[damage](path)
    for ask in ("people", "one column", "schema", "tables", "teams", "data", "rows"):
        assert answer(shelf, ask) == right[ask], ask


@pytest.mark.soak
@pytest.mark.parametrize("damage", FILE_DAMAGES)
@pytest.mark.parametrize("name", NAMES)
def test_a_damaged_file_of_the_history_is_named(shelf: Shelf, right: dict[str, Any], name: str, damage: str) -> None:
    """So is each file of every earlier state."""
    assert wrong_files(shelf, right, name, damage, data_files(shelf, name)) == []


def restore(path: Path, data: bytes) -> None:
    if path.is_dir() and not path.is_symlink():
        for each in path.iterdir():
            each.unlink()
        path.rmdir()
    path.unlink(missing_ok=True)
    path.write_bytes(data)


def flipped(data: bytes, bit: int) -> bytes:
    return data[: bit // 8] + bytes([data[bit // 8] ^ (1 << bit % 8)]) + data[bit // 8 + 1 :]


def wrong_after_flips(shelf: Shelf, right: dict[str, Any], flips: int) -> list[str]:
    """Flip that many single bits, spread over every file of every source, and return what was silently wrong."""
    chance, wrong = random.Random(9), []
    for name in NAMES:
        files = [*data_files(shelf, name), shelf.folder(name) / "manifest.json"]
        for number in range(flips // len(NAMES)):
            path = files[number % len(files)]
            data = path.read_bytes()
            bit = chance.randrange(len(data) * 8)
            path.write_bytes(flipped(data, bit))
            wrong += [f"{path} {bit} {ask}" for ask in OF[name]
                      if not _is_fine(answer(shelf, ask), right[ask])]  # fmt: skip
            path.write_bytes(data)
    return wrong


def _is_fine(told: Any, expected: Any) -> bool:
    return told in (expected, []) or isinstance(told, LarkError)


def test_no_flipped_bit_is_read_as_data(shelf: Shelf, right: dict[str, Any]) -> None:
    """In no file of any kind."""
    assert wrong_after_flips(shelf, right, 36) == []


@pytest.mark.soak
def test_no_flipped_bit_of_many_is_read_as_data(shelf: Shelf, right: dict[str, Any]) -> None:
    """The same, at length."""
    assert wrong_after_flips(shelf, right, 900) == []


# --- what is found ----------------------------------------------------------------------------------------------------


def test_a_whole_cache_has_no_findings(shelf: Shelf) -> None:
    """Nor has one of an earlier state whose friendly files are gone on purpose."""
    for cached in Cache(shelf.root / "work").sources.values():
        assert verify(cached) == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("damage", "what"), [("cut in half", "damaged"), ("missing", "missing")])
def test_every_damaged_file_is_found(shelf: Shelf, name: str, damage: str, what: str) -> None:
    """By its path, with what heals it: the present state by a load or a sync, the history by nothing."""
    for path in data_files(shelf, name):
        data = path.read_bytes()
        DAMAGES[damage](path)
        (found,) = verify(opened(Cache(shelf.root / "work").of(SOURCES[name])))
        assert (found.path, found.what) == (path, what)
        is_past = path.name == "snapshot.json.gz" or (path.parent.name in STATES[:2] and "teams" not in path.name)
        assert (found.heals == "nothing") is is_past
        restore(path, data)


def test_a_damaged_manifest_is_found(shelf: Shelf) -> None:
    """The next sync writes a new one."""
    path = shelf.folder("book") / "manifest.json"
    path.write_bytes(b"{")
    cached = Cache(shelf.root / "work").find(SOURCES["book"])
    assert cached is not None
    assert [(each.path, each.what, each.heals) for each in verify(cached)] == [(path, "damaged", "sync")]
