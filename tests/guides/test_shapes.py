"""Which members of a block cannot be read."""

from __future__ import annotations

from typing import Any

import pytest

from larknb.guides.shapes import misfits


def text(*elements: Any, **more: Any) -> dict[str, Any]:
    return {"block_type": 2, "text": {"elements": [*elements], **more}}


@pytest.mark.parametrize(
    ("block", "found"),
    [
        (text({"text_run": {"content": "a", "text_element_style": {"bold": True, "link": {"url": "u"}}}}), []),
        (text({"text_run": {"content": 5}}, {"brand_new": []}), []),
        (text({"text_run": ["a"]}, {"text_run": ["b"]}), ["text.elements.text_run"]),
        (text("a", None), ["text.elements"]),
        (text(style="wide"), ["text.style"]),
        ({"block_type": 2, "text": {"elements": None, "style": None}}, []),
        ({"block_type": 2, "text": {"elements": {"0": {}}}}, ["text.elements"]),
        ({"block_type": 2, "text": "a"}, ["text"]),
        ({"block_type": 2, "children": "abc"}, ["children"]),
        ({"block_type": "2", "text": True}, ["text"]),
        ({"block_type": 27, "image": {"token": None, "caption": {"content": []}}}, ["image.caption.content"]),
        ({"block_type": 19, "callout": {"emoji_id": {"a": 1}}}, ["callout.emoji_id"]),
        ({"block_type": 31, "table": {"cells": ["a", "b"]}}, ["table.property.column_size"]),
        ({"block_type": 31, "table": {"cells": ["a", "b"], "property": {"column_size": "2", "row_size": "1"}}}, []),
        ({"block_type": 31, "table": {"cells": 7, "property": {"column_size": 2}}}, ["table.cells"]),
        ({"block_type": 31, "table": {"cells": ["a"], "property": {"row_size": "two"}}}, ["table.property.row_size"]),
        ({"block_type": 22, "divider": []}, ["divider"]),
        ({"block_type": 999, "undefined": 7}, []),
        ({"block_type": []}, []),
        ({}, []),
    ],
)
def test_members_of_another_type(block: dict[str, Any], found: list[str]) -> None:
    """Numbers may come as text and text as numbers; null is absent; what nobody knows is nobody's to judge."""
    assert misfits(block) == found
