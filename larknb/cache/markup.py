"""The forms of a guide as Markdown and as HTML.

What a document says is somebody else's text: nothing in it may become markup. Every character that would is escaped,
and an address becomes a link only if following it can do no more than open a page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from larknb.cache.forms import (
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
    plain,
    shown,
)

__all__ = ["Html", "markdown", "safe_address"]

OURS = ("feishu-sheet", "feishu-bitable", "feishu-media", "feishu-board")  # schemes that nothing opens
SCHEMES = frozenset({"http", "https", "mailto", "tel", "ftp", "feishu", "lark", *OURS})

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_UNSAFE = re.compile(r"""[\x00-\x20\x7f<>()\[\]"'`\\|]""")
_ENTITY = re.compile(r"&(?=#?\w+;)")


def safe_address(url: str) -> str | None:
    """Return an address as a link may name it, or None for one that a click must not follow (``javascript:``)."""
    scheme = _SCHEME.match(url)
    if not url or (scheme and scheme[1].lower() not in SCHEMES):
        return None
    return _UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}", url)


# --- text with marks ----------------------------------------------------------------------------------------------

MARKS = ("link", "underline", "bold", "italic", "strike")  # from the outside in; code is inside of them all


@dataclass(frozen=True)
class _Dialect:
    """How one markup language writes text, code, formulas, a mark around something, and one thing after another."""

    text: Callable[[str], str]
    code: Callable[[str], str]
    math: Callable[[str], str]
    mark: Callable[[str, str], str]
    link: Callable[[str, str], str]
    join: Callable[[Sequence[str]], str]


def _line(spans: Spans, dialect: _Dialect, depth: int = 0) -> str:
    """Return one line of text: neighbours that share a mark share its signs."""
    if depth == len(MARKS):
        alike = groupby(spans, key=lambda span: (span.math, span.style.code))
        return dialect.join([_piece(plain(some), dialect, math=math, code=code) for (math, code), some in alike])
    mark = MARKS[depth]
    parts: list[str] = []
    for value, some in groupby(spans, key=lambda span: getattr(span.style, mark)):
        inside = _line(list(some), dialect, depth + 1)
        core = inside.strip()
        if not value or (not core and mark != "link"):
            parts.append(inside)
            continue
        # Signs next to a blank would not be read as marks.
        before, after = inside[: len(inside) - len(inside.lstrip())], inside[len(inside.rstrip()) :] if core else ""
        parts.append(before + (dialect.link(core, value) if mark == "link" else dialect.mark(mark, core)) + after)
    return dialect.join(parts)


def _piece(text: str, dialect: _Dialect, *, math: bool, code: bool) -> str:
    if math:
        return dialect.math(text)
    if not code or not (core := text.strip()):
        return dialect.text(text)
    before, _, after = text.partition(core)
    return before + dialect.code(core) + after


def _lines(spans: Spans, dialect: _Dialect) -> list[str]:
    """Return text line by line; a mark never reaches over a line's end."""
    split: list[list[Span]] = [[]]
    for span in spans:
        first, *rest = span.text.split("\n")
        split[-1].append(_part(span, first))
        split += [[_part(span, text)] for text in rest]
    return [_line([span for span in line if span.text], dialect).strip() for line in split]


def _part(span: Span, text: str) -> Span:
    return Span(text, span.style, span.math)


# --- Markdown -----------------------------------------------------------------------------------------------------

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


def _math(text: str, sign: str = "$") -> str:
    """Return a formula; a blank, which means nothing in it, keeps a reader without math from seeing a tag or link."""
    text = re.sub(r"<(?=[A-Za-z/!?])|\](?=[(\[])", r"\g<0> ", text)
    return sign + re.sub(r"(?<!\\)\$", r"\\$", text) + sign if text else ""


def _marked(mark: str, text: str) -> str:
    sign = {"strike": "~~", "italic": "*", "bold": "**"}.get(mark)
    return f"{sign}{text}{sign}" if sign else f"<u>{text}</u>"


def _link(label: str, url: str) -> str:
    if not url:
        return f"[{label}]"
    address = safe_address(url)
    if address is None:
        return f"{label} ({_escaped(url)})" if label else _escaped(url)
    address = _ENTITY.sub(r"\&", address)
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


