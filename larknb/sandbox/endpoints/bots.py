"""Custom bots: a webhook per bot that puts message cards into one group, with the bot's own safety settings.

Their guide documents all of it but the code of an address that no bot has (19001), and the HTTP status of a refusal.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from typing import Any

import orjson

from larknb.sandbox.platform.endpoint import Endpoint
from larknb.sandbox.platform.platform import Platform
from larknb.sandbox.wire.errors import CodeError
from larknb.sandbox.wire.exchange import Request, Response, flat

BAD_REQUEST, NO_BOT, WRONG_SIGN, WRONG_ADDRESS, NO_KEYWORD, TOO_MANY = 9499, 19001, 19021, 19022, 19024, 11232
TYPES = {"text": "content", "post": "content", "image": "content", "share_chat": "content", "interactive": "card"}
LARGEST = 20 * 1024  # bytes of a request
HOUR = 3600  # seconds that a timestamp may be off


def hook(platform: Platform, request: Request) -> Response:
    """Put one message into the bot's group."""
    bot = platform.bots.get(request.params["token"])
    if bot is None:
        raise CodeError(NO_BOT)
    message = request.body
    if not _is_message(message) or len(request.content) > LARGEST:
        raise CodeError(BAD_REQUEST)
    if bot.key and not _is_signed(message, bot.key, platform.clock()):
        raise CodeError(WRONG_SIGN)
    if bot.is_elsewhere:
        raise CodeError(WRONG_ADDRESS)
    if bot.keywords and not any(word in orjson.dumps(message).decode() for word in bot.keywords):
        raise CodeError(NO_KEYWORD)
    bot.messages.append(message)
    old = {"Extra": None, "StatusCode": 0, "StatusMessage": "success"}  # kept for clients of the first version
    return flat({"code": 0, "msg": "success", "data": {}, **old})


def _is_message(message: Any) -> bool:
    kind = message.get("msg_type") if isinstance(message, Mapping) else None
    return kind in TYPES and isinstance(message.get(TYPES[kind]), Mapping)


def _is_signed(message: Mapping[str, Any], key: str, now: float) -> bool:
    """Say whether the signature is right: the HMAC-SHA256 of nothing, with timestamp, line feed and key as its key."""
    stamp, sign = str(message.get("timestamp", "")), str(message.get("sign", ""))
    if not stamp.isdecimal() or abs(int(stamp) - now) > HOUR:
        return False
    right = base64.b64encode(hmac.digest(f"{stamp}\n{key}".encode(), b"", "sha256")).decode()
    return hmac.compare_digest(sign.encode(), right.encode())


ENDPOINTS = (
    Endpoint(
        "hook",
        "POST",
        "/open-apis/bot/v2/hook/{token}",
        hook,
        tokens=(),
        limits=((5, 1, TOO_MANY), (100, 60, TOO_MANY)),
    ),
)
