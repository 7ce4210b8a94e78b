"""Raw rows -> friendly rows -> frames, as an analyst sees them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from larknb.tabular.calendar import zone_of
from larknb.tabular.cells import to_arrow
from larknb.tabular.frames import columns, link_ids, raw_frame, to_frame
from larknb.tabular.friendly import Friendly
from larknb.tabular.links import LinkTexts, primary_texts
from larknb.tabular.raw import FIELD_KEY, TABLE_KEY, linked_tables, raw_schema

DATA = Path(__file__).parent.parent / "data" / "bitable"
TEXT = str(pd.Series(["a"]).dtype)  # the installed pandas' default: "str", before pandas 3 "object"
SHANGHAI = "datetime64[ms, Asia/Shanghai]"
DAY = 86_400_000
NEW_YEAR = 1704038400000  # 2024-01-01 00:00 in Shanghai


def body(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def raw_table(
    fields: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]], zone: str = "Asia/Shanghai"
) -> pa.Table:
    """Return the raw form of rows given as cells by field name."""
    schema = raw_schema("tblT", "表", fields, time_zone=zone)
    return to_arrow(schema, [{"record_id": f"rec{n}", "fields": cells} for n, cells in enumerate(rows)])


def one_column(type_: int, cells: Sequence[Any], zone: str = "Asia/Shanghai", **more: Any) -> pa.Table:
    field = {"field_id": "fldX", "field_name": "X", "type": type_, **more}
    return raw_table([field], [{"X": cell} for cell in cells], zone)


def befriended(raw: pa.Table, known: Any = None, links: Mapping[str, LinkTexts] | None = None) -> pa.Table:
    friendly = Friendly(raw.schema, known, links)
    friendly.learn(raw)
    return friendly.convert(raw)


def frame_of(raw: pa.Table, **kwargs: Any) -> pd.DataFrame:
    return to_frame(befriended(raw, **kwargs))


def listed(values: Any) -> list[Any]:
    """Return the values of a column as plain Python: None for every kind of missing one."""
    return [None if value is None or value is pd.NaT or (pd.api.types.is_scalar(value) and pd.isna(value))
            else value.tolist() if hasattr(value, "tolist") else value for value in values]  # fmt: skip


@pytest.fixture
def frame() -> pd.DataFrame:
    return frame_of(raw_table_of_all())


def raw_table_of_all() -> pa.Table:
    schema = raw_schema("tblFaults", "故障", body("fields.json"), time_zone="Asia/Beijing")
    return to_arrow(schema, body("records.json"))


# --- dtypes and values ------------------------------------------------------------------------------------------------

EXPECTED: dict[str, tuple[str, list[Any]]] = {
    "标题": (TEXT, ["电机过热，见 @周舟 和 排查指引（外部）", None, "两行\n文字"]),
    "条码": (TEXT, ["EV-0042", None, None]),
    "邮箱": (TEXT, ["zhou@example.com", None, None]),
    "里程": ("float64", [12345.5, None, -9007199254740992.0]),
    "费用": ("float64", [800.0, None, 0.0]),
    "进度": ("float64", [0.4, None, 3.5]),
    "评分": ("Int8", [4, None, 0]),
    "状态": ("category", ["处理中", None, "已删除的选项"]),
    "标签": ("object", [["线束, 插头", "电机"], None, ["电池"]]),
    "发现日期": ("datetime64[ms]", [pd.Timestamp("2024-01-01"), None, pd.Timestamp("1900-01-01")]),
    "发现时间": (
        SHANGHAI,
        [pd.Timestamp("2024-01-01 11:30:45", tz="Asia/Shanghai"), None,
         pd.Timestamp("9999-12-31 23:59:59", tz="Asia/Shanghai")],
    ),
    "已确认": ("bool", [True, False, False]),
    "负责人": (TEXT, ["周舟, 吴悟", None, "ou_gone"]),
    "电话": (TEXT, ["+8613900000000", None, None]),
    "报告": (TEXT, ["检测报告", None, "https://example.com/bare"]),
    "报告.link": (TEXT, ["https://example.com/report", None, "https://example.com/bare"]),
    "附件": (TEXT, ["热像.png, 日志.txt", None, None]),
    "车辆": ("object", [["recCar1", "recCar2"], None, ["recUnknown"]]),
    "车辆里程": ("object", [[12345.5, 60000.0], None, [0.0]]),
    "结论": (TEXT, ["需更换", None, "false"]),
    "费用合计": ("float64", [1600.5, None, None]),
    "到期日": ("datetime64[ms]", [pd.Timestamp("2024-02-01"), None, None]),
    "工单": ("object", [["recOrder1"], None, None]),
    "地点": (TEXT, ["人民广场，上海市黄浦区人民大道", None, None]),
    "地点.lng": ("float64", [121.473701, None, None]),
    "地点.lat": ("float64", [31.230416, None, None]),
    "群组": (TEXT, ["质量群", None, None]),
    "流程": (TEXT, ["评审", None, None]),
    "创建时间": (
        SHANGHAI,
        [pd.Timestamp("2024-01-01 11:30:45.123", tz="Asia/Shanghai"),
         pd.Timestamp("2024-01-01 11:30:45.124", tz="Asia/Shanghai"), None],
    ),
    "更新时间": (
        SHANGHAI,
        [pd.Timestamp("2024-01-02 11:30:45.123", tz="Asia/Shanghai"),
         pd.Timestamp("2024-01-01 11:30:45.124", tz="Asia/Shanghai"), None],
    ),
    "创建人": (TEXT, ["周舟", "吴悟", None]),
    "修改人": (TEXT, ["吴悟", "吴悟", None]),
    "编号": (TEXT, ["0007", "0008", "0009"]),
    "时长": (TEXT, ['{"seconds":5400}', None, None]),
    "_created_time": (SHANGHAI, [pd.Timestamp("2024-01-01 11:30:45.123", tz="Asia/Shanghai")] * 3),
    "_last_modified_time": (
        SHANGHAI,
        [pd.Timestamp("2024-01-02 11:30:45.123", tz="Asia/Shanghai"),
         pd.Timestamp("2024-01-01 11:30:45.124", tz="Asia/Shanghai"),
         pd.Timestamp("2024-01-02 11:30:45.123", tz="Asia/Shanghai")],
    ),
    "_created_by": (TEXT, ["周舟"] * 3),
    "_last_modified_by": (TEXT, ["吴悟"] * 3),
}  # fmt: skip


def test_columns_come_in_field_order_and_system_columns_last(frame: pd.DataFrame) -> None:
    """A frame has the fields in their order, derived columns beside theirs, ours at the end, and the ids as index."""
    assert list(frame.columns) == list(EXPECTED)
    assert frame.index.name == "_record_id"
    assert list(frame.index) == ["recFull", "recEmpty", "recEdge"]


@pytest.mark.parametrize("name", EXPECTED)
def test_each_type_has_its_friendly_form(frame: pd.DataFrame, name: str) -> None:
    """Every type has the dtype and the values that the design promises, for full, empty and edge cells."""
    dtype, values = EXPECTED[name]
    assert str(frame[name].dtype) == dtype
    assert listed(frame[name]) == values


def test_rows_that_were_never_there_change_no_dtype(frame: pd.DataFrame) -> None:
    """An empty table, and one whose cells are all empty, have the dtypes that the definitions give."""
    fields = [field for field in body("fields.json") if field["type"] not in (5, 19, 20, 1001, 1002)]
    names = [field["field_name"] for field in fields if field["type"] != 3001]
    empties: tuple[list[dict[str, Any]], ...] = ([], [{}, {}])
    for rows in empties:
        empty = frame_of(raw_table(fields, rows))
        assert {name: str(empty[name].dtype) for name in names} == {name: str(frame[name].dtype) for name in names}


def test_plain_pandas_reads_what_load_gives(tmp_path: Path, frame: pd.DataFrame) -> None:
    """Whoever opens the Parquet file with pandas alone gets the same frame: index, nullable types, categories."""
    path = tmp_path / "t.parquet"
    pq.write_table(befriended(raw_table_of_all()), path)
    pd.testing.assert_frame_equal(pd.read_parquet(path), frame)
    some = ["评分", "状态", "_created_by"]
    pd.testing.assert_frame_equal(pd.read_parquet(path, columns=some), frame[some])
    pd.testing.assert_frame_equal(to_frame(pq.read_table(path, columns=["_record_id", *some])), frame[some])


def test_the_friendly_schema_survives_parquet(tmp_path: Path) -> None:
    """Definitions and table facts travel with the friendly form too."""
    table = befriended(raw_table_of_all())
    pq.write_table(table, tmp_path / "t.parquet")
    schema = pq.read_schema(tmp_path / "t.parquet")
    assert schema.equals(table.schema, check_metadata=True)
    assert json.loads(schema.field("报告.link").metadata[FIELD_KEY])["field_id"] == "fldUrl"
    assert json.loads(schema.metadata[TABLE_KEY])["table_id"] == "tblFaults"


def test_a_frame_can_be_saved_and_read_again(tmp_path: Path, frame: pd.DataFrame) -> None:
    """What `load` gives is a frame like any other: ``to_parquet`` takes it, and its repr works."""
    frame.to_parquet(tmp_path / "t.parquet")
    assert list(pd.read_parquet(tmp_path / "t.parquet").columns) == list(EXPECTED)
    assert "电机过热" in repr(frame)


def test_the_raw_frame_is_loss_free_and_keyed_by_id() -> None:
    """The raw frame has Arrow types, columns by field_id, everything that did not fit, and no hashes."""
    raw = raw_frame(raw_table_of_all())
    assert raw.index.name == "_record_id" and "_extra" in raw.columns
    assert not {"_row_hash", "_computed_hash"} & set(raw.columns)
    assert all(isinstance(dtype, pd.ArrowDtype) for dtype in raw.dtypes)
    assert raw["fldDay"].iloc[0] == pd.Timestamp(NEW_YEAR, unit="ms", tz="UTC")


def test_a_table_is_made_row_group_by_row_group(tmp_path: Path) -> None:
    """What is learned from all groups shapes each: the pieces have one schema and are what the whole would be."""
    raw = raw_table_of_all()
    friendly = Friendly(raw.schema)
    parts = [raw.slice(start, 1) for start in range(3)]
    for part in parts:
        friendly.learn(part)
    with pq.ParquetWriter(tmp_path / "t.parquet", friendly.schema) as writer:
        for part in parts:
            writer.write_table(friendly.convert(part))
    pd.testing.assert_frame_equal(to_frame(pq.read_table(tmp_path / "t.parquet")), frame_of(raw))


def test_what_was_learned_can_be_kept_as_json() -> None:
    """With the persisted state a table is made again without looking at all of its rows first."""
    raw = raw_table_of_all()
    learned = Friendly(raw.schema)
    learned.learn(raw)
    again = Friendly(raw.schema, json.loads(json.dumps(learned.learned)))
    assert again.schema.equals(learned.schema, check_metadata=True)
    pd.testing.assert_frame_equal(to_frame(again.convert(raw)), to_frame(learned.convert(raw)))


# --- dates ------------------------------------------------------------------------------------------------------------

DATE_ONLY = {"date_formatter": "yyyy/MM/dd"}


@pytest.mark.parametrize(
    ("name", "zone"),
    [("Asia/Beijing", ("Asia/Shanghai", True)), ("America/New_York", ("America/New_York", True)), ("", ("UTC", False)),
     ("Asia", ("UTC", False)), ("Mars/Base", ("UTC", False)), ("../../etc/passwd", ("UTC", False)),
     ("+08:00", ("UTC", False)), ("\ud800", ("UTC", False))],
)  # fmt: skip
def test_zones_are_iana_zones_or_utc(name: str, zone: tuple[str, bool]) -> None:
    """The platform's own wrong name is understood; what is no zone is UTC, and said so."""
    assert zone_of(name) == zone
    assert frame_of(one_column(5, [0], name))["_created_time"].dtype == f"datetime64[ms, {zone[0]}]"


