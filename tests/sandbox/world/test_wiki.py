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
