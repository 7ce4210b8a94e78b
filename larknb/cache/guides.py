"""A document as it was received -> its house form, the files of it, and the `Document` that a user holds.

The house form is JSON (``larknb.guide/1``): the whole text as Markdown, and beside it what a program wants to find
without parsing Markdown: outline, sections, tables, assets, links, mentions. It is a pure function of the record, the
media that were downloaded and the embedded tables that were read, so it can be made again at no request.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from larknb.cache.blocks import read_tree
from larknb.cache.forms import (
    Asset,
    Code,
    Embedded,
    Heading,
    Item,
    Line,
    Marker,
    Node,
    Paragraph,
    Picture,
    Span,
    Table,
    lines,
    plain,
    rows,
    walk,
)
from larknb.cache.markup import Html, markdown
from larknb.files import file_name, write_atomically
from larknb.messages import say
from larknb.model import Media, SearchHits

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Document",
    "block_hashes",
    "has_media",
    "keep_media",
    "read_guide",
    "read_record",
    "rows_of",
    "same_content",
    "to_guide",
    "tokens",
    "write_guide",
]

SCHEMA = "larknb.guide/1"

# --- the house form -----------------------------------------------------------------------------------------------


def to_guide(
    record: Mapping[str, Any],
    media: Mapping[str, Mapping[str, Any]] | None = None,
    tables: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    fetched_at: float | None = None,
) -> dict[str, Any]:
    """Return a document in its house form.

    Parameters
    ----------
    record : mapping
        What `larknb.model.Guide` carries.
    media : mapping, optional
        What `keep_media` knows of pictures and files, by token.
    tables : mapping, optional
        Embedded tables by the token of their block: ``status`` and ``problem`` as the reader noted them, ``rows`` as
        `rows_of` gives them.
    fetched_at : float, optional
        When it was read, epoch seconds.
    """
    tree = read_tree(record, media, tables)
    info = record.get("document") or {}
    title = [Heading(1, [Span(tree.title)], "", opens=False)] if tree.title else []
    text = markdown([*title, *tree.nodes])
    text = f"{text}\n" if text else ""
    parts = _Parts(tree.title, str(info.get("document_id") or ""))
    for section in _sections(tree.nodes):
        parts.add(section)
    return {
        "schema": SCHEMA,
        "kind": "docx",
        "document_id": info.get("document_id"),
        "title": tree.title,
        "url": record.get("url"),
        "wiki": record.get("wiki"),
        "revision_id": info.get("revision_id"),
        "latest_modify_time": record.get("latest_modify_time"),
        "fetched_at": None if fetched_at is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(fetched_at)),
        "block_count": len(record.get("blocks") or ()),
        "content_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "outline": parts.outline,
        "sections": parts.sections,
        "tables": parts.tables,
        "assets": parts.assets,
        "links": parts.links,
        "mentions": [{"user_id": user, "name": None} for user in parts.users],
        "unsupported": {str(kind): count for kind, count in sorted(tree.unsupported.items())},
        "warnings": tree.warnings,
        "markdown": text,
    }


def _sections(nodes: Iterable[Node]) -> Iterator[list[Node]]:
    """Yield what is before the first heading, then each heading with what follows it."""
    section: list[Node] = []
    for node in nodes:
        if isinstance(node, Heading) and node.opens:
            yield section
            section = []
        section.append(node)
    yield section


class _Parts:
    """What the house form lists beside the text, section by section."""

    def __init__(self, title: str, document_id: str) -> None:
        self.title, self.document_id = title, document_id
        self.outline: list[dict[str, Any]] = []
        self.sections: list[dict[str, Any]] = []
        self.tables: list[dict[str, Any]] = []
        self.assets: list[dict[str, Any]] = []
        self.links: list[dict[str, Any]] = []
        self.users: dict[str, None] = {}
        self._above: list[tuple[int, str]] = []  # level and text of the headings that the present one stands under

    def add(self, nodes: Sequence[Node]) -> None:
        index = len(self.sections)
        first = nodes[0] if nodes else None
        heading = first if index and isinstance(first, Heading) else None
        title = self._open(heading, index) if heading else None
        counts = len(self.tables), len(self.assets)
        for node in walk(nodes):
            self._note(node, index)
        text = markdown(nodes)
        self.sections.append(
            {
                "index": index,
                "level": heading.level if heading else 0,
                "heading": title,
                "path": [self.title, *(above for _, above in self._above)],
                "block_id": heading.block_id if heading else self.document_id,
                "tables": [*range(counts[0], len(self.tables))],
                "assets": [*range(counts[1], len(self.assets))],
                "text": "\n".join(lines(nodes[1:] if heading else nodes)),
                "markdown": f"{text}\n" if text else "",
            }
        )

    def _open(self, heading: Heading, index: int) -> str:
        text = " ".join(plain(heading.spans).split())
        self.outline.append({"level": heading.level, "text": text, "block_id": heading.block_id, "section": index})
        self._above = [(level, above) for level, above in self._above if level < heading.level]
        self._above.append((heading.level, text))
        return text

    def _note(self, node: Node, section: int) -> None:
        match node:
            case Table():
                self.tables.append(_table(node, len(self.tables), section))
            case Embedded():
                self.tables.append(_embedded(node, len(self.tables), section))
            case Picture():
                self._note_asset(node.asset, section)
            case Line() if node.asset is not None:
                self._note_asset(node.asset, section)
            case Paragraph() | Heading() | Item() | Code():
                self._note_spans(node.spans, section)
            case _:
                pass

    def _note_asset(self, asset: Asset, section: int) -> None:
        place = {"index": len(self.assets), "kind": asset.kind, "token": asset.token, "name": asset.name}
        found = {"caption": asset.caption, "file": asset.file, "status": asset.status}
        self.assets.append({**place, **found, "block_id": asset.block_id, "section": section, **asset.more})

    def _note_spans(self, spans: Iterable[Span], section: int) -> None:
        def link(span: Span) -> tuple[str, int]:  # a link whose words have several styles is one link
            return span.style.link, id(span) if span.doc or span.asset else 0

        for _, some in groupby(spans, key=link):
            first, *_ = pieces = list(some)
            self.users |= {span.user: None for span in pieces if span.user}
            if first.asset is not None:
                self._note_asset(first.asset, section)
            elif first.doc is not None or first.style.link:
                kind = "link" if first.doc is None else "mention_doc"
                found = {"kind": kind, "text": plain(pieces), "url": first.style.link}
                self.links.append({**found, **(first.doc or {}), "section": section})


def _table(table: Table, index: int, section: int) -> dict[str, Any]:
    return {
        "index": index,
        "source": "table",
        "block_id": table.block_id,
        "section": section,
        "status": "ok",
        "header_row": table.header_row,
        "header_column": table.header_column,
        "rows": rows(table),
        "merges": [
            {"row": r, "col": c, "row_span": cell.row_span, "col_span": cell.col_span}
            for r, row in enumerate(table.cells)
            for c, cell in enumerate(row)
            if cell.anchor is None and not cell.is_single
        ],
    }


TOKENS = {"sheet": ("spreadsheet_token", "sheet_id"), "bitable": ("app_token", "table_id")}


def _embedded(table: Embedded, index: int, section: int) -> dict[str, Any]:
    return {
        "index": index,
        "source": table.source,
        **dict(zip(TOKENS[table.source], (table.holder, table.table), strict=True)),
        "block_id": table.block_id,
        "section": section,
        "status": table.status,
        "rows": table.rows,
    }


def _key(table: Mapping[str, Any]) -> str:
    """Return the token of the block that an embedded table stands for."""
    return "_".join(table[name] for name in TOKENS[table["source"]] if table[name])


def rows_of(frame: pd.DataFrame) -> list[list[Any]]:
    """Return the rows of an embedded table for the house form: the column names, then plain values; times as text.

    Who made a row and when is no part of what a document shows.
    """
    from larknb.cache.frames import SYSTEM

    frame = frame.drop(columns=[name for name in SYSTEM if name in frame])
    columns = [[_value(value) for value in frame.iloc[:, index].array] for index in range(frame.shape[1])]
    return [[str(name) for name in frame.columns], *(list(row) for row in zip(*columns, strict=True))]


def _value(value: Any) -> Any:
    import pandas as pd

    value = value.tolist() if hasattr(value, "tolist") else value  # of numpy
    if isinstance(value, (list, tuple)):
        return [_value(each) for each in value]
    if value is None or pd.isna(value):
        return None
    if isinstance(value, (str, bool, int, float)):
        return value
    text = value.isoformat(sep=" ") if isinstance(value, pd.Timestamp) else str(value)
    return text.removesuffix(" 00:00:00")


def same_content(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Say whether two house forms tell the same: then a re-read is no new snapshot."""

    def content(guide: Mapping[str, Any]) -> tuple[Any, ...]:
        pictures = [asset.get("sha256") for asset in guide["assets"]]  # a board is redrawn under its old token
        return guide["content_sha256"], guide["tables"], pictures

    return content(before) == content(after)