def test_one_time_of_day_makes_the_column_a_date_time() -> None:
    """A date-only column in which one value is not midnight of the base is zone-aware, with every instant exact."""
    days = frame_of(one_column(5, [NEW_YEAR, None, NEW_YEAR + DAY], property=DATE_ONLY))["X"]
    assert str(days.dtype) == "datetime64[ms]"
    assert listed(days) == [pd.Timestamp("2024-01-01"), None, pd.Timestamp("2024-01-02")]
    times = frame_of(one_column(5, [NEW_YEAR, None, NEW_YEAR + 1], property=DATE_ONLY))["X"]
    assert str(times.dtype) == SHANGHAI
    assert times.iloc[2] == pd.Timestamp(NEW_YEAR + 1, unit="ms", tz="UTC")


def test_a_column_only_ever_widens() -> None:
    """Once a date-time, always one, until the field is defined otherwise; a date may still become one."""
    timed, days = (one_column(5, [NEW_YEAR + shift], property=DATE_ONLY) for shift in (1, 0))
    learned = Friendly(timed.schema)
    learned.learn(timed)
    assert str(frame_of(days)["X"].dtype) == "datetime64[ms]"
    assert str(frame_of(days, known=learned.learned)["X"].dtype) == SHANGHAI
    assert str(frame_of(timed, known=Friendly(days.schema).learned)["X"].dtype) == SHANGHAI
    other = one_column(5, [NEW_YEAR], property={"date_formatter": "dd/MM/yyyy"})
    assert str(frame_of(other, known=learned.learned)["X"].dtype) == "datetime64[ms]"


