"""The calls of the package: the methods of the workspace that the current folder belongs to."""

from __future__ import annotations

import inspect
from pathlib import Path

import numpy as np
import pytest

import larknb
from larknb import calls, errors
from larknb.errors import LarkError
from larknb.workspace import Workspace
from tests.conftest import Lab

CALLS = sorted(name for name, each in vars(calls).items() if getattr(each, "__module__", "") == "larknb")
ERRORS = sorted(name for name, each in vars(errors).items() if isinstance(each, type) and issubclass(each, LarkError))


def test_the_module_is_the_workspace_of_the_folder(synced: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """``lk.load`` works in any folder below the one with larknb.toml, and anywhere with LARKNB_HOME."""
    below = synced.workspace.root / "notebooks" / "deep"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert len(larknb.load("s1/people")) == 30
    monkeypatch.chdir("/")
    monkeypatch.setenv("LARKNB_HOME", str(synced.workspace.root))
    assert len(larknb.load("s1/people")) == 30
    assert np.isclose(larknb.tables("s1")["people"]["age"].mean(), 14.5)


@pytest.mark.parametrize("name", CALLS)
def test_a_call_is_its_method_without_self(name: str) -> None:
    """Editors show the same parameters, the same types and the same docstring as for the method."""
    call, method = getattr(larknb, name), getattr(Workspace, name)
    whole = inspect.signature(method)
    assert inspect.signature(call) == whole.replace(parameters=[*whole.parameters.values()][1:])
    assert (call.__doc__, call.__name__, call.__module__) == (method.__doc__, name, "larknb")


def test_the_workspace_is_found_anew_at_each_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook that changes its folder goes on in the workspace of the new one."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        source = f'[[sources]]\nname = "{name}"\nurl = "https://example.feishu.cn/base/AppStaff000000000000000001"\n'
        (tmp_path / name / "larknb.toml").write_text(source, encoding="utf-8")
    for name in ("one", "two", "one"):
        monkeypatch.chdir(tmp_path / name)
        assert [source.name for source in larknb.sources()] == [name]


def test_public_names_are_listed_once() -> None:
    """What the package offers are its calls, its errors and the workspace, and nothing beside."""
    assert larknb.__all__ == sorted([*CALLS, *ERRORS, "Workspace"])
