from __future__ import annotations

from pathlib import Path

from larknb.workspace import Workspace


def test_a_workspace_shows_its_folder(tmp_path: Path) -> None:
    """A name with a space in it reads as it is."""
    assert str(tmp_path / "my work") in repr(Workspace(tmp_path / "my work"))
