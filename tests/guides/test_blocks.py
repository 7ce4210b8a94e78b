"""The blocks of a document, those of the contract and those that nobody wrote."""

from __future__ import annotations

import re
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from larknb.guides.document import Document
from larknb.guides.guide import to_guide
from tests.guides.builders import (
    DOC,
    MEDIA,
    MERMAID,
    NAMES,
    Block,
    Nested,
    markdown,
    other,
    para,
    record,
    run,
    table,
    text,
)


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (para("正文"), "正文"),
        (para(""), ""),
        (({"block_type": 2, "text": {"style": {}}}, []), ""),
        (({"block_type": 2}, []), ""),
        (text(3, "一"), "# 一"),
        (text(8, "六"), "###### 六"),
        (text(11, "九"), "###### 九"),
        (text(4, " 换\n行 "), "## 换 行"),
        (text(4, "C #"), "## C \\#"),
        (text(3, ""), ""),
        (text(12, "甲"), "- 甲"),
        (text(12, ""), "-"),
        (text(17, "做", done=True), "- [x] 做"),
        (text(17, "做"), "- [ ] 做"),
        (text(14, "a = 1\n", language=49), "```python\na = 1\n```"),
        (text(14, "a\n\n", language=999), "```\na\n\n```"),
        (text(14, "x ``` y"), "````\nx ``` y\n````"),
        (text(14, run("a", bold=True), run("b")), "```\nab\n```"),
        (text(15, "引\n用"), "> 引  \n> 用"),
        (text(16, {"equation": {"content": "a+b\n"}}), "$$a+b$$"),
        (other(18, "bitable", {"token": "App_tbl1"}), "[嵌入多维表格](feishu-bitable:App/tbl1)"),
        (other(30, "sheet", {"token": "S_h_t_id"}), "[嵌入电子表格](feishu-sheet:S_h_t/id)"),
        (other(18, "bitable"), "[嵌入多维表格]"),
        (other(19, "callout", {"emoji_id": "bulb"}, para(""), para("注意")), "> 💡 注意"),
        (other(19, "callout", {"emoji_id": "no_such"}, para("注意")), "> :no_such: 注意"),
        (other(19, "callout", {}, para("注意"), para("其二")), "> 注意\n>\n> 其二"),
        (other(19, "callout", {"emoji_id": "bulb"}, text(12, "甲")), "> 💡\n>\n> - 甲"),
        (other(19, "callout", {"emoji_id": "bulb"}), "> 💡"),
        (other(19, "callout"), ""),
        (other(20, "chat_card", {"chat_id": "oc_1"}), "<!-- feishu:unsupported block_type=20 -->"),
        (other(22, "divider"), "---"),
        (other(23, "file", {"token": "tok", "name": "数据.xlsx"}), "[附件：数据.xlsx](media/tok.png)"),
        (other(23, "file", {"token": "new", "name": "数据.xlsx"}), "[附件：数据.xlsx](feishu-media:new)"),
        (other(23, "file", {"token": "", "name": "数据.xlsx"}), "[附件：数据.xlsx]"),
        (other(33, "view", {}, other(23, "file", {"token": "tok", "name": "a"})), "[附件：a](media/tok.png)"),
        (other(24, "grid", {}, other(25, "grid_column", {}, para("左")), other(25, "grid_column", {}, para("右"))),
         "左\n\n右"),
        (other(26, "iframe", {"component": {"url": "https%3A%2F%2Fe.com%2F%3Fa%3D1%2B2"}}),
         "[嵌入网页](https://e.com/?a=1+2)"),
        (other(26, "iframe", {"component": {}}), "<!-- feishu:unsupported block_type=26 -->"),
        (other(27, "image", {"token": "tok"}), "![](media/tok.png)"),
        (other(27, "image", {"token": "tok", "caption": {"content": "测\n点"}}), "![测 点](media/tok.png)"),
        (other(27, "image", {"token": "new", "caption": {"content": "测点"}}), "[图片：测点](feishu-media:new)"),
        (other(27, "image", {"token": ""}), ""),
        (other(27, "image", {"token": "", "caption": {"content": "测点"}}), "测点"),
        (other(34, "quote_container", {}, para("甲"), para("乙")), "> 甲\n>\n> 乙"),
        (other(35, "task", {"task_id": "t"}, para("细节")), "<!-- feishu:unsupported block_type=35 -->\n\n细节"),
        (other(37, "okr_objective", {"content": {"elements": [run("目标")]}}), "目标"),
        (other(40, "add_ons", MERMAID), "```mermaid\ngraph TD\nA-->B\n```"),
        (other(40, "add_ons", {"component_type_id": "blk_x"}),
         "<!-- feishu:unsupported block_type=40 component_type_id=blk_x -->"),
        (other(40, "add_ons", {"record": "没有 JSON"}), "没有 JSON\n\n<!-- feishu:unsupported block_type=40 -->"),
        (other(40, "add_ons", {"component_type_id": "blk_x", "record": '{"title": "倒计时", "a": [{"text": "冻结"}]}'}),
         "倒计时\n\n冻结\n\n<!-- feishu:unsupported block_type=40 component_type_id=blk_x -->"),
        (other(41, "jira_issue", {"key": "ABC-1"}), "[Jira ABC-1]"),
        (other(43, "board", {"token": "tok"}), "![画板](media/tok.png)"),
        (other(43, "board", {"token": "new"}), "[画板](feishu-board:new)"),
        (other(46, "agenda_item_title", {"elements": [run("议题")]}), "**议题**"),
        (other(48, "link_preview", {"url": "https://e.com"}), "[https://e.com](https://e.com)"),
        (other(48, "link_preview"), "<!-- feishu:unsupported block_type=48 -->"),
        (other(48, "link_preview", {"url": "https://e.com", "title": "缺陷"}), "[缺陷](https://e.com)"),
        (other(48, "link_preview", {"title": "缺陷"}), "缺陷\n\n<!-- feishu:unsupported block_type=48 -->"),
        (other(49, "source_synced", {"elements": [run("名称")]}, para("内容")), "内容"),
        (other(53, "reference_base", {"token": "A_tbl", "view_id": "v"}), "[嵌入多维表格](feishu-bitable:A/tbl)"),
        (other(53, "reference_base", {"token": "Alone"}), "<!-- feishu:unsupported block_type=53 -->"),
        (other(99, "later", {"elements": [run("新式文字")]}, para("内容")),
         "新式文字\n\n<!-- feishu:unsupported block_type=99 member=later -->\n\n内容"),
        (other(999, "undefined", {}, para("内容")), "<!-- feishu:unsupported block_type=999 -->\n\n内容"),
        (other(77, "project", {"title": "清单", "url": "https%3A%2F%2Fe.com%2Fl"}), "[清单](https://e.com/l)"),
        (other(78, "minutes", {"minutes_id": "76"}), "[妙记](feishu-minutes:76)"),
        (other(78, "minutes", {"token": "ob1", "minutes_id": "76"}), "[妙记](feishu-minutes:ob1)"),
        (other(78, "minutes", {"title": "周会", "url": "https://e.com/m"}), "[周会](https://e.com/m)"),
        (other(79, "vc_tabs", {}, other(80, "vc_summary_tab", {}, para("总结"))), "总结"),
        (other(81, "meeting_notes_qa", {}, para("问答")), "问答"),
        (other(82, "reference_base", {"token": "A_tbl"}), "[嵌入多维表格](feishu-bitable:A/tbl)"),
    ],
)  # fmt: skip
def test_each_block_has_its_form(part: Nested, expected: str) -> None:
    """The contract's table of block types, one line each."""
    assert markdown(part, media=MEDIA) == expected


