"""A schedule that outlives the shell: a unit for the scheduler that the system has anyway.

systemd keeps ``larknb schedule`` itself running, as a service of the user. cron, Windows and launchd start one run at
each of its times, with the interval counted from midnight. No unit holds a secret, and none sees the variables of the
shell that made it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from larknb.errors import ConfigError
from larknb.headless.units.cron import CrontabLines
from larknb.headless.units.drives import network_path
from larknb.headless.units.job import Job
from larknb.headless.units.launchd import Agent
from larknb.headless.units.systemd import Service
from larknb.headless.units.unit import System, Tell, Unit, can_write
from larknb.headless.units.variables import unseen
from larknb.headless.units.windows import Task
from larknb.messages import say

__all__ = ["Job", "System", "install", "is_there", "network_path", "text", "uninstall", "unseen"]


def text(system: System, job: Job) -> str:
    """Return the unit as it is written, whatever system this is."""
    return _unit(system, job).text()


def install(system: System, job: Job, tell: Tell) -> bool:
    """Put the unit in place and switch it on; a second time replaces the first.

    Parameters
    ----------
    tell : callable
        Takes what was done and what is left to do, line by line.

    Returns
    -------
    bool
        False if some of that is left to the user.

    Raises
    ------
    ConfigError
        The machine has no such scheduler, it cannot express the job, or a file cannot be written.
    """
    unit = _usable(_unit(system, job))
    content = unit.text()
    log = Path(job.log)
    with can_write(log):
        log.parent.mkdir(parents=True, exist_ok=True)
    return unit.put_in_place(content, tell)


def uninstall(system: System, job: Job) -> bool:
    """Switch the unit off and take it away; False if there was none."""
    return _usable(_unit(system, job)).take_away()


def is_there(system: System, job: Job) -> bool:
    """Say whether the unit is where `install` put it; ConfigError where the scheduler cannot be asked."""
    return _usable(_unit(system, job)).is_there()


def _unit(system: System, job: Job) -> Unit:
    units: dict[System, Callable[[Job], Unit]] = {
        "systemd": Service, "cron": CrontabLines, "windows": Task, "launchd": Agent
    }  # fmt: skip
    return units[system](job)


def _usable(unit: Unit) -> Unit:
    """Return a unit whose scheduler this machine has; else ConfigError."""
    if shutil.which(unit.tool) is None:
        raise ConfigError(say("install.tool.what", tool=unit.tool), next=say("install.tool.next", kind=unit.system))
    return unit
