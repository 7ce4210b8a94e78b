"""A company on the platform: its people, its documents, its wiki."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from larknb.sandbox.blocks import Block

from .bitable.base import Base
from .document import Document
from .docx import Docx
from .drive import DriveFile, Folder, Other, Shortcut
from .dump import Dump, renamed
from .ids import derived_id
from .media import Media
from .people import User
from .sheets.workbook import Spreadsheet
from .wiki import WikiCompany


class Tenant(WikiCompany):
    """What the stand-in serves. Build it before or after the `Sandbox` that serves it.

    Attributes
    ----------
    bases : list of Base
    users : list of User
        The first is the one who signs in unless the sandbox is told otherwise.
    spreadsheets, guides, folders, files, others : list
        The other kinds of document: `Spreadsheet`, `Docx`, `Folder`, `DriveFile`, `Other`.
    embedded : list of Document
        Bitables and spreadsheets that live inside other documents.
    spaces : list of WikiSpace
    media, boards : dict of Media
        By token.
    shared_records : dict
        Base, table and record of each link that shares a record, by its token.
    deleted : set of str
        Tokens of documents that were removed, which is told apart from never having been.
    clock : callable
        Seconds since the epoch; a sandbox puts its own here.
    """

    def __init__(self, name: str = "示例公司", *, clock: Callable[[], float] = time.time) -> None:
        super().__init__(name, clock)
        self.root_token = derived_id("nod", 24, name, "root")
        self.bases: list[Base] = []
        self.spreadsheets: list[Spreadsheet] = []
        self.guides: list[Docx] = []
        self.folders: list[Folder] = []
        self.files: list[DriveFile] = []
        self.others: list[Other] = []
        self.embedded: list[Document] = []
        self.media: dict[str, Media] = {}
        self.boards: dict[str, Media] = {}
        self.shared_records: dict[str, tuple[Base, str, str]] = {}
        self.deleted: set[str] = set()

    def add_base(
        self,
        name: str,
        app_token: str | None = None,
        time_zone: str = "Asia/Shanghai",
        is_advanced: bool = False,
        formula_type: int = 1,
        owner: User | None = None,
        *,
        embedded: bool = False,
    ) -> Base:
        """Add an empty Bitable; an embedded one lives inside another document and is in no list."""
        base = Base(
            self,
            app_token or self.new_token("base"),
            name,
            owner or self.users[0],
            time_zone=time_zone,
            is_advanced=is_advanced,
            formula_type=formula_type,
        )
        (self.embedded if embedded else self.bases).append(base)
        return base

    def base(self, name_or_token: str) -> Base:
        """Bitable of this name or app token."""
        bases = [one for one in self.documents if isinstance(one, Base)]
        found = next((one for one in bases if name_or_token in (one.app_token, one.name)), None)
        if found is None:
            raise KeyError(f"there is no base {name_or_token}")
        return found

    def copy_base(self, base: Base, name: str | None = None, app_token: str | None = None) -> Base:
        """Make a copy of a Bitable, as people do from its menu: another token, the same ids within."""
        name = name or f"{base.name} 副本"
        copy = self.add_base(name, app_token, base.time_zone, base.is_advanced, base.formula_type)
        copy.take_copies(base.tables)
        return copy

    def share_record(self, base: Base, table_id: str, record_id: str) -> str:
        """Give the token of a link that shares one record."""
        token = derived_id("", 27, self.name, "record", base.app_token, table_id, record_id)
        self.shared_records[token] = (base, table_id, record_id)
        return token

    def add_spreadsheet(
        self, name: str, token: str | None = None, *, owner: User | None = None, embedded: bool = False
    ) -> Spreadsheet:
        """Add a spreadsheet without worksheets; an embedded one lives inside another document and is in no list."""
        spreadsheet = Spreadsheet(self, token or self.new_token("sheet"), name, owner or self.users[0])
        (self.embedded if embedded else self.spreadsheets).append(spreadsheet)
        return spreadsheet

    def add_document(
        self,
        title: str,
        blocks: Block | Iterable[Block | dict[str, Any]] | None = None,
        document_id: str | None = None,
        *,
        owner: User | None = None,
    ) -> Docx:
        """Add a document of blocks from `larknb.sandbox.blocks`, or of blocks as the platform serves them."""
        given = [blocks] if isinstance(blocks, Block) else blocks or []
        guide = Docx(self, document_id or self.new_token("docx"), title, owner or self.users[0], given)
        self.guides.append(guide)
        return guide

    def load_document(self, dump: Any, title: str | None = None, document_id: str | None = None) -> Docx:
        """Add a recorded document, to be served word for word.

        Parameters
        ----------
        dump : object
            ``{document, blocks}``, a list of blocks, an answer of the platform, or a list of answers (the pages, with
            or without the document's info).
        document_id : str, optional
            Another id than the recorded one.
        """
        return self.add_dump(Dump.of(dump), title, document_id)

    def add_dump(self, recorded: Dump, title: str | None = None, document_id: str | None = None) -> Docx:
        """Add a recorded document that has been read already."""
        token = document_id or recorded.document_id or self.new_token("docx")
        items = renamed(recorded.blocks, recorded.document_id, token)
        guide = self.add_document(title or recorded.title, items, token)
        if recorded.document:
            guide.facts = recorded.document
            guide.revision_id = int(recorded.document.get("revision_id", 1))
        return guide

    def add_media(
        self,
        data: bytes,
        name: str,
        content_type: str = "application/octet-stream",
        token: str | None = None,
        *,
        base: Base | None = None,
    ) -> str:
        """Add a picture or file that documents may hold, and give its token."""
        token = token or derived_id("", 27, self.name, "media", len(self.media), name)
        self.media[token] = Media(token, data, name, content_type, base)
        return token

    def add_board(self, data: bytes, content_type: str = "image/png", token: str | None = None) -> str:
        """Add a drawing board, which shows this picture, and give its token."""
        token = token or self.new_token("board")
        self.boards[token] = Media(token, data, "board", content_type)
        return token

    def add_file(self, name: str, token: str | None = None) -> DriveFile:
        """Add a file of the drive that is no document."""
        file = DriveFile(self, token or self.new_token("file"), name, self.users[0])
        self.files.append(file)
        return file

    def add_other(self, kind: str, name: str, token: str | None = None) -> Other:
        """Add a document of a kind that cannot be read here: ``doc``, ``mindnote``, ``slides``, or one to come."""
        other = Other(self, token or self.new_token(kind), name, self.users[0], kind)
        self.others.append(other)
        return other

    def add_folder(self, name: str, items: Iterable[Document | Shortcut | str] = (), token: str | None = None) -> str:
        """Add a folder and give its token; items are documents, shortcuts, or tokens of documents and other folders."""
        found = [self.document(item) if isinstance(item, str) else item for item in items]
        if None in found:
            raise KeyError(f"folder {name} is to hold something that is not there")
        held = [item for item in found if item is not None]
        folder = Folder(self, token or self.new_token("folder"), name, self.users[0], held)
        self.folders.append(folder)
        return folder.token

    def remove(self, document: Document) -> None:
        """Delete a document; wiki nodes that held it, and its places in folders, go with it."""
        with self.lock:
            lists: list[list[Any]] = [
                self.bases,
                self.spreadsheets,
                self.guides,
                self.folders,
                self.files,
                self.others,
                self.embedded,
            ]
            for documents in lists:
                if document in documents:
                    documents.remove(document)
            for folder in self.folders:
                folder.items = [item for item in folder.items if document not in (item, getattr(item, "target", None))]
            for space in self.spaces:
                space.remove(document)
            self.deleted.add(document.token)

    def document(self, token: str) -> Document | None:
        """Document with this token, of whatever kind."""
        return next((one for one in self.documents if one.token == token), None)

    @property
    def documents(self) -> list[Document]:
        """Documents of all kinds."""
        written = [*self.bases, *self.spreadsheets, *self.guides]
        return [*written, *self.folders, *self.files, *self.others, *self.embedded]

    @property
    def unfiled(self) -> list[Document]:
        """Documents that lie in no folder, and so in the root."""
        filed = {item.token for folder in self.folders for item in folder.items}
        return [one for one in self.documents if one.token not in filed and one not in self.embedded]
