"""One file and the environment become settings, or a message that names the place and what it accepts."""

from __future__ import annotations

import copy
import json
import os
import pickle
import re
import stat
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

import larknb
from larknb.config import edit
from larknb.config.addresses import BRANDS
from larknb.config.edit import add_source, create, remove_source, save_app, save_secret, save_webhook
from larknb.config.names import choose, choose_all
from larknb.config.secrets import Secret, Webhook
from larknb.config.settings import Settings, find_root, load_settings
from larknb.config.sources import check_options
from larknb.config.values import parse_duration
from larknb.errors import ConfigError, NotFound
from larknb.model import Policy, Source

BASE = "https://example.feishu.cn/base/DemoStaff00000000000000001A"
WIKI = "https://example.feishu.cn/wiki/DemoWiki000000000000000001B"
SHEET = "https://example.feishu.cn/sheets/DemoSheet00000000000000001C"
GUIDE = "https://example.feishu.cn/docx/DemoGuide00000000000000001D"

Load = Callable[..., Settings]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Write a larknb.toml (none for None) and load it, with this environment and no other."""

    def load_text(text: str | bytes | None = None, **env: str) -> Settings:
        if text is not None:
            (tmp_path / "larknb.toml").write_bytes(text.encode() if isinstance(text, str) else text)
        return load_settings(tmp_path, env)

    return load_text


def source(name: str, token: str = "") -> Source:
    return Source(name, "https://x.cn/base/t", "bitable", token or f"T{name}")


# --- the folder and the defaults ---------------------------------------------------------------------------------


def test_the_folder_is_found_by_walking_up(tmp_path: Path) -> None:
    """From a folder below it the workspace is found; without one the present folder is it."""
    below = tmp_path / "故障 分析" / "notebooks"
    below.mkdir(parents=True)
    assert find_root(below, {}) == below
    (tmp_path / "larknb.toml").touch()
    assert find_root(below, {}) == tmp_path


def test_the_folder_may_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """LARKNB_HOME wins over what stands above the current folder, and the current folder is where a search begins."""
    (tmp_path / "larknb.toml").touch()
    monkeypatch.chdir(tmp_path)
    assert find_root(env={}) == Path.cwd()
    assert find_root(env={"LARKNB_HOME": "elsewhere"}) == Path.cwd() / "elsewhere"
    assert find_root(env={"LARKNB_HOME": str(tmp_path / "other")}) == tmp_path / "other"
    assert find_root(env={"LARKNB_HOME": "~/larknb"}) == Path.home() / "larknb"


def test_a_path_through_a_link_is_kept(tmp_path: Path) -> None:
    """A folder is called what the user calls it: a mapped drive or a link is not resolved."""
    (tmp_path / "real").mkdir()
    link = tmp_path / "link"
    try:
        link.symlink_to(tmp_path / "real", target_is_directory=True)
    except OSError:
        pytest.skip("this system lets nobody make links")
    assert find_root(link, {}) == link


def test_without_a_file_the_defaults_hold(load: Load, tmp_path: Path) -> None:
    """An empty folder is a workspace with the documented defaults."""
    settings = load()
    assert not settings.exists
    assert (settings.app_id, settings.brand, settings.identity) == ("", "feishu", "user")
    assert settings.open_base == "https://open.feishu.cn"
    assert settings.accounts_base == "https://accounts.feishu.cn"
    assert settings.console_base == "https://open.feishu.cn/app"
    assert settings.redirect_uris == ("http://localhost:8765/callback", "http://localhost:8766/callback")
    assert settings.token_file == tmp_path / "work" / "fault_diagnosis_token_cache.json"
    assert settings.cache_dir == settings.work == tmp_path / "work"
    assert settings.policy == Policy(max_age=3600.0, full_every=86400.0, history=90 * 86400.0)
    assert (settings.formats, settings.settle, settings.monthly_calls) == (("parquet",), 5.0, None)
    assert (settings.app_secret, settings.sources) == (None, ())


def test_every_key_of_the_file_is_read(load: Load, tmp_path: Path) -> None:
    """What the file says replaces each default."""
    settings = load("""
        [app]
        app_id = "cli_example"
        brand = "lark"
        redirect_uris = ["http://127.0.0.1:9000/cb"]
        identity = "tenant"
        token_file = "secrets/token.json"
        [cache]
        dir = 'caches'
        max_age = "30min"
        full_every = "2d"
        history = "1w"
        formats = ["parquet", "json"]
        settle = "0s"
        [budget]
        monthly_calls = 10000
    """)
    assert settings.exists
    assert (settings.app_id, settings.brand, settings.identity) == ("cli_example", "lark", "tenant")
    assert settings.open_base == "https://open.larksuite.com"
    assert settings.accounts_base == "https://accounts.larksuite.com"
    assert settings.redirect_uris == ("http://127.0.0.1:9000/cb",)
    assert settings.token_file == tmp_path / "secrets" / "token.json"
    assert settings.cache_dir == tmp_path / "caches"
    assert settings.policy == Policy(max_age=1800.0, full_every=172800.0, history=604800.0)
    assert (settings.formats, settings.settle, settings.monthly_calls) == (("parquet", "json"), 0.0, 10000)


def test_token_and_secret_never_follow_the_cache(load: Load, tmp_path: Path) -> None:
    """A cache on a shared drive leaves the login where it was."""
    elsewhere = tmp_path / "shared drive"
    settings = load(f"[cache]\ndir = '{elsewhere}'\n")
    assert settings.cache_dir == elsewhere
    assert settings.work == tmp_path / "work"
    assert settings.token_file.parent == tmp_path / "work"
    assert load("[cache]\ndir = '.'\n").cache_dir == tmp_path


def test_one_login_for_all_folders_is_kept_per_host_and_app(load: Load, tmp_path: Path) -> None:
    """token_file = "user" names a file of this person that another app or another platform does not share."""
    text = '[app]\ntoken_file = "user"\napp_id = "{}"\n'
    here = load(text.format("cli_a")).token_file
    local = {"LARKNB_OPEN_BASE": "http://127.0.0.1:8123", "LARKNB_ACCOUNTS_BASE": "http://127.0.0.1:8123"}
    others = {load(text.format("cli_b")).token_file, load(text.format("cli_a"), **local).token_file}
    assert tmp_path not in here.parents
    assert here.is_absolute()
    assert len(others | {here}) == 3
    assert all(":" not in file.name for file in others)


def test_the_keychain_shares_the_file_of_the_person(load: Load) -> None:
    """token_file = "keyring" is "user" with the tokens elsewhere: a change from one to the other loses no login."""
    text = '[app]\ntoken_file = "{}"\napp_id = "cli_a"\n'
    own, ring = load(text.format("user")), load(text.format("keyring"))
    assert own.token_file == ring.token_file
    assert (own.in_keychain, ring.in_keychain, load("[app]\n").in_keychain) == (False, True, False)


# --- the environment ---------------------------------------------------------------------------------------------


def test_variables_override_the_file(load: Load, tmp_path: Path) -> None:
    """Each key has a variable that wins over the file."""
    settings = load(
        '[app]\napp_id = "cli_file"\n[cache]\nmax_age = "1h"\n',
        LARKNB_APP_ID="cli_env",
        LARKNB_BRAND="lark",
        LARKNB_OPEN_BASE="http://127.0.0.1:8123/",
        LARKNB_ACCOUNTS_BASE="http://127.0.0.1:8124",
        LARKNB_REDIRECT_URIS="http://localhost:9001/a, http://localhost:9002/b",
        LARKNB_IDENTITY="tenant",
        LARKNB_TOKEN_FILE="token.json",
        LARKNB_CACHE_DIR="cache",
        LARKNB_MAX_AGE="5min",
        LARKNB_FULL_EVERY="12h",
        LARKNB_HISTORY="30d",
        LARKNB_FORMATS="parquet,json",
        LARKNB_SETTLE="0.5",
        LARKNB_MONTHLY_CALLS="5000",
    )
    assert (settings.app_id, settings.brand, settings.identity) == ("cli_env", "lark", "tenant")
    assert (settings.open_base, settings.accounts_base) == ("http://127.0.0.1:8123", "http://127.0.0.1:8124")
    assert settings.redirect_uris == ("http://localhost:9001/a", "http://localhost:9002/b")
    assert (settings.token_file, settings.cache_dir) == (tmp_path / "token.json", tmp_path / "cache")
    assert settings.policy == Policy(max_age=300.0, full_every=43200.0, history=2592000.0)
    assert (settings.formats, settings.settle, settings.monthly_calls) == (("parquet", "json"), 0.5, 5000)


def test_reports_are_made_where_they_are_asked_for(load: Load) -> None:
    """By the file or by a variable; what is neither true nor false is refused."""
    assert not load("").report
    assert load("[schedule]\nreport = true").report
    assert load("[schedule]\nreport = false", LARKNB_REPORT="true").report
    with pytest.raises(ConfigError, match="LARKNB_REPORT"):
        load("", LARKNB_REPORT="perhaps")


def test_the_other_tools_variables_come_second(load: Load) -> None:
    """lark-cli's names for app id and secret are honoured where ours are not set; an empty variable is not set."""
    theirs = {"LARKSUITE_CLI_APP_ID": "cli_theirs", "LARKSUITE_CLI_APP_SECRET": "their-secret"}
    settings = load(LARKNB_APP_ID=" ", **theirs)
    assert (settings.app_id, settings.app_secret) == ("cli_theirs", "their-secret")
    settings = load(LARKNB_APP_ID="cli_ours", LARKNB_APP_SECRET="our-secret", **theirs)
    assert (settings.app_id, settings.app_secret) == ("cli_ours", "our-secret")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("LARKNB_BRAND", "dingtalk"),
        ("LARKNB_MAX_AGE", "soon"),
        ("LARKNB_SETTLE", "-1"),
        ("LARKNB_MONTHLY_CALLS", "many"),
        ("LARKNB_FORMATS", "csv"),
        ("LARKNB_OPEN_BASE", "https://evil.example"),
        ("LARKNB_APP_ID", "../../etc/passwd"),
    ],
)
def test_a_bad_variable_is_named(load: Load, variable: str, value: str) -> None:
    """A wrong value in the environment is refused with the variable's name and what it accepts."""
    with pytest.raises(ConfigError, match=variable) as caught:
        load("", **{variable: value})
    assert "accepted" in str(caught.value).lower()


