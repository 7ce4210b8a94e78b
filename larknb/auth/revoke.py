"""A logout at the platform: the refresh token, and then the access token, are told to work no more.

Only the first of them ends the power to renew, and only the second what was given out already. Both are best effort:
the login is deleted here whatever comes back, and nobody waits long.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator
from contextvars import copy_context
from typing import Literal

from larknb.auth.app import App
from larknb.auth.endpoint import ask
from larknb.auth.token import Token
from larknb.config.secrets import Secret
from larknb.wire.outgoing import as_form
from larknb.wire.reply import Reply

__all__ = ["revoke"]

REVOKE_API = "oauth/v1/revoke"
PATIENCE = 12.0  # seconds for each of the two, whatever the network does: a logout ends within 25
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
OVER = (20005, 20026, 20037, 20064, 20073)  # codes of a token that was dead already: that is what was asked for

Kind = Literal["refresh_token", "access_token"]

log = logging.getLogger("larknb")


def revoke(app: App, logins: Iterable[Token], *, patience: float = PATIENCE) -> bool:
    """End tokens at the platform, each with one try; say whether it confirmed all of them.

    API: authentication-management/login-state-management/revoke-token

    Parameters
    ----------
    patience : float
        Seconds for each token: a name server or a proxy may hang longer than any timeout of a request.
    """
    confirmed = [_in_time(app, kind, token, patience) for kind, token in _tokens(logins)]
    return all(confirmed)


def _tokens(logins: Iterable[Token]) -> Iterator[tuple[Kind, Secret]]:
    """Yield what there is to end, each once; of a login the refresh token first."""
    seen: set[Secret] = set()
    for login in logins:
        pair: tuple[tuple[Kind, Secret], ...] = (
            ("refresh_token", login.refresh_token),
            ("access_token", login.access_token),
        )
        for kind, token in pair:
            if token and token not in seen:
                seen.add(token)
                yield kind, token


def _in_time(app: App, kind: Kind, token: Secret, patience: float) -> bool:
    """Say whether the platform confirmed within so many seconds that a token has ended."""
    answers: list[bool] = []
    work = copy_context().run
    thread = threading.Thread(
        target=work, args=(lambda: answers.append(_confirmed(app, kind, token)),), name="larknb-logout", daemon=True
    )
    thread.start()
    thread.join(patience)
    return any(answers)


def _confirmed(app: App, kind: Kind, token: Secret) -> bool:
    form = {"token": token, "token_type_hint": kind, "client_id": app.app_id, "client_secret": app.app_secret}
    url = app.url_of(REVOKE_API)
    reply = ask("POST", url, (token, app.app_secret), data=as_form(form), headers=FORM)
    if _is_done(reply):
        return True
    log.warning("%s", reply.error(url, api=REVOKE_API))
    return False


def _is_done(reply: Reply) -> bool:
    """Say whether a token works no more: the answer may be empty, but the page of a proxy is none."""
    if reply.failure or reply.code in OVER:
        return reply.code in OVER
    if reply.body is None:
        return reply.status in (200, 204) and "html" not in reply.headers.get("Content-Type", "").lower()
    return reply.status < 300 and not reply.code and not reply.body.get("error")
