"""Filter and sort of record search: checked as the platform checks them, then made into functions over rows."""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from larknb.sandbox.wire.errors import CodeError
from larknb.sandbox.world.bitable.base import Table
from larknb.sandbox.world.bitable.cells import (
    ATTACHMENT,
    AUTO_NUMBER,
    CHECKBOX,
    DATES,
    GROUP,
    LINKS,
    LOCATION,
    MULTI_SELECT,
    NUMBER,
    PEOPLE,
    PHONE,
    SELECT,
    TEXT,
    URL,
    ids_of,
    plain,
    text_of,
)
from larknb.sandbox.world.bitable.fields import Field, View
from larknb.sandbox.world.bitable.rows import Row, TableState
from larknb.sandbox.world.times import local, midnight_of

WRONG_SORT, WRONG_FILTER, NO_SUCH_NAME = 1254016, 1254018, 1254045
FILTER_TOO_LONG, SORT_TOO_LONG = 1254107, 1254108
MOST_CONDITIONS, MOST_VALUES, MOST_SORTS = 50, 10, 100
FILTER_LENGTH, SORT_LENGTH = 2000, 1000

EMPTY = frozenset({"isEmpty", "isNotEmpty"})
EQUAL = frozenset({"is", "isNot"})
CONTAINS = frozenset({"contains", "doesNotContain"})
ORDER = frozenset({"isGreater", "isGreaterEqual", "isLess", "isLessEqual"})

COMPARE: dict[str, Callable[[float, float], bool]] = {
    "is": operator.eq,
    "isNot": operator.ne,
    "isGreater": operator.gt,
    "isGreaterEqual": operator.ge,
    "isLess": operator.lt,
    "isLessEqual": operator.le,
}

Test = Callable[[Row], bool]


@dataclass(frozen=True)
class Question:
    """What a filter is asked of: one state of a table, at a time, by somebody who writes ids of one kind."""

    table: Table
    state: TableState
    now: float
    open_id: Callable[[str], str] = str

    @property
    def today(self) -> dt.date:
        """Present day of the base."""
        return local(self.now * 1000, self.table.base.zone).date()

    def value(self, row: Row, column: Field) -> Any:
        """Value of a cell, ``None`` if it is empty; an auto number is its serial, without the texts of its rule."""
        value = row.serial if column.type == AUTO_NUMBER else self.table.value(row, column)
        value = plain(value)
        if isinstance(value, dict) and "link_record_ids" in value:
            value = value["link_record_ids"]
        return None if value in ("", [], {}) else value


def is_empty(spec: object) -> bool:
    """Whether a filter says nothing, so that the view still counts."""
    return not spec or (isinstance(spec, dict) and not spec.get("conditions") and not spec.get("children"))


def compile_filter(spec: object, question: Question) -> Test:
    """Test for rows that a filter describes; raise `CodeError` if it is no filter of record search."""
    if len(orjson.dumps(spec).decode()) > FILTER_LENGTH:
        raise CodeError(FILTER_TOO_LONG)
    children = _parts(spec, "children")
    if sum(len(_parts(group, "conditions")) for group in (spec, *children)) > MOST_CONDITIONS:
        raise CodeError(WRONG_FILTER)
    if any(_parts(child, "children") for child in children):
        raise CodeError(WRONG_FILTER)  # one level of nesting is all there is
    return _group(spec, question, [_group(child, question, []) for child in children])


def _parts(group: object, name: str) -> list[Any]:
    """List under one key of a filter or of a child; absent is as good as empty."""
    parts = group.get(name) or [] if isinstance(group, dict) else None
    if not isinstance(parts, list):
        raise CodeError(WRONG_FILTER)
    return parts


def _group(group: Any, question: Question, more: list[Test]) -> Test:
    if group.get("conjunction") not in ("and", "or"):
        raise CodeError(WRONG_FILTER)
    return _join(group["conjunction"], [*(_condition(one, question) for one in _parts(group, "conditions")), *more])


