"""The sections of a guide as passages that a search finds."""

from __future__ import annotations

from collections.abc import Iterator

from larknb.guides import schema
from larknb.guides.forms import SHOWN_ROWS, value_text
from larknb.scan import Passage

__all__ = [
    "passages_of_guide",
]


def passages_of_guide(guide: schema.Guide, source: str) -> Iterator[Passage]:
    """Yield one passage per section of a guide.

    To the text of a section belong all rows of its embedded tables, and the names and captions of its files.
    """
    url = str(guide["url"] or "")
    for section in guide["sections"]:
        lines: list[str | None] = [section["text"]]
        lines += [line for index in section["tables"] for line in _more_rows(guide["tables"][index])]
        for asset in (guide["assets"][index] for index in section["assets"]):
            lines += [asset["caption"], asset["name"]]
        path = tuple(section["path"][1:])  # the first is the document's title
        link = f"{url.partition('#')[0]}#{section['block_id']}" if url and path else url
        yield Passage("document", source, guide["title"], path, "\n".join(filter(None, lines)), link)


def _more_rows(table: schema.Table) -> list[str]:
    """Return the rows of an embedded table that the section's text leaves out; the document's own are there whole."""
    rows = [] if table["source"] == "table" else (table["rows"] or [])[SHOWN_ROWS + 1 :]
    return [" | ".join(map(value_text, row)) for row in rows]
