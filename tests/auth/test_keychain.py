"""Tokens in the system's keychain: where they are, what a kill leaves, and what happens where there is none."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from keyring.errors import KeyringLocked

from larknb.auth import keychain
from larknb.auth.app import App
from larknb.auth.store import TokenStore
from larknb.config.secrets import Secret
from larknb.errors import ApiError, ConfigError, LoginRequired
from larknb.sandbox import Fault, Sandbox
from tests.conftest import Clock

from .conftest import granted, leaked, sign_in, told
from .filekeyring import FileKeyring
from .test_renewal import kill_when


@pytest.fixture
def make(ring: FileKeyring, tmp_path: Path, app: App, clock: Clock, waits: list[float]) -> Callable[..., TokenStore]:
    """Make a store of the same file; by default its tokens go to the keychain."""
    path = tmp_path / "work" / "token.json"
    return lambda in_keychain=True: TokenStore(
        path, app, in_keychain=in_keychain, clock=clock, sleep=waits.append, patience=0.2
    )


@pytest.fixture
def store(make: Callable[..., TokenStore], box: Sandbox) -> TokenStore:
    """A store with a login."""
    store = make()
    sign_in(store, box)
    return store


def in_files(store: TokenStore, box: Sandbox) -> list[Path]:
    return [path for path in store.path.parent.iterdir() if leaked(path.read_text(encoding="utf-8"), box)]


def renewed(store: TokenStore, clock: Clock) -> Secret:
    clock.now += 7200 - 60
    return store.access_token()


def test_no_file_holds_a_token(store: TokenStore, make: Callable[..., TokenStore], box: Sandbox, clock: Clock) -> None:
    """The file says who it is and when things end; the tokens come from the keychain, for every process."""
    for seconds in (0, 7200 - 60):
        clock.now += seconds
        token = store.access_token()
        assert make().access_token() == token
        assert make().load().name == box.tenant.users[0].name
        assert in_files(store, box) == []
    assert box.journal.endpoints() == ["token"]


def test_what_was_renewed_leaves_nothing_behind(store: TokenStore, ring: FileKeyring, clock: Clock) -> None:
    """The keychain holds one pair, in pieces that it accepts."""
    before = ring.entries()
    renewed(store, clock)
    assert len(ring.entries()) == len(before) > 1
    assert ring.entries().isdisjoint(before)


def test_logging_out_empties_the_keychain(store: TokenStore, ring: FileKeyring) -> None:
    """After a logout nothing is left, in the file and in the keychain."""
    assert store.forget()
    assert ring.entries() == set()
    assert not store.path.exists()


def test_a_login_moves_in_and_out(
    make: Callable[..., TokenStore], box: Sandbox, ring: FileKeyring, clock: Clock
) -> None:
    """When the setting changes, the login is found where it is, and moves with its next renewal."""
    sign_in(make(False), box)
    for in_keychain in (True, False):
        first = make(in_keychain).access_token()
        assert renewed(make(in_keychain), clock) != first
        assert bool(in_files(make(), box)) is not in_keychain
        assert bool(ring.entries()) is in_keychain
    assert "keychain" not in json.loads(make().path.read_bytes())


def test_a_new_login_replaces_the_old_pair(store: TokenStore, ring: FileKeyring, box: Sandbox) -> None:
    """A second sign-in leaves one pair in the keychain: its own."""
    pieces = len(ring.entries())
    sign_in(store, box)
    assert len(ring.entries()) == pieces


def test_a_disk_that_fails_after_the_keychain_loses_nothing(
    store: TokenStore, make: Callable[..., TokenStore], box: Sandbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pair that the keychain has, and the file could not say so, is found by the next process."""

    def fsync(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        box.faults.add(Fault.call(lambda _: disk.setattr("os.fsync", fsync)), endpoint="token")
        with pytest.raises(ConfigError, match="No space left"):
            renewed(store, clock)
    assert make().access_token()
    assert box.journal.endpoints() == ["token"]


@pytest.mark.parametrize(
    ("moment", "requests"),
    [
        pytest.param("event == 'lseek'", 2, id="between keychain and file"),
        pytest.param("event == 'os.rename'", 1, id="before the rename"),
        pytest.param("event == 'open' and str(args[0]) == str(store.path.parent)", 1, id="after the rename"),
    ],
)
def test_a_kill_loses_nothing(tmp_path: Path, ring: FileKeyring, moment: str, requests: int) -> None:
    """Killed once the new pair is in the keychain, the next process goes on with it."""
    with Sandbox() as box:
        app = App(box.app_id, Secret(box.app_secret), box.url, box.url)
        store = TokenStore(tmp_path / "token.json", app, in_keychain=True)
        sign_in(store, box)
        old = store.access_token()
        kill_when(store, moment, PYTHON_KEYRING_BACKEND="filekeyring.FileKeyring")
        assert box.journal.endpoints() == ["token"]
        assert store.renew(old) != old
        assert box.journal.endpoints() == ["token"] * requests
        assert store.renew(store.access_token())


DAMAGE = ["", "2", "x {}", "² {}", "1 {}", "1 [1]", "1 null", "1 ", "-1 {}", "9999999 {", '1 {"access_token": "eyJ"}',
          '1 {"access_token": 1, "refresh_token": 2}', "1 " + "[" * 1000, "1" * 5000, "0 {}", "3 {"]  # fmt: skip


@pytest.mark.parametrize("content", DAMAGE, ids=lambda content: str(content)[:20])
def test_a_damaged_pair_needs_a_login(store: TokenStore, ring: FileKeyring, box: Sandbox, content: str) -> None:
    """Whatever another program made of an entry, the person is told to log in, which works."""
    for path in ring.folder.iterdir():
        path.write_text(content, encoding="utf-8")
    with pytest.raises(LoginRequired, match=r"no longer in the system's keychain.*Next: run larknb login"):
        store.access_token()
    sign_in(store, box)
    assert store.access_token()


@pytest.mark.parametrize("number", [2, 3])
def test_half_a_pair_is_no_pair(tmp_path: Path, ring: FileKeyring, number: int) -> None:
    """A process that is killed while it writes the pieces to the keychain leaves the login as it was."""
    moment = f"event == 'open' and args[1] == 'w' and 'keychain' in str(args[0]) and is_number({number})"
    with Sandbox() as box:
        app = App(box.app_id, Secret(box.app_secret), box.url, box.url)
        store = TokenStore(tmp_path / "token.json", app, in_keychain=True)
        sign_in(store, box)
        old, seen = store.access_token(), ring.entries()
        kill_when(store, moment, PYTHON_KEYRING_BACKEND="filekeyring.FileKeyring")
        assert box.journal.endpoints() == ["token"]
        assert (len(ring.entries()) - len(seen), ring.entries() >= seen) == (number - 2, True)
        assert store.access_token() == old


def test_what_was_interrupted_is_written_by_the_next_call(
    store: TokenStore, ring: FileKeyring, box: Sandbox, clock: Clock
) -> None:
    """A person who stops the cell while the keychain asks for its password loses nothing."""
    with pytest.MonkeyPatch.context() as patch:

        def stop(*_: str) -> None:
            raise KeyboardInterrupt

        box.faults.add(Fault.call(lambda _: patch.setattr(ring, "set_password", stop)), endpoint="token")
        with pytest.raises(KeyboardInterrupt):
            renewed(store, clock)
    assert store.access_token() == store.load().access_token
    assert box.journal.count("token") == 1


def test_a_locked_keychain_is_told_before_anything_is_spent(
    store: TokenStore, ring: FileKeyring, box: Sandbox, clock: Clock
) -> None:
    """A keychain that refuses costs no refresh token; unlocked, all goes on."""
    ring.locked = True
    with pytest.raises(ConfigError, match=r"keychain refused \(KeyringLocked\).*Next: unlock") as caught:
        renewed(store, clock)
    assert not leaked(told(caught.value), box)
    ring.locked = False
    assert store.access_token()
    assert box.journal.count("token") == 1


def test_a_keychain_that_was_emptied_needs_a_login(store: TokenStore, ring: FileKeyring, box: Sandbox) -> None:
    """If the entries are gone, the person is told to log in, which works."""
    for path in ring.folder.iterdir():
        path.unlink()
    with pytest.raises(LoginRequired, match=r"no longer in the system's keychain.*Next: run larknb login"):
        store.access_token()
    sign_in(store, box)
    assert store.access_token()


@pytest.mark.parametrize("missing", ["package", "keychain"])
def test_where_there_is_no_keychain_no_code_is_spent(
    make: Callable[..., TokenStore], missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the package, or on a system without a keychain, the error says what to install and what to set."""
    if missing == "package":
        monkeypatch.setitem(sys.modules, "keyring", None)
    else:
        keyring.set_keyring(null.Keyring())  # type: ignore[no-untyped-call]
    with pytest.raises(ConfigError, match=r'no keychain.*pip install "larknb\[keyring\]".*token_file = "user"'):
        make().sign_in(lambda: pytest.fail("the code was spent"))


def test_no_error_of_the_keychain_shows_a_token(
    store: TokenStore, ring: FileKeyring, box: Sandbox, clock: Clock
) -> None:
    """What a keychain raises with a token in its hands is not shown."""
    box.faults.add(Fault.call(lambda _: setattr(ring, "locked", True)), endpoint="token")
    with pytest.raises(ConfigError, match="KeyringLocked") as caught:
        renewed(store, clock)
    assert not leaked(told(caught.value), box)
    ring.locked = False
    assert store.access_token()  # the pair was still in this process's hands
    assert granted(box)


def test_a_logout_takes_what_a_killed_process_left(store: TokenStore, ring: FileKeyring, clock: Clock) -> None:
    """The newer pair, which no file names yet, is gone as well."""
    name = json.loads(store.path.read_bytes())["keychain"]
    keychain.write(keychain.next_name(name), Secret("eyJ.a"), Secret("eyJ.r"))
    assert store.forget()
    assert ring.entries() == set()


def test_a_probe_leaves_nothing(ring: FileKeyring) -> None:
    """Whether a pair can be kept is tried with an empty one."""
    keychain.check()
    assert ring.entries() == set()


def test_a_keychain_that_only_reads_is_told_before_anything_is_spent(
    store: TokenStore, ring: FileKeyring, box: Sandbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The refresh token stays, and so does the pair."""

    def refuse(*_: str) -> None:
        raise KeyringLocked("read only")

    monkeypatch.setattr(ring, "set_password", refuse)
    with pytest.raises(ConfigError, match="KeyringLocked"):
        renewed(store, clock)
    assert box.journal.count("token") == 0


@pytest.mark.parametrize("backend", [null.Keyring, fail.Keyring])
def test_a_backend_that_keeps_nothing_is_no_keychain(ring: FileKeyring, backend: type[KeyringBackend]) -> None:
    """The package has two that stand for none."""
    keyring.set_keyring(backend())
    with pytest.raises(ConfigError, match="no keychain"):
        keychain.check()


@pytest.mark.parametrize("length", [0, 1, 400, 401, 1000, 4096])
def test_a_pair_of_any_length_comes_back(ring: FileKeyring, length: int) -> None:
    """In pieces, each of them short enough for the strictest system, and none of them without a name of its own."""
    access, refresh = Secret("a" * length), Secret("r" * length)
    name = keychain.first_name()
    keychain.write(name, access, refresh)
    assert keychain.read(name) == {"access_token": access, "refresh_token": refresh}
    assert keychain.read(keychain.next_name(name)) is None
    keychain.delete(keychain.next_name(name))
    keychain.delete(name)
    assert (keychain.read(name), ring.entries()) == (None, set())


def test_names_tell_nothing_and_keep_their_length() -> None:
    """The next follows from the present one; the first ones are never the same."""
    first = keychain.first_name()
    assert len(first) == len(keychain.next_name(first)) == 32
    assert first != keychain.first_name()
    assert keychain.next_name("k") == "8254c329a92850f6d539dd376f4816ee"  # a pair that an older larknb kept is found


def test_entries_are_called_as_they_were(ring: FileKeyring, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pair that an older larknb kept is found by these names."""
    asked: list[tuple[str, str]] = []
    keychain.write("n", Secret("a" * 1000), Secret("r"))
    get = ring.get_password

    def watched(service: str, username: str) -> str | None:
        asked.append((service, username))
        return get(service, username)

    monkeypatch.setattr(ring, "get_password", watched)
    assert keychain.read("n")
    assert asked == [("larknb n 0", "n"), ("larknb n 1", "n")]


def test_a_pair_that_a_killed_process_left_is_noted_before_it_is_used(
    store: TokenStore, ring: FileKeyring, box: Sandbox, clock: Clock
) -> None:
    """The file names it from then on, also where the renewal that follows fails; when it ends nobody knows."""
    newer = keychain.next_name(json.loads(store.path.read_bytes())["keychain"])
    keychain.write(newer, Secret("eyJ.a"), Secret("eyJ.r"))
    box.faults.add(Fault.drop(), endpoint="token", times=None)
    with pytest.raises(ApiError):
        renewed(store, clock)
    document = json.loads(store.path.read_bytes())
    assert (document["keychain"], document["expires_at"]) == (newer, 0)
