"""Checks of what lies on the disk: cached files, room, permissions, locks that nobody holds."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from larknb import display, stored
from larknb.auth.place import check_private
from larknb.config.secrets import secret_file, webhook_file
from larknb.disk import refused
from larknb.errors import ConfigError, LarkError
from larknb.files import is_plain
from larknb.model import Source
from larknb.results.doctor import Finding, Level
from larknb.services.doctoring.examination import Examination, finding, of_error

if TYPE_CHECKING:
    from larknb.cache.verify import Finding as Damage

__all__ = ["check_cache", "check_disk", "check_locks", "check_permissions", "left_locks", "open_files"]

ROOM = 500_000_000  # bytes: less than that is soon full
DAMAGED = {"sync": "damaged_sync", "load": "damaged_load", "nothing": "damaged_nothing"}  # by what heals it
SHOWN = 3  # files that are named; the rest is counted
OTHERS = stat.S_IRWXG | stat.S_IRWXO


# --- cached files ---------------------------------------------------------------------------------------------------


def check_cache(examination: Examination) -> list[Finding]:
    """Read every cached file and say which are damaged or missing, and what makes them again."""
    found: list[Finding] = []
    never: list[str] = []
    for source in examination.cached:
        try:
            cached = examination.context.cache.find(source)
            if cached is None:
                never.append(source.name)
            else:
                from larknb.cache.verify import verify

                found += _damages(source, verify(cached))
        except LarkError as error:
            found.append(of_error("cache", error, source=source.name))
        except OSError as error:
            found.append(of_error("cache", refused(error), source=source.name))
    if never:
        found.append(finding("note", "cache", "never_synced", names=", ".join(never[:SHOWN]), count=len(never)))
    return found or [finding("ok", "cache", "cache_whole", count=len(examination.cached))]


def _damages(source: Source, damages: list[Damage]) -> Iterator[Finding]:
    """Yield a finding for each way in which damaged files of a source become whole again."""
    for heals, key in DAMAGED.items():
        files = [str(each.path) for each in damages if each.heals == heals]
        if files:
            more = f" (+{len(files) - SHOWN})" if len(files) > SHOWN else ""
            level: Level = "note" if heals == "nothing" else "fault"
            paths = ", ".join(files[:SHOWN]) + more
            yield finding(level, "cache", key, source=source.name, paths=paths)


# --- room -----------------------------------------------------------------------------------------------------------


def check_disk(examination: Examination) -> list[Finding]:
    """Say whether the disks of login and cache have room."""
    settings = examination.settings
    places = {_existing(path) for path in (settings.work, settings.cache_dir, settings.token_file.parent)}
    found: dict[int, Finding] = {}
    for path in sorted(places):
        try:
            device, usage = path.stat().st_dev, shutil.disk_usage(path)
        except OSError as error:
            found.setdefault(-1, of_error("disk", refused(error, path)))
            continue
        full = usage.free < ROOM
        words: Mapping[str, Any] = {"path": path, "free": display.size(usage.free), "total": display.size(usage.total)}
        found.setdefault(
            device, finding("fault" if full else "ok", "disk", "disk_full" if full else "disk_room", **words)
        )
    return [*found.values()]


def _existing(path: Path) -> Path:
    """Return a folder, or the nearest one above it that is there."""
    return next((each for each in (path, *path.parents) if each.is_dir()), path)


# --- permissions ----------------------------------------------------------------------------------------------------


def check_permissions(examination: Examination) -> list[Finding]:
    """Say which files with secrets others may read, and whether others could replace the login."""
    if sys.platform == "win32":
        return []
    found = [
        finding("fault", "permissions", "file_open", path=path, mode=f"{stat.S_IMODE(path.stat().st_mode):o}")
        for path in open_files(examination)
    ]
    settings = examination.settings
    try:
        check_private(settings.token_file.parent, *([] if found else [settings.token_file]))
    except ConfigError as error:
        found.append(of_error("permissions", error))
    return found or [finding("ok", "permissions", "files_closed")]


def open_files(examination: Examination) -> list[Path]:
    """Return our files with secrets that others may read or write; what is no plain file of ours is left alone."""
    settings = examination.settings
    token = settings.token_file
    paths = [
        token,
        secret_file(settings.root),
        webhook_file(settings.root),
        *sorted(token.parent.glob(f"{token.name}.*")),
    ]
    return [path for path in paths if _is_open(path)]


def _is_open(path: Path) -> bool:
    if sys.platform == "win32":
        return False  # access lists decide there, as `larknb.auth.place` says
    try:
        found = path.lstat()
        mine = is_plain(path) and found.st_size > 0 and found.st_uid == os.geteuid()
    except OSError:
        return False
    return mine and bool(stat.S_IMODE(found.st_mode) & OTHERS)


# --- locks ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Owner:
    """Who holds a lock, as the file beside it tells."""

    pid: int
    started_at: float


def check_locks(examination: Examination) -> list[Finding]:
    """Say which notes on who holds a lock were left by processes that are gone; the lock itself the system freed."""
    return [finding("note", "locks", "lock_left", path=path, pid=pid) for path, pid in left_locks(examination)]


def left_locks(examination: Examination) -> list[tuple[Path, int]]:
    """Return these notes, each with the process that wrote it."""
    settings = examination.settings
    paths = [settings.cache_dir / "sync.json", *sorted((settings.work / "runs").glob("*/schedule.owner"))]
    owners = [(path, _owner_of(path)) for path in paths]
    return [(path, owner.pid) for path, owner in owners if owner is not None and _is_gone(owner)]


def _owner_of(path: Path) -> _Owner | None:
    try:
        return stored.read(path, _Owner, format=1, migrate={0: lambda document: document})
    except (stored.Damaged, stored.Newer, OSError):
        return None


def _is_gone(owner: _Owner) -> bool:
    import psutil

    return not psutil.pid_exists(owner.pid)
