"""completion: what a shell runs so that Tab completes commands, options, and the names of sources and tables."""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Mapping

from click.shell_completion import CompletionItem, ShellComplete, ZshComplete, split_arg_string

from larknb.cli.commands import command, option
from larknb.cli.output import write
from larknb.env import COMPLETE

__all__ = ["answer"]

BASH = """\
_larknb_completion() {
    local IFS=$'\\n' line
    COMPREPLY=()
    while read -r line; do
        case "$line" in
            file,*) compopt -o default ;;
            plain,*) COMPREPLY+=("${line#plain,}") ;;
        esac
    done < <(COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD %(complete_var)s=bash %(prog_name)s 2>/dev/null)
}
complete -F _larknb_completion %(prog_name)s
"""
FISH = """\
function _larknb_completion
    set -l answer (env %(complete_var)s=fish COMP_WORDS=(commandline -cp | string collect) \
COMP_CWORD=(commandline -ct | string collect) %(prog_name)s 2>/dev/null)
    for line in $answer
        set -l parts (string split -m 1 "," -- $line)
        switch $parts[1]
            case file
                __fish_complete_path (commandline -ct)
            case plain
                echo $parts[2]
        end
    end
end
complete --no-files --command %(prog_name)s --arguments "(_larknb_completion)"
"""
POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($word, $tree, $position)
    $before = [Console]::OutputEncoding
    $count = $tree.CommandElements.Count
    $env:COMP_WORDS = $tree.ToString()
    $env:COMP_CWORD = if ($word) { $count - 1 } else { $count }
    $env:%(complete_var)s = 'powershell'
    try {
        [Console]::OutputEncoding = [System.Text.UTF8Encoding]::new($false)
        $answer = & %(prog_name)s 2>$null
    } finally {
        [Console]::OutputEncoding = $before
        Remove-Item Env:COMP_WORDS, Env:COMP_CWORD, Env:%(complete_var)s -ErrorAction SilentlyContinue
    }
    foreach ($line in $answer) {
        $kind, $value = $line -split ',', 2
        if ($kind -eq 'plain') {
            [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $value)
        } elseif ($kind -eq 'file') {
            [System.Management.Automation.CompletionCompleters]::CompleteFilename($word)
        }
    }
}
"""


class _Bash(ShellComplete):
    name, source_template = "bash", BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        words, at = split_arg_string(os.environ["COMP_WORDS"]), int(os.environ["COMP_CWORD"])
        return words[1:at], words[at] if at < len(words) else ""

    def format_completion(self, item: CompletionItem[str]) -> str:
        return f"{item.type},{item.value if item.type != 'plain' or _is_in_quotes() else shlex.quote(item.value)}"


class _Fish(ShellComplete):
    name, source_template = "fish", FISH

    def get_completion_args(self) -> tuple[list[str], str]:
        words, typed = split_arg_string(os.environ["COMP_WORDS"]), split_arg_string(os.environ["COMP_CWORD"])
        return words[1 : len(words) - len(typed)], "".join(typed)

    def format_completion(self, item: CompletionItem[str]) -> str:
        return f"{item.type},{item.value}"  # fish sets its own quotes


class _PowerShell(_Bash):
    name, source_template = "powershell", POWERSHELL

    def format_completion(self, item: CompletionItem[str]) -> str:
        value = item.value.replace("'", "''")
        is_word = all(sign.isalnum() or sign in "-_./:" for sign in value)
        return f"{item.type},{value if is_word else chr(39) + value + chr(39)}"


SHELLS: Mapping[str, type[ShellComplete]] = {
    "bash": _Bash,
    "zsh": ZshComplete,
    "fish": _Fish,
    "powershell": _PowerShell,
}


def _is_in_quotes() -> bool:
    """Say whether the word that is typed began with a quote, which the shell closes itself."""
    words = os.environ["COMP_WORDS"].split("\n")
    return words[-1][:1] in ("'", '"')


@command("completion", option("shell", choices=tuple(SHELLS), about="cli.completion.shell"))
def _completion(args: argparse.Namespace) -> int:
    print(_of(args.shell).source(), end="")
    return 0


def answer(shell: str) -> int:
    """Print what may stand where the cursor is, for the script of a shell."""
    if shell.removesuffix("_complete") not in SHELLS:
        return 2
    write("-", [_of(shell.removesuffix("_complete")).complete().encode()])  # the scripts read UTF-8
    return 0


def _of(shell: str) -> ShellComplete:
    from larknb.cli.parsing import program

    return SHELLS[shell](program(), {}, "larknb", COMPLETE)
