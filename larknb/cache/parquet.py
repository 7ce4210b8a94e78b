"""Parquet files as they are written: through a file of ours, so that what the disk refuses names the file."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from larknb.files import create

__all__ = ["ParquetFile"]


class ParquetFile(pq.ParquetWriter):  # type: ignore[misc]  pyarrow ships no types
    """A new Parquet file; `write_table` takes what becomes its row groups, and `close` completes it."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._file = create(path)
        super().__init__(self._file, schema, compression="zstd")

    def close(self) -> None:
        """Write the footer; a file that a full disk cut off is closed, too."""
        try:
            super().close()
        finally:
            self.is_open = False
            self._file.close()

    def __del__(self) -> None:
        with suppress(OSError):  # whoever let go of it after an error has told that
            super().__del__()
