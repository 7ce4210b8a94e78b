"""The knobs of the stand-in: the app that it knows, and how it behaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(eq=False, repr=False, kw_only=True)  # its repr would hold the app's secret
class Knobs:
    """What may be set before the stand-in runs, or turned while it does.

    Attributes
    ----------
    clock, sleep : callable
        Seconds since the epoch, and how to wait for ``latency``.
    scopes : set of str
        Enabled for the app, for user and app identity alike.
    redirect_uris : list of str
    latency : float
        Seconds that pass before each answer.
    approve : str
        What the person in front of the accounts page does: ``auto`` approves at once, ``deny`` refuses, ``page``
        leaves it to two buttons.
    withheld : set of str
        Scopes that the person does not grant, though asked.
    roles : set of str
        Open ids, and ``"tenant"``, that may see rows of bases with advanced permissions.
    access_lifetime, refresh_lifetime, consent_lifetime, tenant_lifetime, device_lifetime, device_interval : float
        Seconds.
    registration_lifetime, registration_interval : float
        Seconds that the code of an app made by scan lives, and between two questions what became of it.
    life_key : str
        How that life is called in the answer: ``expire_in`` or ``expires_in``.
    auth_methods : list of str
        How an app that is made by scan may prove itself.
    scan_brand : str
        Brand of the company in which the person makes the app.
    serves : str
        Which brand's new apps this stand-in hands out: ``feishu``, ``lark``, or ``both``. Two that play the two hosts
        share their ``registrations``.
    addons_released : bool
        The page that makes an app heeds the scopes that its link asks for.
    refresh_enabled : bool
        The console's switch; off: refreshing fails with 20074.
    published : bool
        A version of the app is published; without one no scope of it is in force.
    token_members : dict
        Members that answers of the token endpoint have besides (``status_message``) or instead; None: they lack it.
    v3_absent, v3_words : bool
        Token endpoint v3 is not there; its failures carry a word and no code.
    revoke_body : bool
        A revocation answers ``{"code": 0}`` instead of nothing.
    wrong_brand : bool
        The app belongs to the other brand and is unknown here.
    gateway_status : int or None
        HTTP status of the codes 99991600-99991699; ``None``: what has been seen of each.
    log_id_key : str
        Name of the log id in error bodies: ``log_id`` or ``logid``.
    old_violations : bool
        ``permission_violations`` as ``scope`` and ``url`` instead of ``type`` and ``subject``.
    int_times : bool
        Metadata times as numbers instead of strings.
    max_response_bytes : int or None
        Larger search answers fail with 1254030; so do cell values (90221), plain text (1770033) and Markdown
        (2889925), which fail without a number too, once they pass the documented 10 MB.
    more_members : dict
        Members that every object within a cell of a record has besides its own.
    padding : str
        Cell values come as ``full`` rectangles padded with nulls, ``trimmed`` to what is filled (the echoed range too),
        or as ``ragged`` rows that end with their last value.
    reject_out_of_grid : bool
        A range that leaves the grid fails with 90202 instead of being cut to it.
    new_sheet_codes : bool
        The old spreadsheet paths answer with the codes of the new ones, as has been seen.
    tokens_work_once : bool
        A page token of a document that is used a second time is 1770022.
    token_on_last_page : bool
        Lists of blocks and nodes carry a page token even where there is no more.
    empty_pages : int
        So many empty pages come before the first one of each list of nodes.
    lists_closed : bool
        Lists of nodes and of folders also show what the caller may not read.
    sparse_nodes : bool
        Entries of lists of nodes lack what has been seen missing, and carry an address.
    chunked_media : bool
        Downloads come without a length.
    empty_file_errors : bool
        Downloads that fail have no body.
    ignores_ranges : bool
        A download that asks for a range gets the whole file, with 200.
    needs_current_rev : bool
        The ``rev`` in the permission parameter of a base's attachment must be that of its table now.
    empty_links : bool
        Links that are asked for without the permission parameter are an empty list, with code 0.
    replica_lag, revision_lag, mtime_lag : float
        Seconds by which record reads, the revisions in the list of tables, and modify times are late. Set before the
        change that is to be seen late.
    """

    clock: Callable[[], float]
    sleep: Callable[[float], object]
    app_id: str
    app_secret: str
    redirect_uris: list[str]
    scopes: set[str]
    latency: float

    approve: Literal["auto", "page", "deny"] = "auto"
    withheld: set[str] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)
    access_lifetime: float = 7200
    refresh_lifetime: float = 604800
    consent_lifetime: float = 365 * 86400
    tenant_lifetime: float = 7200
    device_lifetime: float = 600
    device_interval: float = 5
    registration_lifetime: float = 600
    registration_interval: float = 5
    life_key: Literal["expire_in", "expires_in"] = "expire_in"
    auth_methods: list[str] = field(default_factory=lambda: ["client_secret"])
    scan_brand: Literal["feishu", "lark"] = "feishu"
    serves: Literal["feishu", "lark", "both"] = "both"
    addons_released: bool = True
    refresh_enabled: bool = True
    published: bool = True
    token_members: dict[str, Any] = field(default_factory=dict)
    v3_absent: bool = False
    v3_words: bool = False
    revoke_body: bool = False
    wrong_brand: bool = False
    gateway_status: int | None = None
    log_id_key: Literal["log_id", "logid"] = "log_id"
    old_violations: bool = False
    int_times: bool = False
    max_response_bytes: int | None = None
    more_members: dict[str, Any] = field(default_factory=dict)
    padding: Literal["full", "trimmed", "ragged"] = "full"
    reject_out_of_grid: bool = False
    new_sheet_codes: bool = False
    tokens_work_once: bool = False
    token_on_last_page: bool = False
    empty_pages: int = 0
    lists_closed: bool = False
    sparse_nodes: bool = False
    chunked_media: bool = False
    empty_file_errors: bool = False
    ignores_ranges: bool = False
    needs_current_rev: bool = False
    empty_links: bool = False
    replica_lag: float = 0.0
    revision_lag: float = 0.0
    mtime_lag: float = 0.0

    @property
    def scopes_in_force(self) -> set[str]:
        """The scopes of the published version."""
        return self.scopes if self.published else set()
