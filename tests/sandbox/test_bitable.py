"""The Bitable endpoints against the contract."""

from __future__ import annotations

import datetime as dt
import json
import re
import socket
import time
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from larknb.sandbox import Base, Fault, Field, Raw, Sandbox, Table

from .conftest import NOON, Api, Clock, data_of, outcome, path_of

NOON_MS = int(NOON * 1000)


# Base, tables, views, fields -----------------------------------------------------------------------------------------


def test_the_app(api: Api, base: Base) -> None:
    """The facts of a base, its zone as it was set even if no zone bears that name."""
    base.time_zone = "Asia/Beijing"
    assert api.data(f"/bitable/v1/apps/{base.app_token}")["app"] == {
        "app_token": base.app_token,
        "name": "缺陷管理",
        "revision": 1,
        "is_advanced": False,
        "time_zone": "Asia/Beijing",
        "formula_type": 1,
        "advance_version": "v1",
    }


def test_tables_are_listed_with_a_token_even_on_the_last_page(api: Api, base: Base, table: Table) -> None:
    """Two pages, total of all, and a page_token with has_more false; the token is the last id."""
    second = base.add_table("附表", [Field("A", 1)])
    path = f"/bitable/v1/apps/{base.app_token}/tables"
    first = api.data(path, page_size=1)
    assert first == {
        "has_more": True,
        "total": 2,
        "page_token": table.table_id,
        "items": [{"table_id": table.table_id, "revision": 2, "name": "缺陷"}],
    }
    rest = api.data(path, page_size=1, page_token=first["page_token"])
    assert (rest["has_more"], rest["page_token"], rest["items"][0]["name"]) == (False, second.table_id, "附表")


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


def test_a_token_that_nobody_gave(api: Api, table: Table, base: Base) -> None:
    """A page_token that is garbage, or of another table, is 1254002."""
    other = base.add_table("附表", [Field("A", 1)])
    other.add_many([{"A": "x"}] * 5)
    foreign = data_of(api.search(other, page_size=2))["page_token"]
    for token in ("garbage", "Z2FyYmFnZQ==", foreign, foreign[:-4]):
        assert outcome(api.search(table, page_token=token)) == (200, 1254002)
    assert outcome(api.get(f"{path_of(table)}/fields", page_token="fldNoSuch")) == (200, 1254002)


def test_fields_with_and_without_segments(api: Api, base: Base) -> None:
    """A description is a string, or a list of segments if asked; it is left out where there is none."""
    table = base.add_table(
        "T", [Field("A", 1, description="说明"), Field("B", 2, "Currency", {"currency_code": "CNY"})]
    )
    items = api.data(f"{path_of(table)}/fields")["items"]
    assert items[0]["description"] == "说明"
    assert items[0]["is_primary"]
    assert items[1] == {
        "field_id": table.field("B").field_id,
        "field_name": "B",
        "type": 2,
        "ui_type": "Currency",
        "property": {"currency_code": "CNY"},
        "is_primary": False,
        "is_hidden": False,
    }
    items = api.data(f"{path_of(table)}/fields", text_field_as_array="true")["items"]
    assert items[0]["description"] == [{"text": "说明", "type": "text"}]


def test_views(api: Api, table: Table, box: Sandbox) -> None:
    """A table has a grid; a private view names its owner; a view's filter holds values as JSON in a string."""
    status = table.field("状态").field_id
    mine = table.add_view("我的", private_owner=box.tenant.users[0])
    condition = {"field_id": status, "operator": "is", "value": ["关"]}
    closed = table.add_view("关闭", {"conjunction": "and", "conditions": [condition]}, hidden_fields=[status])
    listed = api.data(f"{path_of(table)}/views")
    assert [item["view_public_level"] for item in listed["items"]] == ["Public", "Private", "Public"]
    assert listed["items"][1]["view_private_owner_id"] == box.tenant.users[0].open_id
    assert listed["page_token"] == closed
    view = api.data(f"{path_of(table)}/views/{closed}")["view"]
    shown = view["property"]["filter_info"]["conditions"][0]
    assert (shown["value"], shown["field_type"], view["property"]["hidden_fields"]) == ('["关"]', 3, [status])
    hidden = [item["is_hidden"] for item in api.data(f"{path_of(table)}/fields", view_id=closed)["items"]]
    assert hidden == [False, False, True]
    table.remove_view(mine)
    assert outcome(api.get(f"{path_of(table)}/views/{mine}")) == (200, 1254042)


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


