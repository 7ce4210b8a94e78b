"""What login cards work with: the login of their workspace, the sign-ins that they share, and logins made elsewhere."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from larknb.auth.creation import AppCreation
from larknb.auth.device import DeviceLogin
from larknb.auth.flow import Login
from larknb.config.settings import Settings
from larknb.results.user import User

__all__ = ["KnownLogin", "WorkspaceLogin", "notes_of", "shared_sign_in"]

SPARE = 60.0  # seconds that a link must still be good for to be shown in another card


@dataclass(frozen=True)
class WorkspaceLogin:
    """The login of a workspace, as a card sees and changes it.

    Parameters
    ----------
    settings, scopes : callable
        Return the settings as they are now, and the scopes that the app should have.
    begin : callable
        Begins a sign-in that asks for the scopes that a person lacks, or for all of them without a person.
    present : callable
        Returns who is logged in.
    lacking : callable
        Returns the scopes that a person did not grant yet.
    can_create, is_creating : callable
        Say whether the folder has no app, so that one may be made by a scan, and whether one that was begun before is
        still waited for.
    create : callable
        Begins to make an app, or goes on with the one that was begun before.
    configure : callable
        Keeps App ID, secret and brand.
    logout : callable
        Ends the login, and returns what is to be told of that, if anything.
    force : bool
        Everybody signs in anew.
    key : str
        Says what is signed in to: cards with the same key share one sign-in and its port.
    """

    settings: Callable[[], Settings]
    scopes: Callable[[], tuple[str, ...]]
    begin: Callable[[User | None], Login | DeviceLogin]
    present: Callable[[], User | None]
    lacking: Callable[[User], tuple[str, ...]]
    can_create: Callable[[], bool]
    is_creating: Callable[[], bool]
    create: Callable[[], AppCreation]
    configure: Callable[[str, str, str], None]
    logout: Callable[[], str]
    force: bool
    key: str

    def is_set_up(self) -> bool:
        """Say whether App ID and secret are there."""
        settings = self.settings()
        return bool(settings.app_id and settings.app_secret)

    def user(self) -> User | None:
        """Return who is logged in; nobody where the app is not even set up."""
        return self.present() if self.is_set_up() else None


class KnownLogin:
    """Who is logged in, as far as a card knows; the token file tells when another notebook or a terminal changes it.

    Attributes
    ----------
    user : User or None
        Who was logged in when this was made.
    """

    def __init__(self, workspace: WorkspaceLogin) -> None:
        self._workspace = workspace
        self._file = workspace.settings().token_file
        self._stamp = self._file_stamp()  # before the look at who is in: a login between the two is noticed later
        self.user = workspace.user()

    def new_one(self) -> User | None:
        """Return who was signed in elsewhere since the last look; None if nobody was."""
        if (stamp := self._file_stamp()) == self._stamp:
            return None
        found, known = self._workspace.user(), self.user
        if found is not None and not found.open_id:
            return None  # the platform is still asked who it is
        self._stamp = stamp
        # A renewal changes the file as well; the day at which the consent ends tells a new login from it.
        is_new = found is not None and (known is None or found.consent_ends_at != known.consent_ends_at)
        return found if is_new else None

    def forget(self) -> None:
        """Know that nobody is logged in any more."""
        self.user = None

    def _file_stamp(self) -> int | None:
        try:
            return self._file.stat().st_mtime_ns
        except OSError:
            return None


_begun: dict[str, Login | DeviceLogin] = {}
_beginning: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


def shared_sign_in(workspace: WorkspaceLogin, user: User | None) -> Login | DeviceLogin:
    """Return the sign-in that another card of this kernel waits for, or a new one: there are few ports."""
    with _beginning[workspace.key]:
        sign_in = _begun.get(workspace.key)
        if sign_in is None or not sign_in.is_open or sign_in.clock() >= sign_in.ends_at - SPARE:
            sign_in = _begun[workspace.key] = workspace.begin(user)
        return sign_in


def notes_of(sign_in: Login | DeviceLogin) -> list[str]:
    """Return what a person who is in should know, also what nobody could grant."""
    return [note for note in (*sign_in.notes(), sign_in.shortfall()) if note]
