"""Settings and the list of sources: defaults, then ``larknb.toml``, then the environment.

A wrong setting is a `ConfigError` that names its place and the accepted values. The file is found by walking up from
the current folder, so it may be somebody else's: where secrets and logins may be sent is checked here, before any
request.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal

from larknb.config.addresses import BRANDS, redirect_uris, trusted_bases
from larknb.config.secrets import Secret, Webhook, find_secret, find_webhook
from larknb.config.sources import sources_of
from larknb.config.tomlfile import FILE, Content, read_toml, section_of
from larknb.config.values import (
    FLAG,
    SECRET_KEY,
    TEXT,
    Rule,
    apply_rule,
    as_number,
    as_path,
    is_app_id,
    is_count,
    is_formats,
    must,
    one_of,
    parse_duration,
    split_list,
    unknown_key,
)
from larknb.disk import telling
from larknb.env import (
    APP_ID,
    CACHE_DIR,
    CLI_APP_ID,
    HOME,
    MACHINE,
    PUBLISH_TARGET,
    TOKEN_ENDPOINT,
    TOKEN_PATH,
    variable_for,
)
from larknb.errors import ConfigError
from larknb.files import is_there
from larknb.messages import say
from larknb.model import Policy, Source
from larknb.places import stays_inside

__all__ = [
    "TOKEN_FILE",
    "Settings",
    "TokenEndpoint",
    "find_root",
    "load_settings",
    "refuse_unknown",
    "setting_keys",
    "settings_of",
    "variable_of",
]

TokenEndpoint = Literal["v2", "v3"]
TOKEN_FILE = Path("work/fault_diagnosis_token_cache.json")


@dataclass(frozen=True)
class Settings:
    """What one workspace folder is told by its file and its environment, all of it checked.

    ``open_base`` and ``accounts_base`` are trusted and have no slash at their end. ``settle`` is in seconds.
    ``in_keychain`` says that the tokens lie in the system's keychain, and the ``token_file`` holds what else is known.
    ``token_endpoint`` is the version of the platform's token endpoint. ``login`` is the way of a login that names none:
    ``device`` where the app has no redirect URL, as one that was made by a scan. ``tell`` says whether the bot also
    tells of runs that brought changes. ``exists`` says that there is a
    ``larknb.toml``. A source that was given no name has the name ``""``.
    """

    root: Path
    app_id: str
    brand: str
    open_base: str
    accounts_base: str
    token_endpoint: TokenEndpoint
    redirect_uris: tuple[str, ...]
    login: Literal["auto", "device"]
    identity: Literal["user", "tenant"]
    token_file: Path
    in_keychain: bool
    find_app_secret: Callable[[], Secret | None] = field(repr=False, compare=False)
    webhook: Webhook | None
    cache_dir: Path
    policy: Policy
    formats: tuple[str, ...]
    settle: float
    monthly_calls: int | None
    report: bool
    publish_target: str
    tell: Literal["failures", "changes"]
    sources: tuple[Source, ...]
    exists: bool

    @property
    def work(self) -> Path:
        """The folder of token, secret, logs and lock; it never follows the ``dir`` of the cache."""
        return self.root / "work"

    @property
    def owns_token_file(self) -> bool:
        """True where the login has the place and the name that larknb gives it, here or in the folder of the person."""
        return self.token_file in (self.root / TOKEN_FILE, _person_file(self.open_base, self.app_id))

    @cached_property
    def app_secret(self) -> Secret | None:
        """The secret of the app; its file is opened as soon as somebody asks, by no call that only reads the cache."""
        return self.find_app_secret()

    @property
    def secrets(self) -> list[str]:
        """The secrets that are settings; the tokens of the login are others."""
        return [self.app_secret or "", *(self.webhook.secrets if self.webhook else ())]

    @property
    def console_base(self) -> str:
        """The address of the developer console; ``/<app_id>`` follows it."""
        return f"{self.open_base}/app"


def find_root(start: Path | None = None, env: Mapping[str, str] = MACHINE) -> Path:
    """Return the workspace folder: ``LARKNB_HOME``, else the nearest folder upwards with a ``larknb.toml``, else here.

    The path is absolute but not resolved: on Windows that would turn a mapped drive into its network path.
    """
    if home := env.get(HOME, "").strip():
        return Path(apply_rule(as_path, home, HOME)).absolute()
    here = (start or Path.cwd()).absolute()
    return next((folder for folder in (here, *here.parents) if os.path.isfile(folder / FILE)), here)  # noqa: PTH113  in no drive that is gone


def load_settings(root: Path, env: Mapping[str, str] = MACHINE) -> Settings:
    """Return the settings of a workspace folder; without a ``larknb.toml``, the defaults and what the variables say.

    Raises
    ------
    LarkError
        A setting is wrong (`ConfigError`), or the disk refuses to give the file.
    """
    root = root.absolute()
    with telling():
        return settings_of(read_toml(root / FILE), root, env)


def settings_of(content: Content, root: Path, env: Mapping[str, str]) -> Settings:
    """Return what a parsed file and these variables say, all of it checked."""
    file = root / FILE
    refuse_unknown(content, file)
    found = {name: _value_of(name, content, file, env) for name in _SETTINGS}
    values = {name: value for name, (value, _) in found.items()}
    places = {name: place for name, (_, place) in found.items()}
    open_base, accounts_base = trusted_bases(values, places, env)
    return Settings(
        root=root,
        app_id=values["app_id"],
        brand=values["brand"],
        open_base=open_base,
        accounts_base=accounts_base,
        token_endpoint=values["token_endpoint"],
        redirect_uris=values["redirect_uris"],
        login=values["login"],
        identity=values["identity"],
        token_file=_token_file(values["token_file"], places["token_file"], root, open_base, values["app_id"]),
        in_keychain=values["token_file"] == "keyring",  # noqa: S105  a place, no password
        find_app_secret=partial(find_secret, root, values["app_id"], env),
        webhook=find_webhook(root, env),
        cache_dir=_own(values["dir"], places["dir"], CACHE_DIR, root, "dir"),
        policy=Policy(values["max_age"], values["full_every"], values["history"]),
        formats=values["formats"],
        settle=values["settle"],
        monthly_calls=values["monthly_calls"],
        report=values["report"],
        publish_target=values["target"],
        tell=values["tell"],
        sources=sources_of(content, file, values["identity"]),
        exists=is_there(file),
    )


@dataclass(frozen=True)
class _Setting:
    """A key of the file: its section, what it may be, and the variables that go before it, by default the key's own."""

    section: str
    rule: Rule
    default: Any
    parse: Callable[[str], Any] = str  # turns the text of a variable into what TOML would have given
    variables: tuple[str, ...] = ()


