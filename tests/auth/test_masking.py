from __future__ import annotations

import pytest

from larknb.auth.masking import parse
from larknb.config.secrets import Secret


def test_tokens_and_codes_are_masked_wherever_they_stand() -> None:
    """What the platform nests in data is masked as well; nothing else is."""
    body = parse(b'{"access_token": "eyJ.a", "data": {"refresh_token": "eyJ.r", "device_code": "dc"}, "scope": "a b"}')
    assert body is not None
    assert body["access_token"] == "eyJ.a"
    assert isinstance(body["access_token"], Secret)
    assert not isinstance(body["scope"], Secret)
    assert not [secret for secret in ("eyJ.a", "eyJ.r", "dc'") if secret in repr(body)]


def test_a_byte_order_mark_does_no_harm() -> None:
    """Some editors of Windows write one."""
    assert parse(b'\xef\xbb\xbf{"expires_at": 1}') == {"expires_at": 1}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"{}", b'"eyJ.a"', b'{"access_token": "eyJ'])
def test_what_is_no_object_is_none(content: bytes) -> None:
    """An empty one says nothing, either."""
    assert parse(content) is None
