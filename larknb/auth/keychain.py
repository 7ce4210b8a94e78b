"""The system's keychain as a place for the two tokens, in pieces that every system accepts.

What is written once is never overwritten: the next pair goes under the next name, then the file that names it is
replaced, then the old entries go. The next name follows from the present one: if a process is killed between keychain
and file, the file still leads to the newer pair, the only one that works.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from types import ModuleType
from typing import TypedDict

from larknb.auth.masking import parse
from larknb.config.secrets import NOTHING, Secret
from larknb.errors import ConfigError
from larknb.messages import say

__all__ = ["Pair", "check", "delete", "first_name", "next_name", "read", "write"]

DIGITS = 3  # that the number of pieces has at most
PIECE = 1000  # characters: Windows keeps about 1,280 in one entry, and two tokens are up to 8 KB


class Pair(TypedDict):
    """The two tokens of a login, by their names in `Token`."""

    access_token: Secret
    refresh_token: Secret


def first_name() -> str:
    """Return the name for the first pair of a login."""
    return secrets.token_hex(16)


def next_name(name: str) -> str:
    """Return the name for the pair that follows another one."""
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def check() -> None:
    """Prove that a pair can be kept; ConfigError if it cannot."""
    name = first_name()
    write(name, NOTHING, NOTHING)
    delete(name)


def write(name: str, access_token: Secret, refresh_token: Secret) -> None:
    """Keep a pair under a name. A pair that was written halfway is not there."""
    text = Secret(json.dumps({"access_token": access_token, "refresh_token": refresh_token}))
    pieces = [Secret(text[start : start + PIECE]) for start in range(0, len(text), PIECE)]
    pieces[0] = Secret(f"{len(pieces)} {pieces[0]}")  # comes last: it says how many there are
    for number in reversed(range(len(pieces))):
        _ask("set_password", _entry(name, number), name, pieces[number])


def read(name: str) -> Pair | None:
    """Return the pair of that name, or None where there is none, or only a part of one."""
    count, start = _head(name)
    pieces = [start, *(_ask("get_password", _entry(name, number), name) for number in range(1, count))]
    found = (None if None in pieces else parse("".join(filter(None, pieces)).encode("utf-8", "replace"))) or {}
    access_token, refresh_token = found.get("access_token"), found.get("refresh_token")
    if not isinstance(access_token, Secret) or not isinstance(refresh_token, Secret):
        return None
    return Pair(access_token=access_token, refresh_token=refresh_token)


def delete(name: str) -> None:
    """Remove the pair of that name, where there is one."""
    count, _ = _head(name)
    for number in reversed(range(count)):
        _ask("delete_password", _entry(name, number), name)


def _entry(name: str, number: int) -> str:
    return f"larknb {name} {number}"  # one service per entry: Windows moves things about where two share one


def _head(name: str) -> tuple[int, Secret]:
    """Return how many pieces a pair has, and the first of them; none where that was damaged."""
    count, _, start = (_ask("get_password", _entry(name, 0), name) or "0 ").partition(" ")
    is_count = count.isascii() and count.isdigit() and len(count) <= DIGITS
    return (int(count), Secret(start)) if is_count else (0, NOTHING)


def _ask(verb: str, *words: str) -> Secret | None:
    keyring = _keyring()
    try:
        answer = getattr(keyring, verb)(*words)
    except Exception as error:  # noqa: BLE001  each system raises its own
        reason, answer = type(error).__name__, None
    else:
        reason = ""
    if reason:  # only now: the frames of keyring hold the tokens
        what = say("login.keychain.refused.what", reason=reason)
        raise ConfigError(what, next=say("login.keychain.refused.next"))
    return None if answer is None else Secret(answer)


def _keyring() -> ModuleType:
    try:
        import keyring
        from keyring.backends import fail, null
    except ImportError:
        keyring = None  # type: ignore[assignment]
    if keyring is None or isinstance(keyring.get_keyring(), (fail.Keyring, null.Keyring)):
        raise ConfigError(say("login.keychain.none.what"), next=say("login.keychain.none.next"))
    return keyring
