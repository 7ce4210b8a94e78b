"""Much JSON at once: types as msgspec needs them where several threads read, and a collector that is patient.

msgspec looks into a class when that is first asked for. Another thread that asks meanwhile finds half of what it needs,
and the whole process ends with a segmentation fault, all threads and the kernel of a notebook with it. So whoever
decodes or converts names the type through `ready`, which lets one thread look at a time.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import msgspec

__all__ = ["patient_collector", "ready"]

T = TypeVar("T")

PATIENCE = 100_000  # objects that come between two looks of the collector

_lock = threading.Lock()
_ready: set[Any] = set()


def ready(type_: type[T]) -> type[T]:
    """Return the type, of which msgspec knows all by now."""
    if type_ not in _ready:
        with _lock:
            msgspec.json.Decoder(type_)  # making it is enough
            _ready.add(type_)
    return type_


@contextmanager
def patient_collector() -> Iterator[None]:
    """Let the cycle collector look less often: a page of JSON is half a million objects, and none of them a cycle."""
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], PATIENCE), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
