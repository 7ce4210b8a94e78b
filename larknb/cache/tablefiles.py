"""The two Parquet files of a table, raw and friendly: written a row group at a time, compared, merged."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from larknb.cache import deltas
from larknb.cache.checks import parsing, verify
from larknb.cache.manifest import Form
from larknb.cache.parquet import ParquetFile
from larknb.files import create
from larknb.model import ColumnMemory, TableInfo
from larknb.tabular.friendly import Friendly
from larknb.tabular.links import LinkTexts
from larknb.tabular.misfits import NONE, Misfits, misfits_of
from larknb.tabular.raw import COMPUTED_HASH, EXTRA, RECORD_ID, ROW_HASH, linked_tables
from larknb.tabular.records import json_records

__all__ = [
    "KEYS",
    "Change",
    "TableWriter",
    "compare",
    "differing_rows",
    "digest",
    "empty_shares",
    "link_texts",
    "read_rows",
    "row_groups",
    "schema_of",
    "with_computed",
    "write_friendly",
    "write_json",
]

ROW_GROUP = 50_000  # rows: what memory holds of a table on its way
KEYS = [RECORD_ID, ROW_HASH, COMPUTED_HASH]


@dataclass(frozen=True)
class Change:
    """What a snapshot did to one table, or to the blocks of a document, which has no rows.

    A ``problem`` says why the cached rows were kept instead; ``misfits`` are the values that fit no column.
    """

    rows: int | None
    added: int = 0
    changed: int = 0
    removed: int = 0
    problem: str = ""
    misfits: Misfits = NONE


class TableWriter:
    """Writes the raw file of a table and, where no linked table's texts are needed, the friendly one along with it.

    A row group is written by a thread of its own while the next pages arrive; there is never more than one waiting.

    Parameters
    ----------
    folder : Path
        The snapshot's folder.
    file : str
        Name of the files, without a suffix.
    table : TableInfo
        What is written.
    known : mapping
        What `Friendly` learned of the columns at earlier times.
    """

    form: Form = "records"

    def __init__(self, folder: Path, file: str, table: TableInfo, known: Mapping[str, ColumnMemory]) -> None:
        self.file, self.table = file, table
        self.raw, self.friendly = folder / f"{file}.raw.parquet", folder / f"{file}.parquet"
        self.rows, self.misfits = 0, NONE
        self._converter = None if linked_tables(table.schema) else Friendly(table.schema, known)
        self._raw_writer = ParquetFile(self.raw, table.schema)
        self._friendly_writer: ParquetFile | None = None
        self._waiting: list[pa.Table] = []
        self._groups = 0
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="larknb-write")
        self._job: Future[None] | None = None

    @property
    def columns(self) -> dict[str, ColumnMemory] | None:
        """What was learned of the columns, once closed; None where the friendly file is still to be made."""
        return None if self._converter is None else dict(self._converter.learned)

    def add(self, rows: pa.Table) -> None:
        """Take some rows."""
        self.rows += rows.num_rows
        self.misfits += misfits_of(rows)
        self._waiting.append(rows)
        if sum(part.num_rows for part in self._waiting) >= ROW_GROUP:
            self._hand_over()

    def close(self) -> None:
        """Return when both files are complete."""
        if self._waiting or not self._groups:
            self._hand_over()
        self._wait()
        self._thread.shutdown()
        self._raw_writer.close()
        if self._friendly_writer is not None:
            self._friendly_writer.close()

    def discard(self) -> None:
        """Delete the files again, also those of a writer that failed."""
        self._thread.shutdown()
        for writer in (self._raw_writer, self._friendly_writer):
            if writer is not None:
                with suppress(OSError):  # a full disk takes no footer either
                    writer.close()
        for path in (self.raw, self.friendly):
            with suppress(OSError):
                path.unlink(missing_ok=True)

    def digest(self) -> str:
        """Return what identifies the rows, in whatever order they came."""
        return digest(self.raw)

    def compare(self, raw: Path) -> Change:
        """Count the rows that came, went or differ from those of an earlier raw file."""
        return compare(read_rows(raw, columns=KEYS), read_rows(self.raw, columns=KEYS))

    def is_like(self, raw: Path) -> bool:
        """Say whether an earlier raw file has the same columns, defined in the same way, and the same edit times.

        An edit that was undone moves the time alone, which no hash counts.
        """
        same = schema_of(raw).equals(self.table.schema, check_metadata=True)
        return bool(same and _edit_times(raw).equals(_edit_times(self.raw)))

    def _hand_over(self) -> None:
        self._wait()
        rows, self._waiting = self._waiting, []
        self._groups += 1
        self._job = self._thread.submit(self._write, rows)

    def _wait(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.result()

    def _write(self, parts: list[pa.Table]) -> None:
        rows = pa.concat_tables(parts) if parts else self.table.schema.empty_table()
        rows = rows.unify_dictionaries().cast(self.table.schema)
        self._raw_writer.write_table(rows, row_group_size=ROW_GROUP)
        if self._converter is not None:
            self._write_friendly(self._converter, rows)

    def _write_friendly(self, converter: Friendly, rows: pa.Table) -> None:
        converter.learn(rows)
        if any(memory.get("links") for memory in converter.learned.values()):
            self._converter = None  # a lookup shows rows of other tables, whose texts are not at hand yet
            return
        if self._friendly_writer is None:
            self._friendly_writer = ParquetFile(self.friendly, converter.schema)
        if self._friendly_writer.schema.equals(converter.schema, check_metadata=True):
            self._friendly_writer.write_table(converter.convert(rows), row_group_size=ROW_GROUP)
        else:  # these rows widened a column: the earlier groups were written too narrow, and all is written again later
            self._converter = None


def read_rows(path: Path, check: str = "", columns: Sequence[str] | None = None) -> pa.Table:
    """Return the rows of a Parquet file, or some columns of them; Corrupt where it is not as it was written."""
    if deltas.is_delta(path):
        return deltas.read(path, check, columns)
    verify(path, check)
    with parsing(path):
        return pq.read_table(path, columns=columns, partitioning=None, page_checksum_verification=not check)


def schema_of(path: Path, check: str = "") -> pa.Schema:
    """Return the schema of a Parquet file; Corrupt where it is not as it was written."""
    if deltas.is_delta(path):
        return deltas.schema_of(path, check)
    verify(path, check)
    with parsing(path):
        return pq.read_schema(path)


def row_groups(path: Path, check: str = "", columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
    """Yield the row groups of a Parquet file; an empty file yields one empty table. Memory never holds the file.

    Of a delta it holds the table that it stands for.
    """
    if deltas.is_delta(path):
        rows = deltas.read(path, check, columns)
        yield from (rows.slice(first, ROW_GROUP) for first in range(0, max(1, rows.num_rows), ROW_GROUP))
        return
    verify(path, check)
    with parsing(path), pq.ParquetFile(path, page_checksum_verification=not check) as file:
        for index in range(file.num_row_groups):
            yield file.read_row_group(index, columns=columns)
        if not file.num_row_groups:
            yield file.schema_arrow.empty_table().select(columns or file.schema_arrow.names)


def empty_shares(path: Path, check: str = "") -> dict[str, float]:
    """Return the share of rows without a value, by column."""
    if deltas.is_delta(path):
        whole = deltas.read(path, check)
        rows = whole.num_rows
        return {name: whole.column(name).null_count / rows for name in whole.column_names} if rows else {}
    verify(path, check)
    with parsing(path), pq.ParquetFile(path, page_checksum_verification=not check) as file:
        rows = file.metadata.num_rows
        names = file.schema_arrow.names if rows else []
        return {name: file.read(columns=[name]).column(0).null_count / rows for name in names}


def differing_rows(old: pa.Table, new: pa.Table) -> tuple[pa.Array, pa.Array]:
    """Return the ids of the rows, then and now, that do not hold the same in both; the columns are `KEYS`."""
    at = pc.index_in(new.column(RECORD_ID), value_set=old.column(RECORD_ID).combine_chunks())
    before, after = old.take(at.drop_null()), new.filter(at.is_valid())
    same = np.ones(after.num_rows, dtype=bool)
    for name in KEYS[1:]:
        same &= before.column(name).to_numpy() == after.column(name).to_numpy()
    kept = after.column(RECORD_ID).filter(pa.array(same)).combine_chunks()
    then, now = (rows.column(RECORD_ID).combine_chunks() for rows in (old, new))
    return tuple(ids.filter(pc.invert(pc.is_in(ids, value_set=kept))) for ids in (then, now))


def compare(old: pa.Table, new: pa.Table) -> Change:
    """Count the rows that came, went or differ, by record id and hashes."""
    at = pc.index_in(new.column(RECORD_ID), value_set=old.column(RECORD_ID).combine_chunks())
    known = at.is_valid()
    before = old.take(at.drop_null())
    after = new.filter(known)
    differs = np.zeros(after.num_rows, dtype=bool)
    for name in KEYS[1:]:
        differs |= before.column(name).to_numpy() != after.column(name).to_numpy()
    return Change(
        new.num_rows, added=new.num_rows - after.num_rows, changed=int(differs.sum()),
        removed=old.num_rows - after.num_rows,
    )  # fmt: skip


def digest(path: Path) -> str:
    """Return what identifies the rows of a file, in whatever order they came.

    Computed columns do not count: one with NOW() would never read the same twice.
    """
    rows = _by_id(path, ROW_HASH)
    found = hashlib.blake2b(digest_size=16)
    for ids in rows.column(RECORD_ID).chunks:
        found.update("\n".join(ids.to_pylist()).encode())
    for hashes in rows.column(ROW_HASH).chunks:
        found.update(hashes.to_numpy().tobytes())
    return found.hexdigest()


def _edit_times(path: Path) -> pa.ChunkedArray:
    return _by_id(path, "_last_modified_time").column(1)


def _by_id(path: Path, name: str) -> pa.Table:
    """Return record ids and one more column of a raw file, in the order of the ids."""
    rows = read_rows(path, columns=[RECORD_ID, name])
    return rows.take(pc.sort_indices(rows.column(RECORD_ID)))


def with_computed(rows: pa.Table, fresh: pa.Table) -> pa.Table:
    """Return ``rows`` with the computed columns of ``fresh``, matched by record id."""
    fresh = fresh.take(pc.index_in(rows.column(RECORD_ID), value_set=fresh.column(RECORD_ID).combine_chunks()))
    computed = [name for name in fresh.column_names if name not in (RECORD_ID, EXTRA)]
    for name in computed:
        rows = rows.set_column(rows.column_names.index(name), rows.schema.field(name), fresh.column(name))
    if rows.column(EXTRA).null_count < rows.num_rows or fresh.column(EXTRA).null_count < rows.num_rows:
        extra = [
            _joined_extra(old, new, computed)
            for old, new in zip(rows.column(EXTRA).to_pylist(), fresh.column(EXTRA).to_pylist(), strict=True)
        ]
        rows = rows.set_column(rows.column_names.index(EXTRA), EXTRA, pa.array(extra, pa.string()))
    return rows


def _joined_extra(old: str | None, new: str | None, computed: list[str]) -> str | None:
    # Not orjson: what fits no type may hold lone surrogates and integers beyond 64 bits.
    kept = {key: value for key, value in json.loads(old or "{}").items() if key not in computed}
    joined = {**kept, **json.loads(new or "{}")}
    return json.dumps(joined, separators=(",", ":")) if joined else None


# --- friendly files ---------------------------------------------------------------------------------------------


def link_texts(raw: Path, check: str = "") -> LinkTexts:
    """Return the primary texts of a table's rows."""
    return LinkTexts.of_groups(schema_of(raw), row_groups(raw, check))


def write_friendly(
    raw: Path, path: Path, known: Mapping[str, ColumnMemory], links: Mapping[str, LinkTexts]
) -> dict[str, ColumnMemory]:
    """Write the friendly form of a raw file and return what was learned of its columns."""
    friendly = Friendly(schema_of(raw), known, links)
    for rows in row_groups(raw):
        friendly.learn(rows)
    with ParquetFile(path, friendly.schema) as writer:
        for rows in row_groups(raw):
            writer.write_table(friendly.convert(rows), row_group_size=ROW_GROUP)
    return dict(friendly.learned)


def write_json(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as UTF-8 records for programs that read no Parquet."""
    with create(path) as file:
        file.writelines(json_records(frame))
