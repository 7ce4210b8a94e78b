"""The night shift of a workspace. What runs tell the morning after stands in tests/test_runs.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from larknb.errors import ConfigError, LoginRequired
from larknb.results.sync import SyncReport
from larknb.services.night import copy_notebooks
from larknb.workspace import Workspace
from tests.conftest import Lab


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


def test_changes_tell_when_the_login_ends(synced: Lab) -> None:
    """Also where it has ended: whoever reads the morning's notebook learns it there."""
    assert "it ends 20" in repr(synced.workspace.changes(SyncReport()))
    synced.workspace.logout()
    with pytest.raises(LoginRequired):
        synced.workspace.whoami()
    assert "larknb login" in repr(synced.workspace.changes(SyncReport()))
