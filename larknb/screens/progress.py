"""The progress of a sync, shown where we run."""

from __future__ import annotations

import time
from collections.abc import Callable
from html import escape
from typing import Any, Protocol

from larknb.console import note, place
from larknb.messages import say
from larknb.model import Progress

__all__ = [
    "reporter",
]


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
