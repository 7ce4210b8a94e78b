"""The requests of a login, against a stand-in platform that stumbles: what is tried again, and what is told."""

from __future__ import annotations

from contextlib import suppress

import pytest

from larknb.auth.app import App
from larknb.auth.endpoint import patiently, seconds
from larknb.auth.grant import exchange_code, refresh
from larknb.config.secrets import Secret
from larknb.errors import ApiError, LarkError, LoginRequired
from larknb.sandbox import Fault, Sandbox
from larknb.wire import session as wire
from larknb.wire.reply import Reply

from .conftest import VERIFIER, fresh, leaked, told

OLD = Secret("eyJ.rt0")


@pytest.mark.parametrize(
    "fault",
    [Fault.reply(500, 20050), Fault.reply(503, 20072), Fault.reply(502, {"msg": "bad gateway"}), Fault.html(504)],
    ids=["20050", "20072", "502", "html 504"],
)
def test_a_platform_that_stumbles_is_asked_again(box: Sandbox, app: App, waits: list[float], fault: Fault) -> None:
    """Errors inside the platform are tried again, three times at most, with growing pauses."""
    box.faults.add(fault, endpoint="token", times=3)
    assert refresh(app, fresh(box), sleep=waits.append).access_token
    assert [0.5 <= wait / step <= 1 for wait, step in zip(waits, (1, 2, 4), strict=True)] == [True] * 3


def test_a_platform_that_stays_down_is_given_up(box: Sandbox, app: App, waits: list[float]) -> None:
    """After four tries the error says that it is the platform's, and what to do."""
    box.faults.add(Fault.reply(503, 20072), endpoint="token", times=None)
    with pytest.raises(ApiError, match=r"internal error.*20072.*Next: sync again later.*Log id: ."):
        refresh(app, fresh(box), sleep=waits.append)
    assert (box.journal.count("token"), len(waits)) == (4, 3)


@pytest.mark.parametrize("status", [429, 400])
def test_a_rate_limit_is_waited_for(box: Sandbox, app: App, waits: list[float], status: int) -> None:
    """The delay that a rate limit names is slept, whatever its HTTP status."""
    limit = Fault.reply(status, {"code": 99991400, "msg": "frequency limit"}, {"x-ogw-ratelimit-reset": "3"})
    box.faults.add(limit, endpoint="token")
    assert refresh(app, fresh(box), sleep=waits.append).access_token
    assert waits == [3.0]


def test_a_long_rate_limit_is_told_instead(box: Sandbox, app: App, waits: list[float]) -> None:
    """Nobody is kept waiting for a minute: others wait for the lock meanwhile."""
    limit = Fault.reply(429, {"code": 99991400, "msg": "limit"}, {"x-ogw-ratelimit-reset": "60"})
    box.faults.add(limit, endpoint="token", times=None)
    with pytest.raises(ApiError, match="limiting the request rate"):
        refresh(app, fresh(box), sleep=waits.append)
    assert waits == []


@pytest.mark.parametrize("code", [20002, 20001, 20048, 20074, 20009])
def test_what_cannot_heal_is_not_repeated(box: Sandbox, app: App, waits: list[float], code: int) -> None:
    """A wrong setting is told at once, with its code."""
    box.faults.add(Fault.reply(400, code), endpoint="token", times=None)
    with pytest.raises(LarkError) as caught:
        refresh(app, OLD, sleep=waits.append)
    assert (caught.value.code, waits) == (code, [])
    assert caught.value.next


@pytest.mark.parametrize("fault", [Fault.drop(), Fault.html(200)], ids=["cut before", "page of a proxy"])
def test_a_lost_request_is_sent_once_more(box: Sandbox, app: App, waits: list[float], fault: Fault) -> None:
    """If the connection breaks before the platform worked, the second try brings the tokens."""
    box.faults.add(fault, endpoint="token")
    assert refresh(app, fresh(box), sleep=waits.append).access_token
    assert (box.journal.count("token"), len(waits)) == (2, 1)


@pytest.mark.parametrize("fault", [Fault.drop_after(), Fault.truncate()], ids=["cut after", "half an answer"])
def test_a_lost_answer_has_spent_the_token(box: Sandbox, app: App, waits: list[float], fault: Fault) -> None:
    """If the platform worked and its answer got lost, the one more try says that a new login is needed."""
    box.faults.add(fault, endpoint="token")
    with pytest.raises(LoginRequired, match=r"20073.*Next: run larknb login"):
        refresh(app, fresh(box), sleep=waits.append)
    assert box.journal.count("token") == 2


