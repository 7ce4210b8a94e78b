"""Targets: a folder and an object store do the same."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from larknb.errors import ConfigError, LarkError
from larknb.remote.target import Folder, Target, open_target, reaching
from tests.s3 import S3


@pytest.fixture(params=["folder", "bucket"])
def target(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Target]:
    if request.param == "folder":
        yield open_target(str(tmp_path / "团队 a"))
    else:
        with S3() as store:
            store.use(monkeypatch)
            yield open_target("s3://bucket/团队 a")


def test_what_is_put_is_listed_and_read(target: Target) -> None:
    """Names of any language come back as they were given, with sizes; a second put replaces the first."""
    for text in (b"first", b"the second"):
        target.put("tables/表 1/a.parquet", io.BytesIO(text))
    assert target.read("tables/表 1/a.parquet") == b"the second"
    assert {name: item.size for name, item in target.listing("tables").items()} == {"tables/表 1/a.parquet": 10}
    assert target.listing("sources") == {}


def test_what_is_deleted_is_gone(target: Target) -> None:
    """Also the second time; what is not there is a FileNotFoundError."""
    target.put("a/b", io.BytesIO(b"x"))
    target.delete("a/b")
    target.delete("a/b")
    with pytest.raises(FileNotFoundError):
        target.read("a/b")


def test_an_exchange_needs_what_was_seen(target: Target) -> None:
    """Of two that saw the same, one replaces it and the other one is told."""
    assert target.exchange("lease", None, b"mine")
    assert not target.exchange("lease", None, b"yours")
    assert target.exchange("lease", b"mine", b"mine again")
    assert not target.exchange("lease", b"mine", b"yours")
    assert target.read("lease") == b"mine again"


def test_a_large_file_arrives_whole(target: Target) -> None:
    """What is sent in several parts is one file."""
    data = os.urandom(1 << 20) * 12
    target.put("big", io.BytesIO(data))
    assert target.read("big") == data


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("ftp://host/x", "no place to publish to"),
        ("s3://", "no place to publish to"),
        ("s3://key:secret@bucket/team", "must not hold credentials"),
    ],
)
def test_an_address_that_is_none_is_refused(address: str, words: str) -> None:
    """The error says what would be one, and repeats no secret."""
    with pytest.raises(ConfigError, match=words) as caught:
        open_target(address)
    assert "secret@" not in str(caught.value)


def test_a_folder_may_be_written_as_an_address(elsewhere: Path) -> None:
    """A file:// address, and the home of the person, mean folders."""
    assert open_target((elsewhere / "b c").as_uri()).address == str(elsewhere / "b c")
    assert open_target("~/team").address == str(Path("~/team").expanduser())


def test_a_folder_shows_no_half_of_a_file(tmp_path: Path) -> None:
    """A write that breaks off leaves the file of before, and nothing beside it."""

    class Broken(io.BytesIO):
        def read(self, *_: object) -> bytes:
            raise OSError(28, "No space left on device")

    target = Folder(tmp_path)
    target.put("a", io.BytesIO(b"old"))
    with pytest.raises(LarkError, match="No space left"), reaching(target, "write"):
        target.put("a", Broken())
    assert target.read("a") == b"old"
    assert [*target.listing()] == ["a"]


def test_a_target_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A network drive that is gone is no empty target."""
    with pytest.raises(FileNotFoundError):
        open_target(str(tmp_path / "gone")).listing()
