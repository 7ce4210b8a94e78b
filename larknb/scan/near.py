"""What was perhaps meant where nothing holds the words: texts that are there and differ from them by little.

By one character (another one, one more, one less, two exchanged), or by the order of their two parts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import islice, product

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from larknb.scan.folding import END
from larknb.scan.passages import Block
from larknb.scan.ranking import Found, rank

__all__ = ["Choice", "near", "parted"]

Choice = tuple[str, ...]  # folded words, to be searched for instead
LONGEST = 32  # characters of a word that may differ
SIGN = r"[^\x00-\x1f]"  # any but one of our marks
CHAR = r"[^\x00-\x20]"  # nor a blank
LOOKED = 50  # passages of a block that are looked at closely: a word of two characters is near to very many
CHOICES = 8  # that one passage gives


def near(block: Block, folded: bytes, words: Sequence[str], vague: Collection[int]) -> Iterator[tuple[Choice, Found]]:
    """Yield what finds passages of a block in the place of words that find none there, each with such a passage.

    ``vague`` are the numbers of the words that may be others.
    """
    if any(not _has(block, folded, word) for number, word in enumerate(words) if number not in vague):
        return  # the quickest way out, and for most blocks the way
    patterns = ["|".join(_alike(word)) if number in vague else re.escape(word) for number, word in enumerate(words)]
    for number, start, passage in islice(_candidates(block, folded, patterns), LOOKED):
        text = f"{block.folded_title}{END}{passage.decode('utf-8', 'surrogatepass')}"
        there = [[word] if word in text else dict.fromkeys(re.findall(pattern, text))
                 for word, pattern in zip(words, patterns, strict=True)]  # fmt: skip
        for choice in islice(product(*there), CHOICES):
            for found in rank([(block, passage)], choice, 1)[0]:
                yield choice, found._replace(number=number, at=start)


def parted(words: Sequence[str]) -> Iterator[Choice]:
    """Yield the words with one of them in two: its parts may stand in any order, and apart."""
    for at, word in enumerate(words):
        middle = len(word) / 2
        for cut in sorted(range(2, len(word) - 1), key=lambda cut: abs(cut - middle)):
            yield (*words[:at], word[:cut], word[cut:], *words[at + 1 :])


def _has(block: Block, folded: bytes, word: str) -> bool:
    return word.encode() in folded or word in block.folded_title


def _alike(word: str) -> dict[str, None]:
    """Return patterns of the word itself and of all that is near to it, the likeliest first."""
    found = [re.escape(word)]
    if 2 <= len(word) <= LONGEST:
        parts = [(word[:at], word[at:]) for at in range(len(word))]
        found += [re.escape(left[:-1] + right[0] + left[-1] + right[1:]) for left, right in parts[1:]]
        found += [re.escape(right + left) for left, right in parts[1:]]
        found += [re.escape(left) + SIGN + re.escape(right) for left, right in parts[1:]]
        inner = [re.escape(left) + SIGN + re.escape(right[1:]) for left, right in parts[1:-1]]
        found += [*inner, re.escape(word[:-1]) + CHAR, CHAR + re.escape(word[1:])]
        found += [re.escape(left + right[1:]) for left, right in parts if len(word) > 2]
    return dict.fromkeys(found)


def _candidates(block: Block, folded: bytes, patterns: Sequence[str]) -> Iterator[tuple[int, int, bytes]]:
    """Yield the passages that match all patterns, with their numbers and places; the title counts, too."""
    offsets = np.concatenate([[0], np.flatnonzero(np.frombuffer(folded, np.uint8) == ord(END)) + 1]).astype(np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(folded)]
    passages, numbers = pa.Array.from_buffers(pa.utf8(), len(offsets) - 1, buffers), np.arange(len(offsets) - 1)
    for pattern in sorted(patterns, key=len):  # what may not differ comes first, and is quick
        if not re.search(pattern, block.folded_title):
            matches = pc.match_substring_regex(passages, pattern)
            passages, numbers = passages.filter(matches), numbers[matches.to_numpy(zero_copy_only=False)]
    for number in numbers.tolist():
        yield number, int(offsets[number]), folded[offsets[number] : offsets[number + 1]]
