"""Settings and the list of sources: defaults, then ``larknb.toml``, then the environment.

A wrong setting is a `ConfigError` that names its place and the accepted values. The file is found by walking up from
the current folder, so it may be somebody else's: where secrets and logins may be sent is checked here, before any
request.
"""

from __future__ import annotations

import codecs
import difflib
import ipaddress
import json
import os
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Literal, NoReturn, cast

from larknb.errors import ConfigError, NotFound
from larknb.files import write_atomically
from larknb.links import LINK_KINDS, parse_link, shown
from larknb.messages import say
from larknb.model import KINDS, Kind, Policy, Source

__all__ = [
    "BRANDS",
    "FILE",
    "SECRET_VARIABLES",
    "TOKEN_FILE",
    "Secret",
    "Settings",
    "Webhook",
    "add_source",
    "check_options",
    "choose",
    "choose_all",
    "create",
    "find_root",
    "free_name",
    "keep_secrets",
    "load_settings",
    "parse_duration",
    "remove_source",
    "save_app",
    "save_secret",
    "save_webhook",
    "settings_with",
    "variable_of",
]

FILE = "larknb.toml"
TOKEN_FILE = Path("work/fault_diagnosis_token_cache.json")
BRANDS = {
    "feishu": {"open_base": "https://open.feishu.cn", "accounts_base": "https://accounts.feishu.cn"},
    "lark": {"open_base": "https://open.larksuite.com", "accounts_base": "https://accounts.larksuite.com"},
}
_TRUST = "LARKNB_TRUSTED_HOSTS"
LONGEST = 36500 * 86400.0  # seconds: what is longer would leave the calendar when it is added to a date


class Secret(str):
    """A secret that works as the str it is, but shows itself masked and cannot be pickled or copied by accident."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret(****)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret cannot be pickled or copied")


@dataclass(frozen=True)
class Webhook:
    """The custom bot that notices go to: its address, which is a secret, and the key of its signature if it has one."""

    url: Secret
    key: Secret | None

    @property
    def secrets(self) -> list[str]:
        """What must be told to nobody: the address, its last part, which is the bot's token, and the key."""
        return [self.url, self.url.rpartition("/")[2], self.key or ""]


@dataclass(frozen=True)
class Settings:
    """What one workspace folder is told by its file and its environment, all of it checked.

    ``open_base`` and ``accounts_base`` are trusted and have no slash at their end. ``settle`` is in seconds.
    ``in_keychain`` says that the tokens lie in the system's keychain, and the ``token_file`` holds what else is known.
    ``exists`` says that there is a ``larknb.toml``. A source that was given no name has the name ``""``.
    """

    root: Path
    app_id: str
    brand: str
    open_base: str
    accounts_base: str
    redirect_uris: tuple[str, ...]
    identity: Literal["user", "tenant"]
    token_file: Path
    in_keychain: bool
    app_secret: Secret | None
    webhook: Webhook | None
    cache_dir: Path
    policy: Policy
    formats: tuple[str, ...]
    settle: float
    monthly_calls: int | None
    report: bool
    sources: tuple[Source, ...]
    exists: bool

    @property
    def work(self) -> Path:
        """The folder of token, secret, logs and lock; it never follows the ``dir`` of the cache."""
        return self.root / "work"

    @property
    def secrets(self) -> list[str]:
        """The secrets that are settings; the tokens of the login are others."""
        return [self.app_secret or "", *(self.webhook.secrets if self.webhook else ())]

    @property
    def console_base(self) -> str:
        """The address of the developer console; ``/<app_id>`` follows it."""
        return f"{self.open_base}/app"


def find_root(start: Path | None = None, env: Mapping[str, str] = os.environ) -> Path:
    """Return the workspace folder: ``LARKNB_HOME``, else the nearest folder upwards with a ``larknb.toml``, else here.

    The path is absolute but not resolved: on Windows that would turn a mapped drive into its network path.
    """
    if home := env.get("LARKNB_HOME", "").strip():
        return Path(_checked(_path, home, "LARKNB_HOME")).absolute()
    here = (start or Path.cwd()).absolute()
    return next((folder for folder in (here, *here.parents) if (folder / FILE).is_file()), here)


