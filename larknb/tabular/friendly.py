"""The raw form of a table -> its friendly form: readable names, the types that an analyst expects."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain, count
from typing import Any

import pyarrow as pa

from larknb.model import USUAL, ColumnMemory, Shown
from larknb.tabular.calendar import Calendar
from larknb.tabular.columns import FriendlyColumn, RawColumn, ids_of, names_of, time_column
from larknb.tabular.frames import pandas_metadata
from larknb.tabular.links import LinkTexts, raw_column
from larknb.tabular.raw import (
    EXTRA,
    INSTANT,
    RECORD_ID,
    SYSTEM,
    TABLE_KEY,
    Definition,
    beside,
    cells_of,
    definitions_of,
    storable,
    time_zone_of,
)

__all__ = [
    "FORM",
    "Friendly",
]


# Of the friendly form; a file of another one is made again of the raw one.
# 1: times with a zone, ", " between names, lists for links to one row, ids in lookups of links.
# 2: numbers beyond 2^53 were missing, or rounded in results.
FORM = 3


class Friendly:
    """Makes the friendly form of one table.

    Parameters
    ----------
    schema : pyarrow.Schema
        The schema of the raw form.
    learned : mapping, optional
        What was `learned` the last time.
    links : mapping, optional
        The texts of linked tables, by table_id; ids stand in for those of other tables.
    shown : Shown
        How times and persons are shown.
    """

    def __init__(
        self,
        schema: pa.Schema,
        learned: Mapping[str, ColumnMemory] | None = None,
        links: Mapping[str, LinkTexts] | None = None,
        shown: Shown = USUAL,
    ) -> None:
        self._raw = schema
        self._definitions = definitions_of(schema)
        self._digests = {name: _digest(definition) for name, definition in self._definitions.items()}
        calendar = Calendar(time_zone_of(schema))
        self._columns: dict[str, RawColumn] = {}
        for name, definition in self._definitions.items():
            known = (learned or {}).get(name, {})
            if known.get("of") != self._digests[name]:
                known = {}
            self._columns[name] = raw_column(definition, calendar, known, links or {}, shown)
        times = time_column(calendar, aware=shown.aware)
        persons = FriendlyColumn(pa.string(), ids_of if (shown.persons == "id") else names_of)
        self._columns |= {name: RawColumn([times if arrow == INSTANT else persons]) for name, arrow in SYSTEM.items()}

    def learn(self, rows: pa.Table) -> None:
        """Widen the columns until they can hold these raw rows; every row must have been seen before `convert`.

        Columns that ``rows`` lacks are left out, here and there.
        """
        beside = self._beside(rows)
        for name, column in self._columns.items():
            if name in rows.column_names:
                column.learn(column.completed(cells_of(rows, name), beside.get(name, {})))

    @property
    def learned(self) -> dict[str, ColumnMemory]:
        """What was learned of the columns, by field_id, to be given the next time; JSON can hold it."""
        return {
            name: {"of": self._digests[name], **self._columns[name].learned}
            for name in self._definitions
            if self._columns[name].learned
        }

    @property
    def schema(self) -> pa.Schema:
        """The schema of the friendly form; with it a plain ``pd.read_parquet`` gives the rows, lists as arrays."""
        return self._schema([*self._columns])

    def convert(self, rows: pa.Table) -> pa.Table:
        """Return the friendly form of some raw rows."""
        keys = [key for key in self._columns if key in rows.column_names]
        arrays, beside = [cells_of(rows, RECORD_ID)], self._beside(rows)
        for key in keys:
            cells = self._columns[key].completed(cells_of(rows, key), beside.get(key, {}))
            arrays += [each.convert(cells) for each in self._columns[key].friendly]
        return pa.Table.from_arrays(arrays, schema=self._schema(keys))

    def sources_of(self, names: Collection[str]) -> list[str]:
        """Return the raw columns that these friendly columns are made of."""
        made = zip(self._names(), (key for key, column in self._columns.items() for _ in column.friendly), strict=True)
        keys = [*dict.fromkeys(key for name, key in made if name in names)]
        return [*keys, EXTRA] if any(self._columns[key].reads_beside for key in keys) else keys

    def _beside(self, rows: pa.Table) -> dict[str, dict[int, Any]]:
        """Return the cells that are kept beside the columns that want to see them, by column and row."""
        wanted = [key for key, column in self._columns.items() if column.reads_beside and key in rows.column_names]
        return beside(rows, wanted)

    def _schema(self, keys: Sequence[str]) -> pa.Schema:
        fields = [pa.field(RECORD_ID, pa.string(), nullable=False)]
        names = self._names()
        for key, column in self._columns.items():
            metadata = self._raw.field(key).metadata
            made = [pa.field(next(names), each.type, each.nullable, metadata) for each in column.friendly]
            fields += made if key in keys else []
        table = self._raw.metadata[TABLE_KEY]
        return pa.schema(fields, metadata={TABLE_KEY: table, b"pandas": pandas_metadata(fields)})

    def _names(self) -> Iterator[str]:
        """Yield the names of the friendly columns in order; our own come first, then a field's, then derived ones."""
        taken = {RECORD_ID, *SYSTEM}
        own = {key: _free(definition["field_name"], taken) for key, definition in self._definitions.items()}
        for key, column in self._columns.items():
            for each in column.friendly:
                yield _free(own[key] + each.suffix, taken) if each.suffix else own.get(key, key)


def _digest(definition: Definition) -> str:
    """Return what identifies the type of a column: what was learned of another type is void."""
    identity = json.dumps([definition["type"], definition.get("property")], sort_keys=True)
    return hashlib.blake2b(identity.encode(), digest_size=8).hexdigest()


def _free(name: str | None, taken: set[str]) -> str:
    """Return the name, or the first of ``name.1``, ``name.2`` ... that is free; it is taken from now on."""
    name = storable(name or "")
    candidates = chain([name], (f"{name}.{number}" for number in count(1)))
    free = next(candidate for candidate in candidates if candidate not in taken)
    taken.add(free)
    return free
