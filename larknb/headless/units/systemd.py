"""systemd: a service of the user that keeps ``larknb schedule`` running."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from larknb.env import LANG
from larknb.headless.units.commands import Command
from larknb.headless.units.job import unnameable
from larknb.headless.units.unit import FileUnit, System
from larknb.messages import language

__all__ = ["Service"]

_MANAGER = ("systemctl", "--user")
_NOT_IN_A_PROGRAM = "'\"\\"  # systemd takes them in an argument, but in no name of a program, however quoted


@dataclass(frozen=True)
class Service(FileUnit):
    """A service that runs the schedule itself, on our own clock.

    Only a wrong setting (exit code 2) ends it for good. ``KillMode=mixed`` signals the run alone, which then ends its
    kernel itself and saves the notebook.
    """

    system: ClassVar[System] = "systemd"
    tool: ClassVar[str] = "systemctl"
    sign: ClassVar[str] = "Description=larknb schedule, "

    @property
    def path(self) -> Path:
        """The file in the folder of the user's units."""
        config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
        return config / "systemd" / "user" / self._unit

    def text(self) -> str:
        """Return the unit file."""
        folder = str(self.job.root).replace("%", "%%")
        if folder.endswith(("\\", " ")):
            raise unnameable(str(self.job.root))
        if {*_NOT_IN_A_PROGRAM} & {*str(self.job.python)}:
            raise unnameable(str(self.job.python))
        return f"""\
[Unit]
Description=larknb schedule, {folder}

[Service]
WorkingDirectory={folder}
Environment={LANG}={language()}
ExecStart={_command_line(self.job.command())}
Restart=on-failure
RestartSec=60
RestartPreventExitStatus=2
SuccessExitStatus=130 143
KillMode=mixed

[Install]
WantedBy=default.target
"""

    def switch_on(self) -> Sequence[Command]:
        """Return the commands that start it, now and after each boot, whoever is logged on."""
        return [*self.forget(), (*_MANAGER, "enable", "--now", self._unit), ("loginctl", "enable-linger")]

    def switch_off(self) -> Sequence[Command]:
        """Return the command that stops it."""
        return [(*_MANAGER, "disable", "--now", self._unit)]

    def forget(self) -> Sequence[Command]:
        """Return the command that lets systemd read its files again."""
        return [(*_MANAGER, "daemon-reload")]

    @property
    def _unit(self) -> str:
        return f"{self.job.name}.service"


def _command_line(command: Sequence[str]) -> str:
    program, *arguments = command
    # systemd replaces variables in every word but the first.
    return " ".join([_quote(program), *(_quote(argument).replace("$", "$$") for argument in arguments)])


def _quote(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'
