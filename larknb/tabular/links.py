"""The rows that link columns point to, by the text that people see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from larknb.tabular.calendar import Calendar
from larknb.tabular.columns import AS_IT_IS, PLAIN, Choice, Column, Moment, Part, Rating, list_of, one_part, relisted
from larknb.tabular.raw import INDEX, LINKS, RESULTS, TIMES, Field, cells_of, definition_of, linked_table, time_zone_of
from larknb.tabular.results import Result, shortest

__all__ = [
    "LinkTexts",
    "column_of",
    "primary_texts",
]


class _Links(Column):
    """The primary texts of linked rows, or their ids where the linked table is not at hand."""

    def __init__(self, texts: LinkTexts | None) -> None:
        self._texts = texts

    @property
    def parts(self) -> list[Part]:
        return one_part(list_of(pa.string()), self._convert)

    def _convert(self, cells: pa.Array) -> pa.Array:
        return relisted(cells, self._texts.of(cells.flatten())) if self._texts else cells


# --- linked rows ------------------------------------------------------------------------------------------------


class LinkTexts:
    """The display texts of a table's rows, for the link columns that point to them.

    Parameters
    ----------
    ids, texts : pyarrow.Array
        Record ids, and what their rows are called.
    """

    def __init__(self, ids: pa.Array, texts: pa.Array) -> None:
        self._ids, self._texts = ids, texts

    @classmethod
    def of_groups(cls, schema: pa.Schema, groups: Iterable[pa.Table]) -> LinkTexts:
        """Return the texts of a table from the row groups of its raw form; only ids and texts are kept of them."""
        ids, texts = [pa.array([], pa.string())], [pa.array([], pa.string())]
        for rows in groups:
            ids.append(cells_of(rows, INDEX))
            texts.append(primary_texts(schema, rows))
        return cls(pa.concat_arrays(ids), pa.concat_arrays(texts))

    def of(self, ids: pa.Array) -> pa.Array:
        """Return the text of each row; the id itself where the row is unknown or its primary cell empty."""
        return pc.coalesce(self._texts.take(pc.index_in(ids, value_set=self._ids)), ids)


def primary_texts(schema: pa.Schema, rows: pa.Table) -> pa.Array:
    """Return the display text of the primary column of raw ``rows``, whatever its type; null where it is empty."""
    definitions = {field.name: definition for field in schema if (definition := definition_of(field))}
    name = next((name for name in definitions if definitions[name].get("is_primary")), next(iter(definitions), None))
    if name is None:
        return pa.nulls(rows.num_rows, pa.string())
    definition = definitions[name]
    cells, calendar = cells_of(rows, name), Calendar(time_zone_of(schema))
    if definition["type"] in TIMES:
        shown = [calendar.text(ms) if ms is not None else None for ms in cells.view(pa.int64()).to_pylist()]
        return pa.array(shown, pa.string())
    if definition["type"] in RESULTS:
        return Result(definition, calendar, {"kind": "string"}).parts[0].convert(cells)
    column = column_of(definition, calendar, {}, {})
    column.learn(cells)
    return _as_text(column.parts[0].convert(cells))


def _as_text(friendly: pa.Array) -> pa.Array:
    if pa.types.is_floating(friendly.type):
        return pa.array([shortest(value) if value is not None else None for value in friendly.to_pylist()], pa.string())
    return pc.binary_join(friendly, ", ") if pa.types.is_list(friendly.type) else friendly.cast(pa.string())


def column_of(
    definition: Field, calendar: Calendar, memory: Mapping[str, Any], links: Mapping[str, LinkTexts]
) -> Column:
    kind = definition["type"]
    if kind in RESULTS:
        return Result(definition, calendar, memory)
    if kind in TIMES:
        return Moment(definition, calendar, memory)
    if kind in LINKS:
        return _Links(links.get(linked_table(definition) or ""))
    if kind == 3:
        return Choice(definition, memory)
    if kind == 2 and definition.get("ui_type") == "Rating":
        return Rating(memory)
    return Column(PLAIN.get(kind, AS_IT_IS))
