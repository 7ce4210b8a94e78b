"""The numbers, names and texts of a login that a person, a script or the platform's pages rely on."""

from __future__ import annotations

import errno
import json
import os
import re
import stat
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from larknb.auth import callback, device, devicegrant, endpoint, flow, keychain, loopback, store, token
from larknb.auth.app import App
from larknb.auth.callback import Callback, busy
from larknb.auth.device import DeviceLogin
from larknb.auth.flow import Login
from larknb.auth.grant import granted
from larknb.auth.identity import TenantIdentity
from larknb.auth.pending import pending_file
from larknb.auth.place import check_private, is_remote, is_remote_mount
from larknb.auth.profile import user_info
from larknb.auth.store import TokenStore
from larknb.auth.token import Token
from larknb.auth.tokenfile import TokenFile
from larknb.config.secrets import Secret
from larknb.errors import ApiError, ConfigError, LarkError, LoginRequired
from larknb.sandbox import Fault, Sandbox
from tests.conftest import Clock

from .conftest import NOON, expire, on_disk, refuse, sign_in, write

APP = App("cli_1", Secret("hush"), "https://open.example", "https://accounts.example")
posix = pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")


@pytest.mark.parametrize(
    ("number", "documented"),
    [
        (endpoint.USUAL_LIFETIME, 2 * 60 * 60),  # of an access token
        (token.CONSENT, 365 * 24 * 60 * 60),
        (token.HARD_MARGIN, 5 * 60),
        (token.IDLE_MARGIN, 30 * 60),
        (store.LOCK_PATIENCE, 30),
        (endpoint.TRIES, 4),
        (endpoint.LONGEST_RESET, 15),
        (callback.LIFETIME, 10 * 60),
        (loopback.PATIENCE, 5),
        (devicegrant.LIFETIME, 4 * 60),
        (devicegrant.INTERVAL, 5),
        (device.SLOWER, 5),
        (device.SLOWEST, 60),
        (flow.MOST_SCOPES, 50),
        (keychain.PIECE, 1000),
    ],
)
def test_the_numbers_are_those_that_are_documented(number: float, documented: float) -> None:
    """Seconds, tries and limits: each is promised to somebody, and none may drift."""
    assert number == documented


def test_an_answer_without_lifetimes_lives_two_hours(app: App) -> None:
    """A token whose end was not told ends after the usual time, and nothing is said of its renewal."""
    answer = {"access_token": Secret("eyJ.a"), "refresh_token": Secret("eyJ.r")}
    grant = granted(app, answer, NOON)
    assert (grant.expires_at, grant.refresh_expires_at, grant.scope) == (NOON + 7200, None, "")
    assert granted(app, {**answer, "refresh_token_expires_in": "60"}, NOON).refresh_expires_at == NOON + 60


def test_a_renewal_that_was_not_granted_never_ends(app: App) -> None:
    """Without a refresh token its lifetime means nothing."""
    grant = granted(app, {"access_token": Secret("eyJ.a"), "refresh_token_expires_in": 60}, NOON)
    assert (grant.refresh_token, grant.refresh_expires_at) == ("", None)


# --- the file ---------------------------------------------------------------------------------------------------------


def test_a_file_that_says_little_is_a_login_without_the_rest() -> None:
    """One key is enough; what it lacks is empty, and its end was long ago."""
    assert Token.of(b'{"access_token": "a"}') == Token(Secret("a"), 0.0, Secret(""), "", None, None, "", "", "", "")
    assert Token.of(b'{"refresh_token": "r"}') == Token(refresh_token=Secret("r"))
    assert Token.of(b'{"keychain": "k"}') == Token(keychain="k")


def test_what_others_keep_in_the_file_is_not_shown() -> None:
    """A key of another program may be a secret of its own."""
    assert "hush" not in repr(Token(Secret("a"), others={"theirs": "hush"}))


@pytest.mark.parametrize("content", [b"{}", b"[]", b"", b'{"name": "x", "scope": "y", "expires_at": 1}'])
def test_a_file_without_any_token_is_no_login(content: bytes) -> None:
    """Whatever else it says."""
    assert Token.of(content) is None


def test_the_file_has_these_keys_in_this_order() -> None:
    """Other programs read them; the keychain is named only where it is used."""
    keys = [*json.loads(Token(Secret("a"), others={"mine": 1}).to_bytes())]
    assert keys == [
        "access_token", "expires_at", "refresh_token", "last_refresh", "refresh_expires_at", "granted_at", "scope",
        "open_base", "app_id", "open_id", "name", "tenant_key", "mine",
    ]  # fmt: skip
    assert "keychain" in json.loads(Token(keychain="k").to_bytes())
    assert Token(Secret("a")).to_bytes().startswith(b'{\n  "access_token": "a",\n')


