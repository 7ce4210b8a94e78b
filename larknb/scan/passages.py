"""What a search finds: passages, many of them joined into one text that can be scanned, and as they were written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import NamedTuple, TypeVar

import numpy as np

from larknb.model import Kind
from larknb.scan.folding import BODY, BREAK, END, Codes, fold, fold_all, without_marks
from larknb.scan.layout import Layout, layout_of

__all__ = [
    "Block",
    "Passage",
    "Passages",
    "Patch",
    "Piece",
    "blocks_of",
    "folded_of",
    "joined",
    "passage_of",
    "pieces_of",
]

T = TypeVar("T")
BLOCK = 1_000_000  # bytes: a few thousand rows, which are kept, scanned and ranked as one
NONE = np.zeros(0, np.uint32)


class Passage(NamedTuple):
    """A piece of text that a search finds as one.

    ``title`` is that of the document or table, ``path`` the headings above the text, outermost first, or what its row
    is called; without any, the passage stands for the document itself.
    """

    kind: Kind
    source: str
    title: str
    path: tuple[str, ...]
    text: str
    url: str

    @property
    def heading(self) -> str:
        """The heading right above the text."""
        return self.path[-1] if self.path else self.title


class Passages(NamedTuple):
    """Passages of one document or table: ``joined`` has one after the other, ``urls`` their addresses if they differ.

    Each is its headings with `BREAK` between them, `BODY`, its text and `END`; in UTF-8.
    """

    kind: Kind
    source: str
    title: str
    url: str
    joined: bytes
    urls: Sequence[str] = ()


def joined(path: Iterable[str], text: str) -> str:
    """Return a passage as `Passages` has it."""
    return f"{BREAK.join(map(without_marks, path))}{BODY}{without_marks(text)}{END}"


# --- blocks ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Patch:
    """What it takes to have folded passages as they were written; see `larknb.scan.folding.Folded`."""

    at: Codes = field(default_factory=lambda: NONE)
    chars: Codes = field(default_factory=lambda: NONE)
    odd: Mapping[int, str] = field(default_factory=dict)
    urls: Sequence[str] = ()


@dataclass
class Block:
    """Some passages of one document or table as they are scanned; they may lie in a file until they are asked for.

    Parameters
    ----------
    size : int
        The bytes of the folded passages.
    folded : callable
        Returns these.
    patch : callable
        Returns what it takes to have them as they were written.
    keeps : callable
        Says whether so many bytes may stay in memory.
    """

    kind: Kind
    source: str
    title: str
    url: str
    size: int
    folded: Callable[[], bytes]
    patch: Callable[[], Patch]
    keeps: Callable[[int], bool] = lambda _: False
    _layout: Layout | None = None

    def layout(self, folded: bytes) -> Layout:
        """Return where the parts of the folded passages are; it is found once where there is room to keep it."""
        found = self._layout or layout_of(folded)
        if self._layout is None and self.keeps(found.nbytes):
            self._layout = found
        return found

    @cached_property
    def folded_title(self) -> str:
        """The title as it is scanned."""
        return fold(self.title)


class Piece(NamedTuple):
    """Some `Passages` that become one block, and their addresses if they differ."""

    joined: bytes
    urls: Sequence[str]


def pieces_of(passages: Passages) -> Iterator[Piece]:
    """Yield passages in pieces for one block each."""
    end = END.encode()
    at = number = 0
    while at < len(passages.joined):
        stop = passages.joined.find(end, at + BLOCK) + 1 or len(passages.joined)
        joined = passages.joined[at:stop]
        count = joined.count(end) if passages.urls else 0
        yield Piece(joined, passages.urls[number : number + count])
        at, number = stop, number + count


def folded_of(piece: Piece) -> tuple[bytes, Patch]:
    """Return the folded passages of a block, and what it takes to have them as they were written."""
    folded = fold_all(piece.joined.decode("utf-8", "surrogatepass"))
    return folded.data, Patch(folded.at, folded.chars, folded.odd, piece.urls)


def blocks_of(passages: Passages) -> list[Block]:
    """Return passages as blocks in memory."""
    folded = map(folded_of, pieces_of(passages))
    about = passages.kind, passages.source, passages.title, passages.url
    return [Block(*about, len(data), partial(_same, data), partial(_same, patch)) for data, patch in folded]


def _same(value: T) -> T:
    return value


def passage_of(block: Block, number: int, at: int, folded: bytes) -> Passage:
    """Return a passage of a block as it was written: its number there, and where its folded bytes begin."""
    patch = block.patch()
    text = patch.odd.get(number) or _unfolded(folded, at, patch)
    above, _, body = text.partition(BODY)
    path = tuple(above.split(BREAK)) if above else ()
    url = patch.urls[number] if patch.urls else block.url
    return Passage(block.kind, block.source, block.title, path, body.removeprefix("\n"), url)


def _unfolded(folded: bytes, start: int, patch: Patch) -> str:
    first, last = np.searchsorted(patch.at, [start, start + len(folded)])
    pieces, at = [], 0
    for place, char in zip((patch.at[first:last] - start).tolist(), patch.chars[first:last].tolist(), strict=True):
        pieces += [folded[at:place].decode("utf-8", "surrogatepass"), chr(char)]
        at = place + _width(folded[place])
    return "".join([*pieces, folded[at:].decode("utf-8", "surrogatepass")])


def _width(lead: int) -> int:
    """Return how many bytes a character has by its first one."""
    return 1 + (lead >= 0xC0) + (lead >= 0xE0) + (lead >= 0xF0)
