"""What the doctor repairs, and what it leaves alone."""

from __future__ import annotations

import os
from pathlib import Path

from tests.conftest import Lab


def test_fix_repairs_what_is_safe(synced: Lab) -> None:
    """Files are closed, a note of a dead process goes, manifest and tables are made again; nothing is asked for it."""
    work = synced.workspace.root / "work"
    for path in (synced.workspace.settings.token_file, work / "app_secret.json"):
        path.chmod(0o664)
    next(work.rglob("manifest.json")).write_text("{", encoding="utf-8")
    [friendly] = (path for path in work.rglob("snapshots/*/people.parquet"))
    friendly.unlink()
    (work / "sync.json").write_text('{"pid": 999999999, "started_at": 1}', encoding="utf-8")
    assert {each.check for each in synced.workspace.doctor() if each.level != "ok"} == {"cache", "locks", "permissions"}
    report = synced.workspace.doctor(fix=True)
    assert report.ok, report
    assert len(report.mended) == 4
    assert not (work / "sync.json").exists()
    assert len(synced.workspace.load("s1/people")) == 30
    assert synced.workspace.doctor(fix=True).mended == ()


def test_fix_leaves_alone_what_is_not_ours(synced: Lab, tmp_path: Path) -> None:
    """A link under a name of ours is not followed, and the note of a living process stays."""
    other = tmp_path / "other.json"
    other.write_text("{}", encoding="utf-8")
    other.chmod(0o644)
    (synced.workspace.root / "work" / "notify.json").symlink_to(other)
    note = synced.workspace.root / "work" / "sync.json"
    note.write_text(f'{{"pid": {os.getpid()}, "started_at": 1}}', encoding="utf-8")
    assert synced.workspace.doctor(fix=True).mended == ()
    assert other.stat().st_mode & 0o777 == 0o644
    assert note.exists()
