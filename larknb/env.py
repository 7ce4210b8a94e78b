"""Every environment variable of larknb: each name stands here, and nowhere else in the code."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

__all__ = [
    "APP_ID",
    "APP_SECRET",
    "CACHE_DIR",
    "CLI_APP_ID",
    "CLI_APP_SECRET",
    "COMPLETE",
    "DEBUG",
    "HEADLESS",
    "HOME",
    "INTERVAL",
    "LANG",
    "MACHINE",
    "NOTEBOOK",
    "NOTIFY_KEY",
    "NOTIFY_URL",
    "PREFIXES",
    "PUBLISH_TARGET",
    "RUN",
    "TOKEN_ENDPOINT",
    "TOKEN_PATH",
    "TRUSTED_HOSTS",
    "Environment",
    "variable_for",
]

PREFIXES = ("LARKNB_", "LARKSUITE_CLI_")  # what every name begins with: ours, and lark-cli's

# What a person may set.
HOME = "LARKNB_HOME"  # the workspace folder, instead of the nearest one upwards
LANG = "LARKNB_LANG"  # the language of every text, zh or en, instead of the machine's
APP_ID = "LARKNB_APP_ID"  # goes before app_id of [app]
APP_SECRET = "LARKNB_APP_SECRET"  # noqa: S105  the secret of the app, which no larknb.toml holds
TOKEN_PATH = "LARKNB_TOKEN_FILE"  # noqa: S105  goes before token_file of [app], and may lie outside the workspace
TOKEN_ENDPOINT = "LARKNB_TOKEN_ENDPOINT"  # noqa: S105  goes before token_endpoint of [app]
CACHE_DIR = "LARKNB_CACHE_DIR"  # goes before dir of [cache], and may lie outside the workspace
PUBLISH_TARGET = "LARKNB_PUBLISH_TARGET"  # goes before target of [publish]
TRUSTED_HOSTS = "LARKNB_TRUSTED_HOSTS"  # hosts that secrets and logins may be sent to beside the brand's, by commas
NOTIFY_URL = "LARKNB_NOTIFY_URL"  # the address of the bot that notices go to, a secret
NOTIFY_KEY = "LARKNB_NOTIFY_KEY"  # the key that signs these notices, a secret
DEBUG = "LARKNB_DEBUG"  # 1 shows the traceback of an error beside its message

# What lark-cli calls the same; they count where ours are not set.
CLI_APP_ID = "LARKSUITE_CLI_APP_ID"
CLI_APP_SECRET = "LARKSUITE_CLI_APP_SECRET"  # noqa: S105  the name of a variable

# What the scripts of `larknb completion` set.
COMPLETE = "LARKNB_COMPLETE"  # the shell that asks what may stand where its cursor is

# What larknb sets for the notebooks that it runs.
HEADLESS = "LARKNB_HEADLESS"  # nobody will ever answer a prompt
INTERVAL = "LARKNB_INTERVAL"  # seconds since the last run: a schedule tells its kernel, so that every tick looks
NOTEBOOK = "LARKNB_NOTEBOOK"  # the name of the notebook that a headless run executes
RUN = "LARKNB_RUN"  # the marks of the runs that a process belongs to: a notebook may run another one


def variable_for(key: str) -> str:
    """Return the variable that goes before a key of larknb.toml, where no other is named above."""
    return PREFIXES[0] + key.upper()


class Environment(Mapping[str, str]):
    """Variables whose repr shows none of them: some are secrets, and a traceback may show local variables."""

    __slots__ = ("_variables",)

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def __getitem__(self, name: str) -> str:
        return self._variables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)


MACHINE = Environment(os.environ)  # those of this process, as they are at each look
