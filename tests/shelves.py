"""Wiki spaces and folders of the stand-in with many documents of many kinds, and what happens to them between looks."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from larknb.sandbox import Docx, Field, Sandbox, WikiSpace
from larknb.sandbox.world.document import Document
from larknb.workspace import Workspace

from .conftest import Clock, Lab, sign_in, text, write_settings

SPACE = "7000000000000000009"
KINDS = (*["docx"] * 8, "sheet", "doc", "mindnote", "slides", "file", "board", "bitable", "minutes", "hologram")  # ten


@dataclass
class Shelf:
    """A wiki space, and what hangs in it."""

    box: Sandbox
    space: WikiSpace
    documents: list[Document] = field(default_factory=list)
    nodes: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.box.url}/wiki/settings/{self.space.space_id}"

    @property
    def guides(self) -> list[Docx]:
        return [each for each in self.documents if isinstance(each, Docx)]

    def hang(self, document: Document, parent: str = "") -> str:
        self.documents.append(document)
        self.nodes.append(self.space.add_node(document, parent=parent or None))
        return self.nodes[-1]

    def lists(self, size: int = 50) -> int:
        """Return how many pages its lists have, one at least for the top and for each node with children."""
        below = [len(self.space.below(parent)) for parent in ("", *(node.token for node in self.space.nodes))]
        return max(1, -(-below[0] // size)) + sum(-(-count // size) for count in below[1:])


def make(box: Sandbox, kind: str, title: str) -> Document:
    """Return a document of a kind in the platform's words; a base and a spreadsheet have one table."""
    tenant = box.tenant
    if kind == "docx":
        return tenant.add_document(title)
    if kind == "sheet":
        book = tenant.add_spreadsheet(title)
        book.add_sheet("页", [["编号", "值"], ["a", 1]])
        return book
    if kind == "bitable":
        base = tenant.add_base(title)
        base.add_table("表", [Field("name", 1, is_primary=True)]).add_many([{"name": text(title)}])
        return base
    return tenant.add_file(title) if kind == "file" else tenant.add_other(kind, title)


def shelf_of(box: Sandbox, count: int, kinds: tuple[str, ...] = KINDS) -> Shelf:
    """Return a space with so many documents on three levels, and a shortcut to one in twenty of them."""
    shelf = Shelf(box, box.tenant.add_wiki_space("指引库", SPACE))
    tops: list[str] = []
    middles: list[str] = []
    for number in range(count):
        document = make(box, kinds[number % len(kinds)], f"{kinds[number % len(kinds)]} {number}")
        if number % 20 == 0:
            tops.append(shelf.hang(document))
        elif number % 5 == 0:
            middles.append(shelf.hang(document, tops[-1]))
        else:
            shelf.hang(document, middles[-1] if middles and number % 2 else tops[-1])
    for document in shelf.guides[::20]:
        shelf.space.add_node(document, shortcut=True)
    return shelf


def open_shelf(root: Path, box: Sandbox, clock: Clock, shelf: Shelf, more: str = "") -> Lab:
    """Return a workspace whose only source is a space, logged in."""
    write_settings(root, box, shelf.url)
    if more:
        with (root / "larknb.toml").open("a", encoding="utf-8") as file:
            file.write(more)
    workspace = Workspace(root, clock=clock, sleep=clock.sleep)
    sign_in(workspace, box)
    clock.advance(60)
    return Lab(box, workspace, clock, shelf)
