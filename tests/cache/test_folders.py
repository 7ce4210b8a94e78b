"""Which folder a source should have, and what is told by one."""

from __future__ import annotations

from pathlib import Path

import pytest

from larknb.cache.folders import FOLDERS, folder_of, key_of, kind_of
from larknb.cache.manifest import Manifest, write
from larknb.model import Kind, Source

SOURCE = Source("Staff", "https://example.feishu.cn/base/AppA", "bitable", "AppA")
OTHER = Source("Staff", "https://example.feishu.cn/base/AppB", "bitable", "AppB")


def taken_by(source: Source, folder: Path) -> Path:
    folder.mkdir()
    write(folder, Manifest.of(source))
    return folder


@pytest.mark.parametrize("kind", FOLDERS)
def test_a_folder_tells_the_kind_of_its_sources(tmp_path: Path, kind: Kind) -> None:
    """By where it lies."""
    assert kind_of(tmp_path / FOLDERS[kind] / "Staff") == kind


@pytest.mark.parametrize(
    ("name", "owner", "is_free"),
    [("Staff", SOURCE, True), ("Staff", OTHER, False), ("STAFF", OTHER, False), ("Staff 2", OTHER, True)],
)
def test_a_name_that_is_taken_is_not_given_again(tmp_path: Path, name: str, owner: Source, is_free: bool) -> None:
    """Nor one that another source has with another case; whose a folder is its manifest says."""
    assert key_of(taken_by(owner, tmp_path / name)) == owner.key
    assert (folder_of(SOURCE, tmp_path, None).name == "Staff") == is_free


def test_a_file_in_the_way_takes_a_name(tmp_path: Path) -> None:
    """It is not ours to move."""
    (tmp_path / "Staff").write_bytes(b"")
    assert folder_of(SOURCE, tmp_path, None).name != "Staff"
    assert key_of(tmp_path / "Staff") == ""
