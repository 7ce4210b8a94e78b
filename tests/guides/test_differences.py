"""Two states of a document, told apart."""

from __future__ import annotations

from typing import Any

import pytest

from larknb.guides.differences import compare_documents
from larknb.results.diff import BlockChange

HEADINGS = {1: 3, 2: 4, 3: 5}  # level: block type


def block(block_id: str, text: str, *, level: int = 0, children: tuple[str, ...] = ()) -> dict[str, Any]:
    kind, name = (HEADINGS[level], f"heading{level}") if level else (2, "text")
    elements = [{"text_run": {"content": text, "text_element_style": {}}}]
    return {
        "block_id": block_id,
        "block_type": kind,
        name: {"elements": elements, "style": {}},
        "children": [*children],
    }


def guide(*blocks: dict[str, Any]) -> dict[str, Any]:
    nested = {child for each in blocks for child in each["children"]}
    top = [each["block_id"] for each in blocks if each["block_id"] not in nested]
    return {"blocks": [{"block_id": "page", "block_type": 1, "page": {"elements": []}, "children": top}, *blocks]}


BEFORE = guide(
    block("h1", "1 现象", level=1), block("a", "电机过热。"), block("h2", "1.1 步骤", level=2), block("b", "先停机。"),
    block("h3", "2 结论", level=1), block("c", "更换线束。"),
)  # fmt: skip


def test_blocks_are_told_with_their_headings() -> None:
    """What was edited, came and went, each where it stands; what only moved is no change."""
    after = guide(
        block("h1", "1 现象", level=1), block("h2", "1.1 步骤", level=2), block("b", "先断电停机。"),
        block("a", "电机过热。"), block("h3", "2 结论", level=1), block("d", "复测合格。"),
    )  # fmt: skip
    assert compare_documents(BEFORE, after) == (
        BlockChange("changed", "b", ("1 现象", "1.1 步骤"), "先停机。", "先断电停机。"),
        BlockChange("added", "d", ("2 结论",), "", "复测合格。"),
        BlockChange("removed", "c", ("2 结论",), "更换线束。"),
    )


def test_a_heading_stands_under_those_above_it() -> None:
    """Its own text is not in its path."""
    after = guide(*BEFORE["blocks"][1:3], block("h2", "1.1 定位步骤", level=2), *BEFORE["blocks"][4:])
    (change,) = compare_documents(BEFORE, after)
    assert (change.path, change.before, change.after) == (("1 现象",), "1.1 步骤", "1.1 定位步骤")


def test_what_is_nested_is_told_too() -> None:
    """A cell or a list item below another block is a block of its own; its parent's list of children says nothing."""
    before = guide(block("o", "外", children=("i",)), block("i", "内"))
    after = guide(block("o", "外", children=("i", "j")), block("i", "内部"), block("j", "又"))
    assert [(each.change, each.block_id) for each in compare_documents(before, after)] == [
        ("changed", "i"),
        ("added", "j"),
    ]


def test_a_style_is_no_text() -> None:
    """What a reader reads the same is no change."""
    bold = guide(block("a", "字"))
    bold["blocks"][1]["text"]["elements"][0]["text_run"]["text_element_style"] = {"align": 2}
    assert compare_documents(guide(block("a", "字")), bold) == ()


@pytest.mark.parametrize("record", [{}, {"blocks": None}, {"blocks": [{"block_id": "x", "children": ["x"]}]}])
def test_anything_can_be_compared(record: dict[str, Any]) -> None:
    """A document without blocks, and one whose block names itself."""
    assert compare_documents(record, record) == ()
    assert all(each.change == "removed" for each in compare_documents(BEFORE, record))
