from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from larknb.api.client import LarkClient
from larknb.api.usage import Usage
from larknb.errors import AccessDenied, ApiError, Asker, BudgetSpent, LarkError, LoginRequired, NotFound
from larknb.sandbox import Fault, Field, Sandbox
from tests.conftest import Clock, find_port, text

TABLES = "bitable/v1/apps/AppA/tables"
SEARCH = f"{TABLES}/tblA/records/search"


class Somebody:
    """A login of the stand-in that can be renewed."""

    asker = Asker("user", "somebody")

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        self.token = box.sign_in()["access_token"]
        self.renewed: list[str] = []

    def bearer(self) -> str:
        return str(self.token)

    def renew(self, rejected: str) -> str:
        self.renewed.append(rejected)
        self.token = self.box.sign_in()["access_token"]
        return str(self.token)


@pytest.fixture
def base(box: Sandbox) -> Sandbox:
    table = box.tenant.add_base("b", app_token="AppA").add_table("t", [Field("n", 1, is_primary=True)], table_id="tblA")
    table.add_many([{"n": text(str(n))} for n in range(7)])
    return box


@pytest.fixture
def who(base: Sandbox) -> Somebody:
    return Somebody(base)


@pytest.fixture
def client(base: Sandbox, who: Somebody, clock: Clock) -> Iterator[LarkClient]:
    made = LarkClient(base.url, who, clock=clock, sleep=clock.sleep, jitter=lambda: 1.0)  # type: ignore[arg-type]
    yield made
    made.close()


def test_every_item_of_every_page(client: LarkClient, base: Sandbox) -> None:
    """Seven rows at three a page: three calls, all rows, page_size and page_token in the query."""
    items = [*client.items("POST", SEARCH, page_size=3, json={"automatic_fields": True})]
    assert len({item["record_id"] for item in items}) == 7
    calls = [call for call in base.journal.calls if call.endpoint == "search"]
    assert [call.query["page_size"] for call in calls] == ["3", "3", "3"]
    assert "page_token" not in calls[0].query
    assert all("page_token" in call.query for call in calls[1:])
    assert client.calls == 3


def test_the_next_page_is_asked_while_one_is_worked_on(client: LarkClient, base: Sandbox) -> None:
    """There is one request ahead, never two."""
    pages = client.paginate("POST", SEARCH, page_size=2, json={})
    next(pages)
    while base.journal.count("search") < 2:
        pass
    assert base.journal.count("search") == 2
    pages.close()  # type: ignore[attr-defined]


def test_has_more_ends_the_loop_not_the_token(client: LarkClient, base: Sandbox) -> None:
    """The table list carries a page_token on its last page, as the documented example does."""
    assert len([*client.items("GET", TABLES, page_size=100)]) == 1
    assert base.journal.count("tables") == 1


@pytest.mark.parametrize("status", [200, 400, 401])
def test_a_dead_token_is_renewed_once(client: LarkClient, base: Sandbox, who: Somebody, status: int) -> None:
    """99991677, whatever its HTTP status: another token, the same call again."""
    base.gateway_status = status
    old = who.token
    base.expire()
    assert client.get(TABLES, page_size=20)["items"]
    assert who.renewed == [old]


def test_a_token_that_stays_refused_ends_in_a_login(client: LarkClient, base: Sandbox, who: Somebody) -> None:
    """Renewed once, retried once, no loop."""
    base.faults.add(Fault.reply(401, 99991668), endpoint="tables", times=None)
    with pytest.raises(LoginRequired):
        client.get(TABLES)
    assert len(who.renewed) == 1
    assert base.journal.count("tables") == 2


def test_waits_grow_and_end(client: LarkClient, base: Sandbox, clock: Clock) -> None:
    """Five tries in all, 1 + 2 + 4 + 8 seconds between them, then the platform's error with its log id."""
    base.faults.add(Fault.reply(200, 1254290), endpoint="tables", times=None)
    with pytest.raises(ApiError, match="1254290") as caught:
        client.get(TABLES, api="bitable-v1/app-table/list")
    assert clock.slept == [1.0, 2.0, 4.0, 8.0]
    assert base.journal.count("tables") == 5
    assert caught.value.log_id
    assert "bitable-v1/app-table/list" in str(caught.value)


@pytest.mark.parametrize("code", [91403, 1254302, 99991672, 1254003, 99992402])
def test_what_cannot_heal_is_asked_once(client: LarkClient, base: Sandbox, clock: Clock, code: int) -> None:
    """Permissions, settings and our own mistakes are not tried again."""
    base.faults.add(Fault.reply(None, code), endpoint="tables", times=None)
    with pytest.raises(LarkError):
        client.get(TABLES)
    assert clock.slept == []
    assert base.journal.count("tables") == 1


def test_after_a_rate_limit_the_pace_is_kept(client: LarkClient, base: Sandbox, clock: Clock) -> None:
    """A server that limits is not asked faster than documented from then on."""
    base.faults.add(Fault.reply(429, 99991400, {"x-ogw-ratelimit-reset": "1"}), endpoint="tables")
    for _ in range(40):
        client.get(TABLES)
    sent = [call.at for call in base.journal.calls]
    assert max(sum(start <= at < start + 1 for at in sent) for start in sent) <= 20


def test_a_server_that_is_not_there(who: Somebody, clock: Clock) -> None:
    """No connection: tried again, then said with the host and what to check."""
    gone = LarkClient("http://127.0.0.1:9", who, clock=clock, sleep=clock.sleep)  # type: ignore[arg-type]
    with pytest.raises(ApiError, match=r"127\.0\.0\.1:9.*proxy") as caught:
        gone.get(TABLES)
    assert caught.value.code is None
    assert len(clock.slept) == 4


