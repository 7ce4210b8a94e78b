"""A published store: everything that reads works, without a login; nothing that writes does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from larknb.errors import ConfigError, NotFound
from larknb.sandbox import Sandbox
from larknb.sandbox.blocks import image, text
from larknb.workspace import Workspace
from tests.conftest import Clock, Lab, open_lab, people_and_teams, sync
from tests.shelves import SPACE, Shelf, make, open_shelf
from tests.stores import change, live_elsewhere, reader

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    live_elsewhere(tmp_path / "elsewhere", monkeypatch)
    return tmp_path / "elsewhere"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Two states of the lab, published with their history; nobody changes it."""
    root, clock = tmp_path_factory.mktemp("published"), Clock()
    with Sandbox(clock=clock, redirect_uris=("http://127.0.0.1:18765/callback",)) as box:
        lab = people_and_teams(root / "ws", box, clock)
        sync(lab).raise_for_failures()
        change(lab, 5)
        lab.workspace.publish(root / "team", history=True)
        yield lab


@pytest.fixture
def store(published: Lab) -> Workspace:
    """It as somebody else opens it."""
    return reader(published, published.workspace.root.parent / "team")


READS: dict[str, Callable[[Workspace], Any]] = {
    "load": lambda ws: ws.load("s1/people"),
    "load some": lambda ws: ws.load("s1/people", columns=["age"], where={"age": [3, 4]}),
    "load ids": lambda ws: ws.load("s1/people", links="id"),
    "load raw": lambda ws: ws.load("s1/teams", raw=True),
    "load before": lambda ws: ws.load("s1/people", as_of=-2),
    "tables": lambda ws: ws.tables("s1")["teams"],
    "schema": lambda ws: ws.schema("s1/people").to_frame(),
    "join": lambda ws: ws.join("s1/people", "team"),
    "sql": lambda ws: ws.sql('SELECT p.name, e.text FROM people p JOIN "people__team" e USING (_record_id)'),
    "diff": lambda ws: ws.diff("s1").to_frame(),
    "search": lambda ws: ws.search("person 3").to_frame(),
    "removed": lambda ws: ws.history("s1").removed("people"),
    "preview": lambda ws: ws.preview("s1/people").to_frame(),
}


@pytest.mark.parametrize("what", READS)
def test_a_reader_gets_what_the_publisher_has(what: str, store: Workspace, published: Lab) -> None:
    """Each call gives in the store what it gives in the workspace that published it."""
    read = READS[what]
    pd.testing.assert_frame_equal(read(store), read(published.workspace))


def test_a_reader_sees_the_states_that_are_kept(store: Workspace, published: Lab) -> None:
    """The history is that of the publisher; who read is nobody's business."""
    ours, theirs = store.history("s1").to_frame(), published.workspace.history("s1").to_frame()
    assert ours["rows"].tolist() == theirs["rows"].tolist()
    assert {*ours["identity"]} == {""}


def test_the_history_of_a_worksheet_comes_along(tmp_path: Path, box: Sandbox, clock: Clock) -> None:
    """What tells an old state of it from the one before, too: a few bytes of 20 kB."""
    book = box.tenant.add_spreadsheet("book")
    sheet = book.add_sheet("s", [["id", "word"], *([n, f"{hash((n, 1)):x}"] for n in range(1500))])
    lab = open_lab(tmp_path / "ws", box, clock, f"{box.url}/sheets/{book.token}", book)
    sync(lab).raise_for_failures()
    for number in range(3):
        lab.later()
        sheet.set(5 + number, 2, "edited")
        sync(lab).raise_for_failures()
    assert len([*lab.workspace.root.rglob("*.grid.json.gz")]) == 2
    lab.workspace.publish(tmp_path / "team", history=True)
    store = reader(lab, tmp_path / "team")
    for state in (-4, -3, -2, -1):
        pd.testing.assert_frame_equal(store.load("s1", as_of=state), lab.workspace.load("s1", as_of=state))
    assert store.load("s1", as_of=-3)["word"].tolist()[3:6].count("edited") == 1
    assert len(store.diff("s1", since=-3).to_frame()) == 2


def test_without_history_there_is_the_present_alone(synced: Lab, tmp_path: Path) -> None:
    """Rows that were deleted before the publish do not leave the workspace."""
    change(synced, 5)
    synced.workspace.publish(tmp_path / "team")
    store = reader(synced, tmp_path / "team")
    assert len(store.history("s1")) == 1
    assert len(store.diff("s1").to_frame()) == 0
    with pytest.raises(NotFound):
        store.load("s1/people", as_of=-2)


