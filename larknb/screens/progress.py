"""How the progress of a sync is shown: one line with a bar in a notebook, a line per finished source elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from html import escape
from typing import Any, Protocol

from larknb import display
from larknb.console import note, place
from larknb.messages import say
from larknb.model import Progress, Reporter
from larknb.visible import visible

__all__ = ["reporter"]

PAUSE = 0.2  # seconds between two looks of the line: more often nobody can read, and each one is a message to the page


def reporter(clock: Callable[[], float] = time.monotonic) -> Reporter:
    """Return what shows the progress of a sync where we run; call it with each step."""
    return _NotebookLine(clock) if place() == "notebook" else _note_finished


def _note_finished(step: Progress) -> None:
    """Note a source that is done; what is still being read would fill a log."""
    if step.state == "done":
        note(_line(step))


class _Handle(Protocol):
    """What IPython gives to replace a display."""

    def update(self, obj: Any) -> None: ...


class _NotebookLine:
    """One line below the cell, replaced in place; the report takes its place in the end."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock, self._shown_at = clock, 0.0
        self._handle: _Handle | None = None

    def __call__(self, step: Progress) -> None:
        finished = step.state == "done" and step.done >= step.total
        now = self._clock()
        if finished or now - self._shown_at >= PAUSE:
            self._shown_at = now
            self._show("" if finished else display.bar(_share(step)) + escape(visible(_line(step))))

    def _show(self, html: str) -> None:
        from IPython.display import HTML
        from IPython.display import display as show

        if self._handle is None:
            self._handle = show(HTML(html), display_id=True)
        else:
            self._handle.update(HTML(html))


def _share(step: Progress) -> float:
    """Return how much of the sync is done, 0 to 1; a source that is being read counts by its rows, or its files."""
    done, total = (step.files, step.files_total) if step.files_total else (step.rows, step.rows_total)
    present = done / total if total else 0
    return min(1.0, (step.done + present) / max(1, step.total))


def _line(step: Progress) -> str:
    if step.state == "done":
        return say("progress.done", source=step.source, done=step.done, total=step.total)
    key = "progress.files" if step.files_total else "progress.table" if step.table else "progress.source"
    return say(key, source=step.source, table=step.table, done=step.done + 1, total=step.total,
               rows=f"{step.rows:,}", rows_total=f"{step.rows_total:,}",
               files=f"{step.files:,}", files_total=f"{step.files_total:,}")  # fmt: skip
