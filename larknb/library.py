"""A library: one source with many children, such as a wiki space or a folder. What its list says of each of them.

Pure. A walk (`larknb.readers.library`) lists a library parent by parent, what it found is compared with what was known,
and the children that can be read become sources of their own (`larknb.config.children`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from larknb.links import unreadable
from larknb.messages import say
from larknb.model import OBJECT_KINDS, Kind

__all__ = [
    "Changes",
    "Child",
    "Gone",
    "Place",
    "Root",
    "Walk",
    "compare",
    "in_order",
    "marked",
    "paths_of",
    "pruned",
    "titled",
]

# What became of a child that is no longer listed: deleted, not to be read any more, still there but elsewhere, unknown.
Gone = Literal["", "deleted", "barred", "elsewhere", "missing"]


@dataclass(frozen=True, kw_only=True)
class Child:
    """One entry of a library's list.

    Parameters
    ----------
    key, parent : str
        What identifies it in the list (a node token, or the token of an entry), and the entry above it; empty at the
        top.
    obj_type, obj_token : str
        The document, in the platform's words; of a shortcut that of its target.
    edited_at : str
        When it was edited, in the platform's own seconds; a hint.
    name : str
        What stands behind ``"<source>/"``: its title, numbered where another child has it.
    left_out : bool
        The settings do not ask for it; it is here for what lies below it.
    gone : str
        Why it is no longer in the tree; empty for one that is.
    """

    key: str
    parent: str
    title: str
    obj_type: str
    obj_token: str
    url: str = ""
    shortcut: bool = False
    edited_at: str = ""
    owner: str = ""
    name: str = ""
    left_out: bool = False
    gone: Gone = ""

    @property
    def kind(self) -> Kind | None:
        """The kind of source that it can be; None for what cannot be read."""
        return OBJECT_KINDS.get(self.obj_type)

    @property
    def is_read(self) -> bool:
        """True for one that is synced, or was as long as it was there."""
        return self.kind is not None and bool(self.obj_token) and not self.left_out

    @property
    def unread(self) -> str:
        """Why nothing of it can be read; empty for a folder too, which is no document."""
        if (self.kind is not None and self.obj_token) or self.obj_type == "folder":
            return ""
        known = unreadable(self.obj_type)
        return known[0] if known else say("library.kind", kind=self.obj_type or "?")


@dataclass(frozen=True, kw_only=True)
class Root:
    """Where a library begins: its title, the space of the wiki that it is in, and its own page if it has one."""

    title: str = ""
    space_id: str = ""
    page: Child | None = None


@dataclass(frozen=True)
class Place:
    """A parent whose list is still to be asked: the key of its children's parent, its token, and their level."""

    parent: str
    token: str
    level: int
    shortcut: bool = False


@dataclass(frozen=True, kw_only=True)
class Walk:
    """How far a walk through a library has come; it can go on from there.

    Parameters
    ----------
    options : str
        What identifies the settings that it follows.
    waiting, asked : tuple
        Parents whose lists are still to be asked, and the tokens of those that were.
    doubts : tuple of str
        Why the list is not whole: then what is missing in it may well be there.
    """

    began_at: float
    options: str
    root: Root
    waiting: tuple[Place, ...]
    asked: tuple[str, ...] = ()
    children: tuple[Child, ...] = ()
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Changes:
    """What happened to a library since the last whole walk; ``renamed`` has pairs of before and after."""

    new: tuple[Child, ...] = ()
    renamed: tuple[tuple[Child, Child], ...] = ()
    moved: tuple[Child, ...] = ()
    missing: tuple[Child, ...] = ()


def compare(before: Iterable[Child], found: Sequence[Child]) -> Changes:
    """Return what happened between two lists, by key; a document that has another key now was moved."""
    there = [child for child in before if not child.gone]
    known = {child.key: child for child in there}
    now = {child.key for child in found}
    # Between spaces a page gets a new node for the same document.
    left = {child.obj_token: child for child in there if child.key not in now and not child.shortcut}
    pairs = [(known.get(child.key) or (None if child.shortcut else left.get(child.obj_token)), child)
             for child in found]  # fmt: skip
    met = {old.key for old, _ in pairs if old is not None}
    both = [(old, child) for old, child in pairs if old is not None]
    return Changes(
        new=tuple(child for old, child in pairs if old is None),
        renamed=tuple((old, child) for old, child in both if old.title != child.title),
        moved=tuple(child for old, child in both if (old.parent, old.key) != (child.parent, child.key)),
        missing=tuple(child for child in there if child.key not in met),
    )


def pruned(children: Sequence[Child]) -> tuple[Child, ...]:
    """Return the children without those that nobody asks for and that have nothing below them that somebody does."""
    by_key = {child.key: child for child in children}
    kept: set[str] = set()
    for child in children:
        above: Child | None = None if child.left_out or child.obj_type == "folder" else child
        while above is not None and above.key not in kept:
            kept.add(above.key)
            above = by_key.get(above.parent)
    return tuple(child for child in children if child.key in kept)


def titled(title: str, token: str) -> str:
    """Return a title on one line; the token where there is none."""
    return " ".join(title.split()) or token


def paths_of(children: Iterable[Child]) -> dict[str, str]:
    """Return the titles from the top down to each child, by its key."""
    paths: dict[str, str] = {}
    for _, child in in_order(children):
        title = titled(child.title, child.key)
        paths[child.key] = f"{paths[child.parent]}/{title}" if child.parent in paths else title
    return paths


def in_order(children: Iterable[Child]) -> Iterator[tuple[int, Child]]:
    """Yield the children as a tree shows them, each before what lies below it, with its level from 0 on.

    What lies below something that is not listed stands at the top.
    """
    tree = _Tree(tuple(child for child in children if not child.gone))
    yield from tree.below("", 0)


@dataclass(frozen=True)
class _Tree:
    children: tuple[Child, ...]
    by_parent: dict[str, list[Child]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        keys = {child.key for child in self.children}
        for child in self.children:
            self.by_parent.setdefault(child.parent if child.parent in keys else "", []).append(child)

    def below(self, parent: str, level: int) -> Iterator[tuple[int, Child]]:
        waiting = [(level, child) for child in reversed(self.by_parent.get(parent, []))]
        while waiting:
            depth, child = waiting.pop()
            yield depth, child
            waiting += [(depth + 1, each) for each in reversed(self.by_parent.get(child.key, []))]


def marked(children: Iterable[Child], why: Mapping[str, Gone]) -> list[Child]:
    """Return children that are gone, each with the reason by its document."""
    return [replace(child, gone=why.get(child.obj_token, "missing")) for child in children]
