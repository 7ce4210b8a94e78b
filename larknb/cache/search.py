"""Search: the passages that hold all of some words.

A plain scan for substrings, without an index: recall is exact from one character on, in every language. Full width and
case are folded, and that takes a hundred times longer than the scan, so the folded passages of all sources are kept in
one file (``work/search.json``), and in memory from one search to the next. The passages as they were written lie beside
them as JSON texts: of thousands that are scanned, a few are shown.
"""

from __future__ import annotations

import json
import logging
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from larknb.cache.forms import SHOWN_ROWS, shown
from larknb.files import write_atomically
from larknb.model import FIELD_KEY, Hit, Kind, SearchHits

if TYPE_CHECKING:
    from larknb.cache.store import SourceCache

T = TypeVar("T")

__all__ = ["Contents", "Passage", "contents_of_guide", "contents_of_tables", "passages_of_guide", "passages_of_table",
           "search", "search_all"]  # fmt: skip

FORMAT = 2  # of the kept file
BEFORE, LENGTH = 24, 80  # characters of a snippet: before its first hit, and in all

log = logging.getLogger("larknb")


class Passage(NamedTuple):
    """A piece of text that a search finds as one.

    ``title`` is that of the document or table, ``path`` the headings above the text, outermost first, or what its row
    is called; without any, the passage stands for the document itself.
    """

    kind: Kind
    source: str
    title: str
    path: tuple[str, ...]
    text: str
    url: str

    @property
    def heading(self) -> str:
        """The heading right above the text."""
        return self.path[-1] if self.path else self.title


class Contents(NamedTuple):
    """What one cached source has to search in: ``version`` says when it changed, ``passages`` reads it."""

    version: str
    passages: Callable[[], Iterable[Passage]]


# --- the scan ---------------------------------------------------------------------------------------------------

# They count as blanks, so no word can hold them.
BREAK = "\x1f"  # between the title and the headings of a folded passage
BODY = "\x1e"  # between those and its text


def search(passages: Iterable[Passage], text: str, kind: Kind | None = None, limit: int = 20) -> SearchHits:
    """Return the passages that hold every word of ``text``, best first.

    A word may also stand in the title or in a heading further up, as long as one of them is in the passage itself.
    Passages rank by the words in their own heading, then in the title, then by the number of hits.

    Parameters
    ----------
    kind : str, optional
        Only passages of this kind of source.
    limit : int
        How many hits to return at most; all are counted.
    """
    words = _words(text)
    wanted = (passage for passage in passages if kind in (None, passage.kind))
    found, total = _best(((_folded(passage), passage) for passage in wanted), words, limit)
    return SearchHits([_hit(passage, words) for passage in found], total)


def _words(text: str) -> list[str]:
    return [*dict.fromkeys(_fold(text).split())]


def _best(entries: Iterable[tuple[str, T]], words: list[str], limit: int) -> tuple[list[T], int]:
    """Return what belongs to the best of some folded passages, best first, and how many there are."""
    if not words:
        return [], 0
    first, *others = words
    found = [
        (rank, item)
        for folded, item in entries
        if first in folded and all(word in folded for word in others) and (rank := _rank(folded, words))
    ]
    found.sort(key=lambda entry: entry[0], reverse=True)  # stable: equal ones stay in the order of their sources
    return [item for _, item in found[: max(0, limit)]], len(found)


def _rank(folded: str, words: list[str]) -> tuple[int, int, int] | None:
    """Return what a passage ranks by, or None where all the words are above it: they found its document already."""
    above, _, text = folded.partition(BODY)
    title, *path = above.split(BREAK)
    heading = path[-1] if path else title
    count = sum(heading.count(word) + text.count(word) for word in words)
    return (sum(word in heading for word in words), sum(word in title for word in words), count) if count else None


def _hit(passage: Passage, words: list[str]) -> Hit:
    text = passage.text
    folded = _fold(text)
    if not any(word in folded for word in words):
        text = f"{passage.heading} · {text}" if text else passage.heading
    start = max(0, _first(text, words) - BEFORE)
    end = start + LENGTH
    snippet = " ".join(text[start:end].split())
    snippet = f"{'…' if start else ''}{snippet}{'…' if end < len(text) else ''}"
    path = " > ".join(passage.path)
    return Hit(passage.kind, passage.source, passage.title, path, snippet, passage.url, tuple(_spans(snippet, words)))


