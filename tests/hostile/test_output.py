"""What programs read of a command, when the data or the machine is hostile."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from larknb.cli import main
from larknb.cli.output import to_csv
from larknb.sandbox import Field
from tests.cli.conftest import home
from tests.cli.running import run
from tests.conftest import Lab, text

__all__ = ["home"]  # a fixture

FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")


@pytest.mark.parametrize("number", [1e-12, 1 / 3, 0.1 + 0.2, 2.0**53, 1e300, -5e-324])
def test_programs_get_every_digit(home: Lab, number: float, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """On the screen, in a file, and in the files that a sync keeps for other programs."""
    file = home.workspace.root / "larknb.toml"
    formats = '\n[cache]\nformats = ["parquet", "json"]\n[['
    file.write_text(file.read_text(encoding="utf-8").replace("\n\n[[", formats, 1), encoding="utf-8")
    home.people.add({"name": text("小数"), "age": number})
    main(["sync", "--quiet"])
    target = tmp_path / "out.json"
    run(capsys, "load", "s1/people", "--json", str(target))
    kept = Path(home.workspace.paths("s1")["people"]).with_suffix(".json").read_text(encoding="utf-8")
    for told in (run(capsys, "load", "s1/people", "--json")[1], target.read_text(encoding="utf-8"), kept):
        assert [row["age"] for row in json.loads(told) if row["name"] == "小数"] == [number]


# --- code pages -------------------------------------------------------------------------------------------------------


@pytest.fixture
def chinese(home: Lab) -> Lab:
    """Two columns and two tables whose names a narrow code page would make equal."""
    base = home.box.tenant.add_base("业务", app_token="AppMore000000000000000001")
    for title in ("人员", "缺陷"):
        table = base.add_table(title, [Field("姓名", 1, is_primary=True), Field("部门", 1)])
        table.add({"姓名": text("王"), "部门": text("研发")})
    home.workspace.add(f"{home.box.url}/base/AppMore000000000000000001")
    home.workspace.sync("业务", progress=False).raise_for_failures()
    return home


def bytes_of(monkeypatch: pytest.MonkeyPatch, encoding: str, *argv: str) -> bytes:
    """Return what a command writes to a stdout of this code page, which makes CR LF of every line end."""
    written = io.BytesIO()
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", io.TextIOWrapper(written, encoding=encoding, newline="\r\n"))
        assert main(argv) == 0
        sys.stdout.flush()
        return written.getvalue()


@pytest.mark.parametrize("encoding", ["cp1252", "gbk", "ascii", "utf-16"])
@pytest.mark.parametrize(
    ("argv", "names"),
    [
        (["load", "业务/人员", "--json"], ["姓名", "部门", "研发"]),
        (["load", "业务/人员", "--csv"], ["姓名", "部门", "研发"]),
        (["read", "业务/人员", "--csv", "-"], ["姓名", "部门", "研发"]),
        (["paths", "业务", "--json"], ["人员", "缺陷"]),
        (["schema", "业务/人员", "--json"], ["姓名", "部门"]),
        (["status", "--json"], ["业务"]),
        (["sources", "--json"], ["业务"]),
        (["search", "研发", "--json"], ["研发"]),
        (["sync", "业务", "--json"], ["人员", "缺陷"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_programs_get_utf8_on_any_code_page(
    chinese: Lab, monkeypatch: pytest.MonkeyPatch, encoding: str, argv: list[str], names: list[str]
) -> None:
    """No name becomes ??, and no line end is translated."""
    written = bytes_of(monkeypatch, encoding, *argv)
    assert b"\r" not in written
    assert not {*names} - {*re.findall(r"\w+", written.decode("utf-8"))}


def test_people_get_their_own_code_page(chinese: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a person reads comes in the terminal's characters, with a ? for what it lacks."""
    assert "姓名" in bytes_of(monkeypatch, "gbk", "load", "业务/人员").decode("gbk")
    assert b"??" in bytes_of(monkeypatch, "cp1252", "load", "业务/人员")


