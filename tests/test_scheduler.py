"""The example of docs/en/scale.md as it stands: a real scheduler syncs many workspaces, and one of them fails alone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from larknb.sandbox import Field, Sandbox
from larknb.workspace import Workspace
from tests.conftest import sign_in, write_settings

DOCUMENT = Path(__file__).parents[1] / "docs/en/scale.md"
DAGSTER = os.environ.get("DAGSTER") or shutil.which("dagster") or ""

pytestmark = [
    pytest.mark.soak,
    pytest.mark.timeout(400),
    pytest.mark.skipif(not DAGSTER, reason="no scheduler: install dagster in a venv, and set DAGSTER to its command"),
]


@pytest.fixture
def teams(tmp_path: Path) -> Iterator[Path]:
    """A folder of two workspaces; in one of them nobody is logged in."""
    with Sandbox() as box:
        url = f"{box.url}/base/{box.tenant.add_base('staff').app_token}"
        box.tenant.bases[0].add_table("people", [Field("age", 2, is_primary=True)]).add_many([{"age": 30}, {"age": 31}])
        for name in ("safety", "nobody"):
            sign_in(write_settings(tmp_path / "teams" / name, box, url), box)
        Workspace(tmp_path / "teams" / "nobody").logout(local=True)
        yield tmp_path / "teams"


def test_a_scheduler_syncs_many_workspaces(teams: Path, tmp_path: Path) -> None:
    """What can be synced is; the run fails, says which workspace and why, and does not try in vain."""
    (example,) = re.findall(r"```py\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.S)
    (tmp_path / "workspaces.py").write_text(example, encoding="utf-8")
    home = tmp_path / "dagster"
    home.mkdir()
    env = os.environ | {"LARKNB_TEAMS": str(teams), "DAGSTER_HOME": str(home), "DAGSTER_DISABLE_TELEMETRY": "1"}
    env["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), str(Path(DAGSTER).parent), env["PATH"]))
    command = [DAGSTER, "job", "execute", "-f", "workspaces.py", "-j", "sync_teams"]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=390, check=False)
    log = done.stdout + done.stderr
    assert done.returncode != 0
    assert re.search("nobody: .*larknb login", log)
    assert "STEP_UP_FOR_RETRY" not in log
    assert "safety: 2 rows, " in log
    assert len(Workspace(teams / "safety").load("s1/people")) == 2
