"""The command line beneath the commands: click parses what they declare, and they get a namespace.

Only this file and `larknb.cli.completion` know click. Its own texts are never shown: what is wrong with a command line
is a `ConfigError` in the language of this run, and help pages are drawn by `larknb.cli.pages`.
"""

from __future__ import annotations

import argparse
import importlib.metadata
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from larknb.cli.commands import COMMANDS, Command, OneOf, Option, option
from larknb.cli.names import candidates
from larknb.cli.pages import command_page, main_page, main_usage, usage
from larknb.config.names import near_names
from larknb.console import tell
from larknb.errors import ConfigError, LarkError
from larknb.messages import quoted, say

__all__ = ["COMMON", "parse", "program"]

if TYPE_CHECKING:
    _ParamType = click.ParamType[Any]
else:
    _ParamType = click.ParamType  # earlier releases of click do not let it be subscripted

COMMON = (  # of every command, before its name or behind it
    option("--home", metavar="FOLDER", about="cli.home"),
    option("--debug", action="store_true", about="cli.debug"),
)
NUMBERS = (int, float)


def parse(argv: Sequence[str]) -> argparse.Namespace | None:
    """Return what a command gets; None where help or the version was asked for and printed.

    Raises
    ------
    ConfigError
        The command line is wrong.
    """
    context: click.Context | None = None
    try:
        with program().make_context("larknb", [*argv]) as context:
            found = context.command.invoke(context)
            return found if isinstance(found, argparse.Namespace) else None
    except click.exceptions.Exit:
        return None
    except click.UsageError as error:
        raise _wrong(error) from None


def program() -> click.Group:
    """Return the program of all commands, with its help in the language of this run."""
    group = _Program(
        "larknb", params=[*map(_parameter, COMMON), _version(), _help()], add_help_option=False,
        invoke_without_command=True,
    )  # fmt: skip
    for each in COMMANDS:
        group.add_command(_Command(each))
    return group


class _Program(click.Group):
    """All commands."""

    def invoke(self, ctx: click.Context) -> Any:
        found = super().invoke(ctx)
        return found or argparse.Namespace(command=None, run=None, **_common(ctx))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in self.commands and not ctx.resilient_parsing:
            raise click.UsageError(_unknown("usage.no_command", args[0], [*self.commands]), ctx)
        return super().resolve_command(ctx, args)

    def get_help(self, ctx: click.Context) -> str:
        del ctx
        return main_page(COMMANDS, COMMON)


class _Command(click.Command):
    """One command as click sees it."""

    def __init__(self, declared: Command) -> None:
        own = {flag for each in declared.options for flag in each.flags}
        common = [each for each in COMMON if own.isdisjoint(each.flags)]
        params = [*map(_parameter, (*declared.options, *common)), _help()]
        super().__init__(declared.name, params=params, add_help_option=False)
        self.allow_extra_args = True  # they are refused below, in our words
        self.declared, self.options = declared, (*declared.options, *common)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not ctx.resilient_parsing:
            _check_values(self.options, args, ctx)
        elif args and _needs_value(self.options, args[-1]):
            args = args[:-1]  # its value is being typed: without this click would read nothing of the line
        return super().parse_args(ctx, _spread(self.options, args))

    def invoke(self, ctx: click.Context) -> argparse.Namespace:
        if ctx.args:
            raise click.UsageError(say("usage.too_many", words=" ".join(ctx.args)), ctx)
        _check_one_of(self.declared, ctx)
        values = {each.name: each.value(ctx.params[each.name]) for each in self.declared.options}
        return argparse.Namespace(command=self.name, run=self.declared.run, **{**_common(ctx), **values})

    def get_help(self, ctx: click.Context) -> str:
        del ctx
        return command_page(self.declared)


def _common(ctx: click.Context | None) -> Mapping[str, Any]:
    """Return the options of every command; what stands behind its name goes first."""
    found: Mapping[str, Any] = {each.name: None for each in COMMON}
    while ctx is not None:
        found = {name: value or ctx.params.get(name) for name, value in found.items()}
        ctx = ctx.parent
    return found


