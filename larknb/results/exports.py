"""What an export of guides did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from larknb.messages import say
from larknb.results.base import Attribute, Rows

__all__ = ["ExportReport", "ExportRow"]


@dataclass(frozen=True)
class ExportRow:
    """What became of one guide; ``file`` is where it lies below the folder, empty where it does not."""

    source: str
    file: str
    action: Literal["written", "unchanged", "removed", "left", "failed"]
    problem: str = ""


class ExportReport(Rows[ExportRow]):
    """What an export of guides did, one row per guide; ``ok`` says that all of them are there.

    Examples
    --------
    >>> lk.export_guides("for-assistants").ok
    True
    """

    title, none = "export.title", "export.none"
    COLUMNS = (
        Attribute("source"),
        Attribute("file", header="export.file"),
        Attribute("action", lambda action: say(f"export.{action}")),
        Attribute("problem"),
    )

    @property
    def ok(self) -> bool:
        """True when every guide that is configured lies in the folder."""
        return all(row.action != "failed" for row in self)
