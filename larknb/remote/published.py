"""The reading side of a published store: the same cache as ever, whose files are brought here when they are asked for.

Each source's pointer becomes a manifest and records in the user cache folder of this person; its files follow one by
one, each checked by its hash, and stay. What cannot be reached is answered from what is here already.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import shutil
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from larknb import stored
from larknb.cache import manifest, records
from larknb.cache.cached import SourceCache
from larknb.cache.folders import FOLDERS
from larknb.cache.store import Cache
from larknb.disk import telling
from larknb.errors import ConfigError, LarkError
from larknb.files import is_plain, write_atomically
from larknb.files import replace as rename
from larknb.messages import say
from larknb.model import Source
from larknb.remote import pointer as pointers
from larknb.remote.pointer import Pointer, Strange
from larknb.remote.target import CHUNK, Item, Target, reaching

__all__ = ["PublishedCache", "PublishedSource"]

FILE = "published.json"  # in a source's folder: its pointer as it was received
SEEN = "seen.json"  # in the root: what the last listing showed
FORMAT = 1
YOUNG = 5.0  # seconds: what was written so shortly before we read it may have been written again under the same time
AT_ONCE = 8  # pointers that are read
LEFT = 86_400.0  # seconds after which a file here that no pointer names is deleted: another process may be reading it

log = logging.getLogger("larknb")


class _Unreached:
    """The stores that were not reached: each is left alone for as long as it took to find that out."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, LarkError]] = {}

    def note(self, target: Target, problem: LarkError, took: float) -> None:
        self._known[target.identity] = time.monotonic() + took, problem

    def why(self, target: Target) -> LarkError | None:
        until, problem = self._known.get(target.identity, (0.0, None))
        return problem if time.monotonic() < until else None


_unreached = _Unreached()


@dataclass(frozen=True)
class _Seen:
    """When the store was last reached, and what it showed of the pointers that were read: size, time, when."""

    at: float = 0.0
    pointers: dict[str, tuple[int, float, float]] = field(default_factory=dict)


