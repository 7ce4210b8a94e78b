"""The requests of a login: how they are sent, what is tried again, and what counts as success.

Secrets travel as `Secret`, whose repr is masked, and answers are masked while they are parsed: a traceback that shows
local variables shows none of them (`larknb.wire.outgoing`, `larknb.wire.apart`).
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import requests

from larknb.auth.app import App
from larknb.auth.masking import parse
from larknb.config.secrets import MaskedBytes, Secret
from larknb.errors import LarkError
from larknb.wire.apart import apart
from larknb.wire.outgoing import as_json
from larknb.wire.reply import Reply
from larknb.wire.retry import Retry, Sleep
from larknb.wire.session import new_session

__all__ = [
    "LONGEST_TOKEN",
    "ask",
    "call",
    "finite",
    "garbled",
    "is_sendable",
    "is_success",
    "patiently",
    "seconds",
    "text_in",
    "token_in",
    "unwrapped",
]

TRIES = 4  # requests in all: other processes wait for the one that refreshes, at most 30 s
LONGEST_RESET = 15.0  # seconds: a rate limit that asks for more is told to the user
USUAL_LIFETIME = 7200.0  # seconds, if an answer forgot expires_in; a token that dies sooner is renewed when refused
LONGEST = 31 * 86400.0  # seconds that an access token may live: what an answer says beyond is no lifetime
LONGEST_TOKEN = 8 * 1024  # characters: twice what the platform says to reserve
# What a refusal means that carries a word and no code, as those of token endpoint v3 may; of v2 the codes decide alone.
LOGIN_CODE = 20003  # what `invalid_grant` means of a code; of a refresh token it is 20026
WORDS = {
    "invalid_grant": 20026,
    "invalid_client": 20002,
    "invalid_scope": 20068,
    "server_error": 20050,
    "temporarily_unavailable": 20072,
    "unsupported_grant_type": 20036,
    "invalid_request": 20001,
}
_SENDABLE = re.compile(rf"[!-~]{{0,{LONGEST_TOKEN}}}")

log = logging.getLogger("larknb")


def call(
    app: App, api: str, sleep: Sleep, *, body: Mapping[str, str] | None = None, token: Secret | None = None
) -> Mapping[str, Any]:
    """Return a successful answer of the platform, unwrapped where its tokens are nested in ``data``.

    Parameters
    ----------
    api : str
        As in `App.url_of`.
    body : mapping, optional
        Posted as JSON; without it the call is a GET.
    token : Secret, optional
        Whose call it is.

    Raises
    ------
    LarkError
        The class says what a user can do about it.
    """
    headers = {"Content-Type": "application/json; charset=utf-8"}
    sent = [value for value in (body or {}).values() if isinstance(value, Secret)]
    if token is not None:
        headers["Authorization"] = Secret(f"Bearer {token}")
        sent.append(token)
    method = "GET" if body is None else "POST"
    url, data = app.url_of(api), None if body is None else as_json(body)
    words: Mapping[str, int] = WORDS if api.startswith("oauth/") else {}
    if words and body and "code" in body:
        words = {**WORDS, "invalid_grant": LOGIN_CODE}
    reply = patiently(lambda: ask(method, url, sent, data=data, headers=headers, words=words), sleep)
    if not is_success(reply):
        raise reply.error(url, api=api)
    return unwrapped(reply)


def patiently(ask: Callable[[], Reply], sleep: Sleep) -> Reply:
    """Return the first answer that is a success or cannot heal, or the last one."""
    retry, lost = Retry(TRIES, LONGEST_RESET), 0
    while True:
        reply = ask()
        lost += _is_lost(reply)
        can_heal = reply.remedy.heal in ("retry", "again")
        # A lost answer may have consumed the code or refresh token: a second try tells, a third tells nothing new.
        wait = retry.wait(reply.headers) if can_heal and lost < 2 else None
        if wait is None:
            return reply
        sleep(wait)


def ask(
    method: str, url: str, sent: Collection[Secret], *, data: MaskedBytes | None, headers: Mapping[str, str],
    words: Mapping[str, int] = MappingProxyType({}),
) -> Reply:  # fmt: skip
    """Ask once. A refusal repeats none of ``sent``; one without a code gets that of its word, if ``words`` have it."""

    def answer() -> Reply:
        with new_session(url) as session, session.request(method, url, data=data, headers=headers) as response:
            return Reply.of(response, parse)

    try:
        reply = apart(answer)
    except requests.RequestException as error:
        return Reply.lost(error)
    log.debug("%s: HTTP %s, log id %s", urlsplit(url).path, reply.status, reply.log_id)
    return reply if is_success(reply) else _with_code(reply, words).without(sent)


def _with_code(reply: Reply, words: Mapping[str, int]) -> Reply:
    """Return a refusal with a code: token endpoint v3 may send its word alone, or 0 beside it."""
    word = (reply.body or {}).get("error")
    if reply.body is None or reply.code or not isinstance(word, str) or word not in words:
        return reply
    return replace(reply, body={**reply.body, "code": words[word]})


def is_success(reply: Reply) -> bool:
    """Say whether an answer brings what was asked for; some shapes of the token endpoint have no code."""
    if not reply.body or reply.status >= 400:
        return False
    has_token, has_error = _has_token(unwrapped(reply)), bool(reply.body.get("error"))
    if reply.code == 0:
        return has_token or not has_error  # what came with tokens may be the only pair that works
    return reply.code is None and has_token and not has_error


def unwrapped(reply: Reply) -> Mapping[str, Any]:
    """Return where the tokens of an answer are: some shapes nest them in ``data``."""
    return reply.data if _has_token(reply.data) else reply.body or {}


def token_in(app: App, api: str, answer: Mapping[str, Any], name: str) -> Secret:
    """Return the token of a successful answer, which is none without it."""
    token = answer.get(name)
    if not isinstance(token, Secret) or not token:
        raise garbled(app, api)
    return token


def garbled(app: App, api: str) -> LarkError:
    """Return the error for a success that does not bring what was asked for."""
    return Reply(200).error(app.url_of(api), api=api)


def finite(value: Any) -> float | None:
    """Return the number that a value is or spells, None where it is none, or one that no date can be added to."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def seconds(value: Any, usual: float = USUAL_LIFETIME, longest: float = LONGEST) -> float:
    """Return a lifetime: at most the ``longest``, and the ``usual`` one where an answer has none that makes sense."""
    number = finite(value)
    return min(number, longest) if number and number > 0 else usual


def text_in(answer: Mapping[str, Any], name: str) -> str:
    """Return a text of an answer that can be written anywhere; empty where there is none."""
    value = answer.get(name)
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def is_sendable(token: str) -> bool:
    """Say whether a request can carry a token: printable ASCII, and not longer than any header."""
    return bool(_SENDABLE.fullmatch(token))


def _is_lost(reply: Reply) -> bool:
    """Say whether a request may have been worked on although its answer did not arrive."""
    return reply.status == 0 or (reply.body is None and reply.status < 300)


def _has_token(body: Mapping[str, Any]) -> bool:
    return bool(body.get("access_token"))
