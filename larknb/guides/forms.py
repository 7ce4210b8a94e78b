"""The few forms that some sixty types of block take: the nodes of a document's tree, and their text.

`larknb.guides.blocks` makes them of the blocks of a document, `markdown` and `html` print them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from larknb.guides.schema import FileFacts, MentionedDocument, Rows

__all__ = [
    "SHOWN_ROWS",
    "UNMARKED",
    "Asset",
    "Cell",
    "Code",
    "Divider",
    "Embedded",
    "Heading",
    "Item",
    "Lack",
    "Line",
    "Marker",
    "Marks",
    "Math",
    "Node",
    "Paragraph",
    "Picture",
    "Quote",
    "Span",
    "Spans",
    "Table",
    "Tree",
    "clean",
    "label_of",
    "lines",
    "one_line",
    "plain",
    "rows",
    "value_text",
    "walk",
    "written_out",
]

SHOWN_ROWS = 200  # of an embedded table that a text shows; all of them are in the guide's tables


class Marks(NamedTuple):
    """The marks of a piece of text; ``link`` is the address, empty where there is none."""

    bold: bool = False
    italic: bool = False
    strike: bool = False
    underline: bool = False
    code: bool = False
    link: str = ""


UNMARKED = Marks()


@dataclass(frozen=True)
class Asset:
    """An image, file or board: ``file`` is where it lies, relative to the source's folder, None where it does not."""

    kind: Literal["image", "file", "board"]
    token: str
    name: str | None
    caption: str | None
    block_id: str
    file: str | None
    status: str
    more: FileFacts = field(default_factory=FileFacts)

    @property
    def label(self) -> str:
        """What it is, in a word."""
        return {"image": "图片", "file": "附件", "board": "画板"}[self.kind]

    @property
    def target(self) -> str:
        """Where a link to it leads; an address of our own says that it was not downloaded."""
        scheme = "feishu-board" if self.kind == "board" else "feishu-media"
        return self.file or f"{scheme}:{self.token}"


@dataclass(frozen=True)
class Span:
    """A piece of text with the same marks. ``user`` and ``doc`` say whom or what it mentions, ``asset`` its file.

    ``name`` is that of the person, empty where nobody knows it.
    """

    text: str
    marks: Marks = UNMARKED
    math: bool = False
    user: str = ""
    name: str = ""
    doc: MentionedDocument | None = None
    asset: Asset | None = None

    @property
    def is_text(self) -> bool:
        """True when it is nothing but text, and may be merged with its neighbours."""
        return not (self.math or self.user or self.asset) and self.doc is None


Spans = Sequence[Span]


