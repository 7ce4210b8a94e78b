"""Which scopes a login asks for, by what is configured. Pure.

Read-only, the smallest that the platform documents. For each need there are alternatives that do as well: one that is
granted counts, and one that the app has is asked for when the app lacks the first choice.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from larknb.errors import ConfigError
from larknb.links import LinkKind, parse_link
from larknb.model import KINDS, Source

__all__ = ["ANYTHING", "OFFLINE", "blocking", "for_console", "missing", "not_enabled", "refused", "wanted"]

OFFLINE = "offline_access"  # without it there is no refresh token, and the login ends after two hours
ANYTHING = Source("", "", None, "", wiki=True)  # stands for sources that are still to come: a wiki page may be any kind


@dataclass(frozen=True)
class Need:
    """Scopes that are needed together, and alternatives: any one of them does instead of all."""

    ask: tuple[str, ...]
    instead: tuple[str, ...] = ()

    def lacking(self, granted: Collection[str]) -> tuple[str, ...]:
        """Return which of ``ask`` are still to be granted."""
        if any(scope in granted for scope in self.instead):
            return ()
        return tuple(scope for scope in self.ask if scope not in granted)

    def choice(self, enabled: Collection[str] | None) -> tuple[str, ...]:
        """Return what to ask for: of an app whose scopes are known the first that it has, and nothing if none."""
        if enabled is None:
            return self.ask
        return next((way for way in (self.ask, *((scope,) for scope in self.instead)) if {*way} <= {*enabled}), ())


_BASES = ("bitable:app:readonly", "bitable:app")
_WIKIS = ("wiki:wiki:readonly", "wiki:wiki")

LOGIN = Need((OFFLINE,))
GATE = Need(("drive:drive.metadata:readonly",), ("drive:drive",))
VIEW = Need(("base:view:read",), _BASES)
MEDIA = Need(
    ("docs:document.media:download",),
    ("bitable:app:readonly", "sheets:spreadsheet:readonly", "docs:doc:readonly", "drive:drive:readonly"),
)
WIKI = Need(("wiki:node:read",), _WIKIS)
SPACE_NAME = "wiki:space:read"  # tells what a space is called: only where the app has it anyway
CONTENT: dict[LinkKind, Need] = {
    "bitable": Need(("base:app:read", "base:table:read", "base:field:read", "base:record:retrieve"), _BASES),
    "spreadsheet": Need(
        ("sheets:spreadsheet:readonly",),
        ("drive:drive:readonly", "sheets:spreadsheet", "drive:drive", "sheets:spreadsheet:read"),
    ),
    "document": Need(("docx:document:readonly",), ("docx:document",)),
    "wiki": WIKI,
    "space": Need(("wiki:node:retrieve",), _WIKIS),
    "folder": Need(("space:document:retrieve",), ("drive:drive:readonly", "drive:drive")),
}


def wanted(
    sources: Iterable[Source], enabled: Collection[str] | None = None, granted: Collection[str] = ()
) -> tuple[str, ...]:
    """Return the scopes that a login asks for.

    Parameters
    ----------
    enabled : collection of str, optional
        The scopes that the app has (`larknb.auth.tenant.enabled_scopes`). Asking for another one would block the whole
        login, so a need that the app cannot meet is left out: its source alone fails, and names the scope.
    granted : collection of str, optional
        What the present login has. Granted scopes add up, so only the rest is asked for.
    """
    sources = [*sources]
    unmet = (need for need in _needs(sources) if need.lacking(granted))
    chosen = [scope for need in unmet for scope in need.choice(enabled) if scope not in granted]
    if enabled is not None and any(source.library == "space" for source in sources):
        chosen += [SPACE_NAME] if SPACE_NAME in enabled and SPACE_NAME not in granted else []
    return tuple(dict.fromkeys((OFFLINE, *chosen)))


def not_enabled(sources: Iterable[Source], enabled: Collection[str] | None) -> dict[str, tuple[str, ...]]:
    """Return the scopes that the app would need and lacks, by source; nothing where it is not known what it has."""
    if enabled is None:
        return {}
    lacking = {source.name or source.url: _lacking(_needs([source]), enabled) for source in sources}
    return {name: scopes for name, scopes in lacking.items() if scopes}


def missing(granted: str | Collection[str], sources: Iterable[Source]) -> tuple[str, ...]:
    """Return the scopes that the sources need and a login lacks; a granted alternative counts as granted."""
    held = {*granted.split()} if isinstance(granted, str) else {*granted}
    return _lacking((LOGIN, *_needs(sources)), held)


def blocking(granted: Collection[str], source: Source) -> tuple[str, ...]:
    """Return the missing scopes without which nothing of a source can be read.

    Nothing where ``granted`` is empty: an older login does not tell, and the platform knows. The gate, media and
    embedded tables can be done without, and of a wiki link that nobody has looked up only the look-up is known.
    """
    kind = _kind(source)
    needs = _lists(source) if source.library else [CONTENT[kind]]
    if source.wiki and not source.obj_token:
        needs.append(WIKI)
    if kind == "bitable" and source.options.get("view"):
        needs.append(VIEW)
    return _lacking(needs, granted) if granted else ()


def refused(asked: Iterable[str], granted: Collection[str], sources: Iterable[Source] = ()) -> tuple[str, ...]:
    """Return what was asked for and not granted, without what a granted alternative makes up for."""
    met: set[str] = set()
    unmet: set[str] = set()
    for need in _needs(sources):
        (unmet if need.lacking(granted) else met).update(need.ask, need.instead)
    return tuple(scope for scope in asked if scope not in granted and scope not in met - unmet)


def for_console(scopes: Iterable[str]) -> str:
    """Return the scopes as the JSON that the developer console's batch import takes: for a person and for the app."""
    user = sorted({*scopes})
    tenant = [scope for scope in user if scope != OFFLINE]  # the app itself has nothing to renew
    return json.dumps({"scopes": {"tenant": tenant, "user": user}}, indent=2)


