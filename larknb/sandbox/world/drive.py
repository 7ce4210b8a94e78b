"""Folders of the drive, and what may lie in them beside documents: shortcuts, and files that are no documents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from .company import Company
from .document import Document
from .ids import derived_id
from .people import User


@dataclass(frozen=True)
class Shortcut:
    """An entry that leads to a document lying elsewhere."""

    target: Document
    name: str = ""

    @property
    def token(self) -> str:
        """Token of the shortcut itself."""
        return derived_id("nod", 24, "shortcut", self.target.token, self.name)


class DriveFile(Document):
    """A file that lies in the drive as it was uploaded."""

    kind = "file"
    path = "file"


class Other(Document):
    """A document of a kind that has no interface of its own here: an old one, a mind note, slides."""

    PATHS: ClassVar[dict[str, str]] = {"doc": "docs", "mindnote": "mindnotes", "slides": "slides"}

    def __init__(self, tenant: Company, token: str, name: str, owner: User, kind: str) -> None:
        super().__init__(tenant, token, name, owner)
        self.kind, self.path = kind, self.PATHS.get(kind, kind)


class Folder(Document):
    """One folder; made by `Tenant.add_folder`.

    Attributes
    ----------
    items : list of Document or Shortcut
    """

    kind = "folder"
    path = "drive/folder"

    def __init__(
        self, tenant: Company, token: str, name: str, owner: User, items: Iterable[Document | Shortcut]
    ) -> None:
        super().__init__(tenant, token, name, owner)
        self.items = list(items)

    def add(self, item: Document | Shortcut) -> None:
        """Put something in."""
        with self.tenant.lock:
            self.items.append(item)
            self.touch()

    def remove(self, item: Document | Shortcut) -> None:
        """Take something out."""
        with self.tenant.lock:
            self.items.remove(item)
            self.touch()
