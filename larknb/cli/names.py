"""The names that a shell offers: of sources, of their tables, of columns. They come of the cache alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from larknb.cli.commands import Option
from larknb.errors import LarkError

__all__ = ["candidates"]

SOURCES = ("name", "names", "probe")  # arguments that name a source, or a table behind it
COLUMNS = ("columns", "column")


def candidates(option: Option, home: str | None, given: Mapping[str, Any], typed: str) -> Sequence[str]:
    """Return what may stand for an option's value; nothing where that is not known, whatever the reason.

    Parameters
    ----------
    given : mapping
        What the command line says already, by name.
    typed : str
        The beginning of the value. Tables are offered once the name of a source stands there.
    """
    choices = option.settings.get("choices")
    if choices is not None:
        return [str(each) for each in choices]
    try:
        return _names(option, home, given, typed)
    except (LarkError, OSError):
        return []


def _names(option: Option, home: str | None, given: Mapping[str, Any], typed: str) -> Sequence[str]:
    from larknb.workspace import Workspace

    workspace, source = Workspace(home), str(given.get("name") or "")
    if option.name in SOURCES and option.metavar != "URL":
        rows = [*workspace.status()]
        tables = [f"{row.source}/{row.table}" for row in rows if row.table]
        sources = [*dict.fromkeys(row.source for row in rows)]
        behind = [name for name in tables if any(typed.startswith(f"{each}/") for each in sources)]
        return [*sources, *behind] if "/" in typed else sources
    if option.name == "table" and source:
        return [row.table for row in workspace.status() if row.source == source]
    if option.name in COLUMNS and source:
        return [column.name for column in workspace.schema(source, given.get("table"))]
    return []
