"""What the cache gives: frames, documents, search; and the sync that fills it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any, Literal

from larknb.cache import history, loading, search
from larknb.cache.guidefiles import GUIDE, MARKDOWN
from larknb.config.names import choose, choose_all
from larknb.disk import telling
from larknb.display import iso
from larknb.env import INTERVAL
from larknb.errors import ChooseTable, NotFound, NotSynced, WrongKind
from larknb.messages import say
from larknb.model import KINDS, Kind, Reporter, Source
from larknb.results.base import Result
from larknb.results.search import SearchHits
from larknb.results.sources import Columns, Paths
from larknb.results.sync import SyncReport
from larknb.services.context import Context, check_argument
from larknb.services.sources import source_of_url

if TYPE_CHECKING:
    import pandas as pd

    from larknb.cache.store import SourceCache
    from larknb.guides.document import Document

__all__ = [
    "cells",
    "document",
    "load",
    "load_parts",
    "paths",
    "preview",
    "read",
    "schema",
    "search_cache",
    "sync",
    "tables",
]

GUIDES = (MARKDOWN, GUIDE)  # the files of a document
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
        chosen = list({source.key: source for source, _ in choose_all(chosen, names)}.values())
    if kind is not None:
        chosen = [source for source in chosen if source.kind in (kind, None)]
    return _sync(context, chosen, kind=kind, force=force, accept_shrink=accept_shrink, progress=progress)


@telling()
def _sync(
    context: Context, sources: Sequence[Source], *, kind: Kind | None = None, force: bool = False,
    accept_shrink: bool = False, progress: Watcher = None,
) -> SyncReport:  # fmt: skip
    from larknb.screens.progress import reporter
    from larknb.syncing import sync_all
    from larknb.visit import Sync

    if not sources:
        return SyncReport()
    settings = context.settings
    # A source without a name and a title is called by its token; to the sync it has no name, and gets its title.
    sources = [replace(each, name="" if each.name == each.token else each.name) for each in sources]
    context.prepare()
    with context.lock(), context.clients() as client_of:
        job = Sync(
            cache=context.again().cache,  # a sync that held the lock until now may have changed it
            client=client_of,
            policy=settings.policy,
            settle=settings.settle,
            formats=settings.formats,
            force=force,
            accept_shrink=accept_shrink,
            interval=float(os.environ.get(INTERVAL, 0)) or None,
            kind=kind,
            report=reporter() if progress is None else progress or (lambda _: None),
            clock=context.clock,
            sleep=context.sleep,
        )
        return sync_all(job, sources)


# --- tables -----------------------------------------------------------------------------------------------------


def load(
    context: Context, name: str, table: str | None = None, *, columns: Sequence[str] | None = None, as_of: Any = None,
    links: str = "text", raw: bool = False,
) -> pd.DataFrame:  # fmt: skip
    """Return one table from the cache (see `larknb.Workspace.load`)."""
    check_argument("links", links, ("text", "id"))
    columns = [columns] if isinstance(columns, str) else columns
    cached, found = _cached(context, name, table)
    cached = _at(context, cached, as_of)
    table_id = _table_id(cached, found)
    if raw:
        frame = loading.raw_frame(cached, table_id, columns)
    else:
        frame = loading.frame(cached, table_id, columns, links=links)
    return _with_origin(context, cached, table_id, frame)


def load_parts(
    context: Context, name: str, table: str | None = None, *, columns: Sequence[str] | None = None, as_of: Any = None
) -> Iterator[pd.DataFrame]:
    """Yield one table from the cache, some rows at a time (see `larknb.Workspace.load_parts`)."""
    cached, found = _cached(context, name, table)
    cached = _at(context, cached, as_of)
    return loading.parts(cached, _table_id(cached, found), [columns] if isinstance(columns, str) else columns)


def tables(context: Context, name: str) -> dict[str, pd.DataFrame]:
    """Return all tables of a source, by name."""
    cached, _ = _cached(context, name, None)
    return {
        title: _with_origin(context, cached, table_id, loading.frame(cached, table_id))
        for table_id, title in _titles(cached).items()
    }


def read(
    context: Context, url_or_name: str, table: str | None = None, options: Mapping[str, Any] | None = None
) -> pd.DataFrame:
    """Sync one source if it is stale, then load it; a bare URL needs no configuration."""
    source, found = _meant(context, url_or_name, options or {})
    cached = _synced(context, source)
    table_id = _table_id(cached, table or found)
    return _with_origin(context, cached, table_id, loading.frame(cached, table_id))


def schema(context: Context, name: str, table: str | None = None) -> Columns:
    """Return the columns of a table."""
    cached, found = _cached(context, name, table)
    return Columns(loading.columns(cached, _table_id(cached, found)))


def cells(context: Context, name: str, table: str | None = None) -> pd.DataFrame:
    """Return what the text of a worksheet cannot hold."""
    from larknb.tabular import typed

    cached, found = _cached(context, name, table)
    return typed.cells(loading.grid(cached, _table_id(cached, found)))


def preview(context: Context, name: str, table: str | None = None) -> Result:
    """Return the raw head of a table beside what became header and types."""
    cached, found = _cached(context, name, table)
    return loading.preview(cached, _table_id(cached, found))


def paths(context: Context, name: str) -> Paths:
    """Return the current files of a source for other programs, by table."""
    cached, _ = _cached(context, name, None)
    found = Paths(
        {
            title: str(cached.folder / f"{cached.tables[table_id].file}.parquet")
            for table_id, title in _titles(cached).items()
        }
    )
    if cached.guide is not None:
        found |= {name: str(cached.folder / name) for name in GUIDES}
    found.folder = str(cached.folder)
    return found


# --- documents and search ---------------------------------------------------------------------------------------


def document(context: Context, url_or_name: str, *, sync: bool = False, as_of: Any = None) -> Document:
    """Return one document from the cache; a URL, or a name with ``sync=True``, is synced first if it is stale."""
    if sync or "://" in url_or_name:
        source, _ = _meant(context, url_or_name, {})
        cached = _synced(context, source)
    else:
        cached, _ = _cached(context, url_or_name, None)
    return loading.document(_at(context, cached, as_of))


def search_cache(context: Context, text: str, *, kind: Kind | None = None, limit: int = 20) -> SearchHits:
    """Return the passages of documents and the cells of tables that hold all words of ``text``, the best first."""
    check_argument("kind", kind, (None, *KINDS))
    return search.search_all(
        context.settings.work / "search", context.cache.folders(), search.contents_of, text, kind, limit
    )


# --- which one is meant -----------------------------------------------------------------------------------------


def _meant(context: Context, url_or_name: str, options: Mapping[str, Any]) -> tuple[Source, str | None]:
    """Return the source that a URL or a configured name means, and the table that it names."""
    if "://" in url_or_name:
        return source_of_url(context, url_or_name, options)
    return choose(context.sources, url_or_name)


def _synced(context: Context, source: Source) -> SourceCache:
    """Sync one source if it is stale, and return its cache."""
    _sync(context, [source], progress=False).raise_for_failures()
    cached = context.again().cache.find(source)
    assert cached is not None, "what was synced without a failure is cached"
    return cached


def _cached(context: Context, name: str, table: str | None) -> tuple[SourceCache, str | None]:
    """Return the cache that a name means, and the table that the name or the argument names.

    Sources that are no longer configured can be named, too, as long as their caches are there.
    """
    configured = [source if source.name else _titled(context, source) for source in context.settings.sources]
    others = [_unconfigured(cached) for cached in context.cache.others(configured)]
    source, found = choose((*configured, *others), name)
    cached = context.cache.find(source)
    if cached is None or not cached.parts:
        problem = cached.manifest.problem if cached else ""
        raise NotSynced(
            say("notsynced.what"), source=source.name, next=problem or say("notsynced.next", name=source.name)
        )
    return cached, table or found


def _titled(context: Context, source: Source) -> Source:
    """Return a source that was given no name under its title, which only its cache knows."""
    cached = context.cache.find(source)
    return replace(source, name=cached.name if cached else source.token)


def _unconfigured(cached: SourceCache) -> Source:
    """Return the source of a cache, from what its manifest tells."""
    known = cached.manifest
    token = known.key.split("/")[0]
    return Source(cached.name, known.url, known.kind, token, known.part, known.wiki)


def _at(context: Context, cached: SourceCache, as_of: Any) -> SourceCache:
    """Return a source as it was at a moment; None means now."""
    return cached if as_of is None else history.at(cached, as_of, context.clock())


def _table_id(cached: SourceCache, table: str | None) -> str:
    """Return the id of the table that is meant; a document has only those that are embedded in it."""
    if cached.guide is not None and table is None:
        raise WrongKind(say("document.what"), source=cached.name, next=say("document.next"))
    titles = _titles(cached)
    wanted = table or cached.manifest.part or (next(iter(titles)) if len(titles) == 1 else None)
    names = [*titles.values()]
    if wanted is None:
        raise ChooseTable(
            say("choose.what", count=len(names)), source=cached.name, tables=names,
            next=say("choose.next", tables=", ".join(names)),
        )  # fmt: skip
    found = next((key for key, title in titles.items() if wanted in (key, title)), None) or cached.table_id(wanted)
    if found is None:
        raise NotFound(
            say("table.missing.what", table=wanted), source=cached.name,
            next=say("table.missing.next", tables=", ".join(names)),
        )  # fmt: skip
    return found


def _titles(cached: SourceCache) -> dict[str, str]:
    """Return what each table is called, by its id: equal titles are numbered, those of tables that are gone last."""
    used = {*GUIDES} if cached.guide is not None else set()  # `paths` has these files beside the tables
    real, titles = {entry.name for entry in cached.tables.values()}, dict.fromkeys(cached.tables, "")
    for table_id, entry in sorted(cached.tables.items(), key=lambda item: item[1].gone):
        numbered = (f"{entry.name} ({number})" for number in count(2))
        free = (title for title in numbered if title not in used and title not in real)
        titles[table_id] = entry.name if entry.name not in used else next(free)
        used.add(titles[table_id])
    return titles


def _with_origin(context: Context, cached: SourceCache, table_id: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Note in a frame where it comes from and how old it is."""
    entry, manifest = cached.tables[table_id], cached.manifest
    stale = bool(manifest.problem) or context.clock() - manifest.checked_at >= context.settings.policy.max_age
    frame.attrs["larknb"] = {
        "source": cached.name,
        "table": _titles(cached)[table_id],
        "synced_at": iso(entry.read_at),
        "checked_at": iso(manifest.checked_at),
        "computed_at": iso(entry.computed_at),
        "revision": entry.revision,
        "stale": stale or entry.gone,
        "url": manifest.url,
    }
    return frame