def test_children_of_a_space_come_along(tmp_path: Path, box: Sandbox, clock: Clock) -> None:
    """Each by its own name, and all of them as the list of the space."""
    shelf = Shelf(box, box.tenant.add_wiki_space("指引库", SPACE))
    shelf.hang(make(box, "docx", "过温"))
    shelf.hang(make(box, "bitable", "台账"))
    lab = open_shelf(tmp_path / "ws", box, clock, shelf)
    sync(lab).raise_for_failures()
    lab.workspace.publish(tmp_path / "team")
    store = reader(lab, tmp_path / "team")
    assert sorted((each.name, each.kind) for each in store.documents("s1")) == [
        ("s1/台账", "bitable"),
        ("s1/过温", "document"),
    ]
    assert store.document("s1/过温").title == "过温"
    assert len(store.load("s1/台账/表")) == 1
    with pytest.raises(NotFound):
        store.documents("s2")


def test_documents_come_along(tmp_path: Path, box: Sandbox, clock: Clock) -> None:
    """Text, pictures and passages of a guide: what is read of it later comes at once."""
    picture = box.tenant.add_media(PNG, "接线图.png", "image/png")
    made = box.tenant.add_document(
        "guide", [text("电机过热").named("blk"), image(picture)], document_id="DocGuide0000000000000000001"
    )
    lab = open_lab(tmp_path / "ws", box, clock, f"{box.url}/docx/DocGuide0000000000000000001", made)
    sync(lab).raise_for_failures()
    lab.workspace.publish(tmp_path / "team")
    store = reader(lab, tmp_path / "team")
    found, theirs = store.document("s1"), lab.workspace.document("s1")
    (tmp_path / "team").rename(tmp_path / "gone")
    assert found.markdown == theirs.markdown
    assert found._repr_html_() == theirs._repr_html_()
    assert [hit.source for hit in store.search("电机")] == ["s1"]


WRITES: dict[str, Callable[[Workspace], Any]] = {
    "sync": lambda ws: ws.sync(),
    "login": lambda ws: ws.login(),
    "logout": lambda ws: ws.logout(),
    "whoami": lambda ws: ws.whoami(),
    "token": lambda ws: ws.get_user_access_token(),
    "add": lambda ws: ws.add("https://example.feishu.cn/base/HcPn5Zq2bYk8WdTfRs1vXgLjMeA"),
    "remove": lambda ws: ws.remove("s1"),
    "read": lambda ws: ws.read("s1/people"),
    "fresh document": lambda ws: ws.document("s1", sync=True),
    "run": lambda ws: ws.run("scheduled_sync"),
    "schedule": lambda ws: ws.schedule(once=True),
    "init": lambda ws: ws.init(),
    "secret": lambda ws: ws.save_secret("x"),
    "publish": lambda ws: ws.publish("elsewhere"),
    "doctor": lambda ws: ws.doctor(),
}


@pytest.mark.parametrize("what", WRITES)
def test_what_would_write_is_refused(what: str, store: Workspace) -> None:
    """The text says that this is a published store, and by which workspace."""
    with pytest.raises(
        ConfigError, match="is a published store, which can only be read; the workspace ws publishes it"
    ):
        WRITES[what](store)


def test_status_says_who_publishes(store: Workspace) -> None:
    """Nobody is logged in; the line names the workspace, the rows tell the age."""
    status = store.status()
    assert "published by ws at " in status.login
    assert [(row.table, row.rows, row.state) for row in status] == [("teams", 2, "fresh"), ("people", 30, "fresh")]
    assert all(row.bytes for row in status)


def test_an_environment_may_name_a_store(store: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """``LARKNB_HOME`` takes an address, too."""
    monkeypatch.setenv("LARKNB_HOME", Path(store.address).as_uri())
    assert len(Workspace().load("s1/people")) == 30


def test_a_workspace_that_is_its_own_target_stays_one(synced: Lab) -> None:
    """A folder with a larknb.toml is a workspace, whatever was published into it."""
    synced.workspace.publish(synced.workspace.root)
    assert sync(Lab(synced.box, reader(synced, synced.workspace.root), synced.clock)).ok


def test_a_place_without_a_store_is_told(tmp_path: Path) -> None:
    """The error says what to run, and where."""
    with pytest.raises(ConfigError, match="Nothing was published to"):
        Workspace((tmp_path / "nothing").as_uri()).load("s1")
