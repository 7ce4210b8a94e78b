"""What goes wrong on purpose."""

from __future__ import annotations

import pytest
import requests

from larknb.sandbox import Fault, Sandbox, Table

from ..conftest import Api, data_of, outcome
from ..signing_in import open_page, refresh


def test_canned_failures_are_used_up_in_order(api: Api, table: Table, box: Sandbox) -> None:
    """Two faults strike one after the other, then the platform works again."""
    box.faults.add(Fault.reply(200, 1254290), endpoint="search", times=2)
    box.faults.add(Fault.reply(503, 1255001, {"Retry-After": "3"}), endpoint="search")
    answers = [api.search(table) for _ in range(4)]
    assert [outcome(answer) for answer in answers] == [(200, 1254290), (200, 1254290), (503, 1255001), (200, 0)]
    assert answers[2].headers["Retry-After"] == "3"
    assert len(box.faults) == 0
    assert [call.code for call in box.journal.calls] == [1254290, 1254290, 1255001, 0]


def test_faults_wait_for_their_endpoint_and_their_turn(api: Api, table: Table, box: Sandbox) -> None:
    """``after`` lets requests of the endpoint pass; others are not counted; ``times=None`` lasts until clear."""
    box.faults.add(Fault.reply(None, 1254607), endpoint="search", after=2, times=None)
    assert outcome(api.get("/authen/v1/user_info"))[1] == 0
    assert [api.search(table).json()["code"] for _ in range(4)] == [0, 0, 1254607, 1254607]
    box.faults.clear()
    assert api.search(table).json()["code"] == 0


def test_a_fault_without_endpoint_spares_the_pages_for_people(api: Api, box: Sandbox) -> None:
    """It strikes the first request of the API, not the accounts page."""
    box.faults.add(Fault.reply(500, {"code": 5000, "msg": "x"}))
    assert open_page(box).status_code == 302
    assert outcome(api.get("/authen/v1/user_info")) == (500, 5000)


def test_a_dropped_request_did_nothing(box: Sandbox) -> None:
    """Drop closes before the work: the refresh token still works afterwards."""
    token = box.sign_in()["refresh_token"]
    box.faults.add(Fault.drop(), endpoint="token")
    with pytest.raises(requests.ConnectionError):
        refresh(box, token)
    assert refresh(box, token).json()["code"] == 0
    assert [call.status for call in box.journal.calls] == [None, 200]


def test_a_dropped_answer_was_worked_on(box: Sandbox) -> None:
    """drop_after consumes the refresh token and says nothing."""
    token = box.sign_in()["refresh_token"]
    box.faults.add(Fault.drop_after(), endpoint="token")
    with pytest.raises(requests.ConnectionError):
        refresh(box, token)
    assert refresh(box, token).json()["code"] == 20073
    assert (box.journal[0].status, box.journal[0].code) == (None, None)


def test_a_truncated_body(api: Api, table: Table, box: Sandbox) -> None:
    """Less arrives than Content-Length announced."""
    box.faults.add(Fault.truncate(), endpoint="search")
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        api.search(table)
    assert data_of(api.search(table))["total"] == 5


def test_bodies_that_are_no_json(api: Api, table: Table, box: Sandbox) -> None:
    """The page of some proxy, and JSON that stops in the middle."""
    box.faults.add(Fault.html(), endpoint="search")
    box.faults.add(Fault.invalid_json(), endpoint="search")
    answer = api.search(table)
    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html; charset=utf-8")
    answer = api.search(table)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json; charset=utf-8")
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()


def test_silence_until_the_client_gives_up(api: Api, box: Sandbox) -> None:
    """A hanging request is in the journal without an answer; stopping the box ends the silence."""
    box.faults.add(Fault.hang())
    with pytest.raises(requests.Timeout):
        api.session.get(f"{box.url}/open-apis/authen/v1/user_info", timeout=0.1)
    assert [(call.endpoint, call.status) for call in box.journal.calls] == [("user_info", None)]


def test_something_happens_before_the_work(api: Api, table: Table, box: Sandbox) -> None:
    """Call may change data or let the very token of the request expire, and the request goes on."""
    box.faults.add(Fault.call(lambda box: table.add({"数量": 9})), endpoint="search")
    box.faults.add(Fault.call(lambda box: box.expire()), endpoint="search")
    assert data_of(api.search(table))["total"] == 6
    assert api.search(table).json()["code"] == 99991677


def test_an_altered_body(api: Api, table: Table, box: Sandbox) -> None:
    """The work is done, its body changed, and the status says success."""
    box.faults.add(Fault.alter(lambda body: body.replace(b'"total":5', b'"total":"five"')), endpoint="search")
    assert data_of(api.search(table))["total"] == "five"
    box.expire()
    box.faults.add(Fault.alter(lambda _: b"{}"), endpoint="search")
    answer = api.search(table)
    assert (answer.status_code, answer.content) == (200, b"{}")
