"""A raw column -> one or more friendly ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from larknb.tabular.calendar import Calendar
from larknb.tabular.raw import RESULTS, Field

__all__ = [
    "AS_IT_IS",
    "CATEGORY",
    "Choice",
    "Column",
    "Moment",
    "Names",
    "PLAIN",
    "Part",
    "Rating",
    "list_of",
    "member",
    "name_or_id",
    "one_part",
    "options_of",
    "relisted",
    "shows_time",
    "valid",
]

CATEGORY = pa.dictionary(pa.int32(), pa.string())


# --- Arrow, a column at a time ----------------------------------------------------------------------------------


def list_of(items: pa.DataType) -> pa.ListType:
    return pa.list_(pa.field("element", items))  # Parquet's name for it: a schema equals the one read back


def member(structs: pa.Array, name: str) -> pa.Array:
    return pc.struct_field(structs, name)


def relisted(lists: pa.Array, items: pa.Array) -> pa.Array:
    """Return lists as long as ``lists``, and null where they are, of other items."""
    lengths = pc.list_value_length(lists).fill_null(0).to_numpy(zero_copy_only=False)
    nulls = np.append(lists.is_null().to_numpy(zero_copy_only=False), False)
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32(), mask=nulls)
    return pa.ListArray.from_arrays(offsets, items, type=list_of(items.type))


def _nonempty(texts: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(texts, ""), None, texts)


def _same(cells: pa.Array) -> pa.Array:
    return cells


def _checked(cells: pa.Array) -> pa.Array:
    return cells.fill_null(False)


def plain_text(cells: pa.Array) -> pa.Array:
    texts = member(cells.flatten(), "text").fill_null("")
    return pc.binary_join(relisted(cells, texts), "")


def name_or_id(persons: pa.Array, key: str = "id") -> pa.Array:
    return pc.coalesce(_nonempty(member(persons, "name")), member(persons, key))


def _names(cells: pa.Array, key: str = "id") -> pa.Array:
    return pc.binary_join(relisted(cells, name_or_id(cells.flatten(), key).fill_null("")), ", ")


def _file_names(cells: pa.Array) -> pa.Array:
    return _names(cells, "file_token")


def _link_text(cells: pa.Array) -> pa.Array:
    text = member(cells, "text")
    return pc.coalesce(_nonempty(text), member(cells, "link"), text)


def _coordinate(cells: pa.Array, name: str) -> pa.Array:
    pattern = r"^\s*(?P<lng>[-+]?\d+(?:\.\d+)?)\s*,\s*(?P<lat>[-+]?\d+(?:\.\d+)?)\s*$"
    return member(pc.extract_regex(member(cells, "location"), pattern), name).cast(pa.float64())


# --- a raw column -> one or more friendly ones --------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """One friendly column: what its name adds to the field's, its type, and how the raw cells become it."""

    suffix: str
    type: pa.DataType
    convert: Callable[[pa.Array], pa.Array]
    nullable: bool = True


def one_part(arrow: pa.DataType, convert: Callable[[pa.Array], pa.Array] = _same) -> list[Part]:
    return [Part("", arrow, convert)]


_JOINED_NAMES = one_part(pa.string(), _names)

PLAIN: dict[int, list[Part]] = {
    1: one_part(pa.string(), plain_text),
    2: one_part(pa.float64()),
    4: one_part(list_of(pa.string())),
    7: [Part("", pa.bool_(), _checked, nullable=False)],
    11: _JOINED_NAMES,
    15: [
        Part("", pa.string(), _link_text),
        Part(".link", pa.string(), lambda cells: member(cells, "link")),
    ],
    17: one_part(pa.string(), _file_names),
    22: [
        Part("", pa.string(), lambda cells: member(cells, "full_address")),
        Part(".lng", pa.float64(), lambda cells: _coordinate(cells, "lng")),
        Part(".lat", pa.float64(), lambda cells: _coordinate(cells, "lat")),
    ],
    23: _JOINED_NAMES,
    1003: _JOINED_NAMES,
    1004: _JOINED_NAMES,
}
AS_IT_IS = one_part(pa.string())  # phone, auto number, stage; the JSON of a type that nobody knows yet


class Column:
    """A raw column whose friendly form depends on its definition alone."""

    def __init__(self, parts: list[Part]) -> None:
        self._parts = parts

    @property
    def parts(self) -> list[Part]:
        """The friendly columns, as far as is learned."""
        return self._parts

    @property
    def memory(self) -> dict[str, Any]:
        """What to persist until the next time."""
        return {}

    def learn(self, cells: pa.Array) -> None:
        """Widen the friendly form until it can hold these cells."""


class Rating(Column):
    """Int8 as long as every rating is a small whole number, else float64."""

    def __init__(self, memory: Mapping[str, Any]) -> None:
        self._type = pa.float64() if memory.get("widened") else pa.int8()

    @property
    def parts(self) -> list[Part]:
        return one_part(self._type, lambda cells: cells.cast(self._type))

    @property
    def memory(self) -> dict[str, Any]:
        return {"widened": self._type == pa.float64()}

    def learn(self, cells: pa.Array) -> None:
        try:
            cells.cast(self._type)
        except pa.ArrowInvalid:
            self._type = pa.float64()


class Names:
    """The categories of a column: the options in their order, then names that no option has, as they appear."""

    def __init__(self, definition: Field, memory: Mapping[str, Any]) -> None:
        self._options = options_of(definition)
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


class Choice(Column):
    """Categories."""

    def __init__(self, definition: Field, memory: Mapping[str, Any]) -> None:
        self._names = Names(definition, memory)

    @property
    def parts(self) -> list[Part]:
        return one_part(CATEGORY, self._names.encode)

    @property
    def memory(self) -> dict[str, Any]:
        return {"names": self._names.others}

    def learn(self, cells: pa.Array) -> None:
        self._names.add(cells.dictionary.take(cells.indices.unique().drop_null()).to_pylist())


class Moment(Column):
    """Calendar days as long as the field shows no time of day and no cell has one, else zone-aware date-times."""

    def __init__(self, definition: Field, calendar: Calendar, memory: Mapping[str, Any]) -> None:
        self._calendar = calendar
        self._timed = memory.get("timed") or shows_time(definition)

    @property
    def parts(self) -> list[Part]:
        if self._timed:
            return one_part(self._calendar.aware, self._calendar.instants)
        return one_part(self._calendar.naive, self._calendar.days)

    @property
    def memory(self) -> dict[str, Any]:
        return {"timed": self._timed}

    def learn(self, cells: pa.Array) -> None:
        self._timed = self._timed or not self._calendar.are_days(cells)


def options_of(definition: Field) -> dict[str, None]:
    """Return the option names of a select in their order, each once; a formula may declare some too."""
    declared = definition.get("property") or {}
    if definition.get("type") in RESULTS:
        declared = (declared.get("type") or {}).get("ui_property") or {}
    names = (option.get("name") for option in declared.get("options") or ())
    return dict.fromkeys(name for name in names if isinstance(name, str) and name == valid(name))


def shows_time(definition: Field) -> bool:
    declared = definition.get("property") or {}
    result = (declared.get("type") or {}).get("ui_property") or {}
    formatters = (declared.get("date_formatter"), declared.get("formatter"), result.get("date_formatter"))
    return any("HH" in formatter for formatter in formatters if isinstance(formatter, str))


def valid(name: str) -> str:
    """Return the name without lone surrogates, which no file can hold."""
    return name.encode("utf-8", "replace").decode()
