"""Nothing of a document is lost: each text, cell, link, title and token is in what people get, or listed as unread."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from larknb.guides.document import Document
from larknb.guides.guide import to_guide
from tests.guides.builders import Block, Nested, other, para, record, run, table, text

EXAMPLES = Path(os.environ.get("LARKNB_CONTRACT", "")) / "examples" / "docx"
BODIES = sorted(path.name for path in EXAMPLES.glob("*.json")) if "LARKNB_CONTRACT" in os.environ else []

TEXTS, LINKS, TOKENS = ("content", "title", "name", "text"), ("url",), ("token", "file_token", "key")


def blocks_in(value: Any) -> Iterator[list[Block]]:
    """Yield the lists of blocks that a recorded body holds, wherever they are in it."""
    if isinstance(value, list) and any(isinstance(each, dict) and "block_type" in each for each in value):
        yield value
    elif isinstance(value, (dict, list)):
        for each in value.values() if isinstance(value, dict) else value:
            if isinstance(each, dict) and "block_type" in each:
                yield [each]
            else:
                yield from blocks_in(each)


def said(value: Any) -> Iterator[tuple[str, str]]:
    """Yield what a block says by the plainest reading: member and text, at any depth."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            if isinstance(each, str) and name in (*TEXTS, *LINKS, *TOKENS) and each.strip():
                yield name, each
            yield from said(each)
    elif isinstance(value, list):
        for each in value:
            yield from said(each)


def bare(words: str) -> str:
    """Letters and digits alone: what is left of a text however it is marked, wrapped and escaped."""
    return re.sub(r"[\W_]+", "", unescape(unquote(unquote(re.sub(r"<br>|</?u>", "", words)))))


def told(whole: Mapping[str, Any]) -> str:
    """All that is told of a document: its Markdown, its JSON, and the list of what could not be read."""
    guide = to_guide(whole)
    unread = Document(guide, record=lambda: whole).unread
    return bare(" ".join([guide["markdown"], orjson.dumps(guide).decode(), *(part.what for part in unread)]))


@pytest.mark.parametrize("name", BODIES)
def test_a_recorded_body_loses_nothing(name: str) -> None:
    """Every body with blocks in it: also single blocks, pages cut out of a document, and models of new kinds."""
    for blocks in blocks_in(json.loads((EXAMPLES / name).read_bytes())):
        everything = told({"document": {}, "blocks": blocks})
        lost = [(member, words) for member, words in said(blocks) if bare(words) not in everything]
        assert lost == []


def test_there_are_bodies_to_read() -> None:
    """The contract has them, or the tests above prove nothing."""
    if not BODIES:
        pytest.skip("LARKNB_CONTRACT does not name the folder of the contract")
    found = [said(blocks) for name in BODIES for blocks in blocks_in(json.loads((EXAMPLES / name).read_bytes()))]
    assert sum(1 for each in found for _ in each) > 300


# --- trees that nobody wrote, with members that nobody knows --------------------------------------------------------

NAMES = st.sampled_from(["title", "name", "text", "content", "url", "token", "caption", "question", "items", "data"])
KNOWN = st.sampled_from([27, 23, 43, 29, 41, 26, 48, 53, 18, 30, 40, 42, 51, 36, 20, 24, 33, 49, 52])
PAYLOAD_NAMES = {27: "image", 23: "file", 43: "board", 29: "mindnote", 41: "jira_issue", 26: "iframe",
                 48: "link_preview", 53: "reference_base", 18: "bitable", 30: "sheet", 40: "add_ons",
                 42: "wiki_catalog", 51: "sub_page_list", 36: "okr", 20: "chat_card", 24: "grid", 33: "view",
                 49: "source_synced", 52: "ai_template"}  # fmt: skip


class Words:
    """Gives words that stand nowhere else, and remembers them."""

    def __init__(self) -> None:
        self.given: list[str] = []

    def next(self, form: str = "{}") -> str:
        word = f"w{len(self.given)}x"
        self.given.append(word)
        return form.format(word)


@st.composite
def trees(draw: st.DrawFn) -> tuple[dict[str, Any], list[str]]:
    """A document of known and unknown blocks and elements, and the words that stand in it."""
    words = Words()

    def payload(depth: int = 0) -> Any:
        shape = draw(st.sampled_from(["text", "url", "token", "dict", "list", "elements"] if depth < 3 else ["text"]))
        if shape == "dict":
            return {name: payload(depth + 1) for name in draw(st.lists(NAMES, unique=True, min_size=1, max_size=3))}
        if shape == "list":
            return [payload(depth + 1) for _ in range(draw(st.integers(1, 2)))]
        if shape == "elements":
            return {"elements": [element()]}
        return words.next({"url": "https://e.com/{}", "token": "Tok{}", "text": "字 {}"}[shape])

    def element() -> Block:
        kind = draw(st.sampled_from(["run", "preview", "new", "beside", "member"]))
        if kind == "run":
            return run(words.next())
        if kind == "preview":
            return {"link_preview": {"title": words.next(), "url": words.next("https%3A%2F%2Fe.com%2F{}")}}
        if kind == "new":
            return {"soon": payload()}
        both = run(words.next())
        return (
            {**both, "soon": payload()} if kind == "beside" else {"text_run": {**both["text_run"], "soon": payload()}}
        )

    def block(depth: int = 0) -> Nested:
        kind = draw(st.sampled_from(["text", "item", "table", "unknown", "known", "beside"]))
        if kind == "table":
            return table([[words.next(), [para(element())]], [words.next(), ""]])
        children = [block(depth + 1) for _ in range(draw(st.integers(0, 2)))] if depth < 2 else []
        if kind == "unknown":
            return other(draw(st.integers(100, 105)), "later", {"soon": payload()}, *children)
        if kind == "known":
            number = draw(KNOWN)
            return other(number, PAYLOAD_NAMES[number], {"soon": payload()}, *children)
        made = text(12 if kind == "item" else 2, element(), element(), *children)
        return ({**made[0], "soon": payload()}, made[1]) if kind == "beside" else made

    parts = [block() for _ in range(draw(st.integers(1, 4)))]
    return record(*parts), words.given


@settings(max_examples=60, deadline=None)
@given(trees())
def test_no_tree_loses_a_word(tree: tuple[dict[str, Any], list[str]]) -> None:
    """Unknown blocks, unknown elements, unknown members of known ones: every word that stands in them is told."""
    whole, given_words = tree
    everything = told(whole)
    assert [word for word in given_words if word not in everything] == []


@settings(max_examples=500, deadline=None)
@given(trees())
@pytest.mark.soak
def test_no_tree_of_many_loses_a_word(tree: tuple[dict[str, Any], list[str]]) -> None:
    """The same, of many more."""
    whole, given_words = tree
    everything = told(whole)
    assert [word for word in given_words if word not in everything] == []
