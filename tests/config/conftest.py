from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from larknb.config.settings import Settings, load_settings

BASE = "https://example.feishu.cn/base/DemoStaff00000000000000001A"
WIKI = "https://example.feishu.cn/wiki/DemoWiki000000000000000001B"
SHEET = "https://example.feishu.cn/sheets/DemoSheet00000000000000001C"
GUIDE = "https://example.feishu.cn/docx/DemoGuide00000000000000001D"

Load = Callable[..., Settings]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Write a larknb.toml (none for None) and load it, with this environment and no other."""

    def load_text(text: str | bytes | None = None, **env: str) -> Settings:
        if text is not None:
            (tmp_path / "larknb.toml").write_bytes(text.encode() if isinstance(text, str) else text)
        return load_settings(tmp_path, env)

    return load_text
