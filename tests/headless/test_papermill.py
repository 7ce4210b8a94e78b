"""papermill and ``jupyter execute``, which know nothing of us, run our notebooks; and we run papermill's."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from larknb.cli import main
from larknb.headless.runner import run_notebook
from tests.others import python_with

pytestmark = [pytest.mark.sdk, pytest.mark.timeout(600)]

REPOSITORY = Path(__file__).parent.parent.parent
NOTEBOOKS = [*(REPOSITORY / "notebooks").glob("*.ipynb")]


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the programs of a venv with papermill, whose kernels are this interpreter's."""
    return python_with(tmp_path_factory.mktemp("papermill") / "venv", "papermill").parent


@pytest.fixture
def kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ``python3`` mean this interpreter and this larknb to any Jupyter program."""
    spec = tmp_path / "jupyter" / "kernels" / "python3"
    spec.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (spec / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "Python 3", "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    monkeypatch.setenv("MPLBACKEND", "agg")


@pytest.fixture
def demo(tmp_path: Path, kernels: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What ``larknb demo`` leaves."""
    assert main(["demo", str(tmp_path / "demo")]) == 0
    monkeypatch.setenv("LARKNB_HOME", str(tmp_path / "demo"))
    return tmp_path


def execute(tools: Path, demo: Path, *command: str | Path) -> None:
    done = subprocess.run([tools / command[0], *command[1:]], cwd=demo, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_papermill_runs_ours(tools: Path, demo: Path, path: Path) -> None:
    """Unchanged; and what it leaves, its injected cell and its metadata in it, runs here again."""
    given = ["-p", "kind", "bitable"] if path.stem == "scheduled_sync" else []
    execute(tools, demo, "papermill", shutil.copy(path, demo), demo / "out.ipynb", *given)
    again = run_notebook(demo / "out.ipynb", demo / "again.ipynb", timeout=60)
    again.raise_for_failure()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_jupyter_execute_runs_ours(tools: Path, demo: Path, path: Path) -> None:
    """Unchanged, too."""
    execute(tools, demo, "jupyter-execute", shutil.copy(path, demo), "--output", demo / "out")


def test_we_run_what_was_written_for_papermill(tools: Path, kernels: None, tmp_path: Path) -> None:
    """The same values in the same place: both put their cell where the other does, and replace the other's."""
    make: Any = nbformat.v4
    cells = [
        make.new_code_cell("a = 1\nb = 'x'", metadata={"tags": ["parameters"]}),
        make.new_code_cell("print(a, b)"),
    ]
    spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path = tmp_path / "written.ipynb"
    path.write_text(make.writes_json(make.new_notebook(cells=cells, metadata=spec)), encoding="utf-8")
    execute(tools, tmp_path, "papermill", path, tmp_path / "theirs.ipynb", "-p", "a", "5")
    assert run_notebook(path, tmp_path / "ours.ipynb", parameters={"a": 5}).ok
    assert run_notebook(tmp_path / "theirs.ipynb", tmp_path / "again.ipynb", parameters={"a": 7}).ok
    told = {name: json.loads((tmp_path / f"{name}.ipynb").read_text())["cells"] for name in ("theirs", "ours", "again")}
    assert [[*map("".join, (cell["source"] for cell in cells))] for cells in (told["theirs"], told["ours"])] == [
        ["a = 1\nb = 'x'", "# Parameters\na = 5\n", "print(a, b)"],
        ["a = 1\nb = 'x'", "# Parameters\na = 5", "print(a, b)"],
    ]
    assert ["".join(cells[-1]["outputs"][0]["text"]) for cells in told.values()] == ["5 x\n", "5 x\n", "7 x\n"]
