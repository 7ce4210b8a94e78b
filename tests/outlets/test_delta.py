"""Delta tables: a version for each change, readable by whoever reads Delta."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from larknb.outlets.delta import plain_rows
from larknb.sandbox import Field, Sandbox
from tests.conftest import Clock, Lab, open_lab, sync, text
from tests.stores import change, need

DAY = 86_400.0


def table(target: Path, name: str, version: int | None = None) -> Any:
    import deltalake

    return deltalake.DeltaTable(str(target / "delta/s1" / name), version=version)


def test_all_types_find_a_place() -> None:
    """Categories and times of day become texts, times microseconds, lists stay lists."""
    rows = pa.table(
        {
            "c": pa.array(["a"]).dictionary_encode(), "t": pa.array([dt.time(1, 2)]), "n": pa.array([None]),
            "ms": pa.array([dt.datetime(2026, 1, 1)], pa.timestamp("ms")), "l": pa.array([["x"]]),
            "u": pa.array([1], pa.uint8()),
        }
    )  # fmt: skip
    assert [str(each) for each in plain_rows(rows).schema.types] == [
        "string", "string", "string", "timestamp[us]", "list<item: string>", "int64",
    ]  # fmt: skip


@pytest.mark.stores
def test_each_change_is_a_version(synced: Lab, tmp_path: Path) -> None:
    """One commit for each table that changed, none for the others; earlier versions still read."""
    need("deltalake")
    synced.workspace.publish(tmp_path, format="delta")
    synced.workspace.publish(tmp_path, format="delta")
    synced.later().people.edit(next(iter(synced.people.rows)), {"age": 77})
    synced.workspace.sync(force=True, progress=False).raise_for_failures()
    synced.workspace.publish(tmp_path, format="delta")
    assert (table(tmp_path, "people").version(), table(tmp_path, "teams").version()) == (1, 0)
    assert table(tmp_path, "people").to_pandas()["age"].tolist()[0] == 77
    assert table(tmp_path, "people", 0).to_pandas()["age"].tolist()[0] == 0


@pytest.mark.stores
def test_every_sync_writes_versions_too(synced: Lab, tmp_path: Path) -> None:
    """The form is remembered with the target."""
    need("deltalake")
    synced.workspace.publish(tmp_path, format="delta", every_sync=True)
    change(synced, 3)
    assert table(tmp_path, "people").version() == 1


# --- who reads it -----------------------------------------------------------------------------------------------------

FIELDS = [
    Field("标题, (主)", 1, is_primary=True), Field("数字", 2), Field("完成", 7), Field("日期", 5), Field("空", 1),
    Field("状态", 3, property={"options": [{"id": "o1", "name": "开"}]}),
    Field("标签", 4, property={"options": [{"id": "o2", "name": "a"}, {"id": "o3", "name": "b"}]}),
]  # fmt: skip
ROW = {"标题, (主)": text("甲"), "数字": 1.5, "完成": True, "日期": 1_700_000_000_000, "状态": "开", "标签": ["a", "b"]}


def by_polars(place: str) -> Any:
    import polars as pl

    return pl.read_delta(place).to_pandas()


def by_duckdb(place: str) -> Any:
    import deltalake
    import duckdb

    rows = deltalake.DeltaTable(place).to_pyarrow_dataset()
    return duckdb.from_arrow(rows).df()


def by_deltalake(place: str) -> Any:
    import deltalake

    return deltalake.DeltaTable(place).to_pandas()


READERS: dict[str, Callable[[str], Any]] = {"polars": by_polars, "duckdb": by_duckdb, "deltalake": by_deltalake}


@pytest.mark.stores
@pytest.mark.parametrize("reader", READERS)
def test_others_read_every_type(tmp_path: Path, box: Sandbox, clock: Clock, reader: str) -> None:
    """Names with blanks and commas, times without a zone, lists, columns and tables without a value."""
    need("deltalake", "duckdb", "polars")
    base = box.tenant.add_base("staff")
    base.add_table("full", FIELDS).add(ROW)
    base.add_table("bare", FIELDS)
    lab = open_lab(tmp_path / "ws", box, clock, f"{box.url}/base/{base.app_token}", base)
    sync(lab).raise_for_failures()
    lab.workspace.publish(tmp_path / "team", format="delta")
    found = READERS[reader](str(tmp_path / "team/delta/s1/full"))
    ours = lab.workspace.load("s1/full")
    assert [*found.columns][1:] == [*ours.columns]
    assert (found["标题, (主)"][0], found["数字"][0], bool(found["完成"][0])) == ("甲", 1.5, True)
    assert pd.Timestamp(found["日期"][0]) == ours["日期"].iloc[0]
    assert (found["状态"][0], [*found["标签"][0]]) == ("开", ["a", "b"])
    assert len(READERS[reader](str(tmp_path / "team/delta/s1/bare"))) == 0


# --- when it goes -----------------------------------------------------------------------------------------------------


@pytest.mark.stores
def test_what_is_withdrawn_leaves_no_versions(synced: Lab, tmp_path: Path) -> None:
    """The Delta tables of a source that was removed go after the grace time; those of the others stay."""
    need("deltalake")
    base = synced.box.tenant.add_base("other", app_token="AppOther000000000000000001")
    base.add_table("t", [Field("name", 1, is_primary=True)]).add({"name": text("a")})
    synced.workspace.add(f"{synced.box.url}/base/{base.app_token}", "s2")
    sync(synced)
    synced.workspace.publish(tmp_path / "team", format="delta")
    synced.workspace.remove("s2")
    for _ in range(2):
        synced.workspace.publish(tmp_path / "team", format="delta")
        synced.clock.advance(DAY + 1)
    synced.workspace.publish(tmp_path / "team", format="delta")
    assert [each.name for each in (tmp_path / "team/delta").iterdir()] == ["s1"]
    assert len(table(tmp_path / "team", "people").to_pandas()) == 30


@pytest.mark.stores
def test_the_extra_is_named_where_it_is_missing(synced: Lab, tmp_path: Path) -> None:
    """Before anything is published."""
    code = (
        "import sys, larknb, importlib.util as u\nfind = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'deltalake' else find(name, *a)\n"
        f"larknb.Workspace({str(synced.workspace.root)!r}).publish('out', format='delta')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert 'pip install "larknb[delta]"' in done.stderr
    assert not (tmp_path / "out").exists()
