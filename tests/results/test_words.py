"""Two texts, told apart word by word."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from larknb.results.words import words


def test_words_show_what_changed() -> None:
    """Whole words in Latin script, single letters in Chinese."""
    assert list(words("检查 MCU 温度", "检查 DCU 温度")) == [("", "检查 "), ("-", "MCU"), ("+", "DCU"), ("", " 温度")]
    assert list(words("先停机", "先断电停机")) == [("", "先"), ("+", "断电"), ("", "停机")]


@settings(max_examples=60, deadline=None)
@given(st.text("甲乙ab c\n", max_size=12), st.text("甲乙ab c\n", max_size=12))
def test_words_lose_nothing(before: str, after: str) -> None:
    """What stayed and went is the text of before, what stayed and came that of after."""
    pieces = list(words(before, after))
    assert "".join(text for what, text in pieces if what != "+") == before
    assert "".join(text for what, text in pieces if what != "-") == after
