"""Cells of every shape -> the loss-free form, and back again."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from larknb.tabular.cells import to_arrow, unknown_names
from larknb.tabular.raw import definitions_of
from tests.tabular.records import (
    COMPUTED,
    SYSTEM,
    body,
    extras,
    frame_of,
    one_column,
    raw_table_of_all,
    schema_of,
)

SEGMENT = {"type", "text", "link", "token", "mentionType", "name", "mentionNotify"}
PERSON = {"id", "name", "en_name", "email", "avatar_url"}
OBJECTS = {1, 11, 17, 23, 1003, 1004}
LINKS = {18, 21}


# --- the cell that Arrow and ``_extra`` give back -------------------------------------------------------------------


def received(definition: Mapping[str, Any], value: Any) -> Any:
    """Rebuild the cell of one column from its Arrow value."""
    if value is None:
        return None
    if definition["type"] in LINKS:
        return {"link_record_ids": value}
    if definition["type"] in COMPUTED:
        return {"type": value["type"], "ui_type": value["ui_type"], "value": json.loads(value["value_json"])}
    return json.loads(value) if definition["type"] == 1099 else value


def rebuilt(table: pa.Table) -> list[dict[str, Any]]:
    """Rebuild the ``fields`` of every record."""
    definitions = definitions_of(table.schema)
    for position, column in enumerate(table.schema):
        if pa.types.is_timestamp(column.type):
            table = table.set_column(position, column.name, table.column(column.name).cast(pa.int64()))
    rows = []
    for row, extra in zip(table.to_pylist(), extras(table), strict=True):
        cells = {d["field_name"]: extra.pop(i, received(d, row[i])) for i, d in definitions.items()}
        rows.append({**cells, **{name: cell for name, cell in extra.items() if name not in SYSTEM}})
    return rows


def canonical(type_: int | None, cell: Any) -> Any:
    """Say the same of a cell whichever generation it is of; members that are null say nothing."""
    if is_hollow(cell):
        return None
    if type_ == 2 and isinstance(cell, int | float | str) and not isinstance(cell, bool):
        return number(cell)
    if type_ == 1 and isinstance(cell, str):
        return [{"type": "text", "text": cell}]
    if type_ in OBJECTS and isinstance(cell, dict):
        return [without_nulls(cell)]
    if type_ in LINKS and isinstance(cell, list) and all(map(is_older_link, cell)):
        ids = [record_id for link in cell for record_id in link.get("record_ids") or ()]
        return {"link_record_ids": ids} if ids else None
    if type_ in COMPUTED and not isinstance(cell, dict):
        return {"value": cell if isinstance(cell, list) else [cell]}
    if type_ in OBJECTS and isinstance(cell, list):
        return [without_nulls(item) for item in cell]
    return without_nulls(cell) if type_ in {15, 22, *COMPUTED} else cell


def is_hollow(cell: Any) -> bool:
    if isinstance(cell, dict) and cell.keys() == {"link_record_ids"}:
        cell = cell["link_record_ids"]
    elif isinstance(cell, dict) and "value" in cell and cell.keys() <= {"type", "ui_type", "value"}:
        cell = cell["value"] if cell["value"] in (None, []) else cell
    return cell is None or (isinstance(cell, str | list | dict) and not cell)


def is_older_link(link: Any) -> bool:
    if not isinstance(link, dict) or not link.keys() <= {"type", "table_id", "record_ids", "text", "text_arr"}:
        return False
    return isinstance(link.get("record_ids") or [], list)


def number(cell: int | float | str) -> Any:
    try:
        return str(Decimal(cell if isinstance(cell, str) else repr(cell)).normalize())
    except ArithmeticError:
        return ["text", cell]


def without_nulls(item: Any) -> Any:
    return {key: value for key, value in item.items() if value is not None} if isinstance(item, dict) else item


def same(fields: Sequence[Mapping[str, Any]], before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    types = {field["field_name"]: field["type"] for field in fields}
    told = [
        {
            name: cell
            for name, raw in cells.items()
            if types.get(name) != 3001 and (cell := canonical(types.get(name), raw)) not in (None, {})
        }
        for cells in (before, after)
    ]
    return json.dumps(told[0], sort_keys=True) == json.dumps(told[1], sort_keys=True)


def assert_lossless(fields: Sequence[Mapping[str, Any]], records: Sequence[Mapping[str, Any]]) -> None:
    table = to_arrow(schema_of(fields), records)
    for record, row in zip(records, rebuilt(table), strict=True):
        assert same(fields, record["fields"], row), (record["fields"], row)


# --- cells: every type x {missing, null, empty, one, many, odd shape} -----------------------------------------------

PERSONS = [{"id": "ou_a", "name": "甲"}, {"id": "ou_b", "name": "乙", "email": ""}]
FILES = [{"file_token": "f1", "name": "一.png", "size": 3}, {"file_token": "f2", "name": "二", "size": 0}]
GOOD: dict[int, list[Any]] = {
    1: [[{"type": "text", "text": "a"}], [{"type": "text", "text": "a"}, {"type": "url", "text": "b", "link": "c"}]],
    2: [0, 1.5, -3, 2**53, -0.25],
    3: ["甲", "乙"],
    4: [["甲"], ["甲", "乙, 丙"], [""]],
    5: [0, 1704038400000, -62135596800000, 253402300799999],
    7: [True, False],
    11: [PERSONS[:1], PERSONS],
    13: ["+861390000", "1"],
    15: [{"text": "a", "link": "b"}, {"link": "b"}],
    17: [FILES[:1], FILES],
    18: [{"link_record_ids": ["rec1"]}, {"link_record_ids": ["rec1", "rec2"]}],
    19: [{"type": 2, "value": [1]}, {"type": 2, "value": [1, 2.5]}, {"value": [7]}, {"type": 20, "value": [[1]]}],
    20: [{"type": 1, "value": [{"type": "text", "text": "a"}]}, {"type": 2, "ui_type": "Number", "value": [2**60]}],
    21: [{"link_record_ids": ["rec1"]}],
    22: [{"location": "1,2", "full_address": "甲"}, {"name": "乙"}],
    23: [[{"id": "oc_a", "name": "群"}], [{"id": "oc_a"}, {"id": "oc_b"}]],
    24: ["评审"],
    1001: [1704038400000],
    1002: [1704038400000],
    1003: [PERSONS[:1]],
    1004: [PERSONS[:1]],
    1005: ["0007"],
    1099: ["1 h", 5400, {"h": 1}, [1, None], True, "5", False, 0],
}
EMPTY: list[Any] = [None, "", [], {}, {"link_record_ids": None}, {"link_record_ids": []}, {"type": 1, "value": []}]
ODD: dict[int, list[Any]] = {
    1: [5, True, [None], [5], [{"text": 5}], [{"new": 1}], [{"mentionNotify": "yes"}]],
    2: [True, "1_000", "nan", "null", "true", "[1]", "", "0.12345678901234567890123", 2**53 + 1, [1, 2], {"a": 1}],
    3: [5, True, ["甲", "乙"], {"id": "opt1"}],
    4: [[1], [None], {"a": 1}],
    5: [True, "1704038400000", 1704038400000.5, 2**62, -(2**63), 253402300800000, [1, 2]],
    7: [1, "true", [True, False]],
    11: ["ou_a", ["ou_a"], [{"id": 1}], [{"new": None}], [None]],
    13: [13900000000, ["1", "2"]],
    15: ["https://example.com", [5], {"link": 1}, {"url": "b"}],
    17: [[{"file_token": "f1", "size": 3.5}], [{"size": 2**64}], [{"size": True}], "f1"],
    18: ["rec1", {"link_record_ids": "rec1"}, {"link_record_ids": [1]}, {"x": 1}, [5]],
    19: [{"type": 2}, {"a": 1}],
    20: [{"ui_type": "Text"}, {"b": ["\ud83d"]}],
    21: [[{"record_ids": "rec1"}], [{"new": 1}]],
    22: ["1,2", {"location": [1, 2]}, {"lat": 1}],
    23: [[{"email": "x"}]],
    24: [5, ["评审", 5]],
    1001: ["2024-01-01"],
    1002: [1.5],
    1003: ["ou_a"],
    1004: [[1]],
    1005: [7],
}


def test_every_type_has_its_cells_here() -> None:
    """No type of the field list is left out of the tables above."""
    types = {field["type"] for field in body("fields.json")} - {3001}
    assert set(GOOD) == types and set(ODD) == types - {1099}


@pytest.mark.parametrize("type_", GOOD)
def test_cells_of_the_types_own_shape_fit(type_: int) -> None:
    """What the documentation shows for a type goes into its column whole, alone and beside other cells."""
    table = one_column(type_, GOOD[type_])
    assert extras(table) == [{} for _ in GOOD[type_]]
    assert table.column("fldX").null_count == 0
    assert_lossless(
        [{"field_id": "fldX", "field_name": "X", "type": type_}], [{"fields": {"X": c}} for c in GOOD[type_]]
    )


@pytest.mark.parametrize("type_", GOOD)
def test_empty_cells_are_null(type_: int) -> None:
    """A missing key, null and every empty shape are null and nothing else, also between other cells."""
    cells = [GOOD[type_][0], *EMPTY, GOOD[type_][-1]]
    table = one_column(type_, cells)
    assert extras(table) == [{} for _ in cells]
    assert table.column("fldX").is_null().to_pylist() == [False, *[True for _ in EMPTY], False]
    field = {"field_id": "fldX", "field_name": "X", "type": type_}
    assert to_arrow(schema_of([field]), [{"record_id": "rec", "fields": {}}]).column("fldX").null_count == 1


@pytest.mark.parametrize(("type_", "cell"), [(type_, cell) for type_, cells in ODD.items() for cell in cells if cell])
def test_a_cell_that_does_not_fit_is_kept_in_extra(type_: int, cell: Any) -> None:
    """An odd cell is null in its column, whole in ``_extra``, and leaves its neighbours alone."""
    cells = [GOOD[type_][0], cell, GOOD[type_][-1]]
    table = one_column(type_, cells)
    assert extras(table) == [{}, {"fldX": cell}, {}]
    assert json.dumps(extras(table)[1]["fldX"], sort_keys=True) == json.dumps(cell, sort_keys=True)
    assert table.column("fldX").is_null().to_pylist() == [False, True, False]


@pytest.mark.parametrize(
    ("type_", "older", "newer"),
    [
        (1, "a", [{"type": "text", "text": "a"}]),
        (2, "100", 100),
        (2, "0.66", 0.66),
        (2, "-1e3", -1000.0),
        (11, PERSONS[0], [PERSONS[0]]),
        (1003, PERSONS[0], [PERSONS[0]]),
        (18, [{"type": "text", "record_ids": ["r1"]}, {"record_ids": ["r2"]}], {"link_record_ids": ["r1", "r2"]}),
        (21, [{"record_ids": None, "table_id": "tbl"}], None),
        (20, [{"type": "text", "text": "a"}], {"value": [{"type": "text", "text": "a"}]}),
        (20, 64, {"value": [64]}),
        (20, "false", {"value": ["false"]}),
        (19, False, {"value": [False]}),
    ],
)  # fmt: skip
def test_older_shapes_are_stored_as_the_newer_ones(type_: int, older: Any, newer: Any) -> None:
    """Cells as the older list and get calls send them read like those of the search."""
    old, new = one_column(type_, [older]), one_column(type_, [newer])
    assert extras(old) == [{}]
    assert old.column("fldX").to_pylist() == new.column("fldX").to_pylist()


def test_options_keep_their_order_and_unknown_names_follow() -> None:
    """A select's dictionary has the options in property order, each once, then names that none of them has."""
    options = [{"name": name} for name in ("丙", "甲", "丙", None, "\ud800")]
    table = one_column(3, ["新", "甲", None, "更新", "新", "\ud800"], property={"options": options})
    column = table.column("fldX").combine_chunks()
    assert column.dictionary.to_pylist() == ["丙", "甲", "新", "更新"]
    assert column.to_pylist() == ["新", "甲", None, "更新", "新", None]
    assert extras(table)[5] == {"fldX": "\ud800"}


