"""The raw form of a table -> its friendly form -> pandas.

The raw form is exact and keyed by field_id; the friendly form has readable names and the types that an analyst expects.
It is made in two passes over the row groups of a raw file: `Friendly.learn` looks at all of them, because one date with
a time of day makes the whole column a date-time, then `Friendly.convert` writes them. What was learned is persisted and
only ever widened, so that a column does not change its type back and forth from sync to sync.

The two rooms that make and read the raw form share its Arrow schema and the metadata in it, and no code.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, count
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from larknb.model import FIELD_KEY, TABLE_KEY, Column, zone_of

__all__ = [
    "Friendly",
    "LinkTexts",
    "columns",
    "link_ids",
    "linked_tables",
    "pandas_metadata",
    "primary_texts",
    "raw_frame",
    "to_frame",
]

Field = Mapping[str, Any]  # a field definition, with the server's own keys
Numbers = npt.NDArray[np.int64]

LINKS = {18, 21}
RESULTS = {19, 20}  # lookup and formula
TIMES = {5, 1001, 1002}
CATEGORY = pa.dictionary(pa.int32(), pa.string())
INDEX = "_record_id"
SYSTEM = {
    "_created_time": "CreatedTime",
    "_last_modified_time": "ModifiedTime",
    "_created_by": "CreatedUser",
    "_last_modified_by": "ModifiedUser",
}

# --- time -------------------------------------------------------------------------------------------------------

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
DAY = 86_400_000  # milliseconds
FIRST, LAST = -62135596800000, 253402300799999  # milliseconds; the years 1 to 9999, which is what Python's dates know


class _Calendar:
    """Instants in the zone of the base, through zoneinfo: Arrow's own zone database is missing on Windows.

    An instant that is in the year 0 or 10000 there becomes null: neither Python nor pandas can show it.
    """

    def __init__(self, time_zone: str) -> None:
        name, _ = zone_of(time_zone)
        self.zone = ZoneInfo(name)
        self.aware, self.naive = pa.timestamp("ms", name), pa.timestamp("ms")

    def instants(self, moments: pa.Array) -> pa.Array:
        """Return the same instants, zone-aware."""
        aware = moments.view(self.aware)
        ms = _milliseconds(moments)
        if len(ms) == 0 or (ms.min() > FIRST + DAY and ms.max() < LAST - DAY):
            return aware
        return pc.if_else(pa.array(_is_shown(self._wall(ms))), aware, None)

    def clocks(self, moments: pa.Array) -> pa.Array:
        """Return what the clock on the wall shows, without a zone."""
        return self._naive(moments, self._wall(_milliseconds(moments)))

    def days(self, moments: pa.Array) -> pa.Array:
        """Return the calendar day of each instant, as its midnight without a zone."""
        wall = self._wall(_milliseconds(moments))
        return self._naive(moments, wall - wall % DAY)

    def are_days(self, moments: pa.Array) -> bool:
        """Say whether every instant is the first one of a calendar day, which in a DST gap is not 00:00."""
        ms = _milliseconds(moments.drop_null())
        wall = self._wall(ms)
        late = wall % DAY != 0
        return bool(np.all(self._wall(ms[late] - 1) // DAY != wall[late] // DAY))

    def text(self, ms: int) -> str:
        """Return an instant as text: the day where it is midnight, else day and time."""
        wall = ms + self._offset(ms)
        if not FIRST <= wall <= LAST:
            return str(ms)
        moment = EPOCH.replace(tzinfo=None) + wall * MILLISECOND
        return moment.date().isoformat() if wall % DAY == 0 else moment.isoformat(sep=" ")

    def _naive(self, moments: pa.Array, wall: Numbers) -> pa.Array:
        nulls = ~_is_shown(wall) | moments.is_null().to_numpy(zero_copy_only=False)
        return pa.array(wall, pa.int64(), mask=nulls).view(self.naive)

    def _wall(self, ms: Numbers) -> Numbers:
        """Return the local time as if it were UTC; a column has few different days, so each is computed once."""
        different, position = np.unique(ms, return_inverse=True)
        offsets = np.array([self._offset(instant) for instant in different.tolist()], dtype=np.int64)
        return ms + offsets[position]

    def _offset(self, ms: int) -> int:
        # At both ends a local time would leave the years that Python knows; two days off, the offset is the same.
        inside = min(max(ms, FIRST + 2 * DAY), LAST - 2 * DAY)
        offset = (EPOCH + inside * MILLISECOND).astimezone(self.zone).utcoffset()
        assert offset is not None
        return offset // MILLISECOND


def _milliseconds(moments: pa.Array) -> Numbers:
    numbers: Numbers = moments.view(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    return numbers


def _is_shown(wall: Numbers) -> npt.NDArray[np.bool_]:
    return (wall >= FIRST) & (wall <= LAST)


# --- Arrow, a column at a time ----------------------------------------------------------------------------------


def _list(items: pa.DataType) -> pa.ListType:
    return pa.list_(pa.field("element", items))  # Parquet's name for it: a schema equals the one read back


def _member(structs: pa.Array, name: str) -> pa.Array:
    return pc.struct_field(structs, name)


def _relisted(lists: pa.Array, items: pa.Array) -> pa.Array:
    """Return lists as long as ``lists``, and null where they are, of other items."""
    lengths = pc.list_value_length(lists).fill_null(0).to_numpy(zero_copy_only=False)
    nulls = np.append(lists.is_null().to_numpy(zero_copy_only=False), False)
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32(), mask=nulls)
    return pa.ListArray.from_arrays(offsets, items, type=_list(items.type))


def _nonempty(texts: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(texts, ""), None, texts)


def _same(cells: pa.Array) -> pa.Array:
    return cells


def _checked(cells: pa.Array) -> pa.Array:
    return cells.fill_null(False)


def _text(cells: pa.Array) -> pa.Array:
    texts = _member(cells.flatten(), "text").fill_null("")
    return pc.binary_join(_relisted(cells, texts), "")


def _name(persons: pa.Array, key: str = "id") -> pa.Array:
    return pc.coalesce(_nonempty(_member(persons, "name")), _member(persons, key))


def _names(cells: pa.Array, key: str = "id") -> pa.Array:
    return pc.binary_join(_relisted(cells, _name(cells.flatten(), key).fill_null("")), ", ")


def _file_names(cells: pa.Array) -> pa.Array:
    return _names(cells, "file_token")


def _link_text(cells: pa.Array) -> pa.Array:
    text = _member(cells, "text")
    return pc.coalesce(_nonempty(text), _member(cells, "link"), text)


def _coordinate(cells: pa.Array, name: str) -> pa.Array:
    pattern = r"^\s*(?P<lng>[-+]?\d+(?:\.\d+)?)\s*,\s*(?P<lat>[-+]?\d+(?:\.\d+)?)\s*$"
    return _member(pc.extract_regex(_member(cells, "location"), pattern), name).cast(pa.float64())


# --- a raw column -> one or more friendly ones --------------------------------------------------------------------


@dataclass(frozen=True)
class _Part:
    """One friendly column: what its name adds to the field's, its type, and how the raw cells become it."""

    suffix: str
    type: pa.DataType
    convert: Callable[[pa.Array], pa.Array]
    nullable: bool = True


