"""What becomes of the blocks of a document: Markdown, JSON, files, and what a notebook shows."""

from __future__ import annotations

import calendar
import json
import os
import re
import time
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from larknb.guides import document
from larknb.guides.document import Document
from larknb.guides.guide import block_hashes, rows_of, same_content, to_guide
from larknb.guides.marks import safe_address

DOC = "DocTest0000000000000000001"

# --- blocks as the server sends them ----------------------------------------------------------------------------------

NAMES = {1: "page", 2: "text", 12: "bullet", 13: "ordered", 14: "code", 15: "quote", 16: "equation", 17: "todo"} | {
    level + 2: f"heading{level}" for level in range(1, 10)
}
Block = dict[str, Any]
Nested = tuple[Block, list["Nested"]]


def run(content: str, **style: Any) -> Block:
    return {"text_run": {"content": content, "text_element_style": style}}


def link(content: str, url: str) -> Block:
    return run(content, link={"url": url})


def text(kind: int, *parts: Any, **style: Any) -> Nested:
    """A block of text; a tuple among the parts is a child of it."""
    elements = [run(part) if isinstance(part, str) else part for part in parts if not isinstance(part, tuple)]
    block = {"block_type": kind, NAMES[kind]: {"elements": elements, "style": style}}
    return block, [part for part in parts if isinstance(part, tuple)]


def para(*parts: Any) -> Nested:
    return text(2, *parts)


def other(kind: int, name: str, payload: Block | None = None, *children: Nested) -> Nested:
    return {"block_type": kind, name: payload or {}}, [*children]


def table(rows: list[list[Any]], *, header: bool = True, merges: Mapping[int, tuple[int, int]] | None = None) -> Nested:
    """A table; a cell is text or a list of blocks."""
    cells = [other(32, "table_cell", {}, *(cell if isinstance(cell, list) else [para(cell)])) for row in rows
             for cell in row]  # fmt: skip
    spans = [dict(zip(("row_span", "col_span"), (merges or {}).get(index, (1, 1)), strict=True))
             for index in range(len(cells))]  # fmt: skip
    about = {"row_size": len(rows), "column_size": len(rows[0]), "header_row": header, "merge_info": spans}
    return {"block_type": 31, "table": {"property": about}}, cells


def listed(nested: Nested, parent: str, found: list[Block]) -> str:
    """Give a block and those below it their ids, in the order of the server."""
    block, children = nested
    block_id = f"blk{len(found)}"
    whole = {"block_id": block_id, "parent_id": parent, **block}
    found.append(whole)
    ids = [listed(child, block_id, found) for child in children]
    if ids:
        whole["children"] = ids
    if block["block_type"] == 31:
        whole["table"] = {**block["table"], "cells": ids}
    return block_id


def record(*parts: Nested, title: str = "标题", **more: Any) -> dict[str, Any]:
    page: Block = {"block_id": DOC, "block_type": 1, "parent_id": "", "page": {"elements": [run(title)]}}
    found = [page]
    page["children"] = [listed(part, DOC, found) for part in parts]
    return {"document": {"document_id": DOC, "revision_id": 7, "title": title}, "url": "", "blocks": found, **more}


def markdown(*parts: Nested, **known: Any) -> str:
    """The Markdown below the title."""
    text: str = to_guide(record(*parts), **known)["markdown"]
    return text.removeprefix("# 标题\n").strip("\n")


# --- the house form of each block -------------------------------------------------------------------------------------

