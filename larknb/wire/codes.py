"""What an error code of the platform means, and what heals it: the contract's table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from larknb.errors import (
    AccessDenied,
    ApiError,
    Asker,
    BudgetSpent,
    ConfigError,
    LarkError,
    LoginRequired,
    NotFound,
)
from larknb.messages import say

__all__ = ["TROUBLES", "BadAnswer", "Heal", "Remedy", "Trouble", "code_of", "from_answer", "from_failure", "remedy"]

Heal = Literal["renew", "retry", "again", "shrink", "fields", "stop"]
Trouble = Literal[
    "network", "garbled", "odd", "empty", "pages", "endless", "oversized", "slow", "undecodable", "redirects",
    "certificate", "tls", "bundle", "socks", "proxy_address", "proxy_login", "proxy_refusal", "header", "address",
]  # fmt: skip


class BadAnswer(ApiError):  # noqa: N818  as all of `larknb.errors`
    """The platform answered, and the answer cannot be used: it is odd, too large, or has no end."""


@dataclass(frozen=True)
class Remedy:
    """What the contract says of one error code.

    ``heal`` is what the program does: ``renew`` the token once and ask again, ``retry`` after a while, ask ``again``
    once and no more, ``shrink`` the page, list the ``fields`` again, or ``stop``. ``text`` names the two messages of
    the catalogue: cause and next step.
    """

    error: type[LarkError]
    heal: Heal
    text: str


GROUPS: tuple[tuple[Remedy, str], ...] = (
    (
        Remedy(LoginRequired, "renew", "token"),
        "99991677 99991668 99991663 99991664 99991665 99991671 20005 20006 20013 20014 4001"
        " 1069701 1061005 91404 2890004",
    ),
    (Remedy(LoginRequired, "stop", "session"), "99991669 99991641-99991645"),
    (Remedy(LoginRequired, "stop", "login_code"), "20003 20004 20065 20049"),
    (Remedy(LoginRequired, "stop", "refresh_dead"), "20026 20037"),
    (Remedy(LoginRequired, "stop", "refresh_used"), "20064 20073"),
    (Remedy(LoginRequired, "stop", "user_gone"), "20008 20066 20021 20022 20023 131004"),
    (Remedy(LoginRequired, "stop", "other_app"), "20024"),
    (Remedy(LoginRequired, "stop", "scope_user"), "99991679 99991676"),
    (Remedy(AccessDenied, "stop", "scope_app"), "99991672 1061073"),
    (Remedy(AccessDenied, "stop", "user_outside"), "20010"),
    (Remedy(AccessDenied, "stop", "app_off"), "99991662 99991673 10014 11207 11210 20009 20069"),
    (Remedy(AccessDenied, "stop", "ip"), "99991401"),
    (Remedy(AccessDenied, "stop", "policy"), "21000 21001"),
    (
        Remedy(AccessDenied, "stop", "forbidden"),
        "91403 91204 1254302 1254303 1254304 1254306 90213 1310213 1770032 131006 2889902 1069902 970003 1061004"
        " 1064510 1064511 2890005",
    ),
    (Remedy(ConfigError, "stop", "app_wrong"), "20002 20048 99991543 10015"),
    (Remedy(ConfigError, "stop", "redirect"), "20071"),
    (Remedy(ConfigError, "stop", "refresh_off"), "20074"),
    (
        Remedy(ConfigError, "stop", "setting"),
        "1254003-1254009 1254016 1254018 1254100-1254109 1254130 1254301 970002",
    ),
    (Remedy(ConfigError, "fields", "field"), "1254024 1254045"),
    (
        Remedy(NotFound, "stop", "missing"),
        "91402 91203 1254040-1254044 90214 90215 90206 90211 1310206 1310211 1310214 1310215 1770002 131005 2889914"
        " 1069914 1061003 970005",
    ),
    (Remedy(NotFound, "stop", "deleted"), "91205 1002 1310249 1770003 2889906 1061007 1069906"),
    (Remedy(BudgetSpent, "stop", "quota"), "99991403"),
    (
        Remedy(ApiError, "retry", "rate"),
        "99991400 1254290 1254112 90217 1310217 1000004 1000005 1069923 1061045 2890006 2200",
    ),
    (
        Remedy(ApiError, "retry", "busy"),
        "1254002 1254036 1254291 1254607 1255040 600 90228 90235 90242 1310235 1310242 1770020 2889980",
    ),
    (
        Remedy(ApiError, "retry", "server"),
        "1255001-1255005 1500 1503 1642 1663 1668 5000 90203 91201 10101 10105 1315201 1315203 1315210 1771001-1771005"
        " 2889901 2889905 1069901 1069704 1061001 131001 20050 20072",
    ),
    (Remedy(ApiError, "stop", "server"), "131007"),
    (
        Remedy(ApiError, "shrink", "large"),
        "1254030 90221 1310221 90222 90226 1310226 90227 90219 1770033 2889925",
    ),
    (
        Remedy(ApiError, "stop", "bug"),
        "20001 20063 20036 20067 20068 20070 99991661 99991201 99991301 99992402 9499 10003 4000 1254000 1254001"
        " 1254010 1254011 1254014 1254060-1254069 1254072 90201 90202 90204 90212 90216 90218 90229 1310202 1310204"
        " 1310218 1310229 1310251 1770001 1770004-1770019 1770021 1770022 1770024-1770031 1770034-1770041 131002"
        " 1060001 1061002 1064001 1069904 1069918 2889904 2890001-2890003",
    ),
)


def numbers_of(text: str) -> list[int]:
    """Return the codes of a text such as ``"20002 1254040-1254044"``."""
    spans = (item.partition("-") for item in text.split())
    return [n for low, _, high in spans for n in range(int(low), int(high or low) + 1)]


_REMEDIES = {code: remedy for remedy, codes in GROUPS for code in numbers_of(codes)}
_UNKNOWN = Remedy(ApiError, "stop", "unknown")


def code_of(body: Mapping[str, Any]) -> int | None:
    """Return the ``code`` of an answer as a number (one page types it as a string), or None where there is none."""
    code = body.get("code")
    if isinstance(code, str) and re.fullmatch(r"-?[0-9]{1,18}", code):
        return int(code)
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def remedy(code: int | None, status: int = 200, msg: str = "") -> Remedy:
    """Return the contract's remedy for an answer: by ``code`` where the body had one, else by the HTTP ``status``."""
    if code in (99991668, 99991663) and "not support" in msg.lower():
        return Remedy(ApiError, "renew", "unsupported")  # the one code whose meaning only the message tells
    if code and code in _REMEDIES:
        return _REMEDIES[code]
    if status == 429:
        return Remedy(ApiError, "retry", "rate")
    if status >= 500:
        return Remedy(ApiError, "retry", "server")
    if code:
        return _UNKNOWN
    by_status = {401: (LoginRequired, "token"), 403: (AccessDenied, "forbidden"), 404: (NotFound, "missing")}
    error, text = by_status.get(status, (ApiError, "unknown"))
    return Remedy(error, "stop", text)


