"""Deltas: what tells a state of a table from the one before it, so that an old state costs what changed.

The current state of a table has its raw file, whole. Beside it lies a delta where little changed: the rows that came,
differ or went, with their places in both states. As soon as the state is not the current one, its raw file goes and the
delta stands for it. A chain of deltas ends at a raw file that stays; a new chain begins before one grows long.

A delta is an Arrow stream under zstd: of a few rows, Parquet would be mostly footer. That of a worksheet tells the
bytes of its grid from those before (`larknb.cache.patches`).
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from larknb.cache.checks import Corrupt, check_file, is_whole, parsing, read_whole, verify
from larknb.cache.manifest import TableEntry, is_inside
from larknb.cache.patches import SCHEMA as PATCH
from larknb.cache.patches import applied, difference
from larknb.cache.policy import snapshot_time
from larknb.decoding import ready
from larknb.files import create
from larknb.tabular.hashes import VOLATILE
from larknb.tabular.raw import COMPUTED_HASH, RECORD_ID, ROW_HASH, SYSTEM

__all__ = [
    "GRID",
    "RAW",
    "SUFFIX",
    "Delta",
    "about",
    "is_delta",
    "is_of_grid",
    "is_readable",
    "read",
    "read_grid",
    "schema_of",
    "write",
]

SUFFIX, RAW, GRID = ".delta.arrow.zst", ".raw.parquet", ".grid.json.gz"
KEY = b"larknb.delta"  # Arrow schema metadata: what a delta says of itself
BEFORE, AFTER = "_before", "_after"  # the places of a row in both states; one that came or went has none in one of them
REST = "_rest"  # hash of the system columns, which the hashes of a row leave out

LARGEST = 32_000_000  # bytes of the JSON of a worksheet: two of them are in memory
LEAST = 16_000  # bytes of a raw file for which a delta is worth another file
MOST_LINKS = 48  # deltas of a chain, two days of an hourly sync: each must be there, and takes about 3 ms to read
MOST_BYTES = 2.0  # deltas of a chain, as a share of the raw file at its end
MOST_ROWS = 50_000  # of a delta: what memory holds of a table on its way
WORTH = 0.3  # of the rows, and of the bytes: where a delta would have more of them, the raw file stays

Places = npt.NDArray[np.int64]
T = TypeVar("T")


@dataclass(frozen=True)
class Delta:
    """What a delta says of itself.

    Parameters
    ----------
    previous, check : str
        The delta or raw file of the state before, from the source's folder on, and its check.
    whole : str
        The check of the raw file that it stands for.
    rows : int
        Of the state.
    """

    previous: str
    check: str
    whole: str
    rows: int


def is_delta(path: Path) -> bool:
    """Say whether a file stands for a raw one by what changed."""
    return path.name.endswith(SUFFIX)


def is_of_grid(path: Path) -> bool:
    """Say whether a delta is that of a worksheet; Corrupt where it is none."""
    return _is_patch(_rows(path, "").schema)


def about(path: Path, check: str = "") -> Delta:
    """Return what a delta says of itself; Corrupt where it is none."""
    return _told(path, _rows(path, check).schema)


# --- reading --------------------------------------------------------------------------------------------------------


def schema_of(path: Path, check: str = "") -> pa.Schema:
    """Return the schema of the raw file that a delta stands for."""
    return _schema(_rows(path, check).schema)


def read(path: Path, check: str = "", columns: Sequence[str] | None = None) -> pa.Table:
    """Return the rows of the raw file that a delta stands for, or some columns of them, in their order."""
    return _either_way(lambda is_short: _read(path, check, columns, is_short=is_short))


def read_grid(path: Path, check: str = "") -> bytes:
    """Return the JSON of the grid that a delta stands for."""
    return _either_way(lambda is_short: _read_grid(path, check, is_short=is_short))


def is_readable(path: Path, check: str = "") -> bool:
    """Say whether a delta, and all that it needs, is there and as it was written."""
    try:
        return bool([*_chain(path, check, is_short=True)])
    except (Corrupt, FileNotFoundError):
        return False


def _either_way(read: Callable[[bool], T]) -> T:
    """Read the short way, or the long one where a sync has just deleted the raw file at its end."""
    try:
        return read(True)
    except FileNotFoundError:
        return read(False)


def _read(path: Path, check: str, columns: Sequence[str] | None, *, is_short: bool) -> pa.Table:
    *found, (end, _) = _chain(path, check, is_short=is_short)
    with parsing(end):
        base = pq.read_table(end, columns=columns, partitioning=None)
    with parsing(path):
        schema = _schema(found[0][1].schema) if found else base.schema
        schema = schema if columns is None else pa.schema(map(schema.field, base.column_names), schema.metadata)
        return _applied(base, [rows for _, rows in reversed(found)]).cast(schema)


def _read_grid(path: Path, check: str, *, is_short: bool) -> bytes:
    *found, (end, _) = _chain(path, check, is_short=is_short)
    with parsing(path):
        return applied(_unpacked(end), [rows for _, rows in reversed(found)])


def _unpacked(path: Path) -> bytes:
    with parsing(path):
        return gzip.decompress(path.read_bytes())


def _unpacked_small(path: Path) -> bytes | None:
    """Return the JSON of a worksheet; None for one of those that never are in memory."""
    with parsing(path), gzip.open(path) as file:
        data = file.read(LARGEST + 1)
    return data if len(data) <= LARGEST else None


def _chain(path: Path, check: str, *, is_short: bool) -> Iterator[tuple[Path, pa.Table]]:
    """Yield a delta and those before it with their rows, and the raw file at the end; each is checked.

    As long as the raw file is there that a delta stands for, that is a shorter way.
    """
    root = path.parents[2]
    for _ in range(2 * MOST_LINKS):
        if not is_delta(path):
            verify(path, check)
            yield path, None
            return
        rows = _rows(path, check)
        told, suffix = _told(path, rows.schema), GRID if _is_patch(rows.schema) else RAW
        raw = path.with_name(path.name.removesuffix(SUFFIX) + suffix)
        if is_short and is_whole(raw, told.whole):
            yield raw, None
            return
        yield path, rows
        path, check = root / told.previous, told.check
    raise Corrupt(path, "a chain without end")


def _rows(path: Path, check: str) -> pa.Table:
    """Return what a delta holds."""
    data = read_whole(path, check)
    with parsing(path), pa.CompressedInputStream(pa.BufferReader(data), "zstd") as stream:
        return pa.ipc.open_stream(stream).read_all()


def _told(path: Path, schema: pa.Schema) -> Delta:
    with parsing(path):
        told = msgspec.json.decode((schema.metadata or {})[KEY], type=ready(Delta))
    if not is_inside(told.previous):
        raise Corrupt(path, "it needs a file elsewhere")
    return told


def _is_patch(schema: pa.Schema) -> bool:
    return bool(schema.equals(PATCH, check_metadata=False))


def _schema(schema: pa.Schema) -> pa.Schema:
    columns = [column for column in schema if column.name not in (BEFORE, AFTER)]
    return pa.schema(columns, {key: text for key, text in schema.metadata.items() if key != KEY})


def _applied(base: pa.Table, deltas: Iterable[pa.Table]) -> pa.Table:
    """Return a table with all that deltas, the oldest first, say of it."""
    parts, order, known = [base], np.arange(base.num_rows), base.num_rows
    for delta in deltas:
        after = delta.column(AFTER).drop_null().to_numpy()
        kept = np.delete(order, delta.column(BEFORE).drop_null().to_numpy())
        order = np.full(len(kept) + len(after), -1)
        order[after] = known + np.flatnonzero(delta.column(AFTER).is_valid())
        order[order < 0] = kept
        parts.append(delta.select(base.column_names))
        known += delta.num_rows
    return pa.concat_tables(parts).unify_dictionaries().combine_chunks().take(pa.array(order))


# --- writing --------------------------------------------------------------------------------------------------------


def write(root: Path, raw: Path, rows: int, old: TableEntry, since: float) -> Path | None:
    """Write what tells a new raw file from the state before it, and return where; None where the raw file must stay.

    Parameters
    ----------
    root : Path
        The source's folder.
    raw : Path
        The new raw file, complete.
    rows : int
        Of it.
    old : TableEntry
        The table as it was.
    since : float
        The chain must have begun after that: what it began with is kept as long as its last state.
    """
    before = old.as_kept()
    if raw.stat().st_size < LEAST or not _has_room(root / before.raw, before.raw_check, since):
        return None
    delta = (_difference_of_grids if old.form == "grid" else _difference)(root / old.raw, raw)
    if delta is None:
        return None
    told = Delta(before.raw, before.raw_check, check_file(raw), rows)
    delta = delta.replace_schema_metadata({**(delta.schema.metadata or {}), KEY: msgspec.json.encode(told)})
    path = raw.with_name(raw.name.removesuffix(RAW).removesuffix(GRID) + SUFFIX)
    with create(path) as file, pa.CompressedOutputStream(file, "zstd") as data:
        stream = pa.ipc.new_stream(data, delta.schema)
        stream.write_table(delta.combine_chunks())
        stream.close()
    if path.stat().st_size <= WORTH * raw.stat().st_size:
        return path
    path.unlink()
    return None


def _has_room(path: Path, check: str, since: float) -> bool:
    """Say whether the chain of a state is whole and not too old, and one more delta does not make it too long."""
    try:
        *deltas, (base, _) = _chain(path, check, is_short=False)
    except (Corrupt, FileNotFoundError):
        return False
    size = sum(delta.stat().st_size for delta, _ in deltas)
    is_young = snapshot_time(base.parent.name) >= since
    return is_young and len(deltas) < MOST_LINKS and size < MOST_BYTES * base.stat().st_size


def _difference_of_grids(old: Path, new: Path) -> pa.Table | None:
    after = _unpacked_small(new)
    before = read_grid(old) if is_delta(old) else _unpacked_small(old)
    return None if before is None or after is None else difference(before, after)


def _difference(old: Path, new: Path) -> pa.Table | None:
    """Return the rows that came, differ or went, with their places; None where it is no use to keep them alone."""
    schema = pq.read_schema(new)
    known_schema = schema_of(old) if is_delta(old) else pq.read_schema(old)
    if {BEFORE, AFTER} & {*schema.names} or not known_schema.equals(schema, check_metadata=False):
        return None
    before, after = _compared(old), _compared(new)
    places = pc.index_in(after.column(RECORD_ID), value_set=before.column(RECORD_ID).combine_chunks()).combine_chunks()
    known, stay = np.flatnonzero(places.is_valid()), places.drop_null().to_numpy()
    same = np.ones(len(known), dtype=bool)
    for name in (ROW_HASH, COMPUTED_HASH, REST):
        same &= before.column(name).to_numpy()[stay] == after.column(name).to_numpy()[known]
    came = np.setdiff1d(np.arange(after.num_rows), known[same], assume_unique=True)
    went = np.setdiff1d(np.arange(before.num_rows), stay, assume_unique=True)
    changed = len(came) + len(went)
    if changed > min(WORTH * after.num_rows, MOST_ROWS) or (np.diff(stay[same]) <= 0).any():
        return None  # too much, or rows that did not change are in another order
    ids = before.column(RECORD_ID).take(pa.array(went)).combine_chunks()
    return _with_gone(_compact(_rows_at(new, came)), places.take(pa.array(came)), came, ids, went)


def _with_gone(rows: pa.Table, before: pa.Array, after: Places, ids: pa.Array, went: Places) -> pa.Table:
    """Return rows that came or differ with their places, and after them the ids of those that went, with theirs."""
    rows = rows.append_column(BEFORE, before.cast(pa.int32())).append_column(AFTER, pa.array(after, pa.int32()))
    known = {RECORD_ID: ids, BEFORE: pa.array(went, pa.int32())}
    gone = [known.get(column.name, pa.nulls(len(went), column.type)) for column in rows.schema]
    return pa.concat_tables([rows, pa.Table.from_arrays(gone, schema=rows.schema)])


def _compared(path: Path) -> pa.Table:
    """Return what tells whether a row of a raw file differs."""
    columns = [RECORD_ID, ROW_HASH, COMPUTED_HASH, *SYSTEM]
    if is_delta(path):
        return _with_rest(read(path, columns=columns))
    with pq.ParquetFile(path) as file:
        parts = [_with_rest(file.read_row_group(index, columns)) for index in range(file.num_row_groups)]
        return pa.concat_tables(parts or [_with_rest(file.schema_arrow.empty_table())])


def _with_rest(rows: pa.Table) -> pa.Table:
    """Return ids and hashes of rows, and in `REST` one of the system columns: 500,000 names would fill the memory."""
    rest = np.zeros(rows.num_rows, np.uint64)
    for name in SYSTEM:
        for leaf in _leaves(rows.column(name)):
            rest = rest * np.uint64(1_000_003) ^ _hashes(leaf)
    return rows.select([RECORD_ID, ROW_HASH, COMPUTED_HASH]).append_column(REST, pa.array(rest))


def _leaves(column: pa.ChunkedArray) -> list[pa.ChunkedArray]:
    """Return the parts of a column that count: addresses that change by themselves do not, as in no hash."""
    if not pa.types.is_struct(column.type):
        return [column]
    return [pc.struct_field(column, field.name) for field in column.type if field.name not in VOLATILE]


def _hashes(column: pa.ChunkedArray) -> npt.NDArray[np.uint64]:
    if not pa.types.is_string(column.type):
        column = column.cast(pa.int64())
        numbers: npt.NDArray[np.uint64] = column.fill_null(0).to_numpy().astype(np.uint64) * np.uint64(2)
        numbers[column.is_null().to_numpy()] = 1
        return numbers
    coded = column.combine_chunks().dictionary_encode()
    coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    hashed = pd.util.hash_array(np.array([*coded.dictionary.to_pylist(), None], dtype=object))
    values: npt.NDArray[np.uint64] = hashed[coded.indices.fill_null(len(coded.dictionary)).to_numpy()]
    return values


def _rows_at(path: Path, places: Places) -> pa.Table:
    """Return some rows of a raw file; memory holds a row group of the others."""
    parts, first = [], 0
    with pq.ParquetFile(path) as file:
        for index in range(file.num_row_groups):
            rows = file.read_row_group(index)
            here = places[(places >= first) & (places < first + rows.num_rows)] - first
            parts.append(rows.take(pa.array(here)))
            first += rows.num_rows
        return pa.concat_tables(parts or [file.schema_arrow.empty_table()])


def _compact(rows: pa.Table) -> pa.Table:
    """Return a table whose dictionaries hold what is used: a select may have 20,000 options."""
    for index, column in enumerate(rows.columns):
        if pa.types.is_dictionary(column.type):
            used = column.cast(column.type.value_type).dictionary_encode()
            rows = rows.set_column(index, rows.schema.field(index), used)
    return rows
