"""Visitors who speak slowly, much, often or not at all."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from larknb.auth import loopback
from larknb.auth.callback import Callback
from larknb.auth.loopback import LONGEST_REQUEST, MOST_VISITORS, Reception, listen

ASK = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


class Desk:
    """A reception that is attended by hand, and what it was asked."""

    def __init__(self, port: int) -> None:
        self.port, self.now, self.asked = port, 0.0, list[bytes]()
        self.reception = Reception(listen("127.0.0.1", port), self.answer, clock=lambda: self.now)

    def answer(self, request: bytes) -> bytes:
        self.asked.append(request)
        return b"welcome"

    def attend(self, until: Callable[[], bool]) -> None:
        for _ in range(200):
            if until():
                return
            self.reception.attend()
        pytest.fail("it never came")

    def visit(self, *words: bytes) -> socket.socket:
        visitor = socket.create_connection(("127.0.0.1", self.port), timeout=5)
        for word in words:
            visitor.sendall(word)
        return visitor


@pytest.fixture
def desk(free_port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(loopback, "TICK", 0.01)
    desk = Desk(free_port)
    with desk.reception:
        yield desk


def heard(visitor: socket.socket) -> bytes:
    """Return what a visitor got until the end; nothing where the line was cut."""
    try:
        return b"".join(iter(lambda: visitor.recv(4096), b""))
    except OSError:
        return b""


def is_over(visitor: socket.socket) -> bool:
    """Say whether the other side has hung up."""
    visitor.setblocking(False)
    try:
        return visitor.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


@pytest.mark.parametrize("end", [b"\r\n\r\n", b"\n\n", b"\n\r\n", b"\r\n\r\nmore"])
def test_a_request_is_answered_at_its_end(desk: Desk, end: bytes) -> None:
    """However its lines end, and in whatever pieces it comes."""
    with desk.visit(b"GET / HT") as visitor:
        desk.reception.attend()
        assert desk.asked == []
        visitor.sendall(b"TP/1.0" + end)
        desk.attend(lambda: bool(desk.asked))
        assert heard(visitor) == b"welcome"
    assert desk.asked == [b"GET / HTTP/1.0" + end]


def test_a_dripping_visitor_keeps_nobody_waiting(desk: Desk) -> None:
    """The others are answered meanwhile."""
    with desk.visit(b"G"), desk.visit(b"GET / "), desk.visit(), desk.visit(ASK) as last:
        desk.attend(lambda: desk.asked == [ASK])
        assert heard(last) == b"welcome"


@pytest.mark.parametrize("word", [b"", b"G", b"GET / HTTP/1.1\r\nHost: a\r\n", ASK])
def test_a_visitor_who_stays_too_long_must_go(desk: Desk, word: bytes) -> None:
    """Also one that goes on dripping, and one that has its answer and does not leave."""
    with desk.visit(word) as visitor:
        desk.attend(lambda: desk.reception.visitors == 1)
        for _ in range(5):
            desk.now += loopback.PATIENCE / 4
            visitor.sendall(b"x")
            desk.reception.attend()
        assert desk.reception.visitors == 0
        assert heard(visitor) in (b"", b"welcome")


def test_a_request_that_does_not_end_is_cut(desk: Desk) -> None:
    """So much is read of it and no more; whoever asked is still told."""
    with desk.visit(b"x" * (LONGEST_REQUEST + 10_000)) as visitor:
        desk.attend(lambda: bool(desk.asked))
        assert heard(visitor) == b"welcome"
    assert [len(request) for request in desk.asked] == [LONGEST_REQUEST + 1]


def test_what_follows_the_answer_is_bounded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sends on and on is cut off."""
    monkeypatch.setattr(loopback, "LONGEST_REST", 1000)
    with desk.visit(ASK) as visitor:
        desk.attend(lambda: bool(desk.asked))
        visitor.sendall(b"x" * 1001)
        desk.attend(lambda: not desk.reception.visitors)


def test_the_newest_visitor_comes_in(desk: Desk) -> None:
    """A crowd that says nothing keeps nobody out: who has been there longest goes."""
    crowd = [desk.visit() for _ in range(MOST_VISITORS)]
    desk.attend(lambda: desk.reception.visitors == MOST_VISITORS)
    with desk.visit(ASK) as newest:
        desk.attend(lambda: bool(desk.asked))
        assert heard(newest) == b"welcome"
    assert [is_over(visitor) for visitor in crowd[:2]] == [True, False]
    for visitor in crowd:
        visitor.close()


@pytest.mark.parametrize("word", [b"", b"G", b"GET /callback HTTP/1.1\r\nHost: "])
def test_nothing_lives_on_when_a_login_has_ended(free_port: int, word: bytes) -> None:
    """Fifty slow clients, and not one thread or connection stays."""
    before = {*threading.enumerate()}
    callback = Callback([f"http://127.0.0.1:{free_port}/callback"], "s")
    visitors = [socket.create_connection(("127.0.0.1", free_port), timeout=5) for _ in range(50)]
    for visitor in visitors:
        visitor.sendall(word)
    assert len({*threading.enumerate()} - before) == 1
    callback.close()
    assert {*threading.enumerate()} == before
    assert [heard(visitor) for visitor in visitors] == [b""] * 50
    for visitor in visitors:
        visitor.close()


def test_a_verdict_sends_the_others_away(free_port: int) -> None:
    """Once the code is there, whoever still drips is cut off at once."""
    callback = Callback([f"http://127.0.0.1:{free_port}/callback"], "s")
    with socket.create_connection(("127.0.0.1", free_port), timeout=5) as slow:
        slow.sendall(b"GET /")
        with socket.create_connection(("127.0.0.1", free_port), timeout=5) as browser:
            browser.sendall(f"GET /callback?code=c&state=s HTTP/1.1\r\nHost: 127.0.0.1:{free_port}\r\n\r\n".encode())
            assert b"200 OK" in heard(browser)
        assert callback.wait(5)
        assert heard(slow) == b""
    callback.close()
