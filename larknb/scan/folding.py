"""Text without the differences that do not count for a search: full width, compatibility forms, upper case.

Folding a text takes a hundred times longer than the scan of it. Nearly all characters fold by themselves and to one
character: for them there is a table, so that a million rows are folded in a second. The others, such as an accent that
joins its letter or a sign that becomes two letters, are left to `fold`.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["BODY", "BREAK", "END", "Codes", "Folded", "fold", "fold_all", "fold_char", "without_marks"]

# What a scanned text has between its parts. They count as blanks, so no word can hold them.
BREAK = "\x1f"  # between the headings above a passage
BODY = "\x1e"  # between those and its text
END = "\x1d"  # after each passage

Codes = npt.NDArray[np.uint32]
THEMSELVES = (0x3400, 0xA000), (0xAC00, 0xF900), (0x20000, 0x2F800)  # ideographs, Hangul: nothing folds them
OTHERS = (0, 0x3400), (0xA000, 0xAC00), (0xF900, 0x10000), (0x1D400, 0x1D800), (0x1F000, 0x1FC00)
KNOWN = 0x2F800  # code points of the table
ALONE = 0xFFFFFFFF  # in the table: no character by itself says what becomes of it


def fold(text: str) -> str:
    """Return the text without the differences that do not count."""
    return unicodedata.normalize("NFKC", text).casefold()


def without_marks(text: str) -> str:
    """Return a text with a blank for each of our marks in it."""
    return text.replace(BREAK, " ").replace(BODY, " ").replace(END, " ")


class Folded(NamedTuple):
    """Some passages folded, and what it takes to have them as they were written.

    Parameters
    ----------
    data : bytes
        UTF-8, each passage with its `END`.
    at, chars : array
        Where in ``data`` there is a character that was written otherwise, and which one it was.
    odd : dict
        Passages, by their number, with characters that do not match one by one, as they were written.
    """

    data: bytes
    at: Codes
    chars: Codes
    odd: dict[int, str]


def fold_all(text: str) -> Folded:
    """Fold passages of which each ends with `END`."""
    codes = _codes(text)
    folded = _table().take(codes, mode="clip")
    odd: dict[int, str] = {}
    alone = np.flatnonzero(folded == ALONE)
    if alone.size:
        ends = np.flatnonzero(codes == ord(END))
        passages = text.split(END)
        odd = {int(number): passages[number] for number in np.unique(np.searchsorted(ends, alone))}
        others = {number: _codes(fold(passage)) for number, passage in odd.items()}
        codes, folded = _exchanged(codes, ends, others), _exchanged(folded, ends, others)
    differs = np.flatnonzero(codes != folded)
    at = _places(folded)[differs] if differs.size else differs.astype(np.uint32)
    return Folded(_text(folded), at, codes[differs], odd)


def _exchanged(codes: Codes, ends: npt.NDArray[np.intp], others: dict[int, Codes]) -> Codes:
    """Return passages with others in the place of some of them."""
    pieces, at = [], 0
    for number, other in others.items():
        pieces += [codes[at : ends[number - 1] + 1 if number else 0], other]
        at = ends[number]
    return np.concatenate([*pieces, codes[at:]])


def _codes(text: str) -> Codes:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")


def _text(codes: Codes) -> bytes:
    return codes.tobytes().decode("utf-32-le", "surrogatepass").encode("utf-8", "surrogatepass")


def _places(codes: Codes) -> Codes:
    """Return where in UTF-8 each character begins."""
    widths = np.ones(len(codes), np.uint32)
    for least in (0x80, 0x800, 0x10000):
        widths += codes >= least
    return np.cumsum(widths, dtype=np.uint32) - widths


@lru_cache(maxsize=1)
def _table() -> Codes:
    """Return what each code point folds to, or `ALONE`; the last entry is for those that are not in it."""
    table = np.full(KNOWN + 1, ALONE, np.uint32)
    for first, last in THEMSELVES:
        table[first:last] = np.arange(first, last)
    points = [point for first, last in OTHERS for point in range(first, last) if point != ord("\n")]
    signs = "\n".join(map(chr, points))  # at a line end nothing joins anything
    parts = unicodedata.normalize("NFKD", signs).split("\n")
    for point, sign, part in zip(points, fold(signs).split("\n"), parts, strict=True):
        if len(sign) == 1 and not _is_joining(part[0]):
            table[point] = ord(sign)
    table[ord("\n")] = ord("\n")
    return table


@lru_cache(maxsize=4096)
def fold_char(char: str) -> tuple[str, bool]:
    """Return a character folded by itself, and whether it may join what stands before it, or pass it."""
    return fold(char), _is_joining(unicodedata.normalize("NFKD", char)[0])


def _is_joining(char: str) -> bool:
    """Say whether a character, taken apart as far as it goes, is a mark or a later part of a Hangul sign."""
    return unicodedata.category(char)[0] == "M" or "\u1160" <= char <= "\u11ff"
