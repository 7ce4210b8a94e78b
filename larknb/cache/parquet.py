"""Parquet files as they are written: through a file of ours, so that what the disk refuses names the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from larknb.files import create

__all__ = ["ParquetFile"]

# Bytes of the different values of a column: one with more is written as it is. With Arrow's own limit, a megabyte, a
# column of texts that are all different takes twice the time and the place.
DICTIONARY = 1 << 16


class ParquetFile:
    """A new Parquet file, a row group at a time; it is complete when it is closed."""

    _writer: Any = None

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._file = create(path)
        self._writer = pq.ParquetWriter(
            self._file, schema, compression="zstd", write_page_checksum=True, dictionary_pagesize_limit=DICTIONARY
        )

    @property
    def schema(self) -> pa.Schema:
        """What all of its rows have in common."""
        return self._writer.schema

    def write_table(self, rows: pa.Table, row_group_size: int | None = None) -> None:
        """Write some rows."""
        self._writer.write_table(rows, row_group_size=row_group_size)

    def close(self) -> None:
        """Write the footer; a file that a full disk cut off is closed, too, and tried no more."""
        try:
            self._writer.close()
        finally:
            self._writer.is_open = False
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    def __del__(self) -> None:
        if self._writer is not None:
            self._writer.is_open = False  # it would write its footer now, and nobody would hear how that went
