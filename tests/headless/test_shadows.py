"""Files that a kernel takes for modules of Python, or of its own packages."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from larknb.headless.shadows import hint

PYTHON = ["types", "random", "json", "socket", "logging", "asyncio", "ctypes", "queue", "collections", "functools"]
KERNEL = ["ipykernel", "IPython", "zmq", "tornado", "traitlets", "jupyter_client", "comm", "psutil"]


def put(folder: Path, name: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    if path.suffix:
        path.write_text("x = 1", encoding="utf-8")
    else:
        path.mkdir()
        (path / "__init__.py").touch()
    return path


@pytest.mark.parametrize("form", ["{}.py", "{}"])
@pytest.mark.parametrize("name", PYTHON)
def test_a_module_of_python_is_shadowed_through_the_path(tmp_path: Path, name: str, form: str) -> None:
    """Only PYTHONPATH comes before Python's own modules, by name, by an empty place, and by a relative one."""
    path = put(tmp_path / "lib", form.format(name))
    assert hint(tmp_path, {}) == hint(tmp_path / "lib", {}) == ""
    for folder, places in ((tmp_path, str(tmp_path / "lib")), (tmp_path, "lib"), (tmp_path / "lib", os.pathsep)):
        assert str(path) in hint(folder, {"PYTHONPATH": places})
    assert hint(tmp_path, {"PYTHONPATH": ""}) == ""


@pytest.mark.parametrize("form", ["{}.py", "{}"])
@pytest.mark.parametrize("name", KERNEL)
def test_a_package_of_the_kernel_is_shadowed_by_its_folder(tmp_path: Path, name: str, form: str) -> None:
    """What is installed comes behind the notebook's folder."""
    assert str(put(tmp_path, form.format(name))) in hint(tmp_path, {})


@pytest.mark.parametrize("name", ["helper.py", "report.py", "types.txt", "types.ipynb", "larknb_types.py", "json.pyc"])
def test_other_files_are_nobodys_fault(tmp_path: Path, name: str) -> None:
    """A helper of the notebook, and what is no module."""
    put(tmp_path, name)
    assert hint(tmp_path, {"PYTHONPATH": str(tmp_path)}) == ""


def test_a_folder_that_is_no_package(tmp_path: Path) -> None:
    """Python prefers its own module to a folder without __init__.py; and a folder that is not there shadows nothing."""
    (tmp_path / "json").mkdir()
    assert hint(tmp_path, {"PYTHONPATH": f"{tmp_path}{os.pathsep}{tmp_path / 'missing'}"}) == ""


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("module 'pandas' has no attribute 'DataFrame'", True),
        ("cannot import name 'x' from 'pandas.core' (/x/pandas.py)", True),
        ("No module named 'pandas.core'; 'pandas' is not a package", True),
        ("module 'random' has no attribute 'Random'", False),
        ("module 'numpy' has no attribute 'x'", False),
        ("'Frame' object has no attribute 'x'", False),
        ("no quotes at all", False),
    ],
)
def test_an_error_of_a_cell_is_told_by_its_words(tmp_path: Path, words: str, told: bool) -> None:
    """Only a module that the error names counts, and only where the file comes before it."""
    paths = [put(tmp_path, f"{name}.py") for name in ("pandas", "random")]
    assert (str(paths[0]) in hint(tmp_path, {}, words)) is told
    assert str(paths[1]) not in hint(tmp_path, {}, words)


def test_what_is_installed_shadows_nothing(tmp_path: Path) -> None:
    """The search path of this very Python, given again in PYTHONPATH."""
    assert hint(tmp_path, {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}) == ""


def test_many_files_are_not_all_named(tmp_path: Path) -> None:
    """A line is a line."""
    for name in PYTHON:
        put(tmp_path, f"{name}.py")
    told = hint(tmp_path, {"PYTHONPATH": str(tmp_path)})
    assert (told.count(".py"), told.endswith("…")) == (5, True)
