from __future__ import annotations

import json
import os
import plistlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from larknb.cli import main, parser
from larknb.config.settings import load_settings
from larknb.errors import ConfigError
from larknb.headless.install import Job, Kind, install, network_path, text, uninstall, unseen

KINDS: list[Kind] = ["systemd", "cron", "windows", "launchd"]
ODD = """共享 盘 100% "x" $HOME ${HOME} %h 'q' b\\c"""
NS = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"

posix = pytest.mark.skipif(os.name == "nt", reason="such a path, and a shell script as a program, are POSIX")


DATA = PurePosixPath("/data")


def job(root: PurePath = DATA / ODD, python: str = "/usr/bin/python3", **options: Any) -> Job:
    return Job(root, {"notebook": "scheduled_sync", "interval": "1h", **options}, type(root)(python))


# --- what it runs, and when --------------------------------------------------------------------------------------


def test_the_command_gives_the_options_again() -> None:
    """Names, values, switches and repeated options; what is off or unset is left out."""
    options: dict[str, Any] = {"names": ["人力", "b c"], "kind": None, "force": True, "accept_shrink": False}
    command = job(DATA, **options, keep_runs=5, x=[1, 2]).command("--once")
    assert command[:7] == ["/usr/bin/python3", "-P", "-m", "larknb", "--home", "/data", "schedule"]
    assert " ".join(command[7:]) == (
        "--notebook scheduled_sync --interval 1h 人力 b c --force --keep-runs 5 --x 1 --x 2 --once"
    )


def test_a_unit_is_named_by_workspace_and_notebook() -> None:
    """The same twice, another for another folder or notebook, and in letters that every system takes."""
    names = [job().name, job().name, job(PurePosixPath("/other") / ODD).name, job(notebook="b").name]
    assert len(set(names)) == 3
    assert all(re.fullmatch(r"larknb-[A-Za-z0-9-]+-[0-9a-f]{8}", name) for name in names)
    assert re.fullmatch(r"larknb-[0-9a-f]{8}", job(PurePosixPath("/共享")).name)


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        ({"interval": "1h"}, ["0 *"]),
        ({"interval": "1"}, ["0 *"]),
        ({"interval": "1min"}, ["* *"]),
        ({"interval": "15min"}, ["0,15,30,45 *"]),
        ({"interval": "6h"}, ["0 0,6,12,18"]),
        ({"interval": "1d"}, ["0 0"]),
        ({"interval": "8h"}, ["0 0,8,16"]),
        ({"interval": "1h30min"}, ["0 0,3,6,9,12,15,18,21", "30 1,4,7,10,13,16,19,22"]),
        ({"at": ["08:30", "18:30"], "interval": None}, ["30 8,18"]),
        ({"at": ["8:30", "12:00"], "interval": None}, ["30 8", "0 12"]),
        ({"at": ["08:30"], "interval": "12h"}, ["0 0,12", "30 8"]),
    ],
)
def test_the_times_of_a_day(options: dict[str, Any], fields: list[str]) -> None:
    """An interval counts from midnight, as the schedule itself does; times that share their hours share a line."""
    lines = text("cron", job(**options)).splitlines()
    assert [" ".join(line.split()[:2]) for line in lines] == fields
    assert all(line.split()[2:5] == ["*", "*", "*"] for line in lines)


@pytest.mark.parametrize("kind", ["cron", "windows", "launchd"])
@pytest.mark.parametrize("interval", ["7h", "50min", "90s", "30s", "2d", "0s"])
def test_an_interval_that_no_calendar_has(kind: Kind, interval: str) -> None:
    """It is refused, and systemd recommended, which keeps our own clock running."""
    with pytest.raises(ConfigError, match="systemd"):
        text(kind, job(interval=interval))
    assert interval in text("systemd", job(interval=interval))


@pytest.mark.parametrize("kind", KINDS)
def test_a_path_that_no_unit_can_name(kind: Kind) -> None:
    """A line feed would end the line, and what follows would be a setting or a command of its own."""
    with pytest.raises(ConfigError, match="rename"):
        text(kind, job(DATA / "a\nExecStartPre=b"))


# --- what the four say -------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize(
    ("options", "times"),
    [
        ({"interval": "1min"}, [{}]),
        ({"interval": "30min"}, [{"Minute": 0}, {"Minute": 30}]),
        ({"interval": "12h"}, [{"Hour": 0, "Minute": 0}, {"Hour": 12, "Minute": 0}]),
        ({"at": ["08:30"], "interval": None}, [{"Hour": 8, "Minute": 30}]),
    ],
)
def test_an_agent_says_what_was_asked(options: dict[str, Any], times: list[dict[str, int]]) -> None:
    """The property list holds command, times and log as they are."""
    asked = job(**options)
    agent = plistlib.loads(text("launchd", asked).encode())
    assert agent["ProgramArguments"] == asked.command("--once")
    assert agent["StartCalendarInterval"] == times
    assert agent["StandardErrorPath"] == str(asked.log)
    assert (agent["RunAtLoad"], agent["EnvironmentVariables"]) == (True, {"LARKNB_LANG": "en"})


