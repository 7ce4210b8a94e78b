"""Frames as an Excel workbook, through XlsxWriter (the extra ``[excel]``).

Nothing that a cell or a header holds is ever a formula: text is written as text. What Excel cannot hold as what it is
(a number of more than 15 digits, a time before 1900, infinity) is written as its text.
"""

from __future__ import annotations

import datetime as dt
import importlib.util
import io
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pandas as pd

from larknb.display import width
from larknb.errors import ConfigError
from larknb.files import write_atomically
from larknb.messages import say
from larknb.tabular.columns import BETWEEN
from larknb.tabular.raw import storable
from larknb.tabular.records import flat

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

__all__ = ["write_workbook"]

SEVERAL = (tuple, list, dict, np.ndarray)  # what a cell may be that is no single value

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384  # of a sheet, the header included
MOST_LETTERS = 32_767  # of a cell
MOST_LINKS, LONGEST_LINK = 65_530, 2_079  # of a sheet; of an address
SAFE_INTEGER = 10**15  # Excel keeps 15 digits
FIRST_YEAR = 1900
NARROWEST, WIDEST = 6, 60  # of a column, in letters
MEASURED = 200  # rows that decide a column's width
DATE, MOMENT, TIME, SPAN = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "hh:mm:ss", "[h]:mm:ss"
# Not converted: "=1+1", "http://…" and "0012" stay the text that they are.
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "constant_memory": True}


