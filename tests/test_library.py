"""What two lists of a library say together, and how its tree is read."""

from __future__ import annotations

import pytest

from larknb.library import Changes, Child, compare, in_order, marked, paths_of, pruned, titled


def child(key: str, parent: str = "", title: str = "", **more: object) -> Child:
    facts = {"obj_type": "docx", "obj_token": f"doc-{key}", **more}
    return Child(key=key, parent=parent, title=title or key, **facts)  # type: ignore[arg-type]


BEFORE = (child("a"), child("b", "a"), child("c"), child("s", obj_token="doc-b", shortcut=True))
CASES = {
    "nothing": (BEFORE, {}),
    "new": ((*BEFORE, child("n")), {"new": ["n"]}),
    "renamed": ((child("a", title="A"), *BEFORE[1:]), {"renamed": ["a"]}),
    "moved": ((BEFORE[0], child("b"), *BEFORE[2:]), {"moved": ["b"]}),
    "gone": ((BEFORE[0], BEFORE[1], BEFORE[3]), {"missing": ["c"]}),
    "another node for the same document": (
        (BEFORE[0], BEFORE[1], BEFORE[3], child("c2", title="c", obj_token="doc-c")), {"moved": ["c2"]},
    ),
    "a shortcut is no move of what it leads to": (
        (BEFORE[0], BEFORE[1], BEFORE[3], child("c2", obj_token="doc-c", shortcut=True)),
        {"new": ["c2"], "missing": ["c"]},
    ),
    "everything": ((), {"missing": ["a", "b", "c", "s"]}),
}  # fmt: skip


@pytest.mark.parametrize(("found", "expected"), CASES.values(), ids=CASES.keys())
def test_what_happened_between_two_lists(found: tuple[Child, ...], expected: dict[str, list[str]]) -> None:
    """Children are told by their keys, and by their documents where a page has another one."""
    changes = compare(BEFORE, found)
    seen = {name: [each.key for each in getattr(changes, name)] for name in ("new", "moved", "missing")}
    seen["renamed"] = [new.key for _, new in changes.renamed]
    assert {name: keys for name, keys in seen.items() if keys} == expected


def test_what_is_gone_and_comes_back_is_new() -> None:
    """Its key counts again as soon as it is listed."""
    assert compare([child("a", gone="deleted")], [child("a")]) == Changes(new=(child("a"),))


def test_the_tree_from_top_to_bottom() -> None:
    """Each comes before what lies below it, in the order of its list; what hangs in nothing stands at the top."""
    listed = [
        child("a"),
        child("z", "lost"),
        child("b", "a"),
        child("c", "b"),
        child("d", "a"),
        child("g", gone="barred"),
    ]
    assert [(level, each.key) for level, each in in_order(listed)] == [(0, "a"), (1, "b"), (2, "c"), (1, "d"), (0, "z")]
    assert paths_of(listed)["c"] == "a/b/c"


def test_a_circle_ends() -> None:
    """Two that claim to lie below each other are in no tree, and nothing hangs."""
    assert [*in_order([child("a", "b"), child("b", "a"), child("c")])] == [(0, child("c"))]
    assert pruned([child("a", "b"), child("b", "a")])


def test_what_nobody_asks_for_is_left_out() -> None:
    """Folders and pages that the settings leave out stay only above something that is asked for."""
    listed = [child("f", obj_type="folder"), child("x", "f", left_out=True), child("y", "x"), child("z", left_out=True)]
    assert [each.key for each in pruned(listed)] == ["f", "x", "y"]
    assert [each.key for each in pruned(listed[:2])] == []


@pytest.mark.parametrize(
    ("obj_type", "reads"),
    [("docx", True), ("sheet", True), ("bitable", True), ("doc", False), ("mindnote", False), ("slides", False),
     ("file", False), ("folder", False), ("hologram", False), ("", False)],
)  # fmt: skip
def test_what_can_be_read(obj_type: str, *, reads: bool) -> None:
    """Three kinds are; of all others a reason is told, except of folders, which are no documents."""
    one = child("a", obj_type=obj_type)
    assert one.is_read == reads
    assert bool(one.unread) == (not reads and obj_type != "folder")


def test_a_document_without_a_token_is_not_read() -> None:
    """There is nothing to ask for."""
    assert not child("a", obj_token="").is_read
    assert child("a", obj_token="").unread


def test_reasons_by_document() -> None:
    """What the gate said of a document goes to its child; of the others nobody knows."""
    assert [each.gone for each in marked([child("a"), child("b")], {"doc-a": "deleted"})] == ["deleted", "missing"]


@pytest.mark.parametrize(("title", "said"), [(" a\n b ", "a b"), ("", "tok"), ("  ", "tok")])
def test_a_title_on_one_line(title: str, said: str) -> None:
    """Breaks and blanks make no name; without a title it is the token."""
    assert titled(title, "tok") == said
