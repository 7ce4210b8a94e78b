"""Filter and sort of record search."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from larknb.sandbox import Base, Field, Sandbox, Table

from ...conftest import NOON, Api, Clock, data_of, outcome

DAY = 86_400_000
MIDNIGHT = 1_768_492_800_000  # 2026-01-16 00:00 in Shanghai, the day of the clock


@pytest.fixture
def stock(base: Base, box: Sandbox) -> Table:
    """Return four rows, named a to c and one without anything but a name."""
    people = [box.tenant.users[0], box.tenant.add_user("李雷", "ou_lilei")]
    table = base.add_table(
        "库存",
        [
            Field("名", 1),
            Field("数", 2),
            Field("单选", 3, property={"options": ["甲", "乙"]}),
            Field("多选", 4, property={"options": ["红", "绿", "蓝"]}),
            Field("日", 5),
            Field("勾", 7),
            Field("人", 11),
            Field("网址", 15),
            Field("文件", 17),
            Field("关联", 18),
            Field("地点", 22),
            Field("群", 23),
            Field("公式", 20),
            Field("流程", 24),
            Field("更新", 1002),
            Field("编号", 1005, property={"auto_serial": {"type": "custom", "options": []}}),
        ],
    )
    file = {"file_token": "box1", "name": "a", "type": "b", "size": 1}
    table.add_many(
        [
            {
                "名": "alpha",
                "数": 1,
                "单选": "甲",
                "多选": ["红"],
                "日": MIDNIGHT - DAY + 1,
                "勾": True,
                "人": people[0],
                "网址": {"text": "首页", "link": "https://e.com"},
                "文件": [file],
            },
            {
                "名": "beta",
                "数": 20,
                "单选": "乙",
                "多选": ["红", "绿"],
                "日": MIDNIGHT,
                "人": people,
                "关联": ["rec1"],
            },
            {
                "名": "gamma",
                "数": 3.5,
                "日": MIDNIGHT + DAY,
                "勾": False,
                "地点": {"full_address": "安亭"},
                "群": [{"id": "oc_1"}],
            },
            {"名": "delta", "公式": {"type": 2, "value": [1]}},
        ]
    )
    return table


def names(api: Api, table: Table, *conditions: Any, conjunction: str = "and", **body: Any) -> str:
    """Return the first letters of the rows that a filter finds."""
    parts = [{"field_name": name, "operator": operator, "value": value} for name, operator, value in conditions]
    rows = api.rows(table, {"filter": {"conjunction": conjunction, "conditions": parts}} | body)
    return "".join(row["fields"]["名"][0]["text"][0] for row in rows)


@pytest.mark.parametrize(
    ("column", "operator", "value", "found"),
    [
        ("名", "is", ["beta"], "b"),
        ("名", "isNot", ["beta"], "agd"),
        ("名", "contains", ["am"], "g"),
        ("名", "contains", ["am", "et"], "bg"),
        ("名", "doesNotContain", ["a"], ""),
        ("名", "isEmpty", [], ""),
        ("数", "is", ["20.0"], "b"),
        ("数", "isGreater", ["3.5"], "b"),
        ("数", "isGreaterEqual", ["3.5"], "bg"),
        ("数", "isLess", ["3.5"], "a"),
        ("数", "isLessEqual", ["3.5"], "ag"),
        ("数", "isEmpty", [], "d"),
        ("数", "isNotEmpty", [], "abg"),
        ("单选", "is", ["甲"], "a"),
        ("单选", "contains", ["甲", "乙"], "ab"),
        ("多选", "contains", ["绿"], "b"),
        ("多选", "is", ["红"], "a"),
        ("多选", "doesNotContain", ["绿"], "agd"),
        ("勾", "is", ["true"], "a"),
        ("勾", "is", ["false"], "bgd"),
        ("人", "contains", ["ou_lilei"], "b"),
        ("网址", "contains", ["首"], "a"),
        ("文件", "isNotEmpty", [], "a"),
        ("文件", "isEmpty", [], "bgd"),
        ("关联", "contains", ["rec1"], "b"),
        ("地点", "contains", ["安"], "g"),
        ("群", "is", ["oc_1"], "g"),
        ("编号", "isGreater", ["2"], "gd"),
    ],
)
def test_operators(column: str, operator: str, value: list[str], found: str, api: Api, stock: Table) -> None:
    """Each kind of column with its operators; values are always lists of strings."""
    assert names(api, stock, (column, operator, value)) == found


@pytest.mark.parametrize(
    ("operator", "value", "found"),
    [
        ("is", ["Today"], "b"),
        ("is", ["Yesterday"], "a"),
        ("is", ["Tomorrow"], "g"),
        ("isGreater", ["Today"], "g"),
        ("isLess", ["Today"], "a"),
        ("is", ["ExactDate", str(MIDNIGHT + DAY - 1)], "b"),
        ("isGreater", ["ExactDate", str(MIDNIGHT + DAY - 1)], "g"),
        ("isLess", ["ExactDate", str(MIDNIGHT + DAY - 1)], "a"),
        ("is", ["CurrentWeek"], "abg"),
        ("is", ["LastWeek"], ""),
        ("is", ["CurrentMonth"], "abg"),
        ("is", ["TheLastWeek"], "ab"),
        ("is", ["TheNextMonth"], "bg"),
        ("isEmpty", [], "d"),
    ],
)
def test_dates_count_by_days_of_the_base(operator: str, value: list[str], found: str, api: Api, stock: Table) -> None:
    """An exact date is rounded down to midnight of its day in the zone of the base, whatever time it names."""
    assert names(api, stock, ("日", operator, value)) == found


def test_modified_since_has_the_precision_of_a_day(api: Api, stock: Table, clock: Clock) -> None:
    """A filter on the modified time finds what was edited that day before the time asked for."""
    now = str(int(NOON * 1000) + 3_600_000)
    assert names(api, stock, ("更新", "isGreater", ["ExactDate", now])) == "abgd"
    assert names(api, stock, ("更新", "isGreater", ["ExactDate", str(int(now) + DAY)])) == ""


def test_the_day_of_today_follows_the_clock(
    box: Sandbox, stock: Table, clock: Clock, connect: Callable[..., Api]
) -> None:
    """The same filter finds other rows the day after."""
    box.access_lifetime = 2 * 86_400
    api = connect(box.sign_in()["access_token"])
    assert names(api, stock, ("日", "is", ["Today"])) == "b"
    clock.now += 86_400
    assert names(api, stock, ("日", "is", ["Today"])) == "g"


def test_conjunctions_and_one_level_of_children(api: Api, stock: Table) -> None:
    """Or joins conditions; children have conjunctions of their own."""
    assert names(api, stock, ("名", "is", ["alpha"]), ("数", "is", ["20"]), conjunction="or") == "ab"
    either = [{"field_name": "数", "operator": "is", "value": [number]} for number in ("1", "20")]
    red = [{"field_name": "多选", "operator": "contains", "value": ["绿"]}]
    children = [{"conjunction": "or", "conditions": either}, {"conjunction": "and", "conditions": red}]
    rows = api.rows(stock, {"filter": {"conjunction": "and", "children": children}})
    assert [row["fields"]["数"] for row in rows] == [20]


def condition(**change: Any) -> dict[str, Any]:
    return {"field_name": "数", "operator": "is", "value": ["1"]} | change


@pytest.mark.parametrize(
    ("filter", "code"),
    [
        ({"conditions": [condition()]}, 1254018),
        ({"conjunction": "xor", "conditions": [condition()]}, 1254018),
        ({"conjunction": "and", "conditions": [condition(field_name="无")]}, 1254045),
        ({"conjunction": "and", "conditions": [condition(field_name="公式")]}, 1254018),
        ({"conjunction": "and", "conditions": [condition(field_name="流程")]}, 1254018),
        ({"conjunction": "and", "conditions": [condition(operator="like")]}, 1254018),
        ({"conjunction": "and", "conditions": [condition(operator="in")]}, 1254018),
        ({"conjunction": "and", "conditions": [condition(value=[1])]}, 1254018),
        ({"conjunction": "and", "conditions": [condition(value="1")]}, 1254018),
        ({"conjunction": "and", "conditions": [condition(value=["x"])]}, 1254018),
        ({"conjunction": "and", "conditions": [condition(value=["1", "2"])]}, 1254018),
        ({"conjunction": "and", "conditions": [condition(operator="isEmpty", value=None)]}, 1254018),
        ({"conjunction": "and", "conditions": [{"field_name": "数", "operator": "isEmpty"}]}, 1254018),
        ({"conjunction": "and", "conditions": [condition(field_name="日", operator="isNot")]}, 1254018),
        ({"conjunction": "and", "conditions": [condition(field_name="日", operator="isGreaterEqual")]}, 1254018),
        ({"conjunction": "and", "conditions": [condition(field_name="日", value=["ExactDate"])]}, 1254018),
        ({"conjunction": "and", "conditions": [condition(field_name="日", value=["ExactDate", "9" * 30])]}, 1254018),
        (
            {
                "conjunction": "and",
                "conditions": [condition(field_name="日", operator="isGreater", value=["LastWeek"])],
            },
            1254018,
        ),
        ({"conjunction": "and", "conditions": [condition(field_name="勾", operator="isEmpty", value=[])]}, 1254018),
        ({"conjunction": "and", "conditions": [condition(field_name="勾", value=["yes"])]}, 1254018),
        ({"conjunction": "and", "conditions": [condition(field_name="文件", value=["a"])]}, 1254018),
        ({"conjunction": "and", "conditions": [condition(operator="contains")] * 11}, 1254018),
        ({"conjunction": "and", "conditions": [condition()] * 51}, 1254107),
        ({"conjunction": "and", "conditions": [condition(field_name="", value=[])] * 50}, 1254107),
        ({"conjunction": "and", "conditions": {"a": 1}}, 1254018),
        ({"conjunction": "and", "conditions": ["a"]}, 1254018),
        ({"conjunction": "and", "children": ["a"]}, 1254018),
        ({"conjunction": "and", "children": [{"conjunction": "or", "children": [{}]}]}, 1254018),
        ([1], 1254018),
    ],
)
def test_filters_that_are_refused(filter: Any, code: int, api: Api, stock: Table) -> None:  # noqa: A002
    """Each breach of the grammar has its code, under HTTP 200."""
    assert outcome(api.search(stock, {"filter": filter})) == (200, code)


def test_more_than_fifty_conditions(api: Api, base: Base) -> None:
    """The 51st condition is one too many, wherever it stands, even if the filter is short."""
    table = base.add_table("T", [Field("a", 2)])
    few = {"field_name": "a", "operator": "is", "value": []}
    short = {"conjunction": "or", "conditions": [few | {"value": ["1"]}]}
    assert outcome(api.search(table, {"filter": short})) == (200, 0)
    empty: list[dict[str, Any]] = [{}] * 51
    assert outcome(api.search(table, {"filter": {"conjunction": "or", "conditions": empty}})) == (200, 1254018)


def test_filters_write_ids_of_the_kind_asked_for(api: Api, stock: Table, box: Sandbox) -> None:
    """Persons are compared by user_id_type."""
    union_id = box.tenant.user("ou_lilei").union_id
    wanted = {"conjunction": "and", "conditions": [condition(field_name="人", operator="contains", value=[union_id])]}
    assert len(api.rows(stock, {"filter": wanted}, user_id_type="union_id")) == 1
    assert len(api.rows(stock, {"filter": wanted})) == 0


def test_sorting(api: Api, stock: Table) -> None:
    """Several keys, both directions, empty cells last."""
    order = names(api, stock, ("名", "isNotEmpty", []), sort=[{"field_name": "数", "desc": True}])
    assert order == "bgad"
    assert names(api, stock, ("名", "isNotEmpty", []), sort=[{"field_name": "数"}]) == "agbd"
    two = [{"field_name": "勾"}, {"field_name": "名", "desc": True}]
    assert names(api, stock, ("名", "isNotEmpty", []), sort=two) == "gadb"


@pytest.mark.parametrize(
    ("sort", "code"),
    [
        ({"a": 1}, 1254016),
        (["数"], 1254016),
        ([{"field_name": "无"}], 1254045),
        ([{"field_name": "数" * 1000}], 1254108),
        ([{}] * 101, 1254016),
    ],
)
def test_sorts_that_are_refused(sort: Any, code: int, api: Api, stock: Table) -> None:
    """Each breach has its code, under HTTP 200."""
    assert outcome(api.search(stock, {"sort": sort})) == (200, code)


def test_the_filters_of_the_contract_are_understood(recorded: Callable[[str], Any], api: Api, base: Base) -> None:
    """The request bodies of the contract pass."""
    kinds = {"职位": 3, "销售额": 2, "附件": 17, "最后更新时间": 1002, "创建时间": 1001}
    table = base.add_table("销售", [Field("名", 1), *(Field(name, kind) for name, kind in kinds.items())])
    table.add({"职位": "高级销售员", "销售额": 10000})
    for name, found in {"nested_filter": 1, "is_empty": 1, "modified_since_day": 1, "full": 1}.items():
        assert data_of(api.search(table, recorded(f"bitable/request.search_{name}.json")))["total"] == found
