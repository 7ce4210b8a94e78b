"""A document as it was received, with other addresses in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from larknb.guides.payloads import read_url

__all__ = ["relinked"]


def relinked(record: Mapping[str, Any], address: Callable[[str], str]) -> Mapping[str, Any]:
    """Return a document whose links lead where ``address`` says, which is given each of them."""
    return {name: _relinked(value, address) if name in ("blocks", "references") else value
            for name, value in record.items()}  # fmt: skip


def _relinked(value: Any, address: Callable[[str], str]) -> Any:
    if isinstance(value, list):
        return [_relinked(each, address) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: address(read_url(each)) if name == "url" and isinstance(each, str) else _relinked(each, address)
        for name, each in value.items()
    }
