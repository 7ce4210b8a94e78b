"""The app itself: its own token, and the scopes that it has."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping

from larknb.auth.app import App
from larknb.auth.endpoint import call, seconds, token_in
from larknb.config.secrets import Secret
from larknb.errors import ApiError, ConfigError, LarkError
from larknb.messages import say
from larknb.wire.codes import remedy
from larknb.wire.retry import Clock, Sleep

__all__ = ["enabled_scopes", "tenant_token"]

TENANT_API = "auth/v3/tenant_access_token/internal"
SCOPES_API = "application/v6/scopes"

log = logging.getLogger("larknb")


def tenant_token(app: App, *, clock: Clock = time.time, sleep: Sleep = time.sleep) -> tuple[Secret, float]:
    """Return the app's own token and when it ends (epoch seconds).

    The same token comes back as long as it lives 30 minutes more.

    API: authentication-management/access-token/tenant_access_token_internal
    """
    body = {"app_id": app.app_id, "app_secret": app.app_secret}
    try:
        answer = call(app, TENANT_API, sleep, body=body)
    except ApiError as error:
        status = error.code if error.code and error.code < 600 else 200  # an answer without a code shows its status
        if error.code is None or remedy(error.code, status).heal == "retry":
            raise
        # Which code a wrong pair gets is documented nowhere, and nothing else can be wrong with this call.
        raise ConfigError(
            say("trouble.app_wrong.what"),
            source=error.source,
            next=say("trouble.app_wrong.next"),
            code=error.code,
            msg=error.msg,
            log_id=error.log_id,
        ) from error
    return token_in(app, TENANT_API, answer, "tenant_access_token"), clock() + seconds(answer.get("expire"))


def enabled_scopes(app: App, *, sleep: Sleep = time.sleep) -> frozenset[str] | None:
    """Return the scopes that the app has, or None where the platform does not tell.

    One scope that the app lacks blocks a whole login, on a page that never comes back: better to know before.

    API: application-v6/scope/list

    Raises
    ------
    ConfigError
        The app id or the secret is wrong. Whatever else goes wrong here must not stop a login.
    """
    try:
        token, _ = tenant_token(app, sleep=sleep)
        data = call(app, SCOPES_API, sleep, token=token).get("data")
    except ConfigError:
        raise
    except LarkError as error:
        log.info("the app's scopes cannot be seen: %s", error)
        return None
    items = data.get("scopes") if isinstance(data, Mapping) else None
    known = [item for item in items or () if isinstance(item, Mapping)]
    return frozenset(str(item.get("scope_name")) for item in known if item.get("grant_status") == 1) or None
