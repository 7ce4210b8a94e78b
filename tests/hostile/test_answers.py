"""Answers that are not what the documentation says: each costs its own source, once more asked, and names the place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from larknb.api.client import LarkClient
from larknb.errors import ApiError, LarkError
from larknb.sandbox import Fault, Sandbox
from larknb.wire.codes import BadAnswer
from larknb.workspace import Workspace
from tests.conftest import Clock, Person
from tests.hostile.worlds import BASE, BOOK, DEEP, PAPER, World, at, check, open_world, written

HALF = "\ud83d"  # of an emoji
API = {
    "tables": "bitable-v1/app-table/list",
    "fields": "bitable-v1/app-table-field/list",
    "search": "bitable-v1/app-table-record/search",
    "app": "bitable-v1/app/get",
    "metainfo": "historic-version/docs/sheets/uETMzUjLxEzM14SMxMTN",
    "sheets": "sheets-v3/spreadsheet-sheet/query",
    "values_batch": "sheets-v3/data/ukTMzUjL5EzM14SOxMTN",
    "document": "document-docx/docx-v1/document/get",
    "blocks": "document-docx/docx-v1/document-block/list",
}
REQUESTS = {
    "tables": ("GET", f"bitable/v1/apps/{BASE}/tables"),
    "fields": ("GET", f"bitable/v1/apps/{BASE}/tables/tblPeople/fields"),
    "search": ("POST", f"bitable/v1/apps/{BASE}/tables/tblPeople/records/search"),
    "app": ("GET", f"bitable/v1/apps/{BASE}"),
    "metainfo": ("GET", f"sheets/v2/spreadsheets/{BOOK}/metainfo"),
    "sheets": ("GET", f"sheets/v3/spreadsheets/{BOOK}/sheets/query"),
    "values_batch": ("GET", f"sheets/v2/spreadsheets/{BOOK}/values_batch_get"),
    "document": ("GET", f"docx/v1/documents/{PAPER}"),
    "blocks": ("GET", f"docx/v1/documents/{PAPER}/blocks"),
}
SOURCE = {"tables": "s1", "fields": "s1", "search": "s1", "app": "s1", "metainfo": "s2", "sheets": "s2",
          "values_batch": "s2", "document": "s3", "blocks": "s3"}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[World]]:
    """Where the world is kept between tests, once there is one: it takes a while to make."""
    with Sandbox(clock=(clock := Clock()), redirect_uris=("http://127.0.0.1:18765/callback",)) as box:
        yield [World(box, Workspace(tmp_path_factory.mktemp("world")), clock)]


@pytest.fixture
def world_at_rest(made: list[World]) -> Iterator[World]:
    """All sources were synced once; what is told here concerns no sync."""
    if not made[0].is_open:
        made[0] = open_world(made[0].workspace.root, made[0].box, made[0].clock)
        made[0].sync().raise_for_failures()
    yield made[0]
    made[0].calm()


@pytest.fixture
def world(world_at_rest: World) -> World:
    """Time for a full look has passed."""
    world_at_rest.clock.advance(90_000)
    world_at_rest.box.journal.clear()
    return world_at_rest


def sampled(rows: Mapping[str, object], every: int) -> list[Any]:
    """Return the names of rows, most of them for the slow tests: the door itself is tried with all of them."""
    return [pytest.param(name, marks=pytest.mark.soak if at % every else []) for at, name in enumerate(rows)]


def client_of(world: World) -> LarkClient:
    person = Person(world.box.sign_in()["access_token"], "somebody")
    client = LarkClient(world.box.url, person, clock=world.clock, sleep=world.clock.sleep)
    client.source_name = "staff"
    return client


def ask(client: LarkClient, endpoint: str) -> Any:
    """Ask one question as the readers do."""
    method, path = REQUESTS[endpoint]
    if endpoint in ("tables", "fields", "search", "blocks"):
        body = {"automatic_fields": True} if method == "POST" else None
        return [*client.items(method, path, page_size=100, api=API[endpoint], json=body)]
    return client.get(path, api=API[endpoint], ranges="shNumb!A1:B3")


def nested(depth: int) -> Any:
    return json.loads("[" * depth + "]" * depth)


ITEM = ("data", "items", 0)
SHEET = ("data", "sheets", 0)
# What the platform answers wrongly, and what an error says of it: place or kind.
ODD: dict[str, tuple[str, Callable[[bytes], bytes], str]] = {
    # the envelope
    "code is a power": ("tables", at("code", value="²"), "code"),
    "code is a word": ("tables", at("code", value="ok"), "code"),
    "code is a fraction": ("tables", at("code", value=0.0), "code"),
    "code is true": ("tables", at("code", value=True), "code"),
    "code is false": ("tables", at("code", value=False), "code"),
    "code is null": ("tables", at("code", value=None), "code"),
    "code is a list": ("tables", at("code", value=[0]), "code"),
    "code is missing": ("tables", at("code", drop=True), "not the API's JSON"),
    "data is a list": ("tables", at("data", value=[1]), "Expected `object`, got `array`"),
    "data is a text": ("tables", at("data", value="x"), "Expected `object`, got `str`"),
    "data is a number": ("tables", at("data", value=5), "Expected `object`, got `int`"),
    "data is null": ("tables", at("data", value=None), "success and no data"),
    "data is empty": ("tables", at("data", value={}), "success and no data"),
    "the whole is a list": ("tables", lambda content: b"[" + content + b"]", "not the API's JSON"),
    "the whole is null": ("tables", lambda content: b"null", "not the API's JSON"),
    "a text behind it": ("tables", lambda content: content + b" x", "not the API's JSON"),
    "half of it": ("tables", lambda content: content[: len(content) // 2], "not the API's JSON"),
    "deep": ("tables", lambda content: b"[" * 100_000, "not the API's JSON"),
    "deep in a member": ("tables", at("data", "more", value=DEEP), "not the API's JSON"),
    "deep, but not too deep": ("search", at(*ITEM, "fields", "name", value=nested(300)), "nested too deep"),
    "a number of 5,000 digits": ("tables", at("data", "total", value=10**4000), "data.total"),
    "error is a text": ("tables", lambda _: b'{"code": 1254003, "msg": "m", "error": "x"}', "1254003"),
    "error is a list": ("tables", lambda _: b'{"code": 1254003, "msg": [1], "error": [5]}', "1254003"),
    "violations are none": (
        "tables",
        lambda _: b'{"code": 99991679, "error": {"permission_violations": 5, "helps": "x", "log_id": [1]}}',
        "99991679",
    ),
    "violations of no kind": (
        "tables",
        lambda _: b'{"code": 99991672, "error": {"permission_violations": [5, {"subject": 7}], "helps": [{}, 5]}}',
        "99991672",
    ),
    # pages
    "items are an object": ("tables", at("data", "items", value={"a": 1}), "data.items"),
    "items hold null": ("tables", at("data", "items", value=[None]), "data.items[0]"),
    "items hold a number": ("tables", at("data", "items", value=[5]), "data.items[0]"),
    "items hold lists": ("fields", at("data", "items", value=[[]]), "data.items[0]"),
    "items are a text": ("search", at("data", "items", value="x"), "data.items"),
    "items are true": ("blocks", at("data", "items", value=True), "data.items"),
    "has_more is a text": ("tables", at("data", "has_more", value="false"), "data.has_more"),
    "has_more is a number": ("search", at("data", "has_more", value=0), "data.has_more"),
    "page_token is a number": ("fields", at("data", "page_token", value=7), "data.page_token"),
    "total is a word": ("search", at("data", "total", value="many"), "data.total"),
    "total is negative": ("search", at("data", "total", value=-1), "data.total"),
    "total is a fraction": ("search", at("data", "total", value=4.5), "data.total"),
    "total is beyond all": ("search", at("data", "total", value=2**60), "data.total"),
    # tables
    "a table without an id": ("tables", at(*ITEM, "table_id", drop=True), "table_id"),
    "a table whose id is null": ("tables", at(*ITEM, "table_id", value=None), "table_id"),
    "a table whose id is empty": ("tables", at(*ITEM, "table_id", value=""), "table_id"),
    "a table whose id is a path": ("tables", at(*ITEM, "table_id", value="../../x"), "table_id"),
    "a table whose id ends in a line feed": ("tables", at(*ITEM, "table_id", value="tblX\n"), "table_id"),
    "a table whose name is a number": ("tables", at(*ITEM, "name", value=5), "data.items[0].name"),
    "a revision in words": ("tables", at(*ITEM, "revision", value="seven"), "revision"),
    "a revision of NaN": ("tables", at(*ITEM, "revision", value=float("nan")), "revision"),
    "a negative revision": ("tables", at(*ITEM, "revision", value=-7), "revision"),
    "a revision that is a list": ("tables", at(*ITEM, "revision", value=[7]), "revision"),
    # fields
    "a field id of ours": ("fields", at(*ITEM, "field_id", value="_record_id"), "field_id"),
    "a field id of ours in the system": ("fields", at(*ITEM, "field_id", value="_extra"), "field_id"),
    "a field without an id": ("fields", at(*ITEM, "field_id", drop=True), "field_id"),
    "a field without a name": ("fields", at(*ITEM, "field_name", drop=True), "field_name"),
    "a field whose name is null": ("fields", at(*ITEM, "field_name", value=None), "field_name"),
    "a field without a type": ("fields", at(*ITEM, "type", drop=True), "type"),
    "a field whose type is a list": ("fields", at(*ITEM, "type", value=[1]), "type"),
    "a field whose type is true": ("fields", at(*ITEM, "type", value=True), "type"),
    "a field whose type is an object": ("fields", at(*ITEM, "type", value={}), "type"),
    "a property that is a list": ("fields", at(*ITEM, "property", value=[1]), "property"),
    "a property that is a text": ("fields", at(*ITEM, "property", value="x"), "property"),
    # records
    "a record without an id": ("search", at(*ITEM, "record_id", drop=True), "record_id"),
    "a record whose id is a number": ("search", at(*ITEM, "record_id", value=5), "record_id"),
    "a record whose id is empty": ("search", at(*ITEM, "record_id", value=""), "record_id"),
    "cells that are a list": ("search", at(*ITEM, "fields", value=[1]), "data.items[0].fields"),
    "cells that are a text": ("search", at(*ITEM, "fields", value="x"), "data.items[0].fields"),
    # bases
    "no app": ("app", at("data", "app", drop=True), "app"),
    "an app that is a list": ("app", at("data", "app", value=[]), "data.app"),
    "advanced in words": ("app", at("data", "app", "is_advanced", value="false"), "is_advanced"),
    "a zone that is a number": ("app", at("data", "app", "time_zone", value=8), "time_zone"),
    # spreadsheets
    "no properties": ("metainfo", at("data", "properties", drop=True), "properties"),
    "a spreadsheet without a revision": ("metainfo", at("data", "properties", "revision", drop=True), "revision"),
    "a spreadsheet's revision in words": ("metainfo", at("data", "properties", "revision", value="7"), "revision"),
    "no worksheets": ("metainfo", at("data", "sheets", value=[]), "data.sheets"),
    "worksheets that are null": ("metainfo", at("data", "sheets", value=None), "data.sheets"),
    "a worksheet without an id": ("metainfo", at(*SHEET, "sheetId", drop=True), "sheetId"),
    "a worksheet whose id breaks a range": ("metainfo", at(*SHEET, "sheetId", value="a!A1,b"), "sheetId"),
    "block info that is a list": ("metainfo", at(*SHEET, "blockInfo", value=[1]), "blockInfo"),
    "block info of numbers": ("metainfo", at(*SHEET, "blockInfo", value={"blockToken": 5}), "blockToken"),
    "hidden in words": ("sheets", at(*SHEET, "hidden", value="no"), "hidden"),
    "a row of no worksheet": ("sheets", at(*SHEET, value=None), "data.sheets"),
    "no windows": ("values_batch", at("data", "valueRanges", drop=True), "valueRanges"),
    "windows that are empty": ("values_batch", at("data", "valueRanges", value=[]), "valueRanges"),
    "a window of words": ("values_batch", at("data", "valueRanges", 0, "values", value="x"), "values"),
    "rows of words": ("values_batch", at("data", "valueRanges", 0, "values", value=["x"]), "values"),
    "a window at a number": ("values_batch", at("data", "valueRanges", 0, "range", value=5), "range"),
    "a window's revision in words": ("values_batch", at("data", "revision", value="x"), "revision"),
    # documents
    "no document": ("document", at("data", "document", drop=True), "document"),
    "a document that is a list": ("document", at("data", "document", value=[]), "data.document"),
    "a document without a revision": ("document", at("data", "document", "revision_id", drop=True), "revision_id"),
    "a document's revision in words": ("document", at("data", "document", "revision_id", value="x"), "revision_id"),
    "a document's title as a list": ("document", at("data", "document", "title", value=["x"]), "title"),
    "a block that is null": ("blocks", at(*ITEM, value=None), "data.items[0]"),
    "a block without an id": ("blocks", at(*ITEM, "block_id", drop=True), "block_id"),
    "a block of a type in words": ("blocks", at(*ITEM, "block_type", value="text"), "block_type"),
    "children that are an object": ("blocks", at(*ITEM, "children", value={}), "children"),
    "children that are numbers": ("blocks", at(*ITEM, "children", value=[1]), "children"),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_an_odd_answer_is_no_answer(world_at_rest: World, name: str) -> None:
    """It is asked for once more and no oftener, and told with source, API, place and log id."""
    endpoint, change, told = ODD[name]
    world_at_rest.box.journal.clear()
    world_at_rest.bend(endpoint, change)
    with pytest.raises(LarkError) as caught:
        ask(client_of(world_at_rest), endpoint)
    error = caught.value
    assert isinstance(error, ApiError) or error.code
    assert told in str(error)
    assert error.source == f"staff, {API[endpoint]}"
    assert error.log_id or "not the API" in told
    assert error.next
    assert world_at_rest.box.journal.count(endpoint) <= 2


@pytest.mark.parametrize("name", sampled(ODD, 12))
def test_an_odd_answer_costs_its_source(world: World, name: str) -> None:
    """A sync names source and place, asks once more and no oftener, and keeps what was cached."""
    endpoint, change, told = ODD[name]
    source, before = SOURCE[endpoint], world.frames_of(SOURCE[endpoint])
    world.bend(endpoint, change)
    error = world.sync(source, force=True).errors[source]
    assert told in str(error)
    assert isinstance(error, LarkError)
    assert error.source == f"{source}, {API[endpoint]}"
    assert world.box.journal.count(endpoint) <= 2
    for table, frame in world.frames_of(source).items():
        assert frame.equals(before[table]), table


def test_other_sources_go_on(world: World) -> None:
    """One base is odd; spreadsheet and document are read all the same, but for the tables of that base in them."""
    world.bend("fields", at(*ITEM, "type", value=[1]))
    report = world.sync("s1", "s2", "s3", force=True)
    done = {(row.source, row.table): row.action for row in report}
    assert done["s1", ""] == "failed"
    assert (done["s2", "numbers"], done["s2", "words"], done["s2", "teams"]) == ("fetched", "fetched", "failed")
    assert done["s3", "paper"] == "fetched"


# --- half an emoji ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "read"),
    [("hot \\ud83d", "hot \ufffd"), ("\\ud83d\\ude00 \\ude00", "😀 \ufffd"), ("\\udc00\\ud83d", "\ufffd\ufffd"),
     ("\\ud83d\\ud83d\\ude00", "\ufffd😀"), ("\\\\ud83d", "\\ud83d"), ("a\\u0000b", "a\x00b")],
    ids=["half", "whole and half", "the wrong way round", "twice the first half", "no escape at all", "a zero"],
)  # fmt: skip
def test_half_an_emoji_costs_no_base(world: World, written: str, read: str) -> None:
    """One text of one cell holds it: every row comes, and the half shows as U+FFFD."""
    world.bend("search", lambda content: content.replace(b"person 0", written.encode()))
    world.sync("s1", force=True).raise_for_failures()
    assert [*world.workspace.load("s1/people")["name"]] == [read, "person 1", "person 2", "person 3"]


HALVES: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "bytes that are no UTF-8": ("search", lambda content: content.replace(b"person 0", b"hot \xf0\x9f")),
    "a surrogate in UTF-8": ("search", lambda content: content.replace(b"person 0", b"hot \xed\xa0\xbd")),
    "Latin-1": ("search", lambda content: content.replace(b"person 0", b"caf\xe9")),
    "a name of a field": ("fields", lambda content: content.replace(b'"age"', b'"age \\ud83d"')),
    "an option": ("fields", lambda content: content.replace(b'"red"', b'"red \\ud83d"')),
    "a table": ("tables", at(*ITEM, "name", value=f"teams {HALF}")),
    "a link": ("search", lambda content: content.replace(b"https://example.com/a", b"https://\\ud83d")),
    "a worksheet": ("metainfo", at(*SHEET, "title", value=f"numbers {HALF}")),
    "a cell of a worksheet": ("values_batch", lambda content: content.replace(b'"a"', b'"\\ud83d"')),
    "a title": ("document", at("data", "document", "title", value=f"paper {HALF}")),
    "a text of a document": ("blocks", lambda content: content.replace(b'"hot"', b'"\\ude00"')),
    "a mark before it": ("tables", lambda content: b"\xef\xbb\xbf" + content),
    "a name twice": ("tables", lambda content: content.replace(b"{", b'{"code": 1254003, ', 1)),
    "NaN in a cell": ("search", at(*ITEM, "fields", "age", value=float("nan"))),
    "infinity in a cell": ("search", at(*ITEM, "fields", "age", value=float("inf"))),
    "a huge number in a cell": ("search", at(*ITEM, "fields", "age", value=10**30)),
    "a number of 100 digits in a cell": ("search", at(*ITEM, "fields", "age", value=10**100)),
}


@pytest.mark.parametrize("name", sampled(HALVES, 5))
def test_what_can_be_read_is_read(world: World, name: str) -> None:
    """Not quite valid, and yet nothing is lost by it but what it garbles itself."""
    endpoint, change = HALVES[name]
    world.bend(endpoint, change)
    world.sync(SOURCE[endpoint], force=True).raise_for_failures()
    assert world.frames_of(SOURCE[endpoint])


# --- what may be missing, and what nobody knows -----------------------------------------------------------------------

TOLERATED: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "an unknown member of the envelope": ("tables", at("more", value={"x": [1]})),
    "an unknown member of data": ("tables", at("data", "more", value=[5])),
    "an unknown member of an item": ("fields", at(*ITEM, "more", value={"x": HALF})),
    "code as a text": ("tables", at("code", value="0")),
    "no message": ("tables", at("msg", drop=True)),
    "a message of no kind": ("tables", at("msg", value=[1])),
    "no total": ("search", at("data", "total", drop=True)),
    "total as a text": ("search", lambda content: re.sub(rb'"total":(\d+)', rb'"total":"\1"', content)),
    "has_more missing": ("tables", at("data", "has_more", drop=True)),
    "has_more null": ("search", at("data", "has_more", value=None)),
    "page_token null": ("search", at("data", "page_token", value=None)),
    "a table without a name": ("tables", at("data", "items", 1, "name", value=None)),
    "no ui_type": ("fields", at(*ITEM, "ui_type", drop=True)),
    "no property": ("fields", at(*ITEM, "property", drop=True)),
    "odd options": ("fields", at("data", "items", 2, "property", "options", value=[5, None, {"name": 7}])),
    "options that are an object": ("fields", at("data", "items", 2, "property", "options", value={"a": 1})),
    "options that are a number": ("fields", at("data", "items", 2, "property", "options", value=5)),
    "a formatter that is a list": ("fields", at("data", "items", 3, "property", "date_formatter", value=[1])),
    "a linked table that is a number": ("fields", at("data", "items", 5, "property", "table_id", value=5)),
    "a type nobody knows": ("fields", at("data", "items", 2, "type", value=4711)),
    "a negative type": ("fields", at("data", "items", 2, "type", value=-1)),
    "a description of segments": ("fields", at(*ITEM, "description", value=[{"type": "text", "text": "x"}])),
    "a description of no kind": ("fields", at(*ITEM, "description", value=5)),
    "a cell of no kind": ("search", at(*ITEM, "fields", "name", value={"a": [1]})),
    "a person of no kind": ("search", at(*ITEM, "fields", "owner", value=[{"id": 5, "name": [1]}])),
    "persons that are numbers": ("search", at(*ITEM, "fields", "owner", value=[1, None, "x"])),
    "links that are words": ("search", at(*ITEM, "fields", "team", value={"link_record_ids": "x"})),
    "an option that is a list": ("search", at(*ITEM, "fields", "colour", value=["red"])),
    "a date that is a text": ("search", at(*ITEM, "fields", "born", value="yesterday")),
    "whoever made it is a number": ("search", at(*ITEM, "created_by", value=5)),
    "made at a text": ("search", at(*ITEM, "created_time", value="now")),
    "no zone": ("app", at("data", "app", "time_zone", value=None)),
    "an empty zone": ("app", at("data", "app", "time_zone", value="")),
    "a zone of nobody": ("app", at("data", "app", "time_zone", value="Moon/Sea")),
    "a worksheet without a title": ("metainfo", at(*SHEET, "title", value=None)),
    "no frozen rows": ("metainfo", at(*SHEET, "frozenRowCount", drop=True)),
    "merges beyond the grid": (
        "metainfo", at(*SHEET, "merges", value=[{"startRowIndex": 9**9, "rowCount": 9**15, "columnCount": 9**15}]),
    ),
    "grid_properties of no kind": ("sheets", at(*SHEET, "grid_properties", value=-5)),
    "grid_properties missing": ("sheets", at(*SHEET, "grid_properties", drop=True)),
    "grid_properties that are huge": ("sheets", at(*SHEET, "grid_properties", value={"row_count": 10**15})),
    "null for a row": ("values_batch", at("data", "valueRanges", 0, "values", 1, value=None)),
    "a rich cell of no kind": ("values_batch", at("data", "valueRanges", 0, "values", 1, 0, value={"a": [1]})),
    "no total of cells": ("values_batch", at("data", "totalCells", drop=True)),
    "a document's revision as a text": ("document", at("data", "document", "revision_id", value="1")),
    "a payload of no kind": ("blocks", at("data", "items", 1, "heading1", value=5)),
    "elements of no kind": ("blocks", at("data", "items", 1, "heading1", "elements", value=[5, None, {"text_run": 7}])),
}  # fmt: skip


@pytest.mark.parametrize("name", sampled(TOLERATED, 8))
def test_what_nobody_needs_costs_nothing(world: World, name: str) -> None:
    """Unknown members, documented ones that are missing, cells of any shape: the source is read, the rest is there."""
    endpoint, change = TOLERATED[name]
    world.bend(endpoint, change)
    source = SOURCE[endpoint]
    world.sync(source, force=True).raise_for_failures()
    if source == "s1":
        assert [*map(len, world.workspace.tables("s1").values())] == [2, 4]
    elif source == "s2":
        assert [*world.workspace.load("s2/shNumb").iloc[:, 1]][1:] in ([2.5], ["2.5"])
    else:
        assert "hot" in world.workspace.document("s3").markdown


# --- the gate ---------------------------------------------------------------------------------------------------------

METAS: dict[str, Callable[[bytes], bytes]] = {
    "null": at("data", "metas", 0, value=None),
    "a number": at("data", "metas", 0, value=5),
    "a text": at("data", "metas", 0, value="x"),
    "a list": at("data", "metas", 0, value=[]),
    "a token that is a number": at("data", "metas", 0, "doc_token", value=5),
    "an echo that is a list": at("data", "metas", 0, "request_doc_info", value=[1]),
    "an echo of numbers": at("data", "metas", 0, "request_doc_info", "doc_token", value=7),
    "a time that is a list": at("data", "metas", 0, "latest_modify_time", value=[1]),
    "a time of a power": at("data", "metas", 0, "latest_modify_time", value="²"),
    "a time of 5,000 digits": at("data", "metas", 0, "latest_modify_time", value="9" * 5_000),
    "a time that is a fraction": at("data", "metas", 0, "latest_modify_time", value=1.5),
    "a title that is an object": at("data", "metas", 0, "title", value={"a": 1}),
    "an owner that is a list": at("data", "metas", 0, "owner_id", value=["x"]),
    "no metas": at("data", "metas", drop=True),
    "metas that are null": at("data", "metas", value=None),
    "metas that are an object": at("data", "metas", value={"a": 1}),
    "metas that are a text": at("data", "metas", value="x"),
    "failures that are a number": at("data", "failed_list", value=5),
    "a failure that is null": at("data", "failed_list", value=[None]),
    "a failure without a token": at("data", "failed_list", value=[{"code": 970005}]),
    "a failure of no code": at("data", "failed_list", value=[{"token": BASE, "code": "²"}]),
    "a failure of a list": at("data", "failed_list", value=[{"token": [BASE], "code": 970005}]),
    "data that are a list": at("data", value=[]),
    "data that are null": at("data", value=None),
    "no JSON of ours": lambda _: b'{"code": "x"}',
}


@pytest.mark.parametrize("name", sampled(METAS, 6))
def test_an_odd_gate_costs_questions_alone(world: World, name: str) -> None:
    """Whatever it says of one source, or as a whole: what it did not answer for is asked itself."""
    world.bend("metas", METAS[name])
    assert world.sync("s1", "s2", "s3").ok


# --- the log id, and an answer that comes right -----------------------------------------------------------------------


def test_an_answer_that_comes_right_is_taken(world: World) -> None:
    """One odd answer, and the next one is as it should be: nobody needs to hear of it."""
    world.box.faults.add(Fault.alter(at("data", "items", value=[5])), endpoint="tables")
    assert world.sync("s1", force=True).ok


def test_the_place_is_told_with_the_log_id(world: World) -> None:
    """For the platform's support, or for whoever mends our schema."""
    world.bend("tables", at("data", "items", 1, "revision", value="x"))
    error = world.sync("s1", force=True).errors["s1"]
    assert isinstance(error, BadAnswer)
    assert "is not what its documentation says" in str(error)
    assert "`data.items[1].revision`" in str(error)
    assert error.log_id in str(error)
    assert error.log_id


