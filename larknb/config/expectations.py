"""``[[sources.checks]]``: what the tables of a source are expected to be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from larknb.config.values import TEXT, Rule, apply_rule, is_count, must, parse_duration, unknown_key
from larknb.errors import ConfigError
from larknb.messages import say
from larknb.model import Expectation

__all__ = ["checks_of"]


def _is_true(value: Any) -> bool:
    return value is True


def _is_values(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, (str, int, float, bool)) for each in value)


def _is_range(value: Any) -> bool:
    if not isinstance(value, list) or len(value) != 2:  # the two ends
        return False
    numbers = all(isinstance(each, (int, float)) and not isinstance(each, bool) for each in value)
    return numbers or all(isinstance(each, (str, dt.date)) for each in value)


_PLACES: dict[str, Rule] = {"table": TEXT, "column": TEXT}
_OF_COLUMNS: dict[str, Rule] = {
    "unique": must(_is_true, "accept.true"),
    "not_null": must(_is_true, "accept.true"),
    "one_of": must(_is_values, "accept.values", tuple),
    "range": must(_is_range, "accept.range", tuple),
}
_OF_TABLES: dict[str, Rule] = {"min_rows": must(is_count, "accept.count"), "max_age": parse_duration}
_RULES = _PLACES | _OF_COLUMNS | _OF_TABLES


def checks_of(entries: object, place: str) -> tuple[Expectation, ...]:
    """Return the checks of a source; ConfigError where one is not understood."""
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise ConfigError(say("config.checks.what"), source=place, next=say("config.checks.next"))
    return tuple(_check(entry, f"{place}, [[sources.checks]] {number}") for number, entry in enumerate(entries, 1))


def _check(entry: Mapping[str, Any], place: str) -> Expectation:
    for name in entry:
        if name not in _RULES:
            raise unknown_key("config.unknown", name, tuple(_RULES), place)
    conditions = [name for name in entry if name not in _PLACES]
    if len(conditions) != 1 or (conditions[0] in _OF_COLUMNS) != ("column" in entry):
        raise ConfigError(say("config.check.what"), source=place, next=say("config.checks.next"))
    return Expectation(**{name: apply_rule(_RULES[name], value, f"{place}, {name}") for name, value in entry.items()})
