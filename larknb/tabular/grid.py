"""The raw grid of a worksheet: its cells in their places, what each of them is, and its text.

The record of a `larknb.model.Grid` has the windows of two passes: the data pass gives values and serials, the date pass
gives text where a cell is a date.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

import numpy as np
import numpy.typing as npt
import orjson

from larknb import display

__all__ = [
    "DAY",
    "ERRORS",
    "INDEX",
    "UNIX",
    "Date",
    "Element",
    "Hashes",
    "Record",
    "as_json",
    "as_text",
    "digest",
    "elements_of",
    "filled_length",
    "fingerprint",
    "is_filled",
    "kind_of",
    "row_hashes",
    "rows_of",
    "stripped",
]

INDEX = "_row"  # the column of sheet rows, which becomes the index of a frame

Record = Mapping[str, Any]  # of a `larknb.model.Grid`; its windows may be any iterable that can be begun again
Hashes = npt.NDArray[np.void]  # of the rows that hold something, from the top down
ROW_HASH = np.dtype([("row", np.int64), ("hash", np.int64)])

EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  the platform tells no zone: a cell is what the clock on the wall shows
DAY = 86_400_000  # milliseconds
MILLISECOND = timedelta(milliseconds=1)
FIRST, LAST = -693_593 * DAY, 2_958_466 * DAY - 1  # the years 1 to 9999, which is what Python's dates know
UNIX = (datetime(1970, 1, 1) - EPOCH) // MILLISECOND  # noqa: DTZ001


MOST_DAYS = 1_000  # a serial beyond is a moment of our time, whatever its format shows

# A time of day or a length as a format writes it, without any part of a date.
_CLOCK = re.compile(
    r"(?=.*\d)(?:-?(?:[上下]午|[AP]M)?\s*\d+(?::\d{1,2}){1,2}(?:[.,]\d+)?\s*(?:[上下]午|[AP]M)?"
    r"|-?(?:[上下]午)?\s*(?:\d+\s*(?:小时|时)\s*)?(?:\d+\s*分钟?\s*)?(?:\d+(?:[.,]\d+)?\s*秒)?)",
    re.IGNORECASE,
)


class Date(int):
    """A date, time, date-time or length: milliseconds since the sheet's epoch, and the ``text`` that the sheet shows.

    The text is no more than a sign of what it is, for its format may leave out whatever it likes.
    """

    text: str

    @classmethod
    def of(cls, ms: int, text: str) -> Date:
        """Return a date with the text that the sheet shows for it."""
        date = cls(ms)
        date.text = text
        return date

    @property
    def is_clock(self) -> bool:
        """True when it may be a length: its text shows a time alone, and it is no moment of our time."""
        text = getattr(self, "text", "").strip()
        return abs(self) < MOST_DAYS * DAY and bool(text) and _CLOCK.fullmatch(text) is not None

    @property
    def is_length(self) -> bool:
        """True when it can be nothing but a length: it shows a time, and is less than none or a day and more."""
        return not 0 <= self < DAY and self.is_clock


# --- the cells in their places --------------------------------------------------------------------------------------


def rows_of(record: Record) -> Iterator[tuple[int, list[Any]]]:
    """Yield each row that has cells, up to the last of them, with its place counted from 0; dates are `Date`.

    Neither the windows in which they were read nor the padding around them make a difference. A record whose windows
    are read one by one, from the top down, never has more of its rows in memory than one of them holds.
    """
    shown = _put_together(record["dates"])
    ahead = next(shown, None)
    for at, row in _put_together(record["values"]):
        while ahead is not None and ahead[0] < at:
            ahead = next(shown, None)
        if ahead is not None and ahead[0] == at:
            _mark_dates(row, ahead[1])
        while row and row[-1] is None:
            row.pop()
        if row:
            yield at, row


def _mark_dates(row: list[Any], shown: Sequence[Any]) -> None:
    """Make dates of the numbers that the date pass shows as text."""
    for column, text in enumerate(shown[: len(row)]):
        # The text is no more than the sign of a date: its format may leave out the time of day.
        if isinstance(text, str) and type(row[column]) in (int, float):
            date = _date_of(row[column], text)
            row[column] = row[column] if date is None else date


def _put_together(windows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[int, list[Any]]]:
    """Yield the rows of windows from the top down, each with the cells that all windows have of it."""
    waiting: dict[int, list[Any]] = {}
    tops = [int(window["row"]) for window in windows] if isinstance(windows, list) else []
    is_ordered = tops == sorted(tops)  # what is in memory may have come in any order
    for window in windows:
        top, left = int(window["row"]) - 1, int(window["column"]) - 1
        for at in sorted(at for at in waiting if at < top and is_ordered):
            yield at, waiting.pop(at)
        for at, cells in enumerate(window["values"] or (), top):
            row = waiting.setdefault(at, [])
            if left > len(row):
                row.extend([None] * (left - len(row)))
            row[left : left + len(cells or ())] = cells or ()
    for at in sorted(waiting):
        yield at, waiting.pop(at)


def filled_length(row: Sequence[Any]) -> int:
    """Return how many cells a row has up to the last one with anything in it."""
    return next((at + 1 for at in reversed(range(len(row))) if is_filled(row[at])), 0)


def _date_of(serial: float, text: str) -> Date | None:
    """Return a serial as the date that shows a text; None if it is in no year that can be shown."""
    if not -1e6 < serial < 1e7:  # far outside; the product of a larger one might be infinite
        return None
    # A double resolves half a microsecond at today's serials: what is finer than a millisecond is noise.
    ms = round(serial * DAY)
    return Date.of(ms, text) if FIRST <= ms <= LAST else None


# --- one cell -------------------------------------------------------------------------------------------------------

ERRORS = {
    "#DIV/0!", "#N/A", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#ERROR!",
}  # fmt: skip
# Blanks of every width, also those of no width; `str.strip` by itself knows none of the latter.
BLANKS = "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2028\u2029\u202f\u205f\u2060\u3000\ufeff" + "".join(
    map(chr, range(0x2000, 0x200E))
)
_PLAIN_KINDS = {type(None): "null", bool: "bool", int: "int", float: "float", Date: "date"}


def kind_of(cell: Any) -> str:
    """Return what a cell is: null, blank, bool, int, float, date, text, error, or rich, which is without a text."""
    plain = _PLAIN_KINDS.get(type(cell))
    if plain is not None:
        return plain
    if isinstance(cell, str):
        return "error" if cell in ERRORS else "text" if stripped(cell) else "blank"
    return "text" if stripped(as_text(cell)) else "rich"


def is_filled(cell: Any) -> bool:
    """Say whether there is anything in a cell."""
    return cell is not None and (not isinstance(cell, str) or bool(stripped(cell)))


def stripped(text: str) -> str:
    """Return text without the blanks around it."""
    return text.strip(BLANKS)


def as_text(cell: Any) -> str:
    """Return a cell as its shortest exact text."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, Date):
        return _date_text(cell)
    if isinstance(cell, (dict, list)):
        return "".join(element.text for element in elements_of(cell))
    return "" if cell is None else repr(cell)


