"""An answer that lacks blocks, or has odd ones, never costs the text that is there."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from larknb.guides.document import Document
from larknb.guides.guide import to_guide
from larknb.readers.base import Torn
from larknb.readers.whole import check_blocks
from larknb.results.sync import SyncReport
from larknb.sandbox import Docx, Fault, Sandbox, Tenant
from larknb.sandbox.blocks import bullet, callout, code, heading, image, quote, reference, synced, table, text
from larknb.tabular.raw import storable_json
from tests.conftest import Clock, Lab, open_lab, sync
from tests.guides.builders import MERMAID, Nested, link, para, record, run
from tests.guides.builders import other as nested
from tests.guides.builders import table as cells
from tests.guides.builders import text as kind_of_text

ID, OTHER = "DocGuide000000000000000001", "DocOther000000000000000001"
WORDS = "断开高压后等待五分钟，再用万用表确认母线电压低于三十六伏，确认无误后方可继续作业。"
PARTS = [
    part
    for n in range(6)
    for part in (heading(2, f"第 {n} 节"), text(f"{n} {WORDS}"), bullet(f"{n} 一", bullet(f"{n} 二")))
]
PARTS += [table([["代码", "含义"], ["P0A1F", "过温"]]), quote("先验电"), callout("注意", text("戴手套")), code("a = 1")]
Block = dict[str, Any]
Answer = Mapping[str, Any]  # the ``data`` of a page


@pytest.fixture
def guide(tmp_path: Path, box: Sandbox, clock: Clock) -> Lab:
    """A document of headings, text, lists, a table and a quote, cached once and edited since."""
    made = box.tenant.add_document("电机过热", PARTS, ID)
    lab = open_lab(tmp_path, box, clock, f"{box.url}/docx/{ID}", made)
    sync(lab).raise_for_failures()
    lab.later()
    made.append(text("新的一行"))
    lab.clock.advance(10)
    return lab


def blocks_of(lab: Lab) -> list[Block]:
    made = lab.made
    assert isinstance(made, Docx)
    return copy.deepcopy(made.blocks)


def serve(lab: Lab, *pages: Any, times: int | None = None, endpoint: str = "blocks") -> None:
    """Let the platform answer with these pages, whoever asks."""
    for data in pages:
        lab.box.faults.add(Fault.reply(200, {"code": 0, "msg": "", "data": data}), endpoint=endpoint, times=times)


def page(blocks: Sequence[Any]) -> Answer:
    return {"items": blocks, "has_more": False}


def failed(report: SyncReport) -> bool:
    return [row.action for row in report] == ["failed"]


# --- what lacks blocks, or repeats them -------------------------------------------------------------------------------


def at(blocks: list[Block], kind: int, nth: int = 0) -> Block:
    return [block for block in blocks if block["block_type"] == kind][nth]


def with_child(blocks: list[Block], kind: int, child: Any, nth: int = 0) -> list[Block]:
    """Let a block name one child more."""
    holder = at(blocks, kind, nth)
    holder["children"] = [*holder.get("children", []), child]
    return blocks


def edited(edit: Callable[[list[Block]], object]) -> Callable[[list[Block]], Answer]:
    def answer(blocks: list[Block]) -> Answer:
        edit(blocks)
        return page(blocks)

    return answer


def orphan(**more: Any) -> Block:
    return {"block_id": "orphan", "block_type": 2, "text": {"elements": []}, **more}


TORN: dict[str, Callable[[list[Block]], Any]] = {
    "the first half": lambda b: page(b[: len(b) // 2]),
    "the second half": lambda b: page(b[len(b) // 2 :]),
    "without every second": lambda b: page(b[::2]),
    "without every third": lambda b: page([each for n, each in enumerate(b) if n % 3 != 2]),
    "without the first child": lambda b: page([b[0], *b[2:]]),
    "without the last": lambda b: page(b[:-1]),
    "without a nested one": lambda b: page([each for each in b if each is not at(b, 12, 1)]),
    "without a cell": lambda b: page([each for each in b if each is not at(b, 32, 1)]),
    "without the text of a cell": lambda b: page([each for each in b if each["block_id"] != at(b, 32)["children"][0]]),
    "without the page block": lambda b: page(b[1:]),
    "the page block alone": lambda b: page(b[:1]),
    "no blocks": lambda b: page([]),
    "items null": lambda b: {"items": None, "has_more": False},
    "items missing": lambda b: {"has_more": False},
    "nulls among the items": lambda b: page([*b, None]),
    "numbers among the items": lambda b: page([5, *b]),
    "lists among the items": lambda b: page([*b, [b[1]]]),
    "blocks without ids": edited(lambda b: [each.pop("block_id") for each in b]),
    "ids that are numbers": lambda b: page([{**each, "block_id": n} for n, each in enumerate(b)]),
    "ids that are empty": lambda b: page([b[0], *({**each, "block_id": ""} for each in b[1:])]),
    "every block twice": lambda b: page([*b, *b]),
    "one block twice": lambda b: page([*b, b[3]]),
    "one id for two blocks": edited(lambda b: b[4].update(block_id=b[5]["block_id"])),
    "a child named twice": edited(lambda b: with_child(b, 1, b[2]["block_id"])),
    "a child of two blocks": edited(lambda b: with_child(b, 2, at(b, 12)["block_id"])),
    "a child that names its parent": edited(lambda b: with_child(b, 12, ID, nth=1)),
    "a block that names itself": edited(lambda b: with_child(b, 12, at(b, 12, 1)["block_id"], nth=1)),
    "a ring beside the page": lambda b: page(
        [*b, orphan(children=["ring"]), orphan(block_id="ring", children=["orphan"])]
    ),
    "an orphan": lambda b: page([*b, orphan(parent_id=ID)]),
    "an orphan of a block that is not there": lambda b: page([*b, orphan(parent_id="gone")]),
    "a child that never was": edited(lambda b: with_child(b, 2, "never")),
    "a child that is a number": edited(lambda b: with_child(b, 1, 7)),
    "a child that is null": edited(lambda b: with_child(b, 1, None)),
    "children that are text": edited(lambda b: at(b, 12).update(children="abc")),
    "children that are an object": edited(lambda b: b[0].update(children={"0": b[1]["block_id"]})),
    "a page without children": edited(lambda b: b[0].pop("children")),
    "two page blocks": edited(lambda b: at(b, 2).update(block_type=1)),
    "two page blocks, one beside": lambda b: page([*b, orphan(block_type=1)]),
    "a page of another document": lambda b: page([{**b[0], "block_id": OTHER}, *b[1:]]),
    "a page of no type": lambda b: page([{**b[0], "block_type": None}, *b[1:]]),
    "cells that never were": edited(lambda b: at(b, 31)["table"]["cells"].append("never")),
}  # fmt: skip


@pytest.mark.parametrize("answer", TORN.values(), ids=TORN.keys())
def test_an_answer_that_is_not_whole_proves_nothing(answer: Callable[[list[Block]], Any]) -> None:
    """What is whole passes; of that, each of these is something less or more."""
    made = Tenant().add_document("电机过热", PARTS, ID)
    check_blocks(copy.deepcopy(made.blocks), ID)
    with pytest.raises(Torn):
        check_blocks(answer(copy.deepcopy(made.blocks)).get("items") or [], ID)


@pytest.mark.soak
@pytest.mark.parametrize("answer", TORN.values(), ids=TORN.keys())
def test_an_answer_that_is_not_whole_is_not_taken(guide: Lab, answer: Callable[[list[Block]], Any]) -> None:
    """It fails after three readings, the cache stays, and the next answer that is whole is taken."""
    before = guide.workspace.document("s1").markdown
    serve(guide, answer(blocks_of(guide)))
    assert failed(sync(guide))
    assert guide.requests().count("blocks") <= 3
    assert guide.workspace.document("s1").markdown == before
    guide.box.faults.clear()
    sync(guide.later()).raise_for_failures()
    assert "新的一行" in guide.workspace.document("s1").markdown


def test_one_torn_answer_costs_one_more_reading(guide: Lab) -> None:
    """What comes whole the second time is taken."""
    serve(guide, page(blocks_of(guide)[::2]), times=1)
    sync(guide).raise_for_failures()
    assert guide.requests() == ["metas", "document", "blocks", "document", "blocks", "document"]
    assert "新的一行" in guide.workspace.document("s1").markdown


def test_a_page_of_the_listing_that_is_missing(guide: Lab) -> None:
    """The first page says that there is no more although there is."""
    blocks = blocks_of(guide)
    serve(guide, {"items": blocks[:20], "has_more": False, "page_token": "more"})
    assert failed(sync(guide))
    assert "戴手套" in guide.workspace.document("s1").markdown


def test_a_document_without_a_revision_proves_nothing(guide: Lab) -> None:
    """Before and after would always be equal."""
    serve(guide, {"document": {"document_id": ID, "title": "电机过热"}}, endpoint="document")
    assert failed(sync(guide))
    assert "新的一行" not in guide.workspace.document("s1").markdown


@pytest.mark.soak
@pytest.mark.parametrize("kind", [20, 21, 28, 29, 42, 50, 51, 54, 999, None])
def test_blocks_whose_content_is_elsewhere_may_lack_it(guide: Lab, kind: int | None) -> None:
    """The platform does not give what they hold, or nobody knows their type: a marker stands for it."""
    blocks = with_child(blocks_of(guide), 1, "elsewhere")
    blocks.append({"block_id": "elsewhere", "block_type": kind, "children": ["not", "given"]})
    serve(guide, page(blocks))
    sync(guide).raise_for_failures()
    found = guide.workspace.document("s1")
    assert "<!-- feishu:" in found.markdown
    assert "新的一行" in found.markdown


# --- what lost most of its text ---------------------------------------------------------------------------------------


def emptied(blocks: list[Block]) -> Answer:
    """A document that is whole, and says nothing any more."""
    return page([{**blocks[0], "children": []}])


SHRUNK: dict[str, Callable[[list[Block]], Answer]] = {
    "no children": emptied,
    "children null": lambda b: page([{**b[0], "children": None}]),
    "children missing": lambda b: page([{key: value for key, value in b[0].items() if key != "children"}]),
    "the first paragraph alone": lambda b: page([{**b[0], "children": [b[2]["block_id"]]}, b[2]]),
    "texts without a word": edited(
        lambda b: [payload.update(elements=[]) for each in b for payload in each.values() if isinstance(payload, dict)]
    ),
    "texts without elements": edited(
        lambda b: [payload.pop("elements", 0) for each in b for payload in each.values() if isinstance(payload, dict)]
    ),
    "texts without content": edited(
        lambda b: [
            payload.update(elements=[{"text_run": {}}])
            for each in b for payload in each.values() if isinstance(payload, dict)
        ]
    ),
    "blocks without a payload": edited(
        lambda b: [each.pop(key) for each in b for key in [*each] if isinstance(each[key], dict) and key != "table"]
    ),
    "types without a text": edited(
        lambda b: [each.update(block_type=22) for each in b if each["block_type"] in (2, 12)]
    ),
    "a table alone": lambda b: page([
        {**b[0], "children": [at(b, 31)["block_id"]]},
        *(each for each in b if each["block_type"] in (31, 32) or each.get("parent_id") in at(b, 31)["children"]),
    ]),
}  # fmt: skip


@pytest.mark.soak
@pytest.mark.parametrize("answer", SHRUNK.values(), ids=SHRUNK.keys())
def test_a_document_that_lost_most_waits_for_a_second_look(guide: Lab, answer: Callable[[list[Block]], Answer]) -> None:
    """It is told and kept; ten minutes later the same reading is believed."""
    serve(guide, answer(blocks_of(guide)))
    report = sync(guide)
    assert failed(report)
    assert "held back" in report[0].problem
    assert WORDS in guide.workspace.document("s1").markdown
    assert failed(sync(guide.later(300)))
    assert WORDS in guide.workspace.document("s1").markdown
    sync(guide.later(301)).raise_for_failures()
    assert guide.workspace.document("s1").markdown.count(WORDS) <= 1


def test_a_loss_that_was_none_is_forgotten(guide: Lab) -> None:
    """The next look reads the document again, whatever its stamps say, and takes what is whole."""
    serve(guide, emptied(blocks_of(guide)))
    assert failed(sync(guide))
    guide.box.faults.clear()
    sync(guide.later()).raise_for_failures()
    assert "新的一行" in guide.workspace.document("s1").markdown
    serve(guide, emptied(blocks_of(guide)))
    assert failed(sync(guide.later(), force=True)), "and a new loss waits anew"


def test_accept_shrink_takes_it_at_once(guide: Lab) -> None:
    """Somebody knows that it was deleted."""
    serve(guide, emptied(blocks_of(guide)))
    sync(guide, accept_shrink=True).raise_for_failures()
    assert guide.workspace.document("s1").markdown == "# 电机过热\n"


def test_a_document_that_lost_half_is_taken(guide: Lab) -> None:
    """Editors delete sections: that is no sign of a torn answer."""
    blocks = blocks_of(guide)
    kept = set(blocks[0]["children"][len(blocks[0]["children"]) // 3 :])
    blocks[0]["children"] = [child for child in blocks[0]["children"] if child in kept]
    wanted, found = [ID], []
    by_id = {block["block_id"]: block for block in blocks}
    while wanted:
        found.append(by_id[wanted.pop(0)])
        wanted += found[-1].get("children", [])
    serve(guide, page(found))
    sync(guide).raise_for_failures()
    assert "第 0 节" not in guide.workspace.document("s1").markdown


def test_a_small_document_may_shrink(tmp_path: Path, box: Sandbox, clock: Clock) -> None:
    """Below 200 characters and 20 blocks nothing is held back."""
    made = box.tenant.add_document("短", [text("甲" * 99), text("乙" * 99)], ID)
    lab = open_lab(tmp_path, box, clock, f"{box.url}/docx/{ID}", made)
    sync(lab).raise_for_failures()
    lab.later()
    serve(lab, emptied(blocks_of(lab)))
    sync(lab, force=True).raise_for_failures()
    assert lab.workspace.document("s1").markdown == "# 短\n"


def test_pictures_are_blocks_that_can_be_lost(tmp_path: Path, box: Sandbox, clock: Clock) -> None:
    """A document of pictures has no text to measure."""
    made = box.tenant.add_document("图", [image("") for _ in range(30)], ID)
    lab = open_lab(tmp_path, box, clock, f"{box.url}/docx/{ID}", made)
    sync(lab).raise_for_failures()
    serve(lab.later(), emptied(blocks_of(lab)))
    assert failed(sync(lab, force=True))


# --- synced blocks of other documents ---------------------------------------------------------------------------------


@pytest.fixture
def repeating(guide: Lab) -> Lab:
    """The document repeats a block of another one, and that is cached."""
    other_one = guide.box.tenant.add_document("条款", [synced("安全", text("先验电再放电"), text("后挂牌"))], OTHER)
    source = next(item["block_id"] for item in other_one.blocks if item["block_type"] == 49)
    guide.made.append(reference(OTHER, source))
    sync(guide).raise_for_failures()
    return guide.later()


TORN_PARTS: dict[str, Callable[[list[Block]], Any]] = {
    "no blocks": lambda b: page([]),
    "items null": lambda b: {"items": None, "has_more": False},
    "items missing": lambda b: {"has_more": False},
    "without the block itself": lambda b: page(b[1:]),
    "the block alone": lambda b: page(b[:1]),
    "without the last": lambda b: page(b[:-1]),
    "every block twice": lambda b: page([*b, *b]),
    "another page": lambda b: page([*b, orphan(block_type=1)]),
    "an orphan": lambda b: page([*b, orphan()]),
    "a ring": lambda b: page([b[0], {**b[1], "children": [b[0]["block_id"]]}, *b[2:]]),
    "null": lambda b: page([None]),
}


@pytest.mark.soak
@pytest.mark.parametrize("answer", TORN_PARTS.values(), ids=TORN_PARTS.keys())
def test_a_synced_block_that_is_not_whole_stays_as_it_was(repeating: Lab, answer: Callable[[list[Block]], Any]) -> None:
    """The document is read, and says of which block it shows an earlier state."""
    other_one = repeating.box.tenant.document(OTHER)
    assert isinstance(other_one, Docx)
    source = next(item["block_id"] for item in other_one.blocks if item["block_type"] == 49)
    serve(repeating, answer(copy.deepcopy(other_one.descendants(source))), endpoint="children")
    repeating.made.append(text("再一行"))
    sync(repeating.later(86_400)).raise_for_failures()
    found = repeating.workspace.document("s1")
    assert "先验电再放电" in found.markdown
    assert any("could not be read again" in warning for warning in found.to_dict()["warnings"])


# --- odd values in blocks ---------------------------------------------------------------------------------------------

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
        kind_of_text(12, w(), kind_of_text(13, w())), para({"mention_user": {"user_id": w()}}, run(w())),
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
