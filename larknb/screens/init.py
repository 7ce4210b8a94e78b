"""InitWidget: the set-up as a card under the cell, for whoever opens no terminal.

The questions are those of ``larknb init``, asked one after the other in a thread of the card. What is typed is handed
over and gone: it is neither sent back to the page nor saved with the notebook.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextvars import copy_context
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, Literal

from larknb.auth.creation import AppCreation
from larknb.auth.registration import Made
from larknb.config.secrets import Secret
from larknb.errors import LarkError, LoginRequired
from larknb.messages import say
from larknb.results.user import User
from larknb.screens import card, controls
from larknb.screens.card import View
from larknb.screens.card_thread import LIFE, TICK
from larknb.screens.conversation import Conversation
from larknb.screens.frame import CardWidget
from larknb.screens.login import PATIENCE
from larknb.screens.sign_ins import WorkspaceLogin

__all__ = ["InitWidget", "Talk", "show_init"]

InitState = Literal["asking", "creating", "signing in", "done", "stopped", "failed"]
FINAL = ("done", "stopped", "failed")


def show_init(work: Callable[[Talk], Any]) -> InitWidget:
    """Show a card that does this work, and return it."""
    widget = InitWidget(work)
    widget.show()
    return widget


class InitWidget(CardWidget):
    """The card of one set-up; it shows itself.

    Parameters
    ----------
    work : callable
        The set-up, which talks by what it is given.
    """

    def __init__(self, work: Callable[[Talk], Any]) -> None:
        super().__init__(card.preparing())
        self._work = work
        self._over = threading.Event()
        self.state: InitState = "asking"

    @property
    def is_over(self) -> bool:
        """Whether nothing can be typed or clicked any more."""
        return self.state in FINAL

    def start(self) -> None:
        """Go on in a thread of its own, in the language that is spoken here."""
        threading.Thread(target=copy_context().run, args=(self._live,), name="larknb-init", daemon=True).start()

    def wait(self, timeout: float | None = None) -> str:
        """Return how it ended, ``done``, ``stopped`` or ``failed``; or where it is after ``timeout`` seconds."""
        self._over.wait(timeout)
        return self.state

    def turn(self, state: InitState, view: View, rows: Sequence[Any] = ()) -> None:
        """Go into a state and show it; what comes after the end is not shown."""
        if not self.is_over:
            self.state = state
            self.draw(view, rows)

    def _live(self) -> None:
        talk = Talk(self.turn)
        try:
            self._work(talk)
        except KeyboardInterrupt:  # no more answers
            self.turn("stopped", card.set_up(talk.told, "open"))
        except Exception as error:  # noqa: BLE001  nobody else would ever see it
            self.turn("failed", card.failed(error))
        else:
            self.turn("done", card.set_up(talk.told, "good"))
        finally:
            self._over.set()


class Talk:
    """How a set-up talks with a person at a card: each call shows something, and blocks until it is answered.

    Parameters
    ----------
    turn : callable
        Shows a state.

    Attributes
    ----------
    told : list of str
        What was said so far.
    """

    def __init__(self, turn: Callable[[InitState, View, Sequence[Any]], None]) -> None:
        self._turn = turn
        self.told: list[str] = []

    def tell(self, text: str) -> None:
        """Say something; it is shown above the next question."""
        self.told.append(text)
        self._turn("asking", card.set_up(self.told), ())

    def ask(self, question: str, choices: Sequence[str]) -> str:
        """Return an answer: typed, or one of the choices; where there are several, nothing else is possible."""
        return self._asked(question, choices, is_secret=False)

    def ask_unseen(self, question: str) -> str:
        """Return a secret that somebody typed."""
        return self._asked(question, (), is_secret=True)

    def _asked(self, question: str, choices: Sequence[str], *, is_secret: bool) -> Secret:
        answers: SimpleQueue[Secret] = SimpleQueue()
        rows = [] if len(choices) > 1 else controls.answer_fields(question, answers.put, is_secret=is_secret)
        rows += [
            controls.button(say(f"init.choice.{choice or 'now'}"), partial(answers.put, Secret(choice)))
            for choice in choices
        ]
        self._turn("asking", card.set_up(self.told, question=question), rows)
        try:
            return answers.get(timeout=LIFE)
        except Empty:
            raise EOFError from None

    def scan(self, creation: AppCreation, brand: str) -> Made | None:
        """Return an app that somebody made by a scan, once it is kept; None where they have one."""
        own: SimpleQueue[bool] = SimpleQueue()
        rows = [controls.button(say("card.create.own"), lambda: own.put(True))]
        self._turn("creating", card.creating(creation, brand), rows)
        while (made := creation.look()) is None:
            try:
                own.get(timeout=TICK)
            except Empty:
                continue
            creation.give_up()
            return None
        return made

    def log_in(self, workspace: WorkspaceLogin) -> User:
        """Return whoever signs in at the login card, which takes the place of the questions.

        Raises
        ------
        LarkError
            The sign-in failed; it may be had later.
        """
        conversation = Conversation(workspace, partial(self._turn, "signing in"), patience=PATIENCE)
        conversation.begin()
        conversation.start()
        try:
            return conversation.wait(LIFE)
        except LarkError:
            raise
        except Exception as error:
            raise LoginRequired(type(error).__name__, next=say("card.unanswered.next")) from error
