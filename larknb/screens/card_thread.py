"""The thread of a card: what clicks ask for happens there, one thing after the other, and the kernel stays free."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextvars import copy_context
from queue import Empty, SimpleQueue

__all__ = ["CardThread"]

TICK = 0.25  # seconds between two looks while nobody asks for anything
LIFE = 3600.0  # seconds that a card waits for somebody, or for a login made elsewhere


class CardThread:
    """Does what it is asked and looks around in between, until all is over or its life ends.

    Parameters
    ----------
    look : callable
        Called while nobody asks for anything.
    fail : callable
        Takes what a look or an act raised.
    is_over : callable
        Says whether there is nothing more to do.
    end : callable
        Called last.
    clock : callable
        Tells the seconds that it lives.
    """

    def __init__(
        self,
        look: Callable[[], None],
        fail: Callable[[Exception], None],
        is_over: Callable[[], bool],
        end: Callable[[], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._look, self._fail, self._is_over, self._end, self._clock = look, fail, is_over, end, clock
        self._asked: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def start(self) -> None:
        """Begin, in the language that is spoken here."""
        threading.Thread(target=copy_context().run, args=(self.live,), name="larknb-card", daemon=True).start()

    def ask(self, act: Callable[[], None]) -> None:
        """Let something be done when its turn comes; a click may arrive on any thread."""
        self._asked.put(act)

    def live(self) -> None:
        """Work until the end."""
        end = self._clock() + LIFE
        while not self._is_over() and self._clock() < end:
            try:
                self._next_act()()
            except Exception as error:  # noqa: BLE001  nobody else would ever see it
                self._fail(error)
        self._end()

    def _next_act(self) -> Callable[[], None]:
        try:
            return self._asked.get(timeout=TICK)
        except Empty:
            return self._look