# Search --------------------------------------------------------------------------------------------------------------


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


def test_empty_cells_have_no_key(api: Api, base: Base) -> None:
    """Cells that were never filled, or were emptied, are missing from ``fields``."""
    table = base.add_table("T", [Field("A", 1), Field("B", 4), Field("C", 7), Field("D", 18)])
    record_id = table.add({"A": "x", "B": [], "C": False, "D": []})
    assert api.rows(table)[0]["fields"] == {"A": [{"type": "text", "text": "x"}], "C": False}
    table.edit(record_id, {"A": None})
    assert api.rows(table)[0]["fields"] == {"C": False}
    table.edit(record_id, {"A": "y", "B": ["z"]})
    table.edit(record_id, {"A": "", "B": []})
    assert api.rows(table)[0]["fields"] == {"C": False}


def test_automatic_fields_only_if_asked(api: Api, table: Table, box: Sandbox) -> None:
    """Times in milliseconds and single persons come with automatic_fields alone."""
    assert set(api.rows(table)[0]) == {"record_id", "fields"}
    row = api.rows(table, {"automatic_fields": True})[0]
    assert (row["created_time"], row["last_modified_time"]) == (NOON_MS, NOON_MS)
    assert row["created_by"] == box.tenant.users[0].person()
    assert outcome(api.search(table, {"automatic_fields": "yes"})) == (200, 1254001)


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


def test_user_ids_of_other_kinds(api: Api, base: Base, box: Sandbox, connect: Callable[..., Api]) -> None:
    """Ids follow user_id_type everywhere; user_id needs its scope; an unknown kind is refused."""
    user = box.tenant.users[0]
    table = base.add_table("T", [Field("人", 11), Field("引用", 19), Field("创建人", 1003)])
    table.add({"人": user, "引用": {"type": 11, "value": [user.person()]}})
    row = api.rows(table, {"automatic_fields": True}, user_id_type="union_id")[0]
    people = [row["fields"]["人"][0], row["fields"]["引用"]["value"][0], row["fields"]["创建人"][0], row["created_by"]]
    assert {person["id"] for person in people} == {user.union_id}
    assert api.rows(table, user_id_type="user_id")[0]["fields"]["人"][0]["id"] == user.user_id
    assert outcome(api.search(table, user_id_type="lark_id")) == (400, 99992402)
    poor = connect(box.sign_in("ou_poor", ["base:record:retrieve"])["access_token"])
    assert outcome(poor.search(table, user_id_type="user_id")) == (400, 99991679)


def test_avatars_need_a_scope(base: Base, box: Sandbox, connect: Callable[..., Api]) -> None:
    """Without contact:user.base:readonly the persons have no avatar_url."""
    table = base.add_table("T", [Field("人", 11), Field("创建人", 1003)])
    table.add({"人": box.tenant.users[0]})
    api = connect(box.sign_in("ou_poor", ["base:record:retrieve"])["access_token"])
    row = api.rows(table, {"automatic_fields": True})[0]
    for person in (row["fields"]["人"][0], row["fields"]["创建人"][0], row["created_by"]):
        assert set(person) == {"id", "name", "en_name", "email"}


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


# Revisions and times -------------------------------------------------------------------------------------------------


