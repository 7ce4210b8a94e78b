"""Which places are ours to write to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from larknb.headless.ours import LOOKED_AT, place_for
from tests.headless.conftest import posix


def is_ours(content: bytes) -> bool:
    return b"ours" in content


def test_a_place_where_nothing_is(tmp_path: Path) -> None:
    """Also in a folder that is not there yet, and where an empty file is: nothing is lost."""
    assert place_for(tmp_path / "a" / "b", is_ours) == tmp_path / "a" / "b"
    (tmp_path / "empty").touch()
    assert place_for(tmp_path / "empty", is_ours) == tmp_path / "empty"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"ours", True),
        (b"theirs", False),
        (b"ours" + b" " * 3 * LOOKED_AT, True),
        (b" " * 3 * LOOKED_AT + b"ours", True),
        (b" " * 2 * LOOKED_AT + b"ours" + b" " * 2 * LOOKED_AT, False),
    ],
)
def test_a_file_is_ours_by_its_content(tmp_path: Path, content: bytes, told: bool) -> None:
    """Its beginning and its end are looked at; it is not changed."""
    file = tmp_path / "file"
    file.write_bytes(content)
    assert (place_for(file, is_ours) == file) is told
    assert file.read_bytes() == content


@posix
def test_a_link_is_followed(tmp_path: Path) -> None:
    """To a file of ours, or to a place where none is; a link to itself leads nowhere."""
    link, target = tmp_path / "link", tmp_path / "target"
    link.symlink_to(target)
    assert place_for(link, is_ours) == target
    target.write_bytes(b"theirs")
    assert place_for(link, is_ours) is None
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    assert place_for(loop, is_ours) is None


@posix
def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    """A pipe without a writer would wait for ever, and a device may act on being opened."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/null"), tmp_path):
        assert place_for(path, lambda _: True) is None
