"""The registration of an app by one scan: how it begins, what its link asks for, and the question what became of it.

No credentials are needed to begin. The person decides on a page of the platform; the answer brings the App Secret once,
masked while it is parsed.
"""

from __future__ import annotations

import base64
import gzip
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

from larknb.auth.app import App
from larknb.auth.endpoint import ask, is_sendable, patiently, seconds, text_in
from larknb.config.addresses import BRANDS
from larknb.config.secrets import Secret
from larknb.config.values import is_app_id
from larknb.errors import ApiError, LarkError
from larknb.messages import quoted, say
from larknb.wire.outgoing import as_form
from larknb.wire.reply import Reply
from larknb.wire.retry import Clock, Sleep

__all__ = ["Brand", "Made", "Offer", "Site", "Waiting", "begin", "is_page", "lark_page", "poll", "prefilled"]

Brand = Literal["feishu", "lark"]

REGISTRATION_API = "oauth/v1/app/registration"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
METHOD = "client_secret"  # how the new app proves itself: the only way that larknb knows
LIFETIME, INTERVAL = 600.0, 5.0  # seconds, where the beginning tells neither
LONGEST_LIFETIME, LONGEST_INTERVAL = 3600.0, 60.0  # seconds, whatever it tells
SLOWER, LATER = 5.0, 1.0  # seconds more between two questions: when told to slow down, when no answer came
NAME = "larknb {user}"  # of the new app, until the person calls it otherwise; the platform fills their name in


@dataclass(frozen=True)
class Site:
    """The two hosts on which apps of one brand live."""

    brand: Brand
    open_base: str
    accounts_base: str

    @property
    def hosts(self) -> set[str]:
        """Whose pages may be shown: its own, and at the public platform those of both brands."""
        bases = {self.open_base, self.accounts_base}
        public = [{*brand.values()} for brand in BRANDS.values()]
        return {urlsplit(base).netloc for base in (bases.union(*public) if bases in public else bases)}


@dataclass(frozen=True)
class Offer:
    """An app that may be made, until ``ends_at`` (epoch seconds): the page for it, and the code that the page shows.

    ``interval`` is how many seconds to wait between two questions what became of it.
    """

    device_code: Secret
    user_code: str
    url: str
    ends_at: float
    interval: float


@dataclass(frozen=True)
class Waiting:
    """Nobody has decided yet: ask again, so many seconds ``slower``.

    ``brand`` is that of the person's company, as far as it is known: the pair may have to be fetched elsewhere.
    """

    slower: float = 0.0
    brand: str = ""


@dataclass(frozen=True)
class Made:
    """An app that was made, and what brand the company has in which it was, where that was told."""

    app: App
    brand: str = ""


def begin(site: Site, *, clock: Clock = time.time, sleep: Sleep = time.sleep) -> Offer:
    """Return an app that may be made.

    API: mcp_open_tools/scan-to-create-an-app-in-one-click

    Raises
    ------
    LarkError
        The platform does not offer it, or not here.
    """
    _check_methods(site)
    form = {
        "action": "begin",
        "archetype": "PersonalAgent",
        "auth_method": METHOD,
        "request_user_info": "open_id tenant_brand",
    }
    reply = patiently(lambda: _asked(site, form), sleep)
    body = reply.body or {}
    code, page = Secret(text_in(body, "device_code")), text_in(body, "verification_uri_complete")
    if body.get("error") or reply.status >= 400 or not (code and is_sendable(code)):
        raise _not_offered(site, reply)
    return Offer(
        device_code=code,
        user_code=text_in(body, "user_code"),
        url=_page(site, page or text_in(body, "verification_uri")),
        ends_at=clock() + _life(body),
        interval=max(1.0, seconds(body.get("interval"), INTERVAL, LONGEST_INTERVAL)),
    )


def _life(body: Mapping[str, Any]) -> float:
    """Return how long the code lives, under either of the two names that are in use."""
    usual = seconds(body.get("expires_in"), LIFETIME, LONGEST_LIFETIME)
    return seconds(body.get("expire_in"), usual, LONGEST_LIFETIME)


def _check_methods(site: Site) -> None:
    """Ask how an app may prove itself. Not every host answers that, and the beginning tells then."""
    methods = (_asked(site, {"action": "init"}).body or {}).get("supported_auth_methods")
    if isinstance(methods, list) and METHOD not in methods:
        raise ApiError(
            say("create.methods.what", methods=quoted(" ".join(map(str, methods)))),
            source=f"{site.accounts_base}, {REGISTRATION_API}",
            next=say("create.manual"),
        )


def _asked(site: Site, form: Mapping[str, str]) -> Reply:
    sent = [value for value in form.values() if isinstance(value, Secret)]
    return ask("POST", f"{site.accounts_base}/{REGISTRATION_API}", sent, data=as_form(form), headers=FORM)


