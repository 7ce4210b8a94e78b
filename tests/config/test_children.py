"""What the children of a library are called, and what they are as sources."""

from __future__ import annotations

import pytest

from larknb.config.children import child_sources, named
from larknb.library import Child
from larknb.model import Source

LIBRARY = Source("库", "https://x.feishu.cn/wiki/space/7", None, "7", library="space", identity="tenant",
                 options={"images": False, "header": 2, "depth": 2})  # fmt: skip


def child(key: str, title: str, **more: object) -> Child:
    facts = {"obj_type": "docx", "obj_token": f"doc-{key}", "parent": "", **more}
    return Child(key=key, title=title, **facts)  # type: ignore[arg-type]


NAMES = [
    ("titles", [child("a", "A"), child("b", "B")], [], ["A", "B"]),
    ("equal ones", [child("a", "A"), child("b", "A"), child("c", "A")], [], ["A", "A (2)", "A (3)"]),
    ("equal but for case and width", [child("a", "Ab"), child("b", "ＡＢ")], [], ["Ab", "ＡＢ (2)"]),
    ("the original before its shortcut", [child("s", "A", shortcut=True), child("a", "A")], [], ["A (2)", "A"]),
    ("a name stays", [child("n", "A"), child("a", "A")], [child("a", "A", name="A")], ["A (2)", "A"]),
    ("even a number", [child("b", "A")], [child("a", "A", name="A"), child("b", "A", name="A (2)")], ["A (2)"]),
    ("another title, another name", [child("a", "B")], [child("a", "A", name="A")], ["B"]),
    ("what is gone gives way", [child("a", "A", gone="deleted"), child("n", "A")], [child("a", "A", name="A")],
     ["A (2)", "A"]),
    ("no title", [child("a", " ")], [], ["a"]),
    ("a slash is no matter", [child("a", "A/B")], [], ["A/B"]),
]  # fmt: skip


@pytest.mark.parametrize(("now", "before", "expected"), [case[1:] for case in NAMES], ids=[case[0] for case in NAMES])
def test_names(now: list[Child], before: list[Child], expected: list[str]) -> None:
    """No two are the same, and each stays with its child as long as the title does."""
    assert [each.name for each in named(now, before)] == expected


def test_names_that_are_taken() -> None:
    """A source of the settings that is called so has the name."""
    assert [each.name for each in named([child("a", "A")], [], ["a"])] == ["A (2)"]


def test_a_child_is_a_source_of_its_own() -> None:
    """It is read by its document, as whom the library is read, with the options of its kind."""
    (source,) = child_sources(LIBRARY, [child("a", "A", name="A", url="https://x.feishu.cn/wiki/a")])
    assert (source.name, source.kind, source.token, source.key, source.parent) == (
        "库/A",
        "document",
        "doc-a",
        "doc-a",
        "7",
    )
    assert (source.identity, source.options, source.url) == ("tenant", {"images": False}, "https://x.feishu.cn/wiki/a")


def test_only_what_can_be_read_becomes_a_source() -> None:
    """Folders, other kinds and what the settings leave out do not."""
    listed = [child("a", "A", obj_type="doc"), child("b", "B", obj_type="folder"), child("c", "C", left_out=True)]
    assert child_sources(LIBRARY, listed) == []
