"""A login in its store: who renews it, who waits, and what survives when something goes wrong on the way."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NoReturn

import pytest

from larknb.auth.app import App
from larknb.auth.store import TokenStore
from larknb.auth.token import HARD_MARGIN, IDLE_MARGIN
from larknb.errors import ApiError, ConfigError, LarkError, LoginRequired
from larknb.sandbox import Fault, Sandbox
from larknb.wire import session as wire
from tests.conftest import Clock

from .conftest import FOUR_KEYS, NOON, expire, granted, leaked, old_file, on_disk, refuse, sign_in, told, write

YEAR = 365 * 86400


# --- when it is renewed ----------------------------------------------------------------------------------------------


def test_a_fresh_token_costs_nothing(store: TokenStore, box: Sandbox) -> None:
    """A token that lives long enough is handed out without a request."""
    assert store.access_token() == on_disk(store)["access_token"]
    assert box.journal.count() == 0


def test_a_token_is_good_for_five_more_minutes(store: TokenStore, box: Sandbox, clock: Clock) -> None:
    """A token is handed out until five minutes before its end; a second later it is renewed first."""
    first = store.access_token()
    clock.now = NOON + 7200 - HARD_MARGIN
    assert store.access_token() == first
    clock.now += 1
    second = store.access_token()
    assert second != first
    assert on_disk(store)["expires_at"] == int(clock.now) + 7200
    assert box.journal.endpoints() == ["token"]


def test_a_login_is_kept_alive(store: TokenStore, box: Sandbox, clock: Clock) -> None:
    """What runs long renews half an hour early, once."""
    first = store.access_token()
    clock.now = NOON + 7200 - IDLE_MARGIN
    assert store.keep_alive().access_token == first
    clock.now += 1
    assert store.keep_alive().access_token == store.keep_alive().access_token != first
    assert box.journal.endpoints() == ["token"]


def test_what_may_heal_does_not_end_what_runs_long(
    store: TokenStore, box: Sandbox, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """A platform that cannot be reached is logged, and the login comes back as it was; a dead one is told."""
    box.faults.add(Fault.drop(), endpoint="token", times=None)
    expire(clock)
    assert store.keep_alive() == store.load()
    assert "Could not reach" in caplog.text
    box.faults.clear()
    box.revoke_refresh()
    with pytest.raises(LoginRequired, match="20064"):
        store.keep_alive()


def test_an_idle_process_renews_early(store: TokenStore, clock: Clock) -> None:
    """Half an hour before the end the token is renewed for whoever asks for that much."""
    first = store.access_token()
    clock.now = NOON + 7200 - IDLE_MARGIN + 1
    assert store.access_token() == first
    assert store.access_token(IDLE_MARGIN) != first


def test_a_second_process_adopts_the_token_the_first_one_refreshed(
    store: TokenStore, make_store: Callable[[], TokenStore], box: Sandbox, clock: Clock
) -> None:
    """Whoever comes later finds the new token in the file."""
    expire(clock)
    renewed = store.access_token()
    assert make_store().access_token() == renewed
    assert box.journal.count("token") == 1


def test_who_waited_for_the_lock_looks_again(
    store: TokenStore, make_store: Callable[[], TokenStore], box: Sandbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that saw a stale token, and waited, adopts what the other one brought meanwhile."""
    expire(clock)
    lock = store.lock

    @contextmanager
    def won_by_another() -> Iterator[None]:
        make_store().access_token()
        with lock():
            yield

    monkeypatch.setattr(store, "lock", won_by_another)
    assert store.access_token() == on_disk(store)["access_token"]
    assert box.journal.count("token") == 1


def test_a_rejected_token_is_renewed_before_its_time(store: TokenStore, box: Sandbox) -> None:
    """When the platform says that a token is dead, the clock does not matter."""
    first = store.access_token()
    second = store.renew(first)
    assert second != first
    assert store.renew(first) == second  # another thread held the same dead token
    assert box.journal.count("token") == 1


