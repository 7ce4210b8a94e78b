"""What every answer has in common: log id, date, errors, bearer, scopes, routes."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable
from email.utils import parsedate_to_datetime

import pytest
import requests

from larknb.sandbox import Base, Sandbox, Table

from .conftest import NOON, Api, Clock, outcome

TABLES = "/bitable/v1/apps/BaseOfTheTests0000000000001/tables"


def test_it_listens_on_loopback_only(box: Sandbox) -> None:
    """The address is a loopback one, and no other address of the machine answers."""
    assert box.url.startswith("http://127.0.0.1:")
    port = int(box.url.rsplit(":", 1)[1])
    with socket.socket() as other, pytest.raises(OSError):
        other.settimeout(1)
        other.connect(("127.0.0.2", port))


def test_every_answer_has_a_log_id_and_the_date_of_the_box(api: Api, base: Base) -> None:
    """Success, failure and pages carry X-Tt-Logid, never the same twice, and the date of the sandbox's clock."""
    answers = [
        api.get(TABLES),
        api.get("/nowhere"),
        api.get("/authen/v1/authorize"),
        api.post("/authen/v2/oauth/token"),
    ]
    assert len({answer.headers["X-Tt-Logid"] for answer in answers}) == 4
    assert {parsedate_to_datetime(answer.headers["Date"]).timestamp() for answer in answers} == {NOON}


def test_a_failure_names_the_log_id_and_where_to_look(api: Api, box: Sandbox) -> None:
    """The error object repeats the log id under the name that the switch says."""
    answer = api.get("/bitable/v1/apps/NoSuchBase/tables")
    assert outcome(answer) == (200, 1254040)
    assert answer.json()["error"]["log_id"] == answer.headers["X-Tt-Logid"]
    assert answer.headers["X-Tt-Logid"] in answer.json()["error"]["troubleshooter"]
    box.log_id_key = "logid"
    answer = api.get("/bitable/v1/apps/NoSuchBase/tables")
    assert answer.json()["error"]["logid"] == answer.headers["X-Tt-Logid"]


def test_unknown_paths_and_methods(api: Api) -> None:
    """An unknown path is 99991201, an unknown method 99991301, both before any bearer is looked at."""
    assert outcome(api.get("/nowhere")) == (404, 99991201)
    assert outcome(api.post("/bitable/v1/apps/x")) == (405, 99991301)


def test_connections_stay_open_for_many_requests(box: Sandbox, table: Table) -> None:
    """One connection serves many requests, also after a failure."""
    token = box.sign_in()["access_token"]
    connection = http.client.HTTPConnection("127.0.0.1", int(box.url.rsplit(":", 1)[1]), timeout=10)
    codes = []
    for path in ("/open-apis/nowhere", f"/open-apis{TABLES}", f"/open-apis{TABLES}"):
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        response = connection.getresponse()
        response.read()
        codes.append(response.status)
        assert not response.will_close
    connection.close()
    assert codes == [404, 200, 200]


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, 99991661),
        ("Basic abc", 99991661),
        ("Bearer ", 99991661),
        ("Bearer nonsense", 99991671),
        ("Bearer eyJ two", 99991671),
        ("Bearer eyJ.unknown", 99991668),
        ("Bearer u-unknown", 99991668),
        ("Bearer t-unknown", 99991663),
    ],
)
def test_bearers_that_are_not_accepted(header: str | None, code: int, box: Sandbox, base: Base) -> None:
    """Absent, malformed and unknown tokens each have their code."""
    headers = {} if header is None else {"Authorization": header}
    answer = requests.get(f"{box.url}/open-apis{TABLES}", headers=headers, timeout=10)
    assert answer.json()["code"] == code
    assert box.journal[-1].identity is None


def test_expired_tokens(box: Sandbox, base: Base, clock: Clock, connect: Callable[[str | None], Api]) -> None:
    """An expired user token is 99991677, an expired tenant token 99991663; lifetimes follow the clock."""
    user = connect(box.sign_in()["access_token"])
    app = connect(tenant_token(box))
    assert user.get(TABLES).json()["code"] == app.get(TABLES).json()["code"] == 0
    clock.now += 7199
    assert user.get(TABLES).json()["code"] == 0
    clock.now += 1
    assert (user.get(TABLES).json()["code"], app.get(TABLES).json()["code"]) == (99991677, 99991663)


def tenant_token(box: Sandbox) -> str:
    body = {"app_id": box.app_id, "app_secret": box.app_secret}
    path = "/open-apis/auth/v3/tenant_access_token/internal"
    return str(requests.post(box.url + path, json=body, timeout=10).json()["tenant_access_token"])


def test_tokens_can_be_expired_at_will(box: Sandbox, base: Base, connect: Callable[[str | None], Api]) -> None:
    """``expire`` ends one token, or all of them, at once."""
    one, two = box.sign_in()["access_token"], box.sign_in()["access_token"]
    box.expire(one)
    assert connect(one).get(TABLES).json()["code"] == 99991677
    assert connect(two).get(TABLES).json()["code"] == 0
    box.expire()
    assert connect(two).get(TABLES).json()["code"] == 99991677