_REDIRECT_URIS = ("http://localhost:8765/callback", "http://localhost:8766/callback")
_SHARED = ("user", "keyring")  # token files that all folders of a person share; "keyring": tokens in the keychain
_SETTINGS: dict[str, _Setting] = {
    "app_id": _Setting("app", must(is_app_id, "accept.app_id"), "", variables=(APP_ID, CLI_APP_ID)),
    "brand": _Setting("app", one_of(*BRANDS), "feishu"),
    "open_base": _Setting("app", TEXT, None),
    "accounts_base": _Setting("app", TEXT, None),
    "token_endpoint": _Setting("app", one_of("v2", "v3"), "v2", variables=(TOKEN_ENDPOINT,)),
    "redirect_uris": _Setting("app", redirect_uris, _REDIRECT_URIS, parse=split_list),
    "login": _Setting("app", one_of("auto", "device"), "auto"),
    "identity": _Setting("app", one_of("user", "tenant"), "user"),
    "token_file": _Setting(
        "app", lambda value: value if value in _SHARED else as_path(value), TOKEN_FILE, variables=(TOKEN_PATH,)
    ),
    "dir": _Setting("cache", as_path, Path("work"), variables=(CACHE_DIR,)),
    "max_age": _Setting("cache", parse_duration, Policy.max_age),
    "full_every": _Setting("cache", parse_duration, Policy.full_every),
    "history": _Setting("cache", parse_duration, Policy.history),
    "formats": _Setting("cache", must(is_formats, "accept.formats", tuple), ("parquet",), parse=split_list),
    "settle": _Setting("cache", lambda value: parse_duration(value, bare=1.0), 5.0),
    "monthly_calls": _Setting("budget", must(is_count, "accept.count"), None, parse=as_number),
    "report": _Setting("schedule", FLAG, False, parse=lambda text: {"true": True, "false": False}.get(text, text)),
    "target": _Setting("publish", TEXT, "", variables=(PUBLISH_TARGET,)),
    "tell": _Setting("schedule", one_of("failures", "changes"), "failures"),
}


