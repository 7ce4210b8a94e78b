from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from larknb.errors import ConfigError
from larknb.headless.units import install, text, uninstall
from tests.headless.units.conftest import DATA, ODD, Machine, job, posix, quiet


def section(unit: str, key: str) -> str:
    return next(line.partition("=")[2] for line in unit.splitlines() if line.startswith(f"{key}="))


def words_of(line: str) -> list[str]:
    """Split a command line as systemd.syntax(7) and systemd.service(5) tell it."""
    words = re.findall(r'"((?:[^"\\]|\\.)*)"(?:\s+|$)', line)
    assert " ".join(f'"{word}"' for word in words) == line
    words = [re.sub(r"\\(.)", r"\1", word).replace("%%", "\0") for word in words]
    assert not any("%" in word for word in words)
    words = [word.replace("\0", "%") for word in words]
    arguments = [word.replace("$$", "\0") for word in words[1:]]
    assert not any("$" in word for word in arguments)
    return [words[0], *(word.replace("\0", "$") for word in arguments)]


def test_a_service_says_what_was_asked() -> None:
    """The words of its command line are those of the command, whatever they hold; it runs the schedule itself."""
    unit = text("systemd", job())
    assert words_of(section(unit, "ExecStart")) == job().command()
    assert section(unit, "WorkingDirectory").replace("%%", "%") == f"/data/{ODD}"
    assert section(unit, "Restart") == "on-failure"
    assert section(unit, "RestartPreventExitStatus") == "2"
    with pytest.raises(ConfigError):
        text("systemd", job(DATA / "ends with\\"))


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze here")
def test_systemd_finds_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own verifier reads the unit without a word."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    root = tmp_path / ODD
    root.mkdir()
    file = tmp_path / "larknb-test.service"
    file.write_text(text("systemd", job(root, sys.executable)), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", str(file)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@posix
def test_a_service_is_put_in_place_and_taken_away(machine: Machine) -> None:
    """Written and enabled for after the logout, too; a second time it is stopped first; afterwards nothing is left."""
    name = machine.job().name
    file = machine.home / ".config" / "systemd" / "user" / f"{name}.service"
    on = ["systemctl --user daemon-reload", f"systemctl --user enable --now {name}.service", "loginctl enable-linger"]
    off = f"systemctl --user disable --now {name}.service"
    assert install("systemd", machine.job(), quiet)
    assert (machine.told(), file.read_text(encoding="utf-8")) == (on, text("systemd", machine.job()))
    assert install("systemd", machine.job(force=True), quiet)
    assert machine.told() == [off, *on]
    assert "--force" in file.read_text(encoding="utf-8")
    assert uninstall("systemd", machine.job())
    assert (machine.told(), file.exists()) == ([off, on[0]], False)
    assert not uninstall("systemd", machine.job())
    assert machine.told() == []
