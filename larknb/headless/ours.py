"""Which places are ours to write to: what somebody else put there is never replaced.

The output of a run and the file of a unit may be named by anybody, and what lies there may be a device, a pipe, a
folder, or a file of another program.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

from larknb.errors import ConfigError, LarkError
from larknb.messages import say

__all__ = ["BESIDE", "foreign", "is_notebook", "is_sign", "not_read", "not_written", "own_output", "place_for"]

_DISK = {getattr(errno, name, None) for name in ("ENOSPC", "EDQUOT", "EIO", "EROFS")}  # no setting would mend it
BESIDE = (".json", ".log", ".html", ".running")  # what a run keeps beside its notebook
LOOKED_AT = 100_000  # bytes of the beginning, and as many of the end, that tell whose a file is


def place_for(path: Path, is_ours: Callable[[bytes], bool]) -> Path | None:
    """Return where a file is to be written; None where something lies that is not ours. It never waits.

    Parameters
    ----------
    path : path
        A link is followed, to a file that is ours or is not there yet.
    is_ours : callable
        Says whether the beginning and the end of a file are what we wrote. An empty file is as good as none.

    Raises
    ------
    OSError
        The disk refuses, or a link leads to itself.
    """
    if path.is_symlink():
        if any(str(each).startswith("/proc/") for each in (path, path.readlink())):
            return None  # a stream that some process has open, such as /dev/stdout
        path = Path(os.path.realpath(path, strict=False))
    try:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode):
            return None  # not even opened: a device may act on that
        flags = os.O_RDONLY | sum(
            getattr(os, name, 0) for name in ("O_BINARY", "O_NONBLOCK", "O_NOFOLLOW", "O_CLOEXEC")
        )
        with os.fdopen(os.open(path, flags), "rb") as file:
            content = file.read(LOOKED_AT)
            file.seek(max(len(content), found.st_size - LOOKED_AT))
            content += file.read(LOOKED_AT)
    except FileNotFoundError:
        return path
    return path if not content or is_ours(content) else None


def own_output(output: Path) -> Path:
    """Return where the executed notebook goes, which is behind a link.

    Raises
    ------
    ConfigError
        There, or where the record and the log of the run belong, lies something that larknb did not write.
    """
    try:
        place = place_for(output, is_notebook)
        if place is None or place.suffix in BESIDE:
            raise foreign(output)
        record, log, sign = (place.with_suffix(suffix) for suffix in (".json", ".log", ".running"))
        if place_for(record, _is_record) != record:
            raise foreign(record)
        was_here = record.exists()  # a log has nothing of its own that tells whose it is
        if place_for(log, lambda _: was_here) != log:
            raise foreign(log)
        if not is_sign(sign):
            raise foreign(sign)
    except OSError as error:
        raise not_written(output, error) from error
    return place


def is_sign(path: Path) -> bool:
    """Say whether a path is free for the sign of a run: nothing is there, or a file without content."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return True
    return stat.S_ISREG(found.st_mode) and not found.st_size


def is_notebook(content: bytes) -> bool:
    """Say whether a file is a notebook, by its beginning and its end."""
    return (
        content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and b'"cells"' in content and b'"nbformat"' in content
    )


def _is_record(content: bytes) -> bool:
    return content.startswith(b"{") and all(
        f'"{name}"'.encode() in content for name in ("notebook", "output", "status")
    )


def foreign(path: Path) -> ConfigError:
    """Return the error for a file that no run wrote."""
    return ConfigError(say("run.foreign.what", path=path), next=say("run.foreign.next"))


def not_read(path: Path, error: OSError) -> LarkError:
    """Return the error for a file that the disk refuses to give."""
    return LarkError(say("run.unread.what", path=path, reason=_reason(error)), next=say("run.unread.next"))


def not_written(path: Path, error: OSError) -> LarkError:
    """Return the error for a file that the disk refuses to take; a ConfigError if another place would mend it."""
    kind = LarkError if error.errno in _DISK else ConfigError
    return kind(say("run.disk.what", path=path, reason=_reason(error)), next=say("run.disk.next"))


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
