from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from larknb.config.values import parse_duration, parse_limit, typed_app_id
from larknb.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("5s", 5), ("30min", 1800), ("30m", 1800), ("1h", 3600), ("1h30m", 5400), ("1h 30min", 5400), ("90d", 7776000),
     ("2w", 1209600), ("0.5s", 0.5), ("0s", 0)],
)  # fmt: skip
def test_durations(text: str, seconds: float) -> None:
    """A duration is read in any of its spellings."""
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "value", ["", "h", "1", "1x", "1H", "-1h", "1h-", "1 hour", "1,5h", "９h", "999999999w", 1, None, True]
)
def test_no_durations(value: object) -> None:
    """A number without a unit, a negative one or any other text is refused with examples."""
    with pytest.raises(ConfigError, match="1h30m"):
        parse_duration(value)


@pytest.mark.parametrize(
    ("value", "limit"),
    [(True, True), (False, False), (1, 1), ("20MB", 20_000_000), ("0.5 gb", 500_000_000), (" 100 KB ", 100_000)],
)
def test_limits(value: object, limit: int) -> None:
    """Yes and no, a size with its unit, or bytes."""
    assert parse_limit(value) is limit if isinstance(value, bool) else parse_limit(value) == limit


@pytest.mark.parametrize(
    "value", ["", "20", "20 bytes", "20MiB", "-1MB", "1,5MB", "２０MB", "0MB", "0.0001KB", "true", 0, -1, 1.5, None,
              10**15, "999999999999GB", ["20MB"]],
)  # fmt: skip
def test_no_limits(value: object) -> None:
    """What is no size, nothing at all, or more than any disk holds is refused with an example."""
    with pytest.raises(ConfigError, match="20MB"):
        parse_limit(value)


def test_a_number_without_a_unit_counts_where_one_is_agreed() -> None:
    """``bare`` says what a number without a unit counts: seconds for ``settle``, hours for an interval."""
    assert parse_duration("2", bare=3600.0) == parse_duration("2h", bare=3600.0) == 7200.0
    assert parse_duration(1.5, bare=1.0) == 1.5
    with pytest.raises(ConfigError):
        parse_duration(True, bare=1.0)


@given(st.lists(st.tuples(st.integers(0, 999), st.sampled_from(["w", "d", "h", "min", "m", "s"])), min_size=1))
def test_a_duration_is_the_sum_of_its_parts(parts: list[tuple[int, str]]) -> None:
    """Any sequence of numbers with units counts their sum, unless that is longer than a century."""
    units = {"w": 604800, "d": 86400, "h": 3600, "min": 60, "m": 60, "s": 1}
    seconds = sum(number * units[unit] for number, unit in parts)
    text = "".join(f"{number}{unit}" for number, unit in parts)
    if seconds > 36500 * 86400:
        with pytest.raises(ConfigError):
            parse_duration(text)
    else:
        assert parse_duration(text) == seconds


@given(st.text() | st.floats() | st.integers() | st.booleans(), st.sampled_from([None, 1.0, 3600.0]))
def test_no_duration_breaks_it(value: object, bare: float | None) -> None:
    """Whatever stands there is a bounded number of seconds or a ConfigError."""
    try:
        seconds = parse_duration(value, bare)
    except ConfigError:
        return
    assert 0 <= seconds <= 36500 * 86400


@pytest.mark.parametrize("text", ["", "scan", "a b", "k3yOfAnApp0123456789abcdefABCDEF", "cli_a b", "cli_../x"])
def test_what_is_typed_as_an_app_id(text: str) -> None:
    """It begins with cli_; anything else, a secret perhaps, is refused without being repeated."""
    assert typed_app_id("cli_a1B2-c") == "cli_a1B2-c"
    with pytest.raises(ConfigError) as caught:
        typed_app_id(text)
    assert not text or text not in str(caught.value)
