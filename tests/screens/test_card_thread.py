from __future__ import annotations

import threading

from larknb.messages import language, speaking
from larknb.screens.card_thread import LIFE, CardThread
from tests.conftest import Clock


class Work:
    """A card's thread, what it did in order, and how often it may still look."""

    def __init__(self, looks: int = 1) -> None:
        self.done: list[str] = []
        self.looks, self.clock = looks, Clock()
        self.thread = CardThread(self.look, self.fail, lambda: self.looks == 0, self.end, clock=self.clock)

    def look(self) -> None:
        self.looks -= 1
        self.done.append("look")

    def fail(self, error: Exception) -> None:
        self.done.append(repr(error))

    def end(self) -> None:
        self.done.append("end")


def test_what_is_asked_comes_first_and_in_order() -> None:
    """It looks around once nobody asks for anything, and says when all is over."""
    work = Work()
    work.thread.ask(lambda: work.done.append("one"))
    work.thread.ask(lambda: work.done.append("two"))
    work.thread.live()
    assert work.done == ["one", "two", "look", "end"]


def test_an_error_is_told_and_ends_nothing() -> None:
    """Nobody else would ever see it."""
    work = Work()
    work.thread.ask(lambda: work.done.append(str(1 // 0)))
    work.thread.live()
    assert work.done == ["ZeroDivisionError('integer division or modulo by zero')", "look", "end"]


def test_a_card_does_not_wait_for_ever() -> None:
    """After an hour it ends, although there is more to do."""
    work = Work(looks=99)
    work.thread.ask(lambda: work.clock.advance(LIFE))
    work.thread.live()
    assert work.done == ["end"]


def test_it_speaks_as_the_cell_does() -> None:
    """The language of the call that showed the card holds in its thread."""
    ended = threading.Event()
    spoken: list[str] = []
    thread = CardThread(lambda: None, print, lambda: bool(spoken), ended.set)
    thread.ask(lambda: spoken.append(language()))
    with speaking("zh"):
        thread.start()
    assert ended.wait(10)
    assert spoken == ["zh"]
