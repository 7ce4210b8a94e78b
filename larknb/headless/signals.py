"""Signals that ask this process to end: noted, so that the work in progress ends in order."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

__all__ = ["FirstSignal", "owned_signals"]

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # no system has all of them


class FirstSignal:
    """The first signal that arrived: its number, or None."""

    number: int | None = None

    def note(self, number: int, _: FrameType | None) -> None:
        """Take a signal, as its handler."""
        self.number = self.number or number


@contextmanager
def owned_signals() -> Iterator[FirstSignal]:
    """Note these signals while inside, instead of ending; a signal that was ignored stays ignored, as under nohup.

    Outside the main thread, where Python allows no handlers, nothing is noted.
    """
    first = FirstSignal()
    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        for number in filter(None, (getattr(signal, name, None) for name in _NAMES)):
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                before[number] = signal.signal(number, first.note)
    try:
        yield first
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
