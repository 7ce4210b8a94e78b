"""What a setting may be: rules that give a value in its final form, or say what is accepted."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from larknb.errors import ConfigError
from larknb.messages import quoted, say

__all__ = [
    "FLAG",
    "NAMES",
    "SECRET_KEY",
    "TEXT",
    "Rule",
    "accepted_text",
    "apply_rule",
    "as_number",
    "as_path",
    "is_app_id",
    "is_count",
    "is_filter",
    "is_formats",
    "is_header",
    "is_words",
    "must",
    "one_of",
    "parse_duration",
    "parse_limit",
    "split_list",
    "typed_app_id",
    "unknown_key",
    "wrong_value",
]

# Gives a value in its final form, or raises a ConfigError that does not know the place of the value.
Rule = Callable[[Any], Any]


def apply_rule(rule: Rule, value: Any, place: str) -> Any:
    """Return what the rule makes of the value; its ConfigError names the place."""
    try:
        return rule(value)
    except ConfigError as error:
        raise error.at(place) from None


# --- durations, numbers, lists -----------------------------------------------------------------------------------

LONGEST = 36500 * 86400.0  # seconds: what is longer would leave the calendar when it is added to a date
_UNITS = {"w": 7 * 86400, "d": 86400, "h": 3600, "min": 60, "m": 60, "s": 1}
_NUMBER = r"[0-9]{1,12}(?:\.[0-9]{1,6})?"
_SPAN = rf"({_NUMBER})\s*(w|d|h|min|m|s)"


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


_BYTES = {"KB": 10**3, "MB": 10**6, "GB": 10**9}


def parse_limit(value: object) -> bool | int:
    """Return yes or no as it is, and the bytes of a size such as ``"20MB"``; a whole number counts bytes itself."""
    found = re.fullmatch(rf"\s*({_NUMBER})\s*(KB|MB|GB)\s*", value, re.IGNORECASE) if isinstance(value, str) else None
    limit = round(float(found[1]) * _BYTES[found[2].upper()]) if found else value
    if not isinstance(limit, int) or (limit is not False and not 0 < limit < 10**15):
        raise wrong_value(value, say("accept.limit"))
    return limit


def as_number(value: object) -> object:
    """Return the number that a text spells, anything else as it is: the rule that follows refuses it."""
    if isinstance(value, str) and re.fullmatch(_NUMBER, value):
        return float(value) if "." in value else int(value)
    return value


def split_list(text: str) -> list[str]:
    """Return the members of a list that a variable spells with commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


# --- makers of rules ---------------------------------------------------------------------------------------------


def must(test: Callable[[Any], bool], accepted: str, form: Callable[[Any], Any] = lambda value: value) -> Rule:
    """Return the rule that gives ``form(value)``, or says what is ``accepted`` (a message key) instead."""

    def rule(value: Any) -> Any:
        if not test(value):
            raise wrong_value(value, say(accepted))
        return form(value)

    return rule


def one_of(*words: str) -> Rule:
    """Return the rule that accepts these words alone."""

    def rule(value: Any) -> Any:
        if value not in words:
            raise wrong_value(value, ", ".join(f'"{word}"' for word in words), _nearest(value, words))
        return value

    return rule


# --- what a value may be -----------------------------------------------------------------------------------------


def is_app_id(value: Any) -> bool:
    """Say whether this may be an App ID, which becomes part of addresses and of a file name."""
    return isinstance(value, str) and bool(re.fullmatch(r"[A-Za-z0-9_-]{1,100}", value))


def typed_app_id(text: str) -> str:
    """Return an App ID that somebody typed; the error does not repeat it, for it may be a secret in the wrong field."""
    if not (is_app_id(text) and text.startswith("cli_")):
        raise ConfigError(say("config.typed_app_id"), next=accepted_text(say("accept.app_id"), ""))
    return text


def is_count(value: Any) -> bool:
    """Say whether this is a whole number of 1 or more."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def is_words(value: Any, words: Sequence[str]) -> bool:
    """Say whether this is a list of some of these words."""
    return _is_list(value, lambda each: each in words)


def is_formats(value: Any) -> bool:
    """Say whether these are formats of the latest files; the Parquet file is always there."""
    return isinstance(value, (list, tuple)) and tuple(value) in (("parquet",), ("parquet", "json"))


def is_header(value: Any) -> bool:
    """Say whether this tells which rows of a sheet are its header: a word, a row, or several."""
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


def _is_list(value: Any, test: Callable[[Any], bool]) -> bool:
    return isinstance(value, (list, tuple)) and bool(value) and all(map(test, value))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and not _has_control(value)


def _has_control(text: str) -> bool:
    return not text.isprintable() and any(unicodedata.category(char) == "Cc" for char in text)


TEXT = must(_is_text, "accept.text", str.strip)
FLAG = must(lambda value: isinstance(value, bool), "accept.flag")
NAMES = must(lambda value: _is_list(value, _is_text), "accept.names", tuple)


def as_path(value: Any) -> Path:
    """Return the path that a text names, ``~`` at its beginning taken for the home folder."""
    if isinstance(value, str) and _has_control(value):  # "C:\temp" is valid TOML, and holds a tab
        raise ConfigError(say("config.backslash.what"), next=say("config.backslash.next"))
    path = Path(TEXT(value))
    return path.expanduser() if path.parts[:1] == ("~",) else path  # "~name" fails where there is nobody of that name


# --- what a refusal says -----------------------------------------------------------------------------------------

SECRET_KEY = re.compile("secret|webhook|notify")  # a key so called holds what never stands in the file


def wrong_value(value: object, accepted: str, near: str = "") -> ConfigError:
    """Return the error for a value, which says what is accepted and what was perhaps meant."""
    return ConfigError(say("config.value", value=quoted(value)), next=accepted_text(accepted, near))


def accepted_text(accepted: str, near: str) -> str:
    """Return the sentence that says what is accepted, and what was perhaps meant."""
    return say("config.near", near=near, accepted=accepted) if near else say("config.accepted", accepted=accepted)


def unknown_key(message: str, name: str, known: Iterable[str], place: str) -> ConfigError:
    """Return the error for a section or key that there is none of; of a secret it does not repeat the value."""
    if SECRET_KEY.search(name):
        return ConfigError(say("config.secret.what"), source=f"{place} {name}", next=say("config.secret.next"))
    known = list(known)
    return ConfigError(
        say(message, name=name), source=place, next=accepted_text(", ".join(known), _nearest(name, known))
    )


def _nearest(word: object, known: Iterable[str]) -> str:
    return next(iter(difflib.get_close_matches(str(word), known, n=1)), "")
