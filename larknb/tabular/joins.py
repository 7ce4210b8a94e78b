"""A frame and the rows that one of its link columns points to, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from larknb.tabular.raw import RECORD_ID

__all__ = ["as_tuples", "joined", "through"]

Ids = tuple[str, ...]


def as_tuples(cells: Iterable[Any]) -> list[Ids]:
    """Return the cells of a link column, one id or a tuple of them, as tuples; what is missing is an empty one."""
    return [cell if isinstance(cell, tuple) else () if pd.isna(cell) else (str(cell),) for cell in cells]


def through(cells: Iterable[Ids], links: pd.Series[Any]) -> list[Ids]:
    """Return what the linked rows link to themselves, each once, in their order."""
    known = dict(zip(links.index, as_tuples(links), strict=True))
    return [tuple(dict.fromkeys(far for near in cell for far in known.get(near, ()))) for cell in cells]


def joined(left: pd.DataFrame, ids: Sequence[Ids], right: pd.DataFrame, column: str, how: str = "left") -> pd.DataFrame:
    """Return one row per pair of a row and a row that it links to.

    Parameters
    ----------
    left : DataFrame
        The rows that link; their index and columns stay as they are.
    ids : sequence of tuple
        Of each row the record ids that it links to.
    right : DataFrame
        The linked table, index ``_record_id``.
    column : str
        The link column, which the names of the new columns begin with.
    how : str
        ``"left"`` keeps rows that link to nothing, ``"inner"`` drops them and links whose row is not there.
    """
    pairs = pd.Series([*ids], index=np.arange(len(left)), dtype=object).explode()
    if how == "inner":
        pairs = pairs[pairs.isin(right.index)]
    rows = left.iloc[pairs.index.to_numpy()]
    linked = _with_gaps(right, right.index.get_indexer(pd.Index(pairs.to_numpy(), dtype=object)))
    linked.insert(0, RECORD_ID, pd.Series(pairs.where(pairs.notna(), None).to_numpy(), dtype=right.index.dtype))
    linked.index = rows.index
    linked.columns = pd.Index(_free_names(rows.columns, [f"{column}.{name}" for name in linked.columns]))
    return pd.concat([rows, linked], axis=1)


def _with_gaps(right: pd.DataFrame, positions: Any) -> pd.DataFrame:
    """Return these rows; a position of -1 gives a row without values, and booleans the type that can lack one."""
    if (positions < 0).any():
        flags = {name: "boolean" for name in right.columns if right[name].dtype == bool}
        right = right.astype(flags)
    return right.reset_index(drop=True).reindex(np.where(positions < 0, len(right), positions)).reset_index(drop=True)


def _free_names(taken: Iterable[str], wanted: Iterable[str]) -> list[str]:
    """Return the names, each numbered where another column has it."""
    used, names = set(taken), []
    for name in wanted:
        number, free = 0, name
        while free in used:
            number += 1
            free = f"{name}.{number}"
        used.add(free)
        names.append(free)
    return names
