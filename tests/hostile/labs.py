"""A small source of each kind that was synced once and has changed since: what a sync of it has to do."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from larknb.sandbox import Field, Sandbox, blocks
from larknb.workspace import Workspace
from tests.conftest import Clock, Lab, open_lab, sign_in, text

__all__ = ["KINDS", "Case", "cases"]

KINDS = ("bitable", "spreadsheet", "document")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
HOUR = 3600.0


class Case:
    """A workspace whose source has changed since its first sync, to be copied for each try."""

    def __init__(self, kind: str, lab: Lab) -> None:
        self.kind, self.lab, self.tries = kind, lab, 0
        self.root = lab.workspace.root

    def again(self) -> Workspace:
        """Return the workspace as it was, in another folder, at the same time and with a login of its own."""
        self.tries += 1
        root = self.root.with_name(f"{self.kind}-try-{self.tries}")
        shutil.rmtree(root.with_name(f"{self.kind}-try-{self.tries - 1}"), ignore_errors=True)
        shutil.copytree(self.root, root)
        self.lab.clock.now = self.now
        workspace = self.open(root)
        sign_in(workspace, self.lab.box)
        return workspace

    def open(self, root: Path) -> Workspace:
        return Workspace(root, clock=self.lab.clock, sleep=self.lab.clock.sleep)

    def state(self, workspace: Workspace) -> Any:
        """Return all that the cache holds of the source."""
        if self.kind == "document":
            return workspace.document("s1").markdown
        frames = workspace.tables("s1")
        return {name: json.loads(frame.to_json(date_format="iso")) for name, frame in frames.items()}

    def begin(self, change: Callable[[], object]) -> None:
        """Sync, change the source, and learn what was and what will be."""
        self.lab.workspace.sync(progress=False).raise_for_failures()
        self.old = self.state(self.lab.workspace)
        self.lab.clock.advance(HOUR + 1)
        change()
        self.lab.clock.advance(60)
        self.now = self.lab.clock.now
        workspace = self.again()
        workspace.sync(progress=False).raise_for_failures()
        self.new = self.state(workspace)
        assert self.new != self.old


def _bitable(root: Path, box: Sandbox, clock: Clock) -> Case:
    base = box.tenant.add_base("staff", app_token="AppStaff000000000000000001")
    people = base.add_table("people", [Field("name", 1, is_primary=True), Field("age", 2)], table_id="tblPeople")
    people.add_many([{"name": text(f"person {n}"), "age": n} for n in range(5)])
    case = Case("bitable", open_lab(root, box, clock, f"{box.url}/base/{base.app_token}", base))
    case.begin(lambda: people.edit(next(iter(people.rows)), {"age": 99}))
    return case


def _spreadsheet(root: Path, box: Sandbox, clock: Clock) -> Case:
    book = box.tenant.add_spreadsheet("book", token="ShtBook0000000000000000001")
    sheet = book.add_sheet("sheet", [["name", "age"], ["a", 1], ["b", 2]], "sheet1", 20, 5)
    case = Case("spreadsheet", open_lab(root, box, clock, f"{box.url}/sheets/{book.token}", book))
    case.begin(lambda: sheet.set(2, 2, 99))
    return case


def _document(root: Path, box: Sandbox, clock: Clock) -> Case:
    first, second = (box.tenant.add_media(PNG + bytes([n]), f"{n}.png", "image/png") for n in range(2))
    written = [blocks.text("one").named("blkOne"), blocks.image(first)]
    guide = box.tenant.add_document("guide", written, document_id="DocGuide0000000000000000001")
    case = Case("document", open_lab(root, box, clock, f"{box.url}/docx/{guide.document_id}", guide))

    def change() -> None:
        guide.edit("blkOne", "two")
        guide.append(blocks.image(second))

    case.begin(change)
    return case


_MAKERS = {"bitable": _bitable, "spreadsheet": _spreadsheet, "document": _document}


@contextmanager
def cases(folder: Path) -> Iterator[dict[str, Case]]:
    """Give a case of each kind, below a folder."""
    clock = Clock()
    with Sandbox(clock=clock, redirect_uris=("http://127.0.0.1:18765/callback",)) as box:
        yield {kind: make(folder / kind, box, clock) for kind, make in _MAKERS.items()}
