"""Which rows of a frame `load` was asked for: ``where``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from larknb.messages import say
from larknb.model import Where

__all__ = ["columns_of", "matches"]

SEVERAL = (list, set, frozenset, range, np.ndarray, pd.Series, pd.Index)  # a tuple is one cell of several values
Mask = npt.NDArray[np.bool_]
NOTHING: Mapping[str, pd.Series[Any]] = {}


def columns_of(where: Where) -> list[str] | None:
    """Return the names that ``where`` asks about; None where only a frame of all columns can tell."""
    return list(where) if isinstance(where, Mapping) else None


def matches(frame: pd.DataFrame, where: Where, several: Mapping[str, pd.Series[Any]] = NOTHING) -> Mask:
    """Say of each row whether it is asked for.

    Parameters
    ----------
    where : mapping or callable
        By column: a value, a list of values, or a callable that is given the column (or each of its values, where it
        cannot take a column). Or one callable that is given the frame. A cell that holds several values matches where
        one of them does; a date matches every time of that day; None matches what is missing.
    several : mapping
        By column: its cells as tuples, where the frame has the values of each in one text.

    Raises
    ------
    TypeError
        A callable does not say yes or no of each row.
    """
    if not isinstance(where, Mapping):
        return _answers(where(frame), len(frame))
    found = np.ones(len(frame), dtype=bool)
    for name, wanted in where.items():
        if callable(wanted):
            found &= _called(frame[name], wanted)
            continue
        columns = [frame[name], several[name]] if name in several else [frame[name]]
        values = wanted if isinstance(wanted, SEVERAL) else [wanted]
        found &= np.any([_equals(column, value) for value in values for column in columns], axis=0)
    return found


def _called(column: pd.Series[Any], test: Callable[[Any], Any]) -> Mask:
    try:
        return _answers(test(column), len(column))
    except (TypeError, ValueError, AttributeError, KeyError):  # it is meant for one value
        return _answers([test(value) for value in column], len(column))


def _answers(found: Any, rows: int) -> Mask:
    values = pd.array(found) if isinstance(found, (list, tuple)) else found
    if np.ndim(values) != 1 or len(values) != rows or (rows and not pd.api.types.is_bool_dtype(values)):
        raise TypeError(say("where.answers"))
    return np.asarray(pd.Series(values).astype("boolean").fillna(False), dtype=bool)


def _equals(column: pd.Series[Any], value: Any) -> Mask:
    if not isinstance(value, tuple) and pd.isna(value):
        return column.isna().to_numpy(dtype=bool)
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return _is_then(column, value)
    if any(isinstance(cell, tuple) for cell in column) and not isinstance(value, tuple):
        return np.fromiter((isinstance(cell, tuple) and value in cell for cell in column), bool, len(column))
    if isinstance(value, tuple):
        return np.fromiter((cell == value for cell in column), bool, len(column))
    return np.asarray((column == value).fillna(False), dtype=bool)


def _is_then(column: pd.Series[Any], value: Any) -> Mask:
    """Say which times are the one that is meant, or lie on the day that is meant."""
    moment = pd.Timestamp(value)
    zone = column.dt.tz
    if zone is not None:
        moment = moment.tz_convert(zone) if moment.tzinfo else moment.tz_localize(zone)
    is_day = isinstance(value, dt.date) and not isinstance(value, dt.datetime)
    is_day = is_day or (isinstance(value, str) and ":" not in value and "T" not in value)
    shown = column.dt.normalize() if is_day else column
    return (shown == moment).to_numpy(dtype=bool)
