"""Who is logged in: login, logout, whoami, and the token itself."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, overload
from urllib.parse import urlsplit

from larknb import console
from larknb.auth.app import App
from larknb.auth.creation import AppCreation
from larknb.auth.device import DeviceLogin
from larknb.auth.flow import Login
from larknb.auth.pending import forget, pending_file
from larknb.auth.revoke import revoke
from larknb.auth.scopes import ANYTHING, missing, not_enabled, refused, wanted
from larknb.auth.tenant import enabled_scopes
from larknb.auth.token import Token
from larknb.config.edit import save_app, save_secret
from larknb.config.values import typed_app_id
from larknb.errors import ApiError, Asker, Busy, LarkError, LoginRequired
from larknb.messages import say, speaking
from larknb.model import Source
from larknb.results.user import User
from larknb.services.context import Context, check_argument
from larknb.services.creation import can_create, create_app
from larknb.services.creation import is_creating as is_creating_app

if TYPE_CHECKING:
    from larknb.screens.login import LoginWidget
    from larknb.screens.sign_ins import WorkspaceLogin

__all__ = [
    "begin_login",
    "end_login",
    "get_user_access_token",
    "keep_login",
    "lacking_scopes",
    "login",
    "login_in_terminal",
    "logout",
    "present_user",
    "save_app_secret",
    "sign_in",
    "whoami",
    "workspace_login",
]

METHODS = ("auto", "browser", "paste", "device")

log = logging.getLogger("larknb")


# --- log in -----------------------------------------------------------------------------------------------------


def login(
    context: Context, method: str = "auto", *, wait: float = 0, scopes: Sequence[str] | None = None,
    force: bool = False, lang: str | None = None,
) -> User | LoginWidget:  # fmt: skip
    """Log in by the way that fits where we run (see `larknb.Workspace.login`)."""
    check_argument("method", method, METHODS)
    with speaking(lang):
        context.prepare()
        place = console.place()
        if place == "notebook":
            from larknb.screens.login import show_login

            return show_login(workspace_login(context, method, scopes, force=force), wait=wait)
        user = None if force else present_user(context)
        # With nobody there a login that lacks scopes has to do: the sources that need them say so.
        if user is not None and (place == "nobody" or not lacking_scopes(context, user, scopes)):
            return user
        if place == "nobody":
            if not wait or method == "paste" or console.is_driven():
                raise _unattended()
            return sign_in(context, console.note, wait, method, scopes)
        return login_in_terminal(context, method, scopes, user)


def workspace_login(
    context: Context, method: str = "auto", scopes: Sequence[str] | None = None, *, force: bool = False
) -> WorkspaceLogin:
    """Return what the login card may ask of a workspace; it outlives the call, so each answer is read anew."""
    from larknb.screens.sign_ins import WorkspaceLogin

    def create() -> AppCreation:
        again = context.again()
        return create_app(again, again.settings, again.sources)

    def is_creating() -> bool:
        again = context.again()
        return is_creating_app(again, again.settings)

    def configure(app_id: str, secret: str, brand: str) -> None:
        save_app(context.root, {"app_id": typed_app_id(app_id), "brand": brand})
        if secret:
            save_app_secret(context.again(), secret)

    return WorkspaceLogin(
        settings=lambda: context.again().settings,
        scopes=lambda: wanted(context.again().sources or (ANYTHING,)),
        begin=lambda user: begin_login(context.again(), method, scopes, user),
        present=lambda: present_user(context.again()),
        lacking=lambda user: lacking_scopes(context.again(), user, scopes),
        can_create=lambda: can_create(context.again().settings),
        is_creating=is_creating,
        create=create,
        configure=configure,
        logout=lambda: end_login(context.again()),
        force=force,
        key=f"{context.root} {method} {force} {scopes or wanted(_read_by_people(context))}",
    )


def login_in_terminal(context: Context, method: str, scopes: Sequence[str] | None, user: User | None) -> User:
    """Log in where a person can type; ``user`` is returned at once if a new login would grant nothing more."""
    from larknb.screens import terminal

    login = begin_login(context, method, scopes, user)
    if user is not None and not login.adds_to(user):
        login.close()
        console.note(login.shortfall())
        return user
    if isinstance(login, DeviceLogin):
        return terminal.device_in_terminal(login)
    return terminal.login_in_terminal(login, browse=terminal.open_browser)


def begin_login(
    context: Context, method: str = "auto", scopes: Sequence[str] | None = None, user: User | None = None
) -> Login | DeviceLogin:
    """Return a sign-in that waits for its answer. It asks for what the sources need and ``user`` has not granted."""
    settings, store = context.settings, context.store
    app = App.of(settings)
    store.check_place()  # before somebody approves what cannot be kept
    granted = user.scopes if user else ()
    if scopes is None:
        # A scope that the app has not enabled blocks the whole login, on a page that never comes back to us.
        sources, enabled = _read_by_people(context), enabled_scopes(app, sleep=context.sleep)
        # An app that was just made can read anything, and another login by device code is a bother: all at once.
        coming = (ANYTHING,) if settings.login == "device" and not context.sources else ()
        asked = wanted((*sources, *coming), enabled, granted)
    else:
        sources, enabled, asked = [], None, refused(scopes, granted)
    lacking = not_enabled(sources, enabled)
    if method == "device" or (method == "auto" and settings.login == "device"):
        return DeviceLogin(app, store, asked, sources=sources, not_enabled=lacking, clock=context.clock)
    return Login(
        app, store, settings.redirect_uris, asked, sources=sources, not_enabled=lacking, listen=method != "paste",
        clock=context.clock,
    )  # fmt: skip


def sign_in(
    context: Context, open_page: Callable[[str], object], wait: float, method: str = "auto",
    scopes: Sequence[str] | None = None,
) -> User:  # fmt: skip
    """Log in where nobody can type: give the link to ``open_page``, and wait for the approval."""
    with begin_login(context, method, scopes) as login:
        if shortfall := login.shortfall():
            console.note(shortfall)
        open_page(login.url)
        user = login.wait(wait)
    if user is None:
        raise _unattended()
    for text in login.notes():
        console.note(text)
    return user


def save_app_secret(context: Context, secret: str) -> None:
    """Keep the app's secret in its file under ``work/``."""
    save_secret(context.settings, secret)