class PublishedCache(Cache):
    """The sources of a published store.

    Parameters
    ----------
    root : Path
        Where this person keeps what was fetched of it.
    target : Target
        The store.
    now : float
        Epoch seconds.
    """

    def __init__(self, root: Path, target: Target, now: float) -> None:
        super().__init__(root)
        self.target, self.now = target, now
        self.problem: LarkError | None = None  # why the store was not reached
        with telling():
            self._seen = _read_seen(root)
            self._pointers = self._refreshed()

    @property
    def reached_at(self) -> float:
        """When the store was last reached."""
        return self._seen.at

    @property
    def published_by(self) -> str:
        """The workspaces that publish it, as people call them."""
        return ", ".join(sorted({each.published_by for each in self._pointers.values()}))

    @property
    def published_at(self) -> str:
        """When the youngest of its pointers was written."""
        return max((each.published_at for each in self._pointers.values()), default="")

    # --- the pointers -------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Look at the store again."""
        self._seen = _read_seen(self.root)
        self._pointers = self._refreshed()
        self._opened.clear()

    def _refreshed(self) -> dict[Path, Pointer]:
        """Return the pointers by the folders of their sources here: as the store has them, else as they lie here."""
        self.problem = _unreached.why(self.target)
        found: dict[str, Pointer | None] = {}
        if self.problem is None:
            began = time.monotonic()
            try:
                found = self._looked()
            except (LarkError, FileNotFoundError) as error:
                self.problem = error if isinstance(error, LarkError) else _no_store(self.target)
                _unreached.note(self.target, self.problem, time.monotonic() - began)
        if self.problem is not None:
            found = {name: _kept(self.root, name) for name in self._seen.pointers}
        if not any(found.values()):
            raise self.problem or _no_store(self.target)
        return {_folder(self.root, name, each): each for name, each in found.items() if each is not None}

    def _looked(self) -> dict[str, Pointer | None]:
        """Return the pointers that the store has, and keep what it showed."""
        with reaching(self.target, "look"):
            there = _pointers_of(self.target)
            with ThreadPoolExecutor(AT_ONCE) as pool:
                read = pool.map(lambda name: self._pointer(name, there[name]), there)
                found = dict(zip(there, read, strict=True))
        self._note(there)
        return found

    def _pointer(self, name: str, item: Item) -> Pointer | None:
        """Return a pointer: the one that lies here if the store still has the same, else the store's, which is kept."""
        known = self._seen.pointers.get(name)
        kept = _kept(self.root, name)
        if kept is not None and known is not None and known[:2] == (item.size, item.at) and known[2] - item.at > YOUNG:
            return kept
        try:
            data = self.target.read(name)
        except FileNotFoundError:  # it was taken away just now
            return None
        try:
            found = pointers.decoded(data)
        except Strange as strange:
            log.warning(say("published.strange", name=name, address=self.target.address, reason=strange))
            return kept
        if kept is None or kept.seal != found.seal or not (_folder(self.root, name, found) / manifest.FILE).exists():
            _keep(self.root, name, found, data)
        return found

    def _note(self, there: dict[str, Item]) -> None:
        """Keep what the store showed, and delete what it has no more."""
        for name in self._seen.pointers.keys() - there.keys():
            for kind in FOLDERS:
                shutil.rmtree(self.root / FOLDERS[kind] / _stem(name), ignore_errors=True)
        shown = {name: (item.size, item.at, self.now) for name, item in there.items()}
        for name, known in self._seen.pointers.items():
            if name in shown and known[:2] == shown[name][:2] and known[2] - known[1] > YOUNG:
                shown[name] = known
        self._seen = _Seen(self.now, shown)
        stored.write(self.root / SEEN, self._seen, format=FORMAT)

    # --- the face of a cache ------------------------------------------------------------------------------------------

    def folders(self) -> list[Path]:
        """Return the folder of every source."""
        return sorted(self._pointers)

    def find(self, source: Source) -> SourceCache | None:
        """Return the cache of a source, None if there is none."""
        return next((each for each in self.others(()) if each.manifest.key == source.key), None)

    def others(self, sources: Iterable[Source]) -> list[SourceCache]:
        """Return the sources that are none of these."""
        keys = {source.key for source in sources}
        found = [self.open(folder) for folder in self.folders()]
        return [each for each in found if each is not None and each.manifest.key not in keys]

    @property
    def sources(self) -> dict[str, SourceCache]:
        """Every source by key."""
        return {each.manifest.key: each for each in self.others(())}

    def open(self, folder: Path) -> SourceCache | None:
        """Return the source in a folder."""
        told = self._pointers.get(folder)
        if told is None:
            return None
        return self._opened.setdefault(told.manifest.key, PublishedSource(folder, told, self))

    def of(self, source: Source) -> SourceCache:
        """Refuse: nothing is synced into a published store."""
        raise ConfigError(say("published.what", address=self.target.address, name=self.published_by),
                          source=source.name, next=say("published.next", name=self.published_by))  # fmt: skip

    def pointer(self, folder: Path) -> Pointer | None:
        """Return the pointer of the source in a folder."""
        return self._pointers.get(folder)


