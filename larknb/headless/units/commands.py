"""The commands by which a system's scheduler is told of a unit."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess

__all__ = ["Command", "reason", "run", "spell"]

Command = tuple[str, ...]

NOT_FOUND = 127  # the exit code of a shell for a program that is not there


def run(command: Command, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end; ``given`` is its input."""
    program = shutil.which(command[0])
    if program is None:
        return subprocess.CompletedProcess(command, NOT_FOUND, b"", b"")
    environment = {**os.environ, "LC_ALL": "C"}  # cron's message for a missing crontab is compared
    return subprocess.run([program, *command[1:]], input=given, capture_output=True, env=environment, check=False)  # noqa: S603  our own words


def reason(done: subprocess.CompletedProcess[bytes]) -> str:
    """Return in short why a command failed."""
    return " ".join(done.stderr.decode("utf-8", "replace").split())[:200] or f"exit {done.returncode}"


def spell(command: Command) -> str:
    """Return a command as a person would type it here."""
    return subprocess.list2cmdline(command) if os.name == "nt" else shlex.join(command)
