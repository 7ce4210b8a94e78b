"""The sample workspace as a whole: the same every time, and named."""

from __future__ import annotations

import json

import pytest

from larknb.sandbox import Sandbox, Tenant, sample, sample_workspace

from ..conftest import Api
from .seeing import everything


def test_the_constants_name_what_is_there(tenant: Tenant) -> None:
    """Tokens are the documented ones, in the platform's shape, and the wiki node holds the second base."""
    staff, safety = tenant.base(sample.STAFF_BASE), tenant.base(sample.SAFETY_BASE)
    assert (staff.name, safety.name) == ("功能安全部人力盘点", "功能安全业务数据")
    tokens = (sample.STAFF_BASE, sample.SAFETY_BASE, sample.WIKI_NODE, sample.BOOK, sample.EMBEDDED_BASE)
    guides = (*sample.GUIDES, sample.GUIDE_NODE, sample.GUIDE_BOOK)
    assert {len(token) for token in (*tokens, *guides)} == {27}
    assert [document.token for document in tenant.documents] == [
        sample.STAFF_BASE,
        sample.SAFETY_BASE,
        sample.BOOK,
        *sample.GUIDES,
        sample.EMBEDDED_BASE,
        sample.GUIDE_BOOK,
    ]
    named = [sample.STAFF_PEOPLE, sample.STAFF_DEPARTMENTS, sample.STAFF_SKILLS]
    assert [table.table_id for table in staff.tables] == named
    assert [table.table_id for table in safety.tables] == [
        sample.SAFETY_DEFECTS,
        sample.SAFETY_GOALS,
        sample.SAFETY_TESTS,
    ]
    node = tenant.wiki_node(sample.WIKI_NODE)
    assert node is not None
    assert node.document is safety


def test_it_is_the_same_every_time(served: tuple[Sandbox, Api], tenant: Tenant) -> None:
    """Two builds serve the same words, down to the last id and stamp."""
    again = sample_workspace(300)
    first = json.dumps(everything(tenant, served[1]))
    with Sandbox(again) as box:
        api = Api(box.url, box.sign_in()["access_token"])
        second = json.dumps(everything(again, api))
        api.session.close()
        second = second.replace(box.url, served[0].url)
    assert first == second


@pytest.mark.parametrize("rows", [0, 1, 2400])
def test_any_number_of_rows(rows: int) -> None:
    """The largest table has as many rows as asked for."""
    assert len(sample_workspace(rows).base(sample.SAFETY_BASE).table("缺陷").rows) == rows
