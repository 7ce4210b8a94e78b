"""Whether a place is a workspace or a published store."""

from __future__ import annotations

from pathlib import Path

import pytest

from larknb.config.stores import store_address


@pytest.mark.parametrize(
    ("root", "home", "address"),
    [
        ("s3://bucket/team", "", "s3://bucket/team"),
        (None, "gs://bucket/team", "gs://bucket/team"),
        (None, "", ""),
        ("here", "s3://bucket/team", ""),
    ],
)
def test_an_address_is_a_store(
    root: str | None, home: str, address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The argument goes before the variable; without both it is the folder that we stand in."""
    monkeypatch.chdir(tmp_path)
    assert store_address(root, {"LARKNB_HOME": home}) == address


def test_a_folder_is_a_store_by_its_pointers(tmp_path: Path) -> None:
    """As long as no larknb.toml says that it is a workspace."""
    (tmp_path / "sources").mkdir()
    assert store_address(tmp_path, {}) == ""
    (tmp_path / "sources/s1.json").write_text("{}")
    assert store_address(tmp_path, {}) == str(tmp_path)
    (tmp_path / "larknb.toml").write_text("")
    assert store_address(tmp_path, {}) == ""
