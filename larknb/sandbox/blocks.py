"""Blocks of a document, written the way one reads them.

::

    page(
        "电机过热",
        heading(1, "故障现象"),
        text("上报 ", bold("P0A1F-00"), "，见 ", link("说明", "https://example.com/p0a1f")),
        ordered("断开高压", bullet("等待 5 min"), image(token, caption="测量点")),
        table([["部位", "阻值"], ["定子", "> 100"], ["", "< 0.5"]], merges=[(2, 1, 2, 1)]),
    )

What a function is given in its place is text where it is a ``str`` or an `Element`, and a child where it is a `Block`.
Tokens, lists of cells and ids are put in when the blocks become part of a document.
"""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

TEXT_KEYS = {1: "page", 2: "text", 12: "bullet", 13: "ordered", 14: "code", 15: "quote", 16: "equation", 17: "todo"} | {
    level + 2: f"heading{level}" for level in range(1, 10)
}
MENTIONED = {"docx": 22, "sheet": 3, "bitable": 8, "wiki": 16}  # numbers of the kinds of document in a mention
UNMARKED = dict.fromkeys(("bold", "inline_code", "italic", "strikethrough", "underline"), False)
DRAWING = "blk_631fefbbae02400430b8f9f4"  # the add-on whose record holds a drawing as text

# The platform's numbers of languages start at 1, in this order.
NAMES = (
    "plaintext abap ada apache apex assembly bash csharp cpp c cobol css coffeescript d dart delphi django dockerfile "
    "erlang fortran foxpro go groovy html htmlbars http haskell json java javascript julia kotlin latex lisp logo lua "
    "matlab makefile markdown nginx objectivec openedge-abl php perl postscript powershell prolog protobuf python r "
    "rpg ruby rust sas scss sql scala scheme scratch shell swift thrift typescript vbscript vbnet xml yaml cmake diff "
    "gherkin graphql glsl properties solidity toml"
)
LANGUAGES = NAMES.split()


@dataclass(frozen=True)
class Element:
    """A piece of text in a line: a run, a mention, a reminder, ..."""

    kind: str
    payload: dict[str, Any]

    def item(self) -> dict[str, Any]:
        """Element as a document serves it."""
        return {self.kind: self.payload}


@dataclass(frozen=True)
class Block:
    """One block with its children; ``payload`` lies under ``key``."""

    type: int
    key: str
    payload: dict[str, Any] = field(default_factory=dict)
    children: tuple[Block, ...] = ()
    block_id: str = ""

    def named(self, block_id: str) -> Block:
        """The same block under an id of one's choice."""
        return replace(self, block_id=block_id)

    def items(self, parent_id: str, new_id: Callable[[], str]) -> Iterator[dict[str, Any]]:
        """Block and its descendants as a document serves them, each before its children."""
        block_id = self.block_id or new_id()
        children = [list(child.items(block_id, new_id)) for child in self.children]
        ids, payload = [child[0]["block_id"] for child in children], self.payload
        if self.key == "table":
            payload = {"cells": ids, **payload}
        item = {"block_id": block_id, "block_type": self.type, "parent_id": parent_id, self.key: payload}
        yield item | ({"children": ids} if ids else {})
        for child in children:
            yield from child


Part = str | Element | Block
Rows = Sequence[Sequence[Part | Sequence[Part]]]

# What can be named in a document -------------------------------------------------------------------------------------


class Person(Protocol):
    """A person, such as a `User`."""

    open_id: str


class Named(Protocol):
    """A document of any kind; ``path`` is the first segment of its URL."""

    kind: str
    path: str
    token: str
    name: str


class Worksheet(Protocol):
    """A worksheet, such as a `Sheet`."""

    sheet_id: str

    @property
    def spreadsheet(self) -> Named:
        """Spreadsheet that it is in."""


class Tabular(Protocol):
    """A table of a Bitable."""

    table_id: str


# Text in a line ------------------------------------------------------------------------------------------------------


def run(content: str, **style: Any) -> Element:
    """A run of text with any members of its style: ``bold``, ``text_color``, ``comment_ids``, ..."""
    return Element("text_run", {"content": content, "text_element_style": UNMARKED | style})


def bold(part: str | Element) -> Element:
    """Bold text; marks may be nested."""
    return _marked(part, bold=True)


def italic(part: str | Element) -> Element:
    """Italic text."""
    return _marked(part, italic=True)


