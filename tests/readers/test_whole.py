"""The blocks of a document are one tree, or they did not come whole; more of the kind is in tests/hostile."""

from __future__ import annotations

from typing import Any

import pytest

from larknb.readers.base import Torn
from larknb.readers.whole import check_blocks


def block(block_id: str, kind: int = 2, *children: str, **more: Any) -> dict[str, Any]:
    return {"block_id": block_id, "block_type": kind, "children": [*children], **more}


def test_a_tree_below_its_page_is_whole() -> None:
    """Whatever the order of the blocks."""
    check_blocks([block("b", 12, "c"), block("c"), block("page", 1, "a", "b"), block("a")], "page")


def test_a_block_of_another_document_has_no_page() -> None:
    """It is the topmost one itself."""
    check_blocks([block("a", 49, "b"), block("b")], "a", is_page=False)
    with pytest.raises(Torn, match="missing"):
        check_blocks([block("b")], "a", is_page=False)


@pytest.mark.parametrize(
    ("blocks", "why"),
    [
        ([block("page", 1, "a")], "block a, a child of page, is missing"),
        ([block("page", 1, "a"), block("a"), block("a")], "block a came twice"),
        ([block("page", 1, "a", "a"), block("a")], "block a is a child of page and of page"),
        ([block("page", 1, "a"), block("a", 2, "page")], "block page is a child of a"),
        ([block("page", 1), block("a")], "1 block.s. hang on no other, such as a"),
        ([block("page", 1, "a"), block("a", 1)], "2 page block"),
        ([block("a")], "0 page block"),
    ],
)
def test_what_is_not_whole_says_why(blocks: list[dict[str, Any]], why: str) -> None:
    """The reason names the block."""
    with pytest.raises(Torn, match=why):
        check_blocks(blocks, "page")


def test_the_cells_of_a_table_are_children() -> None:
    """Also those that the block lists beside the table are one and the same."""
    cells = block("t", 31, "c", table={"cells": ["c"]})
    check_blocks([block("page", 1, "t"), cells, block("c", 32)], "page")
    with pytest.raises(Torn, match="child of t, is missing"):
        check_blocks([block("page", 1, "t"), block("t", 31, table={"cells": ["c"]})], "page")
