"""A schedule that outlives the shell: a unit for the scheduler that the system has anyway.

systemd keeps ``larknb schedule`` itself running, as a service of the user. cron, Windows and launchd start one run at
each of the times that it would start one at: those of the interval, counted from midnight. No unit holds a secret, and
none sees the variables of the shell it was made in.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import plistlib
import re
import shlex
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath, PureWindowsPath
from typing import Any, Literal
from xml.etree import ElementTree as ET

from larknb.config.secrets import SECRET_VARIABLES
from larknb.config.values import parse_duration
from larknb.env import HOME, INTERVAL, LANG, PREFIXES
from larknb.errors import ConfigError
from larknb.files import write_atomically
from larknb.headless.schedule import parse_time
from larknb.messages import language, say

__all__ = [
    "Job",
    "Kind",
    "TOOLS",
    "install",
    "network_path",
    "text",
    "uninstall",
    "unseen",
]

Kind = Literal["systemd", "cron", "windows", "launchd"]
TOOLS: dict[Kind, str] = {"systemd": "systemctl", "cron": "crontab", "windows": "schtasks", "launchd": "launchctl"}
DAY = 1440  # minutes

Command = tuple[str, ...]


@dataclass(frozen=True)
class Job:
    """What a unit runs.

    Parameters
    ----------
    root : path
        The workspace, as the unit names it.
    options : mapping
        Those of ``larknb schedule``: a name and its value, which is a text, a number, True, or a list.
    python : path
        The interpreter.
    """

    root: PurePath
    options: Mapping[str, Any]
    python: PurePath

    def __post_init__(self) -> None:
        for path in (self.root, self.python):
            if any(unicodedata.category(char) == "Cc" for char in str(path)):  # none of the four can say a line feed
                raise ConfigError(say("install.path.what", path=ascii(str(path))), next=say("install.path.next"))

    @property
    def name(self) -> str:
        """What the unit is called: the same for the same workspace and notebook, in letters that all four accept."""
        folder = re.sub(r"[^A-Za-z0-9]+", "-", self.root.name).strip("-")
        key = f"{self.root}/{self.options['notebook']}"
        digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        return "-".join(part for part in ("larknb", folder[:40], digest) if part)

    @property
    def log(self) -> PurePath:
        """Where the lines of the runs go that somebody else starts."""
        return self.root / "work" / "logs" / "schedule.log"

    def command(self, *once: str) -> list[str]:
        """Return the command line; -P, so that no file of the workspace passes for a module."""
        command = [str(self.python), "-P", "-m", "larknb", "--home", str(self.root), "schedule"]
        for name, value in self.options.items():
            option = f"--{name.replace('_', '-')}"
            if name == "names":
                command += value
            elif value is True:
                command.append(option)
            elif value not in (None, False):
                for each in value if isinstance(value, (list, tuple)) else [value]:
                    command += [option, str(each)]
        return [*command, *once]

    def times(self) -> list[tuple[int, int]]:
        """Return the hours and minutes of a day at which it runs."""
        clocks = [parse_time(each) for each in self.options.get("at") or ()]
        times = {(clock.hour, clock.minute) for clock in clocks}
        if interval := self.options.get("interval"):
            minutes = parse_duration(interval, bare=3600) / 60
            if minutes < 1 or minutes % 1 or DAY % minutes:
                raise ConfigError(say("install.interval.what", interval=interval), next=say("install.interval.next"))
            times |= {divmod(minute, 60) for minute in range(0, DAY, int(minutes))}
        return sorted(times)

    def hours(self) -> dict[tuple[int, ...], list[int]]:
        """Return the same times as hours with the minutes that they share."""
        by_minute: dict[int, list[int]] = {}
        for hour, minute in self.times():
            by_minute.setdefault(minute, []).append(hour)
        shared: dict[tuple[int, ...], list[int]] = {}
        for minute, hours in by_minute.items():
            shared.setdefault(tuple(hours), []).append(minute)
        return shared


# --- what a unit says -------------------------------------------------------------------------------------------


def text(kind: Kind, job: Job) -> str:
    """Return the unit as it is written, whatever system this is."""
    return {"systemd": _service, "cron": _lines, "windows": _task, "launchd": _agent}[kind](job)


def _service(job: Job) -> str:
    """systemd: a service of the user.

    Only a wrong setting (2) is not tried again. With ``mixed`` the run ends its kernel itself, and saves the notebook.
    """
    folder = str(job.root).replace("%", "%%")
    if folder.endswith(("\\", " ")):
        raise ConfigError(say("install.path.what", path=ascii(str(job.root))), next=say("install.path.next"))
    program, *arguments = job.command()
    # A word that holds $ is looked at for variables, but for the first.
    words = [_quoted(program), *(_quoted(argument).replace("$", "$$") for argument in arguments)]
    return f"""\