def struck(part: str | Element) -> Element:
    """Text that is struck through."""
    return _marked(part, strikethrough=True)


def underlined(part: str | Element) -> Element:
    """Underlined text."""
    return _marked(part, underline=True)


def mono(part: str | Element) -> Element:
    """Code in a line."""
    return _marked(part, inline_code=True)


def link(part: str | Element, url: str, *, encoded: bool = True) -> Element:
    """Text that leads somewhere; addresses are percent-encoded as a whole, though not always."""
    return _marked(part, link={"url": _url(url, encoded=encoded)})


def at(user: Person) -> Element:
    """Mention of a person, whose name is not in the data."""
    return Element("mention_user", {"user_id": user.open_id, "text_element_style": UNMARKED})


def doc(document: Named, *, url: str | None = None, title: str | None = None, encoded: bool = True) -> Element:
    """Mention of a document."""
    address = url or f"https://example.feishu.cn/{document.path}/{document.token}"
    payload = {
        "obj_type": MENTIONED[document.kind],
        "text_element_style": UNMARKED,
        "title": document.name if title is None else title,
        "token": document.token,
        "url": _url(address, encoded=encoded),
    }
    return Element("mention_doc", payload)


def reminder(user: Person, expires_ms: int, *, whole_day: bool = False) -> Element:
    """Reminder at a time in milliseconds, which the platform writes as text."""
    times = {"expire_time": str(expires_ms), "notify_time": str(expires_ms)}
    return Element("reminder", {"create_user_id": user.open_id, "is_notify": True, "is_whole_day": whole_day, **times})


def formula(content: str) -> Element:
    """Formula in a line."""
    return Element("equation", {"content": content, "text_element_style": UNMARKED})


def attached(file_token: str, block_id: str) -> Element:
    """File in a line, whose name is in the block that it came from."""
    return Element("file", {"file_token": file_token, "source_block_id": block_id})


def inline(block_id: str) -> Element:
    """Block in a line."""
    return Element("inline_block", {"block_id": block_id})


def _marked(part: str | Element, **style: Any) -> Element:
    whole = run(part) if isinstance(part, str) else part
    marks = {**whole.payload.get("text_element_style", {}), **style}
    return Element(whole.kind, {**whole.payload, "text_element_style": marks})


def _url(url: str, *, encoded: bool) -> str:
    return urllib.parse.quote(url, safe="") if encoded else url


# Blocks of text ------------------------------------------------------------------------------------------------------


def _text(kind: int, parts: Sequence[Part], **style: Any) -> Block:
    elements = [run(part) if isinstance(part, str) else part for part in parts if not isinstance(part, Block)]
    items, looks = [one.item() for one in elements or [run("")]], {"align": 1, "folded": False, **style}
    children = tuple(part for part in parts if isinstance(part, Block))
    return Block(kind, TEXT_KEYS[kind], {"elements": items, "style": looks}, children)


def page(title: str, *blocks: Block) -> Block:
    """A whole document."""
    return _text(1, (title, *blocks))


def text(*parts: Part) -> Block:
    """A paragraph."""
    return _text(2, parts)


def heading(level: int, *parts: Part) -> Block:
    """A heading of level 1 to 9."""
    return _text(level + 2, parts)


def bullet(*parts: Part) -> Block:
    """An item of a list without numbers."""
    return _text(12, parts)


def ordered(*parts: Part, sequence: str | None = "auto") -> Block:
    """An item of a numbered list: ``auto``, a number, or nothing about it as in old documents."""
    return _text(13, parts, **({} if sequence is None else {"sequence": sequence}))


def code(content: str, language: str = "plaintext", *, wrap: bool = False) -> Block:
    """A block of code."""
    block = _text(14, (content,))
    return replace(block, payload={**block.payload, "style": {"language": LANGUAGES.index(language) + 1, "wrap": wrap}})


def old_quote(*parts: Part) -> Block:
    """A quote in the form that old documents have."""
    return _text(15, parts)


def equation(content: str) -> Block:
    """A formula that stands alone."""
    return _text(16, (formula(content),))


def todo(*parts: Part, done: bool = False) -> Block:
    """A task with a box to tick."""
    return _text(17, parts, done=done)


# Blocks that hold blocks ---------------------------------------------------------------------------------------------


