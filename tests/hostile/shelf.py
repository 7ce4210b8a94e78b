"""A workspace with one source of each kind and three states of each, as a sync leaves it: what the tables damage."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from larknb.cache.policy import snapshot_id
from larknb.cache.store import Cache
from larknb.errors import LarkError
from larknb.model import Source
from larknb.workspace import Workspace
from tests.cache.taking import DAY, NOW, batch, grid, guide, info, take, take_guide

KINDS = {"base": "AppA", "book": "ShtA", "page": "DocA"}
FOLDERS = {"base": "bitable_cache", "book": "spreadsheet_cache", "page": "fault_diagnosis_cache/guides"}
STATES = [snapshot_id(NOW + 60 * n) for n in range(3)]
SOURCES = {
    "base": Source("base", "https://x.feishu.cn/base/AppA", "bitable", "AppA"),
    "book": Source("book", "https://x.feishu.cn/sheets/ShtA", "spreadsheet", "ShtA"),
    "page": Source("page", "https://x.feishu.cn/docx/DocA", "document", "DocA"),
}


@dataclass(frozen=True)
class Shelf:
    """The workspace, and the folder of each source."""

    root: Path

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.root, clock=lambda: NOW + 200)

    def folder(self, name: str) -> Path:
        return self.root / "work" / FOLDERS[name] / name

    def copy(self, root: Path) -> Shelf:
        shutil.copytree(self.root, root)
        return Shelf(root)


def fill(root: Path) -> Shelf:
    """Write the settings, and three states of each source."""
    root.mkdir(parents=True)
    told = "".join(f'[[sources]]\nname = "{name}"\nurl = "{each.url}"\n' for name, each in SOURCES.items())
    (root / "larknb.toml").write_text(f'[app]\napp_id = "cli_a"\n{told}', encoding="utf-8")
    cache = Cache(root / "work")
    for number in range(3):
        at = NOW + 60 * number
        take(cache.of(SOURCES["base"]), at, batch(info("people", "tblA"), 5 + number), batch(info("teams", "tblB"), 3))
        take(cache.of(SOURCES["book"]), at, grid("data", "s1", ["name", "size"], ["a", number], ["b", DAY]))
        page = cache.of(SOURCES["page"])
        take_guide(page, at, *guide(page, f"words {number}", "picture"))
    return Shelf(root)


# --- what a reader sees -----------------------------------------------------------------------------------------------

Ask = Callable[[Workspace], Any]

ASKS: dict[str, Ask] = {
    "people": lambda home: home.load("base/people").to_dict(),
    "people raw": lambda home: home.load("base/people", raw=True).astype(str).to_dict(),
    "people then": lambda home: home.load("base/people", as_of=-3).to_dict(),
    "people yesterday": lambda home: home.load("base/people", as_of=STATES[1]).to_dict(),
    "one column": lambda home: home.load("base/people", columns=["name"]).to_dict(),
    "teams": lambda home: home.load("base/teams").to_dict(),
    "schema": lambda home: [(each.name, each.dtype, each.empty) for each in home.schema("base/people")],
    "preview": lambda home: [*home.preview("base/people").rows()],
    "tables": lambda home: {name: frame.to_dict() for name, frame in home.tables("base").items()},
    "data": lambda home: home.load("book/data").to_dict(),
    "data then": lambda home: home.load("book/data", as_of=-2).to_dict(),
    "cells": lambda home: home.cells("book/data").to_dict(),
    "page": lambda home: home.document("page").markdown,
    "page then": lambda home: home.document("page", as_of=-3).markdown,
    "shown": lambda home: "words 2" in home.document("page")._repr_html_(),
    "hits": lambda home: sorted(str(each) for each in home.search("words 2")),
    "rows": lambda home: sorted(str(each) for each in home.search("n4")),
    "status": lambda home: [(each.source, each.table, each.rows) for each in home.status()],
    "names": lambda home: [each.name for each in home.sources()],
}
OF = {
    "base": ["people", "people raw", "people then", "people yesterday", "one column", "teams", "schema", "preview",
             "tables", "rows"],
    "book": ["data", "data then", "cells"],
    "page": ["page", "page then", "shown", "hits"],
}  # fmt: skip


def answer(shelf: Shelf, ask: str) -> Any:
    """Return what a call says, or the error that it ends with; nothing but a `LarkError` may come out of it."""
    try:
        return ASKS[ask](shelf.workspace)
    except LarkError as error:
        return error
