"""Search in blocks of passages: every passage that holds all words is counted, the best of each kind are shown."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from itertools import chain, zip_longest
from typing import NamedTuple

from larknb.model import Kind
from larknb.results.search import Hit, SearchHits
from larknb.scan.folding import fold
from larknb.scan.layout import layout_of
from larknb.scan.near import Choice, near, parted
from larknb.scan.passages import BLOCK, Block, passage_of
from larknb.scan.ranking import Found, rank
from larknb.scan.snippets import hit_of

__all__ = ["WORKERS", "search"]

KINDS: tuple[Kind, ...] = (
    "document",
    "spreadsheet",
    "bitable",
)  # where all else is equal, those of fewer passages first
WORKERS = min(4, os.cpu_count() or 1)
OFFERS = 5  # near misses
PATIENCE = 0.7  # seconds that they may take


def search(
    blocks: Iterable[Block], text: str, limit: int = 20, *, clock: Callable[[], float] = time.monotonic
) -> SearchHits:
    """Return the passages that hold every word of ``text``, best first, the kinds in turns.

    A word may also stand in the title or in a heading further up, as long as one of them is in the passage itself.
    Passages rank by the words in their own heading, then in the title, then by how many there are, then by how near
    they stand to each other.

    Parameters
    ----------
    limit : int
        How many hits to return at most; all are counted.
    """
    words, batches = [*dict.fromkeys(fold(text).split())], _batches(blocks)
    if not words:
        return SearchHits()
    with ThreadPoolExecutor(WORKERS) as pool:
        found = _search(pool, batches, words, limit)
        offers = [] if found.counts else _offers(pool, batches, words, clock)
    return SearchHits([_hit(each, words) for each in found.best], found.counts, offers)


# --- all at once ----------------------------------------------------------------------------------------------------


def _batches(blocks: Iterable[Block]) -> list[list[Block]]:
    """Return the blocks in batches of one kind that are worth a step: most documents are small."""
    batches: list[list[Block]] = []
    size = 0
    for block in blocks:
        if not batches or size + block.size > BLOCK or batches[-1][0].kind != block.kind:
            batches.append([])
            size = 0
        batches[-1].append(block)
        size += block.size
    return batches


class _Result(NamedTuple):
    best: Sequence[Found]
    counts: dict[Kind, int]


def _search(pool: Executor, batches: Sequence[Sequence[Block]], words: Sequence[str], limit: int) -> _Result:
    found: dict[Kind, list[Found]] = {}
    counts: Counter[Kind] = Counter()
    for batch, (best, count) in zip(batches, pool.map(partial(_ranked, words, limit), batches), strict=True):
        if count:
            counts[batch[0].kind] += count
            found.setdefault(batch[0].kind, []).extend(best)
    for best in found.values():
        best.sort(key=lambda each: -each.fit)  # stable: equal ones stay in the order of their sources
    return _Result(_in_turns(found, limit), {kind: counts[kind] for kind in KINDS if counts[kind]})


def _ranked(words: Sequence[str], limit: int, batch: Sequence[Block]) -> tuple[list[Found], int]:
    known = batch[0].layout if len(batch) == 1 else layout_of
    return rank([(block, block.folded()) for block in batch], words, limit, known)


def _in_turns(found: dict[Kind, list[Found]], limit: int) -> list[Found]:
    """Return the best of each kind in turns, so that a thousand rows hide no document."""
    kinds = sorted((kind for kind in KINDS if found.get(kind)), key=lambda kind: -found[kind][0].fit)
    turns = zip_longest(*(found[kind][:limit] for kind in kinds))
    return [each for each in chain.from_iterable(turns) if each is not None][: max(0, limit)]


def _hit(found: Found, words: Sequence[str]) -> Hit:
    return hit_of(passage_of(found.block, found.number, found.at, found.data), words)


# --- near misses ----------------------------------------------------------------------------------------------------


def _offers(
    pool: Executor, batches: Sequence[Sequence[Block]], words: Sequence[str], clock: Callable[[], float]
) -> list[str]:
    """Return what to search for instead, as it is written where it is found: what differs least, and is most frequent.

    One of the words may be another one, or else all of them, or else one may stand for two.
    """
    end = clock() + PATIENCE
    if any("\ud800" <= char <= "\udfff" for word in words for char in word):
        return []  # half of a character is no text that a pattern can hold
    alone = [(number,) for number, word in enumerate(words) if len(word) > 1]  # a single character is near to all
    for vague in (alone, [tuple(range(len(words)))]):
        found = pool.map(partial(_near, words, vague, lambda: clock() < end), batches)
        if offers := _most_frequent(chain.from_iterable(found)):
            return offers
    return _most_frequent(_parted(pool, batches, words, lambda: clock() < end))


def _near(
    words: Sequence[str], vague: Sequence[Collection[int]], has_time: Callable[[], bool], batch: Sequence[Block]
) -> list[tuple[Choice, Found]]:
    return [
        each for block in batch if has_time() for some in vague for each in near(block, block.folded(), words, some)
    ]


def _most_frequent(found: Iterable[tuple[Choice, Found]]) -> list[str]:
    counts: Counter[Choice] = Counter()
    examples: dict[Choice, Found] = {}
    for choice, example in found:
        counts[choice] += 1
        examples.setdefault(choice, example)
    return [_written(examples[choice], choice) for choice, _ in counts.most_common(OFFERS)]


def _parted(
    pool: Executor, batches: Sequence[Sequence[Block]], words: Sequence[str], has_time: Callable[[], bool]
) -> Iterator[tuple[Choice, Found]]:
    for choice in parted(words):
        if not has_time():
            return
        if found := _search(pool, batches, choice, 1).best:
            yield choice, found[0]


def _written(found: Found, choice: Choice) -> str:
    """Return words as a passage has them."""
    passage = passage_of(found.block, found.number, found.at, found.data)
    whole = passage._replace(path=(), text=" ".join([passage.title, *passage.path, passage.text]))
    return " ".join(_as_in(hit_of(whole, [word]), word) for word in choice)


def _as_in(hit: Hit, word: str) -> str:
    written = next((hit.snippet[start:end] for start, end in hit.marks), word)
    return written if fold(written) == word else word
