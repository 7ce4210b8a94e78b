"""The night shift of a workspace. What runs tell the morning after stands in tests/test_runs.py."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from larknb.errors import ConfigError, LoginRequired
from larknb.headless.records import RunRecord, write
from larknb.results.changes import Summary
from larknb.results.runs import RunResult, RunStatus
from larknb.results.sync import SyncReport
from larknb.services.night import copy_notebooks
from larknb.workspace import Workspace
from tests.conftest import Lab, sync, text


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A folder that nobody has set up."""
    return Workspace(tmp_path / "ws")


def test_the_shipped_notebooks_are_copied_where_they_are_missing(workspace: Workspace) -> None:
    """What somebody changed in them stays; what somebody deleted comes again."""
    copy_notebooks(workspace.context)
    login, sync = (workspace.root / "notebooks" / name for name in ("01_login.ipynb", "02_sync.ipynb"))
    login.write_text("mine", encoding="utf-8")
    sync.unlink()
    copy_notebooks(workspace.context)
    assert login.read_text(encoding="utf-8") == "mine"
    assert "larknb" in sync.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "times"), [({}, "0 * * * * "), ({"interval": "1d"}, "0 0 * * * "), ({"at": ["08:30"]}, "30 8 * * * ")]
)
def test_a_unit_without_times_comes_every_hour(workspace: Workspace, options: dict[str, object], times: str) -> None:
    """As `schedule` itself does; what was asked for goes before."""
    assert workspace.unit("cron", {"notebook": "scheduled_sync", **options}).startswith(times)


def test_a_notebook_of_the_present_folder_is_named_in_full(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system starts elsewhere; the name of a shipped notebook stays a name."""
    monkeypatch.chdir(tmp_path)
    assert str(tmp_path / "mine.ipynb") in workspace.unit("cron", {"notebook": "mine.ipynb"})
    assert str(tmp_path / "scheduled_sync") not in workspace.unit("cron", {"notebook": "scheduled_sync"})


def test_the_secrets_of_the_environment_are_kept(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """They go into files below work/; kept once, there is nothing left to keep."""
    monkeypatch.setenv("LARKNB_APP_ID", "cli_a")
    monkeypatch.setenv("LARKNB_APP_SECRET", "hunter2")
    assert workspace.save_secrets() == [workspace.root / "work" / "app_secret.json"]
    monkeypatch.delenv("LARKNB_APP_SECRET")
    assert workspace.settings.app_secret == "hunter2"
    assert workspace.save_secrets() == []


def test_an_interval_of_nothing_is_refused(workspace: Workspace) -> None:
    """Nothing runs, and nothing is written."""
    with pytest.raises(ConfigError, match="duration"):
        workspace.schedule(interval=0)
    assert not workspace.root.exists()


def leave_run(lab: Lab, status: RunStatus, *, ago: float = 30.0, summary: Summary | None = None) -> None:
    """Leave the record of a run that just ended."""
    folder = lab.workspace.settings.work / "runs" / "scheduled_sync"
    folder.mkdir(parents=True, exist_ok=True)
    at = f"{datetime.fromtimestamp(lab.clock() - ago, UTC):%Y%m%dT%H%M%SZ}.ipynb"
    run = RunResult("scheduled_sync.ipynb", "", status, started_at=lab.clock() - ago, seconds=30.0, summary=summary)
    (folder / at).touch()
    write(folder / at, RunRecord.of(run))


def test_changes_open_with_what_changed(synced: Lab) -> None:
    """Cell by cell since the last good run ended; nothing at the first look, or where all is as it was."""
    assert synced.workspace.changes(sync(synced, force=True)).details is None
    leave_run(synced, "ok")
    assert synced.workspace.changes(sync(synced.later(), force=True)).details is None
    first, second, *_ = synced.people.rows
    synced.people.edit(first, {"age": 70})
    synced.people.delete(second)
    changes = synced.workspace.changes(sync(synced.later(), force=True))
    assert changes.lines == ("- s1 / people · person 1", "~ s1 / people · person 0 · age: 0.0 → 70.0")
    assert changes.details is not None
    assert [*changes.details.to_frame()["change"]] == ["removed", "changed"]
    assert "70" in changes.details._repr_html_()


def test_what_failed_runs_brought_is_among_it(synced: Lab) -> None:
    """Nobody may have seen their changes; those of the last good run were seen."""
    synced.people.edit(next(iter(synced.people.rows)), {"age": 50})
    sync(synced.later(), force=True)
    leave_run(synced, "ok")
    synced.people.add({"name": text("seen by nobody")})
    leave_run(synced, "failed", summary=synced.workspace.changes(sync(synced.later(), force=True)).summary())
    changes = synced.workspace.changes(sync(synced.later(), force=True))
    assert changes.lines == ("+ s1 / people · seen by nobody",)


def test_the_first_lines_are_bounded(synced: Lab) -> None:
    """However many rows and however long their texts."""
    leave_run(synced, "ok")
    synced.people.add_many([{"name": text(f"{n} " + "长" * 900)} for n in range(99)])
    changes = synced.workspace.changes(sync(synced.later(), force=True))
    assert len(changes.lines) == 8
    assert max(map(len, changes.lines)) == 100


def test_an_earlier_state_that_is_gone_stops_nothing(synced: Lab) -> None:
    """The counts are told all the same."""
    leave_run(synced, "ok", ago=86400.0)
    synced.people.add({"name": text("new")})
    changes = synced.workspace.changes(sync(synced.later(), force=True))
    assert (changes.details, changes.lines, changes[0].added) == (None, (), 1)


def test_changes_tell_when_the_login_ends(synced: Lab) -> None:
    """Also where it has ended: whoever reads the morning's notebook learns it there."""
    assert "it ends 20" in repr(synced.workspace.changes(SyncReport()))
    synced.workspace.logout()
    with pytest.raises(LoginRequired):
        synced.workspace.whoami()
    assert "larknb login" in repr(synced.workspace.changes(SyncReport()))


def test_the_first_run_tells_what_its_sync_changed(synced: Lab) -> None:
    """No run ended well before: it is compared with the state before the present one."""
    synced.people.edit(next(iter(synced.people.rows)), {"name": text("renamed")})
    changes = synced.workspace.changes(sync(synced.later(), force=True))
    assert [line for line in changes.lines if "renamed" in line]
    assert changes.details is not None
    assert changes.details.since