def test_a_redirect_is_not_followed(client: LarkClient, base: Sandbox) -> None:
    """A redirect would carry the token to wherever it points."""
    base.faults.add(
        Fault.reply(302, {"moved": True}, {"Location": f"{base.url}/open-apis/elsewhere"}),
        endpoint="tables",
        times=None,
    )
    with pytest.raises(ApiError):
        client.get(TABLES)
    assert {call.endpoint for call in base.journal.calls} == {"tables"}


def test_a_proxy_is_not_asked_for_loopback(client: LarkClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP_PROXY without NO_PROXY, as company machines have it, does not break the stand-in."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert client.get(TABLES)["items"]


def test_no_error_tells_the_token(client: LarkClient, base: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    """Neither text, nor cause, nor log shows what was sent."""
    caplog.set_level(logging.DEBUG)
    for fault in (Fault.drop(), Fault.html(502), Fault.reply(403, 91403)):
        base.faults.clear()
        base.faults.add(fault, endpoint="tables", times=None)
        with pytest.raises(LarkError) as caught:
            client.get(TABLES)
        shown = "".join(traceback.format_exception(caught.value)) + caplog.text
        assert not [secret for secret in base.secrets() if secret in shown]


def test_calls_are_counted_for_their_source(base: Sandbox, who: Somebody, clock: Clock, tmp_path: Any) -> None:
    """Also the tries that failed: the platform counts them too."""
    usage = Usage(tmp_path / "usage.json", clock=clock)
    client = LarkClient(base.url, who, usage=usage, clock=clock, sleep=clock.sleep)  # type: ignore[arg-type]
    base.faults.add(Fault.reply(200, 1254290), endpoint="tables")
    with client.serving("AppA", "staff"):
        client.get(TABLES)
        base.faults.add(Fault.reply(403, 91403), endpoint="tables")
        with pytest.raises(AccessDenied, match="staff"):
            client.get(TABLES)
    assert usage.by_source() == {"AppA": 3}


@pytest.mark.parametrize(
    ("base_url", "proxy"),
    [
        (f"http://127.0.0.1:{find_port()}", ""),
        ("https://open.feishu.cn", f"http://127.0.0.1:{find_port()}"),
        ("https://open.feishu.cn", "http://"),
        ("https://", ""),
    ],
    ids=["nobody listens", "the proxy is gone", "the proxy is none", "no address"],
)
def test_what_never_left_is_not_counted(
    who: Somebody, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, base_url: str, proxy: str
) -> None:
    """The platform got nothing of it, so it costs no budget."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    usage = Usage(tmp_path / "usage.json", 1, clock=clock)
    client = LarkClient(base_url, who, usage=usage, clock=clock, sleep=clock.sleep)  # type: ignore[arg-type]
    with pytest.raises(LarkError) as caught:
        client.get(TABLES)
    client.close()
    assert not isinstance(caught.value, BudgetSpent)
    assert (client.calls, usage.total()) == (0, 0)


@pytest.mark.parametrize("fault", [Fault.drop(), Fault.drop_after()], ids=lambda fault: fault.kind)
def test_what_was_sent_is_counted_though_no_answer_came(
    base: Sandbox, who: Somebody, clock: Clock, tmp_path: Path, fault: Fault
) -> None:
    """Nobody knows whether the platform worked on it."""
    usage = Usage(tmp_path / "usage.json", clock=clock)
    client = LarkClient(base.url, who, usage=usage, clock=clock, sleep=clock.sleep)  # type: ignore[arg-type]
    base.faults.add(fault, endpoint="tables")
    client.get(TABLES)
    client.close()
    assert usage.total() == client.calls == 2


@pytest.mark.parametrize("token", [{}, {"page_token": "same"}])
def test_pages_that_lead_nowhere_end(client: LarkClient, base: Sandbox, token: dict[str, str]) -> None:
    """More is promised, but no token or always the same one is given: an error instead of calls without end."""
    page = {"code": 0, "data": {"items": [], "has_more": True, **token}}
    base.faults.add(Fault.reply(200, page), endpoint="search", times=50)
    with pytest.raises(ApiError):
        [*client.items("POST", SEARCH, page_size=3, json={})]
    assert base.journal.count("search") <= 2


def first_bytes(response: requests.Response) -> bytes | None:
    """Return the first bytes of a picture; what is none has no bytes for us."""
    is_picture = response.headers.get("content-type") == "image/png"
    return next(response.iter_content(4)) if is_picture else None


def test_a_stream_is_read_as_it_comes(client: LarkClient, base: Sandbox) -> None:
    """What was made of it comes back, whether or not all of it was taken; it is one request."""
    token = base.tenant.add_media(b"bytes of a picture", "a.png", "image/png")
    assert client.stream(f"drive/v1/medias/{token}/download", first_bytes, dict) == b"byte"
    assert client.calls == 1


def test_a_stream_goes_through_the_same_door(client: LarkClient, base: Sandbox, who: Somebody, clock: Clock) -> None:
    """A dead token is renewed, what can heal is asked for again, and a refusal is the platform's error."""
    token = base.tenant.add_media(b"bytes of a picture", "a.png", "image/png")
    base.expire()
    base.faults.add(Fault.drop(), endpoint="media")
    assert client.stream(f"drive/v1/medias/{token}/download", first_bytes, dict) == b"byte"
    assert (len(who.renewed), clock.slept) == (1, [1.0])
    with pytest.raises(NotFound):
        client.stream("drive/v1/medias/BoxNoSuch/download", first_bytes, dict)
