from __future__ import annotations

from pathlib import Path

import pytest

from larknb.cli import main
from larknb.workspace import Workspace


def test_the_demo_leaves_a_folder_that_works(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It signs in, syncs eight sources by the headless notebook, and what it leaves works without it."""
    monkeypatch.setenv("LARKNB_APP_ID", "cli_somebody_elses")  # a real app's settings must not reach the stand-in
    monkeypatch.chdir(tmp_path)
    assert main(["demo"]) == 0
    out = capsys.readouterr().out
    for told in ("功能安全部人力盘点", "在线表格示例", "故障定位指引文档5", "8 sources", "电机过热", "larknb status"):
        assert told in out
    workspace = Workspace(tmp_path / "larknb-demo")
    assert len(workspace.load("功能安全业务数据/缺陷")) == 2400
    assert {row.state for row in workspace.status()} == {"fresh"}
    assert len({row.source for row in workspace.status()}) == 8
    assert workspace.document("故障定位指引文档3").outline
    assert [*(tmp_path / "larknb-demo" / "work" / "runs" / "scheduled_sync").glob("*.ipynb")]
    monkeypatch.chdir(tmp_path / "larknb-demo")
    assert main(["status"]) == 0
    assert main(["load", "功能安全部人力盘点/人员"]) == 0


@pytest.mark.soak
def test_the_demo_can_run_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second run in the same folder signs in to the new stand-in and ends well."""
    folder = str(tmp_path / "demo folder")
    assert main(["demo", folder]) == 0
    assert main(["demo", folder]) == 0
    assert "signed in" in capsys.readouterr().out.lower()


def test_the_demo_keeps_off_a_real_workspace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody's own larknb.toml is not overwritten."""
    (tmp_path / "larknb.toml").write_text('[app]\napp_id = "cli_mine"\n')
    assert main(["demo", str(tmp_path)]) == 2
    assert "cli_mine" in (tmp_path / "larknb.toml").read_text()
    assert "another folder" in capsys.readouterr().err
