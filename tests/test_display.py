import sys
from types import SimpleNamespace
from typing import Any

import pytest

from larknb import console, display
from larknb.env import HEADLESS
from larknb.results.sources import SourceList
from larknb.results.status import Status, StatusRow
from larknb.results.sync import SyncReport, SyncRow


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


def test_html_is_escaped() -> None:
    """A name with markup in it stays text, in header, cell, headline and footer."""
    evil = "<img src=x onerror=alert(1)>"
    page = display.html(evil, [evil], [(evil,)], evil) + display.facts_html([(evil, evil)])
    assert "<img" not in page
    assert page.count("&lt;img") == 6


def test_a_report_shows_itself_and_turns_into_a_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """The columns of the frame are the documented ones; text and HTML carry the same cells."""
    monkeypatch.setenv("LARKNB_LANG", "en")
    report = SyncReport([SyncRow("s", "bitable", "人员", "fetched", rows=3, added=3, calls=5, seconds=0.5)])
    assert list(report.to_frame().columns) == [
        "source", "kind", "table", "action", "rows", "added", "changed", "removed", "calls", "seconds", "problem",
    ]  # fmt: skip
    assert "人员" in repr(report)
    assert "人员" in report._repr_html_()
    assert report.ok
    assert not SyncReport([SyncRow("s", "bitable", "", "not tried")]).ok


def test_an_empty_list_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """No sources: the text names the next command."""
    monkeypatch.setenv("LARKNB_LANG", "en")
    assert "larknb add URL" in repr(SourceList([]))


def test_status_speaks_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    """Header, states and units follow the language."""
    monkeypatch.setenv("LARKNB_LANG", "zh")
    row = StatusRow("s", "bitable", "人员", 3, "stale", 7300.0, "", "", 2_500_000, 1)
    assert "待更新" in repr(Status([row]))
    assert "2 小时" in repr(Status([row]))
    assert "2.5 MB" in repr(Status([row]))


def shell(kernel: Any) -> Any:
    return SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=kernel))


def kernel(allow_stdin: bool) -> Any:
    return SimpleNamespace(get_parent=lambda _: {"content": {"allow_stdin": allow_stdin}}, _allow_stdin=allow_stdin)


@pytest.mark.parametrize(("allow_stdin", "expected"), [(True, "notebook"), (False, "nobody")])
def test_a_kernel_without_stdin_is_nobody(allow_stdin: bool, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """JupyterLab answers input(), nbclient and its kin do not."""
    monkeypatch.setitem(sys.modules, "IPython", shell(kernel(allow_stdin)))
    monkeypatch.delenv(HEADLESS, raising=False)
    assert console.place() == expected


def test_voila_is_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Voila forbids stdin although a person sits there."""
    monkeypatch.setitem(sys.modules, "IPython", shell(kernel(False)))
    monkeypatch.setenv("VOILA_KERNEL_ID", "k")
    assert console.place() == "notebook"


def test_our_own_runner_is_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The runner's mark goes before everything else."""
    monkeypatch.setitem(sys.modules, "IPython", shell(kernel(True)))
    monkeypatch.setenv(HEADLESS, "1")
    assert console.place() == "nobody"


def test_no_terminal_is_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe, cron, or pythonw without streams."""
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    monkeypatch.setattr(sys, "stdin", None)
    assert console.place() == "nobody"
