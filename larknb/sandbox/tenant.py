"""A company on the platform: its people, its documents, its wiki."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from .base import Base
from .objects import Document, User, derived_id

SPACE_ID = "7000000000000000001"


@dataclass(frozen=True)
class WikiNode:
    """One node of the wiki: a place of its own, or a shortcut to ``origin``."""

    token: str
    document: Document
    title: str
    created_at: int
    owner: User
    origin: WikiNode | None = None


class Tenant:
    """What the stand-in serves. Build it before or after the `Sandbox` that serves it.

    Attributes
    ----------
    bases : list of Base
    users : list of User
        The first is the one who signs in unless the sandbox is told otherwise.
    wiki_nodes : list of WikiNode
    clock : callable
        Seconds since the epoch; a sandbox puts its own here.
    """

    def __init__(self, name: str = "示例公司", *, clock: Callable[[], float] = time.time) -> None:
        self.name = name
        self.tenant_key = derived_id("t", 15, name).lower()
        self.clock = clock
        self.keep_past: Callable[[], float] = lambda: 0.0  # how long old states may still be seen; the sandbox knows
        self.lock = threading.RLock()  # one request or one change at a time, as the platform does per document
        self.bases: list[Base] = []
        self.users: list[User] = []
        self.wiki_nodes: list[WikiNode] = []
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
    ) -> Base:
        """Add an empty Bitable."""
        base = Base(
            self,
            app_token or derived_id("", 27, self.name, "base", next(self._made)),
            name,
            owner or self.users[0],
            time_zone=time_zone,
            is_advanced=is_advanced,
            formula_type=formula_type,
        )
        self.bases.append(base)
        return base

    def remove_base(self, base: Base) -> None:
        """Delete a Bitable; wiki nodes that held it go with it."""
        with self.lock:
            self.bases.remove(base)
            self.wiki_nodes = [node for node in self.wiki_nodes if node.document is not base]

    def base(self, name_or_token: str) -> Base:
        """Bitable of this name or app token."""
        found = next((one for one in self.bases if name_or_token in (one.app_token, one.name)), None)
        if found is None:
            raise KeyError(f"there is no base {name_or_token}")
        return found

    def add_wiki_node(
        self,
        obj: Document,
        title: str | None = None,
        node_token: str | None = None,
        shortcut: bool = False,
    ) -> str:
        """Hang a document into the wiki and give the node's token; a shortcut points to the node that holds it."""
        origin = (self.node_of(obj) or self._hang(obj)) if shortcut else None
        return self._hang(obj, title, node_token, origin).token

    def document(self, token: str) -> Document | None:
        """Document with this token, of whatever kind."""
        return next((one for one in self.documents if one.token == token), None)

    @property
    def documents(self) -> list[Document]:
        """Documents of all kinds."""
        return [*self.bases]

    def wiki_node(self, token: str) -> WikiNode | None:
        """Wiki node with this token."""
        return next((one for one in self.wiki_nodes if one.token == token), None)

    def node_of(self, document: Document) -> WikiNode | None:
        """Node that holds this document, shortcuts aside."""
        return next((one for one in self.wiki_nodes if one.document is document and one.origin is None), None)

    def _hang(
        self, obj: Document, title: str | None = None, token: str | None = None, origin: WikiNode | None = None
    ) -> WikiNode:
        token = token or derived_id("", 27, self.name, "node", next(self._made))
        node = WikiNode(token, obj, title or obj.name, int(self.clock()), obj.owner, origin)
        self.wiki_nodes.append(node)
        return node
