"""One sign-in at a login card, from the first look to whoever is signed in: what a person does and what comes of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Literal

from larknb import console
from larknb.auth.creation import AppCreation
from larknb.auth.device import DeviceLogin
from larknb.auth.flow import Login
from larknb.config.secrets import Secret
from larknb.errors import ConfigError, LarkError, LoginRequired
from larknb.messages import say
from larknb.results.user import User
from larknb.screens import card, controls
from larknb.screens.card import View
from larknb.screens.card_thread import CardThread
from larknb.screens.sign_ins import KnownLogin, WorkspaceLogin, notes_of, shared_sign_in

__all__ = ["FINAL", "CardState", "Conversation", "Draw"]

CardState = Literal["setup", "creating", "preparing", "waiting", "signed in", "signed out", "failed", "ended"]
FINAL = ("signed in", "ended")  # states in which nothing can be typed or clicked any more
Draw = Callable[[View, Sequence[Any]], None]  # takes the head of a state and the widgets under it


class Conversation:
    """What happens at one card.

    Parameters
    ----------
    workspace : WorkspaceLogin
        What is signed in to.
    draw : callable
        Shows each state.
    patience : float
        Seconds after which the card says what may keep the answer.

    Attributes
    ----------
    state : str
        ``setup``, ``creating``, ``preparing``, ``waiting``, ``signed in``, ``signed out``, ``failed``, or after an hour
        ``ended``.
    user : User or None
        Who is signed in, once somebody is.
    """

    def __init__(self, workspace: WorkspaceLogin, draw: Draw, *, patience: float) -> None:
        self.state: CardState = "preparing"
        self.user: User | None = None
        self._workspace, self._draw, self._patience = workspace, draw, patience
        self._error: Exception | None = None
        self._settled = threading.Event()
        self._sign_in: Login | DeviceLogin | None = None
        self._creation: AppCreation | None = None
        self._notes: list[str] = []  # what whoever signs in with a new app should know
        self._began, self._is_late = 0.0, False
        self._known = KnownLogin(workspace)
        self._thread = CardThread(self._look, self._fail, self._is_over, self._end)

    def begin(self) -> None:
        """Show the first state: who is in already, or what to do."""
        user = self._known.user
        if user is None or self._workspace.force or self._workspace.lacking(user):
            self._prepare_or_set_up()
        else:
            self._welcome(user)

    def start(self) -> None:
        """Go on in a thread of its own."""
        self._thread.start()

    def wait(self, timeout: float | None = None) -> User:
        """Return the person, once signed in.

        Raises
        ------
        LarkError
            The sign-in failed, nobody approved it in time, or App ID and secret must be set up first.
        """
        if not self._settled.wait(timeout) or self.user is None:
            if isinstance(self._error, LarkError):
                raise self._error
            raise _unanswered()
        return self.user

    # --- in the card's own thread ---------------------------------------------------------------------------------

    def _look(self) -> None:
        """See whether somebody signed in, here or elsewhere, or whether it takes too long."""
        sign_in = self._sign_in
        if self.state == "creating":
            self._watch()
        elif sign_in is None or sign_in.is_open:
            # A sign-in that is coming here writes the file, too, before it is known who it is and what was granted.
            if not (sign_in and sign_in.is_coming) and (elsewhere := self._known.new_one()):
                self._welcome(elsewhere)
            elif sign_in is not None:
                self._be_patient(sign_in)
        elif user := sign_in.wait(0):
            self._welcome(user, notes_of(sign_in))
        else:
            raise _unanswered()

    def _be_patient(self, sign_in: Login | DeviceLogin) -> None:
        if isinstance(sign_in, Login) and not sign_in.listening and sign_in.clock() >= sign_in.ends_at:
            raise sign_in.late()  # without a listener nobody else notices its end
        if not self._is_late and time.monotonic() >= self._began + self._patience:
            self._is_late = True
            self._wait_for(sign_in)

    # --- the states -----------------------------------------------------------------------------------------------

    def _prepare_or_set_up(self) -> None:
        if self._creation is not None:
            self._show_creation()  # an app was made and could not be kept: its pair comes only once
        elif self._workspace.is_set_up():
            self._turn("preparing", card.preparing())
            self._thread.ask(self._prepare)
        elif self._workspace.can_create() and self._workspace.is_creating():
            self._begin_creation()
        else:
            self._set_up()

    def _set_up(self, problem: LarkError | None = None) -> None:
        settings = self._workspace.settings()
        self._error = problem or ConfigError(say("card.setup.title"), next=say("card.setup.fields"))
        fields = controls.set_up_fields(settings, lambda *given: self._thread.ask(lambda: self._configure(*given)))
        can_create = self._workspace.can_create()
        if can_create:
            scan = controls.button(say("card.create"), lambda: self._thread.ask(self._begin_creation), style="primary")
            fields = [scan, *fields]
        self._turn("setup", card.setup(settings, self._workspace.scopes(), problem, can_create=can_create), fields)
        self._settled.set()

    def _begin_creation(self) -> None:
        self._turn("preparing", card.preparing())
        self._thread.ask(self._create)

    def _create(self) -> None:
        if not self._workspace.can_create():  # another card or a terminal was faster
            self._prepare_or_set_up()
            return
        try:
            self._creation = self._workspace.create()
        except LarkError as error:
            self._set_up(error)  # the manual door, with what was learned
        else:
            self._show_creation()

    def _show_creation(self) -> None:
        assert self._creation is not None
        own = controls.button(say("card.create.own"), lambda: self._thread.ask(self._rather_own))
        self._turn("creating", card.creating(self._creation, self._workspace.settings().brand), [own])

    def _rather_own(self) -> None:
        if self.state == "creating" and self._creation is not None:
            self._creation.give_up()
            self._creation = None
            self._set_up()

    def _watch(self) -> None:
        """See what became of the app that is being made."""
        creation = self._creation
        assert creation is not None
        try:
            made = creation.look()
        except LarkError as error:
            if creation.is_made:
                raise  # it could not be kept: another click tries again
            self._creation = None
            if self._workspace.is_set_up():  # another card or a terminal took it
                self._prepare_or_set_up()
            else:
                self._set_up(error)
            return
        if made is not None:
            self._creation, self._notes = None, [say("create.next", link=made.app.page)]
            self._prepare_or_set_up()

    def _configure(self, app_id: str, secret: Secret, brand: str) -> None:
        try:
            self._workspace.configure(app_id, secret, brand)
            self._prepare_or_set_up()
        except ConfigError as error:
            self._set_up(error)

    def _prepare(self) -> None:
        user = None if self._workspace.force else self._known.user
        try:
            sign_in = shared_sign_in(self._workspace, user)
        except ConfigError as error:
            if error.code is None:
                raise
            self._set_up(error)  # the platform does not know this App ID, or not with this secret
            return
        if user is not None and not sign_in.adds_to(user):
            sign_in.close()  # a page would change nothing
            self._welcome(user, notes_of(sign_in))
            return
        self._sign_in, self._began, self._is_late = sign_in, time.monotonic(), False
        self._wait_for(sign_in)

    def _wait_for(self, sign_in: Login | DeviceLogin, problem: str = "") -> None:
        user, anew = self._known.user, self._workspace.force
        view = card.waiting(sign_in, problem=problem, late=self._is_late, before=user, anew=anew)
        rows = []
        if isinstance(sign_in, Login):
            is_open = bool(problem) or self._is_late or not sign_in.listening or console.is_remote()
            rows.append(
                controls.paste_box(lambda pasted: self._thread.ask(lambda: self._finish(pasted)), is_open=is_open)
            )
        if user is not None:
            rows.append(controls.button(say("card.sign_out"), lambda: self._thread.ask(self._sign_out)))
        self._turn("waiting", view, rows)

    def _finish(self, pasted: Secret) -> None:
        sign_in = self._sign_in
        if not isinstance(sign_in, Login):
            return
        try:
            user = sign_in.finish(pasted)
        except LarkError as error:
            if not sign_in.is_open:
                raise
            self._wait_for(sign_in, str(error))
        else:
            self._welcome(user, notes_of(sign_in))

    def _sign_out(self) -> None:
        note = self._workspace.logout()
        self._known.forget()
        self._sign_in = None
        self._turn("signed out", card.gone(note), [self._start_button()])

    def _fail(self, error: Exception) -> None:
        self._sign_in, self._error = None, error
        self._turn("failed", card.failed(error), [self._start_button()])
        self._settled.set()

    def _start_button(self) -> Any:
        return controls.button(say("card.start"), lambda: self._thread.ask(self._prepare_or_set_up), style="primary")

    def _is_over(self) -> bool:
        return self.state in FINAL

    def _end(self) -> None:
        if self.state != "signed in":
            self._turn("ended", card.ended())

    def _welcome(self, user: User, notes: Sequence[str] = ()) -> None:
        self.user, self._error = user, None
        self._turn("signed in", card.signed_in(user, [*notes, *self._notes]))
        self._settled.set()

    def _turn(self, state: CardState, view: View, rows: Sequence[Any] = ()) -> None:
        """Go into another state and show it."""
        if state in ("creating", "preparing", "waiting"):
            self._settled.clear()
        self.state = state
        self._draw(view, rows)


def _unanswered() -> LoginRequired:
    return LoginRequired(say("card.unanswered.what"), next=say("card.unanswered.next"))
