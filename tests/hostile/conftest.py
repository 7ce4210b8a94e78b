"""Everything in this folder is hostile: run by .ci/run, and by ``pytest -m hostile``."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder before the marks are asked for."""
    for item in items:
        if (
            item.path.is_relative_to(HERE)
            and not any(item.iter_markers("soak"))
            and not any(item.iter_markers("crash"))
        ):
            item.add_marker("hostile")
