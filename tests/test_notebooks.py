"""The notebooks that come with larknb: their form, and a headless run of each on the demo's folder."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

import larknb
from larknb.cli import main
from larknb.headless.runner import run_notebook

FOLDER = Path(__file__).parent.parent / "notebooks"
LANGUAGES = {"zh": FOLDER, "en": FOLDER / "en"}
NAMES = ["01_login", "02_sync", "03_explore", "04_guides", "scheduled_sync"]

every = pytest.mark.parametrize("name", [*NAMES, *(f"en/{name}" for name in NAMES)])


def notebook(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.ipynb").read_text(encoding="utf-8"))


def source(cell: Any) -> str:
    return "".join(cell["source"])


def code(name: str) -> list[Any]:
    return [cell for cell in notebook(name)["cells"] if cell["cell_type"] == "code"]


@pytest.mark.parametrize("folder", LANGUAGES.values(), ids=LANGUAGES.keys())
def test_these_are_all(folder: Path) -> None:
    """No notebook without a test, in each language."""
    assert sorted(path.stem for path in folder.glob("*.ipynb")) == NAMES


class Wordless(ast.NodeTransformer):
    """Takes the texts out of code: what is left is what it does."""

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant("") if isinstance(node.value, str) else node


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_do_the_same(name: str) -> None:
    """Cell by cell the same code, but for words on the screen; the same kinds of cells, the same parameters."""
    mine, other = notebook(name)["cells"], notebook(f"en/{name}")["cells"]
    assert [cell["cell_type"] for cell in mine] == [cell["cell_type"] for cell in other]
    for one, two in zip(code(name), code(f"en/{name}"), strict=True):
        assert ast.dump(Wordless().visit(ast.parse(source(one)))) == ast.dump(Wordless().visit(ast.parse(source(two))))
    assert ast.dump(ast.parse(source(code(name)[0]))) == ast.dump(ast.parse(source(code(f"en/{name}")[0])))


@pytest.mark.parametrize("name", NAMES)
def test_the_english_ones_are_english(name: str) -> None:
    """Chinese stands in them only as the name of something in the sample, or in the title of a plot."""
    for cell in notebook(f"en/{name}")["cells"]:
        if cell["cell_type"] == "markdown":
            assert not re.search(r"[\u4e00-\u9fff]", source(cell))


@every
def test_it_is_valid_and_empty(name: str) -> None:
    """Format 4.5, no outputs, and the metadata without which papermill refuses it; saved as Jupyter saves it."""
    found = notebook(name)
    nbformat.validate(found)
    assert found["metadata"]["kernelspec"]["name"] == "python3"
    assert found["metadata"]["kernelspec"]["language"] == found["metadata"]["language_info"]["name"] == "python"
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code(name))
    text = (FOLDER / f"{name}.ipynb").read_text(encoding="utf-8")
    assert text == json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


@every
def test_it_reads_like_a_page(name: str) -> None:
    """A title with what one will hold at the end, a sentence above each short cell, a pointer to what comes next."""
    first, *cells = notebook(name)["cells"]
    assert source(first).startswith("# ")
    assert "\n\n" in source(first)
    for above, cell in zip([first, *cells], cells, strict=False):
        if cell["cell_type"] == "code":
            assert above["cell_type"] == "markdown"
            assert len(cell["source"]) <= 8
    assert cells[-1]["cell_type"] == "markdown"
    linked = [other for other in NAMES if f"({other}.ipynb)" in source(cells[-1])]
    assert linked
    assert name.removeprefix("en/") not in linked


@every
def test_its_parameters_are_plain_values(name: str) -> None:
    """One cell is tagged, it comes first, and it assigns literals alone."""
    tagged = [cell for cell in code(name) if "parameters" in cell["metadata"].get("tags", [])]
    assert tagged == code(name)[:1]
    for statement in ast.parse(source(tagged[0])).body:
        assert isinstance(statement, ast.Assign)
        ast.literal_eval(statement.value)


@every
def test_it_uses_what_is_public(name: str) -> None:
    """Only names of ``larknb.__all__``, and every cell is Python."""
    tree = ast.parse("\n".join(source(cell) for cell in code(name)))
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "lk"
    }
    assert used
    assert used <= set(larknb.__all__)


def test_the_scheduled_one_takes_what_the_schedule_gives() -> None:
    """Its parameters are those of ``sync``, and a failed source fails the run, after everything was shown."""
    cells = code("en/scheduled_sync")
    names = [target.id for node in ast.parse(source(cells[0])).body for target in node.targets]  # type: ignore[attr-defined]
    assert names == ["names", "kind", "force", "accept_shrink"]
    assert source(cells[-1]) == "report.raise_for_failures().ok"


# --- on the demo's folder ----------------------------------------------------------------------------------------


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What ``larknb demo`` leaves: the platform is gone, the caches are young."""
    folder = tmp_path / "示例 文件夹"
    assert main(["demo", str(folder)]) == 0
    shutil.copytree(FOLDER, folder / "notebooks", dirs_exist_ok=True)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))  # the kernels find this larknb, installed or not
    return folder


@pytest.mark.soak
@pytest.mark.timeout(300)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_all_run_unattended(demo: Path, lang: str) -> None:
    """From top to bottom, with a result under each cell but the parameters; no warning, no error that was shown."""
    env = {"LARKNB_LANG": lang}
    for name in sorted(NAMES, key="02_sync".__eq__):  # it asks a platform that is gone, and its source has failed then
        output = demo / "runs" / f"{name}.ipynb"
        run = run_notebook(LANGUAGES[lang] / f"{name}.ipynb", output, timeout=120, env=env, cwd=demo / "notebooks")
        run.raise_for_failure()
        executed = json.loads(output.read_text(encoding="utf-8"))["cells"]
        for cell in [cell for cell in executed if cell["cell_type"] == "code"][1:]:
            shows_nothing = source(cell) == "changes.details"  # since nothing changed
            assert bool(cell["outputs"]) != shows_nothing, f"{name}: {source(cell)}"
            assert "Warning" not in json.dumps(cell["outputs"])
            assert "pip install" not in json.dumps(cell["outputs"])
