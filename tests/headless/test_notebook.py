"""A notebook as a run begins with it, and what its outputs say later."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from larknb.errors import ConfigError, NotFound
from larknb.headless.notebook import first_line, read, summary
from larknb.headless.runner import run_notebook
from larknb.results.changes import SUMMARY, Changed, Summary
from tests.headless.conftest import Bench


def test_an_older_notebook_runs(bench: Bench) -> None:
    """Without cell ids, without a kernelspec, with a byte order mark, for a kernel that is not here, run before."""
    bench.write("print('new')")
    old = json.loads(bench.path.read_text(encoding="utf-8"))
    old |= {"nbformat_minor": 2, "metadata": {"kernelspec": {"name": "conda-foo", "display_name": "foo"}}}
    for cell in old["cells"]:
        del cell["id"]
    old["cells"][1] |= {"outputs": [{"output_type": "stream", "name": "stdout", "text": "old"}], "execution_count": 9}
    bench.path.write_text(json.dumps(old), encoding="utf-8-sig")
    assert run_notebook(bench.path, bench.output).ok
    assert bench.text(1) == "new\n"


def test_a_sloppy_notebook_runs(bench: Bench) -> None:
    """What Jupyter opens all the same: tags that are no list, a cell without a source."""
    path = bench.write("x = 1", "print(x)", "")
    content = json.loads(path.read_text(encoding="utf-8"))
    content["cells"][1]["metadata"]["tags"] = None
    content["cells"][2]["metadata"]["tags"] = "parameters"
    content["cells"][3]["source"] = None
    path.write_text(json.dumps(content), encoding="utf-8")
    assert run_notebook(path, bench.output, parameters={"y": 2}).ok
    assert bench.text(3) == "1\n"


def test_a_notebook_without_metadata(bench: Bench) -> None:
    """Cursor and VS Code may save one: it runs in this interpreter."""
    path = bench.write("print('in')")
    content = json.loads(path.read_text(encoding="utf-8")) | {"metadata": {}}
    for cell in content["cells"]:
        cell["metadata"] = {}
    path.write_text(json.dumps(content), encoding="utf-8")
    assert run_notebook(path, bench.output).ok
    assert bench.text(1) == "in\n"
    nbformat.validate(bench.executed())


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"nbformat": 4}', '{"nbformat": 99, "cells": []}', "# a"])
def test_what_is_no_notebook(bench: Bench, content: str) -> None:
    """It is said so, and nothing is written."""
    bench.write()
    bench.path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match="not a notebook"):
        run_notebook(bench.path, bench.output)
    assert not bench.output.exists()


def test_no_notebook(bench: Bench) -> None:
    """A wrong path is named."""
    with pytest.raises(NotFound, match="夜班"):
        run_notebook(bench.path, bench.output)


PYTHONPATH = os.pathsep.join(sys.path)  # the kernel has this larknb
SHOWS_SUMMARY = "from larknb.results.changes import SUMMARY\ndisplay({{SUMMARY: {}}}, raw=True)"
ROW = {"source": "s", "kind": "bitable", "table": "t", "added": 1, "changed": 0, "removed": 0}


def test_the_last_summary_is_in_the_record(bench: Bench) -> None:
    """As the cells showed it; what another version of larknb adds to it is left out."""
    first, last = {"rows": [], "failed": 1}, {"rows": [{**ROW, "more": 5}], "failed": 0}
    result = bench.run(*(SHOWS_SUMMARY.format(each) for each in (first, last)), env={"PYTHONPATH": PYTHONPATH})
    assert result.summary == Summary((Changed("s", "bitable", "t", 1, 0, 0),), 0)
    assert bench.record()["summary"] == {"rows": [ROW], "failed": 0, "lines": []}


@pytest.mark.parametrize("shown", [5, {"rows": [5], "failed": 0}, {"rows": [{**ROW, "added": "many"}], "failed": 0}])
def test_a_strange_summary_is_left_out(shown: object) -> None:
    """Any cell may show anything in that form: the run is what it was."""
    make: Any = nbformat.v4
    cell = make.new_code_cell(outputs=[make.new_output("display_data", {SUMMARY: shown})])
    assert summary(make.new_notebook(cells=[cell])) is None


def test_the_last_summary_counts() -> None:
    """A cell that was run in a loop told several; without one there is none."""
    make: Any = nbformat.v4
    outputs = [make.new_output("display_data", {SUMMARY: {"rows": [], "failed": n}}) for n in range(2)]
    plain = make.new_output("stream", name="stdout", text="x")
    cells = [make.new_code_cell(outputs=[outputs[0]]), make.new_code_cell(outputs=[outputs[1], plain])]
    assert summary(make.new_notebook(cells=[make.new_markdown_cell("t"), *cells])) == Summary((), 1)
    assert summary(make.new_notebook(cells=[make.new_code_cell(outputs=[plain])])) is None


def test_a_notebook_is_read_without_its_last_run(tmp_path: Path) -> None:
    """No output, no number, no time of an earlier run; sources, tags and texts stay, and so does the file."""
    make: Any = nbformat.v4
    output = make.new_output("stream", name="stdout", text="old")
    told = {"tags": ["parameters"], "execution": {"iopub.status.busy": "x"}}
    cell = make.new_code_cell("a = 1", outputs=[output], execution_count=7, metadata=told)
    path = tmp_path / "n.ipynb"
    path.write_text(make.writes_json(make.new_notebook(cells=[make.new_markdown_cell("# t"), cell])), encoding="utf-8")
    before = path.read_bytes()
    text, found = read(path).cells
    assert (text.source, found.source, found.outputs, found.execution_count) == ("# t", "a = 1", [], None)
    assert found.metadata == {"tags": ["parameters"]}
    assert path.read_bytes() == before


def test_a_folder_is_no_notebook(tmp_path: Path) -> None:
    """The error names the path, and its reason fits a line."""
    with pytest.raises(ConfigError, match="not a notebook") as caught:
        read(tmp_path)
    assert str(tmp_path) in caught.value.what
    assert "\n" not in caught.value.what


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("", ""),
        ("  \n\n", ""),
        ("\n  x = 1  \ny", "x = 1"),
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 59 + "…"),
    ],
)
def test_the_first_line_of_a_cell(source: str, line: str) -> None:
    """The first that says something, at most sixty letters of it."""
    make: Any = nbformat.v4
    assert first_line(make.new_code_cell(source)) == line
