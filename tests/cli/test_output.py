"""What programs and spreadsheets get from a command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from larknb.cli import main
from larknb.sandbox import Raw
from tests.conftest import Lab, text

from .running import run


def test_json_for_programs(home: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """--json is one document on stdout, with nothing else."""
    report = json.loads(run(capsys, "sync", "--json")[1])
    assert report["ok"] is True
    assert {row["table"] for row in report["rows"]} == {"people", "teams"}
    assert json.loads(run(capsys, "status", "--json")[1])["rows"][0]["source"] == "s1"
    assert json.loads(run(capsys, "load", "s1/people", "--json")[1])[0]["name"] == "person 0"
    for command in (["sources"], ["whoami"], ["schema", "s1/people"], ["paths", "s1"]):
        json.loads(run(capsys, *command, "--json")[1])


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