def _one(arrow: pa.DataType, convert: Callable[[pa.Array], pa.Array] = _same) -> list[_Part]:
    return [_Part("", arrow, convert)]


_JOINED_NAMES = _one(pa.string(), _names)

PLAIN: dict[int, list[_Part]] = {
    1: _one(pa.string(), _text),
    2: _one(pa.float64()),
    4: _one(_list(pa.string())),
    7: [_Part("", pa.bool_(), _checked, nullable=False)],
    11: _JOINED_NAMES,
    15: [
        _Part("", pa.string(), _link_text),
        _Part(".link", pa.string(), lambda cells: _member(cells, "link")),
    ],
    17: _one(pa.string(), _file_names),
    22: [
        _Part("", pa.string(), lambda cells: _member(cells, "full_address")),
        _Part(".lng", pa.float64(), lambda cells: _coordinate(cells, "lng")),
        _Part(".lat", pa.float64(), lambda cells: _coordinate(cells, "lat")),
    ],
    23: _JOINED_NAMES,
    1003: _JOINED_NAMES,
    1004: _JOINED_NAMES,
}
AS_IT_IS = _one(pa.string())  # phone, auto number, stage; the JSON of a type that nobody knows yet


class _Column:
    """A raw column whose friendly form depends on its definition alone."""

    def __init__(self, parts: list[_Part]) -> None:
        self._parts = parts

    @property
    def parts(self) -> list[_Part]:
        """The friendly columns, as far as is learned."""
        return self._parts

    @property
    def memory(self) -> dict[str, Any]:
        """What to persist until the next time."""
        return {}

    def learn(self, cells: pa.Array) -> None:
        """Widen the friendly form until it can hold these cells."""


