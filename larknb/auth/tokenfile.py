"""TokenFile: one login on the disk, whole or not there, and the lock that all processes share.

A new pair of tokens is written beside the file, into room that was taken before the old pair was spent, and then
renamed over it: whoever is killed on the way leaves either the old login or a successor that the next one promotes.
What no disk would take stays in the memory of the process, for its next call. It knows nothing of apps and lifetimes:
`TokenStore` does.
"""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from larknb import files
from larknb.auth import keychain, ours, pending, place
from larknb.auth.token import Token
from larknb.config.secrets import NOTHING, MaskedBytes
from larknb.errors import Busy, ConfigError, LoginRequired
from larknb.messages import say
from larknb.wire.retry import Sleep

__all__ = ["TokenFile", "nobody"]

KEPT = ".kept"  # what a file is called that holds a login of another app
ROOM = 32 * 1024  # bytes more than the file has: two tokens of the greatest length and everything else


@dataclass(frozen=True)
class _Unkept:
    """A login that was paid for and is not on the disk yet.

    ``before`` is what it follows, ``aside`` the label under which that is kept if it is of another app.
    """

    token: Token
    before: Token
    aside: str

    def follows(self, token: Token) -> bool:
        """Say whether what the file holds is still what it follows."""
        before = self.before
        return token.keychain == before.keychain and bool(token.keychain or token.access_token == before.access_token)


# By the file they belong in; a call makes its own `TokenFile`, and the next one goes on with what an earlier one left.
_unkept: dict[Path, _Unkept] = {}


def nobody() -> LoginRequired:
    """Return the error where there is no login."""
    return LoginRequired(say("login.missing.what"), next=say("login.missing.next"))


