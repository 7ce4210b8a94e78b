"""The two forms in which a table comes, and what makes a frame of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from larknb.cache.manifest import Form
from larknb.results.sources import Column
from larknb.tabular import frames, grid, raw, typed

__all__ = ["FORMS", "FrameMaker"]


@dataclass(frozen=True)
class FrameMaker:
    """Makes frames of friendly files.

    Parameters
    ----------
    index : str
        The column that becomes the frame's index.
    to_frame : callable
        Gives a friendly table as `load` does.
    columns : callable
        Tells the columns of a friendly schema, given the share of rows without a value by column.
    """

    index: str
    to_frame: Callable[[pa.Table], pd.DataFrame]
    columns: Callable[[pa.Schema, Mapping[str, float]], list[Column]]


FORMS: Mapping[Form, FrameMaker] = {
    "records": FrameMaker(raw.INDEX, frames.to_frame, frames.columns),
    "grid": FrameMaker(grid.INDEX, typed.to_frame, typed.columns),
}