class _Rating(_Column):
    """Int8 as long as every rating is a small whole number, else float64."""

    def __init__(self, memory: Mapping[str, Any]) -> None:
        self._type = pa.float64() if memory.get("widened") else pa.int8()

    @property
    def parts(self) -> list[_Part]:
        return _one(self._type, lambda cells: cells.cast(self._type))

    @property
    def memory(self) -> dict[str, Any]:
        return {"widened": self._type == pa.float64()}

    def learn(self, cells: pa.Array) -> None:
        try:
            cells.cast(self._type)
        except pa.ArrowInvalid:
            self._type = pa.float64()


class _Names:
    """The categories of a column: the options in their order, then names that no option has, as they appear."""

    def __init__(self, definition: Field, memory: Mapping[str, Any]) -> None:
        self._options = _options(definition)
        self._names = self._options | dict.fromkeys(memory.get("names", ()))

    @property
    def others(self) -> list[str]:
        """The names that no option has."""
        return [name for name in self._names if name not in self._options]

    def add(self, names: Iterable[str]) -> None:
        """Append the names that are new."""
        self._names.update(dict.fromkeys(names))

    def encode(self, texts: pa.Array) -> pa.Array:
        """Return strings, or strings in a dictionary of their own, as categories."""
        names = pa.array(list(self._names), pa.string())
        if pa.types.is_dictionary(texts.type):
            codes = pc.index_in(texts.dictionary, value_set=names).take(texts.indices)
        else:
            codes = pc.index_in(texts, value_set=names)
        return pa.DictionaryArray.from_arrays(codes, names)


class _Choice(_Column):
    """Categories."""

    def __init__(self, definition: Field, memory: Mapping[str, Any]) -> None:
        self._names = _Names(definition, memory)

    @property
    def parts(self) -> list[_Part]:
        return _one(CATEGORY, self._names.encode)

    @property
    def memory(self) -> dict[str, Any]:
        return {"names": self._names.others}

    def learn(self, cells: pa.Array) -> None:
        self._names.add(cells.dictionary.take(cells.indices.unique().drop_null()).to_pylist())


class _Moment(_Column):
    """Calendar days as long as the field shows no time of day and no cell has one, else zone-aware date-times."""

    def __init__(self, definition: Field, calendar: _Calendar, memory: Mapping[str, Any]) -> None:
        self._calendar = calendar
        self._timed = memory.get("timed") or _shows_time(definition)

    @property
    def parts(self) -> list[_Part]:
        if self._timed:
            return _one(self._calendar.aware, self._calendar.instants)
        return _one(self._calendar.naive, self._calendar.days)

    @property
    def memory(self) -> dict[str, Any]:
        return {"timed": self._timed}

    def learn(self, cells: pa.Array) -> None:
        self._timed = self._timed or not self._calendar.are_days(cells)


class _Links(_Column):
    """The primary texts of linked rows, or their ids where the linked table is not at hand."""

    def __init__(self, texts: LinkTexts | None) -> None:
        self._texts = texts

    @property
    def parts(self) -> list[_Part]:
        return _one(_list(pa.string()), self._convert)

    def _convert(self, cells: pa.Array) -> pa.Array:
        return _relisted(cells, self._texts.of(cells.flatten())) if self._texts else cells


def _options(definition: Field) -> dict[str, None]:
    """Return the option names of a select in their order, each once; a formula may declare some too."""
    declared = definition.get("property") or {}
    if definition.get("type") in RESULTS:
        declared = (declared.get("type") or {}).get("ui_property") or {}
    names = (option.get("name") for option in declared.get("options") or ())
    return dict.fromkeys(name for name in names if isinstance(name, str) and name == _valid(name))


