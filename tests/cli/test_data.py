"""The commands about sources and their data."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from larknb.cli import main
from larknb.sandbox import Field
from tests.conftest import Lab, text

from .running import run


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


def test_what_is_chosen_of_a_base(home: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """By the names that people see: a view, columns, a table, and what to do when they are changed."""
    base = home.box.tenant.add_base("业务", app_token="AppMore000000000000000001")
    base.add_table("缺陷", [Field("标题", 1), Field("数量", 2)]).add_view("未关闭")
    url = f"{home.box.url}/base/AppMore000000000000000001"
    chosen = ("--table", "缺陷", "--field", "数量", "--drift", "raise")
    assert run(capsys, "add", url, *chosen, "--view", "未关")[0] == 2
    assert run(capsys, "add", url, *chosen, "--view", "未关闭")[0] == 0
    (source,) = [source for source in home.workspace.sources() if source.name == "业务"]
    assert source.options == {"tables": ("缺陷",), "fields": ("数量",), "drift": "raise", "view": "未关闭"}


def test_an_earlier_state_by_its_index(home: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """-2 is no option; what is no moment is told, with the code of a name that is unknown."""
    main(["sync", "--quiet"])
    home.people.add({"name": text("new"), "age": 99})
    main(["sync", "--quiet", "--force"])
    counts = [run(capsys, "load", "s1/people", *when, "--csv")[1].count("\n")
              for when in (("--as-of", "-2"), ("--as-of=-2",), ("--as-of", "-1"), ("--as-of", "today"))]  # fmt: skip
    assert counts == [31, 31, 32, 32]
    code, _, told = run(capsys, "load", "s1/people", "--as-of", "-9")
    assert code == 2
    assert "of 2 snapshot(s)" in told


def test_history(home: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """A row per snapshot for people; for programs the columns of the frame."""
    main(["sync", "--quiet"])
    code, out, _ = run(capsys, "history", "s1")
    assert code == 0
    assert "History of s1" in out
    rows = json.loads(run(capsys, "history", "s1", "--json")[1])
    assert [(row["rows"], row["note"]) for row in rows] == [(32, "current")]
