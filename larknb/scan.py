"""Words -> the passages that hold them all: a scan for substrings, without an index."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeVar

from larknb.model import Kind
from larknb.results.search import Hit, SearchHits

__all__ = [
    "Passage",
    "best_of",
    "folded",
    "hit_of",
    "search",
    "words_of",
]

T = TypeVar("T")
BEFORE, LENGTH = 24, 80  # characters of a snippet: before its first hit, and in all
# They count as blanks, so no word can hold them.
BREAK = "\x1f"  # between the title and the headings of a folded passage
BODY = "\x1e"  # between those and its text


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
    words = words_of(text)
    wanted = (passage for passage in passages if kind in (None, passage.kind))
    found, total = best_of(((folded(passage), passage) for passage in wanted), words, limit)
    return SearchHits([hit_of(passage, words) for passage in found], total)


def words_of(text: str) -> list[str]:
    """Return the folded words of what was typed, each once."""
    return [*dict.fromkeys(_fold(text).split())]


def best_of(entries: Iterable[tuple[str, T]], words: list[str], limit: int) -> tuple[list[T], int]:
    """Return what belongs to the best of some folded passages, best first, and how many were found.

    Parameters
    ----------
    entries : iterable of (str, object)
        Folded passages, each with what is to be returned of it.
    words : list of str
        What `words_of` made of the words: a passage must hold them all.
    limit : int
        How many to return at most.
    """
    if not words:
        return [], 0
    first, *others = words
    found = [
        (rank, item)
        for text, item in entries
        if first in text and all(word in text for word in others) and (rank := _rank(text, words))
    ]
    found.sort(key=lambda entry: entry[0], reverse=True)  # stable: equal ones stay in the order of their sources
    return [item for _, item in found[: max(0, limit)]], len(found)


def _rank(passage: str, words: list[str]) -> tuple[int, int, int] | None:
    """Return what a folded passage ranks by; None where all words are above it: they found its document already."""
    above, _, text = passage.partition(BODY)
    title, *path = above.split(BREAK)
    heading = path[-1] if path else title
    count = sum(heading.count(word) + text.count(word) for word in words)
    return (sum(word in heading for word in words), sum(word in title for word in words), count) if count else None


def hit_of(passage: Passage, words: list[str]) -> Hit:
    """Return a passage that was found as its hit: a snippet around the first of the words, the words marked."""
    text = passage.text
    body = _fold(text)
    if not any(word in body for word in words):
        text = f"{passage.heading} · {text}" if text else passage.heading
    start = max(0, _first(text, words) - BEFORE)
    end = start + LENGTH
    snippet = " ".join(text[start:end].split())
    snippet = f"{'…' if start else ''}{snippet}{'…' if end < len(text) else ''}"
    path = " > ".join(passage.path)
    marks = tuple(_marks(snippet, words))
    return Hit(passage.kind, passage.source, passage.title, path, snippet, passage.url, marks)


def _first(text: str, words: list[str]) -> int:
    """Return where the first of the words begins in a text; only the token that holds it is looked at closely."""
    for token in re.finditer(r"\S+", text):
        piece = _fold(token[0])
        places = [place for word in words if (place := piece.find(word)) >= 0]
        if places:
            return token.start() + _unfolded(token[0], min(places))
    return 0


def _unfolded(text: str, place: int) -> int:
    """Return the place in a text that folding moves to ``place``.

    By halving: a token may be a cell of 50,000 characters, and each of them by itself would take its time.
    """
    return bisect_right(range(len(text)), place, key=lambda end: len(_fold(text[:end]))) - 1


# --- folding --------------------------------------------------------------------------------------------------------


def _fold(text: str) -> str:
    """Return the text without the differences that do not count: full width, compatibility forms, case."""
    return unicodedata.normalize("NFKC", text).casefold()


def folded(passage: Passage) -> str:
    """Return what is scanned of a passage: title, headings and text."""
    above = [re.sub(f"[{BREAK}{BODY}]", " ", _fold(part)) for part in (passage.title, *passage.path)]
    return f"{BREAK.join(above)}{BODY}{_fold(passage.text)}"


def _marks(text: str, words: list[str]) -> Iterator[tuple[int, int]]:
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
