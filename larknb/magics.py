"""``%load_ext larknb``: ``%lark`` and ``%%larksql`` in IPython, and the names of sources and tables by Tab."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from larknb.errors import ConfigError, LarkError
from larknb.messages import say
from larknb.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["load_ipython_extension", "unload_ipython_extension"]

# What asks for a source or table by name, as far as Tab is concerned: lk.load("…, %lark load …
CALLS = "load|tables|schema|cells|attachments|paths|read|document|join|show|to_excel|preview|sync|remove|history|diff"
IN_A_CALL = rf".*\b({CALLS})\(\s*[\"'][^\"']*$"
BEHIND_A_COMMAND, COMMAND = r"^%lark\s+\S+\s+.*$", r"^%lark\s+\S*$"

ALONE, NAMED = ("status", "sources", "runs"), ("load", "show", "document", "history", "diff")
COMMANDS = (*ALONE, "sync", "search", *NAMED)


def lark(line: str) -> Any:
    """Run one call of larknb: ``%lark sync``, ``%lark load source/table``, ``%lark diff source/table friday``."""
    command, *words = _split(line) or ["status"]
    workspace, rest = Workspace(), " ".join(words)  # blanks in a name need no quotes
    if command == "sync":
        return workspace.sync(*(word for word in words if word != "--force"), force="--force" in words)
    if command in COMMANDS and command not in ALONE and not rest:
        raise ConfigError(say("magic.name"), next=say("magic.next", commands=", ".join(COMMANDS)))
    if command == "diff":
        return workspace.diff(*_name_and_time(words, _names(workspace)))
    if command in COMMANDS:
        return getattr(workspace, command)(*([rest] if rest else []))
    raise ConfigError(say("magic.unknown", command=command), next=say("magic.next", commands=", ".join(COMMANDS)))


def larksql(line: str, cell: str) -> pd.DataFrame:
    """Answer the SQL in a cell; a name behind ``%%larksql`` keeps the frame as that variable too."""
    from IPython import get_ipython

    frame = Workspace().sql(cell)
    shell = get_ipython()
    if (name := line.strip()) and shell is not None:
        if not name.isidentifier():
            raise ConfigError(say("magic.variable", name=name), next=say("magic.variable.next"))
        shell.push({name: frame})
    return frame


def _name_and_time(words: Sequence[str], names: Sequence[str]) -> tuple[str, None, str | None]:
    """Return the name, no table beside it, and the time behind the name, which ``--since`` may announce.

    The longest name that there is counts. Where none fits, the last word is the time.
    """
    if "--since" in words:
        at = words.index("--since")
        return " ".join(words[:at]), None, " ".join(words[at + 1 :]) or None
    heads = [" ".join(words[:end]) for end in range(len(words), 0, -1)]
    end = next((len(words) - cut for cut, head in enumerate(heads) if head in names), max(1, len(words) - 1))
    return " ".join(words[:end]), None, " ".join(words[end:]) or None


def _split(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:  # an apostrophe in a title opens no quotes
        return line.split()


# --- Tab --------------------------------------------------------------------------------------------------------------


def _complete(_: Any, event: Any) -> list[str]:
    """Return the names of sources, and of their tables behind them, that what was typed may become."""
    try:
        names = _names(Workspace())
    except LarkError:
        return []
    return [name for name in names if name.casefold().startswith(str(event.symbol).casefold())]


def _names(workspace: Workspace) -> list[str]:
    rows = workspace.status(login=False)
    tables = [f"{row.source}/{row.table}" for row in rows if row.table]
    return [*dict.fromkeys([*(row.source for row in rows), *tables])]


def _complete_command(_: Any, event: Any) -> list[str]:
    return [name for name in COMMANDS if name.startswith(str(event.symbol))]


def load_ipython_extension(shell: Any) -> None:
    """Give an IPython shell ``%lark``, ``%%larksql`` and the names by Tab."""
    shell.register_magic_function(lark, "line", "lark")
    shell.register_magic_function(larksql, "cell", "larksql")
    for pattern in (BEHIND_A_COMMAND, IN_A_CALL):
        shell.set_hook("complete_command", _complete, re_key=pattern)
    shell.set_hook("complete_command", _complete_command, re_key=COMMAND)


def unload_ipython_extension(shell: Any) -> None:
    """Take the magics away again."""
    for kind, name in (("line", "lark"), ("cell", "larksql")):
        shell.magics_manager.magics[kind].pop(name, None)
