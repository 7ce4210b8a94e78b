"""A sync that is killed at a file operation while it downloads: nothing half is shown, nothing comes twice."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from larknb.sandbox import Field, Sandbox
from larknb.workspace import Workspace
from tests.conftest import Clock, open_lab, text
from tests.hostile.dying import dying
from tests.hostile.labs import Case

pytestmark = [pytest.mark.crash, pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")]

DATA = bytes(range(256)) * 600  # comes in three pieces


def base_with_files(root: Path, box: Sandbox, clock: Clock) -> Case:
    """Return a base to which a row with two files was added."""
    base = box.tenant.add_base("staff", app_token="AppStaff000000000000000001")
    fields = [Field("name", 1, is_primary=True), Field("file", 17)]
    table = base.add_table("people", fields, table_id="tblPeople")
    table.add({"name": text("first")})
    tokens = [box.tenant.add_media(DATA + bytes([n]), f"{n}.png", "image/png", base=base) for n in range(2)]
    cell = [{"file_token": token, "name": "a.png", "type": "image/png", "size": len(DATA) + 1} for token in tokens]
    lab = open_lab(root, box, clock, f"{box.url}/base/{base.app_token}", base)
    settings = lab.workspace.root / "larknb.toml"
    settings.write_text(f"{settings.read_text()}attachments = true\n")
    case = Case("bitable", lab)
    case.begin(lambda: table.add({"name": text("second"), "file": cell}))
    return case


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    clock = Clock()
    with Sandbox(clock=clock, redirect_uris=("http://127.0.0.1:18765/callback",)) as box:
        yield base_with_files(tmp_path / "case", box, clock)


def shown(workspace: Workspace) -> list[Path]:
    """Return the files that the source shows."""
    return [Path(path) for path in workspace.attachments("s1")["path"].dropna()]


def asked(case: Case) -> list[Any]:
    """Return the downloads until now: the token's end, and the range."""
    calls = [call for call in case.lab.box.journal if call.endpoint == "media"]
    return [(call.path, call.headers.get("Range")) for call in calls]


@pytest.mark.timeout(600)
def test_a_download_may_be_killed_at_any_file_operation(case: Case) -> None:
    """What is shown is whole; the next sync asks for what is missing, by its range, and for nothing that is there."""
    at, counts, ranges = 1, [], set()
    with dying() as forks:
        workspace = case.again()
        case.lab.box.journal.clear()
        while forks.sync(workspace.root, at, case.now):
            assert all(path.read_bytes()[:-1] == DATA for path in shown(workspace)), at
            workspace.sync(progress=False).raise_for_failures()
            assert [path.read_bytes()[:-1] for path in shown(workspace)] == [DATA] * 2, at
            counts.append(len(asked(case)))
            ranges |= {begin for _, begin in asked(case)}
            workspace, at = case.again(), at + 2
            case.lab.box.journal.clear()
    assert {*counts} == {2, 3}, "a file is asked for once more where it was on its way, and no other"
    assert counts[-1] == 2, "what had come is not asked for again"
    assert len(ranges) > 2, "some went on in the middle"
