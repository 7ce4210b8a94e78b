"""The two files of a worksheet: the grid as it was received, and the typed table that it becomes.

A grid is written window by window, as it comes, and read again in the same way: a worksheet of ten million cells never
is in memory. Each window is a line of the JSON.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from larknb.cache import deltas
from larknb.cache.checks import parsing, read_whole, verify
from larknb.cache.manifest import Form
from larknb.cache.parquet import ParquetFile
from larknb.cache.tablefiles import ROW_GROUP, Change
from larknb.config.names import options_of
from larknb.files import create
from larknb.model import ColumnMemory, Grid, GridOptions, Options
from larknb.tabular.grid import Hashes, Record, fingerprint
from larknb.tabular.misfits import NONE
from larknb.tabular.raw import storable_json
from larknb.tabular.typed import Typing

__all__ = ["GridWriter", "open_grid", "read_grid", "typing_options", "write_typed"]

PASSES = ("values", "dates")  # the members of a record that hold windows, the last ones of the file, in this order


class GridWriter:
    """Writes the files of one worksheet; the twin of `tablefiles.TableWriter` for a grid.

    Parameters
    ----------
    folder : Path
        The snapshot's folder.
    file : str
        Name of the files, without a suffix.
    grid : Grid
        The first parcel of the worksheet.
    options : mapping
        Of the worksheet: header row, merged cells.
    known : mapping
        What was learned of its columns before.
    """

    form: Form = "grid"

    def __init__(
        self, folder: Path, file: str, grid: Grid, options: GridOptions, known: Mapping[str, ColumnMemory]
    ) -> None:
        self.file, self.table, self.is_whole = file, grid.table, False
        self.raw, self.friendly = folder / f"{file}.grid.json.gz", folder / f"{file}.parquet"
        self.rows, self.misfits = 0, NONE
        self.columns: Mapping[str, ColumnMemory] = known
        self._options, self._prints = options, dict[Path, tuple[str, Hashes]]()
        # No time in the header: the same grid gives the same bytes. Level 9 takes four times as long for 2 % less.
        self._disk = create(self.raw)
        self._file = gzip.GzipFile("", "wb", compresslevel=6, fileobj=self._disk, mtime=0)
        self._pass, self._is_first = 0, True
        head = {key: value for key, value in grid.record.items() if key not in PASSES}
        self._file.write(_json(head)[:-1] + b',"values":[')
        self.add(grid)

    def add(self, grid: Grid) -> None:
        """Take some windows: all of the data pass before those of the date pass, each from the top down."""
        for place, which in enumerate(PASSES):
            for window in grid.record[which]:
                self._begin(place)
                self._file.write((b"\n" if self._is_first else b",\n") + _json(window))
                self._is_first = False
        if grid.whole:
            self._finish()

    def _begin(self, place: int) -> None:
        """Begin the windows of a pass unless they have begun."""
        while self._pass < place:
            self._file.write(b'\n],"dates":[')
            self._pass, self._is_first = self._pass + 1, True

    def _finish(self) -> None:
        self._begin(len(PASSES) - 1)
        self._file.write(b"\n]}")
        self._close()
        typing = write_typed(open_grid(self.raw), self.friendly, self._options, self.columns)
        self.rows, self.columns, self.is_whole = typing.rows, typing.columns, True

    def _close(self) -> None:
        try:
            self._file.close()
        finally:
            self._disk.close()

    def close(self) -> None:
        """Nothing is left to do: the files are complete with the last parcel."""

    def discard(self) -> None:
        """Delete the files again."""
        with suppress(OSError):  # a full disk takes no end either
            self._close()
        self.raw.unlink(missing_ok=True)
        self.friendly.unlink(missing_ok=True)

    def digest(self) -> str:
        """Return what identifies the table that the grid becomes."""
        return self._print(self.raw)[0]

    def compare(self, raw: Path) -> Change:
        """Count the sheet rows that came, went or differ from those of an earlier grid."""
        old, new = self._print(raw)[1], self._print(self.raw)[1]
        _, before, after = np.intersect1d(old["row"], new["row"], assume_unique=True, return_indices=True)
        return Change(
            self.rows,
            added=len(new) - len(after),
            changed=int((old["hash"][before] != new["hash"][after]).sum()),
            removed=len(old) - len(before),
        )

    def is_like(self, raw: Path) -> bool:
        """Say whether an earlier grid becomes the same table."""
        return self._print(raw)[0] == self.digest()

    def _print(self, raw: Path) -> tuple[str, Hashes]:
        if raw not in self._prints:
            self._prints[raw] = fingerprint(open_grid(raw))
        return self._prints[raw]


def _json(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:  # half an emoji, a number without end, a cell that nests too deep
        return orjson.dumps(storable_json(value))


def read_grid(path: Path, check: str = "") -> dict[str, Any]:
    """Return a grid as it was received; Corrupt if the file is not as it was written."""
    if deltas.is_delta(path):
        data = deltas.read_grid(path, check)
    else:
        with parsing(path):
            data = gzip.decompress(read_whole(path, check))
    with parsing(path):
        record: dict[str, Any] = orjson.loads(data)
    return record


def open_grid(path: Path, check: str = "") -> Record:
    """Return a grid as it was received, whose windows are read one by one and each time anew.

    Corrupt, here or when the windows are read, if the file is not as it was written.
    """
    if deltas.is_delta(path):
        return read_grid(path, check)
    verify(path, check)
    with parsing(path), gzip.open(path) as file:
        head = file.readline()
    if not head.endswith(b'"values":[\n'):
        return read_grid(path, check)  # an older larknb wrote it in one piece
    with parsing(path):
        about: dict[str, Any] = orjson.loads(head + b"]}")
    return about | {which: _Windows(path, place) for place, which in enumerate(PASSES)}


@dataclass(frozen=True)
class _Windows:
    """The windows of one pass, as they stand in a file."""

    path: Path
    place: int

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        with parsing(self.path), gzip.open(self.path) as file:
            file.readline()
            for _ in range(self.place):
                for _ in _lines(file):
                    pass
            yield from map(orjson.loads, _lines(file))


def _lines(file: gzip.GzipFile) -> Iterator[bytes]:
    """Yield the windows of a pass, of which each is a line."""
    for line in file:
        if line.startswith(b"]"):
            return
        yield line.rstrip(b",\n")
    raise EOFError("the file of a worksheet ends before its end")


def write_typed(record: Record, path: Path, options: GridOptions, known: Mapping[str, ColumnMemory]) -> Typing:
    """Write the typed table of a grid, and return what there is to know of it."""
    typing = Typing(record, options, known)
    with ParquetFile(path, typing.schema) as writer:
        for rows in _row_groups(typing):
            writer.write_table(rows)
    return typing


def _row_groups(typing: Typing) -> Iterator[pa.Table]:
    waiting: list[pa.RecordBatch] = []
    for batch in typing.batches():
        waiting.append(batch)
        if sum(part.num_rows for part in waiting) >= ROW_GROUP:
            yield pa.Table.from_batches(waiting)
            waiting = []
    if waiting or not typing.rows:
        yield pa.Table.from_batches(waiting, schema=typing.schema)


def typing_options(options: Options, *names: str) -> GridOptions:
    """Return the options that decide what a grid becomes, as JSON gives them back.

    Parameters
    ----------
    options : mapping
        Those of the source, among them those of single tables.
    names : str
        Id and name of the table.
    """
    found: GridOptions = {}
    options = options_of(options, *names)
    if "header" in options:
        header = options["header"]
        found["header"] = list(header) if isinstance(header, tuple) else header
    if "fill_merged" in options:
        found["fill_merged"] = options["fill_merged"]
    return found
