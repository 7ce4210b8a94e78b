"""What becomes an escape, and what people need in order to read."""

from __future__ import annotations

import json
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from larknb.visible import visible, visible_json, visible_lines

READABLE = [
    "王小明", "한국어", "ﾊﾝｶｸ", "Ångström é", "é (e, accent)", "محمد عبد الله", "יוסי כהן", "می\u200cخواهم", "क्\u200dष",
    "नमस्ते", "👩\u200d💻", "👨\u200d👩\u200d👧\u200d👦", "❤\ufe0f\u200d🔥", "1\ufe0f\u20e3 #\ufe0f\u20e3", "👍🏽", "🇨🇳",
    "☎\ufe0e",
    "葛\U000e0100城", "a\u00a0b\u3000c\u2009d", "C:\\new\\table", "−5 €", "\ue000", "𝒳 𠮷", "{}<>&\"'%",
]  # fmt: skip
HIDDEN = {
    "\x1b[2J": r"\x1b[2J", "\x9b31m": r"\x9b31m", "\x1b]0;x\x07": r"\x1b]0;x\x07", "\x00": r"\x00", "\x7f": r"\x7f",
    "a\nb": r"a\nb", "a\rb": r"a\rb", "a\tb": r"a\tb", "\x0b\x0c": r"\x0b\x0c", "\x85": r"\x85",
    "\x08\x08": r"\x08\x08",
    "\u2028": r"\u2028", "\u2029": r"\u2029", "\u202egnp.exe": r"\u202egnp.exe", "\u2066a\u2069": r"\u2066a\u2069",
    "\u200e": r"\u200e", "\u200f": r"\u200f", "\u061c": r"\u061c", "\u200b": r"\u200b", "\ufeff": r"\ufeff",
    "ad\u200dmin": r"ad\u200dmin", "ad\u200cmin": r"ad\u200cmin", "\u200d": r"\u200d", "王\u200d": r"王\u200d",
    "王\u200d\u200d王": r"王\u200d\u200d王", " \u200c王": r" \u200c王", "a\ufe00": r"a\ufe00",
    "王\ufe00\ufe01": "王\ufe00" + r"\ufe01",
    "\ufe0f": r"\ufe0f", "a\U000e0141": r"a\U000e0141", "\U000e0001\U000e0020": r"\U000e0001\U000e0020",
    "\U000e007f": r"\U000e007f", "\xad": r"\xad", "\u2060\u2063": r"\u2060\u2063",
    "\u115f\u3164\uffa0": r"\u115f\u3164\uffa0",
    "\u180e": r"\u180e", "\u034f": r"\u034f", "\ud83d": r"\ud83d", "\uffff": r"\uffff", "\ufff9": r"\ufff9",
    "\U0001d173": r"\U0001d173", "\u206f": r"\u206f",
}  # fmt: skip


@pytest.mark.parametrize("text", READABLE)
def test_what_people_read_stays(text: str) -> None:
    """Letters, marks, blanks, emoji and the joiners within them."""
    assert visible(text) == visible_lines(text) == visible_json(text) == text


@pytest.mark.parametrize("text", HIDDEN, ids=ascii)
def test_what_acts_is_escaped(text: str) -> None:
    """As Python writes it, and again it changes nothing."""
    assert visible(text) == HIDDEN[text]
    assert visible(HIDDEN[text]) == HIDDEN[text]


@pytest.mark.parametrize("text", HIDDEN, ids=ascii)
def test_lines_keep_line_feeds_and_tabs(text: str) -> None:
    """And nothing else."""
    expected = text if {*text} & {"\n", "\t"} else HIDDEN[text]
    assert visible_lines(f"first\n\t{text}") == f"first\n\t{expected}"


@pytest.mark.parametrize("text", HIDDEN, ids=ascii)
def test_json_stays_the_same_data(text: str) -> None:
    """Beyond ASCII it is escaped as JSON escapes, astral characters as two units."""
    shown = visible_json(json.dumps({text: [text]}, ensure_ascii=False))
    assert json.loads(shown) == {text: [text]}
    assert "\\U" not in shown
    assert visible_lines(shown) == shown


@given(st.text())
def test_nothing_that_acts_is_left(text: str) -> None:
    """Of any text: one line, no control character, no surrogate, nothing that turns the direction."""
    shown = visible(text)
    assert shown.encode() or not text
    assert len(shown.splitlines()) <= 1
    kept = {unicodedata.category(char) for char in shown if char not in "\u200c\u200d"}
    assert not kept & {"Cc", "Cs", "Zl", "Zp"}
    turns = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    assert not [char for char in shown if unicodedata.bidirectional(char) in turns]


def test_a_long_text_takes_no_time() -> None:
    """Each character is looked at once, whatever stands around it."""
    began = time.process_time()
    for text in ("王", "a", "\u200d", "王\u200d", "\ufe0f", "\x1b"):
        visible(text * 20_000)
    assert time.process_time() - began < 2
