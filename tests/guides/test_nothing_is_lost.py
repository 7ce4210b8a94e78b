"""Nothing of a document is lost: each text, cell, link, title and token is in what people get, or listed as unread."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
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
from larknb.guides.schema import Guide
from tests.guides.builders import NAMES, Block, Nested, link, other, para, record, run, table, text

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
    return f"{read(guide, whole)} {bare(orjson.dumps(guide).decode())}"


def read(guide: Guide, whole: Mapping[str, Any]) -> str:
    """What people read of a document: its Markdown, and the list of what could not be read."""
    unread = Document(guide, record=lambda: whole).unread
    return bare(" ".join([guide["markdown"], *(part.what for part in unread)]))


@pytest.mark.parametrize("name", BODIES)
def test_a_recorded_body_loses_nothing(name: str) -> None:
    """Every body with blocks in it: also single blocks, pages cut out of a document, and models of new kinds.

    Texts, titles and tokens are there as often as the body has them; pieces of one link have one address.
    """
    for blocks in blocks_in(json.loads((EXAMPLES / name).read_bytes())):
        whole = {"document": {}, "blocks": blocks}
        everything, for_people = told(whole), read(to_guide(whole), whole)
        counts = Counter((member in LINKS, bare(words)) for member, words in said(blocks))
        lost = [words for (_, words), count in counts.items() if words not in everything]
        lost += [words for (is_link, words), count in counts.items()
                 if words and not is_link and for_people.count(words) < count]  # fmt: skip
        assert lost == []


def test_there_are_bodies_to_read() -> None:
    """The contract has them, or the tests above prove nothing."""
    if not BODIES:
        pytest.skip("LARKNB_CONTRACT does not name the folder of the contract")
    found = [said(blocks) for name in BODIES for blocks in blocks_in(json.loads((EXAMPLES / name).read_bytes()))]
    assert sum(1 for each in found for _ in each) > 300


# --- each element in each kind of text, and in each place -----------------------------------------------------------


class Words:
    """Gives words that stand nowhere else, and remembers them."""

    def __init__(self) -> None:
        self.given: list[str] = []

    def next(self, form: str = "{}") -> str:
        word = f"w{len(self.given)}x"
        self.given.append(word)
        return form.format(word)

    def lost(self, whole: Mapping[str, Any]) -> list[str]:
        """Return those that a document was given and that are not told of it."""
        everything = told(whole)
        return [word for word in self.given if word not in everything]


URL, CODED = "https://e.com/{}", "https%3A%2F%2Fe.com%2F{}"
Say = Callable[..., str]
Place = Callable[[Nested], dict[str, Any]]

ELEMENTS: dict[str, Callable[[Say], Block]] = {
    "link": lambda say: link(say(), say(CODED)),
    "mention": lambda say: {"mention_doc": {"title": say(), "token": say("Tok{}"), "url": say(CODED), "obj_type": 22}},
    "mention without title": lambda say: {"mention_doc": {"token": say("Tok{}")}},
    "file": lambda say: {"file": {"file_token": say("Tok{}")}},
    "formula": lambda say: {"equation": {"content": say(), "text_element_style": {"link": {"url": say(URL)}}}},
    "preview": lambda say: {"link_preview": {"title": say(), "url": say(URL)}},
    "preview without title": lambda say: {"link_preview": {"url": say(URL)}},
    "unknown": lambda say: {"soon": {"title": say(), "url": say(CODED), "token": say("Tok{}"), "text": say()}},
    "unknown list": lambda say: {"soon": [{"headline": say(), "href": say(URL)}, say()]},
    "unknown beside": lambda say: {**run(say()), "soon": {"name": say()}},
    "unknown member": lambda say: {"text_run": {"content": say(), "soon": {"text": say(), "url": say(URL)}}},
    "unknown style": lambda say: run(say(), link={"url": say(URL), "title": say()}, note={"text": say()}),
    "of another type": lambda say: {"text_run": {"content": {"text": say()}}},
}

PLACES: dict[str, Place] = {
    "page": lambda part: record(part),
    "quote": lambda part: record(other(34, "quote_container", {}, part)),
    "list": lambda part: record(text(12, "项", text(13, "项", part))),
    "cell": lambda part: record(table([[[part], "乙"]])),
    "merged": lambda part: record(table([["甲", [part]]], merges={0: (1, 2)})),
    "unknown": lambda part: record(other(900, "later", {}, part)),
    "deep": lambda part: record(_deep(part)),
    "outside": lambda part: _outside(part[0]),
    "synced": lambda part: _synced(part[0]),
}


def _deep(part: Nested) -> Nested:
    for _ in range(50):
        part = other(34, "quote_container", {}, part)
    return part


def _outside(block: Block) -> dict[str, Any]:
    whole = record()
    return {**whole, "blocks": [*whole["blocks"], {"block_id": "alone", **block}]}


def _synced(block: Block) -> dict[str, Any]:
    reference = other(50, "reference_synced", {"source_document_id": "D", "source_block_id": "S"})
    return record(reference, references={"D/S": [{"block_id": "S", **block}]})


@pytest.mark.parametrize("kind", NAMES)
def test_each_element_of_each_kind_of_text_is_told(kind: int) -> None:
    """Wherever the block stands; the title is a kind of its own, for it stands in one place."""
    for place, put in PLACES.items() if kind != 1 else [("title", _titled)]:
        words = Words()
        elements = [element(words.next) for element in ELEMENTS.values()]
        assert (place, words.lost(put(text(kind, *elements)))) == (place, [])


def _titled(part: Nested) -> dict[str, Any]:
    whole = record()
    return {**whole, "blocks": [{**whole["blocks"][0], **part[0]}]}


# --- trees that nobody wrote, with members that nobody knows --------------------------------------------------------

MEMBERS = st.sampled_from(["title", "name", "text", "content", "url", "token", "caption", "question", "items", "data"])
KNOWN = {27: "image", 23: "file", 43: "board", 29: "mindnote", 41: "jira_issue", 26: "iframe", 48: "link_preview",
         53: "reference_base", 18: "bitable", 30: "sheet", 40: "add_ons", 42: "wiki_catalog", 51: "sub_page_list",
         36: "okr", 20: "chat_card", 24: "grid", 33: "view", 49: "source_synced", 52: "ai_template",
         19: "callout", 22: "divider", 31: "table", 50: "reference_synced", 999: "undefined"}  # fmt: skip


@st.composite
def trees(draw: st.DrawFn) -> tuple[dict[str, Any], Words]:
    """A document of known and unknown blocks and elements, and the words that stand in it."""
    words = Words()

    def payload(depth: int = 0) -> Any:
        shape = draw(st.sampled_from(["text", "url", "token", "dict", "list", "elements"] if depth < 3 else ["text"]))
        if shape == "dict":
            return {name: payload(depth + 1) for name in draw(st.lists(MEMBERS, unique=True, min_size=1, max_size=3))}
        if shape == "list":
            return [payload(depth + 1) for _ in range(draw(st.integers(1, 2)))]
        if shape == "elements":
            return {"elements": [element()]}
        return words.next({"url": URL, "token": "Tok{}", "text": "字 {}"}[shape])

    def element() -> Block:
        made = ELEMENTS[draw(st.sampled_from([*ELEMENTS]))](words.next)
        return {**made, "later": payload()} if draw(st.integers(0, 3)) == 0 else made

    def block(depth: int = 0) -> Nested:
        kind = draw(st.sampled_from(["text", "table", "unknown", "known"]))
        has_children = kind != "table" and depth < 2
        children = [block(depth + 1) for _ in range(draw(st.integers(0, 2)))] if has_children else []
        if kind == "table":
            made = table([[words.next(), [para(element())]], [words.next(), ""]], merges=draw(MERGES))
        elif kind == "unknown":
            made = other(draw(st.integers(100, 105)), "later", {"soon": payload()}, *children)
        elif kind == "known":
            number = draw(st.sampled_from([*KNOWN]))
            made = other(number, KNOWN[number], {"soon": payload()}, *children)
        else:
            made = text(draw(st.sampled_from([*NAMES][1:])), element(), element(), *children)
        return ({**made[0], "soon": payload()}, made[1]) if draw(st.integers(0, 3)) == 0 else made

    whole = record(*[block() for _ in range(draw(st.integers(1, 4)))])
    page = {**whole["blocks"][0], "page": {"elements": [element()], "soon": payload()}, "later": payload()}
    return {**whole, "blocks": [page, *whole["blocks"][1:]]}, words


MERGES = st.sampled_from([{}, {0: (1, 2)}, {0: (2, 2)}, {1: (2, 1)}])


@settings(max_examples=40, deadline=None)
@given(trees())
def test_no_tree_loses_a_word(tree: tuple[dict[str, Any], Words]) -> None:
    """Unknown blocks, unknown elements, unknown members of known ones: every word that stands in them is told."""
    whole, words = tree
    assert words.lost(whole) == []


@settings(max_examples=600, deadline=None)
@given(trees())
@pytest.mark.soak
def test_no_tree_of_many_loses_a_word(tree: tuple[dict[str, Any], Words]) -> None:
    """The same, of many more."""
    whole, words = tree
    assert words.lost(whole) == []
