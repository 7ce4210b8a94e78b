"""Cells of a shape that nothing documents -> the nearest shape of their type, with every member that is known.

An object may come with more members than its page names, as a list of one, or for a list of one. What is known of it
is read all the same; the caller keeps the cell as it came beside it wherever the nearest shape does not say all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import pyarrow as pa

from larknb.tabular.raw import COMPUTED, LINKS, FieldType, storable_json

__all__ = ["TELLING", "Near", "nearest"]

Cell = Any


class Near(NamedTuple):
    """The nearest shape of a cell, None where nothing of it is known; ``whole`` says that the cell says no more."""

    cell: Cell
    whole: bool = False


NOTHING = Near(None)
NAMES = ("name", "text")  # what an option, or a text, is called where an object stands for it
OLDER_LINK = {"type", "table_id", "record_ids"}  # says no more of a link than its ids
# What tells that an object is the value of a formula or lookup itself, without its wrapper.
TELLING = {"text", "link", "link_record_ids", "record_ids", "name", "id", "file_token", "location", "full_address"}


def nearest(type_: int | None, arrow: pa.DataType, cell: Cell) -> Near:
    """Return the nearest shape of a cell that is not of its type's own one; it may still not fit."""
    if type_ in COMPUTED:
        return _result(cell)
    inner = _unwrapped(cell)
    if inner is not cell:  # it was a formula a moment ago
        return Near(nearest(type_, arrow, inner).cell if isinstance(inner, (dict, list)) else inner)
    if type_ in LINKS:
        return _links(cell)
    if pa.types.is_struct(arrow):
        return _object(arrow, cell, joined=type_ == FieldType.URL)
    if pa.types.is_list(arrow) and pa.types.is_struct(arrow.value_type):
        return _objects(arrow.value_type, cell, texts=type_ == FieldType.TEXT)
    if pa.types.is_list(arrow):
        return Near([*_texts(cell)] or None)
    if pa.types.is_string(arrow) or pa.types.is_dictionary(arrow):
        return _text(cell)
    return Near(cell[0]) if isinstance(cell, list) and len(cell) == 1 else NOTHING


def _result(cell: Cell) -> Near:
    """Wrap what came without its wrapper; the type within is a hint, and one that is none is no reason to refuse."""
    if not isinstance(cell, dict):
        return Near(cell, whole=True)
    if "value" not in cell:
        return Near({"value": [cell]}) if cell.keys() & TELLING else NOTHING
    found = {"value": storable_json(cell["value"] if isinstance(cell["value"], list) else [cell["value"]])}
    hint, face = cell.get("type"), cell.get("ui_type")
    found |= {"type": hint} if type(hint) is int and abs(hint) < 2**31 else {}
    found |= {"ui_type": face} if isinstance(face, str) else {}
    return Near(found, {name: part for name, part in cell.items() if part is not None} == found)


def _unwrapped(cell: Cell) -> Cell:
    """Return what the wrapper of a formula or lookup holds, or a list of one wrapper; any other cell as it is."""
    inner = cell
    while True:
        one = inner[0] if isinstance(inner, list) and len(inner) == 1 else inner
        if not isinstance(one, dict) or "value" not in one or one.keys() & TELLING:
            return inner
        inner = one["value"]


def _links(cell: Cell) -> Near:
    """Return the record ids of one link object, of several, or of both generations; texts beside them are kept."""
    items = cell if isinstance(cell, list) else [cell]
    ids: list[Cell] = []
    whole = isinstance(cell, list)
    for item in items:
        if isinstance(item, str) and isinstance(cell, list):
            found: Cell = [item]
            whole = False
        elif isinstance(item, dict):
            found = item.get("link_record_ids") or item.get("record_ids") or []
            whole = whole and "record_ids" in item and item.keys() <= OLDER_LINK
        else:
            return NOTHING
        if not isinstance(found, list):
            return NOTHING
        ids += found
    return Near({"link_record_ids": ids} if ids else None, whole)


def _object(arrow: pa.StructType, cell: Cell, *, joined: bool) -> Near:
    """Return the known members of an object, or of a list's first one.

    ``joined`` takes the parts of an address for what they are: one text, and the first link in it.
    """
    items = cell if isinstance(cell, list) else [cell]
    if not all(isinstance(item, dict) for item in items):
        return NOTHING
    names = _names(arrow)
    known = [part for item in items if (part := _known(names, item))]
    if not known:
        return NOTHING
    found = known[0]
    if joined and len(known) > 1 and all(isinstance(part.get("text", ""), str) for part in known):
        texts = "".join(part.get("text") or "" for part in known)
        found = {"text": texts, "link": next((part["link"] for part in known if part.get("link")), None)}
    return Near(found, len(items) == 1 and items[0].keys() <= names)


def _objects(arrow: pa.StructType, cell: Cell, *, texts: bool) -> Near:
    """Return the objects of a list with their known members; one object is a list of one."""
    items = [*_flat(cell)]
    names = _names(arrow)
    if texts and isinstance(cell, str):
        return Near([{"type": "text", "text": cell}], whole=True)
    if texts:
        items = [{"type": "text", "text": item} if isinstance(item, str) else item for item in items]
    if not all(isinstance(item, dict) or item is None for item in items):
        return NOTHING
    known = [part for item in items if item and (part := _known(names, item))]
    flat = cell if isinstance(cell, list) else [cell]
    whole = len(known) == len(flat) and all(isinstance(item, dict) and item.keys() <= names for item in flat)
    return Near(known or None, whole)


def _known(names: set[str], item: Mapping[str, Cell]) -> dict[str, Cell] | None:
    known = {name: item[name] for name in item if name in names}
    return known if any(value is not None for value in known.values()) else None


def _names(arrow: pa.StructType) -> set[str]:
    return {member.name for member in arrow}


def _flat(cell: Cell) -> Iterator[Cell]:
    """Yield the items of a list, those of lists within it too; anything else is one item."""
    if isinstance(cell, list):
        for item in cell:
            yield from item if isinstance(item, list) else [item]
    else:
        yield cell


def _texts(cell: Cell) -> Iterator[Cell]:
    for item in _flat(cell):
        named = _named(item)
        if named is None:
            yield item  # what it is shows when it is refused
        else:
            yield named


def _named(item: Cell) -> str | None:
    """Return a text, or what an object is called."""
    if isinstance(item, str):
        return item
    found: Iterable[Cell] = (item.get(name) for name in NAMES) if isinstance(item, dict) else ()
    return next((name for name in found if isinstance(name, str)), None)


def _text(cell: Cell) -> Near:
    """Return the text of an object, of a list of one, or of the segments that another type of column would have."""
    items = cell if isinstance(cell, list) else [cell]
    names = [_named(item) for item in items]
    texts = [name for name in names if name is not None]
    if len(texts) != len(items) or isinstance(cell, str):
        return NOTHING
    segments = all(isinstance(item, dict) and "text" in item for item in items)
    return Near("".join(texts)) if len(texts) == 1 or segments else NOTHING
