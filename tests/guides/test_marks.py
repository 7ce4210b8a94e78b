"""The addresses that a link may name."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from larknb.guides.marks import safe_address


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab<>&\"'()[]:/\\ \t\n%;`") | st.characters(), max_size=30))
def test_an_address_cannot_leave_its_link(url: str) -> None:
    """Whatever it holds, it neither ends the link nor starts a tag or an attribute."""
    address = safe_address(url)
    assert address is None or not set(address) & set(" \t\n<>()\"'`\\|[]")


@pytest.mark.parametrize("url", ["javascript:x", "JavaScript:x", "data:text/html,x", "vbscript:x", "file:///etc", ""])
def test_an_address_that_runs_something_is_no_link(url: str) -> None:
    """Only what opens a page, a mail or a document may be followed."""
    assert safe_address(url) is None
