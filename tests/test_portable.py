"""What Windows has not is used in a branch that Windows never takes; found in the code, by what typeshed knows."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent

import pytest

import larknb

PACKAGE = Path(larknb.__file__).parent
ENDS = (ast.Return, ast.Raise, ast.Continue, ast.Break)


# --- what Windows has -------------------------------------------------------------------------------------------------


def on_windows(test: ast.expr) -> bool | None:
    """Say what a condition is on Windows; None where that depends on something else."""
    match test:
        case ast.UnaryOp(ast.Not(), operand):
            value = on_windows(operand)
            return None if value is None else not value
        case ast.BoolOp(op, values):
            found, decides = [on_windows(value) for value in values], isinstance(op, ast.Or)
            return decides if decides in found else None if None in found else not decides
        case ast.Call(ast.Name("hasattr"), [ast.Name(module), ast.Constant(name)]):
            return name not in absent(module)
        case ast.Compare(ast.Attribute(ast.Name("sys"), "platform"), [op], [ast.Constant(name)]):
            return (name == "win32") is isinstance(op, ast.Eq)
        case ast.Compare(ast.Attribute(ast.Name("sys"), "version_info")):
            return bool(eval(ast.unparse(test), {"sys": sys}))
    return None


def names(body: list[ast.stmt], *, everywhere: bool) -> Iterator[str]:
    """Yield what a stub defines, on all systems or on Windows."""
    for each in body:
        match each:
            case ast.If(test, then, otherwise):
                value = None if everywhere else on_windows(test)
                yield from names([*(then if value is not False else []), *(otherwise if not value else [])],
                                 everywhere=everywhere)  # fmt: skip
            case (
                ast.FunctionDef(name)
                | ast.ClassDef(name)
                | ast.AnnAssign(ast.Name(name))
                | ast.Assign([ast.Name(name)])
            ):
                yield name
            case ast.ImportFrom(_, aliases):
                yield from (alias.name for alias in aliases if alias.name in ("*", alias.asname))


@cache
def absent(module: str) -> frozenset[str]:
    """Return the names that a module of the standard library has on other systems only; ``*`` if it is all of it."""
    mypy = find_spec("mypy")
    assert mypy is not None and mypy.submodule_search_locations
    stubs = Path(next(iter(mypy.submodule_search_locations))) / "typeshed" / "stdlib"
    places = [stubs / f"{module.replace('.', '/')}{end}" for end in (".pyi", "/__init__.pyi")]
    stub = next((place for place in places if place.exists()), None)
    if stub is None:
        return frozenset()
    body = ast.parse(stub.read_text(encoding="utf-8")).body
    there = {*names(body, everywhere=False)}
    lacks = {*names(body, everywhere=True)} - there
    is_empty = lacks and all(name.startswith("_") for name in there)  # what it takes from others is a "*"
    return frozenset({"*", *lacks} if is_empty else lacks)


# --- what the code uses -----------------------------------------------------------------------------------------------


def used(node: ast.AST) -> str:
    """Return the name of what Windows has not, if a piece of code is one."""
    match node:
        case ast.Import(aliases):
            return next((alias.name for alias in aliases if "*" in absent(alias.name)), "")
        case ast.ImportFrom(str(module), aliases):
            lacks = absent(module)
            return next((f"{module}.{alias.name}" for alias in aliases if {"*", alias.name} & lacks), "")
        case ast.Attribute(ast.Name(module), name) if "*" not in absent(module) and name in absent(module):
            return f"{module}.{name}"
        case ast.Attribute(ast.Name("os"), "name"):
            return "os.name"  # sys.platform is the one way to ask: type checkers know it, and pathlib lives by os.name
    return ""


def unreachable(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of a statement or expression that are never reached on Windows."""
    match node:
        case ast.If(test, then, otherwise):
            value = on_windows(test)
            yield from then if value is False else otherwise if value else []
        case ast.IfExp(test, one, other):
            value = on_windows(test)
            yield from [one] if value is False else [other] if value else []
        case ast.BoolOp(op, values):
            ends = [isinstance(op, ast.Or) is on_windows(value) for value in values]
            yield from values[ends.index(True) + 1 :] if True in ends else []
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list):
            yield from block[next((at for at, each in enumerate(block, 1) if leaves(each)), len(block)) :]


