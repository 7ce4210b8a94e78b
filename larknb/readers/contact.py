"""The names of people, as the platform's contact book tells them.

API: contact-v3/user/basic_batch, at most ten people a call. It is asked only where its scope is granted, and what goes
wrong there costs nothing but names.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from larknb.api.client import LarkClient
from larknb.api.endpoints import BasicUser, fits
from larknb.errors import LarkError
from larknb.readers.base import stops_everything

__all__ = ["SCOPE", "ask_names"]

SCOPE = "contact:user.basic_profile:readonly"
API = "contact-v3/user/basic_batch"
PER_CALL = 10

log = logging.getLogger("larknb")


def ask_names(client: LarkClient, ids: Iterable[str]) -> dict[str, str]:
    """Return the names of people by their open_ids; whoever cannot be named is left out."""
    found: dict[str, str] = {}
    rest = iter(dict.fromkeys(ids))
    while some := list(islice(rest, PER_CALL)):
        try:
            answer = client.call("POST", "contact/v3/users/basic_batch", api=API, json={"user_ids": some},
                                 params={"user_id_type": "open_id"})  # fmt: skip
        except LarkError as error:
            if stops_everything(error):
                raise
            log.warning("names of people: %s", error)
            break
        found |= _names(answer.data)
    return {each: name for each, name in found.items() if name}


def _names(data: Mapping[str, Any]) -> dict[str, str]:
    users = [user for user in data.get("users") or () if fits(user, BasicUser)]
    return {user["user_id"]: _text(user.get("name")) for user in users}


def _text(name: Any) -> str:
    """Return a name, which was once seen within an object."""
    if isinstance(name, Mapping):
        name = name.get("value")
    return name if isinstance(name, str) else ""
