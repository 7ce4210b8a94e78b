"""A Feishu/Lark address, as people paste it, becomes a kind and tokens.

The host decides nothing here: tenants, customer domains and the stand-in on loopback all have the same paths. What
may be *contacted* is a matter of `larknb.config`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from larknb.errors import ConfigError
from larknb.messages import quoted, say

__all__ = [
    "LINK_KINDS",
    "Link",
    "LinkKind",
    "parse_link",
    "split_embedded",
]

LinkKind = Literal["bitable", "spreadsheet", "document", "wiki", "space", "folder"]
LINK_KINDS: tuple[LinkKind, ...] = get_args(LinkKind)

# The longer beginning first: /wiki/settings/<digits> is a space, any other /wiki/<token> is a page.
_PATHS: tuple[tuple[str, LinkKind], ...] = (
    ("base", "bitable"),
    ("sheets", "spreadsheet"),
    ("spreadsheets", "spreadsheet"),
    ("docx", "document"),
    ("wiki/settings", "space"),
    ("wiki/space", "space"),
    ("wiki", "wiki"),
    ("drive/folder", "folder"),
)
_REFUSED_PATHS = {
    "share": "form",
    "record": "record",
    "docs": "doc",
    "doc": "doc",
    "file": "file",
    "mindnotes": "mindnote",
    "slides": "slides",
}
# Only old tokens carry a prefix; a new one could begin with "app" by chance, but hardly ever does.
_PREFIXES: tuple[tuple[str, LinkKind], ...] = (
    (r"bascn\w+|app\w{24}", "bitable"),
    (r"shtcn\w+", "spreadsheet"),
    (r"doxcn\w+", "document"),
    (r"wikcn\w+", "wiki"),
    (r"fldcn\w+", "folder"),
)
_REFUSED_PREFIXES = {"shrcn": "form", "doccn": "doc", "boxcn": "file"}

_SHORTEST = 20  # characters: what is shorter is a word, not a token that lacks its kind

_HOST = re.compile(r"(?:[\w.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,100}")  # the API's own limit; most tokens have 27 characters
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
_AROUND = " <>\"'`*()“”‘’「」『』《》【】,.;:!?#、。"  # what chat clients and sentences leave around an address


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


def parse_link(url: str, kind: LinkKind | None = None) -> Link:
    """Return what an address, or a bare token, names.

    Parameters
    ----------
    url : str
        An address as it was pasted: blanks, brackets and full-width characters of a chat client do no harm.
    kind : str, optional
        What a bare token is; only old tokens tell it themselves.

    Raises
    ------
    ConfigError
        It names nothing that can be synced, or not what ``kind`` says. The message tells what it is and what helps.
    """
    text = _clean(url)
    link = _address(text) if "/" in text else _bare(text, kind)
    if kind and link.kind != kind:
        raise ConfigError(
            say("link.other.what", found=link.kind, kind=kind), source=quoted(url), next=say("link.other.next")
        )
    return link


def split_embedded(token: str) -> tuple[str, str]:
    """Return the two tokens that a table embedded in a document or spreadsheet joins with ``_``.

    ``<app_token>_<table_id>`` or ``<spreadsheet_token>_<sheet_id>``; the second is empty where nothing was joined.
    """
    head, _, tail = token.rpartition("_")
    return (head, tail) if head else (token, "")


def _clean(url: str) -> str:
    text = unquote(url) if re.match(r"\s*https?%3a", url, re.IGNORECASE) else url  # as documents keep their links
    text = unicodedata.normalize("NFKC", text)
    return "".join(char for char in text if unicodedata.category(char) not in ("Cc", "Cf")).strip(_AROUND)


def _address(text: str) -> Link:
    scheme, host, segments, query, anchor = _split(text)
    kind, token = _kind_and_token(segments, text)
    named = {name: value for name in _QUERY.get(kind, ()) if (value := _match(_PARTS[name], query.get(name)))}
    anchor = _match(_TOKEN, anchor) if kind in ("document", "wiki") else ""
    path = next(path for path, its_kind in _PATHS if its_kind == kind)
    return Link(
        kind,
        token,
        part=named.get("table") or named.get("sheet", ""),
        view=named.get("view", ""),
        anchor=anchor,
        host=host,
        url=urlunsplit((scheme, host, f"/{path}/{token}", urlencode(named), anchor)),
    )


def _split(text: str) -> tuple[str, str, list[str], dict[str, str], str]:
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", text):
        text = "https://" + text.lstrip("/")
    try:
        parts = urlsplit(text)
    except ValueError:
        raise _refused("unknown", text) from None
    host = parts.netloc.rpartition("@")[2].lower()
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host):
        raise _refused("unknown", text)
    segments = [segment for segment in parts.path.split("/") if segment]
    return parts.scheme, host, segments, dict(reversed(parse_qsl(parts.query))), parts.fragment


def _kind_and_token(segments: list[str], text: str) -> tuple[LinkKind, str]:
    for path, kind in _PATHS:
        depth = path.count("/") + 1
        if "/".join(segments[:depth]) == path:
            token = segments[depth] if len(segments) > depth else ""
            if _is_token(token, kind):
                return kind, token
            break
    raise _refused(_REFUSED_PATHS.get(segments[0] if segments else "", "unknown"), text)


def _bare(text: str, kind: LinkKind | None) -> Link:
    if text[:5] in _REFUSED_PREFIXES:
        raise _refused(_REFUSED_PREFIXES[text[:5]], text)
    found = next((known for pattern, known in _PREFIXES if re.fullmatch(pattern, text, re.ASCII)), kind)
    if found and _is_token(text, found):
        return Link(found, text, url=text)
    raise _refused("bare" if _TOKEN.fullmatch(text) and len(text) >= _SHORTEST else "unknown", text)


def _is_token(text: str, kind: LinkKind) -> bool:
    return bool(_TOKEN.fullmatch(text)) and (kind != "space" or text.isdigit())


def _match(pattern: re.Pattern[str], text: str | None) -> str:
    return text if text and pattern.fullmatch(text) else ""


def _refused(why: str, text: str) -> ConfigError:
    return ConfigError(say(f"link.{why}.what"), source=quoted(text), next=say(f"link.{why}.next"))
