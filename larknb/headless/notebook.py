"""A notebook as a run begins with it, in the newest format and without outputs, and what its outputs say later."""

from __future__ import annotations

import logging
import os
import stat
import warnings
from pathlib import Path
from typing import Any

import msgspec

from larknb.decoding import ready
from larknb.errors import ConfigError, NotFound
from larknb.headless.ours import not_read
from larknb.messages import say
from larknb.results.changes import SUMMARY, Summary

__all__ = ["INJECTED", "first_line", "nbformat", "read", "summary"]

log = logging.getLogger("larknb")

INJECTED = "injected-parameters"  # papermill's tag of the cell that a run puts in
LINE = 60  # characters of a cell's first line in reports
LARGEST = 50_000_000  # bytes of a notebook, its old outputs included
DEEPEST = 100  # levels of its JSON


def nbformat() -> Any:
    """Return the module nbformat, imported late: that takes up to 3 s where JupyterLab is installed."""
    import nbformat as module

    return module


def read(path: Path) -> Any:
    """Return a notebook in the newest format, without the outputs of earlier runs.

    Raises
    ------
    NotFound, ConfigError, LarkError
        There is none, what is there is no notebook, or the disk refuses it.
    """
    library = nbformat()
    try:
        text = _text_of(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about what an older notebook lacks, which is added
            notebook = library.v4.upgrade(library.reads(text, as_version=4))
            _, notebook = library.validator.normalize(notebook)
        _check(notebook)
        for cell in notebook.cells:
            _begin_anew(cell)
    except FileNotFoundError as error:
        raise NotFound(say("run.missing.what", path=path), next=say("run.missing.next")) from error
    except OSError as error:
        raise not_read(path, error) from error
    except Exception as error:  # strange content breaks the library in whatever way it likes
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise ConfigError(say("run.broken.what", path=path, reason=reason), next=say("run.broken.next")) from error
    return notebook


def _text_of(path: Path) -> str:
    """Return the text of a notebook; ValueError if it is no file, or too large. A pipe is not waited for."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise ValueError(say("run.broken.plain"))
    with os.fdopen(
        os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb"
    ) as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ValueError(say("run.broken.large", size=LARGEST // 1_000_000))
    return content.decode("utf-8-sig")


def _check(notebook: Any) -> None:
    """Raise ValueError or TypeError for a notebook that could not be run or saved."""
    level = [notebook]
    for _ in range(DEEPEST):
        level = [item for each in level for item in (each.values() if isinstance(each, dict) else each)
                 if isinstance(item, (dict, list))]  # fmt: skip
    if level:
        raise ValueError(say("run.broken.deep", depth=DEEPEST))
    for cell in notebook.cells:
        if not isinstance(cell.metadata, dict) or not isinstance(cell.source or "", str):
            raise TypeError(say("run.broken.cell"))
    if not isinstance(notebook.metadata, dict):
        raise TypeError(say("run.broken.cell"))


def _begin_anew(cell: Any) -> None:
    """Take what an earlier run left out of a cell, and mend what Jupyter opens all the same."""
    cell.metadata.pop("execution", None)
    tags = cell.metadata.get("tags", [])
    if not isinstance(tags, list):
        del cell.metadata["tags"]
    elif not all(isinstance(tag, str) for tag in tags):
        cell.metadata["tags"] = [tag for tag in tags if isinstance(tag, str)]
    cell.source = cell.source or ""
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None


def first_line(cell: Any) -> str:
    """Return the first line of a cell's source, for people."""
    line = next((line.strip() for line in cell.source.splitlines() if line.strip()), "")
    return line if len(line) <= LINE else line[: LINE - 1] + "…"


def summary(notebook: Any) -> Summary | None:
    """Return what the cells showed of the changes; the last output with a form for it counts."""
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    shown = [output["data"][SUMMARY] for output in outputs if SUMMARY in output.get("data", {})]
    try:
        return msgspec.convert(shown[-1], ready(Summary)) if shown else None
    except msgspec.ValidationError as error:  # any cell may show anything in that form
        log.warning("the summary of a run is left out: %s", error)
        return None
