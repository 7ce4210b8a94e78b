"""The night shift on a workspace: the scheduled notebook against the stand-in, and what one sees the morning after."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from larknb.cli import main
from larknb.results.runs import RunResult
from larknb.workspace import Workspace
from tests.conftest import Lab, sign_in, text


@pytest.fixture
def home(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """The lab as a kernel sees it: with the machine's clock, and with this larknb."""
    lab.clock.now = time.time()
    sign_in(lab.workspace, lab.box)
    monkeypatch.setenv("LARKNB_HOME", str(lab.workspace.root))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    lab.workspace = Workspace(lab.workspace.root)
    return lab


def shown(output: str) -> str:
    """What the cells of an executed notebook show as text."""
    cells = json.loads(Path(output).read_text(encoding="utf-8"))["cells"]
    outputs = [each for cell in cells for each in cell.get("outputs", [])]
    return "\n".join("".join(each["data"]["text/plain"]) for each in outputs if "data" in each)


def run(home: Lab, **parameters: Any) -> str:
    return home.workspace.run("scheduled_sync", {"force": True, **parameters}).output


def test_it_opens_with_what_changed(home: Lab) -> None:
    """Since the last run that ended well: rows by table, what it cost, when the login ends."""
    assert shown(run(home)).startswith("First run: 1 source changed, rows +32 ~0 -0")
    home.people.add({"name": text("new"), "age": 1})
    told = shown(run(home)).splitlines()
    assert told[0].startswith("Since your last look (20")
    assert told[0].endswith("): 1 source changed, rows +1 ~0 -0")
    assert told[2].split() == ["s1", "Bitable", "people", "1"]
    assert "requests; " in told[3]
    assert "The login renews itself; without a run it ends 20" in told[3]


def test_what_failed_runs_brought_is_not_lost(home: Lab) -> None:
    """Nobody may have looked at them: the next one tells it again, until one ended well."""
    run(home)
    home.people.add({"name": text("new"), "age": 1})
    path = home.workspace.root / "notebooks" / "scheduled_sync.ipynb"
    good = path.read_text(encoding="utf-8")
    path.write_text(good.replace("report.raise_for_failures().ok", "1/0"), encoding="utf-8")
    assert "rows +1 ~0 -0" in shown(run(home))
    path.write_text(good, encoding="utf-8")
    home.people.add({"name": text("newer"), "age": 2})
    assert "rows +2 ~0 -0" in shown(run(home))
    assert "nothing changed" in shown(run(home))
    own = "1 source changed, rows +1 ~0 -0"
    told = [(row.status, row.changed) for row in home.workspace.runs()]
    assert told[:3] == [("ok", "nothing changed"), ("ok", own), ("failed", own)]


def test_every_tick_looks(home: Lab) -> None:
    """Although the caches are young, and even if it follows the last one closely; a run by hand does not."""
    assert home.workspace.schedule(once=True) == 0
    for interval, looks in ((None, False), (0.1, True)):
        home.box.journal.clear()
        assert home.workspace.schedule(once=True, interval=interval) == 0
        assert bool(home.requests()) is looks


def test_nobody_is_logged_in(home: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 3 within seconds, what to do in the message, and no prompt; the record tells it, too."""
    home.workspace.logout()
    began = time.monotonic()
    assert main(["schedule", "--once"]) == 3
    assert time.monotonic() - began < 10
    assert "a terminal (larknb login)" in capsys.readouterr().err
    assert [row.status for row in home.workspace.runs()] == ["login"]


@pytest.mark.parametrize("wrong", [["--at", "25:00"], ["--interval", "0"], ["--interval", "soon"]])
def test_a_time_that_is_none(home: Lab, wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """It is a usage error, and nothing runs."""
    assert main(["schedule", *wrong]) == 2
    assert wrong[1] in capsys.readouterr().err
    assert len(home.workspace.runs()) == 0


def test_the_morning_after(home: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """larknb runs lists them, the newest first, for people and for programs, with links that work from a notebook."""
    main(["schedule", "--once"])
    main(["schedule", "--once", "--kind", "document"])
    capsys.readouterr()
    assert main(["runs"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[3] for line in lines[2:]] == ["ok", "ok"]
    assert "rows +32 ~0 -0  work/runs/scheduled_sync/" in lines[3]
    assert main(["runs", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [*rows[0]] == ["started_at", "notebook", "status", "seconds", "changed", "output"]
    assert list(home.workspace.runs().to_frame().columns) == [*rows[0]]


def test_links_of_runs(home: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """In HTML a run links to its notebook from where we are."""
    output = Path(home.workspace.run("01_login").output)
    folder = home.workspace.root / "notebooks"
    monkeypatch.chdir(folder)
    assert f'href="../work/runs/01_login/{output.name}"' in home.workspace.runs()._repr_html_()


def test_no_secret_is_left_behind(home: Lab) -> None:
    """Neither in executed notebooks nor in records or reports, even if a cell prints the login."""
    prints = "print(open('../work/fault_diagnosis_token_cache.json').read(), open('../work/app_secret.json').read())"
    path = home.workspace.root / "notebooks" / "leak.ipynb"
    cell: dict[str, Any] = {
        "cell_type": "code",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        "source": prints,
    }
    raises = {**cell, "source": f"{prints}\nraise ValueError(open('../work/app_secret.json').read())"}
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"cells": [cell, raises], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}))
    token = json.loads((home.workspace.root / "work" / "fault_diagnosis_token_cache.json").read_text())
    assert home.workspace.run(path, report=True).status == "failed"
    left = "".join(each.read_text(encoding="utf-8") for each in (home.workspace.root / "work" / "runs").rglob("*.*"))
    assert "****" in left
    for secret in (token["access_token"], token["refresh_token"], home.box.app_secret):
        assert secret not in left


def test_one_strange_record_costs_no_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Damaged, or of a newer larknb: the list tells of the other runs."""
    (tmp_path / "larknb.toml").write_text("[app]\n")
    good = RunResult("night.ipynb", "1.ipynb", "ok", started_at=1_768_000_000.0).to_dict()
    folder = tmp_path / "work" / "runs" / "night"
    folder.mkdir(parents=True)
    for second, record in enumerate([good, {}, {**good, "summary": {"rows": 5}}, {**good, "format": 2}]):
        (folder / f"20260101T00000{second}Z.ipynb").touch()
        (folder / f"20260101T00000{second}Z.json").write_text(json.dumps(record), encoding="utf-8")
    assert main(["--home", str(tmp_path), "runs", "--json"]) == 0
    assert [row["status"] for row in json.loads(capsys.readouterr().out)] == ["ok"]
