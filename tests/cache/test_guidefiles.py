"""The files of a document: record, guide, Markdown, media."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from larknb.cache.guidefiles import has_media, keep_media, read_guide, read_media, read_record, write_guide
from larknb.guides.guide import to_guide
from larknb.model import Media
from tests.guides.builders import other, para, record


def test_a_guide_comes_back_from_its_folder(tmp_path: Path) -> None:
    """Record, house form and Markdown are three files; the same content makes the same bytes."""
    whole = record(para("正文 🙂"))
    guide = to_guide(whole, fetched_at=0.0)
    write_guide(tmp_path, whole, guide)
    assert read_guide(tmp_path) == guide
    assert read_record(tmp_path) == whole
    assert (tmp_path / "guide.md").read_bytes().decode() == "# 标题\n\n正文 🙂\n"
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    write_guide(tmp_path, whole, to_guide(read_record(tmp_path), fetched_at=0.0))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


# --- media ----------------------------------------------------------------------------------------------------------


def kept(folder: Path, *media: Media) -> dict[str, dict[str, Any]]:
    known: dict[str, dict[str, Any]] = {}
    for each in media:
        keep_media(folder, each, known)
    return known


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
    assert known["Tok1"]["file"] == f"media/Tok1{extension}"
    assert (tmp_path / "media" / f"Tok1{extension}").read_bytes() == b"x"
    assert known["Tok1"]["name"] == (name or None)


def test_tokens_that_differ_by_case_are_two_files(tmp_path: Path) -> None:
    """On a file system that sees no case they would be one."""
    known = kept(tmp_path, Media("Tok", "a.png", data=b"1"), Media("tOK", "a.png", data=b"2"))
    files = [entry["file"].casefold() for entry in known.values()]
    assert len({*files}) == 2
    assert [(tmp_path / entry["file"]).read_bytes() for entry in known.values()] == [b"1", b"2"]


def test_a_failed_download_costs_no_kept_file(tmp_path: Path) -> None:
    """What is there stays until better comes; an empty file counts as none."""
    known = kept(tmp_path, Media("Tok", "a.png", data=b"1"), Media("Tok", problem="It was not found."))
    assert (tmp_path / "media/Tok.png").read_bytes() == b"1"
    assert "error" not in known["Tok"]
    keep_media(tmp_path, Media("Tok", "a.png", data=b"2"), known)  # a board that was redrawn
    assert (tmp_path / "media/Tok.png").read_bytes() == b"2"
    (tmp_path / "media/Tok.png").write_bytes(b"")
    assert not has_media(tmp_path, known, "Tok")


def test_what_could_not_be_had_is_noted(tmp_path: Path) -> None:
    """Failed where nothing came, skipped where it was known and too large; a later success takes its place."""
    large = Media("big", "录像.mp4", "video/mp4", problem="larger than 20 MB")
    known = kept(tmp_path, Media("bad", problem="It was not found."), large)
    guide = to_guide(record(other(27, "image", {"token": "bad"}), other(23, "file", {"token": "big"})), known)
    assert [(asset["status"], asset["error"]) for asset in guide["assets"]] == [
        ("failed", "It was not found."), ("skipped", "larger than 20 MB"),
    ]  # fmt: skip
    assert guide["warnings"] == [
        "image bad was not downloaded: It was not found.", "file big was not downloaded: larger than 20 MB",
    ]  # fmt: skip
    keep_media(tmp_path, Media("bad", "a.png", data=b"1"), known)
    assert to_guide(record(other(27, "image", {"token": "bad"})), known)["assets"][0]["status"] == "downloaded"


def test_a_picture_is_read_unless_it_is_gone_or_too_large(tmp_path: Path) -> None:
    """Whoever asks says how many bytes it takes."""
    file = kept(tmp_path, Media("Tok", "a.png", data=b"123"))["Tok"]["file"]
    assert read_media(tmp_path, file, 3) == b"123"
    assert read_media(tmp_path, file, 2) is None
    assert read_media(tmp_path, "media/gone.png", 3) is None


def test_a_token_cannot_name_a_file_elsewhere(tmp_path: Path) -> None:
    """A token is foreign text: the file stays in its folder."""
    known = kept(tmp_path, Media("../../evil", "a.png", data=b"1"), Media("con", "a.png", data=b"2"))
    for entry in known.values():
        assert (tmp_path / entry["file"]).parent == tmp_path / "media"
