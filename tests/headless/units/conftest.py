from __future__ import annotations

import os
import sys
from pathlib import Path, PurePath, PurePosixPath
from typing import Any

import pytest

from larknb.headless.units import Job, System

posix = pytest.mark.skipif(os.name == "nt", reason="such a path, and a shell script as a program, are POSIX")

SYSTEMS: list[System] = ["systemd", "cron", "windows", "launchd"]
DATA = PurePosixPath("/data")
ODD = """共享 盘 100% "x" $HOME ${HOME} %h 'q' b\\c"""


def job(root: PurePath = DATA / ODD, python: str = "/usr/bin/python3", **options: Any) -> Job:
    return Job(root, {"notebook": "scheduled_sync", "interval": "1h", **options}, type(root)(python))


CRONTAB = """\
#!/bin/sh
test -n "$BROKEN" && { echo "must not read" >&2; exit 1; }
case "$1" in
-l) test -f "$TABLE" && cat "$TABLE" || { echo "no crontab for me" >&2; exit 1; } ;;
-) cat > "$TABLE" ;;
esac
"""


RECORDER = """\
#!/bin/sh
echo "${0##*/} $*" >> "$CALLS"
case "$*" in *"$REFUSE"*) echo "no such bus" >&2; exit 1 ;; esac
"""


class Machine:
    """A home folder, and the programs that a scheduler is told by: they note what they are told."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.programs, self.home, self.table = folder / "bin", folder / "home", folder / "table"
        self.calls, self.root = folder / "calls", folder / "共享 盘"
        for path in (self.programs, self.home, self.root):
            path.mkdir()
        variables = {"HOME": self.home, "TABLE": self.table, "CALLS": self.calls, "REFUSE": "nothing"}
        for name, value in variables.items():
            monkeypatch.setenv(name, str(value))
        monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
        monkeypatch.setenv("PATH", f"{self.programs}{os.pathsep}/usr/bin{os.pathsep}/bin")
        self.add("crontab", CRONTAB)
        for name in ("systemctl", "loginctl", "launchctl", "schtasks"):
            self.add(name, RECORDER)

    def add(self, name: str, script: str) -> None:
        (self.programs / name).write_text(script, encoding="utf-8")
        (self.programs / name).chmod(0o700)

    def told(self) -> list[str]:
        """Return the calls since the last look."""
        lines = self.calls.read_text(encoding="utf-8").splitlines() if self.calls.exists() else []
        self.calls.unlink(missing_ok=True)
        return lines

    def job(self, **options: Any) -> Job:
        return job(self.root, sys.executable, **options)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def quiet(_: str) -> None:
    pass
