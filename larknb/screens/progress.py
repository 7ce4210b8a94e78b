"""The progress of a sync: one line in a notebook, a line per source elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from html import escape
from typing import Any, Protocol

from larknb.console import note, place
from larknb.messages import say
from larknb.model import Progress

__all__ = ["reporter"]


EVERY = 0.2  # seconds between two lines: more often nobody can read


class _Handle(Protocol):
    """What IPython gives for a display that can be replaced."""

    def update(self, obj: Any) -> None:
        """Replace what is shown."""


def reporter() -> Callable[[Progress], None]:
    """Return what shows the progress of a sync here: one HTML line in a notebook, lines on stderr elsewhere."""
    return _NotebookLine() if place() == "notebook" else _lines


def _line(progress: Progress) -> str:
    source, done, total = progress.source, progress.done, progress.total
    if progress.state == "done":
        return say("progress.done", source=source, done=done, total=total)
    rows, rows_total = f"{progress.rows:,}", f"{progress.rows_total:,}"
    key = "progress.table" if progress.table else "progress.source"
    return say(key, source=source, table=progress.table, done=done + 1, total=total, rows=rows, rows_total=rows_total)


def _lines(progress: Progress) -> None:
    if progress.state == "done":
        note(_line(progress))


class _NotebookLine:
    """One line of HTML that is replaced in place."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._shown_at = clock, 0.0
        self._handle: _Handle | None = None

    def __call__(self, progress: Progress) -> None:
        from IPython.display import HTML, display

        finished = progress.state == "done" and progress.done >= progress.total
        now = self._clock()
        if not finished and now - self._shown_at < EVERY:
            return
        self._shown_at = now
        line = HTML("" if finished else _bar(_share(progress)) + escape(_line(progress)))  # the report takes its place
        if self._handle is None:
            self._handle = display(line, display_id=True)
        else:
            self._handle.update(line)


def _share(progress: Progress) -> float:
    """Return how much of the sync is done, from 0 to 1."""
    within = progress.rows / progress.rows_total if progress.rows_total else 0
    return min(1.0, (progress.done + within) / max(1, progress.total))


def _bar(share: float) -> str:
    return (
        '<span style="display:inline-block;width:120px;height:8px;margin-right:8px;border-radius:4px;'
        'background:var(--jp-border-color2,#ddd)"><span style="display:block;height:8px;border-radius:4px;'
        f'width:{share:.0%};background:var(--jp-brand-color1,#1976d2)"></span></span>'
    )
