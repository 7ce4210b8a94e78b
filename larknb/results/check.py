"""What the checks of sources found."""

from __future__ import annotations

from dataclasses import dataclass

from larknb.messages import say
from larknb.results.base import Attribute, Json, Rows

__all__ = ["CheckReport", "Checked"]


@dataclass(frozen=True)
class Checked:
    """One check of one table: how many rows do not meet it, and a few of them."""

    source: str
    table: str
    column: str
    check: str
    failed: int
    sample: tuple[str, ...] = ()


class CheckReport(Rows[Checked]):
    """The checks that were made, one row each; ``ok`` says that all rows met all of them."""

    title, none = "checks.title", "checks.none"
    COLUMNS = (
        Attribute("source"),
        Attribute("table"),
        Attribute("column"),
        Attribute("check"),
        Attribute("failed", lambda failed: failed or say("checks.met")),
        Attribute("sample", "; ".join, last=True),
    )

    @property
    def ok(self) -> bool:
        """True when nothing failed."""
        return not any(row.failed for row in self)

    def to_dict(self) -> Json:
        """Return everything as a plain dict, for ``--json``."""
        return {"ok": self.ok, "rows": self.to_dicts()}
