"""A small world with a source of each kind, and ways to bend what the platform answers about it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from larknb.errors import LarkError
from larknb.results.sync import SyncReport
from larknb.sandbox import Fault, Field, Sandbox, blocks
from larknb.visit import UnexpectedError
from larknb.workspace import Workspace
from tests.conftest import Clock, sign_in, text, write_settings

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
BASE, BOOK = "AppWorld000000000000000001", "ShtWorld000000000000000001"
PAPER, WIKI = "DocWorld000000000000000001", "WikWorld000000000000000001"
OPTIONS = {"options": [{"id": "opt1", "name": "red", "color": 0}, {"id": "opt2", "name": "blue", "color": 1}]}
FIELDS = [
    Field("name", 1, field_id="fldName", is_primary=True),
    Field("age", 2, field_id="fldAge", property={"formatter": "0"}),
    Field("colour", 3, field_id="fldColour", property=OPTIONS),
    Field("born", 5, field_id="fldBorn", property={"date_formatter": "yyyy/MM/dd"}),
    Field("owner", 11, field_id="fldOwner", property={"multiple": True}),
    Field("team", 18, field_id="fldTeam", property={"multiple": True, "table_id": "tblTeams"}),
]


@dataclass(frozen=True)
class World:
    """A workspace that is logged in to a stand-in: s1 is a base, s2 a book, s3 a paper, s4 a wiki page."""

    box: Sandbox
    workspace: Workspace
    clock: Clock
    is_open: bool = False

    def sync(self, *names: str, **options: Any) -> SyncReport:
        return self.workspace.sync(*names, progress=False, **options)

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return every table that is cached, and the Markdown of the documents."""
        return self.frames_of("s1", "s2", "s3", "s4")

    def frames_of(self, *names: str) -> dict[str, pd.DataFrame]:
        found: dict[str, pd.DataFrame] = {}
        for name in names:
            if name != "s4":
                found |= {f"{name}/{table}": frame for table, frame in self.workspace.tables(name).items()}
            if name in ("s3", "s4"):
                found[name] = pd.DataFrame({"markdown": [self.workspace.document(name).markdown]})
        return found

    def bend(self, endpoint: str, change: Callable[[bytes], bytes], after: int = 0) -> None:
        """Let the platform answer what ``change`` makes of its answers."""
        self.box.faults.add(Fault.alter(change), endpoint=endpoint, after=after, times=None)

    def calm(self) -> None:
        self.box.faults.clear()


def open_world(root: Path, box: Sandbox, clock: Clock) -> World:
    tenant = box.tenant
    base = tenant.add_base("staff", app_token=BASE)
    teams = base.add_table("teams", [Field("title", 1, field_id="fldTitle", is_primary=True),
                                     Field("size", 20, field_id="fldSize")], table_id="tblTeams")  # fmt: skip
    ids = teams.add_many([{"title": text(f"team {n}"), "size": {"type": 2, "value": [n]}} for n in range(2)])
    person = [{"id": "ou_1", "name": "王敏", "en_name": "", "email": "", "avatar_url": "https://example.com/a"}]
    base.add_table("people", FIELDS, table_id="tblPeople").add_many(
        [{"name": text(f"person {n}"), "age": n, "colour": "red", "born": 1_690_992_000_000, "owner": person,
          "team": {"link_record_ids": [ids[0]]}} for n in range(4)]
    )  # fmt: skip
    book = tenant.add_spreadsheet("book", token=BOOK)
    numbers = book.add_sheet("numbers", rows=[["k", "v"], ["a", 1], ["b", 2.5]], sheet_id="shNumb")
    book.add_sheet("words", rows=[["w"], ["x"]], sheet_id="shWord")
    book.embed_base(base, teams, "teams", sheet_id="shTeam")
    picture, board = tenant.add_media(PNG, "图.png", "image/png"), tenant.add_board(PNG)
    other = tenant.add_document("other", [blocks.synced("shared", blocks.text("again").named("blkShared"))])
    tenant.add_document(
        "paper",
        [blocks.heading(1, "现象"), blocks.text("hot").named("blkHot"), blocks.table([["a", "b"], ["1", "2"]]),
         blocks.image(picture), blocks.board(board), blocks.sheet(numbers), blocks.bitable(base, teams),
         blocks.reference(other.document_id, "blkShared")],
        document_id=PAPER,
    )  # fmt: skip
    page = tenant.add_document("page", [blocks.text("a page of a wiki")], document_id="DocWiki0000000000000000001")
    tenant.add_wiki_node(page, node_token=WIKI)
    urls = (f"/base/{BASE}", f"/sheets/{BOOK}", f"/docx/{PAPER}", f"/wiki/{WIKI}")
    write_settings(root, box, *(f"{box.url}{url}" for url in urls), more='[cache]\nmax_age = "1s"\n')
    workspace = Workspace(root, clock=clock, sleep=clock.sleep)
    sign_in(workspace, box)
    clock.advance(60)
    return World(box, workspace, clock, is_open=True)


# --- what is looked at ------------------------------------------------------------------------------------------------


def check(act: Callable[[], object]) -> list[LarkError]:
    """Return what an act failed with: errors that name their place, and never a mistake of ours."""
    errors: list[LarkError] = []
    try:
        result = act()
    except LarkError as error:
        assert error.source, str(error)
        errors = [error]
    else:
        failed = result.errors.values() if isinstance(result, SyncReport) else ()
        errors = [error for error in failed if isinstance(error, LarkError)]
        assert len(errors) == len(failed)
    for each in errors:
        assert not isinstance(each, UnexpectedError), str(each)
        assert "unexpected" not in str(each).lower()
        assert each.next, str(each)
    return errors


# --- how an answer is bent --------------------------------------------------------------------------------------------

DEEP = "a place for something deep"


def at(*path: str | int, value: Any = ..., drop: bool = False) -> Callable[[bytes], bytes]:
    """Return what puts a value at a place of every answer that has it, or drops what is there."""

    def change(content: bytes) -> bytes:
        tree = json.loads(content)
        holder: Any = tree
        try:
            for step in path[:-1]:
                holder = holder[step]
            if drop:
                del holder[path[-1]]
            elif not isinstance(holder, str):
                holder[path[-1]] = value
        except (LookupError, TypeError):
            return content
        return written(tree)

    return change


def written(tree: Any) -> bytes:
    """Return JSON as a careless server writes it: with halves of characters, NaN, and great depths."""
    found = json.dumps(tree)
    return found.replace(f'"{DEEP}"', "[" * 100_000 + "]" * 100_000).encode()


def members(tree: Any, where: Sequence[int]) -> tuple[Any, Any]:
    """Return a container within a tree and one key of it: each number chooses a way down."""
    holder: Any = [tree]
    key: Any = 0
    for number in where:
        inner = holder[key]
        keys = [*inner] if isinstance(inner, dict) else [*range(len(inner))] if isinstance(inner, list) else []
        if not keys:
            break
        holder, key = inner, keys[number % len(keys)]
    return holder, key
