"""What a public call does: each function is one call, given the `Context` of the folder it is about.

The files are imported when the first call needs them, so that ``import larknb`` and ``larknb --help`` stay instant.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from larknb.services import (
        account,
        checks,
        differing,
        doctor,
        health,
        joins,
        libraries,
        night,
        outlets,
        publishing,
        reading,
        setup,
        showing,
        sources,
        sql,
    )

__all__ = [
    "account",
    "checks",
    "differing",
    "doctor",
    "health",
    "joins",
    "libraries",
    "night",
    "outlets",
    "publishing",
    "reading",
    "setup",
    "showing",
    "sources",
    "sql",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.{name}")
