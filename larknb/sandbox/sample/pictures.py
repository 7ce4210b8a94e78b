"""Small pictures for the sample documents: curves, plugs with their pins, chains of boxes, each with words on them."""

from __future__ import annotations

import itertools
import math
import struct
import zlib
from collections.abc import Mapping, Sequence

WIDTH, HEIGHT = 320, 180
WHITE, INK, GRID, RED, BLUE, GREEN, PAPER = range(7)
COLORS = bytes.fromhex("ffffff 1f2329 dee0e3 d83931 1456f0 2ea121 f2f3f5")

# Three columns and five rows of dots; each digit is one row.
LETTERS = (
    "0=75557 1=26227 2=71747 3=71717 4=55711 5=74717 6=74757 7=71122 8=75757 9=75717 A=25755 B=65656 C=34443 D=65556 "
    "E=74647 F=74644 G=34553 H=55755 I=72227 J=11153 K=55655 L=44447 M=57755 N=65555 O=25552 P=65644 Q=25573 R=65655 "
    "S=34216 T=72222 U=55557 V=55552 W=55775 X=55255 Y=55222 Z=71247 -=00700 .=00002 +=02720 %=51245 /=11244 :=02020"
)
FONT = dict(part.split("=") for part in LETTERS.split())


class Canvas:
    """A picture that is drawn on."""

    def __init__(self, title: str) -> None:
        self._rows = [bytearray(WIDTH) for _ in range(HEIGHT)]
        self.write(8, 8, title, INK, 3)

    def dot(self, x: float, y: float, color: int) -> None:
        """Paint one dot, if it lies on the canvas."""
        column, row = round(x), round(y)
        if 0 <= column < WIDTH and 0 <= row < HEIGHT:
            self._rows[row][column] = color

    def box(self, left: int, top: int, right: int, bottom: int, color: int, fill: int = WHITE) -> None:
        """Paint a filled frame."""
        for row in self._rows[top : bottom + 1]:
            row[left : right + 1] = bytes([fill]) * (right + 1 - left)
            row[left] = row[right] = color
        for y in (top, bottom):
            self._rows[y][left : right + 1] = bytes([color]) * (right + 1 - left)

    def line(self, points: Sequence[tuple[float, float]], color: int) -> None:
        """Paint a line of two dots' width through some points."""
        for (x, y), (to_x, to_y) in itertools.pairwise(points):
            steps = max(1, round(max(abs(to_x - x), abs(to_y - y))))
            for step in range(steps + 1):
                at_x, at_y = x + (to_x - x) * step / steps, y + (to_y - y) * step / steps
                self.dot(at_x, at_y, color)
                self.dot(at_x, at_y + 1, color)

    def write(self, x: int, y: int, text: str, color: int = INK, scale: int = 2) -> None:
        """Write capital letters, digits and a few signs; anything else is a blank."""
        for place, letter in enumerate(text.upper()):
            for row, bits in enumerate(FONT.get(letter, "00000")):
                for column in range(3):
                    if int(bits) >> (2 - column) & 1:
                        left, top = x + (place * 4 + column) * scale, y + row * scale
                        self.box(left, top, left + scale - 1, top + scale - 1, color, color)

    def png(self) -> bytes:
        """The picture as a PNG file."""

        def chunk(kind: bytes, data: bytes) -> bytes:
            return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

        size = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 3, 0, 0, 0)
        pixels = zlib.compress(b"".join(b"\0" + row for row in self._rows), 9)
        parts = ((b"IHDR", size), (b"PLTE", COLORS), (b"IDAT", pixels), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, data) for kind, data in parts)


def chart(title: str, curves: Mapping[str, Sequence[float]], limit: float | None = None) -> bytes:
    """Curves over time, all on one scale, with a red line where a limit is."""
    canvas, (left, top, right, bottom) = Canvas(title), (36, 34, 306, 154)
    canvas.box(left, top, right, bottom, INK, PAPER)
    values = [value for curve in curves.values() for value in curve] + ([] if limit is None else [limit])
    low, high = min(values), max(values)

    def height(value: float) -> float:
        return bottom - 6 - (value - low) / ((high - low) or 1) * (bottom - top - 12)

    for place in range(1, 5):
        y = round(top + (bottom - top) * place / 5)
        canvas.line([(left + 1, y), (right - 1, y)], GRID)
    for color, (name, curve) in zip((BLUE, GREEN, INK), curves.items(), strict=False):
        step = (right - left - 4) / max(1, len(curve) - 1)
        canvas.line([(left + 2 + step * place, height(value)) for place, value in enumerate(curve)], color)
        canvas.write(left + 8 + 90 * (color - BLUE if color != INK else 2), 162, name, color)
    if limit is not None:
        canvas.line([(left + 1, height(limit)), (right - 1, height(limit))], RED)
    canvas.write(4, round(height(high)) - 4, f"{high:.3g}")
    canvas.write(4, round(height(low)) - 6, f"{low:.3g}")
    return canvas.png()


def plug(title: str, pins: Sequence[str], marked: Sequence[int] = ()) -> bytes:
    """A plug seen from the side of the pins, numbered from 1, the marked ones in red."""
    canvas = Canvas(title)
    canvas.box(24, 36, 296, 168, INK, PAPER)
    across = math.ceil(len(pins) / 2)
    width = 256 // across
    for place, name in enumerate(pins):
        left, top = 32 + place % across * width, 46 + place // across * 60
        color = RED if place + 1 in marked else BLUE
        canvas.box(left, top, left + width - 8, top + 50, color)
        canvas.write(left + 6, top + 8, f"{place + 1}", color, 3)
        canvas.write(left + 4, top + 34, name, INK, 2)
    return canvas.png()


def chain(title: str, boxes: Sequence[str], broken: int | None = None) -> bytes:
    """Boxes in a row, joined by lines; the link after the broken box is red and interrupted."""
    canvas, width = Canvas(title), 300 // len(boxes)
    for place, name in enumerate(boxes):
        left = 12 + place * width
        canvas.box(left, 70, left + width - 22, 124, BLUE, PAPER)
        canvas.write(left + 6, 92, name, INK, 2)
        if place + 1 < len(boxes):
            start, end = left + width - 20, left + width - 2
            if broken == place + 1:
                canvas.line([(start, 90), (end, 104)], RED)
                canvas.line([(start, 104), (end, 90)], RED)
            else:
                canvas.line([(start, 97), (end, 97)], INK)
    return canvas.png()
