"""Whether the blocks of a document came whole: an answer proves itself by the tree that its blocks form.

Every block names its children. So an answer that lacks blocks, or repeats some, shows it: a child that is named has
not come, or what has come hangs on nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from larknb.guides.payloads import type_of
from larknb.readers.base import Torn
from larknb.readers.blocks import Block, Blocks

__all__ = [
    "check_blocks",
]

# Blocks whose content the platform does not give with the document; of an unknown type nobody knows whether it does.
ELSEWHERE = frozenset(
    {"", "chat_card", "diagram", "isv", "mindnote", "wiki_catalog", "reference_synced", "sub_page_list"}
)


def check_blocks(blocks: Blocks, root: str, *, is_page: bool = True) -> None:
    """Raise Torn unless the blocks are one tree below a root, each of them once.

    Parameters
    ----------
    root : str
        The id of the topmost block.
    is_page : bool
        It is the page of a document, of which there is one; else it is a block within one.
    """
    known = _by_id(blocks)
    pages = [block_id for block_id, block in known.items() if type_of(block) == "page"]
    if root not in known or pages != ([root] if is_page else []):
        raise Torn(f"{len(pages)} page block(s) among {len(known)} blocks" if is_page else f"block {root} is missing")
    parents = _parents(known)
    if root in parents:
        raise Torn(f"block {root} is a child of {parents[root]}")
    reached = _reached(known, root)
    if len(reached) < len(known):
        lost = next(block_id for block_id in known if block_id not in reached)
        raise Torn(f"{len(known) - len(reached)} block(s) hang on no other, such as {lost}")


def _by_id(blocks: Blocks) -> dict[str, Block]:
    known: dict[str, Block] = {}
    for block in blocks:
        block_id = block.get("block_id") if isinstance(block, Mapping) else None
        if not isinstance(block_id, str) or not block_id:
            raise Torn("a block without an id")
        if block_id in known:
            raise Torn(f"block {block_id} came twice")
        known[block_id] = block
    return known


def _parents(known: Mapping[str, Block]) -> dict[str, str]:
    """Return the parent of each block that is a child; Torn where one is missing, or has two places."""
    parents: dict[str, str] = {}
    for block_id, block in known.items():
        for child in _children(block):
            if child in parents:
                raise Torn(f"block {child} is a child of {parents[child]} and of {block_id}")
            if child in known:
                parents[child] = block_id
            elif type_of(block) not in ELSEWHERE:
                raise Torn(f"block {child}, a child of {block_id}, is missing")
    return parents


def _children(block: Block) -> Iterator[str]:
    """Yield the children that a block names, the cells of a table among them."""
    children = _listed(block, block.get("children"))
    yield from children
    table = block.get("table")
    if type_of(block) == "table" and isinstance(table, Mapping) and isinstance(table.get("cells"), list):
        yield from {*_listed(block, table["cells"])} - {*children}


def _listed(block: Block, ids: Any) -> list[str]:
    if ids is None:
        return []
    if not isinstance(ids, list) or not all(isinstance(child, str) for child in ids):
        raise Torn(f"the children of block {block.get('block_id')} are no list of ids")
    return ids


def _reached(known: Mapping[str, Block], root: str) -> set[str]:
    reached, waiting = {root}, [root]
    while waiting:
        children = [child for child in _children(known[waiting.pop()]) if child in known and child not in reached]
        reached.update(children)
        waiting += children
    return reached