def _first(text: str, words: list[str]) -> int:
    """Return where the first of the words begins in a text; only the token that holds it is looked at closely."""
    for token in re.finditer(r"\S+", text):
        folded = _fold(token[0])
        places = [place for word in words if (place := folded.find(word)) >= 0]
        if places:
            return token.start() + _unfolded(token[0], min(places))
    return 0


def _unfolded(text: str, place: int) -> int:
    """Return the place in a text that folding moves to ``place``.

    By halving: a token may be a cell of 50,000 characters, and each of them by itself would take its time.
    """
    return bisect_right(range(len(text)), place, key=lambda end: len(_fold(text[:end]))) - 1


# --- folding ----------------------------------------------------------------------------------------------------


def _fold(text: str) -> str:
    """Return the text without the differences that do not count: full width, compatibility forms, case."""
    return unicodedata.normalize("NFKC", text).casefold()


def _folded(passage: Passage) -> str:
    """Return what is scanned of a passage: title, headings and text."""
    above = [re.sub(f"[{BREAK}{BODY}]", " ", _fold(part)) for part in (passage.title, *passage.path)]
    return f"{BREAK.join(above)}{BODY}{_fold(passage.text)}"


def _spans(text: str, words: list[str]) -> Iterator[tuple[int, int]]:
    """Yield the places of the words in the unfolded text, in order; those that overlap are one."""
    places = _places(text)
    folded = "".join(piece for piece, _, _ in places)
    begins = [begin for piece, begin, _ in places for _ in piece]
    ends = [end for piece, _, end in places for _ in piece]
    last: tuple[int, int] | None = None
    for match in re.finditer("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)), folded):
        begin, end = begins[match.start()], ends[match.end() - 1]
        if last and begin < last[1]:
            last = last[0], max(end, last[1])
            continue
        if last:
            yield last
        last = begin, end
    if last:
        yield last


def _places(text: str) -> list[tuple[str, int, int]]:
    """Return the folded pieces of a text, each with its place there.

    A piece is mostly one character; those that fold together, such as a letter and its accent, are one piece.
    """
    places: list[tuple[str, int, int]] = []
    for at, char in enumerate(text):
        folded = _fold(char)
        if places:
            piece, begin, _ = places[-1]
            together = _fold(text[begin : at + 1])
            if unicodedata.combining(char) or together != piece + folded:
                places[-1] = together, begin, at + 1
                continue
        places.append((folded, at, at + 1))
    return places


# --- what there is to search in ---------------------------------------------------------------------------------


def passages_of_guide(guide: Mapping[str, Any], source: str) -> Iterator[Passage]:
    """Yield one passage per section of a guide in its house form.

    To the text of a section belong all rows of its embedded tables, and the names and captions of its files.
    """
    url = str(guide["url"] or "")
    for section in guide["sections"]:
        lines = [section["text"]]
        lines += [line for index in section["tables"] for line in _more_rows(guide["tables"][index])]
        for asset in (guide["assets"][index] for index in section["assets"]):
            lines += [asset["caption"], asset["name"]]
        path = tuple(section["path"][1:])  # the first is the document's title
        link = f"{url.partition('#')[0]}#{section['block_id']}" if url and path else url
        yield Passage("document", source, guide["title"], path, "\n".join(filter(None, lines)), link)


def _more_rows(table: Mapping[str, Any]) -> list[str]:
    """Return the rows of an embedded table that the section's text leaves out; the document's own are there whole."""
    rows = [] if table["source"] == "table" else (table["rows"] or [])[SHOWN_ROWS + 1 :]
    return [" | ".join(map(shown, row)) for row in rows]


def passages_of_table(table: pa.Table, source: str, title: str, url: str, kind: Kind = "bitable") -> Iterator[Passage]:
    """Yield one passage per row of a table in its friendly form: the text of all its cells that hold any.

    Parameters
    ----------
    table : pyarrow.Table
        The first column holds the ids of the rows. A row is called after its primary column.
    url : str
        The address of the table.
    """
    ids = table.column(0).to_pylist()
    label = _label_column(table.schema)
    labels = _label(table, label) if label else [""] * len(ids)
    cells = [_cells(table, name) for name in _text_columns(table.schema) if name != label]
    # Not binary_join_element_wise: pyarrow 26 drops a row whose cells are all null.
    texts = map(_joined, zip(*(column.to_pylist() for column in cells), strict=True)) if cells else [""] * len(ids)
    for row, name, text in zip(ids, labels, texts, strict=True):
        if name or text:
            yield Passage(kind, source, title, (name or str(row),), text, url)


def _joined(cells: Iterable[str | None]) -> str:
    return "\n".join(cell for cell in cells if cell)


def _text_columns(schema: pa.Schema) -> list[str]:
    """Return the columns of text, choices, or lists of either; what begins with an underscore is our own."""
    return [field.name for field in schema if not field.name.startswith("_") and _is_text(field.type)]


def _is_text(arrow: pa.DataType) -> bool:
    items = arrow.value_type if pa.types.is_list(arrow) or pa.types.is_dictionary(arrow) else arrow
    return bool(pa.types.is_string(items) or pa.types.is_large_string(items))


def _label_column(schema: pa.Schema) -> str | None:
    """Return the column that rows are called after: the primary one, or the first that holds text."""
    for field in schema:
        if json.loads((field.metadata or {}).get(FIELD_KEY, b"{}")).get("is_primary"):
            return str(field.name)
    return next(iter(_text_columns(schema)), None)


def _label(table: pa.Table, name: str) -> list[str]:
    if _is_text(table.schema.field(name).type):
        return [text or "" for text in _cells(table, name).to_pylist()]
    return ["" if value is None else str(value) for value in table.column(name).to_pylist()]


def _cells(table: pa.Table, name: str) -> pa.Array:
    cells = table.column(name).unify_dictionaries().combine_chunks()
    return pc.binary_join(cells, ", ") if pa.types.is_list(cells.type) else cells.cast(pa.string())


# --- everything that is cached ----------------------------------------------------------------------------------


def contents_of_guide(path: Path, version: str, source: str) -> Contents:
    """Return what a cached document has to search in; ``path`` is its ``guide.json``."""
    return Contents(f"{source} {version}", lambda: passages_of_guide(orjson.loads(path.read_bytes()), source))


def contents_of_tables(cached: SourceCache) -> Contents:
    """Return what a cached source of tables has to search in."""
    tables = [f"{entry['name']} {entry['friendly']}" for entry in cached.tables.values()]
    return Contents(" ".join([cached.name, cached.manifest["url"], *tables]), lambda: _of_tables(cached))


def _of_tables(cached: SourceCache) -> Iterator[Passage]:
    kind: Kind = cached.manifest["kind"]
    part = "table" if kind == "bitable" else "sheet"
    url = str(cached.manifest["url"]).partition("#")[0].partition("?")[0]
    for table_id, entry in cached.tables.items():
        path = cached.folder / entry["friendly"]
        schema = pq.read_schema(path)
        names = dict.fromkeys([schema.names[0], _label_column(schema), *_text_columns(schema)])
        table = pq.read_table(path, columns=[name for name in names if name])
        yield from passages_of_table(table, cached.name, entry["name"], f"{url}?{part}={table_id}", kind)


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
    words = _words(text)
    wanted = [source for source in current.values() if kind in (None, source.kind)]
    found, total = _best((entry for source in wanted for entry in zip(source.folded, source.passages, strict=True)),
                         words, limit)  # fmt: skip
    return SearchHits([_hit(_passage(written), words) for written in found], total)


class _Kept(NamedTuple):
    """The passages of one source, which all are of its kind, and what they were made from."""

    stamp: str  # of the manifest's file, which every look replaces
    version: str
    kind: str
    folded: list[str]
    passages: list[str]  # as JSON


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
            return kept._replace(stamp=stamp)
        found = [*passages()]
        kind = found[0].kind if found else ""
        written = [json.dumps(each, ensure_ascii=False) for each in found]
        return _Kept(stamp, version, kind, [*map(_folded, found)], written)
    except (OSError, ValueError, LookupError) as error:  # one damaged source must not hide what the others know
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
    try:
        document = orjson.loads(file.read_bytes())
        if document["format"] != FORMAT:
            return {}
        return {folder: _Kept(**source) for folder, source in document["sources"].items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}  # missing, or damaged in whatever way: it is made again


def _save(file: Path, sources: dict[str, _Kept]) -> None:
    document = {folder: kept._asdict() for folder, kept in sources.items()}
    try:
        write_atomically(file, orjson.dumps({"format": FORMAT, "sources": document}))
    except (OSError, TypeError) as error:  # TypeError: a lone surrogate in a text, which no file can hold
        log.debug("search: %s was not kept: %s", file.name, error)
    _remember(_stamp(file), sources)
