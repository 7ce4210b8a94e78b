"""Cell values: from what a caller writes to what record search answers, and from there to the old shapes.

A cell is stored in the shape in which record search serves it. Writing is forgiving where that shape is long: text may
be a ``str``, a person a `User`, a link a list of record ids, a date a ``date`` or an aware ``datetime``.
`Raw` is served as it is, whatever it holds.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from .objects import User

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

EXCEL_EPOCH = 25569  # serial day of 1970-01-01 in spreadsheets, which the old endpoints use for computed dates
DAY_MS = 86_400_000


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


def zone_of(name: str) -> dt.tzinfo:
    """Zone of a base; the platform's own ``Asia/Beijing`` is Shanghai, an empty or unknown name is UTC."""
    try:
        return zoneinfo.ZoneInfo("Asia/Shanghai" if name == "Asia/Beijing" else name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):  # the empty name is a folder of the zone database
        return dt.UTC


def local(ms: float, zone: dt.tzinfo) -> dt.datetime:
    """Local time of a millisecond stamp, also before 1970 and on Windows, where ``fromtimestamp`` refuses it."""
    return (dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(milliseconds=ms)).astimezone(zone)


def stamp_of(moment: dt.datetime) -> int:
    """Millisecond stamp of an aware time."""
    return (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(milliseconds=1)


def midnight_of(day: dt.date, zone: dt.tzinfo) -> int:
    """Millisecond stamp of the day's first moment in the zone."""
    return stamp_of(dt.datetime.combine(day, dt.time(), zone))


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


# From a stored value to a served one ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shape:
    """How one request wants its cells."""

    id_kind: str = "open_id"
    avatars: bool = True
    old: bool = False
    segments: bool = False  # old endpoints only: text as segments
    referenced: bool = False  # old endpoints only: computed cells as their source shows them

    @property
    def people_as_stored(self) -> bool:
        """Whether person objects go out unchanged."""
        return self.avatars and self.id_kind == "open_id"


def people_in(value: Any, shape: Shape, find: Callable[[str], User | None]) -> Any:
    """Persons as this request may see them: the ids of the wanted kind, avatars only with their scope."""
    if isinstance(value, list):
        return [people_in(one, shape, find) for one in value]
    if not isinstance(value, dict):
        return value
    person = {key: part for key, part in value.items() if shape.avatars or key != "avatar_url"}
    user = find(str(person.get("id")))
    return person | {"id": user.id_of(shape.id_kind)} if user else person


def old_computed(value: Any, zone: dt.tzinfo, option_ids: Callable[[str], str], *, referenced: bool) -> Any:
    """Formula or lookup as the old endpoints answer it: without the wrapper, dates as serial days, options as ids."""
    if not isinstance(value, dict) or not isinstance(value.get("value"), list):
        return value
    kind, parts = value.get("type"), value["value"]
    if not referenced:
        if kind in DATES:
            parts = [_serial_day(part, zone) for part in parts]
        elif kind in (SELECT, MULTI_SELECT):
            parts = [option_ids(part) for part in parts]
    return parts[0] if len(parts) == 1 and isinstance(parts[0], (int, float)) else parts


def _serial_day(ms: Any, zone: dt.tzinfo) -> Any:
    if not isinstance(ms, (int, float)):
        return ms
    offset = local(ms, zone).utcoffset() or dt.timedelta()
    return EXCEL_EPOCH + (ms + offset / dt.timedelta(milliseconds=1)) / DAY_MS


def old_links(value: Any, table_id: str, titles: Callable[[Iterable[str]], list[str]]) -> Any:
    """Link as the old endpoints answer it: with the text of the linked rows."""
    ids = ids_of(value)
    texts = titles(ids)
    return [{"type": "text", "table_id": table_id, "record_ids": ids, "text": ",".join(texts), "text_arr": texts}]
