"""Cache: a folder for each source, and the manifest in it that says what its files are.

A sync writes its tables into a new snapshot folder (`larknb.cache.snapshot`), brings them to the disk, and makes them
current by one rename of ``manifest.json``: all tables of a source flip together, and a process that is killed at any
instant leaves the last good state readable. A manifest that is damaged or gone is made again of the snapshots
(`larknb.cache.rebuild`). A table that a read found unchanged keeps its file in an older snapshot.
The files directly in the source's folder are copies for people and other programs, replaced last and never read here.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from pathlib import Path

from larknb.cache import listing, manifest, records
from larknb.cache.cached import SourceCache
from larknb.cache.folders import FOLDERS, folder_of, key_of
from larknb.cache.looks import Looks
from larknb.cache.manifest import FILE, Manifest
from larknb.cache.media import Lending
from larknb.files import file_name
from larknb.model import KINDS, Source
from larknb.stored import Newer

__all__ = ["INNER", "Cache"]

INNER = (*FOLDERS.values(), listing.FOLDER)  # what a cache consists of

log = logging.getLogger("larknb")


class Cache:
    """All cached sources of a workspace, below ``root``; each is opened when it is first asked for, and once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._opened: dict[str, SourceCache] = {}  # by key
        self._lending = Lending(self.folders)
        self._places = {kind: root / folder for kind, folder in FOLDERS.items()}

    @cached_property
    def _looks(self) -> Looks:
        return Looks(self.root)

    def save_looks(self) -> None:
        """Keep when the sources were looked at that had not changed."""
        self._looks.save()

    def folders(self) -> list[Path]:
        """Return the folder of every source that has a manifest, or snapshots that tell one; open none."""
        return [*self._folders()]

    def _folders(self, known: Collection[Path] = ()) -> Iterator[Path]:
        """Yield the folder of every source that none of the ``known`` ones is."""
        passed = {str(folder) for folder in known}
        for place in sorted(self._places.values()):
            # There may be thousands, and a Path takes longer than the disk.
            for name in sorted(os.listdir(place)) if place.is_dir() else ():  # noqa: PTH208
                path = f"{place}{os.sep}{name}"
                if path not in passed and (os.path.lexists(f"{path}/{FILE}") or records.folders(place / name)):
                    yield place / name

    def find(self, source: Source) -> SourceCache | None:
        """Return the cache of a source, None if there is none.

        Its name tells its folder. Only where that is not so, because it was renamed or has no name, the keys in all
        manifests are looked at.

        Raises
        ------
        Newer
            A newer larknb wrote its manifest.
        """
        key = source.key
        if key not in self._opened:
            found = self._find(source)
            if found is not None:
                self._take(found)
        return self._opened.get(key)

    def _find(self, source: Source) -> SourceCache | None:
        key = source.key
        if found := next((cached for folder in self._likely(source) if (cached := _open(folder, key))), None):
            return found
        likely = [*self._likely(source)]
        if key in self._by_key and self._by_key[key] not in likely:
            found = _open(self._by_key[key], key)
        return found or next((cached for folder in likely if (cached := _claimed(folder, source))), None)

    def _take(self, cached: SourceCache) -> SourceCache:
        """Remember what was opened, as the first that was opened of its source."""
        cached.looks = self._looks
        return self._opened.setdefault(cached.manifest.key, cached)

    def _likely(self, source: Source) -> Iterator[Path]:
        """Yield the folders that a source may have by its name, last those for where another one has its name."""
        yield from self._named(source)
        yield from self._named(source, frozenset({file_name(source.name, source.key).casefold()}))

    def _named(self, source: Source, taken: frozenset[str] = frozenset()) -> list[Path]:
        """Return the folder that its name gives a source, for each kind that it may be of."""
        name = file_name(source.name, source.key, taken)
        return [self._places[kind] / name for kind in ([source.kind] if source.kind else KINDS)]

    @cached_property
    def _by_key(self) -> dict[str, Path]:
        return {key_of(folder): folder for folder in self.folders()}

    @property
    def sources(self) -> dict[str, SourceCache]:
        """Every cached source by key. This opens all of them; those of a newer larknb are left out."""
        self._open_all(self._folders([cached.folder for cached in self._opened.values()]))
        return dict(sorted(self._opened.items(), key=lambda item: item[1].folder))

    def others(self, sources: Iterable[Source]) -> list[SourceCache]:
        """Return the cached sources that are none of these, as a rule without a look into the manifests of these."""
        asked = list(sources)
        places = [folder for source in asked for folder in self._named(source)]
        keys = {source.key for source in asked}
        return self._open_all(folder for folder in self._folders(places) if key_of(folder) not in keys)

    def _open_all(self, folders: Iterable[Path]) -> list[SourceCache]:
        found: list[SourceCache] = []
        for folder in folders:
            try:
                cached = SourceCache.open(folder)
            except Newer as error:
                log.warning("%s", error)
                continue
            if cached is not None:
                found.append(self._take(cached))
        return found

    def open(self, folder: Path) -> SourceCache | None:
        """Return the cache in one of these folders, as it is now."""
        return SourceCache.open(folder)

    def of(self, source: Source) -> SourceCache:
        """Return the cache of a source to sync into; a renamed source's folder moves along.

        Only the holder of the workspace's lock may call this.

        Raises
        ------
        Newer
            A newer larknb wrote its manifest.
        """
        assert source.kind is not None, "a wiki link is resolved before its cache is asked for"
        cached, place = self.find(source), self._places[source.kind]
        folder = folder_of(source, place, cached.folder if cached else None)
        if cached is not None and cached.folder != folder:
            cached = _moved(cached, folder)
        if cached is None:
            cached = SourceCache(folder, Manifest.of(source))
        cached.manifest, cached.looks, cached.lending = cached.manifest.told(source), self._looks, self._lending
        self._opened[source.key] = cached
        return cached

    def forerunner(self, source: Source, configured: Collection[str]) -> SourceCache | None:
        """Return the cache that has a source's name, if it is of another one and none of the keys in the settings.

        Under that name people may have gone on with a copy of a base; then the source may `adopt` it. A source that
        was read has a cache of its own.
        """
        own = self.find(source)
        if source.key not in configured or (own is not None and own.tables):
            return None
        folder = self._named(source)[0]
        if not folder.is_dir() or key_of(folder) in ("", *configured):
            return None
        cached = SourceCache.open(folder)
        if cached is not None:
            cached.manifest, cached.lending = cached.manifest.told(source), self._lending
        return cached

    def adopt(self, source: Source, cached: SourceCache) -> None:
        """Go on with a forerunner as the cache of a source, which has no tables of its own."""
        own = self.find(source)
        if own is not None:  # it says no more than why the source could not be read
            (own.folder / FILE).unlink(missing_ok=True)
        cached.looks = self._looks
        self._opened[source.key] = cached


def _open(folder: Path, key: str) -> SourceCache | None:
    """Return a source's cache if its folder is that of a key."""
    try:
        cached = SourceCache.open(folder)
    except Newer:
        if manifest.key_of(folder) == key:
            raise
        return None
    return cached if cached is not None and cached.manifest.key == key else None


def _claimed(folder: Path, source: Source) -> SourceCache | None:
    """Return a cache whose manifest is damaged and whose snapshots do not say whose they are: it is told by its name.

    Where the manifest still says a key, that decides.
    """
    if not folder.is_dir() or key_of(folder) not in ("", source.key):
        return None
    cached = SourceCache.open(folder, source)
    return cached if cached is not None and cached.rebuilt and cached.manifest.key == source.key else None


def _moved(cached: SourceCache, folder: Path) -> SourceCache | None:
    """Rename a source's folder; None where something is in the way."""
    if folder.exists() and not folder.samefile(cached.folder):  # where case does not count, they may be the same
        return None
    folder.parent.mkdir(parents=True, exist_ok=True)
    cached.folder.rename(folder)
    cached.folder = folder
    return cached
