"""What tells some bytes from others of their kind: the pieces that are new, and where the rest of them was before.

The bytes are JSON with many rows; a piece ends where a row does. That matters for the size alone, and never for what
comes out.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import accumulate

import pyarrow as pa

__all__ = ["SCHEMA", "applied", "difference"]

SCHEMA = pa.schema([("_start", pa.int64()), ("_end", pa.int64()), ("_text", pa.binary())])
END = b"],["  # of a row
MOST = 200_000  # rows: what is taken apart takes many times its room in memory


def difference(old: bytes, new: bytes) -> pa.Table | None:
    """Return the parts of ``new`` in their order: each is one of ``old``, from its start to its end, or a text.

    None where there are too many rows.
    """
    if max(old.count(END), new.count(END)) > MOST:
        return None
    pieces = _pieces(old)
    starts = [0, *accumulate(map(len, pieces))]
    places = defaultdict[bytes, list[int]](list)
    for place, piece in enumerate(pieces):
        places[piece].append(place)
    parts: list[tuple[int, int, list[bytes]]] = [(0, 0, [])]
    expected = 0  # the piece that comes next if nothing came or went
    for piece in _pieces(new):
        is_next = expected < len(pieces) and pieces[expected] == piece
        number = expected if is_next else _nearest(places.get(piece, ()), expected)
        start, end, texts = parts[-1]
        expected = (expected if number is None else number) + 1
        if number is None and texts:
            texts.append(piece)
        elif number is None:
            parts.append((0, 0, [piece]))
        elif starts[number] == end and not texts:
            parts[-1] = start, starts[number + 1], texts
        else:
            parts.append((starts[number], starts[number + 1], []))
    columns = zip(*((start, end, b"".join(texts) if texts else None) for start, end, texts in parts), strict=True)
    return pa.table([pa.array(column, each.type) for column, each in zip(columns, SCHEMA, strict=True)], schema=SCHEMA)


def applied(old: bytes, differences: Iterable[pa.Table]) -> bytes:
    """Return what some bytes become by all that `difference` gave, the oldest first."""
    for each in differences:
        parts = zip(*(each.column(name).to_pylist() for name in SCHEMA.names), strict=True)
        old = b"".join(old[start:end] if text is None else text for start, end, text in parts)
    return old


def _pieces(data: bytes) -> list[bytes]:
    *whole, last = data.split(END)
    return [*(piece + END for piece in whole), last]


def _nearest(numbers: Sequence[int], wanted: int) -> int | None:
    """Return the one of some numbers, which rise, that is nearest to another one."""
    at = bisect_left(numbers, wanted)
    return min(numbers[max(0, at - 1) : at + 1], key=lambda number: abs(number - wanted), default=None)