def block_hashes(record: Mapping[str, Any]) -> dict[str, str]:
    """Return a hash of each block by its id: what two of them differ in was added, removed or changed."""
    return {
        str(block.get("block_id")): hashlib.sha256(orjson.dumps(block, option=orjson.OPT_SORT_KEYS)).hexdigest()
        for block in record.get("blocks") or ()
    }


# --- on disk ------------------------------------------------------------------------------------------------------

RAW, GUIDE, MARKDOWN = "raw.json.gz", "guide.json", "guide.md"


def write_guide(folder: Path, record: Mapping[str, Any], guide: Mapping[str, Any]) -> None:
    """Write a document into a snapshot's folder: the record, the house form, the Markdown."""
    (folder / RAW).write_bytes(gzip.compress(orjson.dumps(record), mtime=0))
    (folder / GUIDE).write_bytes(orjson.dumps(guide, option=orjson.OPT_INDENT_2))
    (folder / MARKDOWN).write_bytes(guide["markdown"].encode())


def read_record(folder: Path) -> dict[str, Any]:
    """Return the record of a snapshot."""
    record: dict[str, Any] = orjson.loads(gzip.decompress((folder / RAW).read_bytes()))
    return record


def read_guide(folder: Path) -> dict[str, Any]:
    """Return the house form that lies in a folder."""
    guide: dict[str, Any] = orjson.loads((folder / GUIDE).read_bytes())
    return guide


