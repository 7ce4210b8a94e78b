"""The wiki: spaces, and the nodes in them under which documents hang."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from .company import Company
from .document import Document
from .ids import derived_number
from .people import User

LIBRARY = "my_library"
SPACE_ID = "7000000000000000001"  # of the first space


@dataclass(frozen=True)
class WikiNode:
    """One node: a place of its own, or a shortcut; ``parent`` and ``origin`` are tokens of nodes, or empty.

    One that was given no ``own_title`` is called what its document is called.
    """

    token: str
    document: Document
    own_title: str
    created_at: int
    owner: User
    space: WikiSpace
    parent: str = ""
    origin: str = ""

    @property
    def title(self) -> str:
        """What the tree of the wiki calls it."""
        return self.own_title or self.document.name


class WikiSpace:
    """One space; made by `Tenant.add_wiki_space`.

    Attributes
    ----------
    nodes : list of WikiNode
        In their order; those of one level are listed in it.
    readers : set of str or None
        Identities that may list it: open ids, and ``"tenant"`` for the app itself; ``None``: everybody.
    """

    def __init__(self, tenant: WikiCompany, space_id: str, name: str, *, kind: str = "team") -> None:
        self.tenant = tenant
        self.space_id = space_id
        self.name = name
        self.description = ""
        self.kind = kind
        self.visibility = "private"
        self.nodes: list[WikiNode] = []
        self.readers: set[str] | None = None

    def may_read(self, identity: str) -> bool:
        """Whether this identity may list the space."""
        return self.readers is None or identity in self.readers

    def node(self, token: str) -> WikiNode | None:
        """Node with this token."""
        return next((one for one in self.nodes if one.token == token), None)

    def below(self, parent: str) -> list[WikiNode]:
        """Nodes right below one, or at the top."""
        return [one for one in self.nodes if one.parent == parent]

    def add_node(
        self,
        obj: Document,
        title: str | None = None,
        parent: str | None = None,
        *,
        node_token: str | None = None,
        shortcut: bool = False,
    ) -> str:
        """Hang a document into the space and give the node's token.

        Parameters
        ----------
        parent : str, optional
            Token of the node below which it hangs; at the top without it.
        shortcut : bool
            Only point to the node that holds the document, which is made if there is none.
        """
        with self.tenant.lock:
            if parent and self.node(parent) is None:
                raise KeyError(f"space {self.name} has no node {parent}")
            origin = ""
            if shortcut:
                holder = self.tenant.node_of(obj)
                origin = holder.token if holder else self.add_node(obj)
            token, now = node_token or self.tenant.new_token("node"), int(self.tenant.clock())
            node = WikiNode(token, obj, title or "", now, obj.owner, self, parent or "", origin)
            self.nodes.append(node)
            return token

    def move(self, token: str, parent: str = "") -> None:
        """Hang a node, with all below it, below another one, or to the top."""
        with self.tenant.lock:
            self.nodes = [replace(node, parent=parent) if node.token == token else node for node in self.nodes]

    def take_out(self, token: str) -> WikiNode:
        """Take one node out; its document stays, and what hangs below it moves up."""
        with self.tenant.lock:
            gone = next(node for node in self.nodes if node.token == token)
            rest = [node for node in self.nodes if node is not gone]
            self.nodes = [replace(node, parent=gone.parent) if node.parent == token else node for node in rest]
            return gone

    def remove(self, document: Document) -> None:
        """Take the nodes of a document away, shortcuts to it too; what hangs below them moves up."""
        for gone in [node for node in self.nodes if node.document is document]:
            rest = [node for node in self.nodes if node.token != gone.token]
            self.nodes = [replace(node, parent=gone.parent) if node.parent == gone.token else node for node in rest]


class WikiCompany(Company):
    """A tenant as its wiki knows it.

    Attributes
    ----------
    spaces : list of WikiSpace
    """

    def __init__(self, name: str, clock: Callable[[], float]) -> None:
        super().__init__(name, clock)
        self.spaces: list[WikiSpace] = []

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
