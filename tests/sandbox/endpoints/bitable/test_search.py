"""Record search and batch_get."""

from __future__ import annotations

import re
import socket
import time
from typing import Any

import pytest

from larknb.sandbox import Base, Fault, Field, Sandbox, Table

from ...conftest import Api, data_of, outcome, path_of


def test_pages_of_a_search_give_every_row_once(api: Api, table: Table) -> None:
    """Opaque tokens lead through all pages; every page tells the total of the query."""
    first = data_of(api.search(table, page_size=2))
    assert (first["total"], len(first["items"]), first["has_more"]) == (5, 2, True)
    assert not first["page_token"].startswith("rec")
    assert [row["record_id"] for row in api.all_rows(table, page_size=2)] == list(table.rows)
    last = data_of(api.search(table, page_size=5))
    assert "page_token" not in last


def test_rows_that_come_and_go_between_pages_shift_what_follows(api: Api, table: Table, box: Sandbox) -> None:
    """A token knows no snapshot: a row deleted between two pages hides one that nobody read."""
    ids = list(table.rows)
    box.faults.add(Fault.call(lambda _: table.delete(ids[0])), endpoint="search", after=1)
    assert [row["record_id"] for row in api.all_rows(table, page_size=2)] == [ids[0], ids[1], ids[3], ids[4]]


def test_paging_and_ids_belong_into_the_query(api: Api, table: Table) -> None:
    """page_size in the body has no effect."""
    assert len(data_of(api.search(table, {"page_size": 1}))["items"]) == 5


@pytest.mark.parametrize(("content", "code"), [(b"", 1254000), (b"{", 1254000), (b"[]", 1254001)])
def test_search_wants_a_json_object(content: bytes, code: int, api: Api, table: Table) -> None:
    """No body, half a body and a list are refused; the least is ``{}``."""
    url = f"{api.url}/open-apis{path_of(table)}/records/search"
    assert outcome(api.session.post(url, data=content, timeout=10)) == (200, code)


def test_field_names_select_columns(api: Api, table: Table) -> None:
    """Only the named columns are served; a name that no field bears is 1254024, and so are too many."""
    assert api.rows(table, {"field_names": ["数量"]})[1]["fields"] == {"数量": 1}
    assert len(api.rows(table, {"field_names": []})[0]["fields"]) == 3
    assert outcome(api.search(table, {"field_names": ["数量 "]})) == (200, 1254024)
    assert outcome(api.search(table, {"field_names": ["数量"] * 201})) == (200, 1254024)


def test_a_view_counts_only_without_filter_and_sort(api: Api, table: Table) -> None:
    """view_id selects the view's rows, unless there is a filter or a sort."""
    ids = list(table.rows)
    listed = table.add_view("两行", record_ids=ids[:2])
    table.edit(ids[4], {"状态": "关"})
    condition = {"field_id": table.field("状态").field_id, "operator": "is", "value": ["关"]}
    filtered = table.add_view("关闭", {"conjunction": "and", "conditions": [condition]})
    assert len(api.rows(table, {"view_id": listed})) == 2
    assert [row["record_id"] for row in api.rows(table, {"view_id": filtered})] == [ids[4]]
    assert len(api.rows(table, {"view_id": listed, "sort": [{"field_name": "数量"}]})) == 5
    some = {"conjunction": "and", "conditions": [{"field_name": "数量", "operator": "isGreater", "value": ["1"]}]}
    assert len(api.rows(table, {"view_id": listed, "filter": some})) == 3
    assert len(api.rows(table, {"view_id": listed, "filter": {"conjunction": "and", "conditions": []}})) == 2


def test_answers_that_are_too_large(api: Api, table: Table, box: Sandbox) -> None:
    """Over the cap a search is 1254030, and a smaller page passes."""
    box.max_response_bytes = 600
    assert outcome(api.search(table, page_size=5)) == (200, 1254030)
    assert outcome(api.search(table, page_size=1)) == (200, 0)


def test_advanced_permissions_show_nothing_to_who_has_no_role(api: Api, table: Table, box: Sandbox) -> None:
    """Success without rows: in search, in batch_get (forbidden) and in the old list; the old get says 1254302."""
    table.base.is_advanced = True
    record_id = next(iter(table.rows))
    assert data_of(api.search(table)) == {"has_more": False, "total": 0, "items": []}
    got = data_of(api.post(f"{path_of(table)}/records/batch_get", {"record_ids": [record_id]}))
    assert (got["records"], got["forbidden_record_ids"]) == ([], [record_id])
    assert api.data(f"{path_of(table)}/records")["total"] == 0
    assert outcome(api.get(f"{path_of(table)}/records/{record_id}")) == (200, 1254302)
    box.roles.add(box.tenant.users[0].open_id)
    assert data_of(api.search(table))["total"] == 5


