"""The tables of a snapshot while they arrive: each has a writer, and nothing of it is current yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa

from larknb.cache import records
from larknb.cache.gridfiles import GridWriter, typing_options
from larknb.cache.manifest import OWN_NAMES, TableEntry
from larknb.cache.tablefiles import TableWriter
from larknb.files import file_name
from larknb.model import Batch, Grid, Options, TableInfo

__all__ = ["Draft", "Drafts", "names_of"]

Draft = TableWriter | GridWriter


class Drafts:
    """Takes rows and grids, and writes them into a snapshot's folder.

    Parameters
    ----------
    folder : Path
        The snapshot's folder.
    before : mapping
        The current tables, whose file names are taken.
    options : mapping
        Of the source; some decide what a grid becomes.
    """

    def __init__(self, folder: Path, before: Mapping[str, TableEntry], options: Options) -> None:
        self._folder, self._before, self._options = folder, before, options
        self._drafts: dict[str, Draft] = {}
        self._computed: dict[str, list[pa.Table]] = {}

    def add_rows(self, batch: Batch) -> None:
        """Take some rows of a table, or computed columns of them."""
        table_id = batch.table.table_id
        if batch.computed_only:
            if batch.fresh:
                self._computed[table_id] = []
            self._computed[table_id].append(batch.rows)
            return
        if batch.fresh:
            self.drop(table_id)
            known = self._before[table_id].columns if table_id in self._before else {}
            self._drafts[table_id] = TableWriter(self._folder, self._file(batch.table), batch.table, known)
        draft = self._drafts[table_id]
        assert isinstance(draft, TableWriter), "a table that was a grid begins anew with a fresh batch"
        draft.add(batch.rows)

    def add_grid(self, grid: Grid) -> None:
        """Take some cells of a worksheet."""
        table_id = grid.table.table_id
        draft = self._drafts.get(table_id)
        if grid.fresh or not isinstance(draft, GridWriter):
            self.drop(table_id)
            options = typing_options(self._options, table_id, grid.table.name)
            known = self._before[table_id].columns if table_id in self._before else {}
            self._drafts[table_id] = GridWriter(self._folder, self._file(grid.table), grid, options, known)
        else:
            draft.add(grid)

    def drop(self, table_id: str) -> None:
        """Forget what an earlier reading of a table left."""
        self._computed.pop(table_id, None)
        if draft := self._drafts.pop(table_id, None):
            draft.discard()

    def discard(self) -> None:
        """Delete the files again."""
        for draft in self._drafts.values():
            draft.discard()

    def finished(self) -> Iterator[tuple[str, Draft]]:
        """Yield the tables that were read whole, each with its files complete."""
        for table_id, draft in [*self._drafts.items()]:
            if isinstance(draft, GridWriter) and not draft.is_whole:
                self.drop(table_id)  # its reading was torn, and began no more
                continue
            draft.close()
            yield table_id, draft

    @property
    def computed(self) -> Mapping[str, list[pa.Table]]:
        """Computed columns that were read alone, by table."""
        return self._computed

    def _file(self, table: TableInfo) -> str:
        """Return a file name for a table that nothing else of the source has."""
        drafted = {key: draft.file for key, draft in self._drafts.items()}
        files = {key: entry.file for key, entry in self._before.items()}
        taken = OWN_NAMES | {file.casefold() for known in (drafted, files) for key, file in known.items()
                             if key != table.table_id}  # fmt: skip
        name = file_name(table.name, table.table_id, taken)
        if name.casefold().endswith(".raw"):  # its friendly file would be the raw one of another table
            name = file_name(table.name, table.table_id, {name.casefold()})
        records.will_come(self._folder, *names_of(name))
        return name


def names_of(file: str) -> list[str]:
    """Return the files that a table may have in a snapshot's folder, given their name without a suffix."""
    return [f"{file}{suffix}" for suffix in (".raw.parquet", ".delta.arrow.zst", ".parquet", ".grid.json.gz")]
