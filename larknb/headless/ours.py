"""Which places are ours to write to: what somebody else put there is never replaced.

The output of a run and the file of a unit may be named by anybody, and what lies there may be a device, a pipe, a
folder, or a file of another program.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

__all__ = ["place_for"]

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
    path = Path(os.path.realpath(path, strict=False)) if path.is_symlink() else path
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