def test_a_stdout_without_bytes_gets_text(chinese: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream of text alone, as a notebook has, gets the same."""
    for argv in (["load", "业务/人员", "--json"], ["load", "业务/人员", "--csv"], ["paths", "业务", "--json"]):
        told = io.StringIO()
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stdout", told)
            assert main(argv) == 0
        assert told.getvalue().encode() == bytes_of(monkeypatch, "cp1252", *argv)


def test_without_any_stdout_nothing_is_written(chinese: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """As under pythonw: the exit code is all there is."""
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", None)
        assert [main(["load", "业务/人员", form]) for form in ("--csv", "--json")] == [0, 0]


def test_a_process_of_its_own_on_a_narrow_code_page(chinese: Lab) -> None:
    """What the environment says of the code page is for people alone."""
    argv = [sys.executable, "-m", "larknb", "load", "业务/人员", "--json"]
    for encoding in ("cp1252", "gbk"):
        done = subprocess.run(argv, env=os.environ | {"PYTHONIOENCODING": encoding}, capture_output=True, check=True)
        assert json.loads(done.stdout.decode("utf-8"))[0]["姓名"] == "王"


# --- CSV --------------------------------------------------------------------------------------------------------------

FORMULAS = ["=1+1", "+1", "-x", "@SUM(A1)", "＝1", "＋1", "－1", "＠A", "﹦1", " =1", "\t=1", "\r=1", "\n=1", "\r\n=1",
            "\ufeff=1", "\ufeff \t＝1", "\u200b=1", "\u3000=1", "\x00=1", "\xa0@A"]  # fmt: skip
HARMLESS = ["a=b", "1-2", "王@研发", "", "'=1", "—", "·", "a\r=1"]


def cells_of(frame: pd.DataFrame, *, excel: bool) -> list[list[str]]:
    text = b"".join(to_csv(frame, excel=excel)).decode("utf-8-sig")
    return [*csv.reader(io.StringIO(text, newline=""))]


@pytest.mark.parametrize("excel", [True, False])
@pytest.mark.parametrize("formula", FORMULAS)
def test_nothing_runs_in_a_spreadsheet(formula: str, *, excel: bool) -> None:
    """A cell, the one item of a list and a header get a quote in front, whatever hides their first sign."""
    frame = pd.DataFrame({formula: [formula], "list": [[formula]], "many": [np.array([formula, "b"], dtype=object)]})
    head, row = cells_of(frame.rename_axis(formula + "i"), excel=excel)
    assert head == [f"'{formula}i", f"'{formula}", "list", "many"]
    assert row == ["0", f"'{formula}", f"'{formula}", f"'{formula}; b"]


@pytest.mark.parametrize("excel", [True, False])
@pytest.mark.parametrize("harmless", HARMLESS)
def test_what_is_harmless_stays(harmless: str, *, excel: bool) -> None:
    """Also a line end in a cell, which never begins a row of its own."""
    assert cells_of(pd.DataFrame({"a": [harmless], "b": ["c"]}), excel=excel) == [["a", "b"], [harmless, "c"]]


@pytest.mark.parametrize(
    "column", [[-5, -0.5], pd.Series([-5, -0.5], dtype=object), [[-5], [-0.5]], [np.array([-5]), np.array([-0.5])]]
)
def test_a_negative_number_stays_a_number(column: Any) -> None:
    """In a column of numbers, among other things, and alone in a list."""
    found = cells_of(pd.DataFrame({"n": column}), excel=True)
    assert [float(row[0]) for row in found[1:]] == [-5, -0.5]


def test_two_columns_of_one_name_are_both_guarded() -> None:
    """Names may be equal in what somebody exports."""
    frame = pd.DataFrame([["=1", "=2"]], columns=["a", "a"])
    assert cells_of(frame, excel=True)[1] == ["'=1", "'=2"]


def test_a_csv_file_is_for_excel_and_stdout_for_programs(
    chinese: Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A file has a BOM and CR LF once a row; stdout has neither; the rows are the same."""
    target = tmp_path / "out.csv"
    bytes_of(monkeypatch, "cp1252", "load", "业务/人员", "--csv", str(target))
    content, printed = target.read_bytes(), bytes_of(monkeypatch, "cp1252", "load", "业务/人员", "--csv")
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == content.count(b"\r") == content.count(b"\n") == 2
    assert content[3:].replace(b"\r\n", b"\n") == printed


# --- wrong names and full disks ---------------------------------------------------------------------------------------


@pytest.fixture
def synced_home(home: Lab) -> Lab:
    home.workspace.sync(progress=False).raise_for_failures()
    return home


@pytest.mark.parametrize("form", ["--csv", "--json", "--parquet"])
@pytest.mark.parametrize("command", ["load", "read"])
@pytest.mark.parametrize(
    "place", ["no/such/folder/out", "folder", "file/out", "n" * 300, "", pytest.param("/dev/full", marks=FULL)]
)
def test_a_file_that_cannot_be_written(
    synced_home: Lab, capsys: pytest.CaptureFixture[str], tmp_path: Path, command: str, form: str, place: str
) -> None:
    """What cannot be written and why, what to do, and exit code 1: no traceback, nothing on stdout."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"")
    target = str(tmp_path / place) if place else ""
    code, out, err = run(capsys, command, "s1/people", form, target)
    assert (code, out) == (1, "")
    assert (target or '""') in err
    assert "name a path in a folder" in err


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root writes anywhere")
def test_a_folder_that_nobody_may_write_to(
    synced_home: Lab, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A read-only folder is told as any other refusal of the disk."""
    tmp_path.chmod(0o500)
    code, _, err = run(capsys, "load", "s1/people", "--csv", str(tmp_path / "out.csv"))
    assert code == 1
    assert "Permission denied" in err


@pytest.mark.parametrize("option", ["--csv", "--json"])
@FULL
def test_a_full_disk_under_stdout(synced_home: Lab, option: str) -> None:
    """What is redirected to a full disk ends with a sentence and exit code 1, in a process of its own too."""
    with Path("/dev/full").open("wb") as full:
        argv = [sys.executable, "-m", "larknb", "load", "s1/people", option]
        done = subprocess.run(argv, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert "stdout" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_any_refusal_of_the_disk_is_a_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Also of a command that makes a folder where a file is."""
    (tmp_path / "file").write_bytes(b"")
    code, _, err = run(capsys, "demo", str(tmp_path / "file"))
    assert code == 1
    assert str(tmp_path / "file") in err


@pytest.mark.parametrize("form", ["--csv", "--json", None])
@pytest.mark.parametrize("command", ["load", "read"])
@pytest.mark.parametrize("column", ["nonsense", "Age", "", "_record_id"])
def test_a_column_that_is_not_there(
    synced_home: Lab, capsys: pytest.CaptureFixture[str], command: str, form: str | None, column: str
) -> None:
    """The columns that there are, and exit code 2, from the cache and fresh alike."""
    code, out, err = run(capsys, command, "s1/people", *([form] if form else []), "--columns", "age", column)
    assert (code, out) == (2, "")
    assert f"There is no column {column}" in err
    assert "s1" in err
    assert "lk.schema" in err


@pytest.mark.parametrize("form", ["--csv", "--json"])
@pytest.mark.parametrize(("command", "columns"), [("load", "age age"), ("load", "age fldAge"), ("read", "age age")])
def test_a_column_named_twice_is_there_once(
    synced_home: Lab, capsys: pytest.CaptureFixture[str], command: str, form: str, columns: str
) -> None:
    """By its name or by its field_id."""
    code, out, _ = run(capsys, command, "s1/people", form, "--columns", *columns.split())
    assert code == 0
    assert out.startswith("_record_id,age\n") or [*json.loads(out)[0]] == ["_record_id", "age"]
