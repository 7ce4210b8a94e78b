"""``larknb mcp``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from larknb.cli import main


def test_the_settings_entry_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As JSON that can be pasted, with nothing around it."""
    assert main(["--home", str(tmp_path), "mcp", "--print", "vscode"]) == 0
    assert json.loads(capsys.readouterr().out)["servers"]["larknb"]["command"] == sys.executable


def test_an_unknown_client_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """The ones that are known are named."""
    assert main(["mcp", "--print", "emacs"]) == 2
    assert "cursor" in capsys.readouterr().err


def test_without_the_sdk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What to install is said, with the exit code of a setting that is missing."""
    for name in [name for name in sys.modules if name == "mcp" or name.startswith("mcp.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mcp", None)
    assert main(["--home", str(tmp_path), "mcp"]) == 2
    assert 'pip install "larknb[mcp]"' in capsys.readouterr().err
