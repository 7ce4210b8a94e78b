"""JSON that holds tokens: they are masked while it is parsed, so that nobody ever holds them in plain text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from larknb.config.secrets import Secret

__all__ = ["parse"]


def parse(content: bytes) -> Mapping[str, Any] | None:
    """Return a JSON object with its tokens masked, or None where there is none, or an empty one."""
    try:
        body = json.loads(content, object_hook=_masked)
    except ValueError:
        return None
    return body if body and isinstance(body, dict) else None


def _masked(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        name: Secret(value) if name.endswith(("_token", "device_code")) and isinstance(value, str) else value
        for name, value in fields.items()
    }
