from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from larknb.cli import main
from larknb.sandbox import Fault, Raw
from larknb.services import context
from larknb.services.context import Context
from tests.conftest import Lab, text


@pytest.fixture
def home(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """The lab as the command line sees it: with the machine's clock."""
    import time

    lab.clock.now = time.time()
    from tests.conftest import sign_in

    sign_in(lab.workspace, lab.box)
    monkeypatch.setenv("LARKNB_HOME", str(lab.workspace.root))
    return lab


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main(argv)
    out, err = capsys.readouterr()
    return code, out, err


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


def test_json_for_programs(home: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """--json is one document on stdout, with nothing else."""
    report = json.loads(run(capsys, "sync", "--json")[1])
    assert report["ok"] is True
    assert {row["table"] for row in report["rows"]} == {"people", "teams"}
    assert json.loads(run(capsys, "status", "--json")[1])["rows"][0]["source"] == "s1"
    assert json.loads(run(capsys, "load", "s1/people", "--json")[1])[0]["name"] == "person 0"
    for command in (["sources"], ["whoami"], ["schema", "s1/people"], ["paths", "s1"]):
        json.loads(run(capsys, *command, "--json")[1])


def test_exit_codes(home: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """2 unknown or never synced, 3 login needed, 1 a source failed, and status is always 0."""
    assert run(capsys, "load", "s1")[0] == 2
    assert run(capsys, "load", "nope")[0] == 2
    with pytest.raises(SystemExit) as usage:
        main(["load"])
    assert usage.value.code == 2
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
    with Context(home.workspace.root).lock():
        assert run(capsys, "sync")[0] == 4


def test_csv_for_excel(home: Lab, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A BOM, readable lists, and no cell that a spreadsheet would run."""
    home.people.add({"name": text("=cmd|' /C calc'!A0"), "age": -5})
    home.people.add({"name": text("+1"), "age": Raw("x")})
    main(["sync", "--quiet"])
    target = tmp_path / "out.csv"
    run(capsys, "load", "s1/people", "--csv", str(target))
    content = target.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    lines = content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("_record_id,name,age,team")
    assert "'=cmd|" in content.decode()
    assert ",'+1," in content.decode()
    assert ",-5.0," in content.decode()
    assert ",team 0," in content.decode()


def test_parquet_and_screen(home: Lab, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """--parquet writes the frame; --csv without a file goes to the screen."""
    main(["sync", "--quiet"])
    target = tmp_path / "out.parquet"
    run(capsys, "load", "s1/people", "--parquet", str(target))
    assert len(pd.read_parquet(target)) == 30
    assert run(capsys, "load", "s1/people", "--csv", "--columns", "age")[1].startswith("_record_id,age")


def test_add_and_remove(home: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """add names what it found and what to do next; remove says that the cache stays."""
    base = home.box.tenant.add_base("业务", app_token="AppMore000000000000000001")
    base.add_table("缺陷", [])
    code, out, _ = run(capsys, "add", f"{home.box.url}/base/AppMore000000000000000001")
    assert code == 0
    assert "业务" in out
    assert "缺陷" in out
    assert "larknb sync" in out
    assert "stays" in run(capsys, "remove", "业务")[1]


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
