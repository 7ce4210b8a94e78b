"""What a login asks for."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from larknb.auth.scopes import ANYTHING, blocking, for_console, missing, not_enabled, refused, wanted
from larknb.model import Kind, LibraryKind, Source

GATE = "drive:drive.metadata:readonly"
BASES = ("base:app:read", "base:table:read", "base:field:read", "base:record:retrieve")


SHEETS, DOCX = "sheets:spreadsheet:readonly", "docx:document:readonly"


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


EVERY = (*BASES, SHEETS, DOCX, "docs:document.media:download")


@pytest.mark.parametrize(
    ("library", "options", "more"),
    [
        ("space", {}, ("wiki:node:retrieve", *EVERY)),
        ("subtree", {}, ("wiki:node:retrieve", "wiki:node:read", *EVERY)),
        ("folder", {}, ("space:document:retrieve", *EVERY)),
        ("space", {"kinds": ("spreadsheet",)}, ("wiki:node:retrieve", SHEETS)),
        ("space", {"kinds": ("document",), "images": False}, ("wiki:node:retrieve", DOCX)),
    ],
)
def test_a_library_asks_for_its_list_and_its_kinds(
    library: LibraryKind, options: dict[str, Any], more: tuple[str, ...]
) -> None:
    """Its children may be of all kinds, or of those that the settings name; only the list stops it as a whole."""
    one = replace(source(**options), library=library)
    assert wanted([one]) == ("offline_access", GATE, *more)
    assert blocking(("a:b",), one) == tuple(scope for scope in more if scope.startswith(("wiki:", "space:")))


def test_the_name_of_a_space_is_asked_for_only_where_the_app_may() -> None:
    """It has a scope of its own, which would block the login of an app that lacks it."""
    space = replace(source(kinds=("document",), images=False), library="space")
    enabled = {"offline_access", GATE, "wiki:node:retrieve", DOCX}
    assert "wiki:space:read" not in wanted([space], enabled)
    assert "wiki:space:read" in wanted([space], {*enabled, "wiki:space:read"})


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


def test_a_later_login_asks_for_the_rest_alone() -> None:
    """Granted scopes add up: an incremental login names what is new, and its renewal."""
    granted = ("offline_access", GATE, *BASES[:2], "bitable:app")
    assert wanted([source("bitable"), source("spreadsheet")], None, granted) == ("offline_access", SHEETS)
    assert wanted([source("bitable")], None, granted[:-1]) == ("offline_access", *BASES[2:])


def test_embedded_tables_need_scopes_of_their_own() -> None:
    """Once a document is known to hold a table, the table's scopes are wanted, but not vital."""
    guide = replace(source("document", images=False), about={"embedded": ["spreadsheet"]})
    assert wanted([guide]) == ("offline_access", GATE, DOCX, SHEETS)
    assert blocking([DOCX], guide) == ()


def test_what_the_app_lacks_is_told_by_source() -> None:
    """Each source names what the app would need for it; an app whose scopes are unknown is not accused."""
    sources = [replace(source("bitable"), name="staff"), replace(source("spreadsheet"), name="book")]
    assert not_enabled(sources, {GATE, "bitable:app"}) == {"book": (SHEETS,)}
    assert not_enabled(sources, None) == {}


@pytest.mark.parametrize(
    ("one", "granted", "lacking"),
    [
        (source("bitable"), (*BASES,), ()),  # the gate can be done without
        (source("document"), (DOCX,), ()),  # and so can pictures
        (source("bitable"), BASES[1:], BASES[:1]),
        (source("bitable"), ("bitable:app",), ()),
        (source("bitable", view="vewA"), BASES, ("base:view:read",)),
        (source(wiki=True), ("wiki:wiki",), ()),  # what the page holds is not known yet
        (source(wiki=True), (DOCX,), ("wiki:node:read",)),
        (replace(source("document", wiki=True), obj_token="doc"), (DOCX,), ()),  # the link was looked up before
        (source("spreadsheet"), (), ()),  # an older file does not tell what was granted
    ],
)
def test_what_stops_a_source(one: Source, granted: tuple[str, ...], lacking: tuple[str, ...]) -> None:
    """Only scopes without which nothing of a source can be read, and only where it is known what was granted."""
    assert blocking(granted, one) == lacking


def test_a_refused_scope_does_not_count_where_another_makes_up_for_it() -> None:
    """What was asked for and trimmed is told, unless an earlier grant covers the same need."""
    sources = [source("bitable"), source("spreadsheet")]
    asked = wanted(sources)
    assert refused(asked, ["offline_access", GATE, "bitable:app:readonly"], sources) == (SHEETS,)
    assert refused(["docs:doc", "docx:document"], ["docs:doc"]) == ("docx:document",)


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


