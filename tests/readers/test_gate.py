"""What the gate asks, how it reads the answers, and what it can do without."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from larknb.api.client import LarkClient
from larknb.errors import AccessDenied, ApiError, BudgetSpent, LoginRequired, NotFound
from larknb.model import Kind, Source
from larknb.readers.gate import ask
from larknb.sandbox import Fault, Sandbox
from tests.conftest import Clock


def source(token: str, kind: Kind | None = "spreadsheet", **more: Any) -> Source:
    return Source(token, "", kind, token, **more)


def bodies(box: Sandbox) -> list[list[dict[str, str]]]:
    return [call.body["request_docs"] for call in box.journal if call.endpoint == "metas"]


def told(box: Sandbox, *metas: dict[str, Any], **options: Any) -> None:
    """Let the platform tell these stamps."""
    body = {"code": 0, "data": {"metas": [*metas], "failed_list": []}}
    box.faults.add(Fault.reply(200, body, **options), endpoint="metas")


@pytest.mark.parametrize(("age", "settled"), [(0, False), (1, False), (2, True), (3600, True)])
def test_a_stamp_settles_after_two_seconds(
    box: Sandbox, client: LarkClient, clock: Clock, age: int, settled: bool
) -> None:
    """Younger than that by the server's clock, and an edit of the same second may still be on its way."""
    book = box.tenant.add_spreadsheet("book", token="Sht1")
    book.mtime = clock() - age
    assert ask(client, [source("Sht1")]).stamps["Sht1"].settled is settled


def test_a_stamp_tells_title_and_owner(box: Sandbox, client: LarkClient) -> None:
    """They come along with the modify time, which stays the server's own string."""
    book = box.tenant.add_spreadsheet("预算", token="Sht1")
    stamp = ask(client, [source("Sht1")]).stamps["Sht1"]
    assert (stamp.mtime, stamp.title, stamp.owner) == (str(book.mtime), "预算", book.owner.open_id)


@pytest.mark.parametrize("mtime", [None, "", "soon", "-1", "1.5"])
def test_a_time_that_is_no_number_never_settles(box: Sandbox, client: LarkClient, mtime: str | None) -> None:
    """Then the source is asked itself, at every look."""
    told(box, {"doc_token": "Sht1", "latest_modify_time": mtime})
    stamp = ask(client, [source("Sht1")]).stamps["Sht1"]
    assert (stamp.mtime, stamp.settled, stamp.title, stamp.owner) == (mtime or "", False, "", "")


def test_without_the_servers_clock_nothing_settles(box: Sandbox, client: LarkClient) -> None:
    """Our own clock may be wrong: an answer without a usable date proves no age."""
    told(box, {"doc_token": "Sht1", "latest_modify_time": "1"}, headers={"Date": "today"})
    assert not ask(client, [source("Sht1")]).stamps["Sht1"].settled


def test_times_may_come_as_numbers(box: Sandbox, client: LarkClient, clock: Clock) -> None:
    """The documentation has both types."""
    box.int_times = True
    book = box.tenant.add_spreadsheet("book", token="Sht1")
    book.mtime = clock() - 60
    stamp = ask(client, [source("Sht1")]).stamps["Sht1"]
    assert (stamp.mtime, stamp.settled) == (str(book.mtime), True)


def test_each_kind_is_asked_by_its_own_name(box: Sandbox, client: LarkClient) -> None:
    """A wiki link stands for what it holds; what has no kind yet is not asked for."""
    ask(client, [source("App1", "bitable"), source("Sht1"), source("Wik1", "document", obj_token="Doc1"),
                 source("Wik2", None)])  # fmt: skip
    assert bodies(box) == [
        [
            {"doc_token": "App1", "doc_type": "bitable"},
            {"doc_token": "Sht1", "doc_type": "sheet"},
            {"doc_token": "Doc1", "doc_type": "docx"},
        ]
    ]


def test_two_sources_of_one_document_ask_once(box: Sandbox, client: LarkClient) -> None:
    """Two tables of a base share its stamp; an answer to a doubled token would not say whose it is."""
    ask(client, [source("App1", "bitable", part="tbl1"), source("App1", "bitable", part="tbl2")])
    assert bodies(box) == [[{"doc_token": "App1", "doc_type": "bitable"}]]


@pytest.mark.parametrize(("count", "calls"), [(0, []), (1, [1]), (200, [200]), (201, [200, 1])])
def test_a_call_takes_two_hundred(box: Sandbox, client: LarkClient, count: int, calls: list[int]) -> None:
    """As many calls as the limit demands, and none for nothing; every token has its answer."""
    for number in range(count):
        box.tenant.add_spreadsheet("book", token=f"Sht{number}")
    gate = ask(client, [source(f"Sht{number}") for number in range(count)])
    assert [len(body) for body in bodies(box)] == calls
    assert gate.stamps.keys() == {f"Sht{number}" for number in range(count)}


def test_what_cannot_be_read_is_told_by_token(box: Sandbox, client: LarkClient) -> None:
    """The others have their stamps; the failed ones have the platform's code and its place."""
    box.tenant.add_spreadsheet("open", token="Sht1")
    box.tenant.add_spreadsheet("closed", token="Sht2").readers = set()
    gate = ask(client, [source("Sht1"), source("Sht2"), source("Sht3")])
    assert gate.stamps.keys() == {"Sht1"}
    assert {token: (type(error), error.code) for token, error in gate.failed.items()} == {
        "Sht2": (AccessDenied, 970003),
        "Sht3": (NotFound, 970005),
    }
    assert gate.failed["Sht2"].source == "drive-v1/file/batch_query"
    assert gate.failed["Sht2"].asker == client.identity.asker


@pytest.mark.parametrize(
    "fault",
    [Fault.reply(None, 99991679), Fault.reply(None, 99991672), Fault.reply(500, 1061001), Fault.reply(400, 1061002)],
    ids=["the person's scope", "the app's scope", "server", "bug"],
)
def test_a_gate_that_fails_answers_for_nobody(
    box: Sandbox, client: LarkClient, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    """Every source can still be asked itself; the log says why it costs more."""
    box.tenant.add_spreadsheet("book", token="Sht1")
    box.faults.add(fault, endpoint="metas", times=None)
    with caplog.at_level(logging.WARNING, "larknb"):
        gate = ask(client, [source("Sht1")])
    assert (gate.stamps, gate.failed) == ({}, {})
    assert "drive-v1/file/batch_query" in caplog.text


def test_a_second_call_that_fails_keeps_the_first(box: Sandbox, client: LarkClient) -> None:
    """Two hundred sources are known not to have moved: that is not thrown away."""
    for number in range(201):
        box.tenant.add_spreadsheet("book", token=f"Sht{number}")
    box.faults.add(Fault.reply(400, 1061002), endpoint="metas", after=1)
    assert len(ask(client, [source(f"Sht{number}") for number in range(201)]).stamps) == 200


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.reply(None, 99991677), LoginRequired),
        (Fault.reply(None, 99991403), BudgetSpent),
        (Fault.drop(), ApiError),
        (Fault.html(502), ApiError),
    ],
    ids=["login", "quota", "network", "proxy"],
)
def test_what_stops_every_call_is_raised(
    box: Sandbox, client: LarkClient, fault: Fault, error: type[Exception]
) -> None:
    """To ask each source singly would fail as often as there are sources."""
    box.faults.add(fault, endpoint="metas", times=None)
    with pytest.raises(error):
        ask(client, [source("Sht1")])
