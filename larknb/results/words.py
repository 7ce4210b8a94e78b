"""Two texts, told apart word by word."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Literal

__all__ = ["words"]

# A word, or one letter of a script that sets no blanks between words, or what lies between them.
_WORD = re.compile(r"[぀-ヿ㐀-鿿豈-﫿]|\w+|\s+|.", re.DOTALL)


def words(before: str, after: str) -> Iterator[tuple[Literal["", "-", "+"], str]]:
    """Yield the pieces of a text that stayed, went and came, in reading order."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    for what, i, j, m, n in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            yield "", "".join(old[i:j])
            continue
        if i < j:
            yield "-", "".join(old[i:j])
        if m < n:
            yield "+", "".join(new[m:n])
