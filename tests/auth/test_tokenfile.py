"""The token file: what is in it, what lies beside it, and what a disk that fails leaves."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from larknb import files
from larknb.auth.app import App
from larknb.auth.store import TokenStore
from larknb.auth.token import Token
from larknb.auth.tokenfile import TokenFile
from larknb.config.secrets import Secret
from larknb.errors import Busy, ConfigError, LoginRequired
from larknb.sandbox import Fault, Sandbox
from tests.conftest import Clock

from .conftest import FOUR_KEYS, NOON, expire, leaked, old_file, on_disk, refuse, sign_in, told, write


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_nothing_is_spent_that_cannot_be_kept(
    store: TokenStore, box: Sandbox, clock: Clock, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """On a full or read-only disk the refresh token is not spent, and the error says what to do."""
    before = store.path.read_bytes()
    expire(clock)
    with monkeypatch.context() as disk:
        refuse(disk, number)
        with pytest.raises(ConfigError, match=r"Cannot read or write the login.*Next: make its folder writable"):
            store.access_token()
    assert (box.journal.count(), store.path.read_bytes()) == (0, before)
    assert store.access_token()


@contextmanager
def unprivileged(folder: Path) -> Iterator[None]:
    """Own a folder as somebody whose permissions count: root writes everywhere."""
    if os.geteuid() != 0:
        yield
        return
    for path in (folder, *folder.iterdir()):
        os.chown(path, 54321, 54321)
    os.seteuid(54321)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_a_read_only_folder_is_told_before_anything_is_spent(store: TokenStore, box: Sandbox, clock: Clock) -> None:
    """In a folder that cannot be written the refresh token is not spent, and a living access token serves."""
    with tempfile.TemporaryDirectory() as name:  # the folders of pytest are closed to others
        folder = Path(shutil.copy2(store.path, name)).parent
        there = TokenStore(folder / store.path.name, store.app, clock=clock)
        with unprivileged(folder):
            folder.chmod(0o500)
            assert there.access_token()
            expire(clock)
            with pytest.raises(ConfigError, match=r"Cannot read or write the login.*Next: make its folder writable"):
                there.access_token()
    assert box.journal.count() == 0


def test_a_disk_that_fails_after_the_refresh_gets_a_second_chance(
    store: TokenStore, box: Sandbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the disk fails just after the token was spent, the next call keeps the new pair instead of losing it."""
    expire(clock)
    with monkeypatch.context() as disk:
        box.faults.add(Fault.call(lambda _: refuse(disk, errno.ENOSPC)), endpoint="token")
        with pytest.raises(ConfigError, match="Cannot read or write the login"):
            store.access_token()
    assert store.access_token() == on_disk(store)["access_token"]
    assert box.journal.count("token") == 1


