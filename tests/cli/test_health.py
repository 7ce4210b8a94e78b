"""``larknb doctor``."""

from __future__ import annotations

import json

import pytest

from larknb.cli import main
from tests.conftest import Lab


def test_doctor_tells_by_its_exit_code(home: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """0 without a fault, 1 with one; ``--json`` is one document, and ``--fix`` repairs first."""
    assert main(["doctor"]) == 0
    assert "0 faults" in capsys.readouterr().out
    (home.workspace.root / "work" / "app_secret.json").chmod(0o644)
    assert main(["doctor", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["rows"][0]["check"]) == (False, "permissions")
    assert main(["doctor", "--fix"]) == 0
    assert "Mended" in capsys.readouterr().out