MEDIA = {"tok": {"file": "media/tok.png", "name": "图.png"}}
MERMAID = {"component_type_id": "blk_631fefbbae02400430b8f9f4", "record": '{"data": "graph TD\\nA-->B"}'}


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
        (other(40, "add_ons", {"component_type_id": "blk_x"}), "<!-- feishu:unsupported block_type=40 -->"),
        (other(40, "add_ons", MERMAID | {"record": "{"}), "<!-- feishu:unsupported block_type=40 -->"),
        (other(41, "jira_issue", {"key": "ABC-1"}), "[Jira ABC-1]"),
        (other(43, "board", {"token": "tok"}), "![画板](media/tok.png)"),
        (other(43, "board", {"token": "new"}), "[画板](feishu-board:new)"),
        (other(46, "agenda_item_title", {"elements": [run("议题")]}), "**议题**"),
        (other(48, "link_preview", {"url": "https://e.com"}), "[https://e.com](https://e.com)"),
        (other(48, "link_preview"), "<!-- feishu:unsupported block_type=48 -->"),
        (other(49, "source_synced", {"elements": [run("名称")]}, para("内容")), "内容"),
        (other(53, "reference_base", {"token": "A_t"}), "<!-- feishu:unsupported block_type=53 -->"),
        (other(99, "later", {"elements": [run("新式文字")]}, para("内容")),
         "<!-- feishu:unsupported block_type=99 -->\n\n新式文字\n\n内容"),
        (other(999, "undefined", {}, para("内容")), "<!-- feishu:unsupported block_type=999 -->\n\n内容"),
    ],
)  # fmt: skip
def test_each_block_has_its_house_form(part: Nested, expected: str) -> None:
    """The contract's table of block types, one line each."""
    assert markdown(part, media=MEDIA) == expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([run("加粗", bold=True), "字"], "**加粗**字"),
        ([run(" 加粗 ", bold=True), "字"], "**加粗** 字"),
        (["前", run(" ", bold=True), "后"], "前 后"),
        ([run("全", bold=True, italic=True, strikethrough=True, underline=True, inline_code=True)],
         "<u>***~~`全`~~***</u>"),
        ([run("平", link={"url": "https://e.com"}, comment_ids=["1"]), link("台", "https%3A%2F%2Fe.com")],
         "[平台](https://e.com)"),
        ([run("1", bold=True), run("2", bold=True, strikethrough=True)], "**1~~2~~**"),
        ([link("甲", "https://a.com"), link("乙", "https://b.com")], "[甲](https://a.com)[乙](https://b.com)"),
        ([run("a`b", inline_code=True)], "``a`b``"),
        ([run("`", inline_code=True)], "`` ` ``"),
        ([run("甲\n乙", bold=True)], "**甲**  \n**乙**"),
        (["甲\n\n乙"], "甲\n\n乙"),
        (["x", {"equation": {"content": " a<b$ \n"}}, "y"], "x$a< b\\$$y"),
        ([{"mention_user": {"user_id": "ou_a1"}}], "@ou_a1"),
        ([{"mention_doc": {"token": "T", "obj_type": 22, "url": "https%3A%2F%2Fe.com", "title": "表"}}],
         "[表](https://e.com)"),
        ([{"mention_doc": {"token": "T", "url": "https://e.com"}}], "[https://e.com](https://e.com)"),
        ([{"mention_doc": {"token": "T", "title": "表"}}], "表"),
        ([{"reminder": {"expire_time": "1767254400000"}}], "⏰2026-01-01 16:00"),
        ([{"reminder": {"expire_time": 1767196800000, "is_whole_day": True}}], "⏰2026-01-01"),
        ([{"reminder": {"expire_time": "99999999999999999"}}], "⏰"),
        ([{"file": {"file_token": "tok", "source_block_id": "gone"}}], "[附件：图.png](media/tok.png)"),
        ([{"undefined": {}}, {"undefined_element": {}}, "字"], "字"),
        ([{"later_run": {"content": "新"}}, "字"], "新字"),
        ([link("字", "javascript%3Aalert(1)")], "字 (javascript:alert(1))"),
        ([link("字", "https://e.com/a (b) c")], "[字](https://e.com/a%20%28b%29%20c)"),
        ([link("字", "https://e.com/100%25+1")], "[字](https://e.com/100%25+1)"),
        ([link("", "https://e.com"), "字"], "字"),
        (["2 * 3_4 [注] <b> a\\b `x` $5 ~~z~~ &lt; snake_case __init__"],
         "2 \\* 3_4 \\[注\\] \\<b> a\\\\b \\`x\\` \\$5 \\~\\~z\\~\\~ \\&lt; snake_case \\_\\_init\\_\\_"),
        (["a < b & c > d"], "a < b & c > d"),
        (["电压 10~20 V，温度 3~4 ℃ 或 ~ 5"], "电压 10\\~20 V，温度 3\\~4 ℃ 或 ~ 5"),
        (["# 井\n> 引\n- 项\n+ 项\n1. 序\n---\n=== "],
         "\\# 井  \n\\> 引  \n\\- 项  \n\\+ 项  \n1\\. 序  \n\\---  \n\\==="),
        (["#标签\n-5 ℃\n1.5 V"], "#标签  \n-5 ℃  \n1.5 V"),
        (["看!", link("图", "https://e.com/a.png")], "看\\![图](https://e.com/a.png)"),
    ],
)  # fmt: skip
def test_each_text_element_has_its_house_form(parts: list[Any], expected: str) -> None:
    """The contract's rules for marks, links, mentions and escaping, one line each."""
    assert markdown(para(*parts), media=MEDIA) == expected


