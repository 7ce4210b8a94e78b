"""How things look: aligned text for terminals, static HTML for notebooks, and the words for ages, times and sizes.

What comes from outside is made harmless here: `larknb.visible` for terminal and page, escaping for HTML. The HTML has
no script and no style that reaches outside its own element. The text counts East Asian width, so that Chinese columns
stay aligned, and each row of a table is one line.
"""

from __future__ import annotations

import os
import re
import time
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape
from typing import Any
from urllib.parse import quote

from larknb.messages import say
from larknb.visible import visible, visible_lines

__all__ = [
    "BAD",
    "BRAND",
    "CONTENT",
    "CONTENT_PALE",
    "EDGE",
    "GOOD",
    "INK",
    "INVERSE",
    "LINE",
    "MONO",
    "PALE",
    "SHADE",
    "SOFT",
    "WARN",
    "Drawn",
    "Link",
    "age",
    "anchor",
    "bar",
    "boxed",
    "clock_time",
    "count",
    "facts",
    "facts_html",
    "fold",
    "html",
    "is_number",
    "iso",
    "length",
    "local",
    "moment",
    "plain",
    "size",
    "soft",
    "text",
    "width",
]

# --- text for terminals -------------------------------------------------------------------------------------------


def plain(value: Any) -> str:
    """Return a value as one line of visible text."""
    return visible(str("" if value is None else value))


_NO_WIDTH = ("Mn", "Me", "Cf")  # marks above and around a letter, joiners


def width(value: str) -> int:
    """Return how many terminal cells ``value`` takes: 2 for a wide character, 0 for a combining one."""
    return sum(
        0 if unicodedata.category(char) in _NO_WIDTH else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in value
    )


def fold(value: str, cells: int) -> list[str]:
    """Return a text as lines of at most so many cells.

    They break at blanks and beside wide characters; a longer word, such as an address, stays whole.
    """
    lines, line = [], ""
    for piece in _PIECE.findall(value):
        if line and width(line + piece.rstrip()) > cells:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return [*lines, line.rstrip()]


_WIDE, _CLOSING = r"\u2e80-\uffef", "，。；：、！？）」』”’》…"
# A run without a blank, or one wide character; each with what must not begin a line, and the blanks, behind it.
_PIECE = re.compile(rf"(?:[^\s{_WIDE}]+|[{_WIDE}])[{_CLOSING}]*\s*|\s+")


def text(headline: str, header: Sequence[str], rows: Sequence[Sequence[Any]], footer: str = "") -> str:
    """Return an aligned table as text, numbers on the right; the header is left out when there are no rows."""
    lines = [plain(headline)] if headline else []
    if rows:
        right = _on_the_right(rows, len(header))
        cells = [[plain(value) for value in row] for row in [header, *rows]]
        widths = [max(width(row[i]) for row in cells) for i in range(len(header))]
        lines += [
            "  ".join(_pad(value, widths[i], right=right[i]) for i, value in enumerate(row)).rstrip() for row in cells
        ]
    return "\n".join([*lines, visible_lines(footer)] if footer else lines)


def facts(lines: Sequence[tuple[str, str]]) -> str:
    """Return label and value pairs as aligned text."""
    widest = max((width(label) for label, _ in lines), default=0)
    return "\n".join(f"{_pad(label, widest, right=False)}  {plain(value)}" for label, value in lines)


def _pad(value: str, cells: int, *, right: bool) -> str:
    blank = " " * (cells - width(value))
    return blank + value if right else value + blank


def _on_the_right(rows: Sequence[Sequence[Any]], columns: int) -> list[bool]:
    """Say of each column whether all that it holds are numbers."""
    return [
        any(is_number(row[i]) for row in rows) and all(is_number(row[i]) or row[i] in ("", None) for row in rows)
        for i in range(columns)
    ]


