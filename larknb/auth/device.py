"""The device door: a code and a link for any browser, no redirect URL; good where the kernel is far away.

The login that waits is kept beside the token file, for its owner alone, until it has ended: whoever starts again while
the code lives, after a restart of the kernel say, takes it up, and the approval that is on its way is not lost.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from larknb.auth.app import App
from larknb.auth.devicegrant import Device, poll_device, start_device
from larknb.auth.flow import SignIn
from larknb.auth.grant import Grant
from larknb.auth.store import TokenStore
from larknb.config.secrets import Secret
from larknb.errors import ApiError, LoginRequired
from larknb.files import write_atomically
from larknb.messages import say
from larknb.model import Source
from larknb.results.user import User
from larknb.wire.retry import Clock, Sleep

__all__ = ["DeviceLogin"]

SLOWER = 5.0  # seconds more between two questions, when told to slow down
SLOWEST = 60.0  # seconds between two questions

log = logging.getLogger("larknb")


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
        fields = {**self._bond(), "began_at": self._began_at, **vars(device)}
        with suppress(OSError):  # it could then not be taken up, no more
            write_atomically(self._file, json.dumps(fields).encode(), mode=0o600)
        return device

    def _taken_up(self) -> Device | None:
        """Return the login that another process or an earlier cell began for the same app and scopes."""
        try:
            fields = json.loads(self._file.read_bytes())
            if {name: fields.pop(name) for name in self._bond()} != self._bond():
                return None
            began_at = float(fields.pop("began_at"))
            device = Device(**{**fields, "device_code": Secret(fields["device_code"])})
        except (OSError, ValueError, TypeError, LookupError, AttributeError):
            return None
        if self.clock() >= device.ends_at:
            return None
        self._began_at = began_at
        return device

    def _bond(self) -> dict[str, str]:
        return {"open_base": self.app.open_base, "app_id": self.app.app_id, "scope": " ".join(self.scopes)}

    def _attend(self) -> None:
        was_closed = False
        try:
            self._user = self._answered()
            was_closed = self._user is None
        finally:
            if not was_closed:  # else somebody may take it up again
                with suppress(OSError):
                    self._file.unlink(missing_ok=True)

    def _answered(self) -> User | None:
        interval = self.device.interval
        while not self._pause(interval):
            if self.clock() >= self.device.ends_at:
                raise LoginRequired(say("login.device.late.what"), next=say("login.denied.next"))
            try:
                answer = poll_device(self.app, self.device.device_code, clock=self.clock)
            except ApiError as error:
                log.info("%s", error)
                interval = min(SLOWEST, interval + 1)
                continue
            except LoginRequired:
                if user := self._signed_in_meanwhile():
                    return user
                raise
            if isinstance(answer, Grant):
                return self._kept(answer)
            if answer == "slow_down":
                interval = min(SLOWEST, interval + SLOWER)
        return None

    def _kept(self, grant: Grant) -> User:
        return self._keep(lambda: grant)

    def _signed_in_meanwhile(self) -> User | None:
        """Return the person that another process, which asked with the same code, signed in."""
        try:
            token = self.store.load()
        except LoginRequired:
            return None
        is_newer = token.granted_at is not None and token.granted_at >= int(self._began_at)
        return token.user(self.app) if is_newer else None


def pending_file(token_file: Path) -> Path:
    """Return where the login that waits is kept."""
    return token_file.with_name(token_file.name + ".device")
