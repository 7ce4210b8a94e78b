"""Where the parts of many folded passages begin, and where some bytes are in them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from larknb.scan.folding import BODY, BREAK, END

__all__ = ["Layout", "Places", "layout_of", "places_of"]

Places = npt.NDArray[np.int32]  # in the bytes of all passages


class Layout(NamedTuple):
    """Where each passage begins, where its own heading does, its text, and where it ends.

    A passage without headings has the title for its heading.
    """

    starts: Places
    heads: Places
    bodies: Places
    ends: Places

    @property
    def nbytes(self) -> int:
        """The bytes that it takes in memory."""
        return sum(part.nbytes for part in self)


def layout_of(data: bytes) -> Layout:
    """Return where the parts of folded passages are."""
    signs = np.frombuffer(data, np.uint8)
    marks = np.flatnonzero(signs - np.uint8(ord(END)) <= ord(BREAK) - ord(END))  # any of the three; below they wrap
    ends, bodies, breaks = (marks[signs[marks] == ord(mark)].astype(np.int32) for mark in (END, BODY, BREAK))
    starts = np.concatenate([[0], ends[:-1] + 1], dtype=np.int32)
    breaks = np.concatenate([[-1], breaks], dtype=np.int32)
    heads = np.maximum(starts, breaks[np.searchsorted(breaks, bodies) - 1] + 1)
    return Layout(starts, heads, bodies, ends)


def places_of(data: bytes, needle: bytes) -> Places:
    """Return all places of some bytes, also those that overlap."""
    signs = np.frombuffer(data, np.uint8)
    count = max(0, len(signs) - len(needle) + 1)
    first = min(4, len(needle))  # that many are compared everywhere, the others where these are
    same = signs[first - 1 : first - 1 + count] == needle[first - 1]
    for offset in range(first - 1):
        same &= signs[offset : offset + count] == needle[offset]
    places = np.flatnonzero(same).astype(np.int32)
    for offset in range(first, len(needle)):
        places = places[signs[places + offset] == needle[offset]]
    return places
