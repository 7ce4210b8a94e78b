"""Progress in a terminal: lines that move while something is done, and one that stays for each source that is done."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from larknb.model import Progress
from larknb.screens.progress import Board, Show, Step, done_line, showing_with
from larknb.visible import visible

if TYPE_CHECKING:
    from rich.text import Text

__all__ = ["watched"]

A_SECOND = 5  # times that the lines are drawn
SIGNS = "|/-\\"  # what turns; every code page has these


def watched(*, quiet: bool) -> AbstractContextManager[None]:
    """Show the long work inside: nowhere if ``quiet``, moving at a terminal, else a line for each source."""
    if quiet:
        return showing_with(lambda: nullcontext(lambda _: None))
    is_terminal = sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    return showing_with(_live) if is_terminal else nullcontext()


@contextmanager
def _live() -> Iterator[Show]:
    from rich.live import Live
    from rich.text import Text

    from larknb.cli.drawing import console_of

    console, board, turns = console_of(sys.stderr), Board(), 0

    def drawn() -> Any:
        nonlocal turns
        turns += 1
        return Text("\n").join(_line(text, board, turns) for text in board.texts())

    def take(step: Step) -> None:
        was_read = isinstance(step, Progress) and board.is_reading(step.source)
        board.take(step)
        if isinstance(step, Progress) and step.state == "done" and was_read:
            console.print(Text(visible(done_line(step))))

    with Live(get_renderable=drawn, console=console, transient=True, refresh_per_second=A_SECOND):
        yield take


def _line(text: str, board: Board, turns: int) -> Text:
    from rich.text import Text

    line = Text(f"{SIGNS[turns % len(SIGNS)]} {board.share:>4.0%}  {text}", no_wrap=True, overflow="ellipsis")
    line.stylize("cyan", 0, 1)
    return line
