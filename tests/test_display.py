import os
from pathlib import Path
from typing import Any

import pytest

from larknb import display


def test_chinese_columns_line_up() -> None:
    """A wide character takes two cells, so the second column starts at the same place in every line."""
    text = display.text("", ["name", "rows"], [("人力盘点", 12), ("abc", 7)])
    lines = text.splitlines()[1:]
    starts = {
        display.width(line[: line.index(cell)]) + len(cell) for line, cell in zip(lines, ("12", "7"), strict=True)
    }
    assert starts == {len("人力盘点") * 2 + 2 + 4}


def test_text_cannot_rewrite_the_terminal() -> None:
    """Control characters of a hostile name are shown, not obeyed."""
    text = display.text("", ["name"], [("\x1b[2J\rgone\nnext",)])
    assert "\x1b" not in text
    assert len(text.splitlines()) == 2


def test_facts_line_up() -> None:
    """The values start at the same place, whatever characters their labels are made of."""
    lines = display.facts([("应用", "cli_a"), ("tenant", "t\x1b")]).splitlines()
    assert lines == ["应用    cli_a", "tenant  t\\x1b"]


@pytest.mark.parametrize(
    ("values", "line"), [((7, None), "     7"), ((7, "x"), "7"), ((True, False), "True"), ((None, None), "")]
)
def test_only_numbers_stand_on_the_right(values: tuple[Any, Any], line: str) -> None:
    """A column with any text in it reads from the left; gaps change nothing."""
    first = display.text("", ["header"], [(value,) for value in values]).splitlines()[1]
    assert first == line


def test_no_rows_have_no_header() -> None:
    """An empty table is its headline and what is below it."""
    assert display.text("title", ["a"], [], "nothing") == "title\nnothing"
    assert "<table" not in display.html("title", ["a"], [], "nothing")


# --- HTML ---------------------------------------------------------------------------------------------------------


def test_html_is_escaped() -> None:
    """A name with markup in it stays text, in header, cell, headline and footer."""
    evil = "<img src=x onerror=alert(1)>"
    page = display.html(evil, [evil], [(evil,)], evil) + display.facts_html([(evil, evil)])
    assert "<img" not in page
    assert page.count("&lt;img") == 6


def test_only_the_last_column_wraps() -> None:
    """A long problem does not push the columns before it off the page, nor break their words."""
    page = display.html("", ["name", "problem"], [("n", "p" * 500)])
    assert page.count("white-space:nowrap") == page.count("white-space:normal") == 2
    assert page.index("nowrap") < page.index("white-space:normal")


@pytest.mark.parametrize("address", ["javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "//x", ""])
def test_an_address_that_runs_is_no_link(address: str) -> None:
    """Documents name their own addresses; only web pages are linked to."""
    assert display.anchor(address, "<b>") == "&lt;b&gt;"


def test_a_link_opens_apart() -> None:
    """Neither the page it leads to nor a quote in its address reaches the notebook."""
    link = display.anchor('https://x/"onclick="alert(1)', "there")
    assert link.startswith('<a href="https://x/&quot;onclick=')
    assert link.endswith('target="_blank" rel="noopener noreferrer">there</a>')


def test_a_file_is_linked_to_from_where_we_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its text counts from the workspace, its address from the present folder."""
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    page = display.html("", ["output"], [(display.Link("work/夜 班.ipynb", str(tmp_path)),)])
    assert '<a href="../work/%E5%A4%9C%20%E7%8F%AD.ipynb" target="_blank">work/夜 班.ipynb</a>' in page


def test_a_file_on_another_drive_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows there is no way from here to there."""

    def between_drives(*_: object) -> str:
        raise ValueError("path is on mount 'Q:', start on mount 'C:'")

    monkeypatch.setattr(os.path, "relpath", between_drives)
    assert display.Link("work/a.ipynb", "Q:\\team").html() == "work/a.ipynb"


def test_a_bar_shows_its_share() -> None:
    """A third is a third of its width."""
    assert "width:33%" in display.bar(1 / 3)


# --- words --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(None, "never"), (-3, "0 s"), (59.9, "59 s"), (60, "1 min"), (7300, "2 h"), (86400 * 400, "400 d")],
)
def test_an_age_has_its_largest_unit(seconds: float | None, expected: str) -> None:
    """What was never looked at has none; a clock that was set back makes none negative."""
    assert display.age(seconds) == expected


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1400, "1.4 KB"),
        (250_000, "250 KB"),
        (2_500_000, "2.5 MB"),
        (3 * 10**12, "3000.0 GB"),
    ],
)
def test_a_size_is_short(length: int, expected: str) -> None:
    """Three digits at most, up to gigabytes."""
    assert display.size(length) == expected


def test_nothing_is_blank() -> None:
    """A zero among counts is not shown, nor is a time that never came."""
    assert (display.count(0), display.count(7), display.moment(None)) == ("", 7, "")


def test_times_are_the_machines(machine_zone: str) -> None:
    """People and programs read the time of the wall clock; programs also the offset."""
    expected = {
        "UTC": "2026-01-09T23:06:40+0000",
        "Asia/Shanghai": "2026-01-10T07:06:40+0800",
        "America/New_York": "2026-01-09T18:06:40-0500",
    }[machine_zone]
    assert display.iso(1_768_000_000) == expected
    assert display.moment(1_768_000_000) == expected[:19].replace("T", " ")
    assert display.clock_time(1_768_000_000) == expected[11:19]
    assert display.local("2026-01-09T23:06:40Z") == display.local(expected) == display.moment(1_768_000_000)
    assert (display.local(""), display.local("some day")) == ("", "some day")
