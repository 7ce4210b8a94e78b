"""The command line as a whole: what each command prints, the exit codes, and a screen that shows less than we say."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from larknb.cli import main
from larknb.sandbox import Fault
from larknb.services import context
from tests.conftest import Lab

from .running import run


def test_a_day_at_the_command_line(home: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """Sync, status, load, schema, paths: each prints what it did and ends with 0."""
    code, out, err = run(capsys, "sync")
    assert (code, "fetched" in out, "[1/1] s1" in err) == (0, True, True)
    assert "fresh" in run(capsys, "status")[1]
    assert "person 0" in run(capsys, "load", "s1/people")[1]
    assert "fldAge" in run(capsys, "schema", "s1", "--table", "people")[1]
    assert "people.parquet" in run(capsys, "paths", "s1")[1]
    assert "s1" in run(capsys, "sources")[1]
    assert home.box.app_id in run(capsys, "whoami")[1]


def test_exit_codes(home: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """2 unknown or never synced, 3 login needed, 1 a source failed, and status is always 0."""
    assert run(capsys, "load", "s1")[0] == 2
    assert run(capsys, "load", "nope")[0] == 2
    assert run(capsys, "load")[0] == 2
    home.box.faults.add(Fault.reply(403, 91403), endpoint="tables")
    assert run(capsys, "sync")[0] == 1
    home.workspace.logout()
    code, _, err = run(capsys, "sync")
    assert code == 3
    assert "larknb login" in err
    assert run(capsys, "status")[0] == 0
    file = home.workspace.root / "larknb.toml"
    file.write_text(file.read_text() + "\nnonsense = 1\n")
    assert run(capsys, "sync")[0] == 2
    assert run(capsys, "status")[0] == 0


def test_busy_is_4(home: Lab, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Another sync holds the workspace."""
    monkeypatch.setattr(context, "LOCK_PATIENCE", 0.1)
    with home.workspace.context.lock():
        assert run(capsys, "sync")[0] == 4


def test_a_narrow_code_page_is_survived(home: Lab) -> None:
    """Output on a terminal that knows no Chinese shows question marks and ends well."""
    main(["sync", "--quiet"])
    env = {**os.environ, "PYTHONIOENCODING": "ascii", "LARKNB_LANG": "zh", "PYTHONUTF8": "0"}
    for command in (["status"], ["load", "s1/people"], ["--help"]):
        done = subprocess.run([sys.executable, "-m", "larknb", *command], env=env, capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr
        assert b"?" in done.stdout


def test_a_reader_that_goes_away_is_no_error(home: Lab) -> None:
    """larknb load … --csv | head ends quietly."""
    main(["sync", "--quiet"])
    command = f'"{sys.executable}" -m larknb load s1/people --csv | head -n 1'
    done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=60, env={**os.environ})
    assert done.stdout.startswith("_record_id")
    assert done.stderr == ""


def test_an_error_is_one_paragraph(
    home: Lab, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No traceback, unless somebody asks for it, by option or by variable."""
    assert run(capsys, "load", "nope")[2].count("\n") == 1
    assert "Traceback" in run(capsys, "load", "nope", "--debug")[2]
    monkeypatch.setenv("LARKNB_DEBUG", "1")
    assert "Traceback" in run(capsys, "load", "nope")[2]


def test_a_mistake_of_ours_is_one_paragraph_too(home: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """It says what to do, and ends with 1."""
    main(["sync", "--quiet"])
    code, _, err = run(capsys, "load", "s1/people", "--csv", "a\0b")
    assert (code, err.count("\n")) == (1, 1)
    assert "--debug" in err


def test_without_a_command(home: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """How things are, and the next step: each leads to the one after it."""
    assert "larknb sync" in run(capsys)[1]
    main(["sync", "--quiet"])
    assert 'larknb load "s1"' in run(capsys)[1]
    home.workspace.logout()
    code, out, _ = run(capsys)
    assert (code, "Next: run larknb login" in out) == (0, True)
