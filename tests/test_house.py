"""What keeps the house readable: short functions, short files, a test file for every module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import larknb

PACKAGE = Path(larknb.__file__).parent
FILES = sorted(path for path in PACKAGE.rglob("*.py"))
MOST_LINES = {"function": 60, "file": 500}
LONG = {"workspace.py": "nearly all of it are the docstrings"}  # a reason that its own docstring gives


# Where JSON of the platform passes as it came, of whatever content; all that is ours has types.
FOREIGN = {
    "api/client.py": "the answers of the platform",
    "api/endpoints.py": "cells and properties, which the door lets pass",
    "auth/masking.py": "the answers that hold tokens, while they are parsed",
    "auth/token.py": "what the file of a login keeps of such an answer",
    "cache/gridfiles.py": "a worksheet as it was received",
    "cache/guidefiles.py": "a document as it was received",
    "cache/loading.py": "a worksheet as it was received, on its way to the user",
    "headless/bot.py": "a message card",
    "headless/outputs.py": "the messages of a kernel, which nbclient types so",
    "readers/bitable.py": "the answers of a search",
    "readers/chosen.py": "fields, records, and the body of a search",
    "readers/document.py": "what the platform tells of a document",
    "readers/windows.py": "the cells of a worksheet",
    "tabular/grid.py": "rich cells of a worksheet",
    "tabular/results.py": "computed cells of a Bitable",
    "wire/reply.py": "the answers of the platform",
}


def bodies(path: Path) -> Iterator[tuple[str, int]]:
    """Yield the functions of a file with the lines of their bodies, docstrings left out."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            if body:
                yield node.name, (body[-1].end_lineno or 0) - body[0].lineno + 1


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_functions_and_files_are_short(path: Path) -> None:
    """A function fits on a screen; a long file says at its top why it is one."""
    assert [name for name, lines in bodies(path) if lines > MOST_LINES["function"]] == []
    text = path.read_text(encoding="utf-8")
    if len(text.splitlines()) > MOST_LINES["file"]:
        reason = LONG[str(path.relative_to(PACKAGE))]
        assert reason in (ast.get_docstring(ast.parse(text)) or "")


def test_every_module_has_its_test_file() -> None:
    """tests/ mirrors the package; what only gathers names or texts needs none."""
    tests = Path(__file__).parent
    alone = {"__init__.py", "__main__.py", "py.typed"}
    modules = [path.relative_to(PACKAGE) for path in FILES if path.name not in alone]
    modules = [path for path in modules if path.parts[0] not in ("sandbox", "messages", "notebooks")]
    missing = [str(path) for path in modules if not (tests / path.parent / f"test_{path.name}").exists()]
    assert missing == []


def test_only_what_the_platform_sends_is_untyped() -> None:
    """``dict[str, Any]`` stands for somebody else's JSON; what no longer needs it leaves the list."""
    ours = [path for path in FILES if path.relative_to(PACKAGE).parts[0] != "sandbox"]
    untyped = [path for path in ours if "dict[str, Any]" in path.read_text(encoding="utf-8")]
    assert [path.relative_to(PACKAGE).as_posix() for path in untyped] == [*FOREIGN]
