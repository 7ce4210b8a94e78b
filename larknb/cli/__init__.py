"""The command line: parse, call one method of the workspace, print, return the exit code.

Exit codes: 0 done, 1 a source or a notebook failed (the rest was done), or a call failed, 2 usage, configuration,
unknown or never synced name, 3 login needed, 4 another sync or schedule holds the workspace, 124 a run timed out,
128 + n ended by signal n (130: Ctrl-C).
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence

from larknb import disk
from larknb.cli import account, assistant, completion, data, health, night, trial
from larknb.cli.live import watched
from larknb.cli.output import forget_stdout, print_error
from larknb.cli.parsing import parse
from larknb.env import COMPLETE, DEBUG
from larknb.errors import Busy, ChooseTable, ConfigError, LarkError, LoginRequired, NotFound, NotSynced, WrongKind
from larknb.messages import say

__all__ = ["account", "assistant", "completion", "data", "health", "main", "night", "trial"]

log = logging.getLogger("larknb")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a narrow code page shows a ? instead of ending the run
    arguments = list(sys.argv[1:] if argv is None else argv)
    if shell := os.environ.get(COMPLETE):
        return completion.answer(shell)
    if arguments[:1] == ["sandbox"]:
        return trial.sandbox(arguments[1:])
    try:
        args = parse(arguments)
    except LarkError as error:
        print_error(error)
        return 2
    if args is None:
        return 0
    is_debugging = args.debug or bool(os.environ.get(DEBUG))
    try:
        with watched(quiet=bool(getattr(args, "quiet", False)) or getattr(args, "json", None) not in (None, False)):
            return int((args.run or health.at_a_glance)(args))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        forget_stdout()  # the reader went away, as `head` does
        return 0
    except Exception as error:  # noqa: BLE001  a mistake of ours, too, is one paragraph
        told = _told(error)
        print_error(told, error if is_debugging else None)
        return _exit_code(told)


def _told(error: Exception) -> LarkError:
    """Return an error as a person is told; a mistake of ours is kept in the log with its traceback."""
    if isinstance(error, LarkError):
        return error
    if isinstance(error, OSError) and not (error.filename is None and error.errno is None):
        return disk.refused(error)
    log.exception("unexpected")
    text = say("unexpected.what", error=f"{type(error).__name__}: {error}")
    return LarkError(text, next=say("cli.unexpected.next"))


def _exit_code(error: LarkError) -> int:
    if isinstance(error, LoginRequired):
        return 3
    if isinstance(error, Busy):
        return 4
    return 2 if isinstance(error, (ConfigError, NotFound, NotSynced, ChooseTable, WrongKind)) else 1