# --- mistakes in the file ----------------------------------------------------------------------------------------

MISTAKES = {
    "unknown section": ("[cash]\n", ["[cash]", "did you mean cache", "sources"]),
    "unknown key": ('[cache]\nmax_aged = "1h"\n', ["max_aged", "[cache]", "did you mean max_age", "full_every"]),
    "section of one source": ("[source]\n", ["did you mean sources"]),
    "no section": ("cache = 1\n", ["[cache]", "section"]),
    "sources without brackets": ('[sources]\nurl = "x"\n', ["[[sources]]"]),
    "brand": ('[app]\nbrand = "Feishu"\n', ["Feishu", "brand", "did you mean feishu", '"lark"']),
    "identity": ('[app]\nidentity = "bot"\n', ["identity", '"user"', '"tenant"']),
    "type of text": ("[app]\napp_id = 7\n", ["7", "app_id", "cli_"]),
    "type of path": ("[cache]\ndir = true\n", ["true", "[cache] dir"]),
    "duration without unit": ("[cache]\nmax_age = 3600\n", ["3600", "max_age", "1h30m"]),
    "duration": ('[cache]\nhistory = "a while"\n', ["a while", "history", "90d"]),
    "not a number": ("[cache]\nsettle = nan\n", ["settle", "30s"]),
    "endless": ("[cache]\nsettle = inf\n", ["settle", "30s"]),
    "formats": ('[cache]\nformats = ["json"]\n', ["formats", "parquet"]),
    "formats as text": ('[cache]\nformats = "parquet"\n', ["formats", '["parquet"]']),
    "count": ("[budget]\nmonthly_calls = 0\n", ["monthly_calls", "1 or more"]),
    "flag as count": ("[budget]\nmonthly_calls = true\n", ["monthly_calls", "1 or more"]),
    "syntax": ("[app]\n\napp_id = cli_example\n", ["TOML", "line 3"]),
    "twice": ("[app]\n[app]\n", ["TOML", "line 2"]),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_names_its_place_and_what_is_accepted(load: Load, tmp_path: Path, mistake: str) -> None:
    """A wrong section, key, type or value is refused with file, place and the accepted values."""
    text, words = MISTAKES[mistake]
    with pytest.raises(ConfigError) as caught:
        load(text)
    message = str(caught.value)
    assert str(tmp_path / "larknb.toml") in message
    assert [word for word in words if word not in message] == []


@pytest.mark.parametrize("path", ["D:\\data", "C:\\temp", "C:\\Users\\wang", "D:\\", "D:\\报表\\x"])
def test_a_backslash_says_how_to_write_a_path(load: Load, path: str) -> None:
    """A Windows path in double quotes is refused, also where TOML would silently make a tab of it."""
    with pytest.raises(ConfigError, match=r"single quotes.*D:/data"):
        load(f'[cache]\ndir = "{path}"\n')
    assert "D:" in str(load("[cache]\ndir = 'D:\\data'\n").cache_dir)


def test_another_mistake_beside_a_good_backslash_is_told_as_it_is(load: Load) -> None:
    """A path in single quotes is not blamed for what follows it."""
    with pytest.raises(ConfigError, match="TOML"):
        load("[cache]\ndir = 'D:\\data' x\n")


@pytest.mark.parametrize("place", ["[app]\n", "", f'[[sources]]\nurl = "{BASE}"\n'])
def test_a_secret_in_the_file_is_refused_unseen(load: Load, place: str) -> None:
    """The secret never stands in larknb.toml, and the refusal does not repeat it."""
    with pytest.raises(ConfigError, match="LARKNB_APP_SECRET") as caught:
        load(f'{place}app_secret = "hunter2"\n')
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("line", ["[schedule]\nnotify_url", "[app]\nnotify_key", "[notice]\nwebhook_url"])
def test_the_address_of_a_bot_is_a_secret_too(load: Load, line: str) -> None:
    """Whoever has it can write into the group: refused in the file in the same words, and not repeated."""
    with pytest.raises(ConfigError, match="LARKNB_NOTIFY_URL") as caught:
        load(f'{line} = "https://open.feishu.cn/open-apis/bot/v2/hook/hunter2"\n')
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-16", "gb18030"])
def test_another_encoding_is_named(load: Load, encoding: str) -> None:
    """A file that an editor saved as something else than UTF-8 is refused with that reason."""
    with pytest.raises(ConfigError, match="UTF-8"):
        load(f'[[sources]]\nname = "人力盘点"\nurl = "{BASE}"\n'.encode(encoding))


def test_a_mark_and_windows_line_ends_do_no_harm(load: Load) -> None:
    """A file saved by Notepad (byte order mark, CRLF) reads like any other."""
    text = f'[app]\r\napp_id = "cli_example"\r\n[[sources]]\r\nname = "人力盘点"\r\nurl = "{BASE}"\r\n'
    settings = load(b"\xef\xbb\xbf" + text.encode())
    assert settings.app_id == "cli_example"
    assert [source.name for source in settings.sources] == ["人力盘点"]


def test_mistakes_are_told_in_chinese_too(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Chinese user reads the place, the reason and the way out in Chinese."""
    monkeypatch.setenv("LARKNB_LANG", "zh")
    with pytest.raises(ConfigError, match=r"反斜杠.*第 2 行.*单引号"):
        load('[cache]\ndir = "D:\\data"\n')


KEYS = st.sampled_from(
    ["app", "cache", "budget", "sources", "brand", "open_base", "redirect_uris", "identity", "token_file", "dir",
     "name", "max_age", "formats", "settle", "monthly_calls", "url", "kind", "tables", "filter", "header", "x", "秘 密"]
)  # fmt: skip
SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats() | st.text(max_size=8)
    | st.sampled_from(["user", "1h", "~nobody/x", ".", "https://open.feishu.cn", BASE, WIKI, "bitable", "lark"])
)  # fmt: skip
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_no_file_breaks_it(tmp_path_factory: pytest.TempPathFactory, document: dict[str, Any]) -> None:
    """Whatever TOML a file holds, it gives settings or a ConfigError that names the file."""
    root = tmp_path_factory.mktemp("workspace")
    (root / "larknb.toml").write_bytes(tomlkit.dumps(without_none(document)).encode("utf-8", "replace"))
    try:
        load_settings(root, {})
    except ConfigError as error:
        assert str(root) in str(error)


def without_none(value: Any) -> Any:
    """Return the value as TOML can hold it."""
    if isinstance(value, dict):
        return {key: without_none(item) for key, item in value.items() if item is not None}
    return [without_none(item) for item in value if item is not None] if isinstance(value, list) else value


# --- durations ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("5s", 5), ("30min", 1800), ("30m", 1800), ("1h", 3600), ("1h30m", 5400), ("1h 30min", 5400), ("90d", 7776000),
     ("2w", 1209600), ("0.5s", 0.5), ("0s", 0)],
)  # fmt: skip
def test_durations(text: str, seconds: float) -> None:
    """A duration is read in any of its spellings."""
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "value", ["", "h", "1", "1x", "1H", "-1h", "1h-", "1 hour", "1,5h", "９h", "999999999w", 1, None, True]
)
def test_no_durations(value: object) -> None:
    """A number without a unit, a negative one or any other text is refused with examples."""
    with pytest.raises(ConfigError, match="1h30m"):
        parse_duration(value)


def test_a_number_without_a_unit_counts_where_one_is_agreed() -> None:
    """``bare`` says what a number without a unit counts: seconds for ``settle``, hours for an interval."""
    assert parse_duration("2", bare=3600.0) == parse_duration("2h", bare=3600.0) == 7200.0
    assert parse_duration(1.5, bare=1.0) == 1.5
    with pytest.raises(ConfigError):
        parse_duration(True, bare=1.0)


@given(st.lists(st.tuples(st.integers(0, 999), st.sampled_from(["w", "d", "h", "min", "m", "s"])), min_size=1))
def test_a_duration_is_the_sum_of_its_parts(parts: list[tuple[int, str]]) -> None:
    """Any sequence of numbers with units counts their sum, unless that is longer than a century."""
    units = {"w": 604800, "d": 86400, "h": 3600, "min": 60, "m": 60, "s": 1}
    seconds = sum(number * units[unit] for number, unit in parts)
    text = "".join(f"{number}{unit}" for number, unit in parts)
    if seconds > 36500 * 86400:
        with pytest.raises(ConfigError):
            parse_duration(text)
    else:
        assert parse_duration(text) == seconds


@given(st.text() | st.floats() | st.integers() | st.booleans(), st.sampled_from([None, 1.0, 3600.0]))
def test_no_duration_breaks_it(value: object, bare: float | None) -> None:
    """Whatever stands there is a bounded number of seconds or a ConfigError."""
    try:
        seconds = parse_duration(value, bare)
    except ConfigError:
        return
    assert 0 <= seconds <= 36500 * 86400


# --- where secrets and logins may go -----------------------------------------------------------------------------

FOREIGN = [
    "https://evil.example",
    "http://open.feishu.cn",
    "https://open.feishu.cn@evil.example",
    "https://open.feishu.cn:x@evil.example",
    "https://open.feishu.cn%40evil.example",
    "https://open.feishu.cn\\@evil.example",
    "https://open.feishu.cn#@evil.example",
    "https://open.feishu.cn?@evil.example",
    "https://open.feishu.cn.evil.example",
    "https://evil.example/open.feishu.cn",
    "https://evil.example#open.feishu.cn",
    "https://xopen.feishu.cn",
    "https://feishu.cn",
    "https://open.feishu.cn.",
    "https://open.feishu.cn:444",
    "https://open.feishu.cn:443",
    "https://open.feishu.cn/open-apis",
    "https://open.feishu.cn//evil.example",
    "https://accounts.feishu.cn",
    "https://open.larksuite.com",
    "https://ｏｐｅｎ.feishu.cn",
    "https://open。feishu。cn",
    "https://open.fei\u017fhu.cn",  # a long s, which case folding makes an s
    "https://оpen.feishu.cn",  # a Cyrillic o
    "https://xn--pen-tdd.feishu.cn",
    "https:open.feishu.cn",
    "//open.feishu.cn",
    "open.feishu.cn",
    "ftp://open.feishu.cn",
    "https://open.feishu.cn\nevil.example",
    "https://open.feishu.cn\tx",
    "https://open.feishu.cn x",
    "http://localhost.evil.example",
    "http://localhost.",
    "http://localhost@evil.example",
    "http://127.0.0.1.evil.example",
    "http://127.0.0.1@evil.example:80",
    "http://127.0.0.1:80@evil.example",
    "http://127.0.0.1:evil",
    "http://127.0.0.1:0",
    "http://127.0.0.1:65536",
    "http://127.0.0.1.",
    "http://127.1",
    "http://2130706433",
    "http://0x7f.0.0.1",
    "http://0177.0.0.1",
    "http://126.0.0.1",
    "http://128.0.0.1",
    "http://0.0.0.0",
    "http://１２７.0.0.1",
    "http://[::1].evil.example",
    "http://[::2]",
    "http://[::ffff:127.0.0.1]",
    "http://[fe80::1]",
    "http://::1",
    "http://127.0.0.1?x=1",
    "http://127.0.0.1#x",
    "http://",
    "https://",
]


@pytest.mark.parametrize("url", FOREIGN)
@pytest.mark.parametrize("where", ["file", "variable"])
def test_a_foreign_host_is_refused(load: Load, url: str, where: str) -> None:
    """No file and no variable can send the secret anywhere but to the brand, to loopback or to a host named for it."""
    good = "https://accounts.feishu.cn"
    text = f"[app]\nopen_base = {json.dumps(url)}\naccounts_base = {json.dumps(good)}\n" if where == "file" else ""
    env = {"LARKNB_OPEN_BASE": url, "LARKNB_ACCOUNTS_BASE": good} if where == "variable" else {}
    with pytest.raises(ConfigError, match=r"not (trusted|accepted).*(open_base|LARKNB_OPEN_BASE)"):
        load(text, **env)


def test_the_refusal_says_what_is_trusted(load: Load) -> None:
    """The message names the key, the brand's own host and the variable that trusts another."""
    with pytest.raises(ConfigError, match=r"accounts_base.*https://accounts\.feishu\.cn.*LARKNB_TRUSTED_HOSTS"):
        load('[app]\naccounts_base = "https://accounts.evil.example"\n')


@pytest.mark.parametrize(
    "url",
    ["http://localhost:8123", "http://LOCALHOST:8123/", "https://localhost", "http://127.0.0.1:1",
     "http://127.9.9.9:80", "http://[::1]:8123", "http://127.0.0.1:8123/prefix"],
)  # fmt: skip
def test_loopback_is_trusted(load: Load, url: str) -> None:
    """The stand-in on this machine may be named by the file."""
    settings = load(f'[app]\nopen_base = "{url}"\naccounts_base = "{url}"\n')
    assert settings.open_base == settings.accounts_base == url.lower().rstrip("/")


@pytest.mark.parametrize("brand", ["feishu", "lark"])
def test_the_brands_own_hosts_may_be_written_out(load: Load, brand: str) -> None:
    """Naming the brand's hosts, with a slash at the end or in capitals, is no mistake."""
    own = BRANDS[brand]
    text = f'[app]\nbrand = "{brand}"\nopen_base = "{own["open_base"]}/"\n'
    assert load(text).open_base == own["open_base"]
    assert load(text, LARKNB_OPEN_BASE=own["open_base"].replace("open", "OPEN")).open_base == own["open_base"]


def test_a_private_host_is_trusted_by_the_environment_alone(load: Load) -> None:
    """A private deployment works once LARKNB_TRUSTED_HOSTS names its hosts, over https only; the file cannot do it."""
    text = '[app]\nopen_base = "https://open.corp.example/lark/"\naccounts_base = "https://login.corp.example:8443"\n'
    with pytest.raises(ConfigError):
        load(text, LARKNB_TRUSTED_HOSTS="open.corp.example")
    settings = load(text, LARKNB_TRUSTED_HOSTS="open.corp.example, LOGIN.corp.example:8443")
    assert settings.open_base == "https://open.corp.example/lark"
    assert settings.accounts_base == "https://login.corp.example:8443"
    with pytest.raises(ConfigError):
        load(text.replace("https", "http"), LARKNB_TRUSTED_HOSTS="open.corp.example,login.corp.example")
    with pytest.raises(ConfigError, match="trusted_hosts"):
        load('[app]\ntrusted_hosts = ["evil.example"]\n')


@pytest.mark.parametrize(
    "named", ["*", "*.corp.example", "corp.example", ".corp.example", "open.corp.example:444", ","]
)
def test_a_trusted_host_is_named_whole(load: Load, named: str) -> None:
    """Patterns, parent domains and other ports trust nothing."""
    text = '[app]\nopen_base = "https://open.corp.example"\naccounts_base = "https://open.corp.example"\n'
    with pytest.raises(ConfigError):
        load(text, LARKNB_TRUSTED_HOSTS=named)


def test_trust_cannot_mix_the_brands(load: Load) -> None:
    """A host of the other brand stays refused even when it is named as trusted: no app belongs to both."""
    with pytest.raises(ConfigError, match="feishu"):
        load(LARKNB_OPEN_BASE="https://open.larksuite.com", LARKNB_TRUSTED_HOSTS="open.larksuite.com")


def test_one_foreign_host_alone_is_refused(load: Load) -> None:
    """A code from the public accounts page is not sent to another platform because one line was forgotten."""
    with pytest.raises(ConfigError, match="accounts_base"):
        load('[app]\nopen_base = "http://127.0.0.1:8123"\n')


@pytest.mark.parametrize(
    "uri",
    [
        "https://localhost:8765/callback",
        "http://localhost/callback",
        "http://localhost:8765",
        "http://localhost:8765/",
        "http://0.0.0.0:8765/callback",
        "http://example.com:8765/callback",
        "http://localhost.evil.example:8765/callback",
        "http://localhost:8765/callback?next=1",
        "http://localhost:8765/callback#x",
        "http://localhost:0/callback",
        "http://localhost:99999/callback",
        "http://user@localhost:8765/callback",
        *(f"http://localhost:{port}/callback" for port in (1, 9, 5060, 6000, 6667, 10080)),
    ],
)
def test_a_redirect_stays_on_this_machine(load: Load, uri: str) -> None:
    """The login's answer comes back over http to a port of this machine that a browser will open, or not at all."""
    with pytest.raises(ConfigError, match="redirect_uris"):
        load(f'[app]\nredirect_uris = ["http://localhost:8765/callback", "{uri}"]\n')


def test_a_redirect_is_kept_letter_by_letter(load: Load) -> None:
    """The console compares redirect URLs as strings, so nothing is tidied up."""
    uris = ("http://LocalHost:8765/CallBack/", "http://[::1]:8766/cb", "http://127.0.0.1:8767/cb")
    assert load(f"[app]\nredirect_uris = {json.dumps(uris)}\n").redirect_uris == uris
    with pytest.raises(ConfigError, match="redirect_uris"):
        load("[app]\nredirect_uris = []\n")


# --- sources -----------------------------------------------------------------------------------------------------


def test_sources_of_every_kind(load: Load) -> None:
    """Each block becomes a source with kind, token, part and options; a wiki link's kind is not known yet."""
    settings = load(f"""
        [app]
        identity = "tenant"
        [[sources]]
        name = "人力盘点"
        url = "{BASE}?table=tblA1&view=vewB2"
        fields = ["姓名", "部门"]
        computed = "always"
        attachments = true
        filter = {{ conjunction = "and", conditions = [{{ field_name = "状态", operator = "is", value = ["在职"] }}] }}
        [[sources]]
        url = "{SHEET}?sheet=0b12"
        identity = "user"
        header = [1, 2]
        fill_merged = "down"
        dates = false
        [[sources]]
        url = "{GUIDE}"
        images = false
        [[sources]]
        url = "{WIKI}"
        tables = ["缺陷"]
        [[sources]]
        url = "DemoBare000000000000000001E"
        kind = "bitable"
    """)
    staff, sheet, guide, wiki, bare = settings.sources
    assert (staff.name, staff.kind, staff.part, staff.identity) == ("人力盘点", "bitable", "tblA1", "tenant")
    assert staff.url == f"{BASE}?table=tblA1&view=vewB2"
    assert "view" not in staff.options  # an address always carries one; only the option limits the rows
    assert (staff.options["fields"], staff.options["computed"]) == (("姓名", "部门"), "always")
    assert (sheet.name, sheet.kind, sheet.part, sheet.identity) == ("", "spreadsheet", "0b12", "user")
    assert sheet.options == {"header": (1, 2), "fill_merged": "down", "dates": False}
    assert (guide.kind, guide.options) == ("document", {"images": False})
    assert (wiki.kind, wiki.wiki, wiki.options) == (None, True, {"tables": ("缺陷",)})
    assert (bare.kind, bare.token) == ("bitable", "DemoBare000000000000000001E")


SOURCE_MISTAKES = {
    "no url": ('name = "A"', ["url", "address"]),
    "url of a form": ('url = "https://x.feishu.cn/share/base/shrcnA"', ["url", "form", "base"]),
    "url of a number": ("url = 5", ["url", "5"]),
    "bare token": ('url = "DemoBare000000000000000001E"', ["url", "kind"]),
    "another kind": (f'url = "{BASE}"\nkind = "document"', ["bitable", "document"]),
    "unknown kind": (f'url = "{BASE}"\nkind = "sheet"', ["kind", '"spreadsheet"']),
    "misspelt key": (f'url = "{BASE}"\ntabels = ["A"]', ["tabels", "did you mean tables", "filter"]),
    "key of another kind": (f'url = "{BASE}"\nheader = 1', ["header", "tables"]),
    "name": (f'url = "{BASE}"\nname = " "', ["name", "text"]),
    "identity": (f'url = "{BASE}"\nidentity = "app"', ["identity", '"tenant"']),
    "tables": (f'url = "{BASE}"\ntables = "A"', ["tables", '["A", "B"]']),
    "no tables": (f'url = "{BASE}"\ntables = []', ["tables", '["A", "B"]']),
    "view": (f'url = "{BASE}"\nview = 1', ["view", "text"]),
    "attachments": (f'url = "{BASE}"\nattachments = "yes"', ["attachments", "true or false"]),
    "computed": (f'url = "{BASE}"\ncomputed = "alway"', ["computed", "did you mean always", '"daily"']),
    "header": (f'url = "{SHEET}"\nheader = 0', ["header", '"auto"']),
    "header rows": (f'url = "{SHEET}"\nheader = [1, "2"]', ["header", "[1, 2]"]),
    "fill_merged": (f'url = "{SHEET}"\nfill_merged = true', ["fill_merged", '"down"']),
    "dates": (f'url = "{SHEET}"\ndates = 1', ["dates", "true or false"]),
    "images": (f'url = "{GUIDE}"\nimages = 1', ["images", "true or false"]),
    "filter without conjunction": (f'url = "{BASE}"\nfilter = {{ conditions = [] }}', ["filter", "conjunction"]),
    "filter operator": (
        f'url = "{BASE}"\nfilter = {{ conjunction = "and", conditions = '
        '[{ field_name = "A", operator = "like", value = ["x"] }] }',
        ["filter", "doesNotContain"],
    ),
    "filter value": (
        f'url = "{BASE}"\nfilter = {{ conjunction = "and", conditions = '
        '[{ field_name = "A", operator = "is", value = 5 }] }',
        ["filter", "list of texts"],
    ),
}


@pytest.mark.parametrize("mistake", SOURCE_MISTAKES)
def test_a_mistake_in_a_source_names_it(load: Load, mistake: str) -> None:
    """A wrong source is refused with its number, its name if it has one, the key and what is accepted."""
    text, words = SOURCE_MISTAKES[mistake]
    with pytest.raises(ConfigError) as caught:
        load(f'[[sources]]\nname = "first"\nurl = "{WIKI}"\n[[sources]]\n{text}\n')
    message = str(caught.value)
    assert [word for word in ["[[sources]] 2", *words] if word not in message] == []


def test_a_filter_may_nest_once(load: Load) -> None:
    """The platform knows one level of children, and so does the check."""
    condition = {"field_name": "A", "operator": "isEmpty", "value": []}
    child = {"conjunction": "or", "conditions": [condition]}
    assert check_options({"filter": {"conjunction": "and", "children": [child]}}, "bitable")
    with pytest.raises(ConfigError):
        check_options({"filter": {"conjunction": "and", "children": [{**child, "children": [child]}]}}, "bitable")


def test_options_are_checked_again_when_a_wiki_page_is_known() -> None:
    """What passed for a page of unknown kind is refused once the page turns out to be another."""
    options = check_options({"header": [1, 2], "tables": ["A"]}, None)
    assert options == {"header": (1, 2), "tables": ("A",)}
    with pytest.raises(ConfigError, match=r"here.*accepted"):
        check_options(options, "bitable", "here")
    assert check_options({"header": (1, 2)}, "spreadsheet") == {"header": (1, 2)}


@pytest.mark.parametrize(
    ("one", "other"), [("Staff", "Staff"), ("Staff", "staff"), ("人力（A）", "人力(A)"), ("A", " A ")]
)
def test_two_sources_need_two_names(load: Load, one: str, other: str) -> None:
    """Names that differ by letter case or width alone are refused: their folders would be one on Windows."""
    text = f'[[sources]]\nname = "{one}"\nurl = "{BASE}"\n[[sources]]\nname = "{other}"\nurl = "{SHEET}"\n'
    with pytest.raises(ConfigError, match=r"\[\[sources\]\] 2.*rename"):
        load(text)


def test_one_source_is_configured_once(load: Load) -> None:
    """The same table twice is refused, two tables of one base are not; any number may be without a name."""
    text = f'[[sources]]\nurl = "{BASE}?table=tblA"\n[[sources]]\nurl = "{BASE}?table={{}}"\n'
    assert [source.part for source in load(text.format("tblB")).sources] == ["tblA", "tblB"]
    with pytest.raises(ConfigError, match="twice"):
        load(text.format("tblA&view=vewX"))


# --- names -------------------------------------------------------------------------------------------------------


def test_a_name_means_the_longest_source_it_begins_with() -> None:
    """The whole name comes first; then the longest source name before a slash, and the rest is the table."""
    short, long, other = source("A"), source("A/B"), source("人力（2026）")
    sources = [short, long, other]
    assert choose(sources, "A/B") == (long, None)
    assert choose(sources, "A/C") == (short, "C")
    assert choose(sources, "A/B/C/D") == (long, "C/D")
    assert choose(sources, "A/") == (short, None)
    assert choose(sources, "人力(2026)／人员（内部）") == (other, "人员（内部）")


def test_an_exact_name_wins_over_an_equal_one() -> None:
    """Titles that were filled in may be NFKC-equal; the one that is spelt so is meant."""
    wide, narrow = source("Ａ"), source("A")
    assert choose([wide, narrow], "A") == (narrow, None)
    assert choose([wide, narrow], "Ａ") == (wide, None)


def test_an_unknown_name_gets_three_near_ones() -> None:
    """The message for a misspelt name offers the three nearest; without sources it says how to add one."""
    sources = [source(name) for name in ("功能安全部人力盘点", "功能安全业务数据", "故障指引", "zzz")]
    with pytest.raises(NotFound) as caught:
        choose(sources, "功能安全人力盘点")
    assert caught.value.next.count(" · ") == 2
    assert "功能安全部人力盘点" in caught.value.next
    with pytest.raises(NotFound, match="larknb add"):
        choose([source("", "T1")], "")


def test_several_names_are_chosen_each_once() -> None:
    """Names come back in their order, and two spellings of one source count as one."""
    a, b = source("A"), source("B")
    assert choose_all([a, b], ["B", "A", "Ｂ", "A/x"]) == [(b, None), (a, None), (a, "x")]
    with pytest.raises(NotFound, match="C"):
        choose_all([a, b], ["A", "C"])


# --- the secret --------------------------------------------------------------------------------------------------


def test_a_secret_works_and_hides() -> None:
    """A Secret is the str that a request needs, and no repr, pickle or copy gives it away."""
    secret = Secret("hunter2")
    assert f"{secret}" == "hunter2"
    assert json.dumps(secret) == '"hunter2"'
    assert repr(secret) == "Secret(****)"
    assert "hunter2" not in f"{[secret]} {secret!r} {[(1, secret)]}"
    for leak in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            leak(secret)


def test_a_saved_secret_is_for_one_app_and_one_person(load: Load, tmp_path: Path) -> None:
    """The secret is kept under work/ where git does not look, and given back to the app it belongs to alone."""
    settings = load(LARKNB_APP_ID="cli_a")
    path = save_secret(settings, " hunter2\n")
    assert path == tmp_path / "work" / "app_secret.json"
    assert (tmp_path / "work" / ".gitignore").read_text(encoding="utf-8") == "*\n"
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load(LARKNB_APP_ID="cli_a").app_secret == "hunter2"
    assert "hunter2" not in repr(load(LARKNB_APP_ID="cli_a"))
    assert load(LARKNB_APP_ID="cli_b").app_secret is None
    assert load().app_secret is None
    assert load(LARKNB_APP_ID="cli_a", LARKNB_APP_SECRET="other").app_secret == "other"


def test_a_secret_needs_an_app(load: Load) -> None:
    """Without an App ID there is nothing to bind a secret to."""
    with pytest.raises(ConfigError, match="app_id"):
        save_secret(load(), "hunter2")


HOOK = "https://open.feishu.cn/open-apis/bot/v2/hook/0000-hunter2"


def test_a_bot_comes_from_the_variables_or_the_file(load: Load, tmp_path: Path) -> None:
    """Address and key belong together, are kept like the app's secret, and show themselves nowhere."""
    assert load().webhook is None
    path = save_webhook(tmp_path, Webhook(Secret(HOOK), Secret("k-hunter2")))
    assert (tmp_path / "work" / ".gitignore").exists()
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load().webhook == Webhook(Secret(HOOK), Secret("k-hunter2"))
    other = load(LARKNB_NOTIFY_URL=HOOK + "x").webhook
    assert other == Webhook(Secret(HOOK + "x"), None)
    assert load(LARKNB_NOTIFY_URL=HOOK, LARKNB_NOTIFY_KEY="k").webhook == Webhook(Secret(HOOK), Secret("k"))
    assert "hunter2" not in repr(load())
    assert "0000-hunter2" in load().secrets
    path.write_bytes(b"{")
    assert load().webhook is None


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://open.larksuite.com/open-apis/bot/v2/hook/hunter2", True),
        ("http://127.0.0.1:8000/open-apis/bot/v2/hook/hunter2", True),
        ("https://gateway.example.com/hook/hunter2", True),
        ("http://gateway.example.com/hook/hunter2", False),
        ("http://open.feishu.cn/open-apis/bot/v2/hook/hunter2", False),
        ("https://open.feishu.cn:444/open-apis/bot/v2/hook/hunter2", False),
        ("https://accounts.feishu.cn/open-apis/bot/v2/hook/hunter2", False),
        ("https://open.feishu.cn.example.com/open-apis/bot/v2/hook/hunter2", False),
        ("https://user@open.feishu.cn/open-apis/bot/v2/hook/hunter2", False),
        ("https://open.feishu.cn/", False),
        ("hunter2", False),
    ],
)
def test_notices_go_to_trusted_hosts_alone(load: Load, tmp_path: Path, url: str, good: bool) -> None:
    """The brands' own, loopback, or https where the environment says so: from variable and file alike."""
    trusted = {"LARKNB_TRUSTED_HOSTS": "gateway.example.com"}
    save_webhook(tmp_path, Webhook(Secret(url), None))
    for variables in ({"LARKNB_NOTIFY_URL": url}, {}):
        if good:
            assert load(**trusted, **variables).webhook is not None
            continue
        with pytest.raises(ConfigError, match=r"LARKNB_NOTIFY_URL|notify\.json") as caught:
            load(**trusted, **variables)
        assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"app_id": "cli_a"}', b'"text"', b"\xff"])
