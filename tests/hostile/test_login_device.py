"""A device login that begins or ends with an answer of any kind."""

from __future__ import annotations

import errno
import json
import math
import os
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from larknb.auth.app import App
from larknb.auth.device import DeviceLogin
from larknb.auth.pending import pending_file
from larknb.auth.store import TokenStore
from larknb.config.secrets import Secret
from larknb.errors import ApiError, ConfigError, LoginRequired
from larknb.sandbox import Fault, Sandbox
from tests.conftest import Clock

from .faults_login import failing

GOOD = {
    "device_code": "dc-1",
    "user_code": "AB-CD",
    "verification_uri": "https://accounts.example/d",
    "expires_in": 600,
}


@pytest.fixture
def store(tmp_path: Path, box: Sandbox, clock: Clock) -> TokenStore:
    app = App(box.app_id, Secret(box.app_secret), box.url, box.url)
    return TokenStore(tmp_path / "work" / "token.json", app, own_place=True, clock=clock, sleep=clock.sleep)


def begin(store: TokenStore, clock: Clock, *rounds: Callable[[], object]) -> DeviceLogin:
    """Begin a device login that asks so many times, after what happens before each question, and no more."""
    left = [*rounds]

    def pause(seconds: float) -> bool:
        clock.advance(seconds)
        if left:
            left.pop(0)()
            return False
        return True

    return DeviceLogin(store.app, store, ["wiki:node:read"], clock=clock, sleep=clock.sleep, pause=pause)


def approve(box: Sandbox) -> None:
    for device in box.accounts.devices.values():
        device.user, device.approved = box.tenant.users[0], True


NO_START: dict[str, Any] = {
    "nothing": {}, "no code": {"device_code": ""}, "a code that is a number": {"device_code": 5},
    "a list for a code": {"device_code": ["dc-1"]},
    "a line feed": {"device_code": "dc-1\n"}, "a code without end": {"device_code": "d" * 100_000},
    "no page": {"verification_uri": None}, "a page that is a number": {"verification_uri": 5},
    "a page that runs": {"verification_uri": "javascript:alert(1)"}, "a file": {"verification_uri": "file:///etc/passwd"},
    "a page with a line feed": {"verification_uri": "https://a.example/\nhttps://b.example/"},
    "a page that turns around": {"verification_uri": "https://a.example/\u202ed"},
    "a page of escapes": {"verification_uri": "https://a.example/\x1b[2J"},
    "an error beside it": {"error": "invalid_scope"}, "an error of no kind": {"error": [1]},
}  # fmt: skip


@pytest.mark.parametrize("change", NO_START.values(), ids=NO_START.keys())
def test_a_start_that_brings_no_code_or_page_is_told(
    store: TokenStore, box: Sandbox, clock: Clock, change: dict[str, Any]
) -> None:
    """An error of the platform, and nothing is kept that could be taken up."""
    answer = {**GOOD, **change} if change else {"msg": "nothing"}
    box.faults.add(Fault.reply(200, answer), endpoint="device")
    with pytest.raises(ApiError):
        begin(store, clock)
    assert not pending_file(store.path).exists()


ODD = [math.nan, math.inf, "inf", "nan", 10**400, 1e20, "soon", -1, 0, None, True, [], {}, "600", "1e9", 1e-9]


@pytest.mark.parametrize("value", ODD, ids=lambda value: repr(value)[:20])
def test_a_start_with_odd_numbers_begins(store: TokenStore, box: Sandbox, clock: Clock, value: Any) -> None:
    """They cost a default: it lives for an hour at most, and asks once a minute at least."""
    answer = {**GOOD, "verification_uri": f"{box.url}/d", "expires_in": value, "interval": value, "user_code": value}
    box.faults.add(Fault.reply(200, answer), endpoint="device")
    now = clock()
    login = begin(store, clock)
    assert 0 <= login.ends_at - now <= 3600
    assert 1 <= login.device.interval <= 60
    assert login.wait(10) is None
    clock.now = now - 1
    taken_up = begin(store, clock)
    assert taken_up.device == login.device
    assert taken_up.wait(10) is None


@pytest.mark.skipif(os.name == "nt", reason="the faults are those of POSIX")
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EACCES, errno.EIO])
def test_nobody_is_asked_where_no_answer_could_be_kept(
    store: TokenStore, box: Sandbox, clock: Clock, error: int
) -> None:
    """The code lives on: who begins again once the disk is well takes it up, and the approval counts."""
    with ExitStack() as stack:
        login = begin(store, clock, lambda: stack.enter_context(failing(store.path.parent, error, 1, lasts=True)))
        with pytest.raises(ConfigError, match="Cannot read or write the login file"):
            login.wait(10)
    assert box.journal.count("token") == 0
    approve(box)
    assert begin(store, clock, lambda: True).wait(10)
    assert box.journal.count("device") == 1


@pytest.mark.skipif(os.name == "nt", reason="the faults are those of POSIX")
@pytest.mark.parametrize("lasts", [False, True])
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EACCES, errno.EIO])
def test_a_disk_that_fails_while_the_question_is_out_costs_nothing(
    store: TokenStore, box: Sandbox, clock: Clock, error: int, lasts: bool
) -> None:
    """The code is used up by then: the login is kept, at once or by the next call of this process."""
    with ExitStack() as stack:

        def fill_up(_: Sandbox) -> None:
            stack.enter_context(failing(store.path.parent, error, 1, lasts=lasts))
            approve(box)

        box.faults.add(Fault.call(fill_up), endpoint="token")
        login = begin(store, clock, lambda: True)
        with suppress(ConfigError):
            login.wait(10)
    assert store.load().refresh_token == json.loads(store.path.read_bytes())["refresh_token"]
    assert box.journal.count("token") == 1


WORDS = {"access_denied": "refused", "expired_token": "in time", "invalid_grant": "in time"}


@pytest.mark.parametrize("status", [200, 400, 401])
@pytest.mark.parametrize("code", [{}, {"code": 0}, {"code": "0"}, {"code": None}, {"code": [1]}])
@pytest.mark.parametrize("word", WORDS)
def test_a_refusal_is_told_by_its_word(
    store: TokenStore, box: Sandbox, clock: Clock, word: str, code: dict[str, Any], status: int
) -> None:
    """Whatever status and code come with it: an error beside a code of 0 is an error."""
    box.faults.add(Fault.reply(status, {"error": word, **code}), endpoint="token")
    with pytest.raises(LoginRequired, match=WORDS[word]):
        begin(store, clock, lambda: True).wait(10)
    assert box.journal.count("token") == 1
