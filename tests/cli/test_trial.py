"""The commands that need no account; what the demo does is told in tests/test_demo.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from larknb.cli import main

from .running import run


def test_the_stand_in_has_a_command_line_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    """All that follows the word sandbox is for it, also --help."""
    with pytest.raises(SystemExit) as usage:
        main(["sandbox", "--help"])
    assert usage.value.code == 0
    assert "--empty" in capsys.readouterr().out


def test_the_stand_in_starts(capsys: pytest.CaptureFixture[str]) -> None:
    """It serves for as long as it was told to, and ends well."""
    code, out, _ = run(capsys, "sandbox", "--empty", "--for", "0")
    assert (code, "http://127.0.0.1:" in out) == (0, True)


def test_the_demo_takes_its_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The folder of the command line is the one it looks at: somebody's own settings there are a usage error."""
    (tmp_path / "larknb.toml").write_text("[app]\n", encoding="utf-8")
    code, _, err = run(capsys, "demo", str(tmp_path))
    assert (code, str(tmp_path) in err) == (2, True)
