"""The executed notebook on its way to the disk, without secrets, and the record of its run beside it."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from larknb.errors import LarkError
from larknb.files import write_atomically
from larknb.headless import records
from larknb.headless.notebook import nbformat
from larknb.headless.ours import not_written
from larknb.headless.records import RunRecord
from larknb.headless.redaction import Redactor
from larknb.results.runs import CellError, RunResult

__all__ = ["Draft"]

log = logging.getLogger("larknb")


class Draft:
    """The executed notebook, saved again and again while its cells run, with the record of the run beside it.

    Parameters
    ----------
    notebook : NotebookNode
        Its outputs come from somebody else meanwhile.
    output : path
        Where it goes.
    redact : Redactor
        Takes the secrets out of all that is saved: outputs, but also sources and metadata.

    Attributes
    ----------
    output : path
        Where it lies; the name is another one once a program holds the first one open.
    """

    def __init__(self, notebook: Any, output: Path, redact: Redactor) -> None:
        self.output = output
        self._notebook, self._redact = notebook, redact

    def save(self, result: RunResult) -> RunResult:
        """Save the notebook and the record of its run, and return the result with the path that was written.

        Raises
        ------
        LarkError
            Neither can be written, or a newer larknb wrote the record that is there.
        """
        try:
            try:
                self._write(result)
            except PermissionError:  # on Windows a program has it open: another name is better than nothing
                result = self._renamed(result)
                self._write(result)
            self._write_record(result)
        except OSError as error:
            raise not_written(self.output, error) from error
        return result

    def save_partly(self) -> None:
        """Save the outputs so far; a disk that is full now need not be full at the end."""
        with suppress(OSError):
            self._write_notebook()

    def finish(self, result: RunResult) -> RunResult:
        """Save the notebook and the record at the end; if that is impossible, return a result that says so."""
        try:
            return self.save(result)
        except LarkError as error:
            log.warning("%s", error)
            result = replace(result, output=str(self.output))
            if result.ok:
                result = replace(result, status="unsaved", error=CellError(None, "", "OSError", error.what))
            with suppress(OSError, LarkError):  # the record is small: it may fit where the notebook did not
                self._write_record(result)
            return result

    def _renamed(self, result: RunResult) -> RunResult:
        """Take another name for the notebook: that of the run's time."""
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(result.started_at))
        self.output = self.output.with_name(f"{self.output.stem}-{stamp}{self.output.suffix}")
        return replace(result, output=str(self.output))

    def _write(self, result: RunResult) -> None:
        self._notebook.metadata["larknb"] = result.to_dict()
        self._write_notebook()

    def _write_notebook(self) -> None:
        # All outputs every time: a later cell may update the display of an earlier one.
        saved = self._redact.document(self._notebook)
        write_atomically(self.output, nbformat().v4.writes_json(saved).encode("utf-8", "replace"))

    def _write_record(self, result: RunResult) -> None:
        records.write(self.output, RunRecord.of(result), self._redact)
