"""The examples of the docstrings, each run in a synced workspace of its own."""

from __future__ import annotations

import doctest
import os
import shutil
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import larknb
from larknb.sandbox import Sandbox, sample_workspace
from larknb.workspace import Workspace
from tests.conftest import sign_in, write_settings

HOST = "https://example.feishu.cn"
LATER = "故障定位指引文档5"  # what an example adds is not there yet
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
CALLS = [name for name in larknb.__all__ if not name[0].isupper()]


def documented() -> dict[str, Any]:
    """Return what has examples: the package, the workspace, its methods, and the results."""
    results = [
        import_module(f"larknb.results.{path.stem}") for path in Path(larknb.__file__).parent.glob("results/*.py")
    ]
    classes = {name: getattr(room, name) for room in results for name in getattr(room, "__all__", ())}
    methods = {f"Workspace.{name}": each for name, each in vars(Workspace).items() if not name.startswith("_")}
    found = {"larknb": larknb, "Workspace": Workspace, **methods, **classes}
    return {name: each for name, each in found.items() if ">>>" in (each.__doc__ or "")}


DOCUMENTED = documented()


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Sandbox]]:
    """The sample workspace, synced; its platform is there as long as the tests of this file run."""
    root = tmp_path_factory.mktemp("sample") / "ws"
    with Sandbox(sample_workspace(rows=60)) as box, pytest.MonkeyPatch.context() as patch:
        patch.setenv("LARKNB_LANG", "en")
        patch.setenv("LARKNB_SETTLE", "0")
        workspace = write_settings(root, box)
        sign_in(workspace, box)
        for name, url in box.sources():
            if name != LATER:
                workspace.add(url.replace(box.url, HOST))
        workspace.sync(progress=False).raise_for_failures()
        yield root, box


@pytest.fixture
def here(sample: tuple[Path, Sandbox], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in a copy of the sample, which an example may change; it has a login of its own to end."""
    root, box = sample
    shutil.copytree(root, tmp_path / "ws")
    sign_in(Workspace(tmp_path / "ws"), box)
    monkeypatch.chdir(tmp_path / "ws")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))  # for the kernels of headless runs


@pytest.mark.parametrize("name", DOCUMENTED)
def test_an_example_does_what_it_shows(name: str, here: None) -> None:
    """What an analyst types gives what the docstring says, in the folder of a synced workspace."""
    names = {"lk": larknb, "pd": pd}
    example = doctest.DocTestParser().get_doctest(DOCUMENTED[name].__doc__, names, name, None, 0)
    told: list[str] = []
    assert doctest.DocTestRunner(optionflags=OPTIONS).run(example, out=told.append).failed == 0, "".join(told)


@pytest.mark.parametrize("name", CALLS)
def test_every_call_has_an_example(name: str) -> None:
    """Where an editor shows the docstring of a call, it shows one to four lines that use it."""
    head, _, examples = (getattr(larknb, name).__doc__ or "").partition("\n        Examples\n        --------\n")
    assert head
    assert 1 <= examples.count(">>> ") <= 4
    assert f"lk.{name}(" in examples
