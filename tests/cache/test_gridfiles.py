"""A worksheet's two files: the grid as it came, byte for byte the same each time, and the table it becomes."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path
from typing import Any, Unpack

import orjson
import pyarrow.parquet as pq
import pytest

from larknb.cache.checks import Corrupt
from larknb.cache.gridfiles import GridWriter, open_grid, read_grid, write_typed
from larknb.model import Grid, GridOptions
from larknb.tabular.grid import fingerprint

from . import taking

ROWS: list[list[Any]] = [["name", "size"], ["a", 1], ["b", 2]]


def grid_of(rows: list[list[Any]]) -> Grid:
    return taking.grid("data", "sheet1", *rows)


@pytest.fixture
def grid() -> Grid:
    return grid_of(ROWS)


def written(folder: Path, grid: Grid, **options: Unpack[GridOptions]) -> GridWriter:
    folder.mkdir(exist_ok=True)
    return GridWriter(folder, "data", grid, options, {})


def test_a_grid_comes_back_as_it_was(tmp_path: Path, grid: Grid) -> None:
    """And the table that it becomes lies beside it."""
    writer = written(tmp_path / "1", grid)
    assert read_grid(writer.raw) == grid.record
    assert pq.read_table(writer.friendly).column("size").to_pylist() == [1, 2]
    assert (writer.rows, writer.misfits.rows, writer.columns) == (2, 0, {})
    writer.close()
    assert {path.name for path in writer.raw.parent.iterdir()} == {"data.grid.json.gz", "data.parquet"}


def test_the_same_grid_is_the_same_bytes(tmp_path: Path, grid: Grid) -> None:
    """No time of writing is in them: a file that did not change need not be copied."""
    first, second = written(tmp_path / "1", grid), written(tmp_path / "2", grid)
    assert first.raw.read_bytes() == second.raw.read_bytes()
    assert first.raw.read_bytes()[4:8] == bytes(4)  # where gzip keeps a time
    assert gzip.decompress(first.raw.read_bytes()).startswith(b"{")


def test_the_options_decide_the_table_alone(tmp_path: Path, grid: Grid) -> None:
    """Without a header the first row is a row; the grid, and what identifies it, stay."""
    plain, bare = written(tmp_path / "1", grid), written(tmp_path / "2", grid, header="none")
    assert (plain.rows, bare.rows) == (2, 3)
    assert plain.raw.read_bytes() == bare.raw.read_bytes()
    assert write_typed(grid.record, tmp_path / "again.parquet", {"header": "none"}, {}).rows == 3


def test_sheet_rows_are_compared_by_their_place(tmp_path: Path, grid: Grid) -> None:
    """One cell edited, a row added, a row gone: each is counted, and such a grid is not like the other."""
    old = written(tmp_path / "old", grid)
    for name, rows, counts in (
        ("same", ROWS, (0, 0, 0)),
        ("edited", [*ROWS[:2], ["b", 3]], (0, 1, 0)),
        ("longer", [*ROWS, ["c", 3]], (1, 0, 0)),
        ("shorter", ROWS[:2], (0, 0, 1)),
    ):
        new = written(tmp_path / name, grid_of(rows))
        change = new.compare(old.raw)
        assert (change.added, change.changed, change.removed) == counts, name
        assert change.rows == new.rows
        assert new.is_like(old.raw) is (name == "same")
        assert (new.digest() == old.digest()) is (name == "same")


def test_a_discarded_grid_leaves_nothing(tmp_path: Path, grid: Grid) -> None:
    """Also if it is discarded twice."""
    writer = written(tmp_path / "1", grid)
    writer.discard()
    writer.discard()
    assert [*(tmp_path / "1").iterdir()] == []


def parts_of(grid: Grid, rows: list[list[Any]]) -> list[Grid]:
    """A worksheet in four parcels, as it comes: its rows one by one, the date pass, its end."""
    nothing = {**grid.record, "values": [], "dates": []}
    windows = [{"row": row, "column": 1, "values": [cells]} for row, cells in enumerate(rows, 1)]
    dates = [{"row": 2, "column": 2, "values": [["2026/01/01"]]}]
    values = [replace(grid, record={**nothing, "values": [window]}, fresh=n == 0, whole=False)
              for n, window in enumerate(windows)]  # fmt: skip
    end = [replace(grid, record=nothing | more, fresh=False, whole=not more) for more in ({"dates": dates}, {})]
    return [*values, *end]


def test_a_grid_that_comes_in_parcels_is_one_grid(tmp_path: Path, grid: Grid) -> None:
    """It is read window by window, and says what it says in one piece; without its end it is none."""
    first, *more = parts_of(grid, ROWS)
    writer = written(tmp_path / "1", first)
    for part in more:
        assert not writer.is_whole
        writer.add(part)
    record = open_grid(writer.raw)
    assert [window["row"] for window in record["values"]] == [1, 2, 3]
    assert [*record["dates"]] == read_grid(writer.raw)["dates"]
    assert (writer.is_whole, writer.rows) == (True, 2)
    assert fingerprint(record)[0] == writer.digest() != written(tmp_path / "2", grid).digest()


def test_a_grid_of_an_older_larknb_is_read(tmp_path: Path, grid: Grid) -> None:
    """It lies there in one line."""
    (tmp_path / "old.grid.json.gz").write_bytes(gzip.compress(orjson.dumps(grid.record)))
    old, new = open_grid(tmp_path / "old.grid.json.gz"), written(tmp_path / "new", grid)
    assert fingerprint(old)[0] == new.digest()
    assert new.is_like(tmp_path / "old.grid.json.gz")


def test_a_grid_that_was_cut_off_is_no_grid(tmp_path: Path, grid: Grid) -> None:
    """Its rows are never taken for all of them."""
    raw = written(tmp_path / "1", grid).raw
    raw.write_bytes(gzip.compress(gzip.decompress(raw.read_bytes())[:-12]))
    with pytest.raises(Corrupt):
        fingerprint(open_grid(raw))