class PublishedSource(SourceCache):
    """A published source: its manifest, and its files as far as they were brought here."""

    def __init__(self, folder: Path, told: Pointer, cache: PublishedCache) -> None:
        super().__init__(folder, told.manifest)
        self.told, self._cache = told, cache

    def reload(self) -> None:
        """Look at the store again: the state that is current by now may be another one."""
        self._cache.refresh()
        told = self._cache.pointer(self.folder)
        if told is not None:
            self.told, self.manifest = told, told.manifest

    def is_replaced(self) -> bool:
        """Say whether another state is current by now; a missing file is brought here, so that nobody need ask."""
        return False

    def lacks(self, name: str) -> bool:
        """Say whether a file is neither here nor in the store."""
        return name not in self.told.files

    def size(self, part: str) -> int:
        """Return the bytes of the current files of a table, or of the document by its own token, in the store."""
        entry = self.tables.get(part)
        if entry is None:
            return sum(each.size for place, each in self.told.files.items() if self._is_of_guide(place))
        return sum(self.told.files[name].size for name in (entry.raw, entry.friendly) if name in self.told.files)

    def _is_of_guide(self, place: str) -> bool:
        return self.guide is not None and place.startswith(f"{self.guide.folder}/")

    def address_of(self, part: str, file: str = "") -> str:
        """Return where other programs find a table, or a file of the document, in the store."""
        place = f"{self.guide.folder}/{file}" if file and self.guide is not None else self.tables[part].friendly
        return f"{self._cache.target.address}/{self.told.files[place].path}"

    def size_of(self, snapshot: str) -> int:
        """Return what a state takes in the store."""
        inside = f"snapshots/{snapshot}/"
        return sum(each.size for place, each in self.told.files.items() if place.startswith(inside))

    def bring(self, path: Path) -> bool:
        """Bring a file here that is missing, or not as the pointer says; say whether that was done.

        Raises
        ------
        LarkError
            The store cannot be reached, or its file is another one than its pointer says.
        """
        place = path.relative_to(self.folder).as_posix() if path.is_relative_to(self.folder) else ""
        told = self.told.files.get(place)
        if told is None or (is_plain(path) and _hash_of(path) == told.sha256):
            return False
        target = self._cache.target
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{secrets.token_hex(8)}.tmp")
        try:
            with reaching(target, "fetch"), target.open(told.path) as file, partial.open("xb") as here:
                shutil.copyfileobj(file, here, CHUNK)
            if _hash_of(partial) != told.sha256:
                raise self._damaged_there(told.path)
            rename(partial, path)
        except FileNotFoundError:
            self._cache.refresh()
            now = self._cache.pointer(self.folder)
            if now is not None and told in now.files.values():
                raise self._damaged_there(told.path) from None
            return False  # the state that it belongs to was replaced long ago
        finally:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
        return True

    def _damaged_there(self, path: str) -> LarkError:
        what = say("published.damaged.what", path=path, address=self._cache.target.address)
        return LarkError(what, source=self.name, next=say("published.damaged.next", name=self.told.published_by))


def _no_store(target: Target) -> LarkError:
    what = say("published.none.what", address=target.address)
    return ConfigError(what, next=say("published.none.next", address=target.address))


# --- what lies here -------------------------------------------------------------------------------------------------


def _stem(name: str) -> str:
    return name.rpartition("/")[2].removesuffix(".json")


def _pointers_of(target: Target) -> dict[str, Item]:
    """Return the pointers of a store: files of their folder itself whose names lead nowhere else.

    FileNotFoundError where there are none: an empty folder is what is left of a network drive that is gone.
    """
    found = {name: item for name, item in sorted(target.listing(pointers.FOLDER).items()) if _is_pointer(name)}
    if not found:
        raise FileNotFoundError(target.address)
    return found


def _is_pointer(name: str) -> bool:
    stem = _stem(name)
    return name == pointers.name_of(stem) and manifest.is_plain(stem) and not stem.startswith(".")


def _folder(root: Path, name: str, pointer: Pointer) -> Path:
    """Return the folder of a source here, where a cache of one's own would have it."""
    return root / FOLDERS[pointer.manifest.kind] / _stem(name)


def _kept(root: Path, name: str) -> Pointer | None:
    """Return the pointer that lies here, None where there is none that can be read."""
    for kind in FOLDERS:
        with suppress(OSError, Strange):
            return pointers.decoded((root / FOLDERS[kind] / _stem(name) / FILE).read_bytes())
    return None


def _keep(root: Path, name: str, pointer: Pointer, data: bytes) -> None:
    """Keep a pointer here: the records first, the manifest last, as any cache has them."""
    folder = _folder(root, name, pointer)
    folder.mkdir(parents=True, exist_ok=True)
    for id_, record in pointer.records.items():
        (folder / "snapshots" / id_).mkdir(parents=True, exist_ok=True)
        records.write(folder / "snapshots" / id_, record)
    write_atomically(folder / FILE, data)
    manifest.write(folder, pointer.manifest)
    _sweep(folder, pointer)


def _sweep(folder: Path, pointer: Pointer) -> None:
    """Delete the files here that the pointer does not name and nobody has read for a day."""
    needed = {folder / place for place in pointer.files}
    needed |= {folder / "snapshots" / id_ / records.FILE for id_ in pointer.records}
    for place in ("snapshots", "media"):
        for path in [*(folder / place).rglob("*")]:
            with suppress(OSError):
                if path not in needed and path.is_file() and time.time() - path.stat().st_mtime > LEFT:
                    path.unlink()


def _read_seen(root: Path) -> _Seen:
    try:
        return stored.read(root / SEEN, _Seen, format=FORMAT) or _Seen()
    except (stored.Damaged, OSError):
        return _Seen()


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
