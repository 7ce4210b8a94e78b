"""Delta tables: a version for each change, readable by whoever reads Delta."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Lab
from tests.stores import change

pytestmark = pytest.mark.soak


def table(target: Path, name: str, version: int | None = None) -> Any:
    deltalake = pytest.importorskip("deltalake", reason='deltalake is not installed: pip install "larknb[delta]"')
    return deltalake.DeltaTable(str(target / "delta/s1" / name), version=version)


def test_each_change_is_a_version(synced: Lab, tmp_path: Path) -> None:
    """One commit for each table that changed, none for the others; earlier versions still read."""
    pytest.importorskip("deltalake", reason='deltalake is not installed: pip install "larknb[delta]"')
    synced.workspace.publish(tmp_path, format="delta")
    synced.workspace.publish(tmp_path, format="delta")
    synced.later().people.edit(next(iter(synced.people.rows)), {"age": 77})
    synced.workspace.sync(force=True, progress=False).raise_for_failures()
    synced.workspace.publish(tmp_path, format="delta")
    assert (table(tmp_path, "people").version(), table(tmp_path, "teams").version()) == (1, 0)
    assert table(tmp_path, "people").to_pandas()["age"].tolist()[0] == 77
    assert table(tmp_path, "people", 0).to_pandas()["age"].tolist()[0] == 0


def test_every_sync_writes_versions_too(synced: Lab, tmp_path: Path) -> None:
    """The form is remembered with the target."""
    pytest.importorskip("deltalake", reason='deltalake is not installed: pip install "larknb[delta]"')
    synced.workspace.publish(tmp_path, format="delta", every_sync=True)
    change(synced, 3)
    assert table(tmp_path, "people").version() == 1


def test_all_types_find_a_place(tmp_path: Path) -> None:
    """Categories and times of day become texts, times microseconds, lists stay lists."""
    pytest.importorskip("deltalake", reason='deltalake is not installed: pip install "larknb[delta]"')
    import pyarrow as pa

    from larknb.outlets.delta import plain_rows

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
