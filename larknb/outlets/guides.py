"""Guides for assistants: Markdown with front matter and media in a folder, which others may use as well.

A file is ours if the folder's own list has it and it holds what we wrote, line ends aside. Nothing else is written over
or removed: where somebody's file has the name, the guide gets another one, and what somebody edited stays.
"""

from __future__ import annotations

import hashlib
import json
import logging
import posixpath
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from larknb import stored
from larknb.cache import loading
from larknb.cache.cached import SourceCache
from larknb.cache.manifest import MediaEntry
from larknb.disk import refused
from larknb.errors import ConfigError, LarkError
from larknb.files import file_name, is_plain, is_there, read_plain, write_atomically
from larknb.guides.payloads import read_number
from larknb.guides.schema import Guide
from larknb.links import parse_link
from larknb.messages import say
from larknb.results.exports import ExportReport, ExportRow

__all__ = ["INDEX", "CachedGuide", "guide_key", "write_guides"]

INDEX = ".larknb-guides.json"  # what we wrote into the folder
FORMAT = 1  # of that
GUIDE = "guide/"  # begins the keys of guides
MEDIA = "media"  # the folder of pictures and files
LARGEST = 100_000_000  # bytes of a file that may be one of ours

_UNWRITTEN = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")

log = logging.getLogger("larknb")


@dataclass(frozen=True)
class CachedGuide:
    """A guide that is to be exported.

    Parameters
    ----------
    place : tuple of str
        What it is called: the source, and of a child of many its title as well.
    cached : SourceCache
        Where it is kept.
    """

    place: tuple[str, ...]
    cached: SourceCache

    @property
    def name(self) -> str:
        """Its name as people read it."""
        return "/".join(self.place)

    @property
    def key(self) -> str:
        """What it goes by in the index, whatever it is called."""
        return guide_key(self.cached.manifest.key)


def guide_key(source_key: str) -> str:
    """Return what the guide of a source goes by in the index."""
    return f"{GUIDE}{source_key}"


@dataclass(frozen=True)
class Written:
    """A file that we wrote: its place below the folder, and a digest of what it holds.

    The digest is empty from before it is written until all are: whoever dies in between left a file of ours.
    """

    file: str
    digest: str = ""


@dataclass(frozen=True)
class Index:
    """What ``.larknb-guides.json`` holds: the files that we wrote, by what they are of."""

    files: Mapping[str, Written] = field(default_factory=dict)


def write_guides(folder: Path, guides: Sequence[CachedGuide], waiting: Iterable[str] = ()) -> ExportReport:
    """Write guides into a folder, and take away those that are no more.

    Parameters
    ----------
    waiting : iterable of str
        Keys of guides that are configured and not cached; what was exported of them stays.
    """
    export = _Export(folder, guides)
    rows = [export.write(guide) for guide in guides]
    return ExportReport([*rows, *export.finish({*waiting})])


