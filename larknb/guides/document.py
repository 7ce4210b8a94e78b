"""Document: one guide as a user holds it. It opens no file; what else it needs, it is given as callables."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from html import escape
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from larknb import display
from larknb.guides import schema
from larknb.guides.blocks import read_tree
from larknb.guides.forms import Asset, Heading, Line, Marker, Node, Tree
from larknb.guides.guide import EXTENSIONS, block_token
from larknb.guides.html import Html
from larknb.guides.parts import Part, Tables, find_heading, labels_of, sections_below
from larknb.guides.payloads import read_number
from larknb.messages import say
from larknb.results.search import SearchHits
from larknb.results.unread import Unread, UnreadPart
from larknb.visible import visible, visible_lines

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Document",
]

PICTURE_BYTES, PICTURES_BYTES = 300_000, 1_500_000  # of one picture, and of all, that a saved notebook is burdened with
SHOWN_NODES = 400  # in a notebook: the rest is in the Markdown
SHOWN_LINES = 60  # in a terminal: the same
PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".svg"})


class Document:
    """One document: its text as Markdown, and its parts.

    Parameters
    ----------
    guide : mapping
        What `larknb.guides.guide.to_guide` made of it.
    folder : Path, optional
        The source's folder, below which the media lie.
    record : callable, optional
        Gives the document as it was received, from which a notebook's view of it is made; OSError if it is gone.
    frame : callable, optional
        Gives an embedded table by the token of its block, as `load` would.
    media : callable, optional
        Gives the bytes of a picture by its file below ``folder``; None if it is gone, or larger than the second
        argument says.
    names : mapping, optional
        What embedded tables are called, by the token of their block.
    """

    def __init__(
        self,
        guide: schema.Guide,
        folder: Path | None = None,
        *,
        record: Callable[[], Mapping[str, Any]] | None = None,
        frame: Callable[[str], pd.DataFrame] | None = None,
        media: Callable[[str, int], bytes | None] | None = None,
        names: Mapping[str, str] | None = None,
    ) -> None:
        self._guide, self._folder, self._record, self._frame, self._media = guide, folder, record, frame, media
        self._names = names or {}

    @property
    def title(self) -> str:
        """The document's title."""
        return str(self._guide["title"])

    @property
    def url(self) -> str:
        """Its address; with ``#`` and a section's ``block_id`` that of a passage."""
        return str(self._guide["url"] or "")

    @property
    def revision(self) -> int:
        """The revision that was read; comments move it as well."""
        return read_number(self._guide["revision_id"])

    @property
    def synced_at(self) -> str:
        """When it was read, in UTC."""
        return str(self._guide["fetched_at"] or "")

    @property
    def markdown(self) -> str:
        """The whole text."""
        return str(self._guide["markdown"])

    @property
    def outline(self) -> list[schema.Heading]:
        """The headings: ``level``, ``text``, ``block_id``, and the index of their ``section``."""
        return [entry.copy() for entry in self._guide["outline"]]

    @property
    def sections(self) -> list[schema.Section]:
        """The text heading by heading: ``path``, ``text`` without marks, ``markdown``; the first is before them all."""
        return [section.copy() for section in self._guide["sections"]]

    @property
    def tables(self) -> Tables:
        """The tables as DataFrames, in order; an embedded one that was not read is empty.

        One can also be had by its caption, or by the heading above it: ``tables["记录"]``.
        """
        return self._tables(range(len(self._guide["tables"])))

    @property
    def images(self) -> list[Path]:
        """The files of the pictures and boards, in order."""
        folder = self._folder or Path()
        return [folder / asset["file"] for asset in self._guide["assets"]
                if asset["kind"] != "file" and asset["file"]]  # fmt: skip

    @property
    def unread(self) -> Unread:
        """What is not there, or not as it is on the platform, with its reason and a link to its place.

        Where the document as it was received is gone, these are the pictures, files and tables that were not read.
        """
        tree, page = self._tree(), self.url.partition("#")[0]
        if tree is None:
            return Unread([UnreadPart(*each, self.url) for each in _missing(self._guide)])
        places = [f"{page}#{lack.block_id}" if page and lack.block_id else self.url for lack in tree.lacks]
        return Unread(
            [
                UnreadPart(lack.kind, lack.what, lack.problem or say(f"lack.{lack.reason}"), place)
                for lack, place in zip(tree.lacks, places, strict=True)
            ]
        )

    def __getitem__(self, heading: str) -> Part:
        """Return a heading with all that stands below it; ``"A/B"`` where several are called B.

        Raises
        ------
        NotFound
            No heading is called so, or several are; the message names some.
        """
        if not isinstance(heading, str):
            raise TypeError(say("part.type"))
        sections = self._guide["sections"]
        section = sections[find_heading(sections, heading, self.title)]
        below = sections_below(sections, section["index"])
        places = [place for each in (section, *below) for place in each["tables"]]
        url = f"{self.url}#{section['block_id']}" if self.url else ""
        return Part(section, below, url, partial(self._tables, places), partial(self._part, section))

    def _ipython_key_completions_(self) -> list[str]:
        return [str(section["heading"]) for section in self._guide["sections"] if section["heading"]]

    def find(self, text: str) -> SearchHits:
        """Return the passages of this document that hold all words of ``text``."""
        from larknb.guides.passages import passages_of_guide
        from larknb.scan.passages import blocks_of
        from larknb.scan.search import search

        blocks = blocks_of(passages_of_guide(self._guide, self.title))
        return search(blocks, text, limit=len(self._guide["sections"]))

    def to_dict(self) -> schema.Guide:
        """Return the guide as JSON: all of the above, and links, mentions, assets, warnings."""
        return self._guide.copy()

    def _tables(self, places: Iterable[int]) -> Tables:
        """Return the tables at some places of the guide's list."""
        labels, tables = labels_of(self._guide, self._names), self._guide["tables"]
        chosen = [*places]
        return Tables((self._table(tables[place]) for place in chosen), [labels[place] for place in chosen], self.title)

    def _table(self, table: schema.Table) -> pd.DataFrame:
        import pandas as pd

        if table["source"] != "table" and self._frame is not None and table["rows"] is not None:
            return self._frame(block_token(table))
        found = table["rows"] or []
        if found and (table["source"] != "table" or table["header_row"]):
            return pd.DataFrame(found[1:], columns=_unique(found[0]))
        return pd.DataFrame(found)

    # --- how it shows itself ----------------------------------------------------------------------------------------

    def _facts(self) -> str:
        guide = self._guide
        return say("guide.facts", revision=self.revision, sections=len(guide["outline"]), tables=len(guide["tables"]),
                   assets=len(guide["assets"]), at=display.local(self.synced_at))  # fmt: skip

    def _doubts(self) -> str:
        count = len(self._guide["warnings"])
        return say("guide.doubts", count=count) if count else ""

    def __repr__(self) -> str:
        text = [line for section in self._guide["sections"] for line in _terminal_lines(section)]
        more = [say("guide.more")] if len(text) > SHOWN_LINES else []
        shown = [self.title, self.url, self._facts(), "", *text[:SHOWN_LINES], *more, self._doubts()]
        return "\n".join(visible(line) for line in shown).rstrip()

    def _repr_html_(self) -> str:
        title = display.anchor(self.url, self.title)
        remarks = "<br>".join(escape(line) for line in (self._facts(), self._doubts()) if line)
        head = f'<div style="font-size:2em;font-weight:bold">{title}</div><div style="{SOFT}">{remarks}</div>'
        return visible_lines(f'<div class="larknb" style="{BOX}">{head}{self._body(self.markdown)}</div>')

    def _part(self, section: schema.Section, markdown: str) -> str:
        """Return a heading with what stands below it as HTML."""
        return visible_lines(f'<div class="larknb" style="{BOX}">{self._body(markdown, section["block_id"])}</div>')

    def _tree(self) -> Tree | None:
        """Return the tree of the document as it was received; None where that is gone."""
        try:
            record = self._record() if self._record else None
        except OSError:  # a later sync has thinned out this state
            record = None
        if record is None:
            return None
        media = {asset["token"]: asset for asset in self._guide["assets"]}
        tables = {block_token(table): table for table in self._guide["tables"] if table["source"] != "table"}
        return read_tree(record, media, tables)

    def _body(self, markdown: str, part: str = "") -> str:
        tree = self._tree()
        if tree is None:
            return f"<pre>{escape(markdown)}</pre>"
        nodes = _below(tree.nodes, part)
        more = f"<p>{escape(say('guide.more'))}</p>" if len(nodes) > SHOWN_NODES else ""
        return _NotebookHtml(self._folder, self._media).flow(nodes[:SHOWN_NODES]) + more


