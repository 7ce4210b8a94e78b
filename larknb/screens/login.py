"""LoginWidget: the login as a card under the cell.

The card has two layers. Its head is static HTML that is replaced in place: it says what to do next and holds the link,
so that it works where widget scripts do not load. Under it are widgets, only as long as something is to be typed or
clicked; once somebody is signed in there are none, and a saved notebook shows no dead ones.

Each card lives in a thread of its own. Clicks, which arrive on whatever thread the kernel chooses, only leave a wish in
its inbox: nothing of a card happens twice at once, and the kernel stays free.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Literal

import ipywidgets as widgets
from IPython.core.getipython import get_ipython
from IPython.display import display as show

from larknb import console
from larknb.auth.device import DeviceLogin
from larknb.auth.flow import Login
from larknb.config.secrets import Secret
from larknb.config.settings import Settings
from larknb.errors import ConfigError, LarkError, LoginRequired
from larknb.messages import say
from larknb.results.user import User
from larknb.screens import card
from larknb.screens.card import Face

__all__ = [
    "Desk",
    "LoginWidget",
    "show_login",
]

TICK = 0.25  # seconds between two looks of a card whose inbox is empty
PATIENCE = 45.0  # seconds: who approves at once is back by then; the others may be looking at an error page
LIFE = 3600.0  # seconds that a card waits for somebody, or for a login made elsewhere
SPARE = 60.0  # seconds that a link must be good for to be shown once more

State = Literal["setup", "preparing", "waiting", "signed in", "signed out", "failed", "ended"]
FINAL = ("signed in", "ended")  # nothing can be typed or clicked any more: no widgets


@dataclass(frozen=True)
class Desk:
    """What a card asks of its workspace.

    ``present`` is who is logged in now, ``lacking`` which scopes they did not grant yet; ``begin`` asks for these, and
    for everything without somebody. ``scopes`` are what the app should have. With ``force`` everybody signs in anew.
    ``key`` tells what is signed in to: cards that agree in it share one sign-in, and its port.
    """

    settings: Callable[[], Settings]
    scopes: Callable[[], tuple[str, ...]]
    begin: Callable[[User | None], Login | DeviceLogin]
    present: Callable[[], User | None]
    lacking: Callable[[User], tuple[str, ...]]
    configure: Callable[[str, str, str], None]
    logout: Callable[[], None]
    force: bool
    key: str


def show_login(desk: Desk, *, wait: float = 0) -> LoginWidget:
    """Show a card and return it; with ``wait`` only when somebody is signed in (see `LoginWidget.wait`)."""
    widget = LoginWidget(desk)
    widget.show()
    if wait:
        widget.wait(wait)
    return widget


class LoginWidget(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The card of one login; it shows itself.

    Parameters
    ----------
    desk : Desk
        The workspace that it signs in.
    patience : float
        Seconds after which it says what may keep the answer.

    Attributes
    ----------
    state : str
        ``setup``, ``preparing``, ``waiting``, ``signed in``, ``signed out``, ``failed``, or after an hour ``ended``.
    user : User or None
        Who is signed in, once somebody is.
    """

    def __init__(self, desk: Desk, *, patience: float = PATIENCE) -> None:
        # As wide as the head, to whose right JupyterLab leaves 20px free.
        super().__init__(layout=widgets.Layout(width="calc(100% - 20px)", max_width="640px", margin="0"))
        self.add_class("larknb-card")
        self.state: State = "preparing"
        self.user: User | None = None
        self._desk, self._patience = desk, patience
        self._error: Exception | None = None
        self._settled = threading.Event()
        self._inbox: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._login: Login | DeviceLogin | None = None
        self._began, self._is_late = 0.0, False
        self._rows: tuple[widgets.Widget, ...] = ()
        self._shown: list[tuple[Any, Any]] = []
        self._shown_in: int | None = None
        self._file = desk.settings().token_file
        self._stamp = self._file_stamp()
        self._before = _present(desk)
        self._face = card.preparing()
        if self._before is None or desk.force or desk.lacking(self._before):
            self._prepare_or_set_up()
        else:
            self._welcome(self._before)

    # --- for whoever shows it -----------------------------------------------------------------------------------

    def show(self) -> None:
        """Show the card under the present cell."""
        head = show(self._face.bundle(), raw=True, display_id=True)
        is_open = self.state not in FINAL
        body = show(self._repr_mimebundle_(), raw=True, display_id=True) if is_open else None
        self._shown.append((head, body))
        self._shown_in = _cell()
        if is_open and len(self._shown) == 1:
            threading.Thread(target=copy_context().run, args=(self._live,), name="larknb-card", daemon=True).start()

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
            raise LoginRequired(say("card.unanswered.what"), next=say("card.unanswered.next"))
        return self.user

    def __repr__(self) -> str:
        return self._face.text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return {"application/vnd.jupyter.widget-view+json": view, "text/plain": say("card.no_widgets")}

    def _ipython_display_(self) -> None:
        if _cell() != self._shown_in:  # as the value of the cell that made it, it is there already
            self.show()

    # --- the card's own thread ----------------------------------------------------------------------------------

    def _live(self) -> None:
        end = time.monotonic() + LIFE
        while self.state not in FINAL and time.monotonic() < end:
            try:
                act = self._inbox.get(timeout=TICK)
            except Empty:
                act = self._look
            try:
                act()
            except Exception as error:  # noqa: BLE001  nobody else would ever see it
                self._fail(error)
        if self.state != "signed in":
            self._turn("ended", card.ended())

    def _look(self) -> None:
        """See whether somebody came in, here or elsewhere, or whether it takes too long."""
        login = self._login
        if login is None or login.is_open:
            # Who is coming in here writes the file as well, before it is known who it is and what was granted.
            if not (login and login.is_coming) and (elsewhere := self._signed_in_elsewhere()):
                self._welcome(elsewhere)
            elif login is not None:
                self._be_patient(login)
        elif user := login.wait(0):
            self._welcome(user, _notes(login))
        else:
            raise LoginRequired(say("card.unanswered.what"), next=say("card.unanswered.next"))

    def _be_patient(self, login: Login | DeviceLogin) -> None:
        if isinstance(login, Login) and not login.listening and login.clock() >= login.ends_at:
            raise login.late()  # where nobody listens, nobody else sees its end
        if not self._is_late and time.monotonic() >= self._began + self._patience:
            self._is_late = True
            self._wait_for(login)

    def _signed_in_elsewhere(self) -> User | None:
        """Return who another notebook or a terminal signed in since this card began."""
        if (stamp := self._file_stamp()) == self._stamp:
            return None
        user, before = _present(self._desk), self._before
        if user is not None and not user.open_id:
            return None  # it is being asked who it is
        self._stamp = stamp
        # A renewal touches the file as well; the day of the consent tells a new login from it.
        is_new = user is not None and (before is None or user.consent_ends_at != before.consent_ends_at)
        return user if is_new else None

    def _file_stamp(self) -> int | None:
        try:
            return self._file.stat().st_mtime_ns
        except OSError:
            return None

    # --- what it does -------------------------------------------------------------------------------------------

    def _prepare_or_set_up(self) -> None:
        settings = self._desk.settings()
        if settings.app_id and settings.app_secret:
            self._turn("preparing", card.preparing())
            self._inbox.put(self._prepare)
        else:
            self._set_up()

    def _set_up(self, problem: LarkError | None = None) -> None:
        settings = self._desk.settings()
        self._error = problem or ConfigError(say("card.setup.title"), next=say("card.setup.fields"))
        fields = _SetUpFields(settings)
        fields.button.on_click(lambda _: self._on_set_up(fields))
        self._turn("setup", card.setup(settings, self._desk.scopes(), problem), fields.rows())
        self._settled.set()

    def _on_set_up(self, fields: _SetUpFields) -> None:
        given = fields.taken()
        self._inbox.put(lambda: self._configure(*given))

    def _configure(self, app_id: str, secret: Secret, brand: str) -> None:
        try:
            self._desk.configure(app_id, secret, brand)
            self._prepare_or_set_up()
        except ConfigError as error:
            self._set_up(error)

    def _prepare(self) -> None:
        try:
            login = _shared(self._desk, None if self._desk.force else self._before)
        except ConfigError as error:
            if error.code is None:
                raise
            self._set_up(error)  # the platform does not know this App ID, or not with this secret
            return
        if self._before is not None and not self._desk.force and not login.adds_to(self._before):
            login.close()  # a page would change nothing
            self._welcome(self._before, _notes(login))
            return
        self._login, self._began, self._is_late = login, time.monotonic(), False
        self._wait_for(login)

    def _wait_for(self, login: Login | DeviceLogin, problem: str = "") -> None:
        face = card.waiting(login, problem=problem, late=self._is_late, before=self._before, anew=self._desk.force)
        rows: list[widgets.Widget] = []
        if isinstance(login, Login):
            is_open = bool(problem) or self._is_late or not login.listening or console.is_remote()
            rows.append(_paste_box(self._on_pasted, is_open=is_open))
        if self._before is not None:
            rows.append(_button(say("card.sign_out"), self._sign_out, self._inbox))
        self._turn("waiting", face, rows)

    def _on_pasted(self, pasted: Secret) -> None:
        self._inbox.put(lambda: self._finish(pasted))

    def _finish(self, pasted: Secret) -> None:
        login = self._login
        if not isinstance(login, Login):
            return
        try:
            user = login.finish(pasted)
        except LarkError as error:
            if not login.is_open:
                raise
            self._wait_for(login, str(error))
        else:
            self._welcome(user, _notes(login))

    def _sign_out(self) -> None:
        self._desk.logout()
        self._before, self._login = None, None
        self._turn("signed out", card.gone(), [self._start_button()])

    def _start_button(self) -> widgets.Widget:
        return _button(say("card.start"), self._prepare_or_set_up, self._inbox, style="primary")

    def _fail(self, error: Exception) -> None:
        self._login, self._error = None, error
        self._turn("failed", card.failed(error), [self._start_button()])
        self._settled.set()

    def _welcome(self, user: User, notes: Sequence[str] = ()) -> None:
        self.user, self._error = user, None
        self._turn("signed in", card.signed_in(user, notes))
        self._settled.set()

    def _turn(self, state: State, face: Face, rows: Sequence[widgets.Widget] = ()) -> None:
        """Show another state: the head, and the widgets that belong to it; those of the last one are gone."""
        if state in ("preparing", "waiting"):
            self._settled.clear()
        self.state, self._face = state, face
        old = self._rows
        self.children = self._rows = tuple(rows)
        for head, body in self._shown:
            head.update(face.bundle(), raw=True)
            if state in FINAL and body is not None:
                body.update({"text/html": "", "text/plain": ""}, raw=True)
        for widget in old:
            _close(widget)
        if state in FINAL:
            self.close()


