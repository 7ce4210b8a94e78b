"""A login at a prompt: the link, the steps, and one question that takes a pasted address or Enter."""

from __future__ import annotations

import threading
import webbrowser
from collections.abc import Callable

from larknb.auth.flow import Login
from larknb.config import Secret
from larknb.errors import LarkError, LoginRequired
from larknb.messages import say
from larknb.model import User

__all__ = ["login_in_terminal", "open_browser"]


def login_in_terminal(
    login: Login,
    *,
    ask: Callable[[str], str] = input,
    tell: Callable[[str], object] = print,
    browse: Callable[[str], object] | None = None,
    lang: str | None = None,
) -> User:
    """Return the person, once signed in through either door; the login is closed when this returns or raises.

    Parameters
    ----------
    browse : callable, optional
        Opens the page (`open_browser`); without it the person follows the link.

    Raises
    ------
    LarkError
        The person refused, or nobody answered in time.
    """
    with login:
        tell(say("login.terminal.open", lang, url=login.url))
        if login.busy and not login.listening:
            tell(say("login.terminal.busy", lang, uris=", ".join(login.busy)))
        tell(say("login.terminal.back" if login.listening else "login.terminal.paste", lang))
        if browse and login.listening:
            browse(login.url)
        user = _converse(login, ask, tell, lang)
    if login.lacking:
        tell(say("login.lacking", lang, scopes=" ".join(login.lacking)))
    return user


def open_browser(url: str) -> bool:
    """Open a page; False where there is none but a text browser, which would take the terminal over."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    return type(browser) is not webbrowser.GenericBrowser and browser.open(url)


def _converse(login: Login, ask: Callable[[str], str], tell: Callable[[str], object], lang: str | None) -> User:
    pasting = threading.Event()
    if login.listening:  # a blocked question cannot be woken: it is told to press Enter
        threading.Thread(target=_announce, args=(login, tell, pasting, lang), daemon=True).start()
    while True:
        if user := login.wait(0):  # it may have come while the last line was read, when nothing was announced
            return user
        try:
            pasted = Secret(ask(say("login.terminal.ask", lang)))
        except EOFError:
            return _without_keyboard(login)
        pasting.set()
        if user := login.wait(0):
            return user
        if pasted.strip():
            try:
                return login.finish(pasted)
            except LarkError as error:
                tell(str(error))
        else:
            tell(say("login.terminal.waiting", lang))
        pasting.clear()


def _announce(login: Login, tell: Callable[[str], object], pasting: threading.Event, lang: str | None) -> None:
    try:
        user = login.wait()
        text = say("login.terminal.done", lang, name=user.name) if user else ""
    except LarkError as error:
        text = f"{error}\n{say('login.terminal.enter', lang)}"
    if text and not pasting.is_set():
        tell(text)


def _without_keyboard(login: Login) -> User:
    """The browser door may still open."""
    user = login.wait() if login.listening else None
    if user is None:
        raise LoginRequired(say("login.missing.what"), next=say("login.missing.next"))
    return user
