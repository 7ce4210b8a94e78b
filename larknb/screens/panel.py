"""PanelWidget: who is signed in, the sources, a sync and the last runs, in one small card."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets

from larknb import display
from larknb.errors import LarkError
from larknb.messages import say
from larknb.results.runs import RunList
from larknb.results.status import State, Status, StatusRow
from larknb.results.sync import SyncReport
from larknb.screens import card, controls
from larknb.screens.card import View
from larknb.screens.card_thread import LIFE
from larknb.screens.conversation import Conversation
from larknb.screens.frame import CardWidget
from larknb.screens.login import PATIENCE
from larknb.screens.progress import PAUSE, Board, Show, Step
from larknb.screens.sign_ins import WorkspaceLogin

__all__ = ["Desk", "PanelWidget", "panel_view"]

MOST = 12  # sources that are shown
LATEST = 3  # runs
MOODS: dict[State, card.Mood] = {"failed": "bad", "never": "open", "stale": "good", "fresh": "good"}
WORST = [*MOODS]


@dataclass(frozen=True)
class Desk:
    """What a panel shows and does, each time anew.

    Parameters
    ----------
    status, runs : callable
        Return the health of all, and the headless runs.
    sync : callable
        Syncs some sources, or all where none is named: whatever their age if it is forced. Its last argument hears of
        each step.
    login : callable
        Returns the login of the workspace.
    """

    status: Callable[[], Status]
    runs: Callable[[], RunList]
    sync: Callable[[Sequence[str], bool, Show], SyncReport]
    login: Callable[[], WorkspaceLogin]


def panel_view(desk: Desk, *told: str) -> View:
    """Return what a panel shows: the sources by their state, the last runs, and what was ``told``."""
    status = desk.status()
    lines = sorted(_by_source(status), key=lambda line: WORST.index(line[0]))
    parts = [card.text_of(text) for text in told]
    if lines:
        names = ("source", "rows", "state", "age")
        rows = [(name, count, say(f"state.{state}"), age) for state, name, count, age in lines[:MOST]]
        parts.append(card.table([say(f"column.{name}") for name in names], rows))
    else:
        parts.append(card.text_of(say("panel.none")))
    if len(lines) > MOST:
        parts.append(card.text_of(say("panel.more", count=len(lines) - MOST)))
    if latest := [*desk.runs()][:LATEST]:
        header = [say(f"runs.{name}") for name in ("started_at", "notebook", "status")]
        ran = [(display.local(run.started_at), run.notebook, say(f"runs.status.{run.status}")) for run in latest]
        parts.append(card.table(header, ran))
    title = " · ".join(part for part in (say("panel.title"), status.login) if part)
    return card.box(MOODS[lines[0][0]] if lines else "open", title, *parts)


def _by_source(status: Status) -> Iterator[tuple[State, str, int | None, str]]:
    """Yield state, name, rows and age of each source; of several tables the worst one tells."""
    found: dict[str, list[StatusRow]] = defaultdict(list)
    for row in status:
        found[row.source].append(row)
    for name, rows in found.items():
        counts = [row.rows for row in rows if row.rows is not None]
        ages = [row.age for row in rows if row.age is not None]
        state = min((row.state for row in rows), key=WORST.index)
        yield (
            state,
            name,
            sum(counts) if counts else None,
            say("status.ago", age=display.age(max(ages))) if ages else "",
        )


class PanelWidget(CardWidget):
    """The card of one workspace; it shows itself.

    Parameters
    ----------
    desk : Desk
        What it shows and does.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._choice: Any = None
        self._shown_at = 0.0
        super().__init__(panel_view(desk))

    @property
    def is_over(self) -> bool:
        """False: it can be used as long as the kernel lives."""
        return False

    def start(self) -> None:
        """Show what can be clicked."""
        self.draw(self.view, self._controls())

    def _controls(self) -> list[widgets.Widget]:
        """Return the choice of a source, and the buttons."""
        names = [*dict.fromkeys(row.source for row in self._desk.status())]
        options = [(say("panel.all"), ""), *((name, name) for name in names)]
        self._choice = widgets.Dropdown(
            options=options, layout=widgets.Layout(width="auto", margin="2px 16px 2px 20px")
        )
        buttons = [
            controls.button(say("panel.sync"), lambda: self._begin(lambda: self._sync(force=False)), style="primary"),
            controls.button(say("panel.force"), lambda: self._begin(lambda: self._sync(force=True))),
            controls.button(say("panel.refresh"), lambda: self._begin(lambda: ())),
        ]
        if self._desk.login().present() is None:
            buttons.append(controls.button(say("panel.sign_in"), lambda: self._begin(self._sign_in)))
        return [self._choice, widgets.HBox(buttons, layout=widgets.Layout(flex_flow="row wrap"))]

    def _begin(self, act: Callable[[], Sequence[str]]) -> None:
        """Do something in a thread, then show how all is by then and what was told of it."""

        def work() -> None:
            try:
                told = act()
            except LarkError as error:
                told = [str(error)]
            except Exception as error:  # noqa: BLE001  nobody else would ever see it, and it may show a secret
                told = [type(error).__name__]
            self.draw(panel_view(self._desk, *told), self._controls())

        threading.Thread(target=copy_context().run, args=(work,), name="larknb-panel", daemon=True).start()

    def _sync(self, *, force: bool) -> Sequence[str]:
        """Sync what is chosen, and return what there is to say of it."""
        names, board = [self._choice.value] if self._choice.value else [], Board()
        self.draw(card.box("waiting", say("panel.working")), ())

        def hear(step: Step) -> None:
            board.take(step)
            now = time.monotonic()
            if now - self._shown_at >= PAUSE and not board.is_over:
                self._shown_at = now
                bar = View(display.bar(board.share), "")
                self.draw(card.box("waiting", say("panel.working"), bar, *map(card.text_of, board.texts())), ())

        report = self._desk.sync(names, force, hear)
        problems = (f"{row.source} {row.table}: {row.problem}".replace(" :", ":") for row in report if row.problem)
        return [*report.footer().split("\n"), *problems]

    def _sign_in(self) -> Sequence[str]:
        """Let the login card take the place of this one, until somebody is signed in."""
        conversation = Conversation(self._desk.login(), self.draw, patience=PATIENCE)
        conversation.begin()
        conversation.start()
        conversation.wait(LIFE)
        return ()
