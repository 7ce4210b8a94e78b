"""The address of the stand-in."""

from __future__ import annotations

import pytest

from larknb.sandbox import Sandbox


def test_a_box_has_no_address_before_it_is_started() -> None:
    """Asking for it too early says so."""
    with pytest.raises(RuntimeError, match="started"):
        _ = Sandbox().url
