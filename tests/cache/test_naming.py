"""Which folder a source has."""

from __future__ import annotations

from pathlib import Path

import pytest

from larknb.cache.naming import FOLDERS, folder_of, kind_of, likely, named
from larknb.model import Kind, Source

SOURCE = Source("人力 盘点", "https://example.feishu.cn/base/x", "bitable", "x")


@pytest.mark.parametrize("kind", FOLDERS)
def test_each_kind_has_its_place(kind: Kind, tmp_path: Path) -> None:
    """And the place tells the kind."""
    (folder,) = named(tmp_path, Source("s", "u", kind, "k"))
    assert folder == tmp_path / FOLDERS[kind] / "s"
    assert kind_of(folder) == kind


def test_a_name_is_not_given_twice(tmp_path: Path) -> None:
    """Where something else has it, also in another case, it gets an end; that folder is looked at, too."""
    place = tmp_path / FOLDERS["bitable"]
    assert folder_of(SOURCE, place, None) == place / "人力 盘点"
    place.mkdir()
    (place / "人力 盘点").write_text("a file")
    found = folder_of(SOURCE, place, None)
    assert found.name != "人力 盘点"
    assert found in likely(tmp_path, SOURCE)
    assert folder_of(SOURCE, place, place / "人力 盘点") == place / "人力 盘点"
