import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from larknb.files import file_name, write_atomically

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
