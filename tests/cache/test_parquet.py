"""A Parquet file is written through a file of ours."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from larknb.cache.parquet import ParquetFile

TABLE = pa.table({"a": [1, 2, 3], "b": ["x", "y", None]})


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    """Row group by row group."""
    with ParquetFile(tmp_path / "t.parquet", TABLE.schema) as file:
        for _ in range(2):
            file.write_table(TABLE)
    assert pq.read_table(tmp_path / "t.parquet").equals(pa.concat_tables([TABLE, TABLE]))
    assert pq.ParquetFile(tmp_path / "t.parquet").num_row_groups == 2


def test_texts_that_are_all_different_take_no_list_of_all_of_them(tmp_path: Path) -> None:
    """Such a list would lie beside a number for each row, and both take more room than the texts themselves."""
    table = pa.table({"a": [f"rec{number:08}" for number in range(40_000)]})
    with ParquetFile(tmp_path / "t.parquet", table.schema) as file:
        file.write_table(table)
    assert (tmp_path / "t.parquet").stat().st_size < 50_000


def test_a_full_disk_is_an_error_that_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At whatever moment, once; and nothing is heard of the file when it is let go of, or left open."""
    file = ParquetFile(tmp_path / "t.parquet", TABLE.schema)
    file.write_table(TABLE)
    handles = len([*Path("/proc/self/fd").iterdir()]) if Path("/proc/self/fd").exists() else 0

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match=r"t\.parquet"):
        file.close()
    file.close()
    monkeypatch.undo()
    if handles:
        assert len([*Path("/proc/self/fd").iterdir()]) == handles - 1


def test_a_writer_that_is_forgotten_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error that made somebody let go of it was told."""
    file = ParquetFile(tmp_path / "t.parquet", TABLE.schema)

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    del file
    gc.collect()
