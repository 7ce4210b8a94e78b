"""What the blocks of a document point to: embedded tables, pictures and files, synced blocks of other documents.

Blocks are foreign text: what is no token never becomes part of an address.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from larknb.guides.payloads import kind_of, payload_of, read_list, read_mapping
from larknb.links import split_embedded
from larknb.readers.embedded import Part

__all__ = [
    "Block",
    "Blocks",
    "is_token",
    "media_in",
    "part_of",
    "parts_in",
    "people_in",
    "references_in",
]

HOLDERS = {"bitable": "bitable", "reference_base": "bitable", "sheet": "spreadsheet"}  # what shows a table of what
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
        kind = HOLDERS.get(kind_of(block))
        if kind is not None:
            token = _text(payload_of(block), "token")
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
        kind = kind_of(block)
        if kind in ("image", "file", "board"):
            found.setdefault(_text(payload_of(block), "token"), "board" if kind == "board" else "file")
        for element in _elements(block):
            found.setdefault(_text(read_mapping(element.get("file")), "file_token"), "file")
    return {token: kind for token, kind in found.items() if is_token(token)}


def references_in(blocks: Blocks) -> Iterator[tuple[str, str]]:
    """Yield document and block of each synced reference."""
    for block in blocks:
        if kind_of(block) == "reference_synced":
            payload = payload_of(block)
            yield _text(payload, "source_document_id"), _text(payload, "source_block_id")


def people_in(blocks: Blocks) -> list[str]:
    """Return the ids of the persons whom blocks mention, each once."""
    mentioned = (read_mapping(element.get("mention_user")) for block in blocks for element in _elements(block))
    ids = dict.fromkeys(_text(payload, "user_id") for payload in mentioned)
    return [each for each in ids if is_token(each)]


def _text(payload: Mapping[str, Any], name: str) -> str:
    return str(payload.get(name) or "")


def _elements(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the text elements of a block, those within the payloads that nobody knows among them."""
    waiting = deque([value])
    while waiting:
        each = waiting.popleft()
        if isinstance(each, Mapping):
            yield from (element for element in read_list(each.get("elements")) if isinstance(element, Mapping))
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
