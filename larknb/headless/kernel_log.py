"""What a kernel's process itself writes, past the outputs of its cells: kept beside the notebook, without secrets.

As it comes it goes into a file without a name, which nobody else can open and which is gone with the run, however that
ends. Only what was redacted gets a name.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

from larknb import display
from larknb.files import write_atomically
from larknb.headless.outputs import first_words, last_words
from larknb.headless.redaction import Redact, Redactor
from larknb.messages import say

__all__ = ["clean_log", "keep_log", "open_sink"]

KEPT = 500_000  # bytes of the beginning, and as many of the end


def open_sink(folder: Path) -> IO[bytes]:
    """Return a file without a name for what a kernel's process writes; where no disk has room it goes nowhere."""
    for place in (folder, None):
        with suppress(OSError):
            return tempfile.TemporaryFile(dir=place)
    return open(os.devnull, "w+b")  # noqa: PTH123  no path of ours


def keep_log(sink: IO[bytes], file: Path, redact: Redact) -> None:
    """Keep what was written, if anything; of a flood the beginning and the end. Closes the sink."""
    with suppress(OSError), sink:
        text = _bounded(sink)
        if text.strip():
            write_atomically(file, redact(text).encode())
        else:
            file.unlink()


def clean_log(file: Path, redact: Redact) -> None:
    """Redact the log that an earlier version of larknb left as it came, when its run was killed."""
    with suppress(OSError):
        keep_log(file.open("rb"), file, Redactor(redact))


def _bounded(sink: IO[bytes]) -> str:
    size = sink.seek(0, os.SEEK_END)
    sink.seek(0)
    text = sink.read(2 * KEPT)
    if size <= 2 * KEPT:
        return text.decode("utf-8", "replace")
    sink.seek(size - KEPT)
    begin, end = first_words(text[:KEPT].decode("utf-8", "replace")), last_words(sink.read().decode("utf-8", "replace"))
    return f"{begin}\n{say('run.left_out', size=display.size(size - 2 * KEPT))}\n{end}"