def test_text_in_code_is_written_out() -> None:
    """A mention inside code keeps its address: its title alone would hide what was pasted there."""
    mention = {"mention_doc": {"token": "T", "url": "https://e.com", "title": "表"}}
    guide = to_guide(record(text(14, "open ", mention)))
    assert "open [表](https://e.com)" in guide["markdown"]
    assert guide["links"][0]["url"] == "https://e.com"


# --- lists and numbers ------------------------------------------------------------------------------------------------


def test_lists_are_tight_unless_something_else_is_in_them() -> None:
    """Items stand close; a paragraph in one of them moves its list apart, and is indented below its item."""
    tight = markdown(text(12, "甲", text(12, "子", text(13, "孙"))), text(12, "乙"))
    assert tight == "- 甲\n    - 子\n        1. 孙\n- 乙"
    loose = markdown(text(12, "甲", para("段"), text(14, "x\n\ny")), text(12, "乙"))
    assert loose == "- 甲\n\n    段\n\n    ```\n    x\n\n    y\n    ```\n\n- 乙"


def test_lists_of_two_kinds_stand_apart() -> None:
    """A new kind of list begins after a blank line."""
    assert markdown(text(12, "甲"), text(13, "一"), text(17, "做")) == "- 甲\n\n1. 一\n\n- [ ] 做"


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


# --- tables -----------------------------------------------------------------------------------------------------------


def test_a_plain_table_is_a_pipe_table() -> None:
    """Paragraphs of a cell are joined, pipes escaped; the first row is the header line whether it is one or not."""
    rows: list[list[Any]] = [["部位", "a|b"], [[para(""), para("甲"), para("乙\n丙")], ""]]
    expected = "| 部位 | a\\|b |\n| --- | --- |\n| 甲<br>乙<br>丙 |  |"
    assert markdown(table(rows)) == markdown(table(rows, header=False)) == expected


def test_a_table_with_more_than_text_is_html() -> None:
    """Lists, pictures, code and links in cells are kept, one row on a line."""
    lists = [text(12, "甲", text(13, "子")), text(17, "做", done=True)]
    rows: list[list[Any]] = [
        ["a & b", [para(run("粗", bold=True), link("链", "https://e.com/?a=1&b=2"))]],
        [lists, [text(14, "x\n<y>"), other(27, "image", {"token": "tok"})]],
    ]
    assert markdown(table(rows), media=MEDIA) == (
        "<table>\n"
        '<tr><th>a &amp; b</th><th><b>粗</b><a href="https://e.com/?a=1&amp;b=2">链</a></th></tr>\n'
        '<tr><td><ul><li>甲<ol><li value="1">子</li></ol></li></ul><ul><li>☑ 做</li></ul></td>'
        '<td><pre><code>x&#10;&lt;y&gt;</code></pre><img src="media/tok.png" alt=""></td></tr>\n'
        "</table>"
    )


def test_merged_cells_keep_their_spans_and_fill_the_rows() -> None:
    """Covered cells are left out of the HTML and repeat the anchor's text in the JSON."""
    guide = to_guide(record(table([["a", "b"], ["c", ""], ["", "d"]], merges={2: (2, 1), 0: (1, 1)})))
    assert '<td rowspan="2">c</td><td></td>' in guide["markdown"]
    assert guide["tables"][0]["rows"] == [["a", "b"], ["c", ""], ["c", "d"]]
    assert guide["tables"][0]["merges"] == [{"row": 1, "col": 0, "row_span": 2, "col_span": 1}]