def test_a_file_that_is_held_open_loses_nothing(
    store: TokenStore, make_store: Callable[[], TokenStore], box: Sandbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the file cannot be replaced (a program on Windows has it open), the new pair waits beside it for anybody."""

    def held(*args: Any, **kwargs: Any) -> None:
        raise PermissionError(errno.EACCES, "held by another program", str(store.path))

    expire(clock)
    with monkeypatch.context() as disk:
        disk.setattr(files, "replace", held)
        for _ in range(2):  # the second time nothing more is spent
            with pytest.raises(ConfigError, match="close the program that has it open"):
                store.access_token()
    assert make_store().access_token() == on_disk(store)["access_token"]
    assert box.journal.count("token") == 1


def test_a_file_that_is_held_for_a_moment_is_waited_for(
    store: TokenStore, box: Sandbox, clock: Clock, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A virus scanner on Windows opens each new file: the login is renewed all the same, and only once."""
    real, refusals = os.replace, iter(range(2))

    def scanned(new: str, old: str) -> None:
        if next(refusals, None) is not None:
            raise PermissionError(errno.EACCES, "The process cannot access the file", str(new))
        real(new, old)

    expire(clock)
    with monkeypatch.context() as windows:
        windows.setattr(sys, "platform", "win32")
        windows.setattr(os, "replace", scanned)
        assert store.access_token() == on_disk(store)["access_token"]
    assert (box.journal.count("token"), waits) == (1, [0.05, 0.1])


def test_an_older_leftover_is_not_believed(store: TokenStore) -> None:
    """A successor that is older than the file, or damaged, is no login."""
    wanted = store.access_token()
    leftover = store.path.with_name(store.path.name + ".new")
    leftover.write_bytes(Token(access_token=Secret("eyJ.old"), expires_at=NOON * 2).to_bytes())
    os.utime(leftover, (1, 1))
    with store.lock():
        pass
    assert store.access_token() == wanted
    leftover.write_bytes(b'{"access_token": "eyJ.ha')
    with store.lock():
        pass
    assert store.access_token() == wanted


def test_a_lock_that_is_held_is_told(
    store: TokenStore, make_store: Callable[[], TokenStore], box: Sandbox, clock: Clock
) -> None:
    """A process that hangs with the lock makes the others say so, and does not make them refresh."""
    expire(clock)
    held, done = threading.Event(), threading.Event()

    def hang() -> None:
        with make_store().lock():
            held.set()
            done.wait(30)

    thread = threading.Thread(target=hang)
    thread.start()
    try:
        assert held.wait(30)
        with pytest.raises(Busy, match=r"renewing the login.*Next: try again"):
            store.access_token()
    finally:
        done.set()
        thread.join()
    assert box.journal.count() == 0
    assert store.access_token()


def test_the_four_known_keys_come_first(store: TokenStore) -> None:
    """Older scripts find their keys in their order and form, and behind them what the token is bound to."""
    document = on_disk(store)
    assert list(document)[:4] == FOUR_KEYS
    assert document["expires_at"] == NOON + 7200
    assert time.strptime(document["last_refresh"], "%Y-%m-%dT%H:%M:%S")
    assert (document["open_base"], document["app_id"]) == (store.app.open_base, store.app.app_id)
    assert document["name"] in store.path.read_text(encoding="utf-8")  # readable, not \u escapes


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_nobody_else_can_read_it(store: TokenStore, clock: Clock) -> None:
    """The file belongs to its owner alone, from the first byte and after a renewal."""
    old = os.umask(0)
    try:
        expire(clock)
        store.access_token()
    finally:
        os.umask(old)
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_planted_link_gets_nothing(store: TokenStore, clock: Clock, tmp_path: Path) -> None:
    """A link that somebody put where the successor is written is removed, not followed."""
    target = tmp_path / "theirs"
    target.write_text("untouched", encoding="utf-8")
    store.path.with_name(store.path.name + ".new").symlink_to(target)
    expire(clock)
    store.access_token()
    assert target.read_text(encoding="utf-8") == "untouched"


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_shared_login_stays_shared(
    store: TokenStore, app: App, clock: Clock, box: Sandbox, tmp_path: Path, waits: list[float]
) -> None:
    """A token file that is a link to another folder's is renewed there, under the same lock."""
    (tmp_path / "link.json").symlink_to(store.path)
    linked = TokenStore(tmp_path / "link.json", app, clock=clock, sleep=waits.append)
    expire(clock)
    assert linked.access_token() == store.access_token()
    assert (tmp_path / "link.json").is_symlink()
    assert box.journal.count("token") == 1


def test_keys_of_others_are_kept(nobody: TokenStore, box: Sandbox, clock: Clock) -> None:
    """What another program wrote into the file is still there after binding, renewal and login."""
    note = {"用途": "排班", "n": [1]}
    write(nobody, old_file(box, note=note))
    nobody.access_token()
    expire(clock)
    nobody.access_token()
    assert on_disk(nobody)["note"] == note
    sign_in(nobody, box)
    assert on_disk(nobody)["note"] == note


@pytest.mark.parametrize("content", ["", "\ufeff", "{", "[]", "null", '{"access_token": "eyJ', '"eyJ.secret"', "{}"])
def test_a_damaged_file_is_kept_aside(nobody: TokenStore, box: Sandbox, content: str) -> None:
    """A file that is no login says so once, and is kept; after that nobody is logged in."""
    write(nobody, content)
    with pytest.raises(LoginRequired, match=r"kept as .*\.damaged.*Next: run larknb login") as caught:
        nobody.access_token()
    assert "eyJ" not in told(caught.value)
    assert nobody.path.with_name("token.json.damaged").read_text(encoding="utf-8") == content
    with pytest.raises(LoginRequired, match=r"Nobody is logged in here.*Next: sign in once"):
        nobody.access_token()
    sign_in(nobody, box)
    assert nobody.access_token()


def test_asking_without_a_login_leaves_no_trace(nobody: TokenStore) -> None:
    """Where nobody is logged in, no folder and no lock is made."""
    for ask in (nobody.load, nobody.access_token):
        with pytest.raises(LoginRequired, match="Nobody is logged in here"):
            ask()
    assert nobody.forget() is False
    assert not nobody.path.parent.exists()


def test_logging_out_leaves_no_copy(store: TokenStore, box: Sandbox) -> None:
    """Every file that holds a token is gone after a logout."""
    for suffix in (".damaged", ".new"):
        store.path.with_name(store.path.name + suffix).write_bytes(store.path.read_bytes())
    assert store.forget() is True
    left = [path for path in store.path.parent.iterdir() if leaked(path.read_text(encoding="utf-8"), box)]
    assert left == []
    with pytest.raises(LoginRequired):
        store.access_token()


def test_logging_out_takes_what_a_killed_process_left(store: TokenStore) -> None:
    """A login that was written and not yet renamed is gone after a logout, too."""
    store.path.rename(store.path.with_name(store.path.name + ".new"))
    assert store.forget() is True
    with pytest.raises(LoginRequired):
        store.load()


def test_disk_errors_show_no_secret(
    store: TokenStore, box: Sandbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the new pair cannot be written, nothing of it is shown."""
    expire(clock)
    box.faults.add(Fault.call(lambda _: refuse(monkeypatch, errno.ENOSPC)), endpoint="token")
    with pytest.raises(ConfigError) as caught:
        store.access_token()
    assert not leaked(told(caught.value), box)


def test_what_lies_beside_it_for_a_moment_is_known_by_name(
    store: TokenStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The successor: whoever cleans up after a crash knows what it is."""
    seen, fsync = list[set[str]](), os.fsync

    def watched(number: int) -> None:
        seen.append({path.name for path in store.path.parent.iterdir()} - {"token.json", "token.json.lock"})
        fsync(number)

    expire(clock)
    monkeypatch.setattr(os, "fsync", watched)
    store.access_token()
    assert {"token.json.new"} in seen
    assert not {path.name for path in store.path.parent.iterdir()} - {"token.json", "token.json.lock"}


@pytest.mark.skipif(os.name == "nt", reason="a folder cannot be brought to the disk there")
def test_the_name_is_brought_to_the_disk_as_well(
    store: TokenStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut after a renewal leaves the new pair under the old name, whole."""
    synced: list[tuple[bool, int]] = []
    before, fsync = store.path.stat().st_ino, os.fsync

    def watched(number: int) -> None:
        synced.append((stat.S_ISDIR(os.fstat(number).st_mode), os.fstat(number).st_size))
        fsync(number)

    expire(clock)
    monkeypatch.setattr(os, "fsync", watched)
    store.access_token()
    assert [is_folder for is_folder, _ in synced] == [False, False, True]
    assert synced[1][1] == store.path.stat().st_size
    assert store.path.stat().st_ino != before


def test_a_folder_that_cannot_be_brought_to_the_disk_is_no_error(
    store: TokenStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some network file systems refuse it."""
    fsync = os.fsync

    def picky(number: int) -> None:
        if stat.S_ISDIR(os.fstat(number).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        fsync(number)

    expire(clock)
    monkeypatch.setattr(os, "fsync", picky)
    assert store.access_token() == on_disk(store)["access_token"]


def test_a_document_in_the_place_of_the_successor_is_left_alone(store: TokenStore) -> None:
    """It is named, and neither a renewal nor a logout touches anything."""
    theirs = store.path.with_name("token.json.new")
    theirs.write_text("my notes", encoding="utf-8")
    before = store.path.read_bytes()
    for ask in (lambda: store.renew("x"), store.forget, store.check_place):
        with pytest.raises(ConfigError, match=r"token\.json\.new is not a login"):
            ask()
    assert (theirs.read_text(encoding="utf-8"), store.path.read_bytes()) == ("my notes", before)


def test_a_lock_that_holds_something_is_left_alone(nobody: TokenStore) -> None:
    """Ours is empty."""
    nobody.path.parent.mkdir()
    lock = nobody.path.with_name("token.json.lock")
    lock.write_text("[[package]]", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"token\.json\.lock is not a login"):
        nobody.check_place()
    assert lock.read_text(encoding="utf-8") == "[[package]]"
    lock.write_bytes(b"")
    nobody.check_place()


@pytest.mark.parametrize(("seconds", "wins"), [(-1.0, False), (0.0, True), (1.0, True)])
def test_of_two_of_the_same_moment_the_successor_counts(store: TokenStore, seconds: float, wins: bool) -> None:
    """A disk may know whole seconds only, and a successor is never written before what it follows."""
    held = store.load()
    leftover = store.path.with_name("token.json.new")
    leftover.write_bytes(replace(held, access_token=Secret("eyJ.newer")).to_bytes())
    written_at = store.path.stat().st_mtime
    os.utime(store.path, (written_at, written_at))
    os.utime(leftover, (written_at + seconds, written_at + seconds))
    with store.lock():
        assert leftover.exists() is not wins
    assert store.access_token() == ("eyJ.newer" if wins else held.access_token)


def test_a_machine_without_a_clock_loses_no_login(store: TokenStore) -> None:
    """A successor from the first day of the epoch is taken where nothing else is left."""
    token = store.access_token()
    leftover = store.path.rename(store.path.with_name("token.json.new"))
    os.utime(leftover, (0, 0))
    assert store.access_token() == token
    assert not leftover.exists()


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_successor_that_is_a_link_is_not_taken(store: TokenStore, nobody: TokenStore, tmp_path: Path) -> None:
    """Somebody would have chosen the login."""
    theirs = tmp_path / "theirs.json"
    store.path.rename(theirs)
    store.path.with_name("token.json.new").symlink_to(theirs)
    with pytest.raises(LoginRequired, match="Nobody is logged in"):
        store.access_token()
    assert not store.path.exists()
    assert theirs.exists()


def test_a_logout_passes_over_what_is_no_login(store: TokenStore) -> None:
    """A folder, or a file that is too large for one, stays under whatever name it has."""
    folder, large = (store.path.with_name(f"token.json.{name}") for name in ("a_b.kept", "damaged"))
    folder.mkdir()
    large.write_bytes(bytes(1_000_001))
    assert store.forget()
    assert (store.path.exists(), folder.exists(), large.exists()) == (False, True, True)


@pytest.mark.parametrize("name", ["token[1].json", "token.json"])
def test_a_logout_finds_what_was_kept_beside_it(app: App, box: Sandbox, tmp_path: Path, name: str) -> None:
    """Whatever signs the name holds, what belongs to it goes, and nothing else does."""
    store = TokenStore(tmp_path / name, app, own_place=True)
    sign_in(store, box)
    kept, other = tmp_path / f"{name}.cli_x_host.kept", tmp_path / "token1.json.cli_x_host.kept"
    for path in (kept, other):
        path.write_bytes(store.path.read_bytes())
    assert store.forget()
    assert (kept.exists(), other.exists()) == (False, True)


def test_a_file_that_lies_elsewhere_is_not_moved(app: App, tmp_path: Path) -> None:
    """Unless its place is ours, what is damaged may be anybody's: it is named and stays."""
    path = tmp_path / "token.json"
    path.write_bytes(b"{")
    with pytest.raises(ConfigError, match="is not a login that larknb wrote"):
        TokenStore(path, app).load()
    assert path.read_bytes() == b"{"
    with pytest.raises(LoginRequired, match="kept as"):
        TokenStore(path, app, own_place=True).load()


def test_folders_are_made_for_the_owner_alone(app: App, box: Sandbox, tmp_path: Path) -> None:
    """All that are missing."""
    store = TokenStore(tmp_path / "new" / "deep" / "token.json", app, own_place=True)
    sign_in(store, box)
    assert store.access_token()
    if os.name != "nt":
        assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700


def test_an_error_that_somebody_keeps_does_not_keep_the_lock(
    store: TokenStore, make_store: Callable[[], TokenStore]
) -> None:
    """A notebook holds the last error, and with it all that its frames held."""
    with pytest.raises(KeyError) as caught, store.lock():
        raise KeyError("x")
    with make_store().lock():
        assert caught.value.__traceback__


def test_who_holds_the_lock_is_told_with_file_and_seconds(tmp_path: Path) -> None:
    """Which login is being renewed, and how long that was waited for."""
    path = tmp_path / "t.json"
    first = TokenFile(path, in_keychain=False, own_place=True, patience=1.0, sleep=lambda _: None)
    second = TokenFile(path, in_keychain=False, own_place=True, patience=0.01, sleep=lambda _: None)
    with first.lock(), pytest.raises(Busy, match=r"for 0 s.*Next: try again") as caught, second.lock():
        pass
    assert caught.value.source == str(path)


def test_an_error_of_the_disk_without_a_number_is_told_as_it_is(
    store: TokenStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some file systems have words of their own."""

    def fsync(_: int) -> None:
        raise OSError("the drive went away")

    expire(clock)
    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(ConfigError, match=r"token\.json: the drive went away"):
        store.access_token()


def test_an_error_of_the_disk_names_the_file_that_it_was_about(
    store: TokenStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be one beside the login."""
    real = os.open

    def refuse_a_new_one(path: Any, *more: Any, **options: Any) -> int:
        if str(path).endswith((".probe", ".new")):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path, *more, **options)

    expire(clock)
    monkeypatch.setattr(os, "open", refuse_a_new_one)
    with pytest.raises(ConfigError, match=r"token\.json\.(probe|new): Permission denied"):
        store.access_token()
