"""The results of formulas and lookups, in the one type that all of them have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple

import orjson
import pyarrow as pa

from larknb.tabular.calendar import FIRST, LAST, Calendar
from larknb.tabular.columns import CATEGORY, Column, Names, Part, list_of, member, one_part, relisted, shows_time
from larknb.tabular.raw import LINKS, TIMES, Field

__all__ = [
    "Result",
    "first_text",
    "shortest",
]

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


class Result(Column):
    """The results of a formula or lookup, in the one type that all of them have.

    The type comes from the definition where it declares one, else from the first result. The shapes of the values
    decide, the server's type number is a hint. Where a result is of another kind than the column, the column becomes
    text for good: each item in its shortest exact form, several joined with ``", "``. Results with more than one item
    make it a column of arrays; the items of text, persons and files are joined, as in their own columns. Date-times in
    arrays are the wall clock of the base's zone, because the arrays know none.
    """

    def __init__(self, definition: Field, calendar: Calendar, memory: Mapping[str, Any]) -> None:
        self._calendar = calendar
        self._declared = ((definition.get("property") or {}).get("type") or {}).get("data_type")
        declared = KINDS.get(self._declared, "text") if self._declared in KNOWN_RESULTS else None
        self.kind: str | None = memory.get("kind") or declared
        self._many = bool(memory.get("many")) or self._declared in MANY
        self._timed = bool(memory.get("timed")) or shows_time(definition)
        self._names = Names(definition, memory)

    @property
    def memory(self) -> dict[str, Any]:
        return {"kind": self.kind, "many": self._many, "timed": self._timed, "names": self._names.others}

    @property
    def parts(self) -> list[Part]:
        if self.kind in (None, "string"):
            return one_part(pa.string(), self._strings)
        if self.kind == "date":
            arrow = self._calendar.naive if self._many or not self._timed else self._calendar.aware
            return one_part(list_of(arrow) if self._many else arrow, self._dates)
        arrow = _ARROW[self.kind or ""]
        if self._many:
            return one_part(list_of(arrow), lambda cells: pa.array(self._items(cells), list_of(arrow)))
        if self.kind == "choice":
            return one_part(CATEGORY, self._choices)
        return one_part(arrow, lambda cells: pa.array(self._firsts(cells), arrow))

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
        return relisted(lists, convert(lists.flatten()))

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
        values = ",".join(member(cells, "value_json").fill_null("null").to_pylist())
        hints = member(cells, "type").to_pylist()
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
        show = self._calendar.text if reading.kind == "date" else shortest
        return ", ".join(map(show, reading.items))


def _objects(items: list[dict[str, Any]]) -> _Reading | None:
    """Read results that are objects; which ones they are shows in their keys."""
    keys = set().union(*items)
    if "link_record_ids" in keys:
        return _linked(items)
    if "text" in keys and "type" in keys:
        return _Reading("text", ["".join(first_text(item, "text") for item in items)])
    if "text" in keys or "link" in keys:
        return _Reading("text", [first_text(item, "text", "link") for item in items])
    if keys & {"full_address", "location"}:
        return _Reading("text", [first_text(item, "full_address", "name", "location") for item in items])
    if keys & {"name", "id", "file_token"}:
        return _Reading("text", [", ".join(first_text(item, "name", "id", "file_token") for item in items)])
    return _Reading("other", items)


def _linked(items: list[dict[str, Any]]) -> _Reading | None:
    lists = [item.get("link_record_ids") or [] for item in items]
    if all(isinstance(ids, list) for ids in lists):
        ids = list(chain.from_iterable(lists))
        if all(isinstance(record_id, str) for record_id in ids):
            return _Reading("text", ids, many=True) if ids else None
    return _Reading("other", items)


def first_text(item: Mapping[str, Any], *keys: str) -> str:
    """Return the first of these members that says something."""
    return next((shortest(item[key]) for key in keys if item.get(key) not in (None, "")), "")


def shortest(value: Any) -> str:
    """Return a value as its shortest exact text."""
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return orjson.dumps(value).decode()
