"""Tables as a terminal shows them."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from larknb.cli.drawing import draw, draw_frame
from larknb.display import width
from larknb.model import Source
from larknb.results.sources import SourceList
from larknb.results.status import Status, StatusRow

NASTY = "甲\x1b[2J\u202e乙[red]x"
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def rows(name: str, count: int = 2) -> Status:
    """Return a status of some tables with long names."""
    problem = "The table tblPeople0000000001 was not found (code 1254041), see https://open.feishu.cn/a/b"
    return Status(
        [
            StatusRow(
                name, "bitable", f"表{number}", number, "failed", 90.0, "2026-11-27T05:56:10+0000", problem, 10, 3
            )
            for number in range(count)
        ]
    )


def drawn(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, cells: int, result: object) -> str:
    monkeypatch.setenv("COLUMNS", str(cells))
    capsys.readouterr()
    draw(result)
    return capsys.readouterr().out


@pytest.mark.parametrize("cells", [120, 80, 50, 40])
@pytest.mark.parametrize("name", ["功能安全部人力盘点", "a", "x" * 60])
def test_a_table_fits_the_width(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, cells: int, name: str
) -> None:
    """Wide characters counted, and nothing is left out."""
    shown = drawn(capsys, monkeypatch, cells, rows(name))
    assert max(map(width, shown.splitlines())) <= cells
    assert "1254041" in shown


def test_what_is_narrow_becomes_a_list(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each value behind its name, the first one above."""
    lines = drawn(capsys, monkeypatch, 40, rows("s1", 1)).splitlines()
    assert lines[1].strip() == "s1"
    assert any(line.strip().startswith("Kind Bitable") for line in lines)


def test_an_address_stays_one(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is longer than the line: the terminal folds it, so that it can be copied."""
    url = "https://example.feishu.cn/base/HcPn5Zq2bYk8WdTfRs1vXgLjMeA"
    shown = drawn(capsys, monkeypatch, 40, SourceList([Source("s1", url, "bitable", "HcPn5Zq2bYk8WdTfRs1vXgLjMeA")]))
    assert f"URL {url}" in shown


def test_nothing_acts(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Control characters, what turns a text around, and rich's markup are shown as they are."""
    for cells in (40, 200):
        shown = drawn(capsys, monkeypatch, cells, rows(NASTY, 1))
        assert "\x1b" not in shown
        assert "\u202e" not in shown
    assert "[red]x" in shown


@pytest.mark.parametrize(("setting", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_colours(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, setting: dict[str, str], coloured: bool
) -> None:
    """Where the terminal has them, and nobody said NO_COLOR."""
    for name, value in {"FORCE_COLOR": "1", "TERM": "xterm", **setting}.items():
        monkeypatch.setenv(name, value)
    shown = drawn(capsys, monkeypatch, 120, rows("s1"))
    assert bool(re.search(r"\x1b\[[0-9;]*3[0-9]m", shown)) is coloured
    assert "s1" in ANSI.sub("", shown)


FRAME = pd.DataFrame(
    {"_created_time": pd.to_datetime(["2026-01-01 08:30"] * 30), "标题": [f"缺陷 {n}" for n in range(30)],
     "人数": [float(n) for n in range(30)], "长": ["很长的说明" * 30] * 30,
     **{f"列 {n}": ["x" * 18] * 30 for n in range(6)}, "坏": [NASTY] * 30},
    index=pd.Index([f"rec{n}" for n in range(30)], name="_record_id"),
)  # fmt: skip


def frame_drawn(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *, whole: bool) -> str:
    monkeypatch.setenv("COLUMNS", "80")
    capsys.readouterr()
    draw_frame(FRAME, whole=whole)
    return capsys.readouterr().out


def test_a_frame_shows_the_business_first(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """As many columns as fit, in their order; those of the system last; the others are named."""
    shown = frame_drawn(capsys, monkeypatch, whole=False)
    lines = shown.splitlines()
    assert lines[0].split()[:5] == ["标题", "人数", "长", "列", "0"]
    assert max(map(width, lines)) <= 80
    assert "more columns (--all" in shown
    assert shown.rindex("_created_time") > shown.rindex("坏")
    assert "缺陷 9 " in shown
    assert "缺陷 10" not in shown
    assert "缺陷 29" in shown


def test_a_frame_can_show_all(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """In blocks, each with the index before it."""
    shown = frame_drawn(capsys, monkeypatch, whole=True)
    assert all(str(name).split()[-1] in shown for name in FRAME.columns)
    assert shown.count("_record_id") > 1
    assert "\x1b" not in shown
    assert max(map(width, shown.splitlines())) <= 80


def test_gaps_and_lists(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A gap is nothing, several values stand behind each other."""
    monkeypatch.setenv("COLUMNS", "80")
    draw_frame(pd.DataFrame({"a": [("x", "y"), None], "b": [1.5, float("nan")], "c": [None, True]}), whole=False)
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["a", "b", "c"],
        ["x;", "y", "1.5"],
        ["True"],
    ]


def test_all_else_shows_itself(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Line by line, folded."""
    shown = drawn(capsys, monkeypatch, 40, "a " * 40 + "\nb")
    assert [width(line) <= 40 for line in shown.splitlines()] == [True] * 4
    assert shown.splitlines()[1].startswith("  a")