def test_broken_text_is_kept() -> None:
    """Lone surrogates, in cells and in names, do not stop a page and are not lost."""
    fields = [
        {"field_id": "fldX", "field_name": "a\udfff", "type": 1},
        {"field_id": "fldY", "field_name": "y", "type": 20},
    ]
    records = [{"fields": {"a\udfff": [{"text": "\ud83d"}], "y": {"value": ["\ud83d"]}, "\ud800": {"\ud800": "x"}}}]
    table = to_arrow(schema_of(fields), records)
    assert extras(table) == [{"fldX": [{"text": "\ud83d"}], "fldY": {"value": ["\ud83d"]}, "\ud800": {"\ud800": "x"}}]
    assert_lossless(fields, records)


def test_numbers_beyond_all_bounds_are_kept() -> None:
    """Integers of any size come back exactly, from every kind of column."""
    huge = 10**40
    for type_ in (2, 5, 20, 24, 1099, 17):
        cell: Any = [{"size": huge}] if type_ == 17 else {"value": [huge]} if type_ == 20 else huge
        assert extras(one_column(type_, [cell])) == [{"fldX": cell}]


# --- records --------------------------------------------------------------------------------------------------------


def test_constructed_records_come_back() -> None:
    """Full, empty, edge, odd and older records are rebuilt exactly from column and ``_extra``."""
    fields = body("fields.json")
    for name in ("records.json", "records_odd.json", "records_older.json"):
        assert_lossless(fields, body(name))


