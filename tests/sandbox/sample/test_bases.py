"""The two sample bases: real-looking and complete."""

from __future__ import annotations

import itertools

import pytest

from larknb.sandbox import Base, Sandbox, Tenant, sample
from larknb.sandbox.world.bitable.cells import UI_TYPES

from ..conftest import Api, data_of
from .seeing import everything

EARLIEST, LATEST = 1_704_067_200_000, 1_798_761_600_000  # 2024-01-01 and 2027-01-01 UTC


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


def test_attachments_of_the_bases_can_be_fetched(served: tuple[Sandbox, Api]) -> None:
    """The tokens in attachment cells lead to as many bytes as the cells say."""
    rows = served[1].all_rows(served[0].tenant.base(sample.SAFETY_BASE).table("测试记录"), page_size=500)
    files = [file for row in rows for file in row["fields"].get("报告", [])]
    for file in files[:4]:
        answer = served[1].get(f"/drive/v1/medias/{file['file_token']}/download")
        assert (answer.status_code, len(answer.content)) == (200, file["size"])
    assert any(file["size"] == 0 for file in files)