def _as_blocks(parts: Sequence[Part]) -> tuple[Block, ...]:
    return tuple(part if isinstance(part, Block) else text(part) for part in parts)


def callout(*parts: Part, emoji: str = "bulb", color: int = 2) -> Block:
    """A coloured box; each ``str`` is a paragraph of it."""
    payload = {"background_color": color, "border_color": color, "emoji_id": emoji}
    return Block(19, "callout", payload, _as_blocks(parts))


def quote(*parts: Part) -> Block:
    """A quote; each ``str`` is a paragraph of it."""
    return Block(34, "quote_container", {}, _as_blocks(parts))


def grid(*columns: Part | Sequence[Part]) -> Block:
    """Columns side by side."""
    wholes = [(column,) if isinstance(column, (str, Element, Block)) else column for column in columns]
    ratio = 100 // len(wholes)
    cells = [Block(25, "grid_column", {"width_ratio": ratio}, _as_blocks(whole)) for whole in wholes]
    return Block(24, "grid", {"column_size": len(wholes)}, tuple(cells))


def table(
    rows: Rows,
    *,
    header_row: bool = True,
    header_column: bool = False,
    merges: Sequence[tuple[int, int, int, int]] = (),
) -> Block:
    """A table; a cell is text, a block, or several of them, and a merge is row and column from 1, then how many."""
    width = max(len(row) for row in rows)
    cells = [cell for row in rows for cell in [*row, *[""] * (width - len(row))]]
    spans = [{"row_span": 1, "col_span": 1} for _ in cells]
    for row, column, down, across in merges:
        spans[(row - 1) * width + column - 1] = {"row_span": down, "col_span": across}
    wholes = [(cell,) if isinstance(cell, (str, Element, Block)) else cell for cell in cells]
    shape = {
        "row_size": len(rows),
        "column_size": width,
        "column_width": [160] * width,
        "header_row": header_row,
        "header_column": header_column,
        "merge_info": spans,
    }
    children = tuple(Block(32, "table_cell", {}, _as_blocks(whole)) for whole in wholes)
    return Block(31, "table", {"property": shape}, children)


def synced(title: str, *blocks: Block) -> Block:
    """The original of a block that other documents repeat."""
    return Block(49, "source_synced", {"align": 1, "elements": [run(title).item()]}, blocks)


# Blocks that stand for something else --------------------------------------------------------------------------------


def divider() -> Block:
    """A line."""
    return Block(22, "divider")


def image(token: str, width: int = 640, height: int = 360, *, caption: str | None = None) -> Block:
    """A picture from the media."""
    payload: dict[str, Any] = {"align": 2, "height": height, "token": token, "width": width}
    return Block(27, "image", payload if caption is None else payload | {"caption": {"content": caption}})


def file(token: str, name: str) -> Block:
    """A file from the media, shown as a card."""
    return Block(33, "view", {"view_type": 1}, (Block(23, "file", {"name": name, "token": token}),))


def board(token: str, width: int = 820, height: int = 460) -> Block:
    """A drawing board."""
    return Block(43, "board", {"align": 1, "height": height, "token": token, "width": width})


def sheet(worksheet: Worksheet) -> Block:
    """A worksheet inside the document."""
    return Block(30, "sheet", {"token": f"{worksheet.spreadsheet.token}_{worksheet.sheet_id}"})


def bitable(base: Named, table: Tabular) -> Block:
    """A table of a Bitable inside the document."""
    return Block(18, "bitable", {"token": f"{base.token}_{table.table_id}", "view_type": 1})


def iframe(url: str, *, kind: int = 99, encoded: bool = True) -> Block:
    """A page of the web."""
    return Block(26, "iframe", {"component": {"iframe_type": kind, "url": _url(url, encoded=encoded)}})


def drawing(source: str) -> Block:
    """A drawing that is written as Mermaid text."""
    record = json.dumps({"data": source, "theme": "default", "view": "codeChart"}, ensure_ascii=False)
    return Block(40, "add_ons", {"component_id": "", "component_type_id": DRAWING, "record": record})


def reference(document_id: str, block_id: str) -> Block:
    """The repetition of a block of some other document, without its content."""
    return Block(50, "reference_synced", {"source_block_id": block_id, "source_document_id": document_id})


def other(kind: int, key: str = "undefined", payload: dict[str, Any] | None = None, *children: Block) -> Block:
    """Any other block."""
    return Block(kind, key, payload or {}, children)
