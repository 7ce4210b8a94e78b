"""Files as a download leaves them, for the rooms that take them from there."""

from __future__ import annotations

from pathlib import Path

from larknb.model import Media
from larknb.partial import Partial, Received


def received(folder: Path, key: str, data: bytes, name: str = "", content_type: str = "") -> Received:
    """Let some bytes come whole, where those of a source do."""
    partial = Partial(folder / "media", key)
    partial.begin(name, content_type)
    partial.take(iter([data]))
    return partial.finish()


def media(folder: Path, token: str, name: str = "", content_type: str = "", data: bytes = b"x") -> Media:
    """Return a picture or file that came."""
    return Media(token, name, content_type, received(folder, token, data, name, content_type))
