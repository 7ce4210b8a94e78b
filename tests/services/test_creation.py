"""An app for a folder that has none: where it is asked for, with which scopes, and what is kept of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from larknb.auth.creation import AppCreation
from larknb.config.settings import load_settings
from larknb.errors import LarkError
from larknb.sandbox import Sandbox
from larknb.services.account import begin_login
from larknb.services.context import Context
from larknb.services.creation import can_create, create_app, is_creating
from tests.conftest import Clock

Browser = Callable[[str], requests.Response]
Create = Callable[..., AppCreation]


@pytest.fixture
def root(tmp_path: Path, box: Sandbox) -> Path:
    text = f'# mine\n[app]\nopen_base = "{box.url}"\naccounts_base = "{box.url}"\n'
    (tmp_path / "larknb.toml").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def create(root: Path, clock: Clock) -> Create:
    def create(**app: Any) -> AppCreation:
        context = Context(root, clock=clock, sleep=clock.sleep)
        return create_app(context, context.settings, context.sources, app)

    return create


def asked_scopes(box: Sandbox, creation: AppCreation, browser: Browser) -> dict[str, Any]:
    browser(creation.pages["feishu"])
    (made,) = box.registrations.by_code.values()
    scopes: dict[str, Any] = (made.addons or {})["scopes"]
    return scopes


def test_what_is_kept_of_a_new_app(create: Create, root: Path, box: Sandbox, browser: Browser) -> None:
    """App ID, brand and the way of its logins in the settings; the secret in its own file, for its owner alone."""
    creation = create(token_file="user")
    browser(creation.pages["feishu"])
    creation.wait()
    settings = load_settings(root)
    assert (settings.app_id, settings.app_secret, settings.login) == (box.app_id, box.app_secret, "device")
    assert settings.open_base == box.url
    assert root not in settings.token_file.parents
    text = (root / "larknb.toml").read_text(encoding="utf-8")
    assert text.startswith("# mine")
    assert box.app_secret not in text
    if os.name != "nt":
        assert (root / "work" / "app_secret.json").stat().st_mode & 0o777 == 0o600
    assert not can_create(settings)


def test_a_company_on_lark(create: Create, root: Path, box: Sandbox, browser: Browser) -> None:
    """With hosts of one's own what the platform told is the brand; the hosts stay."""
    box.scan_brand = "lark"
    creation = create()
    browser(creation.pages["lark"])
    creation.wait()
    settings = load_settings(root)
    assert (settings.brand, settings.accounts_base) == ("lark", box.url)


def test_without_hosts_of_ones_own_it_begins_at_feishu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also for Lark, whose host is asked when the company turns out to be there; nothing else is asked."""
    asked: list[str] = []

    def send(*args: Any, **kwargs: Any) -> Any:
        asked.append(str(args[1].url))
        raise requests.ConnectionError("no network here")

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send)
    (tmp_path / "larknb.toml").write_text('[app]\nbrand = "lark"\n', encoding="utf-8")
    context = Context(tmp_path, sleep=lambda _: None)
    with pytest.raises(LarkError):
        create_app(context, context.settings, ())
    assert {*asked} == {"https://accounts.feishu.cn/oauth/v1/app/registration"}


@pytest.mark.parametrize(
    ("sources", "user", "tenant"),
    [
        ("", {"offline_access", "base:record:retrieve", "docx:document:readonly"}, None),
        ('[[sources]]\nurl = "{url}/sheets/S1"\n', {"offline_access", "sheets:spreadsheet:readonly"}, None),
        (
            '[[sources]]\nurl = "{url}/sheets/S1"\nidentity = "tenant"\n',
            {"offline_access"},
            {"drive:drive.metadata:readonly", "sheets:spreadsheet:readonly"},
        ),
    ],
)
def test_the_page_begins_with_the_scopes_of_the_sources(
    create: Create, root: Path, box: Sandbox, browser: Browser, sources: str, user: set[str], tenant: set[str] | None
) -> None:
    """For a person and for the app itself; without sources with those of whatever may come."""
    file = root / "larknb.toml"
    file.write_text(file.read_text(encoding="utf-8") + sources.format(url=box.url), encoding="utf-8")
    found = asked_scopes(box, create(), browser)
    assert user <= {*found["user"]}
    assert ("base:record:retrieve" in found["user"]) == ("base:record:retrieve" in user)
    assert (None if "tenant" not in found else {*found["tenant"]}) == tenant


@pytest.mark.parametrize(
    ("text", "secret", "can"),
    [("", "", True), ('[app]\napp_id = "cli_a"\n', "", False), ("", "x" * 32, False)],
)
def test_where_an_app_can_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, secret: str, can: bool
) -> None:
    """Where neither an App ID nor a variable with a secret is there."""
    (tmp_path / "larknb.toml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("LARKNB_APP_SECRET", secret)
    assert can_create(load_settings(tmp_path)) is can


def test_whether_one_is_waited_for(create: Create, root: Path, clock: Clock) -> None:
    """As long as its code lives."""
    context = Context(root, clock=clock)
    assert not is_creating(context, context.settings)
    create()
    assert is_creating(context, context.settings)
    clock.advance(600)
    assert not is_creating(context, context.settings)


def test_a_new_app_logs_in_by_device_code(create: Create, root: Path, box: Sandbox, browser: Browser) -> None:
    """A login that names no way takes it: on any other page it would end, for the app has no redirect URL."""
    creation = create()
    browser(creation.pages["feishu"])
    creation.wait()
    with begin_login(Context(root)) as login:
        assert "/oauth/v1/device/verify" in login.url
        assert parse_qs(urlsplit(login.url).query)["user_code"]


def test_a_folder_without_sources_is_asked_once(create: Create, root: Path, box: Sandbox, browser: Browser) -> None:
    """The first login with a new app asks for whatever may come, so that the first source needs no second one."""
    creation = create()
    browser(creation.pages["feishu"])
    creation.wait()
    with begin_login(Context(root)) as login:
        assert {"base:record:retrieve", "sheets:spreadsheet:readonly", "docx:document:readonly"} <= {*login.scopes}


def test_scopes_that_the_platform_dropped_are_told(create: Create, root: Path, box: Sandbox, browser: Browser) -> None:
    """What the page was asked to fill in may be ignored: the login says what the app lacks, and where to enable it."""
    box.addons_released = False
    file = root / "larknb.toml"
    file.write_text(file.read_text(encoding="utf-8") + f'[[sources]]\nurl = "{box.url}/sheets/S1"\n', encoding="utf-8")
    creation = create()
    browser(creation.pages["feishu"])
    creation.wait()
    box.scopes.add("offline_access")
    with begin_login(Context(root)) as login:
        assert "sheets:spreadsheet:readonly" in login.shortfall()
        assert f"/app/{box.app_id}/auth" in login.shortfall()