@posix
def test_all_that_lies_beside_the_login_is_its_owner_s(
    nobody: TokenStore, app: App, box: Sandbox, clock: Clock
) -> None:
    """Login, lock and waiting device login, under these names, whatever the umask."""
    old = os.umask(0)
    try:
        sign_in(nobody, box)
        DeviceLogin(app, nobody, ["wiki:node:read"], clock=clock, pause=lambda _: True)
    finally:
        os.umask(old)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in nobody.path.parent.iterdir()}
    modes.setdefault("token.json.lock", 0o600)  # some systems remove it
    assert modes == {"token.json": 0o600, "token.json.lock": 0o600, "token.json.device": 0o600}
    assert stat.S_IMODE(nobody.path.parent.stat().st_mode) == 0o700


def test_room_for_a_large_login_is_taken(store: TokenStore) -> None:
    """Two tokens of the greatest length fit into it beside what the file has, and nothing of it stays."""
    successor = store.path.with_name("token.json.new")
    with store.lock():
        store.check_writable()
        assert successor.stat().st_size == 32 * 1024 + store.path.stat().st_size
    assert not successor.exists()


def test_a_full_disk_is_told_in_its_own_words(store: TokenStore, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which file, and what the system says, without numbers in front."""
    expire(clock)
    refuse(monkeypatch, errno.ENOSPC)
    with pytest.raises(ConfigError) as caught:
        store.access_token()
    reason = os.strerror(errno.ENOSPC)
    assert str(caught.value).startswith(f"Cannot read or write the login file {store.path}: {reason}. Next: make its")


@pytest.mark.parametrize(
    ("bound", "told"),
    [
        ({"app_id": "cli_other", "open_base": "https://open.other.example"}, "app cli_other at open.other.example,"),
        ({"app_id": "cli_other", "open_base": ""}, "app cli_other at ?,"),
        ({"app_id": "", "open_base": "https://open.other.example"}, "app ? at open.other.example,"),
    ],
)
def test_a_foreign_login_says_whose_it_is(store: TokenStore, bound: dict[str, str], told: str) -> None:
    """App and host, and a question mark for what the file does not tell."""
    write(store, {**on_disk(store), **bound})
    with pytest.raises(LoginRequired, match=re.escape(f"The stored login belongs to {told} not to")):
        store.load()


def test_a_busy_lock_says_how_long(tmp_path: Path) -> None:
    """In whole seconds."""
    first = TokenFile(tmp_path / "t.json", in_keychain=False, own_place=True, patience=1.0, sleep=lambda _: None)
    second = TokenFile(tmp_path / "t.json", in_keychain=False, own_place=True, patience=0.0, sleep=lambda _: None)
    with first.lock(), pytest.raises(Exception, match="renewing the login for 0 s"), second.lock():
        pass


# --- what is shown ----------------------------------------------------------------------------------------------------


def test_a_person_is_told_what_was_not_granted(nobody: TokenStore, app: App, box: Sandbox, redirect_uri: str) -> None:
    """The scopes by name, right after the login."""
    with Login(app, nobody, [redirect_uri], ["a:b"], listen=False) as login:
        assert (login.notes(), login.is_coming) == ([], False)
        login.lacking = ("a:b", "c:d")
        [note] = login.notes()
    assert note == "Not granted: a:b c:d. Sources that need them fail until a login grants them."


def test_a_person_is_told_what_the_app_lacks(nobody: TokenStore, app: App, redirect_uri: str) -> None:
    """Source by source, with the console's page where an admin enables each scope once."""
    lacks = {"staff": ("a:b", "c:d"), "book": ("c:d",)}
    with Login(app, nobody, [redirect_uri], [], not_enabled=lacks, listen=False) as login:
        text = login.shortfall()
    assert "(staff: a:b c:d; book: c:d)" in text
    assert text.endswith(f": {app.open_base}/app/{app.app_id}/auth?q=a:b,c:d&op_from=openapi&token_type=user")
    with Login(app, nobody, [redirect_uri], [], listen=False) as login:
        assert login.shortfall() == ""


def test_a_login_that_never_came_says_what_it_waited_for(nobody: TokenStore, app: App, redirect_uri: str) -> None:
    """Ten minutes; then the address to register and the app's page in the console."""
    clock = Clock(NOON)
    with Login(app, nobody, [redirect_uri], [], listen=False, clock=clock) as login:
        assert login.ends_at == NOON + 600
        text = str(login.late())
    with Login(app, nobody, [redirect_uri], [], listen=False, lifetime=7200.0) as login:
        assert "within 120 minutes" in str(login.late())
    assert "within 10 minutes" in text
    assert text.endswith(f"register {redirect_uri} as redirect URL: {app.open_base}/app/{app.app_id}.")


def test_nobody_is_coming_after_a_failure(nobody: TokenStore, app: App, box: Sandbox, redirect_uri: str) -> None:
    """Whoever waits may try again."""
    box.faults.add(Fault.reply(400, 20065), endpoint="token")
    with Login(app, nobody, [redirect_uri], ["a:b"], listen=False) as login:
        with pytest.raises(LarkError):
            login.finish("c-1")
        assert not login.is_coming


def test_fifty_scopes_are_not_too_many(nobody: TokenStore, app: App, redirect_uri: str) -> None:
    """The authorize page takes fifty, offline_access among them."""
    scopes = [f"scope:{n}" for n in range(49)]
    with Login(app, nobody, [redirect_uri], scopes, listen=False) as login:
        assert login.scopes == ("offline_access", *scopes)
    with pytest.raises(ConfigError, match=r"More than 50 scopes in one login.*ask for fewer"):
        Login(app, nobody, [redirect_uri], [*scopes, "one:more"], listen=False)


def test_a_device_login_that_is_closed_asks_no_more(nobody: TokenStore, app: App, box: Sandbox) -> None:
    """Its thread ends at once, and not after the next question."""
    before = {*threading.enumerate()}
    with DeviceLogin(app, nobody, ["wiki:node:read"]) as login:
        [thread] = {*threading.enumerate()} & {
            one for one in threading.enumerate() if one.name == "larknb-login"
        } - before
        assert login.is_open
    thread.join(2)
    assert not thread.is_alive()
    assert not login.is_open
    assert box.journal.count("token") == 0


def test_a_login_that_waits_keeps_no_program_alive(nobody: TokenStore, app: App, redirect_uri: str) -> None:
    """Whoever gives up and leaves does not wait ten minutes for a browser."""
    before = {*threading.enumerate()}
    with Login(app, nobody, [redirect_uri], []):
        waiting = {*threading.enumerate()} - before
    assert {thread.name for thread in waiting} == {"larknb-callback", "larknb-login"}
    assert all(thread.daemon for thread in waiting)


def test_the_page_of_the_browser_is_a_whole_page(redirect_uri: str) -> None:
    """A browser that is not told its kind would guess."""
    served = Callback([redirect_uri], "s")
    try:
        page = served.page("received").decode()
    finally:
        served.close()
    assert page.startswith('<!doctype html>\n<html lang="en"><head><meta charset="utf-8">')
    assert page.count("Approval received") == 2
    assert page.endswith("</p></body></html>\n")


def test_the_page_of_the_browser_comes_with_these_headers(redirect_uri: str) -> None:
    """It is kept nowhere, may load nothing, tells nobody where it was, and ends where it says."""
    served = Callback([redirect_uri], "s")
    try:
        answer = requests.get(f"{redirect_uri}?code=c&state=s", timeout=5)
    finally:
        served.close()
    told = {name: value for name, value in answer.headers.items() if name != "Date"}
    assert told == {
        "Server": "larknb",
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "Content-Security-Policy": (
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "Content-Length": str(len(answer.content)),
    }


def test_looking_for_a_free_address_leaves_it_free(redirect_uri: str) -> None:
    """A look may be taken as often as one likes."""
    assert busy([redirect_uri]) == busy([redirect_uri]) == ()
    served = Callback([redirect_uri], "s")
    try:
        assert busy([redirect_uri]) == (redirect_uri,)
    finally:
        served.close()


# --- where it lies ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "remote"),
    [
        *[(kind, True) for kind in ("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "lustre", "gpfs", "davfs")],
        *[(f"fuse.{kind}", True) for kind in ("sshfs", "s3fs", "rclone", "glusterfs", "ceph-fuse", "smbnetfs")],
        *[(kind, False) for kind in ("ext4", "xfs", "9p", "drvfs", "fuse.portal", "fuse", "overlay", "tmpfs")],
    ],
)
def test_which_file_systems_are_network_drives(kind: str, remote: bool) -> None:
    """Those whose locks another machine may not see."""
    assert is_remote_mount(f"x /mnt/a {kind} rw 0 0", "/mnt/a/work/token.json") is remote


@pytest.mark.skipif(not Path("/proc/mounts").exists(), reason="this system has no such table")
def test_a_mount_with_a_strange_name_does_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name may hold bytes that are no text; the others are understood."""
    table = tmp_path / "mounts"
    table.write_bytes(b"x /mnt/\xff\xfe ext4 rw 0 0\nnas:/x " + str(tmp_path).encode() + b" nfs rw 0 0\n")
    real = Path.read_text

    def read_text(path: Path, *args: str, **options: str) -> str:
        return real(table if path.as_posix() == "/proc/mounts" else path, *args, **options)

    monkeypatch.setattr(Path, "read_text", read_text)
    assert is_remote(tmp_path / "token.json")


@posix
def test_what_is_missing_hides_nothing_that_is_open(tmp_path: Path) -> None:
    """Every place is looked at, also after one that is not there yet."""
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    with pytest.raises(ConfigError, match=f"Other users can write to {re.escape(str(shared))}"):
        check_private(tmp_path / "missing", shared)
    check_private(tmp_path / "missing")


# --- whose it is ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [{}, {"data": []}, {"data": {"name": "x"}}, {"data": {"open_id": ""}}])
def test_a_person_without_an_id_is_nobody(box: Sandbox, app: App, answer: dict[str, Any]) -> None:
    """A login is bound to an open_id or not at all."""
    box.faults.add(Fault.reply(200, {"code": 0, **answer}), endpoint="user_info")
    with pytest.raises(ApiError):
        user_info(app, Secret("eyJ.a"))


def test_a_person_may_have_no_name(box: Sandbox, app: App) -> None:
    """Nor does every answer tell the tenant."""
    box.faults.add(Fault.reply(200, {"code": 0, "data": {"open_id": "ou_1"}}), endpoint="user_info")
    who = user_info(app, Secret("eyJ.a"))
    assert (who.open_id, who.name, who.tenant_key) == ("ou_1", "", "")


@pytest.mark.parametrize(
    ("open_base", "app_id", "ours"),
    [
        ("", "", True),
        ("https://open.example", "cli_1", True),
        ("https://open.example/", "cli_1", True),
        ("https://open.example", "cli_2", False),
        ("https://open.example.evil", "cli_1", False),
        ("https://open.exampleX", "cli_1", False),
    ],
)
def test_a_token_goes_only_to_its_own_app(open_base: str, app_id: str, ours: bool) -> None:
    """A slash at the end makes no other host; a file that tells nothing is an older script's."""
    assert Token(Secret("a"), open_base=open_base, app_id=app_id).is_of(APP) is ours


BOUND = Token(Secret("a"), open_base="https://open.example", app_id="cli_1", open_id="ou_1")


@pytest.mark.parametrize("loose", [replace(BOUND, open_base=""), replace(BOUND, app_id=""), replace(BOUND, open_id="")])
def test_a_login_is_bound_when_all_three_are_known(loose: Token) -> None:
    """Host, app and person."""
    assert BOUND.is_bound
    assert not loose.is_bound


def test_a_person_is_shown_with_all_dates() -> None:
    """Access, renewal and the year of the consent; of a login that cannot be renewed there is no renewal date."""
    held = Token(Secret("a"), NOON, Secret("r"), "", NOON + 1, NOON + 2, "a:b c:d", name="x", tenant_key="t")
    user = held.user(APP)
    assert (user.app_id, user.host, user.scopes) == ("cli_1", "open.example", ("a:b", "c:d"))
    ends = (user.access_ends_at, user.refresh_ends_at, user.consent_ends_at)
    assert ends == (NOON, NOON + 1, NOON + 2 + 365 * 86400)
    without = Token(Secret("a"), NOON, refresh_expires_at=NOON + 1).user(APP)
    assert (without.refresh_ends_at, without.consent_ends_at) == (None, None)


def test_an_app_that_asked_for_nothing_has_no_end(app: App) -> None:
    """When its token ends is known once there is one."""
    user = TenantIdentity(app).user()
    assert (user.access_ends_at, user.identity, user.app_id) == (None, "tenant", app.app_id)


def test_an_old_refresh_token_is_known_by_its_beginning() -> None:
    """Those of the endpoints before v2 begin with ur-."""
    assert Token(refresh_token=Secret("ur-1")).is_historic
    assert not Token(refresh_token=Secret("eyJ.ur-1")).is_historic


def test_a_waiting_device_login_lies_beside_the_login(tmp_path: Path) -> None:
    """Under the login's name and an ending of its own, so that both are found together."""
    assert pending_file(tmp_path / "token.json") == tmp_path / "token.json.device"
