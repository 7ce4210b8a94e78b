"""The children of a library as its last walk found them, with the age of what is cached of each."""

from __future__ import annotations

from dataclasses import replace

from larknb.config.children import holds_many, holds_none, unknown_child
from larknb.errors import NotSynced
from larknb.library import Child, in_order, titled
from larknb.links import holds_address
from larknb.messages import say
from larknb.model import Source
from larknb.results.documents import DocumentList, Listed
from larknb.results.status import State
from larknb.services.chosen import entry_of, holder_of, meant
from larknb.services.context import Context
from larknb.services.sources import source_of_url

__all__ = ["documents"]


def documents(context: Context, name: str) -> DocumentList:
    """Return the children of a library, or what lies below one of them (see `larknb.Workspace.documents`)."""
    if context.origin:
        return _published(context, name)
    name = _name_of(context, name) if "://" in name or holds_address(name) else name
    source, rest = meant(context, context.everything, name)
    library = holder_of(context, source)
    if library is None:
        raise holds_none(source)
    listing = context.listing(library)
    if not listing.checked_at:
        then = listing.problem or say("notsynced.next", name=library.name)
        raise NotSynced(say("notsynced.what"), source=library.name, next=then)
    sources = {str(each.about["node"]): each for each in context.children if each.parent == library.key}
    tree = _tree(context, listing.live, sources)
    if source.parent or rest is not None:
        child = entry_of(context, library, name)
        if child is None:
            raise unknown_child(library, rest or source.name, [each.name for each in listing.live])
        return DocumentList(f"{library.name}/{child.name}", _below(tree, child.key), doubts=listing.doubts)
    gone = [_listed(context, child, (titled(child.title, child.key),), sources) for child in listing.gone]
    return DocumentList(library.name, [each for _, each in tree], gone, listing.doubts)


def _published(context: Context, name: str) -> DocumentList:
    """Return what a published store has of a library: its children by their names."""
    found: list[Listed] = []
    for source in context.sources:
        before, _, title = source.name.partition(f"{name}/")
        if title and not before:
            state, age, problem = _state_of(context, source)
            found.append(Listed(source.name, (title,), source.said_kind, state, age, "", source.url, problem))
    if not found:
        known, _ = meant(context, context.sources, name)
        raise holds_none(known)
    return DocumentList(name, found)


def _name_of(context: Context, url: str) -> str:
    """Return what an address of something configured is called."""
    found, _ = source_of_url(context, url, {})
    if not found.name:
        raise holds_many(found) if found.library else holds_none(found)
    return found.name


def _tree(context: Context, children: tuple[Child, ...], sources: dict[str, Source]) -> list[tuple[str, Listed]]:
    """Return the children in the order of their tree, each with its key."""
    found: list[tuple[str, Listed]] = []
    path: list[str] = []
    for level, child in in_order(children):
        path = [*path[:level], titled(child.title, child.key)]
        found.append((child.key, _listed(context, child, tuple(path), sources)))
    return found


def _below(tree: list[tuple[str, Listed]], key: str) -> list[Listed]:
    """Return one child and what lies below it, as a tree of their own."""
    at = next((place for place, (each, _) in enumerate(tree) if each == key), len(tree))
    top = [listed for _, listed in tree[at : at + 1]]
    below: list[Listed] = []
    for _, listed in tree[at + 1 :]:
        if listed.level <= top[0].level:
            break
        below.append(listed)
    return [replace(each, path=each.path[top[0].level :]) for each in (*top, *below)]


def _listed(context: Context, child: Child, path: tuple[str, ...], sources: dict[str, Source]) -> Listed:
    source = sources.get(child.key)
    kind = child.kind or child.obj_type or "?"
    listed = Listed("", path, kind, "", None, child.edited_at, child.url, child.unread, child.shortcut)
    if source is None:
        return replace(listed, state="unread" if child.unread else "")
    state, age, problem = _state_of(context, source)
    if child.gone:
        state, problem = "gone", say(f"library.gone.{child.gone}")
    return replace(listed, name=source.name, state=state, age=age, problem=problem)


def _state_of(context: Context, source: Source) -> tuple[State | str, float | None, str]:
    """Return the state of a child, its age, and why the last look failed."""
    cached = context.opened(source)
    if cached is None or not cached.parts:
        problem = cached.manifest.problem if cached else ""
        return ("failed" if problem else "never"), None, problem
    age, problem = context.clock() - cached.manifest.checked_at, cached.manifest.problem
    return ("failed" if problem else context.freshness(age)), age, problem