def test_a_damaged_secret_does_not_stop_offline_work(load: Load, tmp_path: Path, damage: bytes) -> None:
    """Without a readable secret the settings still load: only a login needs it."""
    save_secret(load(LARKNB_APP_ID="cli_a"), "hunter2").write_bytes(damage)
    assert load(LARKNB_APP_ID="cli_a").app_secret is None


# --- writing the file --------------------------------------------------------------------------------------------


def test_the_first_write_makes_a_workspace_once(tmp_path: Path) -> None:
    """A new folder gets a commented larknb.toml and a .gitignore for work/; what is there is left alone."""
    root = tmp_path / "new folder"
    assert create(root)
    assert load_settings(root, {}) == replace(load_settings(tmp_path / "none", {}), root=root, exists=True,
        cache_dir=root / "work", token_file=root / "work" / "fault_diagnosis_token_cache.json")  # fmt: skip
    (root / "larknb.toml").write_text('[app]\napp_id = "cli_mine"\n', encoding="utf-8")
    assert not create(root)
    assert load_settings(root, {}).app_id == "cli_mine"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_comments_of_a_new_file_are_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str) -> None:
    """Taking the # away from every example gives a file that loads, with the defaults where it says so."""
    monkeypatch.setenv("LARKNB_LANG", lang)
    create(tmp_path)
    file = tmp_path / "larknb.toml"
    text = re.sub(r"^# (?=\[\[|\w+ = )", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    file.write_text(text.replace("/base/…", "/base/T").replace("…", "A"), encoding="utf-8")
    settings, plain = load_settings(tmp_path, {}), load_settings(tmp_path / "none", {})
    assert (settings.app_id, settings.monthly_calls, len(settings.sources)) == ("cli_example", 10000, 1)
    for name in ("brand", "redirect_uris", "identity", "policy", "formats", "settle"):
        assert getattr(settings, name) == getattr(plain, name)
    assert settings.token_file.name == plain.token_file.name


OWN_FILE = f"""# my notes
[app]
app_id = "cli_example"  # ask Wang

# staff
[[sources]]  # first
name = "人力盘点"
url = "{BASE}"
tables = [
  "人员",  # the big one
  "部门",
]
[sources.filter]
conjunction = "and"
[[sources.filter.conditions]]
field_name = "状态"
operator = "is"
value = ["在职"]

# money
[budget]
monthly_calls = 500

# the guide
[[sources]]
name = "指引"
url = "{GUIDE}"
# end of file
"""


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_source_is_added_and_removed_without_a_trace(load: Load, tmp_path: Path, mark: bytes, newline: str) -> None:
    """Adding keeps every byte of the file, comments, order, mark and line ends; removing brings the old file back."""
    before = mark + OWN_FILE.replace("\n", newline).encode()
    load(before)
    filters = {"conjunction": "or", "conditions": [{"field_name": "A", "operator": "is", "value": ["x"]}]}
    fields = {"name": '新"来\\源', "url": WIKI, "tables": ["缺陷", "a"], "filter": filters, "view": None}
    add_source(tmp_path, fields)
    after = (tmp_path / "larknb.toml").read_bytes()
    assert after.startswith(before)
    assert after.count(b"\n") == after.count(newline.encode())
    added = load().sources[-1]
    assert (added.name, added.wiki) == ('新"来\\源', True)
    assert added.options == {"tables": ("缺陷", "a"), "filter": filters}
    remove_source(tmp_path, '新"来\\源')
    assert (tmp_path / "larknb.toml").read_bytes() == before


def test_removing_the_first_of_two_leaves_the_rest(load: Load, tmp_path: Path) -> None:
    """Only the block itself goes, with the tables inside it; comments and what stands between stay in their order."""
    load(OWN_FILE)
    remove_source(tmp_path, "人力盘点")
    text = (tmp_path / "larknb.toml").read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if line] == [
        "# my notes", "[app]", 'app_id = "cli_example"  # ask Wang', "# staff", "# money", "[budget]",
        "monthly_calls = 500", "# the guide", "[[sources]]", 'name = "指引"', f'url = "{GUIDE}"', "# end of file",
    ]  # fmt: skip
    remove_source(tmp_path, "指引")
    assert load().sources == ()


