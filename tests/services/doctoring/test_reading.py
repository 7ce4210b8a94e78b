"""The sources: who may read them, and whom to ask."""

from __future__ import annotations

import pytest

from larknb.sandbox import Fault
from larknb.sandbox.blocks import text
from tests.conftest import Lab


def test_whoever_may_not_read_learns_whom_to_ask(synced: Lab) -> None:
    """The gate still names the owner where the content alone is refused."""
    synced.reply(1254302, "tables", times=None)
    [fault] = synced.workspace.doctor().faults
    assert synced.base.owner.open_id in fault.next
    assert fault.link == f"{synced.box.url}/base/{synced.base.token}"
    assert (fault.source, "1254302" in fault.why) == ("s1", True)


def test_rows_that_may_be_hidden_are_a_note(synced: Lab) -> None:
    """Somebody with a role sees rows, and perhaps not all of them."""
    synced.base.is_advanced = True
    synced.box.roles = {synced.box.tenant.users[0].open_id}
    report = synced.workspace.doctor()
    assert report.ok
    assert [each.check for each in report if each.level == "note"] == ["permissions"]


@pytest.mark.parametrize("shared", [True, False])
def test_every_kind_of_source_is_looked_into(shared: bool, lab: Lab) -> None:
    """A spreadsheet, a document, and one behind a wiki link."""
    tenant = lab.box.tenant
    book = tenant.add_spreadsheet("book", token="BookOfTheDoctor0000000001")
    book.add_sheet("one")
    guide = tenant.add_document("guide", [text("a")], "GuideOfTheDoctor000000001")
    for document in (book, guide):
        lab.workspace.add(f"{lab.box.url}/{document.path}/{document.token}", document.name)
        document.readers = None if shared else {"tenant"}
    faults = lab.workspace.doctor().faults
    assert [each.source for each in faults] == ([] if shared else ["book", "guide"])


@pytest.mark.parametrize("shared", [True, False])
def test_a_space_is_looked_into(shared: bool, lab: Lab) -> None:
    """Its first list is asked for; its children are not."""
    space = lab.box.tenant.add_wiki_space("guides")
    space.add_node(lab.box.tenant.add_document("heat"))
    lab.workspace.add(f"{lab.box.url}/wiki/space/{space.space_id}")
    if not shared:
        lab.box.faults.add(Fault.reply(None, 131006), endpoint="nodes")
    faults = lab.workspace.doctor().faults
    assert [each.source for each in faults] == ([] if shared else ["guides"])
    assert lab.box.journal.count("nodes") == 1
