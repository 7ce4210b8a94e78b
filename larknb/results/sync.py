"""What a sync did, table by table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from html import escape
from typing import Any

from larknb import display
from larknb.errors import Asker, LarkError
from larknb.messages import joined, say
from larknb.model import Outcome
from larknb.results.base import Attribute, Json, Rows, read_as_dict, read_as_line
from larknb.results.check import CheckReport
from larknb.results.drift import DriftLine, drift_footer

__all__ = ["SyncReport", "SyncRow"]


@dataclass(frozen=True)
class SyncRow:
    """What a sync did with one table (or with a source that failed before its tables were known).

    ``files`` are the pictures and files that came, ``file_bytes`` their size; ``files_missing`` could not be had.
    """

    source: str
    kind: str
    table: str
    action: Outcome
    rows: int | None = None
    added: int = 0
    changed: int = 0
    removed: int = 0
    calls: int = 0
    seconds: float = 0.0
    problem: str = ""
    files: int = 0
    file_bytes: int = 0
    files_missing: int = 0

    @property
    def ok(self) -> bool:
        """True when it was tried and did not fail."""
        return self.action not in ("failed", "not tried")


class SyncReport(Rows[SyncRow]):
    """What a sync did, one row per table; ``ok`` says that nothing failed and every source was tried.

    ``errors``, each of which names its source, and ``read_as`` (who asked) are by source name. ``checks`` are those of
    what was fetched, ``drift`` what people did to tables and columns meanwhile, ``remarks`` what there is to say of the
    whole, such as why every source was asked itself. Where everything was kept, ``last`` is the last report of a sync
    that looked at something (``at`` says when it ended).

    Examples
    --------
    >>> report = lk.sync("功能安全部人力盘点")
    >>> report.ok, report.calls, [row.action for row in report]
    (True, 0, ['kept', 'kept', 'kept'])
    """

    title = "report.title"
    COLUMNS = (
        Attribute("source"),
        Attribute("kind", only="frame"),
        Attribute("table"),
        Attribute("action", lambda action: say(f"action.{action}")),
        Attribute("rows"),
        Attribute("added", display.count),
        Attribute("changed", display.count),
        Attribute("removed", display.count),
        Attribute("calls", display.count),
        Attribute("seconds", lambda seconds: f"{seconds:.1f}" if seconds else ""),
        Attribute("problem"),
    )

    def __init__(
        self, items: Sequence[SyncRow] = (), errors: Mapping[str, Exception] | None = None,
        read_as: Mapping[str, Asker] | None = None, remarks: Sequence[str] = (), checks: CheckReport | None = None,
        drift: Sequence[DriftLine] = (), at: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__(items)
        self.errors = {name: _named(error, name) for name, error in (errors or {}).items()}
        self.read_as, self.remarks = dict(read_as or {}), tuple(remarks)
        self.checks, self.drift = checks or CheckReport(), tuple(drift)
        self.at = at
        self.last: SyncReport | None = None

    @property
    def ok(self) -> bool:
        """True when no source or table failed, every one was tried, and what was fetched met its checks."""
        return all(row.ok for row in self) and self.checks.ok

    @property
    def calls(self) -> int:
        """API requests that this sync made."""
        return sum(row.calls for row in self)

    @property
    def files(self) -> dict[str, int]:
        """Pictures and files: how many ``downloaded``, their ``bytes``, and how many are ``missing``."""
        return {
            "downloaded": sum(row.files for row in self),
            "bytes": sum(row.file_bytes for row in self),
            "missing": sum(row.files_missing for row in self),
        }

    @property
    def kept_all(self) -> bool:
        """True when every cache was still fresh, so that nothing was looked at."""
        return bool(self.items) and all(row.action == "kept" and not row.problem for row in self)

    def raise_for_failures(self) -> SyncReport:
        """Raise the first failure, if there is one; else return the report itself."""
        for error in self.errors.values():
            raise error
        return self

    def shown(self) -> tuple[Sequence[str], list[Sequence[Any]]]:
        """Return header and rows as people see them; where everything was kept a line says so, and no rows."""
        header, rows = super().shown()
        return header, [] if self.kept_all else rows

    def footer(self) -> str:
        """Return the line below the table: what it cost, how much failed, and who asked."""
        if self.kept_all:
            kept = say("report.kept", sources=len({row.source for row in self}))
            return joined(kept, self._told_of_last(self.last) if self.last else "")
        failed = sum(not row.ok for row in self)
        key = "report.failed" if failed else "report.ok"
        line = say(key, calls=self.calls, failed=failed, sources=len({row.source for row in self}))
        files, media = self.files, ""
        if any(files.values()):
            size = display.size(files["bytes"])
            media = say("report.media", count=files["downloaded"], size=size, missing=files["missing"])
        unmet = sum(bool(row.failed) for row in self.checks)
        line = joined(line, media, read_as_line(self.read_as), say("checks.footer", count=unmet) if unmet else "")
        return "\n".join([line, *drift_footer(self.drift), *self.remarks])

    def _repr_html_(self) -> str:
        if not self.kept_all or self.last is None:
            return super()._repr_html_()
        title, last = escape(say("report.last.title")), self.last._repr_html_()
        return f"{super()._repr_html_()}<details><summary>{title}</summary>{last}</details>"

    @staticmethod
    def _told_of_last(last: SyncReport) -> str:
        fetched = sum(row.action == "fetched" for row in last)
        return say("report.last", at=display.moment(last.at), fetched=fetched, calls=last.calls)

    def to_dict(self) -> Json:
        """Return everything as a plain dict, for ``--json``."""
        found: Json = {"ok": self.ok, "calls": self.calls, "read_as": read_as_dict(self.read_as)}
        more: Json = {"remarks": [*self.remarks]} if self.remarks else {}
        if any(self.files.values()):
            more["files"] = dict(self.files)
        more |= {"drift": [line.to_dict() for line in self.drift]} if self.drift else {}
        return {**found, **more, "checks": self.checks.to_dicts(), "rows": self.to_dicts()}


def _named(error: Exception, source: str) -> Exception:
    """Return an error that names its source: a copy, as several sources may have failed with the same one."""
    if not isinstance(error, LarkError):
        return error
    named = copy(error).with_traceback(error.__traceback__)
    named.__cause__ = error.__cause__
    return named.at(source)
