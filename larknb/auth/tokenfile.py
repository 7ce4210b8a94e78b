"""TokenFile: one login on the disk, whole or not there, and the lock that all processes share.

A new pair of tokens is written beside the file and then renamed over it: whoever is killed on the way leaves either the
old login or a successor that the next one promotes. It knows nothing of apps and lifetimes: `TokenStore` does.
"""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout

from larknb import files
from larknb.auth import keychain, ours, place
from larknb.auth.token import Token
from larknb.config.secrets import NOTHING, MaskedBytes
from larknb.errors import Busy, ConfigError, LoginRequired
from larknb.messages import say
from larknb.wire.retry import Sleep

__all__ = ["TokenFile", "nobody"]

KEPT = ".kept"  # what a file is called that holds a login of another app
ROOM = 16 * 1024  # bytes: two tokens of 4 KB and everything else, with room to spare


def nobody() -> LoginRequired:
    """Return the error where there is no login."""
    return LoginRequired(say("login.missing.what"), next=say("login.missing.next"))


class TokenFile:
    """The file of a login; its two tokens may be in the system's keychain instead.

    Beside it lie its lock, what was found damaged, logins of other apps that a sign-in found in its place (``*.kept``),
    and for a moment a probe and its successor.

    Parameters
    ----------
    path : Path
        The file; a link to a login that several folders share stays one.
    in_keychain : bool
        Where the tokens of the next `save` go. A file that was written the other way is understood.
    own_place : bool
        The file has the place and the name that larknb gives it: what is damaged there was ours. Elsewhere it may be
        anything, and is refused as what is not `ours`.
    patience : float
        Seconds to wait for another process that holds the lock.
    """

    def __init__(self, path: Path, *, in_keychain: bool, own_place: bool, patience: float, sleep: Sleep) -> None:
        # What a link leads to is what gets locked and replaced; one that leads to itself stays, and cannot be opened.
        self.path = Path(os.path.realpath(path)) if path.is_symlink() else path
        self.in_keychain, self.own_place = in_keychain, own_place
        self.patience, self.sleep = patience, sleep
        self._places = (path.parent, self.path.parent, self.path)
        self._successor = self._beside(".new")
        self._damaged = self._beside(".damaged")

    def _beside(self, ending: str) -> Path:
        return self.path.with_name(self.path.name + ending)

    # --- without the lock ------------------------------------------------------------------------------------------

    def peek(self) -> Token | None:
        """Return what the file says, or None if only a look under the lock can tell.

        Raises
        ------
        LoginRequired
            There is no login.
        ConfigError
            What lies there is none of ours.
        """
        try:
            content = self._content()
        except OSError:
            return None  # on Windows it may be in the middle of being replaced
        if content is None and not self._successor.exists():
            raise nobody()
        return Token.of(content) if content and ours.kind_of(content) == "ours" else None

    @staticmethod
    def opened(token: Token) -> Token | None:
        """Return a token with what the keychain holds of it; None if that is not there (any more)."""
        if not token.keychain:
            return token
        pair = keychain.read(token.keychain)
        return replace(token, **pair) if pair else None

    def check_private(self) -> None:
        """Prove that nobody else can put a login where ours lies; ConfigError, with what to do, if somebody can."""
        place.check_private(*self._places)

    def check_ours(self) -> None:
        """Prove that what lies there is a login of ours, or nothing; ConfigError if it is a file of somebody else."""
        with self._disk():
            self._content()
            if not self._successor.is_symlink() and _kind(self._successor) == "foreign":
                raise ours.not_ours(self._successor)
            _check_lock(self._beside(".lock"))

    def forget(self) -> bool:
        """Delete the login, every copy of it and what was kept aside; say whether there was anything."""
        aside = self.path.parent.glob(f"{glob.escape(self.path.name)}.*{KEPT}")
        copies = [self.path, self._successor, self._damaged, *aside]
        self.check_ours()
        if not any(path.exists() for path in copies):
            return False
        with self.lock(), self._disk():
            for path in filter(_is_left_by_us, copies):
                if name := _keychain_name(path):
                    keychain.delete(name)
                    keychain.delete(keychain.next_name(name))
                path.unlink(missing_ok=True)
        return True

    # --- under the lock --------------------------------------------------------------------------------------------

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep all other processes and threads from changing the login; Busy if one of them takes too long."""
        self.check_ours()  # a lock is emptied when it is opened, and what lies under our names is replaced
        lock = FileLock(self._beside(".lock"), timeout=self.patience, mode=0o600)
        with self._disk():
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                lock.acquire()
            except Timeout:
                what = say("login.busy.what", seconds=int(self.patience))
                raise Busy(what, source=str(self.path), next=say("login.busy.next")) from None
        try:
            self._finish_save()
            yield
        finally:
            lock.release()

    def read(self) -> Token:
        """Return what the file says; LoginRequired if it is missing, or damaged, in which case it is kept aside."""
        with self._disk():
            content = self._content()
            token = Token.of(content) if content and ours.kind_of(content) == "ours" else None
            if token is None and content is not None:
                files.replace(self.path, self._damaged)
                what = say("login.damaged.what", path=self._damaged)
                raise LoginRequired(what, source=str(self.path), next=say("login.again"))
        if token is None:
            raise nobody()
        return token

    def whole(self, token: Token) -> Token:
        """Return a token that was `read` with what the keychain holds of it; LoginRequired if that is gone."""
        if token.keychain and keychain.read(newer := keychain.next_name(token.keychain)):
            # A killed process left it there, and what it knew of it is lost: it is renewed before it is used.
            token = replace(token, keychain=newer, expires_at=0.0)
            self._put(token)
        whole = self.opened(token)
        if whole is None:
            raise LoginRequired(say("login.keychain.gone.what"), source=str(self.path), next=say("login.again"))
        return whole

    def check_writable(self) -> None:
        """Prove that a new pair of tokens can be kept; ConfigError if it cannot."""
        self.check_private()
        if self.in_keychain:
            keychain.check()
        probe = self._beside(".probe")  # a virus scanner may keep hold of it for a while
        with self._disk():
            _write(probe, lambda: b" " * ROOM)
            with suppress(OSError):
                probe.unlink()

    def save(self, token: Token) -> Token:
        """Return the token, kept: whole, on the disk, readable by its owner alone."""
        kept = token = replace(token, keychain=self._next_name(token))
        if token.keychain:
            keychain.write(token.keychain, token.access_token, token.refresh_token)
            kept = replace(token, access_token=NOTHING, refresh_token=NOTHING)
        self._put(kept)
        return token

    def set_aside(self, label: str) -> Path:
        """Move the login to a file beside it, and return that."""
        aside = self._beside(f".{files.file_name(label)}{KEPT}")
        with self._disk():
            files.replace(self.path, aside, sleep=self.sleep)
        return aside

    def _content(self) -> MaskedBytes | None:
        """Return what the file holds, whole or damaged; ConfigError where it is none of ours."""
        content = ours.content_of(self.path)
        kind = "ours" if content is None else ours.kind_of(content)
        if kind == "foreign" or (kind == "damaged" and not self.own_place):
            raise ours.not_ours(self.path)
        return content

    # --- how it is written -----------------------------------------------------------------------------------------

    def _next_name(self, token: Token) -> str:
        if not self.in_keychain:
            return ""
        return keychain.next_name(token.keychain) if token.keychain else keychain.first_name()

    def _put(self, token: Token) -> None:
        with self._disk():
            _write(self._successor, token.to_bytes)
            self._promote()

    def _promote(self) -> None:
        before, after = _keychain_name(self.path), _keychain_name(self._successor)
        files.replace(self._successor, self.path, sleep=self.sleep)
        with suppress(OSError):  # some network file systems cannot bring a folder to the disk
            files.sync_folder(self.path.parent)
        if before not in ("", after):
            with suppress(ConfigError):  # what stays there is worth nothing any more
                keychain.delete(before)

    def _finish_save(self) -> None:
        """Promote a successor that a killed process, or an open file on Windows, left: only its pair still works."""
        with self._disk():
            if not self._successor.exists() or _written_at(self._successor) < _written_at(self.path):
                return
            if not self._successor.is_symlink() and _kind(self._successor) == "ours":
                self._promote()

    @contextmanager
    def _disk(self) -> Iterator[None]:
        """Turn what the disk refuses into an error that says what to do."""
        try:
            yield
        except OSError as error:
            what = say("login.disk.what", path=error.filename or self.path, reason=error.strerror or error)
            raise ConfigError(what, next=say("login.disk.next")) from error


def _write(path: Path, content: Callable[[], bytes]) -> None:
    """Write a file for its owner alone, and bring it to the disk; a callable, because a traceback would show bytes."""
    path.unlink(missing_ok=True)  # else a link or a file of somebody else would get our tokens
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        file.write(content())
        file.flush()
        os.fsync(file.fileno())


def _keychain_name(path: Path) -> str:
    """Return the name of the pair in the keychain that a file leads to, if any."""
    content = None if path.is_symlink() else ours.content_of(path)
    token = Token.of(content) if content and ours.kind_of(content) == "ours" else None
    return token.keychain if token else ""


def _kind(path: Path) -> ours.Kind | None:
    content = ours.content_of(path)
    return None if content is None else ours.kind_of(content)


def _is_left_by_us(path: Path) -> bool:
    """Say whether a file beside the login may be deleted with it: it holds a login, or what is left of one."""
    try:
        return _kind(path) in ("ours", "damaged")
    except (ConfigError, OSError):
        return False


def _check_lock(path: Path) -> None:
    """Refuse a lock that is none: ours is an empty file."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISREG(found.st_mode) or found.st_size:
        raise ours.not_ours(path)


def _written_at(path: Path) -> float:
    return path.stat().st_mtime if path.exists() else 0.0