[Unit]
Description=larknb schedule, {folder}

[Service]
WorkingDirectory={folder}
Environment={LANG}={language()}
ExecStart={" ".join(words)}
Restart=on-failure
RestartSec=60
RestartPreventExitStatus=2
SuccessExitStatus=130 143
KillMode=mixed

[Install]
WantedBy=default.target
"""


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def _lines(job: Job) -> str:
    """cron: one line, or several where the hours do not share their minutes."""
    command = f"{LANG}={language()} {shlex.join(job.command('--once'))} >> {shlex.quote(str(job.log))} 2>&1"
    command = command.replace("\\", "\\\\").replace("%", "\\%")  # cron takes one \ away, and ends the command at a %
    return "".join(
        f"{_field(minutes, 60)} {_field(hours, 24)} * * * {command} {_mark(job)}\n"
        for hours, minutes in job.hours().items()
    )


def _field(values: Sequence[int], count: int) -> str:
    return "*" if len(values) == count else ",".join(map(str, values))


def _mark(job: Job) -> str:
    """What tells our lines of a crontab from all others; to the shell it is a comment."""
    return f"# {job.name}"


_TASKS = "http://schemas.microsoft.com/windows/2004/02/mit/task"
_WHY = """
  Runs only while this person is logged on (InteractiveToken): the network folder, the stored credentials (DPAPI) and
  the login file in the profile are there only then. The folder is named by its network path, since a drive
  letter may not be connected yet. pythonw opens no window.
