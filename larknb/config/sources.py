"""The sources of a larknb.toml and their options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from larknb.config.expectations import checks_of
from larknb.config.names import normal_form
from larknb.config.tomlfile import Content
from larknb.config.values import (
    FLAG,
    NAMES,
    TEXT,
    Rule,
    accepted_text,
    apply_rule,
    is_filter,
    is_header,
    must,
    one_of,
    unknown_key,
)
from larknb.errors import ConfigError
from larknb.links import LINK_KINDS, parse_link
from larknb.messages import quoted, say
from larknb.model import KINDS, Kind, Options, Source

__all__ = [
    "check_options",
    "source_keys",
    "sources_of",
]

_SOURCE_KEYS: dict[str, Rule] = {
    "name": TEXT,
    "url": TEXT,
    "identity": one_of("user", "tenant"),
    "kind": one_of(*LINK_KINDS),  # only a bare token needs it
}
_COMPUTED = one_of("daily", "always")
_OPTIONS: dict[Kind, dict[str, Rule]] = {
    "bitable": {
        "tables": NAMES,
        "view": TEXT,
        "fields": NAMES,
        "filter": must(is_filter, "accept.filter"),
        "attachments": FLAG,
        "computed": _COMPUTED,
        "drift": one_of("evolve", "raise"),
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


def check_options(options: Mapping[str, object], kind: Kind | None, place: str = "") -> Options:
    """Return the options of a source in their final form; ConfigError where one does not fit its ``kind``.

    None means that the kind is not known yet (a wiki page) or mixed (a space, a folder): any kind's options are fine.
    ``place`` is what an error names before the key.
    """
    known = {name: rule for each in KINDS if kind in (each, None) for name, rule in _OPTIONS[each].items()}
    for name in options:
        if name not in known:
            raise unknown_key("config.unknown", name, (*_SOURCE_KEYS, *known), place)
    return {name: apply_rule(known[name], value, f"{place}, {name}".lstrip(", ")) for name, value in options.items()}


def sources_of(
    content: Content, file: Path, identity: str = "user", added: Sequence[Content] = ()
) -> tuple[Source, ...]:
    """Return the sources of a parsed file, and after them those that would be ``added``.

    Parameters
    ----------
    identity : str
        Who reads a source that does not say it itself.
    """
    entries = content.get("sources", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ConfigError(say("config.sources.what"), source=str(file), next=say("config.sources.next"))
    sources: list[Source] = []
    keys: set[str] = set()
    names: set[str] = set()
    for number, fields in enumerate([*entries, *added], 1):
        place = f"{file}, [[sources]] {number}"
        if isinstance(fields.get("name"), str):
            place += f" {quoted(fields['name'])}"
        source = _source_of(fields, place, identity)
        _check_clash(source, keys, names, place)
        sources.append(source)
    return tuple(sources)


def _source_of(fields: Content, place: str, identity: str) -> Source:
    given = {name: rule for name, rule in _SOURCE_KEYS.items() if name in fields}
    own = {name: apply_rule(rule, fields[name], f"{place}, {name}") for name, rule in given.items()}
    if "url" not in own:
        raise ConfigError(say("config.no_url"), source=place, next=accepted_text(say("accept.url"), ""))
    link = apply_rule(lambda url: parse_link(url, own.get("kind")), own["url"], f"{place}, url")
    kind = cast("Kind", link.kind) if link.kind in KINDS else None
    return Source(
        name=own.get("name", ""),
        url=link.url,
        kind=kind,
        token=link.token,
        part=link.part,
        wiki=link.kind == "wiki",
        identity=own.get("identity", identity),
        options=check_options(
            {name: fields[name] for name in fields if name not in (*_SOURCE_KEYS, "checks")}, kind, place
        ),
        checks=checks_of(fields.get("checks", []), place),
    )


def _check_clash(source: Source, keys: set[str], names: set[str], place: str) -> None:
    """Refuse a source whose key or name another one has; else add both to what is taken."""
    if source.key in keys:
        raise ConfigError(say("config.same_source", name=source.key), source=place, next=say("config.same.next"))
    # Their folders would clash on Windows and macOS, where letter case does not count.
    name = normal_form(source.name).casefold()
    if name and name in names:
        raise ConfigError(say("config.same_name", name=source.name), source=place, next=say("config.same.next"))
    keys.add(source.key)
    names.add(name)


def source_keys() -> dict[str, Mapping[str, Rule]]:
    """Return the keys that every source has under ``any``, and those of each kind, for the reference."""
    return {"any": _SOURCE_KEYS, **_OPTIONS}
