"""What a hit shows of its passage: a short line, with the words marked as they are written there."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from larknb.results.search import SearchHits
from tests.passages import passage, search


def marked(hits: SearchHits) -> list[str]:
    """The words that were found, as the first snippet marks them."""
    return [hits[0].snippet[start:end] for start, end in hits[0].marks]


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("报文 ＯＶＥＲ_temp 上报", "over_TEMP", ["ＯＶＥＲ_temp"]),
        ("阻值㎏与②", "kg 2", ["㎏", "②"]),  # one character that folds to two
        ("ﬁlter Straße", "FILTER STRASSE", ["ﬁlter", "Straße"]),
        ("e\u0301tat", "état", ["e\u0301tat"]),  # a letter and its accent fold together
        ("\u1100\u1161\u11a8 x", "각", ["\u1100\u1161\u11a8"]),
        ("xa\u0332\u0301", "á", ["a\u0332\u0301"]),  # the accent passes the line below the letter
        ("过温过温", "过温", ["过温", "过温"]),
        ("aab", "aa ab", ["aa"]),
        ("P0A1F-00 与 p0a1f-00", "P0A1F-00", ["P0A1F-00", "p0a1f-00"]),
    ],
)
def test_the_hit_is_marked_as_it_is_written(text: str, words: str, expected: list[str]) -> None:
    """The marks are in the unfolded text, whatever folding does to lengths."""
    assert marked(search([passage(text)], words)) == expected


letters = st.characters() | st.sampled_from("aeＡﬁ㎏\u0301\u0332\u0327\u1100\u1161\u11a8 \n")


@given(st.text(letters, max_size=200), st.integers(0, 199), st.integers(1, 4))
def test_every_hit_shows_its_mark(text: str, start: int, length: int) -> None:
    """Whatever the text is: a piece of it that is found is marked in the snippet, and the marks are in order."""
    word = text[start : start + length]
    hits = search([passage(text, "heading")], word)
    for hit in hits:
        ends = [0, *(place for mark in hit.marks for place in mark)]
        assert ends == sorted(ends)
        assert hit.marked(str, str) == hit.snippet
        assert hit.marks or unicodedata.combining(text[start]) or len(word.split()) != 1


def test_a_long_text_shows_what_surrounds_its_first_hit() -> None:
    """The snippet is one short line with the hit in it and dots where something was left out."""
    hit = search([passage("前" * 5000 + "\n电机过热\n" + "后" * 5000)], "电机过热")[0]
    assert hit.snippet.startswith("…前")
    assert hit.snippet.endswith("后…")
    assert "前 电机过热 后" in hit.snippet
    assert len(hit.snippet) < 110


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("电" + "\u0301" * 50_000 + "机过热", "机过热"),
        ("ﬃ" * 25_000 + "机过热" + "ﬃ" * 25_000, "机过热"),
        ("\u1112\u1161\u11ab" * 10_000 + "机过热", "机过热"),
    ],
)
def test_a_hostile_cell_takes_no_longer_than_another(text: str, shown: str) -> None:
    """As many characters as a cell holds, all of one word and folding together: its hit is shown in a moment."""
    began = time.process_time()
    assert marked(search([passage(text)], shown)) == [shown]
    assert time.process_time() - began < 2


def test_a_hit_in_the_heading_shows_the_heading() -> None:
    """Where the text itself does not hold the word, the snippet begins with the heading that does."""
    hits = search([passage("断开高压", "定位", "过温检查")], "过温")
    assert hits[0].snippet == "过温检查 · 断开高压"
    assert marked(hits) == ["过温"]
