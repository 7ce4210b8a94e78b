"""The sections of a guide as passages that a search finds."""

from __future__ import annotations

from larknb.guides import schema
from larknb.guides.forms import SHOWN_ROWS, value_text
from larknb.scan.passages import Passages, joined

__all__ = [
    "passages_of_guide",
]


def passages_of_guide(guide: schema.Guide, source: str) -> Passages:
    """Return a guide as passages, one per section.

    To the text of a section belong all rows of its embedded tables, the names and captions of its files, and where its
    links lead.
    """
    url = str(guide["url"] or "")
    page = url.partition("#")[0]
    texts, urls = [], []
    for section in guide["sections"]:
        path = section["path"][1:]  # the first is the document's title
        texts.append(joined(path, _text(guide, section)))
        urls.append(f"{page}#{section['block_id']}" if url and path else url)
    data = "".join(texts).encode("utf-8", "surrogatepass")
    return Passages("document", source, guide["title"], url, data, urls)


def _text(guide: schema.Guide, section: schema.Section) -> str:
    lines: list[str | None] = [section["text"]]
    lines += [line for index in section["tables"] for line in _more_rows(guide["tables"][index])]
    for asset in (guide["assets"][index] for index in section["assets"]):
        lines += [asset["caption"], asset["name"]]
    lines += [link["url"] for link in guide["links"] if link["section"] == section["index"]]
    return "\n".join(filter(None, lines))


def _more_rows(table: schema.Table) -> list[str]:
    """Return the rows of an embedded table that the section's text leaves out; the document's own are there whole."""
    rows = [] if table["source"] == "table" else (table["rows"] or [])[SHOWN_ROWS + 1 :]
    return [" | ".join(map(value_text, row)) for row in rows]
