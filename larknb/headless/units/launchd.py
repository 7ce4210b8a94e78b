"""launchd: an agent of the user, on macOS, that starts one run at each of its times."""

from __future__ import annotations

import os
import plistlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from larknb.env import LANG
from larknb.headless.units.commands import Command
from larknb.headless.units.job import Job
from larknb.headless.units.unit import FileUnit, System
from larknb.messages import language

__all__ = ["Agent"]


@dataclass(frozen=True)
class Agent(FileUnit):
    """An agent; times that pass while the machine sleeps are made up for by one run when it wakes."""

    system: ClassVar[System] = "launchd"
    tool: ClassVar[str] = "launchctl"
    sign: ClassVar[str] = "<string>-m</string>\n\t\t<string>larknb</string>"

    @property
    def path(self) -> Path:
        """The file in the folder of the user's agents."""
        return Path.home() / "Library" / "LaunchAgents" / f"{self.job.name}.plist"

    def text(self) -> str:
        """Return the property list."""
        agent = {
            "Label": self.job.name,
            "ProgramArguments": self.job.command("--once"),
            "WorkingDirectory": str(self.job.root),
            "EnvironmentVariables": {LANG: language()},
            "StartCalendarInterval": list(_calendar(self.job)),
            "RunAtLoad": True,
            "StandardOutPath": str(self.job.log),
            "StandardErrorPath": str(self.job.log),
        }
        return plistlib.dumps(agent, sort_keys=False).decode()

    def switch_on(self) -> Sequence[Command]:
        """Return the command that loads the agent."""
        return [("launchctl", "bootstrap", _domain(), str(self.path))]

    def switch_off(self) -> Sequence[Command]:
        """Return the command that unloads the agent."""
        return [("launchctl", "bootout", f"{_domain()}/{self.job.name}")]


def _calendar(job: Job) -> Iterator[dict[str, int]]:
    """Yield the times of a day; what is left out means every hour, or every minute."""
    for hours, minutes in job.hours().items():
        every_hour: list[dict[str, int]] = [{}] if len(hours) == 24 else [{"Hour": hour} for hour in hours]
        every_minute: list[dict[str, int]] = [{}] if len(minutes) == 60 else [{"Minute": minute} for minute in minutes]
        yield from (hour | minute for hour in every_hour for minute in every_minute)


def _domain() -> str:
    """Return the user's session; on Windows, where an agent can only be printed, there is none."""
    if sys.platform == "win32":
        return ""
    return f"gui/{os.getuid()}"
