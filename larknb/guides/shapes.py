"""What a block may hold, as far as it is shown: a member of another type counts as absent, which is found out here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from larknb.guides.payloads import Block, kind_of, read_list, read_number

__all__ = [
    "ELEMENT",
    "PAYLOADS",
    "STYLE",
    "Shape",
    "fits",
    "misfits",
]

Shape = Any  # a type, a list with the shape of its items, or a mapping with the shapes of its members

STYLE = {
    **dict.fromkeys(("bold", "italic", "strikethrough", "underline", "inline_code"), bool),
    "link": {"url": str},
}
ELEMENT: Mapping[str, Shape] = {
    "text_run": {"content": str, "text_element_style": STYLE},
    "mention_user": {"user_id": str, "name": str, "text_element_style": STYLE},
    "mention_doc": {"token": str, "obj_type": int, "url": str, "title": str, "text_element_style": STYLE},
    "reminder": {"expire_time": int, "is_whole_day": bool, "text_element_style": STYLE},
    "file": {"file_token": str, "source_block_id": str, "text_element_style": STYLE},
    "inline_block": {"block_id": str, "text_element_style": STYLE},
    "equation": {"content": str, "text_element_style": STYLE},
    "link_preview": {"title": str, "url": str, "text_element_style": STYLE},
}
TEXT = {"elements": [ELEMENT], "style": {"done": bool, "language": int, "sequence": str}}
TEXTS = (
    "page text heading1 heading2 heading3 heading4 heading5 heading6 heading7 heading8 heading9 bullet ordered code"
    " quote equation todo agenda_item_title"
)
PAYLOADS: Mapping[str, Shape] = {
    **dict.fromkeys(TEXTS.split(), TEXT),
    "okr_objective": {"content": TEXT},
    "okr_key_result": {"content": TEXT},
    "bitable": {"token": str},
    "sheet": {"token": str},
    "callout": {"emoji_id": str},
    "file": {"token": str, "name": str},
    "image": {"token": str, "caption": {"content": str}},
    "board": {"token": str},
    "iframe": {"component": {"url": str}},
    "link_preview": {"title": str, "url": str},
    "project": {"title": str, "url": str},
    "minutes": {"title": str, "url": str, "token": str, "minutes_id": str},
    "mindnote": {"token": str},
    "wiki_catalog": {"wiki_token": str},
    "sub_page_list": {"wiki_token": str},
    "source_synced": {"elements": [ELEMENT]},
    "reference_base": {"token": str},
    "table": {
        "cells": [str],
        "property": {
            "row_size": int,
            "column_size": int,
            "header_row": bool,
            "header_column": bool,
            "merge_info": [{"row_span": int, "col_span": int}],
        },
    },
    "add_ons": {"component_type_id": str, "record": str},
    "jira_issue": {"key": str},
    "reference_synced": {"source_document_id": str, "source_block_id": str},
}


def misfits(block: Block) -> list[str]:
    """Return the members of a block that cannot be read, each once, by their names from the payload on."""
    kind = kind_of(block)
    payload = block.get(kind)
    found = dict.fromkeys(_misfits(payload, PAYLOADS.get(kind, {}), kind))
    if block.get("children") is not None and not isinstance(block["children"], list):
        found["children"] = None
    if kind == "table" and isinstance(payload, Mapping) and not _has_columns(payload):
        found[f"{kind}.property.column_size"] = None  # without it nobody knows where a row ends
    return [*found]


def _misfits(value: Any, shape: Shape, name: str) -> Iterator[str]:
    if not fits(value, shape):
        yield name
    elif isinstance(shape, Mapping):
        for member in shape if value is not None else ():
            yield from _misfits(value.get(member), shape[member], f"{name}.{member}")
    elif isinstance(shape, list):
        for item in value or ():
            yield from _misfits(item, shape[0], name)


def fits(value: Any, shape: Shape) -> bool:
    """Say whether a value is of the type that its shape has, whatever its members are; what is absent fits."""
    if value is None:
        return True
    if isinstance(shape, Mapping):
        return isinstance(value, Mapping)
    return isinstance(value, list) if isinstance(shape, list) else _is(value, shape)


def _is(value: Any, shape: type) -> bool:
    """Say whether a value can be read as text, number or truth; numbers come as text, and text as numbers."""
    if shape is int:
        return read_number(value, -1) == read_number(value, 1)
    if shape is str and isinstance(value, (int, float)):
        return not isinstance(value, bool)
    return isinstance(value, shape)


def _has_columns(table: Mapping[str, Any]) -> bool:
    about = table.get("property")
    columns = read_number(about.get("column_size")) if isinstance(about, Mapping) else 0
    return columns > 0 or len(read_list(table.get("cells"))) < 2