MARKDOWN = _Dialect(_escaped, _code, _math, _marked, _link, _joined)


def _text(spans: Spans) -> str:
    """Return a paragraph of Markdown."""
    text = "  \n".join(_started(line) for line in _lines(spans, MARKDOWN)).strip()
    return re.sub(r"\n  (?=\n)|  (?=\n  \n)", lambda found: "\n" if found[0][0] == "\n" else "", text)


def _in_cell(spans: Spans) -> str:
    """Return text of a pipe table: on one line, its pipes escaped."""
    return "<br>".join(line for line in _lines(spans, MARKDOWN) if line).replace("|", r"\|")


def markdown(nodes: Sequence[Node]) -> str:
    """Return Markdown, without a final newline: forms apart by a blank line, the items of a list close together."""
    texts = (_list(some) if isinstance(some, list) else _block(some) for some in _runs(nodes))
    return "\n\n".join(text for text in texts if text)


def _runs(nodes: Iterable[Node]) -> Iterator[Node | list[Item]]:
    """Yield the forms one by one, but the items of a list together."""
    run: list[Item] = []
    for node in nodes:
        if run and not (isinstance(node, Item) and node.kind == run[0].kind):
            yield run
            run = []
        if isinstance(node, Item):
            run.append(node)
        else:
            yield node
    if run:
        yield run


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
            line = " ".join(_line(node.spans, MARKDOWN).split())
            return "#" * min(6, node.level) + " " + re.sub(r"(#+)$", r"\\\1", line)
        case Code():
            fence = "`" * max(3, max(map(len, re.findall("`+", node.text)), default=0) + 1)
            return f"{fence}{node.language}\n{node.text}\n{fence}"
        case Math():
            return _math(" ".join(node.text.split()), "$$")
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
        return f"![{caption or ('画板' if asset.kind == 'board' else '')}]({safe_address(asset.file)})"
    label = "画板" if asset.kind == "board" else "图片"
    return _link(f"{label}：{caption}" if caption else label, asset.target)


def _embedded(table: Embedded) -> str:
    label = "嵌入多维表格" if table.source == "bitable" else "嵌入电子表格"
    place = "/".join(part for part in (table.holder, table.table) if part)
    link = _link(label, f"feishu-{table.source}:{place}" if place else "")
    if not table.rows:
        return link
    head, *rest = [[_in_cell([Span(shown(value))]) for value in row] for row in table.rows[: SHOWN_ROWS + 1]]
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


# --- HTML ---------------------------------------------------------------------------------------------------------


def _html_text(text: str) -> str:
    return escape(text, quote=False)


def _html_mark(mark: str, text: str) -> str:
    tag = {"strike": "s", "italic": "i", "bold": "b"}.get(mark, "u")
    return f"<{tag}>{text}</{tag}>"


def _html_link(label: str, url: str) -> str:
    address = safe_address(url)
    if address is None:
        return f"{label} ({_html_text(url)})" if label and url else label or _html_text(url)
    return f'<a href="{escape(address)}">{label or _html_text(url)}</a>'


HTML = _Dialect(
    _html_text,
    lambda text: f"<code>{_html_text(text)}</code>",
    lambda text: _html_text(_math(text)),
    _html_mark,
    _html_link,
    "".join,
)


