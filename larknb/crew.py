"""A crew: several tasks at once, each in a thread, while the caller's thread hears of them and may stop them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

__all__ = ["Crew", "Stopped"]

TICK = 0.2  # seconds between two looks for Ctrl-C, which Windows does not let interrupt a waiting lock

T = TypeVar("T")
Sleep = Callable[[float], None]


class Stopped(BaseException):
    """Ends a task whose crew was stopped; no handler of errors is meant to see it."""


class Crew:
    """Does tasks in some threads.

    Parameters
    ----------
    size : int
        How many tasks are done at once.
    sleep : callable
        What waits; the real one is left at once when the crew is stopped.
    """

    def __init__(self, size: int, sleep: Sleep = time.sleep) -> None:
        self._size, self._sleep = size, sleep
        self._stop = threading.Event()
        self._heard: SimpleQueue[Any] = SimpleQueue()

    # --- what tasks call ------------------------------------------------------------------------------------------

    def tell(self, news: object) -> None:
        """Let the caller's thread hear something."""
        self._heard.put(news)

    def sleep(self, seconds: float) -> None:
        """Let time pass; Stopped if the crew is."""
        if self._sleep is time.sleep:
            self._stop.wait(seconds)
        else:
            self._sleep(seconds)
        self.check()

    def check(self) -> None:
        """Raise Stopped if the crew is: a task that was stopped must change nothing any more."""
        if self._stop.is_set():
            raise Stopped

    # --- what the caller does -------------------------------------------------------------------------------------

    def run(self, tasks: Sequence[Callable[[], T]], hear: Callable[[Any], object]) -> list[T]:
        """Return what the tasks return, in their order; what they tell is heard in this thread.

        An exception of a task, of ``hear``, or that arrives here (Ctrl-C) stops all others, and is raised as soon as
        they ended.
        """
        with ThreadPoolExecutor(self._size, thread_name_prefix="larknb-crew") as pool:
            futures = [pool.submit(copy_context().run, task) for task in tasks]  # they speak the caller's language
            for future in futures:
                future.add_done_callback(self.tell)
            try:
                self._listen(futures, hear)
            finally:
                self._stop.set()
                pool.shutdown(wait=False, cancel_futures=True)
        return [future.result() for future in futures]

    def _listen(self, futures: Sequence[Future[T]], hear: Callable[[Any], object]) -> None:
        waiting = set(futures)
        while waiting:
            try:
                news = self._heard.get(timeout=TICK)
            except Empty:
                continue
            if isinstance(news, Future):
                news.result()  # raises what the task did
                waiting.discard(news)
            else:
                hear(news)
