"""A Feishu/Lark address, as people paste it, becomes a kind and tokens.

The host decides nothing here: tenants, customer domains and the stand-in on loopback all have the same paths. What
may be *contacted* is a matter of `larknb.config`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from larknb.errors import ConfigError
from larknb.messages import quoted, say

__all__ = [
    "LINK_KINDS",
    "MY_LIBRARY",
    "Link",
    "LinkKind",
    "RecordShare",
    "holds_address",
    "parse_link",
    "record_share",
    "split_embedded",
    "unreadable",
]

LinkKind = Literal["bitable", "spreadsheet", "document", "wiki", "space", "folder"]
LINK_KINDS: tuple[LinkKind, ...] = get_args(LinkKind)
MY_LIBRARY = "my_library"  # the space_id by which everybody calls their own personal space

# What the clients call a thing in its address; the first of each kind is the one that we write. The longer beginning
# first: /wiki/settings/<digits> is a space, any other /wiki/<token> is a page.
_PATHS: tuple[tuple[str, LinkKind], ...] = (
    ("base", "bitable"),
    ("bitable", "bitable"),
    ("sheets", "spreadsheet"),
    ("sheet", "spreadsheet"),
    ("spreadsheets", "spreadsheet"),
    ("docx", "document"),
    ("wiki/settings", "space"),
    ("wiki/space", "space"),
    ("wiki", "wiki"),
    ("drive/folder", "folder"),
    ("drive/shr", "folder"),
    ("chat/drive", "folder"),
    ("folder", "folder"),
)
_OLDER = "space"  # a segment before all others, in addresses of the years before: /space/doc/<token>
# What is no source, the longer beginning first; the value names its messages.
_REFUSED_PATHS = {
    "base/workspace": "workspace",
    "drive/file": "file",
    "share": "form",
    "record": "record",
    "docs": "doc",
    "doc": "doc",
    "file": "file",
    "mindnotes": "mindnote",
    "mindnote": "mindnote",
    "slides": "slides",
    "minutes": "minutes",
}
# What the platform's own answers call these kinds.
_UNREADABLE = {"doc": "doc", "mindnote": "mindnote", "file": "file", "slides": "slides", "minutes": "minutes"}
# Only old tokens carry a prefix; a new one could begin with "app" by chance, but hardly ever does.
_PREFIXES: tuple[tuple[str, LinkKind], ...] = (
    (r"bascn\w+|app\w{24}", "bitable"),
    (r"shtcn\w+", "spreadsheet"),
    (r"doxcn\w+", "document"),
    (r"wikcn\w+", "wiki"),
    (r"fldcn\w+", "folder"),
)
_REFUSED_PREFIXES = {"shrcn": "form", "doccn": "doc", "boxcn": "file", "bmncn": "mindnote"}

_SHORTEST = 20  # characters: what is shorter is a word, not a token that lacks its kind

_HOST = re.compile(r"(?:[\w.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,100}")  # the API's own limit; most tokens have 27 characters
_WORD = re.compile(r"[a-z_-]{3,19}")  # a page of the client (home, workspace, add, …): tokens mix cases and digits
_PARTS = {
    "table": re.compile(r"tbl[A-Za-z0-9]+"),  # it may also hold a dashboard (blk), a workflow (wkf) or a document (ldx)
    "view": re.compile(r"vew[A-Za-z0-9]+"),
    "sheet": _TOKEN,
}
_QUERY: dict[LinkKind, tuple[str, ...]] = {
    "bitable": ("table", "view"),
    "spreadsheet": ("sheet",),
    "wiki": ("table", "view", "sheet"),  # what the page holds is known only once it is looked up
}
_AROUND = " <>\"'`*~()[]{}“”‘’「」『』《》【】,.;:!?#、。"  # what chat clients and sentences leave around an address

# Addresses in a text. Behind the host come ASCII characters, without those that frame addresses in texts.
_REST = r"(?:[/?#](?:(?![,;]https?://)[!#-&*-;=?-Z_a-z~])*)?"
_WITH_SCHEME = re.compile(
    rf"https?://(?:\[[0-9a-f:.]+\](?::[0-9]{{1,5}})?|[^\s/?#<>\"'|()\[\]]+){_REST}", re.IGNORECASE
)
_NO_SCHEME = re.compile(
    rf"(?<![\w:/@.%-])(?://)?((?:[^\s/@]+@)?(?:localhost|[\w-]+(?:\.[\w-]+)+)(?::[0-9]{{1,5}})?(?=/){_REST})", re.ASCII
)
_ENCODED = re.compile(r"https?%(?:25)*3a%(?:25)*2f", re.IGNORECASE)
_LONGEST = 10_000  # characters of a text that are looked at
_DEEPEST = 3  # times that an address may be encoded, or stand in the query of another one


@dataclass(frozen=True)
class Link:
    """What an address names.

    ``token`` is an app_token, spreadsheet_token, document_id, wiki node token, space_id or folder_token. ``part`` is
    the table_id or sheet_id of the query, ``view`` a view_id, ``anchor`` a block_id, each empty where there is none.
    ``url`` is the address without everything else; of a bare token, the token.
    """

    kind: LinkKind
    token: str
    part: str = ""
    view: str = ""
    anchor: str = ""
    host: str = ""
    url: str = ""


@dataclass(frozen=True)
class RecordShare:
    """The link that shares one record: its token, which only the platform can trade for a base and a table."""

    token: str
    site: str

    def table_url(self, app_token: str, table_id: str) -> str:
        """Return the address of the table that the record stands in."""
        return f"{self.site}/base/{app_token}?table={table_id}"


@dataclass(frozen=True)
class _Address:
    """An address that was found in a text, taken apart; its query may hold secrets and is never shown."""

    scheme: str
    host: str
    segments: tuple[str, ...]
    query: dict[str, str]
    anchor: str

    def begins_with(self, path: str) -> bool:
        depth = path.count("/") + 1
        return "/".join(self.segments[:depth]).lower() == path

    def behind(self, path: str) -> str:
        """Return the segment behind a path, empty where there is none."""
        return next(iter(self.segments[path.count("/") + 1 :]), "")

    @property
    def shown(self) -> str:
        return f"{self.scheme}://{self.host}/{'/'.join(self.segments)}"


def parse_link(url: str, kind: LinkKind | None = None) -> Link:
    """Return what an address, or a bare token, names.

    Parameters
    ----------
    url : str
        A text that holds the address, as it was pasted: a title, Markdown, brackets, blanks and full-width characters
        of a chat client do no harm.
    kind : str, optional
        What a bare token is; only old tokens tell it themselves.

    Raises
    ------
    ConfigError
        It names nothing that can be synced, more than one thing, or not what ``kind`` says. The message tells what it
        is and what helps.
    """
    text = _clean(url)
    addresses = list(_addresses(text))
    link = _only([_link_of(address) for address in addresses]) if addresses else _bare(text, kind)
    if kind and link.kind != kind:
        raise ConfigError(
            say("link.other.what", found=link.kind, kind=kind), source=_shown(link.url), next=say("link.other.next")
        )
    return link


def holds_address(text: str) -> bool:
    """Say whether a text holds an address, with its scheme: what does not may be the name of a source."""
    return bool(_WITH_SCHEME.search(_clean(text)))


def record_share(url: str) -> RecordShare | None:
    """Return the record that an address shares; None where it does something else."""
    for address in _addresses(_clean(url)):
        token = address.behind("record") if address.begins_with("record") else ""
        if _TOKEN.fullmatch(token):
            return RecordShare(token, f"{address.scheme}://{address.host}")
    return None


def split_embedded(token: str) -> tuple[str, str]:
    """Return the two tokens that a table embedded in a document or spreadsheet joins with ``_``.

    ``<app_token>_<table_id>`` or ``<spreadsheet_token>_<sheet_id>``; the second is empty where nothing was joined.
    """
    head, _, tail = token.rpartition("_")
    return (head, tail) if head else (token, "")


def unreadable(kind: object) -> tuple[str, str] | None:
    """Return what a thing of this ``obj_type`` is and what to do about it, where nothing of the kind can be read."""
    name = _UNREADABLE.get(str(kind))
    return (say(f"link.{name}.what"), say(f"link.{name}.next")) if name else None


# --- addresses in a text --------------------------------------------------------------------------------------------


def _clean(url: str) -> str:
    """Return a text on one line with plain characters, its escapes undone."""
    text = url[:_LONGEST]
    for _ in range(_DEEPEST):
        if _WITH_SCHEME.search(text) or not _ENCODED.search(text):
            break
        text = unquote(text)  # as documents keep their links
    text = _plain(text).replace("&amp;", "&").replace("\\u0026", "&")
    text = re.sub(r"\\([/_&?=#-])", r"\1", text).replace("\\", "/")  # of JSON and Markdown; typed on Windows
    return re.sub(r"(?:https?:/+)*(https?:)/+", r"\1//", text, flags=re.IGNORECASE)


def _plain(text: str) -> str:
    """Return a text without characters that nobody sees, wide ones made narrow, breaks of the line made blanks."""
    if text.isascii() and text.isprintable():
        return text
    text = re.sub(r"\s", " ", unicodedata.normalize("NFKC", text))
    return "".join(char for char in text if unicodedata.category(char) not in ("Cc", "Cf"))


def _addresses(text: str, depth: int = 0) -> Iterator[_Address]:
    """Yield the addresses of a text; one that leads to another one, as pages of safety and login do, is replaced."""
    found = [match[0] for match in _WITH_SCHEME.finditer(text)]
    for each in found or [f"https://{match[1]}" for match in _NO_SCHEME.finditer(text)]:
        address = _taken_apart(each)
        if address is None:
            continue
        targets = [value for value in address.query.values() if re.match("https?:", value, re.IGNORECASE)]
        if _is_known(address) or not targets or depth >= _DEEPEST:
            yield address
        else:
            yield from _addresses(_clean(targets[0]), depth + 1)


def _taken_apart(text: str) -> _Address | None:
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    host = unicodedata.normalize("NFKC", parts.netloc.rpartition("@")[2].lower())
    if not _HOST.fullmatch(host):
        return None
    segments = [segment for part in parts.path.split("/") if (segment := _trimmed(unquote(part)))]
    if len(segments) > 1 and segments[0].lower() == _OLDER:
        del segments[0]
    query = {name: value.strip() for name, value in reversed(parse_qsl(parts.query))}
    return _Address(parts.scheme, host, tuple(segments), query, _trimmed(unquote(parts.fragment)))


def _trimmed(text: str) -> str:
    """Return a part of an address without what stood behind the address in its text."""
    ascii_only = re.split(r"[^!-~]", _plain(text).strip(_AROUND), maxsplit=1)[0]
    return ascii_only.strip(_AROUND)


def _is_known(address: _Address) -> bool:
    paths = (*(path for path, _ in _PATHS), *_REFUSED_PATHS)
    return any(address.begins_with(path) for path in paths)


# --- what one of them names -----------------------------------------------------------------------------------------


def _link_of(address: _Address) -> Link | ConfigError:
    named = _kind_and_token(address)
    if named is None:
        why = next((why for path, why in _REFUSED_PATHS.items() if address.begins_with(path)), "unknown")
        return _refused(why, address.shown)
    kind, token = named
    values = {name: _trimmed(address.query.get(name, "")) for name in _QUERY.get(kind, ())}
    parts = {name: value for name, value in values.items() if _PARTS[name].fullmatch(value)}
    anchor = address.anchor if kind in ("document", "wiki") and _TOKEN.fullmatch(address.anchor) else ""
    path = next(path for path, its_kind in _PATHS if its_kind == kind)
    return Link(
        kind,
        token,
        part=parts.get("table") or parts.get("sheet", ""),
        view=parts.get("view", ""),
        anchor=anchor,
        host=address.host,
        url=urlunsplit((address.scheme, address.host, f"/{path}/{token}", urlencode(parts), anchor)),
    )


def _kind_and_token(address: _Address) -> tuple[LinkKind, str] | None:
    for path, kind in _PATHS:
        if address.begins_with(path):
            token = address.behind(path)
            is_page = _WORD.fullmatch(token) and token != MY_LIBRARY
            return (kind, token) if _is_token(token, kind) and not is_page else None
    return None


def _only(found: list[Link | ConfigError]) -> Link:
    """Return the one thing that the addresses of a text name: a title may be its own address, or lead elsewhere."""
    links = [each for each in found if isinstance(each, Link)]
    if not links:
        raise next(each for each in found if isinstance(each, ConfigError))
    best = max(links, key=lambda link: (bool(link.part), bool(link.view)))
    if any(link.token != best.token or link.part not in ("", best.part) for link in links):
        raise ConfigError(say("link.several.what"), source=_shown(links[0].url), next=say("link.several.next"))
    return best


def _bare(text: str, kind: LinkKind | None) -> Link:
    text = unquote(text).strip(_AROUND)
    if text[:5] in _REFUSED_PREFIXES:
        raise _refused(_REFUSED_PREFIXES[text[:5]], text)
    found = next((known for pattern, known in _PREFIXES if re.fullmatch(pattern, text, re.ASCII)), kind)
    found = "space" if text == MY_LIBRARY else found
    if found and _is_token(text, found):
        return Link(found, text, url=text)
    raise _refused("bare" if _TOKEN.fullmatch(text) and len(text) >= _SHORTEST else "unknown", text)


def _is_token(text: str, kind: LinkKind) -> bool:
    if kind == "space":
        return text == MY_LIBRARY or (bool(_TOKEN.fullmatch(text)) and text.isdigit())
    return bool(_TOKEN.fullmatch(text)) and text != MY_LIBRARY


def _refused(why: str, text: str) -> ConfigError:
    return ConfigError(say(f"link.{why}.what"), source=_shown(text), next=say(f"link.{why}.next"))


def _shown(text: str) -> str:
    """Return an address without its query, and of anything else its beginning: somebody may have pasted a secret."""
    if "/" in text:
        return quoted(re.split(r"[?#]|%3f", text, maxsplit=1, flags=re.IGNORECASE)[0])
    return quoted(text if len(text) < _SHORTEST else f"{text[:6]}…")
