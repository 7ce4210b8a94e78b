"""The device door against the stand-in, with a clock that moves when it waits."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable

import pytest
import requests

from larknb.auth.app import App
from larknb.auth.device import DeviceLogin
from larknb.auth.pending import pending_file
from larknb.auth.store import TokenStore
from larknb.errors import ApiError, ConfigError, LoginRequired
from larknb.messages import speaking
from larknb.sandbox import Fault, Sandbox
from tests.conftest import Clock

from .conftest import NOON, leaked, old_file, told, write

SCOPES = ("docx:document:readonly",)
Then = Callable[[], object]


class Waits:
    """Lets time pass at each wait, and does something at some of them."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.seconds = clock, list[float]()
        self.at: dict[int, Then] = {}

    def __call__(self, seconds: float) -> bool:
        self.seconds.append(seconds)
        self.clock.now += seconds + 0.001
        act = self.at.get(len(self.seconds))
        return bool(act and act() == "closed")


@pytest.fixture
def waiting(clock: Clock) -> Waits:
    return Waits(clock)


@pytest.fixture
def start(app: App, nobody: TokenStore, clock: Clock, waiting: Waits) -> Callable[[], DeviceLogin]:
    return lambda: DeviceLogin(app, nobody, SCOPES, clock=clock, sleep=lambda _: None, pause=waiting)


def approve(box: Sandbox) -> None:
    for device in box.accounts.devices.values():
        device.user, device.approved = box.tenant.users[0], True


def test_it_asks_until_the_person_approved(
    start: Callable[[], DeviceLogin], waiting: Waits, box: Sandbox, nobody: TokenStore
) -> None:
    """It waits before the first question and between any two, as long as the platform wants."""
    waiting.at[3] = lambda: approve(box)
    user = start().wait(10)
    assert user is not None
    assert user.name == nobody.load().name == box.tenant.users[0].name
    assert {"offline_access", *SCOPES} <= {*user.scopes}
    assert waiting.seconds == [5.0, 5.0, 5.0]
    assert not pending_file(nobody.path).exists()


def test_it_slows_down_when_told(start: Callable[[], DeviceLogin], waiting: Waits, box: Sandbox) -> None:
    """Each time it is told, five seconds more, and never more than a minute."""
    box.faults.add(Fault.reply(400, {"error": "slow_down"}), endpoint="token", times=13)
    waiting.at[14] = lambda: approve(box)
    assert start().wait(10)
    assert waiting.seconds[:3] == [5.0, 10.0, 15.0]
    assert max(waiting.seconds) == 60.0


def test_a_network_that_fails_is_no_end(start: Callable[[], DeviceLogin], waiting: Waits, box: Sandbox) -> None:
    """A question without an answer is asked again, a second later."""
    box.faults.add(Fault.drop(), endpoint="token", times=2)
    waiting.at[4] = lambda: approve(box)
    assert start().wait(10)
    assert waiting.seconds == [5.0, 6.0, 7.0, 7.0]


@pytest.mark.parametrize(("word", "says"), [("access_denied", "refused"), ("expired_token", "in time"),
                                            ("invalid_grant", "in time")])  # fmt: skip
def test_words_that_end_it(
    start: Callable[[], DeviceLogin], box: Sandbox, nobody: TokenStore, word: str, says: str
) -> None:
    """They end it, whatever number comes with them, and say what to do."""
    box.faults.add(Fault.reply(400, {"error": word, "code": 12345}), endpoint="token")
    with pytest.raises(LoginRequired, match=says):
        start().wait(10)
    assert not pending_file(nobody.path).exists()


def test_a_code_that_nobody_approves_ends(start: Callable[[], DeviceLogin], waiting: Waits, box: Sandbox) -> None:
    """After its lifetime nobody asks any more."""
    login = start()
    with pytest.raises(LoginRequired, match="in time"):
        login.wait(10)
    assert waiting.clock.now >= login.ends_at


def test_a_closed_one_can_be_taken_up(
    start: Callable[[], DeviceLogin], waiting: Waits, box: Sandbox, nobody: TokenStore
) -> None:
    """Closed before the approval, it goes on with the same code, which lies in a file of its owner alone."""
    waiting.at[1] = lambda: "closed"
    first = start()
    assert first.wait(10) is None
    first.close()
    file = pending_file(nobody.path)
    if os.name != "nt":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    approve(box)
    second = start()
    assert second.device == first.device
    assert second.wait(10)
    assert box.journal.count("device") == 1


def test_a_newer_larknb_s_file_hinders_nobody(
    start: Callable[[], DeviceLogin], waiting: Waits, box: Sandbox, nobody: TokenStore
) -> None:
    """A login begins and ends beside it."""
    nobody.path.parent.mkdir()
    file = pending_file(nobody.path)
    file.write_text('{"format": 2}', encoding="utf-8")
    waiting.at[1] = lambda: approve(box)
    assert start().wait(10)
    assert file.read_text(encoding="utf-8") == '{"format": 2}'


def test_another_app_or_other_scopes_begin_anew(
    app: App, nobody: TokenStore, clock: Clock, waiting: Waits, box: Sandbox
) -> None:
    """A code is taken up only for what it was given for."""
    waiting.at = {1: lambda: "closed", 2: lambda: "closed"}
    first = DeviceLogin(app, nobody, SCOPES, clock=clock, pause=waiting)
    first.wait(10)
    second = DeviceLogin(app, nobody, (*SCOPES, "wiki:node:read"), clock=clock, pause=waiting)
    second.wait(10)
    assert first.device != second.device