def test_the_odd_record_reads_as_documented() -> None:
    """Every way to be empty is null, a number as text is a number, one person is a list, an unknown column is kept."""
    table = to_arrow(schema_of(body("fields.json")), body("records_odd.json"))
    (row,) = table.to_pylist()
    present = {"_record_id", "fldLook", "fldNum", "fldCUser", "fldUrl", "_extra", "_row_hash", "_computed_hash"}
    assert {name for name, value in row.items() if value is not None} == present
    assert row["fldNum"] == 77.25
    assert [person["id"] for person in row["fldCUser"]] == ["ou_zhou"]
    assert json.loads(row["_extra"]) == {"还不认识的列": {"a": [1, {"b": None}]}}


def test_automatic_fields_fill_the_system_columns() -> None:
    """Times and persons of the record itself are kept; what does not fit there goes to ``_extra`` too."""
    table = to_arrow(
        schema_of([]),
        [
            {"record_id": "r1", "fields": {}, "created_time": 5, "last_modified_by": {"id": "ou_a"}},
            {"record_id": "r2", "fields": None, "created_time": "yesterday", "created_by": [1]},
            {"id": "r3"},
        ],
    )
    assert table.column("_record_id").to_pylist() == ["r1", "r2", "r3"]
    assert table.column("_created_time").cast(pa.int64()).to_pylist() == [5, None, None]
    assert [person and person["id"] for person in table.column("_last_modified_by").to_pylist()] == ["ou_a", None, None]
    assert extras(table) == [{}, {"_created_time": "yesterday", "_created_by": [1]}, {}]


