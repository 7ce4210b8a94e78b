"""Secrets of a workspace: from the environment, or from files under ``work/`` that only their owner reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from larknb.config.addresses import BRANDS, is_trusted, parse_address
from larknb.env import APP_SECRET, CLI_APP_SECRET, NOTIFY_KEY, NOTIFY_URL
from larknb.errors import ConfigError
from larknb.messages import say

__all__ = [
    "NOTHING",
    "SECRET_VARIABLES",
    "MaskedBytes",
    "Secret",
    "Webhook",
    "find_secret",
    "find_webhook",
    "secret_file",
    "webhook_file",
]

SECRET_VARIABLES = (APP_SECRET, CLI_APP_SECRET, NOTIFY_URL, NOTIFY_KEY)


class Secret(str):
    """A secret that works as the str it is, but shows itself masked and cannot be pickled or copied by accident."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret(****)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret cannot be pickled or copied")


class MaskedBytes(bytes):
    """Bytes that hold secrets: a traceback that shows them shows nothing."""

    def __repr__(self) -> str:
        return "MaskedBytes(****)"


NOTHING = Secret("")  # where there is none


@dataclass(frozen=True)
class Webhook:
    """The custom bot that notices go to: its address, which is a secret, and the key of its signature if it has one."""

    url: Secret
    key: Secret | None

    @property
    def secrets(self) -> list[Secret]:
        """What must be told to nobody: the address, its last part, which is the bot's token, and the key."""
        return [self.url, Secret(self.url.rpartition("/")[2]), self.key or NOTHING]


def secret_file(root: Path) -> Path:
    """Return the file that keeps the secret of the app."""
    return root / "work" / "app_secret.json"


def find_secret(root: Path, app_id: str, env: Mapping[str, str]) -> Secret | None:
    """Return the secret that a variable holds, else the one that the file keeps for this app, None without either."""
    for variable in (APP_SECRET, CLI_APP_SECRET):
        if secret := _variable(variable, env):
            return secret
    try:
        kept = _kept(secret_file(root))
        return kept["app_secret"] if app_id and kept["app_id"] == app_id else None
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None  # missing, damaged or another person's: cached data must open all the same


def webhook_file(root: Path) -> Path:
    """Return the file that keeps the address of the bot and its key."""
    return root / "work" / "notify.json"


def find_webhook(root: Path, env: Mapping[str, str]) -> Webhook | None:
    """Return the bot that the variables name, else the one in the file; ConfigError if its host is not trusted."""
    file = webhook_file(root)
    if url := _variable(NOTIFY_URL, env):
        place, key = NOTIFY_URL, _variable(NOTIFY_KEY, env)
    else:
        try:
            kept = _kept(file)
            place, url, key = str(file), kept["url"] or NOTHING, kept["key"] or NOTHING
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None  # missing, damaged or another person's
    if _is_bot(url, env):
        return Webhook(url, key or None)
    raise ConfigError(say("config.webhook.what"), source=place, next=say("config.webhook.next"))  # never the value


def _is_bot(url: Secret, env: Mapping[str, str]) -> bool:
    address = parse_address(url)
    official = {bases["open_base"] for bases in BRANDS.values()}
    return (
        address is not None
        and bool(address.path)
        and (f"{address.scheme}://{address.site}" in official or is_trusted(address, env))
    )


def _variable(name: str, env: Mapping[str, str]) -> Secret:
    return Secret(env.get(name, "").strip())


def _kept(file: Path) -> Mapping[str, Secret | None]:
    """Return the texts that a file of ours keeps, each masked as it is parsed."""
    kept: Mapping[str, Secret | None] = json.loads(MaskedBytes(file.read_bytes()), object_hook=_masked)
    return kept


def _masked(fields: Mapping[str, object]) -> Mapping[str, Secret | None]:
    return {name: None if value is None else Secret(value) for name, value in fields.items()}