def _date_text(ms: Date) -> str:
    if ms.is_length:
        return display.length(ms * MILLISECOND)
    moment = EPOCH + ms * MILLISECOND
    if ms % DAY == 0:
        return moment.date().isoformat()
    return moment.time().isoformat() if 0 < ms < DAY else moment.isoformat(sep=" ")


# --- the parts of a rich cell ---------------------------------------------------------------------------------------

ELEMENTS = {
    "text": "text",
    "url": "link",
    "mention": "mention",
    "embed-image": "image",
    "attachment": "attachment",
    "multipleValue": "multi",
    "formula": "formula",
}  # the platform's type of an element -> what we call it; any other is "other"
TOKENS = ("fileToken", "userID", "token", "objToken")  # the members that may say whom or what it is, the first first


@dataclass(frozen=True)
class Element:
    """One part of a rich cell."""

    kind: str
    text: str
    link: str | None
    token: str | None
    raw: Any


def elements_of(cell: Any) -> Iterator[Element]:
    """Yield the parts of a rich cell, which is one of them or a list."""
    for item in cell if isinstance(cell, list) else [cell]:
        if isinstance(item, dict):
            yield _element(item)
        else:
            yield Element("text" if isinstance(item, str) else "other", as_text(item), None, None, item)


def _element(item: dict[str, Any]) -> Element:
    kind = ELEMENTS.get(str(item.get("type")), "other")
    text, link = _string(item.get("text")), _string(item.get("link"))
    if re.match(r"https?%3a", link, re.IGNORECASE):
        link = unquote(link)
    text = text or _string(item.get("name"))
    token = next(filter(None, (_string(item.get(name)) for name in TOKENS)), "")
    if item.get("textType") == "fileToken":
        token = token or text
    if kind == "multi":
        values = item.get("values")
        text = ",".join(map(as_text, values)) if isinstance(values, list) else text  # no option holds a comma
    elif kind == "link":
        text = text or "".join(_string(part.get("text")) for part in _dicts(item.get("texts"))) or link
    return Element(kind, text, link or None, token or None, item)


def _string(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else as_text(value)


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


# --- what changed ---------------------------------------------------------------------------------------------------


def fingerprint(record: Record) -> tuple[str, Hashes]:
    """Return what identifies the table that a grid becomes, and the hash of each sheet row that holds something.

    Readings of one digest need one file between them, and two readings differ in the rows whose hashes differ. The
    address of a file is volatile and does not count: its token tells one file from another.
    """
    layout = [record["title"], record["frozen_row_count"], record["merges"]]
    hashes = np.fromiter(_row_hashes(record), dtype=ROW_HASH)
    digest = hashlib.blake2b(as_json(layout) + hashes.tobytes(), digest_size=16)
    return digest.hexdigest(), hashes


def row_hashes(record: Record) -> dict[int, int]:
    """Return the hash of each sheet row that holds something."""
    return dict(_row_hashes(record))


def digest(record: Record) -> str:
    """Return what identifies the table that a grid becomes."""
    return fingerprint(record)[0]


def _row_hashes(record: Record) -> Iterator[tuple[int, int]]:
    for at, row in rows_of(record):
        if any(map(is_filled, row)):
            text = as_json([_lasting(cell) if isinstance(cell, (dict, list)) else cell for cell in row])
            yield at + 1, int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big", signed=True)


def as_json(value: Any) -> bytes:
    """Return a cell as JSON with sorted keys; a date is another value than the number that it is in the grid."""
    return orjson.dumps(value, default=_dated, option=orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_SUBCLASS)


def _dated(date: Date) -> dict[str, int]:
    return {"length" if date.is_length else "date": int(date)}


def _lasting(cell: Any) -> Any:
    if isinstance(cell, list):
        return [_lasting(item) for item in cell]
    if isinstance(cell, dict) and "fileToken" in cell:
        return {key: value for key, value in cell.items() if key != "link"}
    return cell
