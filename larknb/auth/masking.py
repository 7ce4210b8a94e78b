"""JSON that holds tokens: they are masked while it is parsed, so that nobody ever holds them in plain text.

It may come from anywhere: neither its depth nor the size of its numbers costs what else is in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from larknb.config.secrets import Secret

__all__ = ["is_deep", "parse"]

DEEPEST = 50  # levels: what lies deeper counts as null
LONGEST_NUMBER = 30  # digits: Python refuses to read a whole number of thousands

_SECRET = ("_token", "device_code", "client_secret")  # what the names of secrets end with
_MARK = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)  # a text or a bracket, each character once


def parse(content: bytes) -> Mapping[str, Any] | None:
    """Return a JSON object with its tokens masked, or None where there is none, or an empty one."""
    try:
        body = json.loads(_flat(content), object_hook=_masked, parse_int=_whole)
    except (ValueError, RecursionError):
        return None
    return body if body and isinstance(body, dict) else None


def is_deep(content: bytes) -> bool:
    """Say whether a JSON text has more levels than anything of ours or of the platform."""
    return _flat(content) != content


def _flat(content: bytes) -> bytes:
    """Return a JSON text with null for what lies too deep; nothing where that never ends."""
    if content.count(b"[") + content.count(b"{") <= DEEPEST:
        return content
    depth, since, kept = 0, 0, list[bytes]()
    for mark in _MARK.finditer(content):
        if mark[0] in (b"[", b"{"):
            depth += 1
            if depth == DEEPEST + 1:
                kept += [content[since : mark.start()], b"null"]
        elif mark[0] in (b"]", b"}"):
            depth -= 1
            if depth == DEEPEST:
                since = mark.end()
    return b"" if depth > DEEPEST else b"".join([*kept, content[since:]])


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) <= LONGEST_NUMBER else float(digits)


def _masked(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        name: Secret(value) if name.endswith(_SECRET) and isinstance(value, str) else value
        for name, value in fields.items()
    }