def _shows_time(definition: Field) -> bool:
    declared = definition.get("property") or {}
    result = (declared.get("type") or {}).get("ui_property") or {}
    formatters = (declared.get("date_formatter"), declared.get("formatter"), result.get("date_formatter"))
    return any("HH" in formatter for formatter in formatters if isinstance(formatter, str))


def _valid(name: str) -> str:
    """Return the name without lone surrogates, which no file can hold."""
    return name.encode("utf-8", "replace").decode()


# --- formula and lookup -----------------------------------------------------------------------------------------

KINDS = {2: "number", 3: "choice", 7: "bool", **dict.fromkeys(TIMES, "date")}
MANY = {4, *LINKS}  # results that are lists whatever their length
KNOWN_RESULTS = {1, 2, 3, 4, 5, 7, 11, 13, 15, 17, 18, 21, 22, 23, 1001, 1002, 1003, 1004, 1005}

_ARROW = {"number": pa.float64(), "bool": pa.bool_(), "choice": pa.string(), "text": pa.string()}


class _Reading(NamedTuple):
    """What one result is: its kind, its items, and whether they must stay a list."""

    kind: str
    items: list[Any]
    many: bool = False


class _Result(_Column):
    """The results of a formula or lookup, in the one type that all of them have.

    The type comes from the definition where it declares one, else from the first result. The shapes of the values
    decide, the server's type number is a hint. Where a result is of another kind than the column, the column becomes
    text for good: each item in its shortest exact form, several joined with ``", "``. Results with more than one item
    make it a column of arrays; the items of text, persons and files are joined, as in their own columns. Date-times in
    arrays are the wall clock of the base's zone, because the arrays know none.
    """

    def __init__(self, definition: Field, calendar: _Calendar, memory: Mapping[str, Any]) -> None:
        self._calendar = calendar
        self._declared = ((definition.get("property") or {}).get("type") or {}).get("data_type")
        declared = KINDS.get(self._declared, "text") if self._declared in KNOWN_RESULTS else None
        self.kind: str | None = memory.get("kind") or declared
        self._many = bool(memory.get("many")) or self._declared in MANY
        self._timed = bool(memory.get("timed")) or _shows_time(definition)
        self._names = _Names(definition, memory)

    @property
    def memory(self) -> dict[str, Any]:
        return {"kind": self.kind, "many": self._many, "timed": self._timed, "names": self._names.others}

    @property
    def parts(self) -> list[_Part]:
        if self.kind in (None, "string"):
            return _one(pa.string(), self._strings)
        if self.kind == "date":
            arrow = self._calendar.naive if self._many or not self._timed else self._calendar.aware
            return _one(_list(arrow) if self._many else arrow, self._dates)
        arrow = _ARROW[self.kind or ""]
        if self._many:
            return _one(_list(arrow), lambda cells: pa.array(self._items(cells), _list(arrow)))
        if self.kind == "choice":
            return _one(CATEGORY, self._choices)
        return _one(arrow, lambda cells: pa.array(self._firsts(cells), arrow))

    def learn(self, cells: pa.Array) -> None:
        moments: list[int] = []
        for reading in self._readings(cells):
            if reading is None:
                continue
            kind = "string" if reading.kind == "other" else reading.kind
            self.kind = kind if self.kind in (None, kind) else "string"
            self._many = self._many or reading.many or len(reading.items) > 1
            if kind == "choice":
                self._names.add(reading.items)
            elif kind == "date":
                moments += reading.items
        self._timed = self._timed or not self._calendar.are_days(pa.array(moments, pa.timestamp("ms", "UTC")))

    # The four ways to build the friendly column.

    def _strings(self, cells: pa.Array) -> pa.Array:
        return pa.array([self._shown(reading) if reading else None for reading in self._readings(cells)], pa.string())

    def _choices(self, cells: pa.Array) -> pa.Array:
        return self._names.encode(pa.array(self._firsts(cells), pa.string()))

    def _dates(self, cells: pa.Array) -> pa.Array:
        convert = self._calendar.days
        if self._timed:
            convert = self._calendar.clocks if self._many else self._calendar.instants
        if not self._many:
            return convert(pa.array(self._firsts(cells), pa.timestamp("ms", "UTC")))
        lists = pa.array(self._items(cells), pa.list_(pa.timestamp("ms", "UTC")))
        return _relisted(lists, convert(lists.flatten()))

    def _firsts(self, cells: pa.Array) -> list[Any]:
        return [items[0] if items else None for items in self._items(cells)]

    def _items(self, cells: pa.Array) -> list[list[Any] | None]:
        """Return the items of each result; null where its kind is another, which `learn` would have told."""
        items = [reading.items if reading and reading.kind == self.kind else None for reading in self._readings(cells)]
        if self.kind == "number":  # Arrow refuses integers that a float rounds
            return [numbers and [float(number) for number in numbers] for numbers in items]
        return items

    # What one result is.

    def _readings(self, cells: pa.Array) -> Iterator[_Reading | None]:
        values = ",".join(_member(cells, "value_json").fill_null("null").to_pylist())
        hints = _member(cells, "type").to_pylist()
        for value, hint in zip(orjson.loads(f"[{values}]"), hints, strict=True):
            yield self._read(value or (), hint)

    def _read(self, value: Iterable[Any], hint: int | None) -> _Reading | None:
        """Say what a result is, by the shape that all of its items have."""
        items = [item for item in value if item is not None]
        if not items:
            return None
        shapes = set(map(type, items))
        shape = shapes.pop() if len(shapes) == 1 else float if shapes == {int, float} else None
        if shape is bool:
            return _Reading("bool", items)
        if shape is int and self._told(hint, {2, *TIMES}) in TIMES and all(FIRST <= item <= LAST for item in items):
            return _Reading("date", items)
        if shape is int or shape is float:
            return _Reading("number", items)
        if shape is str:
            result = self._told(hint, {1, 3, 4, 13, 1005})
            return _Reading("choice" if result == 3 else "text", items, many=result in MANY)
        if shape is list:
            return self._read(chain.from_iterable(items), hint)
        return _objects(items) if shape is dict else _Reading("other", items)

    def _told(self, hint: int | None, possible: set[int]) -> int | None:
        """Return the type number of a shape that several types have: the hint if it is one of them."""
        return hint if hint in possible else self._declared

    def _shown(self, reading: _Reading) -> str:
        show = self._calendar.text if reading.kind == "date" else _shown
        return ", ".join(map(show, reading.items))