def test_text_under_a_merged_cell_is_told() -> None:
    """It is not shown, and not silently dropped either."""
    guide = to_guide(record(table([["a", "隐藏"]], merges={0: (1, 2)})))
    assert guide["warnings"] == ["text under a merged cell: 隐藏"]


@pytest.mark.parametrize("about", [{}, {"column_size": 0}, {"column_size": 10**9, "row_size": 10**9}])
def test_a_table_with_impossible_sizes_keeps_its_cells(about: Block) -> None:
    """Sizes are foreign: the cells that are there count."""
    nested = table([["甲", "乙"]])
    nested[0]["table"]["property"] = about | {"merge_info": [{"row_span": 10**9, "col_span": -1}, None]}
    rows = to_guide(record(nested))["tables"][0]["rows"]
    assert [cell for row in rows for cell in row][:1] == ["甲"]
    assert sum(map(len, rows)) == 2


# --- embedded tables --------------------------------------------------------------------------------------------------


def embedded(rows: list[list[Any]] | None, status: str = "ok", **more: Any) -> dict[str, Any]:
    return to_guide(record(other(30, "sheet", {"token": "Sht_id"})),
                    tables={"Sht_id": {"status": status, "rows": rows, **more}})  # fmt: skip


def test_rows_of_an_embedded_table_follow_its_link() -> None:
    """The JSON has all of them, the text the first 200 and how many are left out."""
    rows: list[list[Any]] = [["编号", "备|注"], *([n, None] for n in range(205))]
    guide = embedded(rows)
    assert "[嵌入电子表格](feishu-sheet:Sht/id)\n\n| 编号 | 备\\|注 |\n| --- | --- |\n| 0 |  |" in guide["markdown"]
    assert guide["markdown"].endswith("| 199 |  |\n\n（另有 5 行）\n")
    assert guide["tables"][0]["rows"] == rows
    assert "199 |" in guide["sections"][0]["text"]


def test_an_embedded_table_that_was_not_read_says_why() -> None:
    """The link line stands, status and warning tell the reason."""
    guide = embedded(None, "forbidden", problem="This identity may not read it.")
    assert guide["markdown"] == "# 标题\n\n[嵌入电子表格](feishu-sheet:Sht/id)\n"
    assert (guide["tables"][0]["status"], guide["tables"][0]["rows"]) == ("forbidden", None)
    assert guide["warnings"] == ["sheet Sht_id was not read: This identity may not read it."]


def test_rows_of_a_frame_are_plain_values() -> None:
    """What JSON cannot hold becomes text; a day is a day, a gap is null."""
    frame = pd.DataFrame(
        {
            "n": pd.array([1, None], "Int64"),
            "x": [1.5, np.nan],
            "s": pd.Categorical(["a", None]),
            "b": [True, False],
            "d": pd.to_datetime(["2026-01-16 00:00", "2026-01-16 10:30"]),
            "l": [np.array(["x", "y"]), None],
            "_created_by": ["somebody", "somebody"],
        }
    )
    rows = rows_of(frame)
    assert orjson.loads(orjson.dumps(rows)) == rows
    assert rows == [
        ["n", "x", "s", "b", "d", "l"],
        [1, 1.5, "a", True, "2026-01-16", ["x", "y"]],
        [None, None, None, False, "2026-01-16 10:30:00", None],
    ]


# --- sections ---------------------------------------------------------------------------------------------------------


def test_sections_follow_the_headings() -> None:
    """Each heading opens one with its path; what stands before the first is section 0."""
    guide = to_guide(record(para("前言"), text(3, "一", para("甲")), text(5, "一点一"), text(3, "二")))
    assert [section["path"] for section in guide["sections"]] == [
        ["标题"], ["标题", "一"], ["标题", "一", "一点一"], ["标题", "二"],
    ]  # fmt: skip
    assert [section["text"] for section in guide["sections"]] == ["前言", "甲", "", ""]
    assert [entry["level"] for entry in guide["outline"]] == [1, 3, 1]
    assert "\n".join(["# 标题\n", *(section["markdown"] for section in guide["sections"])]) == guide["markdown"]


