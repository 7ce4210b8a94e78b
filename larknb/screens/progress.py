"""How long work is shown while it goes on: a sync and a headless run.

`Board` knows what there is to say at any moment. A notebook shows it below the cell and keeps it moving while nothing
arrives; the command line draws it in the terminal (`showing_with`); elsewhere each source that is done is one line.
"""

from __future__ import annotations

import contextvars
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from html import escape
from typing import Any, Protocol

from larknb import display
from larknb.console import note, place
from larknb.messages import say
from larknb.model import Progress, Running
from larknb.visible import visible

__all__ = ["Board", "Show", "Step", "done_line", "reporter", "showing_with"]

PAUSE = 0.2  # seconds between two looks of the line: more often nobody can read, and each one is a message to the page
TICK = 1.0  # seconds after which it moves although nothing arrived
PATIENCE = 3.0  # seconds until a line says how long it has taken

Clock = Callable[[], float]
Step = Progress | Running
Show = Callable[[Step], None]

_chosen: ContextVar[Callable[[], AbstractContextManager[Show]] | None] = ContextVar("larknb_progress", default=None)


def reporter(clock: Clock = time.monotonic) -> AbstractContextManager[Show]:
    """Return what shows long work where we run, for as long as one is inside."""
    chosen = _chosen.get()
    if chosen is not None:
        return chosen()
    return NotebookLine(clock) if place() == "notebook" else nullcontext(_note_finished)


@contextmanager
def showing_with(make: Callable[[], AbstractContextManager[Show]]) -> Iterator[None]:
    """Show long work inside with what ``make`` makes for each."""
    before = _chosen.set(make)
    try:
        yield
    finally:
        _chosen.reset(before)


def _note_finished(step: Step) -> None:
    """Note a source that is done; what is still being read would fill a log."""
    if isinstance(step, Progress) and step.state == "done":
        note(done_line(step))


def done_line(step: Progress) -> str:
    """Return the line of a source that is done."""
    return say("progress.done", source=step.source, done=step.done, total=step.total)


# --- what there is to say ---------------------------------------------------------------------------------------------


@dataclass
class _Line:
    """One source: its last step, when that came, and since when the present table is read."""

    step: Progress
    at: float
    since: float

    def take(self, step: Progress, now: float) -> None:
        """Take the next step; a table is read since the step before its first rows."""
        if step.table != self.step.table:
            self.since = self.at
        self.step, self.at = step, now

    def text(self, now: float) -> str:
        """Return what to say of it now."""
        step = self.step
        left = max(0, math.ceil(step.seconds - (now - self.at)))
        if step.state == "settling":
            return say("progress.settling", where=self._where(), seconds=left)
        if step.state == "retrying":
            return say("progress.retrying", where=self._where(), tries=step.tries, total=step.tries_total, seconds=left)
        return self._where() + self._pace(now)

    def _where(self) -> str:
        step = self.step
        if not step.source:
            return say("progress.all")
        key = "progress.files" if step.files_total else "progress.table" if step.table else "progress.source"
        return say(key, source=step.source, table=step.table, done=step.done + 1, total=step.total,
                   rows=_of(step.rows, step.rows_total),
                   files=_of(step.files, step.files_total))  # fmt: skip

    def _pace(self, now: float) -> str:
        """Say how fast rows come and how long the rest takes; of what gives no number, how long it has taken."""
        step, taken = self.step, self.at - self.since
        if step.table and step.rows and taken > 0:
            rate = step.rows / taken
            pace = say("progress.rate", rate=f"{rate:,.0f}")
            rest = (step.rows_total - step.rows) / rate - (now - self.at)
            return pace + (say("progress.left", seconds=math.ceil(rest)) if rest > 0 else "")
        waited = now - self.at
        return say("progress.taken", seconds=int(waited)) if waited >= PATIENCE else ""

    @property
    def share(self) -> float:
        """How much of the source is read, 0 to 1, by its files or its rows."""
        step = self.step
        done, total = (step.files, step.files_total) if step.files_total else (step.rows, step.rows_total)
        return min(1.0, done / total) if total else 0.0