def _objects(items: list[dict[str, Any]]) -> _Reading | None:
    """Read results that are objects; which ones they are shows in their keys."""
    keys = set().union(*items)
    if "link_record_ids" in keys:
        return _linked(items)
    if "text" in keys and "type" in keys:
        return _Reading("text", ["".join(_string(item, "text") for item in items)])
    if "text" in keys or "link" in keys:
        return _Reading("text", [_string(item, "text", "link") for item in items])
    if keys & {"full_address", "location"}:
        return _Reading("text", [_string(item, "full_address", "name", "location") for item in items])
    if keys & {"name", "id", "file_token"}:
        return _Reading("text", [", ".join(_string(item, "name", "id", "file_token") for item in items)])
    return _Reading("other", items)


def _linked(items: list[dict[str, Any]]) -> _Reading | None:
    lists = [item.get("link_record_ids") or [] for item in items]
    if all(isinstance(ids, list) for ids in lists):
        ids = list(chain.from_iterable(lists))
        if all(isinstance(record_id, str) for record_id in ids):
            return _Reading("text", ids, many=True) if ids else None
    return _Reading("other", items)


def _string(item: Mapping[str, Any], *keys: str) -> str:
    """Return the first of these members that says something."""
    return next((_shown(item[key]) for key in keys if item.get(key) not in (None, "")), "")


def _shown(value: Any) -> str:
    """Return a value as its shortest exact text."""
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return orjson.dumps(value).decode()


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
            ids.append(_cells(rows, INDEX))
            texts.append(primary_texts(schema, rows))
        return cls(pa.concat_arrays(ids), pa.concat_arrays(texts))

    def of(self, ids: pa.Array) -> pa.Array:
        """Return the text of each row; the id itself where the row is unknown or its primary cell empty."""
        return pc.coalesce(self._texts.take(pc.index_in(ids, value_set=self._ids)), ids)


