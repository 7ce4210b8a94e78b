"""Workspace: one folder, and every public call on it. What a call does stands in `larknb.services`."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TextIO

from larknb import services
from larknb.config.settings import Settings, find_root
from larknb.model import Kind, Progress, Source
from larknb.services.context import Context

if TYPE_CHECKING:
    import pandas as pd

    from larknb.guides.document import Document
    from larknb.headless.units import System
    from larknb.results.base import Result
    from larknb.results.changes import Changes
    from larknb.results.runs import RunList, RunResult
    from larknb.results.search import SearchHits
    from larknb.results.sources import Columns, Paths, SourceList
    from larknb.results.status import Status
    from larknb.results.sync import SyncReport
    from larknb.results.user import User
    from larknb.screens.login import LoginWidget

__all__ = ["Workspace"]


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
        self.root = find_root() if root is None else Path(root).expanduser().absolute()
        self._clock, self._sleep = clock, sleep

    def __repr__(self) -> str:
        return f"Workspace({str(self.root)!r})"

    @property
    def settings(self) -> Settings:
        """The settings as file and environment have them now; ConfigError where something is wrong."""
        return self._context.settings

    @property
    def _context(self) -> Context:
        """A view of the folder for one call."""
        return Context(self.root, clock=self._clock, sleep=self._sleep)

    # --- login --------------------------------------------------------------------------------------------------------

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
        return services.account.login(self._context, method, wait=wait, scopes=scopes, force=force, lang=lang)

    def logout(self) -> None:
        """Forget the tokens of this workspace; the cached data stays.

        With ``token_file = "user"`` or ``"keyring"`` this ends the login of all folders that share it.
        """
        services.account.logout(self._context)

    def whoami(self) -> User:
        """Return who is logged in, which app and tenant, and when access, refresh and consent end.

        Asks nobody: it tells what the token file says. LoginRequired if there is no login and sources need one. Where
        every source is read as the app itself, it is the app.
        """
        return services.account.whoami(self._context)

    def keep_login(self) -> User | None:
        """Renew the login in good time, and return whose it is; for whatever runs long, every few minutes.

        Never raises: what goes wrong is logged. None without a usable login, and where only the app itself reads.
        """
        return services.account.keep_login(self._context)

    def get_user_access_token(self, required: bool = True) -> str | None:
        """Return an access token that is good for at least 5 more minutes, renewed if need be; its repr is masked.

        Without a usable login: LoginRequired, or None with ``required=False``.
        """
        return services.account.get_user_access_token(self._context, required)

    def sign_in(self, open_page: Callable[[str], object], wait: float = 60) -> User:
        """Log in where nobody can be asked: ``open_page`` gets the link, and what follows it comes back to us.

        Parameters
        ----------
        open_page : callable
            Opens the link, or hands it to somebody who does.
        wait : float
            Seconds to wait for the answer; LoginRequired without one.
        """
        return services.account.sign_in(self._context, open_page, wait)

    def set_up(self, app: Mapping[str, Any], *, url: str = "", secret_from: TextIO | None = None) -> Source | None:
        """Ask for what makes this folder a workspace, check it as it comes, write it; return the first source, if any.

        Parameters
        ----------
        app : mapping
            Keys of ``[app]`` that need not be asked; None asks.
        url : str
            The first source; asked if it is empty.
        secret_from : text stream, optional
            Its first line is the App Secret.
        """
        return services.setup.set_up(self._context, app, url=url, secret_from=secret_from)

    def save_secret(self, secret: str) -> None:
        """Keep the app's secret in its file under ``work/``, which its owner alone may read."""
        services.account.save_app_secret(self._context, secret)

    # --- sources ------------------------------------------------------------------------------------------------------

    def sources(self) -> SourceList:
        """Return the configured sources."""
        return services.sources.sources(self._context)

    def add(self, /, url: str, name: str | None = None, **options: Any) -> Source:
        """Look a Feishu/Lark URL up and write it to ``larknb.toml`` as a source; comments there are kept.

        The same call again changes nothing, so that a notebook can be run twice.

        Parameters
        ----------
        url : str
            A Bitable, spreadsheet, document or wiki page.
        name : str, optional
            What it is called here; its title by default.
        **options
            The options of its kind: ``tables``, ``view``, ``fields``, ``filter``, ``computed`` of a Bitable;
            ``sheets``, ``header``, ``fill_merged``, ``dates`` of a spreadsheet; ``images`` of a document.

        Raises
        ------
        LarkError
            The URL cannot be a source, is configured otherwise, or cannot be read by the present login. Without a
            login, or with one that lacks a scope, the source is added unseen, and what is missing is told.
        """
        return services.sources.add(self._context, url, name, options)

    def remove(self, name: str) -> None:
        """Take a source out of ``larknb.toml``; what was cached of it stays on disk."""
        services.sources.remove(self._context, name)

    # --- sync ---------------------------------------------------------------------------------------------------------

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
        return services.reading.sync(
            self._context, names, kind=kind, force=force, accept_shrink=accept_shrink, progress=progress
        )

    # --- reading ------------------------------------------------------------------------------------------------------

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
        return services.reading.load(self._context, name, table, columns=columns, as_of=as_of, links=links, raw=raw)

    def tables(self, name: str) -> dict[str, pd.DataFrame]:
        """Return all tables of a source, by name."""
        return services.reading.tables(self._context, name)

    def schema(self, name: str, table: str | None = None) -> Columns:
        """Return the columns of a table: name, field_id, type, dtype, description, options, share of empty cells."""
        return services.reading.schema(self._context, name, table)

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
        return services.reading.document(self._context, url_or_name, sync=sync, as_of=as_of)

    def cells(self, name: str, table: str | None = None) -> pd.DataFrame:
        """Return what the text of a worksheet cannot hold: one row per link, mention, image, file and error.

        Columns are ``row`` (1-based), ``col`` (letters), ``kind``, ``text``, ``link``, ``token`` and ``raw``.
        """
        return services.reading.cells(self._context, name, table)

    def preview(self, name: str, table: str | None = None) -> Result:
        """Return the raw head of a table beside what became header and types; offline."""
        return services.reading.preview(self._context, name, table)

    def paths(self, name: str) -> Paths:
        """Return the current files of a source for other programs, by table; ``.folder`` holds them.

        Those of a document are ``guide.md`` and ``guide.json``.
        """
        return services.reading.paths(self._context, name)

    def read(self, /, url_or_name: str, table: str | None = None, **options: Any) -> pd.DataFrame:
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
        return services.reading.read(self._context, url_or_name, table, options)

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
        return services.reading.search_cache(self._context, text, kind=kind, limit=limit)

    # --- headless runs ------------------------------------------------------------------------------------------------

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
        return services.night.run(
            self._context, notebook, parameters, timeout=timeout, deadline=deadline, output=output, report=report
        )

    def runs(self) -> RunList:
        """Return the headless runs of this workspace, the newest first; what a killed one left running is ended."""
        return services.night.runs(self._context)

    def changes(self, report: SyncReport) -> Changes:
        """Return what a sync brought since your last look: the last run of this notebook that ended well.

        What the runs after that one brought is in it, too. It also tells what the sync cost and when the login ends.
        """
        return services.night.changes(self._context, report)

    def schedule(
        self,
        notebook: str | os.PathLike[str] = "scheduled_sync",
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
        return services.night.schedule(
            self._context, notebook, parameters, interval=interval, at=at, once=once, timeout=timeout,
            deadline=deadline, keep=keep, show=show,
        )  # fmt: skip

    def save_secrets(self) -> list[Path]:
        """Keep the secrets that only the environment holds in their files under ``work/``, and return these files."""
        return services.night.keep_all_secrets(self._context)

    def install(self, system: System, options: Mapping[str, Any], tell: Callable[[str], None] = print) -> bool:
        """Let the system start `schedule` with these options; False if some of that is left to the user.

        Parameters
        ----------
        system : str
            ``systemd``, ``cron``, ``windows`` or ``launchd``.
        options : mapping
            Those of `schedule`.
        tell : callable
            Is told what was done.
        """
        return services.night.install_unit(self._context, system, options, tell)

    def uninstall(self, system: System, options: Mapping[str, Any]) -> bool:
        """Undo `install`; False if there was nothing."""
        return services.night.uninstall_unit(self._context, system, options)

    def unit(self, system: System, options: Mapping[str, Any]) -> str:
        """Return what `install` would write, on whatever system."""
        return services.night.unit_text(self._context, system, options)

    # --- health -------------------------------------------------------------------------------------------------------

    def status(self) -> Status:
        """Return the health of login, sources, cache and quota. Never raises for what it finds."""
        return services.health.status(self._context)