def test_what_the_answer_lacks_is_kept(store: TokenStore, box: Sandbox, clock: Clock) -> None:
    """If a renewal brings no refresh token, the old one stays, and serves again."""
    before = on_disk(store)
    for name in ("eyJ.2", "eyJ.3"):
        box.faults.add(Fault.reply(200, {"code": 0, "access_token": name, "expires_in": 7200}), endpoint="token")
        expire(clock)
        assert store.access_token() == name
    kept = ("refresh_token", "refresh_expires_at", "scope", "granted_at", "open_id")
    assert {name: on_disk(store)[name] for name in kept} == {name: before[name] for name in kept}


def test_the_year_counts_from_the_consent(store: TokenStore, app: App, box: Sandbox, clock: Clock) -> None:
    """A renewal moves the ends of access and refresh, never the end of the consent; a new login does."""
    expire(clock)
    store.access_token()
    user = store.load().user(app)
    assert user.consent_ends_at == NOON + YEAR
    assert (user.access_ends_at, user.refresh_ends_at) == (clock.now + 7200, clock.now + 604800)
    sign_in(store, box)
    assert store.load().user(app).consent_ends_at == clock.now + YEAR


def test_the_new_pair_is_kept_before_it_is_used(nobody: TokenStore, box: Sandbox) -> None:
    """When the platform is asked whose token it is, the token is already on the disk."""
    seen: list[bool] = []
    box.faults.add(Fault.call(lambda _: seen.append(nobody.path.exists())), endpoint="user_info")
    sign_in(nobody, box)
    assert seen == [True]