def test_a_formatter_with_hours_decides() -> None:
    """A field that shows hours is zone-aware although every value is midnight."""
    column = frame_of(one_column(5, [NEW_YEAR], property={"date_formatter": "yyyy-MM-dd HH:mm"}))["X"]
    assert str(column.dtype) == SHANGHAI


@pytest.mark.parametrize(
    ("zone", "instant", "day"),
    [
        ("Asia/Shanghai", "1940-05-31T16:00Z", "1940-06-01"),  # clocks went from 00:00 to 01:00
        ("America/Sao_Paulo", "2018-11-04T03:00Z", "2018-11-04"),  # the same
        ("America/Sao_Paulo", "2019-02-17T03:00Z", "2019-02-17"),  # and back, at the same hour
        ("America/New_York", "2024-03-10T05:00Z", "2024-03-10"),  # DST begins later that day
        ("Asia/Shanghai", "1969-12-31T16:00Z", "1970-01-01"),
        ("Asia/Kathmandu", "2023-12-31T18:15Z", "2024-01-01"),
        ("Pacific/Apia", "2011-12-30T10:00Z", "2011-12-31"),  # the day before did not exist there
        ("UTC", "0001-01-01T00:00Z", "0001-01-01"),
    ],
)
def test_days_are_those_of_the_bases_calendar(zone: str, instant: str, day: str) -> None:
    """The first instant of a day is that day, whatever the clock of the zone did then."""
    ms = (datetime.fromisoformat(instant) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    column = frame_of(one_column(5, [ms, None], zone, property=DATE_ONLY))["X"]
    assert str(column.dtype) == "datetime64[ms]"
    assert listed(column) == [pd.Timestamp(day), None]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/New_York", "Pacific/Kiritimati"])
@pytest.mark.parametrize("formatter", ["yyyy/MM/dd", "yyyy/MM/dd HH:mm"])
def test_dates_far_out_do_no_harm(zone: str, formatter: str) -> None:
    """The first and last instants that exist can be loaded, shown and saved; beyond the zone's calendar is nothing."""
    instants = [-62135596800000, -62135596800000 + 2 * DAY, -10_000_000_000_000, 253402300799999 - 2 * DAY]
    frame = frame_of(one_column(5, [*instants, 253402300799999], zone, property={"date_formatter": formatter}))
    assert len(repr(frame)) > 0 and len(frame.to_html()) > 0
    assert frame["X"].notna().iloc[1:4].all()


def test_the_machines_zone_does_not_matter(machine_zone: str) -> None:
    """A notebook in New York sees the calendar days of the base in Shanghai."""
    frame = frame_of(raw_table_of_all())
    for name in ("发现日期", "发现时间", "到期日", "_created_time"):
        assert listed(frame[name]) == EXPECTED[name][1]


# --- selects and ratings ----------------------------------------------------------------------------------------------


def test_categories_are_the_options_then_the_unknown_names() -> None:
    """Options come in their own order, each once, unused ones too; names without an option follow as they appear."""
    options = [{"name": name} for name in ("丙", "甲", "丙", "乙")]
    raw = one_column(3, ["新", "甲", None, "更新"], property={"options": options})
    column = frame_of(raw)["X"]
    assert list(column.cat.categories) == ["丙", "甲", "乙", "新", "更新"]
    assert listed(column) == ["新", "甲", None, "更新"]


def test_unused_names_of_a_dictionary_are_no_categories() -> None:
    """A row group's dictionary may hold names that none of its rows has."""
    raw = one_column(3, ["甲", "乙", "丙"]).slice(2, 1)
    assert list(frame_of(raw)["X"].cat.categories) == ["丙"]


def test_very_many_options_keep_their_order(tmp_path: Path) -> None:
    """A file whose dictionary grew too large for Parquet still gives the categories in option order."""
    options = [{"name": f"{n:05} {'选项' * 20}"} for n in range(12_000)]
    cells = [options[n]["name"] for n in (11_999, 5, 3)] * 2000 + [option["name"] for option in options]
    raw = one_column(3, cells, property={"options": options})
    pq.write_table(befriended(raw), tmp_path / "t.parquet")
    column = to_frame(pq.read_table(tmp_path / "t.parquet"))["X"]
    assert list(column.cat.categories) == [option["name"] for option in options]
    assert list(column) == cells


def test_a_rating_that_is_no_small_whole_number_widens_its_column() -> None:
    """Half a star is not rounded away: the column becomes float64, and stays it."""
    whole, half = (one_column(2, [3, None, other], ui_type="Rating") for other in (5, 4.5))
    assert str(frame_of(whole)["X"].dtype) == "Int8"
    learned = Friendly(half.schema)
    learned.learn(half)
    assert listed(to_frame(learned.convert(half))["X"]) == [3.0, None, 4.5]
    assert listed(frame_of(whole, known=learned.learned)["X"]) == [3.0, None, 5.0]
    assert str(frame_of(whole, known=learned.learned)["X"].dtype) == "float64"


@pytest.mark.parametrize(
    ("cell", "place"),
    [
        ({"location": "116.397755,39.903179"}, (None, 116.397755, 39.903179)),
        ({"location": " -0.5 , +3 ", "full_address": "甲"}, ("甲", -0.5, 3.0)),
        ({"location": "somewhere", "full_address": "甲"}, ("甲", None, None)),
        ({"location": "1,2,3"}, (None, None, None)),
        ({"full_address": "甲"}, ("甲", None, None)),
        (None, (None, None, None)),
    ],
)
def test_a_location_has_an_address_and_coordinates(cell: Any, place: tuple[Any, ...]) -> None:
    """Longitude comes before latitude; what is no pair of numbers gives none."""
    frame = frame_of(one_column(22, [cell]))
    assert tuple(listed(frame.loc["rec0", ["X", "X.lng", "X.lat"]])) == place


# --- links ------------------------------------------------------------------------------------------------------------

LINK = {"table_id": "tblCars", "multiple": True}


def car_texts() -> LinkTexts:
    fields = [{"field_id": "fldA", "field_name": "a", "type": 2},
              {"field_id": "fldB", "field_name": "b", "type": 1, "is_primary": True}]  # fmt: skip
    cars = raw_table(fields, [{"b": [{"text": "甲, 车"}]}, {"a": 5}, {"b": [{"text": "乙"}]}])
    return LinkTexts.of_groups(cars.schema, [cars.slice(0, 2), cars.slice(2)])


def test_links_show_the_primary_texts_of_their_rows() -> None:
    """A link is an array of texts; a row that is unknown or has no text is shown by its id."""
    cells = [{"link_record_ids": ["rec2", "rec0"]}, None, {"link_record_ids": ["rec1", "recGone"]}]
    raw = one_column(18, cells, property=LINK)
    assert linked_tables(raw.schema) == {"tblCars"}
    column = frame_of(raw, links={"tblCars": car_texts()})["X"]
    assert listed(column) == [["乙", "甲, 车"], None, ["rec1", "recGone"]]
    assert listed(frame_of(raw, links={"tblOther": car_texts()})["X"])[0] == ["rec2", "rec0"]


def test_links_can_be_had_as_ids() -> None:
    """The ids come from the raw rows, whatever other columns were chosen."""
    raw = raw_table(
        [{"field_id": "fldX", "field_name": "X", "type": 21, "property": LINK},
         {"field_id": "fldY", "field_name": "Y", "type": 2}],
        [{"X": {"link_record_ids": ["rec0"]}, "Y": 1}, {"Y": 2}],
    )  # fmt: skip
    friendly = befriended(raw, links={"tblCars": car_texts()})
    assert listed(to_frame(link_ids(friendly, raw))["X"]) == [["rec0"], None]
    assert link_ids(friendly.select(["_record_id", "Y"]), raw).column_names == ["_record_id", "Y"]


@pytest.mark.parametrize(
    ("type_", "more", "cell", "text"),
    [
        (1, {}, [{"text": "甲"}, {"text": "乙"}], "甲乙"),
        (2, {}, 3, "3"),
        (2, {}, 0.1, "0.1"),
        (2, {"ui_type": "Rating"}, 3, "3"),
        (3, {}, "甲", "甲"),
        (4, {}, ["甲", "乙"], "甲, 乙"),
        (5, {}, NEW_YEAR, "2024-01-01"),
        (5, {}, NEW_YEAR + 3_600_000, "2024-01-01 01:00:00"),
        (7, {}, True, "true"),
        (11, {}, [{"name": "甲"}], "甲"),
        (15, {}, {"link": "https://example.com"}, "https://example.com"),
        (18, {}, {"link_record_ids": ["rec1", "rec2"]}, "rec1, rec2"),
        (20, {}, {"type": 2, "value": [5]}, "5"),
        (20, {}, {"type": 5, "value": [NEW_YEAR]}, "2024-01-01"),
        (19, {}, {"type": 1, "value": [{"type": "text", "text": "甲"}]}, "甲"),
        (22, {}, {"full_address": "甲"}, "甲"),
        (1005, {}, "0007", "0007"),
        (1099, {}, {"a": 1}, '{"a":1}'),
    ],
)
def test_every_type_of_primary_column_has_a_text(type_: int, more: dict[str, Any], cell: Any, text: str) -> None:
    """Whatever the primary column is, a linked row is called by what people read in it."""
    raw = one_column(type_, [cell, None], is_primary=True, **more)
    assert primary_texts(raw.schema, raw).to_pylist() == [text, "false" if type_ == 7 else None]


def test_a_table_without_fields_has_no_texts() -> None:
    """Links to such a table show ids."""
    raw = raw_table([], [{}])
    assert primary_texts(raw.schema, raw).to_pylist() == [None]


# --- formula and lookup -----------------------------------------------------------------------------------------------


def declared(type_: int, **ui_property: Any) -> dict[str, Any]:
    return {"type": {"data_type": type_, "ui_property": ui_property}}


def result(type_: int | None, *values: Any) -> dict[str, Any]:
    return {"type": type_, "value": list(values)}


def segment(text: str) -> dict[str, str]:
    return {"type": "text", "text": text}


PERSON = {"id": "ou_a", "name": "甲", "avatar_url": "https://example.com"}


@pytest.mark.parametrize(
    ("property_", "cells", "dtype", "values"),
    [
        (None, [result(2, 1), None, result(2, 2.5)], "float64", [1.0, None, 2.5]),
        (None, [64, "7"], TEXT, ["64", "7"]),
        (None, [result(2, 2**60 + 1), result(2, 0.5)], "float64", [float(2**60 + 1), 0.5]),
        (None, [result(2, 1), result(2, 1, 2.5)], "object", [[1.0], [1.0, 2.5]]),
        (None, [result(None, 7), result(20, 100)], "float64", [7.0, 100.0]),
        (None, [result(1, segment("甲"), segment("乙")), None], TEXT, ["甲乙", None]),
        (None, [[segment("false")]], TEXT, ["false"]),
        (None, [result(3, segment("a"), segment("b"))], TEXT, ["ab"]),
        (None, [result(3, "甲"), result(3, "乙"), None], "category", ["甲", "乙", None]),
        (None, [result(3, "甲"), result(3, "乙", "甲")], "object", [["甲"], ["乙", "甲"]]),
        (None, [result(4, "甲"), result(4, "乙", "丙")], "object", [["甲"], ["乙", "丙"]]),
        (None, [result(4, ["甲", "乙"], ["丙"])], "object", [["甲", "乙", "丙"]]),
        (None, [result(7, True), None, result(7, False)], "boolean", [True, None, False]),
        (None, [result(7, True, False)], "object", [[True, False]]),
        (None, [result(11, PERSON, {"id": "ou_b"}), None], TEXT, ["甲, ou_b", None]),
        (None, [result(13, "138"), None], TEXT, ["138", None]),
        (None, [result(13, "138", "139")], "object", [["138", "139"]]),
        (None, [result(15, {"text": "", "link": "l"})], TEXT, ["l"]),
        (None, [result(15, {"text": "t", "link": "l"}, {"link": "m"})], "object", [["t", "m"]]),
        (None, [result(17, {"file_token": "f", "name": "a.png"}, {"file_token": "g"})], TEXT, ["a.png, g"]),
        (None, [result(18, {"link_record_ids": ["r1", "r2"]}, {"link_record_ids": None})], "object", [["r1", "r2"]]),
        (None, [result(18, {"link_record_ids": ["r1"]}), None], "object", [["r1"], None]),
        (None, [result(22, {"location": "1,2", "full_address": "甲"})], TEXT, ["甲"]),
        (None, [result(5, NEW_YEAR), None], "datetime64[ms]", [pd.Timestamp("2024-01-01"), None]),
        (None, [result(1002, NEW_YEAR + 1)], SHANGHAI, [pd.Timestamp(NEW_YEAR + 1, unit="ms", tz="UTC")]),
        ({"formatter": "yyyy/MM/dd HH:mm"}, [result(5, NEW_YEAR)], SHANGHAI,
         [pd.Timestamp("2024-01-01", tz="Asia/Shanghai")]),
        (declared(5), [result(1, NEW_YEAR)], "datetime64[ms]", [pd.Timestamp("2024-01-01")]),
        (declared(5), [], "datetime64[ms]", []),
        (declared(5, date_formatter="yyyy-MM-dd HH:mm"), [], SHANGHAI, []),
        (declared(2), [None], "float64", [None]),
        (declared(7), [None], "boolean", [None]),
        (declared(4), [None], "object", [None]),
        (declared(19), [result(2, 1)], "float64", [1.0]),
        (declared(3, options=[{"name": "乙"}, {"name": "甲"}]), [result(3, "甲")], "category", ["甲"]),
        (None, [None], TEXT, [None]),
        (None, [result(2, None), result(2, [])], TEXT, [None, None]),
        (None, [result(2, 0.5), result(1, segment("无"))], TEXT, ["0.5", "无"]),
        (declared(2), [result(2, 12.0, 3), result(1, segment("错误"))], TEXT, ["12, 3", "错误"]),
        (None, [result(2, 10**15, 1e22), result(7, True)], TEXT, ["1000000000000000, 1e+22", "true"]),
        (None, [result(5, NEW_YEAR, NEW_YEAR + 61_000), result(3, "甲")], TEXT,
         ["2024-01-01, 2024-01-01 00:01:01", "甲"]),
        (None, [result(99, {"new": 1}), result(99, 1, "a", None)], TEXT, ['{"new":1}', "1, a"]),
        (None, [result(18, {"link_record_ids": [5]})], TEXT, ['{"link_record_ids":[5]}']),
    ],
)  # fmt: skip
def test_results_have_the_type_that_all_of_them_have(property_: Any, cells: Any, dtype: str, values: Any) -> None:
    """A formula's column has one friendly type: declared, or that of its results; else it is text."""
    column = frame_of(one_column(20, cells, property=property_))["X"]
    assert str(column.dtype) == dtype
    assert listed(column) == values


def test_several_dates_are_wall_clock_times_of_the_base() -> None:
    """A lookup of several dates is an array of days, or of times as the base's clock shows them."""
    days, times = (
        frame_of(one_column(19, [result(5, NEW_YEAR, NEW_YEAR + step), None]))["X"] for step in (DAY, 3_600_000)
    )
    assert [str(day) for day in days.iloc[0]] == ["2024-01-01T00:00:00.000", "2024-01-02T00:00:00.000"]
    assert [str(moment) for moment in times.iloc[0]] == ["2024-01-01T00:00:00.000", "2024-01-01T01:00:00.000"]
    assert days.iloc[1] is None


def test_a_result_never_narrows() -> None:
    """Scalar to array and anything to text, never back; a formula that is written anew starts anew."""
    narrow = [result(2, 1)]
    for wide, dtype in (([result(2, 1, 2)], "object"), ([result(2, 1), result(1, segment("a"))], TEXT)):
        raw = one_column(20, wide, property={"formula_expression": "f"})
        learned = Friendly(raw.schema)
        learned.learn(raw)
        same, other = (one_column(20, narrow, property={"formula_expression": text}) for text in ("f", "g"))
        assert str(frame_of(same, known=learned.learned)["X"].dtype) == dtype
        assert str(frame_of(other, known=learned.learned)["X"].dtype) == "float64"


def test_options_of_a_formula_come_in_declared_order() -> None:
    """A formula that declares options has them as categories, then the names that appear."""
    property_ = declared(3, options=[{"name": "乙"}, {"name": "甲"}])
    column = frame_of(one_column(20, [result(3, "新"), result(3, "甲")], property=property_))["X"]
    assert list(column.cat.categories) == ["乙", "甲", "新"]


# --- names ------------------------------------------------------------------------------------------------------------


def test_no_two_columns_share_a_name() -> None:
    """Ours keep their names, then fields theirs, then derived columns; whoever comes late gets ``.1``, ``.2``."""
    names = ["_record_id", "X", "X.link", "_created_time", "X.link.1", "__index_level_0__", "", "a\ud800"]
    fields = [{"field_id": f"fld{n}", "field_name": name, "type": 15 if name == "X" else 13}
              for n, name in enumerate(names)]  # fmt: skip
    frame = frame_of(raw_table(fields, [{name: "v" for name in names if name != "X"} | {"X": {"link": "l"}}]))
    assert list(frame.columns)[:9] == [
        "_record_id.1", "X", "X.link.2", "X.link", "_created_time.1", "X.link.1", "__index_level_0__", "", "a?",
    ]  # fmt: skip
    assert frame.index.name == "_record_id" and list(frame.index) == ["rec0"]
    assert frame["X.link.2"].tolist() == ["l"] and frame["X.link"].tolist() == ["v"]
    assert frame["_created_time.1"].tolist() == ["v"] and frame["_created_time"].isna().all()


def test_columns_describe_the_table() -> None:
    """Name, id, type, dtype, description, options and empty share of every friendly column."""
    raw = raw_table_of_all()
    told = {column.name: column for column in columns(befriended(raw).schema, {"fldSel": 0.25, "_created_by": 0.5})}
    assert list(told) == list(EXPECTED)
    assert {name: column.dtype for name, column in told.items()} == {name: e[0] for name, e in EXPECTED.items()}
    select = told["状态"]
    assert (select.field_id, select.type, select.empty) == ("fldSel", "SingleSelect", 0.25)
    assert select.options == ("待处理", "处理中", "已关闭")
    assert told["标题"].description == "一句话说明故障" and told["报告.link"].field_id == "fldUrl"
    ours = told["_created_by"]
    assert (ours.field_id, ours.type, ours.empty) == ("", "CreatedUser", 0.5)


def test_a_description_may_be_a_list_of_segments() -> None:
    """Some answers give the description as text segments, or no interface type at all."""
    raw = one_column(1099, [], description=[segment("一"), segment("二")])
    (column, *_) = columns(befriended(raw).schema)
    assert (column.description, column.type) == ("一二", "Type1099")


# --- anything at all --------------------------------------------------------------------------------------------------

KEYS = st.sampled_from(["type", "text", "name", "id", "link", "link_record_ids", "location", "x"])
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.text(max_size=4)
    | st.floats(allow_nan=False, allow_infinity=False)
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "text", "name", "id", "link", "link_record_ids", "location", "x"]), inner
        )
    ),
    max_leaves=8,
)
RESULT = st.fixed_dictionaries(
    {"value": st.lists(ANYTHING, max_size=3)}, optional={"type": st.sampled_from([1, 2, 3, 4, 5, 18, 20, 99])}
)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([None, declared(2), declared(3), declared(4), declared(5), declared(7)]),
    st.lists(ANYTHING | RESULT, max_size=4),
)
def test_no_result_stops_a_table(property_: Any, cells: list[Any]) -> None:
    """Whatever a formula gives, each result that is one is shown, and the state can be persisted."""
    raw = one_column(20, cells, property=property_)
    friendly = Friendly(raw.schema)
    friendly.learn(raw)
    column = to_frame(friendly.convert(raw))["X"]
    assert len(column) == len(cells)
    again = Friendly(raw.schema, json.loads(json.dumps(friendly.learned)))
    assert again.schema.equals(friendly.schema, check_metadata=True)
    number_cells = [cell for cell in cells if isinstance(cell, float)]
    assert column.notna().sum() >= len(number_cells)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.none() | st.integers(-62135596800000, 253402300799999), max_size=5), st.sampled_from(
    ["UTC", "Asia/Shanghai", "America/New_York", "Pacific/Apia", "Europe/Dublin", "Asia/Kathmandu"]))  # fmt: skip
