"""What a request names, and the pages of lists."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from larknb.sandbox import Base, Field, Sandbox, Table

from ...conftest import Api, data_of, outcome, path_of


@pytest.mark.parametrize(
    ("path", "most"),
    [("/tables", 100), ("/tables/{t}/fields", 100), ("/tables/{t}/views", 100), ("/tables/{t}/records", 500)],
)
def test_page_sizes(path: str, most: int, api: Api, table: Table) -> None:
    """0 is 1254011, more than the maximum 99992402, and so is what is no number."""
    full = f"/bitable/v1/apps/{table.base.app_token}{path.format(t=table.table_id)}"
    assert outcome(api.get(full, page_size=most)) == (200, 0)
    assert outcome(api.get(full, page_size=0)) == (400, 1254011)
    assert outcome(api.get(full, page_size=-1)) == (400, 1254011)
    answer = api.get(full, page_size=most + 1)
    assert outcome(answer) == (400, 99992402)
    assert answer.json()["error"]["field_violations"][0]["field"] == "page_size"
    assert outcome(api.get(full, page_size="many")) == (400, 99992402)


def test_lists_and_search_give_twenty_by_default(api: Api, base: Base) -> None:
    """Without a page size a page has 20 items, in lists and in search."""
    table = base.add_table("T", [Field(f"F{number}", 1) for number in range(25)])
    table.add_many([{"F0": str(number)} for number in range(25)])
    assert len(api.data(f"{path_of(table)}/fields")["items"]) == 20
    assert len(data_of(api.search(table))["items"]) == 20


def test_ids_that_are_wrong_and_ids_that_are_gone(api: Api, table: Table, box: Sandbox) -> None:
    """Malformed ids, unknown ids, and a wiki token taken for an app_token each have their code and status."""
    base = f"/bitable/v1/apps/{table.base.app_token}"
    node = box.tenant.add_wiki_node(table.base)
    assert outcome(api.get("/bitable/v1/apps/no-such!/tables")) == (200, 1254003)
    assert outcome(api.get("/bitable/v1/apps/NoSuch/tables")) == (200, 1254040)
    assert outcome(api.get(f"/bitable/v1/apps/{node}/tables")) == (404, 91402)
    assert outcome(api.get(f"{base}/tables/xyz/fields")) == (200, 1254004)
    assert outcome(api.get(f"{base}/tables/tblNoSuch/fields")) == (200, 1254041)
    assert outcome(api.get(f"{path_of(table)}/views/xyz")) == (200, 1254005)
    assert outcome(api.get(f"{path_of(table)}/records/xyz")) == (200, 1254006)
    assert outcome(api.get(f"{path_of(table)}/records/recNoSuch")) == (200, 1254043)
    assert outcome(api.search(table, {"view_id": "vewNoSuch"})) == (200, 1254042)
    assert outcome(api.post("/bitable/v1/apps/NoSuch/tables/tblX/records/batch_get", {"record_ids": ["r"]}))[0] == 404


def test_a_base_that_one_may_not_read(api: Api, table: Table, box: Sandbox, connect: Callable[..., Api]) -> None:
    """Without permission on the document everything of it is 91403."""
    table.base.readers = {"ou_other"}
    assert outcome(api.get(f"/bitable/v1/apps/{table.base.app_token}/tables")) == (403, 91403)
    other = connect(box.sign_in("ou_other")["access_token"])
    assert outcome(other.search(table)) == (200, 0)
