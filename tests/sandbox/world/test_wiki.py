"""Spaces and the nodes in them."""

from __future__ import annotations

from larknb.sandbox import Sandbox, WikiSpace

from ..conftest import Api
from ..reading import nodes


def test_a_document_that_is_removed_leaves_the_wiki(api: Api, box: Sandbox, space: WikiSpace) -> None:
    """What hung below it moves up."""
    guide, other = box.tenant.add_document("上"), box.tenant.add_document("下")
    space.add_node(other, parent=space.add_node(guide))
    box.tenant.remove(guide)
    assert [(item["title"], item["parent_node_token"]) for item in nodes(api, space)] == [("下", "")]


def test_nodes_move_and_are_taken_out(api: Api, box: Sandbox, space: WikiSpace) -> None:
    """A page goes below another one with what hangs below it; one that is taken out leaves its document."""
    top, middle, low = (box.tenant.add_document(title) for title in ("上", "中", "下"))
    first, second = space.add_node(top), space.add_node(middle)
    third = space.add_node(low, parent=second)
    space.move(second, first)
    assert [item["title"] for item in nodes(api, space, parent_node_token=first)] == ["中"]
    space.take_out(second)
    assert [item["node_token"] for item in nodes(api, space, parent_node_token=first)] == [third]
    assert box.tenant.document(middle.token) is middle


def test_a_node_is_called_what_its_document_is_called(api: Api, box: Sandbox, space: WikiSpace) -> None:
    """Unless it was given a title of its own."""
    guide = box.tenant.add_document("一")
    space.add_node(guide)
    space.add_node(guide, "快捷", shortcut=True)
    guide.rename("二")
    assert [item["title"] for item in nodes(api, space)] == ["二", "快捷"]
