"""All that a notebook, a debugger or an error tracker could show of an error, of an object, or of a running thread."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

__all__ = ["frame_texts", "shown"]

TESTS = f"{Path(__file__).parents[1]}{os.sep}"  # a test's own frames hold what it looks for


def shown(error: BaseException | None) -> str:
    """Return texts, attributes and local variables of an error and of whatever led to it, as long as they are."""
    texts = [""]
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        error = waiting.pop()
        if error is None or id(error) in seen:
            continue
        seen.add(id(error))
        texts += [str(error), repr(error), repr(error.args), repr(vars(error))]
        texts += [text for frame, _ in traceback.walk_tb(error.__traceback__) for text in frame_texts(frame)]
        waiting += [error.__cause__, error.__context__, *(arg for arg in error.args if isinstance(arg, BaseException))]
    return "\n".join(texts)


def frame_texts(frame: FrameType) -> Iterator[str]:
    """Yield the local variables of a frame, and what their attributes are; a test's own frames show nothing."""
    if frame.f_code.co_filename.startswith(TESTS):
        return
    for name, value in frame.f_locals.items():
        yield f"{frame.f_code.co_qualname}: {name} = {value!r}"
        if type(value).__module__.startswith("larknb"):
            yield f"{frame.f_code.co_qualname}: vars({name}) = {getattr(value, '__dict__', '')!r}"
