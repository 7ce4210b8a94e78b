"""Search in all that is cached: what there is to search in, and the index of each source, made anew where it changed.

Every source has an index of its own (`larknb.cache.index`), a file in ``work/search``. It bears the modify time of the
manifest that it was compared with, so that as a rule nothing but two times is read of a source that did not change.
What cannot be kept there stays in memory, as does what was searched last, up to a limit.
"""

from __future__ import annotations

import logging
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from larknb.cache import index, loading
from larknb.cache.cached import SourceCache
from larknb.cache.index import Damaged, Index, Room
from larknb.cache.manifest import FILE
from larknb.errors import LarkError
from larknb.files import is_plain, open_plain
from larknb.guides.passages import passages_of_guide
from larknb.guides.schema import Guide
from larknb.model import Kind
from larknb.results.search import SearchHits
from larknb.scan.passages import Passages
from larknb.scan.search import WORKERS, search
from larknb.stored import Newer
from larknb.tabular.passages import label_column, passages_of_table, text_columns

__all__ = ["Contents", "contents_of", "contents_of_guide", "contents_of_tables", "search_all"]

log = logging.getLogger("larknb")

BROKEN = (OSError, ValueError, LookupError, LarkError, Newer)  # what a damaged source may raise
ROWS = 10_000  # that become passages at once
KEPT = 108_000_000  # bytes of folded passages that stay in memory
COARSE = 2 * 10**9  # nanoseconds: what is replaced twice within it may bear one time, on some file systems
TRIES = 2  # times that the file of an index is read before it is made anew: it may have been replaced meanwhile
OLD = b'{"format":'  # how work/search.json began
LEFT = 3600.0  # seconds after which an unfinished file is a leftover


class Contents(NamedTuple):
    """What one cached source has to search in: ``version`` says when it changed, ``passages`` reads it."""

    version: str
    passages: Callable[[], Iterable[Passages]]


# --- what there is to search in -------------------------------------------------------------------------------------


def contents_of(folder: Path, opened: Callable[[Path], SourceCache | None] = SourceCache.open) -> Contents:
    """Return what the cached source in a folder has to search in: nothing where its manifest is missing or damaged."""
    cached = opened(folder)
    if cached is None:
        return Contents("", lambda: ())
    if cached.guide is not None:
        return contents_of_guide(lambda: loading.guide_of(cached), cached.guide.json, cached.name)
    return contents_of_tables(cached)


def contents_of_guide(read: Callable[[], Guide], version: str, source: str) -> Contents:
    """Return what a cached document has to search in; ``read`` gives what it says."""
    return Contents(f"{source} {version}", lambda: [passages_of_guide(read(), source)])


def contents_of_tables(cached: SourceCache) -> Contents:
    """Return what a cached source of tables has to search in."""
    tables = [f"{entry.name} {entry.friendly}" for entry in cached.tables.values()]
    return Contents(" ".join([cached.name, cached.manifest.url, *tables]), lambda: _of_tables(cached))


def _of_tables(cached: SourceCache) -> Iterator[Passages]:
    kind = cached.manifest.kind
    part = "table" if kind == "bitable" else "sheet"
    url = cached.manifest.url.partition("#")[0].partition("?")[0]
    for table_id, entry in cached.tables.items():
        schema = loading.schema(cached, table_id)
        names = dict.fromkeys([schema.names[0], label_column(schema), *text_columns(schema)])
        for rows in loading.friendly_groups(cached, table_id, [name for name in names if name]):
            for start in range(0, rows.num_rows, ROWS):
                some = rows.slice(start, ROWS)
                yield passages_of_table(some, cached.name, entry.name, f"{url}?{part}={table_id}", kind)


# --- the search -----------------------------------------------------------------------------------------------------


def search_all(
    place: Path,
    folders: Iterable[Path],
    contents: Callable[[Path], Contents],
    text: str,
    kind: Kind | None = None,
    limit: int = 20,
) -> SearchHits:
    """Return the hits in all cached sources, as `search` does.

    Parameters
    ----------
    place : path
        The folder of the indexes; those of sources that are not among ``folders`` leave it.
    folders : iterable of path
        The folders of all sources, each with its manifest.
    contents : callable
        Opens one of them. It is called for those whose manifest was replaced since the last search.
    """
    shelf, wanted = _shelf(place), [str(folder) for folder in folders]
    broken: Counter[str] = Counter()
    while True:
        indexes = shelf.current(wanted, contents, broken)
        blocks = (block for each in indexes for block in each.blocks if kind in (None, block.kind))
        try:
            return search(blocks, text, limit)
        except Damaged as damaged:  # or another process replaced it just now
            broken[damaged.folder] += 1


# --- the indexes ----------------------------------------------------------------------------------------------------