# --- sign-ins, shared by the cards of this kernel -------------------------------------------------------------------

_begun: dict[str, Login | DeviceLogin] = {}
_beginning: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


def _shared(desk: Desk, user: User | None) -> Login | DeviceLogin:
    """Return the sign-in that another card of the same workspace waits for, or a new one: there are few ports."""
    with _beginning[desk.key]:
        login = _begun.get(desk.key)
        if login is None or not login.is_open or login.clock() >= login.ends_at - SPARE:
            login = _begun[desk.key] = desk.begin(user)
        return login


def _present(desk: Desk) -> User | None:
    """Return who is logged in; nobody where the app is not even set up."""
    settings = desk.settings()
    return desk.present() if settings.app_id and settings.app_secret else None


def _notes(login: Login | DeviceLogin) -> list[str]:
    """Return what the green card says beside who is in: also what nobody could grant."""
    return [note for note in (*login.notes(), login.shortfall()) if note]


def _cell() -> int | None:
    shell = get_ipython()
    return None if shell is None else shell.execution_count


# --- widgets ----------------------------------------------------------------------------------------------------

_INSET = "2px 16px 2px 20px"  # lines up with the text of the head


class _SetUpFields:
    """The fields for App ID, secret and brand."""

    def __init__(self, settings: Settings) -> None:
        wide = {"style": {"description_width": "90px"}, "layout": widgets.Layout(width="auto", margin=_INSET)}
        brands = [(say("card.feishu"), "feishu"), (say("card.lark"), "lark")]
        self.app_id = widgets.Text(settings.app_id, description="App ID", placeholder="cli_…", **wide)
        self.secret = widgets.Password(description="App Secret", **wide)
        self.brand = widgets.Dropdown(options=brands, value=settings.brand, description=say("card.brand"), **wide)
        self.button = _wide_button(say("card.setup.save"), margin=_INSET, button_style="primary")

    def rows(self) -> list[widgets.Widget]:
        return [self.app_id, self.secret, self.brand, self.button]

    def taken(self) -> tuple[str, Secret, str]:
        """Return what was typed; the secret is in no field any more."""
        secret, self.secret.value = Secret(self.secret.value), ""
        return self.app_id.value.strip(), secret, self.brand.value


