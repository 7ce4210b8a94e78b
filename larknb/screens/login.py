"""LoginWidget: the login as a card under the cell.

The card has two layers. Its head is static HTML that is replaced in place: it says what to do next and holds the link,
so that it works where widget scripts do not load. Under it are widgets, only as long as something is to be typed or
clicked; once somebody is signed in there are none, and a saved notebook shows no dead ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ipywidgets as widgets
from IPython.core.getipython import get_ipython
from IPython.display import display as show

from larknb.messages import say
from larknb.results.user import User
from larknb.screens import card, controls
from larknb.screens.card import View
from larknb.screens.conversation import FINAL, CardState, Conversation
from larknb.screens.sign_ins import WorkspaceLogin

__all__ = ["LoginWidget", "show_login"]

PATIENCE = 45.0  # seconds: who approves at once is back by then; the others may be looking at an error page


def show_login(workspace: WorkspaceLogin, *, wait: float = 0) -> LoginWidget:
    """Show a card and return it; with ``wait`` only when somebody is signed in (see `LoginWidget.wait`)."""
    widget = LoginWidget(workspace)
    widget.show()
    if wait:
        widget.wait(wait)
    return widget


class LoginWidget(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The card of one login; it shows itself.

    Parameters
    ----------
    workspace : WorkspaceLogin
        What it signs in to.
    patience : float
        Seconds after which it says what may keep the answer.
    """

    def __init__(self, workspace: WorkspaceLogin, *, patience: float = PATIENCE) -> None:
        # As wide as the head, to whose right JupyterLab leaves 20px free.
        super().__init__(layout=widgets.Layout(width="calc(100% - 20px)", max_width="640px", margin="0"))
        self.add_class("larknb-card")
        self._view = card.preparing()
        self._rows: tuple[widgets.Widget, ...] = ()
        self._shown: list[tuple[Any, Any]] = []
        self._shown_in: int | None = None
        self._conversation = Conversation(workspace, self._draw, patience=patience)
        self._conversation.begin()

    @property
    def state(self) -> CardState:
        """``setup``, ``creating``, ``preparing``, ``waiting``, ``signed in`` or ``out``, ``failed``, ``ended``."""
        return self._conversation.state

    @property
    def user(self) -> User | None:
        """Who is signed in, once somebody is."""
        return self._conversation.user

    def show(self) -> None:
        """Show the card under the present cell."""
        head = show(self._view.bundle(), raw=True, display_id=True)
        is_open = self.state not in FINAL
        body = show(self._repr_mimebundle_(), raw=True, display_id=True) if is_open else None
        self._shown.append((head, body))
        self._shown_in = _cell()
        if is_open and len(self._shown) == 1:
            self._conversation.start()

    def wait(self, timeout: float | None = None) -> User:
        """Return the person, once signed in.

        Raises
        ------
        LarkError
            The sign-in failed, nobody approved it in time, or App ID and secret must be set up first.
        """
        return self._conversation.wait(timeout)

    def __repr__(self) -> str:
        return self._view.text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, object]:
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return {"application/vnd.jupyter.widget-view+json": view, "text/plain": say("card.no_widgets")}

    def _ipython_display_(self) -> None:
        if _cell() != self._shown_in:  # as the value of the cell that made it, it is there already
            self.show()

    def _draw(self, view: View, rows: Sequence[widgets.Widget]) -> None:
        """Show another state wherever the card is shown; the widgets of the last one are gone."""
        old, self._view = self._rows, view
        self.children = self._rows = tuple(rows)
        for head, body in self._shown:
            head.update(view.bundle(), raw=True)
            if self.state in FINAL and body is not None:
                body.update({"text/html": "", "text/plain": ""}, raw=True)
        for widget in old:
            controls.close(widget)
        if self.state in FINAL:
            self.close()


def _cell() -> int | None:
    """Return the number of the present cell."""
    shell = get_ipython()
    return None if shell is None else shell.execution_count