def _below(nodes: Sequence[Node], block_id: str) -> Sequence[Node]:
    """Return what a heading begins, down to the next one of its level; all where none is meant."""
    opening = [(place, node) for place, node in enumerate(nodes) if isinstance(node, Heading) and node.opens]
    found = next(((place, node.level) for place, node in opening if block_id and node.block_id == block_id), None)
    if found is None:
        return nodes
    start, level = found
    end = next((place for place, node in opening if place > start and node.level <= level), len(nodes))
    return nodes[start:end]


def _missing(guide: schema.Guide) -> Iterator[tuple[str, str, str]]:
    """Yield kind, name and reason of the pictures, files and embedded tables that are not there."""
    for asset in guide["assets"]:
        if not asset["file"]:
            yield asset["kind"], asset["name"] or asset["token"], asset.get("error") or say("lack.left_out")
    for table in guide["tables"]:
        if table["source"] != "table" and table["rows"] is None:
            yield table["source"], block_token(table), say(f"lack.{table['status']}")


def _terminal_lines(section: schema.Section) -> list[str]:
    """Return a section as a terminal shows it."""
    heading = ["", f"{'#' * section['level']} {section['heading']}"] if section["heading"] else []
    return [*heading, *(line for line in section["text"].split("\n") if line)]


def _unique(names: Sequence[Any]) -> list[str]:
    """Return the column names of a table, told apart by a number where two are the same."""
    found: list[str] = []
    for name in map(str, names):
        unique, number = name, 2
        while unique in found:
            unique, number = f"{name}.{number}", number + 1
        found.append(unique)
    return found


