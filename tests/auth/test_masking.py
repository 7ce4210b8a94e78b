"""What is parsed of a login's JSON: masked, and only as deep and as long as makes sense."""

from __future__ import annotations

import pytest

from larknb.auth.masking import is_deep, parse
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


LISTS = b"[]," * 60  # so many brackets that their depth is looked at


def nested(levels: int) -> bytes:
    """Return an object with a list in a list, so many levels in all, and a token behind them."""
    return b'{"flat": [' + LISTS + b'1], "deep": ' + b"[" * (levels - 1) + b"]" * (levels - 1) + b', "a_token": "t"}'


@pytest.mark.parametrize(("levels", "deep"), [(49, False), (50, False), (51, True), (52, True), (400, True)])
def test_fifty_levels_are_read(levels: int, deep: bool) -> None:
    """What lies deeper is null, and nothing else is lost by it."""
    body = parse(nested(levels))
    assert body is not None
    assert (body["flat"][-1], body["a_token"], is_deep(nested(levels))) == (1, "t", deep)
    found, value = 1, body["deep"]
    while value:
        found, value = found + 1, value[0]
    assert found + (value is not None) == min(levels, 50)


@pytest.mark.parametrize(
    ("content", "deep"),
    [
        (b'{"a":[' * 25 + b"]}" * 25, False),
        (b'{"a":[' * 26 + b"]}" * 26, True),
        (b"[]" + b"[" * 50, False),
        (b"[" * 51, True),
        (b'{"a": "' + b"[{" * 60 + b'"}', False),
        (b"[]" * 60, False),
    ],
    ids=["both kinds", "both kinds and deep", "open", "open and deep", "a text", "side by side"],
)
def test_levels_are_those_of_lists_and_objects(content: bytes, deep: bool) -> None:
    """Both kinds count; brackets in a text, and those that were closed, do not."""
    assert is_deep(content) is deep


@pytest.mark.parametrize(("digits", "kind"), [(30, int), (31, float), (5000, float)])
def test_a_number_of_thousands_of_digits_is_read(digits: int, kind: type) -> None:
    """Thirty digits are read one by one; of a longer number the size is enough."""
    body = parse(b'{"expires_in": ' + b"9" * digits + b"}")
    assert body is not None
    assert type(body["expires_in"]) is kind
