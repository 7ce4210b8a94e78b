"""The Markdown of a document."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from larknb.guides.guide import to_guide
from tests.guides.builders import (
    HOSTILE,
    MEDIA,
    Tags,
    everywhere,
    link,
    markdown,
    other,
    para,
    record,
    run,
    table,
    text,
)


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
        ([{"mention_user": {"user_id": "ou_a1"}}], "@unnamed"),
        ([{"mention_user": {"user_id": "ou_a1", "name": "张三"}}], "@张三"),
        ([{"link_preview": {"title": "缺陷", "url": "https%3A%2F%2Fe.com%2F1", "url_type": "Project"}}],
         "[缺陷](https://e.com/1)"),
        ([{"link_preview": {"url": "https://e.com", "text_element_style": {"bold": True}}}],
         "[**https://e.com**](https://e.com)"),
        ([{"link_preview": {"title": "只有标题"}}, {"link_preview": {}}], "只有标题"),
        ([{"later": {"title": "新", "url": "https%3A%2F%2Fe.com", "text_element_style": {"italic": True}}}],
         "[*新*](https://e.com)"),
        ([{"later": {"url": "https://e.com"}}], "[https://e.com](https://e.com)"),
        ([{"later": {"name": "甲", "token": "Tok1", "more": {"text": "乙"}}}], "甲 `Tok1` 乙"),
        ([{"later": "字"}, {"later_id": "76"}, {"later": None}, {"later": {"user_id": "ou_1"}}], "字"),
        ([{"text_run": {"content": "甲"}, "later": {"text": "乙"}}], "甲乙"),
        ([{"text_run": {"content": "甲", "note": {"text": "批注"}}}], "甲 批注"),
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
def test_each_text_element_has_its_form(parts: list[Any], expected: str) -> None:
    """The contract's rules for marks, links, mentions and escaping, one line each."""
    assert markdown(para(*parts), media=MEDIA) == expected


def test_lists_are_tight_unless_something_else_is_in_them() -> None:
    """Items stand close; a paragraph in one of them moves its list apart, and is indented below its item."""
    tight = markdown(text(12, "甲", text(12, "子", text(13, "孙"))), text(12, "乙"))
    assert tight == "- 甲\n    - 子\n        1. 孙\n- 乙"
    loose = markdown(text(12, "甲", para("段"), text(14, "x\n\ny")), text(12, "乙"))
    assert loose == "- 甲\n\n    段\n\n    ```\n    x\n\n    y\n    ```\n\n- 乙"


def test_lists_of_two_kinds_stand_apart() -> None:
    """A new kind of list begins after a blank line."""
    assert markdown(text(12, "甲"), text(13, "一"), text(17, "做")) == "- 甲\n\n1. 一\n\n- [ ] 做"


def test_a_plain_table_is_a_pipe_table() -> None:
    """Paragraphs of a cell are joined, pipes escaped; the first row is the header line whether it is one or not."""
    rows: list[list[Any]] = [["部位", "a|b"], [[para(""), para("甲"), para("乙\n丙")], ""]]
    expected = "| 部位 | a\\|b |\n| --- | --- |\n| 甲<br>乙<br>丙 |  |"
    assert markdown(table(rows)) == markdown(table(rows, header=False)) == expected


# --- hostile text ---------------------------------------------------------------------------------------------------


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
