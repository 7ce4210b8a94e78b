"""A source that was never read."""

from __future__ import annotations

from pathlib import Path

import pytest

from larknb.cache.cached import SourceCache
from larknb.cache.store import Cache

from .taking import SOURCE


@pytest.fixture
def cached(tmp_path: Path) -> SourceCache:
    return Cache(tmp_path).of(SOURCE)
