"""What an answer of each endpoint may be: its shape, its size, and how many pages there can be.

One table for all of them, by documentation path. A member that stands here has the documented type, or the answer is
refused as a whole; one that does not stand here may be anything. Members that the documentation calls optional, or that
recorded answers lack, may be missing and null. The cells of records and worksheets, the properties of fields and the
payloads of blocks are not looked into: whoever reads them takes what they know and keeps the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
import orjson
from msgspec import Meta, Struct

from larknb.decoding import ready

__all__ = ["BasicUser", "Endpoint", "FailedMeta", "FileItem", "FileMeta", "NodeItem", "endpoint_of", "fits", "oddity"]

# --- members --------------------------------------------------------------------------------------------------------

Text = str | None
Flag = bool | None
# Numbers that files and Arrow hold exactly; the platform types some as strings.
Number = Annotated[int, Meta(ge=0, le=1 << 53)]
Digits = Annotated[str, Meta(pattern=r"^[0-9]{1,18}\Z")]
Count = Number | Digits
# What becomes part of an address, of a range or of the name of a column: ours begin with an underscore.
Id = Annotated[str, Meta(pattern=r"^(?!_|\.+\Z)[^\s/\\?#%!:,\x00-\x1f\x7f]{1,100}\Z")]
Name = Annotated[str, Meta(min_length=1)]
Time = int | str | None  # what is no time is none, and costs nothing


class Page(Struct):
    """What pages have in common."""

    has_more: Flag = None
    page_token: Text = None
    total: Count | None = None


# --- bases ----------------------------------------------------------------------------------------------------------


class App(Struct):
    """A base."""

    name: Text = None
    time_zone: Text = None
    is_advanced: Flag = None
    formula_type: int | None = None
    revision: Count | None = None


class AppAnswer(Struct):
    """bitable-v1/app/get."""

    app: App


class TableItem(Struct):
    """A table of a base."""

    table_id: Id
    revision: Count | None = None
    name: Text = None


class Tables(Page):
    """bitable-v1/app-table/list."""

    items: list[TableItem] | None = None


class FieldItem(Struct):
    """A field of a table; what its property may be depends on its type."""

    field_id: Id
    field_name: str
    type: int
    ui_type: Text = None
    property: dict[str, Any] | None = None
    is_primary: Flag = None


class Fields(Page):
    """bitable-v1/app-table-field/list."""

    items: list[FieldItem] | None = None


class Record(Struct):
    """A record, with cells of any shape."""

    record_id: Name
    fields: dict[str, Any] | None = None


class Records(Page):
    """bitable-v1/app-table-record/search."""

    items: list[Record] | None = None


class View(Struct):
    """A view."""

    property: dict[str, Any] | None = None
    view_type: Text = None


class ViewItem(Struct):
    """A view, as the list of them tells it."""

    view_id: Id
    view_name: Text = None
    view_type: Text = None


class Views(Page):
    """bitable-v1/app-table-view/list."""

    items: list[ViewItem] | None = None


class ViewAnswer(Struct):
    """bitable-v1/app-table-view/get."""

    view: View


class RecordShareMeta(Struct):
    """base-v3/record_share/meta, which no page documents."""

    base_token: Id
    table_id: Id


# --- spreadsheets ---------------------------------------------------------------------------------------------------


class BlockInfo(Struct):
    """What a worksheet is that is no grid."""

    blockToken: Text = None  # noqa: N815
    blockType: Text = None  # noqa: N815


class SheetItem(Struct):
    """A worksheet as the layout names it; what is odd in one of them is for its reader to judge, and costs it alone."""

    sheetId: Id  # noqa: N815  the server's own key names, here and below
    title: Text = None
    rowCount: Any = None  # noqa: N815
    columnCount: Any = None  # noqa: N815
    frozenRowCount: Any = None  # noqa: N815
    merges: Any = None
    blockInfo: BlockInfo | None = None  # noqa: N815


class Properties(Struct):
    """A spreadsheet."""

    revision: Number


class LayoutAnswer(Struct):
    """historic-version/docs/sheets/uETMzUjLxEzM14SMxMTN."""

    properties: Properties
    sheets: Annotated[list[SheetItem], Meta(min_length=1)]


class SheetRow(Struct):
    """A worksheet, and whether it is hidden."""

    sheet_id: Id
    hidden: Flag = None


class SheetsAnswer(Struct):
    """sheets-v3/spreadsheet-sheet/query."""

    sheets: Annotated[list[SheetRow], Meta(min_length=1)]


class ValueRange(Struct):
    """A window of a worksheet, with cells of any shape."""

    range: Text = None
    revision: Number | None = None
    values: list[list[Any] | None] | None = None


class ValuesAnswer(Struct):
    """sheets-v3/data/ukTMzUjL5EzM14SOxMTN."""

    valueRanges: Annotated[list[ValueRange], Meta(min_length=1)]  # noqa: N815
    revision: Number | None = None


# --- documents, wiki, drive -----------------------------------------------------------------------------------------


class Document(Struct):
    """A document."""

    revision_id: Count
    title: Text = None


class DocumentAnswer(Struct):
    """document-docx/docx-v1/document/get."""

    document: Document


class BlockItem(Struct):
    """A block, with a payload of any shape."""

    block_id: Name
    block_type: int | Digits | None = None
    parent_id: Text = None
    children: list[str] | None = None


class Blocks(Page):
    """document-docx/docx-v1/document-block/list, and the children of a block."""

    items: list[BlockItem] | None = None


class Node(Struct):
    """A node of a wiki, and what it stands for."""

    obj_type: Text = None
    obj_token: Id | None = None
    title: Text = None
    space_id: str | int | None = None
    obj_edit_time: Time = None

    def __post_init__(self) -> None:
        if self.obj_type and not self.obj_token:
            raise ValueError("an object without a token")


class NodeAnswer(Struct):
    """wiki-v2/space-node/get_node."""

    node: Node


class NodeItem(Struct):
    """An entry of a wiki's list; some lack members that others have."""

    node_token: Id
    obj_type: Text = None
    obj_token: Id | None = None
    title: Text = None
    node_type: Text = None
    has_child: Flag = None
    obj_edit_time: Time = None