def _not_offered(site: Site, reply: Reply) -> LarkError:
    """Return the error that opens the manual door, with what was learned."""
    told = reply.error(site.accounts_base, api=REGISTRATION_API)
    words = _words(reply.body or {})
    what = say("create.refused.what", reason=words) if words else say("create.unknown.what", reason=told.what)
    return ApiError(what, source=told.source, next=say("create.manual"), code=told.code, log_id=told.log_id)


def _words(body: Mapping[str, Any]) -> str:
    """Return what the platform says about a refusal, in one short line."""
    return " ".join((text_in(body, "error_description") or text_in(body, "error")).split())[:200]


# --- the link --------------------------------------------------------------------------------------------------------


def _page(site: Site, page: str) -> str:
    """Return the address of a page, which becomes a link and a QR code; an error where it is none of the platform's."""
    if not is_page(site, page):
        raise ApiError(
            say("create.page.what", page=quoted(page.partition("?")[0][:80])),
            source=f"{site.accounts_base}, {REGISTRATION_API}",
            next=say("create.manual"),
        )
    return page


def is_page(site: Site, page: str) -> bool:
    """Say whether an address is one of the platform's, over https, or over http where a host of ours is set so."""
    try:
        parts = urlsplit(page)
    except ValueError:
        return False
    is_plain = page.startswith((f"{site.open_base}/", f"{site.accounts_base}/"))
    return parts.netloc in site.hosts and (parts.scheme == "https" or is_plain) and is_sendable(page)


def prefilled(url: str, user: Sequence[str], tenant: Sequence[str] = ()) -> str:
    """Return a link whose page begins with a name, and with these scopes for a person and for the app itself.

    The platform drops a scope that it does not know without a word, and the scopes at all where it has not released
    this: what the app has is seen afterwards.
    """
    wanted = {"user": [*user], "tenant": [*tenant]}
    scopes = {kind: names for kind, names in wanted.items() if names}
    packed = gzip.compress(json.dumps({"scopes": scopes}, separators=(",", ":")).encode(), mtime=0)
    more = {
        "from": "sdk",
        "tp": "sdk",
        "source": "python-sdk/larknb",
        "name": NAME,
        "addons": base64.urlsafe_b64encode(packed).rstrip(b"=").decode(),
    }
    parts = urlsplit(url)
    return parts._replace(query=urlencode([*parse_qsl(parts.query, keep_blank_values=True), *more.items()])).geturl()


def lark_page(site: Site, user_code: str) -> str:
    """Return the link that works for a company on Lark, whose launcher calls every code expired."""
    return f"{site.open_base}/page/cli?{urlencode({'user_code': user_code, 'from': 'cli'})}"


# --- what became of it -----------------------------------------------------------------------------------------------


def poll(site: Site, device_code: Secret) -> Made | Waiting:
    """Return the app that was made, or that there is none yet; this host asks once and never waits.

    Raises
    ------
    ApiError
        The person refused, the code has ended, or the platform says that nothing will come of it.
    """
    reply = _asked(site, {"action": "poll", "device_code": device_code})
    body = reply.body
    if body is None or (not body.get("error") and reply.remedy.heal in ("retry", "again")):
        return Waiting(LATER)  # no answer, or one that says to come back
    word, brand = body.get("error"), _brand_of(body)
    if word == "authorization_pending":
        return Waiting(brand=brand)
    if word == "slow_down":
        return Waiting(SLOWER, brand)
    if word or reply.status >= 400:
        raise _ended(site, reply)
    app_id, secret = body.get("client_id"), body.get("client_secret")
    if not app_id or not secret:
        return Waiting(brand=brand)
    if not (is_app_id(app_id) and isinstance(secret, Secret) and is_sendable(secret)):
        raise ApiError(say("create.odd.what"), source=REGISTRATION_API, next=say("create.manual"))
    return Made(App(app_id, secret, site.open_base, site.accounts_base), brand)


def _brand_of(body: Mapping[str, Any]) -> str:
    who = body.get("user_info")
    return text_in(who, "tenant_brand") if isinstance(who, Mapping) else ""


def _ended(site: Site, reply: Reply) -> ApiError:
    word = (reply.body or {}).get("error")
    source = f"{site.accounts_base}, {REGISTRATION_API}"
    if word == "access_denied":
        return ApiError(say("create.denied.what"), source=source, next=say("create.again"))
    if word in ("expired_token", "invalid_grant"):
        return ApiError(say("create.late.what"), source=source, next=say("create.again"))
    told = reply.error(site.accounts_base, api=REGISTRATION_API)
    what = say("create.stopped.what", reason=_words(reply.body or {}) or told.what)
    return ApiError(what, source=told.source, next=say("create.manual"), code=told.code, log_id=told.log_id)
