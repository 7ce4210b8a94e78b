"""What a guide says, key by key: the JSON ``larknb.guide/1`` as it lies on disk and as `Document.to_dict` gives it."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

__all__ = [
    "SCHEMA",
    "Asset",
    "Base",
    "FileFacts",
    "Guide",
    "Heading",
    "Link",
    "MentionedDocument",
    "MentionedUser",
    "Merge",
    "OwnTable",
    "Rows",
    "Section",
    "Sheet",
    "Table",
]

SCHEMA = "larknb.guide/1"

Rows = list[list[Any]]  # of a table, the header among them; the values are the cells', of whatever type


class Heading(TypedDict):
    """An entry of the outline: a heading, and the index of the section that it opens."""

    level: int
    text: str
    block_id: str
    section: int


class Section(TypedDict):
    """A heading with what stands below it; the first section is what stands before all headings.

    ``path`` are the document's title and the headings that it stands under, its own the last; ``tables`` and ``assets``
    are indices into the guide's lists.
    """

    index: int
    level: int
    heading: str | None
    path: list[str]
    block_id: str
    tables: list[int]
    assets: list[int]
    text: str
    markdown: str


class Merge(TypedDict):
    """A merged cell of a table: its place, counted from 0, and how far it reaches."""

    row: int
    col: int
    row_span: int
    col_span: int


class OwnTable(TypedDict):
    """A table of the document itself; cells that a merged one covers repeat its text."""

    index: int
    source: Literal["table"]
    block_id: str
    section: int
    status: str
    header_row: bool
    header_column: bool
    rows: list[list[str]]
    merges: list[Merge]


class Sheet(TypedDict):
    """An embedded worksheet; ``rows`` begin with the column names, None if it was not read."""

    index: int
    source: Literal["sheet"]
    spreadsheet_token: str
    sheet_id: str
    block_id: str
    section: int
    status: str
    rows: Rows | None


class Base(TypedDict):
    """An embedded table of a base; ``rows`` as in `Sheet`."""

    index: int
    source: Literal["bitable"]
    app_token: str
    table_id: str
    block_id: str
    section: int
    status: str
    rows: Rows | None


Table = OwnTable | Sheet | Base


class FileFacts(TypedDict, total=False):
    """What is known of a picture or file beside its place, as far as it is known; ``error``: why it is not there."""

    mime: str
    bytes: int
    sha256: str
    error: str


class Asset(FileFacts):
    """A picture, file or board: ``file`` is where it lies, from the source's folder on, None where it does not."""

    index: int
    kind: Literal["image", "file", "board"]
    token: str
    name: str | None
    caption: str | None
    file: str | None
    status: str
    block_id: str
    section: int


class MentionedDocument(TypedDict):
    """A document that a text mentions, by its token; ``obj_type`` is the platform's number of its kind."""

    token: str
    obj_type: NotRequired[int]


class Link(TypedDict):
    """An address that a text leads to; of a mentioned document also what `MentionedDocument` says."""

    kind: Literal["link", "mention_doc"]
    text: str
    url: str
    token: NotRequired[str]
    obj_type: NotRequired[int]
    section: int


class MentionedUser(TypedDict):
    """A person whom a text mentions; the name is None where nobody could tell it."""

    user_id: str
    name: str | None


class Guide(TypedDict):
    """A document; what each part means is said in `larknb.guides.guide`."""

    schema: str
    kind: Literal["docx"]
    document_id: str | None
    title: str
    url: str | None
    wiki: dict[str, str | None] | None
    revision_id: int | str | None
    latest_modify_time: str | None
    fetched_at: str | None
    block_count: int
    content_sha256: str
    outline: list[Heading]
    sections: list[Section]
    tables: list[Table]
    assets: list[Asset]
    links: list[Link]
    mentions: list[MentionedUser]
    unsupported: dict[str, int]
    warnings: list[str]
    markdown: str
