"""How a command is declared: its name and options stand right above the function that runs it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from larknb.messages import say
from larknb.model import KINDS

if TYPE_CHECKING:
    from larknb.workspace import Workspace

__all__ = [
    "COMMANDS",
    "KIND",
    "SYNC_OPTIONS",
    "Command",
    "OneOf",
    "Option",
    "command",
    "one_of",
    "option",
    "workspace_of",
]

Run = Callable[[argparse.Namespace], int]  # runs a command and returns its exit code


@dataclass(frozen=True)
class Option:
    """One option or argument of a command; ``about`` is the message key of its help.

    ``settings`` are worded as `argparse` words them: action (``store_true``, ``append``), choices, const, default,
    dest, metavar, nargs (``?``, ``*``, ``+``), required, type.
    """

    flags: tuple[str, ...]
    about: str
    settings: Mapping[str, Any]

    @property
    def is_positional(self) -> bool:
        """True for an argument: it is known by its place."""
        return not self.flags[0].startswith("-")

    @property
    def name(self) -> str:
        """What the function of the command finds it under."""
        longest = next((flag for flag in self.flags if flag.startswith("--")), self.flags[0])
        return str(self.settings.get("dest") or longest.lstrip("-").replace("-", "_"))

    @property
    def metavar(self) -> str:
        """What stands for its value in the help."""
        if "metavar" in self.settings or "choices" not in self.settings:
            return str(self.settings.get("metavar") or self.name.upper())
        return f"{{{','.join(map(str, self.settings['choices']))}}}"

    @property
    def is_switch(self) -> bool:
        """True when it takes no value."""
        return self.settings.get("action") == "store_true"

    @property
    def takes_many(self) -> bool:
        """True when several values may follow it."""
        return self.settings.get("nargs") in ("*", "+")

    @property
    def may_be_bare(self) -> bool:
        """True when its value may be left out."""
        return self.settings.get("nargs") in ("?", "*")

    def value(self, given: Any) -> Any:
        """Return what the function gets for what was given: None or nothing means the default."""
        gives_list = self.takes_many or self.settings.get("action") == "append"
        if given not in (None, ()):
            return list(given) if gives_list else given
        default = self.settings.get("default", [] if self.takes_many and self.is_positional else None)
        return [*default] if isinstance(default, list) else default


@dataclass(frozen=True)
class OneOf:
    """Options of which at most one may be given."""

    options: tuple[Option, ...]


@dataclass(frozen=True)
class Command:
    """One command: its help is the message ``cli.<name>``; without ``run`` its own parser takes all that follows."""

    name: str
    parts: tuple[Option | OneOf, ...] = ()
    run: Run | None = None

    @property
    def options(self) -> tuple[Option, ...]:
        """All options and arguments, in their order."""
        return tuple(option for part in self.parts for option in (part.options if isinstance(part, OneOf) else (part,)))

    @property
    def about(self) -> str:
        """What it does, in the language of this run."""
        return say(f"cli.{self.name}")


COMMANDS: list[Command] = []  # in the order of ``larknb --help``


def option(*flags: str, about: str = "", **settings: Any) -> Option:
    """Return an option, or an argument where ``flags`` is one bare name."""
    return Option(flags, about, settings)


def one_of(*options: Option) -> OneOf:
    """Return options of which at most one may be given."""
    return OneOf(options)


def command(name: str, *options: Option | OneOf, machine: bool = False) -> Callable[[Run], Run]:
    """Register a function as a command; with ``machine`` it takes ``--json``, which comes first in its help."""

    def register(run: Run) -> Run:
        for_programs = (option("--json", action="store_true", about="cli.json"),) if machine else ()
        COMMANDS.append(Command(name, (*for_programs, *options), run))
        return run

    return register


KIND = option("--kind", choices=KINDS, about="cli.kind")
SYNC_OPTIONS = (  # of sync, and of the schedule that starts it
    option("names", nargs="*", metavar="NAME"),
    KIND,
    option("--force", action="store_true", about="cli.force"),
    option("--accept-shrink", action="store_true", about="cli.accept_shrink"),
)


def workspace_of(args: argparse.Namespace) -> Workspace:
    """Return the workspace that a command is about."""
    from larknb.workspace import Workspace

    return Workspace(args.home)
