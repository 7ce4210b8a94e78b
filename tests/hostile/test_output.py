"""What programs read of a command, when the data or the machine is hostile."""

from __future__ import annotations

import csv
import io
import json
import re
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
    assert row == ["0", f"'{formula}", f"'{formula}", f"'{formula}, b"]


@pytest.mark.parametrize("excel", [True, False])
@pytest.mark.parametrize("harmless", HARMLESS)
def test_what_is_harmless_stays(harmless: str, *, excel: bool) -> None:
    """Also a line end in a cell, which never begins a row of its own."""
    assert cells_of(pd.DataFrame({"a": [harmless], "b": ["c"]}), excel=excel) == [
        ["index", "a", "b"],
        ["0", harmless, "c"],
    ]


@pytest.mark.parametrize(
    "column", [[-5, -0.5], pd.Series([-5, -0.5], dtype=object), [[-5], [-0.5]], [np.array([-5]), np.array([-0.5])]]
)
def test_a_negative_number_stays_a_number(column: Any) -> None:
    """In a column of numbers, among other things, and alone in a list."""
    found = cells_of(pd.DataFrame({"n": column}), excel=True)
    assert [float(row[1]) for row in found[1:]] == [-5, -0.5]


def test_two_columns_of_one_name_are_both_guarded() -> None:
    """Names may be equal in what somebody exports."""
    frame = pd.DataFrame([["=1", "=2"]], columns=["a", "a"])
    assert cells_of(frame, excel=True)[1] == ["0", "'=1", "'=2"]


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
