from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from larknb.errors import ConfigError
from larknb.headless.units import install, text, uninstall
from tests.headless.units.conftest import ODD, Machine, job, posix, quiet


def as_cron_runs_it(line: str) -> str:
    """Return what cron gives to the shell: up to a bare %, and without the backslash before a % or another one."""
    command = line.split(maxsplit=5)[5]
    ended = re.match(r"(?:\\.|[^%\\])*", command)
    assert ended is not None
    return re.sub(r"\\([%\\])", r"\1", ended[0])


@posix
def test_a_line_of_a_crontab_runs_what_was_asked(tmp_path: Path) -> None:
    """Through cron's rule and a real shell each argument arrives as it was; the output goes to the log."""
    root = tmp_path / ODD
    (root / "work" / "logs").mkdir(parents=True)
    program = root / "python"
    program.write_text('#!/bin/sh\nprintf "%s\\0" "$LARKNB_LANG" "$@"\n', encoding="utf-8")
    program.chmod(0o700)
    asked = job(root, str(program), names=["100% 'x'", "$(touch /tmp/no)", "-"])
    (line,) = text("cron", asked).splitlines()
    subprocess.run(["/bin/sh", "-c", as_cron_runs_it(line)], check=True, env={"PATH": "/nowhere"})
    given = Path(asked.log).read_text(encoding="utf-8").split("\0")
    assert given == ["en", *asked.command("--once")[1:], ""]


@posix
def test_a_crontab_keeps_all_other_lines(machine: Machine) -> None:
    """Twice installed is one entry, another notebook has its own; in the end there is what was there, to the byte."""
    others = b"MAILTO=me\n# larknb-\xff by hand\n0 3 * * * echo 100\\% # larknb-mine\n\n"
    machine.table.write_bytes(others)
    for _ in range(2):
        assert install("cron", machine.job(interval="90min"), quiet)
    install("cron", machine.job(notebook="other"), quiet)
    table = machine.table.read_bytes()
    assert table.startswith(others)
    assert table.count(b" -m larknb ") == 3  # 90 minutes take two lines
    assert Path(machine.job().log).parent.is_dir()
    assert uninstall("cron", machine.job())
    assert not uninstall("cron", machine.job())
    assert uninstall("cron", machine.job(notebook="other"))
    assert machine.table.read_bytes() == others


@posix
def test_a_first_crontab(machine: Machine) -> None:
    """That there is none yet is fine."""
    assert install("cron", machine.job(), quiet)
    assert machine.table.read_text(encoding="utf-8") == text("cron", machine.job())


@posix
def test_a_crontab_that_cannot_be_read_is_not_overwritten(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason is told, and every line of it is still there."""
    machine.table.write_text("0 3 * * * echo\n", encoding="utf-8")
    monkeypatch.setenv("BROKEN", "1")
    with pytest.raises(ConfigError, match="must not read"):
        install("cron", machine.job(), quiet)
    with pytest.raises(ConfigError, match="must not read"):
        uninstall("cron", machine.job())
    assert machine.table.read_text(encoding="utf-8") == "0 3 * * * echo\n"