def test_text_in_code_is_written_out() -> None:
    """A mention inside code keeps its address: its title alone would hide what was pasted there."""
    mention = {"mention_doc": {"token": "T", "url": "https://e.com", "title": "表"}}
    guide = to_guide(record(text(14, "open ", mention)))
    assert "open [表](https://e.com)" in guide["markdown"]
    assert guide["links"][0]["url"] == "https://e.com"


def test_text_and_headings_may_have_children() -> None:
    """What is below a text block or a heading follows it, without indentation."""
    assert markdown(para("正文", text(12, "甲")), text(3, "一", para("内"))) == "正文\n\n- 甲\n\n# 一\n\n内"


@pytest.mark.parametrize(
    ("sequences", "numbers"),
    [
        (["1", "auto", "auto"], [1, 2, 3]),
        (["5", "auto", "-", "auto"], [5, 6, 7]),
        (["auto", "-", "auto"], [1, 2]),
        ([None, None, "-", None], [1, 2, 1]),
        (["3", None], [3, 2]),
        (["bad", "0"], [1, 0]),
    ],
)
def test_ordered_items_are_numbered_as_in_the_document(sequences: list[str | None], numbers: list[int]) -> None:
    """A number is its own; ``auto`` follows the last item whatever lies between; none counts from the run's start."""
    parts = [
        para("段") if each == "-" else text(13, "项", **({"sequence": each} if each else {})) for each in sequences
    ]
    assert [int(number) for number in re.findall(r"^(\d+)\. ", markdown(*parts), re.MULTILINE)] == numbers


