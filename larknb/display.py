"""The HTML and the aligned text of results, and where they are shown.

Everything that comes from outside is escaped. The HTML is static: no script, no style that reaches outside its own
elements; colours are JupyterLab's variables with a fallback, so light and dark both read. The text counts East Asian
width, so Chinese columns stay aligned in a terminal.
"""

from __future__ import annotations

import os
import sys
import time
import unicodedata
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import Any, Literal, Protocol
from urllib.parse import quote

from larknb.messages import say
from larknb.model import Progress

__all__ = [
    "Link",
    "age",
    "clock_time",
    "facts",
    "facts_html",
    "html",
    "is_driven",
    "is_remote",
    "moment",
    "note",
    "place",
    "reporter",
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


def _plain(value: Any) -> str:
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
        cells = [[_plain(value) for value in row] for row in [header, *rows]]
        widths = [max(width(row[i]) for row in cells) for i in range(len(header))]
        lines += [
            "  ".join(_pad(value, widths[i], right=right[i]) for i, value in enumerate(row)).rstrip() for row in cells
        ]
    return "\n".join(lines + ([footer] if footer else []))


def facts(lines: Sequence[tuple[str, str]]) -> str:
    """Return label and value pairs as aligned text."""
    widest = max((width(label) for label, _ in lines), default=0)
    return "\n".join(f"{_pad(label, widest, right=False)}  {_plain(value)}" for label, value in lines)


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
_SOFT = "color:var(--jp-ui-font-color2,#777)"


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
    parts.append(f'<div style="{_SOFT}">{escape(footer)}</div>' if footer else "")
    return f'<div class="larknb" style="{_BOX}">{"".join(parts)}</div>'


def facts_html(lines: Sequence[tuple[str, str]]) -> str:
    """Return label and value pairs as escaped, static HTML."""
    rows = "".join(
        f'<tr><td style="padding-right:12px;text-align:left;{_SOFT}">{escape(label)}</td>'
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


# --- where it is shown -------------------------------------------------------------------------------------------

Place = Literal["notebook", "console", "terminal", "nobody"]

HEADLESS_MARK = "LARKNB_HEADLESS"  # set by our own runner: nobody will ever answer a prompt


def place() -> Place:
    """Say where we run: a notebook with somebody there, a text console on a kernel, a terminal, or nobody to ask."""
    if os.environ.get(HEADLESS_MARK):
        return "nobody"
    kernel = getattr(_shell(), "kernel", None)
    if kernel is not None:
        if "VOILA_KERNEL_ID" in os.environ or os.environ.get("SERVER_SOFTWARE", "").startswith("voila"):
            return "notebook"  # voila forbids stdin although a person is there
        if not _may_ask(kernel):
            return "nobody"
        return "console" if _is_console() else "notebook"
    streams = (sys.stdin, sys.stdout)
    return "terminal" if all(stream is not None and stream.isatty() for stream in streams) else "nobody"


def is_driven() -> bool:
    """Say whether a program drives us: a notebook runner, which answers nothing, whoever may watch it."""
    return bool(os.environ.get(HEADLESS_MARK)) or getattr(_shell(), "kernel", None) is not None


def is_remote() -> bool:
    """Say whether the browser probably runs on another machine than this process, so that no loopback page loads."""
    return any(name in os.environ for name in _REMOTE) or any(Path(mark).exists() for mark in _CONTAINER)


_REMOTE = ("SSH_CONNECTION", "JUPYTERHUB_API_URL", "KUBERNETES_SERVICE_HOST", "CODESPACES", "COLAB_RELEASE_TAG")
_CONTAINER = ("/.dockerenv", "/run/.containerenv")


def _shell() -> Any:
    """Return the IPython shell, or None; IPython is not imported for the question."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def _may_ask(kernel: Any) -> bool:
    """Say whether the front end of the present request answers ``input()``: nbclient and its kin do not."""
    try:
        content = kernel.get_parent("shell")["content"]
    except (AttributeError, KeyError, TypeError):
        content = {}
    return bool(content.get("allow_stdin", getattr(kernel, "_allow_stdin", False)))


def _is_console() -> bool:
    """Say whether a console that shows text alone started this kernel; its requests look like any other's."""
    import psutil

    try:
        words = [word for parent in psutil.Process().parents()[:2] for word in parent.cmdline()]
    except psutil.Error:
        return False
    return any(Path(word).stem in _CONSOLES for word in words)


_CONSOLES = ("jupyter-console", "jupyter_console", "jupyter-qtconsole", "qtconsole")


def note(line: str) -> None:
    """Tell the user one line beside the result: in a notebook under the cell, elsewhere on stderr."""
    if place() == "notebook":
        from IPython.display import HTML, display

        display(HTML(f'<div style="{_SOFT}">{escape(line)}</div>'))
    elif sys.stderr is not None:  # None under pythonw
        encoding = sys.stderr.encoding or "utf-8"
        sys.stderr.write(_plain(line).encode(encoding, "replace").decode(encoding) + "\n")


class _Handle(Protocol):
    def update(self, obj: Any) -> None: ...


def reporter() -> Callable[[Progress], None]:
    """Return what shows the progress of a sync here: one HTML line in a notebook, lines on stderr elsewhere."""
    return _NotebookLine() if place() == "notebook" else _lines


def _line(step: Progress) -> str:
    if step.state == "done":
        return say("progress.done", source=step.source, done=step.done, total=step.total)
    key = "progress.table" if step.table else "progress.source"
    return say(key, source=step.source, table=step.table, done=step.done + 1, total=step.total,
               rows=f"{step.rows:,}", rows_total=f"{step.rows_total:,}")  # fmt: skip


def _lines(step: Progress) -> None:
    if step.state == "done":
        note(_line(step))


class _NotebookLine:
    """One line of HTML, replaced in place at most five times a second."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._shown_at = clock, 0.0
        self._handle: _Handle | None = None

    def __call__(self, step: Progress) -> None:
        from IPython.display import HTML, display

        finished = step.state == "done" and step.done >= step.total
        now = self._clock()
        if not finished and now - self._shown_at < 0.2:
            return
        self._shown_at = now
        share = min(1.0, (step.done + (step.rows / step.rows_total if step.rows_total else 0)) / max(1, step.total))
        line = HTML("" if finished else _bar(share) + escape(_line(step)))  # the report takes its place
        if self._handle is None:
            self._handle = display(line, display_id=True)
        else:
            self._handle.update(line)


def _bar(share: float) -> str:
    return (
        '<span style="display:inline-block;width:120px;height:8px;margin-right:8px;border-radius:4px;'
        'background:var(--jp-border-color2,#ddd)"><span style="display:block;height:8px;border-radius:4px;'
        f'width:{share:.0%};background:var(--jp-brand-color1,#1976d2)"></span></span>'
    )