class Nodes(Page):
    """wiki-v2/space-node/list: each entry is looked at by its reader."""

    items: list[Any] | None = None


class Space(Struct):
    """A space of a wiki."""

    name: Text = None
    space_id: Id | None = None


class SpaceAnswer(Struct):
    """wiki-v2/space/get."""

    space: Space


class Target(Struct):
    """What a shortcut leads to."""

    target_type: Text = None
    target_token: Id | None = None


class FileItem(Struct):
    """An entry of a folder."""

    token: Id
    type: str
    name: Text = None
    url: Text = None
    shortcut_info: Target | None = None
    modified_time: Time = None


class Files(Struct):
    """drive-v1/ugTNzUjL4UzM14CO1MTN/list: each entry is looked at by its reader."""

    files: list[Any] | None = None
    has_more: Flag = None
    next_page_token: Text = None


class FolderMeta(Struct):
    """drive-v1/ugTNzUjL4UzM14CO1MTN/uAjNzUjLwYzM14CM2MTN."""

    name: Text = None


class Asked(Struct):
    """What was asked for."""

    doc_token: Text = None


class FileMeta(Struct):
    """What is told of one document."""

    doc_token: Text = None
    request_doc_info: Asked | None = None
    latest_modify_time: Time = None
    title: Text = None
    owner_id: Text = None


class FailedMeta(Struct):
    """Why there is nothing to tell of one document."""

    token: Name
    code: int | Digits


class MetasAnswer(Struct):
    """drive-v1/file/batch_query: one that is odd must not cost the others, so each is looked at by its reader."""

    metas: list[Any] | None = None
    failed_list: list[Any] | None = None