def test_instants_stay_what_they_are(instants: list[int | None], zone: str) -> None:
    """A date-time column holds exactly the instants that the server sent, in whatever zone."""
    raw = one_column(5, instants, zone, property={"date_formatter": "yyyy-MM-dd HH:mm"})
    friendly = befriended(raw).column("X").cast(pa.int64()).to_pylist()
    edge = [ms is not None and not -62135596800000 + DAY < ms < 253402300799999 - DAY for ms in instants]
    assert all(far or before == after for before, after, far in zip(instants, friendly, edge, strict=True))


# --- recorded bodies --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "records"),
    [
        ("fields_list.all_types", "records_search.all_types"),
        ("fields_list.all_types", "records_search.tolerance"),
        ("fields_list.doc", "records_search.doc"),
        ("fields_list.doc", "records_list_legacy.wrapped"),
    ],
)
def test_recorded_bodies_become_frames(tmp_path: Path, fields: str, records: str) -> None:
    """The recorded pages load, and plain pandas reads the same from the file."""
    folder = os.environ.get("LARKNB_CONTRACT")
    if not folder:
        pytest.skip("LARKNB_CONTRACT does not name the folder of the contract")

    def items(name: str) -> Any:
        path = Path(folder) / "examples" / "bitable" / f"{name}.json"
        return json.loads(path.read_text(encoding="utf-8"))["data"]["items"]

    schema = raw_schema("tbl", "t", items(fields), time_zone="Asia/Beijing")
    table = befriended(to_arrow(schema, items(records)))
    pq.write_table(table, tmp_path / "t.parquet")
    frame = to_frame(table)
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "t.parquet"), frame)
    if records.startswith("records_search") and frame["日期"].notna().any():
        assert frame["日期"].iloc[0] == pd.Timestamp("2023-08-03")
        assert frame["地理位置.lng"].iloc[0] == 116.397755
