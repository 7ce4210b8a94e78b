"""An answer on its way in: it ends in time, and what is read of it never fills the memory.

The pause between two pieces of an answer is limited by the timeout of the request. What has begun must go on at some
pace as well, so that a server that drips ends, and what comes is cut at the limit that its reader names: the bytes that
count are the unpacked ones, for a thousand of them may come as one.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3 import PoolManager

__all__ = ["PacedAdapter", "TooLarge", "TooSlow", "content", "pieces"]

PIECE = 1 << 16  # bytes that are read, or unpacked, at once
GRACE = 20.0  # seconds that an answer may take from its first byte on, however few come
SLOWEST = 5_000.0  # bytes a second: an answer may take a second more for so many that have come
WHOLE = 600.0  # seconds: the longest that any answer may take
LONGEST_HEAD = 1_000_000  # bytes before an answer has begun: http.client would skip "100 Continue" without end
ANY_HEADER = 32 + zlib.MAX_WBITS  # of gzip or of zlib, as it comes
GZIP = b"\x1f\x8b"  # how another member of the same stream begins

Pools = TypeVar("Pools", bound=PoolManager)


class TooLarge(requests.RequestException):
    """An answer of more than ``most`` bytes."""

    def __init__(self, most: int) -> None:
        super().__init__(f"more than {most} bytes")
        self.most = most


class TooSlow(TimeoutError):  # noqa: N818  a state of the wire, as `TooLarge`
    """An answer that began and then hardly went on."""


# --- how much -------------------------------------------------------------------------------------------------------


def content(response: requests.Response, most: int) -> bytes:
    """Return the unpacked bytes of an answer; TooLarge if they are more than ``most``."""
    return b"".join(pieces(response, most))


def pieces(response: requests.Response, most: int) -> Iterator[bytes]:
    """Yield the unpacked bytes of an answer as they come, at most ``most`` of them.

    Raises
    ------
    TooLarge
        There are more, or its head says so.
    requests.RequestException
        The connection broke, or what came cannot be unpacked.
    """
    length = response.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and (len(length) > 18 or int(length) > most):
        raise TooLarge(most)
    left = most
    for piece in _unpacked(response, most):
        left -= len(piece)
        if left < 0:
            raise TooLarge(most)
        yield piece


def _unpacked(response: requests.Response, most: int) -> Iterator[bytes]:
    coding = response.headers.get("content-encoding", "").strip().lower()
    if coding in ("", "identity"):
        return _received(response, most)
    if coding in ("gzip", "x-gzip", "deflate"):
        return _inflated(_received(response, most))
    raise requests.exceptions.ContentDecodingError(f"an encoding that nobody asked for: {coding[:20]}")


def _inflated(packed: Iterator[bytes]) -> Iterator[bytes]:
    """Yield what was packed in pieces of a limited size: a bomb goes off in none of them."""
    inflate = zlib.decompressobj(ANY_HEADER)
    try:
        for piece in packed:
            while piece:
                if inflate.eof:
                    if not piece.startswith(GZIP):
                        return  # what pads the end
                    inflate = zlib.decompressobj(ANY_HEADER)
                while unpacked := inflate.decompress(piece, PIECE):
                    yield unpacked
                    piece = inflate.unconsumed_tail
                piece = inflate.unused_data
    except zlib.error as error:
        raise requests.exceptions.ContentDecodingError(error) from error
    if not inflate.eof:
        raise requests.exceptions.ContentDecodingError("it ends too early")


def _received(response: requests.Response, most: int) -> Iterator[bytes]:
    """Yield the bytes as they are on the wire, with the errors that requests has for them."""
    left = most
    try:
        while piece := response.raw.read(PIECE):
            left -= len(piece)
            if left < 0:
                raise TooLarge(most)  # also where nothing comes of them
            yield piece
    except urllib3.exceptions.ReadTimeoutError as error:
        raise requests.exceptions.ReadTimeout(error) from error
    except urllib3.exceptions.SSLError as error:
        raise requests.exceptions.SSLError(error) from error
    except urllib3.exceptions.HTTPError as error:
        raise requests.exceptions.ChunkedEncodingError(error) from error


# --- how fast -------------------------------------------------------------------------------------------------------


class PacedAdapter(HTTPAdapter):
    """Sends what requests gives it over connections whose answers end in time."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the connections without a proxy."""
        super().init_poolmanager(*args, **kwargs)
        _paced(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Make those of a proxy, of whatever kind."""
        is_new = proxy not in self.proxy_manager
        manager = super().proxy_manager_for(proxy, **kwargs)
        return _paced(manager) if is_new else manager


def _paced(manager: Pools) -> Pools:
    """Let each kind of connection of a manager read its answers at some pace."""
    pools: Mapping[str, Any] = manager.pool_classes_by_scheme
    manager.pool_classes_by_scheme = {
        scheme: type(pool.__name__, (pool,), {"ConnectionCls": _paced_connection(pool.ConnectionCls)})
        for scheme, pool in pools.items()
    }
    return manager


def _paced_connection(connection: type[Any]) -> type[Any]:
    return type(connection.__name__, (connection,), {"response_class": _PacedResponse})


class _PacedResponse(http.client.HTTPResponse):
    """A response of http.client, its head included, that reads its socket through a `_Flow`."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._flow = _Flow(sock)
        plain, self.fp = self.fp, io.BufferedReader(self._flow)
        plain.close()

    def begin(self) -> None:
        """Read the head."""
        super().begin()
        self._flow.in_head = False


class _Flow(io.RawIOBase):
    """The bytes of a socket; TooSlow when those of one answer come at less than some pace."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock, self._raw = sock, sock.makefile("rb", buffering=0)
        self._pause = sock.gettimeout()
        self._began, self._count = 0.0, 0
        self.in_head = True

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read what there is, as soon as there is something."""
        if self.in_head and self._count > LONGEST_HEAD:
            raise http.client.LineTooLong("head")
        left = self._left()
        try:
            count = self._raw.readinto(buffer)
        except TimeoutError as error:
            if left is None:
                raise
            raise TooSlow("it came too slowly") from error
        self._began = self._began or time.monotonic()
        self._count += count or 0
        return count

    def _left(self) -> float | None:
        """Return how many seconds the next piece has, if these are fewer than it may pause."""
        if not self._began:
            return None
        end = self._began + min(GRACE + self._count / SLOWEST, WHOLE)
        left = end - time.monotonic()
        if left <= 0:
            raise TooSlow("it came too slowly")
        is_last = self._pause is None or left < self._pause
        self._sock.settimeout(left if is_last else self._pause)
        return left if is_last else None

    def close(self) -> None:
        """Let go of the socket, which its connection closes."""
        if not self.closed:
            self._raw.close()
        super().close()