@pytest.mark.parametrize(("path", "endpoint"), [(f"/base/{BASE}", "tables"), (f"/sheets/{BOOK}", "metas"),
                                                (f"/docx/{PAPER}", "metas")])  # fmt: skip
def test_adding_a_source_names_its_place(world: World, path: str, endpoint: str) -> None:
    """What is odd is an error with the address, or costs the title alone."""
    name = {BASE: "s1", BOOK: "s2", PAPER: "s3"}[path.rpartition("/")[2]]
    world.workspace.remove(name)
    world.bend(endpoint, at("data", "items", value=[5]))
    errors = check(lambda: world.workspace.add(f"{world.box.url}{path}", name=name))
    world.calm()
    assert [path in error.source for error in errors] in ([], [True])
    if errors:
        world.workspace.add(f"{world.box.url}{path}", name=name)


# --- lists without end ------------------------------------------------------------------------------------------------


def paged(items: Callable[[int], list[Any]], token: Callable[[int], Any], **more: Any) -> Callable[[bytes], bytes]:
    """Return what makes the n-th answer a page of these items that promises another."""
    count = iter(range(10**9))

    def change(_: bytes) -> bytes:
        n = next(count)
        data = {"items": items(n), "has_more": True, "page_token": token(n), **more}
        return written({"code": 0, "msg": "", "data": {key: f(n) if callable(f) else f for key, f in data.items()}})

    return change


