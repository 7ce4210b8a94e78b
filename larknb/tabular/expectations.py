"""Whether the rows of a table meet what is expected of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from larknb.model import Expectation

__all__ = ["offending", "said", "sample_of"]

SAMPLE = 5  # rows that a report shows

Mask = npt.NDArray[np.bool_]


def said(check: Expectation) -> str:
    """Return a check as its line in larknb.toml, in short."""
    if check.unique or check.not_null:
        return "unique" if check.unique else "not_null"
    if check.one_of:
        return f"one_of {[*check.one_of]}"
    if check.range is not None:
        return f"range {check.range[0]} .. {check.range[1]}"
    return f"min_rows {check.min_rows}" if check.min_rows is not None else f"max_age {check.max_age:g} s"


def offending(column: pd.Series[Any], check: Expectation) -> Mask:
    """Say of each row whether it does not meet a check of its column; what is missing offends ``not_null`` alone."""
    missing: Mask = np.array([_is_missing(cell) for cell in column], dtype=bool)
    if check.not_null:
        return missing
    if check.unique:
        found: Mask = np.asarray(column.astype(object).duplicated(keep=False), dtype=bool)
    elif check.one_of:
        found = np.array([_is_outside(cell, check.one_of) for cell in column], dtype=bool)
    else:
        assert check.range is not None, "the other checks are of whole tables"
        found = _out_of_range(column, *check.range)
    return found & ~missing


def _is_missing(cell: Any) -> bool:
    return not cell if isinstance(cell, (str, tuple)) else bool(pd.isna(cell))


def _is_outside(cell: Any, accepted: tuple[Any, ...]) -> bool:
    return any(each not in accepted for each in (cell if isinstance(cell, tuple) else (cell,)))


def _out_of_range(column: pd.Series[Any], low: Any, high: Any) -> Mask:
    """Say which values lie outside; a value that cannot be compared does, too."""
    if isinstance(low, (str, dt.date)) and pd.api.types.is_datetime64_any_dtype(column.dtype):
        low, high = pd.Timestamp(low), pd.Timestamp(high)
        high += pd.Timedelta(days=1) - pd.Timedelta(milliseconds=1) if high == high.normalize() else pd.Timedelta(0)
    elif not isinstance(low, str):
        column = pd.to_numeric(column, errors="coerce")
    inside = (column >= low) & (column <= high)
    outside: Mask = ~np.asarray(inside.fillna(False), dtype=bool)
    return outside


def sample_of(frame: pd.DataFrame, column: str, mask: Mask) -> tuple[str, ...]:
    """Return a few offending rows: their key, and what they hold."""
    rows = frame[column][mask].head(SAMPLE)
    return tuple(
        f"{key}: {'' if not isinstance(cell, tuple) and pd.isna(cell) else cell}" for key, cell in rows.items()
    )
