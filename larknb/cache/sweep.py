"""Deletes what no kept snapshot needs: raw files of dropped ones, friendly files of old ones, leftovers.

Only what a record, a manifest or a list of what was begun says that we wrote is ever deleted; files and folders of
people that lie beside it are not even looked at, and no link is followed.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from larknb.cache import records
from larknb.cache.guidefiles import GUIDE, MARKDOWN
from larknb.cache.manifest import Manifest, is_inside
from larknb.cache.records import Record

__all__ = ["sweep", "try_unlink"]

# What `larknb.files.write_atomically` leaves where it was killed: the file's name, and the process.
TORN = re.compile(r"\.(manifest(\.v\d)?\.json|snapshot\.json(\.gz)?|begun\.txt|[\w-]{20,}\.\w{1,10})\.\d+\.tmp")

log = logging.getLogger("larknb")


def sweep(folder: Path, manifest: Manifest, before: Iterable[str] = ()) -> None:
    """Delete what the manifest of a source's folder, and the records of the states that it keeps, do not need.

    Parameters
    ----------
    before : iterable of str
        The files of the state that was current until now.
    """
    found = records.read_all(folder)
    if not _tells_all(manifest, found):
        return  # what a state needs whose record cannot be read is not known
    kept = {name: record for name, record in found.items() if name in manifest.snapshots}
    needed = records.with_needs([*manifest.paths, *(path for each in kept.values() for path in each.paths)], found)
    if needed is None:
        return  # nor what a delta needs
    dropped = [path for name, record in found.items() if name not in kept for path in record.paths]
    media = {path for path in (*before, *dropped) if path.startswith("media/")}
    for snapshot in records.folders(folder):
        media |= _sweep_snapshot(snapshot, found.get(snapshot.name), needed, is_kept=snapshot.name in kept)
    if not (folder / "media").is_symlink():
        _delete(folder / path for path in media - needed if is_inside(path))
    _sweep_torn(folder, manifest)


def _tells_all(manifest: Manifest, found: Mapping[str, Record]) -> bool:
    return all(name in found and not found[name].dropped for name in manifest.snapshots)


def _sweep_snapshot(snapshot: Path, record: Record | None, needed: set[str], *, is_kept: bool) -> set[str]:
    """Delete what was written into a snapshot's folder and is not needed; return the media that a crash may have left.

    The folder itself goes as soon as nothing is left in it.
    """
    begun = records.begun(snapshot)
    ours = {*(record.files if record else ()), *(name for name in begun if "/" not in name)}
    place, names = f"snapshots/{snapshot.name}", records.visible(snapshot)
    _delete(snapshot / name for name in names if TORN.fullmatch(name))
    _delete(snapshot / name for name in names if name in ours and f"{place}/{name}" not in needed)
    left = ours & {*records.visible(snapshot)}
    if left and not is_kept and record is not None and not record.dropped:
        with suppress(OSError):  # a full disk; the next sweep notes it
            records.drop(snapshot, record)
    if is_kept or record is not None:
        _delete([snapshot / records.BEGUN])
    if ours and not left and not is_kept:
        _delete(snapshot / name for name in (records.FILE, records.PLAIN, records.BEGUN))
        with suppress(OSError):  # something of somebody else's lies there
            snapshot.rmdir()
    return {name for name in begun if name.startswith("media/")}


def _sweep_torn(folder: Path, manifest: Manifest) -> None:
    """Delete what was on its way into the source's folder and the media when a process was killed."""
    latest = {f"{entry.file}{suffix}" for entry in manifest.tables.values() for suffix in (".parquet", ".json")}
    _delete(folder / f".{name}.tmp" for name in {*latest, GUIDE, MARKDOWN})
    places = [folder] if (folder / "media").is_symlink() else [folder, folder / "media"]
    _delete(path for place in places for path in place.glob(".*.tmp") if TORN.fullmatch(path.name))


def _delete(paths: Iterable[Path]) -> None:
    for path in [*paths]:
        try_unlink(path)


def try_unlink(path: Path) -> None:
    """Delete a file; one that is in use stays."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        log.debug("still in use: %s", path.name)  # on Windows a reader may have it open; the next sweep takes it