class _Export:
    """One export: every file has its place before the first is written, for they link to each other."""

    def __init__(self, folder: Path, guides: Sequence[CachedGuide]) -> None:
        self.folder = folder
        self.before = _read(folder)
        self.files: dict[str, Written] = {}
        self._taken = {each.file.casefold() for each in self.before.values()}
        self._media: dict[str, MediaEntry] = {}
        for guide in guides:
            self._claim(guide.key, "/".join(file_name(part, guide.key) for part in guide.place), ".md")
            for token, media in guide.cached.manifest.media.items():
                if media.file:
                    self._media[token] = media
                    self._claim(f"media/{token}", f"{MEDIA}/{file_name(token)}", PurePosixPath(media.file).suffix)
        self._targets = {token: self.files[guide.key].file for guide in guides for token in _tokens(guide.cached)}
        self._used: set[str] = {guide.key for guide in guides}
        self._save({key: replace(each, digest="") if key in self.files else each for key, each in self._all().items()})

    def _all(self) -> dict[str, Written]:
        return {**self.before, **self.files}

    def _claim(self, key: str, stem: str, suffix: str) -> None:
        """Give something its place: the one that it has, or a free one."""
        if key in self.files:
            return
        known = self.before.get(key)
        if known and (not is_there(self.folder / known.file) or self._is_ours(known)):
            self.files[key] = known
            return
        file, number = f"{stem}{suffix}", 2
        while is_there(self.folder / file) or file.casefold() in self._taken:
            file, number = f"{stem}-{number}{suffix}", number + 1
        self._taken.add(file.casefold())
        self._check(PurePosixPath(file).parent)
        self.files[key] = Written(file)

    def _check(self, parent: PurePosixPath) -> None:
        """Refuse a folder below ours that is a link: it leads to somebody else's files."""
        for part in (parent, *parent.parents):
            path = self.folder / part
            if part.name and is_there(path) and (path.is_symlink() or not path.is_dir()):
                raise ConfigError(say("export.link.what", path=path), next=say("export.link.next"))

    def _is_ours(self, known: Written) -> bool:
        """Say whether a file holds what we wrote."""
        with suppress(OSError):
            self._check(PurePosixPath(known.file).parent)
            path = self.folder / known.file
            return is_plain(path) and known.digest in ("", _digest(read_plain(path, LARGEST)))
        return False

    # --- one guide ----------------------------------------------------------------------------------------------

    def write(self, guide: CachedGuide) -> ExportRow:
        """Write one guide with its pictures and files, unless they are there already."""
        file = self.files[guide.key].file
        try:
            here = posixpath.dirname(file)
            shown = {token: _way(here, self.files[f"media/{token}"].file) for token in self._there(guide.cached)}
            record, told = loading.retold(guide.cached, shown, partial(self._address, here))
            self._write_media(guide.cached, told)
            is_new = self._put(guide.key, (_front_matter(guide, record, told) + told["markdown"]).encode())
        except OSError as error:
            return ExportRow(guide.name, file, "failed", refused(error, source=guide.name).brief())
        except LarkError as error:
            return ExportRow(guide.name, file, "failed", error.brief())
        return ExportRow(guide.name, file, "written" if is_new else "unchanged")

    def _there(self, cached: SourceCache) -> list[str]:
        return [token for token, media in cached.manifest.media.items() if media.file and cached.has_media(token)]

    def _address(self, here: str, url: str) -> str:
        """Return where a link of a guide leads: to the file of another guide, or where it led before."""
        try:
            token = parse_link(url).token
        except ConfigError:
            return url
        return _way(here, self._targets[token]) if token in self._targets else url

    def _write_media(self, cached: SourceCache, told: Guide) -> None:
        for asset in told["assets"]:
            token, key = asset["token"], f"media/{asset['token']}"
            media = self._media.get(token)
            if not asset["file"] or media is None or media.file is None or key in self._used:
                continue
            self._used.add(key)
            if self.files[key].digest != media.sha256 or not self._is_ours(self.files[key]):
                self._put(key, (cached.folder / media.file).read_bytes())

    def _put(self, key: str, data: bytes) -> bool:
        """Write a file unless it is there already; say whether it was written."""
        known, digest = self.files[key], _digest(data)
        path = self.folder / known.file
        self.files[key] = replace(known, digest=digest)
        if is_plain(path) and _digest(read_plain(path, LARGEST)) == digest:
            return False
        write_atomically(path, data)
        return True

    # --- what is no more ----------------------------------------------------------------------------------------

    def finish(self, waiting: set[str]) -> list[ExportRow]:
        """Remove what is no more and ours, and keep the list of the rest."""
        kept = {key: each for key, each in self.files.items() if key in self._used}
        rows: list[ExportRow] = []
        for key, known in self.before.items():
            if key in kept and kept[key].file == known.file:
                continue
            if key in waiting:
                kept[key] = known
                continue
            is_ours = self._is_ours(known)
            if is_ours:
                self._remove(known)
            if key.startswith(GUIDE) and key not in kept:
                problem = "" if is_ours else say("exported.edited")
                rows.append(ExportRow("", known.file, "removed" if is_ours else "left", problem))
        self._save(kept)
        return rows

    def _remove(self, known: Written) -> None:
        path = self.folder / known.file
        path.unlink(missing_ok=True)
        if path.parent != self.folder:
            with suppress(OSError):  # it still holds something
                path.parent.rmdir()

    def _save(self, files: Mapping[str, Written]) -> None:
        stored.write(self.folder / INDEX, Index(files), format=FORMAT)


def _read(folder: Path) -> dict[str, Written]:
    """Return what we wrote into a folder; nothing where that cannot be known, and then nothing in it is ours."""
    try:
        index = stored.read(folder / INDEX, Index, format=FORMAT) or Index()
    except (stored.Damaged, OSError) as error:
        log.warning("%s", error)
        return {}
    return {key: each for key, each in index.files.items() if _is_inside(each.file)}


def _is_inside(file: str) -> bool:
    """Say whether a place is below the folder: the list may have been written by anybody."""
    parts = file.split("/")
    return all(part and part not in (".", "..") and not {*part} & {*"\\:\0"} for part in parts)


def _tokens(cached: SourceCache) -> list[str]:
    """Return the tokens by which addresses name a document: its own, and that of its page in a wiki."""
    known = cached.manifest
    return [known.token, known.key.split("/")[0]]


def _way(here: str, file: str) -> str:
    """Return the relative address of a file, as a link names it."""
    way = posixpath.relpath(file, here or ".")
    return re.sub(r"[%#?]", lambda found: f"%{ord(found[0]):02X}", way)


def _digest(data: bytes) -> str:
    """Return what identifies the content of a file, whatever its line ends became on their way through Git."""
    if b"\0" not in data:
        data = data.replace(b"\r\n", b"\n")
    return hashlib.sha256(data).hexdigest()


def _front_matter(guide: CachedGuide, record: Mapping[str, Any], told: Guide) -> str:
    """Return what a program should know of a guide, as YAML."""
    edited = read_number(told["latest_modify_time"]) or read_number((told["wiki"] or {}).get("obj_edit_time"))
    people = record.get("people") or {}
    facts = {
        "title": told["title"],
        "url": guide.cached.manifest.url,
        "owner": people.get(record.get("owner")),
        "edited_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(edited)) if 0 < edited < 2**36 else None,
        "source": guide.name,
        "revision": told["revision_id"],
    }
    return "\n".join(["---", *(f"{name}: {_yaml(value)}" for name, value in facts.items()), "---", "", ""])


def _yaml(value: object) -> str:
    """Return a value as YAML: as JSON, but for the signs that end a line or may not stand in a file there."""
    text = json.dumps(value, ensure_ascii=False)
    return _UNWRITTEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
