"""Where the parts of folded passages are: as taking them apart says."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from larknb.scan.folding import BODY, BREAK, END
from larknb.scan.layout import Layout, layout_of, places_of
from larknb.scan.passages import joined

words = st.text("热温aā𠀀", max_size=5)


@given(st.lists(st.tuples(st.lists(words, max_size=3), words), max_size=8))
def test_a_layout_is_what_taking_apart_says(passages: list[tuple[list[str], str]]) -> None:
    """Begin of a passage, of its own heading, of its text, and its end."""
    expected, at = [], 0
    for path, text in passages:
        above, passage = BREAK.join(path), joined(path, text)
        head = at + len(above.rpartition(BREAK)[0].encode()) + (BREAK in above)
        end = at + len(passage.encode()) - len(END)
        expected.append((at, head, at + len(above.encode()), end))
        at = end + len(END)
    found = layout_of("".join(joined(*each) for each in passages).encode())
    assert found.ends.tolist() == [end for *_, end in expected]
    if passages:
        assert [*zip(*(part.tolist() for part in found), strict=True)] == expected


@given(st.text("热温aā𠀀", max_size=60), st.text("热温aā𠀀", min_size=1, max_size=4))
def test_every_place_is_found(text: str, word: str) -> None:
    """Also those that overlap, and none where the text is shorter than the word."""
    data, needle = text.encode(), word.encode()
    assert places_of(data, needle).tolist() == [each.start() for each in re.finditer(b"(?=%s)" % needle, data)]


@pytest.mark.parametrize("number", [1, 5000])
def test_a_layout_says_what_it_weighs(number: int) -> None:
    """It is counted where memory keeps it."""
    found: Layout = layout_of((f"h{BODY}t{END}" * number).encode())
    assert found.nbytes == 16 * number