def test_text_under_a_merged_cell_is_told() -> None:
    """It is not shown, and not silently dropped either."""
    guide = to_guide(record(table([["a", "隐藏"]], merges={0: (1, 2)})))
    assert guide["warnings"] == ["text under a merged cell: 隐藏"]


UNKNOWN = "<!-- feishu:unsupported block_type=90 member=later -->"


@pytest.mark.parametrize(
    ("payload", "shown"),
    [
        ({"title": "看板", "url": "https://e.com/1", "card_id": "76"}, "[看板](https://e.com/1)"),
        ({"name": "看板", "href": "https%3A%2F%2Fe.com%2F1"}, "[看板](https://e.com/1)"),
        ({"url": "https://e.com/1"}, "[https://e.com/1](https://e.com/1)"),
        ({"token": "Tok1"}, "`Tok1`"),
        ({"title": "看板", "token": "Tok1"}, "看板\n\n`Tok1`"),
        ({"title": "看板", "text": "说明"}, "看板\n\n说明"),
        ({"question": "怎么办？", "answer": {"text": "断电"}}, "怎么办？\n\n断电"),
        ({"content": {"elements": [run("块里"), run("的字", bold=True)]}}, "块里**的字**"),
        ({"cards": [{"title": "甲", "url": "https://e.com/a"}, {"title": "乙", "file_token": "Tok2"}]},
         "[甲](https://e.com/a)\n\n乙\n\n`Tok2`"),
        ({"data": '{"caption": "图中的字"}'}, "图中的字"),
        ({"link": {"url": "https://e.com/1"}}, "[https://e.com/1](https://e.com/1)"),
        ({"url": "javascript:alert(1)", "title": "坏"}, "坏 (javascript:alert(1))"),
        ({"sub_type": "Table", "view_type": "Normal", "owner": "ou_1", "user_ids": ["ou_2"], "count": 5}, ""),
        ({"status": "已关闭"}, "已关闭"),
    ],
)  # fmt: skip
def test_what_an_unknown_block_says_is_shown(payload: Block, shown: str) -> None:
    """Titles, addresses, tokens and texts, at any depth; ids and words of the platform's own are none."""
    guide = to_guide(record(other(90, "later", payload)))
    assert guide["markdown"] == "\n\n".join(part for part in ("# 标题", shown, UNKNOWN) if part) + "\n"
    assert guide["unsupported"] == {"90": 1}


def test_what_a_known_block_says_in_new_members_is_shown() -> None:
    """A new member beside those of its kind, or beside its payload, is no reason to lose what it says."""
    picture = other(
        27, "image", {"token": "tok", "alt": "热电偶", "scale": 1.5, "caption": {"content": "测点", "by": "甲"}}
    )
    beside: Nested = ({**para("正文")[0], "note": {"text": "批注"}, "divider": {}}, [])
    guide = to_guide(record(picture, beside), MEDIA)
    shown = guide["markdown"].split("\n\n")[1:]
    assert shown == ["![测点](media/tok.png)", "热电偶", "甲", "正文", "批注\n"]
    assert guide["unsupported"] == {"2": 1, "27": 1}
    assert len(guide["warnings"]) == 2


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ({"text": {"elements": {"0": run("字")}}}, "字"),
        ({"text": {"elements": ["字", [run("里")]]}}, "字里"),
        ({"text": [run("字")]}, "字"),
        ({"text": "字"}, "字"),
        ({"text": {"elements": [{"text_run": {"content": {"text": "字"}}}]}}, "字"),
        ({"text": {"elements": [{"link_preview": {"url": {"url": "https://e.com"}}}]}}, "[https://e.com](https://e.com)"),
        ({"text": {"elements": [{"text_run": {"text_element_style": {"link": "https://e.com"}}}]}},
         "[https://e.com](https://e.com)"),
    ],
)  # fmt: skip
def test_what_members_of_another_type_say_is_shown(block: Block, said: str) -> None:
    """The form is not the documented one; the words are the same."""
    shown = markdown(({"block_type": 2, **block}, []))
    assert shown.startswith(f"{said}\n\n<!-- feishu:unreadable block_type=2 member=text")


