"""A company on the platform: its people, its documents, its wiki."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from .base import Base
from .blocks import Block
from .documents import Docx, Dump, renamed
from .folders import DriveFile, Folder, Shortcut
from .media import Media
from .objects import Document, User, derived_id, derived_number
from .spaces import WikiNode, WikiSpace
from .workbook import Spreadsheet

SPACE_ID = "7000000000000000001"  # of the first space


class Tenant:
    """What the stand-in serves. Build it before or after the `Sandbox` that serves it.

    Attributes
    ----------
    bases : list of Base
    users : list of User
        The first is the one who signs in unless the sandbox is told otherwise.
    spreadsheets, guides, folders, files : list
        The other kinds of document: `Spreadsheet`, `Docx`, `Folder`, `DriveFile`.
    embedded : list of Document
        Bitables and spreadsheets that live inside other documents.
    spaces : list of WikiSpace
    media, boards : dict of Media
        By token.
    deleted : set of str
        Tokens of documents that were removed, which is told apart from never having been.
    clock : callable
        Seconds since the epoch; a sandbox puts its own here.
    """

    def __init__(self, name: str = "示例公司", *, clock: Callable[[], float] = time.time) -> None:
        self.name = name
        self.tenant_key = derived_id("t", 15, name).lower()
        self.root_token = derived_id("nod", 24, name, "root")
        self.clock = clock
        self.keep_past: Callable[[], float] = lambda: 0.0  # how long old states may still be seen; the sandbox knows
        self.lock = threading.RLock()  # one request or one change at a time, as the platform does per document
        self.bases: list[Base] = []
        self.users: list[User] = []
        self.spreadsheets: list[Spreadsheet] = []
        self.guides: list[Docx] = []
        self.folders: list[Folder] = []
        self.files: list[DriveFile] = []
        self.embedded: list[Document] = []
        self.spaces: list[WikiSpace] = []
        self.media: dict[str, Media] = {}
        self.boards: dict[str, Media] = {}
        self.deleted: set[str] = set()
        self._made = itertools.count(1)
        self.add_user("王敏", en_name="Wang Min", email="wangmin@example.com", mobile="+8613800000001")

    def add_user(
        self, name: str, open_id: str | None = None, *, en_name: str = "", email: str = "", mobile: str = ""
    ) -> User:
        """Add a person."""
        number = len(self.users) + 1
        open_id = open_id or derived_id("ou_", 32, self.name, number).lower()
        user = User(open_id, name, en_name, email, mobile, employee_no=f"E{number:04}")
        self.users.append(user)
        return user

    def find_user(self, any_id: str) -> User | None:
        """Person who bears this open, union or user id."""
        return next((one for one in self.users if any_id in (one.open_id, one.union_id, one.user_id)), None)

    def user(self, user: User | str) -> User:
        """Person with this open id, added if nobody has it."""
        if isinstance(user, User):
            return user
        return self.find_user(user) or self.add_user(user, user)

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

    def add_folder(self, name: str, items: Iterable[Document | Shortcut | str] = (), token: str | None = None) -> str:
        """Add a folder and give its token; items are documents, shortcuts, or tokens of documents and other folders."""
        found = [self.document(item) if isinstance(item, str) else item for item in items]
        if None in found:
            raise KeyError(f"folder {name} is to hold something that is not there")
        held = [item for item in found if item is not None]
        folder = Folder(self, token or self.new_token("folder"), name, self.users[0], held)
        self.folders.append(folder)
        return folder.token

    def add_wiki_space(self, name: str, space_id: str | None = None, *, kind: str = "team") -> WikiSpace:
        """Add a space of the wiki; of the kind ``my_library`` it is the personal one, which no list shows."""
        number = len(self.spaces)
        space_id = space_id or (derived_number(19, self.name, "space", number) if number else SPACE_ID)
        space = WikiSpace(self, space_id, name, kind=kind)
        self.spaces.append(space)
        return space

    def add_wiki_node(
        self,
        obj: Document,
        title: str | None = None,
        node_token: str | None = None,
        shortcut: bool = False,
    ) -> str:
        """Hang a document into the first space and give the node's token; a shortcut points to its other node."""
        space = self.spaces[0] if self.spaces else self.add_wiki_space("知识库")
        return space.add_node(obj, title, node_token=node_token, shortcut=shortcut)

    def remove(self, document: Document) -> None:
        """Delete a document; wiki nodes that held it, and its places in folders, go with it."""
        with self.lock:
            lists: list[list[Any]] = [
                self.bases,
                self.spreadsheets,
                self.guides,
                self.folders,
                self.files,
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
        return [*self.bases, *self.spreadsheets, *self.guides, *self.folders, *self.files, *self.embedded]

    @property
    def unfiled(self) -> list[Document]:
        """Documents that lie in no folder, and so in the root."""
        filed = {item.token for folder in self.folders for item in folder.items}
        return [one for one in self.documents if one.token not in filed and one not in self.embedded]

    @property
    def wiki_nodes(self) -> list[WikiNode]:
        """Nodes of all spaces."""
        return [node for space in self.spaces for node in space.nodes]

    def wiki_node(self, token: str) -> WikiNode | None:
        """Wiki node with this token."""
        return next((one for one in self.wiki_nodes if one.token == token), None)

    def node_of(self, document: Document) -> WikiNode | None:
        """Node that holds this document, shortcuts aside."""
        return next((one for one in self.wiki_nodes if one.document is document and not one.origin), None)

    def new_token(self, kind: str) -> str:
        """Token that nothing else has, the same in every tenant that was built the same way."""
        return derived_id("", 27, self.name, kind, next(self._made))
