"""The notebook file: read without its old outputs, saved with the new ones, and no secret in them."""

from __future__ import annotations

import json
import logging
import os
import re
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from larknb import display
from larknb.errors import ConfigError, NotFound
from larknb.files import write_atomically
from larknb.messages import say
from larknb.results.changes import SUMMARY
from larknb.results.runs import CellError, RunResult

__all__ = [
    "Draft",
    "INJECTED",
    "Redact",
    "first_line",
    "nbformat",
    "read",
]

log = logging.getLogger("larknb")

INJECTED = "injected-parameters"  # papermill's tag of the cell that a run puts in
LINE = 60  # characters of a cell's first line in reports
LOG = 500_000  # bytes that are kept of the beginning, and of the end, of what a kernel's process writes

Redact = Callable[[str], str]


def nbformat() -> Any:
    """Return the module nbformat; it takes up to 3 s to import where JupyterLab is installed, so not before it must."""
    import nbformat as module

    return module


def read(path: Path) -> Any:
    """Return a notebook in the newest format, without the outputs of earlier runs; ConfigError if it is none."""
    library = nbformat()
    try:
        text = path.read_text(encoding="utf-8-sig")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it tells what an older notebook lacks, and adds it
            notebook = library.v4.upgrade(library.reads(text, as_version=4))
            _, notebook = library.validator.normalize(notebook)
        for cell in notebook.cells:
            cell.metadata.pop("execution", None)
            if not isinstance(cell.metadata.get("tags", []), list):  # Jupyter opens such a file, too
                del cell.metadata["tags"]
            cell.source = cell.source or ""
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
    except FileNotFoundError as error:
        raise NotFound(say("run.missing.what", path=path), next=say("run.missing.next")) from error
    except (OSError, ValueError, LookupError, TypeError, AttributeError, library.ValidationError) as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise ConfigError(say("run.broken.what", path=path, reason=reason), next=say("run.broken.next")) from error
    return notebook


def first_line(cell: Any) -> str:
    """Return the first line of a cell's source, for people."""
    line = next((line.strip() for line in cell.source.splitlines() if line.strip()), "")
    return line if len(line) <= LINE else line[: LINE - 1] + "…"


class Draft:
    """The executed notebook on its way to the disk, with the record of its run beside it.

    Parameters
    ----------
    notebook : NotebookNode
        Is filled by somebody else meanwhile.
    redact : callable
        Takes the secrets out of a text.
    """

    def __init__(self, notebook: Any, output: Path, redact: Redact) -> None:
        self.notebook, self.output, self._redact = notebook, output, redact

    @property
    def log_file(self) -> Path:
        """Where the kernel's process writes what is no output of a cell."""
        return self.output.with_suffix(".log")

    def save_partly(self) -> None:
        """Save what there is so far; if the disk is full now, it need not be at the end."""
        with suppress(OSError):
            self._write()

    def summary(self) -> dict[str, Any] | None:
        """Return what the cells told for the record: the last output that has a form for it."""
        outputs = (output for cell in self.notebook.cells for output in cell.get("outputs", []))
        told = [output["data"][SUMMARY] for output in outputs if SUMMARY in output.get("data", {})]
        return dict(told[-1]) if told else None

    def finish(self, result: RunResult) -> None:
        """Save the notebook and the record as they are at the end; where that is impossible, let the result say so."""
        try:
            self.save(result)
        except ConfigError as error:
            log.warning("%s", error)
            if result.ok:
                result.status, result.error = "unsaved", CellError(None, "", "OSError", error.what)
            with suppress(OSError):  # it is small: it may fit where the notebook did not
                self._write_record(result)

    def save(self, result: RunResult) -> None:
        """Save the notebook and the record of its run; ConfigError where that is impossible."""
        self.notebook.metadata["larknb"] = result.to_dict()
        try:
            try:
                self._write()
            except PermissionError:  # on Windows somebody has it open: another name is better than nothing
                stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(result.started_at))
                self.output = self.output.with_name(f"{self.output.stem}-{stamp}{self.output.suffix}")
                result.output = str(self.output)
                self._write()
            self._write_record(result)
        except OSError as error:
            what = say("run.disk.what", path=self.output, reason=error.strerror or type(error).__name__)
            raise ConfigError(what, next=say("run.disk.next")) from error

    def close_log(self) -> None:
        """Keep what the kernel's process wrote if there is anything; of a flood, the beginning and the end."""
        with suppress(OSError):
            with self.log_file.open("rb") as file:
                text, size = file.read(2 * LOG), os.fstat(file.fileno()).st_size
                if size > 2 * LOG:
                    file.seek(size - LOG)
                    mark = f"\n{say('run.left_out', size=display.size(size - 2 * LOG))}\n"
                    text = text[:LOG] + mark.encode() + file.read(LOG)
            if text.strip():
                write_atomically(self.log_file, self._redact(text.decode("utf-8", "replace")).encode())
            else:
                self.log_file.unlink()

    def _write_record(self, result: RunResult) -> None:
        record = json.dumps(result.to_dict(), ensure_ascii=False, indent=2)
        write_atomically(self.output.with_suffix(".json"), self._redact(record).encode("utf-8", "replace"))

    def _write(self) -> None:
        # All outputs every time: a later cell may update the display of an earlier one.
        for cell in self.notebook.cells:
            if cell.cell_type == "code":
                cell.outputs = [_redacted(output, self._redact) for output in cell.outputs]
        saved = type(self.notebook)(self.notebook, cells=[self._saved(cell) for cell in self.notebook.cells])
        write_atomically(self.output, nbformat().v4.writes_json(saved).encode("utf-8", "replace"))

    def _saved(self, cell: Any) -> Any:
        """Return a cell as it is saved; what the notebook's author wrote is not ours to change."""
        if INJECTED not in cell.metadata.get("tags", []):
            return cell
        return type(cell)(cell, source=self._redact(cell.source))


_BINARY = re.compile(r"(image|video|audio)/(?!svg)|application/pdf")


def _redacted(value: Any, redact: Redact) -> Any:
    """Return an output with its texts redacted, in place; what is binary stays."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, list):
        return [_redacted(item, redact) for item in value]
    if isinstance(value, dict):
        for key, item in value.items():
            if not _BINARY.match(key):
                value[key] = _redacted(item, redact)
        for key in [key for key in value if redact(key) != key]:
            value[redact(key)] = value.pop(key)
    return value