def write_workbook(frames: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Write one sheet per frame, named after its key; the file appears whole or not at all.

    Raises
    ------
    ConfigError
        XlsxWriter is not installed, or a frame is larger than a sheet.
    """
    if importlib.util.find_spec("xlsxwriter") is None:
        raise ConfigError(say("excel.missing.what"), next=say("excel.missing.next"))
    import xlsxwriter

    for title, frame in frames.items():
        _check_size(title, frame)
    book = io.BytesIO()
    with xlsxwriter.Workbook(book, OPTIONS) as workbook:
        formats = _Formats(workbook)
        for title, frame in zip(_sheet_names(frames), frames.values(), strict=True):
            _write_sheet(workbook.add_worksheet(title), frame, formats)
    write_atomically(path, book.getvalue())


def _check_size(title: str, frame: pd.DataFrame) -> None:
    rows, columns = len(frame) + 1, frame.shape[1] + frame.index.nlevels
    if rows > MOST_ROWS or columns > MOST_COLUMNS:
        what = say("excel.large.what", table=title, rows=rows - 1, columns=columns)
        raise ConfigError(what, next=say("excel.large.next"))


class _Formats:
    """The formats of a workbook, each made when it is first needed."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._made: dict[str, Format] = {}
        self.header = workbook.add_format({"bold": True, "bottom": 1, "bg_color": "#F2F3F5", "valign": "top"})

    def number(self, pattern: str) -> Format:
        """Return the format of numbers that look like ``pattern``."""
        if pattern not in self._made:
            self._made[pattern] = self._workbook.add_format({"num_format": pattern})
        return self._made[pattern]


def _write_sheet(sheet: Worksheet, frame: pd.DataFrame, formats: _Formats) -> None:
    """Write a header that stays in sight, then the rows, the index first."""
    rows = flat(frame)
    names = [storable(str(name)) for name in rows.columns]
    columns = [rows.iloc[:, at] for at in range(len(names))]
    for at, (name, column) in enumerate(zip(names, columns, strict=True)):
        sheet.set_column(at, at, _width(name, column))
    sheet.freeze_panes(1, len(names) - frame.shape[1])
    if names:
        sheet.autofilter(0, 0, len(rows), len(names) - 1)
    for at, name in enumerate(names):
        sheet.write_string(0, at, _fitting(name), formats.header)
    writers = [_writer(sheet, name, column, formats) for name, column in zip(names, columns, strict=True)]
    for row, cells in enumerate(zip(*columns, strict=True), 1):
        for at, (write, cell) in enumerate(zip(writers, cells, strict=True)):
            if _is_filled(cell):
                write(row, at, cell)


def _is_filled(cell: Any) -> bool:
    return len(cell) > 0 if isinstance(cell, SEVERAL) else not pd.isna(cell)


Write = Callable[[int, int, Any], Any]


def _writer(sheet: Worksheet, name: str, column: pd.Series[Any], formats: _Formats) -> Write:
    """Return what writes the cells of a column."""
    if name.endswith(".link"):
        return _link_writer(sheet)
    pattern = DATE if _are_days(column) else MOMENT

    def write(row: int, at: int, cell: Any) -> Any:
        value = cell.item() if isinstance(cell, np.generic) else cell
        if isinstance(value, bool):
            return sheet.write_boolean(row, at, value)
        if _is_number(value):
            return sheet.write_number(row, at, value)
        if isinstance(value, dt.datetime) and value.tzinfo is None and value.year >= FIRST_YEAR:
            return sheet.write_datetime(row, at, value, formats.number(pattern))
        if isinstance(value, dt.time):
            return sheet.write_datetime(row, at, value, formats.number(TIME))
        if isinstance(value, dt.timedelta):
            return sheet.write_number(row, at, value / dt.timedelta(days=1), formats.number(SPAN))
        return sheet.write_string(row, at, _fitting(_text(value)))

    return write


def _is_number(value: Any) -> bool:
    """Say whether Excel can hold a number: it knows no infinity, and rounds integers of more than 15 digits."""
    return math.isfinite(value) if isinstance(value, float) else isinstance(value, int) and abs(value) < SAFE_INTEGER


def _link_writer(sheet: Worksheet) -> Write:
    """Return what writes addresses that can be clicked, as many as a sheet may hold."""
    written = count(1)

    def write(row: int, at: int, cell: Any) -> Any:
        address = _text(cell)
        if re.match(r"(https?|mailto):", address) and len(address) <= LONGEST_LINK and next(written) <= MOST_LINKS:
            return sheet.write_url(row, at, address, string=_fitting(address))
        return sheet.write_string(row, at, _fitting(address))

    return write


def _are_days(column: pd.Series[Any]) -> bool:
    """Say whether every time of a column is a midnight, so that only the day need be shown."""
    if not pd.api.types.is_datetime64_any_dtype(column.dtype):
        return False
    times = column.dropna()
    return bool((times == times.dt.normalize()).all())


def _text(value: Any) -> str:
    if isinstance(value, dict):  # of a loss-free frame
        return orjson.dumps(value, default=str).decode()
    if isinstance(value, SEVERAL):
        return BETWEEN.join(map(_text, value))
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ").removesuffix(" 00:00:00")
    return storable(str(value))


def _fitting(text: str) -> str:
    """Return a text that a cell can hold; one that had to be cut ends in an ellipsis."""
    letters = len(text.encode("utf-16-le")) // 2  # which is how Excel counts
    if letters <= MOST_LETTERS:
        return text
    cut = text.encode("utf-16-le")[: 2 * (MOST_LETTERS - 1)].decode("utf-16-le", "ignore")
    return f"{cut}…"


def _width(name: str, column: pd.Series[Any]) -> int:
    """Return the width at which a column's head can be read."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        widest = 10 if _are_days(column) else 19
    else:
        cells = column.iloc[:MEASURED].dropna()
        widest = max((_widest_line(_text(cell)) for cell in cells), default=0)
    return min(max(widest, width(name) + 3, NARROWEST) + 1, WIDEST)  # 3: the button of the filter


def _widest_line(text: str) -> int:
    return max((width(line) for line in text.splitlines()[:10]), default=0)


def _sheet_names(titles: Iterable[str]) -> Sequence[str]:
    """Return names that Excel accepts for sheets: at most 31 letters, none of its own signs, no two alike."""
    names: list[str] = []
    for title in titles:
        plain = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", storable(title)).strip("' ") or "Sheet"
        plain = f"{plain}_" if plain.casefold() == "history" else plain  # a name that Excel keeps for itself
        for number in count(1):
            end = "" if number == 1 else f" ({number})"
            name = _first_letters(plain, 31 - len(end)) + end
            if name.casefold() not in {each.casefold() for each in names}:
                break
        names.append(name)
    return names


def _first_letters(text: str, most: int) -> str:
    return text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", "ignore").rstrip("' ")
