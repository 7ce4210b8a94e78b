from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator

import pytest

from larknb.headless.signals import FirstSignal, owned_signals
from tests.headless.conftest import posix

pytestmark = posix

Handler = Callable[..., None]


@pytest.fixture(autouse=True)
def own() -> Iterator[Handler]:
    """The program's own handler of SIGTERM and SIGHUP, however the tests were started."""

    def handle(*_: object) -> None:
        pass

    before = {number: signal.signal(number, handle) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield handle
    for number, handler in before.items():
        signal.signal(number, handler)


def send(number: int) -> None:
    os.kill(os.getpid(), number)


def test_the_first_signal_is_noted(own: Handler) -> None:
    """Nothing ends, a second signal does not hide the first, and the old handler is back afterwards."""
    with owned_signals() as arrived:
        assert arrived.number is None
        send(signal.SIGTERM)
        send(signal.SIGHUP)
    assert arrived.number == signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) is own


def test_an_ignored_signal_is_not_noted() -> None:
    """As ``nohup`` wants it."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with owned_signals() as arrived:
        send(signal.SIGHUP)
    assert arrived.number is None


def test_the_handlers_come_back_after_an_error(own: Handler) -> None:
    """Whatever happens inside."""
    with pytest.raises(ZeroDivisionError), owned_signals():
        raise ZeroDivisionError
    assert signal.getsignal(signal.SIGTERM) is own


def test_another_thread_takes_no_signals(own: Handler) -> None:
    """Only the main thread may have handlers: elsewhere nothing is noted and nothing breaks."""
    noted: list[FirstSignal] = []

    def work() -> None:
        with owned_signals() as arrived:
            send(signal.SIGTERM)
            noted.append(arrived)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(10)
    assert [arrived.number for arrived in noted] == [None]
