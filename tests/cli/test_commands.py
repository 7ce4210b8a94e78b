"""How commands are declared."""

from __future__ import annotations

from typing import Any

import pytest

from larknb.cli.commands import COMMANDS, OneOf, Option, one_of, option
from larknb.cli.parsing import parse


def test_each_command_is_there_once() -> None:
    """No name is taken twice."""
    names = [command.name for command in COMMANDS]
    assert len(names) == len({*names})
    assert {"init", "login", "sync", "load", "run", "schedule", "demo", "sandbox", "completion"} <= {*names}


@pytest.mark.parametrize("name", ["sync", "status", "schema", "runs", "whoami"])
def test_json_comes_first(name: str) -> None:
    """A command whose answer a program may read offers --json before its own options."""
    command = next(command for command in COMMANDS if command.name == name)
    assert command.options[0].flags == ("--json",)
    words = ["s"] if name == "schema" else []
    assert vars(parse([name, *words, "--json"]) or object())["json"] is True


VALUES: list[tuple[Option, Any, Any]] = [  # what was given, what the function gets
    (option("name"), "a", "a"),
    (option("names", nargs="*"), (), []),
    (option("names", nargs="*"), ("a", "b"), ["a", "b"]),
    (option("folder", nargs="?", default="here"), None, "here"),
    (option("--columns", nargs="+"), (), None),
    (option("--columns", nargs="+"), ("a",), ["a"]),
    (option("--at", action="append", default=[]), (), []),
    (option("--at", action="append"), (), None),
    (option("--limit", type=int, default=20), None, 20),
    (option("--limit", type=int, default=20), 0, 0),
    (option("--force", action="store_true"), False, False),
]


@pytest.mark.parametrize(("declared", "given", "value"), VALUES, ids=str)
def test_a_function_gets_lists_and_defaults(declared: Option, given: Any, value: Any) -> None:
    """Where nothing was given, the declared default; several values as a list."""
    assert declared.value(given) == value


def test_a_default_list_is_nobody_elses() -> None:
    """A function that appends to what it got changes no other call."""
    declared = option("--at", action="append", default=[])
    declared.value(None).append("8:30")
    assert declared.value(None) == []


def test_an_option_is_known_by_its_longest_flag() -> None:
    """Or by the name that it was given."""
    assert option("-p", "--parameter").name == "parameter"
    assert option("--table", dest="tables").name == "tables"
    assert isinstance(one_of(option("--csv"), option("--json")), OneOf)
