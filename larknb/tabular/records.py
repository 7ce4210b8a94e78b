"""A table as JSON for other programs: one object a row, every number with all its digits."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson
import pandas as pd

__all__ = ["flat", "json_records"]

ROWS = 10_000  # what memory holds at once of a table as Python objects


def json_records(frame: pd.DataFrame) -> Iterator[bytes]:
    """Yield a JSON list with one object per row, the index among its keys, in pieces of UTF-8.

    What is missing or not finite is null; a time is ISO 8601 to the millisecond, in UTC with a ``Z`` where it has a
    zone.
    """
    frame = flat(frame)
    yield b"["
    for start in range(0, len(frame), ROWS):
        rows = b",".join(map(_dumped, _rows(frame.iloc[start : start + ROWS])))
        yield b"," + rows if start else rows
    yield b"]"


def flat(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with its index as the first column; one without a name only numbers the rows and goes."""
    return frame.reset_index(drop=frame.index.nlevels == 1 and frame.index.name is None)


def _rows(part: pd.DataFrame) -> Iterator[dict[str, object]]:
    names = [str(name) for name in part.columns]
    columns = [part.iloc[:, position].tolist() for position in range(len(names))]
    return (dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True))


def _dumped(row: dict[str, object]) -> bytes:
    try:
        return orjson.dumps(row, default=_simpler, option=orjson.OPT_PASSTHROUGH_DATETIME)
    except TypeError:  # an integer beyond 64 bits, a key that is no text, or a lone surrogate, which is escaped
        text = json.dumps(_plain(row), ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "backslashreplace")


def _plain(value: Any) -> object:
    """Return a value as what the standard library writes as JSON."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value if value is None or isinstance(value, (str, int)) else _plain(_simpler(value))


def _simpler(value: Any) -> object:
    """Return one step towards JSON of what is none."""
    if value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, np.ndarray):
        return [*value] if value.dtype.kind in "mM" else value.tolist()
    if isinstance(value, np.datetime64):
        return pd.Timestamp(value)
    if isinstance(value, np.timedelta64):
        return pd.Timedelta(value)
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dt.date):
        return _iso(value)
    if isinstance(value, (dt.time, pd.Timedelta)):
        return value.isoformat()
    return str(value)


def _iso(day: dt.date) -> str:
    moment = day if isinstance(day, dt.datetime) else dt.datetime.combine(day, dt.time())
    if moment.tzinfo is None:
        return moment.isoformat(timespec="milliseconds")
    return moment.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
