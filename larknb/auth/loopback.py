"""A reception for a handful of visitors on this machine: one thread, and for each so many bytes and so much time.

The server of the standard library gives each connection a thread of its own, which lives as long as its client drips.
Here one loop hears all of them, so that nobody is kept waiting, and nothing is left when it ends.
"""

from __future__ import annotations

import errno
import re
import selectors
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

__all__ = ["LONGEST_REQUEST", "MOST_VISITORS", "PATIENCE", "Reception", "listen"]

PATIENCE = 5.0  # seconds for a visitor, from the first byte to the last: some connect ahead and say nothing
TICK = 0.1  # seconds until a close is noticed
LONGEST_REQUEST = 66_000  # bytes; what a code needs is a few hundred
LONGEST_REST = 1_000_000  # bytes that are thrown away after the answer: a closed door before would cut that off
MOST_VISITORS = 32  # at once; then the one who has been there longest must go

_END = re.compile(rb"\n\r?\n")  # of what a request without a body says


def listen(host: str, port: int) -> list[socket.socket]:
    """Listen on one address, or on none of it: of ``localhost`` a browser may try either half, and get a stranger."""
    if host != "localhost":
        return [_listener(socket.AF_INET6 if ":" in host else socket.AF_INET, host, port)]
    listeners = [_listener(socket.AF_INET, "127.0.0.1", port)]
    try:
        listeners.append(_listener(socket.AF_INET6, "::1", port))
    except OSError as error:
        if error.errno not in _NO_IPV6:
            listeners[0].close()
            raise
    return listeners


# Windows has numbers of its own for sockets (WSAEADDRNOTAVAIL, WSAEAFNOSUPPORT).
_NO_IPV6 = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, 10049, 10047)


def _listener(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:  # on Windows it would let a second program share the port, and take the code
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


@dataclass(eq=False)
class _Visitor:
    """One connection: until when it is heard, what it said, and how much it says after its answer."""

    line: socket.socket
    until: float
    said: bytearray = field(default_factory=bytearray, repr=False)
    rest: int | None = None


class Reception:
    """Answers each visitor once; used as a context, at whose end everybody is gone.

    Parameters
    ----------
    listeners : sequence of socket
        Where they come in (`listen`).
    answer : callable
        Returns the bytes that a request gets. What is longer than `LONGEST_REQUEST` is cut one byte later.
    """

    def __init__(
        self,
        listeners: Sequence[socket.socket],
        answer: Callable[[bytes], bytes],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._listeners, self._answer, self._clock = listeners, answer, clock
        self._visitors: dict[_Visitor, None] = {}  # in the order in which they came
        self._ready = selectors.DefaultSelector()
        for listener in listeners:
            self._ready.register(listener, selectors.EVENT_READ)

    @property
    def is_open(self) -> bool:
        """True where somebody can come in."""
        return bool(self._listeners)

    @property
    def visitors(self) -> int:
        """How many are here."""
        return len(self._visitors)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        for visitor in [*self._visitors]:
            self._dismiss(visitor)
        for listener in self._listeners:
            listener.close()
        self._ready.close()

    def attend(self) -> None:
        """Do what there is to do at this moment, or wait for it a little."""
        for key, _ in self._ready.select(TICK):
            if key.data is None:
                self._welcome(key.fileobj)  # type: ignore[arg-type]
            elif key.data in self._visitors:
                self._hear(key.data)
        for visitor in [*self._late()]:
            self._dismiss(visitor)

    def _welcome(self, listener: socket.socket) -> None:
        try:
            line, _ = listener.accept()
        except OSError:
            return  # gone again; or the system has no more handles, and somebody will leave soon
        line.setblocking(False)
        visitor = _Visitor(line, self._clock() + PATIENCE)
        if len(self._visitors) >= MOST_VISITORS:
            self._dismiss(next(iter(self._visitors)))
        self._visitors[visitor] = None
        self._ready.register(line, selectors.EVENT_READ, visitor)

    def _hear(self, visitor: _Visitor) -> None:
        try:
            heard = visitor.line.recv(LONGEST_REQUEST + 1)
        except BlockingIOError:
            return
        except OSError:
            heard = b""
        if not heard:
            self._dismiss(visitor)
        elif visitor.rest is None:
            visitor.said += heard
            if _END.search(visitor.said) or len(visitor.said) > LONGEST_REQUEST:
                self._reply(visitor)
        else:
            visitor.rest += len(heard)
            if visitor.rest > LONGEST_REST:
                self._dismiss(visitor)

    def _reply(self, visitor: _Visitor) -> None:
        """Send the answer, which is small enough to go out at once, and hear the rest until the visitor leaves."""
        visitor.rest = 0
        answer = self._answer(bytes(visitor.said[: LONGEST_REQUEST + 1]))
        with suppress(OSError):
            visitor.line.send(answer)
            visitor.line.shutdown(socket.SHUT_WR)

    def _late(self) -> Iterator[_Visitor]:
        now = self._clock()
        return (visitor for visitor in self._visitors if visitor.until < now)

    def _dismiss(self, visitor: _Visitor) -> None:
        del self._visitors[visitor]
        self._ready.unregister(visitor.line)
        visitor.line.close()
