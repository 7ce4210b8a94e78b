"""What a unit is: a text, and a way to put it in place and to take it away again.

What somebody else put in its place is left alone.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, Protocol

from larknb import disk
from larknb.errors import ConfigError
from larknb.files import write_atomically
from larknb.headless.ours import place_for
from larknb.headless.units.commands import Command, reason, run, spell
from larknb.headless.units.job import Job
from larknb.messages import say

__all__ = ["FileUnit", "System", "Tell", "Unit", "can_write", "foreign"]

System = Literal["systemd", "cron", "windows", "launchd"]
Tell = Callable[[str], None]  # takes what was done and what is left to do, line by line


class Unit(Protocol):
    """A job, as the scheduler of one system is told of it."""

    system: ClassVar[System]
    tool: ClassVar[str]  # the program that tells the scheduler

    def text(self) -> str:
        """Return the unit as it is written; ConfigError if the system cannot express the job."""

    def put_in_place(self, text: str, tell: Tell) -> bool:
        """Replace the unit if there is one, and switch it on; False if some of that is left to the user."""

    def take_away(self) -> bool:
        """Switch the unit off and remove it; False if there was none."""

    def is_there(self) -> bool:
        """Say whether the unit is in its place."""


@dataclass(frozen=True)
class FileUnit(ABC):
    """A unit that is a file of its own, switched on and off by commands.

    ``sign`` is what stands in every file that we write.
    """

    job: Job
    system: ClassVar[System]
    tool: ClassVar[str]
    sign: ClassVar[str]
    encoding: ClassVar[str] = "utf-8"

    @property
    @abstractmethod
    def path(self) -> Path:
        """Where the file lies."""

    @abstractmethod
    def text(self) -> str:
        """Return the content of the file."""

    @abstractmethod
    def switch_on(self) -> Sequence[Command]:
        """Return the commands that switch the unit on, once the file is there."""

    @abstractmethod
    def switch_off(self) -> Sequence[Command]:
        """Return the commands that switch the unit off, while the file is there."""

    def forget(self) -> Sequence[Command]:
        """Return the commands that follow when the file is gone."""
        return ()

    def is_there(self) -> bool:
        """Say whether the file is in its place."""
        return self.path.exists()

    def own_place(self) -> Path:
        """Return where the file is written, which is behind a link; ConfigError if something of others is there."""
        with can_write(self.path):
            place = place_for(self.path, lambda content: self.sign in content.decode(self.encoding, "replace"))
        if place is None:
            raise foreign(str(self.path))
        return place

    def put_in_place(self, text: str, tell: Tell) -> bool:
        """Write the file and switch the unit on; one that is there is switched off first."""
        place = self.own_place()
        if self.path.exists():
            _run_all(self.switch_off())
        with can_write(self.path):
            write_atomically(place, text.encode(self.encoding))
        tell(say("install.written", path=self.path))
        left = list(self.switch_on())
        while left and not (done := run(left[0])).returncode:
            del left[0]
        if not left:
            tell(say(f"install.on.{self.system}", name=self.job.name))
            return True
        tell(say("install.left", command=spell(left[0]), reason=reason(done)))
        for command in left[1:]:
            tell(say("install.then", command=spell(command)))
        return False

    def take_away(self) -> bool:
        """Switch the unit off and delete its file; False if there was none."""
        self.own_place()
        if not self.path.exists():
            return False
        _run_all(self.switch_off())
        with can_write(self.path):
            self.path.unlink()
        _run_all(self.forget())
        return True


def foreign(place: str) -> ConfigError:
    """Return the error for a unit that somebody else made."""
    return ConfigError(say("install.foreign.what", place=place), next=say("install.foreign.next"))


@contextmanager
def can_write(path: Path) -> Iterator[None]:
    """Raise LarkError with the reason if the file cannot be written."""
    try:
        yield
    except OSError as error:
        raise disk.refused(error, path) from error


def _run_all(commands: Sequence[Command]) -> None:
    for command in commands:
        run(command)
