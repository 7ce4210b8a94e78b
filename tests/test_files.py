import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from larknb.files import (
    NotPlain,
    create,
    file_name,
    is_plain,
    is_there,
    naming,
    open_plain,
    read_plain,
    remove_torn,
    sync_folder,
    write_atomically,
)

FORBIDDEN = set('<>:"/\\|?*') | {chr(n) for n in range(32)}


@given(st.text(max_size=300))
def test_any_title_is_a_file_name_everywhere(title: str) -> None:
    """Windows, macOS and Linux accept it, with our longest suffix."""
    name = file_name(title)
    assert name
    assert not FORBIDDEN & set(name)
    assert not name.endswith((".", " "))
    assert name.split(".")[0].casefold() not in {"con", "prn", "aux", "nul", "com1", "lpt9"}
    assert len(name) <= 80 + 10
    assert len(f".{name}.raw.parquet.12345.tmp".encode()) <= 255


@given(st.lists(st.text(max_size=120), unique=True, max_size=8))
def test_two_titles_never_share_a_file(titles: list[str]) -> None:
    """Also where a file system knows no upper and lower case."""
    taken: set[str] = set()
    for number, title in enumerate(titles):
        taken.add(file_name(title, str(number), taken).casefold())
    assert len(taken) == len(titles)


def test_a_plain_title_keeps_its_name() -> None:
    """People find their file by its title."""
    assert file_name("功能安全部人力盘点") == "功能安全部人力盘点"


@pytest.mark.parametrize(
    "title",
    [
        "CON",
        "com¹",
        "COM²",
        "LPT³",
        "lpt9",
        "con .txt",
        "NUL  .tar.gz",
        "nul.",
        "aux. . ",
        " prn",
        "CONIN$",
        "conout$.x",
    ],
)
def test_no_title_becomes_a_device(title: str) -> None:
    """What Windows takes for a device, also behind blanks and before a suffix, begins with something else."""
    assert file_name(title).startswith("_")


@pytest.mark.parametrize("title", ["console", "com10", "com⁴", "conin", "a.con", "nulls .txt", "lpt", "CON王"])
def test_what_only_looks_like_a_device_keeps_its_name(title: str) -> None:
    """More letters, or a digit that is none of theirs."""
    assert file_name(title) == title


@pytest.mark.parametrize("title", ["report.", "report ", "report. .", "报表．", "a\t", "x\u3000"])
def test_no_name_ends_with_what_windows_drops(title: str) -> None:
    """A dot or a blank at the end would be lost, and two titles would share one file."""
    assert not file_name(title).endswith((".", " "))


