"""A library is listed parent by parent: what it finds, what it leaves out, and where its list proves nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from larknb.api.client import LarkClient
from larknb.errors import AccessDenied, NotFound
from larknb.library import Child, Walk, compare
from larknb.model import Source
from larknb.readers.library import LibraryReader, walk_stamp
from larknb.sandbox import Fault, Folder, Sandbox, Shortcut
from tests.shelves import SPACE, Shelf, make, shelf_of

CONTRACT = Path(os.environ.get("LARKNB_CONTRACT", "")) / "examples"
with_contract = pytest.mark.skipif(
    not os.environ.get("LARKNB_CONTRACT"), reason="LARKNB_CONTRACT names no folder of documented bodies"
)


def space(box: Sandbox, token: str = SPACE, **options: Any) -> Source:
    return Source("s", f"{box.url}/wiki/settings/{token}", None, token, options=options, library="space")


def folder(box: Sandbox, token: str, **options: Any) -> Source:
    return Source("f", f"{box.url}/drive/folder/{token}", None, token, options=options, library="folder")


def walks(client: LarkClient, source: Source) -> Iterator[Walk]:
    reader = LibraryReader(source)
    yield from reader.go_on(client, reader.begin(client, 0.0))


def walked(client: LarkClient, source: Source) -> Walk:
    return [*walks(client, source)][-1]


def titles(found: Walk) -> list[str]:
    return sorted(child.title for child in found.children if not child.left_out)


@pytest.fixture
def tree(box: Sandbox) -> Shelf:
    """Three levels: A, A/B (a sheet), A/B/草稿 C, D."""
    shelf = Shelf(box, box.tenant.add_wiki_space("库", SPACE))
    top = shelf.hang(make(box, "docx", "A"))
    middle = shelf.hang(make(box, "sheet", "B"), top)
    shelf.hang(make(box, "docx", "草稿 C"), middle)
    shelf.hang(make(box, "mindnote", "D"))
    return shelf


# --- wiki ---------------------------------------------------------------------------------------------------------


def test_each_parent_is_listed_once(box: Sandbox, client: LarkClient) -> None:
    """One list for the top and for each page with children, a page of fifty at a time; no child is asked itself."""
    shelf = shelf_of(box, 130)
    found = walked(client, space(box))
    assert len(found.children) == len(shelf.space.nodes)
    assert box.journal.endpoints() == ["nodes"] * shelf.lists()
    assert {child.key: child.parent for child in found.children} == {n.token: n.parent for n in shelf.space.nodes}


OPTIONS = [
    ({}, ["A", "B", "D", "草稿 C"], 3),
    ({"depth": 1}, ["A", "D"], 1),
    ({"depth": 2}, ["A", "B", "D"], 2),
    ({"depth": "all"}, ["A", "B", "D", "草稿 C"], 3),
    ({"kinds": ("document",)}, ["A", "草稿 C"], 3),
    ({"kinds": ("spreadsheet", "bitable")}, ["B"], 3),
    ({"exclude": ("草稿*",)}, ["A", "B", "D"], 3),
    ({"exclude": ("b",)}, ["A", "D"], 2),  # with what lies below it, and of whatever case
    ({"exclude": ("A/*",)}, ["A", "D"], 2),
    ({"include": ("草稿*", "ａ")}, ["A", "草稿 C"], 3),
    ({"include": ("A/B/*",)}, ["草稿 C"], 3),
    ({"include": ("*C", "*D"), "exclude": ("D",)}, ["草稿 C"], 3),
]


@pytest.mark.parametrize(("options", "expected", "lists"), OPTIONS)
def test_what_the_settings_ask_for(
    box: Sandbox, client: LarkClient, tree: Shelf, options: dict[str, Any], expected: list[str], lists: int
) -> None:
    """Depth, patterns of titles or of the path to them, and kinds; what is excluded costs no list."""
    assert titles(walked(client, space(box, **options))) == expected
    assert box.journal.count("nodes") == lists


def test_a_page_with_all_below_it(box: Sandbox, client: LarkClient, tree: Shelf) -> None:
    """The page is a child itself, the top of its tree; its space is looked up."""
    token = tree.nodes[0]
    found = walked(client, Source("p", f"{box.url}/wiki/{token}", None, token, library="subtree"))
    assert [(child.title, child.parent) for child in found.children][:2] == [("A", ""), ("B", token)]
    assert box.journal.endpoints() == ["get_node", "nodes", "nodes"]


def test_the_personal_library(box: Sandbox, client: LarkClient) -> None:
    """Its number is asked for first; its name comes with it."""
    mine = box.tenant.add_wiki_space("我的文档库", "7000000000000000003", kind="my_library")
    mine.add_node(make(box, "docx", "日记"))
    found = walked(client, space(box, "my_library"))
    assert (titles(found), found.root.title, found.root.space_id) == (["日记"], "我的文档库", "7000000000000000003")
    assert box.journal.endpoints() == ["space", "nodes"]


@pytest.mark.parametrize("knob", ["empty_pages", "token_on_last_page", "sparse_nodes"])
def test_odd_lists_that_are_whole(box: Sandbox, client: LarkClient, tree: Shelf, knob: str) -> None:
    """Empty pages come first, a last page carries a token, rows lack members: everything is found all the same."""
    setattr(box, knob, 3)
    tree.space.add_node(tree.documents[0], shortcut=True)
    found = walked(client, space(box))
    assert titles(found) == ["A", "A", "B", "D", "草稿 C"]
    assert found.doubts == ()
    assert [child.shortcut for child in found.children].count(True) == 1


def reply(client_code: int, **data: Any) -> Fault:
    return Fault.reply(200, {"code": client_code, "msg": "", "data": data})


ODD: list[tuple[str, dict[str, Any]]] = [
    ("more without a token", {"items": [], "has_more": True}),
    ("more with an empty token", {"items": [], "has_more": True, "page_token": ""}),
    ("an entry without a node", {"items": [{"title": "?"}], "has_more": False}),
    ("an entry that is no object", {"items": ["?"], "has_more": False}),
    ("an entry whose token leads elsewhere", {"items": [{"node_token": "../x"}], "has_more": False}),
]


@pytest.mark.parametrize("data", [data for _, data in ODD], ids=[name for name, _ in ODD])
def test_a_list_that_is_not_whole_leaves_a_doubt(
    box: Sandbox, client: LarkClient, tree: Shelf, data: dict[str, Any]
) -> None:
    """What such a list does not show may well be there; the rest is listed."""
    box.faults.add(reply(0, **data), endpoint="nodes", after=1)
    found = walked(client, space(box))
    assert len(found.doubts) == 1
    assert {"A", "D"} <= {*titles(found)}


def test_a_list_without_end_is_left(box: Sandbox, client: LarkClient) -> None:
    """The same page again and again, with a new token each time: it is not asked for ever."""
    shelf = shelf_of(box, 1)
    entry = {"node_token": shelf.nodes[0], "obj_type": "docx", "obj_token": shelf.documents[0].token}
    for number in range(200):
        box.faults.add(reply(0, items=[entry], has_more=True, page_token=f"t{number}"), endpoint="nodes")
    found = walked(client, space(box))
    assert (len(found.children), len(found.doubts)) == (1, 1)
    assert box.journal.count("nodes") < 100


def test_a_stale_page_is_asked_from_the_first_once(box: Sandbox, client: LarkClient) -> None:
    """131002 that names page_token: this parent's list again from its beginning, and no more than once."""
    shelf = shelf_of(box, 130)
    box.faults.add(
        Fault.reply(400, {"code": 131002, "msg": "param err: invalid page_token"}), endpoint="nodes", after=1
    )
    assert len(walked(client, space(box)).children) == len(shelf.space.nodes)
    assert box.journal.count("nodes") == shelf.lists() + 1