def test_headings_in_boxes_open_no_section() -> None:
    """Inside a table, quote, callout, grid or list a heading is text of the section around it."""
    boxed = text(3, "内")
    quote, callout = other(34, "quote_container", {}, boxed), other(19, "callout", {}, boxed)
    grid = other(24, "grid", {}, other(25, "grid_column", {}, boxed))
    guide = to_guide(record(quote, callout, grid, table([[[boxed]]]), text(12, "项", boxed), text(3, "外")))
    assert [entry["text"] for entry in guide["outline"]] == ["外"]
    assert guide["sections"][0]["text"].count("内") == 5


def test_tables_assets_links_know_their_section() -> None:
    """What a program looks for is listed beside the text, with the place where it is."""
    mention = {"mention_user": {"user_id": "ou_1"}}
    links = para(run("链", link={"url": "https://e.com"}, bold=True), link("接", "https://e.com"), mention, mention)
    parts = [text(3, "一"), other(27, "image", {"token": "tok"}), text(3, "二"), table([["a"]]), links]
    guide = to_guide(record(*parts), MEDIA)
    assert (guide["assets"][0]["section"], guide["tables"][0]["section"]) == (1, 2)
    assert guide["sections"][1]["assets"] == [0]
    assert guide["links"] == [{"kind": "link", "text": "链接", "url": "https://e.com", "section": 2}]
    assert guide["mentions"] == [{"user_id": "ou_1", "name": None}]


# --- the contract's guide ---------------------------------------------------------------------------------------------


def test_the_constructed_guide_is_the_expected_one() -> None:
    """Markdown and JSON are those of the contract, to the byte."""
    contract = os.environ.get("LARKNB_CONTRACT")
    if not contract:
        pytest.skip("LARKNB_CONTRACT does not name the folder of the contract")
    folder = Path(contract) / "examples" / "docx"
    pages = [json.loads((folder / f"guide.blocks.page{n}.constructed.json").read_bytes()) for n in (1, 2, 3)]
    expected = json.loads((folder / "guide.expected-cache.json").read_bytes())
    info = json.loads((folder / "guide.documents_get.constructed.json").read_bytes())["data"]["document"]
    guide = to_guide(
        {"document": info, "blocks": [block for page in pages for block in page["data"]["items"]],
         "url": expected["url"], "wiki": None, "latest_modify_time": "1767000000"},
        {asset["token"]: {"file": asset["file"]} for asset in expected["assets"]},
        fetched_at=calendar.timegm(time.strptime(expected["fetched_at"], "%Y-%m-%dT%H:%M:%SZ")),
    )  # fmt: skip
    assert guide["markdown"].encode() == (folder / "guide.expected.md").read_bytes()
    assert guide == expected
    assert orjson.dumps(guide, option=orjson.OPT_INDENT_2) == (folder / "guide.expected-cache.json").read_bytes()


# --- trees that nobody wrote ------------------------------------------------------------------------------------------

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


@settings(max_examples=300, deadline=None)
@given(forests())
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
    for table in guide["tables"]:
        assert len({len(row) for row in table["rows"] or []}) <= 1


def _has_text(kind: Any) -> bool:
    """Say whether a block of this type is one that carries text, or one that nobody knows."""
    return kind in (2, *range(3, 18), 20, 21, 28, 29, 35, 36, 42, 51, 53, 54, 55, 999, -1, None, "2", 2.5, 0)


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


# --- hostile text -----------------------------------------------------------------------------------------------------

HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</table><script>", "<!-- -->", "<?php", "&lt;b&gt;",
    "![x](http://evil/x.png)", "[x](javascript:alert(1))", "[x]: http://evil", "`", "```\n<b>\n```", "~~~", "$$",
    "\n\n<div>\n\n", "a\n---\n# h", "| a |\n|---|", "\x00\x1b[31m\x9b\u2028<b>", '" onload="alert(1)', "--><script>",
]  # fmt: skip


