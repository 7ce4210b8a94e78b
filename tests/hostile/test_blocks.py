"""Odd values in the blocks of a document: whatever stands in one of them costs no word of another."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from larknb.guides.document import Document
from larknb.guides.guide import to_guide
from larknb.readers.whole import check_blocks
from larknb.tabular.raw import storable_json
from tests.guides.builders import MERMAID, Nested, link, para, record, run
from tests.guides.builders import other as nested
from tests.guides.builders import table as cells
from tests.guides.builders import text as kind_of_text

ID = "DocGuide000000000000000001"
ODD: list[Any] = [
    None,
    True,
    -1,
    10**30,
    1.5,
    "",
    "odd",
    "\ud83d",
    "\x1b[31m",
    [],
    [None],
    ["a"],
    [[]],
    {},
    {"a": 1},
    {"elements": 5},
]


def spoken(word: str) -> list[Nested]:
    """A block of every kind that shows something, with a word of its own in each."""
    n = iter(range(1000))

    def w() -> str:
        return f"{word}{next(n)}。"

    token = {"token": "tok"}
    return [
        para(run(w(), bold=True), link(w(), "https://e")), *(kind_of_text(kind, w()) for kind in range(3, 18)),
        kind_of_text(12, w(), kind_of_text(13, w())), para({"mention_user": {"user_id": "ou_1"}}, run(w())),
        para({"mention_doc": {"title": w(), "url": "https%3A%2F%2Fe", "token": "t", "obj_type": 22}}, run(w())),
        para({"reminder": {"expire_time": "1766000000000", "is_whole_day": True}}, run(w())),
        para({"equation": {"content": w()}}, run(w())),
        para({"file": {"file_token": "f", "source_block_id": "s"}}, run(w())),
        nested(19, "callout", {"emoji_id": "bulb"}, para(w())), nested(34, "quote_container", {}, para(w())),
        cells([[w(), w()], [w(), w()]]), cells([[w(), ""]], merges={0: (1, 2)}),
        nested(27, "image", token | {"caption": {"content": w()}}), nested(23, "file", token | {"name": w()}),
        nested(43, "board", token), nested(26, "iframe", {"component": {"url": f"https://e/{w()}"}}),
        nested(48, "link_preview", {"url": f"https://e/{w()}"}), nested(41, "jira_issue", {"key": w()}),
        nested(24, "grid", {"column_size": 2}, nested(25, "grid_column", {"width_ratio": 50}, para(w()))),
        nested(50, "reference_synced", {"source_document_id": "d", "source_block_id": "b"}),
        nested(40, "add_ons", MERMAID | {"record": json.dumps({"data": w()})}),
        nested(46, "agenda_item_title", {"elements": [run(w())]}),
        nested(37, "okr_objective", {"content": {"elements": [run(w())]}}), nested(18, "bitable", {"token": "App_tbl"}),
        nested(30, "sheet", {"token": "Sht_id"}), nested(22, "divider", {}), nested(999, "undefined", {}, para(w())),
    ]  # fmt: skip


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a value, the outer ones first."""
    if at:
        yield at
    if isinstance(value, (dict, list)):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*at, key))


WHOLE: dict[str, Any] = json.loads(json.dumps(record(*spoken("词"))))
VICTIMS = [
    (number, place)
    for number, block in enumerate(WHOLE["blocks"])
    for place in places(
        {key: value for key, value in block.items() if key not in ("block_id", "parent_id", "children")}
    )
]


def words_of(value: Any) -> set[str]:
    return set(re.findall(r"词\d+。", json.dumps(value, ensure_ascii=False)))


def retyped(number: int, place: tuple[Any, ...], odd: Any) -> dict[str, Any]:
    """The document with another value in one place."""
    changed: dict[str, Any] = copy.deepcopy(WHOLE)
    holder = changed["blocks"][number]
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = odd
    return changed


def check_told(found: dict[str, Any], number: int) -> None:
    """Ask for the forms of a document, and for every word but those of one block in each of them."""
    guide = to_guide(found)
    document = Document(guide, record=lambda: found)
    kept = set().union(*(words_of(block) for at, block in enumerate(WHOLE["blocks"]) if at != number))
    repr(document)
    for form in (guide["markdown"], document._repr_html_()):
        assert kept <= words_of(re.sub(r"\\(?=[。.])", "", form)), kept - words_of(form)
    orjson.dumps(guide)


