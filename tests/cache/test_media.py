"""Pictures and files of a source: their names, what is there of them, and what one source has for another."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from larknb.cache.manifest import MediaEntry
from larknb.cache.media import Names, entry_of, has_media, place, read_media
from larknb.guides.guide import to_guide
from larknb.model import Media
from tests.received import media

from .test_guidefiles import image, record


def kept(folder: Path, *coming: Media) -> dict[str, MediaEntry]:
    known: dict[str, MediaEntry] = {}
    for each in coming:
        entry = known[each.token] = entry_of(folder, each, known, Names(folder, known))
        place(folder, {str(entry.file): each.file} if each.file else {})
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
    known = kept(tmp_path, media(tmp_path, "Tok1", name, content_type, b"x"))
    assert known["Tok1"].file == f"media/Tok1{extension}"
    assert (tmp_path / "media" / f"Tok1{extension}").read_bytes() == b"x"
    assert known["Tok1"].name == (name or None)


def test_tokens_that_differ_by_case_are_two_files(tmp_path: Path) -> None:
    """On a file system that sees no case they would be one."""
    known = kept(tmp_path, media(tmp_path, "Tok", "a.png", data=b"1"), media(tmp_path, "tOK", "a.png", data=b"2"))
    files = [str(entry.file).casefold() for entry in known.values()]
    assert len({*files}) == 2
    assert [(tmp_path / str(entry.file)).read_bytes() for entry in known.values()] == [b"1", b"2"]


def test_a_failed_download_costs_no_kept_file(tmp_path: Path) -> None:
    """What is there stays until better comes; one of another size counts as none."""
    known = kept(tmp_path, media(tmp_path, "Tok", "a.png", data=b"1"), Media("Tok", problem="It was not found."))
    assert (tmp_path / "media/Tok.png").read_bytes() == b"1"
    assert known["Tok"].error is None
    known |= kept(tmp_path, media(tmp_path, "Tok", "a.png", data=b"2"))  # a board that was redrawn
    assert (tmp_path / "media/Tok.png").read_bytes() == b"2"
    (tmp_path / "media/Tok.png").write_bytes(b"")
    assert not has_media(tmp_path, known, "Tok")


def test_what_could_not_be_had_is_noted(tmp_path: Path) -> None:
    """Failed where nothing came, skipped where it was known and too large; a later success takes its place."""
    large = Media("big", "录像.mp4", "video/mp4", problem="larger than 20 MB", is_skipped=True)
    known = kept(tmp_path, Media("bad", problem="It was not found."), large)
    guide = to_guide(record(image("bad"), image("big")), told(known))
    assert [(asset["status"], asset["error"]) for asset in guide["assets"]] == [
        ("failed", "It was not found."), ("skipped", "larger than 20 MB"),
    ]  # fmt: skip
    assert guide["warnings"] == [
        "image bad was not downloaded: It was not found.", "image big was not downloaded: larger than 20 MB",
    ]  # fmt: skip
    known |= kept(tmp_path, media(tmp_path, "bad", "a.png", data=b"1"))
    assert to_guide(record(image("bad")), told(known))["assets"][0]["status"] == "downloaded"


def test_a_token_cannot_name_a_file_elsewhere(tmp_path: Path) -> None:
    """A token is foreign text: the file stays in its folder."""
    known = kept(tmp_path, *(media(tmp_path, token, "a.png") for token in ("../../evil", "con")))
    for entry in known.values():
        assert (tmp_path / str(entry.file)).parent == tmp_path / "media"


def test_a_picture_that_somebody_deleted_is_not_there(tmp_path: Path) -> None:
    """Nor is one that was never there, or that could not be had: each is fetched again."""
    known = kept(tmp_path, media(tmp_path, "Tok", "a.png", data=b"1"), Media("bad", problem="It was not found."))
    assert has_media(tmp_path, known, "Tok") is True
    (tmp_path / "media" / "Tok.png").unlink()
    assert [has_media(tmp_path, known, token) for token in ("Tok", "bad", "other")] == [False, False, False]


def test_a_picture_is_known_by_its_bytes(tmp_path: Path) -> None:
    """How many, what identifies them, and of which type it is; what was not told is not known."""
    known = kept(tmp_path, media(tmp_path, "a", "a.png", "image/png", b"abc"), media(tmp_path, "b", data=b""),
                 Media("c", problem="p"))  # fmt: skip
    a = known["a"]
    assert (a.file, a.name, a.mime, a.bytes) == ("media/a.png", "a.png", "image/png", 3)
    assert (a.sha256, a.status, a.error) == (hashlib.sha256(b"abc").hexdigest(), None, None)
    assert (known["b"].file, known["b"].name, known["b"].mime, known["b"].bytes) == ("media/b.bin", None, None, 0)
    assert known["c"] == MediaEntry(status="failed", error="p")


@pytest.mark.parametrize(("name", "ending"), [("a.0123456789", ".0123456789"), ("a.0123456789a", ".bin"),
                                              ("a.", ".bin"), ("a.p-g", ".bin"), (".png", ".png")])  # fmt: skip
def test_an_ending_is_short_and_plain(tmp_path: Path, name: str, ending: str) -> None:
    """Ten letters or digits at most; what else a name ends in is no ending."""
    assert str(kept(tmp_path, media(tmp_path, "Tok", name, data=b"x"))["Tok"].file) == f"media/Tok{ending}"


def test_a_picture_is_read_unless_it_is_gone_or_too_large(tmp_path: Path) -> None:
    """Whoever asks says how many bytes it takes."""
    file = kept(tmp_path, media(tmp_path, "Tok", "a.png", data=b"123"))["Tok"].file or ""
    assert read_media(tmp_path, file, 3) == b"123"
    assert read_media(tmp_path, file, 2) is None
    assert read_media(tmp_path, "media/gone.png", 3) is None
