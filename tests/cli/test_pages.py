"""Help pages."""

from __future__ import annotations

import pytest

from larknb.cli.commands import COMMANDS, Command
from larknb.cli.pages import command_page, main_page, main_usage, usage
from larknb.cli.parsing import COMMON
from larknb.display import width

BY_NAME = {command.name: command for command in COMMANDS}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_page_fits_a_narrow_terminal(command: Command, lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No line is wider than the terminal, wide characters counted."""
    monkeypatch.setenv("LARKNB_LANG", lang)
    monkeypatch.setenv("COLUMNS", "56")
    lines = [line for line in command_page(command).splitlines() if "LARKNB_" not in line]
    assert max(map(width, lines[1:])) <= 56


def test_the_main_page_lists_all() -> None:
    """Every command with what it is for, and the options of every command."""
    page = main_page(COMMANDS, COMMON)
    assert all(f"  {command.name} " in page for command in COMMANDS)
    assert "--home FOLDER" in page
    assert page.startswith(f"Usage: {main_usage()}\n")


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("load", "larknb load NAME [options]"),
        ("search", "larknb search TEXT … [options]"),
        ("sync", "larknb sync [NAME …] [options]"),
        ("demo", "larknb demo [FOLDER] [options]"),
        ("status", "larknb status [options]"),
    ],
)
def test_usage_is_one_line(name: str, line: str) -> None:
    """What must be given, what may be left out, what may come again."""
    assert usage(BY_NAME[name]) == line


def test_what_a_value_is_called() -> None:
    """Choices are listed, a value that may be left out stands in brackets, several are announced."""
    page = command_page(BY_NAME["load"])
    assert "--csv [FILE]" in page
    assert "--columns COLUMN …" in page
    assert "{bitable,spreadsheet,document}" in command_page(BY_NAME["sync"])