def test_a_comment_does_not_move_to_the_source_above(load: Load, tmp_path: Path) -> None:
    """What follows a removed block at once stays apart from the block before it."""
    load(f'[[sources]]\nname = "A"\nurl = "{BASE}"\n\n[[sources]]\nname = "B"\nurl = "{WIKI}"\n# of B\n')
    remove_source(tmp_path, "B")
    text = f'[[sources]]\nname = "A"\nurl = "{BASE}"\n\n# of B\n'
    assert (tmp_path / "larknb.toml").read_text(encoding="utf-8") == text


def test_a_last_line_without_an_end_is_ended(load: Load, tmp_path: Path) -> None:
    """A block is added below a file whose last line has no line end, and can be removed again."""
    load('[app]\napp_id = "cli_example"')
    add_source(tmp_path, {"name": "A", "url": BASE})
    assert (load().app_id, len(load().sources)) == ("cli_example", 1)
    remove_source(tmp_path, "A")
    assert (tmp_path / "larknb.toml").read_text(encoding="utf-8").strip() == '[app]\napp_id = "cli_example"'


def test_a_nameless_source_is_removed_by_url_or_key(load: Load, tmp_path: Path) -> None:
    """A source that was given no name is told apart by its address or its key."""
    load(f'[[sources]]\nurl = "{BASE}?table=tblA"\n\n[[sources]]\nurl = "{WIKI}"\n')
    with pytest.raises(NotFound):
        remove_source(tmp_path, "staff")
    remove_source(tmp_path, WIKI)
    remove_source(tmp_path, "DemoStaff00000000000000001A/tblA")
    assert load().sources == ()


