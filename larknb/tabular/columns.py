"""A raw column -> the friendly columns that become of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from larknb.model import ColumnMemory
from larknb.tabular.calendar import Calendar
from larknb.tabular.raw import CATEGORY, Definition, FieldType, list_of, options_of, property_of

__all__ = [
    "AS_STRING",
    "BETWEEN",
    "FRIENDLY",
    "IDS",
    "Categories",
    "ChoiceColumn",
    "FriendlyColumn",
    "RatingColumn",
    "RawColumn",
    "ids_of",
    "names_of",
    "shows_time",
    "time_column",
    "with_items",
]


BETWEEN = "; "  # between the names of several persons, files or values; a comma stands within many a name


def _unchanged(cells: pa.Array) -> pa.Array:
    return cells


@dataclass(frozen=True)
class FriendlyColumn:
    """One friendly column: its type, how the raw cells become it, and what its name adds to that of the field."""

    type: pa.DataType
    convert: Callable[[pa.Array], pa.Array] = _unchanged
    suffix: str = ""
    nullable: bool = True


class RawColumn:
    """A raw column and the friendly columns that become of it; here they depend on the field's definition alone."""

    reads_beside = False  # whether it wants to see also the cells that did not fit the raw column

    def __init__(self, friendly: list[FriendlyColumn]) -> None:
        self._friendly = friendly

    @property
    def friendly(self) -> list[FriendlyColumn]:
        """The friendly columns, as far as is learned."""
        return self._friendly

    @property
    def learned(self) -> ColumnMemory:
        """What to keep until the next time; JSON can hold it."""
        return {}

    def completed(self, cells: pa.Array, beside: Mapping[int, Any]) -> pa.Array:  # noqa: ARG002
        """Return the cells with what is kept ``beside`` them: whole cells, by row, as they came."""
        return cells

    def learn(self, cells: pa.Array) -> None:
        """Widen the friendly columns until they can hold these cells."""


class RatingColumn(RawColumn):
    """Int8 as long as every rating is a small whole number, else float64."""

    def __init__(self, learned: ColumnMemory) -> None:
        self._type = pa.float64() if learned.get("widened") else pa.int8()

    @property
    def friendly(self) -> list[FriendlyColumn]:
        """One column of numbers."""
        return [FriendlyColumn(self._type, lambda cells: cells.cast(self._type))]

    @property
    def learned(self) -> ColumnMemory:
        """Whether a rating came up that is no small whole number."""
        return {"widened": self._type == pa.float64()}

    def learn(self, cells: pa.Array) -> None:
        """Widen to float64 if one of these ratings needs it."""
        try:
            cells.cast(self._type)
        except pa.ArrowInvalid:
            self._type = pa.float64()


class Categories:
    """The categories of a column: the options in their order, then names that no option has, as they appear."""

    def __init__(self, definition: Definition, learned: ColumnMemory) -> None:
        self._options = options_of(definition)
        self._names = self._options | dict.fromkeys(learned.get("names", ()))

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


class ChoiceColumn(RawColumn):
    """A single select: categories."""

    def __init__(self, definition: Definition, learned: ColumnMemory) -> None:
        self._categories = Categories(definition, learned)

    @property
    def friendly(self) -> list[FriendlyColumn]:
        """One column of categories."""
        return [FriendlyColumn(CATEGORY, self._categories.encode)]

    @property
    def learned(self) -> ColumnMemory:
        """The names that came up and that no option has."""
        return {"names": self._categories.others}

    def learn(self, cells: pa.Array) -> None:
        """Add the names that no option has."""
        self._categories.add(cells.dictionary.take(cells.indices.unique().drop_null()).to_pylist())


def time_column(calendar: Calendar, *, timed: bool = True, aware: bool = False) -> FriendlyColumn:
    """Return the column of instants: what the clock of the base's zone shows, or the instants with that zone.

    ``timed`` says that the field shows a time of day; else the first instant of a day is that day's midnight.
    """
    if aware:
        return FriendlyColumn(calendar.aware, calendar.instants)
    return FriendlyColumn(calendar.naive, calendar.clocks if timed else calendar.days)


def shows_time(definition: Definition) -> bool:
    """Say whether a field shows the time of day, as far as its definition tells."""
    declared, result = property_of(definition), property_of(definition, "type", "ui_property")
    formatters = (declared.get("date_formatter"), declared.get("formatter"), result.get("date_formatter"))
    return any("HH" in formatter for formatter in formatters if isinstance(formatter, str))


# --- Arrow, a column at a time --------------------------------------------------------------------------------------


