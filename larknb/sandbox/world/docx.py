"""A document (docx): its blocks as they are served, and the revision that moves with each change and each comment."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from larknb.sandbox.blocks import TEXT_KEYS, Block, page, run

from .company import Company
from .document import Document
from .ids import derived_id
from .people import User

Item = dict[str, Any]
PAGE = 1  # type of the block that is the document itself
OLDEST = 1000  # revisions behind the latest that can still be read
HIDDEN = ("show_comment_count", "show_create_time", "show_like_count", "show_pv", "show_related_matters", "show_uv")


def elements_of(item: Mapping[str, Any]) -> list[tuple[str, Item]]:
    """Text elements of a block, each with its kind; none for blocks that hold no text."""
    payload = item.get(TEXT_KEYS.get(item.get("block_type", 0), "")) or {}
    return [(kind, inner or {}) for element in payload.get("elements") or [] for kind, inner in element.items()]


def plain_text(item: Mapping[str, Any], name_of: Callable[[str], str] = str) -> str:
    """Text of one block without its children."""
    parts = []
    for kind, inner in elements_of(item):
        if kind == "mention_user":
            parts.append(f"@{name_of(str(inner.get('user_id')))}")
        else:
            parts.append(str(inner.get("title" if kind == "mention_doc" else "content") or ""))
    return "".join(parts)


class Docx(Document):
    """One document; made by `Tenant.add_document` and `Tenant.load_document`.

    Attributes
    ----------
    revision_id : int
        Set it to play one that moved by itself.
    blocks : list of dict
        As they are served, each before its children.
    editors : set of str
        Open ids, and ``"tenant"``, that may edit it, and so read old revisions; the owner always may.
    facts : dict
        What the document's info holds beside id, revision and title.
    """

    kind = "docx"
    path = "docx"

    def __init__(
        self, tenant: Company, document_id: str, title: str, owner: User, blocks: Iterable[Block | Item]
    ) -> None:
        super().__init__(tenant, document_id, title, owner)
        self.editors: set[str] = set()
        self.facts: Item = {"display_setting": {"show_authors": True} | dict.fromkeys(HIDDEN, False)}
        self._made = itertools.count(1)
        self._versions: dict[int, list[Item]] = {}
        self._revision = 1
        self.blocks = self._items(blocks)

    @property
    def document_id(self) -> str:
        """Token of the document, which is the id of its page block too."""
        return self.token

    @property
    def title(self) -> str:
        """Title of the document."""
        return self.name

    @property
    def revision_id(self) -> int:
        """Number of the latest revision; set it to play one that moved by itself."""
        return self._revision

    @revision_id.setter
    def revision_id(self, value: int) -> None:
        with self.tenant.lock:
            self._versions[self._revision] = self.blocks
            self._revision = value

    def version(self, revision_id: int) -> list[Item]:
        """Blocks as they were in a revision; one that nobody made shows what there was before it."""
        if revision_id >= self._revision:
            return self.blocks
        known = [number for number in self._versions if number <= revision_id]
        return self._versions[max(known)] if known else self.blocks

    def may_edit(self, identity: str) -> bool:
        """Whether this identity may edit the document."""
        return identity == self.owner.open_id or identity in self.editors

    def block(self, block_id: str) -> Item | None:
        """Block of this id."""
        return next((item for item in self.blocks if item["block_id"] == block_id), None)

    def descendants(self, block_id: str) -> list[Item]:
        """Block of this id and all below it, each before its children; what is missing or repeats is left out."""
        items, found, waiting = {item["block_id"]: item for item in self.blocks}, {}, [block_id]
        while waiting:
            item = items.get(waiting.pop())
            if item is not None and item["block_id"] not in found:
                found[item["block_id"]] = item
                waiting += reversed(item.get("children") or [])
        return list(found.values())

    # Changes ---------------------------------------------------------------------------------------------------------

    def replace(self, blocks: Iterable[Block | Item]) -> None:
        """Write the whole document anew, in one write."""
        with self._write():
            self.blocks = self._items(blocks)

    def edit(self, block_id: str, text: str) -> None:
        """Write a text anew, without marks."""
        with self._write():
            self._change(block_id, lambda item: self._with_text(item, text))

    def append(self, block: Block | Item, parent_id: str | None = None) -> str:
        """Add a block, with its children, below a parent or the page, and give its id."""
        parent_id = parent_id or self.document_id
        with self._write():
            items = [dict(block)] if isinstance(block, dict) else list(block.items(parent_id, self._new_id))
            below = self.descendants(parent_id)
            last = below[-1] if below else self.blocks[-1]
            place = next(place for place, item in enumerate(self.blocks, 1) if item is last)
            self.blocks[place:place] = items
            added = str(items[0]["block_id"])
            self._change(parent_id, lambda item: {**item, "children": [*(item.get("children") or []), added]})
        return added

    def remove(self, block_id: str) -> None:
        """Delete a block with all below it."""
        with self._write():
            gone = {item["block_id"] for item in self.descendants(block_id)}
            parent = next((item for item in self.blocks if block_id in (item.get("children") or [])), None)
            self.blocks = [item for item in self.blocks if item["block_id"] not in gone]
            if parent is not None:
                rest = [one for one in parent["children"] if one != block_id]
                self._change(parent["block_id"], lambda item: {**item, "children": rest})

    def rename(self, title: str) -> None:
        """Give the document another title."""
        with self._write():
            self.name = title
            self._change(self.document_id, lambda item: self._with_text(item, title))

    def comment(self) -> None:
        """Let somebody comment: the revision moves, and nothing else."""
        self.revision_id += 1

    @contextmanager
    def _write(self) -> Iterator[None]:
        with self.tenant.lock:
            before, self.blocks = self.blocks, list(self.blocks)  # readers of old revisions keep the old list
            yield
            self._versions[self._revision] = before
            self._revision += 1
            self.modifier = self.owner
            self.touch()

    def _change(self, block_id: str, change: Any) -> None:
        for place, item in enumerate(self.blocks):
            if item["block_id"] == block_id:
                self.blocks[place] = change(item)

    @staticmethod
    def _with_text(item: Item, text: str) -> Item:
        key = TEXT_KEYS[item["block_type"]]
        return {**item, key: {**item.get(key, {}), "elements": [run(text).item()]}}

    def _new_id(self) -> str:
        return derived_id("", 27, self.document_id, next(self._made))

    def _items(self, blocks: Iterable[Block | Item]) -> list[Item]:
        given = list(blocks)
        items = [dict(one) for one in given if isinstance(one, dict)]
        written = [one for one in given if isinstance(one, Block)]
        if items and any(item.get("block_type") == PAGE for item in items):
            return items
        if len(written) == 1 and written[0].type == PAGE:
            return list(written[0].named(self.document_id).items("", self._new_id))
        root = page(self.name, *written).named(self.document_id)
        whole = list(root.items("", self._new_id))
        top = [item["block_id"] for item in items if item.get("parent_id") in ("", self.document_id, None)]
        if top:
            whole[0]["children"] = [*whole[0].get("children", []), *top]
        return whole + items
