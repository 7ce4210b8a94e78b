"""The six ways in which value reads show a cell."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from larknb.sandbox.world.sheets.cells import Cell, Formula

FIRST_DAY = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - sheets know no zone; serial day 0
GENERAL_DIGITS = 15  # whole numbers of that many digits are shown in powers of ten
DATE_LETTERS = re.compile(r"\[h+\]|yyyy|MM|M|dd|d|HH|H|mm|ss")
LENGTH = re.compile(r"\[(h+)\]")  # hours that do not begin anew after a day
NUMBER = re.compile(r"(?P<before>[^#0]*)(?P<core>[#0,]*\.?0*)(?P<unit>%|E\+00)?(?P<after>.*)", re.DOTALL)
UNREADABLE = ("=IMPORTRANGE(", "=ARRAYFORMULA(")  # value reads do not give what these come to


@dataclass(frozen=True)
class Rendering:
    """What a value read asked for.

    Parameters
    ----------
    render : str
        ``valueRenderOption``, empty where it was absent.
    dates_as_text : bool
        ``dateTimeRenderOption=FormattedString``.
    """

    render: str = ""
    dates_as_text: bool = False


def shown(value: Any, asked: Rendering) -> Any:
    """What a cell looks like in the answer of a read."""
    if value is None or isinstance(value, str):
        return value
    shape = ""
    if isinstance(value, Formula):
        if asked.render in ("", "Formula"):
            return value.text
        if value.text.upper().startswith(UNREADABLE):
            return None
        value, shape = value.value, value.format
    elif isinstance(value, Cell):
        value, shape = value.value, value.format
    if isinstance(value, (dict, list)):
        return without_files(value) if asked.render in ("FormattedValue", "ToString") else value
    if isinstance(value, (dt.date, dt.time, dt.timedelta)) or (shape and _is_number(value) and _is_date(shape)):
        return _date_text(value, shape) if asked.dates_as_text else _serial(value)
    if asked.render == "FormattedValue":
        return _formatted(value, shape)
    return str(value).lower() if asked.render == "ToString" and isinstance(value, bool) else value


def without_files(value: Any) -> Any:
    """Rich cell as the text-like modes give it: pictures lose their file token."""
    if isinstance(value, list):
        return [without_files(one) for one in value]
    if isinstance(value, dict) and value.get("type") == "embed-image":
        return {name: part for name, part in value.items() if name != "fileToken"}
    return value


def with_ids(value: Any, id_of: Callable[[str], str]) -> Any:
    """Rich cell with the ids of the persons it mentions in the kind that was asked for."""
    if isinstance(value, list):
        return [with_ids(one, id_of) for one in value]
    if isinstance(value, dict) and isinstance(value.get("userID"), str):
        return {**value, "userID": id_of(value["userID"])}
    return value


# Dates ---------------------------------------------------------------------------------------------------------------


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_date(shape: str) -> bool:
    return not re.search("[0#]", shape) and bool(DATE_LETTERS.search(shape))  # "0.0 mm" is a length


def _moment(value: Any) -> dt.datetime:
    if isinstance(value, dt.time):
        return dt.datetime.combine(FIRST_DAY, value)
    if isinstance(value, dt.datetime):
        return value
    if isinstance(value, dt.date):
        return dt.datetime.combine(value, dt.time())
    if isinstance(value, dt.timedelta):
        return FIRST_DAY + value
    return FIRST_DAY + dt.timedelta(days=value)


def _serial(value: Any) -> int | float:
    """Days since the first day, whole where there is no time of day."""
    if _is_number(value):
        return value  # type: ignore[no-any-return]
    days = (_moment(value) - FIRST_DAY) / dt.timedelta(days=1)
    return int(days) if days.is_integer() else days


def _date_text(value: Any, shape: str) -> str:
    if not shape:
        if isinstance(value, dt.timedelta):
            shape = "[h]:mm:ss"
        elif isinstance(value, dt.time):
            shape = "HH:mm:ss"
        else:
            shape = "yyyy/MM/dd HH:mm:ss" if isinstance(value, dt.datetime) else "yyyy/MM/dd"
    moment = _moment(value)
    if LENGTH.search(shape):
        return _length_text(moment - FIRST_DAY, shape)
    parts = {"yyyy": f"{moment.year:04}", "M": str(moment.month), "d": str(moment.day), "H": str(moment.hour)}
    for name, part in (("MM", moment.month), ("dd", moment.day), ("HH", moment.hour)):
        parts[name] = f"{part:02}"
    parts |= {"mm": f"{moment.minute:02}", "ss": f"{moment.second:02}"}
    return DATE_LETTERS.sub(lambda found: parts[found.group()], shape)


def _length_text(length: dt.timedelta, shape: str) -> str:
    """A length of time, whose hours go on beyond a day."""
    minutes, seconds = divmod(round(abs(length.total_seconds())), 60)
    parts = {"mm": f"{minutes % 60:02}", "ss": f"{seconds:02}"}
    text = LENGTH.sub(lambda found: f"{minutes // 60:0{len(found[1])}}", shape)
    return ("-" if length < dt.timedelta() else "") + re.sub("mm|ss", lambda found: parts[found.group()], text)


# Numbers -------------------------------------------------------------------------------------------------------------


def _formatted(value: Any, shape: str) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if not _is_number(value):
        return str(value)
    return _by_pattern(value, shape) if shape and shape != "@" else _general(value)


def _general(value: float) -> str:
    if abs(value) >= 10 ** (GENERAL_DIGITS - 1):
        return f"{value:.2E}"
    return str(int(value)) if float(value).is_integer() else f"{value:.15g}".upper()


def _by_pattern(value: float, shape: str) -> str:
    parts = NUMBER.fullmatch(shape)
    assert parts is not None  # every part of the pattern may be empty
    core, unit = parts["core"], parts["unit"] or ""
    decimals = len(core.partition(".")[2])
    if unit == "E+00":
        number = f"{abs(value):.{decimals}E}"
    else:
        number = f"{abs(value) * (100 if unit else 1):{',' if ',' in core else ''}.{decimals}f}{unit}"
    sign = "-" if value < 0 and re.search("[1-9]", number) else ""
    return f"{sign}{parts['before']}{number}{parts['after']}"
