"""What the cache gives: frames, documents, search; and the sync that fills it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from larknb.cache import history, loading, search
from larknb.disk import telling
from larknb.env import INTERVAL
from larknb.links import holds_address
from larknb.model import KINDS, USUAL, Kind, Reporter, Shown, Source, Where
from larknb.results.base import Result
from larknb.results.history import History
from larknb.results.search import SearchHits
from larknb.results.sources import Columns, Paths
from larknb.results.sync import SyncReport
from larknb.services.checks import with_checks
from larknb.services.chosen import (
    GUIDES,
    cached_source,
    meant,
    refuse_library,
    state_at,
    table_id_of,
    titles_of,
    with_origin,
)
from larknb.services.context import Context, check_argument
from larknb.services.last_report import with_last
from larknb.services.publishing import after_sync
from larknb.services.sources import source_of_url

if TYPE_CHECKING:
    import pandas as pd

    from larknb.cache.cached import SourceCache
    from larknb.guides.document import Document

__all__ = ["attachments", "cells", "document", "history_of", "load", "load_parts", "paths", "preview", "read", "schema",
           "search_cache", "sync", "tables"]  # fmt: skip


Watcher = Reporter | Literal[False] | None  # None shows the progress in the notebook or terminal, False nowhere


# --- sync -------------------------------------------------------------------------------------------------------


def sync(
    context: Context, names: Sequence[str] = (), *, kind: Kind | None = None, force: bool = False,
    accept_shrink: bool = False, progress: Watcher = None,
) -> SyncReport:  # fmt: skip
    """Bring the caches of the named sources, or of all, up to date (see `larknb.Workspace.sync`)."""
    check_argument("kind", kind, (None, *KINDS))
    chosen = list(context.sources)
    if names:
        named = [_synced_as(context, name) for name in names]
        chosen = list({source.key: source for source in named}.values())
    if kind is not None:
        chosen = [source for source in chosen if source.kind in (kind, None)]
    report = _sync(context, chosen, kind=kind, force=force, accept_shrink=accept_shrink, progress=progress)
    return after_sync(context.again(), report)


def _synced_as(context: Context, name: str) -> Source:
    """Return the source that a name means, as the one that is synced: a child may be a source of its own, too."""
    source, rest = meant(context, context.everything, name)
    if source.library and rest is not None:
        refuse_library(context, source, rest)
    own = (each for each in context.sources if source.key in (each.key, each.target))
    return next(own, source) if source.parent else source


@telling()
def _sync(
    context: Context, sources: Sequence[Source], *, kind: Kind | None = None, force: bool = False,
    accept_shrink: bool = False, progress: Watcher = None,
) -> SyncReport:  # fmt: skip
    from larknb.cache.store import Cache
    from larknb.people import People
    from larknb.screens.progress import reporter
    from larknb.syncing import sync_all
    from larknb.visit import Sync

    if not sources:
        return SyncReport()
    settings = context.settings
    # A source without a name and a title is called by its token; to the sync it has no name, and gets its title.
    sources = [replace(each, name="" if each.name == each.token else each.name) for each in sources]
    context.prepare()
    shown = reporter() if progress is None else nullcontext(progress or (lambda _: None))
    with context.lock(), context.clients() as client_of, shown as show:
        job = Sync(
            cache=context.reopened().cache,  # a sync that held the lock until now may have changed it
            client=client_of,
            policy=settings.policy,
            settle=settings.settle,
            formats=settings.formats,
            force=force,
            accept_shrink=accept_shrink,
            interval=float(os.environ.get(INTERVAL, 0)) or None,
            kind=kind,
            people=People(
                settings.work / "people.json",
                f"{settings.open_base} {settings.app_id}",
                lambda: Cache(settings.cache_dir).sources.values(),
                every=settings.policy.full_every,
                clock=context.clock,
            ),
            known={token: each for each in context.synced for token in (each.key, each.target)},
            report=show,
            clock=context.clock,
            sleep=context.sleep,
        )
        report = sync_all(job, sources)
        last = with_last(context, report).last
    checked = with_checks(context.reopened(), sources, report)
    checked.last = last
    return checked


# --- tables -----------------------------------------------------------------------------------------------------


def load(
    context: Context, name: str, table: str | None = None, *, columns: Sequence[str] | None = None,
    where: Where | None = None, as_of: Any = None, shown: Shown = USUAL, raw: bool = False,
) -> pd.DataFrame:  # fmt: skip
    """Return one table from the cache (see `larknb.Workspace.load`)."""
    check_argument("links", shown.links, ("text", "id"))
    check_argument("lists", shown.lists, ("tuple", "join"))
    check_argument("persons", shown.persons, ("name", "id"))
    columns = [columns] if isinstance(columns, str) else columns
    cached, found = cached_source(context, name, table)
    cached = state_at(context, cached, as_of)
    table_id = table_id_of(cached, found)
    if raw:
        frame = loading.raw_frame(cached, table_id, columns, where=where)
    else:
        frame = loading.frame(cached, table_id, columns, where=where, shown=shown)
    return with_origin(context, cached, table_id, frame)


def load_parts(
    context: Context, name: str, table: str | None = None, *, columns: Sequence[str] | None = None, as_of: Any = None
) -> Iterator[pd.DataFrame]:
    """Yield one table from the cache, some rows at a time (see `larknb.Workspace.load_parts`)."""
    cached, found = cached_source(context, name, table)
    cached = state_at(context, cached, as_of)
    return loading.parts(cached, table_id_of(cached, found), [columns] if isinstance(columns, str) else columns)


def tables(context: Context, name: str) -> dict[str, pd.DataFrame]:
    """Return all tables of a source, by name."""
    cached, _ = cached_source(context, name, None)
    frames = loading.frames_of(cached)  # of one state, which is that of the titles as well
    titles = titles_of(cached)
    return {title: with_origin(context, cached, key, frames[key]) for key, title in titles.items()}


def read(
    context: Context, url_or_name: str, table: str | None = None, options: Mapping[str, Any] | None = None
) -> pd.DataFrame:
    """Sync one source if it is stale, then load it; a bare URL needs no configuration."""
    source, found = _meant(context, url_or_name, options or {})
    cached = _synced(context, source)
    table_id = table_id_of(cached, table or found)
    return with_origin(context, cached, table_id, loading.frame(cached, table_id))


def schema(context: Context, name: str, table: str | None = None) -> Columns:
    """Return the columns of a table."""
    cached, found = cached_source(context, name, table)
    return Columns(loading.columns(cached, table_id_of(cached, found)))


def cells(context: Context, name: str, table: str | None = None) -> pd.DataFrame:
    """Return what the text of a worksheet cannot hold."""
    from larknb.tabular import typed

    cached, found = cached_source(context, name, table)
    return typed.cells(loading.grid(cached, table_id_of(cached, found)))


def attachments(context: Context, name: str, table: str | None = None, *, as_of: Any = None) -> pd.DataFrame:
    """Return the files in the cells of a source's tables, or of one of them (see `larknb.Workspace.attachments`)."""
    import pandas as pd

    cached, found = cached_source(context, name, table)
    cached = state_at(context, cached, as_of)
    titles = titles_of(cached)
    every = table is None and found is None and cached.guide is None
    ids = [*titles] if every else [table_id_of(cached, table or found)]
    rows = [{"table": titles[key], **file} for key in ids for file in loading.attachments(cached, key)]
    names = ["_record_id", "table", "column", "name", "size", "type", "path", "problem"]
    return pd.DataFrame(rows, columns=names).astype({"size": "Int64"}).set_index("_record_id")