def _of(number: int, total: int) -> str:
    return say("progress.of", number=f"{number:,}", total=f"{total:,}") if total else f"{number:,}"


@dataclass
class Board:
    """What there is to say at any moment of a sync, whose sources may be read at once, or of a run."""

    clock: Clock = time.monotonic
    done: int = 0
    total: int = 0
    _lines: dict[str, _Line] = field(default_factory=dict)
    _cell: tuple[Running, float] | None = None

    def take(self, step: Step) -> None:
        """Take the next step."""
        now = self.clock()
        if isinstance(step, Running):
            self._cell = step, now
            return
        if step.source:
            self._lines.pop("", None)  # what concerned all sources is over
            self.done, self.total = max(self.done, step.done), step.total
        if step.state == "done":
            self._lines.pop(step.source, None)
        elif step.source in self._lines:
            self._lines[step.source].take(step, now)
        else:
            self._lines[step.source] = _Line(step, now, now)

    def is_reading(self, source: str) -> bool:
        """Say whether a source is being looked at; one that is kept is done at once."""
        return source in self._lines

    @property
    def is_over(self) -> bool:
        """True when every source is done."""
        return bool(self.total) and self.done >= self.total

    @property
    def share(self) -> float:
        """How much of all is done, 0 to 1."""
        if self._cell is not None:
            return (self._cell[0].cell - 1) / max(1, self._cell[0].cells)
        return min(1.0, (self.done + sum(line.share for line in self._lines.values())) / max(1, self.total))

    def texts(self) -> list[str]:
        """Return the lines to show now."""
        now = self.clock()
        found = [line.text(now) for line in [*self._lines.values()]]
        if self._cell is not None:
            step, at = self._cell
            found.append(say("progress.cell", notebook=step.notebook, cell=step.cell, cells=step.cells, line=step.line,
                             seconds=int(step.seconds + now - at)))  # fmt: skip
        return [visible(text) for text in found]


# --- in a notebook ----------------------------------------------------------------------------------------------------


class _Handle(Protocol):
    """What IPython gives to replace a display."""

    def update(self, obj: Any) -> None: ...


class NotebookLine(AbstractContextManager[Show]):
    """Some lines below the cell, replaced in place; the result takes their place in the end."""

    def __init__(self, clock: Clock) -> None:
        self._board, self._clock, self._shown_at = Board(clock), clock, 0.0
        self._handle: _Handle | None = None
        self._turn, self._ended = threading.Lock(), threading.Event()

    def __enter__(self) -> Show:
        """Keep the lines moving."""
        context = contextvars.copy_context()  # the language, and the cell below which to show
        threading.Thread(target=context.run, args=(self._tick,), name="larknb-progress", daemon=True).start()
        return self

    def __exit__(self, *problem: object) -> None:
        """Take the lines away."""
        self._ended.set()
        with self._turn:
            if self._handle is not None:
                self._show("")

    def __call__(self, step: Step) -> None:
        """Take the next step, and show it unless another one was shown this very moment."""
        with self._turn:
            self._board.take(step)
            now = self._clock()
            if self._board.is_over or now - self._shown_at >= PAUSE:
                self._shown_at = now
                self._show("" if self._board.is_over else self._html())

    def _tick(self) -> None:
        while not self._ended.wait(TICK):
            with self._turn:
                if self._handle is not None and not self._ended.is_set() and not self._board.is_over:
                    self._show(self._html())

    def _html(self) -> str:
        lines = [escape(text) for text in self._board.texts()]
        return display.bar(self._board.share) + "<br>".join(lines)

    def _show(self, html: str) -> None:
        from IPython.display import HTML
        from IPython.display import display as show

        if self._handle is None:
            self._handle = show(HTML(html), display_id=True)
        else:
            self._handle.update(HTML(html))