class BasicUser(Struct):
    """A person; the name was once seen as an object."""

    user_id: Name
    name: Any = None


class BasicUsers(Struct):
    """contact-v3/user/basic_batch: one that is odd must not cost the others, so each is looked at by its reader."""

    users: list[Any] | None = None


# --- the table ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Endpoint:
    """What an answer may be.

    Parameters
    ----------
    data : type
        The shape of its ``data``.
    largest : int
        Bytes of one answer, unpacked. The platform has limits of its own, which it tells for few endpoints.
    most : int
        Items of all pages together, where their ``total`` does not tell.
    spare : int
        Pages beyond those that the items fill: some may come short, and where rights filter them even empty.
    key : str
        The member that tells items apart.
    """

    data: Any = dict[str, Any]
    largest: int = 4_000_000
    most: int = 100_000
    spare: int = 50
    key: str = ""


PAGE = 32_000_000  # bytes: a full page, whose limit (1254030) is not documented
GRID = 24_000_000  # bytes: the documented 10 MB of cells, escaped twice as long

ENDPOINTS: dict[str, Endpoint] = {
    "bitable-v1/app/get": Endpoint(AppAnswer),
    "bitable-v1/app-table/list": Endpoint(Tables, most=1_000, key="table_id"),  # 100 are documented
    "bitable-v1/app-table-field/list": Endpoint(Fields, PAGE, most=3_000, key="field_id"),  # 300 are documented
    "bitable-v1/app-table-record/search": Endpoint(Records, PAGE, most=10_000_000, spare=200, key="record_id"),
    "bitable-v1/app-table-view/get": Endpoint(ViewAnswer),
    "bitable-v1/app-table-view/list": Endpoint(Views, most=2_000, key="view_id"),  # 200 are documented
    "base-v3/record_share/meta": Endpoint(RecordShareMeta),
    "historic-version/docs/sheets/uETMzUjLxEzM14SMxMTN": Endpoint(LayoutAnswer, PAGE),
    "sheets-v3/spreadsheet-sheet/query": Endpoint(SheetsAnswer, PAGE),
    "sheets-v3/data/ukTMzUjL5EzM14SOxMTN": Endpoint(ValuesAnswer, GRID),
    "document-docx/docx-v1/document/get": Endpoint(DocumentAnswer),
    "document-docx/docx-v1/document-block/list": Endpoint(Blocks, PAGE, key="block_id"),
    "document-docx/docx-v1/document-block-children/get": Endpoint(Blocks, PAGE, key="block_id"),
    "wiki-v2/space-node/get_node": Endpoint(NodeAnswer),
    "wiki-v2/space-node/list": Endpoint(Nodes),
    "wiki-v2/space/get": Endpoint(SpaceAnswer),
    "drive-v1/ugTNzUjL4UzM14CO1MTN/list": Endpoint(Files),
    "drive-v1/ugTNzUjL4UzM14CO1MTN/uAjNzUjLwYzM14CM2MTN": Endpoint(FolderMeta),
    "drive-v1/file/batch_query": Endpoint(MetasAnswer),
    "contact-v3/user/basic_batch": Endpoint(BasicUsers),
}
ANY = Endpoint()


def endpoint_of(api: str) -> Endpoint:
    """Return what answers of an endpoint may be; of one that is not in the table, any object."""
    return ENDPOINTS.get(api, ANY)


def oddity(value: Any, shape: Any) -> str:
    """Return where a value is not of a shape, and how; empty where it is."""
    try:
        msgspec.convert(value, ready(shape))
        orjson.dumps(value)  # what cannot be written could not be kept
    except msgspec.ValidationError as error:
        return str(error)
    except TypeError:
        return "nested too deep"
    return ""


def fits(value: Any, shape: type[Struct]) -> bool:
    """Say whether a value is of a shape."""
    return not oddity(value, shape)
