"""The panel: what its head says of a workspace, and in a real kernel what its buttons do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from larknb.results.runs import RunList, RunRow
from larknb.results.status import State, Status, StatusRow
from larknb.sandbox import Sandbox
from larknb.screens.panel import Desk, panel_view
from tests.conftest import Lab
from tests.frontend import FrontEnd, front_end


def desk(status: Status, runs: RunList | None = None) -> Desk:
    def nothing(*_: object) -> None:
        raise AssertionError("only the head is asked for")

    return Desk(lambda: status, lambda: runs or RunList(), nothing, nothing)  # type: ignore[arg-type]


def row(source: str, table: str, state: State = "fresh", rows: int | None = 1, age: float = 60.0) -> StatusRow:
    return StatusRow(source, "bitable", table, rows, state, age, "", "", 1, 0)


def test_a_source_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its rows are those of all its tables, its state that of the worst, and what failed comes first."""
    status = Status([row("缺陷", "a"), row("人员", "b", rows=2), row("人员", "c", "failed", 40)], "王敏")
    view = panel_view(desk(status))
    lines = view.text.splitlines()
    assert 'data-mood="bad"' in view.html
    assert "王敏" in lines[0]
    assert [line.split()[:3] for line in lines[2:]] == [["人员", "42", "failed"], ["缺陷", "1", "fresh"]]


def test_many_sources_and_runs_stay_small() -> None:
    """A dozen sources and three runs; how many more there are is said."""
    status = Status([row(f"source {number:02}", "t") for number in range(40)])
    ran = RunRow("2026-01-09T10:00:00Z", "sync.ipynb", "ok", 1.0, "", "runs/a.ipynb")
    text = panel_view(desk(status, RunList([ran] * 9))).text
    assert (text.count("source "), text.count("sync.ipynb")) == (12, 3)
    assert "28 more" in text


def test_an_empty_folder_says_what_to_do() -> None:
    """Nobody need know a call by heart."""
    assert "lk.init()" in panel_view(desk(Status())).text


def test_names_are_text() -> None:
    """A name from outside is no HTML."""
    assert "<img" not in panel_view(desk(Status([row("<img src=x onerror=alert(1)>", "t")]))).html


def test_in_a_terminal_its_text_is_printed(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """There is nothing to click there."""
    assert lab.workspace.panel() is None
    assert "s1" in capsys.readouterr().out


# --- in a kernel ------------------------------------------------------------------------------------------------------


@pytest.fixture
def page() -> Iterator[FrontEnd]:
    with front_end({"LARKNB_LANG": "en"}) as kernel:
        yield kernel


def test_its_buttons(page: FrontEnd, home: Path, live_box: Sandbox) -> None:
    """Sync reads what is due and says what it cost; read again reads whatever its age; nothing hangs over the cell."""
    page.run(f"import larknb as lk; lk.Workspace({str(home)!r}).panel()")
    page.wait_for(lambda: page.shows("Sync"))
    assert "never synced" in page.html()
    assert not page.shows("Sign in")
    page.click("Sync")
    page.wait_for(lambda: "fresh" in page.html() and page.shows("Sync"))
    before = live_box.journal.count()
    page.click("Read again")
    page.wait_for(lambda: live_box.journal.count() > before and "request" in page.html() and page.shows("Sync"))
    assert not [secret for secret in live_box.secrets() if secret in str(page.messages)]


def test_nobody_is_signed_in(page: FrontEnd, home: Path) -> None:
    """A button signs in, by the login card in the place of the panel."""
    page.run(f"import larknb as lk; w = lk.Workspace({str(home)!r}); w.logout(local=True); w.panel()")
    page.wait_for(lambda: page.shows("Sign in"))
    page.click("Sign in")
    page.wait_for(lambda: "/open-apis/authen/v1/authorize" in page.html())