def _lacking(needs: Iterable[Need], held: Collection[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(scope for need in needs for scope in need.lacking(held)))


def _needs(sources: Iterable[Source]) -> Iterator[Need]:
    for source in sources:
        if source.library:
            yield from _needs_of_library(source)
            continue
        kind = _kind(source)
        yield GATE
        yield CONTENT[kind]
        if kind == "wiki":  # nobody has looked it up yet: what it turns out to be must be readable by the same login
            yield from (CONTENT["bitable"], CONTENT["spreadsheet"], CONTENT["document"], MEDIA)
        if kind == "bitable" and source.options.get("view"):
            yield VIEW
        if source.options.get("attachments") or (kind == "document" and source.options.get("images", True)):
            yield MEDIA
        if source.wiki:
            yield WIKI
        yield from (CONTENT[embedded] for embedded in source.about.get("embedded", ()))


def _lists(source: Source) -> list[Need]:
    """Return what it takes to list a library."""
    return [CONTENT["folder"]] if source.library == "folder" else [
        CONTENT["space"], *([WIKI] if source.library == "subtree" else [])]  # fmt: skip


def _needs_of_library(source: Source) -> Iterator[Need]:
    """Yield what it takes to list a library and to read the kinds of children that it may have."""
    kinds = source.options.get("kinds", KINDS)
    yield GATE
    yield from _lists(source)
    yield from (CONTENT[kind] for kind in kinds)
    if source.options.get("attachments") or ("document" in kinds and source.options.get("images", True)):
        yield MEDIA


def _kind(source: Source) -> LinkKind:
    """Return what a login can know of a source: a wiki link tells its kind by the part that it names, or not at all."""
    if source.kind:
        return source.kind
    if source.part:
        return "bitable" if source.part.startswith("tbl") else "spreadsheet"
    try:
        return parse_link(source.url).kind
    except ConfigError:
        return "wiki"  # a bare token whose kind stands beside it
