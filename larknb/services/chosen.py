"""Which cached source, which of its tables and which of its states a call is about."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from larknb.cache import history
from larknb.cache.guidefiles import GUIDE, MARKDOWN
from larknb.config.names import choose
from larknb.display import iso
from larknb.errors import ChooseTable, NotFound, NotSynced, WrongKind
from larknb.messages import say
from larknb.model import Source
from larknb.services.context import Context

if TYPE_CHECKING:
    import pandas as pd

    from larknb.cache.store import SourceCache

__all__ = ["GUIDES", "cached_source", "cached_sources", "state_at", "table_id_of", "titles_of", "with_origin"]

GUIDES = (MARKDOWN, GUIDE)  # the files of a document


def cached_source(context: Context, name: str, table: str | None) -> tuple[SourceCache, str | None]:
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


def cached_sources(context: Context) -> list[SourceCache]:
    """Return all caches that hold something, those of the configured sources first."""
    configured = [context.cache.find(source) for source in context.settings.sources]
    found = [*configured, *context.cache.others(context.settings.sources)]
    return [cached for cached in found if cached is not None and cached.parts]


def _titled(context: Context, source: Source) -> Source:
    """Return a source that was given no name under its title, which only its cache knows."""
    cached = context.cache.find(source)
    return replace(source, name=cached.name if cached else source.token)


def _unconfigured(cached: SourceCache) -> Source:
    """Return the source of a cache, from what its manifest tells."""
    known = cached.manifest
    token = known.key.split("/")[0]
    return Source(cached.name, known.url, known.kind, token, known.part, known.wiki)


def state_at(context: Context, cached: SourceCache, as_of: Any) -> SourceCache:
    """Return a source as it was at a moment; None means now."""
    return cached if as_of is None else history.at(cached, as_of, context.clock(), partial(_began, context))


def _began(context: Context, name: str) -> float | None:
    """Return when a headless run began; None for what is no run."""
    from larknb.headless.records import began

    return began(context.settings.work / "runs", name)


def table_id_of(cached: SourceCache, table: str | None) -> str:
    """Return the id of the table that is meant; a document has only those that are embedded in it."""
    if cached.guide is not None and table is None:
        raise WrongKind(say("document.what"), source=cached.name, next=say("document.next"))
    titles = titles_of(cached)
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


def titles_of(cached: SourceCache) -> dict[str, str]:
    """Return what each table is called, by its id: equal titles are numbered, those of tables that are gone last."""
    used = {*GUIDES} if cached.guide is not None else set()  # `paths` has these files beside the tables
    real, titles = {entry.name for entry in cached.tables.values()}, dict.fromkeys(cached.tables, "")
    for table_id, entry in sorted(cached.tables.items(), key=lambda item: item[1].gone):
        numbered = (f"{entry.name} ({number})" for number in count(2))
        free = (title for title in numbered if title not in used and title not in real)
        titles[table_id] = entry.name if entry.name not in used else next(free)
        used.add(titles[table_id])
    return titles


def with_origin(context: Context, cached: SourceCache, table_id: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Note in a frame where it comes from and how old it is."""
    entry, manifest = cached.tables[table_id], cached.manifest
    stale = bool(manifest.problem) or context.clock() - cached.checked_at >= context.settings.policy.max_age
    frame.attrs["larknb"] = {
        "source": cached.name,
        "table": titles_of(cached)[table_id],
        "synced_at": iso(entry.read_at),
        "checked_at": iso(cached.checked_at),
        "computed_at": iso(entry.computed_at),
        "revision": entry.revision,
        "stale": stale or entry.gone,
        "url": manifest.url,
    }
    return frame
