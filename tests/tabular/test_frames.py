"""Tables of records as DataFrames."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from larknb.tabular.frames import columns, link_ids, raw_frame, to_frame
from tests.tabular.records import (
    EXPECTED,
    LINK,
    NEW_YEAR,
    befriended,
    car_texts,
    listed,
    one_column,
    raw_table,
    raw_table_of_all,
    segment,
)


def test_plain_pandas_reads_what_load_gives(tmp_path: Path, frame: pd.DataFrame) -> None:
    """Whoever opens the Parquet file with pandas alone gets the same frame: index, nullable types, categories."""
    path = tmp_path / "t.parquet"
    pq.write_table(befriended(raw_table_of_all()), path)
    pd.testing.assert_frame_equal(pd.read_parquet(path), frame)
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
