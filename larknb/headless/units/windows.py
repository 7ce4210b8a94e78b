"""Windows: a task of the Task Scheduler that starts one run at each of its times."""

from __future__ import annotations

import getpass
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import ClassVar
from xml.etree import ElementTree as ET

from larknb.headless.units.commands import Command, run
from larknb.headless.units.job import DAY, Job, checked, unnameable
from larknb.headless.units.unit import FileUnit, System, foreign

__all__ = ["Task"]

_NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"
_WHY = """
  Runs only while this person is logged on (InteractiveToken): the network folder, the stored credentials (DPAPI) and
  the login file in the profile are there only then. The folder is named by its network path, since a drive
  letter may not be connected yet. pythonw opens no window.
"""
_VARIABLE = re.compile(r"%[A-Za-z_]\w*%", re.ASCII)  # the Task Scheduler replaces it, and has no way to quote it
Elements = Mapping[str, "str | Elements | list[Elements]"]  # of XML, by name; a list is the same one several times
_SETTINGS = {
    "MultipleInstancesPolicy": "IgnoreNew",
    "DisallowStartIfOnBatteries": "false",
    "StopIfGoingOnBatteries": "false",
    "StartWhenAvailable": "true",  # after a time that was missed
    "ExecutionTimeLimit": "PT0S",  # none but our own --deadline
}


@dataclass(frozen=True)
class Task(FileUnit):
    """A task in the session of the person who made it; its file lies in the workspace."""

    system: ClassVar[System] = "windows"
    tool: ClassVar[str] = "schtasks"
    encoding: ClassVar[str] = "utf-16"
    sign: ClassVar[str] = "<Description>larknb schedule, "

    @property
    def path(self) -> Path:
        """The file that the task is made from."""
        return Path(self.job.root, "work", f"{self.job.name}.xml")

    def text(self) -> str:
        """Return the task as XML."""
        task = ET.Element("Task", version="1.2", xmlns=_NAMESPACE)
        task.append(ET.Comment(_WHY))
        _append(task, _content(self.job))
        ET.indent(task)
        return f'<?xml version="1.0" encoding="UTF-16"?>\n{ET.tostring(task, encoding="unicode")}\n'

    def own_place(self) -> Path:
        """Return where the file is written; ConfigError if it, or the task of this name, is none of ours."""
        place = super().own_place()
        found = run(("schtasks", "/Query", "/TN", self.job.name, "/XML"))
        task = found.stdout.replace(b"\0", b"")  # in UTF-16 or in the code page of the console
        if not found.returncode and task.strip() and self.sign.encode() not in task:
            raise foreign(f"schtasks /Query /TN {self.job.name}")
        return place

    def is_there(self) -> bool:
        """Say whether the Task Scheduler has the task: the file alone starts nothing."""
        return not run(("schtasks", "/Query", "/TN", self.job.name)).returncode

    def switch_on(self) -> Sequence[Command]:
        """Return the command that makes the task of the file."""
        return [("schtasks", "/Create", "/XML", str(self.path), "/TN", self.job.name, "/F")]

    def switch_off(self) -> Sequence[Command]:
        """Return the command that deletes the task."""
        return [("schtasks", "/Delete", "/TN", self.job.name, "/F")]


def _content(job: Job) -> Elements:
    """Return the elements of a task, nested as in the file."""
    user = checked("\\".join(filter(None, (os.environ.get("USERDOMAIN"), getpass.getuser()))))
    python, *arguments = job.command("--once")
    for word in (python, *arguments):
        if _VARIABLE.search(word):
            raise unnameable(word)
    return {
        "RegistrationInfo": {"Description": f"larknb schedule, {job.root}"},
        "Triggers": {"CalendarTrigger": _triggers(job)},
        "Principals": {"Principal": {"UserId": user, "LogonType": "InteractiveToken", "RunLevel": "LeastPrivilege"}},
        "Settings": _SETTINGS,
        "Actions": {
            "Exec": {
                "Command": str(_windowless(job.python)),
                "Arguments": subprocess.list2cmdline(arguments),
                "WorkingDirectory": str(job.root),
            }
        },
    }


def _windowless(python: PurePath) -> PurePath:
    return python.with_name("pythonw.exe") if python.name.lower() == "python.exe" else python


def _triggers(job: Job) -> list[Elements]:
    """Return one trigger for each time of the day, or one that repeats for an interval: a task may have only 48."""
    times = job.times()
    step = DAY // len(times)
    repeats = not job.options.get("at") and step < DAY
    again = {"Repetition": {"Interval": f"PT{step}M", "Duration": "P1D"}} if repeats else {}
    return [
        {"StartBoundary": f"2026-01-01T{hour:02}:{minute:02}:00", **again, "ScheduleByDay": {"DaysInterval": "1"}}
        for hour, minute in (times[:1] if repeats else times)
    ]  # the date only says since when


def _append(parent: ET.Element, content: Elements) -> None:
    """Append elements."""
    for name, value in content.items():
        for each in value if isinstance(value, list) else [value]:
            child = ET.SubElement(parent, name)
            if isinstance(each, Mapping):
                _append(child, each)
            else:
                child.text = each