class Html:
    """Writes forms as HTML, all of it on one line where a table of a Markdown file needs that.

    A subclass decides how a picture, a marker and a link line look where it is shown.

    Parameters
    ----------
    styles : mapping, optional
        The style attribute of each tag that gets one.
    """

    def __init__(self, styles: Mapping[str, str] | None = None) -> None:
        self._styles = styles or {}

    def _tag(self, name: str, content: str, attributes: str = "") -> str:
        style = f' style="{self._styles[name]}"' if name in self._styles else ""
        return f"<{name}{attributes}{style}>{content}</{name}>"

    def flow(self, nodes: Sequence[Node]) -> str:
        """Return forms one below the other, text as paragraphs."""
        return "".join(f"<p>{text}</p>" if inline else text for text, inline in self._pieces(nodes))

    def cell(self, nodes: Sequence[Node]) -> str:
        """Return what stands in a cell or list item: text apart by line breaks."""
        text, after_text = "", False
        for piece, inline in self._pieces(nodes):
            text += f"<br>{piece}" if inline and after_text else piece
            after_text = inline
        return text

    def _pieces(self, nodes: Sequence[Node]) -> Iterator[tuple[str, bool]]:
        """Yield the HTML of each form, and whether it is part of a line."""
        for some in _runs(nodes):
            if isinstance(some, list):
                tag = "ol" if some[0].kind == "ordered" else "ul"
                yield self._tag(tag, "".join(map(self._item, some))), False
            elif piece := self._block(some):
                yield piece, isinstance(some, (Paragraph, Math, Line, Picture, Marker))

    def _item(self, item: Item) -> str:
        value = f' value="{item.number}"' if item.kind == "ordered" else ""
        sign = {True: "☑ ", False: "☐ "}[item.done] if item.kind == "todo" else ""
        return f"<li{value}>{sign}{self.cell([Paragraph(item.spans), *item.children])}</li>"

    def _block(self, node: Node) -> str:
        match node:
            case Paragraph():
                return "<br>".join(line for line in _lines(node.spans, HTML) if line)
            case Heading():
                level = min(6, node.level)
                return f"<h{level}>{_line(node.spans, HTML).strip()}</h{level}>"
            case Code():
                text = _html_text(node.text).replace("\n", "&#10;")
                return self._tag("pre", f"<code>{text}</code>")
            case Math():
                return _html_text(_math(" ".join(node.text.split()), "$$"))
            case Quote():
                emoji = f"{_html_text(node.emoji)} " if node.emoji else ""
                return self._tag("blockquote", emoji + self.cell(node.children))
            case Divider():
                return "<hr>"
            case Marker():
                return self.marker(node)
            case Line():
                return self.line(node)
            case Picture():
                return self.picture(node.asset)
            case Embedded():
                return self.embedded(node)
            case Table():
                return self.table(node).replace("\n", "")
            case Item():
                return self._item(node)

    def marker(self, marker: Marker) -> str:
        """Return the place of what cannot be shown."""
        return f"<!-- {marker.text} -->"

    def line(self, line: Line) -> str:
        """Return a line that is a link."""
        return self.link(line.label, line.target)

    def link(self, label: str, address: str) -> str:
        """Return a link of our own: to a web page, a file, or what stands for something that is not there."""
        return _html_link(_html_text(label), address)

    def picture(self, asset: Asset) -> str:
        """Return an image, or a link that names the one that is not there."""
        label = "画板" if asset.kind == "board" else "图片"
        if asset.file is None:
            return self.link(f"{label}：{asset.caption}" if asset.caption else label, asset.target)
        return f'<img src="{escape(safe_address(asset.file) or "")}" alt="{escape(asset.caption or "")}">'

    def embedded(self, table: Embedded) -> str:
        """Return an embedded table with its first rows."""
        label = "嵌入多维表格" if table.source == "bitable" else "嵌入电子表格"
        link = self._tag("p", self.link(label, f"feishu-{table.source}:{table.holder}/{table.table}"))
        some = (table.rows or [])[: SHOWN_ROWS + 1]
        body = "".join(
            self._tag("tr", "".join(self._tag("td" if index else "th", _html_text(shown(value))) for value in row))
            for index, row in enumerate(some)
        )
        left = len(table.rows or ()) - len(some)
        return link + (self._tag("table", body) if body else "") + (f"（另有 {left} 行）" if left else "")

    def table(self, table: Table) -> str:
        """Return a table, one row on a line."""
        rows = []
        for index, row in enumerate(table.cells):
            tag = "th" if index == 0 and table.header_row else "td"
            rows.append(self._tag("tr", "".join(self._cell(tag, cell) for cell in row if cell.anchor is None)))
        return self._tag("table", "\n" + "\n".join(rows) + "\n")

    def _cell(self, tag: str, cell: Cell) -> str:
        spans = f' rowspan="{cell.row_span}"' if cell.row_span > 1 else ""
        spans += f' colspan="{cell.col_span}"' if cell.col_span > 1 else ""
        return self._tag(tag, self.cell(cell.children), spans)
