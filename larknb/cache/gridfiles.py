"""The two files of a worksheet: the grid as it was received, and the typed table that it becomes."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from larknb.cache.checks import parsing, read_whole
from larknb.cache.manifest import Form
from larknb.cache.parquet import ParquetFile
from larknb.cache.tablefiles import Change
from larknb.files import create
from larknb.model import ColumnMemory, Grid, GridOptions, Options
from larknb.tabular import grid
from larknb.tabular.grid import row_hashes
from larknb.tabular.typed import to_table

__all__ = ["GridWriter", "read_grid", "typing_options", "write_typed"]


class GridWriter:
    """Writes the files of one worksheet; the twin of `tablefiles.TableWriter` for a grid, which comes whole.

    Parameters
    ----------
    folder : Path
        The snapshot's folder.
    file : str
        Name of the files, without a suffix.
    grid : Grid
        What is written.
    options : mapping
        Of the source: header row, merged cells.
    """

    form: Form = "grid"

    def __init__(self, folder: Path, file: str, grid: Grid, options: GridOptions) -> None:
        self.file, self.table, self._record = file, grid.table, grid.record
        self.raw, self.friendly = folder / f"{file}.grid.json.gz", folder / f"{file}.parquet"
        # No time in the header and no fast level: the same grid gives the same bytes, and a sheet is kept for 90 days.
        with create(self.raw) as raw:
            raw.write(gzip.compress(orjson.dumps(grid.record, default=str), mtime=0))
        self.rows = write_typed(grid.record, self.friendly, options)
        self.misfits = 0
        self.columns: dict[str, ColumnMemory] = {}

    def close(self) -> None:
        """Nothing is left to do: a grid is written at once."""

    def discard(self) -> None:
        """Delete the files again."""
        self.raw.unlink(missing_ok=True)
        self.friendly.unlink(missing_ok=True)

    def digest(self) -> str:
        """Return what identifies the table that the grid becomes."""
        return grid.digest(self._record)

    def compare(self, raw: Path) -> Change:
        """Count the sheet rows that came, went or differ from those of an earlier grid."""
        old, new = row_hashes(read_grid(raw)), row_hashes(self._record)
        both = old.keys() & new.keys()
        return Change(
            self.rows,
            added=len(new.keys() - both),
            changed=sum(old[row] != new[row] for row in both),
            removed=len(old.keys() - both),
        )

    def is_like(self, raw: Path) -> bool:
        """Say whether an earlier grid becomes the same table."""
        return grid.digest(read_grid(raw)) == self.digest()


def read_grid(path: Path, check: str = "") -> dict[str, Any]:
    """Return a grid as it was received; Corrupt if the file is not as it was written."""
    data = read_whole(path, check)
    with parsing(path):
        record: dict[str, Any] = orjson.loads(gzip.decompress(data))
    return record


def write_typed(record: Mapping[str, Any], path: Path, options: GridOptions) -> int:
    """Write the typed table of a grid and return its rows."""
    table = to_table(record, options)
    with ParquetFile(path, table.schema) as writer:
        writer.write_table(table)
    return int(table.num_rows)


def typing_options(options: Options) -> GridOptions:
    """Return the options of a source that decide what a grid becomes, as JSON gives them back."""
    found: GridOptions = {}
    if "header" in options:
        header = options["header"]
        found["header"] = list(header) if isinstance(header, tuple) else header
    if "fill_merged" in options:
        found["fill_merged"] = options["fill_merged"]
    return found
