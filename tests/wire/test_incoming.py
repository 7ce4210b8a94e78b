"""An answer on its way in: unpacked, cut, and at some pace (whole servers: tests/hostile/test_answers_wire.py)."""

from __future__ import annotations

import gzip
import io
import zlib

import pytest
import requests
import urllib3

from larknb.wire.incoming import PIECE, TooLarge, content, pieces


def answer(body: bytes, **headers: str) -> requests.Response:
    """Return a response that came with these bytes."""
    response = requests.Response()
    response.raw = urllib3.HTTPResponse(io.BytesIO(body), preload_content=False, decode_content=False)
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return response


@pytest.mark.parametrize("size", [0, 1, PIECE, PIECE + 1, 3 * PIECE])
def test_what_fits_comes_whole(size: int) -> None:
    """Plain or packed, up to the limit and not a byte further."""
    body = bytes(size)
    assert content(answer(body), size) == body
    assert content(answer(gzip.compress(body), content_encoding="gzip"), max(size, 100)) == body
    if size:
        with pytest.raises(TooLarge):
            content(answer(body), size - 1)


def test_a_bomb_comes_in_small_pieces() -> None:
    """However much a byte stands for, no piece is larger than the others."""
    packed = zlib.compress(bytes(5_000_000), 9)
    sizes = [len(piece) for piece in pieces(answer(packed, content_encoding="deflate"), 5_000_000)]
    assert (sum(sizes), max(sizes)) == (5_000_000, PIECE)


@pytest.mark.parametrize("length", ["11", "9" * 30, "9" * 5_000])
def test_what_says_that_it_is_too_large_is_not_read(length: str) -> None:
    """The head is enough."""
    response = answer(b"x" * 11, content_length=length)
    with pytest.raises(TooLarge):
        content(response, 10)
    assert response.raw.tell() == 0


@pytest.mark.parametrize("length", ["", "x", "-5", "1e9", "٣"])
def test_a_length_that_is_none_tells_nothing(length: str) -> None:
    """Then what comes is counted."""
    assert content(answer(b"x" * 10, content_length=length), 10) == b"x" * 10
