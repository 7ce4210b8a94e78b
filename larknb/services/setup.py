"""Set-up: the questions that make a folder a workspace, each answer checked as it comes (``larknb init``).

Nothing is written before the last of them: whoever stops earlier leaves the folder as it was. What an environment
variable says is not asked, and stays a variable. With nobody there, what was given and what is configured must do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from getpass import getpass
from pathlib import Path
from typing import Any, Self, TextIO, TypeVar

from larknb import console
from larknb.auth import callback, scopes
from larknb.auth.app import App
from larknb.auth.tenant import enabled_scopes, tenant_token
from larknb.auth.tokenfile import nobody
from larknb.config.edit import save_app, save_secret, settings_with
from larknb.config.secrets import NOTHING, Secret
from larknb.config.settings import TOKEN_FILE, Settings, load_settings, variable_of
from larknb.config.tomlfile import FILE
from larknb.disk import telling
from larknb.env import APP_ID, APP_SECRET
from larknb.errors import ConfigError, LarkError
from larknb.messages import quoted, say
from larknb.model import Source
from larknb.services.account import login_in_terminal, present_user
from larknb.services.context import Context
from larknb.services.night import copy_notebooks
from larknb.services.sources import add, url_source
from larknb.visible import visible_lines

__all__ = ["Setup", "set_up"]

T = TypeVar("T")


class Setup:
    """The set-up of one folder. Its ``with`` block, when Ctrl-C ends it, tells what is kept.

    Parameters
    ----------
    root : Path
        The folder.
    given : mapping
        Keys of ``[app]`` that need not be asked; None asks.
    source_of : callable
        Gives the source that an address means, or raises what is wrong with it.
    there : bool
        Somebody can be asked.
    url : str
        The first source; asked if it is empty.
    secret_from : text stream, optional
        Its first line is the App Secret.

    Attributes
    ----------
    source : Source or None
        The first source, still to be added.
    """

    def __init__(
        self,
        root: Path,
        given: Mapping[str, Any],
        source_of: Callable[[str], Source],
        *,
        there: bool,
        url: str = "",
        secret_from: TextIO | None = None,
        ask: Callable[[str], str] = input,
        ask_unseen: Callable[[str], str] = getpass,
        tell: Callable[[str], object] = print,
    ) -> None:
        self.root, self.there, self._tell = root, there, tell
        self._source_of, self._ask, self._ask_unseen = source_of, ask, ask_unseen
        self._known = load_settings(root)
        self._shown = self._known  # what the questions offer: after a refused answer, that answer
        self._app = {name: value for name, value in given.items() if value is not None}
        self._would_be()  # what was given is checked before the first question, and so is the address
        self.source = source_of(url) if url else None
        self._secret = Secret(secret_from.readline().strip()) if secret_from else NOTHING
        self._enabled: frozenset[str] | None = None
        self._is_written = False

    def tell(self, text: str) -> None:
        """Tell whoever sets up, whatever names the text holds."""
        self._tell(visible_lines(text))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is KeyboardInterrupt:
            self.tell("\n" + say("init.stopped.kept" if self._is_written else "init.stopped.nothing"))

    @property
    def sources(self) -> tuple[Source, ...]:
        """The configured sources and the first one."""
        return (*self._known.sources, *([self.source] if self.source else []))

    # --- the questions ---------------------------------------------------------------------------------------------

    def ask_all(self) -> None:
        """Ask for the app, for what a login needs, and for the first source."""
        self.tell(say("init.open", folder=self.root))
        if self.there:
            self.tell(say("init.how"))
        self._ask_app()
        if self._would_be().identity == "user":
            self._ask_redirects()
            self._ask_token_file()
        if not self.sources:
            self.ask_source()

    def ask_source(self) -> None:
        """Ask for the first source; nothing means later."""
        self.source = self._answer("source", "", lambda text: self._source_of(text) if text else None)

    def wants_login(self) -> bool:
        """Ask whether to log in now; with nobody there nobody does."""
        return self.there and self._answer("login", "", str.lower) not in ("n", "no", "否", "不")

    def _ask_app(self) -> None:
        """Ask for brand, App ID and secret until the platform accepts them, or cannot be reached."""
        while True:
            self._ask_key("brand")
            if self.there:
                self.tell(say("init.credentials", link=self._would_be().console_base))
            self._ask_key("app_id")
            self._ask_secret()
            settings = self._would_be()
            if self._may_be_right(App.of(replace(settings, app_secret=self._secret or settings.app_secret))):
                return
            self._shown, self._secret = settings, NOTHING
            self._app = {name: value for name, value in self._app.items() if name not in ("app_id", "brand")}

    def _may_be_right(self, app: App) -> bool:
        """Ask the platform about an app and tell what it says; False if it refuses it and somebody can correct it."""
        try:
            tenant_token(app)
            self._enabled = enabled_scopes(app)
        except ConfigError as error:
            if not self.there:
                raise
            self.tell(say("init.refused", code=error.code, host=app.open_base))
            return False
        except LarkError as error:
            self.tell(say("init.unproved", problem=error.brief()))
        else:
            self.tell(say("init.proved"))
        return True

    def _ask_secret(self) -> None:
        known = self._would_be().app_secret
        if not self._secret and not known and not self.there:
            raise _missing("App Secret", f"{APP_SECRET}, --secret-stdin")
        while self.there and not self._secret:
            question = say("init.ask.secret_known" if known else "init.ask.secret")
            self._secret = Secret(self._typed(self._ask_unseen, say("init.question", question=question)))
            if known and not self._secret:
                return

    def _ask_redirects(self) -> None:
        self._ask_key("redirect_uris", ", ".join, lambda text: text.replace(",", " ").split())
        uris = self._would_be().redirect_uris
        if busy := callback.busy(uris):
            self.tell(say("init.busy" if len(busy) < len(uris) else "init.busy_all", uris=", ".join(busy)))

    def _ask_token_file(self) -> None:
        if "token_file" in self._app or variable_of("token_file"):
            return
        shared = self._would_be({"token_file": "user"}).token_file
        present = "user" if self._would_be().token_file == shared else "folder"
        choice = self._answer("token_file", present, _folder_or_user)
        if choice != present:
            self._app["token_file"] = "user" if choice == "user" else TOKEN_FILE.as_posix()

    def _ask_key(self, name: str, show: Callable[[Any], str] = str, parse: Callable[[str], Any] = str) -> None:
        """Ask for a key of ``[app]`` that is neither given nor a variable; what stands there already is left alone."""
        if variable := variable_of(name):
            self.tell(say("init.variable", variable=variable, name=name, value=show(getattr(self._known, name))))
        elif name not in self._app:
            value = self._answer(
                name,
                show(getattr(self._shown, name)),
                lambda text: getattr(self._would_be({name: parse(text)}), name),
            )
            if value != getattr(self._known, name):
                self._app[name] = value

    def _answer(self, name: str, default: str, check: Callable[[str], T]) -> T:
        """Return a checked answer: asked until it is right, and the default where nobody can be asked."""
        question = say(f"init.ask.{name}")
        prompt = say("init.question", question=f"{question} [{default}]" if default else question)
        while self.there:
            try:
                return check(self._typed(self._ask, prompt) or default)
            except LarkError as error:
                self.tell(say("init.wrong", what=error.what, next=error.next[:1].upper() + error.next[1:]))
        if not default and name == "app_id":
            raise _missing("App ID", f"--app-id, {APP_ID}")
        return check(default)

    def _typed(self, ask: Callable[[str], str], prompt: str) -> str:
        try:
            return ask(visible_lines(prompt)).strip()
        except EOFError:
            raise KeyboardInterrupt from None  # Ctrl-D: there will be no more answers

    def _would_be(self, more: Mapping[str, Any] | None = None) -> Settings:
        """Return the settings as they would be if the answers until now, and ``more``, were written."""
        return settings_with(self.root, {**self._app, **(more or {})})

    # --- what comes of it ------------------------------------------------------------------------------------------

    def write(self) -> None:
        """Write what was answered: the app into ``larknb.toml``, the secret into its own file."""
        save_app(self.root, self._app)
        self._is_written = True
        self.tell(say("init.written", file=self.root / FILE))
        settings = load_settings(self.root)
        if self._secret and self._secret != settings.app_secret:
            self.tell(say("init.secret_written", file=save_secret(settings, self._secret)))
            if load_settings(self.root).app_secret != self._secret:
                self.tell(say("init.variable_secret"))

    def advise(self) -> None:
        """Tell what is left to do in the developer console, once for the app."""
        settings = load_settings(self.root)
        steps = [self._scope_step(settings), say("init.console.publish")]
        if settings.identity == "user":
            uris = "".join(f"\n       {uri}" for uri in settings.redirect_uris)
            steps = [say("init.console.redirect", uris=uris), steps[0], say("init.console.refresh"), steps[1]]
        self.tell("\n" + say("init.console", link=f"{settings.console_base}/{settings.app_id}"))
        for number, step in enumerate(steps, 1):
            self.tell(f"  {number}. {step}")

    def _scope_step(self, settings: Settings) -> str:
        sources = self.sources or (scopes.ANYTHING,)
        lacking = scopes.wanted(sources) if self._enabled is None else scopes.missing(self._enabled, sources)
        if not lacking:
            return say("init.console.scopes_there")
        link = f"{settings.console_base}/{settings.app_id}/auth?q={','.join(lacking)}"
        text = say("init.console.scopes", link=link, json=scopes.for_console(lacking))
        return text.replace("\n", "\n       ")


@telling()
def set_up(
    context: Context, app: Mapping[str, Any], *, url: str = "", secret_from: TextIO | None = None
) -> Source | None:
    """Ask for what makes a folder a workspace, check it as it comes, write it; return the first source, if any.

    ``app`` holds keys of ``[app]`` that need not be asked; the first line of ``secret_from`` is the secret.
    """
    with Setup(
        context.root, app, lambda text: url_source(context, text, {}), there=console.place() == "terminal", url=url,
        secret_from=secret_from,
    ) as setup:  # fmt: skip
        setup.ask_all()
        setup.write()
        copy_notebooks(context)
        setup.advise()
        _offer_login(context.again(), setup)
        return _add_first(context.again(), setup)


def _offer_login(context: Context, setup: Setup) -> None:
    """Log in for the sources of a set-up, if need be and somebody is there; the set-up is good without a login too."""
    settings = context.settings
    if settings.identity == "tenant":
        return
    try:
        user = present_user(context)
        if user is None or scopes.missing(user.scopes, setup.sources):
            if not setup.wants_login():
                raise nobody()
            enabled = enabled_scopes(App.of(settings))
            user = login_in_terminal(context, "auto", scopes.wanted(setup.sources, enabled), user)
        setup.tell(say("init.logged_in", name=user.name))
    except LarkError as error:
        setup.tell(str(error))


def _add_first(context: Context, setup: Setup) -> Source | None:
    """Add the first source of a set-up; one that cannot be read is asked again."""
    while setup.source is not None:
        try:
            return add(context.again(), setup.source.url)
        except LarkError as error:
            if not setup.there:
                raise
            setup.tell(str(error))
            setup.ask_source()
    return None


def _folder_or_user(text: str) -> str:
    if text not in ("folder", "user"):
        raise ConfigError(say("config.value", value=quoted(text)), next=say("config.accepted", accepted="folder, user"))
    return text


def _missing(name: str, ways: str) -> ConfigError:
    return ConfigError(say("init.missing.what", name=name), next=say("init.missing.next", ways=ways))
