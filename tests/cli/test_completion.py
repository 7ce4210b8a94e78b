"""Tab in a shell."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from larknb.cli import main
from larknb.env import COMPLETE
from tests.conftest import Lab

from .running import run


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_a_script_for_each_shell(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It names larknb and asks it."""
    code, script, _ = run(capsys, "completion", shell)
    assert code == 0
    assert f"{COMPLETE}" in script
    assert "larknb" in script


def call_it(home: Lab, name: str) -> None:
    """Give the source of the lab another name."""
    file = home.workspace.root / "larknb.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('"s1"', f'"{name}"'), encoding="utf-8")


def offered(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, shell: str, *words: str) -> list[str]:
    """Return what larknb answers to the script of a shell at the last of these words."""
    monkeypatch.setenv(COMPLETE, shell)
    monkeypatch.setenv("COMP_WORDS", "\n".join(words))
    monkeypatch.setenv("COMP_CWORD", words[-1] if shell == "fish" else str(len(words) - 1))
    capsys.readouterr()
    assert main([]) == 0
    return capsys.readouterr().out.splitlines()


CASES = [
    (("larknb", "sta"), "plain,status"),
    (("larknb", "load", "s"), "plain,'s 1'"),
    (("larknb", "load", "'s"), "plain,s 1"),
    (("larknb", "load", "'s 1/"), "plain,s 1/people"),
    (("larknb", "load", "'s 1'", "--tab"), "plain,--table"),
    (("larknb", "load", "'s 1'", "--table", "p"), "plain,people"),
    (("larknb", "load", "x", "--csv", "o"), "file,o"),
]


@pytest.mark.parametrize(("words", "line"), CASES, ids=[" ".join(words) for words, _ in CASES])
def test_bash_is_offered(
    home: Lab, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], line: str
) -> None:
    """Commands, options, tables, and names in quotes where they hold blanks."""
    call_it(home, "s 1")
    main(["sync", "--quiet"])
    assert line in offered(capsys, monkeypatch, "bash", *words)


def test_other_shells_set_their_own_quotes(
    home: Lab, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fish and zsh get the bare name; PowerShell gets its own quotes."""
    call_it(home, "s'1 甲")
    main(["sync", "--quiet"])
    assert "plain,s'1 甲" in offered(capsys, monkeypatch, "fish", "larknb", "load", "s")
    assert "s'1 甲" in offered(capsys, monkeypatch, "zsh", "larknb", "load", "s")
    assert "plain,'s''1 甲'" in offered(capsys, monkeypatch, "powershell", "larknb", "load", "s")


@pytest.mark.skipif(shutil.which("bash") is None or sys.platform == "win32", reason="there is no bash")
def test_bash_completes(home: Lab, tmp_path: Path) -> None:
    """The script itself, as bash runs it when somebody presses Tab."""
    program = tmp_path / "bin" / "larknb"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m larknb "$@"\n')
    program.chmod(0o755)
    script = (
        'eval "$(larknb completion bash)"; COMP_WORDS=(larknb load s); COMP_CWORD=2; _larknb_completion; '
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    env = {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, env=env, timeout=60)
    assert done.stdout.splitlines() == ["s1"], done.stderr
