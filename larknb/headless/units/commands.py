"""The commands by which a system's scheduler is told of a unit."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from contextlib import suppress

from larknb.messages import say

__all__ = ["Command", "reason", "run", "spell"]

Command = tuple[str, ...]

NOT_FOUND = 127  # the exit code of a shell for a program that is not there
TOO_LATE = 124  # that of timeout(1)
PATIENCE = 30.0  # seconds for a scheduler to answer


def run(command: Command, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end, or end it when it does not answer; ``given`` is its input."""
    program = shutil.which(command[0])
    if program is None:
        return subprocess.CompletedProcess(command, NOT_FOUND, b"", b"")
    environment = {**os.environ, "LC_ALL": "C"}  # cron's message for a missing crontab is compared
    pipe = subprocess.PIPE
    with (
        subprocess.Popen(  # noqa: S603  our own words
            [program, *command[1:]], stdin=pipe, stdout=pipe, stderr=pipe, env=environment
        ) as process
    ):
        try:
            out, err = process.communicate(given, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            _kill(process.pid)
            return subprocess.CompletedProcess(command, TOO_LATE, b"", say("install.silent", seconds=PATIENCE).encode())
        return subprocess.CompletedProcess(command, process.returncode, out, err)


def _kill(pid: int) -> None:
    """Kill a command and what it started, which may hold the pipes open for as long as it likes."""
    import psutil

    with suppress(psutil.Error):
        process = psutil.Process(pid)
        for each in [*process.children(recursive=True), process]:
            with suppress(psutil.Error):
                each.kill()


def reason(done: subprocess.CompletedProcess[bytes]) -> str:
    """Return in short why a command failed."""
    encoding = "oem" if sys.platform == "win32" else "utf-8"  # there programs write in the code page of the console
    return " ".join(done.stderr.decode(encoding, "replace").split())[:200] or f"exit {done.returncode}"


def spell(command: Command) -> str:
    """Return a command as a person would type it here."""
    return subprocess.list2cmdline(command) if sys.platform == "win32" else shlex.join(command)
