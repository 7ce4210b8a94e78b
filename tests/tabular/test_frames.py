"""Tables of records as DataFrames."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from larknb.model import Shown
from larknb.tabular.frames import columns, differing, joined, raw_frame, to_frame
from larknb.tabular.friendly import Friendly
from tests.tabular.records import (
    EXPECTED,
    NEW_YEAR,
    SHANGHAI,
    TEXT,
    befriended,
    frame_of,
    listed,
    one_column,
    raw_table_of_all,
    segment,
)


def test_plain_pandas_reads_what_load_gives(tmp_path: Path, frame: pd.DataFrame) -> None:
    """Whoever opens the Parquet file with pandas alone gets the same frame, but arrays where we give tuples."""
    path = tmp_path / "t.parquet"
    pq.write_table(befriended(raw_table_of_all()), path)
    plain = pd.read_parquet(path)
    for name in ("标签", "车辆", "车辆里程", "工单"):
        cells = [tuple(cell.tolist()) if isinstance(cell, np.ndarray) else None for cell in plain[name]]
        plain[name] = pd.Series(cells, index=plain.index, dtype=object)
    pd.testing.assert_frame_equal(plain, frame)
    some = ["评分", "状态", "_created_by"]
    pd.testing.assert_frame_equal(pd.read_parquet(path, columns=some), frame[some])
    pd.testing.assert_frame_equal(to_frame(pq.read_table(path, columns=["_record_id", *some])), frame[some])


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


def test_very_many_options_keep_their_order(tmp_path: Path) -> None:
    """A file whose dictionary grew too large for Parquet still gives the categories in option order."""
    options = [{"name": f"{n:05} {'选项' * 20}"} for n in range(12_000)]
    cells = [options[n]["name"] for n in (11_999, 5, 3)] * 2000 + [option["name"] for option in options]
    raw = one_column(3, cells, property={"options": options})
    pq.write_table(befriended(raw), tmp_path / "t.parquet")
    column = to_frame(pq.read_table(tmp_path / "t.parquet"))["X"]
    assert list(column.cat.categories) == [option["name"] for option in options]
    assert list(column) == cells


def test_a_cell_of_several_values_is_a_tuple() -> None:
    """Such columns can be grouped, compared, counted and merged; equal texts are one object."""
    frame = frame_of(one_column(4, [["甲", "乙"], None, [], ["甲", "乙"]]))
    assert listed(frame["X"]) == [("甲", "乙"), None, None, ("甲", "乙")]
    assert frame["X"].iloc[0][1] is frame["X"].iloc[3][1]
    assert frame.groupby("X").size().to_dict() == {("甲", "乙"): 2}
    assert frame["X"].nunique() == 1 and len(frame.drop_duplicates("X")) == 2
    assert (frame["X"] == frame["X"]).tolist() == [True, False, False, True]
    assert listed(frame["X"].explode().dropna()) == ["甲", "乙", "甲", "乙"]


@pytest.mark.parametrize(
    ("type_", "cell", "text"),
    [
        (4, ["甲", "乙, 丙"], "甲; 乙, 丙"),
        (18, {"link_record_ids": ["rec1", "rec2"]}, "rec1; rec2"),
        (19, {"type": 2, "value": [1, 2.5]}, "1; 2.5"),
        (19, {"type": 5, "value": [NEW_YEAR, NEW_YEAR + 3_600_000]}, "2024-01-01; 2024-01-01 01:00:00"),
        (19, {"type": 7, "value": [True, False]}, "true; false"),
    ],
)
def test_cells_of_several_values_can_be_had_as_text(type_: int, cell: Any, text: str) -> None:
    """Whatever the values are, they are joined as names are."""
    column = to_frame(joined(befriended(one_column(type_, [cell, None]))))["X"]
    assert (str(column.dtype), listed(column)) == (TEXT, [text, None])


@pytest.mark.parametrize(
    ("shown", "names"),
    [
        (Shown(), set()),
        (Shown(lists="join"), set()),
        (Shown(aware=True),
         {"发现日期", "发现时间", "到期日", "创建时间", "更新时间", "_created_time", "_last_modified_time"}),
        (Shown(links="id"), {"车辆", "工单", "结论"}),
        (Shown(persons="id"),
         {"负责人", "附件", "群组", "创建人", "修改人", "_created_by", "_last_modified_by", "结论"}),
    ],
)  # fmt: skip
def test_only_what_must_be_shown_otherwise_is_made_anew(shown: Shown, names: set[str]) -> None:
    """Times for zones, links for ids, persons for theirs; a computed text may hold any of the two."""
    assert set(differing(befriended(raw_table_of_all()).schema, shown)) == names


def test_times_can_be_had_with_their_zone() -> None:
    """An aware column holds the very instants, a date-only one too."""
    raw = raw_table_of_all()
    friendly = Friendly(raw.schema, shown=Shown(aware=True))
    friendly.learn(raw)
    frame = to_frame(friendly.convert(raw))
    assert {str(frame[name].dtype) for name in ("发现日期", "发现时间", "到期日", "_created_time")} == {SHANGHAI}
    assert frame["发现日期"].iloc[0] == pd.Timestamp("2024-01-01", tz="Asia/Shanghai")


def test_persons_can_be_had_as_ids() -> None:
    """Persons, groups and files are tuples of their ids then, persons of the system plain ids."""
    raw = raw_table_of_all()
    friendly = Friendly(raw.schema, shown=Shown(persons="id"))
    friendly.learn(raw)
    frame = to_frame(friendly.convert(raw))
    assert frame["负责人"].iloc[2] == ("ou_gone",) and len(frame["负责人"].iloc[0]) == 2
    assert frame["_created_by"].iloc[0].startswith("ou_") and isinstance(frame["附件"].iloc[0], tuple)


def test_persons_of_a_lookup_are_ids_too() -> None:
    """What a lookup brings of persons follows the columns of persons."""
    raw = one_column(19, [{"type": 11, "value": [{"id": "ou_a", "name": "甲"}, {"id": "ou_b", "name": "乙"}]}])
    friendly = Friendly(raw.schema, shown=Shown(persons="id"))
    friendly.learn(raw)
    assert listed(to_frame(friendly.convert(raw))["X"]) == [("ou_a", "ou_b")]


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
