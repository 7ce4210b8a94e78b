"""A document as it was received -> its guide, which is what larknb keeps and gives of it.

A guide is JSON (``larknb.guide/1``): the whole text as Markdown, and beside it what a program wants to find without
parsing Markdown: outline, sections, tables, assets, links, mentions. It is a pure function of the record, the media
that were downloaded and the embedded tables that were read, so it can be made again at no request.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import orjson

from larknb import display
from larknb.guides import schema
from larknb.guides.blocks import read_tree
from larknb.guides.forms import (
    Asset,
    Code,
    Embedded,
    Heading,
    Item,
    Line,
    Math,
    Node,
    Paragraph,
    Picture,
    Span,
    Table,
    Tree,
    lines,
    plain,
    rows,
    walk,
)
from larknb.guides.markdown import markdown
from larknb.guides.payloads import read_mapping

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "EXTENSIONS",
    "block_hashes",
    "block_token",
    "own_text",
    "rows_of",
    "same_content",
    "to_guide",
]

EXTENSIONS = {
    "image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp", "image/bmp": ".bmp",
    "image/svg+xml": ".svg", "application/pdf": ".pdf", "application/zip": ".zip", "application/json": ".json",
    "text/plain": ".txt", "text/csv": ".csv", "video/mp4": ".mp4",
}  # fmt: skip


def to_guide(
    record: Mapping[str, Any],
    media: Mapping[str, Mapping[str, Any]] | None = None,
    tables: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    fetched_at: float | None = None,
) -> schema.Guide:
    """Return the guide of a document.

    Parameters
    ----------
    record : mapping
        What a `larknb.model.Guide` carries: the document as it was received.
    media : mapping, optional
        What is known of pictures and files, by token: ``file``, ``name``, ``mime``, ``bytes``, ``error``.
    tables : mapping, optional
        Embedded tables by the token of their block: ``status`` and ``problem`` as the reader noted them, ``rows`` as
        `rows_of` gives them.
    fetched_at : float, optional
        When it was read, epoch seconds.
    """
    tree = read_tree(record, media, tables)
    info = read_mapping(record.get("document"))
    title = [Heading(1, [Span(tree.title)], "", opens=False)] if tree.title else []
    text = markdown([*title, *tree.nodes])
    text = f"{text}\n" if text else ""
    lists = _Lists(tree, str(info.get("document_id") or ""))
    for section in _sections(tree.nodes):
        lists.add(section)
    return {
        "schema": schema.SCHEMA,
        "kind": "docx",
        "document_id": info.get("document_id"),
        "title": tree.title,
        "url": record.get("url"),
        "wiki": record.get("wiki"),
        "revision_id": info.get("revision_id"),
        "latest_modify_time": record.get("latest_modify_time"),
        "fetched_at": None if fetched_at is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(fetched_at)),
        "block_count": len(record.get("blocks") or ()),
        "content_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "outline": lists.outline,
        "sections": lists.sections,
        "tables": lists.tables,
        "assets": lists.assets,
        "links": lists.links,
        "mentions": [{"user_id": user, "name": name or None} for user, name in lists.users.items()],
        "unsupported": {str(kind): tree.unsupported[kind] for kind in sorted(tree.unsupported, key=_number_first)},
        "warnings": tree.warnings,
        "markdown": text,
    }


def _sections(nodes: Iterable[Node]) -> Iterator[list[Node]]:
    """Yield what is before the first heading, then each heading with what follows it."""
    section: list[Node] = []
    for node in nodes:
        if isinstance(node, Heading) and node.opens:
            yield section
            section = []
        section.append(node)
    yield section


class _Lists:
    """What a guide lists beside the text, filled section by section."""

    def __init__(self, tree: Tree, document_id: str) -> None:
        self._title, self._document_id = tree.title, document_id
        self.outline: list[schema.Heading] = []
        self.sections: list[schema.Section] = []
        self.tables: list[schema.Table] = []
        self.assets: list[schema.Asset] = []
        self.links: list[schema.Link] = []
        self.users: dict[str, str] = {}  # their names
        self._above: list[tuple[int, str]] = []  # level and text of the headings that the present one stands under
        self._note_spans(tree.title_spans, 0)

    def add(self, nodes: Sequence[Node]) -> None:
        """Add a section: its heading, except in the first one, and what stands below it."""
        index = len(self.sections)
        first = nodes[0] if nodes else None
        heading = first if index and isinstance(first, Heading) else None
        title = self._open(heading, index) if heading else None
        counts = len(self.tables), len(self.assets)
        for node in walk(nodes):
            self._note(node, index)
        text = markdown(nodes)
        self.sections.append(
            {
                "index": index,
                "level": heading.level if heading else 0,
                "heading": title,
                "path": [self._title, *(above for _, above in self._above)],
                "block_id": heading.block_id if heading else self._document_id,
                "tables": [*range(counts[0], len(self.tables))],
                "assets": [*range(counts[1], len(self.assets))],
                "text": "\n".join(lines(nodes[1:] if heading else nodes)),
                "markdown": f"{text}\n" if text else "",
            }
        )

    def _open(self, heading: Heading, index: int) -> str:
        text = " ".join(plain(heading.spans).split())
        self.outline.append({"level": heading.level, "text": text, "block_id": heading.block_id, "section": index})
        self._above = [(level, above) for level, above in self._above if level < heading.level]
        self._above.append((heading.level, text))
        return text

    def _note(self, node: Node, section: int) -> None:
        match node:
            case Table():
                self.tables.append(_own_table(node, len(self.tables), section))
            case Embedded():
                self.tables.append(_embedded(node, len(self.tables), section))
            case Picture():
                self._note_asset(node.asset, section)
            case Line() if node.asset is not None:
                self._note_asset(node.asset, section)
            case Paragraph() | Heading() | Item() | Code() | Math():
                self._note_spans(node.spans, section)
            case _:
                pass

    def _note_asset(self, asset: Asset, section: int) -> None:
        self.assets.append(
            {
                "index": len(self.assets),
                "kind": asset.kind,
                "token": asset.token,
                "name": asset.name,
                "caption": asset.caption,
                "file": asset.file,
                "status": asset.status,
                "block_id": asset.block_id,
                "section": section,
                **asset.more,
            }
        )

    def _note_spans(self, spans: Iterable[Span], section: int) -> None:
        for _, some in groupby(spans, key=_link_key):
            first, *_ = pieces = list(some)
            self.users |= {span.user: span.name for span in pieces if span.user}
            if first.asset is not None:
                self._note_asset(first.asset, section)
            elif first.doc is not None:
                self.links.append(
                    {
                        "kind": "mention_doc",
                        "text": plain(pieces),
                        "url": first.marks.link,
                        **first.doc,
                        "section": section,
                    }
                )
            elif first.marks.link:
                self.links.append({"kind": "link", "text": plain(pieces), "url": first.marks.link, "section": section})


def _number_first(kind: int | str) -> tuple[bool, int, str]:
    """Return what puts types of blocks in order, and after them text elements."""
    return (True, 0, kind) if isinstance(kind, str) else (False, kind, "")


def _link_key(span: Span) -> tuple[str, int]:
    """Return what the pieces of one link have in common, whatever their other marks; a mention is always its own."""
    return span.marks.link, id(span) if span.doc or span.asset else 0


def _own_table(table: Table, index: int, section: int) -> schema.OwnTable:
    return {
        "index": index,
        "source": "table",
        "block_id": table.block_id,
        "section": section,
        "status": "ok",
        "header_row": table.header_row,
        "header_column": table.header_column,
        "rows": rows(table),
        "merges": [
            {"row": r, "col": c, "row_span": cell.row_span, "col_span": cell.col_span}
            for r, row in enumerate(table.cells)
            for c, cell in enumerate(row)
            if cell.anchor is None and not cell.is_single
        ],
    }


def _embedded(table: Embedded, index: int, section: int) -> schema.Sheet | schema.Base:
    if table.source == "sheet":
        return {
            "index": index,
            "source": "sheet",
            "spreadsheet_token": table.holder,
            "sheet_id": table.table,
            "block_id": table.block_id,
            "section": section,
            "status": table.status,
            "rows": table.rows,
        }
    return {
        "index": index,
        "source": "bitable",
        "app_token": table.holder,
        "table_id": table.table,
        "block_id": table.block_id,
        "section": section,
        "status": table.status,
        "rows": table.rows,
    }


def block_token(table: schema.Sheet | schema.Base) -> str:
    """Return the token of the block that an embedded table stands for."""
    if table["source"] == "sheet":
        holder, part = table["spreadsheet_token"], table["sheet_id"]
    else:
        holder, part = table["app_token"], table["table_id"]
    return "_".join(filter(None, (holder, part)))


def rows_of(frame: pd.DataFrame) -> schema.Rows:
    """Return the rows of an embedded table for the guide: the column names, then plain values; times as text.

    Who made a row and when is no part of what a document shows.
    """
    from larknb.tabular.raw import SYSTEM

    frame = frame.drop(columns=[name for name in SYSTEM if name in frame])
    columns = [[_value(value) for value in frame.iloc[:, index].array] for index in range(frame.shape[1])]
    return [[str(name) for name in frame.columns], *(list(row) for row in zip(*columns, strict=True))]


def _value(value: Any) -> Any:
    import pandas as pd

    value = value.tolist() if hasattr(value, "tolist") else value  # of numpy
    if isinstance(value, (list, tuple)):
        return [_value(each) for each in value]
    if value is None or pd.isna(value):
        return None
    if isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, pd.Timedelta):
        return display.length(value)
    text = value.isoformat(sep=" ") if isinstance(value, pd.Timestamp) else str(value)
    return text.removesuffix(" 00:00:00")


def same_content(before: schema.Guide, after: schema.Guide) -> bool:
    """Say whether two guides have the same content: then what was read again is no new snapshot."""
    return _content(before) == _content(after)


def _content(guide: schema.Guide) -> tuple[object, ...]:
    pictures = [asset.get("sha256") for asset in guide["assets"]]  # a board is redrawn under its old token
    return guide["content_sha256"], guide["tables"], pictures


def own_text(record: Mapping[str, Any]) -> str:
    """Return the text of a document alone, line by line: no marks, and no rows of embedded tables."""
    return "\n".join(lines(read_tree(record).nodes))


def block_hashes(record: Mapping[str, Any]) -> dict[str, str]:
    """Return a hash of each block by its id: what two of them differ in was added, removed or changed."""
    return {
        str(block.get("block_id")): hashlib.sha256(orjson.dumps(block, option=orjson.OPT_SORT_KEYS)).hexdigest()
        for block in record.get("blocks") or ()
    }
