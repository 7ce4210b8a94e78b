"""Cell values: from what a caller writes to what record search answers.

A cell is stored in the shape in which record search serves it. Writing is forgiving where that shape is long: text may
be a ``str``, a person a `User`, a link a list of record ids, a date a ``date`` or an aware ``datetime``.
`Raw` is served as it is, whatever it holds.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from larknb.sandbox.world.people import User
from larknb.sandbox.world.times import midnight_of, stamp_of

TEXT, NUMBER, SELECT, MULTI_SELECT, DATE, CHECKBOX = 1, 2, 3, 4, 5, 7
PERSON, PHONE, URL, ATTACHMENT, LINK, LOOKUP, FORMULA, DUPLEX_LINK = 11, 13, 15, 17, 18, 19, 20, 21
LOCATION, GROUP, STAGE, BUTTON = 22, 23, 24, 3001
CREATED_TIME, MODIFIED_TIME, CREATED_USER, MODIFIED_USER, AUTO_NUMBER = 1001, 1002, 1003, 1004, 1005

DERIVED = frozenset({CREATED_TIME, MODIFIED_TIME, CREATED_USER, MODIFIED_USER, AUTO_NUMBER})
COMPUTED = frozenset({LOOKUP, FORMULA})
LINKS = frozenset({LINK, DUPLEX_LINK})
DATES = frozenset({DATE, CREATED_TIME, MODIFIED_TIME})
PEOPLE = frozenset({PERSON, CREATED_USER, MODIFIED_USER})

UI_TYPES = {
    TEXT: "Text",
    NUMBER: "Number",
    SELECT: "SingleSelect",
    MULTI_SELECT: "MultiSelect",
    DATE: "DateTime",
    CHECKBOX: "Checkbox",
    PERSON: "User",
    PHONE: "Phone",
    URL: "Url",
    ATTACHMENT: "Attachment",
    LINK: "SingleLink",
    LOOKUP: "Lookup",
    FORMULA: "Formula",
    DUPLEX_LINK: "DuplexLink",
    LOCATION: "Location",
    GROUP: "GroupChat",
    STAGE: "Stage",
    CREATED_TIME: "CreatedTime",
    MODIFIED_TIME: "ModifiedTime",
    CREATED_USER: "CreatedUser",
    MODIFIED_USER: "ModifiedUser",
    AUTO_NUMBER: "AutoNumber",
    BUTTON: "Button",
}


@dataclass(frozen=True)
class Raw:
    """A cell that is served exactly as given, also ``None``, ``[]`` and shapes that no field of its type has."""

    value: Any


ABSENT = Raw("absent")  # a derived cell (creator, auto number, ...) that is not served at all


def plain(value: Any) -> Any:
    """Value that a cell holds, raw or not."""
    return value.value if isinstance(value, Raw) else value


def unwrap(value: object) -> object:
    """Serve a raw cell as what it holds; for ``orjson.dumps(default=...)``."""
    if isinstance(value, Raw):
        return value.value
    raise TypeError(f"{type(value).__name__} is no cell value")


# From a written value to a stored one --------------------------------------------------------------------------------


def _text(value: Any, ui_type: str) -> Any:
    if not isinstance(value, str):
        return value
    if ui_type == "Email":
        return [{"type": "url", "text": value, "link": f"mailto:{value}"}]
    return [{"type": "text", "text": value}]


def _people(value: Any) -> Any:
    people = value if isinstance(value, list) else [value]
    return [one.person() if isinstance(one, User) else one for one in people]


def _link(value: Any) -> Any:
    ids = [value] if isinstance(value, str) else value
    return {"link_record_ids": ids} if isinstance(ids, list) else ids


def _url(value: Any) -> Any:
    return {"text": value, "link": value} if isinstance(value, str) else value


def _date(value: Any, zone: dt.tzinfo) -> Any:
    if isinstance(value, dt.datetime):
        return stamp_of(value)
    return midnight_of(value, zone) if isinstance(value, dt.date) else value


def stored(value: Any, kind: int, ui_type: str, zone: dt.tzinfo) -> Any:
    """Cell as it is kept, ``None`` if the value means an empty cell."""
    if not value and not isinstance(value, (int, float)):
        return None
    if isinstance(value, Raw):
        return value
    if kind == TEXT:
        return _text(value, ui_type)
    if kind == PERSON:
        return _people(value)
    if kind in LINKS:
        return _link(value)
    if kind == URL:
        return _url(value)
    return _date(value, zone) if kind == DATE else value


def converted(value: Any, kind: int, ui_type: str, zone: dt.tzinfo) -> Any:
    """Stored cell as a column of another type would hold it, ``None`` where it can say nothing in it; our guess."""
    if isinstance(value, Raw):
        return value
    text = text_of(value)
    if kind == NUMBER:
        try:
            return float(text)
        except ValueError:
            return None
    if kind == MULTI_SELECT:
        return value if isinstance(value, list) and all(isinstance(one, str) for one in value) else [text]
    return stored(text, kind, ui_type, zone) if kind in (TEXT, SELECT, PHONE, URL) else None


# What a stored cell says ---------------------------------------------------------------------------------------------


def text_of(value: Any) -> str:
    """Text that a person would read in the cell."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        separator = "" if all(isinstance(one, dict) and "type" in one for one in value) else ","
        return separator.join(text_of(one) for one in value)
    if isinstance(value, dict):
        if "value" in value:
            return text_of(value["value"])
        found = next((value[key] for key in ("text", "full_address", "name", "id") if value.get(key)), "")
        return str(found)
    return "" if value is None else number_text(value)


def number_text(value: Any) -> str:
    """Number as the old endpoints write it: without a fraction where there is none."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def ids_of(value: Any) -> list[str]:
    """Ids in a cell of persons, groups or links."""
    if isinstance(value, dict):
        value = value.get("link_record_ids", [value])
    return [one.get("id", "") if isinstance(one, dict) else str(one) for one in value or []]
