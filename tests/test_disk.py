"""What is told of a disk that refuses: the file, what is wrong, and what to do."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from larknb.disk import refused, telling, why
from larknb.errors import LarkError
from larknb.files import NotPlain

TOLD = {
    "ENOSPC": "the disk is full", "EDQUOT": "your quota", "EROFS": "read-only", "EACCES": "access is denied",
    "EPERM": "access is denied", "EMFILE": "too many files", "ENFILE": "too many files", "ENAMETOOLONG": "too long",
    "EFBIG": "too large", "EIO": "the drive reports", "ESTALE": "cannot be reached", "ENODEV": "cannot be reached",
    "ENXIO": "cannot be reached", "ENOTCONN": "cannot be reached", "EHOSTDOWN": "cannot be reached",
    "ETIMEDOUT": "cannot be reached", "ENOENT": "not there", "ENOTDIR": "in its place", "EISDIR": "in its place",
    "EEXIST": "in its place", "ENOTEMPTY": "in its place", "ELOOP": "in its place", "EBUSY": "another program",
    "ETXTBSY": "another program",
}  # fmt: skip
WINDOWS = {
    112: "full", 39: "full", 19: "read_only", 32: "used", 33: "used", 53: "drive", 64: "drive", 21: "drive",
    206: "long", 1117: "broken", 1295: "quota",
}  # fmt: skip


def error_of(name: str, path: str | None = None) -> OSError:
    number = getattr(errno, name)
    return OSError(number, os.strerror(number), path)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(("name", "told"), TOLD.items())
def test_each_reason_has_its_own_words(name: str, told: str, lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file, the reason in the person's language and in the system's own word, and what to do."""
    monkeypatch.setenv("LARKNB_LANG", lang)
    error = refused(error_of(name, "/data/manifest.json"), source="staff")
    assert "/data/manifest.json" in error.what
    assert os.strerror(getattr(errno, name)) in error.what
    assert told in error.what if lang == "en" else not error.what.isascii()
    assert error.next.isascii() is (lang == "en")
    assert "staff" in str(error)


@pytest.mark.parametrize(("number", "reason"), WINDOWS.items())
def test_windows_has_words_of_its_own(number: int, reason: str) -> None:
    """Python turns many of them into one number, or into a misleading one."""
    error = OSError(errno.EACCES, "in Windows' words", "C:\\data")
    if os.name == "nt":
        error = OSError(0, "in Windows' words", "C:\\data", number)
    else:
        error.winerror = number  # type: ignore[attr-defined]
    assert why(error) == reason


def test_an_unknown_reason_is_told_in_the_words_of_the_system() -> None:
    """There are more of them than anybody knows."""
    error = refused(OSError(9999, "strange things", "/x"))
    assert str(error).startswith("/x cannot be read or written: strange things. Next: ")
    assert refused(OSError("no number")).what == "The disk cannot be read or written: no number"


def test_the_file_may_be_known_to_the_caller_alone() -> None:
    """Neither a write nor a flush names it; what the system names goes before."""
    assert "/here" in str(refused(error_of("ENOSPC"), Path("/here")))
    assert "/here" not in str(refused(error_of("ENOSPC", "/there"), Path("/here")))


def test_what_is_no_plain_file_is_told_so() -> None:
    """Whatever number it bears."""
    assert "larknb leaves it alone" in str(refused(NotPlain("/x")))


def test_what_is_no_word_of_a_disk_passes() -> None:
    """requests has errors that are OSErrors, and knows better what to say of them."""
    with pytest.raises(ConnectionError, match="no number"), telling():
        raise ConnectionError("no number")
    with pytest.raises(LarkError, match="disk is full"), telling():
        raise error_of("ENOSPC")
