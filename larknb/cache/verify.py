"""What is wrong with the files of a cached source: the current ones, and those of the history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from larknb.cache import manifest, records
from larknb.cache.cached import SourceCache
from larknb.cache.checks import is_whole
from larknb.cache.manifest import TableEntry
from larknb.cache.records import Record

__all__ = ["Finding", "verify"]


@dataclass(frozen=True)
class Finding:
    """One file that is missing, or not as it was written.

    Parameters
    ----------
    what : str
        ``"missing"`` or ``"damaged"``.
    heals : str
        ``"load"``: a load makes it again, and the next sync for good. ``"sync"``: the next sync makes or fetches it.
        ``"nothing"``: a state of the history cannot be read, or not all of it.
    """

    path: Path
    what: Literal["missing", "damaged"]
    heals: Literal["load", "sync", "nothing"]


def verify(cached: SourceCache) -> list[Finding]:
    """Return what is wrong with the files of a cached source. Every file is read once."""
    found = [_finding(cached.folder / manifest.FILE, "sync")] if cached.rebuilt else []
    past: dict[str, str] = {}
    known = records.read_all(cached.folder)
    for name in cached.manifest.ordered:
        record = cached.record(name)
        if record is None:
            found.append(_finding(records.path_of(cached.folder / "snapshots" / name), "nothing"))
        else:
            past |= _checks(record, known)
    media = cached.manifest.media.values() if cached.guide is None else ()
    current = cached.checks() | {each.file: each.check for each in media if each.file}
    wrong = [path for path, check in (past | current).items() if not is_whole(cached.folder / path, check)]
    return found + [_finding(cached.folder / path, _healed(cached, path, current, wrong)) for path in wrong]


def _checks(record: Record, known: Mapping[str, Record]) -> dict[str, str]:
    """Return the checks of the files that a state of the history needs, by their place in the source's folder."""
    return dict(_each_check(record, known))


def _each_check(record: Record, known: Mapping[str, Record]) -> Iterator[tuple[str, str]]:
    for table in map(TableEntry.as_kept, record.tables.values()):
        yield table.raw, table.raw_check
        for path in (records.with_needs([table.raw], known) or set()) - {table.raw}:
            _, snapshot, name = path.split("/")
            yield path, known[snapshot].files.get(name, "") if snapshot in known else ""
    if record.guide is not None:
        for name in manifest.GUIDE_FILES:
            yield f"{record.guide.folder}/{name}", record.guide.checks.get(name, "")
    for media in record.media.values():
        if media.file:
            yield media.file, media.check


def _healed(
    cached: SourceCache, path: str, current: dict[str, str], wrong: list[str]
) -> Literal["load", "sync", "nothing"]:
    """Say what makes a file whole again; the friendly form of a table is made of its raw one."""
    if path not in current:
        return "nothing"
    raw = next((entry.raw for entry in cached.tables.values() if entry.friendly == path), None)
    return "load" if raw is not None and raw not in wrong else "sync"


def _finding(path: Path, heals: Literal["load", "sync", "nothing"]) -> Finding:
    return Finding(path, "damaged" if path.exists() else "missing", heals)
