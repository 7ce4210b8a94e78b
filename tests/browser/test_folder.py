"""The folder that ``larknb demo --lab`` shows, in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.lab import PATIENCE, ShownFolder

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


def test_a_page_shows_the_folder(tmp_path: Path, chromium: Browser) -> None:
    """It opens at the folder's root with the README as it is meant to be read, and its links open what they name."""
    shown = ShownFolder(tmp_path)
    page = chromium.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    page.goto(shown.url)
    page.get_by_role("link", name="notes").click()
    page.get_by_role("heading", name="Notes").wait_for()
    assert page.locator(".jp-DirListing-itemText", has_text="notes.md").count() == 1
    page.close()
    shown.end()
