"""An answer that lacks blocks, or most of its text, never costs the text that is there."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from larknb.readers.base import Torn
from larknb.readers.whole import check_blocks
from larknb.results.sync import SyncReport
from larknb.sandbox import Docx, Fault, Sandbox, Tenant
from larknb.sandbox.blocks import bullet, callout, code, heading, image, quote, reference, sheet, synced, table, text
from tests.conftest import Clock, Lab, open_lab, sync

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
    report = sync(guide)
    assert failed(report)
    assert "revision" in report[0].problem
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


def test_a_long_text_of_few_blocks_waits(tmp_path: Path, box: Sandbox, clock: Clock) -> None:
    """Its characters tell what its blocks do not."""
    made = box.tenant.add_document("长", [text("甲" * 600), text("乙" * 500)], ID)
    lab = open_lab(tmp_path, box, clock, f"{box.url}/docx/{ID}", made)
    sync(lab).raise_for_failures()
    serve(lab.later(), emptied(blocks_of(lab)))
    report = sync(lab, force=True)
    assert failed(report)
    assert "1101 characters of text became 0" in report[0].problem


def test_pictures_are_blocks_that_can_be_lost(tmp_path: Path, box: Sandbox, clock: Clock) -> None:
    """A document of pictures has no text to measure."""
    made = box.tenant.add_document("图", [image("") for _ in range(30)], ID)
    lab = open_lab(tmp_path, box, clock, f"{box.url}/docx/{ID}", made)
    sync(lab).raise_for_failures()
    serve(lab.later(), emptied(blocks_of(lab)))
    assert failed(sync(lab, force=True))


@pytest.fixture
def embedding(guide: Lab) -> Lab:
    """The document embeds a worksheet of thirty rows, and that is cached."""
    book = guide.box.tenant.add_spreadsheet("台账", token="ShtInside00000000000000001")
    guide.made.append(sheet(book.add_sheet("明细", [["名称", "数量"], *([f"行 {n}", n] for n in range(30))])))
    sync(guide).raise_for_failures()
    return guide.later()


def test_an_embedded_table_is_held_back_by_itself(embedding: Lab) -> None:
    """It keeps its rows, in the document as well, whose text is read."""
    embedding.box.tenant.spreadsheets[0].sheets[0].replace([["名称", "数量"], ["行 0", 0]])
    embedding.made.append(text("再一行"))
    report = sync(embedding.later(60))
    assert {row.table: row.ok for row in report} == {"电机过热": True, "明细": False}
    found = embedding.workspace.document("s1")
    assert len(found.tables[-1]) == 30
    assert "再一行" in found.markdown


def test_a_document_that_waits_shows_new_rows(embedding: Lab) -> None:
    """Its text is that of the earlier reading, its embedded table that of this one; then both are new."""
    embedding.box.tenant.spreadsheets[0].sheets[0].set(2, 2, 99)
    blocks = blocks_of(embedding)
    shown = at(blocks, 30)
    serve(embedding, page([{**blocks[0], "children": [shown["block_id"]]}, shown]))
    report = sync(embedding, force=True)
    assert {row.table: row.ok for row in report} == {"电机过热": False, "明细": True}
    found = embedding.workspace.document("s1")
    assert found.tables[-1]["数量"].iloc[0] == 99
    assert WORDS in found.markdown
    sync(embedding.later(601)).raise_for_failures()
    assert WORDS not in embedding.workspace.document("s1").markdown


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
