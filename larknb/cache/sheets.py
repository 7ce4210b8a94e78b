"""The raw grid of a worksheet -> its typed table -> pandas.

All of it is pure: the typed table follows from the record of a `Grid` and two options, so another header row costs no
request and no inference mistake is final. A worksheet has no schema. What its columns are is read from the cells: the
header from frozen rows or from the first row that looks like one, the types from what all cells of a column are. A
mixture becomes text, each cell in its shortest exact form; nothing is rounded and no leading zero is lost.

What text cannot hold of a cell (links, mentions, images, files) and formula errors are in a side table, `cells`.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

import orjson
import pandas as pd
import pyarrow as pa

from larknb.cache.frames import pandas_metadata
from larknb.messages import say
from larknb.model import TABLE_KEY, Column, Result

__all__ = ["Preview", "cells", "columns", "digest", "preview", "row_hashes", "to_frame", "to_table"]

INDEX = "_row"
HEADER_KEY = b"lark.header"  # Arrow field metadata: the header as it stands in the sheet; absent where it is empty
COL_KEY = b"lark.col"  # the column's letters
KINDS_KEY = b"lark.kinds"  # how many cells of each kind there are, as JSON

HEAD = 20  # rows in which a header is looked for

# The kinds of cell that decide a column's type. Beside them there are null, blank (text that shows nothing: formulas
# give it for "no value"), rich (an image, say: no text of its own) and error; those fit every type, as a missing value.
TYPED = {"bool", "int", "float", "date", "text"}
ERRORS = {
    "#DIV/0!", "#N/A", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#ERROR!",
}  # fmt: skip
ELEMENTS = {
    "url": "link",
    "mention": "mention",
    "embed-image": "image",
    "attachment": "attachment",
    "multipleValue": "multi",
    "formula": "formula",
}

Record = Mapping[str, Any]
Options = Mapping[str, Any]

# --- cells ----------------------------------------------------------------------------------------------------------

EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  the platform tells no zone: a cell is what the clock on the wall shows
DAY = 86_400_000  # milliseconds
MILLISECOND = timedelta(milliseconds=1)
FIRST, LAST = -693_593 * DAY, 2_958_466 * DAY - 1  # the years 1 to 9999, which is what Python's dates know
UNIX = (datetime(1970, 1, 1) - EPOCH) // MILLISECOND  # noqa: DTZ001
# Blanks of every width, also those of no width; `str.strip` by itself knows none of the latter.
BLANKS = "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2028\u2029\u202f\u205f\u2060\u3000\ufeff" + "".join(
    map(chr, range(0x2000, 0x200E))
)


class _Date(int):
    """A date, time or date-time: milliseconds since the sheet's epoch."""


def _date(serial: float) -> _Date | None:
    """Return a serial as a date; None if it is in no year that can be shown."""
    if not -1e6 < serial < 1e7:  # far outside; the product of a larger one might be infinite
        return None
    # A double resolves half a microsecond at today's serials: what is finer than a millisecond is noise.
    ms = round(serial * DAY)
    return _Date(ms) if FIRST <= ms <= LAST else None


def _clean(text: str) -> str:
    """Return text without the blanks around it."""
    return text.strip(BLANKS)


def _shows(cell: Any) -> bool:
    """Say whether there is anything in a cell."""
    return cell is not None and (not isinstance(cell, str) or bool(_clean(cell)))


def _kind(cell: Any) -> str:
    plain = _PLAIN_KINDS.get(type(cell))
    if plain is not None:
        return plain
    if isinstance(cell, str):
        return "error" if cell in ERRORS else "text" if _clean(cell) else "blank"
    return "text" if _clean(_text(cell)) else "rich"


_PLAIN_KINDS = {type(None): "null", bool: "bool", int: "int", float: "float", _Date: "date"}


