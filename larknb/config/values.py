"""What a setting may be: checks that give the value in its final form, or say what is accepted."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from larknb.errors import ConfigError
from larknb.messages import quoted, say

__all__ = [
    "Check",
    "FLAG",
    "NAMES",
    "SECRET_KEY",
    "TEXT",
    "accepted_text",
    "as_number",
    "as_path",
    "checked",
    "is_app_id",
    "is_count",
    "is_filter",
    "is_formats",
    "is_header",
    "must",
    "one_of",
    "parse_duration",
    "unknown_key",
    "wrong_value",
]

LONGEST = 36500 * 86400.0  # seconds: what is longer would leave the calendar when it is added to a date


def parse_duration(value: object, bare: float | None = None) -> float:
    """Return the seconds of a duration such as ``"1h30m"``.

    Parameters
    ----------
    value : object
        Numbers with the units w, d, h, min (or m) and s.
    bare : float, optional
        How many seconds a number without a unit counts; without it such a number is refused.
    """
    number = as_number(value)
    seconds = -1.0
    if isinstance(value, str) and re.fullmatch(rf"(?:\s*{_SPAN})+\s*", value):
        seconds = sum(float(count) * _UNITS[unit] for count, unit in re.findall(_SPAN, value))
    elif bare is not None and isinstance(number, (int, float)) and not isinstance(number, bool):
        seconds = number * bare
    if not 0 <= seconds <= LONGEST:  # nan, which TOML can write, is refused here too
        raise wrong_value(value, say("accept.duration"))
    return float(seconds)


_UNITS = {"w": 7 * 86400, "d": 86400, "h": 3600, "min": 60, "m": 60, "s": 1}
_NUMBER = r"[0-9]{1,12}(?:\.[0-9]{1,6})?"
_SPAN = rf"({_NUMBER})\s*(w|d|h|min|m|s)"


def as_number(value: object) -> object:
    """Return the number that a text spells, anything else as it is: the check that follows refuses it."""
    if isinstance(value, str) and re.fullmatch(_NUMBER, value):
        return float(value) if "." in value else int(value)
    return value


# --- what a value may be -----------------------------------------------------------------------------------------

# Gives the value in its final form, or raises a ConfigError; the caller adds the place.
Check = Callable[[Any], Any]


def checked(check: Check, value: Any, place: str) -> Any:
    try:
        return check(value)
    except ConfigError as error:
        raise error.at(place) from None


def wrong_value(value: object, accepted: str, near: str = "") -> ConfigError:
    return ConfigError(say("config.value", value=quoted(value)), next=accepted_text(accepted, near))


def accepted_text(accepted: str, near: str) -> str:
    return say("config.near", near=near, accepted=accepted) if near else say("config.accepted", accepted=accepted)


def nearest(word: object, known: Iterable[str]) -> str:
    return next(iter(difflib.get_close_matches(str(word), known, n=1)), "")


def must(test: Callable[[Any], bool], accepted: str, form: Callable[[Any], Any] = lambda value: value) -> Check:
    """Return the check that gives ``form(value)``, or says what is ``accepted`` (a message key) instead."""

    def check(value: Any) -> Any:
        if not test(value):
            raise wrong_value(value, say(accepted))
        return form(value)

    return check


def one_of(*words: str) -> Check:
    def check(value: Any) -> Any:
        if value not in words:
            raise wrong_value(value, ", ".join(f'"{word}"' for word in words), nearest(value, words))
        return value

    return check


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and not _has_control(value)


def _has_control(text: str) -> bool:
    return any(unicodedata.category(char) == "Cc" for char in text)


def is_app_id(value: Any) -> bool:
    # It becomes part of addresses and of a file name.
    return isinstance(value, str) and bool(re.fullmatch(r"[A-Za-z0-9_-]{1,100}", value))


def is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_list(value: Any, test: Callable[[Any], bool]) -> bool:
    return isinstance(value, (list, tuple)) and bool(value) and all(map(test, value))


def is_formats(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and tuple(value) in (("parquet",), ("parquet", "json"))


def is_header(value: Any) -> bool:
    return value in ("auto", "none") or is_count(value) or _is_list(value, is_count)


def is_filter(value: Any, levels: int = 2) -> bool:
    """Say whether this is a filter of the record search; the children of one have no children."""
    if not isinstance(value, dict) or not value.keys() <= {"conjunction", "conditions", "children"}:
        return False
    conditions, children = value.get("conditions", []), value.get("children", [])
    return (
        levels > 0
        and value.get("conjunction") in ("and", "or")
        and isinstance(conditions, list)
        and isinstance(children, list)
        and bool(conditions or children)
        and all(map(_is_condition, conditions))
        and all(is_filter(child, levels - 1) for child in children)
    )


_OPERATORS = ("is", "isNot", "contains", "doesNotContain", "isEmpty", "isNotEmpty", "isGreater", "isGreaterEqual",
              "isLess", "isLessEqual")  # fmt: skip


def _is_condition(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"field_name", "operator", "value"}
        and _is_text(value["field_name"])
        and value["operator"] in _OPERATORS
        and isinstance(value["value"], list)
        and all(isinstance(text, str) for text in value["value"])
    )


TEXT = must(_is_text, "accept.text", str.strip)
FLAG = must(lambda value: isinstance(value, bool), "accept.flag")
NAMES = must(lambda value: _is_list(value, _is_text), "accept.names", tuple)


def as_path(value: Any) -> Path:
    if isinstance(value, str) and _has_control(value):  # "C:\temp" is valid TOML, and holds a tab
        raise ConfigError(say("config.backslash.what"), next=say("config.backslash.next"))
    path = Path(TEXT(value))
    return path.expanduser() if path.parts[:1] == ("~",) else path  # "~name" fails where there is nobody of that name


SECRET_KEY = re.compile("secret|webhook|notify")


def unknown_key(message: str, name: str, known: Iterable[str], place: str) -> ConfigError:
    if SECRET_KEY.search(name):
        return ConfigError(say("config.secret.what"), source=f"{place} {name}", next=say("config.secret.next"))
    known = list(known)
    return ConfigError(
        say(message, name=name), source=place, next=accepted_text(", ".join(known), nearest(name, known))
    )