def test_batch_get(api: Api, table: Table, box: Sandbox) -> None:
    """Known rows in the order of the table, unknown ones apart; the kind of ids stands in the body."""
    ids = list(table.rows)
    path = f"{path_of(table)}/records/batch_get"
    body = {"record_ids": [ids[3], ids[1], "recGone", ids[1]], "automatic_fields": True, "with_shared_url": True}
    got = data_of(api.post(path, body | {"user_id_type": "union_id"}))
    assert [record["record_id"] for record in got["records"]] == [ids[1], ids[3]]
    assert (got["absent_record_ids"], got["forbidden_record_ids"]) == (["recGone"], [])
    assert got["records"][0]["created_by"]["id"] == box.tenant.users[0].union_id
    assert got["records"][0]["shared_url"].startswith(f"{box.url}/record/")
    assert set(data_of(api.post(path, {"record_ids": ids}))["records"][0]) == {"record_id", "fields"}


@pytest.mark.parametrize("body", [{}, {"record_ids": []}, {"record_ids": ["r"] * 101}, {"record_ids": [1]}])
def test_batch_get_wants_one_to_a_hundred_ids(body: dict[str, Any], api: Api, table: Table) -> None:
    """Anything else is HTTP 400 with 1254001."""
    assert outcome(api.post(f"{path_of(table)}/records/batch_get", body)) == (400, 1254001)


@pytest.mark.soak
def test_it_is_never_the_bottleneck(box: Sandbox, base: Base) -> None:
    """100,000 rows of 20 columns are built in seconds, and served at over 100 pages a second, half that when new."""
    table = base.add_table("大表", [Field(f"C{number}", 1 + number % 2) for number in range(20)])
    rows = [{f"C{number}": row if number % 2 else f"文本 {row}" for number in range(20)} for row in range(100_000)]
    start = time.perf_counter()
    table.add_many(rows)
    assert time.perf_counter() - start < 30
    for rate in (50, 100):  # every page is serialised in the first pass, and none in the second
        start = time.perf_counter()
        assert raw_pages(box, table) == 200
        assert 200 / (time.perf_counter() - start) > rate


def raw_pages(box: Sandbox, table: Table) -> int:
    """Read all pages over one socket, looking at nothing but the page token, and return their number."""
    bearer = f"Authorization: Bearer {box.sign_in()['access_token']}"
    head = f"HTTP/1.1\r\nHost: box\r\n{bearer}\r\nContent-Length: 2\r\n\r\n{{}}"
    pages, more = 0, ""
    with socket.create_connection(("127.0.0.1", int(box.url.rsplit(":", 1)[1])), timeout=30) as connection:
        answers = connection.makefile("rb")
        while True:
            path = f"/open-apis{path_of(table)}/records/search?page_size=500{more}"
            connection.sendall(f"POST {path} {head}".encode())
            length = 0
            while (line := answers.readline()) != b"\r\n":
                if line.startswith(b"Content-Length:"):
                    length = int(line[15:])
            pages += 1
            token = re.search(rb'"page_token":"([^"]+)"', answers.read(length)[-100:])
            if token is None:
                answers.close()
                return pages
            more = f"&page_token={token[1].decode()}"


def test_every_object_in_a_cell_may_have_one_more_member(api: Api, table: Table, box: Sandbox) -> None:
    """By a knob, from one answer to the next; the cells themselves stay."""
    before = api.rows(table)
    box.more_members = {"new": {"a": [1]}}
    assert api.rows(table)[0]["fields"]["名称"] == [{**before[0]["fields"]["名称"][0], "new": {"a": [1]}}]
    box.more_members = {}
    assert api.rows(table) == before


@pytest.mark.parametrize(("count", "code"), [(200, 0), (201, 1254024)])
def test_a_search_takes_two_hundred_names(api: Api, base: Base, count: int, code: int) -> None:
    """One more is refused, although the table has all of them."""
    wide = base.add_table("宽", [Field(f"c{n}", 1) for n in range(300)])
    assert outcome(api.search(wide, {"field_names": [f"c{n}" for n in range(count)]})) == (200, code)
