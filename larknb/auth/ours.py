"""Which files are ours: what a `TokenFile` may read further, move, replace and delete, and what it leaves alone.

The path of a login may come from a larknb.toml that came with somebody's repository, so it may name any file at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Literal

from larknb.auth.masking import is_deep, parse
from larknb.auth.token import Token
from larknb.config.secrets import MaskedBytes
from larknb.errors import ConfigError
from larknb.files import NotPlain, is_plain, read_plain
from larknb.messages import say
from larknb.stored import is_left_of

__all__ = ["FOUR_KEYS", "LIMIT", "Kind", "content_of", "kind_of", "not_ours", "not_plain"]

FOUR_KEYS = ("access_token", "expires_at", "refresh_token", "last_refresh")  # what each login of ours has
LIMIT = 1_000_000  # bytes: a login is a few thousand
_BEGINNING = '{"access_token":'  # what ours begins with, blanks aside
_TOKEN = b'"eyJ'  # one of our tokens alone
# What keys of another tool's login are called. Ours has some of them, too, but is bound to host and app then.
_TRACES = ("token", "secret", "password", "key", "client", "account", "issuer", "uri", "url", "endpoint", "domain",
           "host", "email", "audience", "provider", "auth", "credential", "session", "profile", "region")  # fmt: skip
# Our own keys, and those that an old script may have copied from the platform's answer.
_KNOWN = {*(key.name for key in fields(Token)), "token_type", "refresh_token_expires_in", "refresh_expires_in"}

Kind = Literal["ours", "damaged", "foreign"]


def content_of(path: Path) -> MaskedBytes | None:
    """Return what a file holds, None where there is none; it never waits, and never follows a link.

    Raises
    ------
    ConfigError
        It is no plain file, or larger than a login can be.
    OSError
        The disk refuses.
    """
    try:
        return MaskedBytes(read_plain(path, LIMIT))
    except FileNotFoundError:
        return None
    except NotPlain:
        raise (not_ours(path) if is_plain(path) else not_plain(path)) from None


def kind_of(content: bytes) -> Kind:
    """Say whether a content is a login of ours, what may be left of one, or something else.

    Ours is a JSON object with the four keys, that is bound to host and app or has no key of another tool besides. What
    may be left of one holds nothing, or begins as ours and is cut.
    """
    if is_deep(content):
        return "foreign"
    document = parse(content)
    if document is None:
        return "damaged" if _may_be_left_of_ours(content) else "foreign"
    if not document.keys() >= {*FOUR_KEYS}:
        return "foreign"
    is_bound = all(isinstance(document.get(name), str) and document[name] for name in ("open_base", "app_id"))
    if not is_bound and not _is_plain(document):
        return "foreign"
    return "ours" if _holds_a_login(document) else "damaged"


def not_ours(path: Path) -> ConfigError:
    """Return the error for a file that is none of ours."""
    return ConfigError(say("login.not_ours.what", path=path), next=say("login.not_ours.next"))


def not_plain(path: Path) -> ConfigError:
    """Return the error for a folder, a pipe or a device."""
    return ConfigError(say("login.not_plain.what", path=path), next=say("login.not_ours.next"))


def _is_plain(document: Mapping[str, Any]) -> bool:
    """Say whether an object that is bound to nothing may be what an old script wrote: no key tells of another tool."""
    others = [name.lower() for name in document if name not in _KNOWN]
    tells = any(trace in name for name in others for trace in _TRACES)
    return not tells and not any(isinstance(document[name], (dict, list)) for name in ("access_token", "refresh_token"))


def _holds_a_login(document: Mapping[str, Any]) -> bool:
    """Say whether both tokens are texts (or null), and one of them, or the keychain, holds something."""
    pair = [document[name] for name in ("access_token", "refresh_token")]
    if not all(token is None or isinstance(token, str) for token in pair):
        return False
    return any(pair) or bool(document.get("keychain"))


def _may_be_left_of_ours(content: bytes) -> bool:
    return is_left_of(content, _BEGINNING) or content.lstrip().startswith(_TOKEN)