def test_every_write_moves_the_revision_by_one(table: Table, base: Base, clock: Clock) -> None:
    """One write call, one step, however many rows; the base's time follows in whole seconds."""
    clock.now += 10.7
    ids = table.add_many([{"数量": 1}, {"数量": 2}])
    writes: list[Callable[[], object]] = [
        lambda: table.add({"数量": 3}),
        lambda: table.edit(ids[0], {"数量": 4}),
        lambda: table.delete(*ids),
        lambda: table.add_field(Field("新", 1)),
        lambda: table.rename_field(table.field("新").field_id, "更新"),
        lambda: table.change_field(table.field("更新").field_id, type=2),
        lambda: table.rename_option(table.field("状态").field_id, "开", "打开"),
        lambda: table.delete_field(table.field("更新").field_id),
        lambda: table.rename("改名"),
        lambda: table.add_view("新"),
    ]
    for write in writes:
        before = table.revision
        write()
        assert table.revision == before + 1
    assert base.mtime == int(NOON) + 10


def test_the_base_revision_moves_with_its_tables_only(base: Base, table: Table) -> None:
    """Adding, renaming and removing a table moves it; editing rows does not."""
    before = base.revision
    table.add({"数量": 1})
    assert base.revision == before
    second = base.add_table("B", [Field("A", 1)])
    second.rename("C")
    base.remove_table(second)
    assert base.revision == before + 3


def test_only_edits_of_a_row_move_its_time(api: Api, table: Table, clock: Clock, box: Sandbox) -> None:
    """An edit moves last_modified_time and its person; renames of fields and options change rows and move nothing."""
    first, second = list(table.rows)[:2]
    editor = box.tenant.add_user("李雷")
    clock.now += 60
    table.edit(first, {"数量": 9}, by=editor)
    table.rename_field(table.field("数量").field_id, "件数")
    table.rename_option(table.field("状态").field_id, "开", "打开")
    rows = {row["record_id"]: row for row in api.rows(table, {"automatic_fields": True})}
    assert rows[first]["last_modified_time"] == NOON_MS + 60_000
    assert rows[first]["last_modified_by"]["name"] == "李雷"
    assert rows[second]["last_modified_time"] == NOON_MS
    assert rows[second]["fields"]["状态"] == "打开"
    assert rows[first]["fields"]["件数"] == 9


def test_quiet_changes_move_nothing(api: Api, table: Table, clock: Clock) -> None:
    """``set_quietly`` changes what is served, and neither revision nor any time."""
    record_id = next(iter(table.rows))
    before = table.revision, table.base.mtime
    clock.now += 60
    table.set_quietly(record_id, {"数量": 77})
    row = api.rows(table, {"automatic_fields": True})[0]
    assert (row["fields"]["数量"], row["last_modified_time"]) == (77, NOON_MS)
    assert (table.revision, table.base.mtime) == before


def test_stamps_can_be_played_wrong(table: Table, base: Base, clock: Clock) -> None:
    """Touch moves only the time; both stamps can be set."""
    revision = table.revision
    clock.now += 5
    base.touch()
    assert (base.mtime, table.revision) == (int(NOON) + 5, revision)
    table.revision += 1
    base.mtime = 17
    assert (base.mtime, table.revision) == (17, revision + 1)


def test_a_view_can_change_without_a_revision(api: Api, table: Table) -> None:
    """``quietly`` changes which rows a view shows and leaves the revision, as nobody knows whether it moves."""
    view = table.add_view("几行", record_ids=list(table.rows)[:1])
    before = table.revision
    assert len(api.rows(table, {"view_id": view})) == 1
    table.change_view(view, record_ids=list(table.rows)[:3], quietly=True)
    assert len(api.rows(table, {"view_id": view})) == 3
    assert table.revision == before
    table.change_view(view, name="改名")
    assert table.revision == before + 1


def test_replicas_lag(api: Api, table: Table, box: Sandbox, clock: Clock) -> None:
    """Record reads show the state of a while ago while the list of tables already has the new revision."""
    box.replica_lag = 5
    first, second = list(table.rows)[:2]
    clock.now += 100
    table.delete(first)
    table.edit(second, {"数量": 50})
    tables = api.data(f"/bitable/v1/apps/{table.base.app_token}/tables")
    assert tables["items"][0]["revision"] == table.revision
    assert [row["fields"]["数量"] for row in api.rows(table)] == [0, 1, 2, 3, 4]
    assert data_of(api.post(f"{path_of(table)}/records/batch_get", {"record_ids": [first]}))["absent_record_ids"] == []
    clock.now += 4.9
    assert len(api.rows(table)) == 5
    clock.now += 0.1
    assert [row["fields"]["数量"] for row in api.rows(table)] == [50, 2, 3, 4]


