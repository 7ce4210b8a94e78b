"""A login at a prompt: the link, the steps, and one question that takes a pasted address or Enter.

The device door asks nothing: it shows its code and waits.
"""

from __future__ import annotations

import threading
import webbrowser
from collections.abc import Callable
from contextvars import copy_context

from larknb import display
from larknb.auth.creation import AppCreation
from larknb.auth.device import DeviceLogin
from larknb.auth.flow import Login, SignIn
from larknb.auth.registration import Made
from larknb.auth.tokenfile import nobody
from larknb.config.secrets import Secret
from larknb.errors import LarkError
from larknb.messages import say
from larknb.results.user import User
from larknb.screens import qr
from larknb.visible import visible, visible_lines

__all__ = ["create_in_terminal", "device_in_terminal", "login_in_terminal", "open_browser"]


def login_in_terminal(
    login: Login,
    *,
    ask: Callable[[str], str] = input,
    tell: Callable[[str], object] = print,
    browse: Callable[[str], object] | None = None,
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
        if shortfall := login.shortfall():
            tell(visible(shortfall))
        tell(say("login.terminal.open", url=login.url))
        if login.busy and not login.listening:
            tell(say("login.terminal.busy", uris=", ".join(login.busy)))
        tell(say("login.terminal.back" if login.listening else "login.terminal.paste"))
        if browse and login.listening:
            browse(login.url)
        user = _converse(login, ask, tell)
    return _welcomed(login, user, tell)


def device_in_terminal(login: DeviceLogin, *, tell: Callable[[str], object] = print) -> User:
    """Return the person, once they approved on whatever device; the login is closed when this returns or raises.

    Raises
    ------
    LarkError
        The person refused, or the code ended.
    """
    with login:
        if shortfall := login.shortfall():
            tell(visible(shortfall))
        device = login.device
        ends = display.clock_time(device.ends_at)
        tell(say("login.terminal.device", url=visible(device.url), code=visible(device.user_code), ends=ends))
        if code := qr.text(device.url):
            tell(code)
        user = login.wait()
        if user is None:
            raise nobody()
    return _welcomed(login, user, tell)


def create_in_terminal(creation: AppCreation, brand: str, *, tell: Callable[[str], object] = print) -> Made:
    """Return an app that somebody made by a scan, once it is kept.

    Parameters
    ----------
    brand : str
        Whose page comes first, with the QR code; both are offered, for it is not known where the company is.

    Raises
    ------
    LarkError
        The person refused, the code ended, or the app could not be kept (`AppCreation.look`).
    """
    offer, pages = creation.offer, creation.pages
    first, second = (pages["lark"], pages["feishu"]) if brand == "lark" else (pages["feishu"], pages["lark"])
    ends = display.clock_time(offer.ends_at)
    if code := qr.text(first):
        tell(code)
    tell(say("create.terminal", url=visible(first), other=visible(second), code=visible(offer.user_code), ends=ends))
    return creation.wait()


def open_browser(url: str) -> bool:
    """Open a page; False where there is none but a text browser, which would take the terminal over."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    return type(browser) is not webbrowser.GenericBrowser and browser.open(url)


def _welcomed(login: SignIn, user: User, tell: Callable[[str], object]) -> User:
    for note in login.notes():
        tell(visible_lines(note))  # what the platform says may have several
    return user


def _converse(login: Login, ask: Callable[[str], str], tell: Callable[[str], object]) -> User:
    pasting = threading.Event()
    if login.listening:  # a blocked question cannot be woken: it is told to press Enter
        work = copy_context().run
        threading.Thread(target=work, args=(_announce, login, tell, pasting), daemon=True).start()
    while True:
        if user := login.wait(0):  # it may have come while the last line was read, when nothing was announced
            return user
        try:
            pasted = Secret(ask(say("login.terminal.ask")))
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
            tell(say("login.terminal.waiting"))
        pasting.clear()


def _announce(login: Login, tell: Callable[[str], object], pasting: threading.Event) -> None:
    try:
        user = login.wait()
        text = say("login.terminal.done", name=visible(user.name)) if user else ""
    except LarkError as error:
        text = f"{error}\n{say('login.terminal.enter')}"
    if text and not pasting.is_set():
        tell(text)


def _without_keyboard(login: Login) -> User:
    """The browser door may still open."""
    user = login.wait() if login.listening else None
    if user is None:
        raise nobody()
    return user