def tables(n: int) -> list[Any]:
    return [{"table_id": f"tbl{n:03}x{k}", "revision": 1, "name": f"t {n} {k}"} for k in range(100)]


def records(n: int, size: int = 500) -> list[Any]:
    return [{"record_id": f"rec{n}x{k}", "fields": {}} for k in range(size)]


def a_block(n: int) -> list[Any]:
    return [{"block_id": f"blk{n}x{k}", "block_type": 2, "text": {}} for k in range(5)]


ENDLESS: dict[str, tuple[str, Callable[[], Callable[[bytes], bytes]], int]] = {
    "no items, a new token each time": ("tables", lambda: paged(lambda n: [], lambda n: f"t{n}"), 60),
    "no items of records": ("search", lambda: paged(lambda n: [], lambda n: f"t{n}", total=4), 210),
    "no items of blocks": ("blocks", lambda: paged(lambda n: [], lambda n: f"t{n}"), 60),
    "the same page, new tokens": ("search", lambda: paged(lambda n: records(0), lambda n: f"t{n}", total=500), 3),
    "the same table for ever": ("tables", lambda: paged(lambda n: tables(0)[:1], lambda n: f"t{n}", total=1), 3),
    "two pages in turn": ("search", lambda: paged(lambda n: records(n % 2), lambda n: f"t{n}", total=1000), 4),
    "the same token": ("search", lambda: paged(records, lambda n: "t"), 3),
    "two tokens in turn": ("search", lambda: paged(records, lambda n: f"t{n % 2}"), 4),
    "three tokens in turn": ("tables", lambda: paged(tables, lambda n: f"t{n % 3}"), 5),
    "no token": ("search", lambda: paged(records, lambda n: None), 2),
    "an empty token": ("fields", lambda: paged(lambda n: [], lambda n: ""), 2),
    "a total that stays": ("search", lambda: paged(records, lambda n: f"t{n}", total=4), 15),
    "a total that grows": ("search", lambda: paged(records, lambda n: f"t{n}", total=lambda n: 500 * (n + 2)), 20),
    "a total without end, one at a time": (
        "search", lambda: paged(lambda n: records(n, 1), lambda n: f"t{n}", total=2**52), 215,
    ),
    "more tables than there can be": ("tables", lambda: paged(tables, lambda n: f"t{n}"), 15),
    "more tables than the total": ("tables", lambda: paged(tables, lambda n: f"t{n}", total=2), 15),
    "few blocks a page": ("blocks", lambda: paged(a_block, lambda n: f"t{n}"), 60),
}  # fmt: skip


