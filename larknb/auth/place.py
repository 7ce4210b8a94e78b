"""Where a login may lie: nobody else may be able to change it, and it is better off on this machine's own disk."""

from __future__ import annotations

import os
import re
import stat
import sys
from pathlib import Path

from larknb.errors import ConfigError
from larknb.messages import say

__all__ = ["check_private", "is_remote", "is_remote_mount"]

# Not 9p and drvfs, which are the disks of a Windows machine under its own Linux.
REMOTE = re.compile(r"(nfs|cifs|smb|afs|ceph|lustre|gluster|gpfs|davfs|fuse\.(sshfs|s3fs|rclone|gluster|ceph|smb)).*")
DRIVE_REMOTE = 4  # what GetDriveTypeW of Windows calls a network drive


def check_private(*paths: Path) -> None:
    """Refuse a folder or a file that others can write to: they could plant a login of theirs. What is missing is fine.

    On Windows nothing is checked: access lists decide there, and ``work/`` inherits those of the person's folder.

    Raises
    ------
    ConfigError
        It says which command repairs it.
    """
    if sys.platform == "win32":
        return
    for path in paths:
        try:
            found = path.stat()
        except OSError:
            continue  # whoever then opens it says why it cannot be had
        if found.st_uid not in (0, os.geteuid()):
            what = say("login.folder_foreign.what", path=path)
            raise ConfigError(what, next=say("login.folder_foreign.next"))
        if _others_may_write(found):
            raise ConfigError(say("login.folder_open.what", path=path), next=say("login.folder_open.next", path=path))


def _others_may_write(found: os.stat_result) -> bool:
    if found.st_mode & stat.S_ISVTX:
        return False  # as in /tmp: they can add files of theirs, and neither replace nor remove ours
    return bool(found.st_mode & stat.S_IWOTH or (found.st_mode & stat.S_IWGRP and not _is_own_group(found.st_gid)))


def _is_own_group(number: int) -> bool:
    """Say whether a group is ours alone, as many systems give everybody one: what it may write, only we may write."""
    if sys.platform == "win32":
        return False
    import grp
    import pwd

    try:
        group, person = grp.getgrgid(number), pwd.getpwuid(os.geteuid())
    except KeyError:
        return False
    return group.gr_name == person.pw_name and set(group.gr_mem) <= {person.pw_name}


def is_remote(path: Path) -> bool:
    """Say whether a path lies on a network drive, where the locks of two machines may not see each other.

    False where that cannot be told, as on macOS.
    """
    path = path.resolve()
    if sys.platform == "win32":
        import ctypes

        return path.drive.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(path.anchor) == DRIVE_REMOTE
    try:
        return is_remote_mount(Path("/proc/mounts").read_text(encoding="utf-8", errors="replace"), path.as_posix())
    except OSError:
        return False


def is_remote_mount(table: str, path: str) -> bool:
    """Say by the table of ``/proc/mounts`` whether an absolute path lies on a network drive."""
    mounts = [line.split()[1:3] for line in table.splitlines() if len(line.split()) > 2]
    found = [(_unescaped(point).rstrip("/"), kind) for point, kind in mounts]
    over = [(len(point), kind) for point, kind in found if f"{path}/".startswith(f"{point}/")]
    # Of two at the same place the later one lies on top.
    return bool(over) and bool(REMOTE.fullmatch(max(reversed(over), key=lambda mount: mount[0])[1]))


def _unescaped(point: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), point)  # a blank in a name is \040
