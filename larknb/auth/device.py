"""The device door: a code and a link for any browser, no redirect URL; good where the kernel is far away."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence

from larknb.auth import pending
from larknb.auth.app import App
from larknb.auth.devicegrant import Device, poll_device, start_device
from larknb.auth.flow import SignIn
from larknb.auth.grant import Grant
from larknb.auth.pending import Pending, pending_file
from larknb.auth.store import TokenStore
from larknb.errors import ApiError, Busy, ConfigError, LoginRequired
from larknb.messages import say
from larknb.model import Source
from larknb.results.user import User
from larknb.wire.retry import Clock, Sleep

__all__ = ["DeviceLogin"]

SLOWER = 5.0  # seconds more between two questions, when told to slow down
SLOWEST = 60.0  # seconds between two questions

log = logging.getLogger("larknb")


class _NotYet(Exception):  # noqa: N818  an answer, and no error
    """Nobody has decided yet; the next question comes so many seconds ``slower``."""

    def __init__(self, slower: float) -> None:
        super().__init__()
        self.slower = slower


class DeviceLogin(SignIn):
    """A sign-in by device code; it asks again and again until the person decided, or the code ended.

    Parameters
    ----------
    pause : callable, optional
        Waits so many seconds and says whether the sign-in was closed meanwhile.

    Attributes
    ----------
    device : Device
        The page (its ``url``) and the code that it shows.
    """

    def __init__(
        self,
        app: App,
        store: TokenStore,
        scopes: Sequence[str],
        *,
        sources: Sequence[Source] = (),
        not_enabled: Mapping[str, Sequence[str]] | None = None,
        clock: Clock = time.time,
        sleep: Sleep = time.sleep,
        pause: Callable[[float], bool] | None = None,
    ) -> None:
        super().__init__(app, store, scopes, sources=sources, not_enabled=not_enabled, clock=clock, sleep=sleep)
        self._pause = pause or self._closed.wait
        self._file = pending_file(store.path)
        self._began_at = clock()
        self.device = self._taken_up() or self._started()
        self.url, self.ends_at = self.device.url, self.device.ends_at
        self._begin()

    def _started(self) -> Device:
        with self.store.lock():
            self.store.check_writable()  # the grant that is coming works once
        device = start_device(self.app, self.scopes, clock=self.clock, sleep=self.sleep)
        pending.keep(self._file, Pending.of(self.app, self.scopes, self._began_at, device))
        return device

    def _taken_up(self) -> Device | None:
        """Return the login that another process or an earlier cell began for the same app and scopes."""
        found = pending.take_up(self._file)
        if found is None or not found.is_for(self.app, self.scopes) or self.clock() >= found.ends_at:
            return None
        self._began_at = found.began_at
        return found.device

    def _attend(self) -> None:
        is_over = True
        try:
            self._user = self._answered()
            is_over = self._user is not None
        except (Busy, ConfigError):
            is_over = False  # nobody was asked, or nothing could be kept
            raise
        finally:
            if is_over:  # else somebody may take it up again
                pending.forget(self._file)

    def _answered(self) -> User | None:
        interval = self.device.interval
        while not self._pause(interval):
            if self.clock() >= self.device.ends_at:
                raise LoginRequired(say("login.device.late.what"), next=say("login.denied.next"))
            try:
                return self._keep(self._asked)
            except _NotYet as answer:
                interval = min(SLOWEST, interval + answer.slower)
            except ApiError as error:
                log.info("%s", error)
                interval = min(SLOWEST, interval + 1)
            except LoginRequired:
                if user := self._signed_in_meanwhile():
                    return user
                raise
        return None

    def _asked(self) -> Grant:
        """Return the grant, for which there is room by now; the answer that brings it is the only one."""
        answer = poll_device(self.app, self.device.device_code, clock=self.clock)
        if not isinstance(answer, Grant):
            raise _NotYet(SLOWER if answer == "slow_down" else 0.0)
        self.is_coming = True
        return answer

    def _signed_in_meanwhile(self) -> User | None:
        """Return the person that another process, which asked with the same code, signed in."""
        try:
            token = self.store.load()
        except LoginRequired:
            return None
        is_newer = token.granted_at is not None and token.granted_at >= int(self._began_at)
        return token.user(self.app) if is_newer else None