def test_what_may_not_be_listed_is_one_doubt(box: Sandbox, client: LarkClient, tree: Shelf) -> None:
    """A page whose children nobody may list costs these alone; a space that is closed is an error."""
    box.faults.add(Fault.reply(None, 131006), endpoint="nodes", after=1)
    found = walked(client, space(box))
    assert (titles(found), len(found.doubts)) == (["A", "D"], 1)
    assert "A" in found.doubts[0]
    box.faults.add(Fault.reply(None, 131006), endpoint="nodes")
    with pytest.raises(AccessDenied):
        walked(client, space(box))


def test_a_walk_goes_on_from_any_list(box: Sandbox, client: LarkClient) -> None:
    """Stopped after each list in turn, it asks for the others alone, and finds the same."""
    shelf_of(box, 60)
    states = [*walks(client, space(box))]
    for place, state in enumerate(states[:-1], 1):
        box.journal.clear()
        assert [*LibraryReader(space(box)).go_on(client, state)][-1] == states[-1]
        assert box.journal.count("nodes") == len(states) - place


@with_contract
def test_the_documented_bodies(box: Sandbox, client: LarkClient) -> None:
    """The recorded space twice: what is new, renamed, moved and gone is what the contract says."""

    def look(*names: str) -> tuple[Child, ...]:
        for name in names:
            body = orjson.loads((CONTRACT / "docx" / f"wiki_bulk_{name}.json").read_bytes())
            box.faults.add(Fault.reply(200, body), endpoint="nodes")
        return walked(client, space(box, "7000000000000000002")).children

    before = look("before.top.page1", "before.top.page2", "before.top.page3", "before.under_A")
    changes = compare(before, look("after.top", "after.under_A"))
    expected = orjson.loads((CONTRACT / "docx" / "wiki_bulk.expected.json").read_bytes())
    assert [child.key for child in changes.new] == expected["new"]
    assert [child.key for child in changes.moved] == [each["node"] for each in expected["moved"]]
    assert [(new.key, old.title, new.title) for old, new in changes.renamed] == [
        (each["node"], each["from"], each["to"]) for each in expected["renamed"]
    ]
    assert [child.key for child in changes.missing] == [each["node"] for each in expected["gone"]]
    assert {child.obj_type for child in before if child.unread} == {*expected["named_not_read"]}


