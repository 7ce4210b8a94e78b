"""Search: the passages that hold all of some words.

A plain scan for substrings, without an index: recall is exact from one character on, in every language. Full width and
case are folded, and that takes a hundred times longer than the scan, so the folded passages of all sources are kept in
one file (``work/search.json``), and in memory from one search to the next. The passages as they were written lie beside
them as JSON texts: of thousands that are scanned, a few are shown.
"""

from __future__ import annotations

import json
import logging
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import msgspec

from larknb.cache import loading
from larknb.cache.store import SourceCache
from larknb.errors import LarkError
from larknb.files import read_plain, write_atomically
from larknb.guides.passages import passages_of_guide
from larknb.guides.schema import Guide
from larknb.model import Kind
from larknb.results.search import SearchHits
from larknb.scan import Passage, best_of, folded, hit_of, words_of
from larknb.tabular.passages import label_column, passages_of_table, text_columns

__all__ = [
    "Contents",
    "contents_of",
    "contents_of_guide",
    "contents_of_tables",
    "search_all",
]

log = logging.getLogger("larknb")

FORMAT = 3  # of the kept file
MOST = 2_000_000_000  # bytes of it


class Contents(NamedTuple):
    """What one cached source has to search in: ``version`` says when it changed, ``passages`` reads it."""

    version: str
    passages: Callable[[], Iterable[Passage]]


# --- what there is to search in -------------------------------------------------------------------------------------


def contents_of(folder: Path) -> Contents:
    """Return what the cached source in a folder has to search in: nothing where its manifest is missing or damaged."""
    cached = SourceCache.open(folder)
    if cached is None:
        return Contents("", lambda: ())
    if cached.guide is not None:
        return contents_of_guide(lambda: loading.guide_of(cached), cached.guide.json, cached.name)
    return contents_of_tables(cached)


def contents_of_guide(read: Callable[[], Guide], version: str, source: str) -> Contents:
    """Return what a cached document has to search in; ``read`` gives what it says."""
    return Contents(f"{source} {version}", lambda: passages_of_guide(read(), source))


def contents_of_tables(cached: SourceCache) -> Contents:
    """Return what a cached source of tables has to search in."""
    tables = [f"{entry.name} {entry.friendly}" for entry in cached.tables.values()]
    return Contents(" ".join([cached.name, cached.manifest.url, *tables]), lambda: _of_tables(cached))


def _of_tables(cached: SourceCache) -> Iterator[Passage]:
    kind = cached.manifest.kind
    part = "table" if kind == "bitable" else "sheet"
    url = cached.manifest.url.partition("#")[0].partition("?")[0]
    for table_id, entry in cached.tables.items():
        schema = loading.schema(cached, table_id)
        names = dict.fromkeys([schema.names[0], label_column(schema), *text_columns(schema)])
        table = loading.friendly(cached, table_id, [name for name in names if name])
        yield from passages_of_table(table, cached.name, entry.name, f"{url}?{part}={table_id}", kind)


# --- the search -----------------------------------------------------------------------------------------------------


def search_all(
    file: Path,
    folders: Iterable[Path],
    contents: Callable[[Path], Contents],
    text: str,
    kind: Kind | None = None,
    limit: int = 20,
) -> SearchHits:
    """Return the hits in all cached sources, as `search` does.

    Parameters
    ----------
    file : path
        Where the folded passages are kept; sources that are not among ``folders`` leave it.
    folders : iterable of path
        The folders of all sources, each with its manifest.
    contents : callable
        Opens one of them. It is called for those whose manifest was replaced since the last search.
    """
    kept = _load(file)
    current = {str(folder): _current(folder, kept.get(str(folder)), contents) for folder in folders}
    if current != kept:
        _save(file, current)
    words = words_of(text)
    wanted = [source for source in current.values() if kind in (None, source.kind)]
    found, total = best_of((entry for source in wanted for entry in zip(source.folded, source.passages, strict=True)),
                         words, limit)  # fmt: skip
    return SearchHits([hit_of(_passage(written), words) for written in found], total)


# --- what is kept ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Kept:
    """The passages of one source, which all are of its kind, and what they were made from."""

    stamp: str  # of the manifest's file, which every look replaces
    version: str
    kind: str
    folded: list[str]
    passages: list[str]  # as JSON


class _File(msgspec.Struct):
    """What the kept file holds: `_Kept` by the folder of each source, and a sum by which damage shows."""

    format: int
    sum: int
    sources: msgspec.Raw


NOTHING = _Kept("", "", "", [], [])


def _passage(written: str) -> Passage:
    kind, source, title, path, text, url = json.loads(written)
    return Passage(kind, source, title, tuple(path), text, url)


def _current(folder: Path, kept: _Kept | None, contents: Callable[[Path], Contents]) -> _Kept:
    stamp = _stamp(folder / "manifest.json")
    if kept is not None and kept.stamp == stamp:
        return kept
    try:
        version, passages = contents(folder)
        if kept is not None and kept.version == version:
            return replace(kept, stamp=stamp)
        found = [*passages()]
        kind = found[0].kind if found else ""
        written = [json.dumps(each, ensure_ascii=False) for each in found]
        return _Kept(stamp, version, kind, [*map(folded, found)], written)
    except (
        OSError,
        ValueError,
        LookupError,
        LarkError,
    ) as error:  # one damaged source must not hide what the others know
        log.warning("search: %s: %r", folder.name, error)
        return NOTHING


def _stamp(path: Path) -> str:
    """Return what tells one file from the one that replaces it; empty where there is none."""
    try:
        found = path.stat()
    except OSError:
        return ""
    return f"{found.st_mtime_ns} {found.st_size} {found.st_ino}"


_last: dict[str, dict[str, _Kept]] = {}  # by the stamp of the file: what was searched last, for the next search


def _load(file: Path) -> dict[str, _Kept]:
    stamp = _stamp(file)
    if stamp not in _last:
        _remember(stamp, _parse(file))
    return _last[stamp]


def _remember(stamp: str, sources: dict[str, _Kept]) -> None:
    _last.clear()  # one workspace at a time: it may be large
    _last[stamp] = sources


def _parse(file: Path) -> dict[str, _Kept]:
    """Read the file; a missing one, or one damaged in whatever way, is made again."""
    try:
        found = msgspec.json.decode(read_plain(file, MOST), type=_File)
        if found.format != FORMAT or zlib.crc32(found.sources) != found.sum:
            return {}
        return msgspec.json.decode(found.sources, type=dict[str, _Kept])
    except (OSError, ValueError, RecursionError, msgspec.MsgspecError):
        return {}


def _save(file: Path, sources: dict[str, _Kept]) -> None:
    try:
        told = msgspec.json.encode(sources)
        write_atomically(file, msgspec.json.encode(_File(FORMAT, zlib.crc32(told), msgspec.Raw(told))))
    except (OSError, ValueError) as error:  # ValueError: a lone surrogate in a text, which no file can hold
        log.debug("search: %s was not kept: %s", file.name, error)
    _remember(_stamp(file), sources)