def task_of(root: str, **options: Any) -> Callable[[str], list[str | None]]:
    """Return what finds the texts of a task's elements, as Windows reads the file."""
    unit = text("windows", job(PureWindowsPath(root), r"C:\Program Files\Python\python.exe", **options))
    tree = ET.fromstring(unit.encode("utf-16"))
    return lambda path: [found.text for found in tree.findall("/".join(NS + name for name in path.split("/")))]


def test_a_task_says_what_was_asked() -> None:
    """Without a window, in the person's session, a missed time made up for, never two at once, and no end of it."""
    find = task_of(r"\\server\共享 盘\larknb & co", force=True)
    assert find("Actions/Exec/Command") == [r"C:\Program Files\Python\pythonw.exe"]
    assert find("Actions/Exec/WorkingDirectory") == [r"\\server\共享 盘\larknb & co"]
    (arguments,) = find("Actions/Exec/Arguments")
    assert arguments == (
        r'-P -m larknb --home "\\server\共享 盘\larknb & co" schedule'
        " --notebook scheduled_sync --interval 1h --force --once"
    )
    settings = {name: find(f"Settings/{name}") for name in ("StartWhenAvailable", "MultipleInstancesPolicy")}
    assert settings == {"StartWhenAvailable": ["true"], "MultipleInstancesPolicy": ["IgnoreNew"]}
    assert find("Principals/Principal/LogonType") == ["InteractiveToken"]
    assert "logged on" in text("windows", job())


def test_the_times_of_a_task() -> None:
    """An interval is one trigger that repeats all day; times of the day are one trigger each."""
    start, again = "Triggers/CalendarTrigger/StartBoundary", "Triggers/CalendarTrigger/Repetition/Interval"
    find = task_of("C:\\x", interval="5min")
    assert (find(start), find(again)) == (["2026-01-01T00:00:00"], ["PT5M"])
    find = task_of("C:\\x", at=["08:30", "18:00"], interval=None)
    assert (find(start), find(again)) == (["2026-01-01T08:30:00", "2026-01-01T18:00:00"], [])
    assert task_of("C:\\x", interval="1d")(again) == []


def test_a_mapped_drive_becomes_its_network_path() -> None:
    """A task may start before the letter is there; a disk of the machine, and a path elsewhere, stay."""
    shares = {"Z:": r"\\server\共享 盘"}
    assert network_path(PureWindowsPath(r"Z:\a\b"), shares.get) == PureWindowsPath(r"\\server\共享 盘\a\b")
    assert network_path(PureWindowsPath("Z:\\"), shares.get) == PureWindowsPath("\\\\server\\共享 盘\\")
    assert network_path(PureWindowsPath(r"C:\a"), shares.get) == PureWindowsPath(r"C:\a")
    assert network_path(PureWindowsPath(r"\\server\x\a"), shares.get) == PureWindowsPath(r"\\server\x\a")
    assert network_path(PurePosixPath("/a")) == PurePosixPath("/a")


# --- put in place and taken away ---------------------------------------------------------------------------------

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


@posix
def test_what_cannot_be_done_here_is_told(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a user manager (a container, sudo) the unit is written, and the commands are left to the user."""
    monkeypatch.setenv("REFUSE", "enable --now")
    lines: list[str] = []
    assert not install("systemd", machine.job(), lines.append)
    assert "Written" in lines[0]
    assert f"(no such bus): systemctl --user enable --now {machine.job().name}.service" in lines[1]
    assert lines[2:] == ["Then run: loginctl enable-linger"]


@posix
def test_an_agent_and_a_task(machine: Machine) -> None:
    """launchd is told the file in the library, Windows one in the workspace, in the encoding that it asks for."""
    cases: list[tuple[Kind, Path, str, str]] = [
        ("launchd", machine.home / "Library" / "LaunchAgents", "launchctl bootstrap gui/", "launchctl bootout gui/"),
        ("windows", machine.root / "work", "schtasks /Create /XML ", "schtasks /Delete /TN larknb-"),
    ]
    for kind, file, on, off in cases:
        assert install(kind, machine.job(), quiet)
        (unit,) = file.glob("larknb-*")
        assert unit.read_bytes().decode("utf-16" if kind == "windows" else "utf-8") == text(kind, machine.job())
        (told,) = machine.told()
        assert told.startswith(on)
        assert str(unit) in told
        assert uninstall(kind, machine.job())
        assert machine.told()[0].startswith(off)
        assert not unit.exists()


@posix
def test_a_machine_without_the_scheduler(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named, and --print recommended."""
    monkeypatch.setenv("PATH", str(machine.root))
    for kind in KINDS:
        with pytest.raises(ConfigError, match=f"--install {kind} --print"):
            install(kind, machine.job(), quiet)


@posix
def test_a_folder_that_cannot_be_written(machine: Machine) -> None:
    """The reason and the place are told."""
    (machine.home / ".config").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"\.config"):
        install("systemd", machine.job(), quiet)


