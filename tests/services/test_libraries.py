"""What the calls of a workspace make of a library and of its children: names, addresses, the tree, removal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from larknb.errors import ConfigError, LarkError, NotFound, NotSynced, WrongKind
from larknb.sandbox import Sandbox
from larknb.workspace import Workspace
from tests.conftest import Clock, Lab, sign_in, sync, write_settings
from tests.shelves import Shelf, make, open_shelf


@pytest.fixture
def shelf(box: Sandbox) -> Shelf:
    """A page with a page of the same title below it, a base, and a mind note; one title has a slash."""
    shelf = Shelf(box, box.tenant.add_wiki_space("指引库", "7000000000000000009"))
    top = shelf.hang(make(box, "docx", "过温"))
    shelf.hang(make(box, "docx", "记录"), top)
    shelf.hang(make(box, "docx", "记录"))
    shelf.hang(make(box, "bitable", "台账/一"))
    shelf.hang(make(box, "mindnote", "脑图"))
    return shelf


@pytest.fixture
def lab(tmp_path: Path, box: Sandbox, clock: Clock, shelf: Shelf) -> Lab:
    return open_shelf(tmp_path / "ws", box, clock, shelf)


@pytest.fixture
def known(lab: Lab) -> Lab:
    sync(lab).raise_for_failures()
    return lab


NAMES = [("s1/过温", 0), ("ｓ1/过温", 0), ("s1/记录", 1), ("s1/记录 (2)", 2), ("s1/过温/记录", 1), ("s1/台账/一", 3)]


@pytest.mark.parametrize(("name", "place"), NAMES)
def test_names_of_children(known: Lab, shelf: Shelf, name: str, place: int) -> None:
    """The title behind the name of the library, numbered where two are equal, or the titles from the top down."""
    manifest = Path(known.workspace.paths(name).folder) / "manifest.json"
    assert f'"key": "{shelf.documents[place].token}"' in manifest.read_text(encoding="utf-8")


def test_a_table_of_a_child(known: Lab) -> None:
    """Behind the name of a base stands that of its table, as of any source."""
    assert len(known.workspace.load("s1/台账/一/表")) == len(known.workspace.load("s1/台账/一", "表")) == 1


WRONG = [
    ("load", "s1", WrongKind),
    ("document", "s1", WrongKind),
    ("history", "s1", WrongKind),
    ("load", "s1/无", NotFound),
    ("document", "s1/脑图", WrongKind),
    ("load", "s1/脑图", WrongKind),
    ("documents", "s1/无", NotFound),
    ("documents", "无", NotFound),
]


@pytest.mark.parametrize(("call", "name", "error"), WRONG)
def test_names_that_do_not_fit(known: Lab, call: str, name: str, error: type[LarkError]) -> None:
    """The error says what it is instead, and what to do next."""
    with pytest.raises(error) as caught:
        getattr(known.workspace, call)(name)
    assert caught.value.next


def test_a_child_that_is_misspelt(known: Lab) -> None:
    """The nearest children are named."""
    with pytest.raises(NotFound) as caught:
        known.workspace.document("s1/过湿")
    assert "过温" in caught.value.next
    with pytest.raises(NotFound) as caught:
        known.workspace.document("s1/quarterly revenue")
    assert "larknb sync" in caught.value.next  # none is near, and none is offered


def test_a_child_that_is_not_read(known: Lab, shelf: Shelf) -> None:
    """It is there, so it says why it is not read and where it can be looked at."""
    with pytest.raises(WrongKind) as caught:
        known.workspace.document("s1/脑图")
    assert "mind note" in str(caught.value)
    assert shelf.nodes[-1] in caught.value.next


def test_a_child_that_the_settings_leave_out(tmp_path: Path, box: Sandbox, clock: Clock, shelf: Shelf) -> None:
    """A page above one that is asked for is in the tree; which settings leave it out is said."""
    lab = open_shelf(tmp_path, box, clock, shelf, 'include = ["过温/记录"]\n')
    sync(lab).raise_for_failures()
    assert [(each.title, each.name) for each in lab.workspace.documents("s1")] == [("过温", ""), ("记录", "s1/记录")]
    with pytest.raises(WrongKind) as caught:
        lab.workspace.document("s1/过温")
    assert "include" in caught.value.next


def test_what_lies_below_a_folder(tmp_path: Path, box: Sandbox, clock: Clock, shelf: Shelf) -> None:
    """A folder in a folder is no document and has a tree of its own."""
    inner = box.tenant.add_folder("里", [shelf.documents[0]])
    root = box.tenant.add_folder("外", [inner, shelf.documents[1]])
    write_settings(tmp_path, box, f"{box.url}/drive/folder/{root}")
    workspace = Workspace(tmp_path, clock=clock, sleep=clock.sleep)
    sign_in(workspace, box)
    workspace.sync(progress=False).raise_for_failures()
    assert [(each.title, each.level) for each in workspace.documents("s1/里")] == [("里", 0), ("过温", 1)]
    with pytest.raises(WrongKind) as caught:
        workspace.document("s1/里")
    assert 'lk.documents("s1/里")' in caught.value.next


def test_before_the_first_sync(lab: Lab) -> None:
    """Nobody knows the tree."""
    with pytest.raises(NotSynced):
        lab.workspace.documents("s1")
    assert [(row.source, row.kind, row.state) for row in lab.workspace.status()] == [("s1", "space", "never")]


def test_a_single_source_has_no_tree(tmp_path: Path, box: Sandbox) -> None:
    """A document is a source, and no library."""
    write_settings(tmp_path, box, f"{box.url}/docx/{box.tenant.add_document('d').token}")
    with pytest.raises(WrongKind):
        Workspace(tmp_path).documents("s1")


def test_the_tree(known: Lab) -> None:
    """Every child at its place with link, state and age; what is not read has its reason."""
    known.clock.advance(30)
    tree = known.workspace.documents("s1")
    assert [(each.title, each.level, each.state) for each in tree] == [
        ("过温", 0, "fresh"), ("记录", 1, "fresh"), ("记录", 0, "fresh"), ("台账/一", 0, "fresh"),
        ("脑图", 0, "unread"),
    ]  # fmt: skip
    assert tree[0].age == 30
    assert tree[0].url.startswith(f"{known.box.url}/wiki/")
    assert tree[-1].problem
    assert [each.title for each in known.workspace.documents("s1/过温")] == ["过温", "记录"]
    assert known.workspace.documents("s1/过温")[1].level == 1


@pytest.mark.parametrize(("path", "shown"), [("wiki/settings/7000000000000000009", 5), ("wiki/{page}", 2)])
def test_the_tree_of_an_address(known: Lab, shelf: Shelf, path: str, shown: int) -> None:
    """What is configured can be named by its address, too; of anything else it is said how it becomes a source."""
    assert len(known.workspace.documents(f"{known.box.url}/{path.format(page=shelf.nodes[0])}")) == shown
    for url, told in ((f"{known.box.url}/wiki/space/7000000000000000008", "lk.add"), (f"{known.box.url}/docx/x", "")):
        with pytest.raises(LarkError) as caught:
            known.workspace.documents(url)
        assert told in caught.value.next


def test_the_tree_costs_nothing(known: Lab) -> None:
    """Neither network nor login."""
    known.workspace.logout(local=True)
    known.box.journal.clear()
    assert len(known.workspace.documents("s1")) == 5
    assert known.requests() == []


@pytest.mark.parametrize("place", ["docx", "wiki"])
def test_the_address_of_a_child(known: Lab, shelf: Shelf, place: str) -> None:
    """It means the child, by its document and by its page: nothing is read twice."""
    token = shelf.documents[0].token if place == "docx" else shelf.nodes[0]
    known.box.journal.clear()
    assert known.workspace.document(f"{known.box.url}/{place}/{token}").title == "过温"
    assert known.requests() == []


def test_the_address_of_a_library_is_no_document(known: Lab, shelf: Shelf) -> None:
    """Nothing is synced for it."""
    known.box.journal.clear()
    with pytest.raises(WrongKind):
        known.workspace.document(shelf.url)
    assert known.requests() == []


def test_sources_and_status_know_both(known: Lab) -> None:
    """One entry in the list, its children by their names; a row of the health for each."""
    sources = known.workspace.sources()
    assert [(row["name"], row["kind"]) for row in sources.to_dicts()] == [("s1", "space")]
    assert sources["s1/过温"].kind == "document"
    assert "s1/过温" in sources._ipython_key_completions_()
    states = {row.source: (row.kind, row.rows, row.state) for row in known.workspace.status()}
    assert states["s1"] == ("space", 4, "fresh")
    assert states["s1/台账/一"] == ("bitable", 1, "fresh")


def test_search_names_the_child(known: Lab) -> None:
    """A hit leads to its page, and is called as it is loaded."""
    (hit, *_) = known.workspace.search("过温")
    assert (hit.source, hit.url.partition("#")[0]) == ("s1/过温", known.workspace.documents("s1")["过温"].url)


def test_removing(known: Lab) -> None:
    """A child belongs to its library; the library goes, and the caches of its children can still be read."""
    with pytest.raises(ConfigError) as caught:
        known.workspace.remove("s1/过温")
    assert "exclude" in caught.value.next
    known.workspace.remove("s1")
    assert len(known.workspace.sources()) == 0
    assert known.workspace.document("s1/过温").title == "过温"


ADDRESSES = [
    ("wiki/settings/7000000000000000009", {}, "space", "指引库"),
    ("wiki/space/7000000000000000009", {}, "space", "指引库"),
    ("wiki/space/my_library", {}, "space", "我的文档库"),
    ("wiki/{page}", {"depth": 1}, "subtree", "过温"),
    ("wiki/{page}", {"exclude": ["x"]}, "subtree", "过温"),
    ("drive/folder/{folder}", {"kinds": ["document"]}, "folder", "夹"),
]


@pytest.mark.parametrize(("path", "options", "library", "name"), ADDRESSES)
def test_adding(
    tmp_path: Path, box: Sandbox, clock: Clock, shelf: Shelf, path: str, options: dict[str, Any], library: str,
    name: str,
) -> None:  # fmt: skip
    """It is looked up, named by its title, and written; the next sync reads its children."""
    folder = box.tenant.add_folder("夹", [shelf.documents[0]])
    box.tenant.add_wiki_space("我的文档库", kind="my_library").add_node(shelf.documents[0])
    write_settings(tmp_path, box)
    workspace = Workspace(tmp_path, clock=clock, sleep=clock.sleep)
    sign_in(workspace, box)
    added = workspace.add(f"{box.url}/{path.format(page=shelf.nodes[0], folder=folder)}", **options)
    assert (added.library, added.name) == (library, name)
    assert workspace.sync(progress=False).ok
    assert workspace.document(f"{added.name}/过温").title == "过温"
    assert workspace.add(added.url, **options).name == added.name


def test_a_plain_wiki_page_stays_one_document(tmp_path: Path, box: Sandbox, clock: Clock, shelf: Shelf) -> None:
    """Without an option that says so, what lies below a page is not read."""
    write_settings(tmp_path, box, f"{box.url}/wiki/{shelf.nodes[0]}")
    workspace = Workspace(tmp_path, clock=clock, sleep=clock.sleep)
    sign_in(workspace, box)
    assert [row.source for row in workspace.sync(progress=False)] == ["s1"]
    assert "nodes" not in box.journal.endpoints()


def test_children_are_exported_below_their_library(known: Lab, tmp_path: Path) -> None:
    """Each document of a space is a file in the folder of its space, also one whose title stands there twice."""
    known.workspace.export_guides(tmp_path / "out")
    files = sorted(path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.md"))
    assert files == ["s1/记录 (2).md", "s1/记录.md", "s1/过温.md"]


def test_options_of_one_table_reach_the_children_that_have_it(lab: Lab) -> None:
    """What is said of a table by its name serves every child that has one so called, and fails none of the others."""
    settings = lab.workspace.root / "larknb.toml"
    settings.write_text(
        settings.read_text(encoding="utf-8") + '\n[sources.by_table."没有"]\nfields = ["a"]\n', encoding="utf-8"
    )
    assert sync(lab).ok