def test_the_other_process_was_faster(app: App, nobody: TokenStore, clock: Clock, box: Sandbox) -> None:
    """Two processes ask with one code: who comes second takes the login that the first one kept."""

    def other() -> None:
        approve(box)
        assert DeviceLogin(app, nobody, SCOPES, clock=clock, pause=Waits(clock)).wait(10)

    waiting = Waits(clock)
    waiting.at[1] = other
    user = DeviceLogin(app, nobody, SCOPES, clock=clock, pause=waiting).wait(10)
    assert user is not None
    assert user.open_id == nobody.load().open_id
    assert box.journal.count("device") == 1


def test_the_start_fails_clearly(start: Callable[[], DeviceLogin], box: Sandbox) -> None:
    """A scope that the app lacks, a wrong secret, no answer: an error, and nothing waits."""
    box.scopes.discard("docx:document:readonly")
    with pytest.raises(ApiError, match="not enabled") as caught:
        start()
    assert not leaked(told(caught.value), box)
    box.faults.add(Fault.drop(), endpoint="device", times=9)
    with pytest.raises(ApiError, match="Could not reach"):
        start()


def test_a_link_that_would_run_is_no_link(start: Callable[[], DeviceLogin], box: Sandbox) -> None:
    """Only http and https become a link that somebody clicks on."""
    answer = {"device_code": "dc", "user_code": "A", "verification_uri": "javascript:alert(1)"}
    box.faults.add(Fault.reply(200, answer), endpoint="device")
    with pytest.raises(ApiError):
        start()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_keeps_nothing_is_told_first(start: Callable[[], DeviceLogin], nobody: TokenStore) -> None:
    """Before the person is sent anywhere."""
    nobody.path.parent.mkdir(parents=True)
    nobody.path.parent.chmod(0o500)
    with pytest.raises(ConfigError):
        start()


def test_it_speaks_the_language_it_began_in(start: Callable[[], DeviceLogin], box: Sandbox) -> None:
    """Its thread tells errors in the language of the login."""
    box.faults.add(Fault.reply(400, {"error": "access_denied"}), endpoint="token")
    with speaking("zh"):
        login = start()
    with pytest.raises(LoginRequired, match="授权被拒绝"):
        login.wait(10)


def test_the_link_is_the_platforms_own(app: App, nobody: TokenStore, box: Sandbox, clock: Clock) -> None:
    """It is shown word for word, and leads to the page on which the person approves."""
    waiting = Waits(clock)
    opened: list[str] = []
    waiting.at[1] = lambda: requests.get(opened[0], timeout=10)
    login = DeviceLogin(app, nobody, SCOPES, clock=clock, pause=lambda seconds: bool(opened) and waiting(seconds))
    opened.append(login.url)
    assert login.wait(10)


@pytest.mark.parametrize(("granted_at", "counts"), [(NOON, True), (NOON + 9, True), (NOON - 1, False), (None, False)])
def test_only_a_login_that_is_newer_counts_as_the_other_s(
    start: Callable[[], DeviceLogin],
    waiting: Waits,
    nobody: TokenStore,
    box: Sandbox,
    clock: Clock,
    granted_at: float | None,
    counts: bool,
) -> None:
    """A used code is no failure where somebody signed in since then; whoever was in before has not done that."""
    clock.now = NOON + 0.5  # the file has whole seconds
    box.faults.add(Fault.reply(400, {"error": "invalid_grant"}), endpoint="token")
    theirs = {**old_file(box), "granted_at": granted_at, "open_id": "ou_1", "name": "x"}
    waiting.at[1] = lambda: write(nobody, theirs)
    login = start()
    if counts:
        user = login.wait(10)
        assert user is not None
        assert user.name == "x"
        return
    with pytest.raises(LoginRequired, match="in time"):
        login.wait(10)


@pytest.mark.parametrize(("left", "same"), [(1.0, True), (0.0, False), (-1.0, False)])
def test_a_code_that_has_ended_is_not_taken_up(
    app: App, nobody: TokenStore, clock: Clock, left: float, same: bool
) -> None:
    """A login that begins at its last moment would ask in vain."""
    first = DeviceLogin(app, nobody, SCOPES, clock=clock, pause=lambda _: True)
    first.wait(10)
    clock.now = first.ends_at - left
    second = DeviceLogin(app, nobody, SCOPES, clock=clock, pause=lambda _: True)
    second.wait(10)
    assert (second.device == first.device) is same


def test_nobody_is_asked_at_the_end(start: Callable[[], DeviceLogin], waiting: Waits, box: Sandbox) -> None:
    """At its last moment a code is worth nothing any more."""
    body = {"device_code": "dc", "verification_uri": "https://a.example/d", "expires_in": 240}
    box.faults.add(Fault.reply(200, body), endpoint="device")
    waiting.at[1] = lambda: setattr(waiting.clock, "now", NOON + 240)
    with pytest.raises(LoginRequired, match="in time"):
        start().wait(10)
    assert box.journal.count("token") == 0


def test_a_network_that_stays_away_is_asked_once_a_minute(
    start: Callable[[], DeviceLogin], waiting: Waits, box: Sandbox
) -> None:
    """The pause grows to that and no further."""
    body = {"device_code": "dc", "verification_uri": "https://a.example/d", "interval": 59, "expires_in": 3600}
    box.faults.add(Fault.reply(200, body), endpoint="device")
    box.faults.add(Fault.drop(), endpoint="token", times=4)
    waiting.at[5] = lambda: "closed"
    assert start().wait(10) is None
    assert waiting.seconds == [59.0, 60.0, 60.0, 60.0, 60.0]