def test_adding_makes_the_workspace(tmp_path: Path) -> None:
    """In an empty folder the file is made first."""
    add_source(tmp_path, {"url": BASE})
    assert [source.url for source in load_settings(tmp_path, {}).sources] == [BASE]
    assert (tmp_path / "work" / ".gitignore").exists()


@pytest.mark.parametrize(
    "fields",
    [{"url": "https://x.feishu.cn/file/abc"}, {"url": BASE, "tabels": ["A"]}, {"url": f"{WIKI}", "name": "指引"},
     {"url": GUIDE}, {"name": "A"}],
)  # fmt: skip
def test_a_wrong_source_is_not_written(load: Load, tmp_path: Path, fields: Mapping[str, Any]) -> None:
    """What would not load is refused before the file is touched, and makes no file."""
    load(OWN_FILE)
    with pytest.raises(ConfigError):
        add_source(tmp_path, fields)
    assert (tmp_path / "larknb.toml").read_bytes() == OWN_FILE.encode()
    with pytest.raises(ConfigError):
        add_source(tmp_path / "empty", {"url": "https://x.feishu.cn/file/abc"})
    assert not (tmp_path / "empty").exists()


@pytest.mark.parametrize(
    "text",
    [
        f'sources = [{{ name = "A", url = "{BASE}" }}]\n',
        f'[["sources"]]\nname = "A"\nurl = "{BASE}"\n',
        f'[[sources]]\nurl = "{WIKI}"\n[sources.filter]\nconjunction = "and"\nconditions = [\n{{ field_name = "B", '
        f'operator = "is", value = ["""\n[[sources]]\n"""] }}]\n[[sources]]\nname = "A"\nurl = "{BASE}"\n',
    ],
)
def test_a_file_that_cannot_be_edited_is_left_alone(load: Load, tmp_path: Path, text: str) -> None:
    """A file written in another way loads, but is never damaged by an edit that would not mean what was asked."""
    assert load(text).sources[-1].name == "A"
    with pytest.raises(ConfigError, match="by hand"):
        remove_source(tmp_path, "A")
    assert (tmp_path / "larknb.toml").read_bytes() == text.encode()


