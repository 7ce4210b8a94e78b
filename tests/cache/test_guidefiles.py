"""The files of a document."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from larknb.cache.guidefiles import (
    Shown,
    read_guide,
    read_record,
    write_guide,
    write_new_guide,
)
from larknb.cache.manifest import GuideEntry, MediaEntry
from larknb.cache.tablefiles import Change
from larknb.guides.guide import to_guide

DOC = "DocTest0000000000000000001"
Block = dict[str, Any]


def text(content: str, block_id: str = "blk1") -> Block:
    element = {"text_run": {"content": content, "text_element_style": {}}}
    return {"block_id": block_id, "parent_id": DOC, "block_type": 2, "text": {"elements": [element], "style": {}}}


def image(token: str) -> Block:
    return {"block_id": f"blk{token}", "parent_id": DOC, "block_type": 27, "image": {"token": token}}


def record(*blocks: Block, revision: int = 7) -> dict[str, Any]:
    title = {"elements": [{"text_run": {"content": "标题"}}]}
    page = {"block_id": DOC, "block_type": 1, "parent_id": "", "page": title,
            "children": [block["block_id"] for block in blocks]}  # fmt: skip
    document = {"document_id": DOC, "revision_id": revision, "title": "标题"}
    return {"document": document, "url": "", "blocks": [page, *blocks]}


# --- files ------------------------------------------------------------------------------------------------------------


def test_a_guide_comes_back_from_its_folder(tmp_path: Path) -> None:
    """Record, house form and Markdown are three files; the same content makes the same bytes."""
    whole = record(text("正文 🙂"))
    guide = to_guide(whole, fetched_at=0.0)
    write_guide(tmp_path, whole, guide)
    assert read_guide(tmp_path) == guide
    assert read_record(tmp_path) == whole
    assert (tmp_path / "guide.md").read_bytes().decode() == "# 标题\n\n正文 🙂\n"
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    write_guide(tmp_path, whole, to_guide(read_record(tmp_path), fetched_at=0.0))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


# --- a document that was read -----------------------------------------------------------------------------------------


def write(root: Path, name: str, whole: Mapping[str, Any], before: GuideEntry | None = None, **shown: Any) -> Any:
    """Write a document into a snapshot of that name, a minute after the last one."""
    folder = root / "snapshots" / name
    folder.mkdir(parents=True)
    return write_new_guide(root, folder, whole, Shown(**shown), before, at=float(name))


def test_a_first_reading_is_all_new(tmp_path: Path) -> None:
    """Its entry says where it is and what it shows; every block counts as added."""
    media = {"tok": MediaEntry(file="media/tok.png")}
    entry, change = write(tmp_path, "1", record(text("甲"), image("tok")), media=media)
    assert (entry.folder, entry.json, entry.read_at) == ("snapshots/1", "snapshots/1/guide.json", 1.0)
    assert (entry.title, entry.revision, entry.media, entry.warnings) == ("标题", 7, ("tok",), 0)
    assert change == Change(None, added=3)
    assert read_guide(tmp_path / "snapshots/1")["assets"][0]["file"] == "media/tok.png"


def test_an_edit_counts_its_blocks(tmp_path: Path) -> None:
    """One changed, one gone, one new; the earlier files stay what they were."""
    first, _ = write(tmp_path, "1", record(text("甲"), text("乙", "blk2")))
    second, change = write(tmp_path, "2", record(text("丙"), text("丁", "blk3"), revision=8), first)
    assert (change.added, change.removed, second.folder, second.revision) == (1, 1, "snapshots/2", 8)
    assert change.changed == 2, "the block, and the page whose list of children it is in"
    assert "甲" in (tmp_path / "snapshots/1/guide.md").read_text(encoding="utf-8")


def test_a_comment_costs_no_files(tmp_path: Path) -> None:
    """It moves the revision and nothing of the text: the older files tell it all."""
    first, _ = write(tmp_path, "1", record(text("甲")))
    second, change = write(tmp_path, "2", record(text("甲"), revision=8), first)
    assert (second.folder, second.revision, second.read_at) == ("snapshots/1", 8, 2.0)
    assert change == Change(None)
    assert not list((tmp_path / "snapshots/2").iterdir())


def test_rows_of_an_embedded_table_are_content(tmp_path: Path) -> None:
    """Other rows are other files, although no block of the document moved."""
    sheet = {"block_id": "blk9", "parent_id": DOC, "block_type": 30, "sheet": {"token": "Sht_id"}}
    first, _ = write(tmp_path, "1", record(sheet), tables={"Sht_id": {"status": "ok", "rows": [["a"], [1]]}})
    second, change = write(
        tmp_path, "2", record(sheet), first, tables={"Sht_id": {"status": "ok", "rows": [["a"], [2]]}}
    )
    assert (second.folder, change) == ("snapshots/2", Change(None))
    assert json.loads((tmp_path / second.json).read_bytes())["tables"][0]["rows"] == [["a"], [2]]


def test_a_document_that_moved_while_it_was_read_says_so(tmp_path: Path) -> None:
    """And how much of it could not be told."""
    first, _ = write(tmp_path, "1", record(text("甲"), image("lost")) | {"moved": True})
    second, _ = write(tmp_path, "2", record(text("乙")), first)
    assert (first.moved, first.warnings, second.moved, second.warnings) == (True, 1, False, 0)
