"""Small pictures with words on them."""

from __future__ import annotations

import struct
import zlib

from larknb.sandbox.sample.pictures import HEIGHT, WIDTH, chain, chart, plug


def dots(picture: bytes) -> bytes:
    """Return the rows of a PNG, each behind a byte for its filter."""
    place, data = 8, b""
    while place < len(picture):
        (size,) = struct.unpack(">I", picture[place : place + 4])
        if picture[place + 4 : place + 8] == b"IDAT":
            data += picture[place + 8 : place + 8 + size]
        place += size + 12
    return zlib.decompress(data)


def test_each_is_a_png_of_the_same_size() -> None:
    """The header says how large, and there are as many dots."""
    for picture in (chart("A", {"X": [1, 2]}), plug("B", ["GND", "12V"]), chain("C", ["U", "V"], 1)):
        assert picture.startswith(b"\x89PNG\r\n\x1a\n")
        assert struct.unpack(">II", picture[16:24]) == (WIDTH, HEIGHT)
        assert len(dots(picture)) == HEIGHT * (WIDTH + 1)


def test_what_is_drawn_shows() -> None:
    """Another title, another curve, a limit and a mark each change the picture."""
    curve = {"X": [1.0, 2.0, 1.5]}
    charts = [chart("A", curve), chart("B", curve), chart("A", {"X": [2.0, 1.0, 1.5]}), chart("A", curve, 1.2)]
    plugs = [plug("A", ["GND"]), plug("A", ["GND"], [1])]
    assert len(set(charts + plugs)) == 6
