"""The records of runs, each beside its executed notebook, and how many of them are kept."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from larknb import stored
from larknb.files import file_name
from larknb.headless.ours import place_for
from larknb.results.changes import Changed, Summary
from larknb.results.runs import CellError, CellRun, RunResult, RunStatus

__all__ = [
    "SUFFIXES",
    "UNNUMBERED",
    "RunRecord",
    "began",
    "encodable",
    "newest_first",
    "prune",
    "read",
    "since",
    "write",
]

log = logging.getLogger("larknb")

FORMAT = 1
ID = re.compile(r"\d{8}T\d{6}Z")  # of a run, which is the name of its files: its time, or the next one that was free
# For files without a format, as 0.1.0 wrote them: they have the keys of format 1.
UNNUMBERED: dict[int, stored.Migration] = {0: lambda document: document}
LONGER = 3  # times as many runs are looked through for those that did not end well, which stay longer
SUFFIXES = (".ipynb", ".json", ".v0.json", ".log", ".html")  # of the files that a run leaves


@dataclass(frozen=True)
class RunRecord:
    """A headless run as its record keeps it: `RunResult` with its exit code, without the path of a report."""

    notebook: str
    output: str
    status: RunStatus
    exit_code: int
    started_at: float
    seconds: float
    signal: int
    summary: Summary | None
    error: CellError | None
    cells: tuple[CellRun, ...]

    @classmethod
    def of(cls, result: RunResult) -> RunRecord:
        """Return the record of a run."""
        return cls(
            result.notebook, result.output, result.status, result.exit_code, result.started_at, result.seconds,
            result.signal, result.summary, result.error, result.items,
        )  # fmt: skip


def write(notebook: Path, record: RunRecord, redact: Callable[[str], str] = str) -> None:
    """Write a record beside its executed notebook, every text of it through ``redact``."""
    clean = _each_text(record, lambda text: encodable(redact(text)))
    stored.write(notebook.with_suffix(".json"), clean, format=FORMAT)


def read(notebook: Path) -> RunRecord | None:
    """Return the record beside an executed notebook; None if there is none or, as the log says, it cannot be read."""
    try:
        return stored.read(notebook.with_suffix(".json"), RunRecord, format=FORMAT, migrate=UNNUMBERED)
    except (stored.Damaged, stored.Newer, OSError) as error:
        log.warning("a record of a run is left out: %s", error)
        return None


def newest_first(folder: Path) -> Iterator[RunRecord]:
    """Yield the records of a folder of runs; one that cannot be read is left out."""
    for path in sorted(_notebooks(folder), reverse=True):
        if record := read(path):
            yield record


def began(runs: Path, name: str) -> float | None:
    """Return when a run began; None for what is no run of the folder of all runs.

    Parameters
    ----------
    name : str
        Its id, also after the name of its notebook, or the path of what it executed.
    """
    *folders, id_ = name.replace("\\", "/").removesuffix(".ipynb").split("/")
    if not ID.fullmatch(id_):
        return None
    places = [each for each in runs.glob("*/") if not folders or each.name == file_name(folders[-1])]
    found = [record.started_at for each in places if (record := read(each / f"{id_}.ipynb"))]
    return min(found, default=None)


def since(folder: Path) -> tuple[RunRecord | None, list[Changed]]:
    """Return the last run that ended well, None if none did, and what the runs after it changed.

    Those did not end well, so nobody may have seen their changes.
    """
    changes: list[Changed] = []
    for record in newest_first(folder):
        if record.status == "ok":
            return record, changes
        if record.summary:
            changes += record.summary.rows
    return None, changes


def prune(folder: Path, keep: int) -> None:
    """Delete all but the newest ``keep`` runs of a folder, and of three times as many those that did not end well."""
    for number, path in enumerate(sorted(_notebooks(folder), reverse=True)):
        if number < keep or (number < LONGER * keep and _ended_badly(path)):
            continue
        for file in map(path.with_suffix, SUFFIXES):
            with suppress(OSError):  # on Windows it may be open; the next time takes it
                if not file.is_symlink():
                    file.unlink(missing_ok=True)


def encodable(text: str) -> str:
    """Return a text that a file can hold: a path of this system may hold what is no character."""
    return text.encode("utf-8", "replace").decode()


def _notebooks(folder: Path) -> list[Path]:
    """Return the executed notebooks of a folder; a file that a person put there is none, whatever its name."""
    return [path for path in folder.glob("*.ipynb") if ID.fullmatch(path.stem) and _is_run(path)]


def _is_run(notebook: Path) -> bool:
    try:
        is_ours = place_for(notebook, lambda content: b'"larknb"' in content) == notebook
    except OSError:
        return False
    return is_ours or read(notebook) is not None


def _ended_badly(notebook: Path) -> bool:
    record = read(notebook)
    return record is not None and record.status != "ok"


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    """Return a value with every text in it changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, tuple):
        return tuple(_each_text(item, change) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {field.name: _each_text(getattr(value, field.name), change) for field in fields(value)}
        return replace(value, **changed)
    return value
