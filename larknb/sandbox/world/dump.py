"""Recordings of documents, to be served word for word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from .docx import PAGE, Item, plain_text


@dataclass
class Dump:
    """What a recording of a document holds."""

    document: Item = field(default_factory=dict)
    blocks: list[Item] = field(default_factory=list)

    @classmethod
    def of(cls, recorded: Any) -> Dump:
        """Read ``{document, blocks}``, a list of blocks, an answer of the platform, or several of any of them."""
        dump = cls()
        for part in recorded if isinstance(recorded, list) else [recorded]:
            dump._add(part)
        return dump

    @classmethod
    def read_folder(cls, folder: Path) -> list[Dump]:
        """Read the documents among the JSON files of a folder; info and later pages may be files of their own."""
        parts = [cls._read(file) for file in sorted(folder.glob("*.json"))]
        whole = [part for part in parts if part.root]
        for part in parts:
            for dump in whole:
                if part.root is None and dump._misses(part):
                    dump.document |= part.document
                    dump.blocks += part.blocks
        return whole

    @classmethod
    def _read(cls, file: Path) -> Dump:
        try:
            return cls.of(orjson.loads(file.read_bytes()))
        except (orjson.JSONDecodeError, AttributeError, TypeError):  # whatever else lies in the folder
            return cls()

    def _misses(self, part: Dump) -> bool:
        """Whether a part is this document's info, or holds blocks that it names and does not have."""
        here, there = ({str(item["block_id"]) for item in dump.blocks} for dump in (self, part))
        named = {child for item in [*self.blocks, *part.blocks] for child in item.get("children") or []}
        is_page = bool(there) and there <= named and not there & here
        return is_page or (bool(self.document_id) and part.document.get("document_id") == self.document_id)

    def _add(self, part: Mapping[str, Any]) -> None:
        if "block_id" in part:
            self.blocks.append(dict(part))
        else:
            data = part.get("data") or part
            self.document |= data.get("document") or {}
            self.blocks += [item for item in data.get("items") or data.get("blocks") or [] if "block_id" in item]

    @property
    def root(self) -> Item | None:
        """Page block, ``None`` in a recording of some blocks only."""
        return next((item for item in self.blocks if item.get("block_type") == PAGE), None)

    @property
    def document_id(self) -> str:
        """Id of the document, empty if nothing tells it."""
        return str(self.document.get("document_id") or (self.root or {}).get("block_id") or "")

    @property
    def title(self) -> str:
        """Title of the document."""
        return str(self.document.get("title") or plain_text(self.root or {}))


def renamed(items: Sequence[Item], old: str, new: str) -> list[Item]:
    """Blocks of a document that is given another id."""
    places = ("block_id", "parent_id")
    return [{**item, **{key: new for key in places if item.get(key) == old}} for item in items]
