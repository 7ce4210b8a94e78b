"""The files of a document."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from larknb.cache.guidefiles import (
    Shown,
    has_media,
    keep_media,
    read_guide,
    read_media,
    read_record,
    write_guide,
    write_new_guide,
)
from larknb.cache.manifest import GuideEntry, MediaEntry
from larknb.cache.tablefiles import Change
from larknb.guides.guide import to_guide
from larknb.model import Media

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


# --- media ----------------------------------------------------------------------------------------------------------


def kept(folder: Path, *media: Media) -> dict[str, MediaEntry]:
    known: dict[str, MediaEntry] = {}
    for each in media:
        known[each.token] = keep_media(folder, each, known)
    return known


def told(known: Mapping[str, MediaEntry]) -> dict[str, Any]:
    """What a guide is told of them."""
    return {token: asdict(entry) for token, entry in known.items()}


@pytest.mark.parametrize(
    ("name", "content_type", "extension"),
    [
        ("接线 图.PNG", "image/jpeg", ".png"),
        ("", "image/jpeg", ".jpg"),
        ("", "image/svg+xml", ".svg"),
        ("报告", "application/pdf", ".pdf"),
        ("坏.名/字", "application/x-what", ".bin"),
        ("a.tar.gz", "", ".gz"),
    ],
)
def test_the_extension_comes_from_the_name_else_from_the_type(
    tmp_path: Path, name: str, content_type: str, extension: str
) -> None:
    """The file is called by its token, the original name is kept beside it."""
    known = kept(tmp_path, Media("Tok1", name, content_type, b"x"))
    assert known["Tok1"].file == f"media/Tok1{extension}"
    assert (tmp_path / "media" / f"Tok1{extension}").read_bytes() == b"x"
    assert known["Tok1"].name == (name or None)


def test_tokens_that_differ_by_case_are_two_files(tmp_path: Path) -> None:
    """On a file system that sees no case they would be one."""
    known = kept(tmp_path, Media("Tok", "a.png", data=b"1"), Media("tOK", "a.png", data=b"2"))
    files = [str(entry.file).casefold() for entry in known.values()]
    assert len({*files}) == 2
    assert [(tmp_path / str(entry.file)).read_bytes() for entry in known.values()] == [b"1", b"2"]


def test_a_failed_download_costs_no_kept_file(tmp_path: Path) -> None:
    """What is there stays until better comes; an empty file counts as none."""
    known = kept(tmp_path, Media("Tok", "a.png", data=b"1"), Media("Tok", problem="It was not found."))
    assert (tmp_path / "media/Tok.png").read_bytes() == b"1"
    assert known["Tok"].error is None
    known["Tok"] = keep_media(tmp_path, Media("Tok", "a.png", data=b"2"), known)  # a board that was redrawn
    assert (tmp_path / "media/Tok.png").read_bytes() == b"2"
    (tmp_path / "media/Tok.png").write_bytes(b"")
    assert not has_media(tmp_path, known, "Tok")


def test_what_could_not_be_had_is_noted(tmp_path: Path) -> None:
    """Failed where nothing came, skipped where it was known and too large; a later success takes its place."""
    large = Media("big", "录像.mp4", "video/mp4", problem="larger than 20 MB")
    known = kept(tmp_path, Media("bad", problem="It was not found."), large)
    guide = to_guide(record(image("bad"), image("big")), told(known))
    assert [(asset["status"], asset["error"]) for asset in guide["assets"]] == [
        ("failed", "It was not found."), ("skipped", "larger than 20 MB"),
    ]  # fmt: skip
    assert guide["warnings"] == [
        "image bad was not downloaded: It was not found.", "image big was not downloaded: larger than 20 MB",
    ]  # fmt: skip
    known["bad"] = keep_media(tmp_path, Media("bad", "a.png", data=b"1"), known)
    assert to_guide(record(image("bad")), told(known))["assets"][0]["status"] == "downloaded"


def test_a_picture_is_read_unless_it_is_gone_or_too_large(tmp_path: Path) -> None:
    """Whoever asks says how many bytes it takes."""
    file = kept(tmp_path, Media("Tok", "a.png", data=b"123"))["Tok"].file or ""
    assert read_media(tmp_path, file, 3) == b"123"
    assert read_media(tmp_path, file, 2) is None
    assert read_media(tmp_path, "media/gone.png", 3) is None


def test_a_token_cannot_name_a_file_elsewhere(tmp_path: Path) -> None:
    """A token is foreign text: the file stays in its folder."""
    known = kept(tmp_path, Media("../../evil", "a.png", data=b"1"), Media("con", "a.png", data=b"2"))
    for entry in known.values():
        assert (tmp_path / str(entry.file)).parent == tmp_path / "media"


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
    media = kept(tmp_path, Media("tok", "a.png", data=b"1"))
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


def test_a_picture_that_somebody_deleted_is_not_there(tmp_path: Path) -> None:
    """Nor is one that was never there, or that could not be had: each is fetched again."""
    known = kept(tmp_path, Media("Tok", "a.png", data=b"1"), Media("bad", problem="It was not found."))
    assert has_media(tmp_path, known, "Tok") is True
    (tmp_path / "media" / "Tok.png").unlink()
    assert [has_media(tmp_path, known, token) for token in ("Tok", "bad", "other")] == [False, False, False]


def test_a_document_that_moved_while_it_was_read_says_so(tmp_path: Path) -> None:
    """And how much of it could not be told."""
    first, _ = write(tmp_path, "1", record(text("甲"), image("lost")) | {"moved": True})
    second, _ = write(tmp_path, "2", record(text("乙")), first)
    assert (first.moved, first.warnings, second.moved, second.warnings) == (True, 1, False, 0)


def test_a_picture_is_known_by_its_bytes(tmp_path: Path) -> None:
    """How many, what identifies them, and of which type it is; what was not told is not known."""
    known = kept(tmp_path, Media("a", "a.png", "image/png", b"abc"), Media("b", data=b""), Media("c", problem="p"))
    a = known["a"]
    assert (a.file, a.name, a.mime, a.bytes) == ("media/a.png", "a.png", "image/png", 3)
    assert (a.sha256, a.status, a.error) == (hashlib.sha256(b"abc").hexdigest(), None, None)
    assert (known["b"].file, known["b"].name, known["b"].mime, known["b"].bytes) == ("media/b.bin", None, None, 0)
    assert known["c"] == MediaEntry(status="failed", error="p")


@pytest.mark.parametrize(("name", "ending"), [("a.0123456789", ".0123456789"), ("a.0123456789a", ".bin"),
                                              ("a.", ".bin"), ("a.p-g", ".bin"), (".png", ".png")])  # fmt: skip
def test_an_ending_is_short_and_plain(tmp_path: Path, name: str, ending: str) -> None:
    """Ten letters or digits at most; what else a name ends in is no ending."""
    assert str(kept(tmp_path, Media("Tok", name, data=b"x"))["Tok"].file) == f"media/Tok{ending}"