def test_revisions_lag(api: Api, table: Table, box: Sandbox, clock: Clock) -> None:
    """The other way round: rows are new while the list of tables still has the old revision."""
    box.revision_lag = 5
    before = table.revision
    table.add({"数量": 6})
    assert len(api.rows(table)) == 6
    path = f"/bitable/v1/apps/{table.base.app_token}/tables"
    assert api.data(path)["items"][0]["revision"] == before
    clock.now += 5
    assert api.data(path)["items"][0]["revision"] == before + 1


# Cells ---------------------------------------------------------------------------------------------------------------


def test_attachments_carry_addresses_that_move_with_the_revision(api: Api, base: Base) -> None:
    """Url and tmp_url name the file, the table and its revision."""
    table = base.add_table("T", [Field("文件", 17)])
    table.add({"文件": [{"file_token": "box1", "name": "a.png", "type": "image/png", "size": 3}]})
    file = api.rows(table)[0]["fields"]["文件"][0]
    extra = f"extra=%7B%22bitablePerm%22%3A%7B%22tableId%22%3A%22{table.table_id}%22%2C%22rev%22%3A2%7D%7D"
    assert file["url"] == f"{api.url}/open-apis/drive/v1/medias/box1/download?{extra}"
    assert file["tmp_url"].endswith(f"/medias/batch_get_tmp_download_url?file_tokens=box1&{extra}")
    table.add({})
    assert "rev%22%3A3" in api.rows(table)[0]["fields"]["文件"][0]["url"]


def test_derived_columns(api: Api, base: Base) -> None:
    """Creation time, creator and numbers follow from the row; a custom number has its parts."""
    parts = [("system_number", "3"), ("fixed_text", "no"), ("created_time", "yyyyMMdd")]
    rule = {"auto_serial": {"type": "custom", "options": [{"type": kind, "value": value} for kind, value in parts]}}
    kinds = {"创建": 1001, "更新": 1002, "创建人": 1003, "修改人": 1004, "编号": 1005}
    columns = [
        Field("A", 1),
        *(Field(name, kind) for name, kind in kinds.items()),
        Field("自定义", 1005, property=rule),
    ]
    table = base.add_table("T", columns)
    table.add({"A": "x"})
    cells = api.rows(table)[0]["fields"]
    assert (cells["创建"], cells["更新"], cells["编号"], cells["自定义"]) == (NOON_MS, NOON_MS, "1", "001no20260116")
    assert isinstance(cells["创建人"], list)
    assert cells["创建人"] == cells["修改人"]


def test_what_may_be_written_short(api: Api, base: Base, box: Sandbox) -> None:
    """Text, mail, persons, links, addresses and dates are stored in the shapes of the wire."""
    kinds = [Field("T", 1), Field("M", 1, "Email"), Field("P", 11), Field("L", 21), Field("U", 15), Field("D", 5)]
    table = base.add_table("T", [*kinds, Field("Z", 5)])
    zone = ZoneInfo("Asia/Shanghai")
    when = dt.datetime(2023, 8, 3, 12, tzinfo=zone)
    short = {"T": "a", "M": "a@example.com", "P": box.tenant.users[0], "L": ["rec1"], "U": "https://e.com"}
    table.add(short | {"D": dt.date(2023, 8, 3), "Z": when})
    assert api.rows(table)[0]["fields"] == {
        "T": [{"type": "text", "text": "a"}],
        "M": [{"type": "url", "text": "a@example.com", "link": "mailto:a@example.com"}],
        "P": [box.tenant.users[0].person()],
        "L": {"link_record_ids": ["rec1"]},
        "U": {"text": "https://e.com", "link": "https://e.com"},
        "D": 1690992000000,
        "Z": int(when.timestamp() * 1000),
    }


