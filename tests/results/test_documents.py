"""The tree of a library, as it shows itself."""

from __future__ import annotations

import pytest

from larknb.display import width
from larknb.results.documents import DocumentList, Listed

WIKI = "https://x.feishu.cn/wiki/"


def listed(name: str, *path: str, kind: str = "document", state: str = "fresh", problem: str = "") -> Listed:
    return Listed(name, path, kind, state, 60.0 if name else None, "1767000000", WIKI + path[-1], problem)


TREE = DocumentList(
    "库",
    [
        listed("库/总则", "总则"),
        listed("库/静态检查", "总则", "静态检查"),
        listed("", "总则", "<b>图</b>", kind="mindnote", state="unread", problem="not read"),
        listed("库/c", "c"),
    ],
    [listed("库/旧", "旧", state="gone", problem="deleted")],
)


def test_a_terminal_shows_the_levels() -> None:
    """Titles are set in by their level, and what stands beside them is aligned, wide characters counted."""
    head, *lines = str(TREE).splitlines()[1:6]
    assert [line.split("  ")[0] for line in (lines[0], lines[3])] == ["总则", "c"]
    assert lines[1].startswith("  静态检查")
    kinds = zip([head, *lines], ["Kind", "document", "document", "mindnote", "document"], strict=True)
    assert len({width(line[: line.index(kind)]) for line, kind in kinds}) == 1


def test_a_notebook_shows_links_that_are_harmless() -> None:
    """Each title leads to its page; what a title says is text."""
    html = TREE._repr_html_()
    assert f'href="{WIKI}静态检查"' in html
    assert "<b>图</b>" not in html
    assert "&lt;b&gt;图" in html
    assert "<script" not in html


def test_an_address_that_is_none_is_no_link() -> None:
    """What a list says of an address may be anything."""
    odd = Listed("库/a", ("a",), "document", "fresh", 1.0, "", "javascript:alert(1)")
    assert "href" not in DocumentList("库", [odd])._repr_html_()


def test_below_the_tree_stands_what_is_gone() -> None:
    """It is in no row, and can still be had by its name."""
    assert "库/旧" in TREE.footer()
    assert "旧" not in [each.title for each in TREE]
    assert TREE["库/旧"].state == "gone"


@pytest.mark.parametrize("name", ["库/静态检查", "静态检查"])
def test_one_by_its_name(name: str) -> None:
    """With or without the name of the library."""
    assert TREE[name].path == ("总则", "静态检查")


def test_a_name_that_nobody_has() -> None:
    """As with any mapping."""
    with pytest.raises(KeyError):
        TREE["x"]
    assert "库/c" in TREE._ipython_key_completions_()


def test_as_a_frame_and_for_programs() -> None:
    """One row per child, with everything that is known of it."""
    frame = TREE.to_frame()
    assert [*frame.columns] == ["name", "title", "path", "level", "kind", "state", "age", "edited_at", "url", "problem"]
    assert [*frame["level"]] == [0, 1, 1, 0]
    told = TREE.to_dict()
    assert (told["source"], len(told["documents"]), len(told["gone"])) == ("库", 4, 1)  # type: ignore[arg-type]
