"""The HTML and the aligned text of results, and where they are shown.

Everything that comes from outside is escaped. The HTML is static: no script, no style that reaches outside its own
elements; colours are JupyterLab's variables with a fallback, so light and dark both read. The text counts East Asian
width, so Chinese columns stay aligned in a terminal.
"""

from __future__ import annotations

import os
import time
import unicodedata
from collections.abc import Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from larknb.messages import say

__all__ = [
    "Link",
    "SOFT",
    "age",
    "clock_time",
    "facts",
    "facts_html",
    "html",
    "moment",
    "plain",
    "size",
    "text",
    "width",
]

# --- text --------------------------------------------------------------------------------------------------------


def width(value: str) -> int:
    """Return how many terminal cells ``value`` takes: 2 for a wide character, 0 for a combining one."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in value
    )


def plain(value: Any) -> str:
    """One line of printable text: control characters could rewrite a terminal."""
    line = " ".join(str("" if value is None else value).split())
    return "".join(char if char.isprintable() else "?" for char in line)


def _pad(value: str, cells: int, *, right: bool) -> str:
    blank = " " * (cells - width(value))
    return blank + value if right else value + blank


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _on_the_right(rows: Sequence[Sequence[Any]], count: int) -> list[bool]:
    """Say of each column whether all that it holds are numbers."""
    return [
        any(_is_number(row[i]) for row in rows) and all(_is_number(row[i]) or row[i] in ("", None) for row in rows)
        for i in range(count)
    ]


def text(headline: str, header: Sequence[str], rows: Sequence[Sequence[Any]], footer: str = "") -> str:
    """Return an aligned table as text; the header is left out when there are no rows."""
    lines = [headline] if headline else []
    if rows:
        right = _on_the_right(rows, len(header))
        cells = [[plain(value) for value in row] for row in [header, *rows]]
        widths = [max(width(row[i]) for row in cells) for i in range(len(header))]
        lines += [
            "  ".join(_pad(value, widths[i], right=right[i]) for i, value in enumerate(row)).rstrip() for row in cells
        ]
    return "\n".join(lines + ([footer] if footer else []))


def facts(lines: Sequence[tuple[str, str]]) -> str:
    """Return label and value pairs as aligned text."""
    widest = max((width(label) for label, _ in lines), default=0)
    return "\n".join(f"{_pad(label, widest, right=False)}  {plain(value)}" for label, value in lines)


class Link(str):
    """A file below a folder: its relative path as text, a link to it in HTML."""

    root: str

    def __new__(cls, path: str, root: str) -> Link:
        """Return the path with what it counts from."""
        made = super().__new__(cls, path)
        made.root = root
        return made

    def html(self) -> str:
        """Return a link that works from the present folder, which in a notebook is the notebook's own."""
        try:
            target = os.path.relpath(os.path.join(self.root, self))  # noqa: PTH118  Path cannot walk up
        except ValueError:  # another drive
            return escape(self)
        return f'<a href="{escape(quote(target.replace(os.sep, "/")))}" target="_blank">{escape(self)}</a>'


# --- HTML --------------------------------------------------------------------------------------------------------

_BOX = "color:var(--jp-ui-font-color1,inherit);font-size:13px;line-height:1.5;overflow-x:auto"
_TABLE = "border-collapse:collapse;margin:4px 0"
_CELL = "padding:2px 10px 2px 0;vertical-align:top;text-align:{side};white-space:{wrap}"
_LINE = "border-bottom:1px solid var(--jp-border-color2,#c8c8c8)"
SOFT = "color:var(--jp-ui-font-color2,#777)"


def html(headline: str, header: Sequence[str], rows: Sequence[Sequence[Any]], footer: str = "") -> str:
    """Return a table as escaped, static HTML."""
    right = _on_the_right(rows, len(header))

    def cell(tag: str, i: int, value: Any, more: str = "") -> str:
        # Only the last column, a problem or a snippet, may wrap; the others stay on their line.
        style = _CELL.format(side="right" if right[i] else "left", wrap="normal" if i == len(header) - 1 else "nowrap")
        shown = value.html() if isinstance(value, Link) else escape(str("" if value is None else value))
        return f'<{tag} style="{style}{more}">{shown}</{tag}>'

    parts = [f"<div><b>{escape(headline)}</b></div>" if headline else ""]
    if rows:
        head = "".join(cell("th", i, name, f";{_LINE}") for i, name in enumerate(header))
        body = "".join("<tr>" + "".join(cell("td", i, v) for i, v in enumerate(row)) + "</tr>" for row in rows)
        parts.append(f'<table style="{_TABLE}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>')
    parts.append(f'<div style="{SOFT}">{escape(footer)}</div>' if footer else "")
    return f'<div class="larknb" style="{_BOX}">{"".join(parts)}</div>'


def facts_html(lines: Sequence[tuple[str, str]]) -> str:
    """Return label and value pairs as escaped, static HTML."""
    rows = "".join(
        f'<tr><td style="padding-right:12px;text-align:left;{SOFT}">{escape(label)}</td>'
        f'<td style="text-align:left">{escape(value)}</td></tr>'
        for label, value in lines
    )
    return f'<div class="larknb" style="{_BOX}"><table style="{_TABLE}"><tbody>{rows}</tbody></table></div>'


# --- words for numbers -------------------------------------------------------------------------------------------


def age(seconds: float | None) -> str:
    """Return an age in the largest unit that fits, such as ``5 min``."""
    if seconds is None:
        return say("age.never")
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= length:
            return say(f"age.{unit}", n=int(seconds // length))
    return say("age.seconds", n=max(0, int(seconds)))


def size(count: int) -> str:
    """Return a number of bytes for people, such as ``1.4 MB``."""
    amount = float(count)
    for unit in ("B", "KB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"


def moment(at: float | None) -> str:
    """Return a time in the machine's zone, to the minute; an empty string for None."""
    return "" if at is None else time.strftime("%Y-%m-%d %H:%M", time.localtime(at))


def clock_time(at: float) -> str:
    """Return a time of today in the machine's zone, to the minute."""
    return time.strftime("%H:%M", time.localtime(at))
