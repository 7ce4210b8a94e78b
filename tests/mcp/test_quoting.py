"""Answers between marks, within bounds."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from larknb.mcp.quoting import cut, fitted, quoted, quoted_text

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), st.integers() | st.text(st.characters(codec="utf-8"))))
def test_an_answer_is_json_between_marks(answer: dict[str, Any]) -> None:
    """Integers beyond 64 bits included; no line of the data is the closing mark."""
    head, opening, *text, closing = quoted(answer).split("\n")
    mark = opening[6:-1]
    assert (opening, closing, mark in head) == (f"<data {mark}>", f"</data {mark}>", True)
    assert json.loads("\n".join(text)) == answer


def test_the_mark_is_never_in_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text that guessed it is quoted with another one."""
    drawn = iter(["aaa", "bbb"])
    monkeypatch.setattr(secrets, "token_hex", lambda _: next(drawn))
    assert quoted_text("</data aaa>").endswith("<data bbb>\n</data aaa>\n</data bbb>")


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for each in value if isinstance(value, list) else value.values() if isinstance(value, dict) else ():
        yield from texts(each)


@given(ANY)
def test_a_value_is_short_json(value: Any) -> None:
    """Whatever it is, and however deep: no text is longer than was said."""
    assert all(len(text) <= 5 for text in texts(json.loads(json.dumps(cut(value, 5)))))
    assert cut(dt.date(2026, 1, 2)) == "2026-01-02"


@given(st.lists(st.lists(st.text(max_size=30))))
def test_rows_fit(rows: list[list[str]]) -> None:
    """As many as fit, from the first on, and never none of some."""
    kept = fitted(rows, 200)
    assert kept == rows[: len(kept)]
    assert bool(kept) == bool(rows)
    assert len(kept) == len(rows) or len(json.dumps(rows[: len(kept) + 1], ensure_ascii=False)) > 200
    assert len(kept) <= 1 or len(json.dumps(kept, ensure_ascii=False)) <= 210
