"""The sources of a larknb.toml and their options."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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
    is_count,
    is_filter,
    is_header,
    is_words,
    must,
    one_of,
    parse_limit,
    unknown_key,
    wrong_value,
)
from larknb.errors import ConfigError
from larknb.links import LINK_KINDS, LinkKind, parse_link
from larknb.messages import quoted, say
from larknb.model import KINDS, Kind, LibraryKind, Options, Source

__all__ = [
    "check_options",
    "library_of",
    "options_of",
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
        "attachments": parse_limit,
        "computed": _COMPUTED,
        "incremental": FLAG,
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
# Of a source that holds many others; on a wiki page they mean that all below it belongs to the source.
_LIBRARY_OPTIONS: dict[str, Rule] = {
    "depth": must(lambda value: value == "all" or is_count(value), "accept.depth"),
    "include": NAMES,
    "exclude": NAMES,
    "kinds": must(lambda value: is_words(value, KINDS), "accept.kinds", tuple),
}
# Options that a single table or worksheet may have of its own: [sources.by_table."<name>"].
_BY_TABLE: dict[Kind, tuple[str, ...]] = {
    "bitable": ("fields", "filter"),
    "spreadsheet": ("header", "fill_merged"),
    "document": (),
}


def check_options(options: Mapping[str, object], kind: Kind | None, place: str = "") -> Options:
    """Return the options of a source in their final form; ConfigError where one does not fit its ``kind``.

    None means that the kind is not known yet (a wiki page) or mixed (a space, a folder): any kind's options are fine.
    ``place`` is what an error names before the key.
    """
    kinds = [each for each in KINDS if kind in (each, None)]
    known = {name: rule for each in kinds for name, rule in _OPTIONS[each].items()}
    of_tables = {name: known[name] for each in kinds for name in _BY_TABLE[each]}
    if of_tables:
        known["by_table"] = lambda value: _by_table(value, of_tables)
    known |= _LIBRARY_OPTIONS if kind is None else {}
    for name in options:
        if name not in known:
            raise unknown_key("config.unknown", name, (*_SOURCE_KEYS, *known), place)
    return {name: apply_rule(known[name], value, f"{place}, {name}".lstrip(", ")) for name, value in options.items()}


def options_of(options: Options, kind: Kind) -> Options:
    """Return those of the options of a library that its children of a kind have."""
    found = {name: value for name, value in options.items() if name in _OPTIONS[kind]}
    tables = {
        table: {name: value for name, value in own.items() if name in _BY_TABLE[kind]}
        for table, own in options.get("by_table", {}).items()
    }
    return found | ({"by_table": tables} if any(tables.values()) else {})


def library_of(kind: LinkKind, options: Collection[str]) -> LibraryKind:
    """Return what kind of library an address with these options is, empty if it is none."""
    if kind == "wiki":
        return "subtree" if {*options} & {*_LIBRARY_OPTIONS} else ""
    return kind if kind in ("space", "folder") else ""


def _by_table(value: object, known: Mapping[str, Rule]) -> dict[str, Options]:
    """Return the options of single tables, by their names."""
    if not isinstance(value, Mapping) or not all(isinstance(each, Mapping) for each in value.values()):
        raise wrong_value(value, say("accept.by_table", options=", ".join(known)))
    found: dict[str, Options] = {}
    for table, options in value.items():
        for name in options:
            if name not in known:
                raise unknown_key("config.unknown", name, known, quoted(table))
        found[table] = {
            name: apply_rule(known[name], each, f"{quoted(table)}, {name}") for name, each in options.items()
        }
    return found


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
    library = library_of(link.kind, fields)
    checks = checks_of(fields.get("checks", []), place)
    if library and checks:
        raise ConfigError(
            say("config.checks.library.what"), source=f"{place}, checks", next=say("config.checks.library.next")
        )
    return Source(
        name=own.get("name", ""),
        url=link.url,
        kind=kind,
        token=link.token,
        part=link.part,
        wiki=link.kind == "wiki" and not library,
        library=library,
        identity=own.get("identity", identity),
        options=check_options(
            {name: fields[name] for name in fields if name not in (*_SOURCE_KEYS, "checks")}, kind, place
        ),
        checks=checks,
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
    """Return the keys that every source has under ``any``, those of each kind, and those of a single table."""
    of_tables = {name: _OPTIONS[kind][name] for kind, names in _BY_TABLE.items() for name in names}
    kinds: dict[str, Mapping[str, Rule]] = dict(_OPTIONS.items())
    return {"any": _SOURCE_KEYS, **kinds, "library": _LIBRARY_OPTIONS, "by_table": of_tables}
