"""Workspace: one folder, its settings and its data, and every public call on them.

This file ties the rooms together and imports each when it is first needed, so that ``import larknb`` stays instant.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TextIO

from larknb.errors import (
    ApiError,
    Asker,
    Busy,
    ChooseTable,
    ConfigError,
    LarkError,
    LoginRequired,
    NotFound,
    NotSynced,
    WrongKind,
)
from larknb.messages import say
from larknb.model import KINDS, Kind, Progress, Source
from larknb.results.base import Result
from larknb.results.changes import Changes, changed_in_brief
from larknb.results.runs import RunList, RunResult, RunRow
from larknb.results.search import SearchHits
from larknb.results.sources import Columns, Paths, SourceList
from larknb.results.status import Status, StatusRow
from larknb.results.sync import SyncReport
from larknb.results.user import User

if TYPE_CHECKING:
    import pandas as pd

    from larknb.api.client import LarkClient
    from larknb.api.usage import Usage
    from larknb.auth.device import DeviceLogin
    from larknb.auth.flow import Login
    from larknb.auth.store import TokenStore
    from larknb.cache.search import Contents
    from larknb.cache.store import Cache, SourceCache
    from larknb.config.settings import Settings
    from larknb.guides.document import Document
    from larknb.headless.records import RunRecord
    from larknb.headless.units import Job, System
    from larknb.screens.login import LoginWidget
    from larknb.screens.sign_ins import WorkspaceLogin
    from larknb.services.setup import Setup

__all__ = ["Workspace"]

METHODS = ("auto", "browser", "paste", "device")  # of login
INTERVAL = "LARKNB_INTERVAL"  # seconds since the last run: a schedule tells its kernel, so that every tick looks
NOTEBOOK = "LARKNB_NOTEBOOK"  # the name of the notebook that a headless run executes
SCHEDULED = "scheduled_sync"  # the notebook of a schedule that is told no other
LOCK_PATIENCE = 60.0  # seconds that a second sync waits before it gives up

log = logging.getLogger("larknb")
log.addHandler(logging.NullHandler())  # a warning belongs into the log file, not under a cell


class Workspace:
    """One folder: ``larknb.toml`` and its ``work/``.

    Parameters
    ----------
    root : path, optional
        The folder. Without it: ``LARKNB_HOME``, else the nearest folder upwards with a ``larknb.toml``, else the
        current one, where the first write creates it.
    clock, sleep
        The real ones by default.
    """

    def __init__(
        self,
        root: str | os.PathLike[str] | None = None,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        from larknb.config.settings import find_root

        self.root = find_root() if root is None else Path(root).expanduser().absolute()
        self._clock, self._sleep = clock, sleep

    def __repr__(self) -> str:
        return f"Workspace({str(self.root)!r})"

    @property
    def settings(self) -> Settings:
        """The settings as file and environment have them now; ConfigError where something is wrong."""
        from larknb.config.settings import load_settings

        return load_settings(self.root)

    # --- login --------------------------------------------------------------------------------------------------

    def login(
        self,
        method: Literal["auto", "browser", "paste", "device"] = "auto",
        *,
        wait: float = 0,
        scopes: Sequence[str] | None = None,
        force: bool = False,
        lang: str | None = None,
    ) -> User | LoginWidget:
        """Log in: in a notebook a card that shows how, elsewhere the steps as text.

        At once if there is a login that has the scopes of all sources; one that lacks some asks for just these.

        Parameters
        ----------
        method : str
            ``browser`` waits for the answer on a loopback port, ``paste`` asks for the address that the browser ended
            on, ``auto`` takes whichever comes first; ``device`` shows a code and a link for a browser anywhere.
        wait : float
            Seconds to wait for the approval, for "Run all"; without it a notebook goes on at once. In a pipe it says
            that somebody follows the printed link all the same.
        scopes : sequence of str, optional
            Instead of the scopes that the configured sources need.
        force : bool
            Begin a new login although there is one.
        lang : str, optional
            ``"zh"`` or ``"en"``, for this login.

        Returns
        -------
        User or LoginWidget
            In a notebook the widget, which shows itself; elsewhere who is logged in.

        Raises
        ------
        LoginRequired
            Nobody is there to approve it, it was refused, or nobody did within ``wait`` seconds.
        """
        from larknb import console
        from larknb.messages import speaking

        _check("method", method, METHODS)
        with speaking(lang):
            self._found(self.settings)
            place = console.place()
            if place == "notebook":
                from larknb.screens.login import show_login

                return show_login(self._desk(method, scopes, force=force), wait=wait)
            user = None if force else self._logged_in()
            # With nobody there it serves the other sources; those that need more say so themselves.
            if user is not None and (place == "nobody" or not self._lacking(user, scopes)):
                return user
            if place == "nobody":
                if not wait or method == "paste" or console.is_driven():
                    raise _unattended()
                return self._sign_in(console.note, wait, method, scopes)
            return self._login_in_terminal(method, scopes, user)

    def _desk(
        self, method: str = "auto", scopes: Sequence[str] | None = None, *, force: bool = False
    ) -> WorkspaceLogin:
        """Return the login of this workspace, as a card sees and changes it."""
        from larknb.auth.scopes import ANYTHING, wanted
        from larknb.screens.sign_ins import WorkspaceLogin

        def configure(app_id: str, secret: str, brand: str) -> None:
            from larknb.config.edit import save_app

            save_app(self.root, {"app_id": app_id, "brand": brand})
            if secret:
                self._save_secret(secret)

        return WorkspaceLogin(
            settings=lambda: self.settings, scopes=lambda: wanted(self.sources() or (ANYTHING,)),
            begin=lambda user: self._begin_login(method, scopes, user), present=self._logged_in,
            lacking=lambda user: self._lacking(user, scopes), configure=configure, logout=self.logout, force=force,
            key=f"{self.root} {method} {force} {scopes or wanted(self._read_by_people())}",
        )  # fmt: skip

    def _login_in_terminal(self, method: str, scopes: Sequence[str] | None, user: User | None) -> User:
        from larknb import console
        from larknb.auth.device import DeviceLogin
        from larknb.screens import terminal

        login = self._begin_login(method, scopes, user)
        if user is not None and not login.adds_to(user):
            login.close()  # a page would change nothing
            console.note(login.shortfall())
            return user
        if isinstance(login, DeviceLogin):
            return terminal.device_in_terminal(login)
        return terminal.login_in_terminal(login, browse=terminal.open_browser)

    def _begin_login(
        self, method: str = "auto", scopes: Sequence[str] | None = None, user: User | None = None
    ) -> Login | DeviceLogin:
        """Return a sign-in with its doors open, asking for what sources need and ``user`` has not granted."""
        from larknb.auth import device, flow, oauth
        from larknb.auth import scopes as table

        settings = self.settings
        app, store = oauth.App.of(settings), self._store(settings)
        store.check_private()  # before somebody approves what cannot be kept
        granted = user.scopes if user else ()
        if scopes is None:
            # A scope that the app has not enabled blocks the whole login, on a page that never comes back to us.
            sources, enabled = self._read_by_people(), oauth.enabled_scopes(app, sleep=self._sleep)
            asked = table.wanted(sources, enabled, granted)
        else:
            sources, enabled, asked = [], None, table.refused(scopes, granted)
        lacking = table.not_enabled(sources, enabled)
        if method == "device":
            return device.DeviceLogin(app, store, asked, sources=sources, not_enabled=lacking, clock=self._clock)
        return flow.Login(
            app, store, settings.redirect_uris, asked, sources=sources, not_enabled=lacking, listen=method != "paste",
            clock=self._clock,
        )  # fmt: skip

    def _set_up(self, app: Mapping[str, Any], *, url: str = "", secret_from: TextIO | None = None) -> Source | None:
        """Ask for what makes this folder a workspace, check it as it comes, write it; return the first source, if any.

        ``app`` holds keys of ``[app]`` that need not be asked, ``secret_from`` gives the secret as its first line.
        """
        from larknb import console
        from larknb.services.setup import Setup

        with Setup(
            self.root, app, lambda text: _source_of(self.settings, text, {}), there=console.place() == "terminal",
            url=url, secret_from=secret_from,
        ) as setup:  # fmt: skip
            setup.ask_all()
            setup.write()
            self._copy_notebooks()
            setup.advise()
            self._offer_login(setup)
            return self._add_first(setup)

    def _offer_login(self, setup: Setup) -> None:
        """Log in for the sources of a set-up if need be and somebody is there; the folder is set up without it too."""
        from larknb.auth import oauth, scopes
        from larknb.auth.store import nobody

        settings = self.settings
        if settings.identity == "tenant":
            return
        try:
            user = self._logged_in()
            if user is None or scopes.missing(user.scopes, setup.sources):
                if not setup.wants_login():
                    raise nobody()
                enabled = oauth.enabled_scopes(oauth.App.of(settings))
                user = self._login_in_terminal("auto", scopes.wanted(setup.sources, enabled), user)
            setup.tell(say("init.logged_in", name=user.name))
        except LarkError as error:
            setup.tell(str(error))

    def _add_first(self, setup: Setup) -> Source | None:
        """Add the first source of a set-up; one that cannot be read is asked again."""
        while setup.source is not None:
            try:
                return self.add(setup.source.url)
            except LarkError as error:
                if not setup.there:
                    raise
                setup.tell(str(error))
                setup.ask_source()
        return None

    def _lacking(self, user: User, scopes: Sequence[str] | None = None) -> tuple[str, ...]:
        """Return what a login is known to lack: of ``scopes``, else of those that the configured sources need."""
        from larknb.auth import scopes as table

        if not user.scopes:
            return ()  # an older file does not tell
        if scopes is not None:
            return table.refused(scopes, user.scopes)
        return table.missing(user.scopes, self._read_by_people())

    def _read_by_people(self) -> list[Source]:
        """Return the sources that are not read as the app itself: what a person need not grant is not asked for."""
        return [source for source in self.sources() if source.identity == "user"]

    def _save_secret(self, secret: str) -> None:
        """Keep the app's secret in its file under ``work/``."""
        from larknb.config.edit import save_secret

        save_secret(self.settings, secret)

    def _sign_in(
        self, open_page: Callable[[str], object], wait: float, method: str = "auto",
        scopes: Sequence[str] | None = None,
    ) -> User:  # fmt: skip
        """Log in where nobody can be asked, through a door that needs no answer: ``open_page`` gets the link."""
        from larknb import console

        with self._begin_login(method, scopes) as login:
            if shortfall := login.shortfall():
                console.note(shortfall)
            open_page(login.url)
            user = login.wait(wait)
        if user is None:
            raise _unattended()
        for text in login.notes():
            console.note(text)
        return user

    def logout(self) -> None:
        """Forget the tokens of this workspace; the cached data stays.

        With ``token_file = "user"`` or ``"keyring"`` this ends the login of all folders that share it.
        """
        from larknb.auth.device import pending_file

        store = self._store(self.settings)
        store.forget()
        pending_file(store.path).unlink(missing_ok=True)

    def whoami(self) -> User:
        """Return who is logged in, which app and tenant, and when access, refresh and consent end.

        Asks nobody: it tells what the token file says. LoginRequired if there is no login and sources need one. Where
        every source is read as the app itself, it is the app.
        """
        settings = self.settings
        kinds = _identities(settings)
        if kinds == ["tenant"]:
            from urllib.parse import urlsplit

            return User("", "", "", settings.app_id, urlsplit(settings.open_base).netloc, identity="tenant")
        store = self._store(settings)
        beside = str(Asker("tenant", settings.app_id)) if "tenant" in kinds else ""
        return replace(store.load().user(store.app), beside=beside)

    def keep_login(self) -> User | None:
        """Renew the login in good time, and return whose it is; for whatever runs long, every few minutes.

        Never raises: what goes wrong is logged. None without a usable login, and where only the app itself reads.
        """
        try:
            settings = self.settings
            if "user" not in _identities(settings):
                return None
            store = self._store(settings)
            return store.keep_alive().user(store.app)
        except LarkError as error:
            log.warning("%s", error)
            return None

    def get_user_access_token(self, required: bool = True) -> str | None:
        """Return an access token that is good for at least 5 more minutes, renewed if need be; its repr is masked.

        Without a usable login: LoginRequired, or None with ``required=False``.
        """
        store = self._store(self.settings)
        try:
            return store.access_token()
        except (LoginRequired, ApiError, Busy):
            if required:
                raise
            return None

    # --- sources ------------------------------------------------------------------------------------------------

    def sources(self) -> SourceList:
        """Return the configured sources."""
        cached = self._cache().sources
        return SourceList([_completed(source, cached.get(source.key)) for source in self.settings.sources])

    def add(self, url: str, name: str | None = None, **options: Any) -> Source:
        """Look a Feishu/Lark URL up and write it to ``larknb.toml`` as a source; comments there are kept.

        The same call again changes nothing, so that a notebook can be run twice.

        Parameters
        ----------
        url : str
            A Bitable, spreadsheet, document or wiki page.
        name : str, optional
            What it is called here; its title by default.
        **options
            The options of its kind (DESIGN: tables, view, fields, filter, ...).

        Raises
        ------
        LarkError
            The URL cannot be a source, is configured otherwise, or cannot be read by the present login. Without a
            login, or with one that lacks a scope, the source is added unseen, and what is missing is told.
        """
        from larknb import console
        from larknb.config.edit import add_source
        from larknb.config.names import free_name
        from larknb.config.sources import check_options

        settings = self.settings
        source = _source_of(settings, url, options)
        configured = next((found for found in settings.sources if found.key == source.key), None)
        if configured is not None:
            if name not in (None, configured.name) or (options and configured.options != source.options):
                place = configured.name or source.url
                raise ConfigError(say("add.twice.what"), source=place, next=say("add.twice.next"))
            return next(each for each in self.sources() if each.key == source.key)
        self._found(settings)
        if settings.app_id:
            try:
                source, lacking = self._look_up(settings, source)
            except LoginRequired as error:
                lacking = error.scopes  # none where nobody is logged in
                log.info("%s", error)
            if lacking:
                console.note(say("add.lacking", scopes=" ".join(lacking)))
            check_options(source.options, source.kind)  # a wiki link has a kind only now
        title = source.about.get("title")
        called = name or (free_name(title, (each.name for each in settings.sources)) if title else None)
        add_source(self.root, {"name": called, "url": source.url, **options})
        added = next(found for found in self.settings.sources if found.key == source.key)
        return replace(source, name=added.name or source.token, options=added.options)

    def _look_up(self, settings: Settings, source: Source) -> tuple[Source, tuple[str, ...]]:
        """Return the source with its real kind and token, what the platform tells about it, and the missing scopes."""
        from larknb.auth.scopes import blocking, missing
        from larknb.readers import gate
        from larknb.readers.base import resolve

        with self._clients(settings) as client_of:
            client = client_of(source.identity)
            client.source_name = source.url
            title, granted = "", client.identity.granted
            if source.wiki and not blocking(granted, source):
                source, title = resolve(client, source)
            if blocking(granted, source):
                return replace(source, about={"title": title}), missing(granted, [source])
            answers = gate.ask(client, [source])
            if source.target in answers.failed:
                raise answers.failed[source.target].at(source.url)
            stamp = answers.stamps.get(source.target)
            about: dict[str, Any] = {"title": stamp.title if stamp else title, "owner": stamp.owner if stamp else ""}
            if source.kind == "bitable":
                path = f"bitable/v1/apps/{source.target}/tables"
                items = client.items("GET", path, page_size=100, api="bitable-v1/app-table/list")
                about["tables"] = {str(item["table_id"]): str(item["name"]) for item in items}
        return replace(source, about=about), missing(granted, [source]) if granted else ()

    def remove(self, name: str) -> None:
        """Take a source out of ``larknb.toml``; what was cached of it stays on disk."""
        from larknb.config.edit import remove_source
        from larknb.config.names import choose

        source, rest = choose(tuple(self.sources()), name)
        if rest is not None:
            raise NotFound(say("remove.part.what", name=name), next=say("remove.part.next", name=source.name))
        written = next(each for each in self.settings.sources if each.key == source.key)
        remove_source(self.root, written.name or written.key)

    # --- sync ---------------------------------------------------------------------------------------------------

    def sync(
        self,
        *names: str,
        kind: Kind | None = None,
        force: bool = False,
        accept_shrink: bool = False,
        progress: Callable[[Progress], None] | Literal[False] | None = None,
    ) -> SyncReport:
        """Bring the caches of the named sources, or of all, up to date and report what changed and what it cost.

        Parameters
        ----------
        kind : str, optional
            ``bitable``, ``spreadsheet`` or ``document``: only sources of this kind.
        force : bool
            Read them whatever their change stamps say.
        accept_shrink : bool
            Take a table that lost more than half of its rows without a second look.
        progress : callable or False, optional
            Is called with each `Progress`; None shows it where we run, False nowhere.

        Raises
        ------
        LoginRequired
            No source that is due has a usable identity.
        ConfigError
            Something in ``larknb.toml`` is wrong.
        Busy
            Another sync held the workspace for a minute.
        """
        from larknb.config.names import choose_all

        _check("kind", kind, (None, *KINDS))
        settings = self.settings
        chosen = list(self.sources())
        if names:
            chosen = list({source.key: source for source, _ in choose_all(chosen, names)}.values())
        if kind is not None:
            chosen = [source for source in chosen if source.kind in (kind, None)]
        return self._sync(settings, chosen, kind=kind, force=force, accept_shrink=accept_shrink, progress=progress)

    def _sync(
        self, settings: Settings, sources: Sequence[Source], *, kind: Kind | None = None, force: bool = False,
        accept_shrink: bool = False, progress: Callable[[Progress], None] | Literal[False] | None = None,
    ) -> SyncReport:  # fmt: skip
        from larknb.screens.progress import reporter
        from larknb.syncing import Sync, sync_all

        if not sources:
            return SyncReport()
        sources = [replace(each, name="" if each.name == each.token else each.name) for each in sources]
        report = reporter() if progress is None else progress or (lambda _: None)
        interval = float(os.environ.get(INTERVAL, 0)) or None
        self._found(settings)
        with self._locked(settings), self._clients(settings) as client_of:
            job = Sync(
                cache=self._cache(settings), client=client_of, policy=settings.policy, settle=settings.settle,
                formats=settings.formats, force=force, accept_shrink=accept_shrink, interval=interval, kind=kind,
                report=report, clock=self._clock, sleep=self._sleep,
            )  # fmt: skip
            return sync_all(job, sources)

    # --- reading ------------------------------------------------------------------------------------------------

    def load(
        self,
        name: str,
        table: str | None = None,
        *,
        columns: Sequence[str] | None = None,
        as_of: Any = None,
        links: Literal["text", "id"] = "text",
        raw: bool = False,
    ) -> pd.DataFrame:
        """Return one table from the cache: no network, no login.

        Parameters
        ----------
        name : str
            A source, or ``"source/table"``.
        table : str, optional
            Name or table_id; by default the one that the source's URL names, or the only one.
        columns : sequence of str, optional
            Only these columns, in this order; names or field_ids.
        as_of : optional
            An earlier state: a time, a date (its end), ``"yesterday"``, a snapshot id, or a negative index.
        links : str
            ``"text"`` shows the linked rows' primary text, ``"id"`` their record ids.
        raw : bool
            The loss-free form: ``ArrowDtype`` columns, named by field_id.

        Returns
        -------
        DataFrame
            One row per record, index ``_record_id``; ``attrs["larknb"]`` tells where it comes from and how old it is.

        Raises
        ------
        NotFound, NotSynced, ChooseTable, WrongKind
            Each says what there is instead.
        """
        _check("links", links, ("text", "id"))
        columns = [columns] if isinstance(columns, str) else columns
        cached, found = self._cached(name, table)
        cached = self._at(cached, as_of)
        table_id = self._table(cached, found)
        frame = cached.raw_frame(table_id, columns) if raw else cached.frame(table_id, columns, links=links)
        frame.attrs["larknb"] = self._attrs(cached, table_id)
        return frame

    def _at(self, cached: SourceCache, as_of: Any) -> SourceCache:
        """Return a source as it was at a moment; None means now."""
        from larknb.cache import history

        return cached if as_of is None else history.at(cached, as_of, self._clock())

    def tables(self, name: str) -> dict[str, pd.DataFrame]:
        """Return all tables of a source, by name."""
        cached, _ = self._cached(name, None)
        return {str(entry["name"]): self.load(cached.name, table_id) for table_id, entry in cached.tables.items()}

    def schema(self, name: str, table: str | None = None) -> Columns:
        """Return the columns of a table: name, field_id, type, dtype, description, options, share of empty cells."""
        cached, found = self._cached(name, table)
        return Columns(cached.columns(self._table(cached, found)))

    def document(self, url_or_name: str, *, sync: bool = False, as_of: Any = None) -> Document:
        """Return one document from the cache: title, markdown, outline, sections, tables, images.

        Parameters
        ----------
        url_or_name : str
            A source, or the URL of a document or of a wiki page that holds one; a URL is synced first if it is stale
            and needs no configuration.
        sync : bool
            Sync a named source first, too, if it is stale.
        as_of : optional
            An earlier state, as for `load`.

        Raises
        ------
        NotFound, NotSynced, WrongKind
            Each says what there is instead.
        """
        from larknb.config.names import choose

        if "://" not in url_or_name and not sync:
            cached, _ = self._cached(url_or_name, None)
            return self._at(cached, as_of).document()
        settings = self.settings
        if "://" in url_or_name:
            source, _ = self._of_url(settings, url_or_name, {})
        else:
            source, _ = choose(tuple(self.sources()), url_or_name)
        self._sync(settings, [source], progress=False).raise_for_failures()
        return self._at(self._cache().sources[source.key], as_of).document()

    def cells(self, name: str, table: str | None = None) -> pd.DataFrame:
        """Return what the text of a worksheet cannot hold: one row per link, mention, image, file and error.

        Columns are ``row`` (1-based), ``col`` (letters), ``kind``, ``text``, ``link``, ``token`` and ``raw``.
        """
        from larknb.tabular import typed

        cached, found = self._cached(name, table)
        return typed.cells(cached.grid(self._table(cached, found)))

    def preview(self, name: str, table: str | None = None) -> Result:
        """Return the raw head of a table beside what became header and types; offline."""
        cached, found = self._cached(name, table)
        return cached.preview(self._table(cached, found))

    def paths(self, name: str) -> Paths:
        """Return the current files of a source for other programs, by table; ``.folder`` holds them.

        Those of a document are ``guide.md`` and ``guide.json``.
        """
        cached, _ = self._cached(name, None)
        paths = Paths({str(e["name"]): str(cached.folder / f"{e['file']}.parquet") for e in cached.tables.values()})
        if cached.guide is not None:
            paths |= {name: str(cached.folder / name) for name in ("guide.md", "guide.json")}
        paths.folder = str(cached.folder)
        return paths

    def read(self, url_or_name: str, table: str | None = None, **options: Any) -> pd.DataFrame:
        """Sync this one source if it is stale, then load it; a bare URL needs no configuration.

        Parameters
        ----------
        url_or_name : str
            A configured source, ``"source/table"``, or any Bitable URL.
        **options
            The options of its kind, for a URL.

        Raises
        ------
        LarkError
            It could not be brought up to date; `load` still gives what the cache has.
        """
        from larknb.config.names import choose

        settings = self.settings
        if "://" not in url_or_name:
            source, found = choose(tuple(self.sources()), url_or_name)
        else:
            source, found = self._of_url(settings, url_or_name, options)
        self._sync(settings, [source], progress=False).raise_for_failures()
        # By its key: titles repeat, and a name may mean another source.
        cached = self._cache().sources[source.key]
        table_id = self._table(cached, table or found)
        frame = cached.frame(table_id)
        frame.attrs["larknb"] = self._attrs(cached, table_id)
        return frame

    def _of_url(self, settings: Settings, url: str, options: Mapping[str, Any]) -> tuple[Source, str | None]:
        """Return the configured source of a URL, or one made for it, and the table that the URL names."""
        made = _source_of(settings, url, options)
        configured = list(self.sources())
        same = next((each for each in configured if each.key == made.key), None)
        whole = next((each for each in configured if each.token == made.token and not each.part), None)
        if same is None and whole is not None and not options:
            return whole, made.part or None  # one table of a source that is synced anyway
        return same or made, None

    def search(self, text: str, *, kind: Kind | None = None, limit: int = 20) -> SearchHits:
        """Return the passages of documents and the cells of tables that hold all words of ``text``, the best first.

        Searches the cache: no network, no login. Upper and lower case, and full and half width, count as equal.

        Parameters
        ----------
        kind : str, optional
            ``bitable``, ``spreadsheet`` or ``document``: only sources of this kind.
        limit : int
            The most hits to return.
        """
        from larknb.cache.search import contents_of_guide, contents_of_tables, search_all
        from larknb.cache.store import SourceCache

        _check("kind", kind, (None, *KINDS))

        settings = self.settings
        folders = [cached.folder for cached in self._cache(settings).sources.values() if cached.parts]

        def contents(folder: Path) -> Contents:
            cached = SourceCache(folder)
            if cached.guide is not None:
                return contents_of_guide(folder / cached.guide["json"], cached.guide["json"], cached.name)
            return contents_of_tables(cached)

        return search_all(settings.work / "search.json", folders, contents, text, kind, limit)

    # --- headless runs ------------------------------------------------------------------------------------------

    def run(
        self,
        notebook: str | os.PathLike[str],
        parameters: Mapping[str, Any] | Sequence[str] | None = None,
        *,
        timeout: float | None = 600,
        deadline: float | None = None,
        output: str | os.PathLike[str] | None = None,
        report: bool = False,
    ) -> RunResult:
        """Run a notebook headlessly; when this returns, what was done is on disk and no kernel is left.

        Parameters
        ----------
        notebook : path
            A notebook, or the name of one that larknb ships (``"scheduled_sync"``), which is copied into
            ``notebooks/`` first where it is missing.
        parameters : mapping or sequence of str, optional
            Values for its cell tagged ``parameters``, as papermill understands it; or ``name=value`` texts.
        timeout, deadline : float, optional
            Seconds that one cell, and the whole run, may take.
        output : path, optional
            Where the executed notebook goes; by default below ``work/runs/``.
        report : bool
            Write it as an HTML file without code, too, beside it. Needs the extra ``[report]``.

        Returns
        -------
        RunResult
            It does not raise because a cell failed: see ``.ok`` and ``.raise_for_failure()``.
        """
        return self._run(notebook, parameters, timeout=timeout, deadline=deadline, output=output, report=report)

    def _run(
        self,
        notebook: str | os.PathLike[str],
        parameters: Mapping[str, Any] | Sequence[str] | None,
        *,
        timeout: float | None,
        deadline: float | None,
        output: str | os.PathLike[str] | None = None,
        report: bool,
        gap: float | None = None,
    ) -> RunResult:
        """Run a notebook; a scheduled run is told the seconds since the last one, so that every tick looks."""
        from larknb.headless import leftovers
        from larknb.headless.parameters import parse
        from larknb.headless.report import require
        from larknb.headless.runner import output_path, run_notebook

        values = parameters if isinstance(parameters, Mapping) else parse(parameters or ())
        settings = self.settings
        path = self._notebook(notebook)
        if report:
            require()
        self._found(settings)
        runs, redact = settings.work / "runs", self._redactor(settings)
        leftovers.clean_up(runs)
        result = run_notebook(
            path,
            Path(output) if output is not None else output_path(runs, path, self._clock()),
            parameters=values,
            timeout=timeout,
            deadline=deadline,
            env={"LARKNB_HOME": str(self.root), NOTEBOOK: path.stem, **({INTERVAL: str(gap)} if gap else {})},
            redact=redact,
        )
        return self._with_report(result, redact) if report else result

    def _with_report(self, result: RunResult, redact: Callable[[str], str]) -> RunResult:
        """Write the report of a run and return the result with its path; without one if that fails."""
        from larknb import console
        from larknb.headless.report import write_report

        try:
            return replace(result, report=str(write_report(Path(result.output), redact)))
        except Exception as error:
            log.exception("no report")
            console.note(say("html.failed", reason=redact(f"{type(error).__name__}: {error}")))
            return result

    def runs(self) -> RunList:
        """Return the headless runs of this workspace, the newest first; what a killed one left running is ended."""
        from larknb.headless import leftovers, records

        folder = self.settings.work / "runs"
        leftovers.clean_up(folder)
        found = [record for each in sorted(folder.glob("*/")) for record in records.newest_first(each)]
        found.sort(key=lambda record: record.started_at, reverse=True)
        return RunList([_run_row(record, self.root) for record in found], str(self.root))

    def changes(self, report: SyncReport) -> Changes:
        """Return what a sync brought since your last look: the last run of this notebook that ended well.

        What the runs after that one brought is in it, too. It also tells what the sync cost and when the login ends.
        """
        from larknb.files import file_name
        from larknb.headless import records

        settings = self.settings
        folder = settings.work / "runs" / file_name(os.environ.get(NOTEBOOK, SCHEDULED))
        since, earlier = records.since(folder)
        usage = self._usage(settings)
        cost = say("changes.cost", calls=report.calls, total=usage.total(), forecast=usage.forecast())
        return Changes.of(report, earlier, since=since, cost=cost, login=self._login_ends())

    def _login_ends(self) -> str:
        """Say when the login ends, if nobody does anything."""
        from larknb import display

        try:
            user = self.whoami()
        except LarkError:
            return say("changes.login_ended")
        if user.refresh_ends_at is None:
            return ""  # the app's own identity never ends
        refresh, consent = display.moment(user.refresh_ends_at), display.moment(user.consent_ends_at)
        return say("changes.login", refresh=refresh, consent=consent)

    def schedule(
        self,
        notebook: str | os.PathLike[str] = SCHEDULED,
        parameters: Mapping[str, Any] | None = None,
        *,
        interval: float | str | None = None,
        at: Sequence[str] = (),
        once: bool = False,
        timeout: float | None = 600,
        deadline: float | None = None,
        keep: int | None = None,
        show: Callable[[str], None] | None = None,
    ) -> int:
        """Run a notebook now and then on the clock, and return the exit code.

        Each run is a `run`; one that fails does not end the schedule. Its times are those of
        `larknb.headless.times.next_due`; how it treats missed ones `larknb.headless.schedule.schedule` tells.

        Parameters
        ----------
        interval : float or str, optional
            Seconds, or a text such as ``"30min"``, of which a bare number means hours. An hour, unless ``at`` is given.
        at : sequence of str
            Local times of every day, such as ``"08:30"``.
        once : bool
            Run now, and no more; the interval only tells how often something else does this.
        keep : int, optional
            How many executed notebooks stay; those of runs that failed stay longer.
        show : callable, optional
            Takes the notices as text; by default they go to the bot of the settings.
        """
        from larknb.config.values import parse_duration
        from larknb.headless.report import require
        from larknb.headless.runner import output_path
        from larknb.headless.schedule import KEEP, schedule
        from larknb.headless.times import parse_time

        if interval is None and not at and not once:
            interval = 3600.0
        seconds = parse_duration(interval, bare=3600) if isinstance(interval, str) else interval
        if seconds is not None and seconds <= 0:
            raise ConfigError(say("config.value", value=interval), next=say("accept.duration"))
        settings = self.settings
        if settings.report:
            require()
        path = self._notebook(notebook)

        def run(gap: float | None) -> RunResult:
            return self._run(path, parameters, timeout=timeout, deadline=deadline, report=settings.report, gap=gap)

        return schedule(
            run, output_path(settings.work / "runs", path, self._clock()).parent, interval=seconds,
            at=[parse_time(each) for each in at], once=once, keep=KEEP if keep is None else keep,
            keep_alive=self.keep_login, after=lambda result: self._notify(result, show), clock=self._clock,
            sleep=self._sleep,
        )  # fmt: skip

    def _notify(self, result: RunResult, show: Callable[[str], None] | None = None) -> None:
        """Tell a person what there is to tell after a run: through the bot, or to ``show`` instead."""
        from larknb.headless import bot
        from larknb.headless.notify import notify

        settings = self.settings
        webhook = settings.webhook
        if webhook is None and show is None:
            return
        try:
            user = self.whoami()
        except LarkError:
            user = None  # the run tells of it

        def deliver(card: dict[str, Any]) -> None:
            if show is not None:
                show(bot.preview(webhook, card))
            elif webhook is not None:
                bot.send(webhook, card, self._clock())

        notices = notify(
            result, user, root=self.root, file=settings.work / "runs" / "notices.json", deliver=deliver,
            now=self._clock(), redact=self._redactor(settings), remember=show is None,
        )  # fmt: skip
        if show is not None and not notices:
            show(say("notice.none"))

    def _save_secrets(self) -> list[Path]:
        """Keep the secrets that only the environment holds in their files under ``work/``, and return these files."""
        from larknb.config.edit import keep_secrets

        return keep_secrets(self.root)

    def _install(self, system: System, options: Mapping[str, Any], tell: Callable[[str], None]) -> bool:
        """Let the system start `schedule` with these options; False if some of that is left to the user."""
        from larknb.config.edit import keep_secrets
        from larknb.headless import units

        if files := keep_secrets(self.root, write=False):
            names = ", ".join(map(str, files))
            raise ConfigError(say("install.secret.what", files=names), next=say("install.secret.next"))
        done = units.install(system, self._job(options), tell)
        if names := ", ".join(units.unseen(os.environ)):
            tell(say("install.unseen", names=names, where=say(f"install.where.{system}")))
        return done

    def _uninstall(self, system: System, options: Mapping[str, Any]) -> bool:
        """Undo `_install`; False if there was nothing."""
        from larknb.headless import units

        return units.uninstall(system, self._job(options))

    def _unit(self, system: System, options: Mapping[str, Any]) -> str:
        """Return what `_install` would write, on whatever system."""
        from larknb.headless import units

        return units.text(system, self._job(options))

    def _job(self, options: Mapping[str, Any]) -> Job:
        from larknb.headless.units import Job, network_path

        if not options.get("interval") and not options.get("at"):
            options = {**options, "interval": "1h"}
        notebook = Path(options["notebook"])
        if notebook.suffix or notebook.exists():
            options = {**options, "notebook": str(network_path(notebook.absolute()))}
        return Job(network_path(self.root), options, network_path(Path(sys.executable)))

    def _notebook(self, notebook: str | os.PathLike[str]) -> Path:
        """Return the path of a notebook; one that we ship is copied into the workspace where it is missing there."""
        path = Path(notebook)
        if path.suffix or path.exists():
            return path
        self._copy_notebooks()
        return self.root / "notebooks" / f"{path.name}.ipynb"

    def _copy_notebooks(self) -> None:
        """Copy the notebooks that larknb ships into ``notebooks/``; what is there already stays as it is."""
        import shutil

        package = Path(__file__).parent
        shipped = next(folder for folder in (package / "notebooks", package.parent / "notebooks") if folder.is_dir())
        target = self.root / "notebooks"
        target.mkdir(parents=True, exist_ok=True)
        for path in sorted(shipped.glob("*.ipynb")):
            if not (target / path.name).exists():
                shutil.copyfile(path, target / path.name)

    def _redactor(self, settings: Settings) -> Callable[[str], str]:
        """Return what takes the secrets of this workspace out of a text."""
        from larknb import logs

        secrets = settings.secrets
        with suppress(LarkError):  # nobody is logged in: there is nothing to tell
            token = self._store(settings).load()
            secrets += [token.access_token, token.refresh_token]
        return logs.redactor(secrets)

    # --- health -------------------------------------------------------------------------------------------------

    def status(self) -> Status:
        """Return the health of login, sources, cache and quota. Never raises for what it finds."""
        settings = self.settings
        usage = self._usage(settings)
        calls, cached = usage.by_source(), self._cache(settings).sources
        sources = self.sources()
        rows = [row for source in sources
                for row in self._status_rows(settings, source, cached.get(source.key), calls)]  # fmt: skip
        read_as = {source.name: Asker(source.identity, cached[source.key].manifest["identity"])
                   for source in sources if source.key in cached}  # fmt: skip
        login = " · ".join(self._login_line(settings, kind) for kind in _identities(settings))
        total = usage.total()
        forecast = usage.forecast() if total else None
        return Status(rows, login, total, settings.monthly_calls, forecast, read_as)

    def _login_line(self, settings: Settings, kind: str) -> str:
        """Say who reads, whether that will last, and whether it is enough for the configured sources."""
        if kind == "tenant":
            return str(Asker("tenant", settings.app_id))
        try:
            user = self.whoami()
        except LarkError as error:
            return str(error)
        name = user.label or say("user.unknown")
        if (user.refresh_ends_at or 0.0) <= self._clock():
            ended = (user.access_ends_at or 0.0) <= self._clock()
            return say("status.ended" if ended else "status.ending", name=name)
        lacking = self._lacking(user)
        return say("status.lacking", name=name, scopes=" ".join(lacking)) if lacking else name

    def _status_rows(
        self, settings: Settings, source: Source, cached: SourceCache | None, calls: Mapping[str, int]
    ) -> Iterator[StatusRow]:
        kind = source.kind or "wiki"
        spent = calls.get(source.key, 0)
        problem = str(cached.manifest.get("problem", "")) if cached else ""
        if cached is None or not cached.parts:
            yield StatusRow(source.name, kind, "", None, "failed" if problem else "never", None, "", problem, 0, spent)
            return
        age = self._clock() - cached.manifest["checked_at"]
        state: Any = "failed" if problem else "fresh" if age < settings.policy.max_age else "stale"
        for key, name in cached.parts.items():
            entry = cached.tables.get(key) or cached.guide or {}
            yield StatusRow(
                source.name, kind, name, cached.rows(key), state, age, _iso(entry["read_at"]), problem,
                cached.size(entry), spent,
            )  # fmt: skip

    # --- the rooms ----------------------------------------------------------------------------------------------

    def _cache(self, settings: Settings | None = None) -> Cache:
        from larknb.cache.store import Cache

        return Cache((settings or self.settings).cache_dir)

    def _usage(self, settings: Settings) -> Usage:
        from larknb.api.usage import Usage

        return Usage(settings.work / "usage.json", settings.monthly_calls, clock=self._clock)

    def _store(self, settings: Settings) -> TokenStore:
        from larknb.auth.oauth import App
        from larknb.auth.store import TokenStore

        return TokenStore(
            settings.token_file, App.of(settings), in_keychain=settings.in_keychain, clock=self._clock,
            sleep=self._sleep,
        )  # fmt: skip

    def _logged_in(self) -> User | None:
        """Return the user of a login that is usable or can be renewed."""
        store = self._store(self.settings)
        try:
            user = store.load().user(store.app)
        except LoginRequired:
            return None
        ends = user.refresh_ends_at or user.access_ends_at or 0.0
        return user if ends > self._clock() else None

    @contextmanager
    def _clients(self, settings: Settings) -> Iterator[Callable[[str], LarkClient]]:
        """Give the client of each identity while inside; afterwards the calls are counted and connections closed."""
        from larknb.api.client import LarkClient
        from larknb.auth.identity import TenantIdentity, UserIdentity
        from larknb.auth.oauth import App

        usage = self._usage(settings)
        made: dict[str, LarkClient] = {}

        def client_of(identity: str) -> LarkClient:
            if identity not in made:
                who = (
                    TenantIdentity(App.of(settings), clock=self._clock)
                    if identity == "tenant"
                    else UserIdentity(self._store(settings))
                )
                made[identity] = LarkClient(settings.open_base, who, usage=usage, sleep=self._sleep)
            return made[identity]

        try:
            yield client_of
        finally:
            usage.save()
            for client in made.values():
                client.close()

    @contextmanager
    def _locked(self, settings: Settings) -> Iterator[None]:
        """Hold the workspace's lock; the system frees it when its owner dies, whatever way."""
        from filelock import FileLock, Timeout

        settings.work.mkdir(parents=True, exist_ok=True)
        owner = settings.work / "sync.json"
        lock = FileLock(settings.work / "sync.lock", timeout=LOCK_PATIENCE)
        try:
            lock.acquire()
        except Timeout as error:
            raise Busy(say("busy.what", owner=_owner(owner)), next=say("busy.next")) from error
        try:
            owner.write_text(f'{{"pid": {os.getpid()}, "started_at": {self._clock():.0f}}}\n', encoding="utf-8")
            yield
        finally:
            owner.unlink(missing_ok=True)
            lock.release()

    def _found(self, settings: Settings) -> None:
        """Create ``larknb.toml`` and ``work/.gitignore`` before the first write, and say so."""
        from larknb import console, logs
        from larknb.config.edit import create

        logs.log_to(settings.work / "logs" / "larknb.log", settings.secrets)
        if create(settings.root) and not settings.exists:
            console.note(say("workspace.created", path=settings.root))

    # --- names --------------------------------------------------------------------------------------------------

    def _cached(self, name: str, table: str | None) -> tuple[SourceCache, str | None]:
        """Return the cache that a name means, and the table that the name or the argument names."""
        from larknb.config.names import choose

        caches = self._cache().sources
        configured = list(self.sources())
        keys = {source.key for source in configured}
        others = [_unconfigured(cached) for key, cached in caches.items() if key not in keys]
        source, found = choose((*configured, *others), name)
        cached = caches.get(source.key)
        if cached is None or not cached.parts:
            problem = cached.manifest.get("problem") if cached else ""
            raise NotSynced(
                say("notsynced.what"), source=source.name, next=problem or say("notsynced.next", name=source.name)
            )
        return cached, table or found

    def _table(self, cached: SourceCache, table: str | None) -> str:
        """Return the id of the table that is meant; a document has only those that are embedded in it."""
        if cached.guide is not None and table is None:
            raise WrongKind(say("document.what"), source=cached.name, next=say("document.next"))
        names = [str(entry["name"]) for entry in cached.tables.values()]
        wanted = table or cached.manifest.get("part") or (next(iter(cached.tables)) if len(names) == 1 else None)
        if wanted is None:
            raise ChooseTable(
                say("choose.what", count=len(names)), source=cached.name, tables=names,
                next=say("choose.next", tables=", ".join(names)),
            )  # fmt: skip
        found = cached.table_id(wanted)
        if found is None:
            raise NotFound(
                say("table.missing.what", table=wanted), source=cached.name,
                next=say("table.missing.next", tables=", ".join(names)),
            )  # fmt: skip
        return found

    def _attrs(self, cached: SourceCache, table_id: str) -> dict[str, str | int | bool]:
        """Return where a frame comes from and how old it is."""
        entry, manifest = cached.tables[table_id], cached.manifest
        stale = bool(manifest["problem"]) or self._clock() - manifest["checked_at"] >= self.settings.policy.max_age
        return {
            "source": cached.name, "table": str(entry["name"]), "synced_at": _iso(entry["read_at"]),
            "checked_at": _iso(manifest["checked_at"]), "computed_at": _iso(entry["computed_at"]),
            "revision": int(entry["revision"]), "stale": stale or bool(entry.get("gone")), "url": str(manifest["url"]),
        }  # fmt: skip


