"""What is raised while a request is out, without the frames that it was raised in.

Frames of requests, urllib3 and http.client hold headers, bodies and addresses of proxies, and a traceback that shows
local variables shows them: also that of a Ctrl-C, which may arrive anywhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TypeVar

__all__ = ["apart"]

T = TypeVar("T")

_OURS = f"{Path(__file__).parents[1]}{os.sep}"


def apart(work: Callable[[], T]) -> T:
    """Return what ``work`` returns. What it raises leaves it without a cause, and without the frames of others."""
    try:
        return work()
    except BaseException as error:  # noqa: BLE001  Ctrl-C and a full memory, too
        _cut(error.__traceback__)
        error.__cause__ = error.__context__ = None
        bare = error
    raise bare  # out of the block that caught it: in there it would become its own context's


def _cut(traceback: TracebackType | None) -> None:
    """End a traceback where our own code ends."""
    while traceback is not None:
        inner = traceback.tb_next
        if inner is not None and not inner.tb_frame.f_code.co_filename.startswith(_OURS):
            traceback.tb_next = inner = None
        traceback = inner
