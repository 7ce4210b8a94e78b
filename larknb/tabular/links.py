"""The rows that link columns point to, by the text that people see.

A linked row is called by its primary cell, which may be of any type: so here it is also decided which kind of column
becomes of a field.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property, partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from larknb.model import USUAL, ColumnMemory, Shown
from larknb.tabular.calendar import Calendar
from larknb.tabular.columns import (
    AS_STRING,
    BETWEEN,
    FRIENDLY,
    IDS,
    ChoiceColumn,
    FriendlyColumn,
    RatingColumn,
    RawColumn,
    shows_time,
    time_column,
    with_items,
)
from larknb.tabular.numbers import NumberColumn
from larknb.tabular.raw import (
    COMPUTED,
    LINKS,
    RECORD_ID,
    TIMES,
    Definition,
    FieldType,
    beside,
    cells_of,
    definitions_of,
    linked_table,
    linked_tables,
    list_of,
    lookup_target,
    property_of,
    time_zone_of,
)
from larknb.tabular.results import MIXED, ResultColumn, exact_text, texts_along

__all__ = [
    "LinkTexts",
    "primary_texts",
    "raw_column",
    "tables_behind",
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

    @cached_property
    def by_id(self) -> Mapping[str, str]:
        """The text of each row by its id; the id itself where its primary cell is empty."""
        return dict(zip(self._ids.to_pylist(), self.of(self._ids).to_pylist(), strict=True))


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
    cells = column.completed(cells, beside(rows, [name] if column.reads_beside else []).get(name, {}))
    column.learn(cells)
    return _as_text(column.friendly[0].convert(cells))


def _as_text(cells: pa.Array) -> pa.Array:
    if pa.types.is_floating(cells.type):
        return pa.array([exact_text(value) if value is not None else None for value in cells.to_pylist()], pa.string())
    return pc.binary_join(cells, BETWEEN) if pa.types.is_list(cells.type) else cells.cast(pa.string())


def tables_behind(schema: pa.Schema, learned: Mapping[str, ColumnMemory], schemas: Mapping[str, pa.Schema]) -> set[str]:
    """Return the ids of the tables whose texts stand in the friendly form of a table.

    Parameters
    ----------
    learned : mapping
        What `larknb.tabular.friendly.Friendly` learned of the columns.
    schemas : mapping
        The raw schemas of all tables of the base that are at hand, by table_id.
    """
    found = linked_tables(schema)
    for name, definition in definitions_of(schema).items():
        if learned.get(name, {}).get("links"):
            found |= _behind(definition, schemas)
    return found & schemas.keys()


def _behind(definition: Definition, schemas: Mapping[str, pa.Schema]) -> set[str]:
    """Return the tables that the results of a lookup may be rows of: the one it shows a link to, or else any."""
    table, field = lookup_target(definition) or ("", "")
    if table in schemas and (linked := linked_table(definitions_of(schemas[table]).get(field, {}))):
        return {linked}
    return set(schemas)


class _LinkColumn(RawColumn):
    """The primary texts of linked rows; where the linked table is not at hand those that came along, else the ids.

    Where the field allows one row alone, a cell is a text; one that holds more makes them lists for good.
    """

    def __init__(
        self, definition: Definition, learned: ColumnMemory, texts: LinkTexts | None, *, by_id: bool = False
    ) -> None:
        self._many = bool(learned.get("many")) or property_of(definition).get("multiple") is not False
        self._texts, self._told = texts, dict[str, str]()
        self.reads_beside = texts is None and not by_id

    @property
    def friendly(self) -> list[FriendlyColumn]:
        """One column of texts, or of lists of them."""
        return [
            FriendlyColumn(list_of(pa.string()), self._all) if self._many else FriendlyColumn(pa.string(), self._one)
        ]

    @property
    def learned(self) -> ColumnMemory:
        """Whether the cells are lists."""
        return {"many": self._many}

    def learn(self, cells: pa.Array) -> None:
        """Widen to lists if one of these cells holds more than one row."""
        self._many = self._many or bool((pc.max(pc.list_value_length(cells)).as_py() or 0) > 1)

    def completed(self, cells: pa.Array, beside: Mapping[int, Any]) -> pa.Array:
        """Return the cells as they are, and remember what the server said that these rows are called."""
        for cell in beside.values():
            self._told |= texts_along(cell)
        return cells

    def _all(self, cells: pa.Array) -> pa.Array:
        if self._texts:
            return with_items(cells, self._texts.of(cells.flatten()))
        if not self._told:
            return cells
        names = [self._told.get(record_id, record_id) for record_id in cells.flatten().to_pylist()]
        return with_items(cells, pa.array(names, pa.string()))

    def _one(self, cells: pa.Array) -> pa.Array:
        return pc.binary_join(self._all(pc.if_else(pc.equal(pc.list_value_length(cells), 0), None, cells)), BETWEEN)


def _name(links: Mapping[str, LinkTexts], record_id: str) -> str:
    """Return what a row is called, whichever table it is in; its id where none of them knows it."""
    return next((texts.by_id[record_id] for texts in links.values() if record_id in texts.by_id), record_id)


def raw_column(
    definition: Definition,
    calendar: Calendar,
    learned: ColumnMemory,
    links: Mapping[str, LinkTexts],
    shown: Shown = USUAL,
) -> RawColumn:
    """Return the column of a field.

    Parameters
    ----------
    learned : mapping
        What the column had learned the last time.
    links : mapping
        The texts of linked tables, by table_id.
    shown : Shown
        How times and persons are shown.
    """
    type_ = definition["type"]
    if type_ in COMPUTED:
        return ResultColumn(definition, calendar, learned, partial(_name, links), shown)
    if type_ in TIMES:
        return RawColumn([time_column(calendar, timed=shows_time(definition), aware=shown.aware)])
    if type_ in LINKS:
        return _LinkColumn(definition, learned, links.get(linked_table(definition) or ""), by_id=shown.links == "id")
    if (shown.persons == "id") and type_ in IDS:
        return RawColumn(IDS[type_])
    if type_ == FieldType.SINGLE_SELECT:
        return ChoiceColumn(definition, learned)
    if type_ == FieldType.NUMBER:
        return RatingColumn(learned) if definition.get("ui_type") == "Rating" else NumberColumn(learned)
    return RawColumn(FRIENDLY.get(type_, AS_STRING))