# What a remedy means to the app itself, which has no login to renew, grants nothing, and can be given a document.
OF_APP: dict[str, tuple[type[LarkError], str]] = {
    "token": (ConfigError, "token_app"),
    "session": (ConfigError, "token_app"),
    "scope_user": (AccessDenied, "scope_app"),
    "forbidden": (AccessDenied, "forbidden_app"),
}


def from_answer(
    status: int,
    body: Mapping[str, Any],
    *,
    log_id: str = "",
    api: str = "",
    source: str = "",
    asker: Asker | None = None,
) -> LarkError:
    """Return the error that a JSON answer with a code other than 0 stands for.

    Parameters
    ----------
    status : int
        HTTP status of the answer. It decides only where the code does not.
    body : mapping
        The parsed body; flat OAuth errors (``error_description``) are understood too.
    api : str
        Documentation path of the call, shown to the user.
    asker : Asker, optional
        Whose token was sent: the same code may mean another thing to the app itself.
    """
    code = code_of(body)
    msg = str(body.get("msg") or body.get("error_description") or body.get("error") or "")
    detail = body["error"] if isinstance(body.get("error"), Mapping) else {}
    found = remedy(code, status, msg)
    error, text = found.error, found.text
    if asker and asker.kind == "tenant":
        error, text = OF_APP.get(text, (error, text))
    scopes = _scopes(detail)
    console = asker.console(scopes) if asker else say("trouble.scope.console")
    words = {
        "scopes": " / ".join(scopes) or say("trouble.scope.unnamed"),
        "link": _link(detail) or console,
        "challenge": _challenge(body),
    }
    what = say(f"trouble.{text}.what", **words)
    if msg and text in ("bug", "unknown", "server", "setting"):
        what += say("error.server", msg=msg[:200]).rstrip(".。")
    return error(
        what,
        source=", ".join(part for part in (source, api) if part),
        next=say(f"trouble.{text}.next", **words),
        code=code or status,
        msg=msg,
        log_id=log_id or str(detail.get("log_id") or detail.get("logid") or ""),
        scopes=scopes,
        asker=asker if error in (LoginRequired, AccessDenied) or text == "unsupported" else None,
    )


_UNUSABLE: tuple[tuple[type[LarkError], Heal, tuple[Trouble, ...]], ...] = (
    (ApiError, "retry", ("network",)),
    (ApiError, "again", ("garbled",)),
    (BadAnswer, "again", ("odd", "oversized", "slow", "undecodable")),
    (BadAnswer, "stop", ("empty", "pages", "endless")),
    (ApiError, "stop", ("redirects", "certificate", "tls")),
    (ConfigError, "stop", ("bundle", "socks", "header", "address")),
    (ConfigError, "stop", ("proxy_address", "proxy_login", "proxy_refusal")),
)
# Where no answer came, or none that can be used: what it is to the user, and what heals it.
TROUBLES: Mapping[Trouble, Remedy] = {
    trouble: Remedy(error, heal, trouble) for error, heal, troubles in _UNUSABLE for trouble in troubles
}


def from_failure(trouble: Trouble, *, api: str = "", source: str = "", log_id: str = "", **words: Any) -> LarkError:
    """Return the error for an answer that never came, or cannot be used."""
    return TROUBLES[trouble].error(
        say(f"trouble.{trouble}.what", **words),
        source=", ".join(part for part in (source, api) if part),
        next=say(f"trouble.{trouble}.next", **words),
        log_id=log_id,
    )


def _scopes(detail: Mapping[str, Any]) -> list[str]:
    """Return the scopes that a refusal names, in both shapes."""
    violations = _objects(detail.get("permission_violations"))
    named = (violation.get("subject") or violation.get("scope") for violation in violations)
    return [scope for scope in named if isinstance(scope, str)]


def _link(detail: Mapping[str, Any]) -> str:
    """Return the first page that a refusal points to for help, where there is one."""
    links = (entry.get("url") for entry in _objects(detail.get("helps")))
    return next((link for link in links if isinstance(link, str)), "")


def _objects(value: object) -> list[Mapping[str, Any]]:
    """Return the objects of a list; what else may stand there says nothing."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _challenge(body: Mapping[str, Any]) -> str:
    """Return the words that lead to the page on which the access policy can be satisfied, where there is one."""
    url = str(body.get("challenge_url") or "")
    return say("trouble.policy.challenge", url=url) if url.startswith("https://") else ""
