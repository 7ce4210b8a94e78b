"""The doctor: each seeded fault alone is found, and a healthy folder has none."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from larknb.messages import speaking
from larknb.sandbox import Fault, Sandbox
from larknb.services.doctor import doctor
from larknb.workspace import Workspace
from tests.conftest import Clock, Lab
from tests.services.seeding import (
    edit_login,
    edit_settings,
    lose_app_scopes,
    lose_offline,
    open_secret,
    read_as_outside_app,
    refuse_proxy,
    run_on_clock,
    spoil,
)

Seed = Callable[[Lab, pytest.MonkeyPatch], object]


def test_a_healthy_folder_has_no_fault(synced: Lab) -> None:
    """Nearly all is fine, the rest are notes, and looking changed nothing."""
    before = {path: path.read_bytes() for path in synced.workspace.root.rglob("*") if path.is_file()}
    report = synced.workspace.doctor()
    assert report.ok
    assert report.faults == ()
    assert {each.check for each in report if each.level == "ok"} >= {
        "clock", "hosts", "secret", "app", "redirect", "login", "refresh", "scopes", "sources", "quota", "cache",
        "disk", "permissions", "schedule", "versions",
    }  # fmt: skip
    counted = {"usage.json", "usage.copy.json"}
    assert all(path.read_bytes() == data for path, data in before.items() if path.name not in counted)


# --- one fault at a time --------------------------------------------------------------------------------------------

FULL = SimpleNamespace(total=10**12, used=10**12 - 10**7, free=10**7)

# What is seeded -> the check that tells of it, some of its words, and how it is seeded.
SEEDS: dict[str, tuple[str, str, Seed]] = {
    "clock ahead": ("clock", "26.0 h ahead", lambda lab, _: run_on_clock(lab, 26 * 3600)),
    "wrong brand": ("brand", "knows no app", lambda lab, _: setattr(lab.box, "wrong_brand", True)),
    "wrong secret": ("secret", "wrong", lambda lab, _: lab.workspace.save_secret("x" * 32)),
    "app not published": ("app", "no published version", lambda lab, _: setattr(lab.box, "published", False)),
    "scope of the app": ("scopes", "base:table:read", lambda lab, _: lose_app_scopes(lab, "base:table", "bitable:app")),
    "scope not granted": ("scopes", "not granted", lambda lab, _: edit_login(lab, scope="offline_access drive:drive")),
    "redirect": ("redirect", "127.0.0.1", lambda lab, _: lab.box.redirect_uris.clear()),
    "no offline_access": ("offline_access", "cannot renew", lambda lab, _: lose_offline(lab)),
    "refresh switch": ("refresh", "may not renew", lambda lab, _: setattr(lab.box, "refresh_enabled", False)),
    "app no collaborator": ("sources", "app itself may not read", lambda lab, _: read_as_outside_app(lab)),
    "advanced permissions": ("permissions", "advanced", lambda lab, _: setattr(lab.base, "is_advanced", True)),
    "quota used up": ("quota", "used up", lambda lab, _: lab.reply(99991403, "metas", times=None)),
    "bundle gone": ("tls", "/gone/ca.pem", lambda _, env: env.setenv("REQUESTS_CA_BUNDLE", "/gone/ca.pem")),
    "proxy refusing": ("proxy", "Could not reach", lambda _, env: refuse_proxy(env)),
    "manifest damaged": ("cache", "manifest.json", lambda lab, _: spoil(lab, "manifest.json")),
    "token file open": ("permissions", "644", lambda lab, _: lab.workspace.settings.token_file.chmod(0o644)),
    "disk nearly full": ("disk", "nearly full", lambda _, env: env.setattr(shutil, "disk_usage", lambda path: FULL)),
}  # fmt: skip
OTHERS: dict[str, tuple[str, str, Seed]] = {
    "clock behind": ("clock", "26.0 h behind", lambda lab, _: run_on_clock(lab, -26 * 3600)),
    "wrong app id": ("brand", "knows no app", lambda lab, _: setattr(lab.box, "app_id", "cli_another000000001")),
    "app disabled": ("app", "disabled", lambda lab, _: lab.reply(10014, "tenant_token", times=None)),
    "app not installed": ("app", "disabled", lambda lab, _: lab.reply(99991673, "metas", times=None)),
    "scope of the gate": ("scopes", "metadata", lambda lab, _: lose_app_scopes(lab, "drive:drive")),
    "offline_access of the app": ("offline_access", "lacks", lambda lab, _: lose_app_scopes(lab, "offline_access")),
    "refresh token revoked": ("refresh", "used or revoked", lambda lab, _: lab.box.revoke_refresh()),
    "nobody logged in": ("login", "logged in", lambda lab, _: lab.workspace.logout()),
    "no access": ("sources", "may not read", lambda lab, _: setattr(lab.base, "readers", {"tenant"})),
    "source deleted": ("sources", "not found", lambda lab, _: lab.reply(1254040, "tables", times=None)),
    "address not allowed": ("sources", "allow-list", lambda lab, _: lab.reply(99991401, "metas", times=None)),
    "quota at once": ("quota", "used up", lambda lab, _: lab.reply(99991403, "tenant_token", times=None)),
    "budget": ("quota", "used up", lambda lab, _: edit_settings(lab, "[app]", "[budget]\nmonthly_calls = 3\n[app]")),
    "bundle empty": ("tls", "/dev/null", lambda _, env: env.setenv("CURL_CA_BUNDLE", "/dev/null")),
    "proxy that is none": ("proxy", "address", lambda _, env: env.setenv("HTTPS_PROXY", "http://")),
    "table for reading damaged": ("cache", "people.parquet", lambda lab, _: spoil(lab, "people.parquet")),
    "table damaged": ("cache", "people.raw.parquet", lambda lab, _: spoil(lab, "people.raw.parquet")),
    "secret file open": ("permissions", "app_secret", lambda lab, _: open_secret(lab)),
    "setting": ("settings", "larknb.toml", lambda lab, _: edit_settings(lab, "[app]", "[app]\nbrandy = 1")),
}  # fmt: skip


@pytest.mark.parametrize("name", [*SEEDS, *(pytest.param(name, marks=pytest.mark.soak) for name in OTHERS)])
def test_a_seeded_fault_is_found(name: str, synced: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told by its own check, with cause and advice, and nothing else is called a fault because of it."""
    check, words, seed = (SEEDS | OTHERS)[name]
    seed(synced, monkeypatch)
    report = synced.workspace.doctor()
    assert not report.ok
    assert {each.check for each in report.faults} == {check}, report
    told = next(each for each in report.faults if words in f"{each.what} {each.why}")
    assert all((told.what, told.why, told.next))
    assert "hunter2" not in f"{report}{report.to_dict()}"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_findings_speak_the_language_of_whoever_asks(language: str, synced: Lab) -> None:
    """Also those of checks that run in threads of their own."""
    synced.box.refresh_enabled = False
    with speaking(language):
        told = repr(synced.workspace.doctor())
    assert ("故障" in told, "刷新" in told) == (language == "zh",) * 2