def test_raw_cells_are_served_as_they_are(api: Api, table: Table) -> None:
    """Null, empty and odd shapes, also under a name that no field bears, go out word for word."""
    record_id = table.add(
        {"名称": Raw(None), "数量": Raw("12"), "状态": Raw([]), "新字段": Raw({"a": [1, {"x": None}]})}
    )
    odd: dict[str, Any] = {"名称": None, "数量": "12", "状态": [], "新字段": {"a": [1, {"x": None}]}}
    assert api.rows(table)[-1]["fields"] == odd
    assert table.read(record_id) == odd


def test_names_that_do_not_exist_or_exist_already(table: Table) -> None:
    """A wrong name in a test is an error at once; names are trimmed and unique."""
    with pytest.raises(KeyError, match="没有"):
        table.add({"没有": 1})
    with pytest.raises(ValueError, match="名称"):
        table.add_field(Field(" 名称 ", 2))
    with pytest.raises(ValueError, match="名称"):
        table.rename_field(table.field("数量").field_id, "名称")


# batch_get and the old endpoints -------------------------------------------------------------------------------------


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


def old_table(base: Base, box: Sandbox) -> Table:
    """Build a table of every column whose old shape differs."""
    linked = base.add_table("被关联", [Field("标题", 1)], "tblLinked")
    other = linked.add({"标题": "第一行"})
    link = {"multiple": True, "table_id": "tblLinked", "table_name": "被关联"}
    table = base.add_table(
        "T",
        [
            Field("文本", 1),
            Field("数字", 2),
            Field("进度", 2, "Progress"),
            Field("人员", 11),
            Field("关联", 21, property=link),
            Field("查找", 19),
            Field("公式数字", 20),
            Field("公式日期", 20),
            Field("公式选项", 20),
            Field("单选", 3, property={"options": [{"id": "optA", "name": "甲", "color": 0}]}),
            Field("创建人", 1003),
        ],
    )
    table.add(
        {
            "文本": [{"type": "text", "text": "a "}, {"type": "mention", "mentionType": "User", "text": "@b"}],
            "数字": 100.0,
            "进度": 0.66,
            "人员": box.tenant.users[0],
            "关联": [other],
            "查找": {"type": 1, "value": [{"type": "text", "text": "x"}]},
            "公式数字": {"type": 2, "value": [64]},
            "公式日期": {"type": 5, "value": [1690992000000]},
            "公式选项": {"type": 3, "value": ["甲"]},
            "单选": "甲",
        },
        "recOld",
    )
    return table


def test_the_old_list_has_the_old_shapes(api: Api, base: Base, box: Sandbox) -> None:
    """Text and numbers are strings, the creator one object, links carry texts, computed cells have no wrapper."""
    table = old_table(base, box)
    item = api.data(f"{path_of(table)}/records")["items"][0]
    assert (item["id"], item["record_id"]) == ("recOld", "recOld")
    linked = next(iter(base.table("被关联").rows))
    assert item["fields"] == {
        "文本": "a @b",
        "数字": "100",
        "进度": "0.66",
        "人员": [box.tenant.users[0].person()],
        "关联": [
            {
                "type": "text",
                "table_id": "tblLinked",
                "record_ids": [linked],
                "text": "第一行",
                "text_arr": ["第一行"],
            }
        ],
        "查找": [{"type": "text", "text": "x"}],
        "公式数字": 64,
        "公式日期": 45141.0,
        "公式选项": ["optA"],
        "单选": "甲",
        "创建人": box.tenant.users[0].person(),
    }


