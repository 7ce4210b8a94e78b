"""The nodes of a document as HTML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

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
    Table,
    value_text,
)
from larknb.guides.marks import Dialect, line_of, lines_of, math, runs, safe_address

__all__ = [
    "Html",
]


class Html:
    """Writes nodes as HTML, all of it on one line where a table of a Markdown file needs that.

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
        """Return nodes one below the other, text as paragraphs."""
        return "".join(f"<p>{text}</p>" if inline else text for text, inline in self._pieces(nodes))

    def cell(self, nodes: Sequence[Node]) -> str:
        """Return what stands in a cell or list item: text apart by line breaks."""
        text, after_text = "", False
        for piece, inline in self._pieces(nodes):
            text += f"<br>{piece}" if inline and after_text else piece
            after_text = inline
        return text

    def _pieces(self, nodes: Sequence[Node]) -> Iterator[tuple[str, bool]]:
        """Yield the HTML of each node, and whether it is part of a line."""
        for some in runs(nodes):
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
                return "<br>".join(line for line in lines_of(node.spans, HTML) if line)
            case Heading():
                level = min(6, node.level)
                return f"<h{level}>{line_of(node.spans, HTML).strip()}</h{level}>"
            case Code():
                text = _escaped(node.text).replace("\n", "&#10;")
                return self._tag("pre", f"<code>{text}</code>")
            case Math():
                return _escaped(math(" ".join(node.text.split()), "$$"))
            case Quote():
                emoji = f"{_escaped(node.emoji)} " if node.emoji else ""
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
        return _link(_escaped(label), address)

    def picture(self, asset: Asset) -> str:
        """Return an image, or a link that names the one that is not there."""
        if asset.file is None:
            return self.link(f"{asset.label}：{asset.caption}" if asset.caption else asset.label, asset.target)
        return f'<img src="{escape(safe_address(asset.file) or "")}" alt="{escape(asset.caption or "")}">'

    def embedded(self, table: Embedded) -> str:
        """Return an embedded table with its first rows."""
        link = self._tag("p", self.link(table.label, f"feishu-{table.source}:{table.holder}/{table.table}"))
        some = (table.rows or [])[: SHOWN_ROWS + 1]
        body = "".join(
            self._tag("tr", "".join(self._tag("td" if index else "th", _escaped(value_text(value))) for value in row))
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


# --- text -----------------------------------------------------------------------------------------------------------


def _escaped(text: str) -> str:
    return escape(text, quote=False)


def _mark(mark: str, text: str) -> str:
    tag = {"strike": "s", "italic": "i", "bold": "b"}.get(mark, "u")
    return f"<{tag}>{text}</{tag}>"


def _link(label: str, url: str) -> str:
    address = safe_address(url)
    if address is None:
        return f"{label} ({_escaped(url)})" if label and url else label or _escaped(url)
    return f'<a href="{escape(address)}">{label or _escaped(url)}</a>'


HTML = Dialect(
    _escaped,
    lambda text: f"<code>{_escaped(text)}</code>",
    lambda text: _escaped(math(text)),
    _mark,
    _link,
    "".join,
)
