"""The nodes of a document as Markdown.

What a document says is somebody else's text: nothing in it may become markup. Every character that would is escaped,
and an address becomes a link only if following it can do no more than open a page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from larknb.guides.forms import (
    SHOWN_ROWS,
    Asset,
    Cell,
    Code,
    Divider,
    Embedded,
    Heading,
    Item,
    Line,
    Marker,
    Math,
    Node,
    Paragraph,
    Picture,
    Quote,
    Span,
    Spans,
    Table,
    value_text,
)
from larknb.guides.html import Html
from larknb.guides.marks import ENTITY, Dialect, line_of, lines_of, math, runs, safe_address

__all__ = [
    "markdown",
]


def markdown(nodes: Sequence[Node]) -> str:
    """Return Markdown, without a final newline: nodes apart by a blank line, the items of a list close together."""
    texts = (_list(some) if isinstance(some, list) else _block(some) for some in runs(nodes))
    return "\n\n".join(text for text in texts if text)


def _list(items: Sequence[Item]) -> str:
    loose = any(not isinstance(child, Item) for item in items for child in item.children)
    return ("\n\n" if loose else "\n").join(map(_item, items))


def _item(item: Item) -> str:
    sign = {"ordered": f"{item.number}. ", "todo": f"- [{'x' if item.done else ' '}] "}.get(item.kind, "- ")
    gap = "\n" if all(isinstance(child, Item) for child in item.children) else "\n\n"
    text = gap.join(part for part in (_text(item.spans), markdown(item.children)) if part)
    indent = " " * (max(4, len(sign)) if item.kind == "ordered" else 4)
    return (sign + re.sub(r"\n(?!\n)", f"\n{indent}", text)).rstrip()


def _block(node: Node) -> str:
    match node:
        case Paragraph():
            return _text(node.spans)
        case Heading():
            line = " ".join(line_of(node.spans, MARKDOWN).split())
            return "#" * min(6, node.level) + " " + re.sub(r"(#+)$", r"\\\1", line)
        case Code():
            fence = "`" * max(3, max(map(len, re.findall("`+", node.text)), default=0) + 1)
            return f"{fence}{node.language}\n{node.text}\n{fence}"
        case Math():
            return math(" ".join(node.text.split()), "$$")
        case Quote():
            return _quote(node)
        case Divider():
            return "---"
        case Marker():
            return f"<!-- {node.text} -->"
        case Line():
            return _link(_escaped(node.label), node.target)
        case Picture():
            return _picture(node.asset)
        case Embedded():
            return _embedded(node)
        case Table():
            return _pipes(node) if _is_plain(node) else Html().table(node)
        case Item():
            return _item(node)


def _quote(quote: Quote) -> str:
    inside = markdown(quote.children)
    if quote.emoji:
        # Only a paragraph may begin with the emoji: before a list or a fence it would undo them.
        begins = bool(quote.children) and isinstance(quote.children[0], Paragraph)
        inside = f"{_escaped(quote.emoji)}{' ' if begins else chr(10) * 2}{inside}".rstrip()
    return "\n".join(f"> {line}" if line else ">" for line in inside.split("\n"))


def _picture(asset: Asset) -> str:
    caption = _escaped(" ".join((asset.caption or "").split()))
    if asset.file:
        return f"![{caption or (asset.label if asset.kind == 'board' else '')}]({safe_address(asset.file)})"
    return _link(f"{asset.label}：{caption}" if caption else asset.label, asset.target)


def _embedded(table: Embedded) -> str:
    place = "/".join(part for part in (table.holder, table.table) if part)
    link = _link(table.label, f"feishu-{table.source}:{place}" if place else "")
    if not table.rows:
        return link
    head, *rest = [[_in_cell([Span(value_text(value))]) for value in row] for row in table.rows[: SHOWN_ROWS + 1]]
    left = len(table.rows) - 1 - len(rest)
    return "\n\n".join([link, _piped(head, rest), *([f"（另有 {left} 行）"] if left else [])])


def _is_plain(table: Table) -> bool:
    """Say whether a pipe table can hold it: no merged cells, and nothing but paragraphs in them."""
    cells = [cell for row in table.cells for cell in row]
    return all(cell.is_single and all(isinstance(child, Paragraph) for child in cell.children) for cell in cells)


def _pipes(table: Table) -> str:
    def text(cell: Cell) -> str:
        return "<br>".join(_in_cell(child.spans) for child in cell.children if isinstance(child, Paragraph))

    head, *rest = [[text(cell) for cell in row] for row in table.cells]
    return _piped(head, rest)


def _piped(head: Sequence[str], rest: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rest])


# --- text -----------------------------------------------------------------------------------------------------------

_SPECIAL = re.compile(
    r"[\\`*\[\]]"
    r"|<(?=[A-Za-z/!?]|$)"
    r"|&(?=#?\w+;)"
    r"|~(?!\s)|(?<!\s)~"  # many readers strike what is between two single ones, too: 10~20 V, 3~4 A
    r"|\$(?!\s)|(?<!\s)\$"
    r"|(?<![^\W_])_|_(?![^\W_])"  # inside a word it means nothing
)
_AT_START = re.compile(
    r"(?P<sign>#{1,6}|[-+])(?=\s|$)"
    r"|(?P<any>>)"
    r"|(?P<line>=+\s*$|[|:-][|:\s-]*$)"
    r"|(?P<number>[0-9]{1,9})(?=[.)](?:\s|$))"
)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text)


def _started(line: str) -> str:
    """Escape what would make a line a heading, a quote, a list item, a rule or the ruler of a table."""
    found = _AT_START.match(line)
    if found is None:
        return line
    return f"{found[0]}\\{line[found.end() :]}" if found["number"] else f"\\{line}"


def _code(text: str) -> str:
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _marked(mark: str, text: str) -> str:
    sign = {"strike": "~~", "italic": "*", "bold": "**"}.get(mark)
    return f"{sign}{text}{sign}" if sign else f"<u>{text}</u>"


def _link(label: str, url: str) -> str:
    if not url:
        return f"[{label}]"
    address = safe_address(url)
    if address is None:
        return f"{label} ({_escaped(url)})" if label else _escaped(url)
    address = ENTITY.sub(r"\&", address)
    return f"[{label or _escaped(url)}]({address})"


def _joined(parts: Sequence[str]) -> str:
    """Put pieces side by side: ``!`` before a link would be an image, ``<`` before a letter a tag, two fences one."""
    text = ""
    for part in parts:
        if (text.endswith("!") and part.startswith("[")) or (text.endswith("<") and re.match(r"[A-Za-z/!?]", part)):
            text = f"{text[:-1]}\\{text[-1]}"
        elif text[-1:] in ("`", "$") and part.startswith(text[-1]):
            text += " "
        text += part
    return text


MARKDOWN = Dialect(_escaped, _code, math, _marked, _link, _joined)


def _text(spans: Spans) -> str:
    """Return a paragraph of Markdown."""
    text = "  \n".join(_started(line) for line in lines_of(spans, MARKDOWN)).strip()
    return re.sub(r"\n  (?=\n)|  (?=\n  \n)", lambda found: "\n" if found[0][0] == "\n" else "", text)


def _in_cell(spans: Spans) -> str:
    """Return text of a pipe table: on one line, its pipes escaped."""
    return "<br>".join(line for line in lines_of(spans, MARKDOWN) if line).replace("|", r"\|")