"""


def _task(job: Job) -> str:
    """Windows: a task of the Task Scheduler, as XML."""
    python = job.python.with_name("pythonw.exe") if job.python.name.lower() == "python.exe" else job.python
    user = "\\".join(filter(None, (os.environ.get("USERDOMAIN"), getpass.getuser())))
    _, *arguments = job.command("--once")
    tree: dict[str, Any] = {
        "RegistrationInfo": {"Description": f"larknb schedule, {job.root}"},
        "Triggers": {"CalendarTrigger": _triggers(job)},
        "Principals": {"Principal": {"UserId": user, "LogonType": "InteractiveToken", "RunLevel": "LeastPrivilege"}},
        "Settings": {
            "MultipleInstancesPolicy": "IgnoreNew",
            "DisallowStartIfOnBatteries": "false",
            "StopIfGoingOnBatteries": "false",
            "StartWhenAvailable": "true",  # a time that was missed
            "ExecutionTimeLimit": "PT0S",  # none but our own --deadline
        },
        "Actions": {
            "Exec": {
                "Command": str(python),
                "Arguments": subprocess.list2cmdline(arguments),
                "WorkingDirectory": str(job.root),
            }
        },
    }
    task = ET.Element("Task", version="1.2", xmlns=_TASKS)
    task.append(ET.Comment(_WHY))
    _grow(task, tree)
    ET.indent(task)
    return f'<?xml version="1.0" encoding="UTF-16"?>\n{ET.tostring(task, encoding="unicode")}\n'


def _triggers(job: Job) -> list[dict[str, Any]]:
    """Every day, at each of the times; an interval is one trigger that repeats, for a task may have only 48."""
    times = job.times()
    step = DAY // len(times)
    repeats = not job.options.get("at") and step < DAY
    again = {"Repetition": {"Interval": f"PT{step}M", "Duration": "P1D"}} if repeats else {}
    return [
        {"StartBoundary": f"2026-01-01T{hour:02}:{minute:02}:00", **again, "ScheduleByDay": {"DaysInterval": "1"}}
        for hour, minute in (times[:1] if repeats else times)
    ]  # the date only says since when


def _grow(parent: ET.Element, tree: Mapping[str, Any]) -> None:
    """Append elements; a list is the same element several times."""
    for name, value in tree.items():
        for each in value if isinstance(value, list) else [value]:
            child = ET.SubElement(parent, name)
            if isinstance(each, Mapping):
                _grow(child, each)
            else:
                child.text = each


def _agent(job: Job) -> str:
    """launchd: an agent of the user; what was missed asleep runs once on waking."""
    times = [
        ({} if len(hours) == 24 else {"Hour": hour}) | ({} if len(minutes) == 60 else {"Minute": minute})
        for hours, minutes in job.hours().items()
        for hour in (hours[:1] if len(hours) == 24 else hours)
        for minute in (minutes[:1] if len(minutes) == 60 else minutes)
    ]
    agent = {
        "Label": job.name,
        "ProgramArguments": job.command("--once"),
        "WorkingDirectory": str(job.root),
        "EnvironmentVariables": {LANG: language()},
        "StartCalendarInterval": times,
        "RunAtLoad": True,
        "StandardOutPath": str(job.log),
        "StandardErrorPath": str(job.log),
    }
    return plistlib.dumps(agent, sort_keys=False).decode()


# --- put in place and taken away --------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Place:
    """The file of a unit, and what switches it on and off."""

    path: Path
    on: Sequence[Command]
    off: Sequence[Command]
    gone: Sequence[Command] = ()  # once the file is no more


def _place(kind: Kind, job: Job) -> _Place:
    if kind == "systemd":
        config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
        manager, unit = ("systemctl", "--user"), f"{job.name}.service"
        reload: Command = (*manager, "daemon-reload")
        on = [reload, (*manager, "enable", "--now", unit), ("loginctl", "enable-linger")]
        return _Place(config / "systemd" / "user" / unit, on, [(*manager, "disable", "--now", unit)], [reload])
    if kind == "launchd":
        path = Path.home() / "Library" / "LaunchAgents" / f"{job.name}.plist"
        domain = f"gui/{os.getuid()}" if sys.platform != "win32" else ""
        start = ("launchctl", "bootstrap", domain, str(path))
        return _Place(path, [start], [("launchctl", "bootout", f"{domain}/{job.name}")])
    path = Path(job.root, "work", f"{job.name}.xml")
    task = ("/TN", job.name, "/F")
    return _Place(path, [("schtasks", "/Create", "/XML", str(path), *task)], [("schtasks", "/Delete", *task)])


def install(kind: Kind, job: Job, tell: Callable[[str], None]) -> bool:
    """Put the unit in place and switch it on; False if some of that is left to the user.

    A second time replaces the first.

    Parameters
    ----------
    tell : callable
        Takes what was done and what is left, line by line.

    Raises
    ------
    ConfigError
        The system has no such scheduler, or it cannot say what is asked for.
    """
    _check_tool(kind)
    unit = text(kind, job)
    _made(lambda: Path(job.log).parent.mkdir(parents=True, exist_ok=True), job.log)
    if kind == "cron":
        _write_crontab(_others(job)[0] + unit)
        tell(say("install.crontab"))
        return True
    place = _place(kind, job)
    if place.path.exists():
        for command in place.off:
            _run(command)
    data = unit.encode("utf-16" if kind == "windows" else "utf-8")
    _made(lambda: write_atomically(place.path, data), place.path)
    tell(say("install.written", path=place.path))
    left = list(place.on)
    while left and not (done := _run(left[0])).returncode:
        del left[0]
    if not left:
        tell(say(f"install.on.{kind}", name=job.name))
        return True
    tell(say("install.left", command=_spelt(left[0]), reason=_reason(done)))
    for command in left[1:]:
        tell(say("install.then", command=_spelt(command)))
    return False


def uninstall(kind: Kind, job: Job) -> bool:
    """Switch the unit off and take it away; False if there was none."""
    _check_tool(kind)
    if kind == "cron":
        kept, found = _others(job)
        if found:
            _write_crontab(kept)
        return found
    place = _place(kind, job)
    found = place.path.exists()
    if found:
        for command in place.off:
            _run(command)
        place.path.unlink()
        for command in place.gone:
            _run(command)
    return found


def _made(make: Callable[[], object], path: PurePath) -> None:
    try:
        make()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ConfigError(
            say("config.file.what", reason=reason), source=str(path), next=say("config.file.next")
        ) from error


def _check_tool(kind: Kind) -> None:
    if shutil.which(TOOLS[kind]) is None:
        raise ConfigError(say("install.tool.what", tool=TOOLS[kind]), next=say("install.tool.next", kind=kind))


def _spelt(command: Command) -> str:
    return subprocess.list2cmdline(command) if os.name == "nt" else shlex.join(command)


def _run(command: Sequence[str], given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    program = shutil.which(command[0])
    if program is None:
        return subprocess.CompletedProcess(command, 127, b"", b"")
    environment = {**os.environ, "LC_ALL": "C"}  # one of the messages is looked at
    return subprocess.run([program, *command[1:]], input=given, capture_output=True, env=environment, check=False)  # noqa: S603  our own words


def _crontab() -> str:
    """Return the user's crontab as it is; ConfigError where it cannot be known, lest it be overwritten."""
    done = _run(("crontab", "-l"))
    if done.returncode and b"no crontab" not in done.stderr:
        raise _cron_failed(done)
    return "" if done.returncode else done.stdout.decode("utf-8", "surrogateescape")


