"""Checks of the sources: whether each can be read by the identity that reads it, and whether rows may be hidden."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from larknb.api.client import LarkClient
from larknb.auth.scopes import not_enabled
from larknb.errors import AccessDenied, BudgetSpent, LarkError, LoginRequired, NotFound
from larknb.messages import say
from larknb.model import Source
from larknb.readers.base import resolve
from larknb.readers.gate import Gate, ask
from larknb.readers.library import LibraryReader
from larknb.results.doctor import Finding
from larknb.services.doctoring.examination import Examination, Unasked, finding, of_error

__all__ = ["check_sources"]

MOST = 40  # sources that are looked into; of all others the gate alone tells
TABLES = 3  # of a base with advanced permissions that are looked into for a row


def check_sources(examination: Examination) -> list[Finding]:
    """Ask for each source whether the identity that reads it may, by one or two small requests."""
    examination.reach()
    if not examination.sources:
        return [finding("note", "sources", "no_sources")]
    try:
        examination.tenant()
    except LarkError as error:
        raise Unasked from error
    found: list[Finding] = []
    with examination.context.clients() as client_of:
        for identity in examination.context.identities:
            sources = examination.read_as(identity)
            if sources and (identity == "tenant" or _is_logged_in(examination)):
                found += _asked(examination, client_of(identity), sources)
    return found


def _is_logged_in(examination: Examination) -> bool:
    try:
        return bool(examination.token())
    except LarkError:
        return False  # the check of the login says so


def _asked(examination: Examination, client: LarkClient, sources: list[Source]) -> list[Finding]:
    """Return what became of the sources of one identity; what would stop all of them is told once."""
    found: list[Finding] = []
    try:
        resolved = [*_resolved(examination, client, sources, found)]
        gate = ask(client, resolved)
        for source in resolved[:MOST]:
            found += _looked_into(examination, client, source, gate)
        if len(resolved) > MOST:
            found.append(finding("note", "sources", "sources_more", count=len(resolved) - MOST))
    except (BudgetSpent, LoginRequired) as error:
        if isinstance(error, BudgetSpent) and error.code is None:
            raise Unasked from error  # it is our own budget, of which the check of the quota tells
        found.append(of_error("sources", error))
    return found


def _resolved(
    examination: Examination, client: LarkClient, sources: list[Source], found: list[Finding]
) -> Iterator[Source]:
    """Yield the sources with the documents that their wiki links stand for; why one cannot be had goes to ``found``."""
    for source in sources:
        try:
            yield resolve(client, source)[0] if source.wiki and not source.obj_token else source
        except (BudgetSpent, LoginRequired) as error:
            if not error.lacks_scope:
                raise
        except LarkError as error:
            found += _unreadable(examination, source, error, "")


def _looked_into(examination: Examination, client: LarkClient, source: Source, gate: Gate) -> list[Finding]:
    stamp = gate.stamps.get(source.target)
    owner = (stamp.owner if stamp else "") or str(source.about.get("owner") or "")
    try:
        with client.serving(source.key, source.name):
            refused = gate.failed.get(source.target)
            if isinstance(refused, AccessDenied):
                raise refused
            hidden = _content(client, source)
    except (BudgetSpent, LoginRequired) as error:
        if error.lacks_scope:
            return _unreadable(examination, source, error, owner)
        raise
    except LarkError as error:
        return _unreadable(examination, source, error, owner)
    if hidden:
        return [replace(hidden, next=f"{hidden.next} ({_owner(owner)})" if owner else hidden.next)]
    return [finding("ok", "sources", "source_read", source=source.name, who=client.identity.asker)]


def _content(client: LarkClient, source: Source) -> Finding | None:
    """Ask for the content of a source, and return a finding where rows of it may be hidden."""
    token = source.target
    if source.library:
        LibraryReader(source).ask_first(client)
    elif source.kind == "spreadsheet":
        client.get(f"sheets/v3/spreadsheets/{token}/sheets/query", api="sheets-v3/spreadsheet-sheet/query")
    elif source.kind == "document":
        client.get(f"docx/v1/documents/{token}", api="docs/document/get")
    elif source.kind == "bitable":
        return _base(client, source)
    return None


def _base(client: LarkClient, source: Source) -> Finding | None:
    """Return whether advanced permissions may hide rows: they let a search succeed and find nothing."""
    base = f"bitable/v1/apps/{source.target}"
    about = client.get(base, api="bitable-v1/app/get").get("app") or {}
    tables = client.get(f"{base}/tables", api="bitable-v1/app-table/list", page_size=100).get("items") or []
    if not about.get("is_advanced"):
        return None
    for table in tables[:TABLES]:
        path, api = f"{base}/tables/{table['table_id']}/records/search", "bitable-v1/app-table-record/search"
        if client.call("POST", path, api=api, params={"page_size": 1}, json={}).data.get("items"):
            return finding("note", "permissions", "advanced", source=source.name, link=source.url)
    return finding("fault", "permissions", "advanced_empty", source=source.name, link=source.url)


def _unreadable(examination: Examination, source: Source, error: LarkError, owner: str) -> list[Finding]:
    """Return why a source cannot be read; a scope that the check of the scopes tells of is not told again."""
    if error.lacks_scope and _is_told(examination, source):
        return []
    found = of_error("sources", error, link=source.url, source=source.name)
    if found.check != "sources":
        return [found]
    if isinstance(error, AccessDenied) and source.identity == "user":
        found = replace(found, next=say("doctor.ask", who=_owner(owner)))
    elif isinstance(error, (AccessDenied, NotFound)) and owner:
        found = replace(found, next=f"{found.next} ({_owner(owner)})")
    return [replace(found, what=f"{source.name}: {found.what}")]


def _owner(owner: str) -> str:
    return say("doctor.owner_named", owner=owner) if owner else say("doctor.owner")


def _is_told(examination: Examination, source: Source) -> bool:
    """Say whether it is known what the app lacks, or what the person granted: then the check of the scopes tells."""
    try:
        enabled = [name for name, has in examination.scopes().items() if has]
    except LarkError:
        enabled = []
    if enabled and not_enabled([source], enabled):
        return True
    try:
        return bool(source.identity == "user" and examination.token().scope)
    except LarkError:
        return False
