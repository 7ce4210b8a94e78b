"""Set-up: the questions that make a folder a workspace, each answer checked as it comes (``larknb init``, ``lk.init``).

Nothing is written before the last of them: whoever stops earlier leaves the folder as it was. An app that is made by a
scan is the exception: its pair comes only once, and is kept at once. What an environment variable says is not asked,
and stays a variable. With nobody there, what was given and what is configured must do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from getpass import getpass
from typing import TYPE_CHECKING, Any, Literal, Self, TextIO, TypeVar

from larknb import console
from larknb.auth import callback, scopes
from larknb.auth.app import App
from larknb.auth.creation import AppCreation
from larknb.auth.registration import Made
from larknb.auth.tenant import enabled_scopes, tenant_token
from larknb.auth.tokenfile import nobody
from larknb.config.addresses import BRANDS
from larknb.config.edit import save_app, save_secret, settings_with
from larknb.config.secrets import NOTHING, Secret, secret_file
from larknb.config.settings import TOKEN_FILE, Settings, load_settings, variable_of
from larknb.config.tomlfile import FILE
from larknb.config.values import typed_app_id
from larknb.disk import telling
from larknb.env import APP_ID, APP_SECRET
from larknb.errors import ConfigError, LarkError
from larknb.messages import quoted, say, speaking
from larknb.model import Source
from larknb.results.user import User
from larknb.services.account import login_in_terminal, present_user, workspace_login
from larknb.services.context import Context
from larknb.services.creation import can_create, create_app
from larknb.services.night import copy_notebooks
from larknb.services.sources import add, url_source
from larknb.visible import visible_lines

if TYPE_CHECKING:
    from larknb.screens.init import InitWidget

__all__ = ["Setup", "init", "set_up"]

T = TypeVar("T")
Verdict = Literal["right", "secret", "pair"]  # what the platform says of an app: or which part is to be asked again
LogIn = Callable[[Context, Sequence[str], User | None], User]

SCAN = ("scan", "扫码")  # instead of an App ID: have an app made
WRONG_SECRET = (10015, 20002)  # the codes of an App ID that the platform knows
LIKE_A_SECRET = re.compile(r"(?!cli_)(?!\S*://)\S{16,}")  # a word that may have been meant for another field


def _at_prompt(question: str, choices: Sequence[str]) -> str:  # noqa: ARG001  a terminal has no buttons
    return input(question)


def _scan_at_terminal(creation: AppCreation, brand: str) -> Made | None:
    from larknb.screens.terminal import create_in_terminal

    return create_in_terminal(creation, brand)


class Setup:
    """The set-up of one folder. Its ``with`` block, when Ctrl-C ends it, tells what is kept.

    Parameters
    ----------
    context : Context
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
    ask, ask_unseen, tell : callable
        Ask a question, whose answer may be among some choices; ask for a secret; say something.
    scan : callable
        Shows an app that may be made, for a brand, and returns it once it is made and kept; None if the person would
        rather use one that they have.
    how : str
        The message that says how to answer.

    Attributes
    ----------
    source : Source or None
        The first source, still to be added.
    is_made : bool
        The app was made by a scan.
    """

    def __init__(
        self,
        context: Context,
        given: Mapping[str, Any],
        source_of: Callable[[str], Source],
        *,
        there: bool,
        url: str = "",
        secret_from: TextIO | None = None,
        ask: Callable[[str, Sequence[str]], str] = _at_prompt,
        ask_unseen: Callable[[str], str] = getpass,
        tell: Callable[[str], object] = print,
        scan: Callable[[AppCreation, str], Made | None] = _scan_at_terminal,
        how: str = "init.how",
    ) -> None:
        self._how = how
        self.root, self.there, self._tell, self._context = context.root, there, tell, context
        self._source_of, self._ask, self._ask_unseen, self._scan = source_of, ask, ask_unseen, scan
        self._known = load_settings(self.root)
        self._shown = self._known  # what the questions offer: after a refused answer, that answer
        self._app = {name: value for name, value in given.items() if value is not None}
        self._would_be()  # what was given is checked before the first question, and so is the address
        self.source = source_of(url) if url else None
        self._secret = Secret(secret_from.readline().strip()) if secret_from else NOTHING
        self._enabled: frozenset[str] | None = None
        self._is_written = self._is_scanning = self._source_was_asked = False
        self.is_made = False

    def tell(self, text: str) -> None:
        """Tell whoever sets up, whatever names the text holds."""
        self._tell(visible_lines(text))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is KeyboardInterrupt:
            end = "kept" if self._is_written else "scanning" if self._is_scanning else "nothing"
            self.tell("\n" + say(f"init.stopped.{end}"))

    @property
    def sources(self) -> tuple[Source, ...]:
        """The configured sources and the first one."""
        return (*self._known.sources, *([self.source] if self.source else []))

    @property
    def to_read(self) -> tuple[Source, ...]:
        """What a login is for: the sources, or with an app that was just made and can read anything, those to come."""
        return self.sources or ((scopes.ANYTHING,) if self.is_made else ())

    # --- the questions ---------------------------------------------------------------------------------------------

    def ask_all(self) -> None:
        """Ask for the app, for what a login needs, and for the first source."""
        self.tell(say("init.open", folder=self.root))
        if self.there:
            self.tell(say(self._how))
        self._ask_app()
        if self._would_be().identity == "user":
            if not self.is_made:
                self._ask_redirects()
            self._ask_token_file()
        if not self.sources and not self._source_was_asked:
            self.ask_source()

    def ask_source(self) -> None:
        """Ask for the first source; nothing means later."""
        self._source_was_asked = True
        self.source = self._answer("source", "", lambda text: self._source_of(text) if text else None)

    def wants_login(self) -> bool:
        """Ask whether to log in now; with nobody there nobody does."""
        return self.there and self._answer("login", "", str.lower, ("", "n")) not in ("n", "no", "否", "不")

    def _ask_app(self) -> None:
        """Ask for brand, App ID and secret until the platform accepts them, or cannot be reached; or have one made."""
        while True:
            self._ask_key("brand", choices=tuple(BRANDS))
            if self.there:
                self.tell(say("init.credentials", link=self._would_be().console_base))
            if self._wants_scan():
                if self._make_app():
                    return
                continue
            self._ask_secret()
            verdict = self._verdict()
            while verdict == "secret" and self._ask_secret_again():
                verdict = self._verdict()
            if verdict == "right":
                return
            self._shown, self._secret = self._would_be(), NOTHING
            self._app = {name: value for name, value in self._app.items() if name not in ("app_id", "brand")}

    def _verdict(self) -> Verdict:
        """Ask the platform about the app and tell what it says; it is right unless somebody can correct it."""
        settings = self._would_be()
        app = App.of(replace(settings, find_app_secret=lambda: self._secret or settings.app_secret))
        try:
            tenant_token(app)
            self._enabled = enabled_scopes(app)
        except ConfigError as error:
            if not self.there:
                raise
            verdict: Verdict = "secret" if error.code in WRONG_SECRET else "pair"
            self.tell(say(f"init.refused.{verdict}", code=error.code, host=app.open_base, app_id=app.app_id))
            return verdict
        except LarkError as error:
            self.tell(say("init.unproved", problem=error.brief()))
        else:
            self.tell(say("init.proved"))
        return "right"

    def _ask_secret(self) -> None:
        known = self._would_be().app_secret
        if not self._secret and not known and not self.there:
            raise _missing("App Secret", f"{APP_SECRET}, --secret-stdin")
        while self.there and not self._secret:
            self._secret = self._unseen("secret_known" if known else "secret")
            if known and not self._secret:
                return

    def _ask_secret_again(self) -> bool:
        """Ask for the secret alone: the platform knows the App ID. False where another App ID or platform is meant."""
        self._secret = self._unseen("secret_again")
        return bool(self._secret)

    def _unseen(self, name: str) -> Secret:
        question = say(f"init.ask.{name}")
        return Secret(self._typed(lambda: self._ask_unseen(say("init.question", question=question))))

    # --- an app by one scan ------------------------------------------------------------------------------------------

    def _wants_scan(self) -> bool:
        """Ask for the App ID; True where the person would rather have an app made by a scan."""
        if not (self.there and can_create(self._known)) or "app_id" in self._app:
            self._ask_key("app_id", parse=self._typed_app_id)
            return False
        self.tell(say("init.scan"))
        answer = self._answer("app_id", self._shown.app_id, self._app_id_or_scan, SCAN[:1])
        if answer in SCAN:
            return True
        self._app["app_id"] = answer
        return False

    def _app_id_or_scan(self, text: str) -> str:
        return text.lower() if text.lower() in SCAN else self._typed_app_id(text)

    def _typed_app_id(self, text: str) -> str:
        return text if text and text == self._shown.app_id else typed_app_id(text)

    def _make_app(self) -> bool:
        """Have an app made, for the first source if there is one; False where it has to be another one after all."""
        if not self.sources and not self._source_was_asked:
            self.ask_source()
        settings = self._would_be()
        try:
            creation = create_app(self._context, settings, self.sources, self._app)
        except LarkError as error:
            self.tell(str(error))  # the manual way goes on, with what was learned
            return False
        self._is_scanning = True
        made = self._scanned(creation, settings.brand)
        self._is_scanning = False
        if made is None:
            return False
        self.is_made = self._is_written = True
        self._known = self._shown = load_settings(self.root)
        self._app |= {"app_id": made.app.app_id, "brand": self._known.brand}
        self.tell(say("init.made", app_id=made.app.app_id, file=secret_file(self.root)))
        self._verdict()
        return True

    def _scanned(self, creation: AppCreation, brand: str) -> Made | None:
        """Return the app once it is made and kept; a disk that refuses it may be mended, for it comes only once."""
        while True:
            try:
                return self._scan(creation, brand)
            except LarkError as error:
                self.tell(str(error))
                if not creation.is_made:
                    return None
                self._answer("keep_again", "", str)

    # --- how a question is asked -------------------------------------------------------------------------------------

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
        choice = self._answer("token_file", present, _folder_or_user, ("folder", "user"))
        if choice != present:
            self._app["token_file"] = "user" if choice == "user" else TOKEN_FILE.as_posix()

    def _ask_key(
        self,
        name: str,
        show: Callable[[Any], str] = str,
        parse: Callable[[str], Any] = str,
        choices: Sequence[str] = (),
    ) -> None:
        """Ask for a key of ``[app]`` that is neither given nor a variable; what stands there already is left alone."""
        if variable := variable_of(name):
            self.tell(say("init.variable", variable=variable, name=name, value=show(getattr(self._known, name))))
        elif name not in self._app:
            value = self._answer(
                name,
                show(getattr(self._shown, name)),
                lambda text: getattr(self._would_be({name: parse(text)}), name),
                choices,
            )
            if value != getattr(self._known, name):
                self._app[name] = value

    def _answer(self, name: str, default: str, check: Callable[[str], T], choices: Sequence[str] = ()) -> T:
        """Return a checked answer: asked until it is right, and the default where nobody can be asked.

        A wrong answer is told with its reason, but a secret that came into the wrong field is not repeated.
        """
        question = say(f"init.ask.{name}")
        prompt = say("init.question", question=f"{question} [{default}]" if default else question)
        while self.there:
            answer = self._typed(lambda: self._ask(visible_lines(prompt), choices))
            try:
                return check(answer or default)
            except LarkError as error:
                what = say("init.unsaid") if LIKE_A_SECRET.search(answer) else error.what
                self.tell(say("init.wrong", what=what, next=error.next[:1].upper() + error.next[1:]))
        if not default and name == "app_id":
            raise _missing("App ID", f"--app-id, {APP_ID}")
        return check(default)

    def _typed(self, ask: Callable[[], str]) -> str:
        try:
            return ask().strip()
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
        if self.is_made:
            self.tell("\n" + say("create.next", link=f"{settings.console_base}/{settings.app_id}"))
            if not self._lacking():
                return
        elif settings.identity == "user":
            uris = "".join(f"\n       {uri}" for uri in settings.redirect_uris)
            steps = [say("init.console.redirect", uris=uris), steps[0], say("init.console.refresh"), steps[1]]
        self.tell("\n" + say("init.console", link=f"{settings.console_base}/{settings.app_id}"))
        for number, step in enumerate(steps, 1):
            self.tell(f"  {number}. {step}")

    def _lacking(self) -> Sequence[str]:
        """Return the scopes that are to be enabled, as far as it is known which are."""
        sources = self.sources or (scopes.ANYTHING,)
        return scopes.wanted(sources) if self._enabled is None else scopes.missing(self._enabled, sources)

    def _scope_step(self, settings: Settings) -> str:
        lacking = self._lacking()
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
    there = console.place() in ("terminal", "console")
    with Setup(
        context, app, lambda text: url_source(context, text, {}), there=there, url=url, secret_from=secret_from
    ) as setup:
        return _carry_out(context, setup, lambda now, asked, user: login_in_terminal(now, "auto", asked, user))


@telling()
def init(context: Context, *, lang: str | None = None) -> InitWidget | Source | None:
    """Set a folder up by the way that fits where we run (see `larknb.Workspace.init`)."""
    with speaking(lang):
        if console.place() != "notebook":
            return set_up(context, {})
        from larknb.screens.init import Talk, show_init

        def work(talk: Talk) -> Source | None:
            with Setup(
                context, {}, lambda text: url_source(context, text, {}), there=True, ask=talk.ask,
                ask_unseen=talk.ask_unseen, tell=talk.tell, scan=talk.scan, how="init.how_card",
            ) as setup:  # fmt: skip
                return _carry_out(
                    context, setup, lambda now, asked, _: talk.log_in(workspace_login(now, "auto", asked))
                )

        return show_init(work)


def _carry_out(context: Context, setup: Setup, log_in: LogIn) -> Source | None:
    """Ask, write, tell what is left to do, log in; return the first source, if any."""
    setup.ask_all()
    setup.write()
    copy_notebooks(context)
    setup.advise()
    _offer_login(context.again(), setup, log_in)
    return _add_first(context.again(), setup)


def _offer_login(context: Context, setup: Setup, log_in: LogIn) -> None:
    """Log in for the sources of a set-up, if need be and somebody is there; the set-up is good without a login too."""
    settings = context.settings
    if settings.identity == "tenant":
        return
    try:
        user = present_user(context)
        if user is None or scopes.missing(user.scopes, setup.to_read):
            if not setup.is_made and not setup.wants_login():  # a new app has nothing to be done first
                raise nobody()
            enabled = enabled_scopes(App.of(settings))
            user = log_in(context, scopes.wanted(setup.to_read, enabled), user)
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