class TokenFile:
    """The file of a login; its two tokens may be in the system's keychain instead.

    Beside it lie its lock, a device login that waits (`pending`), what was found damaged, logins of other apps that a
    sign-in found in its place (``*.kept``), and for a moment its successor. What lies under one of these names and is
    none of ours is left alone, and keeps the file from being used.

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
        self.path = _followed(path)
        self.in_keychain, self.own_place = in_keychain, own_place
        self.patience, self.sleep = patience, sleep
        self._places = (path.parent, self.path.parent, self.path)
        self._successor = self._beside(".new")
        self._room: int | None = None  # the handle of a successor that waits for its content
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
            What lies there, or beside it, is none of ours.
        """
        if self.path in _unkept:
            return None
        try:
            content = self._checked()
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
        """Prove that all that lies under our names is ours, or nothing; ConfigError if a file is somebody else's."""
        with self._disk():
            self._checked()

    def forget(self, ended: Callable[[Token], object]) -> bool:
        """Delete the login, every copy of it and what was kept aside; say whether there was anything.

        ``ended`` takes each login that was deleted, but none that was kept aside.
        """
        with self._disk():
            self._checked()
            copies = self._copies()
        if not copies and self.path not in _unkept:
            return False
        with self._locked(), self._disk():
            logins = self._logins()
            _unkept.pop(self.path, None)
            for path in filter(_is_left_by_us, copies):
                if name := _keychain_name(path):
                    keychain.delete(name)
                    keychain.delete(keychain.next_name(name))
                path.unlink(missing_ok=True)
        for token in logins:
            ended(token)
        return True

    def _logins(self) -> list[Token]:
        """Return the logins that a logout ends: that of the file, its successor, and one that no disk took."""
        contents = [_plain(path) for path in (self.path, self._successor)]
        found = [Token.of(content) for content in contents if content and ours.kind_of(content) == "ours"]
        kept = [_unkept[self.path].token] if self.path in _unkept else []
        whole: list[Token] = []
        for token in (*kept, *filter(None, found)):
            with suppress(ConfigError):  # a keychain that is locked keeps its pair from us, and from being ended
                whole += filter(None, [self.opened(token)])
        return whole

    def _copies(self) -> list[Path]:
        """Return the files that a logout ends, the login last: until then it is whole."""
        aside = self.path.parent.glob(f"{glob.escape(self.path.name)}.*{KEPT}")
        return [path for path in (*aside, self._damaged, self._successor, self.path) if path.exists()]

    # --- under the lock --------------------------------------------------------------------------------------------

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep all other processes and threads from changing the login; Busy if one of them takes too long.

        What a killed process or an earlier call of this one could not finish is finished first.
        """
        with self._locked():
            try:
                self._finish_save()
                if self.path in _unkept:
                    self._keep_again()
                yield
            finally:
                self._leave_room()

    @contextmanager
    def _locked(self) -> Iterator[None]:
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
            yield
        finally:
            lock.release()

    def read(self) -> Token:
        """Return what the file says; LoginRequired if it is missing, or damaged, in which case it is kept aside."""
        with self._disk():
            content = self._content()
            token = Token.of(content) if content and ours.kind_of(content) == "ours" else None
            if token is None and content is not None:
                self._move(self._damaged)
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
        """Prove that a new pair of tokens can be kept, and take the room for it; ConfigError if there is none."""
        self.check_private()
        if self.in_keychain:
            keychain.check()
        with self._disk():
            self._take_room()

    def save(self, token: Token) -> Token:
        """Return the token, kept: whole, on the disk, readable by its owner alone."""
        kept = token = replace(token, keychain=self._next_name(token))
        if token.keychain:
            keychain.write(token.keychain, token.access_token, token.refresh_token)
            kept = replace(token, access_token=NOTHING, refresh_token=NOTHING)
        self._put(kept)
        return token

    def keep(self, token: Token, *, before: Token, aside: str = "") -> Token:
        """Return a login that was paid for, kept; this process remembers it until it is on the disk.

        Parameters
        ----------
        before : Token
            What it follows.
        aside : str
            The label under which what it follows is moved aside first, if it is of another app.

        Raises
        ------
        ConfigError
            Nothing could be written; the next call of this process tries again.
        """
        _unkept[self.path] = _Unkept(token, before, aside)
        return self._keep_unkept()

    def aside(self, label: str) -> Path:
        """Return where a login of that label is kept aside."""
        return self._beside(f".{files.file_name(label)}{KEPT}")

    def _keep_unkept(self) -> Token:
        try:
            kept = self._tried()
        except ConfigError:
            try:
                kept = self._tried()  # a disk may stumble once, and this process may have no next call
            except ConfigError as error:
                what = say("login.unkept.what", trouble=error.what)
                raise ConfigError(what, next=say("login.unkept.next")) from error
        del _unkept[self.path]
        return kept

    def _tried(self) -> Token:
        unkept = _unkept[self.path]
        if unkept.aside:
            with self._disk():
                self._move(self.aside(unkept.aside))
            _unkept[self.path] = _Unkept(unkept.token, Token(), "")
        return self.save(unkept.token)

    def _keep_again(self) -> None:
        """Write what an earlier call could not, unless somebody logged in, logged out or renewed the login since."""
        with self._disk():
            content = self._content()
        token = Token.of(content) if content else None
        if _unkept[self.path].follows(token or Token()):
            self._keep_unkept()
        else:
            del _unkept[self.path]

    def _checked(self) -> MaskedBytes | None:
        """Return what the file holds, when all that lies beside it is ours, too; ConfigError where something is not."""
        content = self._content()
        if _kind(self._successor) == "foreign":
            raise ours.not_ours(self._successor)
        pending.check(pending.pending_file(self.path), own_place=self.own_place)
        _check_lock(self._beside(".lock"))
        return content

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
            content = MaskedBytes(token.to_bytes())
            if self._room is not None or _plain(self._successor) != content:  # else only its rename failed
                self._fill_room(content)
            self._promote()

    def _take_room(self) -> int:
        """Return the handle of a successor that holds nothing yet, for its owner alone; a full disk refuses it now."""
        self._leave_room()
        size = ROOM + (self.path.stat().st_size if self.path.exists() else 0)
        self._successor.unlink(missing_ok=True)  # else a link or a file of somebody else would get our tokens
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        self._room = os.open(self._successor, flags, 0o600)
        _write(self._room, memoryview(b" " * size))
        os.fsync(self._room)
        return self._room

    def _fill_room(self, content: MaskedBytes) -> None:
        """Write a login into the room that was taken for it: a disk that is full by now does not matter."""
        room = self._take_room() if self._room is None else self._room
        os.lseek(room, 0, os.SEEK_SET)
        _write(room, memoryview(content))
        os.ftruncate(room, len(content))
        os.fsync(room)
        self._room = None
        os.close(room)

    def _leave_room(self) -> None:
        """Give room back that nothing was written into; what may hold a login stays."""
        room, self._room = self._room, None
        if room is None:
            return
        with suppress(OSError):
            os.close(room)
        if self.path not in _unkept:
            with suppress(OSError):
                self._successor.unlink()

    def _move(self, aside: Path) -> None:
        """Move the file aside; what lies there already is replaced if it was left by us."""
        if aside.is_symlink() or (aside.exists() and not _is_left_by_us(aside)):
            raise ours.not_ours(aside)
        files.replace(self.path, aside, sleep=self.sleep)

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
            if _kind(self._successor) == "ours":
                self._promote()

    @contextmanager
    def _disk(self) -> Iterator[None]:
        """Turn what the disk refuses into an error that says what to do."""
        try:
            yield
        except OSError as error:
            what = say("login.disk.what", path=error.filename or self.path, reason=error.strerror or error)
            raise ConfigError(what, next=say("login.disk.next")) from error


def _followed(path: Path) -> Path:
    try:
        return Path(os.path.realpath(path)) if path.is_symlink() else path
    except OSError:
        return path  # whoever then opens it says why it cannot be had


def _write(handle: int, content: memoryview) -> None:
    while content:
        content = content[os.write(handle, content) :]


def _keychain_name(path: Path) -> str:
    """Return the name of the pair in the keychain that a file leads to, if any."""
    content = _plain(path)
    token = Token.of(content) if content and ours.kind_of(content) == "ours" else None
    return token.keychain if token else ""


def _plain(path: Path) -> MaskedBytes | None:
    """Return what a file of ours holds; a link is none of ours, and where we write it is removed, never followed."""
    return None if path.is_symlink() else ours.content_of(path)


def _kind(path: Path) -> ours.Kind | None:
    content = _plain(path)
    return None if content is None else ours.kind_of(content)


def _is_left_by_us(path: Path) -> bool:
    """Say whether a file beside the login may be deleted with it: it holds a login, or what is left of one."""
    try:
        return _kind(path) in ("ours", "damaged")
    except ConfigError:
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