def test_names_that_no_field_has_are_told() -> None:
    """A renamed column shows; buttons and columns of other records do not."""
    schema = schema_of([{"field_id": "fldX", "field_name": "X", "type": 1},
                        {"field_id": "fldB", "field_name": "按钮", "type": 3001}])  # fmt: skip
    records: list[dict[str, Any]] = [{"fields": {"X": "a"}}, {"fields": {"Y": "b", "按钮": {}}}, {"fields": {}}, {}]
    assert unknown_names(schema, records) == {"Y"}
    assert extras(to_arrow(schema, records)) == [{}, {"Y": "b"}, {}, {}]
    assert unknown_names(schema, []) == set()


def test_fields_may_bear_the_names_of_our_columns() -> None:
    """A field called like one of our columns is a field like any other: it is known by its id."""
    names = ["_record_id", "_extra", "_created_time", "_row_hash"]
    fields = [{"field_id": f"fld{n}", "field_name": name, "type": 1} for n, name in enumerate(names)]
    record = {"record_id": "rec", "fields": {name: [{"type": "text", "text": name}] for name in names}}
    table = to_arrow(schema_of(fields), [record])
    assert table.column("_record_id").to_pylist() == ["rec"] and extras(table) == [{}]
    assert_lossless(fields, [record])


def test_two_fields_of_one_name_are_two_columns() -> None:
    """A listing that was torn by two renames may show one name twice; the page is read all the same."""
    fields = [{"field_id": f"fld{n}", "field_name": "X", "type": 13} for n in range(2)]
    table = to_arrow(schema_of(fields), [{"record_id": "rec", "fields": {"X": "a"}}])
    assert table.column("fld0").to_pylist() == table.column("fld1").to_pylist() == ["a"]


# --- anything at all ------------------------------------------------------------------------------------------------

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=6)
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.integers(-(2**70), 2**70) | ANY_TEXT
    | st.floats(allow_nan=False, allow_infinity=False)
)  # fmt: skip
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3), max_leaves=8
)


def members(names: set[str], values: Any) -> Any:
    return st.fixed_dictionaries({}, optional=dict.fromkeys(sorted(names), values))


LIKELY = (
    ANYTHING
    | st.lists(members(SEGMENT, st.none() | ANY_TEXT | st.booleans()), max_size=3)
    | st.lists(members(PERSON, st.none() | ANY_TEXT), max_size=3)
    | st.lists(members({"file_token", "name", "size", "url"}, SCALARS), max_size=2)
    | members({"text", "link"}, SCALARS)
    | members({"link_record_ids"}, st.none() | st.lists(ANY_TEXT, max_size=3))
    | members({"type", "ui_type", "value"}, ANYTHING)
    | st.lists(members({"record_ids", "text", "table_id"}, st.none() | ANY_TEXT | st.lists(ANY_TEXT)), max_size=2)
    | st.integers(-(10**14), 10**15)
    | st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str)
)
TYPE = st.sampled_from([*GOOD, 0, 99, 3001])