def _join(conjunction: str, tests: list[Test]) -> Test:
    join: Callable[[Iterable[bool]], bool] = any if conjunction == "or" and tests else all
    return lambda row: join(test(row) for test in tests)


def _condition(condition: object, question: Question) -> Test:
    if not isinstance(condition, dict):
        raise CodeError(WRONG_FILTER)
    column = question.state.named(str(condition.get("field_name")))
    if column is None:
        raise CodeError(NO_SUCH_NAME)
    name, values = condition.get("operator"), condition.get("value")
    if not isinstance(values, list) or len(values) > MOST_VALUES or not all(isinstance(one, str) for one in values):
        raise CodeError(WRONG_FILTER)
    return _test(column, str(name), values, question)


def view_tests(view: View, question: Question) -> list[Test]:
    """Tests for the rows that a view shows, which are listed or a filter."""
    if view.record_ids is not None:
        listed = set(view.record_ids)
        return [lambda row: row.record_id in listed]
    return [_view_test(view.filter_info, question)] if view.filter_info else []


def _view_test(filter_info: Mapping[str, Any], question: Question) -> Test:
    """Test for rows that a view's filter shows; its values are JSON in strings, its fields are ids."""
    tests = [
        _test(question.state.fields[one["field_id"]], one["operator"], orjson.loads(one["value"]), question)
        for one in filter_info["conditions"]
        if one["field_id"] in question.state.fields
    ]
    return _join(filter_info["conjunction"], tests)


def _test(column: Field, name: str, values: list[str], question: Question) -> Test:
    allowed, compare = _comparison(column, question)
    if name not in allowed or (name in EQUAL and column.type not in DATES and len(values) != 1):
        raise CodeError(WRONG_FILTER)
    if name in EMPTY:
        return lambda row: (question.value(row, column) is None) == (name == "isEmpty")
    check = compare(name, values)
    return lambda row: check(question.value(row, column))


Check = Callable[[Any], bool]
Comparison = Callable[[str, list[str]], Check]


def _comparison(column: Field, question: Question) -> tuple[frozenset[str], Comparison]:
    """Operators that a column knows, and how it compares."""
    kind = column.type
    if kind == ATTACHMENT:
        return EMPTY, _texts
    if kind in (TEXT, PHONE, URL, LOCATION):
        return EQUAL | CONTAINS | EMPTY, _texts
    if kind in (NUMBER, AUTO_NUMBER):
        return EQUAL | ORDER | EMPTY, _numbers
    if kind in (SELECT, MULTI_SELECT, GROUP) or kind in LINKS:
        return EQUAL | CONTAINS | EMPTY, _members
    if kind in PEOPLE:
        return EQUAL | CONTAINS | EMPTY, lambda name, values: _members(name, [question.open_id(one) for one in values])
    if kind == CHECKBOX:
        return frozenset({"is"}), _checkbox
    if kind in DATES:
        return EMPTY | {"is", "isGreater", "isLess"}, lambda name, values: _dates(name, values, question)
    return frozenset(), _texts  # formulas, lookups and whatever is not documented cannot be filtered


def _checkbox(name: str, values: list[str]) -> Check:  # noqa: ARG001 - "is" is the only operator
    if values[0] not in ("true", "false"):
        raise CodeError(WRONG_FILTER)
    return lambda value: bool(value) == (values[0] == "true")


def _texts(name: str, values: list[str]) -> Check:
    def found(value: Any) -> bool:
        text = text_of(value)
        return text == values[0] if name in EQUAL else any(one in text for one in values)

    return found if name in ("is", "contains") else lambda value: not found(value)


def _members(name: str, values: list[str]) -> Check:
    def found(value: Any) -> bool:
        members = set(ids_of([value] if isinstance(value, str) else value))
        return members == set(values) if name in EQUAL else bool(members.intersection(values))

    return found if name in ("is", "contains") else lambda value: not found(value)


