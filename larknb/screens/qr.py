"""A link as a QR code, where the extra ``[qr]`` (segno) is installed; else nothing."""

from __future__ import annotations

import importlib.util
import io

__all__ = ["svg", "text"]


def svg(url: str) -> str:
    """Return an inline SVG, dark on light whatever the theme, or an empty text."""
    if importlib.util.find_spec("segno") is None:
        return ""
    import segno

    return str(segno.make(url, error="m").svg_inline(scale=3, border=4, dark="#000", light="#fff"))


def text(url: str) -> str:
    """Return blocks for a terminal, or an empty text."""
    if importlib.util.find_spec("segno") is None:
        return ""
    import segno

    out = io.StringIO()
    segno.make(url, error="l").terminal(out, compact=True)
    return out.getvalue()