# What the platform's pages list for each need: the scopes to ask for, and every wider one that does instead.
BASE_WIDE = ("bitable:app:readonly", "bitable:app")
WIKI_WIDE = ("wiki:wiki:readonly", "wiki:wiki")
DOCUMENTED = [
    (source("bitable"), BASES, BASE_WIDE),
    (source("bitable", view="vewA"), ("base:view:read",), BASE_WIDE),
    (
        source("spreadsheet"),
        (SHEETS,),
        ("drive:drive:readonly", "sheets:spreadsheet", "drive:drive", "sheets:spreadsheet:read"),
    ),
    (source("document", images=False), (DOCX,), ("docx:document",)),
    (source(wiki=True, part="0b12"), ("wiki:node:read",), WIKI_WIDE),
    (source(path="wiki/settings/712"), ("wiki:node:retrieve",), WIKI_WIDE),
    (source(path="drive/folder/fldcnA"), ("space:document:retrieve",), ("drive:drive:readonly", "drive:drive")),
    (source("spreadsheet"), (GATE,), ("drive:drive",)),
    (
        source("document"),
        ("docs:document.media:download",),
        ("bitable:app:readonly", "sheets:spreadsheet:readonly", "docs:doc:readonly", "drive:drive:readonly"),
    ),
]
WIDER = [(one, ask, instead) for one, ask, alternatives in DOCUMENTED for instead in alternatives]


@pytest.mark.parametrize(("one", "ask", "instead"), WIDER)
def test_every_wider_scope_of_the_documentation_does_as_well(one: Source, ask: tuple[str, ...], instead: str) -> None:
    """An app that has only the wider one is asked for it, and whoever granted it lacks nothing of that need."""
    assert {*ask} <= {*wanted([one])}
    assert not {*ask} & {*missing([instead], [one])}
    assert instead in wanted([one], {instead})


@pytest.mark.parametrize(("one", "ask", "alternatives"), DOCUMENTED)
def test_no_other_scope_does(one: Source, ask: tuple[str, ...], alternatives: tuple[str, ...]) -> None:
    """An app that has all the scopes of the platform but those of a need cannot meet it."""
    every = {scope for _, asked, wider in DOCUMENTED for scope in (*asked, *wider)}
    others = every - {*ask, *alternatives}
    assert {*ask} <= {*missing(others, [one])}
    assert not {*ask} & {*wanted([one], others)}


def test_the_json_for_the_console_can_be_read_by_a_person() -> None:
    """It is pasted by hand: sorted, two blanks a level, each scope once."""
    assert for_console(["b:c", "offline_access", "a:b", "b:c"]) == (
        '{\n  "scopes": {\n    "tenant": [\n      "a:b",\n      "b:c"\n    ],\n'
        '    "user": [\n      "a:b",\n      "b:c",\n      "offline_access"\n    ]\n  }\n}'
    )


def test_a_source_without_a_name_is_told_by_its_address() -> None:
    """It is one that was just pasted."""
    pasted = source("spreadsheet")
    assert not_enabled([pasted], {GATE}) == {pasted.url: (SHEETS,)}


@pytest.mark.parametrize(
    ("one", "granted", "lacking"),
    [
        (source("document", wiki=True), (DOCX,), ("wiki:node:read",)),
        (source("document"), ("a:b",), (DOCX,)),
        (source("spreadsheet", view="vewA"), (SHEETS,), ()),
        (source("document", view="vewA"), (DOCX,), ()),
        (source(wiki=True, part="tblA"), (*BASES, "wiki:node:read"), ()),
        (source(wiki=True, part="tblA", view="vewA"), (*BASES, "wiki:node:read"), ("base:view:read",)),
        (source(path="drive/folder/fldcnA"), ("a:b",), ("space:document:retrieve",)),
        (source(path="no address"), ("a:b",), ("wiki:node:read",)),
    ],
)
def test_what_stops_a_source_of_each_kind(one: Source, granted: tuple[str, ...], lacking: tuple[str, ...]) -> None:
    """Views are those of a base alone, and a wiki link needs its look-up."""
    assert blocking(granted, one) == lacking


def test_a_scope_of_two_needs_counts_as_granted_where_both_are_met() -> None:
    """What one need has by another scope, and a second one lacks, is told."""
    asked = ("wiki:node:read", "wiki:node:retrieve", GATE)
    both = [source(wiki=True, part="0b12"), source(path="wiki/settings/712")]
    assert refused(asked, ["wiki:wiki", "drive:drive"], both) == ()
    assert refused(asked, ["wiki:node:read", "drive:drive"], both) == ("wiki:node:retrieve",)
    assert refused(asked, [], both) == asked
    assert refused(asked, ["wiki:wiki"], []) == asked


@pytest.mark.parametrize("granted", [f"offline_access {GATE} {SHEETS}", ("offline_access", GATE, SHEETS)])
def test_what_was_granted_is_a_text_or_a_list(granted: str | tuple[str, ...]) -> None:
    """As the answer has it, or as the login tells it."""
    assert missing(granted, [source("spreadsheet")]) == ()