# --- what goes wrong on the way --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        Fault.reply(500, 20050),
        Fault.reply(503, 20072),
        Fault.reply(429, {"code": 99991400, "msg": "limit"}, {"x-ogw-ratelimit-reset": "60"}),
        Fault.reply(400, {"error": "invalid_grant", "error_description": "without a code"}),
        Fault.html(502),
        Fault.invalid_json(),
        Fault.drop(),
        Fault.hang(),
    ],
    ids=lambda fault: f"{fault.kind} {fault.body or fault.status}"[:30],
)
def test_a_usable_login_survives(
    store: TokenStore, box: Sandbox, clock: Clock, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is no word about the refresh token leaves the file untouched, says what to do, and heals by itself."""
    monkeypatch.setattr(wire, "TIMEOUT", (5.0, 0.2 if fault.kind == "hang" else 5.0))
    before = store.path.read_bytes()
    box.faults.add(fault, endpoint="token", times=None)
    expire(clock)
    with pytest.raises(LarkError) as caught:
        store.access_token()
    assert caught.value.next
    assert store.path.read_bytes() == before
    box.faults.clear()
    assert store.access_token() == on_disk(store)["access_token"]


def test_an_answer_that_was_lost_before_the_work_heals(store: TokenStore, box: Sandbox, clock: Clock) -> None:
    """A connection that breaks before the platform worked costs one more request."""
    box.faults.add(Fault.drop(), endpoint="token")
    expire(clock)
    assert store.access_token() == on_disk(store)["access_token"]
    assert box.journal.count("token") == 2


@pytest.mark.parametrize("fault", [Fault.drop_after(), Fault.truncate()], ids=["cut", "half an answer"])
def test_an_answer_that_was_lost_after_the_work_ends_the_login(
    store: TokenStore, box: Sandbox, clock: Clock, fault: Fault
) -> None:
    """If the platform consumed the token and its answer got lost, the error says to log in, and nothing asks again."""
    box.faults.add(fault, endpoint="token")
    expire(clock)
    with pytest.raises(LoginRequired, match=r"20073.*Next: run larknb login"):
        store.access_token()
    with pytest.raises(LoginRequired, match=r"cannot be renewed.*Next: run larknb login"):
        store.access_token()
    assert box.journal.count("token") == 2


def test_a_dead_refresh_token_does_not_take_the_access_token_with_it(
    store: TokenStore, box: Sandbox, clock: Clock
) -> None:
    """An early renewal that fails leaves the access token to be used until its end."""
    first = store.access_token()
    box.revoke_refresh()
    clock.now += 7200 - IDLE_MARGIN + 1
    with pytest.raises(LoginRequired):
        store.access_token(IDLE_MARGIN)
    assert store.access_token() == first


@pytest.mark.parametrize("lives", [7200, 60])
def test_an_old_script_that_refreshed_meanwhile_is_believed(
    store: TokenStore, box: Sandbox, clock: Clock, lives: int
) -> None:
    """If the refresh token is used up, but somebody without our lock wrote another one, that one is taken."""
    expire(clock)
    theirs: dict[str, Any] = {}

    def another_program(_: Sandbox) -> None:
        box.revoke_refresh()
        theirs.update(old_file(box, expires_at=clock.now + lives))
        write(store, theirs)

    box.faults.add(Fault.call(another_program), endpoint="token")
    is_fresh = lives > HARD_MARGIN
    assert (store.access_token() == theirs["access_token"]) is is_fresh
    assert box.journal.count("token") == (1 if is_fresh else 2)
    assert not store.load().is_stale(clock.now, HARD_MARGIN)


def test_a_login_without_offline_access_ends_with_its_token(nobody: TokenStore, box: Sandbox, clock: Clock) -> None:
    """Without a refresh token there is no request, just the advice to log in."""
    write(nobody, {**old_file(box), "refresh_token": None})
    nobody.access_token()
    box.journal.clear()
    expire(clock)
    with pytest.raises(LoginRequired, match="cannot be renewed"):
        nobody.access_token()
    assert box.journal.count() == 0


# --- whose it is ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "with a byte order mark"])
def test_an_old_file_is_bound_at_its_first_use(nobody: TokenStore, box: Sandbox, mark: str) -> None:
    """A file with the four keys alone works, and from then on says whose it is."""
    document = old_file(box)
    write(nobody, mark + json.dumps(document))
    assert nobody.access_token() == document["access_token"]
    assert nobody.access_token() == document["access_token"]
    assert box.journal.endpoints() == ["user_info"]
    assert on_disk(nobody)["open_id"] == box.tenant.users[0].open_id
    assert on_disk(nobody)["granted_at"] is None  # unknown, and not made up


def test_an_old_file_whose_token_has_ended_is_renewed_and_bound(nobody: TokenStore, box: Sandbox, clock: Clock) -> None:
    """A stale file of an older script is renewed first."""
    write(nobody, old_file(box))
    expire(clock)
    nobody.access_token()
    assert box.journal.endpoints() == ["token", "user_info"]


def test_an_old_file_of_the_old_protocol_needs_a_login(nobody: TokenStore, box: Sandbox, clock: Clock) -> None:
    """A refresh token of the historic endpoints is known by its form: no request, its file stays, and a login helps."""
    write(nobody, {**old_file(box), "refresh_token": "ur-historic"})
    nobody.access_token()  # until its end it serves
    box.journal.clear()
    expire(clock)
    with pytest.raises(LoginRequired, match=r"old script cannot be taken over.*Next: run larknb login"):
        nobody.access_token()
    assert box.journal.count() == 0
    assert on_disk(nobody)["refresh_token"] == "ur-historic"
    sign_in(nobody, box)
    assert list(on_disk(nobody))[:4] == FOUR_KEYS


@pytest.mark.parametrize(("key", "value"), [("open_base", "https://evil.example"), ("app_id", "cli_other")])
def test_a_login_bound_elsewhere_is_never_sent(
    store: TokenStore, box: Sandbox, clock: Clock, key: str, value: str
) -> None:
    """A token of another host or app leaves this machine for nobody, fresh or stale, and its file stays."""
    write(store, {**on_disk(store), key: value})
    before = store.path.read_bytes()
    for _ in range(2):
        with pytest.raises(LoginRequired, match=r"belongs to app .*Next: check app_id"):
            store.access_token()
        with pytest.raises(LoginRequired):
            store.renew("x")
        expire(clock)
    assert box.journal.count() == 0
    assert store.path.read_bytes() == before


def test_another_app_s_login_is_kept_aside(
    store: TokenStore, app: App, box: Sandbox, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """A login that finds one of another app in its file moves that aside, says where, and leaves its keys there."""
    write(store, {**on_disk(store), "app_id": "cli_../x", "note": 1})
    theirs = store.path.read_bytes()
    sign_in(store, box)
    [aside] = store.path.parent.glob("*.kept")
    assert aside.read_bytes() == theirs
    assert "note" not in on_disk(store)
    assert store.warnings() == [f"The login of app cli_../x that was here is kept as {aside}."]
    assert store.warnings()[0] in caplog.text
    sign_in(store, box)
    assert store.warnings() == []
    assert store.forget()
    assert not aside.exists()


def test_a_sign_in_that_fails_leaves_the_other_app_s_login(store: TokenStore, box: Sandbox) -> None:
    """Nothing is moved before there is something to put in its place."""
    write(store, {**on_disk(store), "app_id": "cli_other"})
    before = store.path.read_bytes()

    def refused() -> NoReturn:
        raise LoginRequired("no")

    with pytest.raises(LoginRequired):
        store.sign_in(refused)
    assert store.path.read_bytes() == before


def test_another_person_is_told_whom_they_replace(store: TokenStore, box: Sandbox) -> None:
    """The login of a second person with the same app replaces the first, by what they did, and says so."""
    first, second = box.tenant.users[0], box.tenant.add_user("李四")
    box.current_user = second.open_id
    store.sign_in(lambda: granted(box))
    assert on_disk(store)["open_id"] == second.open_id
    assert store.warnings() == [f"This login replaced that of {first.name} in all folders that share it."]


@pytest.mark.parametrize("value", [None, "soon", float("nan"), "0", [1]])
def test_an_end_that_makes_no_sense_is_long_ago(nobody: TokenStore, box: Sandbox, value: Any) -> None:
    """A token whose end cannot be read is renewed rather than trusted."""
    write(nobody, {**old_file(box), "expires_at": value})
    nobody.access_token()
    assert box.journal.endpoints() == ["token", "user_info"]


def test_a_login_whose_name_cannot_be_asked_is_kept(nobody: TokenStore, box: Sandbox) -> None:
    """If the platform stumbles over who it is, the login counts all the same, and the first use asks again."""
    box.faults.add(Fault.reply(500, 20050), endpoint="user_info", times=4)
    assert nobody.sign_in(lambda: granted(box)).name == ""
    nobody.access_token()
    assert on_disk(nobody)["open_id"] == box.tenant.users[0].open_id


def test_a_code_is_not_spent_where_the_login_cannot_be_kept(
    nobody: TokenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk the code is not traded: it would be lost."""
    refuse(monkeypatch, errno.ENOSPC)
    with pytest.raises(ConfigError):
        nobody.sign_in(lambda: pytest.fail("the code was spent"))


# --- secrets ---------------------------------------------------------------------------------------------------------


def test_tokens_do_not_show_themselves(store: TokenStore, box: Sandbox) -> None:
    """Neither the token that is handed out nor the stored login shows itself in a cell."""
    assert repr(store.access_token()) == "Secret(****)"
    assert not leaked(f"{store.load()!r} {store!r} {vars(store)!r}", box)


@pytest.mark.parametrize(
    "fault", [Fault.reply(400, 20037), Fault.reply(400, 20024), Fault.reply(503, 20072), Fault.drop()]
)
def test_errors_show_no_secret(store: TokenStore, box: Sandbox, clock: Clock, fault: Fault) -> None:
    """No error of the store, nor the variables in its traceback, contain a token or the secret."""
    box.faults.add(fault, endpoint="token", times=None)
    expire(clock)
    with pytest.raises(LarkError) as caught:
        store.access_token()
    assert not leaked(told(caught.value), box)


def test_nothing_of_it_is_logged(
    store: TokenStore, box: Sandbox, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """A log at its most talkative tells of the renewal, and holds no token."""
    caplog.set_level(0)
    caplog.set_level(0, "larknb")  # a workspace that logs to its file has set another one
    expire(clock)
    store.access_token()
    assert "authen/v2/oauth/token: HTTP 200" in caplog.text
    assert not leaked(caplog.text, box)


def test_an_api_error_is_not_a_login_problem(store: TokenStore, box: Sandbox, clock: Clock) -> None:
    """A platform that is down is told apart from a login that ended: waiting helps, logging in does not."""
    box.faults.add(Fault.reply(503, 20072), endpoint="token", times=None)
    expire(clock)
    with pytest.raises(ApiError):
        store.access_token()


def test_who_has_no_name_is_told_by_their_id(store: TokenStore, box: Sandbox) -> None:
    """Whoever is replaced can be recognised."""
    write(store, {**on_disk(store), "name": ""})
    before = on_disk(store)["open_id"]
    box.current_user = box.tenant.add_user("李四").open_id
    store.sign_in(lambda: granted(box))
    assert store.warnings() == [f"This login replaced that of {before} in all folders that share it."]


def test_the_same_person_again_is_no_news(store: TokenStore, box: Sandbox) -> None:
    """Nor is a login where nobody was logged in, or of somebody whom the file did not name."""
    for document in (on_disk(store), old_file(box)):
        write(store, document)
        sign_in(store, box)
        assert store.warnings() == []


def test_a_login_that_was_kept_aside_is_called_after_its_app(store: TokenStore, box: Sandbox) -> None:
    """App and host are in its name, with no sign that a file system refuses."""
    write(store, {**on_disk(store), "app_id": "cli_other", "open_base": "https://open.other.example"})
    sign_in(store, box)
    assert [path.name for path in store.path.parent.glob("*.kept")] == ["token.json.cli_other_open.other.example.kept"]


@pytest.mark.parametrize(("left", "renewals"), [(HARD_MARGIN, 0), (HARD_MARGIN - 1, 1)])
def test_a_token_lives_five_minutes_when_it_is_handed_out(
    store: TokenStore, box: Sandbox, clock: Clock, left: float, renewals: int
) -> None:
    """One that lives exactly so long still serves, for a call as for whoever asks again with a rejected one."""
    clock.now = NOON + 7200 - left
    store.access_token()
    store.renew("eyJ.another")
    assert box.journal.count("token") == renewals


def test_a_renewal_that_is_not_due_asks_nobody(store: TokenStore, box: Sandbox, clock: Clock) -> None:
    """Whoever runs long looks every few minutes."""
    assert store.keep_alive() == store.load()
    assert box.journal.count() == 0
    clock.now = NOON + 7200 - IDLE_MARGIN + 1
    renewed = store.keep_alive()
    assert (renewed, box.journal.endpoints()) == (store.load(), ["token"])
    assert renewed.expires_at == clock.now // 1 + 7200


def test_a_dead_login_forgets_what_cannot_be_used(store: TokenStore, box: Sandbox, clock: Clock) -> None:
    """The refresh token and its end are gone from the file, the rest is as it was."""
    before = on_disk(store)
    box.revoke_refresh()
    expire(clock)
    with pytest.raises(LoginRequired):
        store.access_token()
    gone = {"refresh_token": "", "refresh_expires_at": None}
    assert on_disk(store) == {**before, **gone}


def test_a_full_disk_does_not_hide_that_a_login_is_dead(
    store: TokenStore, box: Sandbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reason that counts is told: the person has to log in."""
    box.revoke_refresh()
    expire(clock)
    box.faults.add(Fault.call(lambda _: refuse(monkeypatch, errno.ENOSPC)), endpoint="token")
    with pytest.raises(LoginRequired, match="20064"):
        store.access_token()


def test_a_login_says_when_it_was_granted_and_renewed(store: TokenStore, clock: Clock) -> None:
    """In whole seconds of the epoch, and in local time without a zone, as the old scripts have it."""
    clock.now = NOON + 7200 - 60.5
    store.access_token()
    document = on_disk(store)
    assert (document["granted_at"], document["expires_at"]) == (NOON, NOON + 7200 - 60 + 7199)
    assert document["last_refresh"] == datetime.fromtimestamp(clock.now).isoformat(timespec="seconds")
