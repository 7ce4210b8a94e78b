"""What a payload holds that nobody knows: its titles, addresses, tokens and texts, told by the names of its members.

New kinds of block and of text element come without a notice. What they are nobody can know; what they say can be
found all the same, for the platform calls a title a title everywhere. A member of another type than documented is
looked into like one that nobody knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

import orjson

from larknb.guides.forms import clean
from larknb.guides.payloads import read_list, read_mapping, read_url
from larknb.guides.shapes import Shape, fits

__all__ = [
    "Piece",
    "Texts",
    "pieces_in",
]

Role = Literal["text", "url", "token", ""]

DEEPEST = 30  # levels of a payload that are looked into
TITLES = ("title", "name", "text", "content")  # what a thing is called, the best first

_ID = re.compile(r"(?:^|_)ids?$|[a-z]Ids?$")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?::|%3A)(?:/|%2F){2}", re.IGNORECASE)
_ADDRESS_NAME = re.compile(r"(?:^|_)(?:url|uri|href|link)$", re.IGNORECASE)
_TOKEN = re.compile(r"token$", re.IGNORECASE)
_SETTING = re.compile(
    r"(?:type|mode|style|align|colou?r|status|state|time|level|layout|theme|lang|language|locale|version|format"
    r"|sequence|font|size|width|height|wrap|border|position|direction)$",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z0-9_.-]*")
_PERSON = re.compile(r"(?:ou|on|cli|oc|od)_[A-Za-z0-9_-]+")  # an id of somebody or of a group is no text


class Piece(NamedTuple):
    """A piece of what was found: text that may lead somewhere, or a token."""

    text: str
    url: str = ""
    is_token: bool = False


class Texts(NamedTuple):
    """A payload whose ``elements`` are text of the usual form."""

    payload: Mapping[str, Any]


def pieces_in(payload: Any, shape: Shape = None, name: str = "") -> list[Piece | Texts]:
    """Return what a payload says, in its order; a title comes first and leads to the address beside it.

    Parameters
    ----------
    shape : mapping, optional
        The members that are read elsewhere, which are left out.
    name : str
        Of the member that the payload is.
    """
    return [*_unique(_in_value(payload, shape or {}, name, DEEPEST))]


def _unique(found: Iterator[Piece | Texts]) -> Iterator[Piece | Texts]:
    """Yield the same piece once."""
    seen: set[Piece] = set()
    for each in found:
        if isinstance(each, Piece):
            if each in seen:
                continue
            seen.add(each)
        yield each


def _in_value(value: Any, shape: Shape, name: str, deepest: int) -> Iterator[Piece | Texts]:
    if not deepest:
        return
    if isinstance(value, Mapping):
        yield from _in_mapping(value, shape if isinstance(shape, Mapping) else {}, deepest)
    elif isinstance(value, list):
        of_items = shape[0] if isinstance(shape, list) else {}
        for each in value:
            yield from _in_value(each, of_items, name, deepest - 1)
    elif isinstance(value, str):
        if (inner := _parsed(value)) is not None:
            yield from _in_value(inner, {}, name, deepest - 1)
        elif piece := _piece(name, value):
            yield piece


def _in_mapping(value: Mapping[str, Any], shape: Mapping[str, Shape], deepest: int) -> Iterator[Piece | Texts]:
    mine = {name: each for name, each in value.items() if not _is_read(name, each, shape)}
    if "elements" in mine and any(map(read_mapping, read_list(mine["elements"]))):
        yield Texts({"elements": mine.pop("elements")})
    title = next((name for name in TITLES if _role(name, mine.get(name)) == "text" and _parsed(mine[name]) is None), "")
    address = next((name for name, each in mine.items() if _role(name, each) == "url"), "")
    if title or address:
        url = read_url(mine.get(address))
        yield Piece(clean(mine[title]).strip() if title else url, url)
    for name, each in mine.items():
        if name not in (title, address):
            yield from _in_value(each, {}, name, deepest - 1)
    for name, inner in shape.items():
        of_items = inner[0] if isinstance(inner, list) else inner
        if isinstance(of_items, Mapping) and name in value and name not in ("elements", *mine):
            yield from _in_value(value[name], inner, name, deepest - 1)


def _is_read(name: str, value: Any, shape: Mapping[str, Shape]) -> bool:
    """Say whether somebody reads a member; numbers and switches are never looked into."""
    return name in shape and (shape[name] in (bool, int) or fits(value, shape[name]))


def _piece(name: str, value: str) -> Piece | None:
    role = _role(name, value)
    if role == "url":
        url = read_url(value)
        return Piece(url, url)
    return Piece(clean(value).strip(), is_token=role == "token") if role else None


def _role(name: str, value: Any) -> Role:
    """Return what a member is by its name and its value; empty for an id, and for a word of the platform's own."""
    if not isinstance(value, str) or not clean(value).strip() or _ID.search(name) or _PERSON.fullmatch(value):
        return ""
    if _ADDRESS.match(value) or (_ADDRESS_NAME.search(name) and not re.search(r"\s", value.strip())):
        return "url"
    if _TOKEN.search(name):
        return "token"
    return "" if _SETTING.search(name) and _WORD.fullmatch(value) else "text"


def _parsed(value: str) -> Any:
    """Return the JSON that a text is, None for any other text."""
    if value[:1] not in ("{", "["):
        return None
    try:
        found = orjson.loads(value)
    except ValueError:
        return None
    return found if isinstance(found, (dict, list)) else None
