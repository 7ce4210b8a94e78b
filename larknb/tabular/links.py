"""The rows that link columns point to, by the text that people see.

A linked row is called by its primary cell, which may be of any type: so here it is also decided which kind of column
becomes of a field.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from larknb.model import ColumnMemory
from larknb.tabular.calendar import Calendar
from larknb.tabular.columns import (
    AS_STRING,
    FRIENDLY,
    ChoiceColumn,
    DateColumn,
    FriendlyColumn,
    RatingColumn,
    RawColumn,
    with_items,
)
from larknb.tabular.raw import (
    COMPUTED,
    LINKS,
    RECORD_ID,
    TIMES,
    Definition,
    FieldType,
    cells_of,
    definitions_of,
    linked_table,
    list_of,
    time_zone_of,
)
from larknb.tabular.results import MIXED, ResultColumn, exact_text

__all__ = [
    "LinkTexts",
    "primary_texts",
    "raw_column",
]


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
            ids.append(cells_of(rows, RECORD_ID))
            texts.append(primary_texts(schema, rows))
        return cls(pa.concat_arrays(ids), pa.concat_arrays(texts))

    def of(self, ids: pa.Array) -> pa.Array:
        """Return the text of each row; the id itself where the row is unknown or its primary cell empty."""
        return pc.coalesce(self._texts.take(pc.index_in(ids, value_set=self._ids)), ids)


def primary_texts(schema: pa.Schema, rows: pa.Table) -> pa.Array:
    """Return the display text of the primary column of raw ``rows``, whatever its type; null where it is empty."""
    definitions = definitions_of(schema)
    name = next((name for name in definitions if definitions[name].get("is_primary")), next(iter(definitions), None))
    if name is None:
        return pa.nulls(rows.num_rows, pa.string())
    definition = definitions[name]
    cells, calendar = cells_of(rows, name), Calendar(time_zone_of(schema))
    if definition["type"] in TIMES:
        shown = [calendar.text(ms) if ms is not None else None for ms in cells.view(pa.int64()).to_pylist()]
        return pa.array(shown, pa.string())
    if definition["type"] in COMPUTED:
        return ResultColumn(definition, calendar, {"kind": MIXED}).friendly[0].convert(cells)
    column = raw_column(definition, calendar, {}, {})
    column.learn(cells)
    return _as_text(column.friendly[0].convert(cells))


def _as_text(cells: pa.Array) -> pa.Array:
    if pa.types.is_floating(cells.type):
        return pa.array([exact_text(value) if value is not None else None for value in cells.to_pylist()], pa.string())
    return pc.binary_join(cells, ", ") if pa.types.is_list(cells.type) else cells.cast(pa.string())


class _LinkColumn(RawColumn):
    """The primary texts of linked rows, or their ids where the linked table is not at hand."""

    def __init__(self, texts: LinkTexts | None) -> None:
        super().__init__([FriendlyColumn(list_of(pa.string()), self._convert)])
        self._texts = texts

    def _convert(self, cells: pa.Array) -> pa.Array:
        return with_items(cells, self._texts.of(cells.flatten())) if self._texts else cells


def raw_column(
    definition: Definition, calendar: Calendar, learned: ColumnMemory, links: Mapping[str, LinkTexts]
) -> RawColumn:
    """Return the column of a field.

    Parameters
    ----------
    learned : mapping
        What the column had learned the last time.
    links : mapping
        The texts of linked tables, by table_id.
    """
    type_ = definition["type"]
    if type_ in COMPUTED:
        return ResultColumn(definition, calendar, learned)
    if type_ in TIMES:
        return DateColumn(definition, calendar, learned)
    if type_ in LINKS:
        return _LinkColumn(links.get(linked_table(definition) or ""))
    if type_ == FieldType.SINGLE_SELECT:
        return ChoiceColumn(definition, learned)
    if type_ == FieldType.NUMBER and definition.get("ui_type") == "Rating":
        return RatingColumn(learned)
    return RawColumn(FRIENDLY.get(type_, AS_STRING))
