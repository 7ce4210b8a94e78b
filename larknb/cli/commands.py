"""How a command is declared: its name and options stand right above the function that runs it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from larknb.messages import say
from larknb.model import KINDS
from larknb.workspace import Workspace

__all__ = ["COMMANDS", "KIND", "SYNC_OPTIONS", "Command", "Option", "command", "one_of", "option", "workspace_of"]

Run = Callable[[argparse.Namespace], int]  # runs a command and returns its exit code


@dataclass(frozen=True)
class Option:
    """One argument of a command; ``about`` is the message key of its help, ``settings`` are argparse's own."""

    flags: tuple[str, ...]
    about: str
    settings: Mapping[str, Any]

    def add_to(self, parser: argparse._ActionsContainer) -> None:
        """Declare it; the help is said now, in the language of this run."""
        parser.add_argument(*self.flags, help=say(self.about) if self.about else None, **self.settings)


@dataclass(frozen=True)
class OneOf:
    """Options of which at most one may be given."""

    options: tuple[Option, ...]

    def add_to(self, parser: argparse._ActionsContainer) -> None:
        """Declare all of them as one group."""
        group = parser.add_mutually_exclusive_group()
        for each in self.options:
            each.add_to(group)


@dataclass(frozen=True)
class Command:
    """One command: its help is the message ``cli.<name>``; without ``run`` its own parser takes all that follows."""

    name: str
    options: tuple[Option | OneOf, ...] = ()
    run: Run | None = None

    def add_to(self, commands: Any) -> None:
        """Declare the command and its options."""
        if self.run is None:
            commands.add_parser(self.name, help=say(f"cli.{self.name}"), add_help=False)
            return
        parser = commands.add_parser(self.name, help=say(f"cli.{self.name}"), description=say(f"cli.{self.name}"))
        parser.set_defaults(run=self.run)
        for each in self.options:
            each.add_to(parser)


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
    return Workspace(args.home)