def everywhere(words: str) -> dict[str, Any]:
    """A document that says something in every place where a document can."""
    token = {"token": words, "name": words, "caption": {"content": words}}
    known = {words: {"file": "media/a.png", "name": words}}
    parts = [
        para(words), para(run(words, bold=True), run(words, inline_code=True), link(words, words)), text(3, words),
        text(12, words, text(17, words)), text(13, words), text(14, words), text(15, words), para("!", link(words, "https://e")),
        text(16, {"equation": {"content": words}}), para("看", {"equation": {"content": words}}),
        para({"mention_doc": {"title": words, "url": words, "token": words}}, {"mention_user": {"user_id": words}}),
        other(19, "callout", {"emoji_id": words}, para(words)), other(34, "quote_container", {}, para(words)),
        table([[words, words], [words, ""]]), table([[words, [text(12, words), text(14, words)]]], merges={0: (1, 2)}),
        other(27, "image", token), other(23, "file", token), other(43, "board", token),
        other(27, "image", token | {"token": "no"}), other(26, "iframe", {"component": {"url": words}}),
        other(48, "link_preview", {"url": words}), other(41, "jira_issue", {"key": words}),
        other(50, "reference_synced", {"source_document_id": words, "source_block_id": words}),
        other(18, "bitable", {"token": f"{words}_{words}"}), other(30, "sheet", {"token": "Sht_id"}),
        other(40, "add_ons", MERMAID | {"record": json.dumps({"data": words})}),
    ]  # fmt: skip
    return record(*parts, title=words, url=words) | {
        "known": known, "tables": {"Sht_id": {"status": "ok", "rows": [[words], [words]], "problem": words}},
    }  # fmt: skip


