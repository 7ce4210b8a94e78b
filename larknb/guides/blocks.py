"""The blocks of a document, as the server sent them -> the tree of a few forms that is printed.

Some sixty types of block and eight of text element end here; the printers know a dozen forms. The input is somebody
else's: a payload may be missing, a child may be gone, the tree may bite its own tail. Nothing of that stops the walk,
and no text is lost: what cannot be shown leaves a `Marker` in its place, a count, or a warning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

import orjson

from larknb.guides.elements import Elements
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
    label_of,
    one_line,
    plain,
    written_out,
)
from larknb.guides.merging import merge
from larknb.guides.payloads import (
    STRUCTURE,
    Block,
    blocks_by_id,
    emoji_of,
    kind_of,
    language_of,
    member_of,
    numbering_of,
    payload_of,
    read_id,
    read_list,
    read_mapping,
    read_number,
    read_url,
    type_of,
)
from larknb.guides.schema import FileFacts
from larknb.guides.shapes import PAYLOADS, misfits
from larknb.links import split_embedded

__all__ = [
    "read_tree",
]

MERMAID = "blk_631fefbbae02400430b8f9f4"  # component_type_id of text drawings
DEEPEST = 40  # levels of nesting; what lies deeper is shown flat, so that no document exhausts the stack
MOST_REFERENCES = 200  # expansions of synced blocks in one document: they can multiply each other


def read_tree(
    record: Mapping[str, Any],
    media: Mapping[str, Mapping[str, Any]] | None = None,
    tables: Mapping[str, Mapping[str, Any]] | None = None,
) -> Tree:
    """Return the tree of a document.

    Parameters
    ----------
    record : mapping
        A guide as it was received: ``document``, ``blocks``, ``references`` (synced blocks of other documents), and
        ``people``, the names that were found of the persons in it.
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
        self._text = Elements(self.tree, read_mapping(record.get("people")), self._file_of, self._inline)
        self.blocks = blocks_by_id(record.get("blocks"))
        self.own = frozenset(self.blocks)
        self.seen: set[str] = set()  # on this side of a synced block: what comes up again is a cycle or a mistake
        self.reached: set[str] = set()
        self.references: list[str] = []  # the synced blocks that are open now
        self.unknown: set[object] = set()  # the ids of blocks whose whole payload is shown as that of an unknown one
        self.expanded = 0
        self.depth = 0

    def run(self) -> Tree:
        """Return the tree, with what there is to be said about the reading."""
        tree, page = self.tree, self._page()
        tree.title_spans = self._text.spans(payload_of(page))
        tree.title = one_line(plain(tree.title_spans) or read_mapping(self.record.get("document")).get("title"))
        self._reach(clean(page.get("block_id")))
        below = self._siblings(page.get("children"), flow=True)
        tree.nodes = [*self._besides(page), *below]
        self._left_out()
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

    def _left_out(self) -> None:
        """Note the blocks that nothing leads to."""
        if left := [block_id for block_id in self.blocks if block_id in self.own - self.reached]:
            self.tree.warnings.append(f"{len(left)} block(s) outside of the page were left out")
        for block_id in left:
            payload = {name: value for name, value in self.blocks[block_id].items() if name not in STRUCTURE}
            self.tree.lack(kind_of(self.blocks[block_id]), _all(self._text.said(payload)), "outside", block_id)

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
            if kind_of(block) == "ordered":
                last = numbering_of(block, last, direct)
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
                what = read_id(block_id) or _all(self._text.said(block_id))
                self.tree.lack("", what, "missing", read_id(block_id))
            elif block_id in self.seen:
                self.tree.warnings.append(f"block {read_id(block_id)} comes up again and was shown once")
            else:
                self._reach(block_id)
                yield self.blocks[block_id]

    # --- one block --------------------------------------------------------------------------------------------------

    def _read(self, block: Block, number: int, *, flow: bool) -> list[Node]:
        """Return the nodes of a block and of its children, and what of it is in no form that is known."""
        return [*self._shown(block, number, flow=flow), *self._besides(block)]

    def _besides(self, block: Block) -> list[Node]:
        """Return what a block says in members that its kind does not have, or that are of another type there."""
        kind, payload = kind_of(block), payload_of(block)
        more = {name: value for name, value in block.items() if name not in STRUCTURE and value is not payload}
        is_told = block.get("block_id") in self.unknown  # all of its payload
        said = [] if is_told else self._text.said(payload, PAYLOADS.get(kind, {}))
        said += self._text.said(more)
        members = misfits(block)
        if not said and not members:
            return []
        number, block_id = read_number(block.get("block_type")), clean(block.get("block_id"))
        self.tree.unsupported[number] += 1
        if not members:
            self.tree.warn_once(f"blocks of the kind {kind} have members that are unknown: what they say is shown")
            self.tree.lack(kind, _all(said), "unknown_member", block_id)
            return [*map(Paragraph, said)]
        self.tree.warnings.append(f"block {read_id(block_id)}: {', '.join(members)} cannot be read")
        self.tree.lack(kind, " ".join(filter(None, [", ".join(members), _all(said)])), "unreadable", block_id)
        return [*map(Paragraph, said), Marker(f"feishu:unreadable block_type={number} member={','.join(members)}")]

    def _shown(self, block: Block, number: int, *, flow: bool) -> list[Node]:
        """Return the nodes of a block and of its children: the contract's table of block types."""
        payload, children = payload_of(block), block.get("children")
        own: Iterable[Node] = ()
        match kind_of(block):
            case "page" | "text":
                own = self._paragraph(self._text.spans(payload))
            case "okr_objective" | "okr_key_result":
                own = self._paragraph(self._text.spans(read_mapping(payload.get("content")) or payload))
            case heading if heading.startswith("heading"):
                own = self._heading(int(heading.removeprefix("heading")), block, flow)
            case "bullet" | "ordered" | "todo" as kind:
                return [self._item(kind, block, number)]
            case "code":
                own = [self._code(payload)]
            case "quote":
                own = [Quote(text)] if (text := self._paragraph(self._text.spans(payload))) else ()
            case "equation":
                spans = self._text.spans(payload)
                own = [Math(formula, spans)] if (formula := plain(spans).strip()) else ()
            case "bitable" | "sheet" as source:
                own = [self._embedded(source, block)]
            case "reference_base":
                own = [self._embedded("bitable", block)] if _is_joined(payload) else self._unknown(block)
            case "callout" | "quote_container":
                return self._boxed(children, emoji_of(payload))
            case "divider":
                own = [Divider()]
            case "file":
                own = [self._file(block)]
            case "image" | "board" as kind:
                own = self._picture(kind, block)
            case "iframe":
                own = self._page_link("嵌入网页", read_mapping(payload.get("component")).get("url"), block)
            case "link_preview" | "project":
                own = self._linked(payload.get("title"), read_url(payload.get("url")), block)
            case "minutes":
                own = self._minutes(payload, block)
            case "table":
                return self._table(block)
            case "grid" | "grid_column" | "table_cell":
                flow = False
            case (
                "view" | "okr_progress" | "agenda" | "agenda_item" | "agenda_item_content" | "ai_template"
                | "meeting_notes_qa" | "vc_tabs" | "vc_summary_tab" | "vc_transcript_tab"
            ):  # fmt: skip
                pass  # nothing of their own to show
            case "source_synced":
                self._note_name(block)
            case "agenda_item_title":
                bold = [replace(span, marks=span.marks._replace(bold=True)) for span in self._text.spans(payload)]
                own = self._paragraph(bold)
            case "add_ons":
                own = self._add_on(block)
            case "jira_issue":
                own = [Line(f"Jira {one_line(payload.get('key'))}")]
            case "reference_synced":
                own = self._reference(payload, flow)
            case _:
                own = self._unknown(block)
        return [*own, *self._siblings(children, flow=flow)]

    def _unknown(self, block: Block, said: Any = None, about: str = "") -> list[Node]:
        """Return what a block without a form says, and its marker.

        Parameters
        ----------
        said : any, optional
            What is looked into; its payload by default.
        about : str
            What its marker tells beside its number.
        """
        self.unknown.add(block.get("block_id"))
        number, is_new = read_number(block.get("block_type")), not type_of(block)
        name = member_of(block) if is_new else type_of(block)
        payload = payload_of(block) if said is None else said
        # Blocks that are known to be unreadable have a token that leads nowhere; it is in the list of what is not here.
        shown = self._text.said(payload, tokens=is_new or said is not None)
        about = about or (f" member={read_id(name)}" if is_new and name else "")
        self.tree.unsupported[number] += 1
        self.tree.warn_once(f"blocks of type {number}{about} cannot be read: what they say of themselves is shown")
        what = _all(self._text.said(payload))
        self.tree.lack(name, what, "unknown" if is_new else "unsupported", clean(block.get("block_id")))
        return [*map(Paragraph, shown), Marker(f"feishu:unsupported block_type={number}{about}")]

    def _paragraph(self, spans: Spans) -> list[Node]:
        return [Paragraph(spans)] if plain(spans).strip() else []

    def _heading(self, level: int, block: Block, flow: bool) -> list[Node]:
        spans = [replace(span, text=span.text.replace("\n", " ")) for span in self._text.spans(payload_of(block))]
        return [Heading(level, spans, clean(block.get("block_id")), flow)] if plain(spans).strip() else []

    def _item(self, kind: Literal["bullet", "ordered", "todo"], block: Block, number: int) -> Item:
        payload, children = payload_of(block), self._siblings(block.get("children"), flow=False)
        done = kind == "todo" and read_mapping(payload.get("style")).get("done") is True
        return Item(kind, self._text.spans(payload), children, 0 if kind == "todo" else number, done)

    def _code(self, payload: Mapping[str, Any]) -> Code:
        spans = self._text.spans(payload)
        # Marks mean nothing in code; a mention is written out, for its title alone would hide what was pasted.
        text = "".join(f"[{s.text}]({s.marks.link})" if s.doc and s.marks.link else s.text for s in spans)
        return Code(text.removesuffix("\n"), language_of(payload), spans)

    def _boxed(self, children: Any, emoji: str = "") -> list[Node]:
        inside = self._siblings(children, flow=False)
        return [Quote(inside, emoji)] if inside or emoji else []

    def _page_link(self, label: str, url: Any, block: Block) -> list[Node]:
        address = read_url(url)
        return [Line(label or address, address)] if address else self._unknown(block)

    def _linked(self, title: Any, url: str, block: Block) -> list[Node]:
        """Return a title that leads somewhere, as text of the document; without an address it has a marker."""
        if url:
            return [Paragraph([Span(one_line(title) or url, Marks(link=url))])]
        return self._unknown(block)

    def _minutes(self, payload: Mapping[str, Any], block: Block) -> list[Node]:
        """Return the link to the minutes of a meeting, which are somewhere else."""
        token = clean(payload.get("token")) or clean(payload.get("minutes_id"))
        address = read_url(payload.get("url")) or (f"feishu-minutes:{token}" if token else "")
        self.tree.lack("minutes", one_line(payload.get("title")) or token, "elsewhere", clean(block.get("block_id")))
        return self._linked(one_line(payload.get("title")) or "妙记", address, block)

    def _note_name(self, block: Block) -> None:
        """Note the name of a synced block, which no page shows."""
        if name := written_out(self._text.spans(payload_of(block))).strip():
            self.tree.lack("source_synced", name, "name", clean(block.get("block_id")))

    def _add_on(self, block: Block) -> list[Node]:
        """Return the drawing that an add-on's record holds as text, or whatever else its record says."""
        payload = payload_of(block)
        kind, text = clean(payload.get("component_type_id")), clean(payload.get("record"))
        try:
            record = orjson.loads(text)
        except ValueError:
            record = text
        source = clean(read_mapping(record).get("data"))
        if kind == MERMAID and source.strip():
            return [Code(source.removesuffix("\n"), "mermaid")]
        return self._unknown(
            block, {**payload, "record": record}, f" component_type_id={read_id(kind)}" if kind else ""
        )

    # --- media and embedded tables ----------------------------------------------------------------------------------

    def _file_of(self, token: Any, block_id: str) -> Asset:
        """Return the file of a token, whose name is in the block that it came from."""
        name = payload_of(self.blocks.get(block_id, {})).get("name")
        return self._asset("file", {"block_id": block_id, "block_type": 23, "file": {"token": token, "name": name}})

    def _inline(self, block_id: str) -> Block | None:
        """Return a block that stands in a line, None where it is missing or shown already."""
        if block_id not in self.blocks or block_id in self.seen:
            return None
        self._reach(block_id)
        return self.blocks[block_id]

    def _asset(self, kind: Literal["image", "file", "board"], block: Block) -> Asset:
        payload = payload_of(block)
        token = clean(payload.get("token"))
        known = self.media.get(token, {})
        file, error = known.get("file"), known.get("error")
        status = known.get("status") or ("downloaded" if file else "failed" if error else "skipped")
        if error:
            self.tree.warnings.append(f"{kind} {read_id(token)} was not downloaded: {error}")
        if token and not file:
            name = one_line(payload.get("name") or known.get("name")) or token
            self.tree.lack(kind, name, "left_out", clean(block.get("block_id")), str(error or ""))
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
        return Line(label_of(asset), asset.target, asset) if asset.token else Line(label_of(asset))

    def _embedded(self, source: Literal["sheet", "bitable"], block: Block) -> Embedded:
        token = clean(payload_of(block).get("token"))
        holder, table = split_embedded(token)
        known = self.tables.get(token, {})
        status = str(known.get("status") or "not_fetched")
        if problem := known.get("problem"):
            self.tree.warnings.append(f"{source} {read_id(token)} was not read: {problem}")
        if known.get("rows") is None:
            reason = status if status in ("forbidden", "failed") else "not_fetched"
            self.tree.lack(source, token, reason, clean(block.get("block_id")), str(problem or ""))
        return Embedded(source, holder, table, clean(block.get("block_id")), status, known.get("rows"))

    # --- synced blocks ----------------------------------------------------------------------------------------------

    def _reference(self, payload: Mapping[str, Any], flow: bool) -> list[Node]:
        """Return the block that a synced reference stands for, with its children."""
        document, source = clean(payload.get("source_document_id")), clean(payload.get("source_block_id"))
        key = f"{document}/{source}"
        for block_id, block in blocks_by_id(read_mapping(self.record.get("references")).get(key)).items():
            self.blocks.setdefault(block_id, block)
        too_many = self.expanded >= MOST_REFERENCES or self.depth >= DEEPEST
        if source not in self.blocks or key in self.references or too_many:
            self.tree.warnings.append(f"reference_synced block not expanded: {key}")
            self.tree.lack("reference_synced", key, "not_expanded", source)
            ids = f"source_document_id={read_id(document)} source_block_id={read_id(source)}"
            return [Marker(f"feishu:reference_synced {ids}")]
        self.expanded += 1
        self.references.append(key)
        outside, self.seen = self.seen, {source}  # it may be shown here and in its own place as well
        nodes = self._read(self.blocks[source], 1, flow=flow)
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
        for hidden in merge(grid, read_list(about.get("merge_info"))):
            self.tree.warnings.append(f"text under a merged cell: {hidden}")
            self.tree.lack("table_cell", hidden, "merged", clean(block.get("block_id")))
        listed = {block_id for block_id in ids if isinstance(block_id, str)}
        beside = [child for child in children if not isinstance(child, str) or child not in listed]
        rest = self._siblings(beside, flow=False)
        if not grid:
            return rest
        header_row, header_column = about.get("header_row") is True, about.get("header_column") is True
        return [Table(clean(block.get("block_id")), grid, header_row, header_column), *rest]


def _all(said: Iterable[Spans]) -> str:
    """Return pieces of text on one line, written out."""
    return " ".join(map(written_out, said))


def _is_joined(payload: Mapping[str, Any]) -> bool:
    """Say whether the token of a block names a table."""
    return bool(split_embedded(clean(payload.get("token")))[1])


def _facts(known: Mapping[str, Any]) -> FileFacts:
    """Return of all that is known of a picture or file what the guide says."""
    facts: FileFacts = {}
    keys: tuple[Literal["mime", "bytes", "sha256", "error"], ...] = ("mime", "bytes", "sha256", "error")
    for key in keys:
        if known.get(key):
            facts[key] = known[key]
    return facts
