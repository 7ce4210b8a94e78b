"""What leaves the folder for other programs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from tests.conftest import Lab


@pytest.mark.parametrize("what", ["s1", "s1/people"])
def test_a_name_becomes_a_workbook(synced: Lab, tmp_path: Path, what: str) -> None:
    """A source gives a sheet for each of its tables, a table one."""
    path = synced.workspace.to_excel(what, tmp_path / "b.xlsx")
    book = openpyxl.load_workbook(path)
    assert {*book.sheetnames} == ({"people", "teams"} if what == "s1" else {"people"})
    assert book["people"].max_row == 31


def test_frames_become_a_workbook(synced: Lab, tmp_path: Path) -> None:
    """A frame that was loaded is called as its table; others as one says."""
    people = synced.workspace.load("s1/people").head(3)
    assert openpyxl.load_workbook(synced.workspace.to_excel(people, tmp_path / "a.xlsx")).sheetnames == ["people"]
    path = synced.workspace.to_excel({"三个": people, "无": pd.DataFrame()}, str(tmp_path / "b.xlsx"))
    assert openpyxl.load_workbook(path).sheetnames == ["三个", "无"]


def test_plain_pandas_writes_what_load_gives(synced: Lab, tmp_path: Path) -> None:
    """No column needs to be mended before ``to_excel``."""
    frame = synced.workspace.load("s1/people")
    frame.to_excel(tmp_path / "b.xlsx")
    assert len(pd.read_excel(tmp_path / "b.xlsx")) == 30


def test_the_extra_is_named_where_it_is_missing(synced: Lab, tmp_path: Path) -> None:
    """Whoever installed larknb alone learns what to install."""
    code = (
        "import sys, larknb; sys.modules['xlsxwriter'] = None\n"
        "import importlib.util as u; u.find_spec = lambda name: None\n"
        f"larknb.Workspace({str(synced.workspace.root)!r}).to_excel('s1', 'b.xlsx')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert 'pip install "larknb[excel]"' in done.stderr
