"""The results of formulas and lookups, in the one type that all of a column have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from larknb.model import USUAL, ColumnMemory, Shown
from larknb.tabular.calendar import FIRST_MS, LAST_MS, Calendar
from larknb.tabular.columns import (
    BETWEEN,
    Categories,
    FriendlyColumn,
    RawColumn,
    shows_time,
    time_column,
    with_items,
)
from larknb.tabular.nearest import TELLING
from larknb.tabular.raw import CATEGORY, COMPUTED, INSTANT, LINKS, TIMES, Definition, FieldType, list_of, property_of

__all__ = [
    "MIXED",
    "ResultColumn",
    "exact_text",
    "first_filled",
    "texts_along",
]

# What a result is; the words are kept in the cache. Types that are not named here are text.
SHAPES = {
    FieldType.NUMBER: "number",
    FieldType.SINGLE_SELECT: "choice",
    FieldType.CHECKBOX: "bool",
    **dict.fromkeys(TIMES, "date"),
}
MIXED = "string"  # the shape of a column whose results are of several shapes: each as text
_ARROW = {"number": pa.float64(), "bool": pa.bool_(), "choice": pa.string(), "text": pa.string()}

LISTS = {FieldType.MULTI_SELECT, *LINKS}  # results that are lists whatever their length
DECLARABLE = set(FieldType) - COMPUTED - {FieldType.STAGE, FieldType.BUTTON}
PERSONS = {
    FieldType.USER,
    FieldType.CREATED_USER,
    FieldType.MODIFIED_USER,
    FieldType.GROUP_CHAT,
    FieldType.ATTACHMENT,
}  # and whatever else is called by a name
LARGEST = 2**53  # whole numbers up to here are floats exactly
# The types whose results are of one shape: which of them it is tells a type number alone.
AS_INTEGERS = {FieldType.NUMBER, *TIMES}
AS_STRINGS = {
    FieldType.TEXT,
    FieldType.SINGLE_SELECT,
    FieldType.MULTI_SELECT,
    FieldType.PHONE,
    FieldType.AUTO_NUMBER,
}


class _Result(NamedTuple):
    """What one result is: its shape, its items, whether they must stay a list, and whether they are linked rows."""

    shape: str
    items: list[Any]
    is_list: bool = False
    is_link: bool = False


class ResultColumn(RawColumn):
    """The results of a formula or lookup, in the one type that all of them have.

    The type comes from the definition where it declares one, else from the first result. The shapes of the values
    decide, the server's type number is a hint. Where a result is of another shape than the column, the column becomes
    text for good: each item in its shortest exact form, several joined with ``"; "``. Results with more than one item
    make it a column of lists; the items of text, persons and files are joined, as in their own columns.

    Parameters
    ----------
    name : callable
        Says what a linked row is called, by its record id.
    shown : Shown
        How times and persons are shown.
    """

    def __init__(
        self,
        definition: Definition,
        calendar: Calendar,
        learned: ColumnMemory,
        name: Callable[[str], str] = str,
        shown: Shown = USUAL,
    ) -> None:
        self._name, self._shown = name, shown
        self._times = time_column(calendar, timed=shows_time(definition), aware=shown.aware)
        self._calendar = calendar
        declared_type = property_of(definition, "type").get("data_type")
        self._declared: FieldType | None = None
        if isinstance(declared_type, int) and declared_type in DECLARABLE:
            self._declared = FieldType(declared_type)
        declared = SHAPES.get(self._declared, "text") if self._declared else None
        self._shape: str | None = learned.get("kind") or declared
        self._lists = bool(learned.get("many")) or self._declared in LISTS
        self._links = bool(learned.get("links"))
        self._categories = Categories(definition, learned)

    @property
    def learned(self) -> ColumnMemory:
        """The shape of the results, whether they are lists or linked rows, and the names without option."""
        memory: ColumnMemory = {"kind": self._shape, "many": self._lists, "names": self._categories.others}
        return memory | {"links": True} if self._links else memory

    @property
    def friendly(self) -> list[FriendlyColumn]:
        """One column of the type that all results so far have."""
        return [self._friendly_column()]

    def learn(self, cells: pa.Array) -> None:
        """Widen the column until it can hold these results."""
        for result in self._results(cells):
            if result is None:
                continue
            shape = MIXED if result.shape == "other" else result.shape
            self._shape = shape if self._shape in (None, shape) else MIXED
            self._lists = self._lists or result.is_list or len(result.items) > 1
            self._links = self._links or result.is_link
            if shape == "choice":
                self._categories.add(result.items)

    # --- the friendly column ----------------------------------------------------------------------------------------

    def _friendly_column(self) -> FriendlyColumn:
        if self._shape in (None, MIXED):
            return FriendlyColumn(pa.string(), self._strings)
        if self._shape == "date":
            return FriendlyColumn(list_of(self._times.type) if self._lists else self._times.type, self._dates)
        arrow = _ARROW[self._shape or ""]
        if self._lists:
            return FriendlyColumn(list_of(arrow), lambda cells: pa.array(self._items(cells), list_of(arrow)))
        if self._shape == "choice":
            return FriendlyColumn(CATEGORY, self._choices)
        return FriendlyColumn(arrow, lambda cells: pa.array(self._firsts(cells), arrow))

    def _strings(self, cells: pa.Array) -> pa.Array:
        return pa.array([self._text(result) if result else None for result in self._results(cells)], pa.string())

    def _text(self, result: _Result) -> str:
        as_text = self._calendar.text if result.shape == "date" else exact_text
        return BETWEEN.join(map(as_text, result.items))

    def _choices(self, cells: pa.Array) -> pa.Array:
        return self._categories.encode(pa.array(self._firsts(cells), pa.string()))

    def _dates(self, cells: pa.Array) -> pa.Array:
        if not self._lists:
            return self._times.convert(pa.array(self._firsts(cells), INSTANT))
        lists = pa.array(self._items(cells), pa.list_(INSTANT))
        return with_items(lists, self._times.convert(lists.flatten()))

    def _firsts(self, cells: pa.Array) -> list[Any]:
        return [items[0] if items else None for items in self._items(cells)]

    def _items(self, cells: pa.Array) -> list[list[Any] | None]:
        """Return the items of each result; null where its shape is another, which `learn` would have noticed."""
        items = [result.items if result and result.shape == self._shape else None for result in self._results(cells)]
        if self._shape == "number":  # Arrow refuses integers that a float rounds
            return [numbers and [float(number) for number in numbers] for numbers in items]
        return items

    # --- what one result is -----------------------------------------------------------------------------------------

    def _results(self, cells: pa.Array) -> Iterator[_Result | None]:
        values = ",".join(pc.struct_field(cells, "value_json").fill_null("null").to_pylist())
        hints = pc.struct_field(cells, "type").to_pylist()
        for value, hint in zip(orjson.loads(f"[{values}]"), hints, strict=True):
            yield self._result(value or (), hint)

    def _result(self, value: Iterable[Any], hint: int | None) -> _Result | None:
        """Say what a result is, by the Python type that all of its items have."""
        items = [item for item in value if item is not None]
        if not items:
            return None
        types = set(map(type, items))
        type_ = types.pop() if len(types) == 1 else float if types == {int, float} else None
        if type_ is bool:
            return _Result("bool", items)
        if type_ is int and self._field_type(hint, AS_INTEGERS) in TIMES and all(map(_is_instant, items)):
            return _Result("date", items)
        if type_ is int or type_ is float:
            return _Result("number" if all(map(_is_exact, items)) else "other", items)
        if type_ is str:
            field_type = self._field_type(hint, AS_STRINGS)
            shape = "choice" if field_type == FieldType.SINGLE_SELECT else "text"
            return _Result(shape, items, is_list=field_type in LISTS)
        if type_ is list:
            return self._result(chain.from_iterable(items), hint)
        return self._of_objects(items, hint) if type_ is dict else _Result("other", items)

    def _field_type(self, hint: int | None, possible: set[FieldType]) -> int | None:
        """Return the type of the field that a result came from: the hint if it is possible, else the declared one."""
        return hint if hint in possible else self._declared

    def _of_objects(self, items: list[dict[str, Any]], hint: int | None) -> _Result | None:
        """Say what a result is whose items are objects; which ones they are shows in their keys."""
        keys = set().union(*items)
        if all("value" in item and not item.keys() & TELLING for item in items):  # a lookup of lookups, or of formulas
            return self._result([item["value"] for item in items], next(map(_hint_of, items)))
        if keys & {"link_record_ids", "record_ids"}:
            return self._of_links(items)
        if hint in PERSONS and keys & {"name", "id"}:
            return self._of_named(items)
        if "text" in keys and "type" in keys and not all(map(_is_address, items)):
            return _Result("text", ["".join(first_filled(item, "text") for item in items)])
        if "text" in keys or "link" in keys:
            return _Result("text", [first_filled(item, "text", "link") for item in items])
        if keys & {"full_address", "location"}:
            return _Result("text", [first_filled(item, "full_address", "name", "location") for item in items])
        if keys & {"name", "id", "file_token"}:
            return self._of_named(items)
        return _Result("other", items)

    def _of_named(self, items: list[dict[str, Any]]) -> _Result:
        if self._shown.persons == "id":
            return _Result("text", [first_filled(item, "id", "file_token", "name") for item in items], is_list=True)
        return _Result("text", [BETWEEN.join(first_filled(item, "name", "id", "file_token") for item in items)])

    def _of_links(self, items: list[dict[str, Any]]) -> _Result | None:
        lists = [linked_ids(item) for item in items]
        if any(ids is None for ids in lists):
            return _Result("other", items)
        ids = [*chain.from_iterable(ids or () for ids in lists)]
        told = {} if self._shown.links == "id" else texts_along(items)
        names = [told.get(key, key) if (name := self._name(key)) == key else name for key in ids]
        return _Result("text", names, is_list=True, is_link=True) if ids else None


def linked_ids(link: Mapping[str, Any]) -> list[str] | None:
    """Return the record ids of a link of either generation; None where they are none."""
    ids = link.get("link_record_ids") or link.get("record_ids") or []
    return ids if isinstance(ids, list) and all(isinstance(record_id, str) for record_id in ids) else None


def texts_along(cell: Any) -> dict[str, str]:
    """Return what the linked rows of a cell are called, by id, as far as the cell says it itself."""
    found: dict[str, str] = {}
    for link in cell if isinstance(cell, list) else [cell]:
        ids = linked_ids(link) if isinstance(link, dict) else None
        texts = link.get("text_arr") or [link.get("text")] if ids else []
        if ids and isinstance(texts, list) and len(texts) == len(ids):
            found |= {key: text for key, text in zip(ids, texts, strict=True) if isinstance(text, str) and text}
    return found


def _hint_of(result: Mapping[str, Any]) -> int | None:
    """Return the type that a result says it has."""
    hint = result.get("type")
    return hint if type(hint) is int else None


def _is_exact(number: float) -> bool:
    """Say whether a number is the same one as a float."""
    return isinstance(number, float) or abs(number) <= LARGEST


def _is_instant(number: int) -> bool:
    return FIRST_MS <= number <= LAST_MS


def _is_address(item: Mapping[str, Any]) -> bool:
    """Say whether an object is an address of its own: several stay several, while segments are parts of one text."""
    return item.get("type") == "url"


def first_filled(item: Mapping[str, Any], *keys: str) -> str:
    """Return the text of the first of these members that is not empty."""
    return next((exact_text(item[key]) for key in keys if item.get(key) not in (None, "")), "")


def exact_text(value: Any) -> str:
    """Return a value as its shortest exact text."""
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return orjson.dumps(value).decode()
