"""Two states of a document, told apart: block by block, each under its headings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from larknb.guides.blocks import read_tree
from larknb.guides.forms import lines, one_line
from larknb.guides.guide import block_hashes
from larknb.guides.payloads import blocks_by_id, read_list, type_of
from larknb.results.diff import BlockChange

__all__ = ["compare_documents"]


@dataclass(frozen=True)
class _Place:
    """A block where it stands: the headings above it."""

    block: Mapping[str, Any]
    path: tuple[str, ...]


def compare_documents(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[BlockChange, ...]:
    """Return what became of the blocks of a document, in the order of its present state; removed ones come last.

    Parameters
    ----------
    before, after : mapping
        The document as it was received then and now. Blocks that hold nothing but others are left out.
    """
    old, new = block_hashes(before), block_hashes(after)
    then, now = _places(before), _places(after)
    found = []
    for block_id, place in now.items():
        if old.get(block_id) == new.get(block_id):
            continue
        texts = (_text(then[block_id].block) if block_id in then else "", _text(place.block))
        if texts[0] != texts[1]:
            change: Literal["added", "changed"] = "changed" if block_id in then else "added"
            found.append(BlockChange(change, block_id, place.path, *texts))
    gone = [(block_id, place) for block_id, place in then.items() if block_id not in now]
    found += [
        BlockChange("removed", block_id, place.path, text) for block_id, place in gone if (text := _text(place.block))
    ]
    return tuple(found)


def _places(record: Mapping[str, Any]) -> dict[str, _Place]:
    """Return the blocks in reading order, each with the headings above it."""
    blocks = blocks_by_id(record.get("blocks"))
    found: dict[str, _Place] = {}
    path: list[tuple[int, str]] = []
    for block_id in _in_order(blocks):
        block = blocks[block_id]
        level = _level(block)
        if level:
            path = [(other, text) for other, text in path if other < level]
        found[block_id] = _Place(block, tuple(text for _, text in path))
        if level:
            path.append((level, one_line(_text(block))))
    return found


def _in_order(blocks: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield the ids as a reader meets the blocks; those that no page leads to come last."""
    seen: set[str] = set()
    pages = [block_id for block_id, block in blocks.items() if type_of(block) == "page"]
    stack = [*pages, *blocks][::-1]
    while stack:
        block_id = stack.pop()
        if block_id in seen or block_id not in blocks:
            continue
        seen.add(block_id)
        if type_of(blocks[block_id]) != "page":
            yield block_id
        stack += [child for child in read_list(blocks[block_id].get("children")) if isinstance(child, str)][::-1]


def _level(block: Mapping[str, Any]) -> int:
    kind = type_of(block)
    return int(kind.removeprefix("heading")) if kind.startswith("heading") and kind[7:].isdigit() else 0


def _text(block: Mapping[str, Any]) -> str:
    """Return what a block says by itself."""
    page = {"block_id": "\0page", "block_type": 1, "children": [block.get("block_id")], "page": {}}
    alone = {**block, "children": [], "parent_id": "\0page"}
    return "\n".join(lines(read_tree({"blocks": [page, alone]}).nodes)).strip()