def _paste_box(on_pasted: Callable[[Secret], None], *, is_open: bool) -> widgets.Widget:
    field = widgets.Text(placeholder=say("card.paste.field"), layout=widgets.Layout(flex="1 1 200px", width="auto"))
    button = _wide_button(say("card.paste.finish"), button_style="primary")

    def taken(_: Any) -> None:
        pasted, field.value = Secret(field.value), ""  # a widget's value may be saved with the notebook
        on_pasted(pasted)

    button.on_click(taken)
    row = widgets.HBox([field, button], layout=widgets.Layout(flex_flow="row wrap"))
    layout = widgets.Layout(margin="0 0 2px 0")
    titles = [say("card.paste.title")]
    return widgets.Accordion([row], titles=titles, selected_index=0 if is_open else None, layout=layout)


def _button(
    label: str, act: Callable[[], None], inbox: SimpleQueue[Callable[[], None]], *, style: str = ""
) -> widgets.Widget:
    button = _wide_button(label, margin=_INSET, button_style=style)
    button.on_click(lambda _: inbox.put(act))
    return button


def _wide_button(label: str, *, margin: str = "2px", button_style: str = "") -> widgets.Button:
    """Return a button that is as wide as its label needs, in a narrow window too."""
    layout = widgets.Layout(width="max-content", min_width="120px", flex="0 0 auto", margin=margin)
    return widgets.Button(description=label, button_style=button_style, layout=layout)


def _close(widget: widgets.Widget) -> None:
    for child in getattr(widget, "children", ()):
        _close(child)
    widget.close()
