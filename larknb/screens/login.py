"""LoginWidget: the login as a card under the cell."""

from __future__ import annotations

from larknb.results.user import User
from larknb.screens import card
from larknb.screens.conversation import FINAL, CardState, Conversation
from larknb.screens.frame import CardWidget
from larknb.screens.sign_ins import WorkspaceLogin

__all__ = ["PATIENCE", "LoginWidget", "show_login"]

PATIENCE = 45.0  # seconds: who approves at once is back by then; the others may be looking at an error page


def show_login(workspace: WorkspaceLogin, *, wait: float = 0) -> LoginWidget:
    """Show a card and return it; with ``wait`` only when somebody is signed in (see `LoginWidget.wait`)."""
    widget = LoginWidget(workspace)
    widget.show()
    if wait:
        widget.wait(wait)
    return widget


class LoginWidget(CardWidget):
    """The card of one login; it shows itself.

    Parameters
    ----------
    workspace : WorkspaceLogin
        What it signs in to.
    patience : float
        Seconds after which it says what may keep the answer.
    """

    def __init__(self, workspace: WorkspaceLogin, *, patience: float = PATIENCE) -> None:
        super().__init__(card.preparing())
        self._conversation = Conversation(workspace, self.draw, patience=patience)
        self._conversation.begin()

    @property
    def state(self) -> CardState:
        """``setup``, ``creating``, ``preparing``, ``waiting``, ``signed in`` or ``out``, ``failed``, ``ended``."""
        return self._conversation.state

    @property
    def user(self) -> User | None:
        """Who is signed in, once somebody is."""
        return self._conversation.user

    @property
    def is_over(self) -> bool:
        """Whether nothing can be typed or clicked any more."""
        return self.state in FINAL

    def start(self) -> None:
        """Go on in a thread of its own, once it is shown."""
        self._conversation.start()

    def wait(self, timeout: float | None = None) -> User:
        """Return the person, once signed in.

        Raises
        ------
        LarkError
            The sign-in failed, nobody approved it in time, or App ID and secret must be set up first.
        """
        return self._conversation.wait(timeout)