EXTENSIONS = {
    "image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp", "image/bmp": ".bmp",
    "image/svg+xml": ".svg", "application/pdf": ".pdf", "application/zip": ".zip", "application/json": ".json",
    "text/plain": ".txt", "text/csv": ".csv", "video/mp4": ".mp4",
}  # fmt: skip


def keep_media(folder: Path, media: Media, kept: dict[str, dict[str, Any]]) -> None:
    """Write a picture or file to ``media/`` below the source's folder and note it in ``kept``, by token.

    One that could not be had is noted with its reason, unless an earlier download of it is there.
    """
    if media.data is None:
        if has_media(folder, kept, media.token):
            return
        # An answer that told what it is was left out on purpose: it was too large.
        status = "skipped" if media.content_type else "failed"
        about = {"name": media.name, "mime": media.content_type}
        kept[media.token] = {"status": status, "error": media.problem} | {key: v for key, v in about.items() if v}
        return
    taken = {Path(other["file"]).stem.casefold() for token, other in kept.items()
             if token != media.token and "file" in other}  # fmt: skip
    suffix = re.search(r"\.[A-Za-z0-9]{1,10}$", media.name)
    extension = suffix[0].lower() if suffix else EXTENSIONS.get(media.content_type, ".bin")
    file = f"media/{file_name(media.token, '', taken)}{extension}"
    write_atomically(folder / file, media.data)
    kept[media.token] = {"file": file, "name": media.name or None, "mime": media.content_type or None,
                         "bytes": len(media.data), "sha256": hashlib.sha256(media.data).hexdigest()}  # fmt: skip


