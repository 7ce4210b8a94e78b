"""Bases and spreadsheets that a document embeds."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pyarrow as pa

from larknb.links import split_embedded
from larknb.model import Kind
from larknb.readers.base import Known, KnownTable

__all__ = [
    "BOARD",
    "Block",
    "Blocks",
    "FILE",
    "IMAGE",
    "Part",
    "REFERENCE",
    "TOKEN",
    "Within",
    "parts_in",
    "parts_of",
    "payload_of",
]

BITABLE, FILE, IMAGE, SHEET, BOARD, REFERENCE = 18, 23, 27, 30, 43, 50  # types of block

TOKEN = re.compile(r"[A-Za-z0-9_-]{1,100}")  # what may stand in an address; blocks are foreign text

Block = Mapping[str, Any]
Blocks = Sequence[Block]


@dataclass(frozen=True)
class Part:
    """A base or spreadsheet of which the document shows tables or worksheets."""

    kind: Literal["bitable", "spreadsheet"]
    token: str
    ids: tuple[str, ...]

    def key(self, table_id: str) -> str:
        """What the cache calls a table: as its block does, for a copy has the ids of what it was copied from."""
        return f"{self.token}_{table_id}"

    @property
    def keys(self) -> list[str]:
        return [self.key(table_id) for table_id in self.ids]


# --- what blocks name -----------------------------------------------------------------------------------------------


def payload_of(block: Block, name: str) -> Mapping[str, Any]:
    payload = block.get(name)
    return payload if isinstance(payload, Mapping) else {}


def parts_in(blocks: Blocks) -> list[Part]:
    """Return the bases and spreadsheets of which blocks show tables."""
    found: dict[tuple[Kind, str], list[str]] = {}
    for block in blocks:
        kind = block.get("block_type")
        if kind in (BITABLE, SHEET):
            token = str(payload_of(block, "bitable" if kind == BITABLE else "sheet").get("token") or "")
            holder, table = split_embedded(token)
            if table and TOKEN.fullmatch(token):
                ids = found.setdefault(("bitable" if kind == BITABLE else "spreadsheet", holder), [])
                ids += [table] if table not in ids else []
    return [part_of(kind, token, ids) for (kind, token), ids in found.items()]


def parts_of(state: Mapping[str, Any]) -> list[Part]:
    """Return the parts that were there at the last look."""
    return [part_of(each["kind"], token, each["ids"]) for token, each in state.get("parts", {}).items()]


def part_of(kind: Kind, token: str, ids: Iterable[str]) -> Part:
    return Part("bitable" if kind == "bitable" else "spreadsheet", token, tuple(ids))


# --- what the cache knows of a part -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Uncached:
    """A table that the cache does not know."""

    name: str
    gone: bool = False


@dataclass(frozen=True)
class Within:
    """What the cache knows of an embedded base or spreadsheet, under the names that its reader uses."""

    known: Known
    part: Part

    @property
    def is_whole(self) -> bool:
        """True when all of it is cached and nothing is to be read again."""
        held = self.again or any(entry.gone for entry in self.tables.values())
        return not held and all(key in self.known.tables for key in self.part.keys)

    @property
    def state(self) -> Mapping[str, Any]:
        state: Mapping[str, Any] = self.known.state.get("parts", {}).get(self.part.token, {}).get("state", {})
        return state

    @property
    def again(self) -> Collection[str]:
        held = {key for key in self.part.ids if self.part.key(key) in self.known.again}
        return held | {*self.state.get("again", ())}

    @property
    def embedded(self) -> Mapping[str, Mapping[str, str]]:
        return {}

    @property
    def tables(self) -> Mapping[str, KnownTable]:
        """Every table that the document shows: one that is not cached is no mistake in the settings."""
        return {key: self.known.tables.get(self.part.key(key), Uncached(key)) for key in self.part.ids}

    def rows(self, table_id: str) -> int | None:
        return self.known.rows(self.part.key(table_id))

    def schema(self, table_id: str) -> pa.Schema:
        return self.known.schema(self.part.key(table_id))

    def record_ids(self, table_id: str) -> pa.ChunkedArray:
        return self.known.record_ids(self.part.key(table_id))
