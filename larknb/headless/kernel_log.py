"""What a kernel's process itself writes, past the outputs of its cells: kept beside the notebook, without secrets."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from larknb import display
from larknb.files import write_atomically
from larknb.headless.notebook import Redact
from larknb.messages import say

__all__ = ["close_log"]

KEPT = 500_000  # bytes of the beginning, and as many of the end


def close_log(file: Path, redact: Redact) -> None:
    """Keep what was written, if anything; of a flood the beginning and the end."""
    with suppress(OSError):
        text = _bounded(file)
        if text.strip():
            write_atomically(file, redact(text.decode("utf-8", "replace")).encode())
        else:
            file.unlink()


def _bounded(path: Path) -> bytes:
    with path.open("rb") as file:
        text, size = file.read(2 * KEPT), os.fstat(file.fileno()).st_size
        if size <= 2 * KEPT:
            return text
        file.seek(size - KEPT)
        note = f"\n{say('run.left_out', size=display.size(size - 2 * KEPT))}\n"
        return text[:KEPT] + note.encode() + file.read(KEPT)
