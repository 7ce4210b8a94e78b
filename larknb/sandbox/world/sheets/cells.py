"""Cells of a worksheet, one typed value each.

A cell holds ``None``, a ``str``, ``bool``, ``int``, ``float``, ``date``, ``datetime``, ``time`` or ``timedelta``; a
`Cell` where it has a format, a `Formula`, or a dict or list that is served as it is (links, mentions, pictures, styled
text).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Cell:
    """A value with the number format in which people see it: ``0.00%``, ``¥#,##0.00``, ``yyyy/MM/dd HH:mm:ss``."""

    value: Any
    format: str = ""


@dataclass(frozen=True)
class Formula:
    """A formula, what it came to, and the format of that."""

    text: str
    value: Any
    format: str = ""
