"""The files for other programs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from larknb.cache.cached import SourceCache
from larknb.cache.latest import publish

from .taking import NOW, batch, guide, info, take, take_guide


def test_a_renamed_table_leaves_no_old_file(cached: SourceCache) -> None:
    """The file for other programs follows the table's name."""
    take(cached, NOW, batch(info("old"), 3))
    take(cached, NOW + 60, batch(info("new"), 3))
    assert {path.name for path in cached.folder.glob("*.parquet")} == {"new.parquet"}


def test_a_latest_file_that_was_held_open_is_replaced_later(
    cached: SourceCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Excel had it open; the next sync brings it up to date although the table did not change again."""
    table, rename = info(), Path.replace

    def held(new: Path, old: Path) -> None:
        if old.name == "t.parquet":
            raise PermissionError(13, "in use")
        rename(new, old)

    take(cached, NOW, batch(table, 3))
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", held)
        take(cached, NOW + 60, batch(table, 4))
    take(cached, NOW + 120, batch(table, 4))
    assert pq.read_metadata(cached.folder / "t.parquet").num_rows == 4


def test_records_as_json_where_the_settings_ask_for_them(cached: SourceCache) -> None:
    """UTF-8, one object per row; once nobody asks any more they go, for they would say what is true no more."""
    take(cached, NOW, batch(info(), 2), formats=["parquet", "json"])
    told = json.loads((cached.folder / "t.json").read_text(encoding="utf-8"))
    assert [row["name"] for row in told] == ["n0", "n1"]
    take(cached, NOW + 60, batch(info(), 2))
    assert not (cached.folder / "t.json").exists()


def test_a_file_that_is_up_to_date_is_not_written(cached: SourceCache) -> None:
    """Who watches it sees no change where there is none; one that was deleted comes back."""
    take(cached, NOW, batch(info(), 2))
    path = cached.folder / "t.parquet"
    before = path.stat().st_ino
    publish(cached, ["parquet"])
    assert path.stat().st_ino == before
    path.unlink()
    publish(cached, ["parquet"])
    assert pq.read_metadata(path).num_rows == 2


def test_a_table_that_is_asked_for_no_more_leaves_no_file(cached: SourceCache) -> None:
    """Neither of them."""
    formats = ["parquet", "json"]
    take(cached, NOW, batch(info("one", "tbl1"), 1), batch(info("two", "tbl2"), 1), formats=formats)
    take(cached, NOW + 60, selected=["tbl1"], formats=formats)
    assert {path.name for path in cached.folder.iterdir() if path.is_file()} == {
        "manifest.json", "one.parquet", "one.json",
    }  # fmt: skip


def test_the_files_of_a_document_are_those_of_its_state(cached: SourceCache) -> None:
    """The house form and the Markdown, for people and for other programs."""
    for n, words in enumerate(("甲", "乙")):
        take_guide(cached, NOW + 60 * n, *guide(cached, words))
        assert words in (cached.folder / "guide.md").read_text(encoding="utf-8")
        assert words in json.loads((cached.folder / "guide.json").read_bytes())["markdown"]


def test_a_file_that_cannot_be_replaced_is_told(
    cached: SourceCache, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its name and the system's reason are in the log; the others are brought up to date."""
    take(cached, NOW, batch(info("one", "tbl1"), 1), batch(info("two", "tbl2"), 1))
    copy = shutil.copyfile

    def full(source: Path, target: Path) -> None:
        if target.name == ".one.parquet.tmp":
            raise OSError(28, "No space left on device")
        copy(source, target)

    monkeypatch.setattr(shutil, "copyfile", full)
    for name in ("one", "two"):
        (cached.folder / f"{name}.parquet").unlink()
    publish(cached, ["parquet"])
    assert [(cached.folder / f"{name}.parquet").exists() for name in ("one", "two")] == [False, True]
    assert "one.parquet" in caplog.text
    assert "No space left on device" in caplog.text
