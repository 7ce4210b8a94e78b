"""The help pages: what a command is for, its arguments and its options, folded to the width of the terminal."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence

from larknb.cli.commands import Command, OneOf, Option
from larknb.display import fold, width
from larknb.messages import say

__all__ = ["columns", "command_page", "main_page", "main_usage", "usage"]

WIDEST = 100  # cells: longer lines are hard to read
TERM = 24  # cells of the names on the left; a longer one has a line of its own


def columns() -> int:
    """Return how many cells a line of the terminal has; where there is none, as many as read well."""
    return shutil.get_terminal_size((WIDEST, 24)).columns


def main_page(commands: Iterable[Command], common: Sequence[Option]) -> str:
    """Return the page of all commands."""
    listed = [(each.name, each.about) for each in commands]
    switches = [*map(_term, common), ("--version", say("usage.version")), _help()]
    parts = [(say("usage.commands"), listed), (say("usage.options"), switches)]
    return _page(main_usage(), say("cli.about"), parts, say("usage.more"))


def main_usage() -> str:
    """Return in one line how larknb is called."""
    return f"larknb [{say('usage.options')}] {say('usage.command')} …"


def command_page(command: Command) -> str:
    """Return the page of one command."""
    arguments = [_term(each) for each in command.options if each.is_positional and each.about]
    options = [_term(each) for each in command.options if not each.is_positional]
    parts = [(say("usage.arguments"), arguments), (say("usage.options"), [*options, _help()])]
    return _page(usage(command), command.about, [part for part in parts if part[1]])


def usage(command: Command) -> str:
    """Return in one line how a command is called: its arguments, and the options of which one may be given."""
    words = [_shape(part) for part in command.parts if not isinstance(part, OneOf) and part.is_positional]
    needed = [f"{max(each.flags, key=len)} {each.metavar}" for each in command.options if each.settings.get("required")]
    return " ".join(["larknb", command.name, *words, *needed, f"[{say('usage.options')}]"])


def _shape(argument: Option) -> str:
    shown = f"{argument.metavar} …" if argument.takes_many else argument.metavar
    return f"[{shown}]" if argument.may_be_bare else shown


def _term(option: Option) -> tuple[str, str]:
    """Return what stands on the left and on the right of an option's line."""
    about = say(option.about) if option.about else ""
    if option.is_positional:
        return option.metavar, about
    value = "" if option.is_switch else f"[{option.metavar}]" if option.may_be_bare else option.metavar
    names = ", ".join(option.flags)
    return f"{names} {value}{' …' if option.takes_many else ''}".rstrip(), about


def _help() -> tuple[str, str]:
    return "-h, --help", say("usage.help")


def _page(how: str, about: str, parts: Sequence[tuple[str, Sequence[tuple[str, str]]]], end: str = "") -> str:
    wide = min(columns(), WIDEST)
    lines = [f"{say('usage.prefix')}{how}", "", *fold(about, wide)]
    for heading, terms in parts:
        lines += ["", say("usage.heading", heading=heading.capitalize())]
        for term, text in terms:
            lines += _entry(term, text, min(TERM, wide // 3), wide)
    return "\n".join([*lines, "", *fold(end, wide)] if end else lines)


def _entry(term: str, text: str, left: int, wide: int) -> list[str]:
    """Return a term and what it means: beside each other where there is room."""
    indent = " " * (left + 4)
    lines = [indent + line for line in fold(text, wide - left - 4)] if text else []
    if lines and width(term) <= left:
        return [f"  {term}{' ' * (left - width(term))}  {lines[0].lstrip()}", *lines[1:]]
    return [f"  {term}", *lines]
