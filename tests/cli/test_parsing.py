"""What becomes of a command line."""

from __future__ import annotations

import argparse
from typing import Any

import pytest

from larknb.cli.commands import COMMANDS
from larknb.cli.parsing import parse
from larknb.errors import ConfigError


def parsed(*argv: str) -> dict[str, Any]:
    found = parse(argv)
    assert isinstance(found, argparse.Namespace)
    return vars(found)


VALUES: list[tuple[str, dict[str, Any]]] = [
    ("load s1/people", {"name": "s1/people", "table": None, "columns": None, "csv": None, "as_of": None}),
    ("load s1 --as-of -2", {"as_of": "-2"}),
    ("load s1 --as-of -3d", {"as_of": "-3d"}),
    ("load s1 --as-of=-2", {"as_of": "-2"}),
    ("diff s1 --since -2 --until -1", {"since": "-2", "until": "-1"}),
    ("load s1 --columns a b --csv", {"columns": ["a", "b"], "csv": "-"}),
    ("load s1 --columns a --columns b", {"columns": ["a", "b"]}),
    ("load --columns a b -- s1", {"columns": ["a", "b"], "name": "s1"}),
    ("load s1 --csv out.csv", {"csv": "out.csv"}),
    ("load s1 --csv -", {"csv": "-"}),
    ("load --table people s1", {"name": "s1", "table": "people"}),
    ("sync a b --force", {"names": ["a", "b"], "force": True, "kind": None}),
    ("sync", {"names": [], "force": False, "home": None, "debug": None}),
    ("--home f sync", {"home": "f"}),
    ("sync --home f --debug", {"home": "f", "debug": True}),
    ("search a --limit 3 b", {"text": ["a", "b"], "limit": 3}),
    ("search a", {"limit": 20}),
    ("run nb -p a=-1 --parameter b=2", {"parameter": ["a=-1", "b=2"], "timeout": 600}),
    ("schedule --at 08:30 --at 9:00", {"at": ["08:30", "9:00"], "interval": None}),
    ("doctor --probe a b --fix", {"probe": ["a", "b"], "fix": True}),
    ("demo", {"folder": "larknb-demo"}),
    ("", {"command": None, "run": None}),
]


@pytest.mark.parametrize(("line", "values"), VALUES, ids=[line for line, _ in VALUES])
def test_what_a_command_gets(line: str, values: dict[str, Any]) -> None:
    """Values that begin with a minus, several values, values left out, the options of every command."""
    found = parsed(*line.split())
    assert {name: found[name] or None if name == "debug" else found[name] for name in values} == values


WRONG = [  # a command line; what must be said of it
    ("load", "NAME is missing"),
    ("load a b", "Too many arguments: b"),
    ("load a --jsom", "no option --jsom. Did you mean --json?"),
    ("load a --csv --json", "--csv and --json cannot be used together"),
    ("load a --as-of --csv", "--as-of needs a value (WHEN)"),
    ("load a --as-of", "--as-of needs a value (WHEN)"),
    ("load a --columns", "--columns needs a value"),
    ("search a --limit x", '--limit: "x" is not a number'),
    ("search a --kind x", '"x" is not one of bitable, spreadsheet, document'),
    ("sync --force=1", "--force takes no value"),
    ("laod", "no command laod. Did you mean load?"),
    ("--jsom", "no option --jsom"),
]


@pytest.mark.parametrize(("line", "told"), WRONG, ids=[line for line, _ in WRONG])
def test_what_is_wrong_is_told_in_our_words(line: str, told: str) -> None:
    """In one sentence, with what the command looks like."""
    with pytest.raises(ConfigError) as wrong:
        parse(line.split())
    assert told in str(wrong.value)
    assert "--help" in wrong.value.next


@pytest.mark.parametrize(("line", "_"), WRONG, ids=[line for line, _ in WRONG])
def test_nothing_of_the_frame_speaks_english(line: str, _: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In Chinese there is no English sentence of click's own."""
    monkeypatch.setenv("LARKNB_LANG", "zh")
    with pytest.raises(ConfigError) as wrong:
        parse(line.split())
    words = [word for word in str(wrong.value).replace("larknb", "").split() if word.isalpha() and word.islower()]
    assert [
        word for word in words if word.isascii() and len(word) > 2 and word not in (*line.split(), "document")
    ] == []


@pytest.mark.parametrize("line", ["xyzzy", "load a --xyzzy", "schedule --foo"])
def test_only_what_is_near_is_offered(line: str) -> None:
    """A word that resembles nothing gets no suggestion."""
    with pytest.raises(ConfigError) as wrong:
        parse(line.split())
    assert "Did you mean" not in str(wrong.value)


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    """larknb --version prints it and does nothing else."""
    assert parse(["--version"]) is None
    assert capsys.readouterr().out.startswith("larknb 0.")


@pytest.mark.parametrize("command", [each for each in COMMANDS if each.run], ids=lambda command: command.name)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_help_speaks_the_language_of_the_run(
    command: Any, lang: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The commands are declared once, at import; what their help says is looked up when somebody asks."""
    monkeypatch.setenv("LARKNB_LANG", lang)
    assert parse([command.name, "--help"]) is None
    shown = capsys.readouterr().out
    assert any("\u4e00" <= letter <= "\u9fff" for letter in shown) is (lang == "zh")
