"""Where larknb may write: what somebody else's larknb.toml, links and odd files make of that."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from larknb.config.edit import add_source, create, save_app
from larknb.config.settings import load_settings
from larknb.errors import ConfigError, LarkError
from larknb.logs import log_to
from larknb.workspace import Workspace
from tests.conftest import Lab

posix = pytest.mark.skipif(os.name == "nt", reason="links need a privilege there, and there are no pipes")
pytestmark = pytest.mark.timeout(60)  # what waits for a pipe would wait for ever

URL = "https://example.feishu.cn/base/DemoStaff00000000000000001A"
MINE = "the notes of somebody else"


def tree(folder: Path) -> dict[str, str]:
    """Return all that lies below a folder: texts of files, where links lead, and what else is there."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        found[name] = str(path.readlink()) if path.is_symlink() else path.read_text() if path.is_file() else "odd"
    return found


def full(folder: Path) -> None:
    """Make a folder as somebody keeps it: notes, pictures, and names that ours have, too."""
    for name in ("notes.txt", "media/photo.png", "snapshots/old.txt", ".draft.tmp", "manifest.json", "sync.json"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(MINE)
    if (folder / "snapshots").is_dir():
        shutil.rmtree(folder / "snapshots")


# --- what lies under a name of ours ---------------------------------------------------------------------------------

ODD: dict[str, Callable[[Path], object]] = {
    "a folder": Path.mkdir,
    "a full folder": full,
    "a pipe": lambda path: os.mkfifo(path),
    "a link to somebody's file": lambda path: path.symlink_to(path.parent / "mine.txt"),
    "a link to nothing": lambda path: path.symlink_to("nowhere"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
    "a link to a full device": lambda path: path.symlink_to("/dev/full"),
    "a link to a folder": lambda path: path.symlink_to("."),
}
OUR_FILES = ["search", "search.json", "usage.json", "usage.copy.json", "looks.json", "usage.json.lock", "sync.json",
             "sync.lock", "larknb.toml.lock", "logs/larknb.log", "logs/larknb.log.1", ".gitignore"]  # fmt: skip


def shape(path: Path) -> str | int:
    return str(path.readlink()) if path.is_symlink() else path.lstat().st_mode


@posix
@pytest.mark.parametrize("make", ODD.values(), ids=ODD)
def test_what_is_no_file_stays_and_stops_nobody(lab: Lab, make: Callable[[Path], object]) -> None:
    """Sync, search, status and add go on without the files, and what lies there is as it was."""
    work = lab.workspace.root / "work"
    (work / "logs").mkdir(exist_ok=True)
    for folder in (work, work / "logs"):
        (folder / "mine.txt").write_text(MINE)
    for name in OUR_FILES:
        if (work / name).exists():
            (work / name).unlink()
        make(work / name)
    before = {name: shape(work / name) for name in OUR_FILES}
    lab.workspace.sync(progress=False).raise_for_failures()
    assert lab.workspace.search("person 3")
    assert len(lab.workspace.status()) == 2
    add_source(lab.workspace.root, {"url": URL})
    assert {name: shape(work / name) for name in OUR_FILES} == before
    assert {path.read_text() for path in work.rglob("mine.txt")} == {MINE}
    assert all((work / name / "notes.txt").read_text() == MINE for name in OUR_FILES if make is full)


LOGS = {
    "notes": MINE,
    "another program's log": "[2026-01-01 10:00:00] INFO something\n",
    "a key": "-----BEGIN OPENSSH PRIVATE KEY-----\n",
    "a shell's start": "export PATH=$PATH:~/bin\n",
    "zeros": "\0" * 100,
}


@pytest.fixture
def no_log() -> Iterator[logging.Logger]:
    """The package's logger without a file, now and afterwards."""
    logger = logging.getLogger("larknb")
    before = [*logger.handlers]
    logger.handlers[:] = []
    yield logger
    for handler in logger.handlers:
        handler.close()
    logger.handlers[:] = before


@pytest.mark.parametrize("content", LOGS.values(), ids=LOGS)
@pytest.mark.parametrize("name", ["larknb.log", "larknb.log.1", "larknb.log.3"])
def test_a_file_that_is_no_log_of_ours_gets_no_line(
    tmp_path: Path, no_log: logging.Logger, name: str, content: str
) -> None:
    """Nor is it renamed or deleted when the log is full: where such a file lies, there is no log."""
    (tmp_path / name).write_text(content, newline="")
    log_to(tmp_path / "larknb.log")
    for _ in range(25):
        no_log.warning("x" * 100_000)
    assert tree(tmp_path) == {name: content}


def test_a_log_of_ours_is_continued(tmp_path: Path, no_log: logging.Logger) -> None:
    """It is known by its first line; one that is empty is ours, too."""
    log_to(tmp_path / "larknb.log")
    no_log.warning("one")
    log_to(tmp_path / "other.log")
    (tmp_path / "larknb.log.2").touch()
    log_to(tmp_path / "larknb.log")
    no_log.warning("two")
    lines = (tmp_path / "larknb.log").read_text().splitlines()
    assert [line.split()[-1] for line in lines] == ["one", "two"]


@posix
def test_a_log_does_not_leave_the_workspace(lab: Lab) -> None:
    """A link that came with somebody's repository leads nowhere."""
    outside = lab.workspace.root.parent / "outside"
    outside.mkdir()
    shutil.rmtree(lab.workspace.root / "work" / "logs", ignore_errors=True)
    (lab.workspace.root / "work" / "logs").symlink_to(outside)
    lab.workspace.sync(progress=False).raise_for_failures()
    assert tree(outside) == {}


# --- the folder of the cache ----------------------------------------------------------------------------------------


def with_dir(lab: Lab, value: str) -> Workspace:
    """Let the workspace's larknb.toml name a folder for the cache."""
    file = lab.workspace.root / "larknb.toml"
    file.write_text(file.read_text(encoding="utf-8") + f"\n[cache]\ndir = '{value}'\n", encoding="utf-8")
    return lab.workspace


@pytest.fixture
def outside(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of somebody else beside the workspace, which is the home of the person; and links to it."""
    outside, root = lab.workspace.root.parent / "out", lab.workspace.root
    full(outside)
    monkeypatch.setenv("HOME", str(outside))
    if os.name != "nt":
        for name, target in {"link": "../out", "twice": "link", "absolute": str(outside), "in": "work"}.items():
            (root / name).symlink_to(target)
    return outside


OUTSIDE = ["../out", "../out/cache", "../new", "..", "/", "/tmp/larknb-of-nobody", "{out}", "{out}/cache", "~", "~/x",
           "./../out", "work/../../out", "link", "link/cache", "twice", "absolute", "in/../../out"]  # fmt: skip


@posix
@pytest.mark.parametrize("value", OUTSIDE)
def test_a_file_may_not_send_the_cache_out_of_the_workspace(lab: Lab, outside: Path, value: str) -> None:
    """Whatever way leads out: every call says which variable is the consent, and nothing is written there."""
    before = tree(outside)
    workspace = with_dir(lab, value.format(out=outside))
    for call in (workspace.sync, workspace.status, lambda: workspace.load("s1"), workspace.sources):
        with pytest.raises(ConfigError, match="LARKNB_CACHE_DIR") as caught:
            call()
        assert f"{workspace.root / 'larknb.toml'}, [cache] dir" in str(caught.value)
    assert tree(outside) == before


INSIDE = ["caches", "./caches", "work/caches", "work/../caches", "{ws}/caches", "new/deep/caches", "in/caches", "in",
          "work", "../ws/caches"]  # fmt: skip


@posix
@pytest.mark.parametrize("value", INSIDE)
def test_a_folder_inside_the_workspace_is_taken(lab: Lab, outside: Path, value: str) -> None:
    """However it is written."""
    workspace = with_dir(lab, value.format(ws=lab.workspace.root))
    workspace.sync(progress=False).raise_for_failures()
    assert len(workspace.load("s1/people")) == 30
    assert (workspace.settings.cache_dir / "bitable_cache" / "s1" / "manifest.json").exists()


@pytest.mark.parametrize("where", ["inside", "outside"])
def test_a_folder_with_files_of_others_is_refused(
    lab: Lab, outside: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """Also with the person's consent nothing is written among them; the error names the folder and a way out."""
    folder = outside if where == "outside" else lab.workspace.root / "photos"
    full(folder)
    monkeypatch.setenv("LARKNB_CACHE_DIR", str(folder))
    before = tree(folder)
    with pytest.raises(ConfigError, match="do not belong to larknb") as caught:
        lab.workspace.sync(progress=False)
    assert str(folder) in str(caught.value)
    assert tree(folder) == before


def empty(folder: Path) -> None:
    folder.mkdir()


def as_a_drive_is(folder: Path) -> None:
    for name in ("lost+found", "Thumbs.db", ".DS_Store", "desktop.ini"):
        (folder / name).mkdir(parents=True)


FREE: dict[str, Callable[[Path], object]] = {
    "not there": lambda folder: None,
    "empty": empty,
    "a new drive": as_a_drive_is,
}


@pytest.mark.parametrize("make", FREE.values(), ids=FREE)
def test_the_variable_is_the_consent(lab: Lab, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], object]) -> None:
    """A folder elsewhere that is missing or empty is taken, and is known again whatever is put into it later."""
    folder = lab.workspace.root.parent / "drive"
    make(folder)
    monkeypatch.setenv("LARKNB_CACHE_DIR", str(folder))
    lab.workspace.sync(progress=False).raise_for_failures()
    (folder / "notes.txt").write_text(MINE)
    shutil.rmtree(folder / "bitable_cache")
    lab.workspace.sync(progress=False).raise_for_failures()
    assert len(lab.workspace.load("s1/people")) == 30
    assert (folder / "notes.txt").read_text() == MINE
    assert "larknb" in (folder / ".larknb").read_text(encoding="utf-8")


def test_a_cache_of_an_earlier_version_is_known_without_a_mark(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the folders that lie in it."""
    monkeypatch.setenv("LARKNB_CACHE_DIR", str(folder := lab.workspace.root.parent / "drive"))
    lab.workspace.sync(progress=False).raise_for_failures()
    (folder / ".larknb").unlink()
    (folder / "notes.txt").write_text(MINE)
    lab.later().workspace.sync(progress=False).raise_for_failures()


LINKS = ["work", "work/bitable_cache", "work/bitable_cache/s1", "work/fault_diagnosis_cache",
         "work/fault_diagnosis_cache/guides", "work/spreadsheet_cache/other"]  # fmt: skip


@posix
@pytest.mark.parametrize("link", LINKS)
def test_a_link_in_the_cache_leads_into_no_folder_of_others(lab: Lab, outside: Path, link: str) -> None:
    """Not into one with files of theirs; what larknb filled and somebody moved to another disk is known."""
    path, before = lab.workspace.root / link, tree(outside)
    if link == "work":
        shutil.move(path, lab.workspace.root / "before")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(outside)
    with pytest.raises(ConfigError, match="do not belong to larknb"):
        lab.workspace.sync(progress=False)
    assert tree(outside) == before


@posix
@pytest.mark.parametrize("link", ["work", "work/bitable_cache", "work/bitable_cache/s1"])
def test_what_was_moved_to_another_disk_goes_on(synced: Lab, link: str) -> None:
    """A folder of ours is known by what lies in it."""
    path, disk = synced.workspace.root / link, synced.workspace.root.parent / "disk"
    shutil.move(path, disk)
    path.symlink_to(disk)
    synced.later().people.add({"age": 1})
    synced.workspace.sync(progress=False).raise_for_failures()
    assert len(synced.workspace.load("s1/people")) == 31
    assert path.is_symlink()


# --- larknb.toml ----------------------------------------------------------------------------------------------------


def link_to_a_pipe(path: Path) -> None:
    os.mkfifo(path.with_name("pipe"))
    path.symlink_to("pipe")


NO_SETTINGS: dict[str, Callable[[Path], object]] = {
    "a folder": Path.mkdir,
    "a full folder": full,
    "a pipe": lambda path: os.mkfifo(path),
    "a link to a pipe": link_to_a_pipe,
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
    "a link to nothing": lambda path: path.symlink_to("nowhere"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "100 MB": lambda path: path.write_bytes(b"#" * 100_000_000),
    "a byte too many": lambda path: path.write_bytes(b"#" * 1_000_001),
    "deep lists": lambda path: path.write_text("a = " + "[" * 100_000 + "]" * 100_000),
    "deep and open": lambda path: path.write_text("a = " + "[" * 500_000),
    "deep tables": lambda path: path.write_text("a = " + "{b = " * 100_000),
    "a deep key": lambda path: path.write_text("a." * 400_000 + "a = 1"),
    "a deep section": lambda path: path.write_text("[" + "a . " * 200_000 + "a]"),
    "a deep quoted key": lambda path: path.write_text('"a".' * 200_000 + "a = 1"),
    "many deep keys": lambda path: path.write_text("\n".join(f"k{n}." * 2000 + "a = 1" for n in range(60))),
    "zeros": lambda path: path.write_bytes(bytes(4096)),
    "no UTF-8": lambda path: path.write_bytes(b"\xff\xfe\xff"),
    "half a file": lambda path: path.write_text('[app]\napp_id = "cli_'),
    "another tool's": lambda path: path.write_text("[tool.black]\nline-length = 120\n"),
    "a list of nothing": lambda path: path.write_text("sources = [1, [], {}]"),
    "not a number": lambda path: path.write_text("[cache]\nmax_age = nan\n"),
}


@posix
@pytest.mark.timeout(20)
@pytest.mark.parametrize("make", NO_SETTINGS.values(), ids=NO_SETTINGS)
def test_a_larknb_toml_that_is_none_is_told_at_once(tmp_path: Path, make: Callable[[Path], object]) -> None:
    """Reading and writing calls name it, none waits, and it stays as it is."""
    file = tmp_path / "larknb.toml"
    make(file)
    before = shape(file), file.stat().st_size if file.is_file() else 0
    workspace = Workspace(tmp_path)
    for call in (workspace.status, workspace.sync, lambda: workspace.add(URL), lambda: workspace.remove("a"),
                 lambda: save_app(tmp_path, {"app_id": "cli_example"})):  # fmt: skip
        with pytest.raises(ConfigError) as caught:
            call()
        assert str(file) in str(caught.value)
    assert (shape(file), file.stat().st_size if file.is_file() else 0) == before


@posix
def test_a_larknb_toml_may_be_a_link(tmp_path: Path) -> None:
    """People keep it elsewhere: the file there is read and edited, and the link stays."""
    root, kept = tmp_path / "ws", tmp_path / "dotfiles" / "larknb.toml"
    for folder in (root, kept.parent):
        folder.mkdir()
    kept.write_text("# mine\n")
    (root / "larknb.toml").symlink_to(kept)
    add_source(root, {"url": URL})
    save_app(root, {"app_id": "cli_example"})
    assert (root / "larknb.toml").is_symlink()
    assert [source.url for source in load_settings(root, {}).sources] == [URL]
    assert kept.read_text().startswith("# mine\n")


@posix
@pytest.mark.parametrize("make", ODD.values(), ids=ODD)
def test_a_gitignore_of_whatever_kind_is_left_alone(tmp_path: Path, make: Callable[[Path], object]) -> None:
    """It is made where nothing lies, and never written through a link."""
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "mine.txt").write_text(MINE)
    make(tmp_path / "work" / ".gitignore")
    before = shape(tmp_path / "work" / ".gitignore")
    assert create(tmp_path)
    assert shape(tmp_path / "work" / ".gitignore") == before
    assert (tmp_path / "work" / "mine.txt").read_text() == MINE


def test_a_file_in_the_place_of_a_source_is_left_there(lab: Lab) -> None:
    """The source takes another folder."""
    path = lab.workspace.root / "work" / "bitable_cache" / "s1"
    path.parent.mkdir(parents=True)
    path.write_text(MINE)
    lab.workspace.sync(progress=False).raise_for_failures()
    assert path.read_text() == MINE
    assert len(lab.workspace.load("s1/people")) == 30


@pytest.mark.parametrize("name", ["work", "work/bitable_cache", "work/bitable_cache/s1/snapshots"])
def test_a_file_where_a_folder_should_be_is_named(lab: Lab, name: str) -> None:
    """One sentence with its path, and the file stays."""
    path = lab.workspace.root / name
    shutil.rmtree(path, ignore_errors=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(MINE)
    with pytest.raises(LarkError, match="in its place") as caught:
        lab.workspace.sync(progress=False).raise_for_failures()
    assert str(path) in str(caught.value)
    assert path.read_text() == MINE