@pytest.mark.parametrize(("kind", "name"), [(2, "text"), (49, "source_synced"), (3, "heading1")])
def test_a_synced_block_is_shown_whole(kind: int, name: str) -> None:
    """With what it says itself; the name of a synced page no page shows, and it is in the list of what is not here."""
    source = {"block_id": "S", "block_type": kind, name: {"elements": [run("自身")]}, "children": ["c"]}
    child = {"block_id": "c", "block_type": 2, "text": {"elements": [run("内容")]}}
    whole = record(other(50, "reference_synced", {"source_document_id": "D", "source_block_id": "S"}))
    whole["references"] = {"D/S": [source, child]}
    unread = [part.what for part in Document(to_guide(whole), record=lambda: whole).unread]
    shown = to_guide(whole)["markdown"].split("\n\n", 1)[1]
    assert "内容" in shown
    assert ("自身" in shown) != (unread == ["自身"])


def test_one_warning_tells_of_all_blocks_of_an_unknown_kind() -> None:
    """Each is counted; a document with a thousand of them has no thousand warnings."""
    guide = to_guide(record(*[other(90, "later", {"title": str(n)}) for n in range(5)], para({"soon": {"text": "a"}})))
    assert guide["unsupported"] == {"90": 5, "soon": 1}
    assert len(guide["warnings"]) == 2


@pytest.mark.parametrize("about", [{}, {"column_size": 0}, {"column_size": 10**9, "row_size": 10**9}])
def test_a_table_with_impossible_sizes_keeps_its_cells(about: Block) -> None:
    """Sizes are foreign: the cells that are there count."""
    nested = table([["甲", "乙"]])
    nested[0]["table"]["property"] = about | {"merge_info": [{"row_span": 10**9, "col_span": -1}, None]}
    rows = to_guide(record(nested))["tables"][0]["rows"] or []
    assert [cell for row in rows for cell in row][:1] == ["甲"]
    assert sum(map(len, rows)) == 2


# --- trees that nobody wrote ----------------------------------------------------------------------------------------

KINDS = st.sampled_from([*range(56), 999, -1, None, "2", 2.5])
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["elements", "token", "style", "cells", "property", "merge_info", "url"]), inner),
    max_leaves=8,
)  # fmt: skip


@st.composite
def forests(draw: st.DrawFn) -> tuple[list[Block], dict[str, str]]:
    """Blocks that may name each other in any way, and the text that each of them carries."""
    count = draw(st.integers(1, 12))
    ids = [f"b{n}" for n in range(count)]
    blocks, texts = [], {}
    for n, block_id in enumerate(ids):
        kind = 1 if n == 0 else draw(KINDS)
        block: Block = {"block_id": block_id, "block_type": kind, "parent_id": "" if n == 0 else "b0"}
        if draw(st.booleans()):
            block["children"] = draw(st.lists(st.sampled_from([*ids, "gone", None, 5]), max_size=5))
        name = NAMES.get(kind, "later") if isinstance(kind, int) else "later"
        shape = draw(st.sampled_from(["text", "text", "absent", "junk"]))
        if shape == "text":
            texts[block_id] = f"text{n}x"
            block[name] = {"elements": [run(texts[block_id])], "style": draw(JUNK)}
            if kind == 31:
                block["table"] = {"cells": draw(st.lists(st.sampled_from(ids), max_size=4)), "property": draw(JUNK)}
        elif shape == "junk":
            block[name] = draw(JUNK)
            block["table" if draw(st.booleans()) else "divider"] = draw(JUNK)
        blocks.append(block)
    return blocks, texts


