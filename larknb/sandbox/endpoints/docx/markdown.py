"""The platform's own Markdown of a document, as far as its one documented example tells.

It has neither pictures nor embedded tables nor repeated blocks, merges of cells are not shown, and addresses of links
stay percent-encoded: nobody should build on it.
"""

from __future__ import annotations

import datetime as dt
import re
import urllib.parse
from collections.abc import Callable, Iterable

from larknb.sandbox.blocks import LANGUAGES
from larknb.sandbox.world.docx import PAGE, Docx, Item, elements_of

NameOf = Callable[[str], str]
SPECIAL = re.compile(r"([\\`*\[\]()])")
SHOWN_NAMES = {"javascript": "JavaScript", "cpp": "C++", "csharp": "C#", "plaintext": "Plain Text"}
CHINA = dt.timezone(dt.timedelta(hours=8))
TEXT, HEADING, BULLET, ORDERED, CODE, QUOTE, EQUATION, TODO = 2, 3, 12, 13, 14, 15, 16, 17
CALLOUT, DIVIDER, FILE, GRID, GRID_COLUMN, TABLE, TABLE_CELL, VIEW, QUOTES = 19, 22, 23, 24, 25, 31, 32, 33, 34
SYNCED, AGENDA = 49, (44, 45, 47)


def to_markdown(document: Docx, name_of: NameOf) -> str:
    """Markdown of the whole document."""
    return "\n\n".join(_Writer(document, name_of).lines(document.document_id)) + "\n"


class _Writer:
    def __init__(self, document: Docx, name_of: NameOf) -> None:
        self._items = {item["block_id"]: item for item in document.blocks}
        self._name_of = name_of
        self._seen: set[str] = set()

    def lines(self, block_id: str) -> list[str]:
        """Paragraphs of a block and of what is below it."""
        item = self._items.get(block_id)
        if item is None or block_id in self._seen:
            return []
        self._seen.add(block_id)
        kind = item["block_type"]
        if kind == PAGE or HEADING <= kind < BULLET:
            own = [f"{'#' * max(1, kind - 2)} {self._text(item)}"]
        elif kind in (TEXT, EQUATION):
            own = [self._text(item)]
        elif kind == FILE:
            own = [rf"\[{_escaped(str(item['file'].get('name', '')))}\]"]
        else:
            return self._framed(item, kind)
        return [*filter(None, own), *self._below(item)]

    def _framed(self, item: Item, kind: int) -> list[str]:
        """Paragraphs of a block that does something to what is below it."""
        if kind in (BULLET, ORDERED):
            mark = "-" if kind == BULLET else f"{self._number(item)}."
            return [f"{mark} {self._text(item)}", *_indented(self._below(item))]
        if kind == TODO:
            box = "x" if item["todo"].get("style", {}).get("done") else " "
            return [f"* [{box}] ~~{self._text(item)}~~", *_indented(self._below(item))]
        if kind == CODE:
            language = LANGUAGES[item["code"].get("style", {}).get("language", 1) - 1]
            content = "".join(str(inner.get("content", "")) for _, inner in elements_of(item))
            return [f"```{SHOWN_NAMES.get(language, language.capitalize())}\n{content.rstrip()}\n```"]
        if kind in (QUOTE, QUOTES):
            own = [self._text(item)] if kind == QUOTE else []
            return ["> " + "\n> ".join("\n\n".join([*own, *self._below(item)]).split("\n"))]
        if kind == TABLE:
            return [self._table(item)]
        if kind == GRID:
            return [f"<table><tbody>{_row(self._cell(child) for child in self._children(item))}</tbody></table>"]
        if kind == CALLOUT:
            return ['<div class="callout">', *self._below(item), "</div>"]
        if kind == DIVIDER:
            return ["---"]
        return self._below(item) if kind in (GRID_COLUMN, TABLE_CELL, VIEW, SYNCED, *AGENDA) else []

    def _children(self, item: Item) -> list[str]:
        return list(item.get("children") or [])

    def _below(self, item: Item) -> list[str]:
        return [line for child in self._children(item) for line in self.lines(child)]

    def _number(self, item: Item) -> int:
        """Place among the numbered siblings."""
        siblings = self._children(self._items.get(item["parent_id"], {}))
        numbered = [one for one in siblings if self._items.get(one, {}).get("block_type") == ORDERED]
        return numbered.index(item["block_id"]) + 1 if item["block_id"] in numbered else 1

    def _table(self, item: Item) -> str:
        shape, cells = item["table"]["property"], [self._cell(one) for one in item["table"]["cells"]]
        width = shape["column_size"]
        rows = [_row(cells[start : start + width]) for start in range(0, len(cells), width)]
        return "<table><tbody>\n" + "\n".join(rows) + "\n</tbody></table>"

    def _cell(self, block_id: str) -> str:
        return "\n\n".join(["<td>", *self.lines(block_id), "</td>"])

    def _text(self, item: Item) -> str:
        return "".join(self._element(kind, inner) for kind, inner in elements_of(item))

    def _element(self, kind: str, inner: Item) -> str:
        if kind == "text_run":
            return _run(inner)
        if kind == "mention_user":
            return f"@{self._name_of(str(inner.get('user_id')))}"
        if kind == "mention_doc":
            return f"[{inner.get('title', '')}]({urllib.parse.unquote(str(inner.get('url', '')))})"
        if kind == "reminder":
            moment = dt.datetime.fromtimestamp(int(inner["expire_time"]) / 1000, CHINA)
            return f"⏰{moment:%Y-%m-%d %H:%M}"
        if kind == "equation":
            return f"${str(inner.get('content', '')).strip()}$"
        return ""


def _escaped(text: str) -> str:
    return SPECIAL.sub(r"\\\1", text)


def _run(inner: Item) -> str:
    text, style = str(inner.get("content", "")), inner.get("text_element_style") or {}
    text = f"`{text}`" if style.get("inline_code") else _escaped(text)
    for name, mark in (("strikethrough", "~~"), ("italic", "*"), ("bold", "**")):
        text = f"{mark}{text}{mark}" if style.get(name) else text
    address = (style.get("link") or {}).get("url")
    return f"[{text}]({address})" if address else text


def _indented(paragraphs: Iterable[str]) -> list[str]:
    return ["\n".join(f"    {line}" if line else "" for line in paragraph.split("\n")) for paragraph in paragraphs]


def _row(cells: Iterable[str]) -> str:
    return "\n".join(["<tr>", *cells, "</tr>"])