def preview(context: Context, name: str, table: str | None = None) -> Result:
    """Return the raw head of a table beside what became header and types."""
    cached, found = cached_source(context, name, table)
    return loading.preview(cached, table_id_of(cached, found))


def paths(context: Context, name: str) -> Paths:
    """Return the current files of a source for other programs, by table."""
    cached, _ = cached_source(context, name, None)
    found = Paths({title: cached.address_of(key) for key, title in titles_of(cached).items()})
    if cached.guide is not None:
        found |= {name: cached.address_of("", name) for name in GUIDES}
    found.folder = str(cached.folder)
    return found


def history_of(context: Context, name: str) -> History:
    """Return the snapshots that are kept of a source (see `larknb.Workspace.history`)."""
    cached, found = cached_source(context, name, None)
    return History(history.past(cached), cached.name, partial(_removed, cached, found))


def _removed(cached: SourceCache, found: str | None, table: str | None) -> pd.DataFrame:
    return history.removed(cached, table_id_of(cached, table or found))


# --- documents and search ---------------------------------------------------------------------------------------


def document(context: Context, url_or_name: str, *, sync: bool = False, as_of: Any = None) -> Document:
    """Return one document from the cache; a URL, or a name with ``sync=True``, is synced first if it is stale."""
    if sync or "://" in url_or_name:
        source, _ = _meant(context, url_or_name, {})
        cached = _synced(context, source)
    else:
        cached, _ = cached_source(context, url_or_name, None)
    return loading.document(state_at(context, cached, as_of))


def search_cache(context: Context, text: str, *, kind: Kind | None = None, limit: int = 20) -> SearchHits:
    """Return the passages of documents and the cells of tables that hold all words of ``text``, the best first."""
    check_argument("kind", kind, (None, *KINDS))
    return search.search_all(
        context.settings.work / "search",
        context.cache.folders(),
        partial(search.contents_of, opened=context.cache.open),
        text,
        kind,
        limit,
    )


# --- what must be fetched first ---------------------------------------------------------------------------------


def _meant(context: Context, url_or_name: str, options: Mapping[str, Any]) -> tuple[Source, str | None]:
    """Return the source that a URL or a configured name means, and the table that it names."""
    if "://" in url_or_name or holds_address(url_or_name):
        source, rest = source_of_url(context, url_or_name, options)
    else:
        source, rest = meant(context, context.everything, url_or_name)
    refuse_library(context, source, rest)
    return source, rest


def _synced(context: Context, source: Source) -> SourceCache:
    """Sync one source if it is stale, and return its cache."""
    _sync(context, [source], progress=False).raise_for_failures()
    cached = context.reopened().cache.find(source)
    assert cached is not None, "what was synced without a failure is cached"
    return cached
