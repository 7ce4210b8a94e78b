"""The children of a library as sources: what each is called, and which options it has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count

from larknb.config.names import near_names, normal_form
from larknb.config.sources import options_of
from larknb.errors import ConfigError, NotFound, WrongKind
from larknb.library import Child, titled
from larknb.messages import quoted, say
from larknb.model import Source

__all__ = ["child_sources", "holds_many", "holds_none", "named", "not_read", "part_of_library", "unknown_child"]


def named(children: Sequence[Child], before: Iterable[Child], taken: Iterable[str] = ()) -> list[Child]:
    """Return the children with their names: the titles, numbered where they are equal.

    A name stays with its child as long as the title does. What is gone leaves its name to what is there, a shortcut to
    the original.

    Parameters
    ----------
    taken : iterable of str
        Names that are not to be given.
    """
    known = {child.key: child for child in before if child.name and not child.gone}
    used = {_folded(name) for name in taken}
    names: dict[str, str] = {}
    for child in sorted(children, key=lambda child: _rank(child, known)):
        title, old = titled(child.title, child.key), known.get(child.key)
        keeps = old is not None and old.title == child.title and not child.gone and _folded(old.name) not in used
        names[child.key] = old.name if keeps and old is not None else _free(title, used)
        used.add(_folded(names[child.key]))
    return [replace(child, name=names[child.key]) for child in children]


def _rank(child: Child, known: Mapping[str, Child]) -> tuple[bool, bool, bool]:
    """Return who chooses first: what is there, then what had its name before, then what is no shortcut."""
    old = known.get(child.key)
    return bool(child.gone), old is None or old.title != child.title, child.shortcut


def _free(title: str, used: set[str]) -> str:
    names = (title if number == 1 else f"{title} ({number})" for number in count(1))
    return next(name for name in names if _folded(name) not in used)


def _folded(name: str) -> str:
    """Return the form in which names must differ: folders of the cache are called so, on disks without letter case."""
    return normal_form(name).casefold()


def child_sources(library: Source, children: Iterable[Child]) -> list[Source]:
    """Return the children that can be read, each as a source of its own, the original before its shortcuts.

    What is at two places stands here twice, under two names and one key.
    """
    return [_source_of(library, child) for child in sorted(children, key=lambda child: child.shortcut) if child.is_read]


def _source_of(library: Source, child: Child) -> Source:
    assert child.kind is not None, "only what can be read becomes a source"
    return Source(
        name=f"{library.name}/{child.name}",
        url=child.url,
        kind=child.kind,
        token=child.obj_token,
        identity=library.identity,
        options=options_of(library.options, child.kind),
        parent=library.key,
        about={"node": child.key, "gone": child.gone},
    )


# --- what a name does not mean ----------------------------------------------------------------------------------------


def holds_many(library: Source) -> WrongKind:
    """Return the error for a library where one table or text is meant."""
    then = say("children.next", name=library.name) if library.name else say("children.add", url=library.url)
    return WrongKind(say("children.what"), source=library.name or library.url, next=then)


def holds_none(source: Source) -> WrongKind:
    """Return the error for a single source where a library is meant."""
    return WrongKind(say("children.none.what"), source=source.name or source.url, next=say("children.none.next"))


def not_read(library: Source, child: Child) -> WrongKind:
    """Return the error for a child that is listed and not read; it says why."""
    name = f"{library.name}/{child.name}"
    if child.unread:
        return WrongKind(child.unread, source=name, next=say("children.unread.next", place=child.url or child.title))
    if child.obj_type == "folder":
        return WrongKind(say("children.what"), source=name, next=say("children.next", name=name))
    return WrongKind(say("children.left.what"), source=name, next=say("children.left.next", name=library.name))


def unknown_child(library: Source, name: str, names: Sequence[str]) -> NotFound:
    """Return the error for a child that a library lacks; it offers the nearest ones."""
    near = near_names(name, names)
    then = say("source.near", near=" · ".join(near)) if near else say("children.unknown.next", name=library.name)
    return NotFound(say("children.unknown.what", name=quoted(name)), source=library.name, next=then)


def part_of_library(library: Source, name: str) -> ConfigError:
    """Return the error for a child that is to be removed: the settings have its library alone."""
    then = say("children.part.next", name=library.name)
    return ConfigError(say("children.part.what", name=name), source=library.name, next=then)
