"""Checks of the login and its scopes: that it is there, how long it lasts, what it may read."""

from __future__ import annotations

from collections.abc import Iterator

from larknb import display
from larknb.auth.profile import user_info
from larknb.auth.scopes import OFFLINE, missing, not_enabled
from larknb.auth.token import HARD_MARGIN, Token
from larknb.errors import LarkError
from larknb.results.doctor import Finding
from larknb.services.doctoring.examination import Examination, Unasked, finding, of_error
from larknb.visible import person

__all__ = ["check_login", "check_scopes"]

SOON = 2 * 86400.0  # seconds before its end at which a login is told of, as the notices of a schedule do
CONSENT_SOON = 14 * 86400.0  # seconds: somebody must be there to consent again


def check_login(examination: Examination) -> list[Finding]:
    """Say who is logged in and until when, and ask the platform whether it takes the token."""
    if not examination.needs_login:
        return []
    try:
        token = examination.token()
    except LarkError as error:
        return [of_error("login", error)]
    found = [*_ends(examination, token), *_taken(examination, token)]
    if found:
        return found
    user = token.user(examination.app)
    until = user.refresh_end or "?"
    return [finding("ok", "login", "login_lasts", who=person(user.label) or "?", until=until)]


def _ends(examination: Examination, token: Token) -> Iterator[Finding]:
    """Yield what has ended, or ends soon; an end that nobody told is none."""
    user, now = token.user(examination.app), examination.context.clock()
    access, refresh, consent = user.access_ends_at or 0.0, user.refresh_ends_at, user.consent_ends_at
    if consent is not None and consent <= now:
        yield finding("fault", "login", "consent_over", at=display.moment(consent))
    elif not token.refresh_token and access <= now:
        yield finding("fault", "login", "login_over", at=display.moment(access))
    elif not token.refresh_token:
        key = "no_offline" if OFFLINE not in user.scopes else "not_renewable"
        yield finding("fault", "offline_access", key, at=display.moment(access), link=examination.app.page)
    elif refresh is not None and refresh <= now and not user.can_renew(now):
        yield finding("fault", "login", "login_over", at=user.refresh_end)
    elif refresh is not None and refresh <= now + SOON:
        yield finding("note", "login", "login_soon", at=user.refresh_end)
    elif consent is not None and consent <= now + CONSENT_SOON:
        yield finding("note", "login", "consent_soon", at=display.moment(consent))


def _taken(examination: Examination, token: Token) -> Iterator[Finding]:
    """Yield why the platform does not take the access token; one that has ended is renewed by its next user."""
    if token.is_stale(examination.context.clock(), HARD_MARGIN):
        return
    try:
        examination.tenant()
        user_info(examination.app, token.access_token, sleep=examination.context.sleep)
    except LarkError as error:
        if not _is_told(examination):
            yield of_error("login", error)


def _is_told(examination: Examination) -> bool:
    """Say whether the check of the app has the same reason."""
    try:
        examination.tenant()
    except (LarkError, Unasked):
        return True
    return False


# --- scopes ---------------------------------------------------------------------------------------------------------


def check_scopes(examination: Examination) -> list[Finding]:
    """Compare the scopes that each source needs with what the app has, and with what the person granted."""
    enabled = _enabled(examination)
    found = [*_lacking_app(examination, enabled), *_lacking_grant(examination, enabled)]
    if found:
        return found
    if enabled:
        return [finding("ok", "scopes", "scopes_right")]
    return [finding("note", "scopes", "scopes_unseen", link=examination.app.page)]


def _enabled(examination: Examination) -> frozenset[str]:
    """Return the scopes of the app; empty where nobody tells, or where it has none and the check of the app says so."""
    try:
        examination.tenant()
    except LarkError as error:
        raise Unasked from error
    try:
        return frozenset(name for name, has in examination.scopes().items() if has)
    except LarkError:
        return frozenset()


def _lacking_app(examination: Examination, enabled: frozenset[str]) -> Iterator[Finding]:
    """Yield, by source, the scopes that have to be enabled in the console."""
    if not enabled:
        return
    app = examination.app
    for source in examination.sources:
        for scopes in not_enabled([source], enabled).values():
            link = app.asker(source.identity, "").console(scopes)
            yield finding("fault", "scopes", "scope_app", link=link, source=source.name, scopes=" ".join(scopes))
    if examination.needs_login and OFFLINE not in enabled:
        link = app.asker("user", "").console([OFFLINE])
        yield finding("fault", "offline_access", "offline_app", link=link)


def _lacking_grant(examination: Examination, enabled: frozenset[str]) -> Iterator[Finding]:
    """Yield, by source, the scopes that the person has to grant; what the app lacks nobody can grant."""
    try:
        granted = examination.token().scope if examination.needs_login else ""
    except LarkError:
        return  # the check of the login says so
    if not granted:
        return  # an older file does not tell
    for source in examination.read_as("user"):
        lacking = [scope for scope in missing(granted, [source]) if scope != OFFLINE]
        lacking = [scope for scope in lacking if not enabled or scope in enabled]
        if lacking:
            yield finding("fault", "scopes", "scope_user", source=source.name, scopes=" ".join(lacking))
