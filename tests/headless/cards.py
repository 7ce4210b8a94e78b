"""Runs to be told of, and what a person reads of a message card."""

from __future__ import annotations

from typing import Any

from larknb.results.runs import CellError, RunResult, RunStatus
from larknb.results.user import User

NOW = 1_768_000_000.0
HOUR, DAY = 3600.0, 86400.0


def result(
    status: RunStatus = "failed", *, at: float = NOW, evalue: str = "no network", output: str = "x"
) -> RunResult:
    error = None if status == "ok" else CellError(2, "lk.sync()", "ApiError", evalue)
    return RunResult("nightly.ipynb", output, status, started_at=at, error=error)


def person(*, refresh: float | None = None, access: float | None = None, consent: float | None = None) -> User:
    dates: dict[str, Any] = {"access_ends_at": access, "refresh_ends_at": refresh, "consent_ends_at": consent}
    return User("张三", "ou_1", "", "cli_a", "host", **{k: v and NOW + v for k, v in dates.items()})


def texts(message: dict[str, Any]) -> list[str]:
    """Return what a person reads of a card; all of it is plain text."""
    parts = [message["header"]["title"], *(element["text"] for element in message["elements"])]
    assert {part["tag"] for part in parts} == {"plain_text"}
    return [part["content"] for part in parts]
