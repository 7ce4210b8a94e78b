"""The blocks of a document, as the server sent them -> the tree of a few forms that is printed.

Some sixty types of block and eight of text element end here; the printers know a dozen forms. The input is somebody
else's: a payload may be missing, a child may be gone, the tree may bite its own tail. Nothing of that stops the walk,
and no text is lost: what cannot be shown leaves a `Marker` in its place, a count, or a warning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import groupby, product
from typing import Any, Literal

import orjson

from larknb.guides.forms import (
    Asset,
    Cell,
    Code,
    Divider,
    Embedded,
    Heading,
    Item,
    Line,
    Marker,
    Marks,
    Math,
    Node,
    Paragraph,
    Picture,
    Quote,
    Span,
    Spans,
    Table,
    Tree,
    clean,
    lines,
    one_line,
    plain,
)
from larknb.guides.payloads import (
    Block,
    blocks_by_id,
    emoji_of,
    language_of,
    marks_of,
    payload_of,
    read_id,
    read_list,
    read_mapping,
    read_number,
    read_url,
    type_of,
)
from larknb.guides.schema import FileFacts, MentionedDocument
from larknb.guides.shapes import misfits
from larknb.links import split_embedded

__all__ = [
    "read_tree",
]

MERMAID = "blk_631fefbbae02400430b8f9f4"  # component_type_id of text drawings
DEEPEST = 40  # levels of nesting; what lies deeper is shown flat, so that no document exhausts the stack
MOST_REFERENCES = 200  # expansions of synced blocks in one document: they can multiply each other
EPOCH = datetime(1970, 1, 1, 8, tzinfo=timezone(timedelta(hours=8)))  # reminders have no zone; their readers are here


def read_tree(
    record: Mapping[str, Any],
    media: Mapping[str, Mapping[str, Any]] | None = None,
    tables: Mapping[str, Mapping[str, Any]] | None = None,
) -> Tree:
    """Return the tree of a document.

    Parameters
    ----------
    record : mapping
        A guide as it was received: ``document``, ``blocks``, ``references`` (synced blocks of other documents).
    media : mapping, optional
        What is known of images and files, by token: ``file``, ``name``, ``mime``, ``bytes``, ``error``.
    tables : mapping, optional
        What is known of embedded tables, by the block's token: ``status``, ``rows``, ``problem``.
    """
    return _Walk(record, media or {}, tables or {}).run()


class _Walk:
    """One pass over the blocks of a document."""

    def __init__(
        self, record: Mapping[str, Any], media: Mapping[str, Mapping[str, Any]],
        tables: Mapping[str, Mapping[str, Any]],
    ) -> None:  # fmt: skip
        self.record, self.media, self.tables = record, media, tables
        self.tree = Tree()
        self.blocks = blocks_by_id(record.get("blocks"))
        self.own = frozenset(self.blocks)
        self.seen: set[str] = set()  # on this side of a synced block: what comes up again is a cycle or a mistake
        self.reached: set[str] = set()
        self.references: list[str] = []  # the synced blocks that are open now
        self.expanded = 0
        self.depth = 0

    def run(self) -> Tree:
        """Return the tree, with what there is to be said about the reading."""
        tree, page = self.tree, self._page()
        title = plain(self._spans(payload_of(page))) or clean(read_mapping(self.record.get("document")).get("title"))
        tree.title = one_line(title)
        self._reach(clean(page.get("block_id")))
        tree.nodes = [*self._unreadable(page), *self._siblings(page.get("children"), flow=True)]
        if left := len(self.own - self.reached):
            tree.warnings.append(f"{left} block(s) outside of the page were left out")
        for key in read_list(self.record.get("stale")):
            tree.warnings.append(f"synced block {clean(key)} could not be read again: it is shown as it was")
        if self.record.get("moved"):
            tree.warnings.append("the document changed while it was read")
        return tree

    def _page(self) -> Block:
        """Return the page block; a list without one gets a page that holds its topmost blocks."""
        pages = [block for block in self.blocks.values() if type_of(block) == "page"]
        if pages:
            return next((page for page in pages if not page.get("parent_id")), pages[0])
        nested = {child for block in self.blocks.values() for child in read_list(block.get("children"))
                  if isinstance(child, str)}  # fmt: skip
        return {"children": [block_id for block_id in self.blocks if block_id not in nested] or [*self.blocks]}

    def _reach(self, block_id: str) -> None:
        self.seen.add(block_id)
        self.reached.add(block_id)

    # --- children ---------------------------------------------------------------------------------------------------

    def _siblings(self, ids: Any, *, flow: bool) -> list[Node]:
        """Return the nodes of some children; ``flow`` says that a heading among them opens a section."""
        if self.depth >= DEEPEST:
            return self._flat(ids)
        self.depth += 1
        nodes: list[Node] = []
        last = direct = 0  # number of the last ordered item; ordered items right before this one
        for block in self._present(ids):
            if type_of(block) == "ordered":
                last = _numbering(block, last, direct)
                direct += 1
            else:
                direct = 0
            nodes += self._read(block, last, flow=flow)
        self.depth -= 1
        return nodes

    def _flat(self, ids: Any) -> list[Node]:
        """Return the nodes of some children and all that is below them, side by side."""
        nodes: list[Node] = []
        waiting = [self._present(ids)]
        while waiting:
            block = next(waiting[-1], None)
            if block is None:
                waiting.pop()
                continue
            alone = {key: value for key, value in block.items() if key not in ("children", "table")}
            nodes += self._read(alone, 1, flow=False)
            waiting.append(self._present(block.get("children") or read_mapping(block.get("table")).get("cells")))
        return nodes

    def _present(self, ids: Any) -> Iterator[Block]:
        """Yield the blocks that are there, each once."""
        for block_id in read_list(ids):
            if not isinstance(block_id, str) or block_id not in self.blocks:
                self.tree.warnings.append(f"child block {read_id(block_id)} is missing")
            elif block_id in self.seen:
                self.tree.warnings.append(f"block {read_id(block_id)} comes up again and was shown once")
            else:
                self._reach(block_id)
                yield self.blocks[block_id]

    # --- one block --------------------------------------------------------------------------------------------------

    def _read(self, block: Block, number: int, *, flow: bool) -> list[Node]:
        """Return the nodes of a block and of its children, and a marker for what of it cannot be read."""
        return [*self._shown(block, number, flow=flow), *self._unreadable(block)]

    def _unreadable(self, block: Block) -> list[Node]:
        """Return a marker where members of a block are of another type than documented; all others are shown."""
        if not (members := misfits(block)):
            return []
        number = read_number(block.get("block_type"))
        self.tree.unsupported[number] += 1
        self.tree.warnings.append(f"block {read_id(block.get('block_id'))}: {', '.join(members)} cannot be read")
        return [Marker(f"feishu:unreadable block_type={number} member={','.join(members)}")]

    def _shown(self, block: Block, number: int, *, flow: bool) -> list[Node]:
        """Return the nodes of a block and of its children: the contract's table of block types."""
        payload, children = payload_of(block), block.get("children")
        own: Iterable[Node] = ()
        match type_of(block):
            case "page" | "text":
                own = self._paragraph(self._spans(payload))
            case "okr_objective" | "okr_key_result":
                own = self._paragraph(self._spans(read_mapping(payload.get("content")) or payload))
            case heading if heading.startswith("heading"):
                own = self._heading(int(heading.removeprefix("heading")), block, flow)
            case "bullet" | "ordered" | "todo" as kind:
                return [self._item(kind, block, number)]
            case "code":
                own = [self._code(payload)]
            case "quote":
                own = [Quote(text)] if (text := self._paragraph(self._spans(payload))) else ()
            case "equation":
                own = [Math(formula)] if (formula := plain(self._spans(payload)).strip()) else ()
            case "bitable" | "sheet" as source:
                own = [self._embedded(source, block)]
            case "callout":
                return self._boxed(children, emoji_of(payload))
            case "quote_container":
                return self._boxed(children)
            case "divider":
                own = [Divider()]
            case "file":
                own = [self._file(block)]
            case "image" | "board" as kind:
                own = self._picture(kind, block)
            case "iframe":
                own = self._page_link("嵌入网页", read_mapping(payload.get("component")).get("url"), block)
            case "link_preview":
                own = self._page_link("", payload.get("url"), block)
            case "table":
                return self._table(block)
            case "grid" | "grid_column" | "table_cell":
                flow = False
            case (
                "view" | "okr_progress" | "agenda" | "agenda_item" | "agenda_item_content" | "source_synced"
                | "ai_template"
            ):  # fmt: skip
                pass  # nothing of their own to show
            case "agenda_item_title":
                bold = [replace(span, marks=span.marks._replace(bold=True)) for span in self._spans(payload)]
                own = self._paragraph(bold)
            case "add_ons":
                own = self._add_on(block)
            case "jira_issue":
                own = [Line(f"Jira {one_line(payload.get('key'))}")]
            case "reference_synced":
                own = self._reference(payload, flow)
            case _:
                own = [self._unsupported(block), *self._paragraph(self._spans(payload))]
        return [*own, *self._siblings(children, flow=flow)]

    def _unsupported(self, block: Block) -> Marker:
        number = read_number(block.get("block_type"))
        self.tree.unsupported[number] += 1
        return Marker(f"feishu:unsupported block_type={number}")

    def _paragraph(self, spans: Spans) -> list[Node]:
        return [Paragraph(spans)] if plain(spans).strip() else []

    def _heading(self, level: int, block: Block, flow: bool) -> list[Node]:
        spans = [replace(span, text=span.text.replace("\n", " ")) for span in self._spans(payload_of(block))]
        return [Heading(level, spans, clean(block.get("block_id")), flow)] if plain(spans).strip() else []

    def _item(self, kind: Literal["bullet", "ordered", "todo"], block: Block, number: int) -> Item:
        payload, children = payload_of(block), self._siblings(block.get("children"), flow=False)
        done = kind == "todo" and read_mapping(payload.get("style")).get("done") is True
        return Item(kind, self._spans(payload), children, 0 if kind == "todo" else number, done)

    def _code(self, payload: Mapping[str, Any]) -> Code:
        spans = self._spans(payload)
        # Marks mean nothing in code; a mention is written out, for its title alone would hide what was pasted.
        text = "".join(f"[{s.text}]({s.marks.link})" if s.doc and s.marks.link else s.text for s in spans)
        return Code(text.removesuffix("\n"), language_of(payload), spans)

    def _boxed(self, children: Any, emoji: str = "") -> list[Node]:
        inside = self._siblings(children, flow=False)
        return [Quote(inside, emoji)] if inside or emoji else []

    def _page_link(self, label: str, url: Any, block: Block) -> list[Node]:
        address = read_url(url)
        return [Line(label or address, address)] if address else [self._unsupported(block)]

    def _add_on(self, block: Block) -> list[Node]:
        payload = payload_of(block)
        if payload.get("component_type_id") == MERMAID:
            try:
                source = clean(read_mapping(orjson.loads(clean(payload.get("record")))).get("data"))
            except ValueError:
                source = ""
            if source.strip():
                return [Code(source.removesuffix("\n"), "mermaid")]
        return [self._unsupported(block)]

    # --- media and embedded tables ----------------------------------------------------------------------------------

    def _asset(self, kind: Literal["image", "file", "board"], block: Block) -> Asset:
        payload = payload_of(block)
        token = clean(payload.get("token"))
        known = self.media.get(token, {})
        file, error = known.get("file"), known.get("error")
        status = known.get("status") or ("downloaded" if file else "failed" if error else "skipped")
        if error:
            self.tree.warnings.append(f"{kind} {read_id(token)} was not downloaded: {error}")
        return Asset(
            kind, token, one_line(payload.get("name") or known.get("name")) or None,
            one_line(read_mapping(payload.get("caption")).get("content")) or None, clean(block.get("block_id")),
            file, status, _facts(known),
        )  # fmt: skip

    def _picture(self, kind: Literal["image", "board"], block: Block) -> list[Node]:
        asset = self._asset(kind, block)
        if not asset.token:  # the upload never ended
            return [Paragraph([Span(asset.caption)])] if asset.caption else []
        return [Picture(asset)]

    def _file(self, block: Block) -> Node:
        asset = self._asset("file", block)
        return Line(_label(asset), asset.target, asset) if asset.token else Line(_label(asset))

    def _embedded(self, source: Literal["sheet", "bitable"], block: Block) -> Embedded:
        token = clean(payload_of(block).get("token"))
        holder, table = split_embedded(token)
        known = self.tables.get(token, {})
        status = str(known.get("status") or "not_fetched")
        if problem := known.get("problem"):
            self.tree.warnings.append(f"{source} {read_id(token)} was not read: {problem}")
        return Embedded(source, holder, table, clean(block.get("block_id")), status, known.get("rows"))

    # --- synced blocks ----------------------------------------------------------------------------------------------

    def _reference(self, payload: Mapping[str, Any], flow: bool) -> list[Node]:
        """Return the children of the block that a synced reference stands for."""
        document, source = clean(payload.get("source_document_id")), clean(payload.get("source_block_id"))
        key = f"{document}/{source}"
        for block_id, block in blocks_by_id(read_mapping(self.record.get("references")).get(key)).items():
            self.blocks.setdefault(block_id, block)
        too_many = self.expanded >= MOST_REFERENCES or self.depth >= DEEPEST
        if source not in self.blocks or key in self.references or too_many:
            self.tree.warnings.append(f"reference_synced block not expanded: {key}")
            ids = f"source_document_id={read_id(document)} source_block_id={read_id(source)}"
            return [Marker(f"feishu:reference_synced {ids}")]
        self.expanded += 1
        self.references.append(key)
        outside, self.seen = self.seen, {source}  # it may be shown here and in its own place as well
        nodes = self._siblings(self.blocks[source].get("children"), flow=flow)
        self.seen = outside
        self.references.pop()
        return nodes

    # --- tables -----------------------------------------------------------------------------------------------------

    def _table(self, block: Block) -> list[Node]:
        """Return a table, and after it what its block holds beside the cells."""
        payload = payload_of(block)
        about = read_mapping(payload.get("property"))
        children = read_list(block.get("children"))
        ids = read_list(payload.get("cells")) or children
        columns = min(max(1, read_number(about.get("column_size"), 1)), max(1, len(ids)))
        cells = [Cell(self._siblings([block_id], flow=False)) for block_id in ids]
        cells += [Cell([]) for _ in range(-len(cells) % columns)]
        grid = [cells[start : start + columns] for start in range(0, len(cells), columns)]
        self._merge(grid, read_list(about.get("merge_info")))
        listed = {block_id for block_id in ids if isinstance(block_id, str)}
        beside = [child for child in children if not isinstance(child, str) or child not in listed]
        rest = self._siblings(beside, flow=False)
        if not grid:
            return rest
        header_row, header_column = about.get("header_row") is True, about.get("header_column") is True
        return [Table(clean(block.get("block_id")), grid, header_row, header_column), *rest]

    def _merge(self, grid: list[list[Cell]], merges: list[Any]) -> None:
        """Give merged cells their spans, and the cells that they cover their anchor."""
        width = len(grid[0]) if grid else 0
        for index, merge in enumerate(merges[: len(grid) * width]):
            row, column = divmod(index, width)
            down = min(max(1, read_number(read_mapping(merge).get("row_span"), 1)), len(grid) - row)
            across = min(max(1, read_number(read_mapping(merge).get("col_span"), 1)), width - column)
            area = [range(row, row + down), range(column, column + across)]
            if not grid[row][column].is_single or any(not grid[r][c].is_single for r, c in product(*area)):
                continue  # areas never overlap; of two that do, the first counts
            covered = [*product(*area)][1:]
            if covered:
                grid[row][column] = replace(grid[row][column], row_span=down, col_span=across)
            for r, c in covered:
                if hidden := " ".join(lines(grid[r][c].children)):
                    self.tree.warnings.append(f"text under a merged cell: {hidden}")
                grid[r][c] = replace(grid[r][c], anchor=(row, column))

    # --- text elements ----------------------------------------------------------------------------------------------

    def _spans(self, payload: Mapping[str, Any]) -> list[Span]:
        """Return the text of a payload; neighbours of the same marks are one piece, for a comment splits a sentence."""
        spans = [
            span for element in read_list(payload.get("elements")) for span in self._element(read_mapping(element))
        ]
        merged: list[Span] = []
        for mergeable, some in groupby(spans, key=lambda span: (span.is_text, span.marks)):
            pieces = list(some)
            merged += [replace(pieces[0], text=plain(pieces))] if mergeable[0] else pieces
        return merged

    def _element(self, element: Mapping[str, Any]) -> list[Span]:
        for member, reader in self._elements.items():
            if member in element:
                payload = read_mapping(element[member])
                return [span for span in reader(self, payload, marks_of(payload)) if span.text]
        unknown = [key for key in element if "undefined" not in key]
        self.tree.warnings += [f"text element {read_id(member)} is unknown" for member in unknown]
        texts = [clean(read_mapping(element[member]).get("content")) for member in unknown]
        return [Span(text) for text in texts if text]

    def _run(self, payload: Mapping[str, Any], marks: Marks) -> list[Span]:
        return [Span(clean(payload.get("content")), marks)]

    def _user(self, payload: Mapping[str, Any], marks: Marks) -> list[Span]:
        user = clean(payload.get("user_id"))
        return [Span(f"@{user}", marks, user=user)]

    def _doc(self, payload: Mapping[str, Any], marks: Marks) -> list[Span]:
        url, token = read_url(payload.get("url")), clean(payload.get("token"))
        title = one_line(payload.get("title"))
        doc: MentionedDocument = {"token": token}
        if kind := read_number(payload.get("obj_type")):
            doc["obj_type"] = kind
        return [Span(title or url or token, marks._replace(link=url), doc=doc)]

    def _reminder(self, payload: Mapping[str, Any], marks: Marks) -> list[Span]:
        try:
            at = EPOCH + timedelta(milliseconds=read_number(payload.get("expire_time")))
        except OverflowError:
            return [Span("⏰", marks)]
        return [Span(f"⏰{at:%Y-%m-%d}" if payload.get("is_whole_day") is True else f"⏰{at:%Y-%m-%d %H:%M}", marks)]

    def _inline_file(self, payload: Mapping[str, Any], marks: Marks) -> list[Span]:
        block_id = clean(payload.get("source_block_id"))
        name = clean(payload_of(self.blocks.get(block_id, {})).get("name"))
        block = {"block_id": block_id, "block_type": 23, "file": {"token": payload.get("file_token"), "name": name}}
        return [self._file_span(self._asset("file", block), marks)]

    def _inline_block(self, payload: Mapping[str, Any], marks: Marks) -> list[Span]:
        block_id = clean(payload.get("block_id"))
        block = self.blocks.get(block_id)
        if block is None or block_id in self.seen or self.depth >= DEEPEST:
            self.tree.warnings.append(f"inline block {read_id(block_id)} is missing")
            return []
        self._reach(block_id)
        if type_of(block) == "file":
            return [self._file_span(self._asset("file", block), marks)]
        self.depth += 1
        spans = self._spans(payload_of(block))
        self.depth -= 1
        return spans

    def _file_span(self, asset: Asset, marks: Marks) -> Span:
        if not asset.token:
            return Span(_label(asset), marks)
        return Span(_label(asset), marks._replace(link=asset.target), asset=asset)

    def _equation(self, payload: Mapping[str, Any], marks: Marks) -> list[Span]:
        return [Span(one_line(payload.get("content")), Marks(link=marks.link), math=True)]

    _elements: Mapping[str, Callable[[_Walk, Mapping[str, Any], Marks], list[Span]]] = {
        "text_run": _run,
        "mention_user": _user,
        "mention_doc": _doc,
        "reminder": _reminder,
        "file": _inline_file,
        "inline_block": _inline_block,
        "equation": _equation,
    }


def _label(asset: Asset) -> str:
    return f"{asset.label}：{asset.name}" if asset.name else asset.label


def _facts(known: Mapping[str, Any]) -> FileFacts:
    """Return of all that is known of a picture or file what the guide says."""
    facts: FileFacts = {}
    keys: tuple[Literal["mime", "bytes", "sha256", "error"], ...] = ("mime", "bytes", "sha256", "error")
    for key in keys:
        if known.get(key):
            facts[key] = known[key]
    return facts


def _numbering(block: Block, last: int, direct: int) -> int:
    """Return the number of an ordered item: its own, the last one's plus one, or its place in the run."""
    sequence = str(read_mapping(payload_of(block).get("style")).get("sequence"))
    if re.fullmatch(r"[0-9]{1,9}", sequence):
        return int(sequence)
    return (last if sequence == "auto" else direct) + 1