def primary_texts(schema: pa.Schema, rows: pa.Table) -> pa.Array:
    """Return the display text of the primary column of raw ``rows``, whatever its type; null where it is empty."""
    definitions = {field.name: definition for field in schema if (definition := _definition(field))}
    name = next((name for name in definitions if definitions[name].get("is_primary")), next(iter(definitions), None))
    if name is None:
        return pa.nulls(rows.num_rows, pa.string())
    definition = definitions[name]
    cells, calendar = _cells(rows, name), _Calendar(_time_zone(schema))
    if definition["type"] in TIMES:
        shown = [calendar.text(ms) if ms is not None else None for ms in cells.view(pa.int64()).to_pylist()]
        return pa.array(shown, pa.string())
    if definition["type"] in RESULTS:
        return _Result(definition, calendar, {"kind": "string"}).parts[0].convert(cells)
    column = _column(definition, calendar, {}, {})
    column.learn(cells)
    return _as_text(column.parts[0].convert(cells))


def _as_text(friendly: pa.Array) -> pa.Array:
    if pa.types.is_floating(friendly.type):
        return pa.array([_shown(value) if value is not None else None for value in friendly.to_pylist()], pa.string())
    return pc.binary_join(friendly, ", ") if pa.types.is_list(friendly.type) else friendly.cast(pa.string())


def linked_tables(schema: pa.Schema) -> set[str]:
    """Return the ids of the tables that the link columns of a raw schema point to."""
    definitions = (_definition(field) for field in schema)
    tables = {_linked_table(definition) for definition in definitions if definition.get("type") in LINKS}
    return {table for table in tables if table}


def _linked_table(definition: Field) -> str | None:
    return (definition.get("property") or {}).get("table_id")


# --- the friendly form ------------------------------------------------------------------------------------------


def _definition(field: pa.Field) -> Field:
    """Return the field definition that a column carries; empty for a column of our own."""
    definition: Field = json.loads((field.metadata or {}).get(FIELD_KEY, b"{}"))
    return definition


def _time_zone(schema: pa.Schema) -> str:
    return json.loads(schema.metadata[TABLE_KEY]).get("time_zone") or ""


def _cells(rows: pa.Table, name: str) -> pa.Array:
    return rows.column(name).unify_dictionaries().combine_chunks()


def _column(
    definition: Field, calendar: _Calendar, memory: Mapping[str, Any], links: Mapping[str, LinkTexts]
) -> _Column:
    kind = definition["type"]
    if kind in RESULTS:
        return _Result(definition, calendar, memory)
    if kind in TIMES:
        return _Moment(definition, calendar, memory)
    if kind in LINKS:
        return _Links(links.get(_linked_table(definition) or ""))
    if kind == 3:
        return _Choice(definition, memory)
    if kind == 2 and definition.get("ui_type") == "Rating":
        return _Rating(memory)
    return _Column(PLAIN.get(kind, AS_IT_IS))


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
        self._definitions = {field.name: definition for field in schema if (definition := _definition(field))}
        self._digests = {name: _digest(definition) for name, definition in self._definitions.items()}
        calendar = _Calendar(_time_zone(schema))
        self._columns: dict[str, _Column] = {}
        for name, definition in self._definitions.items():
            memory = (known or {}).get(name, {})
            if memory.get("of") != self._digests[name]:
                memory = {}
            self._columns[name] = _column(definition, calendar, memory, links or {})
        for name in SYSTEM:
            time = name.endswith("_time")
            parts = _one(calendar.aware, calendar.instants) if time else _one(pa.string(), _name)
            self._columns[name] = _Column(parts)

    def learn(self, rows: pa.Table) -> None:
        """Widen the columns until they can hold these raw rows; every row must have been seen before `convert`."""
        for name, column in self._columns.items():
            column.learn(_cells(rows, name))

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
        arrays = [_cells(rows, INDEX)]
        for name, column in self._columns.items():
            cells = _cells(rows, name)
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
    name = _valid(name or "")
    free = next(
        candidate for candidate in chain([name], (f"{name}.{number}" for number in count(1))) if candidate not in taken
    )
    taken.add(free)
    return free


