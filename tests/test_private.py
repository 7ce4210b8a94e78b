"""What begins with an underscore concerns nobody but its class or file."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import larknb

PACKAGE, TESTS = Path(larknb.__file__).parent, Path(__file__).parent
# Names of others that have no public twin.
ALLOWED = (
    "_allow_stdin",  # ipykernel: whether its front end answers input(); the request does not always say it
    "_ipython_key_completions_",  # IPython: what stands in brackets by Tab
    "_replace",  # a named tuple with another value: the underscore keeps the names of its fields free
    "_repr_html_",  # IPython: how a result shows itself
    "_repr_mimebundle_",  # the same
)
ACCESSORS = ("getattr", "setattr", "delattr", "hasattr")


def is_private(name: object) -> bool:
    return isinstance(name, str) and name.startswith("_") and not name.endswith("__") and name not in ALLOWED


def foreign_names(tree: ast.AST) -> Iterator[str]:
    """Yield the private names that a file uses of others: as an attribute, imported, or named in a text."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="self" | "cls")):
                continue
            case ast.Attribute(attr=name) if is_private(name):
                yield ast.unparse(node)
            case ast.ImportFrom(module=module, names=names):
                yield from (f"from {module} import {alias.name}" for alias in names if is_private(alias.name))
            case ast.Call(
                func=ast.Name(id=called) | ast.Attribute(attr=called), args=[_, ast.Constant(value=name), *_]
            ):
                if called in ACCESSORS and is_private(name):
                    yield ast.unparse(node)
            case ast.Constant(value=str(text)) if text.startswith("larknb.") and is_private(text.rpartition(".")[2]):
                yield ast.unparse(node)


@pytest.mark.parametrize("root", [PACKAGE, TESTS], ids=lambda root: root.name)
def test_nothing_uses_a_private_name_of_others(root: Path) -> None:
    """Neither the code nor its tests; the stand-in is apart and holds its own house together."""
    found = {
        str(path.relative_to(root)): names
        for path in sorted(root.rglob("*.py"))
        if "sandbox" not in path.relative_to(root).parts
        if (names := [*foreign_names(ast.parse(path.read_text(encoding="utf-8")))])
    }
    assert found == {}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("workspace._context.settings", ["workspace._context"]),
        ("Workspace(root)._context", ["Workspace(root)._context"]),
        ("from larknb.cache.search import _last, Contents", ["from larknb.cache.search import _last"]),
        ("monkeypatch.setattr(context, '_owner', None)", ["monkeypatch.setattr(context, '_owner', None)"]),
        ("monkeypatch.setattr('larknb.cli._exit_code', None)", ["'larknb.cli._exit_code'"]),
        ("self._context, cls._made, module.__name__, result._repr_html_()", []),
    ],
)
def test_every_way_to_a_private_name_is_seen(line: str, found: list[str]) -> None:
    """An attribute, an import, and a text that is looked up; one's own names and Python's are nobody else's."""
    assert [*foreign_names(ast.parse(line))] == found