class Tags(HTMLParser):
    """The tags and addresses of some HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses |= {value or "" for name, value in attrs if name in ("href", "src")}


OURS = {"a", "b", "blockquote", "br", "code", "div", "h1", "h2", "hr", "i", "img", "li", "ol", "p", "pre", "s", "span",
        "table", "td", "th", "tr", "u", "ul"}  # fmt: skip


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_text_is_no_html(words: str, tmp_path: Path) -> None:
    """In a notebook there are our tags alone, no event handler, and no address that runs something."""
    whole = everywhere(words)
    guide = to_guide(whole, whole["known"], whole["tables"])
    tags = Tags(Document(guide, tmp_path, record=lambda: whole)._repr_html_())
    assert tags.found <= OURS
    assert tags.attributes <= {"alt", "class", "colspan", "href", "rel", "rowspan", "src", "style", "target", "value"}
    assert not any(
        re.match(r"\s*(javascript|vbscript|data:text)", address, re.IGNORECASE) for address in tags.addresses
    )


def parsed(markdown: str) -> tuple[str, str, set[str]]:
    """Return what a reader of Markdown sees: its text, its raw HTML, and the addresses of links and images."""
    parser = pytest.importorskip("markdown_it").MarkdownIt("commonmark", {"html": True})
    text, html, addresses = [], [], set()
    waiting = [*reversed(parser.enable(["table", "strikethrough"]).parse(markdown))]
    while waiting:
        token = waiting.pop()
        addresses |= {str(token.attrs[name]) for name in ("href", "src") if name in token.attrs}
        if token.type in ("html_inline", "html_block"):
            html.append(token.content)
        elif token.type in ("text", "code_inline", "fence", "code_block"):
            text.append(token.content)
        waiting += reversed(token.children or [])
    return "".join(text), "".join(html), addresses


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_text_is_no_markdown(words: str) -> None:
    """It makes no tag, no image and no link of its own, wherever it stands."""
    whole = everywhere(words)
    _, html, addresses = parsed(to_guide(whole, whole["known"], whole["tables"])["markdown"])
    tags = Tags(html)
    assert tags.found <= {"a", "b", "br", "code", "img", "li", "pre", "table", "td", "th", "tr", "u", "ul"}
    assert tags.attributes <= {"alt", "colspan", "href", "src"}
    leading_away = [address for address in addresses if re.match(r"[a-z][a-z0-9+.-]*:|//", address, re.IGNORECASE)]
    assert all(address == "https://e" or address.startswith("feishu-") for address in leading_away)


PIECES = st.sampled_from(
    [
        *"ab1 \n*_`[]()!<>&#~$|\\-+=.:中，",
        "**",
        "~~",
        "](",
        "![",
        "<b>",
        "&lt;",
        "1. ",
        "- ",
        "> ",
        "```",
        "http://x",
        "__",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=15).map("".join))
def test_any_text_reads_back_as_itself(words: str) -> None:
    """In a paragraph, heading, list, quote or cell a reader of the Markdown sees the text, and nothing but text."""
    line = " ".join(words.split())
    if not line:
        return
    quote, cells = other(34, "quote_container", {}, para(words)), table([["x", "y"], [words, words]])
    whole = record(para(words), text(3, line), text(12, words, text(13, words)), quote, cells)
    seen, html, addresses = parsed(to_guide(whole)["markdown"])
    assert "".join(seen.split()) == "标题" + "".join(words.split()) * 5 + "xy" + "".join(words.split()) * 2
    assert set(re.findall("<[^>]*>", html)) <= {"<br>"}
    assert not addresses


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab<>&\"'()[]:/\\ \t\n%;`") | st.characters(), max_size=30))
def test_an_address_cannot_leave_its_link(url: str) -> None:
    """Whatever it holds, it neither ends the link nor starts a tag or an attribute."""
    address = safe_address(url)
    assert address is None or not set(address) & set(" \t\n<>()\"'`\\|[]")


@pytest.mark.parametrize("url", ["javascript:x", "JavaScript:x", "data:text/html,x", "vbscript:x", "file:///etc", ""])
def test_an_address_that_runs_something_is_no_link(url: str) -> None:
    """Only what opens a page, a mail or a document may be followed."""
    assert safe_address(url) is None


# --- what is the same -------------------------------------------------------------------------------------------------


def test_what_only_moved_the_revision_is_the_same_content() -> None:
    """A comment is no new content; a word, or a row of an embedded table, is."""
    before = to_guide(record(para("甲")), fetched_at=0.0)
    commented = record(para("甲"))
    commented["document"]["revision_id"] = 8
    assert same_content(before, to_guide(commented, fetched_at=60.0))
    assert not same_content(before, to_guide(record(para("乙"))))
    assert not same_content(embedded([["a"], [1]]), embedded([["a"], [2]]))
    boards = [to_guide(record(other(43, "board", {"token": "b"})), {"b": {"file": "media/b.png", "sha256": sha}})
              for sha in ("1", "2")]  # fmt: skip
    assert not same_content(*boards)


def test_blocks_are_compared_by_their_ids() -> None:
    """Hashes tell what was added, removed and changed."""
    before, after = (
        block_hashes(record(para("甲"), para("乙"))),
        block_hashes(record(para("甲"), para("丙"))),
    )
    assert before.keys() == after.keys()
    assert [key for key in before if before[key] != after[key]] == ["blk2"]


# --- the document in hand ---------------------------------------------------------------------------------------------

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def sample(folder: Path, **more: Any) -> Document:
    whole = record(
        para("前言"),
        text(3, "电机过热"),
        table([["部位", "阻值", "阻值"], ["定子", "> 100", "1"]]),
        other(27, "image", {"token": "tok", "caption": {"content": "测点"}}),
        other(23, "file", {"token": "fil", "name": "标定.xlsx"}),
        other(30, "sheet", {"token": "Sht_id"}),
        other(53, "reference_base"),
        title="过温指引",
    ) | {"url": "https://example.feishu.cn/docx/Doc"}
    known = {"tok": {"file": "media/tok.png", "name": "a.png", "mime": "image/png"},
             "fil": {"file": "media/fil.xlsx", "name": "标定.xlsx"}}  # fmt: skip
    (folder / "media").mkdir(exist_ok=True)
    for token, data in {"tok": PNG, "fil": b"x"}.items():
        (folder / known[token]["file"]).write_bytes(data)
    rows = {"Sht_id": {"status": "ok", "rows": [["编号"], [1], [2]]}}
    return Document(to_guide(whole, known, rows, fetched_at=1_768_000_000.0), folder, record=lambda: whole, **more)


def test_a_document_has_its_parts(tmp_path: Path) -> None:
    """Title, address, revision, time, outline, sections, tables and pictures are attributes."""
    document = sample(tmp_path)
    assert (document.title, document.revision, document.synced_at) == ("过温指引", 7, "2026-01-09T23:06:40Z")
    assert document.url == "https://example.feishu.cn/docx/Doc"
    assert document.markdown.startswith("# 过温指引\n\n前言\n")
    assert [entry["text"] for entry in document.outline] == ["电机过热"]
    assert document.sections[1]["path"] == ["过温指引", "电机过热"]
    assert document.images == [tmp_path / "media" / "tok.png"]
    assert document.to_dict()["schema"] == "larknb.guide/1"
    first, second = document.tables
    assert [*first.columns] == ["部位", "阻值", "阻值.2"]
    assert first.iloc[0].tolist() == ["定子", "> 100", "1"]
    assert second["编号"].tolist() == [1, 2]


def test_an_embedded_table_has_the_types_of_load(tmp_path: Path) -> None:
    """Where the cache gives its frame, that is the table."""
    frames = {"Sht_id": pd.DataFrame({"编号": pd.array([1, 2], "Int64")})}
    assert sample(tmp_path, frame=frames.__getitem__).tables[1] is frames["Sht_id"]


def test_a_document_finds_its_passages(tmp_path: Path) -> None:
    """``find`` is the search of one document."""
    hits = sample(tmp_path).find("定子")
    assert [hit.path for hit in hits] == ["电机过热"]
    assert hits[0].url == "https://example.feishu.cn/docx/Doc#blk2"
    assert not sample(tmp_path).find("没有")


def test_a_document_in_a_notebook(tmp_path: Path) -> None:
    """Readable HTML: headings, ruled tables, the picture, words for what cannot be shown, the theme's colours."""
    html = sample(tmp_path)._repr_html_()
    assert '<a href="https://example.feishu.cn/docx/Doc"' in html
    assert "<h1>电机过热</h1>" in html
    assert "<td style=" in html
    assert '<img src="data:image/png;base64,' in html
    assert "标定.xlsx" in html
    assert "unsupported block_type=53" in html
    assert "var(--jp-" in html
    assert "<script" not in html