BOX = f"color:{display.CONTENT};line-height:1.6;max-height:40em;max-width:60em;overflow:auto"
SOFT = f"color:{display.CONTENT_PALE}"
_LINE = f"1px solid {display.LINE}"
STYLES = {
    "table": "border-collapse:collapse;margin:8px 0",
    "th": f"border:{_LINE};padding:2px 8px;text-align:left;vertical-align:top",
    "td": f"border:{_LINE};padding:2px 8px;text-align:left;vertical-align:top",
    "blockquote": f"border-left:4px solid {display.LINE};margin:8px 0;padding:0 12px",
    "pre": f"border:{_LINE};padding:6px 10px;overflow-x:auto",
}


class _NotebookHtml(Html):
    """A document in a notebook: small pictures inside of it, and words in place of what cannot be there."""

    def __init__(self, folder: Path | None, media: Callable[[str, int], bytes | None] | None) -> None:
        super().__init__(STYLES)
        self._folder, self._media, self._left = folder, media, PICTURES_BYTES

    def picture(self, asset: Asset) -> str:
        caption = escape(asset.caption or "")
        if (data := self._data(asset)) is None:
            return self._instead(asset.caption or asset.name or asset.kind, asset)
        mime = next((mime for mime, suffix in EXTENSIONS.items() if str(asset.file).endswith(suffix)), "image/png")
        encoded = base64.b64encode(data).decode()
        image = f'<img src="data:{mime};base64,{encoded}" alt="{caption}" style="max-width:100%">'
        return f'{image}<br><span style="{SOFT}">{caption}</span>' if caption else image

    def _data(self, asset: Asset) -> bytes | None:
        """Return a picture's bytes if there are few of them."""
        if self._media is None or asset.file is None or PurePath(asset.file).suffix not in PICTURE_SUFFIXES:
            return None
        data = self._media(asset.file, min(PICTURE_BYTES, self._left))
        self._left -= len(data or b"")
        return data

    def line(self, line: Line) -> str:
        return self._instead(line.label, line.asset) if line.asset else super().line(line)

    def link(self, label: str, address: str) -> str:
        return escape(label) if address.startswith("feishu-") else super().link(label, address)

    def _instead(self, label: str, asset: Asset) -> str:
        place = str(self._folder / asset.file) if self._folder and asset.file else asset.target
        return f'{escape(label)} <span style="{SOFT}">{escape(place)}</span>'

    def marker(self, marker: Marker) -> str:
        what = escape(say("guide.unshown", what=marker.text.removeprefix("feishu:")))
        return f'<span style="{SOFT}">[{what}]</span>'
