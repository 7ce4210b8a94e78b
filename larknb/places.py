"""Which places are ours: where larknb may write, and what it leaves alone.

One rule for files: a plain file under a name of ours is ours, anything else under it (a folder, a link, a pipe, a
device) is not, and is neither followed, filled, emptied nor removed (`larknb.files` holds that). One rule for folders:
the workspace is ours, and outside it a folder that the person named in the environment; it must be missing or empty,
or show by what lies in it that larknb filled it. A larknb.toml may have come with somebody's repository, so it cannot
name a place outside; links are followed before any of this is asked.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from larknb.errors import ConfigError
from larknb.files import NotPlain, create, is_there, naming
from larknb.messages import say

__all__ = ["MARK", "claim", "is_ours", "lock", "stays_inside"]

MARK = ".larknb"  # the file by which a folder that we took says so
# By what a folder is known that an earlier version filled, or that was moved.
_KNOWN = ("bitable_cache", "spreadsheet_cache", "fault_diagnosis_cache", "fault_diagnosis_token_cache.json",
          "app_secret.json", "usage.json", "logs/larknb.log")  # fmt: skip
_NOTHING = {"lost+found", ".ds_store", "thumbs.db", "desktop.ini", ".directory"}  # what systems put into any folder
_PAUSE = 0.1  # seconds between two looks at a lock that somebody else holds

Sleep = Callable[[float], None]


def stays_inside(path: Path, root: Path) -> bool:
    """Say whether a path, its links followed, lies in the workspace; ``work/`` itself may be a link elsewhere."""
    own = [root, root / "work"] if path.is_relative_to(root / "work") else [root]
    target = Path(os.path.realpath(path))
    return any(target.is_relative_to(os.path.realpath(folder)) for folder in own)


# --- folders --------------------------------------------------------------------------------------------------------


def claim(folder: Path, inner: Iterable[str] = (), *, own: bool = False) -> None:
    """Take a folder, which is made where it is missing, and mark it; ConfigError where it is somebody else's.

    Parameters
    ----------
    inner : iterable of str
        Folders in it that are used as well. They and what lies in them may be links, which must lead to folders of
        ours.
    own : bool
        It is the workspace's own ``work/``, which needs no mark.
    """
    folder.mkdir(parents=True, exist_ok=True)
    own = own and not folder.is_symlink()
    inside = [folder / name for name in inner]
    links = [path for each in inside for path in (each.parent, each, *_entries(each)) if path.is_symlink()]
    for path in links if own else (folder, *links):
        if not is_ours(path):
            raise ConfigError(say("places.folder.what", path=path), next=say("places.folder.next"))
    if not own and not is_there(folder / MARK):
        with create(folder / MARK) as file:  # it is there at once: another process may be asking
            file.write(say("places.mark").encode())


def is_ours(folder: Path) -> bool:
    """Say whether a folder is missing or empty, bears our mark, or holds what larknb keeps."""
    found = [entry for entry in _entries(folder) if entry.name.casefold() not in _NOTHING]
    if not found:
        return folder.is_dir() or not is_there(folder)
    named = any((folder / name).exists() for name in (MARK, *_KNOWN))
    return named or any((each / "manifest.json").exists() and (each / "snapshots").is_dir()
                        for each in (folder, *found))  # fmt: skip


def _entries(folder: Path) -> list[Path]:
    return [*folder.iterdir()] if folder.is_dir() else []


# --- locks ----------------------------------------------------------------------------------------------------------


@contextmanager
def lock(path: Path, busy: Callable[[], Exception], *, patience: float, sleep: Sleep = time.sleep) -> Iterator[None]:
    """Hold a lock, which the system frees when its owner dies.

    Parameters
    ----------
    path : Path
        An empty file. Where something else lies there, all processes take the next free name beside it.
    busy : callable
        Makes the error to raise if somebody else holds it for longer than ``patience`` seconds.
    """
    from filelock import FileLock, Timeout

    path.parent.mkdir(parents=True, exist_ok=True)
    path = _free(path)
    held, waited = FileLock(path, blocking=False), 0.0
    while True:
        try:
            with naming(path):
                held.acquire()
            break
        except Timeout:
            if waited >= patience:
                raise busy() from None
            sleep(_PAUSE)
            waited += _PAUSE
    try:
        yield
    finally:
        held.release()


def _free(path: Path) -> Path:
    """Return the path of a lock, or the next name that nothing but a lock has: it is emptied when it is opened."""
    for name in (path.name, *(f"{path.stem}-{number}{path.suffix}" for number in range(2, 100))):
        free = path.with_name(name)
        try:
            found = free.lstat()
        except FileNotFoundError:
            return free
        if stat.S_ISREG(found.st_mode) and not found.st_size:
            return free
    raise NotPlain(path)
