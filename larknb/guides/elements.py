"""Text elements, as the server sent them -> pieces of text with their marks.

Nine kinds are known. Of any other its title, address, token or text is shown, and the kind counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import groupby
from typing import Any

from larknb.guides.forms import UNMARKED, Asset, Marks, Span, Tree, clean, label_of, one_line, plain, written_out
from larknb.guides.payloads import (
    Block,
    kind_of,
    marks_of,
    payload_of,
    read_id,
    read_list,
    read_mapping,
    read_number,
    read_url,
)
from larknb.guides.schema import MentionedDocument
from larknb.guides.shapes import ELEMENT, STYLE
from larknb.guides.unknown import Piece, Texts, pieces_in
from larknb.messages import say

__all__ = [
    "Elements",
]

DEEPEST = 20  # blocks within the lines of blocks, and texts within payloads that nobody knows
EPOCH = datetime(1970, 1, 1, 8, tzinfo=timezone(timedelta(hours=8)))  # reminders have no zone; their readers are here


class Elements:
    """Reads the text of payloads.

    Parameters
    ----------
    tree : Tree
        Is told what cannot be shown.
    people : mapping
        The names of persons, by their ids.
    file_of : callable
        Gives the file of a token; the name may be in the block whose id comes with it.
    inline : callable
        Gives a block that stands in a line, None where there is none or it was shown already.
    """

    def __init__(
        self, tree: Tree, people: Mapping[str, Any], file_of: Callable[[Any, str], Asset],
        inline: Callable[[str], Block | None],
    ) -> None:  # fmt: skip
        self._tree, self._people, self._file_of, self._inline = tree, people, file_of, inline
        self._depth = 0

    def spans(self, payload: Mapping[str, Any]) -> list[Span]:
        """Return the text of a payload; neighbours of the same marks are one piece, for a comment splits a sentence."""
        spans = [span for element in read_list(payload.get("elements")) for span in self._element(element)]
        merged: list[Span] = []
        for mergeable, some in groupby(spans, key=lambda span: (span.is_text, span.marks)):
            pieces = list(some)
            merged += [replace(pieces[0], text=plain(pieces))] if mergeable[0] else pieces
        return merged

    def _element(self, element: Any) -> Iterator[Span]:
        """Yield the text of an element, which has one member; of several, the known ones first."""
        if not isinstance(element, Mapping):
            yield from self._pieces(element, UNMARKED)
            return
        for member in sorted(element, key=lambda name: name not in self._readers):
            payload = element[member]
            marks, reader = marks_of(read_mapping(payload)), self._readers.get(member)
            found = reader(self, read_mapping(payload), marks) if reader else self._unknown(member, payload, marks)
            yield from (span for span in found if span.text)
            if reader and (more := self._pieces(payload, marks, ELEMENT.get(member))):
                self._tree.lack("member", member, "unknown_member", "")
                yield from (Span(" "), *more)

    def _unknown(self, member: str, payload: Any, marks: Marks) -> list[Span]:
        if "undefined" in member and not payload:
            return []
        self._tree.unsupported[read_id(member)] += 1
        self._tree.warn_once(f"text element {read_id(member)} is unknown")
        found = self._pieces(payload, marks, {"text_element_style": STYLE}, member)
        self._tree.lack(member, written_out(found), "unknown_element", "")
        return found

    def _pieces(self, payload: Any, marks: Marks, shape: Any = None, name: str = "") -> list[Span]:
        """Return what a payload says that nobody reads, on one line."""
        found: list[Span] = []
        for spans in self.said(payload, shape, marks, name=name):
            found += [Span(" "), *spans] if found else spans
        return found

    def said(
        self, payload: Any, shape: Any = None, marks: Marks = UNMARKED, *, name: str = "", tokens: bool = True
    ) -> list[list[Span]]:
        """Return what a payload says that nobody reads, piece by piece; see `larknb.guides.unknown.pieces_in`."""
        if self._depth >= DEEPEST:
            self._tree.warn_once("what is nested too deep in a text was left out")
            self._tree.lack("", name, "unreadable", "")
            return []
        self._depth += 1
        found = [
            self.spans(piece.payload) if isinstance(piece, Texts) else [_span_of(piece, marks)]
            for piece in pieces_in(payload, shape, name)
            if tokens or isinstance(piece, Texts) or not piece.is_token
        ]
        self._depth -= 1
        return [spans for spans in found if plain(spans).strip()]

    def _run(self, payload: Mapping[str, Any], marks: Marks) -> list[Span]:
        return [Span(clean(payload.get("content")), marks)]

    def _user(self, payload: Mapping[str, Any], marks: Marks) -> list[Span]:
        user = clean(payload.get("user_id"))
        name = one_line(self._people.get(user)) or one_line(payload.get("name"))
        return [Span(f"@{name or say('guide.unnamed')}", marks, user=user, name=name)] if user or name else []

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

    def _file(self, payload: Mapping[str, Any], marks: Marks) -> list[Span]:
        return [_file_span(self._file_of(payload.get("file_token"), clean(payload.get("source_block_id"))), marks)]

    def _block(self, payload: Mapping[str, Any], marks: Marks) -> list[Span]:
        block_id = clean(payload.get("block_id"))
        block = self._inline(block_id) if self._depth < DEEPEST else None
        if block is None:
            self._tree.warnings.append(f"inline block {read_id(block_id)} is missing")
            self._tree.lack("inline_block", block_id, "missing", block_id)
            return []
        if kind_of(block) == "file":
            return [_file_span(self._file_of(payload_of(block).get("token"), block_id), marks)]
        self._depth += 1
        spans = self.spans(payload_of(block))
        self._depth -= 1
        return spans

    def _equation(self, payload: Mapping[str, Any], marks: Marks) -> list[Span]:
        return [Span(one_line(payload.get("content")), Marks(link=marks.link), math=True)]

    def _preview(self, payload: Mapping[str, Any], marks: Marks) -> list[Span]:
        url = read_url(payload.get("url"))
        return [Span(one_line(payload.get("title")) or url, marks._replace(link=url or marks.link))]

    _readers: Mapping[str, Callable[[Elements, Mapping[str, Any], Marks], list[Span]]] = {
        "text_run": _run,
        "mention_user": _user,
        "mention_doc": _doc,
        "reminder": _reminder,
        "file": _file,
        "inline_block": _block,
        "equation": _equation,
        "link_preview": _preview,
    }


def _span_of(piece: Piece, marks: Marks) -> Span:
    """Return a piece of an unknown payload as text: a link, a token as code, or plain."""
    if piece.is_token:
        return Span(piece.text, marks._replace(code=True))
    return Span(piece.text, marks._replace(link=piece.url or marks.link))


def _file_span(asset: Asset, marks: Marks) -> Span:
    if not asset.token:
        return Span(label_of(asset), marks)
    return Span(label_of(asset), marks._replace(link=asset.target), asset=asset)
