"""cron: lines in the user's crontab, each of which starts one run at its times."""

from __future__ import annotations

import re
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

_AFTER_A_CUT_LINE = b" (the line above had no end)"  # behind the mark of a line that gave it one


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
            f"{_field(minutes, 60)} {_field(hours, 24)} * * * {command} # {self.job.name}\n"
            for hours, minutes in self.job.hours().items()
        )

    def put_in_place(self, text: str, tell: Tell) -> bool:
        """Add the lines to the crontab in place of those of the same job; every other byte stays."""
        others, ours = self._without(_read()), text.encode()
        is_cut = bool(others) and not others.endswith(b"\n")
        if is_cut or _is_after_a_cut_line(others):
            ours = ours.replace(b"\n", _AFTER_A_CUT_LINE + b"\n")
        _write(others + b"\n" * is_cut + ours)
        tell(say("install.crontab"))
        return True

    def take_away(self) -> bool:
        """Remove the lines from the crontab; False if there were none."""
        before = _read()
        others = self._without(before)
        if others == before:
            return False
        _write(others)
        return True

    def is_there(self) -> bool:
        """Say whether the crontab has the lines."""
        before = _read()
        return self._without(before) != before

    def _command(self) -> str:
        log = shlex.quote(str(self.job.log))
        command = f"{LANG}={language()} {shlex.join(self.job.command('--once'))} >> {log} 2>&1"
        return command.replace("\\", "\\\\").replace("%", "\\%")  # cron drops one \ and ends the command at a bare %

    def _without(self, crontab: bytes) -> bytes:
        """Return a crontab without the lines of this job, and without the line end that they gave to another line."""
        # To the shell the mark is a comment; a line that a person switched off by a # in front is that person's.
        mark = rb" -m larknb .* # " + re.escape(self.job.name.encode()) + rb"(%s)?\s*$" % re.escape(_AFTER_A_CUT_LINE)
        lines = re.findall(rb"[^\n]*\n|[^\n]+", crontab)
        others = b"".join(line for line in lines if line.lstrip().startswith(b"#") or not re.search(mark, line))
        if others != crontab and _is_after_a_cut_line(crontab) and not _is_after_a_cut_line(others):
            return others.removesuffix(b"\n")
        return others


def _is_after_a_cut_line(crontab: bytes) -> bool:
    """Say whether the last line of a crontab is one of ours behind a line that had no end."""
    return crontab.rstrip().endswith(_AFTER_A_CUT_LINE)


def _field(values: Sequence[int], count: int) -> str:
    return "*" if len(values) == count else ",".join(map(str, values))


def _read() -> bytes:
    """Return the user's crontab; ConfigError if it cannot be read, since what is not known would be overwritten."""
    done = run(("crontab", "-l"))
    if done.returncode and b"no crontab" not in done.stderr:
        raise _failed(done)
    return b"" if done.returncode else done.stdout


def _write(crontab: bytes) -> None:
    done = run(("crontab", "-"), crontab)
    if done.returncode and crontab and not crontab.endswith(b"\n"):  # most crons take no last line without its end
        done = run(("crontab", "-"), crontab + b"\n")
    if done.returncode:
        raise _failed(done)


def _failed(done: subprocess.CompletedProcess[bytes]) -> ConfigError:
    return ConfigError(say("install.cron.what", reason=reason(done)), next=say("install.cron.next"))
