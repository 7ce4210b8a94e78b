"""The raw form of a table -> its friendly form."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from itertools import chain, count
from typing import Any

import pyarrow as pa

from larknb.tabular.calendar import Calendar
from larknb.tabular.columns import Column, name_or_id, one_part, valid
from larknb.tabular.frames import pandas_metadata
from larknb.tabular.links import LinkTexts, column_of
from larknb.tabular.raw import INDEX, SYSTEM, TABLE_KEY, Field, cells_of, definition_of, time_zone_of

__all__ = [
    "Friendly",
]


def _digest(definition: Field) -> str:
    """Return what identifies the type of a column: what was learned of another type is void."""
    told = json.dumps([definition["type"], definition.get("property")], sort_keys=True)
    return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()


class Friendly:
    """Makes the friendly form of one table.

    Parameters
    ----------
    schema : pyarrow.Schema
        The schema of the raw form.
    known : mapping, optional
        The `state` of the last time.
    links : mapping, optional
        The texts of linked tables, by table_id; ids stand in for those of other tables.
    """

    def __init__(
        self, schema: pa.Schema, known: Mapping[str, Any] | None = None, links: Mapping[str, LinkTexts] | None = None
    ) -> None:
        self._raw = schema
        self._definitions = {field.name: definition for field in schema if (definition := definition_of(field))}
        self._digests = {name: _digest(definition) for name, definition in self._definitions.items()}
        calendar = Calendar(time_zone_of(schema))
        self._columns: dict[str, Column] = {}
        for name, definition in self._definitions.items():
            memory = (known or {}).get(name, {})
            if memory.get("of") != self._digests[name]:
                memory = {}
            self._columns[name] = column_of(definition, calendar, memory, links or {})
        for name in SYSTEM:
            time = name.endswith("_time")
            parts = one_part(calendar.aware, calendar.instants) if time else one_part(pa.string(), name_or_id)
            self._columns[name] = Column(parts)

    def learn(self, rows: pa.Table) -> None:
        """Widen the columns until they can hold these raw rows; every row must have been seen before `convert`."""
        for name, column in self._columns.items():
            column.learn(cells_of(rows, name))

    @property
    def state(self) -> dict[str, Any]:
        """What was learned, by field_id, for ``known`` of the next time; JSON can hold it."""
        return {
            name: {"of": self._digests[name], **self._columns[name].memory}
            for name in self._definitions
            if self._columns[name].memory
        }

    @property
    def schema(self) -> pa.Schema:
        """The schema of the friendly form; with it a plain ``pd.read_parquet`` gives what `to_frame` gives."""
        fields = [pa.field(INDEX, pa.string(), nullable=False)]
        names = self._names()
        for key, column in self._columns.items():
            told = self._raw.field(key).metadata
            fields += [pa.field(next(names), part.type, part.nullable, told) for part in column.parts]
        table = self._raw.metadata[TABLE_KEY]
        return pa.schema(fields, metadata={TABLE_KEY: table, b"pandas": pandas_metadata(fields)})

    def convert(self, rows: pa.Table) -> pa.Table:
        """Return the friendly form of some raw rows."""
        arrays = [cells_of(rows, INDEX)]
        for name, column in self._columns.items():
            cells = cells_of(rows, name)
            arrays += [part.convert(cells) for part in column.parts]
        return pa.Table.from_arrays(arrays, schema=self.schema)

    def _names(self) -> Iterator[str]:
        """Yield the names of the friendly columns in order; our own come first, then a field's, then derived ones."""
        taken = {INDEX, *SYSTEM}
        own = {key: _free(definition["field_name"], taken) for key, definition in self._definitions.items()}
        for key, column in self._columns.items():
            for part in column.parts:
                yield _free(own[key] + part.suffix, taken) if part.suffix else own.get(key, key)


def _free(name: str | None, taken: set[str]) -> str:
    """Return the name, or the first of ``name.1``, ``name.2`` ... that is free; it is taken from now on."""
    name = valid(name or "")
    free = next(
        candidate for candidate in chain([name], (f"{name}.{number}" for number in count(1))) if candidate not in taken
    )
    taken.add(free)
    return free