# --- folders ------------------------------------------------------------------------------------------------------


def test_folders_in_folders(box: Sandbox, client: LarkClient) -> None:
    """Each is listed once, two hundred entries a page, with the address that the platform tells."""
    guide = box.tenant.add_document("指引")
    inner = box.tenant.add_folder("里", [guide])
    many = [box.tenant.add_document(f"d{n}") for n in range(205)]
    token = box.tenant.add_folder("外", [inner, *many])
    found = walked(client, folder(box, token))
    assert len(found.children) == 207
    assert box.journal.endpoints() == ["files", "files", "files"]
    (child,) = (child for child in found.children if child.title == "指引")
    assert (child.url, child.parent) == (f"{box.url}/docx/{guide.token}", inner)


def test_shortcuts_are_followed_once(box: Sandbox, client: LarkClient) -> None:
    """A shortcut to a folder outside brings what lies in it; circles and what is here anyway are not listed again."""
    outside = box.tenant.document(box.tenant.add_folder("外面", [box.tenant.add_document("远")]))
    root = box.tenant.document(box.tenant.add_folder("根", [box.tenant.add_document("近")]))
    assert isinstance(outside, Folder)
    assert isinstance(root, Folder)
    outside.add(Shortcut(root))
    for shortcut in (Shortcut(outside, "一"), Shortcut(outside, "二"), Shortcut(root, "圈")):
        root.add(shortcut)
    found = walked(client, folder(box, root.token))
    assert box.journal.endpoints() == ["files", "files"]
    assert [child.title for child in found.children].count("远") == 1


def test_what_lies_here_is_no_guest_of_a_shortcut(box: Sandbox, client: LarkClient) -> None:
    """A folder that is listed after a shortcut to it has its children below itself."""
    guide = box.tenant.add_document("指引")
    inner = box.tenant.document(box.tenant.add_folder("里", [guide]))
    assert inner is not None
    middle = box.tenant.add_folder("中", [inner])
    root = box.tenant.add_folder("根", [Shortcut(inner, "捷径"), middle])
    found = {child.title: child for child in walked(client, folder(box, root)).children}
    assert found["指引"].parent == inner.token


def test_a_folder_that_is_not_there(box: Sandbox, client: LarkClient) -> None:
    """It is an error of the source, with the code of the platform."""
    with pytest.raises(NotFound):
        walked(client, folder(box, "FldGone00000000000000000001"))


def test_only_what_decides_the_list_is_in_its_stamp(box: Sandbox) -> None:
    """Options of its children change nothing of a list."""
    assert walk_stamp(space(box, images=False)) == walk_stamp(space(box)) != walk_stamp(space(box, depth=2))
