"""Which passages hold the words, and in which order: as a plain look at each of them says."""

from __future__ import annotations

import re
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from larknb.scan.folding import fold
from larknb.scan.passages import Passage, passage_of
from larknb.scan.ranking import rank
from tests.passages import blocks_of, passage, together

letters = st.text("热温过 aA，", max_size=10)
headings = st.lists(letters.filter(str.strip), max_size=2)
some = st.lists(st.builds(
    lambda title, path, text: passage(text, *path, title=title), st.sampled_from(["", "热", "过温a"]), headings, letters
), max_size=12)  # fmt: skip


def plainly(each: Passage, words: list[str]) -> tuple[int, int, int] | None:
    """Return what ranks a passage but for the nearness; None where it is no hit."""
    title, text = fold(each.title), fold(each.text)
    path = [fold(heading) for heading in each.path]
    heading = path[-1] if path else title
    if not all(any(word in part for part in (title, *path, text)) for word in words):
        return None
    count = sum(_places(word, part) for word in words for part in (heading, text))
    return (sum(word in heading for word in words), sum(word in title for word in words), count) if count else None


def _places(word: str, text: str) -> int:
    return len(re.findall(f"(?={re.escape(word)})", text))


@given(some, st.lists(st.text("热温过a", min_size=1, max_size=3), min_size=1, max_size=3, unique=True))
def test_the_order_is_that_of_a_plain_look(passages: list[Passage], words: list[str]) -> None:
    """Heading, title, count; every hit is there, and no other one."""
    blocks = [(block, block.folded()) for block in blocks_of(together(passages))]
    found, count = rank(blocks, words, 99)
    order = [plainly(passage_of(each.block, each.number, each.at, each.data), words) for each in found]
    assert count == len(found) == sum(plainly(each, words) is not None for each in passages)
    assert all(first is not None and second is not None and first >= second for first, second in pairwise(order))
    assert None not in order


@pytest.mark.parametrize("rare", [3, 2000])
def test_a_rare_word_among_many_passages(rare: int) -> None:
    """The passages that hold it are taken out first; they are the same ones, at the same places."""
    passages = [passage(f"电机 {'过热' * (number % rare == 1)}", str(number)) for number in range(4000)]
    blocks = [(block, block.folded()) for block in blocks_of(together(passages))]
    found, count = rank(blocks, ["电机", "过热"], 5)
    hits = [int(passage_of(each.block, each.number, each.at, each.data).path[0]) for each in found]
    assert hits == [number for number in range(4000) if number % rare == 1][:5]
    assert count == sum(number % rare == 1 for number in range(4000))


def nearest(text: str, words: list[str]) -> int:
    """Return the fewest bytes that begin all words."""
    data = text.encode()
    places = [[match.start() for match in re.finditer(b"(?=%s)" % re.escape(word.encode()), data)] for word in words]
    return min(max(some) - min(some) for some in product(*places))


@given(st.lists(st.text("热温，", min_size=2, max_size=9), min_size=2, max_size=6))
def test_the_nearest_comes_first(texts: list[str]) -> None:
    """Of those that are equal otherwise, with as many hits."""
    words = ["热", "温"]
    passages = [passage(text, "h", title="") for text in texts if all(word in text for word in words)]
    blocks = [(block, block.folded()) for block in blocks_of(together(passages))]
    found = [passage_of(each.block, each.number, each.at, each.data).text for each in rank(blocks, words, 99)[0]]
    ranked = [(-sum(text.count(word) for word in words), nearest(text, words)) for text in found]
    assert ranked == sorted(ranked)


@pytest.mark.parametrize("count", [1, 70])
def test_as_many_words_as_anybody_types(count: int) -> None:
    """What is counted has room."""
    words = [f"w{number}x" for number in range(count)]
    blocks = [
        (block, block.folded()) for block in blocks_of(together([passage("见上", " ".join(words)), passage("a")]))
    ]
    found, total = rank(blocks, words, 99)
    assert (len(found), total, found[0].number) == (1, 1, 0)
