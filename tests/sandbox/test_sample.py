"""The sample workspace: real-looking, complete, and the same every time."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest

from larknb.sandbox import Base, Sandbox, Tenant, sample, sample_workspace
from larknb.sandbox.cells import UI_TYPES

from .conftest import Api, data_of

EARLIEST, LATEST = 1_704_067_200_000, 1_798_761_600_000  # 2024-01-01 and 2027-01-01 UTC


@pytest.fixture(scope="module")
def tenant() -> Tenant:
    return sample_workspace(300)


@pytest.fixture(scope="module")
def served(tenant: Tenant) -> Iterator[tuple[Sandbox, Api]]:
    with Sandbox(tenant) as box:
        api = Api(box.url, box.sign_in()["access_token"])
        yield box, api
        api.session.close()


def everything(tenant: Tenant, api: Api) -> dict[str, Any]:
    """Read all that a client can see, page by page."""
    seen: dict[str, Any] = {}
    for base in tenant.bases:
        seen[base.name] = api.data(f"/bitable/v1/apps/{base.app_token}/tables", page_size=100)["items"]
        for table in base.tables:
            path = f"/bitable/v1/apps/{base.app_token}/tables/{table.table_id}/fields"
            rows = api.all_rows(table, {"automatic_fields": True}, page_size=500)
            seen[table.table_id] = (api.data(path, page_size=100)["items"], rows)
    return seen


def test_the_constants_name_what_is_there(tenant: Tenant) -> None:
    """Tokens are the documented ones, in the platform's shape, and the wiki node holds the second base."""
    staff, safety = tenant.base(sample.STAFF_BASE), tenant.base(sample.SAFETY_BASE)
    assert (staff.name, safety.name) == ("功能安全部人力盘点", "功能安全业务数据")
    assert {len(token) for token in (sample.STAFF_BASE, sample.SAFETY_BASE, sample.WIKI_NODE)} == {27}
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


def test_every_field_type_occurs_with_values(served: tuple[Sandbox, Api], tenant: Tenant) -> None:
    """All types and faces of the contract, each filled somewhere and, where it can be, empty somewhere."""
    filled: set[tuple[int, str]] = set()
    seen = everything(tenant, served[1])
    for fields, rows in [seen[table.table_id] for base in tenant.bases for table in base.tables]:
        for field in fields:
            if any(field["field_name"] in row["fields"] for row in rows):
                filled.add((field["type"], field["ui_type"]))
    faces = {"Barcode", "Email", "Currency", "Progress", "Rating", "Number"}
    assert {kind for kind, _ in filled} == set(UI_TYPES) - {3001}
    assert faces <= {face for _, face in filled}
    assert any(field["type"] == 3001 for field in seen[sample.SAFETY_DEFECTS][0])


def test_the_edges_are_there(served: tuple[Sandbox, Api], tenant: Tenant) -> None:
    """Mentions, several persons, dates before 1970, deleted options, names with commas, nearly empty rows."""
    seen = everything(tenant, served[1])
    people = {row["record_id"]: row["fields"] for row in seen[sample.STAFF_PEOPLE][1]}
    defects = [row["fields"] for row in seen[sample.SAFETY_DEFECTS][1]]
    options = tenant.base(sample.SAFETY_BASE).table("缺陷").field("状态").property
    assert options is not None
    assert {cells.get("状态") for cells in defects} - {option["name"] for option in options["options"]} == {
        "挂起",
        None,
    }
    kinds = {segment["type"] for cells in defects for segment in cells.get("现象描述", [])}
    assert kinds == {"text", "mention", "url"}
    assert any(len(cells.get("处理人", [])) > 1 for cells in defects)
    assert min(cells.get("入职日期", 0) for cells in people.values()) < 0
    assert any("," in person["name"] for cells in people.values() for person in cells.get("账号", []))
    assert any("," in tag for cells in defects for tag in cells.get("标签", []))
    assert min(len(cells) for cells in defects) <= 7
    assert {cells.get("可复现") for cells in defects} == {True, False, None}


def links(base: Base, table: str, name: str) -> set[tuple[str, str]]:
    found = base.table(table)
    return {
        (record_id, linked)
        for record_id in found.rows
        for linked in found.read(record_id).get(name, {}).get("link_record_ids", [])
    }


@pytest.mark.parametrize(
    ("token", "forth", "back"),
    [
        (sample.STAFF_BASE, ("人员", "部门"), ("部门", "成员")),
        (sample.STAFF_BASE, ("人员", "技能"), ("技能", "掌握者")),
        (sample.SAFETY_BASE, ("缺陷", "安全目标"), ("安全目标", "相关缺陷")),
    ],
)
def test_two_way_links_agree(token: str, forth: tuple[str, str], back: tuple[str, str], tenant: Tenant) -> None:
    """Both sides of a link hold the same pairs, and each field names the other."""
    base = tenant.base(token)
    assert links(base, *forth) == {(one, other) for other, one in links(base, *back)}
    here, there = base.table(forth[0]).field(forth[1]), base.table(back[0]).field(back[1])
    for mine, other, table in ((here, there, back[0]), (there, here, forth[0])):
        assert mine.property is not None
        assert mine.property["back_field_id"] == other.field_id
        assert mine.property["table_id"] == base.table(table).table_id


def test_times_lie_in_the_years_of_the_story(served: tuple[Sandbox, Api], tenant: Tenant) -> None:
    """Rows were made in their order, edited after they were made, and nothing is later than its base."""
    for base in tenant.bases:
        assert EARLIEST <= base.created_at * 1000 < base.mtime * 1000 < LATEST
        for table in base.tables:
            rows = list(table.rows.values())
            assert all(EARLIEST < row.created_time <= row.modified_time <= base.mtime * 1000 for row in rows)
            assert max(row.modified_time for row in rows) > min(row.created_time for row in rows)
    made = [row.created_time for row in tenant.base(sample.STAFF_BASE).table("人员").rows.values()]
    assert all(earlier <= later for earlier, later in itertools.pairwise(made))


def test_the_views_select(served: tuple[Sandbox, Api], tenant: Tenant) -> None:
    """The two filtered views show some rows, and not all."""
    for table, name in ((tenant.bases[0].tables[0], "经理"), (tenant.bases[1].tables[0], "未关闭")):
        view = next(view_id for view_id, view in table.views.items() if view.name == name)
        total = data_of(served[1].search(table, {"view_id": view}))["total"]
        assert 0 < total < len(table.rows)


@pytest.mark.parametrize("rows", [0, 1, 2400])
def test_any_number_of_rows(rows: int) -> None:
    """The largest table has as many rows as asked for."""
    assert len(sample_workspace(rows).base(sample.SAFETY_BASE).table("缺陷").rows) == rows