def test_a_dead_network_names_host_and_reason(box: Sandbox, app: App, waits: list[float]) -> None:
    """Where nobody answers, two tries end with the host and a next step."""
    box.stop()
    with pytest.raises(ApiError, match=r"Could not reach 127\.0\.0\.1:\d+: no connection.*Next: check the network"):
        refresh(app, OLD, sleep=waits.append)
    assert len(waits) == 1


def test_silence_ends(box: Sandbox, app: App, waits: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    """A platform that never answers does not hang the notebook."""
    monkeypatch.setattr(wire, "TIMEOUT", (1.0, 0.1))
    box.faults.add(Fault.hang(), endpoint="token", times=None)
    with pytest.raises(ApiError, match="no answer in time"):
        refresh(app, OLD, sleep=waits.append)


def test_no_redirect_is_followed(box: Sandbox, app: App, waits: list[float]) -> None:
    """A redirect would carry the secret elsewhere: it is an error."""
    away = Fault.reply(307, {}, {"Location": f"{box.url}/open-apis/authen/v2/oauth/token"})
    box.faults.add(away, endpoint="token")
    with pytest.raises(ApiError):
        refresh(app, fresh(box), sleep=waits.append)
    assert box.journal.count() == 1


def test_loopback_never_goes_through_a_proxy(box: Sandbox, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """A company proxy in the environment does not get the stand-in's requests."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert refresh(app, fresh(box)).access_token


@pytest.mark.parametrize(
    "fault",
    [
        Fault.reply(400, 20073),
        Fault.reply(503, 20072),
        Fault.drop(),
        Fault.truncate(),
        Fault.html(502),
        Fault.invalid_json(),
    ],
    ids=["refused", "unavailable", "cut", "half an answer", "html", "no json"],
)
def test_errors_show_no_secret(box: Sandbox, app: App, waits: list[float], fault: Fault) -> None:
    """Neither the text of an error nor the variables in its traceback contain a token, a verifier or the secret."""
    box.faults.add(fault, endpoint="token", times=None)
    refresh_token = fresh(box)
    with pytest.raises(LarkError) as caught:
        refresh(app, refresh_token, sleep=waits.append)
    assert not leaked(told(caught.value), box)
    with pytest.raises(LarkError) as caught:
        exchange_code(app, Secret("code-1"), redirect_uri="u", verifier=VERIFIER, sleep=waits.append)
    assert not leaked(told(caught.value), box, "code-1", VERIFIER)


def test_a_server_that_quotes_the_request_leaks_nothing(box: Sandbox, app: App) -> None:
    """A secret that the platform's message repeats is masked."""
    quote = {"code": 20001, "error": "x", "error_description": f"bad {box.app_secret} or eyJ.rt0"}
    box.faults.add(Fault.reply(400, quote), endpoint="token")
    with pytest.raises(ApiError, match=r"bad \*\*\*\* or \*\*\*\*") as caught:
        refresh(app, OLD)
    assert not leaked(told(caught.value), box, "eyJ.rt0")


@pytest.mark.parametrize(
    ("reply", "asked"),
    [
        (Reply(0, None), 2),
        (Reply(200, None), 2),
        (Reply(299, None), 2),
        (Reply(300, None), 1),
        (Reply(404, None), 1),
        (Reply(500, None), 4),
        (Reply(200, {"code": 20050}), 4),
        (Reply(200, {"code": 20003}), 1),
    ],
    ids=repr,
)
def test_how_often_an_answer_is_asked_for(waits: list[float], reply: Reply, asked: int) -> None:
    """Twice where it was lost, four times where the platform stumbles, once where another try would tell the same."""
    seen: list[Reply] = []

    def ask() -> Reply:
        seen.append(reply)
        return reply

    assert patiently(ask, waits.append) == reply
    assert (len(seen), len(waits)) == (asked, asked - 1)


@pytest.mark.parametrize(("named", "waited"), [("15", [15.0]), ("15.5", []), ("16", [])])
def test_a_rate_limit_of_fifteen_seconds_is_waited_for(
    box: Sandbox, app: App, waits: list[float], named: str, waited: list[float]
) -> None:
    """No longer one is: others wait for the lock meanwhile."""
    limit = Fault.reply(429, {"code": 99991400, "msg": "limit"}, {"x-ogw-ratelimit-reset": named})
    box.faults.add(limit, endpoint="token")
    with suppress(ApiError):
        refresh(app, fresh(box), sleep=waits.append)
    assert waits == waited


@pytest.mark.parametrize(("value", "life"), [(1, 1), (0.5, 0.5), (0, 7200), (-1, 7200), (31 * 86400, 31 * 86400),
                                             (31 * 86400 + 1, 31 * 86400), (None, 7200)])  # fmt: skip
def test_a_lifetime_is_what_the_answer_says(value: float | None, life: float) -> None:
    """From a moment to a month; where it says none that makes sense, two hours."""
    assert seconds(value) == life
