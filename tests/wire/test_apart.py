"""What leaves a request that failed: the error, and no frame that is not ours."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable

import pytest

from larknb.wire.apart import apart


def raise_from() -> None:
    raise KeyError("second") from ValueError("first")


def raise_while_handling() -> None:
    try:
        json.loads("{")
    except ValueError:
        raise KeyError("second")  # noqa: B904  its context is what is tested


def test_what_is_returned_comes_back() -> None:
    """Also nothing at all."""
    assert [apart(lambda: 5), apart(lambda: None)] == [5, None]


@pytest.mark.parametrize("work", [raise_from, raise_while_handling])
def test_an_error_has_neither_cause_nor_context(work: Callable[[], None]) -> None:
    """Each would bring frames of its own."""
    with pytest.raises(KeyError, match="second") as caught:
        apart(work)
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, MemoryError, GeneratorExit, ValueError])
def test_the_frames_of_others_are_gone(kind: type[BaseException]) -> None:
    """Whatever was raised keeps its kind and words, and says where our code was."""

    def broken(_: bytes) -> None:
        raise kind("words")

    with pytest.raises(kind, match="words") as caught:
        apart(lambda: broken(b""))
    names = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert {*names[1:]} == {"apart"}


def test_a_new_line_of_errors_begins() -> None:
    """What the caller was handling already stays the context, as everywhere."""
    with pytest.raises(KeyError) as caught:
        try:
            json.loads("{")
        except ValueError:
            apart(raise_from)
    assert isinstance(caught.value.__context__, json.JSONDecodeError)
