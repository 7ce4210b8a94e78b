"""What leaves the folder for other programs: workbooks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from larknb.services.chosen import cached_source
from larknb.services.context import Context
from larknb.services.reading import load, tables

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["to_excel"]


def to_excel(context: Context, what: str | pd.DataFrame | Mapping[str, pd.DataFrame], path: str | Path) -> Path:
    """Write frames, or tables that a name means, as a workbook (see `larknb.Workspace.to_excel`)."""
    from larknb.outlets.workbook import write_workbook

    file = Path(path)
    write_workbook(_frames(context, what), file)
    return file


def _frames(context: Context, what: str | pd.DataFrame | Mapping[str, pd.DataFrame]) -> Mapping[str, pd.DataFrame]:
    """Return what becomes a sheet each, by title: a name that means a source alone gives all of its tables."""
    if isinstance(what, str):
        cached, table = cached_source(context, what, None)
        if table is None and not cached.manifest.part:
            return tables(context, what)
        what = load(context, what)
    if isinstance(what, Mapping):
        return what
    origin = what.attrs.get("larknb")
    return {origin["table"] if isinstance(origin, dict) else "Sheet1": what}