@pytest.mark.parametrize("endpoint", [None, "search"])
def test_a_platform_that_hangs_is_told_in_time(endpoint: str | None, synced: Lab) -> None:
    """Whatever request it is that hangs: the report comes, and says that the platform does not answer."""
    synced.base.is_advanced = True
    synced.box.faults.add(Fault.hang(5), endpoint=endpoint, times=None)
    report = doctor(synced.workspace.context, limit=0.7)
    assert any("did not answer" in each.what for each in report.faults)
    assert any(each.check == "disk" and each.level == "ok" for each in report)


def test_a_check_that_crashes_is_a_finding(synced: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """All others are there, and no traceback is."""
    monkeypatch.setattr(shutil, "disk_usage", lambda path: path.nothing)
    report = synced.workspace.doctor()
    assert (
        next(each for each in report if each.check == "disk").what == "This check failed unexpectedly (AttributeError)"
    )
    assert report.ok
    assert len(report) > 10


def test_the_report_can_be_passed_on(synced: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """No token, no secret, no home folder; what others named is harmless in HTML."""
    monkeypatch.setenv("HOME", str(synced.workspace.root.parent))
    synced.workspace.settings.token_file.chmod(0o644)
    edit_settings(synced, 'name = "s1"', 'name = "<b>s1</b>"')
    report = synced.workspace.doctor()
    told = f"{report!r}{report._repr_html_()}{json.dumps(report.to_dict())}{report.to_frame().to_csv()}"
    assert not [secret for secret in synced.box.secrets() if secret in told]
    assert str(synced.workspace.root.parent) not in told
    assert "~/ws/work" in told
    assert "<b>s1" not in report._repr_html_()


def test_a_folder_without_anything_says_what_is_missing(tmp_path: Path, box: Sandbox, clock: Clock) -> None:
    """Before the first setting there is one thing to do, and it is told."""
    text = f'[app]\nopen_base = "{box.url}"\naccounts_base = "{box.url}"\n'
    (tmp_path / "larknb.toml").write_text(text, encoding="utf-8")
    report = Workspace(tmp_path, clock=clock).doctor()
    assert [each.check for each in report.faults] == ["secret"]