@settings(max_examples=300, deadline=None)
@given(st.lists(TYPE, min_size=1, max_size=4), st.data())
def test_nothing_is_ever_lost(types: list[int], data: st.DataObject) -> None:
    """Whatever JSON the cells are, column and ``_extra`` give it back exactly."""
    types = [1099 if type_ in (0, 99) else type_ for type_ in types]
    fields = [{"field_id": f"fld{n}", "field_name": f"列{n}", "type": type_} for n, type_ in enumerate(types)]
    names = [f"列{n}" for n in range(len(fields))] + ["没有的列"]
    records = data.draw(st.lists(members(set(names), LIKELY).map(lambda cells: {"fields": cells}), max_size=4))
    assert_lossless(fields, records)


# --- one odd member ---------------------------------------------------------------------------------------------------

MEMBERS: list[Any] = [
    None,
    True,
    -1,
    2**70,
    1.5,
    "",
    "odd",
    "\ud83d",
    [],
    [None],
    ["a"],
    [[]],
    {},
    {"a": 1},
    {"value": 5},
]


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a value, itself first."""
    yield at
    if isinstance(value, (dict, list)):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*at, key))


def with_member(value: Any, place: tuple[Any, ...], odd: Any) -> Any:
    """The value with another one in one place."""
    if not place:
        return odd
    changed = copy.copy(value)
    changed[place[0]] = with_member(value[place[0]], place[1:], odd)
    return changed


CELL_PLACES = [
    (type_, n, place) for type_, cells in GOOD.items() for n, cell in enumerate(cells) for place in places(cell)
]


@settings(max_examples=150)
@given(st.sampled_from(CELL_PLACES), st.sampled_from(MEMBERS))
def test_an_odd_member_costs_no_other_cell(where: tuple[int, int, tuple[Any, ...]], odd: Any) -> None:
    """Whatever stands in one place of one cell: its neighbours are what they were, in the raw and the friendly form."""
    type_, n, place = where
    cells = [GOOD[type_][n], with_member(GOOD[type_][n], place, odd), GOOD[type_][-1]]
    table, without = one_column(type_, cells), one_column(type_, [cells[0], None, cells[2]])
    assert table.column("fldX").to_pylist()[::2] == without.column("fldX").to_pylist()[::2]
    assert frame_of(table).index.tolist() == ["rec0", "rec1", "rec2"]
    assert_lossless([{"field_id": "fldX", "field_name": "X", "type": type_}], [{"fields": {"X": c}} for c in cells])


FIELDS = body("fields.json")
FIELD_PLACES = [(n, place) for n, field in enumerate(FIELDS) for place in places(field)]


@settings(max_examples=60)
@given(st.sampled_from(FIELD_PLACES), st.sampled_from(MEMBERS))
def test_an_odd_definition_costs_no_other_column(where: tuple[int, tuple[Any, ...]], odd: Any) -> None:
    """Whatever stands in one place of the field list: every other column is there with its cells."""
    n, place = where
    fields = with_member(FIELDS, (n, *place), odd)
    table, whole = to_arrow(schema_of(fields), body("records.json")), raw_table_of_all()
    others = [field["field_id"] for at, field in enumerate(FIELDS) if at != n and field["type"] != 3001]
    assert all(table.column(name).equals(whole.column(name)) for name in others)
    assert len(frame_of(table)) == 3


# --- recorded bodies ------------------------------------------------------------------------------------------------


@pytest.fixture
def contract() -> Path:
    folder = os.environ.get("LARKNB_CONTRACT")
    if not folder:
        pytest.skip("LARKNB_CONTRACT does not name the folder of the contract")
    return Path(folder) / "examples" / "bitable"


@pytest.mark.parametrize(
    ("fields", "records"),
    [
        ("fields_list.doc", "records_search.doc"),
        ("fields_list.doc", "records_batch_get.doc"),
        ("fields_list.doc", "records_list_legacy.wrapped"),
        ("fields_list.all_types", "records_search.all_types"),
        ("fields_list.all_types", "records_search.tolerance"),
        ("fields_list.all_types", "records_search.slim"),
        ("fields_list.all_types", "records_search.empty"),
        ("fields_list.all_types", "records_batch_get.constructed"),
    ],
)
def test_recorded_bodies_come_back(contract: Path, fields: str, records: str) -> None:
    """Every recorded page is rebuilt exactly."""
    listed = json.loads((contract / f"{fields}.json").read_text(encoding="utf-8"))["data"]["items"]
    data = json.loads((contract / f"{records}.json").read_text(encoding="utf-8"))["data"]
    items = data.get("items") or data.get("records") or []
    assert_lossless(listed, items)