@given(st.sampled_from(VICTIMS), st.sampled_from(ODD))
@settings(max_examples=80)
def test_an_odd_member_costs_no_other(victim: tuple[int, tuple[Any, ...]], odd: Any) -> None:
    """Whatever stands in one place of one block: every word of the other blocks is shown."""
    check_told(retyped(*victim, odd), victim[0])


@pytest.mark.soak
def test_every_odd_member_costs_no_other() -> None:
    """The same for each place, and for values of every type."""
    for number, place in VICTIMS:
        for odd in ODD[::3]:
            check_told(retyped(number, place, odd), number)


@pytest.mark.parametrize(
    ("kind", "payload", "member"),
    [
        (2, {"elements": [{"text_run": ["a"]}]}, "text.elements.text_run"),
        (2, {"elements": [{"text_run": {"content": {"a": 1}}}]}, "text.elements.text_run.content"),
        (2, {"elements": "a"}, "text.elements"),
        (2, {"elements": [None, 5]}, "text.elements"),
        (2, {"elements": [], "style": "odd"}, "text.style"),
        (14, {"style": {"language": {}}, "elements": []}, "code.style.language"),
        (27, {"token": {"a": 1}}, "image.token"),
        (27, {"token": "t", "caption": "a"}, "image.caption"),
        (19, {"emoji_id": ["bulb"]}, "callout.emoji_id"),
        (31, {"cells": ["c1", "c2"]}, "table.property.column_size"),
        (31, {"cells": ["c1", "c2"], "property": {"row_size": "two", "column_size": 1}}, "table.property.row_size"),
        (31, {"cells": ["c1", "c2"], "property": []}, "table.property"),
        (31, {"cells": {"0": "c1"}, "property": {"column_size": 1}}, "table.cells"),
        (31, {"cells": ["c1", "c2"], "property": {"column_size": 1, "merge_info": [{"row_span": "x"}]}},
         "merge_info.row_span"),
        (26, {"component": "https://e"}, "iframe.component"),
        (40, {"record": {}}, "add_ons.record"),
        (22, "divider", "divider"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_leaves_a_marker(kind: int, payload: Any, member: str) -> None:
    """It stands in its place, is counted under the number of the block, and a warning names the block."""
    name = (
        member.partition(".")[0]
        if "." in member and not member.startswith("merge")
        else {22: "divider"}.get(kind, "table")
    )
    odd = {"block_id": "odd", "block_type": kind, name: payload, "children": ["c1", "c2"] if kind == 31 else []}
    after = {"block_id": "after", "block_type": 2, "text": {"elements": [{"text_run": {"content": "之后"}}]}}
    blocks = [{"block_id": ID, "block_type": 1, "children": ["odd", "after"]}, odd, after,
              *({"block_id": key, "block_type": 32, "children": []} for key in ("c1", "c2"))]  # fmt: skip
    guide = to_guide({"document": {}, "blocks": blocks})
    assert f"<!-- feishu:unreadable block_type={kind} member=" in guide["markdown"]
    assert member in guide["markdown"]
    assert guide["markdown"].endswith("之后\n")
    assert guide["unsupported"][str(kind)] >= 1
    assert any("block odd" in warning for warning in guide["warnings"])


def test_ten_thousand_levels_are_shown() -> None:
    """Blocks that nest without end cost no stack, and none of their words."""
    deep = [{"block_id": f"n{n}", "block_type": 12, "children": [f"n{n + 1}"] if n < 9_999 else [],
             "bullet": {"elements": [{"text_run": {"content": f"层{n}。"}}]}} for n in range(10_000)]  # fmt: skip
    blocks = [{"block_id": ID, "block_type": 1, "children": ["n0"]}, *deep]
    check_blocks(blocks, ID)
    markdown = to_guide({"blocks": blocks})["markdown"]
    assert all(f"层{n}。" in markdown for n in (0, 39, 40, 41, 5_000, 9_999))


@pytest.mark.parametrize("depth", [90, 150, 300, 900])
def test_a_member_that_nests_too_deep_costs_itself(depth: int) -> None:
    """A file can hold the rest of the document."""
    found = retyped(1, ("text", "odd"), json.loads("[" * depth + "]" * depth))
    kept = storable_json(found)
    orjson.dumps(kept)
    assert words_of(kept) == words_of(WHOLE)
    check_told(kept, 0)


def test_half_an_emoji_costs_itself() -> None:
    """In a title, a text, a name of a member: no file could hold it."""
    found = retyped(1, ("text", "\udc00"), "\ud83d") | {"document": {"title": "半\ud83d"}}
    kept = storable_json(found)
    orjson.dumps(kept)
    check_told(kept, 0)
