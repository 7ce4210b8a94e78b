"""Faults and rates: what goes wrong on purpose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from larknb.sandbox import Fault, Sandbox, Table

from .conftest import Api, Clock, data_of, outcome
from .test_accounts import ask_token, open_page, refresh


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


def test_failures_of_the_token_endpoint_keep_its_form(box: Sandbox) -> None:
    """A code at the token endpoint comes flat, with the status of the contract."""
    for code, status in [(20050, 500), (20072, 503), (20010, 400)]:
        box.faults.add(Fault.reply(None, code), endpoint="token")
        answer = ask_token(box, grant_type="refresh_token", refresh_token="x")
        assert outcome(answer) == (status, code)
        assert "error_description" in answer.json()


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


# Rates ---------------------------------------------------------------------------------------------------------------


def test_rates_are_not_enforced_unless_switched_on(api: Api, table: Table, box: Sandbox, clock: Clock) -> None:
    """By default anything goes; switched on, the 21st search of a second is refused with both headers."""
    assert {api.search(table).status_code for _ in range(25)} == {200}
    box.rate_limits_on()
    answers = [api.search(table) for _ in range(21)]
    assert [outcome(answer) for answer in answers] == [(200, 0)] * 20 + [(429, 99991400)]
    assert answers[-1].headers["x-ogw-ratelimit-limit"] == "20"
    assert answers[-1].headers["x-ogw-ratelimit-reset"] == "1"
    clock.now += 1
    assert outcome(api.search(table)) == (200, 0)
    box.rate_limits_on(False)
    assert {api.search(table).status_code for _ in range(25)} == {200}


def test_rates_per_minute(api: Api, box: Sandbox, clock: Clock) -> None:
    """Wiki nodes: a hundred a minute, and the header tells the seconds that are left."""
    box.rate_limits_on()
    codes = [api.get("/wiki/v2/spaces/get_node", token="x").json()["code"] for _ in range(101)]
    assert codes == [131005] * 100 + [99991400]
    clock.now += 20
    assert api.get("/wiki/v2/spaces/get_node", token="x").headers["x-ogw-ratelimit-reset"] == "40"


@pytest.mark.parametrize(
    ("more", "expected"), [({"status": 400}, (400, 99991400)), ({"status": 200, "code": 1254290}, (200, 1254290))]
)
def test_rates_of_ones_own(
    more: dict[str, Any], expected: tuple[int, int], api: Api, table: Table, box: Sandbox, clock: Clock
) -> None:
    """A rate for one endpoint, under HTTP 400, or as a throttle of the product under 200; other endpoints are free."""
    box.rate_limit("search", 2, **more)
    assert [outcome(api.search(table)) for _ in range(3)] == [(200, 0), (200, 0), expected]
    assert api.get("/authen/v1/user_info").json()["code"] == 0
    clock.now += 1
    assert outcome(api.search(table)) == (200, 0)


def test_requests_without_a_valid_bearer_do_not_spend_the_rate(
    table: Table, box: Sandbox, api: Api, connect: Callable[..., Api]
) -> None:
    """Who is not admitted does not use up the budget of the app."""
    box.rate_limit("search", 1)
    assert connect("eyJ.unknown").search(table).json()["code"] == 99991668
    assert outcome(api.search(table)) == (200, 0)
