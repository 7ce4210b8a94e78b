"""cron: lines in the user's crontab, each of which starts one run at its times."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from larknb.env import LANG
from larknb.errors import ConfigError
from larknb.headless.units.commands import reason, run
from larknb.headless.units.job import Job
from larknb.headless.units.unit import System, Tell
from larknb.messages import language, say

__all__ = ["CrontabLines"]


@dataclass(frozen=True)
class CrontabLines:
    """One line, or several where the hours of a day do not share their minutes."""

    job: Job
    system: ClassVar[System] = "cron"
    tool: ClassVar[str] = "crontab"

    def text(self) -> str:
        """Return the lines."""
        command = self._command()
        return "".join(
            f"{_field(minutes, 60)} {_field(hours, 24)} * * * {command} {self._mark}\n"
            for hours, minutes in self.job.hours().items()
        )

    def put_in_place(self, text: str, tell: Tell) -> bool:
        """Add the lines to the crontab in place of those of the same job; every other byte stays."""
        _write(self._other_lines(_read()) + text)
        tell(say("install.crontab"))
        return True

    def take_away(self) -> bool:
        """Remove the lines from the crontab; False if there were none."""
        before = _read()
        others = self._other_lines(before)
        if others == before:
            return False
        _write(others)
        return True

    def _command(self) -> str:
        log = shlex.quote(str(self.job.log))
        command = f"{LANG}={language()} {shlex.join(self.job.command('--once'))} >> {log} 2>&1"
        return command.replace("\\", "\\\\").replace("%", "\\%")  # cron drops one \ and ends the command at a bare %

    @property
    def _mark(self) -> str:
        """What tells our lines from all others; to the shell it is a comment."""
        return f"# {self.job.name}"

    def _other_lines(self, crontab: str) -> str:
        lines = crontab.splitlines(keepends=True)
        return "".join(line for line in lines if not line.rstrip().endswith(self._mark))


def _field(values: Sequence[int], count: int) -> str:
    return "*" if len(values) == count else ",".join(map(str, values))


def _read() -> str:
    """Return the user's crontab; ConfigError if it cannot be read, since what is not known would be overwritten."""
    done = run(("crontab", "-l"))
    if done.returncode and b"no crontab" not in done.stderr:
        raise _failed(done)
    return "" if done.returncode else done.stdout.decode("utf-8", "surrogateescape")


def _write(crontab: str) -> None:
    done = run(("crontab", "-"), crontab.encode("utf-8", "surrogateescape"))
    if done.returncode:
        raise _failed(done)


def _failed(done: subprocess.CompletedProcess[bytes]) -> ConfigError:
    return ConfigError(say("install.cron.what", reason=reason(done)), next=say("install.cron.next"))