@pytest.mark.parametrize("name", ENDLESS)
def test_a_list_without_end_ends(world_at_rest: World, name: str) -> None:
    """After as many pages as total and contract allow there is an error with the count of requests."""
    endpoint, make, most = ENDLESS[name]
    world_at_rest.box.journal.clear()
    world_at_rest.bend(endpoint, make())
    with pytest.raises(BadAnswer) as caught:
        ask(client_of(world_at_rest), endpoint)
    asked = world_at_rest.box.journal.count(endpoint)
    assert asked <= most
    assert f"{asked} requests" in str(caught.value)
    assert caught.value.source == f"staff, {API[endpoint]}"


@pytest.mark.parametrize("name", ["no items, a new token each time", "two pages in turn", "few blocks a page"])
def test_a_list_without_end_costs_its_source(world: World, name: str) -> None:
    """The sync ends, names it, and keeps what was cached."""
    endpoint, make, most = ENDLESS[name]
    source, before = SOURCE[endpoint], world.frames_of(SOURCE[endpoint])
    world.bend(endpoint, make())
    error = world.sync(source, force=True).errors[source]
    assert isinstance(error, BadAnswer)
    assert world.box.journal.count(endpoint) <= most
    for table, frame in world.frames_of(source).items():
        assert frame.equals(before[table]), table
