"""A document as it was received, with other addresses in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from larknb.guides.payloads import read_url

__all__ = ["relinked"]

DEEPEST = 100  # levels: a link of the documented kinds lies in the tenth; what lies deeper leads where it led


def relinked(record: Mapping[str, Any], address: Callable[[str], str]) -> Mapping[str, Any]:
    """Return a document whose links lead where ``address`` says, which is given each of them."""
    return {name: _relinked(value, address, DEEPEST) if name in ("blocks", "references") else value
            for name, value in record.items()}  # fmt: skip


def _relinked(value: Any, address: Callable[[str], str], deepest: int) -> Any:
    if not deepest or not isinstance(value, (list, dict)):
        return value
    if isinstance(value, list):
        return [_relinked(each, address, deepest - 1) for each in value]
    return {
        name: address(read_url(each)) if name == "url" and isinstance(each, str)
        else _relinked(each, address, deepest - 1)
        for name, each in value.items()
    }  # fmt: skip
