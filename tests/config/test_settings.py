"""One file and the environment become settings, or a message that names the place and what it accepts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

import larknb
from larknb.config.settings import find_root, load_settings
from larknb.errors import ConfigError
from larknb.model import Policy

from .conftest import BASE, WIKI, Load


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
        login = "device"
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
    assert settings.login == "device"
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


def test_the_bot_tells_of_changes_where_it_is_asked_to(load: Load) -> None:
    """By the file or by a variable; another word is refused with those that there are."""
    assert load("").tell == "failures"
    assert load('[schedule]\ntell = "changes"').tell == "changes"
    assert load("", LARKNB_TELL="changes").tell == "changes"
    with pytest.raises(ConfigError, match="changes"):
        load('[schedule]\ntell = "all"')


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


MISTAKES = {
    "unknown section": ("[cash]\n", ["[cash]", "did you mean cache", "sources"]),
    "unknown key": ('[cache]\nmax_aged = "1h"\n', ["max_aged", "[cache]", "did you mean max_age", "full_every"]),
    "section of one source": ("[source]\n", ["did you mean sources"]),
    "no section": ("cache = 1\n", ["[cache]", "section"]),
    "sources without brackets": ('[sources]\nurl = "x"\n', ["[[sources]]"]),
    "brand": ('[app]\nbrand = "Feishu"\n', ["Feishu", "brand", "did you mean feishu", '"lark"']),
    "identity": ('[app]\nidentity = "bot"\n', ["identity", '"user"', '"tenant"']),
    "login": ('[app]\nlogin = "scan"\n', ["login", '"auto"', '"device"']),
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


def test_the_import_is_cheap() -> None:
    """Reading settings needs none of the large libraries, nor those that only an edit needs."""
    code = "import larknb.config.settings, sys; print(*sorted(sys.modules))"
    environment = {**os.environ, "PYTHONPATH": str(Path(larknb.__file__).parents[1])}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    loaded = set(run.stdout.split())
    assert loaded & {"tomlkit", "platformdirs", "requests", "pandas", "pyarrow", "ipywidgets", "filelock"} == set()


@pytest.mark.parametrize(("written", "variable", "found"), [("", "", "v2"), ("v3", "", "v3"), ("v3", "v2", "v2")])
def test_the_version_of_the_token_endpoint(load: Load, written: str, variable: str, found: str) -> None:
    """The older one by default; the variable goes before the file."""
    text = f'[app]\ntoken_endpoint = "{written}"\n' if written else ""
    env = {"LARKNB_TOKEN_ENDPOINT": variable} if variable else {}
    assert load(text, **env).token_endpoint == found


def test_a_token_endpoint_that_there_is_none_of(load: Load) -> None:
    """The error names the place and the accepted values."""
    with pytest.raises(ConfigError, match=r"token_endpoint.*v2.*v3"):
        load('[app]\ntoken_endpoint = "v1"\n')
