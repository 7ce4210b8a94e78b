"""What a search found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from larknb.messages import say
from larknb.model import Kind
from larknb.results.base import Rows

__all__ = [
    "Hit",
    "SearchHits",
]


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
        """Where in its source it is; a document's title is mostly the source's name, and that is told already."""
        return " > ".join(part for part in (self.title, self.path) if part and part != self.source)

    def marked(self, text: Callable[[str], str], mark: Callable[[str], str]) -> str:
        """Return the snippet with ``mark`` applied to the words that were found and ``text`` to what is between."""
        parts, at = [], 0
        for start, end in self.marks:
            parts += [text(self.snippet[at:start]), mark(self.snippet[start:end])]
            at = end
        return "".join([*parts, text(self.snippet[at:])])

    def html(self) -> str:
        """Return the hit as escaped HTML: where it is, as a link to it, and the snippet with its words marked."""
        where = escape(" > ".join(part for part in (self.source, self.place) if part))
        if self.url.startswith(("https://", "http://")):  # a document names its own address: no javascript: in a link
            where = f'<a href="{escape(self.url)}" target="_blank" rel="noopener noreferrer">{where}</a>'
        snippet = self.marked(escape, lambda word: f"<mark>{escape(word)}</mark>")
        return f'<div style="margin:6px 0">{where}<div>{snippet}</div></div>'


class SearchHits(Rows[Hit]):
    """What a search found, best first; ``found`` counts also the hits that ``limit`` left out."""

    title = "search.title"

    def __init__(self, items: Sequence[Hit] = (), found: int = 0) -> None:
        super().__init__(items)
        self.found = max(found, len(self.items))

    def columns(self) -> tuple[str, ...]:  # noqa: D102
        return ("kind", "source", "title", "path", "snippet", "url")

    def shown(self) -> tuple[Sequence[str], list[Sequence[Any]]]:  # noqa: D102
        header = [say(f"column.{name}") for name in ("source", "place", "snippet")]
        # Two marks side by side read as one.
        return header, [(hit.source, hit.place, hit.marked(str, "**{}**".format).replace("****", "")) for hit in self]

    def footer(self) -> str:  # noqa: D102
        return say("search.found", shown=len(self), found=self.found) if self.items else say("search.none")

    def _repr_html_(self) -> str:
        hits = "".join(hit.html() for hit in self)
        return f'<div class="larknb"><b>{escape(self.headline())}</b>{hits}<div>{escape(self.footer())}</div></div>'
