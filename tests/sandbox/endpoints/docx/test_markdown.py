"""The platform's own Markdown."""

from __future__ import annotations

from larknb.sandbox import Docx, Sandbox
from larknb.sandbox.blocks import (
    at,
    bold,
    bullet,
    callout,
    code,
    divider,
    doc,
    file,
    heading,
    image,
    italic,
    link,
    mono,
    ordered,
    quote,
    reference,
    reminder,
    struck,
    synced,
    table,
    text,
    todo,
)

from ...conftest import ID, Api, outcome


def test_the_platforms_own_markdown(api: Api, box: Sandbox, guide: Docx) -> None:
    """As far as the documented example tells: no pictures, links still encoded, tables as HTML."""
    user = box.tenant.users[0]
    parts = [
        heading(1, "文本"),
        text(bold("粗"), " ", italic("斜"), struck("划"), mono("x"), "*"),
        text(link("平台", "https://example.com"), " ", doc(guide), " ", at(user), reminder(user, 1_714_203_000_000)),
        bullet("一", bullet("二", ordered("甲"), ordered("乙"))),
        code('greet("x")\n', "javascript"),
        quote("引", "用"),
        todo("做", done=True),
        divider(),
        table([["头"], [bullet("值")]]),
        callout("注意"),
        image("img"),
        file("fil", "表.xlsx"),
        synced("公共", text("原文")),
        reference(ID, "x"),
    ]
    other_guide = box.tenant.add_document("导出", parts, "GuideOfTheTests000000000002")
    query = {"doc_token": other_guide.document_id, "doc_type": "docx", "content_type": "markdown"}
    content = api.data("/docs/v1/content", **query)["content"]
    assert content == "\n\n".join(
        [
            "# 导出",
            "# 文本",
            r"**粗** *斜*~~划~~`x`\*",
            f"[平台](https%3A%2F%2Fexample.com) [指引](https://example.feishu.cn/docx/{ID}) @王敏⏰2024-04-27 15:30",
            "- 一",
            "    - 二",
            "        1. 甲",
            "        2. 乙",
            '```JavaScript\ngreet("x")\n```',
            "> 引\n> \n> 用",
            "* [x] ~~做~~",
            "---",
            "<table><tbody>\n<tr>\n<td>\n\n头\n\n</td>\n</tr>\n<tr>\n<td>\n\n- 值\n\n</td>\n</tr>\n</tbody></table>",
            '<div class="callout">',
            "注意",
            "</div>",
            r"\[表.xlsx\]",
            "原文\n",
        ]
    )
    assert outcome(api.get("/docs/v1/content", **query | {"doc_type": "doc"})) == (400, 2889904)
    assert outcome(api.get("/docs/v1/content", **query | {"doc_token": "x" * 27})) == (400, 2889914)
    box.max_response_bytes = 5
    assert outcome(api.get("/docs/v1/content", **query)) == (500, 2889925)
    other_guide.readers = set()
    assert outcome(api.get("/docs/v1/content", **query)) == (403, 2889902)
    box.tenant.remove(other_guide)
    assert outcome(api.get("/docs/v1/content", **query)) == (403, 2889906)
