"""What the blocks of a document point to: embedded tables, pictures and files, synced blocks of other documents.

Blocks are foreign text: what is no token never becomes part of an address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from larknb.guides.payloads import read_number
from larknb.links import split_embedded
from larknb.readers.embedded import Part

__all__ = [
    "Block",
    "Blocks",
    "is_token",
    "media_in",
    "part_of",
    "parts_in",
    "references_in",
]

BITABLE, FILE, IMAGE, SHEET, BOARD, REFERENCE = 18, 23, 27, 30, 43, 50  # types of block

TOKEN = re.compile(r"[A-Za-z0-9_-]{1,100}")  # what may stand in an address

Block = Mapping[str, Any]
Blocks = Sequence[Block]


def is_token(text: str) -> bool:
    """Say whether a text may stand in an address."""
    return bool(TOKEN.fullmatch(text))


def parts_in(blocks: Blocks) -> list[Part]:
    """Return the bases and spreadsheets of which blocks show tables."""
    found: dict[tuple[str, str], list[str]] = {}
    for block in blocks:
        kind = {BITABLE: "bitable", SHEET: "spreadsheet"}.get(read_number(block.get("block_type")))
        if kind is not None:
            token = str(_payload(block, "bitable" if kind == "bitable" else "sheet").get("token") or "")
            holder, table_id = split_embedded(token)
            if table_id and is_token(token):
                ids = found.setdefault((kind, holder), [])
                ids += [table_id] if table_id not in ids else []
    return [part_of(kind, token, ids) for (kind, token), ids in found.items()]


def part_of(kind: str, token: str, table_ids: Iterable[str]) -> Part:
    """Return a part of a document. Its tables go by the token of their block, for a copy has the ids of the first."""
    keys = {table_id: f"{token}_{table_id}" for table_id in table_ids}
    return Part("bitable" if kind == "bitable" else "spreadsheet", token, keys)


def media_in(blocks: Blocks) -> dict[str, Literal["file", "board"]]:
    """Return the token of every picture, file and board; a picture is a file, too."""
    found: dict[str, Literal["file", "board"]] = {}
    for block in blocks:
        kind = read_number(block.get("block_type"))
        if kind in (IMAGE, FILE):
            found.setdefault(str(_payload(block, "image" if kind == IMAGE else "file").get("token") or ""), "file")
        elif kind == BOARD:
            found.setdefault(str(_payload(block, "board").get("token") or ""), "board")
        for element in _elements(block):
            found.setdefault(str(_payload(element, "file").get("file_token") or ""), "file")
    return {token: kind for token, kind in found.items() if is_token(token)}


def references_in(blocks: Blocks) -> Iterator[tuple[str, str]]:
    """Yield document and block of each synced reference."""
    for block in blocks:
        if read_number(block.get("block_type")) == REFERENCE:
            payload = _payload(block, "reference_synced")
            yield str(payload.get("source_document_id")), str(payload.get("source_block_id"))


def _payload(block: Block, name: str) -> Mapping[str, Any]:
    payload = block.get(name)
    return payload if isinstance(payload, Mapping) else {}


def _elements(block: Block) -> Iterator[Mapping[str, Any]]:
    for payload in block.values():
        elements = payload.get("elements") if isinstance(payload, Mapping) else None
        if isinstance(elements, list):
            yield from (element for element in elements if isinstance(element, Mapping))