def _text(cell: Any) -> str:
    """Return a cell as its shortest exact text."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, _Date):
        return _date_text(cell)
    if isinstance(cell, (dict, list)):
        return "".join(element.text for element in _elements(cell))
    return "" if cell is None else repr(cell)


def _date_text(ms: _Date) -> str:
    moment = EPOCH + ms * MILLISECOND
    if ms % DAY == 0:
        return moment.date().isoformat()
    return moment.time().isoformat() if 0 < ms < DAY else moment.isoformat(sep=" ")


@dataclass(frozen=True)
class _Element:
    """One part of a rich cell."""

    kind: str
    text: str
    link: str | None
    token: str | None
    raw: Any


def _elements(cell: Any) -> Iterator[_Element]:
    for item in cell if isinstance(cell, list) else [cell]:
        if not isinstance(item, dict):
            yield _Element("text" if isinstance(item, str) else "other", _text(item), None, None, item)
            continue
        kind = "text" if item.get("type") == "text" else ELEMENTS.get(str(item.get("type")), "other")
        text, link = _string(item.get("text")), _string(item.get("link"))
        if re.match(r"https?%3a", link, re.IGNORECASE):
            link = unquote(link)
        token = _string(item.get("fileToken")) or _string(item.get("userID"))
        if item.get("textType") == "fileToken":
            token = token or text
        if kind == "multi":
            values = item.get("values")
            text = ",".join(map(_text, values)) if isinstance(values, list) else text  # no option holds a comma
        elif kind == "link":
            text = text or "".join(_string(part.get("text")) for part in _dicts(item.get("texts"))) or link
        yield _Element(kind, text, link or None, token or None, item)


def _string(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else _text(value)


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


# --- the grid -------------------------------------------------------------------------------------------------------


def _place(windows: Iterable[Mapping[str, Any]]) -> list[list[Any]]:
    """Return the cells of windows as rows of one length; the first is A1."""
    rows: list[list[Any]] = []
    for window in windows:
        left = int(window["column"]) - 1
        for place, cells in enumerate(window["values"] or (), int(window["row"]) - 1):
            rows.extend([] for _ in range(place + 1 - len(rows)))
            row = rows[place]
            right = left + len(cells or ())
            row.extend([None] * (right - len(row)))
            row[left:right] = cells or ()
    width = max(map(len, rows), default=0)
    for row in rows:
        row.extend([None] * (width - len(row)))
    return rows


def _grid(record: Record) -> list[list[Any]]:
    """Return the cells as far as there are any, dates as `_Date`.

    Neither the windows in which they were read nor the padding around them make a difference.
    """
    rows = _place(record["values"])
    for row, shown in zip(rows, _place(record["dates"]), strict=False):
        for column, told in enumerate(shown[: len(row)]):
            # A cell that is a number in one pass and text in the other is a date. The text is no more than that sign:
            # its format may leave out the time of day.
            if isinstance(told, str) and type(row[column]) in (int, float):
                date = _date(row[column])
                row[column] = row[column] if date is None else date
    widths = [_used(row, _shows) for row in rows]
    width = max(widths, default=0)
    return [row[:width] for row in rows[: _used(widths, bool)]]


def _used(items: Sequence[Any], counts: Callable[[Any], bool]) -> int:
    """Return how many items there are up to the last one that counts."""
    return next((at + 1 for at in reversed(range(len(items))) if counts(items[at])), 0)


# --- header ---------------------------------------------------------------------------------------------------------


def _header_rows(grid: Sequence[Sequence[Any]], record: Record, wanted: Any) -> list[int]:
    """Return the places of the header rows, counted from 0."""
    if wanted == "none":
        return []
    if isinstance(wanted, int):
        return [wanted - 1]
    if isinstance(wanted, (list, tuple)):
        return sorted({row - 1 for row in wanted})
    frozen = min(int(record["frozen_row_count"]), len(grid))
    if frozen and any(map(_shows, grid[frozen - 1])):
        return _frozen_header(grid, record["merges"], frozen)
    filled = [sum(map(_shows, row)) for row in grid]
    first = next((at for at, cells in enumerate(filled[:HEAD]) if cells > 1), None)
    if first is None:
        first = next((at for at, cells in enumerate(filled) if cells), None)
    return [] if first is None else [first]


def _frozen_header(grid: Sequence[Sequence[Any]], merges: Sequence[Record], frozen: int) -> list[int]:
    """Return the last frozen row, or all of them below the title where merged cells tie them together."""
    if not any(merge["row"] <= frozen for merge in merges):
        return [frozen - 1]
    first = 0
    while first < frozen - 1 and _is_title(grid, merges, first, frozen - 1):
        first += 1
    return list(range(first, frozen))


def _is_title(grid: Sequence[Sequence[Any]], merges: Sequence[Record], at: int, header: int) -> bool:
    """Say whether a row above the header is blank or one line over the whole width, and names no group of columns."""
    shown = [column for column, cell in enumerate(grid[at]) if _shows(cell)]
    if len(shown) != 1:
        return not shown
    merge = next((merge for merge in merges if (merge["row"], merge["column"]) == (at + 1, shown[0] + 1)), None)
    if merge is None:
        return True
    named = [column for column, cell in enumerate(grid[header]) if _shows(cell)]
    left = int(merge["column"]) - 1
    return int(merge["rows"]) == 1 and left <= named[0] and left + int(merge["columns"]) > named[-1]


def _headers(grid: Sequence[Sequence[Any]], merges: Sequence[Record], rows: Sequence[int]) -> list[str]:
    """Return the header of each column as it stands in the sheet, the rows of one joined."""
    block = {at: list(grid[at]) for at in rows if at < len(grid)}
    _fill(block, grid, merges, "all")
    headers = []
    for column in range(len(grid[0]) if grid else 0):
        parts: list[str] = []
        for cells in block.values():
            text = _header_text(cells[column])
            if _clean(text) and parts[-1:] != [text]:  # a cell merged downwards names its column once
                parts.append(text)
        headers.append(parts[0] if len(parts) == 1 else " / ".join(map(_clean, parts)))
    return headers


def _header_text(cell: Any) -> str:
    # The serial 0 is a date by its format alone; nobody means the day 1899-12-30 by it.
    return "0" if isinstance(cell, _Date) and cell == 0 else _text(cell)


def _fill(rows: Mapping[int, list[Any]], grid: Sequence[Sequence[Any]], merges: Iterable[Record], how: str) -> None:
    """Write the value of merged cells into all of their rows, and with ``"all"`` into all of their columns."""
    for merge in merges:
        top, left = merge["row"] - 1, merge["column"] - 1
        if top >= len(grid) or left >= len(grid[0]):
            continue
        right = min(left + (merge["columns"] if how == "all" else 1), len(grid[0]))
        for at in range(top, min(top + merge["rows"], len(grid))):
            if at in rows:
                rows[at][left:right] = [grid[top][left]] * (right - left)


def _names(headers: Sequence[str]) -> list[str]:
    """Return column names: clean, never empty, each once."""
    wanted = [unicodedata.normalize("NFC", _clean(text)) or f"col_{_letters(at)}" for at, text in enumerate(headers)]
    own = {*wanted, INDEX}  # a number never makes a name that another column has by itself
    seen = Counter([INDEX])
    names = []
    for name in wanted:
        seen[name] += 1
        free = name
        while seen[name] > 1 and (free := f"{name}_{seen[name]}") in own:
            seen[name] += 1
        own.add(free)
        names.append(free)
    return names


def _letters(at: int) -> str:
    """Return the letters of a column: 0 is A, 26 is AA."""
    return (_letters(at // 26 - 1) if at >= 26 else "") + chr(ord("A") + at % 26)


# --- types ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Layout:
    """What a grid becomes: which rows are what, and the header of each column that stays."""

    header: list[int]
    body: list[int]
    headers: list[str]


def _layout(grid: Sequence[Sequence[Any]], record: Record, options: Options) -> _Layout:
    header = _header_rows(grid, record, options.get("header", "auto"))
    first = max(header, default=-1) + 1
    body = [at for at in range(first, len(grid)) if any(map(_shows, grid[at]))]
    headers = _headers(grid, record["merges"], header)
    width = len(headers)
    while width and not _clean(headers[width - 1]) and not any(_shows(grid[at][width - 1]) for at in body):
        width -= 1
    return _Layout(header, body, headers[:width])


def _body(grid: Sequence[Sequence[Any]], layout: _Layout, record: Record, options: Options) -> list[list[Any]]:
    """Return the rows of the table, merged cells filled as the options say."""
    how = options.get("fill_merged", "off")
    rows = {at: list(grid[at]) for at in layout.body}
    if how != "off":
        first = max(layout.header, default=-1) + 1  # what is merged with the header is no value
        _fill(rows, grid, [merge for merge in record["merges"] if merge["row"] > first], how)
    return list(rows.values())


def _array(cells: Sequence[Any], kinds: Sequence[str]) -> pa.Array:
    """Return a column in the narrowest type that holds every cell exactly, which for a mixture is text."""
    told = TYPED.intersection(kinds)
    values = [cell if kind in told else None for cell, kind in zip(cells, kinds, strict=True)]
    known = [value for value in values if value is not None]
    if told == {"bool"}:
        return pa.array(values, pa.bool_())
    if told == {"int"} and all(-(2**63) <= value < 2**63 for value in known):
        return pa.array(values, pa.int64())
    if told and told <= {"int", "float"} and all(map(_is_exact, known)):
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    if told == {"date"}:
        if any(ms % DAY for ms in known) and all(0 <= ms < DAY for ms in known):
            return _shifted(values, 0, 1000).view(pa.time64("us"))
        return _shifted(values, UNIX, 1).view(pa.timestamp("ms"))
    return pa.array([None if cell is None else _text(cell) for cell in cells], pa.string())


def _shifted(values: Sequence[int | None], zero: int, scale: int) -> pa.Array:
    return pa.array([None if value is None else (value - zero) * scale for value in values], pa.int64())


def _is_exact(number: float) -> bool:
    """Say whether a double holds this number as it is."""
    try:
        return float(number) == number
    except OverflowError:
        return False


def to_table(record: Record, options: Options | None = None) -> pa.Table:
    """Return the typed table of a worksheet, one row per sheet row that holds something.

    The first column, ``_row``, is the 1-based sheet row. Each other field tells in its metadata where it comes from:
    ``lark.col``, ``lark.header`` and ``lark.kinds``.

    Parameters
    ----------
    record : mapping
        Of a `larknb.model.Grid`.
    options : mapping, optional
        ``header``: ``"auto"``, ``"none"``, a sheet row or a list of them. ``fill_merged``: ``"off"``, ``"down"`` or
        ``"all"``. Others are ignored.
    """
    options = options or {}
    grid = _grid(record)
    layout = _layout(grid, record, options)
    rows = _body(grid, layout, record, options)
    fields = [pa.field(INDEX, pa.int64(), nullable=False)]
    arrays = [pa.array([at + 1 for at in layout.body], pa.int64())]
    for at, (header, name) in enumerate(zip(layout.headers, _names(layout.headers), strict=True)):
        column = [row[at] for row in rows]
        kinds = [_kind(cell) for cell in column]
        array = _array(column, kinds)
        told = {COL_KEY: _letters(at), KINDS_KEY: json.dumps(Counter(kinds))}
        if _clean(header):
            told[HEADER_KEY] = header
        # Without missing values, integers and booleans need no nullable type in pandas.
        whole = len(array) > 0 and array.null_count == 0 and array.type in (pa.int64(), pa.bool_())
        fields.append(pa.field(name, array.type, nullable=not whole, metadata=told))
        arrays.append(array)
    about = {"table_id": record["sheet_id"], "name": record["title"], "header_rows": [at + 1 for at in layout.header]}
    metadata = {TABLE_KEY: json.dumps(about), b"pandas": pandas_metadata(fields)}
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata=metadata))


# --- pandas ---------------------------------------------------------------------------------------------------------


def to_frame(table: pa.Table) -> pd.DataFrame:
    """Return a typed table as a DataFrame, with the dtypes that ``load`` promises and ``_row`` as its index."""
    frame: pd.DataFrame = table.to_pandas()
    return frame


def cells(record: Record) -> pd.DataFrame:
    """Return what text cannot hold, in sheet order: one row per link, mention, image, file, multi-value and error.

    Its columns are ``row`` (1-based), ``col`` (letters), ``kind``, ``text``, ``link``, ``token`` (of the file or user)
    and ``raw``, the JSON of that part of the cell.
    """
    found: list[tuple[int, str, str, str, str | None, str | None, str]] = []
    for at, row in enumerate(_grid(record), 1):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                elements = [_Element("error", cell, None, None, cell)] if cell in ERRORS else []
            elif isinstance(cell, (dict, list)):
                elements = [element for element in _elements(cell) if element.kind != "text"]
                elements += [_Element("other", "", None, None, cell)] if cell == [] else []
            else:
                continue
            found += [(at, _letters(column), e.kind, e.text, e.link, e.token, _json(e.raw).decode()) for e in elements]
    names = ("col", "kind", "text", "link", "token", "raw")
    arrays = [pa.array([row[0] for row in found], pa.int64())]
    arrays += [pa.array([row[at] for row in found], pa.string()) for at in range(1, len(names) + 1)]
    side: pd.DataFrame = pa.table(arrays, names=["row", *names]).to_pandas()
    return side


def columns(schema: pa.Schema, empty: Mapping[str, float] | None = None) -> list[Column]:
    """Return what there is to say about the columns of a typed table.

    Parameters
    ----------
    empty : mapping, optional
        The share of rows without a value, by column name.
    """
    dtypes = to_frame(schema.empty_table()).dtypes
    found = []
    for field in schema:
        if field.name == INDEX:
            continue
        header = field.metadata.get(HEADER_KEY, b"").decode()
        found.append(
            Column(
                name=field.name,
                field_id=field.metadata[COL_KEY].decode(),
                type=_type_word(field),
                dtype=str(dtypes[field.name]),
                description=header if header != field.name else "",
                options=(),
                empty=(empty or {}).get(field.name),
            )
        )
    return found


_WORDS = {
    pa.bool_(): "Checkbox",
    pa.int64(): "Integer",
    pa.float64(): "Number",
    pa.timestamp("ms"): "DateTime",
    pa.time64("us"): "Time",
}


def _type_word(field: pa.Field) -> str:
    kinds = TYPED.intersection(json.loads(field.metadata[KINDS_KEY]))
    return _WORDS.get(field.type, "Mixed" if len(kinds) > 1 else "Text")


# --- what changed ---------------------------------------------------------------------------------------------------


def row_hashes(record: Record) -> dict[int, int]:
    """Return a hash of each sheet row that holds something; two readings differ in the rows whose hashes differ.

    The address of a file is volatile and does not count: its token tells one file from another.
    """
    hashes = {}
    for at, row in enumerate(_grid(record), 1):
        if any(map(_shows, row)):
            used = row[: _used(row, lambda cell: cell is not None)]
            text = _json([_lasting(cell) if isinstance(cell, (dict, list)) else cell for cell in used])
            hashes[at] = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big", signed=True)
    return hashes


def digest(record: Record) -> str:
    """Return what identifies the table that a grid becomes: readings of one digest need one file between them."""
    layout = [record["title"], record["frozen_row_count"], record["merges"], [*row_hashes(record).items()]]
    return hashlib.blake2b(_json(layout), digest_size=16).hexdigest()


def _lasting(cell: Any) -> Any:
    if isinstance(cell, list):
        return [_lasting(item) for item in cell]
    if isinstance(cell, dict) and "fileToken" in cell:
        return {key: value for key, value in cell.items() if key != "link"}
    return cell


def _json(value: Any) -> bytes:
    return orjson.dumps(value, default=_told, option=orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_SUBCLASS)


def _told(date: _Date) -> dict[str, int]:
    # The same number with another format is another value.
    return {"date": int(date)}


# --- preview --------------------------------------------------------------------------------------------------------

PREVIEW_ROWS = 8  # below the header
PREVIEW_COLUMNS = 12  # that are shown; `to_frame` has them all
PREVIEW_TEXT = 24  # characters of a cell that are shown


class Preview(Result):
    """The raw head of a table under the names and types that its columns get; ``hint`` is the line below it."""

    def __init__(self, title: str, letters: Sequence[str], items: Sequence[tuple[Any, ...]], hint: str = "") -> None:
        self.sheet, self._letters, self.items, self._hint = title, tuple(letters), tuple(items), hint

    def columns(self) -> tuple[str, ...]:  # noqa: D102
        return ("row", "use", *self._letters)

    def rows(self) -> list[tuple[Any, ...]]:  # noqa: D102
        return list(self.items)

    def shown(self) -> tuple[Sequence[str], list[Sequence[Any]]]:  # noqa: D102
        more = len(self._letters) > PREVIEW_COLUMNS
        header = [say("preview.row"), say("preview.use"), *self._letters[:PREVIEW_COLUMNS], *["…"] * more]
        return header, [
            [row, say(f"preview.{use}"), *map(_cut, cells[:PREVIEW_COLUMNS]), *[""] * more]
            for row, use, *cells in self.items
        ]

    def headline(self) -> str:  # noqa: D102
        return say("preview.title", sheet=self.sheet)

    def footer(self) -> str:  # noqa: D102
        return self._hint


def _cut(text: str) -> str:
    return text if len(text) <= PREVIEW_TEXT else text[: PREVIEW_TEXT - 1] + "…"


def preview(record: Record, options: Options | None = None) -> Preview:
    """Return the head of a worksheet beside what became of it: the header row, and the name and type of each column.

    The parameters are those of `to_table`.
    """
    grid = _grid(record)
    layout = _layout(grid, record, options or {})
    told = columns(to_table(record, options).schema)
    letters = [_letters(at) for at in range(len(grid[0]) if grid else 0)]
    rest = [""] * (len(letters) - len(told))
    items: list[tuple[Any, ...]] = [
        (None, "name", *(column.name for column in told), *rest),
        (None, "type", *(column.type for column in told), *rest),
    ]
    first = max(layout.header, default=-1) + 1
    data = set(layout.body)
    for at, row in enumerate(grid[: first + PREVIEW_ROWS]):
        use = "header" if at in layout.header else "data" if at in data else "above" if at < first else "blank"
        items.append((at + 1, use, *map(_text, row)))
    return Preview(str(record["title"]), letters, items, say("preview.wrong"))
