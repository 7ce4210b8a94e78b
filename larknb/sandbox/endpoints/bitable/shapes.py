"""The shapes in which a request gets its cells: ids of one kind, with or without avatars, or as old endpoints do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from larknb.sandbox.world.bitable.cells import DATES, MULTI_SELECT, SELECT, ids_of
from larknb.sandbox.world.people import User
from larknb.sandbox.world.times import local

EXCEL_EPOCH = 25569  # serial day of 1970-01-01 in spreadsheets, which the old endpoints use for computed dates
DAY_MS = 86_400_000


@dataclass(frozen=True)
class CellShape:
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


def seen_people(value: Any, shape: CellShape, find: Callable[[str], User | None]) -> Any:
    """Persons as this request may see them: the ids of the wanted kind, avatars only with their scope."""
    if isinstance(value, list):
        return [seen_people(one, shape, find) for one in value]
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
