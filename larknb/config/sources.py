"""The sources of a larknb.toml and their options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from larknb.config.names import folded
from larknb.config.values import (
    FLAG,
    NAMES,
    TEXT,
    Check,
    accepted_text,
    checked,
    is_filter,
    is_header,
    must,
    one_of,
    unknown_key,
)
from larknb.errors import ConfigError
from larknb.links import LINK_KINDS, parse_link
from larknb.messages import quoted, say
from larknb.model import KINDS, Kind, Source

__all__ = [
    "check_options",
    "sources_of",
]

_SOURCE_KEYS: dict[str, Check] = {
    "name": TEXT,
    "url": TEXT,
    "identity": one_of("user", "tenant"),
    "kind": one_of(*LINK_KINDS),  # only a bare token needs it
}
_COMPUTED = one_of("daily", "always")
_OPTIONS: dict[Kind, dict[str, Check]] = {
    "bitable": {
        "tables": NAMES,
        "view": TEXT,
        "fields": NAMES,
        "filter": must(is_filter, "accept.filter"),
        "attachments": FLAG,
        "computed": _COMPUTED,
    },
    "spreadsheet": {
        "sheets": NAMES,
        "header": must(is_header, "accept.header", lambda value: tuple(value) if isinstance(value, list) else value),
        "fill_merged": one_of("off", "down", "all"),
        "dates": FLAG,
        "computed": _COMPUTED,
    },
    "document": {"images": FLAG},
}


# --- sources -----------------------------------------------------------------------------------------------------


def check_options(options: Mapping[str, Any], kind: Kind | None, place: str = "") -> dict[str, Any]:
    """Return the options of a source in their final form; ConfigError where one does not fit its ``kind``.

    None means that the kind is not known yet (a wiki page) or mixed (a space, a folder): any kind's options are fine.
    ``place`` is what an error names before the key.
    """
    known = {name: check for each in KINDS if kind in (each, None) for name, check in _OPTIONS[each].items()}
    for name in options:
        if name not in known:
            raise unknown_key("config.unknown", name, (*_SOURCE_KEYS, *known), place)
    return {name: checked(known[name], value, f"{place}, {name}".lstrip(", ")) for name, value in options.items()}


def sources_of(
    document: Mapping[str, Any], file: Path, identity: str = "user", added: Sequence[Mapping[str, Any]] = ()
) -> tuple[Source, ...]:
    entries = document.get("sources", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ConfigError(say("config.sources.what"), source=str(file), next=say("config.sources.next"))
    sources: list[Source] = []
    keys: set[str] = set()
    names: set[str] = set()
    for number, fields in enumerate([*entries, *added], 1):
        place = f"{file}, [[sources]] {number}"
        if isinstance(fields.get("name"), str):
            place += f" {quoted(fields['name'])}"
        source = source_of(fields, place, identity)
        _check_clash(source, keys, names, place)
        sources.append(source)
    return tuple(sources)


def source_of(fields: Mapping[str, Any], place: str, identity: str) -> Source:
    own = {
        name: checked(check, fields[name], f"{place}, {name}") for name, check in _SOURCE_KEYS.items() if name in fields
    }
    if "url" not in own:
        raise ConfigError(say("config.no_url"), source=place, next=accepted_text(say("accept.url"), ""))
    link = checked(lambda url: parse_link(url, own.get("kind")), own["url"], f"{place}, url")
    kind = cast("Kind", link.kind) if link.kind in KINDS else None
    return Source(
        name=own.get("name", ""),
        url=link.url,
        kind=kind,
        token=link.token,
        part=link.part,
        wiki=link.kind == "wiki",
        identity=own.get("identity", identity),
        options=check_options({name: fields[name] for name in fields if name not in _SOURCE_KEYS}, kind, place),
    )


def _check_clash(source: Source, keys: set[str], names: set[str], place: str) -> None:
    """Refuse a source that is there already; else take its key and name."""
    if source.key in keys:
        raise ConfigError(say("config.same_source", name=source.key), source=place, next=say("config.same.next"))
    # Their folders would clash on Windows and macOS, where letter case does not count.
    name = folded(source.name).casefold()
    if name and name in names:
        raise ConfigError(say("config.same_name", name=source.name), source=place, next=say("config.same.next"))
    keys.add(source.key)
    names.add(name)