def test_the_old_get(api: Api, base: Base, box: Sandbox) -> None:
    """The old get knows segments, referenced formats, automatic fields and the address of the row."""
    table = old_table(base, box)
    plain = api.data(f"{path_of(table)}/records/recOld")["record"]
    assert set(plain) == {"record_id", "fields"}
    asked = dict.fromkeys(("text_field_as_array", "display_formula_ref", "automatic_fields", "with_shared_url"), "true")
    record = api.data(f"{path_of(table)}/records/recOld", **asked)["record"]
    assert record["fields"]["文本"][0] == {"type": "text", "text": "a "}
    assert (record["fields"]["公式日期"], record["fields"]["公式选项"]) == (1690992000000, ["甲"])
    assert record["created_time"] == NOON_MS
    assert record["record_url"].startswith(box.url)


def test_the_old_list_pages_by_record_id(api: Api, table: Table) -> None:
    """Tokens are record ids, views and field names count, formula filters and sorts are refused."""
    ids = list(table.rows)
    path = f"{path_of(table)}/records"
    first = api.data(path, page_size=2)
    assert (first["page_token"], first["total"], first["has_more"]) == (ids[1], 5, True)
    rest = api.data(path, page_size=3, page_token=first["page_token"], field_names=json.dumps(["数量"]))
    assert [item["fields"] for item in rest["items"]] == [{"数量": "2"}, {"数量": "3"}, {"数量": "4"}]
    assert "page_token" not in rest
    view = table.add_view("一行", record_ids=ids[:1])
    assert api.data(path, view_id=view)["total"] == 1
    assert outcome(api.get(path, filter='CurrentValue.[数量]="1"')) == (200, 1254018)
    assert outcome(api.get(path, sort='["数量 DESC"]')) == (200, 1254016)
    assert outcome(api.get(path, field_names='["无"]')) == (200, 1254024)


def test_the_old_list_needs_the_wide_scope(table: Table, box: Sandbox, connect: Callable[..., Api]) -> None:
    """Fine-grained scopes do not open the old endpoints."""
    api = connect(box.sign_in(scopes=["base:record:retrieve", "base:record:read"])["access_token"])
    assert outcome(api.get(f"{path_of(table)}/records")) == (400, 99991679)


# The recorded bodies -------------------------------------------------------------------------------------------------


def test_recorded_bodies_come_back_equal(recorded: Callable[[str], Any], api: Api, base: Base) -> None:
    """Every field type, loaded from the recordings of the contract, is served word for word."""
    fields, records = recorded("bitable/fields_list.all_types.json"), recorded("bitable/records_search.all_types.json")
    table = base.load("全部字段类型", fields, records, table_id="tblDemoAllTypes01", revision=90)
    assert table.revision == 90
    assert api.data(f"{path_of(table)}/fields", page_size=100)["items"] == fields["data"]["items"]
    got = data_of(api.search(table, {"automatic_fields": True}, page_size=500))
    assert got == records["data"]
    segments = recorded("bitable/fields_list.text_field_as_array.json")["data"]
    assert api.data(f"{path_of(table)}/fields", page_size=3, text_field_as_array="true") == segments


def test_recorded_rows_live_on(recorded: Callable[[str], Any], api: Api, base: Base, clock: Clock) -> None:
    """After an edit the derived columns of a loaded row follow, and new rows go on counting."""
    fields, records = recorded("bitable/fields_list.all_types.json"), recorded("bitable/records_search.all_types.json")
    table = base.load("T", fields, records)
    table.edit("recyOaMB2F", {"数字": 1})
    table.rename_option(table.field("单选").field_id, "选项1", "改名")
    table.add({})
    rows = api.rows(table)
    assert rows[0]["fields"]["单选"] == "改名"
    assert rows[0]["fields"]["最后更新时间"] == NOON_MS
    assert rows[0]["fields"]["创建时间"] == 1691049973000
    assert rows[3]["fields"]["自动编号"] == "20"


