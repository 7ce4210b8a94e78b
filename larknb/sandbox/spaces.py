"""The wiki: spaces, and the nodes in them under which documents hang."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .objects import Document, User

if TYPE_CHECKING:
    from .tenant import Tenant

LIBRARY = "my_library"


@dataclass(frozen=True)
class WikiNode:
    """One node: a place of its own, or a shortcut; ``parent`` and ``origin`` are tokens of nodes, or empty."""

    token: str
    document: Document
    title: str
    created_at: int
    owner: User
    space: WikiSpace
    parent: str = ""
    origin: str = ""


class WikiSpace:
    """One space; made by `Tenant.add_wiki_space`.

    Attributes
    ----------
    nodes : list of WikiNode
        In their order; those of one level are listed in it.
    readers : set of str or None
        Identities that may list it: open ids, and ``"tenant"`` for the app itself; ``None``: everybody.
    """

    def __init__(self, tenant: Tenant, space_id: str, name: str, *, kind: str = "team") -> None:
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
            node = WikiNode(token, obj, title or obj.name, now, obj.owner, self, parent or "", origin)
            self.nodes.append(node)
            return token

    def remove(self, document: Document) -> None:
        """Take the nodes of a document away, shortcuts to it too; what hangs below them moves up."""
        for gone in [node for node in self.nodes if node.document is document]:
            rest = [node for node in self.nodes if node.token != gone.token]
            self.nodes = [replace(node, parent=gone.parent) if node.parent == gone.token else node for node in rest]
