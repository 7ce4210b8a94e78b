"""Several tasks at once, and what ends them."""

from __future__ import annotations

import threading
from functools import partial
from typing import Any

import pytest

from larknb.crew import Crew, Stopped
from larknb.messages import say, speaking


def test_tasks_are_done_at_once_and_their_results_keep_the_order() -> None:
    """All wait for each other, which one after the other would never end."""
    meeting = threading.Barrier(3, timeout=10)

    def task(number: int) -> int:
        meeting.wait()
        return number

    assert Crew(3).run([partial(task, number) for number in range(3)], print) == [0, 1, 2]


def test_what_tasks_tell_is_heard_in_the_thread_of_the_caller() -> None:
    """A page or a terminal is nothing for several threads."""
    crew, heard, threads = Crew(2), list[Any](), set[int]()

    def hear(news: Any) -> None:
        heard.append(news)
        threads.add(threading.get_ident())

    crew.run([partial(crew.tell, number) for number in range(5)], hear)
    assert sorted(heard) == [0, 1, 2, 3, 4]
    assert threads == {threading.get_ident()}


def test_a_task_speaks_the_language_of_the_caller() -> None:
    """Errors are made in the threads."""
    with speaking("zh"):
        assert Crew(2).run([partial(say, "unexpected.next")], print) == [say("unexpected.next")]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_what_a_task_raises_stops_the_others(error: type[BaseException]) -> None:
    """They are waiting for hours: that ends at once, and what was not begun is not begun any more."""
    crew, done = Crew(2), list[int]()

    def fail() -> None:
        raise error

    def wait() -> None:
        crew.sleep(36_000)
        done.append(1)

    with pytest.raises(error):
        crew.run([wait, fail, wait, wait], print)
    assert done == []


def test_an_interrupt_of_the_caller_stops_the_tasks() -> None:
    """It arrives where the caller waits, and the tasks go no further than their next check."""
    crew, stopped = Crew(2), threading.Event()

    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    def wait() -> None:
        crew.tell("begun")
        try:
            crew.sleep(36_000)
        except Stopped:
            stopped.set()
            raise

    with pytest.raises(KeyboardInterrupt):
        crew.run([wait], interrupt)
    assert stopped.is_set()


def test_the_waits_of_a_clock_that_is_passed_are_its_own() -> None:
    """Whoever plays the clock hears of every wait."""
    waits: list[float] = []
    crew = Crew(1, waits.append)
    crew.run([partial(crew.sleep, 5.0)], print)
    assert waits == [5.0]