def leaves(statement: ast.stmt) -> bool:
    """Say whether Windows never comes past a statement."""
    match statement:
        case ast.If(test, then):
            return on_windows(test) is True and isinstance(then[-1], ENDS)
    return False


def missing(tree: ast.AST) -> Iterator[str]:
    """Yield what is used on Windows although Windows has it not."""
    never = {id(part) for part in unreachable(tree)}
    for node in ast.iter_child_nodes(tree):
        if id(node) not in never:
            if name := used(node):
                yield name
            yield from missing(node)


def test_nothing_is_used_that_windows_has_not() -> None:
    """Outside of a branch that asks ``sys.platform`` first."""
    found = {path.relative_to(PACKAGE).as_posix(): [*missing(ast.parse(path.read_text(encoding="utf-8")))]
             for path in PACKAGE.rglob("*.py")}  # fmt: skip
    assert {name: words for name, words in found.items() if words} == {}


ABSENT = ["import fcntl", "import termios", "import pty", "import resource", "from pwd import getpwuid", "os.fork()",
          "os.geteuid()", "os.getpgid(1)", "os.O_NOFOLLOW", "os.killpg(1, 9)", "signal.SIGKILL", "signal.SIGHUP",
          "signal.alarm(1)", "time.tzset()", "socket.AF_UNIX", "os.mkfifo('x')", "os.WNOHANG", "os.name",
          "from os import fork", "from signal import SIGKILL as KILL", "import tty", "os.uname()"]  # fmt: skip
GUARDS = {
    "if": "if sys.platform != 'win32':\n    {}",
    "linux": "if sys.platform == 'linux' and x:\n    {}",
    "else": "if sys.platform == 'win32':\n    pass\nelse:\n    {}",
    "return": "def f():\n    if sys.platform == 'win32':\n        return\n    {}",
    "inside": "if sys.platform != 'win32':\n    def f():\n        while True:\n            {}",
}
NO_GUARDS = {
    "none": "{}",
    "later": "def f():\n    {}\n    if sys.platform == 'win32':\n        return",
    "the wrong way": "if sys.platform == 'win32':\n    {}",
    "or": "if sys.platform != 'win32' or x:\n    {}",
    "assert": "def f():\n    assert sys.platform == 'linux'\n    {}",  # no type checker reads it
    "falls through": "def f():\n    if sys.platform == 'win32':\n        pass\n    {}",
    "a function of its own": "def f():\n    if sys.platform == 'win32':\n        return\n\ndef g():\n    {}",
}


@pytest.mark.parametrize("code", ABSENT)
def test_the_scan_knows_what_windows_has_not(code: str) -> None:
    """Modules, functions and constants."""
    assert [*missing(ast.parse(code))]
    assert not [*missing(ast.parse(GUARDS["if"].format(code)))]


@pytest.mark.parametrize(
    ("around", "is_guarded"),
    [*((text, True) for text in GUARDS.values()), *((text, False) for text in NO_GUARDS.values())],
    ids=[*GUARDS, *NO_GUARDS],
)
def test_the_scan_sees_what_is_guarded(around: str, is_guarded: bool) -> None:
    """And what only looks so."""
    assert bool([*missing(ast.parse(around.format("os.fork()")))]) is not is_guarded


@pytest.mark.parametrize(
    ("code", "is_guarded"),
    [
        ("os.getuid() if sys.platform != 'win32' else 0", True),
        ("os.getuid() if sys.platform == 'win32' else 0", False),
        ("sys.platform != 'win32' and os.getuid()", True),
        ("sys.platform == 'win32' or os.getuid()", True),
        ("sys.platform == 'win32' and os.getuid()", False),
        ("if hasattr(time, 'tzset'): time.tzset()", True),
        ("if not hasattr(os, 'fork'): os.fork()", False),
        ("getattr(os, 'O_NOFOLLOW', 0)", True),
        ("import os, signal, socket, time, msvcrt; os.getpid(); signal.SIGTERM; os.kill(1, signal.SIGINT)", True),
    ],
)
def test_expressions_are_guarded_too(code: str, is_guarded: bool) -> None:
    """By conditions of every form; what Windows has needs none."""
    assert bool([*missing(ast.parse(dedent(code)))]) is not is_guarded
