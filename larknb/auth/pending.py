"""What waits for an approval: a device login beside the token file, an app that is being made by a scan.

Each has a file for its owner alone, until it has ended.

Whoever starts again while its code lives, after a restart of the kernel say, takes it up, and the approval that is on
its way is not lost. Without the file it could not be taken up, no more: so a disk that refuses it is no error, what is
damaged counts as nothing, and what a newer larknb wrote is left alone, as is a file of somebody else.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, overload
from urllib.parse import urlsplit

from larknb import stored
from larknb.auth import ours
from larknb.auth.app import App
from larknb.auth.devicegrant import Device
from larknb.config.secrets import Secret
from larknb.errors import ConfigError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = ["Pending", "check", "forget", "keep", "pending_file", "take_up"]

T = TypeVar("T")

FORMAT = 1  # of the file; those before it had the same keys
_BEGINNINGS = ('{"format":', '{"open_base":')  # of this format and the one before it


@dataclass(frozen=True)
class Pending:
    """What the file holds: for which app and scopes a device login began, when, and its `Device`."""

    open_base: str
    app_id: str
    scope: str
    began_at: float
    device_code: str = field(repr=False)
    user_code: str
    url: str
    ends_at: float
    interval: float

    @classmethod
    def of(cls, app: App, scopes: Sequence[str], began_at: float, device: Device) -> Pending:
        """Return what is to be kept of a login that began."""
        return cls(
            open_base=app.open_base,
            app_id=app.app_id,
            scope=" ".join(scopes),
            began_at=began_at,
            device_code=str(device.device_code),
            user_code=device.user_code,
            url=device.url,
            ends_at=device.ends_at,
            interval=device.interval,
        )

    def is_for(self, app: App, scopes: Sequence[str]) -> bool:
        """Say whether it was begun for the same app and scopes, and leads to a page of the platform.

        The file may have come with somebody's repository: nobody is sent to a page of theirs.
        """
        hosts = [urlsplit(base).netloc for base in (app.accounts_base, app.open_base)]
        is_same = (self.open_base, self.app_id, self.scope) == (app.open_base, app.app_id, " ".join(scopes))
        return is_same and urlsplit(self.url).netloc in hosts and self.url.startswith(("https://", "http://"))

    @property
    def device(self) -> Device:
        """The page and the code that it shows."""
        return Device(Secret(self.device_code), self.user_code, self.url, self.ends_at, self.interval)


def pending_file(token_file: Path) -> Path:
    """Return where the login that waits is kept."""
    return token_file.with_name(token_file.name + ".device")


def check(path: Path, kind: type[Any] = Pending, *, own_place: bool = True) -> None:
    """Prove that what waits may be kept there; ConfigError if something of somebody else lies there.

    Parameters
    ----------
    kind : type
        What a file of ours holds there.
    own_place : bool
        The file has the name that larknb gives it: what is damaged there was ours.
    """
    content = ours.content_of(path)
    if content is None:
        return
    try:
        _read(path, kind)
    except stored.Newer:
        return  # ours as well
    except stored.Damaged:
        pass
    else:
        return
    if not (own_place and stored.is_left_of(content, *_BEGINNINGS)):
        raise ours.not_ours(path)


@overload
def take_up(path: Path) -> Pending | None: ...
@overload
def take_up(path: Path, kind: type[T]) -> T | None: ...
def take_up(path: Path, kind: type[Any] = Pending) -> Any:
    """Return what another process or an earlier cell began, where there is something."""
    try:
        check(path, kind)
        return _read(path, kind)
    except (ConfigError, stored.Damaged, OSError):
        return None


def keep(path: Path, pending: DataclassInstance) -> None:
    """Keep what began; nothing of an older one stays, for a code is a secret."""
    with suppress(ConfigError, OSError):
        forget(path, type(pending))
        check(path, type(pending))
        stored.write(path, pending, format=FORMAT, mode=0o600)


def forget(path: Path, kind: type[Any] = Pending) -> None:
    """Remove what waited: it has ended."""
    with suppress(ConfigError, OSError):
        check(path, kind)
        with suppress(stored.Damaged):
            _read(path, kind)  # Newer where a newer larknb wrote it
        path.unlink(missing_ok=True)


def _read(path: Path, kind: type[T]) -> T | None:
    return stored.read(path, kind, format=FORMAT, migrate={0: dict})
