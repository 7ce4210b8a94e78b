"""What is on the disk after a power cut, asked from the system calls: files and folders, and in which order."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from larknb.files import sync_file, sync_folder, write_atomically
from larknb.sandbox import Sandbox
from larknb.sandbox.blocks import image, text
from tests.conftest import Clock, Lab, open_lab

pytestmark = pytest.mark.skipif(os.name == "nt", reason="NTFS journals renames; a folder cannot be opened there")


@dataclass
class Disk:
    """What was brought to the disk, and what was renamed, in order."""

    events: list[tuple[str, int]] = field(default_factory=list)
    handles: list[int] = field(default_factory=list)

    def at(self, what: str, path: Path) -> int:
        """Return when something was done with what lies at a path now; an error if it never was."""
        return self.events.index((what, path.stat().st_ino))


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    disk, fsync, replace = Disk(), os.fsync, os.replace

    def synced(handle: int) -> None:
        found = os.fstat(handle)
        disk.handles.append(handle)
        disk.events.append(("folder" if stat.S_ISDIR(found.st_mode) else "file", found.st_ino))
        fsync(handle)

    def renamed(new: Any, old: Any, **options: Any) -> None:
        disk.events.append(("rename", Path(new).stat().st_ino))
        replace(new, old, **options)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", renamed)
    return disk


def test_a_file_is_on_the_disk_before_it_is_renamed(disk: Disk, tmp_path: Path) -> None:
    """And its new name after that: else a power cut leaves the right name on no bytes, or the right bytes nameless."""
    path = tmp_path / "folder" / "manifest.json"
    write_atomically(path, b"new")
    assert disk.events == [
        ("file", path.stat().st_ino),
        ("rename", path.stat().st_ino),
        ("folder", path.parent.stat().st_ino),
    ]


def test_a_written_file_is_brought_to_the_disk(disk: Disk, tmp_path: Path) -> None:
    """Its bytes stay as they are, and its folder is not this call's business."""
    path = tmp_path / "t.parquet"
    path.write_bytes(b"bytes")
    sync_file(path)
    assert disk.events == [("file", path.stat().st_ino)]
    assert path.read_bytes() == b"bytes"


@pytest.mark.parametrize("bring", [sync_folder, lambda folder: sync_file(folder / "file")], ids=["folder", "file"])
def test_no_handle_is_left_open(
    bring: Callable[[Path], None], disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the disk refuses: a schedule that runs for months would use all of them up."""
    (tmp_path / "file").touch()
    bring(tmp_path)
    good = os.fsync

    def full(handle: int) -> None:
        good(handle)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        bring(tmp_path)
    assert len(disk.handles) == 2
    for handle in disk.handles:
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(handle)


def sync(lab: Lab) -> Path:
    """Sync the one source, and return its folder."""
    lab.workspace.sync(progress=False).raise_for_failures()
    (manifest,) = (lab.workspace.root / "work").rglob("manifest.json")
    return manifest.parent


def test_a_snapshot_is_on_the_disk_before_it_is_current(disk: Disk, lab: Lab) -> None:
    """Each of its files, its folder and the folder of all snapshots, and then the rename of the manifest."""
    folder = sync(lab)
    (snapshot,) = (folder / "snapshots").iterdir()
    flip = disk.at("rename", folder / "manifest.json")
    assert {path.name for path in snapshot.iterdir()} >= {"people.parquet", "people.raw.parquet", "teams.parquet"}
    for path in snapshot.iterdir():
        assert disk.at("file", path) < disk.at("folder", snapshot), path
    assert disk.at("folder", snapshot) < flip
    assert disk.at("folder", folder / "snapshots") < flip
    assert disk.at("folder", folder) > flip


def test_files_for_others_come_after_the_flip(disk: Disk, lab: Lab) -> None:
    """They are copies of what is current: none may show what a power cut could take back."""
    folder = sync(lab)
    flip = disk.at("rename", folder / "manifest.json")
    for name in ("people.parquet", "teams.parquet"):
        assert disk.at("rename", folder / name) > flip


def test_a_guide_and_its_pictures_are_on_the_disk_before_they_are_current(
    disk: Disk, tmp_path: Path, box: Sandbox, clock: Clock
) -> None:
    """Pictures lie beside the snapshots, and are as much part of the state."""
    picture = box.tenant.add_media(b"\x89PNG\r\n\x1a\n", "a.png", "image/png")
    guide = box.tenant.add_document("guide", [text("one"), image(picture)], document_id="DocGuide0000000000000000001")
    folder = sync(open_lab(tmp_path, box, clock, f"{box.url}/docx/DocGuide0000000000000000001", guide))
    flip = disk.at("rename", folder / "manifest.json")
    (snapshot,) = (folder / "snapshots").iterdir()
    (shown,) = (folder / "media").iterdir()
    for path in (shown, *snapshot.iterdir()):
        assert disk.at("file", path) < flip, path
    assert disk.at("folder", folder / "media") < flip
    assert disk.at("folder", snapshot) < flip


def test_a_renewed_login_is_on_the_disk_before_it_is_used(disk: Disk, lab: Lab) -> None:
    """The old refresh token works no more: the new pair must outlive a power cut."""
    lab.clock.advance(7000)
    disk.events.clear()
    assert lab.workspace.keep_login()
    path = lab.workspace.settings.token_file
    assert disk.at("file", path) < disk.at("rename", path) < disk.at("folder", path.parent)
