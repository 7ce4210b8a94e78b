"""Whose token it is."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from larknb.auth.app import App
from larknb.auth.endpoint import call, garbled, text_in
from larknb.config.secrets import Secret
from larknb.wire.retry import Sleep

__all__ = ["Profile", "user_info"]

USER_API = "authen/v1/user_info"


@dataclass(frozen=True)
class Profile:
    """Who a token belongs to."""

    open_id: str
    name: str
    tenant_key: str


def user_info(app: App, access_token: Secret, *, sleep: Sleep = time.sleep) -> Profile:
    """Return who an access token belongs to.

    API: authentication-management/login-state-management/get
    """
    data = call(app, USER_API, sleep, token=access_token).get("data")
    if not isinstance(data, Mapping) or not text_in(data, "open_id"):
        raise garbled(app, USER_API)
    return Profile(text_in(data, "open_id"), text_in(data, "name"), text_in(data, "tenant_key"))
