"""Facts, tables, views and fields of a base."""

from __future__ import annotations

from larknb.sandbox import Base, Field, Sandbox, Table

from ...conftest import Api, outcome, path_of


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


def test_a_shared_record_tells_where_it_stands(api: Api, box: Sandbox, base: Base, table: Table) -> None:
    """The link of a row gives base, table and record; an unknown one is not found."""
    token = box.tenant.share_record(base, table.table_id, "recA")
    assert api.data(f"/base/v3/record_share/{token}/meta") == {
        "record_share_token": token,
        "base_token": base.app_token,
        "table_id": table.table_id,
        "record_id": "recA",
    }
    assert outcome(api.get("/base/v3/record_share/nope/meta"))[1] == 91402