def is_number(value: Any) -> bool:
    """Say whether a value stands on the right."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


# --- HTML for notebooks -------------------------------------------------------------------------------------------

# Colours: JupyterLab's variables, with a fallback that reads on light and on dark where they are not set.
INK = "var(--jp-ui-font-color1,inherit)"
PALE = "var(--jp-ui-font-color2,#777)"
INVERSE = "var(--jp-ui-inverse-font-color1,#fff)"  # on BRAND
CONTENT = "var(--jp-content-font-color1,inherit)"  # of a long text: on dark JupyterLab makes it brighter than INK
CONTENT_PALE = "var(--jp-content-font-color2,#888)"
LINE = "var(--jp-border-color2,#8888)"
EDGE = "var(--jp-border-color1,#bdbdbd)"  # of a button
SHADE = "var(--jp-layout-color2,#f5f5f5)"  # behind what can be copied
BRAND = "var(--jp-brand-color1,#1976d2)"
GOOD = "var(--jp-success-color1,#2e7d32)"
WARN = "var(--jp-warn-color1,#e69500)"
BAD = "var(--jp-error-color1,#c62828)"
MONO = "var(--jp-code-font-family,monospace)"

SOFT = f"color:{PALE}"
_BOX = f"color:{INK};font-size:13px;line-height:1.5;overflow-x:auto"
_TABLE = "border-collapse:collapse;margin:4px 0"
_CELL = "padding:2px 10px 2px 0;vertical-align:top;text-align:{side};white-space:{wrap}"
_RULE = f";border-bottom:1px solid {LINE}"


def html(
    headline: str, header: Sequence[str], rows: Sequence[Sequence[Any]], footer: str = "", *, wrapping: int = 1
) -> str:
    """Return a table as escaped, static HTML; the last ``wrapping`` columns may wrap, the others stay on their line."""
    return boxed(headline, _table(header, rows, wrapping) if rows else "", footer)


def boxed(headline: str, body: str, footer: str = "") -> str:
    """Return HTML in our box, below a headline and above a footer; these two are text."""
    above = f"<div><b>{escape(headline)}</b></div>" if headline else ""
    return visible_lines(f'<div class="larknb" style="{_BOX}">{above}{body}{soft(footer) if footer else ""}</div>')


def soft(line: str) -> str:
    """Return a line of text as HTML in a soft colour; it may be several."""
    shown = "<br>".join(escape(visible(part)) for part in line.split("\n"))
    return f'<div style="{SOFT}">{shown}</div>'


def facts_html(lines: Sequence[tuple[str, str]]) -> str:
    """Return label and value pairs as escaped, static HTML."""
    rows = "".join(
        f'<tr><td style="padding-right:12px;text-align:left;{SOFT}">{escape(label)}</td>'
        f'<td style="text-align:left">{escape(value)}</td></tr>'
        for label, value in lines
    )
    return boxed("", f'<table style="{_TABLE}"><tbody>{rows}</tbody></table>')


def anchor(address: str, label: str, attributes: str = "") -> str:
    """Return a link that opens apart, or the label alone: an address from outside may be a ``javascript:`` one."""
    if not address.startswith(("https://", "http://")):
        return escape(label)
    return f'<a {attributes}href="{escape(address)}" target="_blank" rel="noopener noreferrer">{escape(label)}</a>'


def bar(share: float) -> str:
    """Return a progress bar for a share of 0 to 1."""
    shape = "height:8px;border-radius:4px"
    done = f'<span style="display:block;{shape};width:{share:.0%};background:{BRAND}"></span>'
    return f'<span style="display:inline-block;width:120px;margin-right:8px;{shape};background:{LINE}">{done}</span>'


class Drawn(str):
    """A text that looks otherwise in HTML."""

    def html(self) -> str:
        """Return it as escaped HTML."""
        return escape(self)


class Link(Drawn):
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


def _table(header: Sequence[str], rows: Sequence[Sequence[Any]], wrapping: int) -> str:
    wraps = ["nowrap"] * (len(header) - wrapping) + ["normal"] * wrapping
    right = _on_the_right(rows, len(header))
    styles = [_CELL.format(side="right" if number else "left", wrap=wrap)
              for number, wrap in zip(right, wraps, strict=True)]  # fmt: skip
    head = _row("th", [style + _RULE for style in styles], header)
    body = "".join(_row("td", styles, row) for row in rows)
    return f'<table style="{_TABLE}"><thead>{head}</thead><tbody>{body}</tbody></table>'


def _row(tag: str, styles: Sequence[str], values: Sequence[Any]) -> str:
    cells = (f'<{tag} style="{style}">{_cell(value)}</{tag}>' for style, value in zip(styles, values, strict=True))
    return f"<tr>{''.join(cells)}</tr>"


def _cell(value: Any) -> str:
    return value.html() if isinstance(value, Drawn) else escape(str("" if value is None else value))


# --- words for numbers --------------------------------------------------------------------------------------------


def count(number: int) -> int | str:
    """Return a count, or nothing for 0: in a column of many zeros what did happen is hard to see."""
    return number or ""


def age(seconds: float | None) -> str:
    """Return an age in the largest unit that fits, such as ``5 min``."""
    if seconds is None:
        return say("age.never")
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= length:
            return say(f"age.{unit}", n=int(seconds // length))
    return say("age.seconds", n=max(0, int(seconds)))


def length(value: timedelta) -> str:
    """Return a length of time as hours, minutes and seconds, and what is finer if there is any: 36:00:00."""
    seconds, finer = divmod(abs(value // timedelta(milliseconds=1)), 1000)
    hours, seconds = divmod(seconds, 3600)
    text = f"{'-' if value < timedelta() else ''}{hours}:{seconds // 60:02}:{seconds % 60:02}"
    return f"{text}.{finer:03}" if finer else text


def size(length: int) -> str:
    """Return a number of bytes for people, such as ``1.4 MB``."""
    amount = float(length)
    for unit in ("B", "KB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"


def moment(at: float | None) -> str:
    """Return a time in the machine's zone, to the second; an empty string for None."""
    return "" if at is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))


def local(at: str) -> str:
    """Return a time that programs read as people read it, in the machine's zone, to the second."""
    try:
        return moment(datetime.fromisoformat(at).timestamp()) if at else ""
    except (ValueError, OverflowError):  # a file may say anything
        return at[:19].replace("T", " ")


def clock_time(at: float) -> str:
    """Return a time of today in the machine's zone, to the second."""
    return time.strftime("%H:%M:%S", time.localtime(at))


def iso(at: float) -> str:
    """Return a time as ISO 8601 in the machine's zone, to the second: for programs."""
    return time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(at))
