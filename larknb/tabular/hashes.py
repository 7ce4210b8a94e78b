"""Hashes of the rows of a table of records: a row whose hash moved was edited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from itertools import repeat
from types import NoneType
from typing import Any

import numpy as np
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
PLAIN = {str, int, float, bool, NoneType}  # what holds no URL to leave out
VOLATILE = {"avatar_url", "url", "tmp_url"}  # they move with every revision, or with a new portrait


def hash_rows(columns: Mapping[str, list[Any]], length: int) -> pa.Array:
    """Return one hash per row of some columns; empty cells, which are None, and the order of columns do not count."""
    names = [*columns]
    rows: Iterable[tuple[Any, ...]] = zip(*columns.values(), strict=True) if columns else repeat((), length)
    filled = ({name: cell for name, cell in zip(names, row, strict=True) if cell is not None} for row in rows)
    digests = b"".join([blake2b(canonical_json(cells), digest_size=8).digest() for cells in filled])
    return pa.array(np.frombuffer(digests, dtype=">i8").astype("<i8"))


def without_volatile(definition: Definition, cells: list[Any]) -> list[Any]:
    """Return the cells of a field without the URLs that change although nobody edited anything."""
    return [_lasting(cell) for cell in cells] if definition["type"] in HOLDING_URLS else cells


def _lasting(cell: Any) -> Any:
    if isinstance(cell, list):
        return [_lasting(item) for item in cell]
    if isinstance(cell, dict):
        value = cell.get("value")
        if isinstance(value, list) and PLAIN.issuperset(map(type, value)) and VOLATILE.isdisjoint(cell):
            return cell  # the result of most formulas; a copy of it would say the same
        return {key: _lasting(value) if key == "value" else value for key, value in cell.items() if key not in VOLATILE}
    return cell
