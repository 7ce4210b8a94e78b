"""Answers: what comes from the cache, quoted as data, and never longer than an assistant can use."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from larknb.messages import say

__all__ = ["CELL", "TEXT", "cut", "fitted", "quoted", "quoted_text"]

TEXT = 12_000  # characters of one answer: about 4,000 tokens of English, 8,000 of Chinese
CELL = 300  # characters of one value in a row


def quoted(answer: Mapping[str, Any]) -> str:
    """Return an answer as JSON between marks that tell an assistant that it is data."""
    try:
        text = orjson.dumps(answer).decode()
    except TypeError:  # an integer beyond 64 bits
        text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    return quoted_text(text)


def quoted_text(text: str, about: str = "") -> str:
    """Return a text of others between marks that it cannot hold, since they are drawn by lot."""
    mark = secrets.token_hex(6)
    while mark in text:
        mark = secrets.token_hex(6)
    head = say("mcp.quoted", mark=mark)
    return "\n".join([*([about] if about else []), head, f"<data {mark}>", text, f"</data {mark}>"])


def cut(value: Any, most: int = CELL) -> Any:
    """Return a value as JSON has it, long texts and lists cut short."""
    if isinstance(value, str):
        return value if len(value) <= most else f"{value[: most - 1]}…"
    if isinstance(value, (list, tuple)):
        return [cut(each, most) for each in value[:50]]
    if isinstance(value, Mapping):
        return {str(key): cut(each, most) for key, each in [*value.items()][:50]}
    return value if value is None or isinstance(value, (bool, int, float)) else cut(str(value), most)


def fitted(rows: Sequence[Any], most: int = TEXT) -> list[Any]:
    """Return as many of the first rows as an answer holds, at least one."""
    kept: list[Any] = []
    for row in rows:
        most -= len(json.dumps(row, ensure_ascii=False, default=str)) + 1
        if most < 0 and kept:
            break
        kept.append(row)
    return kept
