"""The command line: parse, call one method of the workspace, print, return the exit code.

Exit codes: 0 done, 1 a source or a notebook failed (the rest was done), or a call failed, 2 usage, configuration,
unknown or never synced name, 3 login needed, 4 another sync or schedule holds the workspace, 124 a run timed out,
128 + n ended by signal n (130: Ctrl-C).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from larknb import disk
from larknb.cli import account, assistant, data, health, night, trial  # noqa: F401  each registers its commands
from larknb.cli.commands import COMMANDS
from larknb.cli.output import forget_stdout
from larknb.errors import Busy, ChooseTable, ConfigError, LarkError, LoginRequired, NotFound, NotSynced, WrongKind
from larknb.messages import say

__all__ = ["main", "parser"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a narrow code page shows a ? instead of ending the run
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["sandbox"]:
        return trial.sandbox(arguments[1:])
    args = parser().parse_args(arguments)
    try:
        return int(args.run(args))
    except LarkError as error:
        print(f"larknb: {error}", file=sys.stderr)
        return _exit_code(error)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        forget_stdout()  # the reader went away, as `head` does
        return 0
    except OSError as error:
        if error.filename is None and error.errno is None:
            raise  # it is no word of a disk
        print(f"larknb: {disk.refused(error)}", file=sys.stderr)
        return 1


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands, with its help in the language of this run."""
    made = argparse.ArgumentParser(prog="larknb", description=say("cli.about"))
    made.add_argument("--home", metavar="FOLDER", help=say("cli.home"))
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for each in COMMANDS:
        each.add_to(commands)
    return made


def _exit_code(error: LarkError) -> int:
    if isinstance(error, LoginRequired):
        return 3
    if isinstance(error, Busy):
        return 4
    return 2 if isinstance(error, (ConfigError, NotFound, NotSynced, ChooseTable, WrongKind)) else 1
