"""The progress of a sync, as a notebook's page and a log show it."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest

from larknb.model import Progress, Running
from larknb.screens.progress import Board, reporter, showing_with
from tests.frontend import FrontEnd

MANY = """
from larknb.model import Progress
from larknb.screens.progress import reporter
now = 1.0
show = reporter(lambda: now)
for now, rows in ((1.0, 0), (1.125, 250), (1.25, 500)):
    show(Progress("<b>人力</b>\\u202e", 1, 2, "人员", rows, 1000))
"""


WAITING = """
import itertools, threading
from larknb.model import Progress
from larknb.screens import progress
progress.TICK = 0.01
ticks = itertools.count(1.0, 0.25)
try:
    with progress.reporter(lambda: next(ticks)) as show:
        show(Progress("s", 0, 1, state="settling", seconds=5))
        while next(ticks) < 5:
            threading.Event().wait(0.02)
        1 / 0
except ZeroDivisionError:
    pass
"""


def test_a_notebook_shows_one_line_and_a_report(home: Path, kernel: FrontEnd) -> None:
    """Progress is one line that is replaced; the report is HTML and text; nothing reaches stderr."""
    outputs = kernel.run(f"import larknb as lk\nlk.Workspace({str(home)!r}).sync()", somebody=True)
    kinds = [output["type"] for output in outputs]
    assert kinds.count("display_data") == 1
    assert "update_display_data" in kinds
    assert "stream" not in kinds
    result = next(output for output in outputs if output["type"] == "execute_result")
    assert "<table" in result["data"]["text/html"]
    assert "people" in result["data"]["text/plain"]
    assert "<img" not in "".join(str(output.get("data", {}).get("text/html")) for output in outputs)


def test_a_headless_run_shows_one_line_per_source(home: Path, kernel: FrontEnd) -> None:
    """Where nobody is, a line per source in the log, and no display that would stay at 0 %."""
    outputs = kernel.run(f"import larknb as lk\nlk.Workspace({str(home)!r}).sync()", somebody=False)
    assert "display_data" not in [output["type"] for output in outputs]
    assert "".join(output["text"] for output in outputs if output["type"] == "stream") == "[1/1] s1\n"


def test_the_line_is_replaced_five_times_a_second_at_most(kernel: FrontEnd) -> None:
    """Of three steps within a quarter of a second two are shown, in one place, with names escaped."""
    outputs = kernel.run(MANY)
    displays = [output["type"] for output in outputs if "display" in output["type"]]
    assert displays == ["display_data", "update_display_data"]
    assert "width:75%" in kernel.html()
    assert "&lt;b&gt;人力&lt;/b&gt;\\u202e" in kernel.html()
    assert "500" in kernel.html()


def test_files_are_counted_as_they_come(kernel: FrontEnd) -> None:
    """A source whose rows are there counts by its files."""
    step = 'Progress("s", 1, 2, files=5, files_total=10)'
    kernel.run(f"from larknb.model import Progress\nfrom larknb.screens.progress import reporter\nreporter()({step})")
    assert "width:75%" in kernel.html()
    assert "5 of 10 files" in kernel.html()


def test_the_line_goes_when_all_is_done(kernel: FrontEnd) -> None:
    """The report takes its place, however soon after the last step."""
    kernel.run(MANY)
    kernel.run('show(Progress("s", 1, 2, state="done"))')
    assert "width:75%" in kernel.html()  # too soon, and one source is left
    kernel.run('show(Progress("s", 2, 2, state="done"))')
    assert kernel.html() == ""


def test_the_line_moves_while_nothing_arrives(kernel: FrontEnd) -> None:
    """A wait counts down in a thread of its own, and the line is gone however the work ends."""
    outputs = kernel.run(WAITING)
    shown = "".join(str(output.get("data")) for output in outputs)
    assert all(f"waiting {seconds} s for the base to settle" in shown for seconds in (5, 4, 3))
    assert kernel.html() == ""


def test_a_log_names_what_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    """Steps within a source, and cells of a run, are left out."""
    with reporter() as show:
        show(Progress("s", 0, 2, "people", 10, 20))
        show(Running("nb", 1, 3, "import x", 2.0))
        show(Progress("s", 1, 2, state="done"))
    assert capsys.readouterr().err == "[1/2] s\n"


def test_another_way_to_show_can_be_chosen() -> None:
    """For as long as one is inside."""
    steps: list[object] = []
    with showing_with(lambda: nullcontext(steps.append)), reporter() as show:
        show(Progress("s", 0, 1))
    with reporter() as show:
        show(Progress("s", 0, 1))
    assert len(steps) == 1


# --- what a board says ------------------------------------------------------------------------------------------------


STEPS: list[tuple[list[tuple[float, Progress | Running]], float, list[str]]] = [
    ([(0, Progress("s", 0, 3))], 0, ["1 of 3: s"]),
    ([(0, Progress("s", 0, 3))], 9.9, ["1 of 3: s, 9 s"]),
    (
        [(0, Progress("s", 0, 3)), (2, Progress("s", 0, 3, "t", 500, 2000))], 2,
        ["1 of 3: s / t, 500 of 2,000 rows, 250 rows/s, 6 s left"],
    ),
    ([(0, Progress("s", 0, 3)), (2, Progress("s", 0, 3, "t", 7))], 2, ["1 of 3: s / t, 7 rows, 4 rows/s"]),
    ([(0, Progress("s", 0, 3, files=3, files_total=9))], 0, ["1 of 3: s, 3 of 9 files"]),
    (
        [(0, Progress("s", 0, 3, state="settling", seconds=5))], 1.5,
        ["1 of 3: s: waiting 4 s for the base to settle"],
    ),
    (
        [(0, Progress("s", 0, 3, "t", 7, 9, state="retrying", tries=2, tries_total=5, seconds=4))], 0,
        ["1 of 3: s / t, 7 of 9 rows: retry 2 of 5 in 4 s"],
    ),
    (
        [(0, Progress("", 0, 0, state="retrying", tries=2, tries_total=5, seconds=4))], 0,
        ["All sources: retry 2 of 5 in 4 s"],
    ),
    (
        [(0, Progress("", 0, 0, state="retrying", tries=2, tries_total=5, seconds=4)), (5, Progress("s", 0, 3))], 5,
        ["1 of 3: s"],
    ),
    ([(0, Progress("a", 0, 3)), (0, Progress("b", 0, 3))], 0, ["1 of 3: a", "1 of 3: b"]),
    ([(0, Progress("a", 0, 3)), (1, Progress("b", 0, 3)), (2, Progress("a", 1, 3, state="done"))], 2, ["1 of 3: b"]),
    ([(0, Running("nb", 3, 7, "lk.sync()", 1.0))], 12.4, ["nb: cell 3 of 7, 13 s (lk.sync())"]),
    ([(0, Progress("s\x1b[2J", 0, 1))], 0, ["1 of 1: s\\x1b[2J"]),
]  # fmt: skip


@pytest.mark.parametrize(("steps", "at", "texts"), STEPS)
def test_what_there_is_to_say(steps: list[tuple[float, Progress | Running]], at: float, texts: list[str]) -> None:
    """Rows, rate and time left; what is waited for, counting down; the cell of a run; each source its line."""
    now = 0.0
    board = Board(lambda: now)
    for now, step in steps:  # noqa: B007  the board asks for it
        board.take(step)
    now = at
    assert board.texts() == texts


def test_how_much_is_done() -> None:
    """Whole sources, and the share of those that are read."""
    board = Board(lambda: 0.0)
    for step in (Progress("a", 1, 4, "t", 50, 100), Progress("b", 1, 4, files=1, files_total=4)):
        board.take(step)
    assert board.share == (1 + 0.5 + 0.25) / 4
    board.take(Running("nb", 3, 5, "", 0.0))
    assert board.share == 0.4
