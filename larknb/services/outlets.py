"""What leaves the folder for other programs: workbooks, guides."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from larknb.disk import telling
from larknb.messages import say
from larknb.services.chosen import cached_source
from larknb.services.context import Context
from larknb.services.reading import load, tables

if TYPE_CHECKING:
    import pandas as pd

    from larknb.outlets.guides import CachedGuide
    from larknb.results.exports import ExportReport

__all__ = ["export_guides", "to_excel"]


def to_excel(context: Context, what: str | pd.DataFrame | Mapping[str, pd.DataFrame], path: str | Path) -> Path:
    """Write frames, or tables that a name means, as a workbook (see `larknb.Workspace.to_excel`)."""
    from larknb.outlets.workbook import write_workbook

    file = Path(path)
    write_workbook(_frames(context, what), file)
    return file


@telling()
def export_guides(context: Context, folder: str | Path) -> ExportReport:
    """Write the documents as Markdown into a folder (see `larknb.Workspace.export_guides`)."""
    from larknb.outlets.guides import guide_key, write_guides
    from larknb.results.exports import ExportReport, ExportRow

    guides = _guides(context)
    there = {guide.cached.manifest.key for guide in guides}
    waiting = [source for source in context.synced if source.key not in there and source.kind in ("document", None)]
    told = write_guides(Path(folder), guides, [guide_key(source.key) for source in waiting])
    missing = [ExportRow(source.name, "", "failed", say("notsynced.what")) for source in waiting
               if source.kind == "document"]  # fmt: skip
    return ExportReport([*told, *missing])


def _guides(context: Context) -> list[CachedGuide]:
    """Return the documents that are cached, those of a space or folder under its name."""
    from larknb.outlets.guides import CachedGuide

    libraries = {library.key: library.name for library in context.libraries}
    found: list[CachedGuide] = []
    for source in context.synced:
        cached = context.opened(source)
        if cached is not None and cached.guide is not None:
            library = libraries.get(source.parent, "")
            place = (library, source.name.removeprefix(f"{library}/")) if library else (cached.name,)
            found.append(CachedGuide(place, cached))
    return found


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
