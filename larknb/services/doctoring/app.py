"""Checks of the app in the developer console: App ID and secret, whether it is on, redirect URLs, refresh switch."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import requests

from larknb.errors import ConfigError, LarkError, LoginRequired
from larknb.results.doctor import Finding
from larknb.services.doctoring.examination import Examination, Unasked, finding, of_error
from larknb.wire.apart import apart
from larknb.wire.incoming import content
from larknb.wire.session import new_session

__all__ = ["check_app", "check_redirects", "check_refresh"]

UNKNOWN = (99991543, 20048)  # the codes that say there is no such app here
REFRESH_OFF = 20074
STOPPED = (0, 2)  # what application-v6/application/get calls an app that is stopped, or was never enabled
NOT_REGISTERED, NOT_ENABLED = "20029", "20027"  # what the login page shows of an address, and of a scope
NO_SCOPE = "larknb:no:such:scope"  # no app has it: the page can only refuse, so no code ever comes of the question
LARGEST = 2_000_000  # bytes of a login page that are looked at


def check_app(examination: Examination) -> list[Finding]:
    """Prove App ID and secret, and say whether the app is enabled and published as far as the platform tells."""
    settings = examination.settings
    page = f"{settings.console_base}/{settings.app_id}"
    try:
        _ = examination.context.store  # what is missing is told in the words of the settings
        examination.tenant()
    except ConfigError as error:
        return [_refused(examination, error, page)]
    except LarkError as error:
        return [of_error("app", error, link=page)]
    return [finding("ok", "secret", "app_known", app_id=settings.app_id), *_published(examination, page)]


def _refused(examination: Examination, error: ConfigError, page: str) -> Finding:
    settings = examination.settings
    if error.code in UNKNOWN:
        words = {"app_id": settings.app_id, "brand": settings.brand, "host": settings.open_base}
        return finding("fault", "brand", "app_unknown", link=page, **words)
    return of_error("secret", error, link=page)


def _published(examination: Examination, page: str) -> Iterator[Finding]:
    """Yield whether the app is on and has a published version; by its scopes where it may not ask about itself."""
    about, scopes = _told(examination.about_app), _told(examination.scopes)
    if about.get("status") in STOPPED:
        yield finding("fault", "app", "app_stopped", link=page)
    elif (about and not about.get("online_version_id")) or (scopes and not any(scopes.values())):
        yield finding("fault", "app", "app_unpublished", link=page)
    elif about or scopes:
        yield finding("ok", "app", "app_on")
    else:
        yield finding("note", "app", "app_unseen", link=page)


def _told(ask: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return what the platform tells; nothing where the app may not ask."""
    try:
        return ask()
    except LarkError:
        return {}


# --- redirect URLs --------------------------------------------------------------------------------------------------


def check_redirects(examination: Examination) -> list[Finding]:
    """Compare the redirect URLs of the settings with those of the console, as far as the platform tells."""
    if not examination.needs_login:
        return []
    try:
        examination.tenant()
    except LarkError as error:
        raise Unasked from error
    page = examination.app.page
    registered = {uri: _is_registered(examination, uri) for uri in examination.settings.redirect_uris}
    missing = [uri for uri, known in registered.items() if known is False]
    if missing:
        return [finding("fault", "redirect", "redirect_missing", link=page, uris=" ".join(missing))]
    if None in registered.values():
        return [finding("note", "redirect", "redirect_unseen", link=page, uris=" ".join(registered))]
    return [finding("ok", "redirect", "redirect_right")]


def _is_registered(examination: Examination, uri: str) -> bool | None:
    """Say whether a redirect URL is registered; None where nobody tells."""
    try:
        urls = examination.about_app().get("redirect_urls")
    except LarkError:
        urls = None
    if isinstance(urls, list) and urls:
        return uri in urls
    page = _login_page(examination, uri)
    refusals = {code for code in (NOT_REGISTERED, NOT_ENABLED) if re.search(rf"(?<!\d){code}(?!\d)", page)}
    return NOT_ENABLED in refusals if len(refusals) == 1 else None


def _login_page(examination: Examination, uri: str) -> str:
    """Return the page that a browser would show for a login that cannot be granted; empty where there is none."""
    app = examination.app
    query = urlencode(
        {"client_id": app.app_id, "response_type": "code", "redirect_uri": uri, "scope": NO_SCOPE, "state": "doctor"}
    )
    url = f"{app.accounts_base}/open-apis/authen/v1/authorize?{query}"

    def answer() -> str:
        with new_session(url) as session, session.get(url) as response:
            return content(response, LARGEST).decode("utf-8", "replace")

    try:
        return apart(answer)
    except requests.RequestException:
        return ""


# --- renewal --------------------------------------------------------------------------------------------------------


def check_refresh(examination: Examination) -> list[Finding]:
    """Say whether the platform would renew the login, without spending its refresh token."""
    if not examination.needs_login:
        return []
    try:
        examination.tenant()
        if not examination.token().refresh_token:
            return []  # the check of the login says so
        examination.context.store.try_renewal()
    except LoginRequired as error:
        return [] if error.code is None else [of_error("refresh", error)]
    except LarkError as error:
        if error.code == REFRESH_OFF:
            return [of_error("refresh", error, link=examination.app.page)]
        raise Unasked from error
    return [finding("ok", "refresh", "renewable")]