@dataclass
class _Shelf:
    """The indexes of a workspace; ``known`` are those that were searched, by the folder of their source."""

    place: Path
    room: Room = field(default_factory=lambda: Room(KEPT))
    known: dict[str, _Known] = field(default_factory=dict)

    def current(self, folders: list[str], contents: Callable[[Path], Contents], broken: Counter[str]) -> list[Index]:
        """Return the index of each source, made anew where it must be.

        ``broken`` says how often the index of a folder turned out to be damaged.
        """
        before, found = self.known, dict[str, _Known]()
        if [*before] != folders:
            _tidy(self.place, {_name(folder) for folder in folders})
        with ThreadPoolExecutor(WORKERS) as pool:  # it makes a thread when one is needed
            for folder in folders:
                try:
                    known = None if broken[folder] else before.get(folder)
                    found[folder] = self._known(folder, known, contents, broken[folder], pool)
                except BROKEN as error:  # it must not hide what the others know
                    log.warning("search: %s: %r", folder, error)
        if found != before:
            self.known = found  # at once: another thread may be searching, too
            self.room.left = KEPT - sum(known.index.kept for known in found.values())
        return [known.index for known in found.values()]

    def _known(
        self, folder: str, known: _Known | None, contents: Callable[[Path], Contents], broken: int, pool: Executor
    ) -> _Known:
        stamp = _stamp(folder)
        if known is not None and known.stamp == stamp != _Stamp():
            return known
        file = self.place / _name(folder)
        found = known.index if known is not None else index.read(file, self.room) if broken < TRIES else None
        if found is not None and found.folder != folder:
            found = None  # of another cache
        if found is not None and known is None and found.dated == stamp.at:
            return _Known(stamp, found)
        version, passages = contents(Path(folder))
        if found is None or found.version != version:
            found = index.build(folder, version, passages(), self.room, pool)
            if _stamp(folder) == stamp and self._write(found, file, stamp) and broken < TRIES:
                found.leave(file)
        elif found.is_written:
            _date(file, stamp.at)
        return _Known(stamp, found)

    def _write(self, built: Index, file: Path, stamp: _Stamp) -> bool:
        try:
            if self.place.is_symlink():
                return False  # it leads who knows where
            self.place.mkdir(parents=True, exist_ok=True)
            index.write(built, file, lambda partial: _date(partial, stamp.at))
        except OSError as error:
            log.debug("search: %s was not kept: %s", file.name, error)
            return False
        return True


class _Stamp(NamedTuple):
    """What tells a manifest from the one that replaces it; all 0 where there is none."""

    at: int = 0  # its modify time
    size: int = 0
    number: int = 0


@dataclass(frozen=True)
class _Known:
    stamp: _Stamp
    index: Index


_last: dict[Path, _Shelf] = {}  # what was searched last, for the next search


def _shelf(place: Path) -> _Shelf:
    shelf = _last.get(place) or _Shelf(place)
    _last.clear()  # one workspace at a time: it may be large
    _last[place] = shelf
    return shelf


def _stamp(folder: str) -> _Stamp:
    try:
        found = os.stat(f"{folder}/{FILE}")  # noqa: PTH116  there may be thousands, and a Path takes longer than the disk
    except OSError:
        return _Stamp()
    return _Stamp(found.st_mtime_ns, found.st_size, found.st_ino)


def _name(folder: str) -> str:
    """Return the file of the index of a source; each kind of source has a folder of its own."""
    above, name = os.path.split(folder)
    return f"{os.path.basename(above)}-{name}{index.SUFFIX}"  # noqa: PTH119  as above


def _date(file: Path, at: int) -> None:
    """Let an index bear the time of its manifest, unless that is so young that another may bear the same one."""
    with suppress(OSError):
        os.utime(file)
        if file.stat().st_mtime_ns - at > COARSE:
            os.utime(file, ns=(at, at))


# --- leftovers ------------------------------------------------------------------------------------------------------


def _tidy(place: Path, names: set[str]) -> None:
    """Delete indexes of sources that are gone, what killed processes left, and the one file of earlier versions."""
    with suppress(OSError):
        old = place.with_suffix(".json")
        if _begins(old, OLD):
            old.unlink()
        for path in [] if place.is_symlink() or not place.is_dir() else place.iterdir():
            is_left = path.suffix == ".tmp" and index.SUFFIX in path.name and time.time() - path.stat().st_mtime > LEFT
            if (is_left or (path.suffix == index.SUFFIX and path.name not in names)) and _begins(path, index.MARK):
                path.unlink()


def _begins(path: Path, mark: bytes) -> bool:
    """Say whether a plain file begins as one of ours does."""
    if not is_plain(path):
        return False
    with os.fdopen(open_plain(path, os.O_RDONLY), "rb") as file:
        return file.read(len(mark)) == mark
