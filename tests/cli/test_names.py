"""The names that a shell offers."""

from __future__ import annotations

from typing import Any

import pytest

from larknb.cli import main
from larknb.cli.commands import option
from larknb.cli.names import candidates
from tests.conftest import Lab

NAME, TABLE, COLUMN = option("name", metavar="NAME"), option("--table"), option("--columns", nargs="+")
CASES: list[tuple[Any, dict[str, Any], str, list[str]]] = [
    (NAME, {}, "", ["s1"]),
    (NAME, {}, "s1/", ["s1", "s1/teams", "s1/people"]),
    (option("names", nargs="*"), {}, "", ["s1"]),
    (TABLE, {"name": "s1"}, "", ["teams", "people"]),
    (TABLE, {}, "", []),
    (COLUMN, {"name": "s1", "table": "teams"}, "", ["title"]),
    (COLUMN, {"name": "nope", "table": None}, "", []),
    (option("--kind", choices=("a", "b")), {}, "", ["a", "b"]),
]


@pytest.mark.parametrize(("declared", "given", "typed", "names"), CASES)
def test_what_a_shell_offers(home: Lab, declared: Any, given: dict[str, Any], typed: str, names: list[str]) -> None:
    """Sources, tables once a source stands there, columns of the table, and nothing where it is not known."""
    main(["sync", "--quiet"])
    assert [*candidates(declared, None, given, typed)][: len(names) or None] == names


def test_a_broken_folder_offers_nothing(home: Lab) -> None:
    """Whoever types must not see an error."""
    (home.workspace.root / "larknb.toml").write_text("nonsense", encoding="utf-8")
    assert candidates(NAME, None, {}, "") == []
