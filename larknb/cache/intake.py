"""What becomes of a table that was read: it is new, has changed, says the same as before, or is held back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from larknb.cache import deltas
from larknb.cache.drafts import Draft
from larknb.cache.gridfiles import open_grid, typing_options, write_typed
from larknb.cache.manifest import TableEntry
from larknb.cache.policy import hold_back, lost_most
from larknb.cache.tablefiles import (
    Change,
    TableWriter,
    link_texts,
    row_groups,
    schema_of,
    with_computed,
    write_friendly,
)
from larknb.messages import say
from larknb.model import ColumnMemory, GridOptions, Options, TableInfo
from larknb.tabular.friendly import FORM
from larknb.tabular.links import LinkTexts, tables_behind

__all__ = ["Intake"]


@dataclass(frozen=True)
class Intake:
    """Compares what was read with what was there.

    Parameters
    ----------
    root, folder : Path
        The source's folder and that of the snapshot.
    at : float
        When the read began.
    options : mapping
        Of the source; some decide what a grid becomes.
    lacks : callable
        Says whether a file of the source's folder is missing or damaged.
    history : float
        Seconds for which older states are kept.
    """

    root: Path
    folder: Path
    at: float
    options: Options
    lacks: Callable[[str], bool]
    history: float

    def whole(self, draft: Draft, old: TableEntry | None, *, accept_shrink: bool) -> tuple[TableEntry, Change]:
        """Return what becomes of a table that was read whole, and what changed."""
        if old is None or old.form != draft.form:
            return self._entry(draft), Change(draft.rows, added=draft.rows)
        is_lost = self.lacks(old.raw)
        lost_rows = not accept_shrink and lost_most(old.rows, draft.rows)
        is_comparable = not (is_lost and self.lacks(old.friendly))
        if lost_rows and is_comparable and (held := hold_back(old.held, draft.digest(), now=self.at)):
            draft.discard()
            problem = say("shrink.held", before=old.rows, after=draft.rows)
            return replace(old, held=held, tried_at=self.at), Change(old.rows, problem=problem)
        entry = self._entry(draft, old.columns)
        if is_lost:  # there is nothing to compare it with
            return entry, Change(draft.rows)
        change = draft.compare(self.root / old.raw)
        untouched = not (change.added or change.changed or change.removed)
        if untouched and draft.is_like(self.root / old.raw):
            # The file in the older snapshot says the same: the volatile addresses in it, which no hash counts, may age.
            draft.discard()
            entry = replace(entry, file=old.file, raw=old.raw, delta=old.delta, friendly=old.friendly,
                            columns=old.columns, options=old.options)  # fmt: skip
            return entry, change
        return self._with_delta(entry, old), change

    def computed(self, table_id: str, old: TableEntry, parts: list[pa.Table]) -> tuple[TableEntry, Change]:
        """Put freshly read computed columns into a table whose other columns did not change."""
        fresh = pa.concat_tables(parts).unify_dictionaries().combine_chunks()
        raw = self.root / old.raw
        writer = TableWriter(
            self.folder, old.file, TableInfo(table_id, old.name, old.revision, schema_of(raw)), old.columns
        )
        for rows in row_groups(raw):
            writer.add(with_computed(rows, fresh))
        writer.close()
        change = writer.compare(raw)
        change = replace(change, misfits=writer.misfits)
        if change.changed:
            entry = replace(self._entry(writer, old.columns), read_at=old.read_at, whole_at=old.whole_at)
            return self._with_delta(entry, old), change
        writer.discard()
        return replace(old, computed_at=self.at), change

    def friendly(self, tables: Mapping[str, TableEntry], before: Mapping[str, TableEntry]) -> dict[str, TableEntry]:
        """Make the friendly forms that are missing, or whose links or typing options are other ones now.

        A table whose raw file is lost keeps the friendly one that it has.
        """
        readable = {key for key, entry in tables.items() if not self.lacks(entry.raw)}
        moved = {key for key, entry in tables.items() if key not in before or entry.raw != before[key].raw}
        records = {key: self.root / tables[key].raw for key in readable if tables[key].form == "records"}
        schemas, texts = {key: schema_of(raw) for key, raw in records.items()}, _Texts(records)
        settled: dict[str, TableEntry] = {}
        for key, entry in tables.items():
            has_form = not self.lacks(entry.friendly)
            if key not in readable:
                settled[key] = entry
                continue
            if entry.form == "grid":
                options = typing_options(self.options, key, entry.name)
                settled[key] = entry if has_form and entry.options == options else self._typed(entry, options)
                continue
            linked = tables_behind(schemas[key], entry.columns, schemas)
            is_current = has_form and entry.friendly_form == FORM and not linked & moved
            settled[key] = entry if is_current else self._linked(entry, texts)
        return settled

    def _entry(self, draft: Draft, columns: Mapping[str, ColumnMemory] | None = None) -> TableEntry:
        """Return what the manifest says of a table that was just written; ``columns`` is what was known of them."""
        return TableEntry(
            name=draft.table.name, file=draft.file, form=draft.form, revision=draft.table.revision, rows=draft.rows,
            raw=self._relative(draft.raw), read_at=self.at, computed_at=self.at, misfits=draft.misfits.rows,
            columns=(columns or {}) if draft.columns is None else draft.columns,
            options=typing_options(self.options, draft.table.table_id, draft.table.name),
            friendly="" if draft.columns is None else self._relative(draft.friendly), friendly_form=FORM,
        )  # fmt: skip

    def _with_delta(self, entry: TableEntry, old: TableEntry) -> TableEntry:
        """Return an entry with what tells its rows from those before, where that is little."""
        path = deltas.write(self.root, self.root / entry.raw, entry.rows, old, self.at - self.history)
        return entry if path is None else replace(entry, delta=self._relative(path))

    def _typed(self, entry: TableEntry, options: GridOptions) -> TableEntry:
        path = self.folder / f"{entry.file}.parquet"
        typing = write_typed(open_grid(self.root / entry.raw), path, options, entry.columns)
        return replace(entry, rows=typing.rows, columns=typing.columns, options=options, friendly=self._relative(path))

    def _linked(self, entry: TableEntry, texts: Mapping[str, LinkTexts]) -> TableEntry:
        path = self.folder / f"{entry.file}.parquet"
        columns = write_friendly(self.root / entry.raw, path, entry.columns, texts)
        return replace(entry, columns=columns, friendly=self._relative(path), friendly_form=FORM)

    def _relative(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()


class _Texts(Mapping[str, LinkTexts]):
    """The texts of the rows of tables, each read when it is first asked for."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = files
        self._read: dict[str, LinkTexts] = {}

    def __getitem__(self, table_id: str) -> LinkTexts:
        if table_id not in self._read:
            self._read[table_id] = link_texts(self._files[table_id])
        return self._read[table_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)
