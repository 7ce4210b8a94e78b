"""A notebook as a run begins with it, in the newest format and without outputs, and what its outputs say later."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from larknb.errors import ConfigError, NotFound
from larknb.messages import say
from larknb.results.changes import SUMMARY, Summary

__all__ = ["INJECTED", "Redact", "first_line", "nbformat", "read", "summary"]

log = logging.getLogger("larknb")

INJECTED = "injected-parameters"  # papermill's tag of the cell that a run puts in
LINE = 60  # characters of a cell's first line in reports

Redact = Callable[[str], str]  # takes the secrets out of a text


def nbformat() -> Any:
    """Return the module nbformat, imported late: that takes up to 3 s where JupyterLab is installed."""
    import nbformat as module

    return module


def read(path: Path) -> Any:
    """Return a notebook in the newest format, without the outputs of earlier runs; ConfigError if it is none."""
    library = nbformat()
    try:
        text = path.read_text(encoding="utf-8-sig")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about what an older notebook lacks, which is added
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


def summary(notebook: Any) -> Summary | None:
    """Return what the cells showed of the changes; the last output with a form for it counts."""
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    shown = [output["data"][SUMMARY] for output in outputs if SUMMARY in output.get("data", {})]
    try:
        return msgspec.convert(shown[-1], Summary) if shown else None
    except msgspec.ValidationError as error:  # any cell may show anything in that form
        log.warning("the summary of a run is left out: %s", error)
        return None
