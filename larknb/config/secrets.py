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
from typing import Literal, NoReturn

from larknb.config.addresses import BRANDS, is_trusted, parse_address
from larknb.env import APP_SECRET, CLI_APP_SECRET, NOTIFY_KEY, NOTIFY_URL
from larknb.errors import ConfigError
from larknb.files import read_plain
from larknb.messages import say

__all__ = [
    "NOTHING",
    "SECRET_VARIABLES",
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


NOTHING = Secret("")  # where there is none


@dataclass(frozen=True)
class Webhook:
    """The custom bot that notices go to: its address, which is a secret, and the key of its signature if it has one."""

    url: Secret
    key: Secret | None

    @property
    def secrets(self) -> list[str]:
        """What must be told to nobody: the address, its last part, which is the bot's token, and the key."""
        return [self.url, self.url.rpartition("/")[2], self.key or ""]


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


def _look(root: Path, file: Path) -> Mapping[str, str | None] | Literal["foreign"]:
    """Return what a file of secrets holds, nothing where it is missing or damaged, or that it is none of ours."""
    target, names = _target(file), _KEYS[file.name]
    inside = [os.path.realpath(folder) for folder in (root, file.parent)]  # work/ itself may be a link elsewhere
    if target != file and not any(target.is_relative_to(folder) for folder in inside):
        return "foreign"
    try:
        content = read_plain(target, LIMIT)
    except FileNotFoundError:
        return {}
    except OSError:
        return "foreign"
    try:
        kept = json.loads(content)
    except (ValueError, RecursionError):
        kept = None
    if isinstance(kept, dict) and kept.keys() == {*names} and all(isinstance(kept[name], str | None) for name in names):
        return kept
    from larknb.stored import is_left_of  # msgspec, which is seldom needed here, takes a while to import

    return {} if is_left_of(content, f'{{"{names[0]}":') else "foreign"


def _kept(root: Path, file: Path) -> Mapping[str, str | None]:
    found = _look(root, file)
    return {} if found == "foreign" else found


# --- what they and the variables hold --------------------------------------------------------------------------------


def find_secret(root: Path, app_id: str, env: Mapping[str, str]) -> Secret | None:
    """Return the secret that a variable holds, else the one that the file keeps for this app, None without either."""
    for variable in (APP_SECRET, CLI_APP_SECRET):
        if secret := env.get(variable, "").strip():
            return Secret(secret)
    kept = _kept(root, secret_file(root))
    is_of_app = app_id and kept.get("app_id") == app_id
    return Secret(kept.get("app_secret") or "") or None if is_of_app else None


def find_webhook(root: Path, env: Mapping[str, str]) -> Webhook | None:
    """Return the bot that the variables name, else the one in the file; ConfigError if its host is not trusted."""
    file = webhook_file(root)
    if url := env.get(NOTIFY_URL, "").strip():
        place, key = NOTIFY_URL, env.get(NOTIFY_KEY, "").strip()
    else:
        kept = _kept(root, file)
        place, url, key = str(file), kept.get("url") or "", kept.get("key") or ""
        if not url:
            return None
    address = parse_address(url)
    official = {bases["open_base"] for bases in BRANDS.values()}
    if address and address.path and (f"{address.scheme}://{address.site}" in official or is_trusted(address, env)):
        return Webhook(Secret(url), Secret(key) if key else None)
    raise ConfigError(say("config.webhook.what"), source=place, next=say("config.webhook.next"))  # never the value
