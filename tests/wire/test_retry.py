from larknb.wire.retry import Retry


def test_waits_double_and_end() -> None:
    """1, 2, 4, 8 seconds with full jitter, then it gives up."""
    retry = Retry(jitter=lambda: 1.0)
    assert [retry.wait() for _ in range(5)] == [1.0, 2.0, 4.0, 8.0, None]


def test_jitter_halves_at_most() -> None:
    """A crowd of clients does not come back at the same moment."""
    assert Retry(jitter=lambda: 0.0).wait() == 0.5


def test_the_servers_delay_goes_first() -> None:
    """x-ogw-ratelimit-reset is a delay in seconds; Retry-After is understood too."""
    assert Retry().wait({"x-ogw-ratelimit-reset": "7"}) == 7.0
    assert Retry().wait({"retry-after": "3"}) == 3.0


def test_a_delay_that_would_hang_a_notebook_is_refused() -> None:
    """A server that asks for an hour gets an error, not an hour of silence."""
    assert Retry().wait({"x-ogw-ratelimit-reset": "3600"}) is None


def test_a_delay_that_is_no_number_is_ignored() -> None:
    """The date form of Retry-After falls back to our own steps."""
    assert Retry(jitter=lambda: 1.0).wait({"retry-after": "Tue, 24 Nov 2026 05:00:00 GMT"}) == 1.0
