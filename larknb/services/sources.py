"""Which sources there are: list, add, remove, and what a URL or a name means."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from larknb import console
from larknb.config.children import part_of_library
from larknb.config.edit import add_source, remove_source
from larknb.config.names import no_table
from larknb.config.sources import check_options, library_of
from larknb.disk import telling
from larknb.errors import ConfigError, LarkError, LoginRequired, NotFound
from larknb.links import parse_link, record_share
from larknb.messages import say
from larknb.model import Source
from larknb.results.sources import SourceList
from larknb.services.chosen import meant, refuse_library
from larknb.services.context import Context

if TYPE_CHECKING:
    from larknb.api.client import LarkClient

__all__ = ["add", "remove", "source_of_url", "sources", "url_source"]

log = logging.getLogger("larknb")


def sources(context: Context) -> SourceList:
    """Return the configured sources."""
    return SourceList(context.sources, context.children)


@telling()
def add(context: Context, url: str, name: str | None = None, options: Mapping[str, Any] | None = None) -> Source:
    """Look a URL up and write it to ``larknb.toml`` as a source (see `larknb.Workspace.add`)."""
    settings, options = context.settings, options or {}
    url = _address_of(context, url)
    source = url_source(context, url, options)
    configured = next((found for found in settings.sources if found.key == source.key), None)
    if configured is not None:
        if name not in (None, configured.name) or (options and configured.options != source.options):
            place = configured.name or source.url
            raise ConfigError(say("add.twice.what"), source=place, next=say("add.twice.next"))
        return _by_key(context.sources, source.key)
    context.prepare()
    if settings.app_id:
        source = _seen(context, source)
        check_options(source.options, source.kind)  # a wiki link has a kind only now
    _tell_of_view(url, options)
    title = str(source.about.get("title") or "")
    add_source(context.root, {"name": name or None, "url": source.url, **options}, title)
    added = _by_key(context.again().settings.sources, source.key)
    return replace(source, name=added.name or source.token, options=added.options)


def _seen(context: Context, source: Source) -> Source:
    """Return the source with what the platform tells about it; a note tells which scopes the login lacks."""
    try:
        source, lacking = _look_up(context, source)
    except LoginRequired as error:
        lacking = error.scopes  # none where nobody is logged in
        log.info("%s", error)
    if lacking:
        console.note(say("add.lacking", scopes=" ".join(lacking)))
    return source


def _look_up(context: Context, source: Source) -> tuple[Source, tuple[str, ...]]:
    """Return the source with its real kind and token, what the platform tells about it, and the missing scopes."""
    from larknb.auth.scopes import blocking, missing
    from larknb.readers import gate
    from larknb.readers.base import resolve
    from larknb.readers.chosen import check

    with context.clients() as client_of:
        client = client_of(source.identity)
        client.source_name = source.url
        title, granted = "", client.identity.granted
        if source.library:
            return _looked_up_library(client, source), missing(granted, [source]) if granted else ()
        if source.wiki and not blocking(granted, source):
            source, title = resolve(client, source)
        if blocking(granted, source):
            return replace(source, about={"title": title}), missing(granted, [source])
        answers = gate.ask(client, [source])
        if source.target in answers.failed:
            raise answers.failed[source.target].at(source.url)
        stamp = answers.stamps.get(source.target)
        about: dict[str, object] = {"title": stamp.title if stamp else title, "owner": stamp.owner if stamp else ""}
        if source.kind == "bitable":
            there = about["tables"] = _tables_of(client, source)
        else:
            there = _sheets_of(client, source) if source.part else {}
        if source.part and source.part not in there:
            raise no_table(source.part, source.url, [*there.values()])
        if source.kind == "bitable":
            check(client, replace(source, name=source.url), there)
    return replace(source, about=about), missing(granted, [source]) if granted else ()


def _looked_up_library(client: LarkClient, source: Source) -> Source:
    """Return a library with its title; nothing of it where the scope for that is missing."""
    from larknb.auth.scopes import blocking
    from larknb.readers.library import LibraryReader

    if blocking(client.identity.granted, source):
        return source
    root = LibraryReader(source).root(client)
    return replace(source, about={"title": root.title, "owner": root.page.owner if root.page else ""})


def _tables_of(client: LarkClient, source: Source) -> dict[str, str]:
    """Return the tables of a base: name by table_id."""
    path = f"bitable/v1/apps/{source.target}/tables"
    items = client.items("GET", path, page_size=100, api="bitable-v1/app-table/list")
    return {str(item["table_id"]): str(item.get("name") or "") for item in items}


def _sheets_of(client: LarkClient, source: Source) -> dict[str, str]:
    """Return the worksheets of a spreadsheet: title by sheet_id."""
    path = f"sheets/v3/spreadsheets/{source.target}/sheets/query"
    items = client.get(path, api="sheets-v3/spreadsheet-sheet/query").get("sheets") or []
    return {str(item["sheet_id"]): str(item.get("title") or "") for item in items}


def _address_of(context: Context, url: str) -> str:
    """Return an address as it is, or that of the table in which the record stands that it shares.

    The platform documents no page for this call, which its own tools make as a person: neither its scope nor its codes
    are known, but whatever it refuses, a person can open the link.
    """
    share = record_share(url)
    if share is None:
        return url
    api = "base-v3/record_share/meta"
    with context.clients() as client_of:
        try:
            meta = client_of("user").get(f"base/v3/record_share/{share.token}/meta", api=api)
        except LarkError as error:
            error.next = say("add.share.next", next=error.next)
            raise error.at(f"/record/{share.token}") from None
    return share.table_url(meta["base_token"], meta["table_id"])


def _tell_of_view(url: str, options: Mapping[str, Any]) -> None:
    """Say that a view in an address limits nothing: it is in nearly every one, as the view that was open."""
    view = parse_link(url, options.get("kind")).view
    if view and "view" not in options:
        console.note(say("add.view", view=view))


def remove(context: Context, name: str) -> None:
    """Take a source out of ``larknb.toml``; what was cached of it stays on disk."""
    source, rest = meant(context, context.everything, name)
    if source.parent:
        holder = next(each for each in context.libraries if each.key == source.parent)
        raise part_of_library(holder, name)
    if rest is not None:
        refuse_library(context, source, rest)
        raise NotFound(say("remove.part.what", name=name), next=say("remove.part.next", name=source.name))
    written = _by_key(context.settings.sources, source.key)
    remove_source(context.root, written.name or written.key)


def _by_key(sources: Iterable[Source], key: str) -> Source:
    return next(source for source in sources if source.key == key)


def url_source(context: Context, url: str, options: Mapping[str, Any]) -> Source:
    """Return the source that a URL and its options mean; it has no name yet."""
    link = parse_link(url, options.get("kind"))
    kind = link.kind if link.kind in ("bitable", "spreadsheet", "document") else None
    library = library_of(link.kind, options)
    wiki = link.kind == "wiki" and not library
    read = {key: value for key, value in options.items() if key not in ("kind", "identity")}
    identity = options.get("identity", context.settings.identity)
    checked = check_options(read, kind)
    return Source("", link.url, kind, link.token, link.part, wiki, identity, checked, library=library)


def _child_at(context: Context, made: Source) -> Source | None:
    """Return the child of a library that an address leads to, by its document or by its page in the wiki."""
    at = (child for child in context.children if made.key in (child.key, child.about["node"]))
    return next(at, None)


def source_of_url(context: Context, url: str, options: Mapping[str, Any]) -> tuple[Source, str | None]:
    """Return the configured source of a URL, or one made for it, and the table that the URL names.

    Options that are asked for go before the configured ones.
    """
    made = url_source(context, _address_of(context, url), options)
    same = next((each for each in context.sources if each.key == made.key), None) or _child_at(context, made)
    whole = next((each for each in context.sources if each.token == made.token and not each.part), None)
    if same is not None:
        return replace(same, options={**same.options, **made.options}), None
    if whole is not None and not options:
        return whole, made.part or None  # one table of a source that is synced anyway
    return made, None