def _value_of(name: str, content: Content, file: Path, env: Mapping[str, str]) -> tuple[Any, str]:
    """Return the value of a key and the place it comes from."""
    setting = _SETTINGS[name]
    if variable := variable_of(name, env):
        return apply_rule(setting.rule, setting.parse(env[variable].strip()), variable), variable
    section = section_of(content, setting.section)
    if name not in section:
        return setting.default, ""
    place = f"{file}, [{setting.section}] {name}"
    return apply_rule(setting.rule, section[name], place), place


def setting_keys() -> Mapping[str, _Setting]:
    """Return every key of the file but those of the sources, with what it may be, for the reference."""
    return _SETTINGS


def variable_of(name: str, env: Mapping[str, str] = MACHINE) -> str:
    """Return the variable that now goes before a key of the file; empty where none is set."""
    variables = _SETTINGS[name].variables or (variable_for(name),)
    return next((each for each in variables if env.get(each, "").strip()), "")


def refuse_unknown(content: Content, file: Path) -> None:
    """Refuse a section or key that there is none of."""
    for section, keys in content.items():
        if section != "sources":
            _check_section(section, keys, file)


def _check_section(section: str, keys: Any, file: Path) -> None:
    sections = [*dict.fromkeys(setting.section for setting in _SETTINGS.values())]
    if section not in sections:
        secret = next(filter(SECRET_KEY.search, keys if isinstance(keys, dict) else ()), None)
        raise unknown_key("config.unknown_section", secret or section, (*sections, "sources"), str(file))
    if not isinstance(keys, dict):
        what, advice = say("config.section.what", name=section), say("config.section.next", name=section)
        raise ConfigError(what, source=str(file), next=advice)
    known = [name for name, setting in _SETTINGS.items() if setting.section == section]
    for name in keys:
        if name not in known:
            raise unknown_key("config.unknown", name, known, f"{file}, [{section}]")


def _token_file(where: Path | str, place: str, root: Path, open_base: str, app_id: str) -> Path:
    """Return the file of the login: below the folder, or one for this host and app in the folder of the person."""
    if where in _SHARED:
        return _person_file(open_base, app_id)
    return _own(Path(where), place, TOKEN_PATH, root, "token_file")


def _own(where: Path, place: str, variable: str, root: Path, key: str) -> Path:
    """Return a path below the folder; one that leaves it is taken from the variable alone, which is the consent."""
    path = root / where
    if place == variable or stays_inside(path, root):
        return path
    raise ConfigError(say(f"config.{key}.what", path=where), source=place, next=say(f"config.{key}.next"))


def _person_file(open_base: str, app_id: str) -> Path:
    from platformdirs import user_data_path

    site = re.sub(r"[^a-z0-9.-]", "_", open_base.partition("://")[2])  # Windows allows no colon in a file name
    return user_data_path("larknb", appauthor=False) / f"{site}_{app_id}.json"