def test_large_pictures_stay_out_of_the_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A saved notebook is not burdened with them: their caption and their file are named instead."""
    monkeypatch.setattr(document, "PICTURE", 10)
    html = sample(tmp_path)._repr_html_()
    assert "<img" not in html
    assert "测点" in html
    assert "tok.png" in html


def test_a_state_that_was_thinned_out_still_shows_its_text(tmp_path: Path) -> None:
    """A later sync may delete the blocks of a document in hand: its Markdown is there."""

    def gone() -> Mapping[str, Any]:
        raise FileNotFoundError

    document = Document(to_guide(record(para("<b>正文"))), tmp_path, record=gone)
    assert "<pre># 标题\n\n\\&lt;b&gt;正文" in document._repr_html_()


def test_an_embedded_table_shows_its_rows_in_a_notebook(tmp_path: Path) -> None:
    """The rows are a table below its name, which leads nowhere."""
    html = sample(tmp_path)._repr_html_()
    assert "<p>嵌入电子表格</p><table" in html
    assert ">编号</th>" in html


def test_a_document_in_a_terminal(tmp_path: Path) -> None:
    """Title, facts and text, with nothing that could rewrite the terminal."""
    shown = repr(sample(tmp_path))
    assert shown.startswith("过温指引\nhttps://example.feishu.cn/docx/Doc\nrevision 7")
    assert "定子 | > 100 | 1" in shown
    whole = record(*(para(f"第 {n} 步\x9b31m") for n in range(100)))
    long = repr(Document(to_guide(whole)))
    assert "\x9b" not in long
    assert "第 59 步" in long
    assert "第 60 步" not in long
    assert "the rest is in its markdown" in long
