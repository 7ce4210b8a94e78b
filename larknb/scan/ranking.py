"""Which of some folded passages hold all of some words, and how well they fit: thousands at once.

All that ranks a passage is known from the places of the words in it: whether its own heading has them, whether its
title has them, how many there are, and how near they stand to each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from larknb.scan.layout import Layout, Places, layout_of, places_of
from larknb.scan.passages import Block

__all__ = ["Found", "rank"]

Numbers = npt.NDArray[np.int64]
FAR = (1 << 24) - 1  # bytes between two words of which nobody will say that they are near
MANY = (1 << 20) - 1
SAMPLE = 1 << 16  # bytes in which words are counted to know the rarest
FEW = 4  # passages for one that holds a word: it is quicker to take these out
MOST = 63  # words that count for the heading, and for the title


class Found(NamedTuple):
    """A passage that holds the words: how well it fits, its block, its number and place there, and its bytes."""

    fit: int
    block: Block
    number: int
    at: int
    data: bytes


def rank(
    blocks: Sequence[tuple[Block, bytes]],
    words: Sequence[str],
    limit: int,
    known: Callable[[bytes], Layout] = layout_of,
) -> tuple[list[Found], int]:
    """Return the best of the passages in some blocks that hold all words, best first, and how many there are.

    A word may also stand in the title or in a heading further up, as long as one of them is in the passage itself, in
    its text or right above it. Equal ones keep their order.

    Parameters
    ----------
    blocks : sequence
        Each with its folded passages, or with some of them.
    known : callable
        Returns the layout of all these passages, which may be known already.
    """
    in_titles = [[block.folded_title.count(word) for word in words] for block, _ in blocks]
    needles = [word.encode("utf-8", "surrogatepass") for word in words]
    data = blocks[0][1] if len(blocks) == 1 else b"".join(folded for _, folded in blocks)
    rarest = min(range(len(needles)), key=lambda number: data.count(needles[number], 0, SAMPLE))
    places = places_of(data, needles[rarest])
    if not places.size and not any(title[rarest] for title in in_titles):
        return [], 0  # the quickest way out, and for most blocks the way
    layout = known(data)
    starts, ends = layout.starts, layout.ends
    lengths = np.cumsum([0, *(len(folded) for _, folded in blocks)])  # where each block begins
    firsts = np.searchsorted(starts, lengths)  # the number of its first passage
    titles = np.repeat(np.array(in_titles, np.int64), np.diff(firsts), axis=0)
    numbers = _contenders(places, ends, titles[:, rarest])
    if numbers is None:
        numbers = np.arange(ends.size)
        found = [places if number == rarest else places_of(data, needle) for number, needle in enumerate(needles)]
    else:
        some = b"".join(data[starts[number] : ends[number] + 1] for number in numbers.tolist())
        layout = layout_of(some)
        found = [places_of(some, needle) for needle in needles]
    fits = _fits(layout, found, titles[numbers])
    held = np.flatnonzero(fits)
    best = held[np.argsort(-fits[held], kind="stable")[: max(0, limit)]]
    passages = numbers[best]
    which = np.searchsorted(firsts, passages, "right") - 1
    columns = fits[best], which, passages - firsts[which], starts[passages], ends[passages], lengths[which]
    return [
        Found(fit, blocks[block][0], number, start - before, data[start:end])
        for fit, block, number, start, end, before in zip(*(column.tolist() for column in columns), strict=True)
    ], held.size


def _contenders(places: Places, ends: Places, titles: Numbers) -> Numbers | None:
    """Return the numbers of the passages that hold a word, if they are few and none has it in the title."""
    if titles.any() or places.size > 2 * ends.size:
        return None
    numbers = np.unique(np.searchsorted(ends, places))
    return numbers if numbers.size * FEW < ends.size else None


# --- how well they fit ----------------------------------------------------------------------------------------------


def _fits(layout: Layout, found: Sequence[Places], titles: Numbers) -> Numbers:
    """Return how well each passage fits, 0 for those that do not hold all words.

    Parameters
    ----------
    found : sequence of array
        The places of each word.
    titles : array
        How often the title of each passage has each word.
    """
    size = len(layout.ends)
    held, count, in_heading = np.ones(size, bool), np.zeros(size, np.int64), np.zeros(size, np.int64)
    for places, title in zip(found, titles.T, strict=True):
        start, head, body, end = (np.searchsorted(places, part) for part in layout)
        as_heading = np.where(layout.starts == layout.bodies, title, 0)
        held &= (end > start) | (title > 0)
        count += end - head + as_heading
        in_heading += body - head + as_heading > 0
    in_title = (titles > 0).sum(axis=1)
    fits = (np.minimum(in_heading, MOST) * (MOST + 1) + np.minimum(in_title, MOST)) << 44
    fits += (np.minimum(count, MANY) << 24) + FAR - _spans(found, layout)
    return np.where(held & (count > 0), fits, 0)


def _spans(found: Sequence[Places], layout: Layout) -> Numbers:
    """Return how far from each other the words stand where they are nearest, by passage; ``found`` are their places."""
    spans = np.full(len(layout.ends), FAR - 1, np.int64)
    if len(found) < 2:
        return spans
    words = np.repeat(np.arange(len(found)), [len(places) for places in found])
    last = np.concatenate(found)
    order = np.argsort(last, kind="stable")
    words, last = words[order], last[order]  # each place may be the last of some words that stand together
    first = last
    for word in range(len(found)):
        first = np.minimum(first, np.maximum.accumulate(np.where(words == word, last, -1)))
    passages = np.repeat(np.arange(len(spans)), np.diff(np.searchsorted(last, layout.ends), prepend=0))
    inside = first >= layout.heads[passages]
    apart, passages = (last - first)[inside], passages[inside]
    if apart.size:
        begins = np.flatnonzero(np.diff(passages, prepend=-1))
        spans[passages[begins]] = np.minimum(np.minimum.reduceat(apart, begins), FAR - 1)
    return spans
