"""One headless run, and the list of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal

from larknb import display
from larknb.errors import NotebookFailed
from larknb.messages import say
from larknb.results.base import Attribute, Json, Rows
from larknb.results.changes import Summary
from larknb.visible import visible

__all__ = ["CellError", "CellRun", "RunList", "RunResult", "RunRow", "RunStatus"]

RunStatus = Literal[
    "running", "ok", "failed", "login", "busy", "dead", "timeout", "deadline", "stopped", "unsaved", "killed"
]


@dataclass(frozen=True)
class CellRun:
    """One executed cell of a headless run: its number as ``In [n]`` shows it, its first line, its seconds."""

    cell: int
    line: str
    seconds: float


@dataclass(frozen=True)
class CellError:
    """What ended a headless run; ``cell`` is None where no cell was running."""

    cell: int | None
    line: str
    ename: str
    evalue: str

    def __str__(self) -> str:
        reason = " ".join(f"{self.ename}: {self.evalue}".split())[:300]  # an evalue may be whole pages
        return reason if self.cell is None else say("run.at", cell=self.cell, line=self.line, reason=reason)


@dataclass(frozen=True, repr=False)
class RunResult(Rows[CellRun]):
    """How a headless run ended, one row per executed cell; what was done is in the notebook at ``output``.

    Attributes
    ----------
    status : str
        ``ok``; ``failed``, a cell raised (``login`` and ``busy``: LoginRequired, Busy); ``dead``, the kernel died or
        did not start; ``timeout``, a cell took too long; ``deadline``, the whole run did; ``stopped``, by ``signal``;
        ``unsaved``, every cell ran, but the disk took no more. The record of a run also says ``running`` meanwhile,
        and ``killed`` if the runner was killed.
    summary : Summary or None
        What the notebook's sync changed, if it showed that.
    report : str
        The path of the HTML report, if one was written.
    """

    COLUMNS = (
        Attribute("cell", "[{}]".format),
        Attribute("line"),
        Attribute("seconds", "{:.1f}".format),
    )

    notebook: str
    output: str
    status: RunStatus
    _: KW_ONLY
    started_at: float
    seconds: float = 0.0
    items: tuple[CellRun, ...] = ()
    error: CellError | None = None
    signal: int = 0
    summary: Summary | None = None
    report: str = ""

    @property
    def ok(self) -> bool:
        """True when every cell ran to its end."""
        return self.status == "ok"

    @property
    def exit_code(self) -> int:
        """What a process that did nothing but this run ends with."""
        if self.status == "stopped":
            return 128 + self.signal
        return {"ok": 0, "login": 3, "busy": 4, "timeout": 124, "deadline": 124}.get(self.status, 1)

    def raise_for_failure(self) -> RunResult:
        """Raise NotebookFailed if the run did not end well; else return the result itself."""
        if self.ok:
            return self
        raise NotebookFailed(self.headline(), source=self.notebook, next=say("run.next", output=self.output))

    def headline(self) -> str:
        """Return the line above the table: how the run ended, and why."""
        reason = f": {self.error}" if self.error else ""
        return say(f"run.{self.status}", seconds=f"{self.seconds:.1f}", signal=self.signal) + reason

    def footer(self) -> str:
        """Return the lines below the table: where the executed notebook and its report are."""
        return "\n".join(visible(path) for path in (self.output, self.report) if path)

    def to_dict(self) -> Json:
        """Return everything but the report as a plain dict, for the notebook's metadata and for ``--json``."""
        names = ("notebook", "output", "status", "exit_code", "started_at", "seconds", "signal")
        return {
            **{name: getattr(self, name) for name in names},
            "summary": self.summary.to_dict() if self.summary else None,
            "error": {**vars(self.error)} if self.error else None,
            "cells": self.to_dicts(),
        }


@dataclass(frozen=True)
class RunRow:
    """One headless run: ``changed`` is its summary in a phrase, ``output`` the executed notebook."""

    started_at: str
    notebook: str
    status: RunStatus
    seconds: float
    changed: str
    output: str


class RunList(Rows[RunRow]):
    """The headless runs of a workspace, the newest first; paths count from ``root``."""

    title, none = "runs.title", "runs.none"
    COLUMNS = (
        Attribute("started_at", display.local, "runs.started_at"),
        Attribute("notebook", header="runs.notebook"),
        Attribute("status", lambda status: say(f"runs.status.{status}"), "runs.status"),
        Attribute("seconds", "{:.0f} s".format, "runs.seconds"),
        Attribute("changed", header="runs.changed"),
        Attribute("output", header="runs.output"),
    )

    def __init__(self, items: Sequence[RunRow] = (), root: str = "") -> None:
        super().__init__(items)
        self.root = root

    def shown(self) -> tuple[Sequence[str], list[Sequence[Any]]]:
        """Return header and rows as people see them: each with a link to its executed notebook."""
        header, rows = super().shown()
        return header, [[*row[:-1], display.Link(row[-1], self.root)] for row in rows]
