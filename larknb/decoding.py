"""Types as msgspec needs them where several threads read at once.

It looks into a class when that is first asked for. Another thread that asks meanwhile finds half of what it needs, and
the whole process ends with a segmentation fault, all threads and the kernel of a notebook with it. So whoever decodes
or converts names the type through `ready`, which lets one thread look at a time.
"""

from __future__ import annotations

import threading
from typing import Any, TypeVar

import msgspec

__all__ = ["ready"]

T = TypeVar("T")

_lock = threading.Lock()
_ready: set[Any] = set()


def ready(type_: type[T]) -> type[T]:
    """Return the type, of which msgspec knows all by now."""
    if type_ not in _ready:
        with _lock:
            msgspec.json.Decoder(type_)  # making it is enough
            _ready.add(type_)
    return type_