def _numbers(name: str, values: list[str]) -> Check:
    try:
        wanted = float(values[0])
    except (ValueError, IndexError):
        raise CodeError(WRONG_FILTER) from None

    def check(value: Any) -> bool:
        number = _number(value)
        return bool(COMPARE[name](number, wanted)) if number is not None else name == "isNot"

    return check


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _dates(name: str, values: list[str], question: Question) -> Check:
    start, end = _period(values, question, only_is=name == "is")
    within: dict[str, Callable[[float], bool]] = {
        "is": lambda stamp: start <= stamp < end,
        "isGreater": lambda stamp: stamp > start,
        "isLess": lambda stamp: stamp < start,
    }

    def check(value: Any) -> bool:
        stamp = _number(value)
        return stamp is not None and within[name](stamp)

    return check


def _period(values: list[str], question: Question, *, only_is: bool) -> tuple[int, int]:
    """Whole days that a date value names, in milliseconds: the first one and the one after the last."""
    zone, today = question.table.base.zone, question.today
    near = {"Today": 0, "Tomorrow": 1, "Yesterday": -1}
    if len(values) == 2 and values[0] == "ExactDate":
        first = last = _day_of(values[1], zone)  # whatever time the value names: only its day counts
    elif len(values) == 1 and values[0] in near:
        first = last = today + dt.timedelta(days=near[values[0]])
    elif len(values) == 1 and only_is:
        first, last = _span(values[0], today)
    else:
        raise CodeError(WRONG_FILTER)
    return midnight_of(first, zone), midnight_of(last + dt.timedelta(days=1), zone)


def _day_of(text: str, zone: dt.tzinfo) -> dt.date:
    try:
        return local(float(text), zone).date()
    except (ValueError, OverflowError):
        raise CodeError(WRONG_FILTER) from None


def _span(name: str, today: dt.date) -> tuple[dt.date, dt.date]:
    def days(count: int) -> dt.timedelta:
        return dt.timedelta(days=count)

    monday, month = today - days(today.weekday()), today.replace(day=1)
    spans = {
        "CurrentWeek": (monday, monday + days(6)),
        "LastWeek": (monday - days(7), monday - days(1)),
        "CurrentMonth": (month, (month + days(31)).replace(day=1) - days(1)),
        "LastMonth": ((month - days(1)).replace(day=1), month - days(1)),
        "TheLastWeek": (today - days(6), today),
        "TheNextWeek": (today, today + days(6)),
        "TheLastMonth": (today - days(29), today),
        "TheNextMonth": (today, today + days(29)),
    }
    if name not in spans:
        raise CodeError(WRONG_FILTER)
    return spans[name]


def compile_sort(spec: object, question: Question) -> Callable[[list[Row]], list[Row]]:
    """Function that sorts rows as asked, empty cells last; raise `CodeError` if it is no sort of record search."""
    if len(orjson.dumps(spec).decode()) > SORT_LENGTH:
        raise CodeError(SORT_TOO_LONG)
    if not isinstance(spec, list) or len(spec) > MOST_SORTS:
        raise CodeError(WRONG_SORT)
    keys = [_sort_key(one, question) for one in spec]

    def sort(rows: list[Row]) -> list[Row]:
        for column, descending in reversed(keys):
            filled = [row for row in rows if question.value(row, column) is not None]
            empty = [row for row in rows if question.value(row, column) is None]
            rows = sorted(filled, key=lambda row: _order(question.value(row, column)), reverse=descending) + empty
        return rows

    return sort


def _sort_key(one: object, question: Question) -> tuple[Field, bool]:
    if not isinstance(one, dict):
        raise CodeError(WRONG_SORT)
    column = question.state.named(str(one.get("field_name")))
    if column is None:
        raise CodeError(NO_SUCH_NAME)
    return column, bool(one.get("desc", False))


def _order(value: Any) -> tuple[int, float, str]:
    """Key under which values of different kinds still compare: numbers before texts."""
    number = value if isinstance(value, (int, float)) else None
    return (0, float(number), "") if number is not None else (1, 0.0, text_of(value))