def _told_at_once(names: Sequence[str], text: Callable[[click.Context], str]) -> click.Option:
    """Return an option that prints a text, as we print, and ends there."""

    def show(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
        if wanted and not ctx.resilient_parsing:
            tell(text(ctx))
            ctx.exit()

    return click.Option(names, is_flag=True, is_eager=True, expose_value=False, callback=show)


def _help() -> click.Option:
    return _told_at_once(["-h", "--help"], lambda ctx: ctx.command.get_help(ctx))


def _version() -> click.Option:
    return _told_at_once(["--version"], lambda _: f"larknb {importlib.metadata.version('larknb')}")


# --- parameters -----------------------------------------------------------------------------------------------------


def _parameter(declared: Option) -> click.Parameter:
    """Return what click makes of an option or argument."""
    settings, kind = declared.settings, _Value(declared)
    if declared.is_positional:
        nargs = -1 if declared.takes_many else 1
        return click.Argument([declared.name], type=kind, nargs=nargs, required=not declared.may_be_bare)
    names = [declared.name, *declared.flags]
    if declared.is_switch:
        return click.Option(names, is_flag=True, default=False)
    if declared.takes_many or settings.get("action") == "append":
        return click.Option(names, type=kind, multiple=True)
    required = bool(settings.get("required"))
    if declared.may_be_bare:
        return click.Option(names, type=kind, is_flag=False, flag_value=settings.get("const"))
    return click.Option(names, type=kind, required=required)


class _Value(_ParamType):
    """A value as its option declares it."""

    name = "value"

    def __init__(self, declared: Option) -> None:
        self.declared = declared

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        kind = self.declared.settings.get("type", str)
        try:
            found = kind(value)
        except LarkError:
            raise
        except (ValueError, TypeError, argparse.ArgumentTypeError) as error:
            told = say("usage.number", value=quoted(value)) if kind in NUMBERS else str(error)
            self.fail(told, param, ctx)
        choices = self.declared.settings.get("choices")
        if choices is not None and found not in choices:
            self.fail(say("usage.choice", value=quoted(value), choices=", ".join(map(str, choices))), param, ctx)
        return found

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
        del param
        if self.declared.metavar == "FILE":
            return [CompletionItem(incomplete, type="file")]
        found = candidates(self.declared, _common(ctx)["home"], ctx.params, incomplete)
        return [CompletionItem(name) for name in found if name.casefold().startswith(incomplete.casefold())]


# --- before and behind click ----------------------------------------------------------------------------------------


def _spread(options: Iterable[Option], args: Sequence[str]) -> list[str]:
    """Return the words with the name of an option before each of its values, where several may follow it."""
    many = {flag for each in options if each.takes_many for flag in each.flags}
    spread: list[str] = []
    name, first = "", True
    for at, word in enumerate(args):
        if word == "--":
            return [*spread, *args[at:]]
        if _is_flag(word):
            name, first = (word if word in many else ""), True
        elif name and not first:
            spread.append(name)
        else:
            first = False
        spread.append(word)
    return spread


def _is_flag(word: str) -> bool:
    """Say whether a word begins an option; ``-2`` and ``-3d`` are values."""
    return len(word) > 1 and word[0] == "-" and not word[1].isdigit()


def _check_values(options: Iterable[Option], args: Sequence[str], ctx: click.Context) -> None:
    """Refuse an option without its value: the option that follows would be taken for it; and a value of a switch."""
    flags = {flag: each for each in options for flag in each.flags}
    for word, following in pairwise([*args, "--"]):
        if word == "--":
            return
        flag, sign, _ = word.partition("=")
        each = flags.get(flag)
        if each is None or each.is_positional:
            continue
        if each.is_switch and sign:
            raise click.UsageError(say("usage.no_value", option=flag), ctx)
        if not sign and _needs_value([each], flag) and (following in flags or following == "--"):
            raise click.UsageError(say("usage.value_missing", option=flag, value=each.metavar), ctx)


def _needs_value(options: Iterable[Option], word: str) -> bool:
    return any(word in each.flags and not each.is_switch and not each.may_be_bare for each in options)


def _check_one_of(declared: Command, ctx: click.Context) -> None:
    for part in declared.parts:
        if not isinstance(part, OneOf):
            continue
        given = [
            each.flags[0] for each in part.options if ctx.get_parameter_source(each.name) is ParameterSource.COMMANDLINE
        ]
        if len(given) > 1:
            raise click.UsageError(say("usage.one_of", first=given[0], second=given[1]), ctx)


def _wrong(error: click.UsageError) -> ConfigError:
    """Return what is wrong with a command line, and how it is used."""
    command = error.ctx.command if error.ctx else None
    path = f"larknb {command.declared.name}" if isinstance(command, _Command) else "larknb"
    how = usage(command.declared) if isinstance(command, _Command) else main_usage()
    return ConfigError(_told(error), next=say("usage.next", how=how, path=path))


def _told(error: click.UsageError) -> str:
    """Return in our words what click says in its own."""
    if isinstance(error, click.NoSuchOption):
        known = [flag for each in (error.ctx.command.params if error.ctx else ()) for flag in each.opts]
        return _unknown("usage.no_option", error.option_name, known)
    if isinstance(error, click.MissingParameter):
        return say("usage.missing", name=_name_of(error.param))
    if isinstance(error, click.BadParameter):
        return say("usage.bad", name=_name_of(error.param), what=error.message)
    return error.message  # all others are raised here


def _unknown(key: str, name: str, known: Sequence[str]) -> str:
    bare = {each.lstrip("-"): each for each in known}
    near = near_names(name.lstrip("-"), bare)
    return say(key, name=name) + (say("usage.near", near=bare[near[0]]) if near else "")


def _name_of(param: click.Parameter | None) -> str:
    if isinstance(param, click.Option):
        return max(param.opts, key=len)
    kind = param.type if param else None
    return kind.declared.metavar if isinstance(kind, _Value) else ""