def _others(job: Job) -> tuple[str, bool]:
    """Return the crontab without our lines, every other byte as it was, and whether there were any of ours."""
    lines = _crontab().splitlines(keepends=True)
    kept = [line for line in lines if not line.rstrip().endswith(_mark(job))]
    return "".join(kept), len(kept) < len(lines)


def _write_crontab(content: str) -> None:
    done = _run(("crontab", "-"), content.encode("utf-8", "surrogateescape"))
    if done.returncode:
        raise _cron_failed(done)


def _cron_failed(done: subprocess.CompletedProcess[bytes]) -> ConfigError:
    return ConfigError(say("install.cron.what", reason=_reason(done)), next=say("install.cron.next"))


def _reason(done: subprocess.CompletedProcess[bytes]) -> str:
    return " ".join(done.stderr.decode("utf-8", "replace").split())[:200] or f"exit {done.returncode}"


# --- what a unit does not see -----------------------------------------------------------------------------------

_SAID = {HOME, LANG, INTERVAL, *SECRET_VARIABLES}  # the unit says it, or a file does
_NETWORK = re.compile(r"(https?|all|no)_proxy|requests_ca_bundle|curl_ca_bundle|ssl_cert_(file|dir)", re.IGNORECASE)


def unseen(env: Mapping[str, str]) -> list[str]:
    """Return the variables that matter here and that no unit will see; never what they say, which may be a password."""
    ours = [name for name in env if name.startswith(PREFIXES) and name not in _SAID]
    return sorted([*ours, *filter(_NETWORK.fullmatch, env)])


def network_path(path: PurePath, connection: Callable[[str], str | None] | None = None) -> PurePath:
    """Return a path on a mapped drive by its network name, any other as it is.

    Parameters
    ----------
    connection : callable, optional
        Says which share a drive letter such as ``"Z:"`` stands for; Windows is asked by default.
    """
    if not isinstance(path, PureWindowsPath) or not re.fullmatch("[A-Za-z]:", path.drive):
        return path
    share = (connection or _connection)(path.drive)
    return PureWindowsPath(share, *path.parts[1:]) if share else path


def _connection(drive: str) -> str | None:
    """Return the share of a drive letter, None for a disk of this machine."""
    if sys.platform != "win32":
        return None
    import ctypes

    share, size = ctypes.create_unicode_buffer(1024), ctypes.c_ulong(1024)
    return None if ctypes.windll.mpr.WNetGetConnectionW(drive, share, ctypes.byref(size)) else share.value
