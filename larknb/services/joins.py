"""A table beside the tables that its link columns point to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from larknb.cache import definitions, loading
from larknb.errors import ConfigError, NotSynced, WrongKind
from larknb.messages import say
from larknb.model import Shown
from larknb.services.chosen import cached_source, table_id_of, titles_of, with_origin
from larknb.services.context import Context, check_argument

if TYPE_CHECKING:
    import pandas as pd

    from larknb.cache.cached import SourceCache

__all__ = ["join"]

IDS = Shown(links="id")
HOWS = ("left", "inner")


def join(
    context: Context, name_or_frame: str | pd.DataFrame, column: str, *, columns: Sequence[str] | None = None,
    how: str = "left",
) -> pd.DataFrame:  # fmt: skip
    """Return a table and the rows that a link column of it points to (see `larknb.Workspace.join`)."""
    from larknb.tabular.joins import as_tuples, joined, through

    check_argument("how", how, HOWS)
    cached, table_id, frame = _left(context, name_or_frame)
    (start, *others), target = _path(cached, table_id, column)
    right = loading.frame(cached, target, [columns] if isinstance(columns, str) else columns)
    cells = as_tuples(_ids(cached, *start).reindex(frame.index))
    for step in others:
        cells = through(cells, _ids(cached, *step))
    found = joined(frame, cells, right, column, how)
    found.attrs = dict(frame.attrs)
    return found


def _left(context: Context, name_or_frame: str | pd.DataFrame) -> tuple[SourceCache, str, pd.DataFrame]:
    """Return the table that was named, or that a frame was loaded from, and its rows."""
    if isinstance(name_or_frame, str):
        cached, found = cached_source(context, name_or_frame, None)
        table_id = table_id_of(cached, found)
        return cached, table_id, with_origin(context, cached, table_id, loading.frame(cached, table_id))
    origin = name_or_frame.attrs.get("larknb")
    if not isinstance(origin, dict):
        raise ConfigError(say("join.origin.what"), next=say("join.origin.next"))
    cached, _ = cached_source(context, origin["source"], None)
    return cached, table_id_of(cached, origin["table"]), name_or_frame


def _path(cached: SourceCache, table_id: str, column: str) -> tuple[list[tuple[str, str]], str]:
    """Return the links that a name such as ``部门.主管`` goes along, each with its table, and the table at the end."""
    steps: list[tuple[str, str]] = []
    rest = column
    while rest:
        links = definitions.links(cached, table_id)
        link = next((name for name in _beginnings(rest) if name in links), None)
        if link is None:
            raise _no_link(cached, table_id, rest, [*links])
        steps.append((table_id, link))
        table_id, rest = links[link].target, rest[len(link) + 1 :]
        if table_id not in cached.tables:
            raise NotSynced(say("join.absent.what", column=link), source=cached.name, next=say("join.absent.next"))
    return steps, table_id


def _beginnings(name: str) -> list[str]:
    """Return the name and what stands before each of its dots, the longest first: names may hold dots themselves."""
    dots = [at for at, letter in enumerate(name) if letter == "."]
    return [name, *(name[:dot] for dot in reversed(dots))]


def _no_link(cached: SourceCache, table_id: str, column: str, links: Sequence[str]) -> WrongKind:
    known = ", ".join(links) or say("join.none")
    what = say("join.what", column=column, table=titles_of(cached)[table_id])
    return WrongKind(what, source=cached.name, next=say("join.next", columns=known))


def _ids(cached: SourceCache, table_id: str, link: str) -> pd.Series:
    """Return the record ids in a link column, by record id."""
    return loading.frame(cached, table_id, [link], shown=IDS)[link]