def load_settings(root: Path, env: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of a workspace folder; without a ``larknb.toml``, the defaults and what the variables say."""
    root = root.absolute()
    return _settings(_document(root / FILE), root, env)


def _settings(document: Mapping[str, Any], root: Path, env: Mapping[str, str]) -> Settings:
    """Return what a parsed file and these variables say, all of it checked."""
    file = root / FILE
    _check_names(document, file)
    found = {name: _setting(name, document, file, env) for section in _KEYS.values() for name in section}
    values = {name: value for name, (value, _) in found.items()}
    places = {name: place for name, (_, place) in found.items()}
    open_base, accounts_base = _bases(values, places, env)
    return Settings(
        root=root,
        app_id=values["app_id"],
        brand=values["brand"],
        open_base=open_base,
        accounts_base=accounts_base,
        redirect_uris=values["redirect_uris"],
        identity=values["identity"],
        token_file=_token_file(values["token_file"], root, open_base, values["app_id"]),
        in_keychain=values["token_file"] == "keyring",  # noqa: S105  a place, no password
        app_secret=_secret(_secret_file(root), values["app_id"], env),
        webhook=_webhook(root, env),
        cache_dir=root / values["dir"],
        policy=Policy(values["max_age"], values["full_every"], values["history"]),
        formats=values["formats"],
        settle=values["settle"],
        monthly_calls=values["monthly_calls"],
        report=values["report"],
        sources=_sources(document, file, values["identity"]),
        exists=file.is_file(),
    )


def parse_duration(value: object, bare: float | None = None) -> float:
    """Return the seconds of a duration such as ``"1h30m"``.

    Parameters
    ----------
    value : object
        Numbers with the units w, d, h, min (or m) and s.
    bare : float, optional
        How many seconds a number without a unit counts; without it such a number is refused.
    """
    number = _number(value)
    seconds = -1.0
    if isinstance(value, str) and re.fullmatch(rf"(?:\s*{_SPAN})+\s*", value):
        seconds = sum(float(count) * _UNITS[unit] for count, unit in re.findall(_SPAN, value))
    elif bare is not None and isinstance(number, (int, float)) and not isinstance(number, bool):
        seconds = number * bare
    if not 0 <= seconds <= LONGEST:  # nan, which TOML can write, is refused here too
        raise _wrong(value, say("accept.duration"))
    return float(seconds)


_UNITS = {"w": 7 * 86400, "d": 86400, "h": 3600, "min": 60, "m": 60, "s": 1}
_NUMBER = r"[0-9]{1,12}(?:\.[0-9]{1,6})?"
_SPAN = rf"({_NUMBER})\s*(w|d|h|min|m|s)"


def _number(value: object) -> object:
    """Return the number that a text spells, anything else as it is: the check that follows refuses it."""
    if isinstance(value, str) and re.fullmatch(_NUMBER, value):
        return float(value) if "." in value else int(value)
    return value


# --- what a value may be -----------------------------------------------------------------------------------------

# Gives the value in its final form, or raises a ConfigError; the caller adds the place.
Check = Callable[[Any], Any]


def _checked(check: Check, value: Any, place: str) -> Any:
    try:
        return check(value)
    except ConfigError as error:
        raise error.at(place) from None


def _wrong(value: object, accepted: str, near: str = "") -> ConfigError:
    return ConfigError(say("config.value", value=shown(value)), next=_accepted(accepted, near))


def _accepted(accepted: str, near: str) -> str:
    return say("config.near", near=near, accepted=accepted) if near else say("config.accepted", accepted=accepted)


def _near(word: object, known: Iterable[str]) -> str:
    return next(iter(difflib.get_close_matches(str(word), known, n=1)), "")


def _must(test: Callable[[Any], bool], accepted: str, form: Callable[[Any], Any] = lambda value: value) -> Check:
    """Return the check that gives ``form(value)``, or says what is ``accepted`` (a message key) instead."""

    def check(value: Any) -> Any:
        if not test(value):
            raise _wrong(value, say(accepted))
        return form(value)

    return check


def _one_of(*words: str) -> Check:
    def check(value: Any) -> Any:
        if value not in words:
            raise _wrong(value, ", ".join(f'"{word}"' for word in words), _near(value, words))
        return value

    return check


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and not _has_control(value)


def _has_control(text: str) -> bool:
    return any(unicodedata.category(char) == "Cc" for char in text)


def _is_app_id(value: Any) -> bool:
    # It becomes part of addresses and of a file name.
    return isinstance(value, str) and bool(re.fullmatch(r"[A-Za-z0-9_-]{1,100}", value))


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_list(value: Any, test: Callable[[Any], bool]) -> bool:
    return isinstance(value, (list, tuple)) and bool(value) and all(map(test, value))


def _is_formats(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and tuple(value) in (("parquet",), ("parquet", "json"))


def _is_header(value: Any) -> bool:
    return value in ("auto", "none") or _is_count(value) or _is_list(value, _is_count)


def _is_filter(value: Any, levels: int = 2) -> bool:
    """Say whether this is a filter of the record search; the children of one have no children."""
    if not isinstance(value, dict) or not value.keys() <= {"conjunction", "conditions", "children"}:
        return False
    conditions, children = value.get("conditions", []), value.get("children", [])
    return (
        levels > 0
        and value.get("conjunction") in ("and", "or")
        and isinstance(conditions, list)
        and isinstance(children, list)
        and bool(conditions or children)
        and all(map(_is_condition, conditions))
        and all(_is_filter(child, levels - 1) for child in children)
    )


_OPERATORS = ("is", "isNot", "contains", "doesNotContain", "isEmpty", "isNotEmpty", "isGreater", "isGreaterEqual",
              "isLess", "isLessEqual")  # fmt: skip


def _is_condition(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"field_name", "operator", "value"}
        and _is_text(value["field_name"])
        and value["operator"] in _OPERATORS
        and isinstance(value["value"], list)
        and all(isinstance(text, str) for text in value["value"])
    )


_TEXT = _must(_is_text, "accept.text", str.strip)
_FLAG = _must(lambda value: isinstance(value, bool), "accept.flag")
_NAMES = _must(lambda value: _is_list(value, _is_text), "accept.names", tuple)


def _path(value: Any) -> Path:
    if isinstance(value, str) and _has_control(value):  # "C:\temp" is valid TOML, and holds a tab
        raise ConfigError(say("config.backslash.what"), next=say("config.backslash.next"))
    path = Path(_TEXT(value))
    return path.expanduser() if path.parts[:1] == ("~",) else path  # "~name" fails where there is nobody of that name


# --- addresses ---------------------------------------------------------------------------------------------------

# A plain address and nothing else: no user part, no look-alike letters, no dot at the end of the host, no query. What
# an URL library would make of a stranger one does not matter, because a stranger one is refused.
_ADDRESS = re.compile(
    r"(https?)://(\[::1\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::([1-9][0-9]{0,4}))?((?:/[\w.~-]+)*)/?",
    re.ASCII | re.IGNORECASE,
)
# Browsers open none of these (the bad ports of the Fetch standard).
_BAD_PORTS = {
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
    111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532,
    540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061,
    6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
}  # fmt: skip


@dataclass(frozen=True)
class _Address:
    scheme: str
    host: str
    port: int | None
    path: str

    def __str__(self) -> str:
        return f"{self.scheme}://{self.site}{self.path}"

    @property
    def site(self) -> str:
        return self.host if self.port is None else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        if self.host in ("localhost", "[::1]"):
            return True
        try:
            return ipaddress.IPv4Address(self.host).is_loopback  # four plain numbers; "127.1" and "0177.0.0.1" are not
        except ValueError:
            return False


def _address(value: Any) -> _Address | None:
    match = _ADDRESS.fullmatch(value) if isinstance(value, str) else None
    if match is None or int(match[3] or 1) > 65535:
        return None
    return _Address(match[1].lower(), match[2].lower(), int(match[3]) if match[3] else None, match[4])


def _redirect_uris(value: Any) -> tuple[str, ...]:
    for uri in _NAMES(value):
        address = _address(uri)
        if not address or address.scheme != "http" or not address.is_loopback or not address.port or not address.path:
            raise _wrong(uri, say("accept.redirect"))
        if address.port in _BAD_PORTS:
            raise _wrong(uri, say("accept.port", port=address.port))
    return tuple(value)  # as they are written: the console compares them letter by letter


def _bases(values: Mapping[str, Any], places: Mapping[str, str], env: Mapping[str, str]) -> tuple[str, str]:
    """Return ``open_base`` and ``accounts_base``, both trusted."""
    own = BRANDS[values["brand"]]
    given = {
        name: _checked(_base_of(values["brand"], name, env), values[name], places[name])
        for name in own
        if values[name] is not None
    }
    foreign = next((name for name, base in given.items() if base != own[name]), "")
    missing = next((name for name in own if name not in given), "")
    if foreign and missing:  # the code of a login at one platform would go to another
        raise ConfigError(
            say("config.pair.what", given=foreign, missing=missing),
            source=places[foreign],
            next=say("config.pair.next", missing=missing),
        )
    bases = own | given
    return bases["open_base"], bases["accounts_base"]


def _base_of(brand: str, name: str, env: Mapping[str, str]) -> Check:
    own = BRANDS[brand][name]

    def check(value: Any) -> str:
        address = _address(value)
        if address and (str(address) == own or _is_trusted(address, env)):
            return str(address)
        raise ConfigError(
            say("config.host.what", value=shown(value)), next=say("config.host.next", own=own, brand=brand)
        )

    return check


def _is_trusted(address: _Address, env: Mapping[str, str]) -> bool:
    if any(f"https://{address.host}" in bases.values() for bases in BRANDS.values()):
        return False  # the other brand, or the other host of this one: no setting makes that fit
    named = {host.strip().lower() for host in env.get(_TRUST, "").split(",")}
    return address.is_loopback or (address.scheme == "https" and bool(named & {address.host, address.site}))


# --- the keys of the file ----------------------------------------------------------------------------------------


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


@dataclass(frozen=True)
class _Key:
    """What a key may be, and the variables that override it: ``LARKNB_<KEY>`` unless it says others."""

    check: Check
    default: Any
    parse: Callable[[str], Any] = str  # turns the text of a variable into what TOML would have given
    variables: tuple[str, ...] = ()


_REDIRECT_URIS = ("http://localhost:8765/callback", "http://localhost:8766/callback")
_PERSONAL = ("user", "keyring")  # one login per host and app for all folders of a person; keyring: in their keychain
_KEYS: dict[str, dict[str, _Key]] = {
    "app": {
        "app_id": _Key(_must(_is_app_id, "accept.app_id"), "", variables=("LARKNB_APP_ID", "LARKSUITE_CLI_APP_ID")),
        "brand": _Key(_one_of(*BRANDS), "feishu"),
        "open_base": _Key(_TEXT, None),
        "accounts_base": _Key(_TEXT, None),
        "redirect_uris": _Key(_redirect_uris, _REDIRECT_URIS, parse=_split),
        "identity": _Key(_one_of("user", "tenant"), "user"),
        "token_file": _Key(lambda value: value if value in _PERSONAL else _path(value), TOKEN_FILE),
    },
    "cache": {
        "dir": _Key(_path, Path("work"), variables=("LARKNB_CACHE_DIR",)),
        "max_age": _Key(parse_duration, Policy.max_age),
        "full_every": _Key(parse_duration, Policy.full_every),
        "history": _Key(parse_duration, Policy.history),
        "formats": _Key(_must(_is_formats, "accept.formats", tuple), ("parquet",), parse=_split),
        "settle": _Key(lambda value: parse_duration(value, bare=1.0), 5.0),
    },
    "budget": {"monthly_calls": _Key(_must(_is_count, "accept.count"), None, parse=_number)},
    "schedule": {"report": _Key(_FLAG, False, parse=lambda text: {"true": True, "false": False}.get(text, text))},
}
_SOURCE_KEYS: dict[str, Check] = {
    "name": _TEXT,
    "url": _TEXT,
    "identity": _one_of("user", "tenant"),
    "kind": _one_of(*LINK_KINDS),  # only a bare token needs it
}
_COMPUTED = _one_of("daily", "always")
_OPTIONS: dict[Kind, dict[str, Check]] = {
    "bitable": {
        "tables": _NAMES,
        "view": _TEXT,
        "fields": _NAMES,
        "filter": _must(_is_filter, "accept.filter"),
        "attachments": _FLAG,
        "computed": _COMPUTED,
    },
    "spreadsheet": {
        "sheets": _NAMES,
        "header": _must(_is_header, "accept.header", lambda value: tuple(value) if isinstance(value, list) else value),
        "fill_merged": _one_of("off", "down", "all"),
        "dates": _FLAG,
        "computed": _COMPUTED,
    },
    "document": {"images": _FLAG},
}


def _setting(name: str, document: Mapping[str, Any], file: Path, env: Mapping[str, str]) -> tuple[Any, str]:
    """Return the value of a key and the place it comes from."""
    section = next(section for section, keys in _KEYS.items() if name in keys)
    key = _KEYS[section][name]
    if variable := variable_of(name, env):
        return _checked(key.check, key.parse(env[variable].strip()), variable), variable
    table = document.get(section, {})
    if name not in table:
        return key.default, ""
    place = f"{file}, [{section}] {name}"
    return _checked(key.check, table[name], place), place


def variable_of(name: str, env: Mapping[str, str] = os.environ) -> str:
    """Return the variable that now goes before a key of the file; empty where none is set."""
    key = next(keys[name] for keys in _KEYS.values() if name in keys)
    return next((each for each in key.variables or (f"LARKNB_{name.upper()}",) if env.get(each, "").strip()), "")


def _check_names(document: Mapping[str, Any], file: Path) -> None:
    """Refuse what no section and no key is called."""
    for section, table in document.items():
        if section == "sources":
            continue
        if section not in _KEYS:
            secret = next(filter(_SECRET_KEY.search, table if isinstance(table, dict) else ()), None)
            raise _unknown("config.unknown_section", secret or section, (*_KEYS, "sources"), str(file))
        if not isinstance(table, dict):
            raise ConfigError(
                say("config.section.what", name=section),
                source=str(file),
                next=say("config.section.next", name=section),
            )
        for name in table:
            if name not in _KEYS[section]:
                raise _unknown("config.unknown", name, _KEYS[section], f"{file}, [{section}]")


_SECRET_KEY = re.compile("secret|webhook|notify")


def _unknown(message: str, name: str, known: Iterable[str], place: str) -> ConfigError:
    if _SECRET_KEY.search(name):
        return ConfigError(say("config.secret.what"), source=f"{place} {name}", next=say("config.secret.next"))
    known = list(known)
    return ConfigError(say(message, name=name), source=place, next=_accepted(", ".join(known), _near(name, known)))


# --- sources -----------------------------------------------------------------------------------------------------


def check_options(options: Mapping[str, Any], kind: Kind | None, place: str = "") -> dict[str, Any]:
    """Return the options of a source in their final form; ConfigError where one does not fit its ``kind``.

    None means that the kind is not known yet (a wiki page) or mixed (a space, a folder): any kind's options are fine.
    ``place`` is what an error names before the key.
    """
    known = {name: check for each in KINDS if kind in (each, None) for name, check in _OPTIONS[each].items()}
    for name in options:
        if name not in known:
            raise _unknown("config.unknown", name, (*_SOURCE_KEYS, *known), place)
    return {name: _checked(known[name], value, f"{place}, {name}".lstrip(", ")) for name, value in options.items()}


def _sources(
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
            place += f" {shown(fields['name'])}"
        source = _source(fields, place, identity)
        _check_clash(source, keys, names, place)
        sources.append(source)
    return tuple(sources)


def _source(fields: Mapping[str, Any], place: str, identity: str) -> Source:
    own = {
        name: _checked(check, fields[name], f"{place}, {name}")
        for name, check in _SOURCE_KEYS.items()
        if name in fields
    }
    if "url" not in own:
        raise ConfigError(say("config.no_url"), source=place, next=_accepted(say("accept.url"), ""))
    link = _checked(lambda url: parse_link(url, own.get("kind")), own["url"], f"{place}, url")
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
    name = _fold(source.name).casefold()
    if name and name in names:
        raise ConfigError(say("config.same_name", name=source.name), source=place, next=say("config.same.next"))
    keys.add(source.key)
    names.add(name)


def _fold(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip()


def choose(sources: Sequence[Source], name: str) -> tuple[Source, str | None]:
    """Return the source that ``name`` means, and what stands behind its name: a table, a child, or None.

    The whole name comes first, then the longest source name that ends before a ``/`` (titles contain ``/`` themselves).
    A name that is equal after NFKC counts as equal.

    Raises
    ------
    NotFound
        No source is called so; the message names the three nearest.
    """
    slashes = [match.start() for match in re.finditer("[/／]", name)]
    for cut in (len(name), *reversed(slashes)):
        if source := _called(sources, name[:cut]):
            return source, name[cut + 1 :].strip() or None
    raise _not_found(sources, name)


def _called(sources: Sequence[Source], name: str) -> Source | None:
    equal = [source for source in sources if source.name and _fold(source.name) == _fold(name)]
    return next((source for source in equal if source.name == name), equal[0] if equal else None)


def _not_found(sources: Sequence[Source], name: str) -> NotFound:
    names = [source.name for source in sources if source.name]
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.0)
    text = say("source.near", near=" · ".join(near)) if near else say("source.none")
    return NotFound(say("source.unknown", name=shown(name)), next=text)


def choose_all(sources: Sequence[Source], names: Iterable[str]) -> list[tuple[Source, str | None]]:
    """Return what each of several names means, in their order and each once."""
    chosen: dict[tuple[str, str | None], tuple[Source, str | None]] = {}
    for name in names:
        source, rest = choose(sources, name)
        chosen.setdefault((source.key, rest), (source, rest))
    return list(chosen.values())


def free_name(title: str, taken: Iterable[str]) -> str:
    """Return the title, numbered where another source has it: two bases may well be called the same."""
    used = set(taken)
    return next(name for number in count(1) if (name := title if number == 1 else f"{title} {number}") not in used)


# --- files -------------------------------------------------------------------------------------------------------


def create(root: Path) -> bool:
    """Make a commented ``larknb.toml`` and a ``work/.gitignore`` where they are missing; True if anything was made."""
    made = False
    for path, text in ((root / FILE, say("config.template")), (root / "work" / ".gitignore", "*\n")):
        if not path.exists():
            _write(path, text.encode())
            made = True
    return made


def settings_with(root: Path, app: Mapping[str, Any], env: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings as they would be with these keys in the ``[app]`` of the file; None leaves a key as it is."""
    file = root / FILE
    return _settings(_with_app(_document(file), _spelled(app), file), root, env)


def save_app(root: Path, values: Mapping[str, Any], env: Mapping[str, str] = os.environ) -> None:
    """Set keys of the ``[app]`` section of ``larknb.toml``, which is made first where there is none.

    A key is replaced where it stands and keeps the comment behind it, a commented example of it becomes the key, and
    all the rest stays as it is.

    Parameters
    ----------
    values : mapping
        Keys of the section; None leaves a key as it is. They are checked before anything is written.
    """
    import tomlkit

    file = root / FILE
    settings_with(root, values, {_TRUST: env.get(_TRUST, "")})  # no other variable hides what is written
    create(root)
    text = _read(file)
    document = _parse(text, file)
    app = {name: value for name, value in _spelled(values).items() if document.get("app", {}).get(name) != value}
    for name, value in reversed(app.items()):  # what has no place goes below the head, one above the other
        text = _with_key(text, name, tomlkit.item(value).as_string())
    if app:
        _rewrite(file, text, _with_app(document, app, file))


def _spelled(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values as TOML has them."""
    lists = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
    return {name: value for name, value in lists.items() if value is not None}


def _with_app(document: Mapping[str, Any], app: Mapping[str, Any], file: Path) -> dict[str, Any]:
    _check_names(document, file)  # an "app" that is no section takes no keys
    return {**document, "app": {**document.get("app", {}), **app}}


def _with_key(text: str, name: str, value: str) -> str:
    """Return the text with a key of ``[app]`` set: where it stands, else at its commented example, else below the head.

    It reads lines, and may be wrong about a text of several lines: `_rewrite` looks at the outcome.
    """
    lines = text.split("\n")
    head = next((n for n, line in enumerate(lines) if re.match(r"""\s*\[\s*["']?app["']?\s*\]""", line)), None)
    if head is None:
        gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
        return f"{text}{gap}[app]\n{name} = {value}\n"
    end = next((n for n in range(head + 1, len(lines)) if re.match(r"\s*\[", lines[n])), len(lines))
    for mark in ("", r"#\s*"):
        for n in range(head + 1, end):
            key = re.match(rf"""(\s*){mark}(?=["']?{name}["']?\s*=)""", lines[n])
            old = [lines[n][key.end() :], *([] if mark else lines[n + 1 : end])] if key else []
            if key and (count := _length(old)):
                column, comment = _comment(old[:count])
                new = f"{key[1]}{name} = {value}"
                column = max(column + key.end(), len(new) + 2)
                lines[n : n + count] = [f"{new:<{column}}{comment}" if comment else new]
                return "\n".join(lines)
    return "\n".join([*lines[: head + 1], f"{name} = {value}", *lines[head + 1 :]])


def _length(lines: Sequence[str]) -> int:
    """Return how many lines the statement takes that they begin with; 0 if it is none."""
    return next((n for n in range(1, len(lines) + 1) if _is_toml("\n".join(lines[:n]))), 0)


def _comment(lines: Sequence[str]) -> tuple[int, str]:
    """Return where in its last line the comment of a statement begins, and the comment."""
    *before, last = lines
    marks = (mark.start() for mark in re.finditer("#", last))
    start = next((n for n in marks if _is_toml("\n".join([*before, last[:n]]))), len(last))
    return start, last[start:]


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def save_secret(settings: Settings, secret: str) -> Path:
    """Keep the app's secret under ``work/``, for this app and this person alone; return the file."""
    if not settings.app_id:
        raise ConfigError(say("config.no_app_id.what"), source=FILE, next=say("config.no_app_id.next"))
    create(settings.root)
    path = _secret_file(settings.root)
    _write(path, json.dumps({"app_id": settings.app_id, "app_secret": secret.strip()}, indent=1).encode(), mode=0o600)
    return path


def _secret_file(root: Path) -> Path:
    return root / "work" / "app_secret.json"


def _secret(file: Path, app_id: str, env: Mapping[str, str]) -> Secret | None:
    for variable in ("LARKNB_APP_SECRET", "LARKSUITE_CLI_APP_SECRET"):
        if secret := env.get(variable, "").strip():
            return Secret(secret)
    try:
        kept = json.loads(file.read_bytes())
        return Secret(kept["app_secret"]) if app_id and kept["app_id"] == app_id else None
    except (OSError, ValueError, TypeError, KeyError):
        return None  # missing, damaged or another person's: cached data must open all the same


def save_webhook(root: Path, webhook: Webhook) -> Path:
    """Keep the address and the key of the bot for notices under ``work/``, for this person alone; return the file."""
    create(root)
    path = _webhook_file(root)
    _write(path, json.dumps({"url": webhook.url, "key": webhook.key}, indent=1).encode(), mode=0o600)
    return path


def _webhook_file(root: Path) -> Path:
    return root / "work" / "notify.json"


def _webhook(root: Path, env: Mapping[str, str]) -> Webhook | None:
    """Return the bot that the variables name, else the one in the file; ConfigError if its host is not trusted."""
    file = _webhook_file(root)
    if url := env.get("LARKNB_NOTIFY_URL", "").strip():
        place, key = "LARKNB_NOTIFY_URL", env.get("LARKNB_NOTIFY_KEY", "").strip()
    else:
        try:
            kept = json.loads(file.read_bytes())
            place, url, key = str(file), kept["url"], kept["key"]
        except (OSError, ValueError, TypeError, KeyError):
            return None  # missing, damaged or another person's
    address = _address(url)
    official = {bases["open_base"] for bases in BRANDS.values()}
    if address and address.path and (f"{address.scheme}://{address.site}" in official or _is_trusted(address, env)):
        return Webhook(Secret(url), Secret(key) if key else None)
    raise ConfigError(say("config.webhook.what"), source=place, next=say("config.webhook.next"))  # never the value


SECRET_VARIABLES = ("LARKNB_APP_SECRET", "LARKSUITE_CLI_APP_SECRET", "LARKNB_NOTIFY_URL", "LARKNB_NOTIFY_KEY")


def keep_secrets(root: Path, env: Mapping[str, str] = os.environ, *, write: bool = True) -> list[Path]:
    """Keep in their files the secrets that only the variables hold, and return these files.

    Parameters
    ----------
    write : bool
        False only says which files these would be.
    """
    told = load_settings(root, env)
    kept = load_settings(root, {name: value for name, value in env.items() if name not in SECRET_VARIABLES})
    files = []
    if told.app_secret and told.app_secret != kept.app_secret:
        files.append(save_secret(told, told.app_secret) if write else _secret_file(root))
    if told.webhook and told.webhook != kept.webhook:
        files.append(save_webhook(root, told.webhook) if write else _webhook_file(root))
    return files


def _token_file(where: Path | str, root: Path, open_base: str, app_id: str) -> Path:
    if where not in _PERSONAL:
        return root / where
    from platformdirs import user_data_path

    site = re.sub(r"[^a-z0-9.-]", "_", open_base.partition("://")[2])  # Windows allows no colon in a file name
    return user_data_path("larknb", appauthor=False) / f"{site}_{app_id}.json"


def add_source(root: Path, source_fields: Mapping[str, Any]) -> None:
    """Write one more source to the end of ``larknb.toml``, which is made first where there is none.

    Parameters
    ----------
    source_fields : mapping
        The keys of a ``[[sources]]`` block; None leaves a key out. They are checked before anything is written.
    """
    import tomlkit

    file = root / FILE
    fields = {name: value for name, value in source_fields.items() if value is not None}
    _sources(_document(file), file, added=[fields])
    create(root)
    text = _read(file)
    # tomlkit only spells the values: were it to edit the whole file, it would move what stands between two sources.
    block = tomlkit.dumps({"sources": [fields]})
    document = _parse(text, file)
    wanted = document | {"sources": [*document.get("sources", []), *tomllib.loads(block)["sources"]]}
    _rewrite(file, f"{text.rstrip()}\n\n{block}".lstrip(), wanted)


def remove_source(root: Path, name: str) -> None:
    """Take a source out of ``larknb.toml``; comments outside its block stay where they are.

    Parameters
    ----------
    name : str
        The source's name, url or `Source.key`.
    """
    file = root / FILE
    document = _document(file)
    sources = _sources(document, file)
    source = _called(sources, name) or next((s for s in sources if name in (s.url, s.key)), None)
    if source is None:
        raise _not_found(sources, name)
    number = sources.index(source)
    left = [*document["sources"][:number], *document["sources"][number + 1 :]]
    wanted = {key: left if key == "sources" else value for key, value in document.items() if key != "sources" or left}
    _rewrite(file, _without_block(_read(file), number), wanted)


def _without_block(text: str, number: int) -> str:
    """Return the text without its n-th ``[[sources]]`` block (from 0) and the blank lines above that."""
    lines = text.split("\n")
    heads = [n for n, line in enumerate(lines) if re.match(r"\s*\[\[\s*sources\s*\]\]", line)]
    if number >= len(heads):
        return text
    start = heads[number]
    is_next = re.compile(r"\s*\[(?!\[?\s*sources\s*\.)[^,]*\]\s*(#.*)?$")  # a table, but none inside this source
    end = next((n for n in range(start + 1, len(lines)) if is_next.match(lines[n])), len(lines))
    while not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#"):
        end -= 1  # a comment at the end of the block speaks of what follows
    while start and not lines[start - 1].strip() and not "".join(lines[end : end + 1]).strip():
        start -= 1  # unless a comment follows at once, which would join the block above
    return "\n".join(lines[:start] + lines[end:])


def _rewrite(file: Path, text: str, wanted: Mapping[str, Any]) -> None:
    """Replace the file by ``text`` if that says what is wanted, with the byte order mark and line ends it had."""
    try:
        says = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        says = None
    if says != wanted:  # an inline list of sources, or a string that looks like a head
        raise ConfigError(say("config.edit.what"), source=str(file), next=say("config.edit.next"))
    old = file.read_bytes()
    mark = codecs.BOM_UTF8 if old.startswith(codecs.BOM_UTF8) else b""
    new = text.replace("\n", "\r\n") if b"\r\n" in old else text
    _write(file, mark + new.encode(), mode=file.stat().st_mode & 0o777)


def _write(file: Path, data: bytes, mode: int | None = None) -> None:
    try:
        write_atomically(file, data, mode=mode)
    except OSError as error:
        raise _no_access(file, error) from error


def _document(file: Path) -> dict[str, Any]:
    return _parse(_read(file), file) if file.is_file() else {}


def _read(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise ConfigError(say("config.encoding.what"), source=str(file), next=say("config.encoding.next")) from None
    except OSError as error:
        raise _no_access(file, error) from error


def _no_access(file: Path, error: OSError) -> ConfigError:
    reason = error.strerror or type(error).__name__
    return ConfigError(say("config.file.what", reason=reason), source=str(file), next=say("config.file.next"))


def _parse(text: str, file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        reason, _, place = str(error).partition(" (at ")
        line = re.match(r"line (\d+)", place)
        source = f"{file}, {say('config.line', line=line[1])}" if line else str(file)
        wrong = text.split("\n")[int(line[1]) - 1] if line else ""
        message = "config.backslash" if re.search(r'"[^"]*\\', wrong) else "config.toml"
        what, advice = say(f"{message}.what", reason=reason), say(f"{message}.next")
        raise ConfigError(what, source=source, next=advice) from None
