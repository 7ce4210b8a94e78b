"""The commands about the login; the questions of ``larknb init`` are told in tests/services/test_setup.py."""

from __future__ import annotations

import json

import pytest

from larknb.cli import main
from larknb.sandbox import Fault
from tests.conftest import Lab, sign_in

from .running import run


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_help_is_complete(lang: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Every option says what it is for."""
    monkeypatch.setenv("LARKNB_LANG", lang)
    assert main(["init", "--help"]) == 0
    shown = capsys.readouterr().out
    for option in ("app-id", "brand", "secret-stdin", "redirect-uri", "token-file", "open-base", "source"):
        assert f"--{option}" in shown


def test_a_login_that_is_there_is_shown(home: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """Logging in a second time asks nobody and shows what whoami shows."""
    code, out, _ = run(capsys, "login")
    assert (code, out) == (0, run(capsys, "whoami")[1])
    assert home.box.app_id in out


def test_whoami_for_programs(home: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """The dates are epoch seconds, the scopes a list, and no token is among them."""
    code, out, _ = run(capsys, "whoami", "--json")
    user = json.loads(out)
    assert (code, user["app_id"], user["identity"]) == (0, home.box.app_id, "user")
    assert user["access_ends_at"] > home.clock.now
    assert "offline_access" in user["scopes"]
    assert not [secret for secret in home.box.secrets() if secret in out]


def test_logout_says_that_the_data_stays(home: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """Afterwards whoami ends with 3; a second logout is no error."""
    code, out, _ = run(capsys, "logout")
    assert (code, "cached data stays" in out) == (0, True)
    assert run(capsys, "whoami")[0] == 3
    assert run(capsys, "logout")[0] == 0


def test_a_logout_is_done_whatever_the_platform_says(home: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """What it did not confirm is told, and the code is 0; with --local nobody asks it."""
    home.box.faults.add(Fault.drop(), endpoint="revoke", times=None)
    assert run(capsys, "logout", "--local")[::2] == (0, "")
    sign_in(home.workspace, home.box)
    code, _, err = run(capsys, "logout")
    assert (code, "did not confirm" in err) == (0, True)


def test_nobody_to_ask_is_3(home: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """On a pipe a login that needs a person ends at once, and says where to do it."""
    run(capsys, "logout")
    code, _, err = run(capsys, "login")
    assert (code, "larknb login" in err) == (3, True)
