"""Workspace: one folder, and every public call on it. What a call does stands in `larknb.services`.

The file is long because it is the reference: nearly all of it are the docstrings of the public calls, with examples
that the tests run. The body of each call is one line.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TextIO

from larknb import console, services
from larknb.config.secrets import Secret
from larknb.config.settings import Settings, find_root
from larknb.config.stores import store_address
from larknb.model import Kind, Progress, Shown, Source, Where
from larknb.services.context import Context

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from larknb.guides.document import Document
    from larknb.headless.units import System
    from larknb.results.base import Result
    from larknb.results.changes import Changes
    from larknb.results.check import CheckReport
    from larknb.results.diff import Diff
    from larknb.results.doctor import DoctorReport
    from larknb.results.documents import DocumentList
    from larknb.results.exports import ExportReport
    from larknb.results.history import History
    from larknb.results.publish import PublishReport
    from larknb.results.runs import RunList, RunResult
    from larknb.results.search import SearchHits
    from larknb.results.sources import Columns, Paths, SourceList
    from larknb.results.status import Status
    from larknb.results.sync import SyncReport
    from larknb.results.user import User
    from larknb.screens.init import InitWidget
    from larknb.screens.login import LoginWidget
    from larknb.screens.panel import PanelWidget
    from larknb.screens.show import FrameView

__all__ = ["Workspace"]


class Workspace:
    """One folder: ``larknb.toml`` and its ``work/``.

    Parameters
    ----------
    root : path, optional
        The folder. Without it: ``LARKNB_HOME``, else the nearest folder upwards with a ``larknb.toml``, else the
        current one, where the first write creates it. Or a published store, which is read without a login: an address
        such as ``"s3://bucket/team"``, or the folder that somebody published to.
    clock, sleep : callable, optional
        What tells the time in epoch seconds, and what waits; those of the machine by default.

    Examples
    --------
    >>> workspace = lk.Workspace()
    >>> workspace.load("功能安全部人力盘点/人员").index.name
    '_record_id'
    """

    def __init__(
        self,
        root: str | os.PathLike[str] | None = None,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self.address = store_address(root)
        if self.address:
            self.root = self.context.root
        else:
            self.root = find_root() if root is None else Path(root).expanduser().absolute()

    def __repr__(self) -> str:
        return f"Workspace({self.address or str(self.root)!r})"

    @property
    def settings(self) -> Settings:
        """The settings as file and environment have them now; ConfigError where something is wrong."""
        return self.context.settings

    @property
    def context(self) -> Context:
        """A view of the folder as one call sees it: its settings and caches are read at most once."""
        if self.address:
            from larknb.services.published import PublishedContext  # a workspace does without pyarrow until it loads

            return PublishedContext(self.address, clock=self._clock, sleep=self._sleep)
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
        """Log in: a notebook shows a card that leads through it, a terminal prints the steps.

        Nothing is asked where a login has the scopes of all sources already; if it lacks some, only these are asked.

        Parameters
        ----------
        method : str
            ``browser`` waits for the answer on a loopback port, ``paste`` asks for the address that the browser ended
            on, ``auto`` takes whichever comes first; ``device`` shows a code and a link for a browser anywhere.
        wait : float
            Seconds to wait for the approval. Without it a notebook shows the card and goes on at once, so that "Run
            all" would run the next cells too early. Where nobody can type, as in a pipe, it means that somebody will
            open the printed link.
        scopes : sequence of str, optional
            Instead of the scopes that the configured sources need.
        force : bool
            Begin a new login although there is one.
        lang : str, optional
            ``"zh"`` or ``"en"``: the language of this login.

        Returns
        -------
        User or LoginWidget
            In a notebook the widget, which shows itself; elsewhere who is logged in.

        Raises
        ------
        LoginRequired
            Nobody is there to approve it, it was refused, or ``wait`` seconds passed without an approval.

        Examples
        --------
        Somebody is logged in already:

        >>> lk.login()
        Logged in as                  王敏 (ou_...)
        App                           cli_...
        Access until (renews itself)  ...
        Log in again before           ...
        Consent ends                  ...
        """
        return services.account.login(self.context.writable(), method, wait=wait, scopes=scopes, force=force, lang=lang)

    def logout(self, *, local: bool = False) -> None:
        """Forget the tokens of this workspace and end them at the platform; the cached data stays.

        It never fails because the platform cannot be reached: that is told, and the tokens are deleted all the same.

        With ``token_file = "user"`` or ``"keyring"`` this ends the login of all folders that share it.

        Parameters
        ----------
        local : bool
            Delete the tokens here, and leave them alive at the platform.

        Examples
        --------
        >>> lk.logout()
        >>> lk.get_user_access_token(required=False) is None
        True
        """
        services.account.logout(self.context.writable(), local=local)

    def whoami(self) -> User:
        """Return who is logged in, which app and tenant, and when access, refresh and consent end.

        It makes no request: it tells what the token file says. Where every source is read as the app itself, it
        returns the app. LoginRequired if there is no login and a source needs one.

        Examples
        --------
        >>> lk.whoami().name
        '王敏'
        """
        return services.account.whoami(self.context.writable())

    def keep_login(self) -> User | None:
        """Renew the login if its access token ends soon, and return whose login it is.

        A program that runs for hours calls it every few minutes. It never raises: what goes wrong is logged. None
        without a usable login, and where every source is read as the app itself.

        Examples
        --------
        >>> workspace = lk.Workspace()
        >>> workspace.keep_login().name
        '王敏'
        """
        return services.account.keep_login(self.context)

    def get_user_access_token(self, required: bool = True) -> str | None:
        """Return an access token that is good for at least 5 more minutes, renewed if need be.

        It is a str whose repr is masked, so that no saved cell holds it. Without a usable login: LoginRequired, or None
        with ``required=False``.

        Examples
        --------
        >>> token = lk.get_user_access_token()
        >>> token
        Secret(****)
        >>> headers = {"Authorization": f"Bearer {token}"}  # here it is the token itself
        """
        return services.account.get_user_access_token(self.context.writable(), required)

    def sign_in(self, open_page: Callable[[str], object], wait: float = 60) -> User:
        """Log in from a program: give the link of the login page to ``open_page``, and wait for the approval.

        Parameters
        ----------
        open_page : callable
            Takes the link, and opens it or passes it on. The browser that follows it must run on this machine.
        wait : float
            Seconds to wait for the approval; LoginRequired if none came.
        """
        return services.account.sign_in(self.context.writable(), open_page, wait)

    def set_up(self, app: Mapping[str, Any], *, url: str = "", secret_from: TextIO | None = None) -> Source | None:
        """Set this folder up as ``larknb init`` does, and return the first source, if there is one.

        What is not given is asked in the terminal, and each answer is checked at once; nothing is written before the
        last one. With nobody there to answer, a key that is missing is a ConfigError.

        Parameters
        ----------
        app : mapping
            Keys of ``[app]`` in ``larknb.toml``; a key that is missing or None is asked.
        url : str
            The first source; asked if it is empty.
        secret_from : text stream, optional
            Its first line is the App Secret.
        """
        return services.setup.set_up(self.context.writable(), app, url=url, secret_from=secret_from)

    def init(self, *, lang: str | None = None) -> InitWidget | Source | None:
        """Set this folder up: the app, the login, the first source, by the same questions everywhere.

        A notebook shows a card that asks them one after the other; a terminal asks as ``larknb init`` does. Where the
        folder has no app, one scan of a QR code makes one.

        Parameters
        ----------
        lang : str, optional
            ``"zh"`` or ``"en"``: the language of this set-up.

        Returns
        -------
        InitWidget, Source or None
            In a notebook the widget, which shows itself; elsewhere the first source, if there is one.

        Raises
        ------
        ConfigError
            Nobody is there to be asked, and something is missing.

        Examples
        --------
        With nobody there, what is configured must do; here it does:

        >>> lk.init()
        Setting up larknb in ...
        """
        return services.setup.init(self.context.writable(), lang=lang)

    def save_secret(self, secret: str) -> None:
        """Keep the app's secret in its file under ``work/``, which its owner alone may read."""
        secret = Secret(secret)  # a traceback shows local variables
        services.account.save_app_secret(self.context.writable(), secret)

    # --- sources ------------------------------------------------------------------------------------------------------

    def sources(self) -> SourceList:
        """Return the configured sources.

        Examples
        --------
        >>> [source.name for source in lk.sources()][:2]
        ['功能安全部人力盘点', '功能安全业务数据']
        """
        return services.sources.sources(self.context)

    def add(self, /, url: str, name: str | None = None, **options: Any) -> Source:
        """Look a Feishu/Lark URL up and write it to ``larknb.toml`` as a source; comments there are kept.

        A second call with the same arguments changes nothing, so that a notebook can be run again.

        Parameters
        ----------
        url : str
            A Bitable, spreadsheet, document or wiki page; or a wiki space or folder, which is one source with many
            children, ``"<name>/<title>"``. The personal library is ``my_library``, or with links to its pages
            ``"https://<your host>/wiki/space/my_library"``.
        name : str, optional
            What it is called here; its title by default.
        **options
            The options of its kind: ``tables``, ``view``, ``fields``, ``filter``, ``by_table``, ``computed``,
            ``incremental``, ``attachments``, ``drift`` of a Bitable; ``sheets``, ``header``, ``fill_merged``,
            ``by_table``, ``dates`` of a spreadsheet; ``images`` of a document. Of a space or folder those of all
            kinds, and ``depth`` (levels, or ``"all"``), ``include`` and ``exclude`` (patterns of
            titles such as ``["*草稿*"]``; what is excluded takes with it what lies below), ``kinds``. With one of these
            a wiki page is a source together with all pages below it.

        Raises
        ------
        LarkError
            The URL cannot be a source, is configured with other options, names what is not there, or cannot be read by
            the present login.
            Without a login, or with one that lacks a scope, the source is added without a look, and a note tells what
            is missing.

        Examples
        --------
        >>> lk.add("https://example.feishu.cn/base/HcPn5Zq2bYk8WdTfRs1vXgLjMeA").name
        '功能安全部人力盘点'
        >>> lk.add("https://example.feishu.cn/docx/GdCh5Vj3Xp7PkYzWr9MlKwJtZeG", "充电", images=False).kind
        'document'
        """
        return services.sources.add(self.context.writable(), url, name, options)

    def remove(self, name: str) -> None:
        """Take a source out of ``larknb.toml``; what was cached of it stays on disk.

        Examples
        --------
        >>> lk.remove("功能安全业务数据")
        >>> "功能安全业务数据" in [source.name for source in lk.sources()]
        False
        """
        services.sources.remove(self.context.writable(), name)

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
            Read them although the platform says that they did not change.
        accept_shrink : bool
            Accept a table that lost more than half of its rows at once, without a second look.
        progress : callable or False, optional
            Is called with each step. None: the progress is shown in the notebook or the terminal. False: nowhere.

        Raises
        ------
        LoginRequired
            No source that is due has a usable identity.
        ConfigError
            Something in ``larknb.toml`` is wrong.
        Busy
            Another sync held the workspace for a minute.

        Examples
        --------
        >>> lk.sync("功能安全部人力盘点")
        Sync
        All caches are still fresh (1 source); nothing was checked. Last report, ...
        >>> lk.sync(kind="document", force=True).ok
        True
        """
        return services.reading.sync(
            self.context.writable(), names, kind=kind, force=force, accept_shrink=accept_shrink, progress=progress
        )

    def publish(
        self,
        target: str | os.PathLike[str] | None = None,
        *,
        history: bool = False,
        format: Literal["parquet", "delta"] = "parquet",  # noqa: A002  the word that people use
        every_sync: bool | None = None,
    ) -> PublishReport:
        """Publish the caches to a folder or an object store, where others read them without a login.

        Whole files come first, the pointer of each source last: a reader sees the old state or the new one. What is
        there already is not sent again. Logins, secrets, logs and who read the data stay here.

        Parameters
        ----------
        target : str or path, optional
            A folder, or an address such as ``"s3://bucket/team"``; by default ``target`` of ``[publish]`` in
            ``larknb.toml``. Credentials and ``AWS_ENDPOINT_URL`` come from the environment.
        history : bool
            Also the earlier states that are kept, for `diff`, `history` and ``as_of``.
        format : str
            ``"delta"`` writes each table as a Delta table, too (extra ``[delta]``): a version for each change.
        every_sync : bool, optional
            Publish there after each sync from now on, or no more. None leaves it as it is.

        Raises
        ------
        Busy
            Another workspace publishes to this target, or this one is doing so already.
        ConfigError
            It is not said where to, or it is no such place.

        Examples
        --------
        >>> report = lk.publish("shared")
        >>> [(row.source, row.action) for row in report][:1]
        [('功能安全部人力盘点', 'published')]
        >>> lk.Workspace("shared").load("功能安全部人力盘点/人员").shape[0]
        50
        """
        return services.publishing.publish(
            self.context.writable(), target, history=history, format=format, every_sync=every_sync
        )

    # --- reading ------------------------------------------------------------------------------------------------------

    def load(
        self,
        name: str,
        table: str | None = None,
        *,
        columns: Sequence[str] | None = None,
        where: Where | None = None,
        as_of: Any = None,
        links: Literal["text", "id"] = "text",
        lists: Literal["tuple", "join"] = "tuple",
        persons: Literal["name", "id"] = "name",
        aware: bool = False,
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
        where : mapping or callable, optional
            Only these rows: ``{"状态": "未关闭"}``, with a value, a list of values, or a function of the column; or a
            function of the frame. A cell of several values matches where one of them does, a date every time of it,
            None what is missing.
        as_of : optional
            An earlier state: a time, a date (its end), ``"yesterday"`` or ``"friday"`` (their ends), ``"3d"`` (so long
            ago), a snapshot id, the id of a headless run (when it began), or a negative index: -1 is the newest.
        links : str
            ``"text"`` shows the linked rows' primary text, ``"id"`` their record ids.
        lists : str
            ``"tuple"`` shows a cell of several values as a tuple, ``"join"`` as one text with ``"; "`` between them.
        persons : str
            ``"name"`` shows persons, groups and files by name, ``"id"`` as tuples of their ids.
        aware : bool
            Times as instants with the zone of the base, not as the clock on its wall shows them.
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

        Examples
        --------
        >>> staff = lk.load("功能安全部人力盘点/人员", columns=["姓名", "在岗", "月成本"])
        >>> staff.head(2)
                         姓名     在岗       月成本
        _record_id
        recgX7rAzWzaPgr  王敏   True  25762.36
        reckfQxS6G5Xgb3  秦芳  False  20021.21
        >>> staff.attrs["larknb"]["table"]
        '人员'
        """
        shown = Shown(links, lists, persons, aware)
        return services.reading.load(
            self.context, name, table, columns=columns, where=where, as_of=as_of, shown=shown, raw=raw
        )

    def join(
        self,
        name_or_frame: str | pd.DataFrame,
        column: str,
        *,
        columns: Sequence[str] | None = None,
        how: Literal["left", "inner"] = "left",
    ) -> pd.DataFrame:
        """Return a table beside the rows that one of its link columns points to: one row per pair, from the cache.

        Parameters
        ----------
        name_or_frame : str or DataFrame
            ``"source/table"``, or some rows that `load` gave.
        column : str
            A link column, or a path over several: ``"部门.主管"``.
        columns : sequence of str, optional
            Only these columns of the linked table.
        how : str
            ``"left"`` keeps rows that link to nothing, ``"inner"`` drops them.

        Returns
        -------
        DataFrame
            The index and columns of the left table; then ``<column>._record_id`` and ``<column>.<name>`` for each
            column of the linked one.

        Raises
        ------
        WrongKind
            It is no link column; the message names those that there are.
        NotSynced
            The linked table is not in the cache.

        Examples
        --------
        >>> staff = lk.join("功能安全部人力盘点/人员", "部门", columns=["名称", "编制"])
        >>> [*staff.columns[-3:]]
        ['部门._record_id', '部门.名称', '部门.编制']
        """
        return services.joins.join(self.context, name_or_frame, column, columns=columns, how=how)

    def to_excel(self, frame_or_name: str | pd.DataFrame | Mapping[str, pd.DataFrame], path: str | Path) -> Path:
        """Write a workbook that opens clean in Excel: widths, a header that stays in sight, dates, links.

        Text is always text, also where it begins like a formula. What Excel cannot hold as what it is (18 digits, a
        time before 1900) is written as text. Needs the extra ``[excel]``.

        Parameters
        ----------
        frame_or_name : str, DataFrame or mapping
            ``"source/table"``; a source, whose tables become a sheet each; a frame; or frames by the title of their
            sheet.
        path : str or Path
            The file; one that is there is replaced.

        Examples
        --------
        >>> lk.to_excel("功能安全部人力盘点", "staff.xlsx").name
        'staff.xlsx'
        """
        return services.outlets.to_excel(self.context, frame_or_name, path)

    def export_guides(self, folder: str | Path) -> ExportReport:
        """Write the cached documents as Markdown into a folder, for a store of passages or an assistant.

        Each begins with what a program should know of it (title, url, owner, edited_at, source, revision). Pictures and
        files lie beside them in ``media``, and guides link to each other by relative paths. A guide keeps the name of
        its file. What did not change is not touched; a guide that is no longer configured is removed. Files of others
        in the folder, and what somebody edited there, are left alone.

        Parameters
        ----------
        folder : str or Path
            Is made where it is missing.

        Examples
        --------
        >>> lk.export_guides("skills/guides").ok
        True
        """
        return services.outlets.export_guides(self.context, folder)

    def check(self, name: str | None = None, table: str | None = None) -> CheckReport:
        """Return whether what is cached meets what ``[[sources.checks]]`` expects of it; `sync` does so by itself.

        Parameters
        ----------
        name : str, optional
            A source, or ``"source/table"``; without one all.
        table : str, optional
            One table of the source.

        Examples
        --------
        >>> lk.check("功能安全部人力盘点").ok
        True
        """
        return services.checks.check(self.context, [name] if name else [], table)

    def diff(self, name: str, table: str | None = None, since: Any = None, until: Any = None) -> Diff:
        """Return what changed between two states that the cache keeps: rows, cells, columns, blocks of a document.

        Rows are the same by record id, those of a worksheet by a key column or by content, blocks by their id.

        Parameters
        ----------
        name : str
            A source, then all of its tables are compared, or ``"source/table"``.
        table : str, optional
            One table of the source.
        since, until : optional
            As ``as_of`` in `load`: ``"yesterday"``, ``"friday"``, ``"3d"``, a snapshot id, an index. Without ``since``
            the last state that differs, without ``until`` the present one.

        Returns
        -------
        Diff
            Shows the first changes; ``to_frame()`` has one row per added or removed row and per changed cell, ``added``
            and ``removed`` the whole rows, ``column_changes`` what became of the columns.

        Examples
        --------
        >>> lk.diff("功能安全部人力盘点/人员").to_frame().columns.tolist()
        ['change', 'key', 'column', 'before', 'after']
        """
        return services.differing.diff(self.context, name, table, since, until)

    def show(self, frame_or_name: str | pd.DataFrame, n: int = 50) -> FrameView:
        """Return a pretty, static view of a frame's head: option colours, links, short dates, where it comes from.

        Parameters
        ----------
        frame_or_name : DataFrame or str
            What `load` gave, any other frame, or a table by name.
        n : int
            How many rows are shown.

        Examples
        --------
        >>> print(lk.show("功能安全部人力盘点/部门", n=2))
        功能安全部人力盘点 / 部门 · ...
        2 of 9 rows
        """
        return services.showing.show(self.context, frame_or_name, n)

    def panel(self) -> PanelWidget | None:
        """Show one small card: who is signed in, the sources, buttons that sync and sign in, and the last runs.

        Outside a notebook its text is printed.

        Returns
        -------
        PanelWidget or None
            In a notebook the widget, which shows itself.

        Examples
        --------
        >>> lk.panel()  # in a notebook: a card
        larknb · ...
        """
        return services.showing.panel(self.context.writable())

    def plot_style(self) -> str:
        """Let the plots of this notebook show Chinese, and return the name of the font (extra ``[plot]``).

        Sets what matplotlib draws with by default: a font of this machine that has Chinese, minus signs that it has
        too, and quiet colours. Where there is no such font, says how to get one and returns an empty text.

        Raises
        ------
        ConfigError
            matplotlib is not installed.

        Examples
        --------
        >>> font = lk.plot_style()
        >>> isinstance(font, str)
        True
        """
        return services.showing.plot_style()

    def load_parts(
        self, name: str, table: str | None = None, *, columns: Sequence[str] | None = None, as_of: Any = None
    ) -> Iterator[pd.DataFrame]:
        """Yield one table from the cache as `load` gives it, some rows at a time: memory need not hold it whole.

        The frames have no ``attrs``. A table without rows comes as one frame without rows.
        """
        return services.reading.load_parts(self.context, name, table, columns=columns, as_of=as_of)

    def tables(self, name: str) -> dict[str, pd.DataFrame]:
        """Return all tables of a source as DataFrames, by name, as `load` gives each.

        Examples
        --------
        >>> {name: len(frame) for name, frame in lk.tables("功能安全部人力盘点").items()}
        {'人员': 50, '部门': 9, '技能': 18}
        """
        return services.reading.tables(self.context, name)

    def sql(self, query: str, as_of: Any = None) -> pd.DataFrame:
        """Return what an SQL query over the cached tables gives, by DuckDB: no network, no login, no other file.

        Every table is there under its name where that is unique, and as ``"source/table"``; names with signs stand in
        double quotes. A cell of several values is a LIST. A link column is also a view ``"table__column"`` of pairs:
        ``_record_id``, ``linked_id``, ``text``. Needs the extra ``[sql]``.

        Parameters
        ----------
        query : str
            In DuckDB's SQL; it can read these tables and nothing else.
        as_of : optional
            An earlier state, as in `load`.

        Raises
        ------
        NotFound
            There is no such table; the message offers near names.
        ConfigError
            DuckDB refuses the query, and says why.

        Examples
        --------
        >>> lk.sql("SELECT count(*) AS n FROM 人员").loc[0, "n"]
        np.int64(50)
        """
        return services.sql.sql(self.context, query, as_of)

    def connect(self, *, files: bool = False) -> duckdb.DuckDBPyConnection:
        """Return the DuckDB connection that `sql` asks, with every cached table as it is now.

        Parameters
        ----------
        files : bool
            Let queries read and write files as well; else they reach nothing but these tables.

        Examples
        --------
        >>> lk.connect().sql("SELECT count(*) FROM 人员").fetchall()
        [(50,)]
        """
        return services.sql.connect(self.context, files=files)

    def schema(self, name: str, table: str | None = None) -> Columns:
        """Return the columns of a table: name, field_id, type, dtype, description, options, share of empty cells.

        Examples
        --------
        >>> columns = lk.schema("功能安全部人力盘点/人员")
        >>> columns.to_frame()[["name", "field_id", "type", "empty"]].head(2)
          name      field_id  type  empty
        0   姓名  fldCJtfXFPloF  Text   0.00
        1   账号  fldMuREnWv0zE  User   0.02
        """
        return services.reading.schema(self.context, name, table)

    def document(self, url_or_name: str, *, sync: bool = False, as_of: Any = None) -> Document:
        """Return one document from the cache: title, markdown, outline, sections, tables, images.

        Parameters
        ----------
        url_or_name : str
            A source, or the URL of a document or of a wiki page that holds one. What a URL names needs no
            configuration, and is synced first if it is stale.
        sync : bool
            Sync a named source first, too, if it is stale.
        as_of : optional
            An earlier state, as for `load`.

        Raises
        ------
        NotFound, NotSynced, WrongKind
            Each says what there is instead.

        Examples
        --------
        >>> guide = lk.document("故障定位指引文档3")
        >>> [heading["text"] for heading in guide.outline if heading["level"] == 1]
        ['1 故障现象', '2 定位步骤', '3 恢复与验证', '4 附件与参考']
        >>> print(guide.sections[0]["text"])
        适用：动力 CAN、底盘 CAN（500 kbit/s）与信息 CAN FD（2 Mbit/s）。
        测量终端电阻前必须断开蓄电池负极，否则读数无意义。
        """
        return services.reading.document(self.context, url_or_name, sync=sync, as_of=as_of)

    def documents(self, name: str) -> DocumentList:
        """Return the children of a wiki space or folder as the tree that they form, each with its link and age.

        From the cache of its list: no network, no login.

        Parameters
        ----------
        name : str
            A space or folder, or its address; or one of its children, for what lies below that.

        Raises
        ------
        NotFound, NotSynced, WrongKind
            Each says what there is instead.

        Examples
        --------
        >>> lk.add("https://example.feishu.cn/wiki/space/7000000000000000001", "指引库").library
        'space'
        >>> lk.sync("指引库").ok
        True
        >>> [child.name for child in lk.documents("指引库")]
        ['指引库/功能安全 / 业务数据', '指引库/CAN 总线故障定位']
        """
        return services.libraries.documents(self.context, name)

    def cells(self, name: str, table: str | None = None) -> pd.DataFrame:
        """Return what the text of a worksheet cannot hold: one row per link, mention, image, file and error.

        Columns are ``row`` (1-based), ``col`` (letters), ``kind``, ``text``, ``link``, ``token`` and ``raw``.

        Examples
        --------
        >>> lk.cells("在线表格示例/故障码")[["row", "col", "kind", "text"]].head(2)
           row col     kind       text
        0    2   D  mention  故障定位指引文档1
        1    2   E  mention        @许娜
        """
        return services.reading.cells(self.context, name, table)

    def attachments(self, name: str, table: str | None = None, *, as_of: Any = None) -> pd.DataFrame:
        """Return the files in the attachment columns of a source, one row for each place where a file stands; offline.

        With ``attachments = true`` in ``larknb.toml``, or ``attachments = "20MB"`` for files up to that size, a sync
        downloads each of them once.

        Parameters
        ----------
        name : str
            A source, then all of its tables count, or ``"source/table"``.
        table : str, optional
            One table of the source.
        as_of : optional
            An earlier state, as in `load`: its files are kept as long as it is.

        Returns
        -------
        DataFrame
            The index is ``_record_id``. Columns are ``table``, ``column``, ``name``, ``size`` (bytes), ``type`` (as the
            platform tells it, such as ``image/png``), ``path`` (of the file on this machine, if there is one) and
            ``problem`` (why there is none).

        Examples
        --------
        >>> files = lk.attachments("功能安全部人力盘点")
        >>> files[["column", "name"]].iloc[0].tolist()
        ['证书', '王敏-功能安全工程师.pdf']
        >>> files["problem"].iloc[0]
        'it was not downloaded: set attachments = true for this source, and sync it'
        """
        return services.reading.attachments(self.context, name, table, as_of=as_of)

    def preview(self, name: str, table: str | None = None) -> Result:
        """Return the first raw rows of a table, beside what was taken for its header and its types; offline.

        Examples
        --------
        >>> lk.preview("在线表格示例/月度统计")
        月度统计: how it is read
        row  read as  A             B               C               D               E               F
             name     部门          2025 年 / 新增  2025 年 / 关闭  2026 年 / 新增  2026 年 / 关闭  关闭率
             type     Text          Integer         Integer         Integer         Integer         Number
          1  header   部门          2025 年                         2026 年                         关闭率
          2  header                 新增            关闭            新增            关闭
          3  data     系统安全组    12              15              9               14              1.381
        ...
        """
        return services.reading.preview(self.context, name, table)

    def paths(self, name: str) -> Paths:
        """Return the paths of the current files of a source, by table: they are for other programs to read.

        Those of a document are ``guide.md`` and ``guide.json``. ``.folder`` is the folder of all of them.

        Examples
        --------
        >>> paths = lk.paths("功能安全部人力盘点")
        >>> paths["人员"]
        '...人员.parquet'
        >>> pd.read_parquet(paths["人员"]).columns.equals(lk.load("功能安全部人力盘点/人员").columns)
        True
        """
        return services.reading.paths(self.context, name)

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
            It could not be brought up to date; `load` still gives the rows of the cache.

        Examples
        --------
        >>> url = "https://example.feishu.cn/base/HcPn5Zq2bYk8WdTfRs1vXgLjMeA?table=tblPeople7Qm2xKdV"
        >>> len(lk.read(url))
        50
        """
        return services.reading.read(self.context.writable(), url_or_name, table, options)

    def history(self, name: str) -> History:
        """Return the snapshots that are kept of a source, the newest first; ``.removed()`` gives the deleted rows.

        Kept are all of the last 48 hours, then the last one of each day, as long as ``history`` in ``[cache]`` says.

        Raises
        ------
        NotFound, NotSynced
            Each says what there is instead.

        Examples
        --------
        >>> history = lk.history("功能安全部人力盘点")
        >>> history[0].rows, history[0].note
        (77, 'current')
        >>> staff = lk.load("功能安全部人力盘点/人员", as_of=history[0].snapshot)
        >>> len(history.removed("人员"))
        0
        """
        return services.reading.history_of(self.context, name)

    def search(self, text: str, *, kind: Kind | None = None, limit: int = 20) -> SearchHits:
        """Return the passages of documents and the cells of tables that hold all words of ``text``, the best first.

        Searches the cache: no network, no login. Upper and lower case, and full and half width, count as equal. The
        best of each kind of source come in turns, and ``counts`` says how many there are of each; where there are
        none, ``near`` has texts that are there and differ by little.

        Parameters
        ----------
        kind : str, optional
            ``bitable``, ``spreadsheet`` or ``document``: only sources of this kind.
        limit : int
            The most hits to return.

        Examples
        --------
        >>> hits = lk.search("电机 过热", kind="bitable", limit=2)
        >>> [(hit.source, hit.title, hit.path) for hit in hits]
        [('功能安全业务数据', '缺陷', '驱动电机过热'), ('功能安全业务数据', '测试记录', 'TC-0168 驱动电机冷启动')]
        >>> lk.search("无人驾驶出租车")
        Search
        ...
        """
        return services.reading.search_cache(self.context, text, kind=kind, limit=limit)

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
        """Run a notebook without anybody at the screen.

        When this returns, the executed notebook is on disk, however the run ended, and its kernel is gone.

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
            Write the executed notebook as an HTML file without code, too, beside it. Needs the extra ``[report]``.

        Returns
        -------
        RunResult
            It does not raise because a cell failed: see ``.ok`` and ``.raise_for_failure()``.

        Examples
        --------
        >>> result = lk.run("scheduled_sync", {"kind": "bitable"})
        >>> result.status
        'ok'
        >>> result.output
        '...scheduled_sync...ipynb'
        """
        return services.night.run(
            self.context.writable(), notebook, parameters, timeout=timeout, deadline=deadline, output=output,
            report=report,
        )  # fmt: skip

    def runs(self) -> RunList:
        """Return the headless runs of this workspace, the newest first.

        Kernels that a killed run left behind are ended.

        Examples
        --------
        >>> lk.runs()
        Runs
        No runs yet. Next: larknb schedule.
        """
        return services.night.runs(self.context)

    def changes(self, report: SyncReport) -> Changes:
        """Return what changed since your last look, which is the last run of this notebook that ended well.

        It counts what this sync brought and what failed runs since then brought, and tells what the sync cost and when
        the login ends.

        Examples
        --------
        >>> workspace = lk.Workspace()
        >>> workspace.changes(lk.sync())
        First run: nothing changed
        It took 0 requests; ...
        """
        return services.night.changes(self.context, report)

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
        """Run a notebook now, and again at each time that is due, until a signal ends it; return the exit code.

        Each run is a `run`; one that fails does not end the schedule. Intervals count from local midnight: an hour
        means every full hour. Times that pass during a run are skipped; times that pass while the machine sleeps are
        made up for by one run.

        Parameters
        ----------
        interval : float or str, optional
            Seconds, or a text such as ``"30min"``, of which a bare number means hours. An hour, unless ``at`` is given.
        at : sequence of str
            Local times of every day, such as ``"08:30"``.
        once : bool
            Run now and no more, for a scheduler of the system; the interval then says how often that one starts us.
        keep : int, optional
            How many executed notebooks stay; those of runs that failed stay longer.
        show : callable, optional
            Takes the notices as text; by default they go to the bot that the settings name.

        Examples
        --------
        >>> lk.Workspace().schedule(interval="30min", once=True)
        0
        """
        return services.night.schedule(
            self.context.writable(), notebook, parameters, interval=interval, at=at, once=once, timeout=timeout,
            deadline=deadline, keep=keep, show=show,
        )  # fmt: skip

    def save_secrets(self) -> list[Path]:
        """Keep the secrets that only the environment holds in their files under ``work/``, and return these files.

        Examples
        --------
        The environment holds none:

        >>> lk.Workspace().save_secrets()
        []
        """
        return services.night.keep_all_secrets(self.context.writable())

    def install(self, system: System, options: Mapping[str, Any], tell: Callable[[str], None] = console.tell) -> bool:
        """Let the system start `schedule` with these options; False if some of that is left to the user.

        Parameters
        ----------
        system : str
            ``systemd``, ``cron``, ``windows`` or ``launchd``.
        options : mapping
            Those of `schedule`.
        tell : callable
            Takes what was done, line by line.
        """
        return services.night.install_unit(self.context.writable(), system, options, tell)

    def uninstall(self, system: System, options: Mapping[str, Any]) -> bool:
        """Undo `install`; False if there was nothing."""
        return services.night.uninstall_unit(self.context.writable(), system, options)

    def unit(self, system: System, options: Mapping[str, Any]) -> str:
        """Return the text that `install` would write, whatever system we are on.

        Examples
        --------
        >>> print(lk.Workspace().unit("cron", {"notebook": "scheduled_sync", "at": ["08:30"]}))
        30 8 * * * ...schedule --notebook scheduled_sync --at 08:30 --once...
        """
        return services.night.unit_text(self.context.writable(), system, options)

    # --- health -------------------------------------------------------------------------------------------------------

    def status(self, *, login: bool = True) -> Status:
        """Return the health of login, sources, cache and quota. Never raises for what it finds.

        Parameters
        ----------
        login : bool
            Whether to look at the login, too; without it no token is read.

        Examples
        --------
        >>> status = lk.status()
        >>> status.to_frame()[["source", "table", "rows", "state"]].head(2)
              source table  rows  state
        0  功能安全部人力盘点    人员    50  fresh
        1  功能安全部人力盘点    部门     9  fresh
        """
        return services.health.status(self.context, login=login)

    def doctor(
        self,
        probe: bool | Sequence[str] = False,
        *,
        fix: bool = False,
        show: Callable[[str], bool] | None = None,
    ) -> DoctorReport:
        """Examine clock, network, app, login, scopes, sources, quota, cache, disk and schedule; takes at most 45 s.

        Each finding says what is so, why, what to do, and where. Nothing in it is secret. Never raises for what it
        finds.

        Parameters
        ----------
        probe : bool or sequence of str
            Also ask about 30 small questions on these sources, or on the first one of each kind, that settle what the
            platform's documentation leaves open. They only read, and their answers hold codes and counts alone. They
            are shown and then kept in one file, ``work/probe.json``, fit to be passed on.
        fix : bool
            First repair what is safe to repair: close files with secrets to others, remove what ended processes left
            of their locks, and make manifests and tables again of what lies on the disk.

        show : callable, optional
            Is given the answers to a probe as text, and says whether they may be kept. By default they are printed.

        Examples
        --------
        >>> report = lk.doctor()
        >>> [(finding.check, finding.what) for finding in report.faults]
        []
        """
        return services.doctor.doctor(self.context.writable(), probe, fix=fix, show=show)