def with_items(lists: pa.Array, items: pa.Array) -> pa.Array:
    """Return lists as long as ``lists``, and null where they are, of other items."""
    lengths = pc.list_value_length(lists).fill_null(0).to_numpy(zero_copy_only=False)
    nulls = np.append(lists.is_null().to_numpy(zero_copy_only=False), False)
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32(), mask=nulls)
    return pa.ListArray.from_arrays(offsets, items, type=list_of(items.type))


def names_of(persons: pa.Array, key: str = "id") -> pa.Array:
    """Return the names of persons, groups or files; where there is none, another member."""
    return pc.coalesce(_nonempty(pc.struct_field(persons, "name")), pc.struct_field(persons, key))


def _nonempty(texts: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(texts, ""), None, texts)


def _text(cells: pa.Array) -> pa.Array:
    texts = pc.struct_field(cells.flatten(), "text").fill_null("")
    return pc.binary_join(with_items(cells, texts), "")


def _ticked(cells: pa.Array) -> pa.Array:
    return cells.fill_null(False)


def ids_of(persons: pa.Array, key: str = "id") -> pa.Array:
    """Return the ids of persons, groups or files; where there is none, the name."""
    return pc.coalesce(_nonempty(pc.struct_field(persons, key)), pc.struct_field(persons, "name"))


def _joined_names(cells: pa.Array, key: str = "id") -> pa.Array:
    return pc.binary_join(with_items(cells, names_of(cells.flatten(), key).fill_null("")), BETWEEN)


def _file_names(cells: pa.Array) -> pa.Array:
    return _joined_names(cells, "file_token")


def _all_ids(cells: pa.Array, key: str = "id") -> pa.Array:
    return with_items(cells, ids_of(cells.flatten(), key))


def _file_ids(cells: pa.Array) -> pa.Array:
    return _all_ids(cells, "file_token")


def _link_text(cells: pa.Array) -> pa.Array:
    text = pc.struct_field(cells, "text")
    return pc.coalesce(_nonempty(text), pc.struct_field(cells, "link"), text)


def _link_url(cells: pa.Array) -> pa.Array:
    return pc.struct_field(cells, "link")


def _full_address(cells: pa.Array) -> pa.Array:
    return pc.struct_field(cells, "full_address")


def _longitude(cells: pa.Array) -> pa.Array:
    return _coordinate(cells, "lng")


def _latitude(cells: pa.Array) -> pa.Array:
    return _coordinate(cells, "lat")


def _coordinate(cells: pa.Array, name: str) -> pa.Array:
    pattern = r"^\s*(?P<lng>[-+]?\d+(?:\.\d+)?)\s*,\s*(?P<lat>[-+]?\d+(?:\.\d+)?)\s*$"
    return pc.struct_field(pc.extract_regex(pc.struct_field(cells, "location"), pattern), name).cast(pa.float64())


# --- the types whose friendly columns depend on nothing else --------------------------------------------------------

_NAMES = [FriendlyColumn(pa.string(), _joined_names)]

FRIENDLY: dict[int, list[FriendlyColumn]] = {
    FieldType.TEXT: [FriendlyColumn(pa.string(), _text)],
    FieldType.MULTI_SELECT: [FriendlyColumn(list_of(pa.string()))],
    FieldType.CHECKBOX: [FriendlyColumn(pa.bool_(), _ticked, nullable=False)],
    FieldType.USER: _NAMES,
    FieldType.URL: [
        FriendlyColumn(pa.string(), _link_text),
        FriendlyColumn(pa.string(), _link_url, ".link"),
    ],
    FieldType.ATTACHMENT: [FriendlyColumn(pa.string(), _file_names)],
    FieldType.LOCATION: [
        FriendlyColumn(pa.string(), _full_address),
        FriendlyColumn(pa.float64(), _longitude, ".lng"),
        FriendlyColumn(pa.float64(), _latitude, ".lat"),
    ],
    FieldType.GROUP_CHAT: _NAMES,
    FieldType.CREATED_USER: _NAMES,
    FieldType.MODIFIED_USER: _NAMES,
}
_PERSONS = (FieldType.USER, FieldType.GROUP_CHAT, FieldType.CREATED_USER, FieldType.MODIFIED_USER)
IDS: dict[int, list[FriendlyColumn]] = {  # persons, groups and files by their ids
    **{type_: [FriendlyColumn(list_of(pa.string()), _all_ids)] for type_ in _PERSONS},
    FieldType.ATTACHMENT: [FriendlyColumn(list_of(pa.string()), _file_ids)],
}
AS_STRING = [FriendlyColumn(pa.string())]  # phone, auto number, stage; the JSON of a type that nobody knows yet