def pandas_metadata(fields: Iterable[pa.Field]) -> bytes:
    """Return what pandas reads from a Parquet file to give the index (the first field) and the nullable types back."""
    listed = list(fields)

    def column(field: pa.Field) -> dict[str, Any]:
        dtype = {pa.int8(): "Int8", pa.float64(): "float64"}.get(field.type, "object")
        if pa.types.is_boolean(field.type):
            dtype = "boolean" if field.nullable else "bool"
        elif field.type == pa.int64():
            dtype = "Int64" if field.nullable else "int64"
        elif pa.types.is_timestamp(field.type):
            dtype = "datetime64[ms]"
        return {"name": field.name, "field_name": field.name, "pandas_type": dtype.lower(), "numpy_type": dtype,
                "metadata": None}  # fmt: skip

    told = {"index_columns": [listed[0].name], "column_indexes": [], "columns": list(map(column, listed))}
    return json.dumps({**told, "pandas_version": pd.__version__}).encode()


# --- pandas -----------------------------------------------------------------------------------------------------


def to_frame(table: pa.Table) -> pd.DataFrame:
    """Return friendly rows as a DataFrame, with the dtypes that ``load`` promises and ``_record_id`` as its index."""
    frame: pd.DataFrame = table.to_pandas()
    for field in table.schema:
        if pa.types.is_dictionary(field.type):
            _order_categories(frame, field)
        elif pa.types.is_timestamp(field.type) and field.type.tz:
            _use_zoneinfo(frame, field.name)
    return frame


def _order_categories(frame: pd.DataFrame, field: pa.Field) -> None:
    """Put options into their own order; a file with very many of them keeps them in order of appearance."""
    present = list(frame[field.name].cat.categories)
    ordered = list(_options(_definition(field)) | dict.fromkeys(present))
    if ordered != present:
        frame[field.name] = frame[field.name].cat.set_categories(ordered)


def _use_zoneinfo(frame: pd.DataFrame, name: str) -> None:
    """Replace a pytz zone, which older pyarrow gives: with one, pandas 2 ends the process on dates before 1677."""
    values = frame[name]
    dtype = values.dtype
    if not isinstance(dtype, pd.DatetimeTZDtype) or isinstance(dtype.tz, ZoneInfo):
        return
    if (values.astype("int64")[values.notna()] < pd.Timestamp.min.value // 10**6).any():
        frame[name] = values.dt.tz_convert(ZoneInfo(str(dtype.tz)))


def raw_frame(table: pa.Table) -> pd.DataFrame:
    """Return raw rows as a DataFrame: ``ArrowDtype`` columns by field_id, ``_record_id`` as its index."""
    shown = table.drop_columns([name for name in ("_row_hash", "_computed_hash") if name in table.column_names])
    frame: pd.DataFrame = shown.to_pandas(types_mapper=pd.ArrowDtype)
    return frame.set_index(INDEX)


def link_ids(friendly: pa.Table, raw: pa.Table) -> pa.Table:
    """Return friendly rows with record ids in their link columns; ``raw`` has the same rows in the same order."""
    for position, field in enumerate(friendly.schema):
        definition = _definition(field)
        if definition.get("type") in LINKS:
            friendly = friendly.set_column(position, field, raw.column(definition["field_id"]))
    return friendly


def columns(schema: pa.Schema, empty: Mapping[str, float] | None = None) -> list[Column]:
    """Return what there is to say about the columns of a friendly schema.

    Parameters
    ----------
    empty : mapping, optional
        The share of rows without a value, by field_id or by the name of a system column.
    """
    dtypes = to_frame(schema.empty_table()).dtypes
    found = []
    for field in schema:
        if field.name == INDEX:
            continue
        definition = _definition(field)
        field_id = str(definition.get("field_id") or "")
        found.append(
            Column(
                name=field.name,
                field_id=field_id,
                type=_type_word(definition) if definition else SYSTEM[field.name],
                dtype=str(dtypes[field.name]),
                description=_description(definition),
                options=tuple(_options(definition)),
                empty=(empty or {}).get(field_id or field.name),
            )
        )
    return found


def _type_word(definition: Field) -> str:
    return str(definition.get("ui_type") or f"Type{definition.get('type')}")


def _description(definition: Field) -> str:
    description = definition.get("description") or ""
    if isinstance(description, list):
        return "".join(_string(segment, "text") for segment in description)
    return str(description)
