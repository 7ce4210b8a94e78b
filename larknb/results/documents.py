"""The children of a library, as the tree that they form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

from larknb import display
from larknb.messages import say
from larknb.model import KINDS
from larknb.results.base import Attribute, Json, Rows, kind_word
from larknb.results.status import State

__all__ = ["DocumentList", "Listed"]


SAID = (*KINDS, "folder")  # kinds that have a word of ours; the others have the platform's


class _Branch(display.Drawn):
    """A title at its level of the tree: set in as text, in HTML also a link."""

    level: int
    url: str
    label: str

    @classmethod
    def of(cls, label: str, level: int, url: str) -> _Branch:
        made = cls("  " * level + label)
        made.level, made.url, made.label = level, url, label
        return made

    def html(self) -> str:
        """Return the title as a link, set in by its level."""
        label = display.anchor(self.url, self.label)
        return f'<span style="padding-left:{1.4 * self.level:.1f}em">{label}</span>'


@dataclass(frozen=True)
class Listed:
    """One child of a library.

    Parameters
    ----------
    name : str
        What `larknb.load` and `larknb.document` call it; empty for what cannot be read.
    path : tuple of str
        The titles above it and its own.
    kind : str
        ``document``, ``bitable`` or ``spreadsheet``; else the platform's own word, such as ``folder`` or ``mindnote``.
    state : str
        As in `larknb.status`; ``unread`` for what cannot be read, ``gone`` for what is no longer there, empty for what
        holds others and is not asked for itself.
    age : float, optional
        Seconds since the start of the last look.
    problem : str
        Why it is not read, or the last look failed.
    """

    name: str
    path: tuple[str, ...]
    kind: str
    state: State | str
    age: float | None
    edited_at: str
    url: str
    problem: str = ""
    shortcut: bool = False

    @property
    def title(self) -> str:
        """Its own title."""
        return self.path[-1]

    @property
    def level(self) -> int:
        """How deep it lies, from 0 on."""
        return len(self.path) - 1

    @property
    def branch(self) -> str:
        """The title as the tree shows it."""
        return _Branch.of(f"{self.title} →" if self.shortcut else self.title, self.level, self.url)

    @property
    def said_age(self) -> str:
        """The age in words, of what has one."""
        return "" if self.age is None else display.age(self.age)


class DocumentList(Rows[Listed]):
    """The children of a library in the order of their tree, each before what lies below it.

    ``gone`` are those that are no longer in the tree and whose caches are kept. By its name, with or without that of
    the library, each can be had.
    """

    COLUMNS = (
        Attribute("branch", header="column.title", only="screen"),
        Attribute("name", only="frame"),
        Attribute("title", only="frame"),
        Attribute("path", only="frame"),
        Attribute("level", only="frame"),
        Attribute("kind", lambda kind: kind_word(kind) if kind in SAID else kind),
        Attribute("state", lambda state: say(f"state.{state}") if state else ""),
        Attribute("age", only="frame"),
        Attribute("said_age", header="column.age", only="screen"),
        Attribute("edited_at", only="frame"),
        Attribute("url", only="frame"),
        Attribute("problem"),
    )

    def __init__(
        self, source: str, items: Sequence[Listed] = (), gone: Sequence[Listed] = (), doubts: Sequence[str] = ()
    ) -> None:
        super().__init__(items)
        self.source, self.gone, self.doubts = source, tuple(gone), tuple(doubts)

    @overload
    def __getitem__(self, index: int | str) -> Listed: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Listed]: ...
    def __getitem__(self, index: int | str | slice) -> Listed | Sequence[Listed]:
        if not isinstance(index, str):
            return self.items[index]
        names = (index, f"{self.source}/{index}")
        found = next((each for each in (*self.items, *self.gone) if each.name in names), None)
        if found is None:
            raise KeyError(index)
        return found

    def _ipython_key_completions_(self) -> list[str]:
        return [each.name for each in (*self.items, *self.gone) if each.name]

    def headline(self) -> str:
        """Return the line above the tree."""
        return say("documents.title", source=self.source)

    def footer(self) -> str:
        """Return the lines below the tree: how many there are, what is gone, why the list is not whole."""
        read = sum(bool(each.name) for each in self)
        unread = sum(each.state == "unread" for each in self)
        lines = [say("documents.count", read=read, unread=unread)]
        lines += [say("documents.gone", name=each.name, problem=each.problem) for each in self.gone]
        return "\n".join([*lines, *self.doubts])

    def to_dict(self) -> Json:
        """Return everything as a plain dict, for ``--json``."""
        gone = DocumentList(self.source, self.gone).to_dicts()
        return {"source": self.source, "doubts": [*self.doubts], "gone": gone, "documents": self.to_dicts()}