def _unattended() -> LoginRequired:
    return LoginRequired(say("login.nobody.what"), next=say("login.nobody.next"))


def _check(name: str, value: object, accepted: Sequence[object]) -> None:
    """Refuse an argument that means nothing: a misspelt one must not pass for an empty answer."""
    if value not in accepted:
        told = ", ".join(repr(each) for each in accepted)
        raise ConfigError(say("argument.what", name=name, value=value), next=say("argument.next", accepted=told))


def _run_row(record: RunRecord, root: Path) -> RunRow:
    """Return the record of a run as a row; its path counts from the workspace, if it is there."""
    output = Path(record.output)
    output = output.relative_to(root) if output.is_relative_to(root) else output
    return RunRow(
        _iso(record.started_at), Path(record.notebook).stem, record.status, record.seconds,
        changed_in_brief(record.summary), output.as_posix(),
    )  # fmt: skip


def _completed(source: Source, cached: SourceCache | None) -> Source:
    """Return a configured source with what only the cache knows: its title, and what a wiki link stands for."""
    if cached is None:
        return source if source.name else replace(source, name=source.token)
    known = cached.manifest
    return replace(
        source, name=source.name or cached.name, kind=known["kind"], obj_token=known["token"],
        about={"embedded": _embedded(known["state"])},
    )  # fmt: skip


