import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import larknb

PACKAGE = Path(larknb.__file__).parent
# The tree from the bottom up: a file may import what a lower line holds, and what its own line does as long as no
# circle comes of it. The stand-in is apart: it imports nothing of ours, and only faces start it.
LINES = (
    "messages errors files disk partial places stored logs env visible decoding",
    "model links library display console results scan",
    "config",
    "wire",
    "auth api",
    "tabular guides",
    "readers cache",
    "remote",
    "people access bill crew visit walking syncing",
    "headless screens outlets",
    "services",
    "workspace",
    "__init__ calls cli demo magics mcp __main__",
)
HEIGHT = {room: height for height, line in enumerate(LINES) for room in line.split()}
FACES = set(LINES[-1].split())


def name_of(path: Path) -> str:
    return ".".join(("larknb", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")


FILES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else "__init__"


def imported(path: Path) -> set[str]:
    """Return the files of ours that a file imports, wherever in it and for whatever purpose."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert not node.level or room_of(name_of(path)) == "sandbox", "imports are written in full"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.add(whole if whole in FILES else str(node.module))
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name for name in found if name in FILES and name != "larknb"}


IMPORTS = {module: imported(path) for module, path in FILES.items()}


@pytest.mark.parametrize("module", FILES)
def test_imports_point_down_the_tree(module: str) -> None:
    """No file knows what stands above it; the stand-in shares nothing with the client."""
    room = room_of(module)
    for other in IMPORTS[module]:
        if "sandbox" in (room, room_of(other)):
            assert room == room_of(other) or room in FACES, other
        else:
            assert HEIGHT[room_of(other)] <= HEIGHT[room], other


@pytest.mark.parametrize("module", [name for name in FILES if room_of(name) in ("readers", "cache")])
def test_what_fetches_and_what_keeps_do_not_know_each_other(module: str) -> None:
    """A cached table opens offline, and a new kind of source is one file among the readers."""
    other = {"readers": "cache", "cache": "readers"}[room_of(module)]
    assert not {name for name in IMPORTS[module] if room_of(name) == other}


IO = {"open", "read_bytes", "read_text", "write_bytes", "write_text", "read_table", "read_schema", "stat"}
PACKAGED = {"larknb.guides.payloads": {"read_bytes"}}  # the list of emojis that comes with the package


@pytest.mark.parametrize("module", [name for name in FILES if room_of(name) in ("tabular", "guides")])
def test_tables_and_documents_do_no_input_or_output(module: str) -> None:
    """The same input gives the same output: no file is read or written, and nothing is asked."""
    calls = [node.func for node in ast.walk(ast.parse(FILES[module].read_text("utf-8"))) if isinstance(node, ast.Call)]
    named = {call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in calls}
    assert named & IO <= PACKAGED.get(module, set())


def test_no_file_imports_itself_by_way_of_others() -> None:
    """There is no circle between files, lazy and typing imports counted."""
    left = dict(IMPORTS)
    while leaves := [module for module, others in left.items() if not others & left.keys()]:
        for module in leaves:
            del left[module]
    assert {module: sorted(others & left.keys()) for module, others in left.items()} == {}


def test_everything_public_can_be_imported() -> None:
    """``__all__`` is what there is."""
    for name in larknb.__all__:
        assert getattr(larknb, name) is not None
    assert set(larknb.__all__) <= set(dir(larknb))


@pytest.mark.parametrize("statement", ["import larknb", "import larknb.cli; larknb.cli.main(['--help'])"])
def test_the_start_is_light(statement: str) -> None:
    """Neither ``import larknb`` nor ``larknb --help`` loads what takes long to load."""
    heavy = ("requests", "pandas", "pyarrow", "numpy", "ipywidgets", "nbclient", "nbformat", "tomlkit", "IPython",
             "msgspec", "rich")  # fmt: skip
    check = f"import sys; {statement}; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_terminal_alone_knows_click_and_rich() -> None:
    """A notebook and a scheduled kernel import neither."""
    users = [
        name
        for name, path in FILES.items()
        if re.search(r"^\s*(import|from) (click|rich)\b", path.read_text("utf-8"), re.M)
    ]
    assert {room_of(name) for name in users} == {"cli"}


def test_a_call_stays_a_call() -> None:
    """Importing the module ``larknb.sync`` does not hide ``lk.sync``: every call can be made again and again."""
    check = (
        "import importlib, pkgutil, larknb\n"
        "for found in pkgutil.walk_packages(larknb.__path__, 'larknb.'):\n"
        "    if not found.name.endswith('__main__'): importlib.import_module(found.name)\n"
        "print([name for name in larknb.__all__ for _ in range(2) if not callable(getattr(larknb, name))])"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    assert done.stdout.strip() == "[]"
