"""A base and its tables: revisions, times, ids, and recorded bodies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from larknb.sandbox import Base, Field, Sandbox, Table

from ...conftest import NOON, NOON_MS, Api, Clock, data_of, path_of


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


def test_names_that_do_not_exist_or_exist_already(table: Table) -> None:
    """A wrong name in a test is an error at once; names are trimmed and unique."""
    with pytest.raises(KeyError, match="没有"):
        table.add({"没有": 1})
    with pytest.raises(ValueError, match="名称"):
        table.add_field(Field(" 名称 ", 2))
    with pytest.raises(ValueError, match="名称"):
        table.rename_field(table.field("数量").field_id, "名称")


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


def test_a_new_type_converts_the_cells(api: Api, base: Base) -> None:
    """As far as they say anything in it; no time of a row moves."""
    table = base.add_table("T", [Field("名", 1, is_primary=True), Field("值", 2, field_id="fldV")])
    table.add_many([{"名": "甲", "值": 5}, {"名": "乙"}])
    for kind, told in ((1, [{"type": "text", "text": "5"}]), (3, "5"), (4, ["5"]), (2, 5.0), (7, None)):
        table.change_field("fldV", type=kind)
        assert [row["fields"].get("值") for row in api.rows(table)] == [told, None], kind


def test_a_copy_has_the_same_ids(api: Api, base: Base, table: Table, box: Sandbox) -> None:
    """Its rows are its own: what is edited in one is not in the other."""
    copy = box.tenant.copy_base(base)
    twin = copy.table(table.table_id)
    assert copy.app_token != base.app_token and [*twin.rows] == [*table.rows]
    before = api.rows(table)
    twin.rename_field(table.field("数量").field_id, "件数")
    twin.edit(next(iter(twin.rows)), {"件数": 99})
    assert api.rows(table) == before != api.rows(twin)