@dataclass(frozen=True)
class Paragraph:
    """Text."""

    spans: Spans


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 to 9; inside a table, quote, callout, grid or list it ``opens`` no section."""

    level: int
    spans: Spans
    block_id: str
    opens: bool


@dataclass(frozen=True)
class Item:
    """One item of a list, with what is nested in it."""

    kind: Literal["bullet", "ordered", "todo"]
    spans: Spans
    children: Sequence[Node]
    number: int = 0
    done: bool = False


@dataclass(frozen=True)
class Code:
    """A code block; ``spans`` are its elements, for the links among them."""

    text: str
    language: str
    spans: Spans = ()


@dataclass(frozen=True)
class Math:
    """A formula on lines of its own; ``spans`` are its elements, for the links among them."""

    text: str
    spans: Spans = ()


@dataclass(frozen=True)
class Quote:
    """A quote, or a callout with its ``emoji``."""

    children: Sequence[Node]
    emoji: str = ""


@dataclass(frozen=True)
class Divider:
    """A line across."""


@dataclass(frozen=True)
class Marker:
    """The place of something that cannot be shown; ``text`` is safe inside an HTML comment."""

    text: str


@dataclass(frozen=True)
class Line:
    """A line that is one link: an attachment, a web page. Without a ``target`` it is no more than its label."""

    label: str
    target: str = ""
    asset: Asset | None = None


@dataclass(frozen=True)
class Picture:
    """An image or a board."""

    asset: Asset


@dataclass(frozen=True)
class Embedded:
    """A sheet or a table of a base inside the document; ``rows`` begin with the column names, None if unread."""

    source: Literal["sheet", "bitable"]
    holder: str
    table: str
    block_id: str
    status: str
    rows: Rows | None = None

    @property
    def label(self) -> str:
        """What it is, in a word."""
        return {"sheet": "嵌入电子表格", "bitable": "嵌入多维表格"}[self.source]


@dataclass(frozen=True)
class Cell:
    """One cell of a table; ``anchor`` is the place of the merged cell that covers it."""

    children: Sequence[Node]
    row_span: int = 1
    col_span: int = 1
    anchor: tuple[int, int] | None = None

    @property
    def is_single(self) -> bool:
        """True when no merge touches it."""
        return self.anchor is None and self.row_span == self.col_span == 1


@dataclass(frozen=True)
class Table:
    """A table; every row has as many cells as the others."""

    block_id: str
    cells: Sequence[Sequence[Cell]]
    header_row: bool
    header_column: bool


Node = Paragraph | Heading | Item | Code | Math | Quote | Divider | Marker | Line | Picture | Embedded | Table


@dataclass(frozen=True)
class Lack:
    """Something of a document that is not there, or not as it is on the platform.

    ``what`` is what can be told of it: a title, a token, a text. ``reason`` is a word for which there is a sentence,
    ``problem`` what somebody noted who tried to get it.
    """

    kind: str
    what: str
    reason: str
    block_id: str
    problem: str = ""


@dataclass
class Tree:
    """A document: its title, its nodes in order, and what is to be said about the reading.

    ``title_spans`` are the elements of the title, for the links among them. ``unsupported`` counts what has no form
    here: blocks by their number, text elements by their name.
    """

    title: str = ""
    title_spans: Spans = ()
    nodes: list[Node] = field(default_factory=list)
    unsupported: Counter[int | str] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)
    lacks: list[Lack] = field(default_factory=list)

    def lack(self, kind: str, what: str, reason: str, block_id: str, problem: str = "") -> None:
        """Note something that is not there."""
        self.lacks.append(Lack(kind, what, reason, block_id, problem))

    def warn_once(self, warning: str) -> None:
        """Note a warning that may come up again, and says the same then."""
        if warning not in self.warnings:
            self.warnings.append(warning)


# --- their text -----------------------------------------------------------------------------------------------------

_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_BREAKS = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


def clean(value: Any) -> str:
    """Return foreign text with plain line breaks, and without what neither a file nor a terminal can hold."""
    text = value if isinstance(value, str) else str(value) if isinstance(value, (int, float)) else ""
    return _CONTROLS.sub("", _BREAKS.sub("\n", text))


def one_line(value: Any) -> str:
    """Return foreign text on one line."""
    return " ".join(clean(value).split())


def label_of(asset: Asset) -> str:
    """Return what a picture or file is, with its name."""
    return f"{asset.label}：{asset.name}" if asset.name else asset.label


def plain(spans: Iterable[Span]) -> str:
    """Return text without its marks."""
    return "".join(span.text for span in spans)


def written_out(spans: Iterable[Span]) -> str:
    """Return text with the addresses and tokens that are behind it, for where nobody can follow a link."""
    found = ""
    for span in spans:
        behind = (span.marks.link, span.doc["token"] if span.doc else "")
        found += span.text + "".join(f" ({each})" for each in behind if each not in span.text)
    return found


def lines(nodes: Iterable[Node]) -> list[str]:
    """Return the lines of text of some nodes: no marks, no blank ones, the cells of a row on one line.

    Labels of pictures, files and embedded tables are no text of the document; they are listed beside it. Of an embedded
    table the rows are there that the Markdown shows.
    """
    found: list[str] = []
    for node in nodes:
        match node:
            case Paragraph() | Heading():
                found += plain(node.spans).split("\n")
            case Item():
                found += [*plain(node.spans).split("\n"), *lines(node.children)]
            case Code() | Math():
                found += node.text.split("\n")
            case Quote():
                found += lines(node.children)
            case Line() if not node.target:
                found.append(node.label)
            case Embedded():
                found += [" | ".join(map(value_text, row)) for row in (node.rows or ())[: SHOWN_ROWS + 1]]
            case Table():
                found += [" | ".join(cell.replace("\n", " ") for cell in row) for row in rows(node)]
            case _:
                pass
    return [line.rstrip() for line in found if line.strip()]


def rows(table: Table) -> list[list[str]]:
    """Return the text of a table, rectangular: cells that a merged one covers repeat it."""
    texts = [["\n".join(lines(cell.children)) for cell in row] for row in table.cells]
    for row, cells in enumerate(table.cells):
        for column, cell in enumerate(cells):
            if cell.anchor is not None:
                texts[row][column] = texts[cell.anchor[0]][cell.anchor[1]]
    return texts


def value_text(value: Any) -> str:
    """Return a value of an embedded table as people read it, on one line."""
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    text = (
        ", ".join(map(value_text, value)) if isinstance(value, (list, tuple)) else "" if value is None else str(value)
    )
    return one_line(text)


def walk(nodes: Iterable[Node]) -> Iterator[Node]:
    """Yield all nodes, the nested ones after what they are nested in."""
    for node in nodes:
        yield node
        if isinstance(node, (Item, Quote)):
            yield from walk(node.children)
        elif isinstance(node, Table):
            for row in node.cells:
                for cell in row:
                    yield from walk(cell.children)
