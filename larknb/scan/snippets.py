"""A passage that was found as its hit: the part of it that shows the words, and where they are in that."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from larknb.results.search import Hit
from larknb.scan.folding import fold, fold_char
from larknb.scan.passages import Passage

__all__ = ["hit_of"]

BEFORE, LENGTH = 24, 80  # characters of a snippet: before its first hit, and in all


def hit_of(passage: Passage, words: Sequence[str]) -> Hit:
    """Return a passage that was found as its hit: a snippet around the first of the words, the words marked."""
    text = passage.text
    body = fold(text)
    if not any(word in body for word in words):
        text = f"{passage.heading} · {text}" if text else passage.heading
    start = max(0, _first(text, words) - BEFORE)
    end = start + LENGTH
    snippet = " ".join(text[start:end].split())
    snippet = f"{'…' if start else ''}{snippet}{'…' if end < len(text) else ''}"
    path = " > ".join(passage.path)
    marks = tuple(_marks(snippet, words))
    return Hit(passage.kind, passage.source, passage.title, path, snippet, passage.url, marks)


def _first(text: str, words: Sequence[str]) -> int:
    """Return where the first of the words begins in a text; only the token that holds it is looked at closely."""
    for token in re.finditer(r"\S+", text):
        piece = fold(token[0])
        places = [place for word in words if (place := piece.find(word)) >= 0]
        if places:
            return token.start() + _unfolded(token[0], min(places))
    return 0


def _unfolded(text: str, place: int) -> int:
    """Return the place in a text that folding moves to ``place``.

    By halving: a token may be a cell of 50,000 characters, and each of them by itself would take its time.
    """
    return bisect_right(range(len(text)), place, key=lambda end: len(fold(text[:end]))) - 1


def _marks(text: str, words: Sequence[str]) -> Iterator[tuple[int, int]]:
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
        folded, joins = fold_char(char)
        if joins and places:
            begin = places[-1][1]
            places[-1] = fold(text[begin : at + 1]), begin, at + 1
        else:
            places.append((folded, at, at + 1))
    return places
