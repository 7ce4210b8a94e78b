"""Page tokens: opaque, sealed for one list, and without any memory of what the list held."""

from __future__ import annotations

import base64
import binascii

from larknb.sandbox.world.ids import derived_id

from .errors import CodeError


def token_of(scope: str, offset: int) -> str:
    """Token of a place in a list; knows no snapshot, so items that come or go shift what follows."""
    seal = derived_id("", 12, scope, offset)
    inner = base64.b64encode(f"{offset:08}{seal}".encode())
    return base64.b64encode(inner).decode()


def offset_of(scope: str, token: str | None, wrong: int) -> int:
    """Place that a token names, the first one without a token; what was not handed out for this list fails."""
    if not token:
        return 0
    try:
        offset = int(base64.b64decode(base64.b64decode(token, validate=True), validate=True)[:8])
    except (binascii.Error, ValueError):
        raise CodeError(wrong) from None
    if token != token_of(scope, offset):
        raise CodeError(wrong)
    return offset
