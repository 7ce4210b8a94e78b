import ast
import subprocess
import sys
from pathlib import Path

import pytest

import larknb

PACKAGE = Path(larknb.__file__).parent
ROOM_0 = ["messages", "errors", "model", "display"]
ALLOWED = (
    {  # room -> rooms it may import; a room is the first name below larknb
        "config": {*ROOM_0, "links", "files"},
        "links": set(ROOM_0),
        "files": set(ROOM_0),
        "logs": set(ROOM_0),
        "auth": {*ROOM_0, "config", "links", "files", "auth"},
        "api": {*ROOM_0, "config", "links", "files", "auth", "api"},
        "sources": {*ROOM_0, "config", "links", "files", "api", "sources"},
        "cache": {*ROOM_0, "config", "links", "files", "cache"},
        "sync": {*ROOM_0, "config", "links", "files", "auth", "api", "sources", "cache"},
        "runs": {*ROOM_0, "config", "links", "files", "auth", "api", "runs"},
        "notebook": {*ROOM_0, "config", "links", "files", "auth", "api", "notebook"},
        "setup": {*ROOM_0, "config", "links", "auth"},
        "workspace": {
            *ROOM_0,
            "config",
            "links",
            "files",
            "logs",
            "auth",
            "api",
            "sources",
            "cache",
            "sync",
            "runs",
            "notebook",
            "setup",
        },
        "cli": {"errors", "messages", "workspace", "sandbox", "demo"},
        "demo": {"errors", "messages", "workspace", "sandbox"},
        "__init__": {"errors", "workspace"},
        "__main__": {"cli"},
        "sandbox": {"sandbox"},
    }
    | {name: set(ROOM_0[:index]) for index, name in enumerate(ROOM_0)}
)
ALLOWED["model"] |= {"display"}  # a result imports it when it is shown


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "larknb":
            names = [node.module] if "." in node.module else [f"larknb.{alias.name}" for alias in node.names]
            found |= {name.split(".")[1] for name in names}
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("larknb.")}
        elif isinstance(node, ast.ImportFrom) and node.level:
            assert node.level == 1, "a relative import stays inside its room"
    return found


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_follow_the_rooms(path: Path) -> None:
    """Imports point to smaller rooms only; the stand-in shares nothing with the client."""
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    assert imported(path) <= ALLOWED[room]


def test_everything_public_can_be_imported() -> None:
    """``__all__`` is what there is."""
    for name in larknb.__all__:
        assert getattr(larknb, name) is not None
    assert set(larknb.__all__) <= set(dir(larknb))


@pytest.mark.parametrize("statement", ["import larknb", "import larknb.cli; larknb.cli._parser().format_help()"])
def test_the_start_is_light(statement: str) -> None:
    """Neither ``import larknb`` nor ``larknb --help`` loads what takes long to load."""
    heavy = ("requests", "pandas", "pyarrow", "numpy", "ipywidgets", "nbclient", "nbformat", "tomlkit", "IPython")
    check = f"import sys; {statement}; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    assert done.stdout.strip() == "[]"


def test_a_call_stays_a_call() -> None:
    """Importing the module ``larknb.sync`` does not hide ``lk.sync``: every call can be made again and again."""
    check = (
        "import importlib, pkgutil, larknb\n"
        "for found in pkgutil.walk_packages(larknb.__path__, 'larknb.'):\n"
        "    if not found.name.endswith('__main__'): importlib.import_module(found.name)\n"
        "from larknb.sources import gate\n"
        "print([name for name in larknb.__all__ for _ in range(2) if not callable(getattr(larknb, name))])"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    assert done.stdout.strip() == "[]"
