"""Who asks."""

from __future__ import annotations

import threading

import pytest

from larknb.auth.app import App
from larknb.auth.identity import Identity, TenantIdentity, UserIdentity
from larknb.auth.store import TokenStore
from larknb.errors import LoginRequired
from larknb.sandbox import Fault, Sandbox
from tests.conftest import Clock

from .conftest import NOON, expire, leaked


@pytest.fixture
def robot(app: App, clock: Clock, waits: list[float]) -> TenantIdentity:
    return TenantIdentity(app, clock=clock, sleep=waits.append)


def test_a_person_asks_with_their_login(store: TokenStore, box: Sandbox) -> None:
    """A person has a kind, a label, a token, and another one when the platform rejects it."""
    person: Identity = UserIdentity(store)
    someone = box.tenant.users[0]
    assert (person.asker.kind, person.asker.label) == ("user", f"{someone.name} ({someone.open_id})")
    token = person.bearer()
    assert person.renew(token) != token


def test_a_person_is_told_without_a_request(store: TokenStore, box: Sandbox) -> None:
    """Name, tenant, scopes and the three dates come from the file."""
    user = UserIdentity(store).user()
    assert (user.name, user.tenant_key) == (box.tenant.users[0].name, box.tenant.tenant_key)
    assert (user.app_id, user.host) == (box.app_id, box.url.removeprefix("http://"))
    assert (user.access_ends_at, user.refresh_ends_at) == (NOON + 7200, NOON + 604800)
    assert user.consent_ends_at == NOON + 365 * 86400
    assert "offline_access" in user.scopes
    assert box.journal.count() == 0


def test_nobody_has_no_label(nobody: TokenStore) -> None:
    """A report can be made without a login; a request cannot."""
    person = UserIdentity(nobody)
    assert person.asker.label == ""
    with pytest.raises(LoginRequired):
        person.bearer()


def test_the_app_needs_no_file(robot: TenantIdentity, box: Sandbox) -> None:
    """The app asks once for its token, keeps it in memory, and tells who it is."""
    identity: Identity = robot
    assert identity.bearer() == identity.bearer()
    assert box.journal.endpoints() == ["tenant_token"]
    assert (identity.asker.kind, identity.asker.label) == ("tenant", box.app_id)
    user = identity.user()
    assert (user.identity, user.app_id, user.access_ends_at) == ("tenant", box.app_id, NOON + 7200)
    assert not leaked(f"{robot!r} {vars(robot)!r}", box)


def test_the_apps_token_is_good_for_five_more_minutes(robot: TenantIdentity, box: Sandbox, clock: Clock) -> None:
    """The token is asked for again once it lives less than five minutes, and not before."""
    first = robot.bearer()
    clock.now += 7200 - 300
    assert robot.bearer() == first
    clock.now += 1
    assert robot.bearer() != first
    assert box.journal.count("tenant_token") == 2


def test_a_rejected_app_token_is_asked_for_once(robot: TenantIdentity, box: Sandbox, clock: Clock) -> None:
    """Of two threads with the same dead token one asks, the other takes what it brought."""
    dead = robot.bearer()
    clock.now += 7200
    fresh = robot.renew(dead)
    assert fresh != dead
    assert robot.renew(dead) == fresh
    assert box.journal.count("tenant_token") == 2


def test_a_live_app_token_may_come_back(robot: TenantIdentity) -> None:
    """As long as the platform holds the token valid it gives the same one: then the API refuses the app itself."""
    token = robot.bearer()
    assert robot.renew(token) == token


def test_threads_share_one_request(robot: TenantIdentity, box: Sandbox) -> None:
    """Sixteen threads that start at once ask for one token."""
    start = threading.Barrier(16)
    seen: list[str] = []

    def work() -> None:
        start.wait()
        seen.append(robot.bearer())

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(seen)) == 1
    assert box.journal.count("tenant_token") == 1


def test_a_failure_is_not_remembered(robot: TenantIdentity, box: Sandbox) -> None:
    """After the platform was down, the next call asks again."""
    box.faults.add(Fault.reply(500, 20050), endpoint="tenant_token", times=4)
    with pytest.raises(Exception, match="internal error"):
        robot.bearer()
    assert robot.bearer()


def test_an_app_that_has_no_token_yet_gets_one_for_a_rejected_one(robot: TenantIdentity, box: Sandbox) -> None:
    """Another process may have asked with it."""
    assert robot.renew("t-of-another-process").startswith("t-")
    assert box.journal.count("tenant_token") == 1


def test_the_app_is_not_a_person(robot: TenantIdentity) -> None:
    """It has no name, no open_id and no list of what was granted."""
    user = robot.user()
    assert (user.name, user.open_id, user.tenant_key, robot.granted) == ("", "", "", ())


def test_whose_login_ended_is_told(store: TokenStore, box: Sandbox, clock: Clock) -> None:
    """By name, and with the app's page, whoever asked for the token."""
    person = UserIdentity(store)
    token = person.bearer()
    box.revoke_refresh()
    with pytest.raises(LoginRequired) as caught:
        person.renew(token)
    assert caught.value.asker == person.asker
    assert person.asker.label.startswith(box.tenant.users[0].name)
    expire(clock)
    with pytest.raises(LoginRequired) as caught:
        person.bearer()
    assert caught.value.asker == person.asker