def reachable(blocks: list[Block]) -> set[str]:
    """The blocks that a walk along the children, and the cells of tables, comes to."""
    known, found, waiting = {block["block_id"]: block for block in blocks}, set(), ["b0"]
    while waiting:
        block_id = waiting.pop()
        if isinstance(block_id, str) and block_id in known and block_id not in found:
            found.add(block_id)
            waiting += known[block_id].get("children") or []
    return found


SILENT = {49, 50}  # the name of a synced block is no part of the text, and a reference has none


def _has_text(kind: Any) -> bool:
    """Say whether a block of this type is one that carries text, or one that nobody knows."""
    return kind in (2, *range(3, 18), 20, 21, 28, 29, 35, 36, 42, 51, 53, 54, 55, 999, -1, None, "2", 2.5, 0)


@settings(max_examples=300, deadline=None)
@given(forests())
@pytest.mark.soak
def test_no_tree_of_blocks_breaks_the_reading_or_loses_text(forest: tuple[list[Block], dict[str, str]]) -> None:
    """Cycles, missing children, absent payloads, unknown types: all text that can be reached is shown or told of."""
    blocks, texts = forest
    guide = to_guide({"document": {}, "blocks": blocks})
    assert orjson.loads(orjson.dumps(guide)) == guide
    told = guide["markdown"] + "\n".join(guide["warnings"])
    kinds = {block["block_id"]: block["block_type"] for block in blocks}
    for block_id in reachable(blocks) & texts.keys():
        if kinds[block_id] not in SILENT and _has_text(kinds[block_id]):
            assert texts[block_id] in told
    for found in guide["tables"]:
        assert len({len(row) for row in found["rows"] or []}) <= 1


def test_nesting_has_no_end_that_breaks_it() -> None:
    """A thousand levels of lists, tables and synced blocks end in flat text, not in a full stack."""
    for kind, name in ((12, "bullet"), (34, "quote_container"), (31, "table"), (2, "text")):
        blocks: list[Block] = [{"block_id": DOC, "block_type": 1, "children": ["b0"], "page": {}}]
        for n in range(1000):
            block = {"block_id": f"b{n}", "block_type": kind, "children": [f"b{n + 1}"], name: {}}
            if kind == 31:
                block["table"] = {"cells": [f"b{n + 1}"]}
            blocks.append(block)
        blocks.append({"block_id": "b1000", "block_type": 2, "text": {"elements": [run("到底")]}})
        assert "到底" in to_guide({"blocks": blocks})["markdown"]


def test_synced_blocks_that_hold_each_other_are_shown_once() -> None:
    """Every reference that would go round in circles leaves its marker."""
    reference = other(50, "reference_synced", {"source_document_id": "Other", "source_block_id": "src"})
    fetched = [
        {"block_id": "src", "block_type": 49, "children": ["in", "again"]},
        {"block_id": "in", "block_type": 2, "text": {"elements": [run("先验电")]}},
        {"block_id": "again", "block_type": 50,
         "reference_synced": {"source_document_id": "Other", "source_block_id": "src"}},
    ]  # fmt: skip
    guide = to_guide(record(reference, reference, references={"Other/src": fetched}))
    assert guide["markdown"].count("先验电") == 2
    assert guide["markdown"].count("feishu:reference_synced") == 2


def test_a_list_of_blocks_without_a_page_is_read_all_the_same() -> None:
    """Recorded pieces of a document have no page block."""
    blocks = [{"block_id": "a", "block_type": 2, "text": {"elements": [run("甲")]}, "children": ["b"]},
              {"block_id": "b", "block_type": 2, "text": {"elements": [run("乙")]}}]  # fmt: skip
    assert to_guide({"document": {"title": "题"}, "blocks": blocks})["markdown"] == "# 题\n\n甲\n\n乙\n"
    assert to_guide({"blocks": []})["markdown"] == ""


def test_what_lies_outside_of_the_page_is_counted() -> None:
    """Blocks that nothing leads to are not shown, and said so; a stray payload of another type is ignored."""
    whole = record(para("甲"))
    whole["blocks"].append({"block_id": "x", "block_type": 2, "text": {"elements": [run("乙")]}})
    whole["blocks"][1]["divider"] = {}
    guide = to_guide(whole)
    assert guide["markdown"] == "# 标题\n\n甲\n"
    assert guide["warnings"] == ["1 block(s) outside of the page were left out"]
