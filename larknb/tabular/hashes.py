"""Hashes of the rows of a table of records: a row whose hash moved was edited."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from itertools import repeat
from typing import Any

import pyarrow as pa

from larknb.tabular.raw import COMPUTED, Definition, FieldType, canonical_json

__all__ = [
    "hash_rows",
    "without_volatile",
]

HOLDING_URLS = COMPUTED | {
    FieldType.USER,
    FieldType.ATTACHMENT,
    FieldType.GROUP_CHAT,
    FieldType.CREATED_USER,
    FieldType.MODIFIED_USER,
}
VOLATILE = {"avatar_url", "url", "tmp_url"}  # they move with every revision, or with a new portrait


def hash_rows(columns: Mapping[str, list[Any]], length: int) -> pa.Array:
    """Return one hash per row of some columns; empty cells, which are None, and the order of columns do not count."""
    rows: Iterable[tuple[Any, ...]] = zip(*columns.values(), strict=True) if columns else repeat((), length)
    return pa.array(
        [_hash({key: cell for key, cell in zip(columns, row, strict=True) if cell is not None}) for row in rows],
        pa.int64(),
    )


def _hash(cells: Mapping[str, Any]) -> int:
    digest = hashlib.blake2b(canonical_json(cells), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def without_volatile(definition: Definition, cells: list[Any]) -> list[Any]:
    """Return the cells of a field without the URLs that change although nobody edited anything."""
    return [_lasting(cell) for cell in cells] if definition["type"] in HOLDING_URLS else cells


def _lasting(cell: Any) -> Any:
    if isinstance(cell, list):
        return [_lasting(item) for item in cell]
    if isinstance(cell, dict):
        return {key: _lasting(value) if key == "value" else value for key, value in cell.items() if key not in VOLATILE}
    return cell
