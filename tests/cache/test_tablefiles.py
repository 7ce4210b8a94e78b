"""A table's two files: written group by group, compared by hashes, and computed columns put beside the others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from larknb.cache.tablefiles import (
    ROW_GROUP,
    Change,
    TableWriter,
    compare,
    digest,
    row_groups,
    with_computed,
    write_json,
)
from larknb.model import TableInfo
from larknb.tabular.cells import to_arrow
from larknb.tabular.raw import computed_schema, raw_schema

FIELDS = [
    {"field_id": "fldN", "field_name": "name", "type": 1, "ui_type": "Text", "is_primary": True},
    {"field_id": "fldF", "field_name": "sum", "type": 20, "ui_type": "Formula"},
]
SCHEMA = raw_schema("tblA", "t", FIELDS, time_zone="Asia/Shanghai")
INFO = TableInfo("tblA", "t", 1, SCHEMA)


def record(key: str, name: str = "", total: int = 0, **more: Any) -> dict[str, Any]:
    fields = {"name": [{"type": "text", "text": name}], "sum": {"type": 2, "value": [total]}}
    return {"record_id": key, "fields": fields, "last_modified_time": 1, **more}


def rows(*records: dict[str, Any]) -> pa.Table:
    return to_arrow(SCHEMA, list(records))


def written(folder: Path, *parts: pa.Table, file: str = "t") -> TableWriter:
    folder.mkdir(exist_ok=True)
    writer = TableWriter(folder, file, INFO, {})
    for part in parts:
        writer.add(part)
    writer.close()
    return writer


# --- writing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("counts", [(), (0,), (1,), (3, 2), (0, 4)])
def test_what_was_added_is_in_both_files(tmp_path: Path, counts: tuple[int, ...]) -> None:
    """In the order in which it came; a table without rows has both files, with all columns."""
    parts = [rows(*(record(f"r{n}-{i}", f"{n}") for i in range(count))) for n, count in enumerate(counts)]
    writer = written(tmp_path, *parts)
    raw = pq.read_table(writer.raw)
    assert raw.column("_record_id").to_pylist() == [f"r{n}-{i}" for n, count in enumerate(counts) for i in range(count)]
    assert (writer.rows, raw.schema.names) == (sum(counts), SCHEMA.names)
    assert pq.read_table(writer.friendly).num_rows == sum(counts)
    assert {path.name for path in tmp_path.iterdir()} == {"t.raw.parquet", "t.parquet"}
    assert writer.columns is not None


@pytest.mark.parametrize(("count", "groups"), [(ROW_GROUP - 1, [ROW_GROUP]), (ROW_GROUP, [ROW_GROUP, 1])])
@pytest.mark.soak
def test_a_group_is_written_as_soon_as_it_is_full(tmp_path: Path, count: int, groups: list[int]) -> None:
    """What memory holds is fifty thousand rows, never a table."""
    assert ROW_GROUP == 50_000
    many = rows(record("r")).take(pa.array([0] * count))
    writer = written(tmp_path, many, rows(record("last")))
    file = pq.ParquetFile(writer.raw)
    assert [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)] == groups
    file.close()
    assert [group.num_rows for group in row_groups(writer.raw)] == groups


def test_rows_that_fit_no_type_are_counted(tmp_path: Path) -> None:
    """One per row, whatever the number of its misfits."""
    misfit = record("r2")
    misfit["fields"] = {"name": 7, "sum": "what"}
    assert written(tmp_path, rows(record("r1"), misfit), rows(record("r3"))).misfits.rows == 1


def test_a_writer_that_is_discarded_leaves_nothing(tmp_path: Path) -> None:
    """Before it was closed, after it, and twice."""
    writer = TableWriter(tmp_path, "t", INFO, {})
    writer.add(rows(record("r")))
    writer.discard()
    writer.discard()
    written(tmp_path, rows(record("r"))).discard()
    assert [*tmp_path.iterdir()] == []


def test_an_empty_file_is_one_empty_group(tmp_path: Path) -> None:
    """Whoever reads groups learns the columns all the same."""
    path = tmp_path / "t.parquet"
    pq.ParquetWriter(path, SCHEMA).close()
    (group,) = row_groups(path)
    assert (group.num_rows, group.schema.names) == (0, SCHEMA.names)


# --- comparing --------------------------------------------------------------------------------------------------------

States = st.dictionaries(st.sampled_from("abcdefg"), st.tuples(st.integers(0, 2), st.integers(0, 2)))


def of(state: dict[str, tuple[int, int]]) -> pa.Table:
    return rows(*(record(key, str(name), total) for key, (name, total) in state.items()))


@given(States, States)
def test_rows_are_counted_by_their_ids(old: dict[str, tuple[int, int]], new: dict[str, tuple[int, int]]) -> None:
    """What came, went, or differs in any cell, computed ones included; the order is no difference."""
    both = old.keys() & new.keys()
    expected = Change(
        len(new), added=len(new) - len(both), changed=sum(old[key] != new[key] for key in both),
        removed=len(old) - len(both),
    )  # fmt: skip
    assert compare(of(old), of(new)) == expected
    assert compare(of(old), of(dict(reversed(new.items())))) == expected


def test_what_identifies_rows_is_not_their_order(tmp_path: Path) -> None:
    """Nor a computed column, which would never read the same twice; ids and other cells count."""
    a, b = record("a", "1"), record("b", "2")
    stamps = [
        written(tmp_path / str(n), rows(*state)).digest()
        for n, state in enumerate([
            (a, b), (b, a), (a, record("b", "2", 9)), (a, record("b", "3")), (a, record("c", "2")), (a,),
        ])
    ]  # fmt: skip
    assert stamps[0] == stamps[1] == stamps[2]
    assert len({*stamps}) == 4
    assert digest(tmp_path / "0" / "t.raw.parquet") == stamps[0]


def test_a_file_is_like_another_with_the_same_columns_and_edit_times(tmp_path: Path) -> None:
    """An edit that was undone moves the time alone; a column that is called otherwise makes another file."""
    first = written(tmp_path / "1", rows(record("a"), record("b")))
    assert written(tmp_path / "2", rows(record("b"), record("a"))).is_like(first.raw)
    assert not written(tmp_path / "3", rows(record("a"), record("b", last_modified_time=2))).is_like(first.raw)
    renamed = raw_schema("tblA", "t", [FIELDS[0] | {"field_name": "other"}, FIELDS[1]], time_zone="Asia/Shanghai")
    writer = TableWriter(tmp_path / "1", "other", TableInfo("tblA", "t", 1, renamed), {})
    writer.add(rows(record("a"), record("b")))
    writer.close()
    assert not writer.is_like(first.raw)


# --- computed columns -------------------------------------------------------------------------------------------------


def computed(*records: dict[str, Any]) -> pa.Table:
    alone = [one | {"fields": {"sum": one["fields"]["sum"]}} for one in records]
    return to_arrow(computed_schema(SCHEMA), alone)


def test_computed_columns_find_their_rows() -> None:
    """By record id, whatever their order, and with rows that are not asked for; the other columns stay."""
    fresh = computed(record("c", total=3), record("b", total=2), record("a", total=1))
    merged = with_computed(rows(record("a", "x", 9), record("b", "y", 9)), fresh)
    assert merged.column("_record_id").to_pylist() == ["a", "b"]
    assert merged.to_pylist() == rows(record("a", "x", 1), record("b", "y", 2)).to_pylist()
    assert merged.schema.names == SCHEMA.names


@pytest.mark.parametrize(
    ("old", "new", "joined"),
    [
        (None, None, None),
        ({"fldN": 1}, None, {"fldN": 1}),
        (None, {"fldF": 2}, {"fldF": 2}),
        ({"fldN": 1, "fldF": 9}, {"fldF": 2}, {"fldN": 1, "fldF": 2}),
        ({"fldN": 1, "fldF": 9}, None, {"fldN": 1}),
        ({"fldF": 9}, None, None),
        ({"fldN": 2**70, "x": "\ud800"}, {"fldF": 1}, {"fldN": 2**70, "x": "\ud800", "fldF": 1}),
    ],
)
def test_what_fits_no_type_is_joined_too(old: Any, new: Any, joined: Any) -> None:
    """Of the computed columns what was read now, of the others what was there; nothing is no empty record."""

    def extra(table: pa.Table, value: Any) -> pa.Table:
        text = None if value is None else json.dumps(value)
        return table.set_column(table.column_names.index("_extra"), "_extra", pa.array([text], pa.string()))

    merged = with_computed(extra(rows(record("a")), old), extra(computed(record("a")), new))
    (found,) = merged.column("_extra").to_pylist()
    assert (None if found is None else json.loads(found)) == joined


# --- for other programs -----------------------------------------------------------------------------------------------


def test_json_is_a_list_of_records(tmp_path: Path) -> None:
    """The index is a column, Chinese stays readable, and a time is written as one."""
    frame = pd.DataFrame(
        {"名": ["王"], "day": [pd.Timestamp("2026-01-16")]}, index=pd.Index(["rec1"], name="_record_id")
    )
    write_json(frame, tmp_path / "t.json")
    text = (tmp_path / "t.json").read_text(encoding="utf-8")
    assert json.loads(text) == [{"_record_id": "rec1", "名": "王", "day": "2026-01-16T00:00:00.000"}]
    assert '"名":"王"' in text
