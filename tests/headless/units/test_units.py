"""Units put in place and taken away, and what the command line makes of them."""

from __future__ import annotations

import json
import plistlib
import sys
from pathlib import Path

import pytest

from larknb.cli import main
from larknb.cli.parsing import parse
from larknb.config.settings import load_settings
from larknb.errors import ConfigError
from larknb.headless.units import System, install, text, uninstall
from tests.headless.units.conftest import SYSTEMS, Machine, posix, quiet

HOOK = "https://open.feishu.cn/open-apis/bot/v2/hook/hunter2-token"


@posix
def test_an_agent_and_a_task(machine: Machine) -> None:
    """launchd is told the file in the library, Windows one in the workspace, in the encoding that it asks for."""
    cases: list[tuple[System, Path, str, str]] = [
        ("launchd", machine.home / "Library" / "LaunchAgents", "launchctl bootstrap gui/", "launchctl bootout gui/"),
        ("windows", machine.root / "work", "schtasks /Create /XML ", "schtasks /Delete /TN larknb-"),
    ]
    for system, file, on, off in cases:
        assert install(system, machine.job(), quiet)
        (unit,) = file.glob("larknb-*")
        assert unit.read_bytes().decode("utf-16" if system == "windows" else "utf-8") == text(system, machine.job())
        *_, told = machine.told()
        assert told.startswith(on)
        assert str(unit) in told
        assert uninstall(system, machine.job())
        assert machine.told()[-1].startswith(off)
        assert not unit.exists()


@posix
def test_a_machine_without_the_scheduler(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named, and --print recommended."""
    monkeypatch.setenv("PATH", str(machine.root))
    for system in SYSTEMS:
        with pytest.raises(ConfigError, match=f"--install {system} --print"):
            install(system, machine.job(), quiet)


@pytest.mark.parametrize("system", SYSTEMS)
def test_print_works_everywhere(
    system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every system on every system: this interpreter, the options, an absolute notebook, no secret, nothing written."""
    for name in ("LARKNB_APP_SECRET", "LARKNB_NOTIFY_KEY"):
        monkeypatch.setenv(name, "hunter2")
    monkeypatch.setenv("LARKNB_NOTIFY_URL", HOOK)
    monkeypatch.chdir(tmp_path)
    code = main(
        ["--home", str(tmp_path), "schedule", "b", "--notebook", "n.ipynb", "--force", "--install", system, "--print"]
    )
    out = capsys.readouterr().out
    assert code == 0
    for part in ("--force", "n.ipynb", Path(sys.executable).parent.name, tmp_path.name):
        assert part in out
    assert "hunter2" not in out
    assert list(tmp_path.iterdir()) == []


def test_a_unit_asks_for_what_was_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command line of the unit means the same to our own parser as the one it was made from."""
    given = ["--home", str(tmp_path), "schedule", "人力", "b c", "--kind", "bitable", "--accept-shrink"]
    given += ["--keep-runs", "9", "--interval", "2h", "--deadline", "90", "--notebook", "scheduled_sync"]
    assert main([*given, "--install", "launchd", "--print"]) == 0
    _, _, _, _, *command = plistlib.loads(capsys.readouterr().out.encode())["ProgramArguments"]
    assert (args := parse(command)) is not None
    assert args == parse([*given, "--once"])


@posix
def test_a_secret_of_the_shell_is_kept_first(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The unit would not see it: refused, until --save-secrets puts it into files that are for this person alone."""
    monkeypatch.setenv("LARKNB_APP_ID", "cli_a")
    monkeypatch.setenv("LARKNB_APP_SECRET", "hunter2")
    monkeypatch.setenv("LARKNB_NOTIFY_URL", HOOK)
    command = ["--home", str(machine.root), "schedule", "--install", "systemd"]
    assert main(command) == 2
    err = capsys.readouterr().err
    assert "app_secret.json" in err
    assert "notify.json" in err
    assert "--save-secrets" in err
    assert machine.told() == []
    assert main([*command, "--save-secrets"]) == 0
    out = capsys.readouterr().out
    assert "LARKNB_APP_ID" in out
    assert "LARKNB_APP_SECRET" not in out
    kept = load_settings(machine.root, {"LARKNB_APP_ID": "cli_a"})
    assert (kept.app_secret, kept.webhook and kept.webhook.url) == ("hunter2", HOOK)
    (unit,) = machine.home.rglob("*.service")
    assert "hunter2" not in err + out + unit.read_text(encoding="utf-8")
    assert main(["--home", str(machine.root), "schedule", "--uninstall", "systemd"]) == 0
    assert main(["--home", str(machine.root), "schedule", "--uninstall", "systemd"]) == 0
    assert capsys.readouterr().out.splitlines() == ["Removed", "Nothing was installed"]


def test_print_alone_starts_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --install it would be a schedule that nobody asked for."""
    assert main(["--home", str(tmp_path), "schedule", "--print"]) == 2
    assert "--install" in capsys.readouterr().err


def test_secrets_are_kept_alone_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """--save-secrets by itself is how a bot is set up; with nothing to keep it says what to set."""
    command = ["--home", str(tmp_path), "schedule", "--save-secrets"]
    assert main(command) == 2
    assert "LARKNB_NOTIFY_URL" in capsys.readouterr().err
    monkeypatch.setenv("LARKNB_NOTIFY_URL", HOOK)
    monkeypatch.setenv("LARKNB_NOTIFY_KEY", "k")
    assert main(command) == 0
    assert json.loads((tmp_path / "work" / "notify.json").read_bytes()) == {"url": HOOK, "key": "k"}
    assert "hunter2" not in capsys.readouterr().out