@pytest.mark.parametrize("name", ["tolerance", "doc", "empty", "page1"])
def test_odd_and_documented_bodies_come_back_equal(
    name: str, recorded: Callable[[str], Any], api: Api, base: Base
) -> None:
    """Null, wrong types and unknown columns survive, as do the documentation's own examples."""
    records = recorded(f"bitable/records_search.{name}.json")
    fields = recorded(f"bitable/fields_list.{'doc' if name == 'doc' else 'all_types'}.json")
    table = base.load("T", fields, records)
    automatic = any("created_time" in item for item in records["data"]["items"])
    assert api.rows(table, {"automatic_fields": automatic}) == records["data"]["items"]
    assert api.data(f"{path_of(table)}/fields", page_size=100)["items"] == fields["data"]["items"]


@pytest.mark.parametrize("endpoint", ["search", "fields", "batch_get"])
def test_recorded_errors_have_the_recorded_status(
    endpoint: str, recorded: Callable[[str], Any], api: Api, table: Table, box: Sandbox
) -> None:
    """A code without a status gets the one that the contract has recorded for the endpoint."""
    codes = {
        "search": ["1254002_Fail", "1254030_TooLargeResponse", "1254290_TooManyRequest", "1254302_PermissionDenied"],
        "fields": ["1254302_PermissionDenied"],
        "batch_get": ["1254030_InvalidPageToken", "1254040_BaseTokenNotFound", "1254290_TooManyRequest"],
    }[endpoint]
    general = ["1254607_DataNotReady", "1255040_Timeout", "1254036_copying"] if endpoint == "search" else []
    for name in [f"{code}_{endpoint}" for code in codes] + general:
        error = recorded(f"bitable/error_{name}.json")
        box.faults.add(Fault.reply(None, error["body"]["code"]), endpoint=endpoint)
        calls = {
            "search": lambda: api.search(table),
            "fields": lambda: api.get(f"{path_of(table)}/fields"),
            "batch_get": lambda: api.post(f"{path_of(table)}/records/batch_get", {"record_ids": ["rec1"]}),
        }
        assert outcome(calls[endpoint]()) == (error["http_status"], error["body"]["code"])


# Small print ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("zone", "day"), [("Asia/Beijing", "16"), ("", "15"), ("Nowhere/City", "15")])
def test_days_are_those_of_the_zone(zone: str, day: str, api: Api, base: Base, clock: Clock) -> None:
    """Asia/Beijing counts as Shanghai, an empty or unknown zone as UTC."""
    clock.now -= 12 * 3600  # midnight in Shanghai, still the day before in London
    base.time_zone = zone
    rule = {"auto_serial": {"type": "custom", "options": [{"type": "created_time", "value": "dd"}]}}
    table = base.add_table("T", [Field("号", 1005, property=rule)])
    table.add({})
    assert api.rows(table)[0]["fields"]["号"] == day


def test_ids_are_unique(table: Table) -> None:
    """A record id cannot be given twice; a field whose name was used before gets an id of its own."""
    table.add({}, "recMine")
    with pytest.raises(ValueError, match="recMine"):
        table.add({}, "recMine")
    first = table.add_field(Field("新", 1))
    table.rename_field(first, "旧")
    assert table.add_field(Field("新", 1)) != first


def test_a_deleted_column_takes_its_cells_along(api: Api, table: Table) -> None:
    """A column with the same id later is empty."""
    column = table.field("数量")
    table.delete_field(column.field_id)
    table.add_field(column)
    assert all("数量" not in row["fields"] for row in api.rows(table))


def test_flags_are_true_or_false(api: Api, table: Table) -> None:
    """Anything else in a flag of the query is a bad parameter."""
    assert outcome(api.get(f"{path_of(table)}/fields", text_field_as_array="1")) == (400, 99992402)
    assert outcome(api.get(f"{path_of(table)}/records", field_names="[")) == (200, 1254024)


def test_looking_things_up(box: Sandbox, table: Table, base: Base) -> None:
    """Bases, tables and fields are found by name or id, and what is missing is named."""
    assert box.tenant.base("缺陷管理") is base
    assert base.table(table.table_id) is table
    with pytest.raises(KeyError, match="附表"):
        base.table("附表")
    with pytest.raises(KeyError, match="没有"):
        box.tenant.base("没有")


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
