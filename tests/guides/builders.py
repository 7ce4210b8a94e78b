"""Documents as the server sends them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from larknb.guides.guide import to_guide
from larknb.guides.schema import Guide

DOC = "DocTest0000000000000000001"
NAMES = {1: "page", 2: "text", 12: "bullet", 13: "ordered", 14: "code", 15: "quote", 16: "equation", 17: "todo"} | {
    level + 2: f"heading{level}" for level in range(1, 10)
}
Block = dict[str, Any]
Nested = tuple[Block, list["Nested"]]
MEDIA = {"tok": {"file": "media/tok.png", "name": "图.png"}}
MERMAID = {"component_type_id": "blk_631fefbbae02400430b8f9f4", "record": '{"data": "graph TD\\nA-->B"}'}


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


def embedded(rows: list[list[Any]] | None, status: str = "ok", **more: Any) -> Guide:
    return to_guide(record(other(30, "sheet", {"token": "Sht_id"})),
                    tables={"Sht_id": {"status": status, "rows": rows, **more}})  # fmt: skip


# --- hostile text ---------------------------------------------------------------------------------------------------

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
