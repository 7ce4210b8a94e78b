"""The runs that were: read from the records beside their notebooks, and how many of them are kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

__all__ = [
    "newest_first",
    "prune",
    "since",
]

LONGER = 3  # times as many runs are looked through for those that did not end well, which stay longer


def newest_first(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of a folder of runs; one that cannot be read is left out."""
    for path in sorted(_notebooks(folder), reverse=True):
        if record := _record(path):
            yield record


def since(folder: Path) -> tuple[float | None, list[Mapping[str, Any]]]:
    """Return when the last run that ended well began, None if none did, and what those after it told of changes.

    Those after it did not end well: nobody may have seen what they brought.
    """
    told: list[Mapping[str, Any]] = []
    for record in newest_first(folder):
        if record["status"] == "ok":
            return record["started_at"], told
        if summary := record.get("summary"):
            told += summary["rows"]
    return None, told


def prune(folder: Path, keep: int) -> None:
    """Delete all but the newest ``keep`` runs of a folder; of three times as many, those that did not end well stay."""
    for number, path in enumerate(sorted(_notebooks(folder), reverse=True)):
        if number < keep or (number < LONGER * keep and (_record(path) or {"status": "ok"})["status"] != "ok"):
            continue
        for suffix in (".ipynb", ".json", ".log", ".html"):
            with suppress(OSError):  # on Windows it may be open; the next time takes it
                path.with_suffix(suffix).unlink(missing_ok=True)


def _notebooks(folder: Path) -> list[Path]:
    return [path for path in folder.glob("*.ipynb") if re.fullmatch(r"\d{8}T\d{6}Z", path.stem)]


def _record(notebook: Path) -> dict[str, Any] | None:
    try:
        record = json.loads(notebook.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) and "status" in record else None
