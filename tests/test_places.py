"""Which folders are ours, and locks: what `tests/hostile/test_places.py` asks of a whole workspace, in the small."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from larknb.errors import ConfigError
from larknb.files import NotPlain
from larknb.places import MARK, claim, is_ours, lock, stays_inside
from tests.conftest import Clock

posix = pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")


def put(path: Path, text: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


OURS: dict[str, list[str]] = {
    "marked": [MARK, "notes.txt"],
    "a cache": ["bitable_cache/staff/manifest.json", "notes.txt"],
    "the work of an old workspace": ["fault_diagnosis_token_cache.json", "README.md"],
    "a log": ["logs/larknb.log"],
    "one kind of source": ["staff/manifest.json", "staff/snapshots/20260116T103000Z/t.parquet"],
    "one source": ["manifest.json", "snapshots/20260116T103000Z/t.parquet"],
    "what systems leave": [".DS_Store", "Thumbs.db"],
}
NOT_OURS: dict[str, list[str]] = {
    "notes": ["notes.txt"],
    "another program's manifests": ["extension/manifest.json"],
    "another program's snapshots": ["snapshots/1.img"],
    "a log of others": ["logs/other.log"],
    "a hidden file": [".env"],
    "a repository": [".git/config"],
}


@pytest.mark.parametrize("files", OURS.values(), ids=OURS)
def test_a_folder_is_known_by_what_lies_in_it(tmp_path: Path, files: list[str]) -> None:
    """It is taken, and marked from then on."""
    for name in files:
        put(tmp_path / name)
    assert is_ours(tmp_path)
    claim(tmp_path)
    assert (tmp_path / MARK).exists()


@pytest.mark.parametrize("files", NOT_OURS.values(), ids=NOT_OURS)
def test_a_folder_of_others_is_refused(tmp_path: Path, files: list[str]) -> None:
    """And not even marked."""
    for name in files:
        put(tmp_path / name)
    assert not is_ours(tmp_path)
    with pytest.raises(ConfigError, match="left unchanged"):
        claim(tmp_path)
    assert not (tmp_path / MARK).exists()


def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    """With all that is above it; the workspace's own needs no mark."""
    claim(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b" / MARK).exists()
    claim(tmp_path / "work", own=True)
    assert [*(tmp_path / "work").iterdir()] == []


@posix
def test_a_link_to_nothing_is_no_folder(tmp_path: Path) -> None:
    """It is neither ours nor free."""
    (tmp_path / "link").symlink_to("nowhere")
    assert not is_ours(tmp_path / "link")


@posix
def test_work_may_be_a_link_and_nothing_else(tmp_path: Path) -> None:
    """What lies below it lies inside; other links out of the workspace lead out."""
    root, out = tmp_path / "ws", tmp_path / "out"
    root.mkdir()
    out.mkdir()
    (root / "work").symlink_to(out)
    (root / "other").symlink_to(out)
    assert stays_inside(root / "work" / "cache", root)
    assert not stays_inside(root / "other" / "cache", root)
    assert not stays_inside(root / "work" / ".." / "x", root)


# --- locks ----------------------------------------------------------------------------------------------------------


def test_a_lock_is_waited_for_in_the_time_of_the_caller(tmp_path: Path, clock: Clock) -> None:
    """As long as patience lasts; afterwards it is free again."""
    path = tmp_path / "a.lock"
    with (
        lock(path, ValueError, patience=5),
        pytest.raises(ValueError),
        lock(path, ValueError, patience=5, sleep=clock.sleep),
    ):
        pass
    assert sum(clock.slept) == pytest.approx(5, abs=0.2)
    with lock(path, ValueError, patience=0):
        pass


TAKEN: dict[str, Callable[[Path], object]] = {
    "a folder": Path.mkdir,
    "a text": lambda path: path.write_text("notes"),
    "a link": lambda path: path.symlink_to(path.with_name("notes")),
    "a pipe": lambda path: os.mkfifo(path),
}


@posix
@pytest.mark.parametrize("make", TAKEN.values(), ids=TAKEN)
def test_who_wants_a_lock_agrees_on_another_name(tmp_path: Path, make: Callable[[Path], object]) -> None:
    """What lies in its place is neither opened nor emptied, and all processes still keep each other out."""
    path = tmp_path / "a.lock"
    make(path)
    before = path.lstat()
    with lock(path, ValueError, patience=0), pytest.raises(ValueError), lock(path, ValueError, patience=0):
        pass
    assert path.lstat() == before


def test_where_all_names_are_taken_there_is_no_lock(tmp_path: Path) -> None:
    """An error, and no search without end."""
    for name in ("a.lock", *(f"a-{number}.lock" for number in range(2, 100))):
        (tmp_path / name).mkdir()
    with pytest.raises(NotPlain), lock(tmp_path / "a.lock", ValueError, patience=0):
        pass
