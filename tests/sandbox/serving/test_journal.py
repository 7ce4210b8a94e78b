"""What the journal tells of a call."""

from __future__ import annotations

from larknb.sandbox import Sandbox, Table

from ..conftest import NOON, TABLES, Api


def test_the_journal_keeps_order_identity_and_no_token(box: Sandbox, api: Api, table: Table) -> None:
    """The journal tells endpoint, query, body, outcome and identity of each call, without the bearer."""
    api.get(TABLES, page_size=10)
    api.search(table, {"automatic_fields": True})
    api.get("/nowhere")
    assert box.journal.endpoints() == ["tables", "search", "unknown"]
    assert (box.journal.count(), box.journal.count("search")) == (3, 1)
    first, second = box.journal.calls[:2]
    assert (first.method, first.query, first.body) == ("GET", {"page_size": "10"}, None)
    assert (second.body, second.status, second.code, second.at) == ({"automatic_fields": True}, 200, 0, NOON)
    assert first.identity == f"user:{box.tenant.users[0].open_id}"
    assert first.headers["Authorization"] == "Bearer ***"
    box.journal.clear()
    assert box.journal.calls == []