def test_a_failed_write_keeps_the_old_file(load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk or a locked file is a ConfigError that says so; the file stays whole."""
    load(OWN_FILE)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(edit, "write_atomically", full)
    with pytest.raises(ConfigError, match="No space left"):
        add_source(tmp_path, {"url": WIKI})
    assert (tmp_path / "larknb.toml").read_bytes() == OWN_FILE.encode()


@pytest.mark.skipif(os.name != "posix", reason="permission bits")
def test_an_edit_keeps_the_permissions(load: Load, tmp_path: Path) -> None:
    """A file that only its owner could read stays so."""
    load(OWN_FILE)
    (tmp_path / "larknb.toml").chmod(0o600)
    add_source(tmp_path, {"url": WIKI})
    assert stat.S_IMODE((tmp_path / "larknb.toml").stat().st_mode) == 0o600


NAMES = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=12).filter(str.strip)


@given(NAMES, st.lists(NAMES, min_size=1, max_size=3))
def test_any_name_survives_the_file(tmp_path_factory: pytest.TempPathFactory, name: str, tables: list[str]) -> None:
    """Whatever a source and its tables are called is read back as it was written, and removed by that name."""
    root = tmp_path_factory.mktemp("workspace")
    add_source(root, {"name": name, "url": BASE, "tables": tables})
    (read,) = load_settings(root, {}).sources
    assert (read.name, read.options["tables"]) == (name.strip(), tuple(tables))
    remove_source(root, name)
    assert "sources" not in tomllib.loads((root / "larknb.toml").read_text(encoding="utf-8"))


# --- the app -----------------------------------------------------------------------------------------------------


def test_an_app_takes_the_place_of_the_examples(load: Load, tmp_path: Path) -> None:
    """In a new file each commented example becomes the key, with its comment, and nothing else changes."""
    create(tmp_path)
    before = (tmp_path / "larknb.toml").read_text(encoding="utf-8").splitlines()
    save_app(tmp_path, {"app_id": "cli_a", "token_file": "user", "identity": None})
    after = (tmp_path / "larknb.toml").read_text(encoding="utf-8").splitlines()
    changed = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
    assert [new.split()[:3] for _, new in changed] == [["app_id", "=", '"cli_a"'], ["token_file", "=", '"user"']]
    assert [old.index("# ", 2) for old, _ in changed] == [new.index("# ") for _, new in changed]
    assert load().app_id == "cli_a"


def test_a_key_changes_where_it_stands(load: Load, tmp_path: Path) -> None:
    """A value of several lines is replaced as a whole; comments behind and around it, and other keys, stay."""
    start, end = "#1\n [app] # 2\n # 3\n ", "# 4\nbrand='lark'#5\n#6\n[cache]\n"
    load(f"{start}'redirect_uris' = [\n 'http://localhost:1024/a', # x\n] {end}")
    save_app(tmp_path, {"redirect_uris": ("http://localhost:8765/b",), "brand": "lark"})
    expected = f'{start}redirect_uris = ["http://localhost:8765/b"]  {end}'
    assert (tmp_path / "larknb.toml").read_text() == expected


@pytest.mark.parametrize("values", [{"app_id": "cli a"}, {"brand": "x"}, {"redirect_uris": ["http://a.example:1024/b"]},
                                    {"open_base": "https://a.example", "accounts_base": "https://a.example"},
                                    {"app_secret": "hidden"}, {"max_age": "1h"}])  # fmt: skip
def test_a_wrong_app_is_not_written(tmp_path: Path, values: Mapping[str, Any]) -> None:
    """What reading would refuse is refused before anything is written."""
    with pytest.raises(ConfigError) as refused:
        save_app(tmp_path, values, {"LARKNB_APP_ID": "cli_right", "LARKNB_BRAND": "lark"})
    assert "[app]" in str(refused.value)
    assert "hidden" not in str(refused.value)
    assert not (tmp_path / "larknb.toml").exists()


def test_a_private_host_is_written_once_it_is_trusted(load: Load, tmp_path: Path) -> None:
    """The environment alone says which hosts may get the secret; the file only names one."""
    base, trust = "https://lark.example.com", {"LARKNB_TRUSTED_HOSTS": "lark.example.com"}
    save_app(tmp_path, {"open_base": base, "accounts_base": base}, trust)
    assert load(**trust).open_base == base


@pytest.mark.parametrize(
    "text",
    [
        'app.app_id = "cli_b"\n',
        'app = { brand = "lark" }\n',
        f'[[sources]]\nurl = "{BASE}"\nfilter = {{ conjunction = "and", conditions = [{{ field_name = "A", '
        'operator = "is", value = ["""\n[app]\n"""] }] }\n',
    ],
)
def test_an_app_that_cannot_be_edited_is_left_alone(load: Load, tmp_path: Path, text: str) -> None:
    """Keys in another form than a section are not damaged: the error says to edit them by hand."""
    load(text)
    with pytest.raises(ConfigError, match="by hand"):
        save_app(tmp_path, {"app_id": "cli_a"})
    assert (tmp_path / "larknb.toml").read_text() == text


APP = {
    "app_id": st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True),
    "brand": st.sampled_from(["feishu", "lark"]),
    "identity": st.sampled_from(["user", "tenant"]),
    "token_file": st.just("user") | NAMES,
    "redirect_uris": st.lists(st.integers(11000, 65535).map("http://localhost:{}/a".format), min_size=1, max_size=3),
}
APPS = st.fixed_dictionaries({}, optional=APP)
BOM = b"\xef\xbb\xbf"
NOTES = st.lists(
    st.sampled_from(["", "# 备注", "  # brand = what we are", '# app_id = "cli_old"  # 示例', "#token_file='a#b'"])
)
FRAMES = [
    "# mine\n{}",
    "{}[cache]\ndir = 'a'\n",
    "[cache] # c\n\n{}",
    f"[[sources]]\nurl = '{BASE}'\n\n{{}}\n# end",
]  # with the section alone, first, last, or missing


@given(APPS, APPS, NOTES, st.sampled_from(FRAMES), st.sampled_from(["\n", "\r\n"]), st.sampled_from([b"", BOM]))
def test_any_app_survives_any_file(
    tmp_path_factory: pytest.TempPathFactory, old: dict[str, Any], new: dict[str, Any], notes: list[str], frame: str,
    newline: str, mark: bytes,
) -> None:  # fmt: skip
    """The file says what was asked and what it said before, in its own form, and no line that is not meant changes."""
    root = tmp_path_factory.mktemp("workspace")
    app = "".join(f"{line}\n" for line in ["[app]", *tomlkit.dumps(old).splitlines(), *notes]) if old or notes else ""
    text = frame.format(app)
    (root / "larknb.toml").write_bytes(mark + text.replace("\n", newline).encode())
    save_app(root, new)
    written = (root / "larknb.toml").read_bytes()
    assert written.startswith(mark)
    assert written.count(b"\r\n") == (written.count(b"\n") if newline == "\r\n" else 0)
    after = written.decode("utf-8-sig").replace("\r\n", "\n")
    before = tomllib.loads(text)
    assert {"app": {}, **tomllib.loads(after)} == {**before, "app": {**old, **new}}
    lost = [line for line in text.split("\n") if line not in after.split("\n")]
    assert all(line.lstrip("# ").startswith(tuple(new)) for line in lost)


# --- the price of an import --------------------------------------------------------------------------------------


def test_the_import_is_cheap() -> None:
    """Reading settings needs none of the large libraries, nor those that only an edit needs."""
    code = "import larknb.config.settings, sys; print(*sorted(sys.modules))"
    environment = {**os.environ, "PYTHONPATH": str(Path(larknb.__file__).parents[1])}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    loaded = set(run.stdout.split())
    assert loaded & {"tomlkit", "platformdirs", "requests", "pandas", "pyarrow", "ipywidgets", "filelock"} == set()