def has_media(folder: Path, kept: Mapping[str, Mapping[str, Any]], token: str) -> bool:
    """Say whether a picture or file lies there; an empty file counts as none."""
    file = kept.get(token, {}).get("file")
    try:
        return file is not None and (folder / file).stat().st_size > 0
    except OSError:
        return False


def tokens(guide: Mapping[str, Any]) -> set[str]:
    """Return the tokens of the pictures and files that a guide shows."""
    return {str(asset["token"]) for asset in guide["assets"]}


# --- what a user holds --------------------------------------------------------------------------------------------

PICTURE, PICTURES = 300_000, 1_500_000  # bytes of one picture, and of all, that a saved notebook is burdened with
FORMS = 400  # of a document that a notebook shows, and LINES that a terminal does: the rest is in the Markdown
LINES = 60


class Document:
    """One document: its text as Markdown, and its parts.

    Parameters
    ----------
    guide : mapping
        The house form.
    folder : Path, optional
        The source's folder, below which the media lie.
    record : callable, optional
        Gives the record, from which a notebook's picture of it is made.
    frame : callable, optional
        Gives an embedded table by the token of its block, as `load` would.
    """

    def __init__(
        self,
        guide: Mapping[str, Any],
        folder: Path | None = None,
        *,
        record: Callable[[], Mapping[str, Any]] | None = None,
        frame: Callable[[str], pd.DataFrame] | None = None,
    ) -> None:
        self._guide, self._folder, self._record, self._frame = guide, folder, record, frame

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
        return int(self._guide["revision_id"] or 0)

    @property
    def synced_at(self) -> str:
        """When it was read, in UTC."""
        return str(self._guide["fetched_at"] or "")

    @property
    def markdown(self) -> str:
        """The whole text."""
        return str(self._guide["markdown"])

    @property
    def outline(self) -> list[dict[str, Any]]:
        """The headings: ``level``, ``text``, ``block_id``, and the index of their ``section``."""
        return [dict(entry) for entry in self._guide["outline"]]

    @property
    def sections(self) -> list[dict[str, Any]]:
        """The text heading by heading: ``path``, ``text`` without marks, ``markdown``; the first is before them all."""
        return [dict(section) for section in self._guide["sections"]]

    @property
    def tables(self) -> list[pd.DataFrame]:
        """The tables as DataFrames, in order; an embedded one that was not read is empty."""
        return [self._table(table) for table in self._guide["tables"]]

    @property
    def images(self) -> list[Path]:
        """The files of the pictures and boards, in order."""
        folder = self._folder or Path()
        return [folder / asset["file"] for asset in self._guide["assets"]
                if asset["kind"] != "file" and asset["file"]]  # fmt: skip

    def find(self, text: str) -> SearchHits:
        """Return the passages of this document that hold all words of ``text``."""
        from larknb.cache.search import passages_of_guide, search

        return search(passages_of_guide(self._guide, self.title), text, limit=len(self._guide["sections"]))

    def to_dict(self) -> dict[str, Any]:
        """Return the house form: all of the above, and links, mentions, assets, warnings."""
        return dict(self._guide)

    def _table(self, table: Mapping[str, Any]) -> pd.DataFrame:
        import pandas as pd

        if table["source"] != "table" and self._frame is not None and table["rows"] is not None:
            return self._frame(_key(table))
        found = table["rows"] or []
        if found and table.get("header_row", True):
            return pd.DataFrame(found[1:], columns=_unique(found[0]))
        return pd.DataFrame(found)

    # --- how it shows itself ------------------------------------------------------------------------------------

    def _facts(self) -> str:
        sections, tables, assets = (len(self._guide[key]) for key in ("outline", "tables", "assets"))
        return say("guide.facts", revision=self.revision, sections=sections, tables=tables, assets=assets,
                   at=self.synced_at)  # fmt: skip

    def _doubts(self) -> str:
        count = len(self._guide["warnings"])
        return say("guide.doubts", count=count) if count else ""

    def __repr__(self) -> str:
        text = [line for section in self._guide["sections"] for line in _told(section)]
        more = [say("guide.more")] if len(text) > LINES else []
        shown = [self.title, self.url, self._facts(), "", *text[:LINES], *more, self._doubts()]
        return "\n".join(_printable(line) for line in shown).rstrip()

    def _repr_html_(self) -> str:
        title = escape(self.title)
        if self.url.startswith(("https://", "http://")):
            title = f'<a href="{escape(self.url)}" target="_blank" rel="noopener noreferrer">{title}</a>'
        remarks = "<br>".join(escape(line) for line in (self._facts(), self._doubts()) if line)
        head = f'<div style="font-size:2em;font-weight:bold">{title}</div><div style="{SOFT}">{remarks}</div>'
        return f'<div class="larknb" style="{BOX}">{head}{self._body()}</div>'

    def _body(self) -> str:
        try:
            record = self._record() if self._record else None
        except OSError:  # a later sync has thinned out this state
            record = None
        if record is None:
            return f"<pre>{escape(self.markdown)}</pre>"
        media = {asset["token"]: asset for asset in self._guide["assets"] if asset["file"]}
        tables = {_key(table): table for table in self._guide["tables"] if table["source"] != "table"}
        nodes = read_tree(record, media, tables).nodes
        more = f"<p>{escape(say('guide.more'))}</p>" if len(nodes) > FORMS else ""
        return _Shown(self._folder).flow(nodes[:FORMS]) + more