def _embedded(state: Mapping[str, Any]) -> list[str]:
    """Return the kinds of tables that a document or spreadsheet embeds: they need scopes of their own."""
    kinds = {part["kind"] for part in state.get("parts", {}).values()}
    return sorted(kinds | {"bitable"} if state.get("bases") else kinds)


def _identities(settings: Settings) -> list[str]:
    """Return as whom the configured sources are read, the person first."""
    return sorted({source.identity for source in settings.sources} or {settings.identity}, reverse=True)


def _source_of(settings: Settings, url: str, options: Mapping[str, Any]) -> Source:
    """Return the source that a URL and its options mean; it has no name yet."""
    from larknb.config.sources import check_options
    from larknb.links import parse_link

    link = parse_link(url, options.get("kind"))
    if link.kind not in ("bitable", "spreadsheet", "document", "wiki"):
        raise WrongKind(say("kind.unread.what", kind=link.kind), source=link.url, next=say("kind.unread.next"))
    kind = None if link.kind == "wiki" else link.kind
    read = {key: value for key, value in options.items() if key not in ("kind", "identity")}
    return Source(
        "", link.url, kind, link.token, link.part, kind is None, options.get("identity", settings.identity),
        check_options(read, kind),
    )  # fmt: skip


def _unconfigured(cached: SourceCache) -> Source:
    known = cached.manifest
    token = known["key"].split("/")[0]
    return Source(cached.name, known["url"], known["kind"], token, known["part"], known["wiki"])


def _iso(at: float) -> str:
    """Return a time as ISO 8601 in the machine's zone, to the second."""
    return time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(at))


def _owner(path: Path) -> str:
    """Say who holds the lock, as far as it can be known."""
    import json

    try:
        owner = json.loads(path.read_text(encoding="utf-8"))
        started = time.strftime("%H:%M:%S", time.localtime(owner["started_at"]))
        return f"pid {owner['pid']}, {started}"
    except (OSError, ValueError, KeyError, TypeError):
        return "?"