def test_a_failing_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk costs the new content, never the old one."""
    path = tmp_path / "manifest.json"
    write_atomically(path, b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["manifest.json"]


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no permission bits")
def test_a_private_file_is_private_from_its_first_byte(tmp_path: Path) -> None:
    """0600 whatever the umask says."""
    write_atomically(tmp_path / "secret", b"s", mode=0o600)
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


# --- plain files ------------------------------------------------------------------------------------------------------

ODD: dict[str, Callable[[Path], object]] = {
    "a folder": Path.mkdir,
    "a pipe": lambda path: os.mkfifo(path),
    "a link": lambda path: path.symlink_to(path.with_name("other")),
    "a link to itself": lambda path: path.symlink_to(path),
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
}
posix = pytest.mark.skipif(os.name == "nt", reason="there are no such files")


@posix
@pytest.mark.timeout(20)
@pytest.mark.parametrize("make", ODD.values(), ids=ODD)
def test_what_is_no_plain_file_is_neither_read_nor_written(tmp_path: Path, make: Callable[[Path], object]) -> None:
    """Nothing waits, and what lies there stays; a link is not followed."""
    (tmp_path / "other").write_text("other")
    path = tmp_path / "file"
    make(path)
    before = path.lstat()
    assert is_there(path)
    assert not is_plain(path)
    for act in (lambda: read_plain(path, 10), lambda: create(path), lambda: write_atomically(path, b"ours"),
                lambda: open_plain(path, os.O_RDONLY)):  # fmt: skip
        with pytest.raises(NotPlain) as caught:
            act()
        assert caught.value.filename == str(path)
    assert path.lstat().st_ino == before.st_ino
    assert (tmp_path / "other").read_text() == "other"
    assert {entry.name for entry in tmp_path.iterdir()} == {"other", "file"}


@pytest.mark.parametrize(("size", "fits"), [(0, True), (9, True), (10, True), (11, False), (100_000, False)])
def test_a_file_is_read_up_to_a_size(tmp_path: Path, size: int, fits: bool) -> None:
    """What is larger is none of ours, and is not taken into memory."""
    (tmp_path / "file").write_bytes(b"x" * size)
    if fits:
        assert read_plain(tmp_path / "file", 10) == b"x" * size
    else:
        with pytest.raises(NotPlain):
            read_plain(tmp_path / "file", 10)


@posix
def test_a_leftover_of_a_crash_is_no_way_out(tmp_path: Path) -> None:
    """A link under the name that a file has while it is written leads nowhere."""
    (tmp_path / "other").write_text("other")
    (tmp_path / f".file.{os.getpid()}.tmp").symlink_to("other")
    with pytest.raises(NotPlain):
        write_atomically(tmp_path / "file", b"ours")
    assert (tmp_path / "other").read_text() == "other"


def test_what_killed_writers_left_is_removed(tmp_path: Path) -> None:
    """Of this file alone, whoever wrote it; the file itself and what only looks alike stay."""
    torn = {".[1] 表.json.12.tmp", ".[1] 表.json.4194304.tmp"}
    stay = {
        "[1] 表.json",
        ".[1] 表.json.tmp",
        ".[1] 表.json.x.tmp",
        ".1.json.12.tmp",
        "[1] 表.json.12.tmp",
        ".[1] 表.json.7",
    }
    for name in torn | stay:
        (tmp_path / name).touch()
    (tmp_path / ".[1] 表.json.13.tmp").mkdir()
    remove_torn(tmp_path / "[1] 表.json")
    assert {path.name for path in tmp_path.iterdir()} == {*stay, ".[1] 表.json.13.tmp"}
    remove_torn(tmp_path / "no folder" / "file")


def test_a_disk_that_does_not_answer_is_no_missing_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a new file would take the place of what cannot be seen for a moment."""
    assert not is_there(tmp_path / "file")
    assert not is_plain(tmp_path / "file" / "below")

    def broken(path: object, **_: object) -> None:
        raise OSError(errno.EIO, "Input/output error", str(path))

    monkeypatch.setattr(os, "lstat", broken)
    monkeypatch.setattr(os, "stat", broken)
    with pytest.raises(OSError, match="Input/output"):
        is_there(tmp_path / "file")


@pytest.mark.parametrize("name", ["open", "write", "fsync", "replace"])
def test_a_failing_disk_names_the_file_that_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Not the one that it has while it is written, which nobody knows."""

    def full(*args: object, **_: object) -> None:
        raise OSError(28, "No space left on device", str(args[0]) if name == "open" else None)

    monkeypatch.setattr(os, name, full)
    with pytest.raises(OSError, match="No space") as caught:
        write_atomically(tmp_path / "manifest.json", b"new")
    assert Path(caught.value.filename).name == "manifest.json"


def test_an_error_that_names_a_file_keeps_its_name(tmp_path: Path) -> None:
    """It knows better."""
    with pytest.raises(OSError, match="inner"), naming(tmp_path / "outer"):
        raise OSError(28, "No space left on device", "inner")


@posix
def test_a_drive_that_cannot_sync_folders_stops_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some network drives refuse that; any other refusal counts."""
    codes = [errno.EINVAL, errno.EIO]

    def refuse(_: int) -> None:
        raise OSError(codes.pop(0), "refused")

    monkeypatch.setattr(os, "fsync", refuse)
    sync_folder(tmp_path)
    with pytest.raises(OSError, match="refused"):
        sync_folder(tmp_path)
