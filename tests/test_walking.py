"""Libraries at a sync: what they cost, what happened to their children, and what a failure leaves."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from larknb.errors import LoginRequired, NotFound
from larknb.model import Progress
from larknb.results.sync import SyncReport, SyncRow
from larknb.sandbox import Docx, Fault, Folder, Sandbox, Shortcut, blocks
from tests.conftest import Clock, Lab, sign_in, sync, write_settings
from tests.shelves import Shelf, make, open_shelf, shelf_of

DOCUMENT = ("document", "blocks", "document")  # the requests of one changed document


@pytest.fixture
def shelf(box: Sandbox) -> Shelf:
    """Two pages at the top, each with one below it; the second is a base."""
    shelf = Shelf(box, box.tenant.add_wiki_space("指引库", "7000000000000000009"))
    for title in ("过温", "台账"):
        top = shelf.hang(make(box, "bitable" if title == "台账" else "docx", title))
        shelf.hang(make(box, "docx", f"{title}附录"), top)
    return shelf


@pytest.fixture
def lab(tmp_path: Path, box: Sandbox, clock: Clock, shelf: Shelf) -> Lab:
    return open_shelf(tmp_path / "ws", box, clock, shelf)


@pytest.fixture
def known(lab: Lab) -> Lab:
    """The lab after its first sync."""
    assert sync(lab).ok
    return lab.later()


def of(report: SyncReport, source: str) -> SyncRow:
    return next(row for row in report if row.source == source)


def guide(lab: Lab, title: str) -> Docx:
    return next(each for each in lab.box.tenant.guides if each.title == title)


# --- what it costs ------------------------------------------------------------------------------------------------


def test_one_address_is_many_sources(lab: Lab) -> None:
    """Each child is a source that is called after the space and its title; the space has a row of its own."""
    report = sync(lab)
    assert [(row.source, row.kind, row.action) for row in report] == [
        ("s1", "space", "fetched"), ("s1/过温", "document", "fetched"), ("s1/过温附录", "document", "fetched"),
        ("s1/台账", "bitable", "fetched"), ("s1/台账附录", "document", "fetched"),
    ]  # fmt: skip
    assert (report.ok, report[0].rows, report[0].added) == (True, 4, 4)
    assert report.calls == len(lab.requests())
    assert len(lab.workspace.load("s1/台账")) == 1
    assert lab.workspace.document("s1/过温附录").title == "过温附录"


def test_progress_goes_child_by_child(lab: Lab) -> None:
    """First how many were listed until now, then each child by its name and number."""
    seen: list[Progress] = []
    lab.workspace.sync(progress=seen.append)
    assert [(each.table, each.rows) for each in seen if each.source == "s1"] == [("listing", n) for n in (2, 3, 4)]
    assert [(each.source, each.done, each.total) for each in seen if each.state == "done"] == [
        ("s1/过温", 1, 4), ("s1/过温附录", 2, 4), ("s1/台账", 3, 4), ("s1/台账附录", 4, 4),
    ]  # fmt: skip


def test_an_unchanged_space_costs_its_lists_and_one_gate(known: Lab) -> None:
    """One list per parent and one question for all stamps; a base asks its tables, as any base."""
    report = sync(known)
    assert known.requests() == ["nodes", "nodes", "nodes", "metas", "tables"]
    assert {row.action for row in report} == {"unchanged"}


def test_a_young_space_costs_nothing(lab: Lab) -> None:
    """Neither its list nor its children are asked about."""
    sync(lab)
    report = sync(lab.later(60))
    assert lab.requests() == []
    assert {row.action for row in report} == {"kept"}


def test_one_child_alone(known: Lab) -> None:
    """It is synced as any source: the list is not asked, nor any other child."""
    guide(known, "过温").append(blocks.text("新"))
    report = known.workspace.sync("s1/过温", progress=False)
    assert known.requests() == ["metas", *DOCUMENT]
    assert [row.source for row in report] == ["s1/过温"]


def test_of_one_kind(known: Lab) -> None:
    """Children of other kinds are left alone."""
    report = sync(known, kind="bitable")
    assert [row.source for row in report] == ["s1", "s1/台账"]


def test_two_libraries_read_what_they_share_once(tmp_path: Path, box: Sandbox, clock: Clock, shelf: Shelf) -> None:
    """A page and its space are two sources: the first has the child, and both trees show it."""
    lab = open_shelf(tmp_path, box, clock, shelf)
    page = f'\n[[sources]]\nname = "页"\nurl = "{box.url}/wiki/{shelf.nodes[0]}"\ndepth = 1\n'
    with (tmp_path / "larknb.toml").open("a", encoding="utf-8") as file:
        file.write(page)
    report = sync(lab)
    assert Counter(row.source for row in report)["s1/过温"] == 1
    assert not any(row.source.startswith("页/") for row in report)
    assert [each.name for each in lab.workspace.documents("页")] == ["页/过温", "页/过温附录"]
    assert lab.workspace.document("页/过温").title == "过温"
    assert sync(lab.later()).ok
    assert "document" not in lab.requests()


def test_a_child_that_is_a_source_of_its_own(tmp_path: Path, box: Sandbox, clock: Clock, shelf: Shelf) -> None:
    """It is read once, under its own name; the tree has it, too."""
    write_settings(tmp_path, box, shelf.url, f"{box.url}/docx/{shelf.documents[0].token}")
    lab = open_shelf_again(tmp_path, box, clock, shelf)
    report = sync(lab)
    assert [row.source for row in report if row.table == "过温"] == ["s2"]
    assert lab.workspace.document("s1/过温").title == "过温"
    lab.workspace.sync("s1/过温", force=True, progress=False)
    assert not (tmp_path / "work/fault_diagnosis_cache/guides/s1_过温").exists()


def open_shelf_again(root: Path, box: Sandbox, clock: Clock, shelf: Shelf) -> Lab:
    from larknb.workspace import Workspace

    workspace = Workspace(root, clock=clock, sleep=clock.sleep)
    sign_in(workspace, box)
    clock.advance(60)
    return Lab(box, workspace, clock, shelf)


# --- what happened ------------------------------------------------------------------------------------------------


def test_a_new_child_is_read(known: Lab, shelf: Shelf) -> None:
    """It is found by the list, told, and costs its own requests alone."""
    shelf.hang(make(known.box, "docx", "振动"), shelf.nodes[0])
    report = sync(known)
    assert "new: 振动" in report.footer()
    assert (of(report, "s1").added, of(report, "s1/振动").action) == (1, "fetched")
    assert Counter(known.requests()) == Counter(["nodes"] * 3 + ["metas", "tables", *DOCUMENT])


def test_a_renamed_child_keeps_its_cache(known: Lab) -> None:
    """Its name and its folder follow; what was cached of it is still its history."""
    guide(known, "过温").rename("过温故障")
    report = sync(known)
    assert "renamed: 过温 → 过温故障" in report.footer()
    assert of(report, "s1").changed == 1
    assert len(known.workspace.history("s1/过温故障")) == 2
    with pytest.raises(NotFound):
        known.workspace.document("s1/过温")


def test_a_moved_child_is_not_read(known: Lab, shelf: Shelf) -> None:
    """The tree changes, and nothing else."""
    shelf.space.move(shelf.nodes[1])
    report = sync(known)
    assert "moved: 过温附录" in report.footer()
    assert known.requests() == ["nodes", "nodes", "metas", "tables"]
    assert [(each.title, each.level) for each in known.workspace.documents("s1")][:2] == [("过温", 0), ("过温附录", 0)]


def gone_by(lab: Lab, shelf: Shelf, how: str) -> None:
    document = guide(lab, "过温附录")
    if how == "deleted":
        lab.box.tenant.remove(document)
    elif how == "barred":
        document.readers = {"ou_nobody"}
    else:
        shelf.space.take_out(shelf.nodes[1])


@pytest.mark.parametrize("how", ["deleted", "barred", "elsewhere"])
def test_a_child_that_is_gone_keeps_its_cache(known: Lab, shelf: Shelf, how: str) -> None:
    """The gate tells why, in the question that is asked anyway; it is told once, and no failure."""
    gone_by(known, shelf, how)
    report = sync(known)
    assert Counter(known.requests())["metas"] == 1
    row = of(report, "s1/过温附录")
    assert (report.ok, row.action, of(report, "s1").removed) == (True, "kept", 1)
    assert "its cache is kept" in row.problem
    tree = known.workspace.documents("s1")
    assert "s1/过温附录" not in [each.name for each in tree]
    assert [(each.name, each.state) for each in tree.gone] == [("s1/过温附录", "gone")]
    assert known.workspace.document("s1/过温附录").title == "过温附录"
    report = sync(known.later())
    assert (report.ok, [row for row in report if row.source == "s1/过温附录"]) == (True, [])


def test_what_was_gone_comes_back(known: Lab, shelf: Shelf) -> None:
    """It is a child again, with its cache, and costs no read if nothing changed."""
    shelf.space.take_out(shelf.nodes[1])
    sync(known)
    shelf.space.add_node(shelf.documents[1], parent=shelf.nodes[0])
    report = sync(known.later())
    assert of(report, "s1/过温附录").action == "unchanged"
    assert known.workspace.documents("s1").gone == ()
    assert not of_status(known, "s1/过温附录")


def of_status(lab: Lab, source: str) -> str:
    return next(row.last_error for row in lab.workspace.status() if row.source == source)


def test_a_new_one_of_the_same_title(known: Lab, shelf: Shelf) -> None:
    """What is there has the name; what is gone can still be had, under a number."""
    known.box.tenant.remove(guide(known, "过温附录"))
    new = make(known.box, "docx", "过温附录")
    shelf.hang(new, shelf.nodes[0])
    sync(known)
    assert known.workspace.document("s1/过温附录").url.endswith(shelf.nodes[-1])
    assert known.workspace.document("s1/过温附录 (2)").url.endswith(shelf.nodes[1])


def test_other_settings_leave_out_and_nothing_is_gone(known: Lab) -> None:
    """What is excluded from now on was not deleted; what is asked for again is there at once."""
    file = known.workspace.root / "larknb.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text + 'exclude = ["*附录"]\n', encoding="utf-8")
    report = sync(known)
    assert [row.source for row in report] == ["s1", "s1/过温", "s1/台账"]
    assert known.workspace.documents("s1").gone == ()
    file.write_text(text, encoding="utf-8")
    assert of(sync(known.later(60)), "s1/过温附录").action == "unchanged"


# --- what goes wrong ----------------------------------------------------------------------------------------------


def test_what_may_not_be_read_is_one_line(tmp_path: Path, box: Sandbox, clock: Clock, shelf: Shelf) -> None:
    """It is listed, and the gate or its own reader refuses it: its row says so, and the sync did not fail."""
    box.lists_closed = True
    shelf.documents[0].readers = {"ou_nobody"}
    lab = open_shelf(tmp_path, box, clock, shelf)
    report = sync(lab)
    row = of(report, "s1/过温")
    assert (report.ok, report.errors, row.action) == (True, {}, "kept")
    assert row.problem
    assert Counter(lab.requests())["document"] == 4  # of the two that can be read
    assert of_status(lab, "s1/过温")
    assert lab.workspace.documents("s1")["过温"].state == "failed"


def test_a_child_that_is_deleted_after_the_gate(lab: Lab) -> None:
    """What was listed and answered for may be gone a moment later: one line."""
    first = guide(lab, "过温")
    lab.box.faults.add(Fault.call(lambda box: box.tenant.remove(first)), endpoint="document")
    report = sync(lab)
    assert (report.ok, of(report, "s1/过温").action) == (True, "kept")


def test_a_missing_scope_is_a_failure(lab: Lab) -> None:
    """It is no matter of one child: whoever reads can grant it."""
    lab.box.scopes -= {"docx:document:readonly", "docx:document"}
    report = sync(lab)
    assert not report.ok
    assert (of(report, "s1/过温").action, of(report, "s1/台账").action) == ("failed", "fetched")


def test_kinds_that_nothing_reads_are_counted(tmp_path: Path, box: Sandbox, clock: Clock) -> None:
    """One line names them with their number; no request is made for them."""
    lab = open_shelf(tmp_path, box, clock, shelf_of(box, 6, ("mindnote", "slides", "doc", "file", "hologram", "docx")))
    report = sync(lab)
    assert report.ok
    assert "1 doc, 1 file, 1 hologram, 1 mindnote, 1 slides" in of(report, "s1").problem
    states = {each.kind: each.state for each in lab.workspace.documents("s1")}
    assert states == {**dict.fromkeys(("mindnote", "slides", "doc", "file", "hologram"), "unread"), "document": "fresh"}


def test_a_list_that_is_not_whole_takes_nothing_away(known: Lab, shelf: Shelf) -> None:
    """One parent may not be listed: what was below it is still a child, and nobody is told that it is gone."""
    known.box.tenant.remove(guide(known, "台账附录"))
    known.box.faults.add(Fault.reply(None, 131006), endpoint="nodes", after=1)
    report = sync(known)
    assert report.ok
    assert "过温" in of(report, "s1").problem
    assert known.workspace.documents("s1").gone == ()
    assert {"s1/过温附录", "s1/台账附录"} <= {each.name for each in known.workspace.documents("s1")}
    assert sync(known.later()).ok
    assert [each.name for each in known.workspace.documents("s1").gone] == ["s1/台账附录"]


def test_a_space_that_may_not_be_listed_keeps_its_children(known: Lab) -> None:
    """The space failed; its children are synced from the list that is known."""
    known.box.faults.add(Fault.reply(None, 131006), endpoint="nodes")
    report = sync(known)
    assert (report.ok, of(report, "s1").action) == (False, "failed")
    assert {row.action for row in report[1:]} == {"unchanged"}
    assert of_status(known, "s1")
    assert sync(known.later(60)).ok
    assert not of_status(known, "s1")


def test_most_of_a_tree_is_not_given_up_at_once(tmp_path: Path, box: Sandbox, clock: Clock) -> None:
    """A tree of twenty that lost more than half waits for a second look, ten minutes later, that says the same."""
    shelf = shelf_of(box, 22, ("docx", *["mindnote"] * 10))
    lab = open_shelf(tmp_path, box, clock, shelf)
    assert sync(lab).ok
    for document in shelf.documents[8:]:
        box.tenant.remove(document)
    report = sync(lab.later())
    assert (report.ok, of(report, "s1").removed) == (False, 0)
    assert len(lab.workspace.documents("s1")) >= 22
    report = sync(lab.later())
    assert report.ok
    assert len(lab.workspace.documents("s1")) < 12


def test_accept_shrink_gives_it_up(tmp_path: Path, box: Sandbox, clock: Clock) -> None:
    """Whoever knows that it was deleted need not wait."""
    shelf = shelf_of(box, 22, ("docx", *["mindnote"] * 10))
    lab = open_shelf(tmp_path, box, clock, shelf)
    sync(lab)
    for document in shelf.documents[8:]:
        box.tenant.remove(document)
    assert sync(lab.later(), accept_shrink=True).ok


@pytest.mark.parametrize("after", [1, 2, 5])
def test_a_walk_that_is_stopped_goes_on(tmp_path: Path, box: Sandbox, clock: Clock, after: int) -> None:
    """The lists that were had are not asked for again; children of the list before are synced meanwhile."""
    shelf = shelf_of(box, 40, ("mindnote", "docx"))
    lab = open_shelf(tmp_path, box, clock, shelf)
    box.faults.add(Fault.reply(None, 131007), endpoint="nodes", after=after)
    report = sync(lab)
    assert (report.ok, len(report)) == (False, 1)
    assert Counter(lab.requests())["nodes"] == after + 1
    assert sync(lab.later(60)).ok
    assert Counter(lab.requests())["nodes"] == shelf.lists() - after
    assert len(lab.workspace.documents("s1")) == len(shelf.space.nodes)


def test_visits_that_are_stopped_go_on(lab: Lab) -> None:
    """The second sync asks for no list, and reads what the first one did not come to."""
    file = lab.workspace.root / "larknb.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(f"{text}\n[budget]\nmonthly_calls = 10\n", encoding="utf-8")
    assert not sync(lab).ok
    asked = Counter(lab.requests())
    file.write_text(text, encoding="utf-8")
    assert sync(lab.later(60)).ok
    again = Counter(lab.requests())
    assert (asked["nodes"], again["nodes"]) == (3, 0)
    assert asked["blocks"] + again["blocks"] == 3


def test_without_a_login_nothing_is_asked(lab: Lab) -> None:
    """A space needs somebody as any source does."""
    lab.workspace.logout(local=True)
    with pytest.raises(LoginRequired):
        sync(lab)
    assert lab.requests() == []


def test_a_source_without_a_name_gets_its_title(tmp_path: Path, box: Sandbox, clock: Clock, shelf: Shelf) -> None:
    """The name of the space is asked for once."""
    lab = open_shelf(tmp_path, box, clock, shelf)
    file = tmp_path / "larknb.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('name = "s1"\n', ""), encoding="utf-8")
    report = sync(lab)
    assert [row.source for row in report][:2] == ["指引库", "指引库/过温"]
    assert sync(lab.later()).ok
    assert Counter(lab.requests())["space"] == 0
    assert lab.workspace.load("指引库/台账") is not None


def test_a_folder(tmp_path: Path, box: Sandbox, clock: Clock) -> None:
    """A folder of the drive is a library just so: two lists, one gate, and what a shortcut leads to."""
    far = box.tenant.add_document("远")
    inner = box.tenant.add_folder("里", [make(box, "docx", "近"), make(box, "sheet", "表")])
    root = box.tenant.add_folder("外", [inner, Shortcut(far, "捷径"), make(box, "mindnote", "图")])
    write_settings(tmp_path, box, f"{box.url}/drive/folder/{root}")
    lab = open_shelf_again(tmp_path, box, clock, Shelf(box, box.tenant.add_wiki_space("x")))
    report = sync(lab)
    assert {row.source for row in report} == {"s1", "s1/捷径", "s1/近", "s1/表"}
    assert sync(lab.later()).ok
    assert lab.requests() == ["files", "files", "metas"]
    held = box.tenant.document(inner)
    assert isinstance(held, Folder)
    held.items.pop(0)
    assert "gone: 近 (moved out)" in sync(lab.later()).footer()
