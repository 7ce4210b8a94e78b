"""The progress of a sync, as a notebook's page and a log show it."""

from __future__ import annotations

from pathlib import Path

import pytest

from larknb.model import Progress
from larknb.screens.progress import reporter
from tests.frontend import FrontEnd

MANY = """
from larknb.model import Progress
from larknb.screens.progress import reporter
ticks = iter([1.0, 1.125, 1.25, 1.3125, 1.375])
show = reporter(lambda: next(ticks))
for rows in (0, 250, 500):
    show(Progress("<b>人力</b>\\u202e", 1, 2, "人员", rows, 1000))
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


def test_a_log_names_what_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    """Steps within a source are left out."""
    show = reporter()
    show(Progress("s", 0, 2, "people", 10, 20))
    show(Progress("s", 1, 2, state="done"))
    assert capsys.readouterr().err == "[1/2] s\n"