def _told(section: Mapping[str, Any]) -> list[str]:
    """Return a section as a terminal shows it."""
    heading = ["", f"{'#' * section['level']} {section['heading']}"] if section["heading"] else []
    return [*heading, *(line for line in section["text"].split("\n") if line)]


def _printable(line: str) -> str:
    """Return a line without what could rewrite a terminal."""
    return "".join(char if char.isprintable() else " " for char in line)


def _unique(names: Sequence[Any]) -> list[str]:
    """Return the column names of a table, told apart by a number where two are the same."""
    found: list[str] = []
    for name in map(str, names):
        unique, number = name, 2
        while unique in found:
            unique, number = f"{name}.{number}", number + 1
        found.append(unique)
    return found


# JupyterLab's colours with a fallback that reads on light and dark alike.
BOX = "color:var(--jp-content-font-color1,inherit);line-height:1.6;max-height:40em;max-width:60em;overflow:auto"
SOFT = "color:var(--jp-content-font-color2,#888)"
_LINE = "1px solid var(--jp-border-color2,#8888)"
STYLES = {
    "table": "border-collapse:collapse;margin:8px 0",
    "th": f"border:{_LINE};padding:2px 8px;text-align:left;vertical-align:top",
    "td": f"border:{_LINE};padding:2px 8px;text-align:left;vertical-align:top",
    "blockquote": "border-left:4px solid var(--jp-border-color2,#8888);margin:8px 0;padding:0 12px",
    "pre": f"border:{_LINE};padding:6px 10px;overflow-x:auto",
}


class _Shown(Html):
    """A document in a notebook: small pictures inside of it, and words in place of what cannot be there."""

    def __init__(self, folder: Path | None) -> None:
        super().__init__(STYLES)
        self._folder, self._left = folder, PICTURES

    def picture(self, asset: Asset) -> str:
        caption = escape(asset.caption or "")
        if (data := self._data(asset)) is None:
            return self._instead(asset.caption or asset.name or asset.kind, asset)
        kind = next((mime for mime, suffix in EXTENSIONS.items() if str(asset.file).endswith(suffix)), "image/png")
        encoded = base64.b64encode(data).decode()
        image = f'<img src="data:{kind};base64,{encoded}" alt="{caption}" style="max-width:100%">'
        return f'{image}<br><span style="{SOFT}">{caption}</span>' if caption else image

    def _data(self, asset: Asset) -> bytes | None:
        """Return a picture's bytes if there are few of them."""
        if self._folder is None or asset.file is None or Path(asset.file).suffix not in _PICTURES:
            return None
        try:
            path = self._folder / asset.file
            size = path.stat().st_size
            if size > min(PICTURE, self._left):
                return None
            self._left -= size
            return path.read_bytes()
        except OSError:
            return None

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


_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".svg"})
