"""Which cached source, which of its tables and which of its states a call is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from larknb.cache import history
from larknb.cache.guidefiles import GUIDE, MARKDOWN
from larknb.config.children import holds_many, not_read, unknown_child
from larknb.config.names import choose, no_table, normal_form
from larknb.display import iso
from larknb.errors import ChooseTable, NotSynced, WrongKind
from larknb.library import Child, paths_of
from larknb.messages import say
from larknb.model import Source
from larknb.services.context import Context

if TYPE_CHECKING:
    import pandas as pd

    from larknb.cache.cached import SourceCache

__all__ = [
    "GUIDES",
    "cached_source",
    "cached_sources",
    "entry_of",
    "holder_of",
    "meant",
    "refuse_library",
    "state_at",
    "table_id_of",
    "titles_of",
    "with_origin",
]

GUIDES = (MARKDOWN, GUIDE)  # the files of a document


def cached_source(context: Context, name: str, table: str | None) -> tuple[SourceCache, str | None]:
    """Return the cache that a name means, and the table that the name or the argument names.

    Sources that are no longer configured can be named, too, as long as their caches are there.
    """
    configured = [source if source.name else _titled(context, source) for source in context.settings.sources]
    mine = (*configured, *context.children)
    others = [_unconfigured(cached) for cached in context.cache.others(mine)]
    source, found = meant(context, (*mine, *others), name)
    refuse_library(context, source, found)
    cached = context.cache.find(source)
    if cached is None or not cached.parts:
        problem = cached.manifest.problem if cached else ""
        raise NotSynced(
            say("notsynced.what"), source=source.name, next=problem or say("notsynced.next", name=source.name)
        )
    return cached, table or found


def cached_sources(context: Context) -> list[SourceCache]:
    """Return all caches that hold something, those of the configured sources first."""
    sources = (*context.settings.sources, *context.children)
    found = [*(context.cache.find(source) for source in sources if not source.library), *context.cache.others(sources)]
    known = {cached.folder: cached for cached in found if cached is not None}
    return [cached for cached in known.values() if cached.parts]


def meant(context: Context, sources: Sequence[Source], name: str) -> tuple[Source, str | None]:
    """Return the source that a name means, as `larknb.config.names.choose` does.

    A child of a library can also be named by the titles above it, ``"<source>/<title>/<title>"``.
    """
    source, rest = choose(sources, name)
    library = holder_of(context, source)
    if library is None or rest is None:
        return source, rest
    found = entry_of(context, library, name)
    mine = (each for each in context.children if each.parent == library.key)
    child = next((each for each in mine if found and each.about["node"] == found.key), None)
    return (source, rest) if child is None else (child, None)


def holder_of(context: Context, source: Source) -> Source | None:
    """Return the library that a source is, or is a child of."""
    return next((each for each in context.libraries if each.key == (source.parent or source.key)), None)


def entry_of(context: Context, library: Source, name: str) -> Child | None:
    """Return what a whole name means in a library, by its own name or with the titles above it; readable or not."""
    children, wanted = context.listing(library).live, normal_form(name)
    paths = paths_of(children)
    for names in ({child.key: child.name for child in children}, paths):
        found = [child for child in children if normal_form(f"{library.name}/{names[child.key]}") == wanted]
        if len(found) == 1:
            return found[0]
    return None


def refuse_library(context: Context, source: Source, child: str | None) -> None:
    """Raise WrongKind for a library and for what is not read of it, NotFound for a child that it lacks."""
    if not source.library:
        return
    if child is None:
        raise holds_many(source)
    if found := entry_of(context, source, f"{source.name}/{child}"):
        raise not_read(source, found)
    raise unknown_child(source, child, [each.name for each in context.listing(source).live if each.name])


def _titled(context: Context, source: Source) -> Source:
    """Return a source that was given no name under its title, which only its cache knows."""
    if source.library:
        return next(each for each in context.libraries if each.key == source.key)
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
        raise no_table(wanted, cached.name, names)
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