# --- at the command line -----------------------------------------------------------------------------------------

HOOK = "https://open.feishu.cn/open-apis/bot/v2/hook/hunter2-token"


@pytest.mark.parametrize("kind", KINDS)
def test_print_works_everywhere(
    kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every kind on every system: this interpreter, the options, an absolute notebook, no secret, nothing written."""
    for name in ("LARKNB_APP_SECRET", "LARKNB_NOTIFY_KEY"):
        monkeypatch.setenv(name, "hunter2")
    monkeypatch.setenv("LARKNB_NOTIFY_URL", HOOK)
    monkeypatch.chdir(tmp_path)
    code = main(
        ["--home", str(tmp_path), "schedule", "b", "--notebook", "n.ipynb", "--force", "--install", kind, "--print"]
    )
    out = capsys.readouterr().out
    assert code == 0
    for part in ("--force", "n.ipynb", Path(sys.executable).parent.name, tmp_path.name):
        assert part in out
    assert "hunter2" not in out
    assert list(tmp_path.iterdir()) == []


def test_a_unit_asks_for_what_was_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command line of the unit means the same to our own parser as the one it was made from."""
    given = ["--home", str(tmp_path), "schedule", "人力", "b c", "--kind", "bitable", "--accept-shrink"]
    given += ["--keep-runs", "9", "--interval", "2h", "--deadline", "90", "--notebook", "scheduled_sync"]
    assert main([*given, "--install", "launchd", "--print"]) == 0
    _, _, _, _, *command = plistlib.loads(capsys.readouterr().out.encode())["ProgramArguments"]
    assert vars(parser().parse_args(command)) == {**vars(parser().parse_args(given)), "once": True}


@posix
def test_a_secret_of_the_shell_is_kept_first(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The unit would not see it: refused, until --save-secrets puts it into files that are for this person alone."""
    monkeypatch.setenv("LARKNB_APP_ID", "cli_a")
    monkeypatch.setenv("LARKNB_APP_SECRET", "hunter2")
    monkeypatch.setenv("LARKNB_NOTIFY_URL", HOOK)
    command = ["--home", str(machine.root), "schedule", "--install", "systemd"]
    assert main(command) == 2
    err = capsys.readouterr().err
    assert "app_secret.json" in err
    assert "notify.json" in err
    assert "--save-secrets" in err
    assert machine.told() == []
    assert main([*command, "--save-secrets"]) == 0
    out = capsys.readouterr().out
    assert "LARKNB_APP_ID" in out
    assert "LARKNB_APP_SECRET" not in out
    kept = load_settings(machine.root, {"LARKNB_APP_ID": "cli_a"})
    assert (kept.app_secret, kept.webhook and kept.webhook.url) == ("hunter2", HOOK)
    (unit,) = machine.home.rglob("*.service")
    assert "hunter2" not in err + out + unit.read_text(encoding="utf-8")
    assert main(["--home", str(machine.root), "schedule", "--uninstall", "systemd"]) == 0
    assert main(["--home", str(machine.root), "schedule", "--uninstall", "systemd"]) == 0
    assert capsys.readouterr().out.splitlines() == ["Removed", "Nothing was installed"]


def test_print_alone_starts_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --install it would be a schedule that nobody asked for."""
    assert main(["--home", str(tmp_path), "schedule", "--print"]) == 2
    assert "--install" in capsys.readouterr().err


def test_secrets_are_kept_alone_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """--save-secrets by itself is how a bot is set up; with nothing to keep it says what to set."""
    command = ["--home", str(tmp_path), "schedule", "--save-secrets"]
    assert main(command) == 2
    assert "LARKNB_NOTIFY_URL" in capsys.readouterr().err
    monkeypatch.setenv("LARKNB_NOTIFY_URL", HOOK)
    monkeypatch.setenv("LARKNB_NOTIFY_KEY", "k")
    assert main(command) == 0
    assert json.loads((tmp_path / "work" / "notify.json").read_bytes()) == {"url": HOOK, "key": "k"}
    assert "hunter2" not in capsys.readouterr().out


def test_what_a_unit_does_not_see() -> None:
    """Proxies and settings by name alone, for a proxy's address may hold a password; what a unit says itself is not."""
    env = dict.fromkeys(
        ("https_proxy", "NO_PROXY", "REQUESTS_CA_BUNDLE", "LARKNB_SETTLE", "LARKSUITE_CLI_APP_ID", "PATH", "HOME",
         "LARKNB_HOME", "LARKNB_LANG", "LARKNB_APP_SECRET", "LARKNB_NOTIFY_URL", "MY_PROXY"), "http://me:hunter2@proxy"
    )  # fmt: skip
    assert unseen(env) == ["LARKNB_SETTLE", "LARKSUITE_CLI_APP_ID", "NO_PROXY", "REQUESTS_CA_BUNDLE", "https_proxy"]
