"""Mapped drives: a unit names a folder by its network path, since the drive letter may not be connected yet."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import PurePath, PureWindowsPath

__all__ = ["network_path"]


def network_path(path: PurePath, share_of: Callable[[str], str | None] | None = None) -> PurePath:
    """Return a path on a mapped drive by its network name, any other as it is.

    Parameters
    ----------
    share_of : callable, optional
        Says which share a drive letter such as ``"Z:"`` stands for; by default Windows is asked.
    """
    if not isinstance(path, PureWindowsPath) or not re.fullmatch("[A-Za-z]:", path.drive):
        return path
    share = (share_of or _connected_share)(path.drive)
    return PureWindowsPath(share, *path.parts[1:]) if share else path


def _connected_share(drive: str) -> str | None:
    """Return the share of a drive letter, None for a disk of this machine."""
    if sys.platform != "win32":
        return None
    import ctypes

    share, size = ctypes.create_unicode_buffer(1024), ctypes.c_ulong(1024)
    return None if ctypes.windll.mpr.WNetGetConnectionW(drive, share, ctypes.byref(size)) else share.value
