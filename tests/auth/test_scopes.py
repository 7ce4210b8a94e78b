"""What a login asks for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from larknb.auth.scopes import ANYTHING, for_console, missing, wanted
from larknb.model import Kind, Source

GATE = "drive:drive.metadata:readonly"
BASES = ("base:app:read", "base:table:read", "base:field:read", "base:record:retrieve")


def source(kind: Kind | None = None, *, wiki: bool = False, part: str = "", path: str = "", **options: Any) -> Source:
    url = f"https://example.feishu.cn/{path or 'wiki/wikcnAAAAAAAAAAAAAAAAAAAAAA'}"
    return Source("", url, kind, "token", part, wiki, options=options)


def test_without_sources_a_login_asks_for_its_renewal() -> None:
    """A login always asks for offline_access, without which it would end after two hours."""
    assert wanted([]) == ("offline_access",)


def test_the_usual_sources_ask_for_what_the_platform_documents() -> None:
    """A base, a spreadsheet and a guide behind a wiki link need ten scopes, each asked for once."""
    sources = [source("bitable"), source("spreadsheet"), source("document", wiki=True), source("bitable")]
    assert wanted(sources) == (
        "offline_access",
        GATE,
        *BASES,
        "sheets:spreadsheet:readonly",
        "docx:document:readonly",
        "docs:document.media:download",
        "wiki:node:read",
    )


@pytest.mark.parametrize(
    ("one", "more"),
    [
        (source("bitable", view="vewA"), (*BASES, "base:view:read")),
        (source("bitable", attachments=True), (*BASES, "docs:document.media:download")),
        (source("bitable", attachments=False), BASES),
        (source("document", images=False), ("docx:document:readonly",)),
        (
            source(wiki=True),  # nobody knows yet what the page holds
            (
                "wiki:node:read",
                *BASES,
                "sheets:spreadsheet:readonly",
                "docx:document:readonly",
                "docs:document.media:download",
            ),
        ),
        (source(wiki=True, part="tblA"), (*BASES, "wiki:node:read")),
        (source(wiki=True, part="0b12"), ("sheets:spreadsheet:readonly", "wiki:node:read")),
        (source(wiki=True, path="wiki/settings/712"), ("wiki:node:retrieve", "wiki:node:read")),
        (source(path="drive/folder/fldcnA"), ("space:document:retrieve",)),
    ],
    ids=["view", "attachments", "no attachments", "no images", "wiki", "wiki base", "wiki sheet", "space", "folder"],
)
def test_each_source_asks_for_what_it_needs(one: Source, more: tuple[str, ...]) -> None:
    """Options and the parts that a wiki link names decide what is asked for beside the gate's scope."""
    assert wanted([one]) == ("offline_access", GATE, *more)


def test_an_alternative_that_the_app_has_is_asked_for_instead() -> None:
    """An app with the older, wider scope is asked for that one: asking for another would block the login."""
    enabled = {"offline_access", "drive:drive", "bitable:app", "wiki:wiki:readonly"}
    asked = wanted([source("bitable", wiki=True, view="vewA")], enabled)
    assert asked == ("offline_access", "drive:drive", "bitable:app", "wiki:wiki:readonly")


def test_what_the_app_cannot_have_is_not_asked_for() -> None:
    """A source whose scope the app lacks does not block the login of the others; it is reported as missing."""
    enabled = {GATE, *BASES}
    sources = [source("bitable"), source("spreadsheet")]
    asked = wanted(sources, enabled)
    assert asked == ("offline_access", GATE, *BASES)
    assert missing(asked, sources) == ("sheets:spreadsheet:readonly",)


def test_a_granted_alternative_counts_as_granted() -> None:
    """What covers a need is enough, whatever it is called; the answer's own text is understood."""
    sources = [source("bitable", view="vewA", attachments=True), source("document")]
    assert missing(f"offline_access {GATE} bitable:app:readonly docx:document", sources) == ()
    assert missing(f"{GATE} base:app:read", [source("bitable")]) == ("offline_access", *BASES[1:])


def test_nothing_granted_means_everything_missing() -> None:
    """A login that granted nothing lacks exactly what is wanted."""
    sources = [source("spreadsheet", wiki=True)]
    assert missing("", sources) == wanted(sources)


def test_the_console_takes_them_as_json() -> None:
    """The batch import wants the scopes of persons and of the app apart; only persons have a login to renew."""
    document = json.loads(for_console(("offline_access", "wiki:node:read", "wiki:node:read")))
    assert document == {"scopes": {"tenant": ["wiki:node:read"], "user": ["offline_access", "wiki:node:read"]}}


def test_an_app_is_set_up_for_every_kind() -> None:
    """As long as nobody knows what will be added, all kinds are asked for."""
    assert {*wanted([ANYTHING])} == {
        "offline_access", GATE, *BASES, "sheets:spreadsheet:readonly", "docx:document:readonly",
        "docs:document.media:download", "wiki:node:read",
    }  # fmt: skip
