"""What a search found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from larknb import display
from larknb.messages import say
from larknb.model import Kind
from larknb.results.base import Attribute, Rows, kind_word

__all__ = ["Hit", "SearchHits"]


@dataclass(frozen=True)
class Hit:
    """One passage that a search found.

    ``title`` is the document's or the table's; ``path`` the headings above the passage, or what its row is called.
    ``marks`` are the places of the words in ``snippet``.
    """

    kind: Kind
    source: str
    title: str
    path: str
    snippet: str
    url: str
    marks: tuple[tuple[int, int], ...] = ()

    @property
    def place(self) -> str:
        """Where in its source it is; a document's title is mostly in the source's name, which is shown beside it."""
        title = "" if self.source.endswith(f"/{self.title}") else self.title
        return " > ".join(part for part in (title, self.path) if part and part != self.source)

    def marked(self, text: Callable[[str], str], mark: Callable[[str], str]) -> str:
        """Return the snippet with ``mark`` applied to the words that were found and ``text`` to what is between."""
        parts, at = [], 0
        for start, end in self.marks:
            parts += [text(self.snippet[at:start]), mark(self.snippet[start:end])]
            at = end
        return "".join([*parts, text(self.snippet[at:])])

    @property
    def marked_text(self) -> str:
        """The snippet with the words that were found between asterisks; two marks side by side read as one."""
        return self.marked(str, "**{}**".format).replace("****", "")

    def html(self) -> str:
        """Return the hit as escaped HTML: where it is, as a link to it, and the snippet with its words marked."""
        where = " > ".join(part for part in (self.source, self.place) if part)
        snippet = self.marked(escape, lambda word: f"<mark>{escape(word)}</mark>")
        return f'<div style="margin:6px 0">{display.anchor(self.url, where)}<div>{snippet}</div></div>'


class SearchHits(Rows[Hit]):
    """What a search found, the best of each kind of source in turns.

    ``counts`` are the hits of each kind, also those that ``limit`` left out, and ``found`` are all of them. Where there
    are none, ``near`` are texts that differ by little from what was asked for, and that are there.

    Examples
    --------
    >>> hits = lk.search("电机 过热", limit=4)
    >>> [hit.kind for hit in hits], hits.found > 4, sorted(hits.counts)
    (['bitable', 'document', 'bitable', 'document'], True, ['bitable', 'document'])
    >>> lk.search("终断电阻").near
    ('终端电阻',)
    """

    title, none = "search.title", "search.none"
    COLUMNS = (
        Attribute("kind", only="frame"),
        Attribute("source"),
        Attribute("title", only="frame"),
        Attribute("path", only="frame"),
        Attribute("snippet", only="frame"),
        Attribute("url", only="frame"),
        Attribute("place", only="screen"),
        Attribute("marked_text", header="column.snippet", only="screen"),
    )

    def __init__(
        self, items: Sequence[Hit] = (), counts: Mapping[Kind, int] | None = None, near: Sequence[str] = ()
    ) -> None:
        super().__init__(items)
        self.counts: Mapping[Kind, int] = dict(Counter(hit.kind for hit in items) if counts is None else counts)
        self.near = tuple(near)

    @property
    def found(self) -> int:
        """How many hits there are, shown or not."""
        return sum(self.counts.values())

    def footer(self) -> str:
        """Return the line below the hits: how many of each kind there are, or what else to search for."""
        if self.counts:
            kinds = ", ".join(f"{kind_word(kind)} {count}" for kind, count in self.counts.items())
            key = "search.all" if len(self) == self.found else "search.found"
            return say(key, shown=len(self), found=self.found, kinds=kinds)
        return say("search.near", near=", ".join(self.near)) if self.near else super().footer()

    def _repr_html_(self) -> str:
        return display.boxed(self.headline(), "".join(hit.html() for hit in self), self.footer())
