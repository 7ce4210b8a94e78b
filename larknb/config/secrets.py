"""Secrets of a workspace: from the environment, or from files under ``work/`` that only their owner reads.

A file is one of ours if it holds what we write and nothing else. What lies there and is none of ours keeps nobody from
opening cached data; whoever needs or saves a secret is told, and it is left alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NoReturn

from larknb.config.addresses import BRANDS, is_trusted, parse_address
from larknb.env import APP_SECRET, CLI_APP_SECRET, NOTIFY_KEY, NOTIFY_URL
from larknb.errors import ConfigError
from larknb.files import read_plain
from larknb.messages import say

__all__ = [
    "NOTHING",
    "SECRET_VARIABLES",
    "MaskedBytes",
    "Secret",
    "Webhook",
    "check_ours",
    "find_secret",
    "find_webhook",
    "secret_file",
    "webhook_file",
]

LIMIT = 100_000  # bytes: ours have a few hundred
_KEYS = {"app_secret.json": ("app_id", "app_secret"), "notify.json": ("url", "key")}  # of the files, in their order

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


# --- their files -----------------------------------------------------------------------------------------------------


def secret_file(root: Path) -> Path:
    """Return the file that keeps the secret of the app."""
    return root / "work" / "app_secret.json"


def webhook_file(root: Path) -> Path:
    """Return the file that keeps the address of the bot and its key."""
    return root / "work" / "notify.json"


def check_ours(root: Path, file: Path) -> Path:
    """Return where a file of secrets lies, its link followed; ConfigError if something of somebody else lies there."""
    if _look(root, file) == "foreign":
        raise ConfigError(say("config.secret_file.what", path=file), next=say("config.secret_file.next"))
    return _target(file)


def _target(file: Path) -> Path:
    return Path(os.path.realpath(file)) if file.is_symlink() else file


def _look(root: Path, file: Path) -> Mapping[str, Secret | None] | Literal["foreign"]:
    """Return what a file of secrets holds, nothing where it is missing or damaged, or that it is none of ours."""
    target, names = _target(file), _KEYS[file.name]
    inside = [os.path.realpath(folder) for folder in (root, file.parent)]  # work/ itself may be a link elsewhere
    if target != file and not any(target.is_relative_to(folder) for folder in inside):
        return "foreign"
    try:
        content = MaskedBytes(read_plain(target, LIMIT))
    except FileNotFoundError:
        return {}
    except OSError:
        return "foreign"
    kept: Any
    try:
        kept = json.loads(content, object_hook=_masked)
    except (ValueError, RecursionError):
        kept = None
    is_ours = isinstance(kept, dict) and kept.keys() == {*names}
    if is_ours and all(isinstance(kept[name], Secret | None) for name in names):
        return {name: kept[name] for name in names}
    from larknb.stored import is_left_of  # msgspec, which is seldom needed here, takes a while to import

    return {} if is_left_of(content, f'{{"{names[0]}":') else "foreign"


def _kept(root: Path, file: Path) -> Mapping[str, Secret | None]:
    found = _look(root, file)
    return {} if found == "foreign" else found


# --- what they and the variables hold --------------------------------------------------------------------------------


def find_secret(root: Path, app_id: str, env: Mapping[str, str]) -> Secret | None:
    """Return the secret that a variable holds, else the one that the file keeps for this app, None without either."""
    for variable in (APP_SECRET, CLI_APP_SECRET):
        if secret := _variable(variable, env):
            return secret
    kept = _kept(root, secret_file(root))
    return kept.get("app_secret") or None if app_id and kept.get("app_id") == app_id else None


def find_webhook(root: Path, env: Mapping[str, str]) -> Webhook | None:
    """Return the bot that the variables name, else the one in the file; ConfigError if its host is not trusted."""
    file = webhook_file(root)
    if url := _variable(NOTIFY_URL, env):
        place, key = NOTIFY_URL, _variable(NOTIFY_KEY, env)
    else:
        kept = _kept(root, file)
        place, url, key = str(file), kept.get("url") or NOTHING, kept.get("key") or NOTHING
        if not url:
            return None
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


def _masked(fields: Mapping[str, object]) -> Mapping[str, object]:
    """Return an object of a file with its texts masked, as it is parsed."""
    return {name: Secret(value) if isinstance(value, str) else value for name, value in fields.items()}
