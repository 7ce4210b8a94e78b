"""How commands are declared."""

from __future__ import annotations

import argparse

import pytest

from larknb.cli import parser
from larknb.cli.commands import COMMANDS, Command, one_of, option


def help_of(name: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what ``larknb NAME --help`` prints."""
    with pytest.raises(SystemExit):
        parser().parse_args([name, "--help"])
    return capsys.readouterr().out


def parsed(command: Command, *argv: str) -> argparse.Namespace:
    """Return what a parser with this one command makes of a command line."""
    whole = argparse.ArgumentParser()
    command.add_to(whole.add_subparsers())
    return whole.parse_args([command.name, *argv])


def succeed(args: argparse.Namespace) -> int:
    return 0


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_help_speaks_the_language_of_the_run(
    command: Command, lang: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The commands are declared once, at import; what their help says is looked up when somebody asks."""
    monkeypatch.setenv("LARKNB_LANG", lang)
    if command.run is None:
        shown = " ".join(parser().format_help().split())
    else:
        shown = " ".join(help_of(command.name, capsys).split())
    assert any("\u4e00" <= letter <= "\u9fff" for letter in shown) is (lang == "zh")


def test_each_command_is_there_once() -> None:
    """``larknb --help`` lists every command under its own name."""
    names = [command.name for command in COMMANDS]
    assert len(names) == len({*names})
    assert {"init", "login", "sync", "load", "run", "schedule", "demo", "sandbox"} <= {*names}


@pytest.mark.parametrize("name", ["sync", "status", "schema", "runs", "whoami"])
def test_json_comes_first(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A command whose answer a program may read offers --json before its own options."""
    usage = " ".join(help_of(name, capsys).partition("\n\n")[0].split())
    assert usage.startswith(f"usage: larknb {name} [-h] [--json]")


def test_a_declared_option_is_parsed() -> None:
    """Flags and settings are those of argparse, and the function of the command comes with them."""
    command = Command("search", (option("names", nargs="*"), option("--limit", type=int, default=20)), succeed)
    args = parsed(command, "a", "b", "--limit", "3")
    assert (args.names, args.limit, args.run) == (["a", "b"], 3, succeed)
    assert parsed(command).limit == 20


def test_of_some_options_one_may_be_given(capsys: pytest.CaptureFixture[str]) -> None:
    """Two of them are a usage error that names both."""
    command = Command("load", (one_of(option("--csv"), option("--parquet")),), succeed)
    assert parsed(command, "--csv", "a").csv == "a"
    with pytest.raises(SystemExit) as usage:
        parsed(command, "--csv", "a", "--parquet", "b")
    assert usage.value.code == 2
    assert "--parquet: not allowed with argument --csv" in capsys.readouterr().err


def test_a_command_can_keep_its_own_parser() -> None:
    """Without a function it is only listed, and its own parser explains its options."""
    assert "sandbox" in parser().format_help()
    assert not hasattr(parser().parse_args(["sandbox"]), "run")
