"""What programs and spreadsheets get from a command."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from larknb.cli import main
from larknb.cli.output import parts_to_csv, to_csv
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


# --- in parts ---------------------------------------------------------------------------------------------------------


def in_parts(frame: pd.DataFrame, size: int) -> bytes:
    parts = [frame.iloc[start : start + size] for start in range(0, len(frame) or 1, size)]
    return b"".join(parts_to_csv(parts, lambda names: frame[names], excel=True))


DAYS = ["2026-01-01", "2026-01-02", None, "2026-01-03"]
TIMES: dict[str, list[Any]] = {
    "days": DAYS,
    "an hour in the last part": [*DAYS, "2026-01-04 08:30:00"],
    "an hour in the first": ["2026-01-04 08:30:00", *DAYS],
    "a fraction": [*DAYS, "2026-01-04 08:30:00.250"],
    "none": [None, None, None],
}


@pytest.mark.parametrize("size", [1, 2, 100])
@pytest.mark.parametrize("times", TIMES.values(), ids=TIMES)
@pytest.mark.parametrize("zone", [None, "Asia/Shanghai"])
def test_parts_are_written_as_the_whole(times: list[Any], size: int, zone: str | None) -> None:
    """Times are as fine in each part as in the whole; choices, lists and gaps are the same, and there is one header."""
    at = pd.Series(pd.to_datetime(times, format="ISO8601")).astype("datetime64[ms]").dt.tz_localize(zone)
    columns = {"at": at, "choice": pd.Categorical([("=a", "b", None)[n % 3] for n in range(len(at))]),
               "many": [[["x", "-y"], ["=z"], []][n % 3] for n in range(len(at))], "text": ["=t", "", "v"][0],
               "number": [n / 3 for n in range(len(at))], "yes": True}  # fmt: skip
    frame = pd.DataFrame(columns).rename_axis("_record_id")
    assert in_parts(frame, size) == in_parts(frame, 1000) == b"".join(to_csv(frame, excel=True))


def test_a_table_without_rows_has_a_header() -> None:
    """In parts, too."""
    frame = pd.DataFrame({"a": pd.Series([], dtype="datetime64[ms]"), "=b": pd.Series([], dtype=str)}).rename_axis("i")
    assert in_parts(frame, 5) == "\ufeffi,a,'=b\r\n".encode()


def test_a_large_table_is_written_in_pieces() -> None:
    """Memory holds some of its rows as text, and they are all there."""
    frame = pd.DataFrame({"a": [f"第 {number} 行" for number in range(50_000)]})
    pieces = [*to_csv(frame, excel=False)]
    assert len(pieces) > 2
    assert len([*csv.reader(io.StringIO(b"".join(pieces).decode()))]) == 50_001


def is_formula(text: str) -> bool:
    seen = "".join(sign for sign in text if unicodedata.category(sign)[0] not in "ZC")
    return unicodedata.normalize("NFKC", seen[:1])[:1] in {"=", "+", "-", "@"}


@given(st.lists(st.text(max_size=4) | st.sampled_from(["=1", "＝1", "\u200b+", " @", "甲=", "é", "-", ""]), max_size=8))
def test_no_formula_escapes_the_quick_look(texts: list[str]) -> None:
    """Each text by itself decides, whatever stands beside it."""
    storable = [text.encode("utf-8", "replace").decode() for text in texts]
    for cells in (pd.Series(storable, dtype="str"), pd.Series([None, *storable], dtype="str")[1:]):
        written = b"".join(to_csv(pd.DataFrame({"a": cells, "b": "x"}), excel=True)).decode("utf-8-sig")
        rows = [*csv.reader(io.StringIO(written, newline=""))]
        assert [row[0] for row in rows[1:]] == [f"'{text}" if is_formula(text) else text for text in storable]


def test_no_letter_begins_a_formula() -> None:
    """What begins with one needs no closer look."""
    for point in range(0x110000):
        assert not (chr(point).isalnum() and unicodedata.normalize("NFKC", chr(point))[0] in "=+-@")


def test_load_gives_a_large_table_in_parts(home: Lab) -> None:
    """As `load` gives it whole: same columns, types and rows; chosen columns in the order asked."""
    main(["sync", "--quiet"])
    whole = home.workspace.load("s1/people")
    (part,) = home.workspace.load_parts("s1", "people")
    whole.attrs = {}
    pd.testing.assert_frame_equal(part, whole)
    (chosen,) = home.workspace.load_parts("s1/people", columns=["team", "fldAge"], as_of=-1)
    assert [*chosen.columns] == ["team", "age"]
