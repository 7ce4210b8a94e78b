"""Deletes what no kept snapshot needs: raw files of dropped ones, friendly files of old ones, leftovers."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

from larknb.cache import guidefiles
from larknb.cache.manifest import Manifest

__all__ = ["sweep", "try_unlink"]

log = logging.getLogger("larknb")


def sweep(folder: Path, manifest: Manifest) -> None:
    """Delete what the manifest of a source's folder does not name."""
    needed = {folder / name for name in _needed(manifest)}
    for snapshot in (folder / "snapshots").iterdir():
        left = 0
        for path in snapshot.iterdir():
            if path in needed:
                left += 1
            else:
                try_unlink(path)
        if not left:
            shutil.rmtree(snapshot, ignore_errors=True)
    for path in [*folder.glob(".*.tmp"), *folder.glob("media/*")]:
        if path not in needed:
            try_unlink(path)


def _needed(manifest: Manifest) -> Iterator[str]:
    """Yield the files that kept states need, from the source's folder on."""
    for entry in manifest.tables.values():
        yield from (entry.raw, entry.friendly)
    for snapshot in manifest.snapshots.values():
        yield from (table.raw for table in snapshot.tables.values())
    for guide in manifest.guides:
        yield from (f"{guide.folder}/{name}" for name in guidefiles.NAMES)
    yield from (media.file for media in manifest.media.values() if media.file)


def try_unlink(path: Path) -> None:
    """Delete a file; one that is in use stays."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        log.debug("still in use: %s", path.name)  # on Windows a reader may have it open; the next sweep takes it