def _unattended() -> LoginRequired:
    return LoginRequired(say("login.nobody.what"), next=say("login.nobody.next"))


# --- who is logged in -------------------------------------------------------------------------------------------


def logout(context: Context, *, local: bool = False) -> None:
    """End the login here and, unless it is only to be forgotten here, at the platform; say if that is not confirmed."""
    if note := end_login(context, local=local):
        console.note(note)


def end_login(context: Context, *, local: bool = False) -> str:
    """Forget the tokens and a sign-in that waits, and end the tokens at the platform; return what is to be told."""
    ended: list[Token] = []
    context.store.forget(ended.append)
    forget(pending_file(context.store.path))
    if local or revoke(context.store.app, ended):
        return ""
    return say("logout.unconfirmed")


def whoami(context: Context) -> User:
    """Return who is logged in, as the token file says; where every source is read as the app itself, the app."""
    settings, kinds = context.settings, context.identities
    if kinds == ["tenant"]:
        return User("", "", "", settings.app_id, urlsplit(settings.open_base).netloc, identity="tenant")
    beside = str(Asker("tenant", settings.app_id)) if "tenant" in kinds else ""
    return replace(context.store.load().user(context.store.app), beside=beside)


def present_user(context: Context) -> User | None:
    """Return the user of a login that is usable or can be renewed."""
    store = context.store
    try:
        user = store.load().user(store.app)
    except LoginRequired:
        return None
    return user if user.is_usable(context.clock()) else None


def lacking_scopes(context: Context, user: User, scopes: Sequence[str] | None = None) -> tuple[str, ...]:
    """Return what a login is known to lack: of ``scopes``, else of those that the configured sources need."""
    if not user.scopes:
        return ()  # an older file does not tell
    if scopes is not None:
        return refused(scopes, user.scopes)
    return missing(user.scopes, _read_by_people(context))


def _read_by_people(context: Context) -> list[Source]:
    """Return the sources that are read as a person: what the app itself reads, nobody has to grant."""
    return [source for source in context.sources if source.identity == "user"]


def keep_login(context: Context) -> User | None:
    """Renew the login in good time, and return whose it is; what goes wrong is logged."""
    try:
        return context.store.keep_alive().user(context.store.app) if "user" in context.identities else None
    except LarkError as error:
        log.warning("%s", error)
        return None


@overload
def get_user_access_token(context: Context, required: Literal[True] = True) -> str: ...
@overload
def get_user_access_token(context: Context, required: bool) -> str | None: ...
def get_user_access_token(context: Context, required: bool = True) -> str | None:
    """Return an access token that is good for at least 5 more minutes; None without one, unless it is required."""
    try:
        return context.store.access_token()
    except (LoginRequired, ApiError, Busy):
        if required:
            raise
        return None