@pytest.mark.parametrize("status", [200, 400, 401])
def test_the_status_of_gateway_codes_is_a_knob(
    status: int, box: Sandbox, base: Base, connect: Callable[..., Api]
) -> None:
    """The HTTP status of 999916xx, which nobody has written down, is what the test wants."""
    box.gateway_status = status
    assert outcome(connect("eyJ.unknown").get(TABLES)) == (status, 99991668)
    assert outcome(connect(None).get(TABLES)) == (status, 99991661)


def test_a_scope_that_the_app_lacks(box: Sandbox, base: Base, api: Api) -> None:
    """99991672 lists every alternative and links to the console, also inside the message."""
    box.scopes -= {"base:table:read", "bitable:app:readonly", "bitable:app"}
    answer = api.get(TABLES)
    assert outcome(answer) == (400, 99991672)
    error = answer.json()["error"]
    assert {"type": "action_scope_required", "subject": "base:table:read"} in error["permission_violations"]
    assert len(error["permission_violations"]) == 3
    link = error["helps"][0]["url"]
    assert link.startswith(f"{box.url}/app/{box.app_id}/auth?q=base:table:read,")
    assert "token_type=user" in link
    assert link in answer.json()["msg"]


def test_a_scope_that_the_user_has_not_granted(box: Sandbox, base: Base, connect: Callable[..., Api]) -> None:
    """99991679 names what is missing; any one of the alternatives suffices."""
    api = connect(box.sign_in(scopes=["base:app:read"])["access_token"])
    answer = api.get(TABLES)
    assert outcome(answer) == (400, 99991679)
    assert answer.json()["error"]["permission_violations"][0]["type"] == "action_privilege_required"
    for scope in ("base:table:read", "bitable:app:readonly", "bitable:app"):
        someone = box.tenant.add_user(scope)
        assert connect(box.sign_in(someone, [scope])["access_token"]).get(TABLES).json()["code"] == 0


def test_violations_in_the_older_shape(box: Sandbox, base: Base, api: Api) -> None:
    """The other documented shape of permission_violations has scope and url."""
    box.old_violations = True
    box.scopes.clear()
    violation = api.get(TABLES).json()["error"]["permission_violations"][0]
    assert violation == {"scope": "base:table:read", "url": f"{box.url}/app/{box.app_id}/auth"}


def test_the_journal_keeps_order_identity_and_no_token(box: Sandbox, api: Api, table: Table) -> None:
    """The journal tells endpoint, query, body, outcome and identity of each call, without the bearer."""
    api.get(TABLES, page_size=10)
    api.search(table, {"automatic_fields": True})
    api.get("/nowhere")
    assert box.journal.endpoints() == ["tables", "search", "unknown"]
    assert (box.journal.count(), box.journal.count("search")) == (3, 1)
    first, second = box.journal.calls[:2]
    assert (first.method, first.query, first.body) == ("GET", {"page_size": "10"}, None)
    assert (second.body, second.status, second.code, second.at) == ({"automatic_fields": True}, 200, 0, NOON)
    assert first.identity == f"user:{box.tenant.users[0].open_id}"
    assert first.headers["Authorization"] == "Bearer ***"
    box.journal.clear()
    assert box.journal.calls == []


def test_a_stopped_box_hangs_up_and_a_started_one_remembers(box: Sandbox, base: Base, api: Api) -> None:
    """A stop cuts the connections; after a start the same port, tokens and data are there again."""
    url = box.url
    assert api.get(TABLES).status_code == 200
    box.stop()
    with pytest.raises(requests.ConnectionError):
        api.get(TABLES)
    box.start()
    assert box.url == url
    assert api.get(TABLES).json()["code"] == 0


def test_latency_is_spent_before_the_answer(clock: Clock) -> None:
    """Each answer waits as long as told, through the sleep that was given."""
    waits: list[float] = []
    with Sandbox(clock=clock, sleep=waits.append, latency=0.08) as box:
        requests.get(f"{box.url}/nowhere", timeout=10)
        requests.get(f"{box.url}/nowhere", timeout=10)
    assert waits == [0.08, 0.08]


def test_a_defect_of_the_stand_in_is_not_taken_for_an_answer_of_the_platform(
    box: Sandbox, base: Base, api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    """An exception inside the stand-in is a logged HTTP 500 that says so."""
    base.time_zone = None  # type: ignore[assignment]
    base.tables = [object()]  # type: ignore[list-item]
    answer = api.get(TABLES)
    assert answer.status_code == 500
    assert "stand-in" in answer.json()["msg"]
    assert "tables" in caplog.text


def test_a_box_has_no_address_before_it_is_started() -> None:
    """Asking for it too early says so."""
    with pytest.raises(RuntimeError, match="started"):
        _ = Sandbox().url


def test_starting_and_stopping_twice_does_no_harm(box: Sandbox) -> None:
    """A second start keeps the first, a second stop is nothing."""
    url = box.url
    assert box.start().url == url
    box.stop()
    box.stop()
