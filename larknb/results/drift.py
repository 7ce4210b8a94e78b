"""What people did to the tables and columns of a base, one line each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from larknb.messages import say
from larknb.model import Drift
from larknb.results.base import Json

__all__ = ["DriftLine", "drift_footer", "drift_text"]

SHOWN = 20  # lines below a report; the others are in its ``drift``


@dataclass(frozen=True)
class DriftLine:
    """One change of the shape of a source; ``str()`` tells it in a line.

    Examples
    --------
    >>> report = lk.sync()
    >>> [str(line) for line in report.drift]  # such as "人力盘点 / 员工: column 姓名 is now called 名字"
    []
    """

    source: str
    change: Drift

    def __str__(self) -> str:
        return (f"{self.source} / " if self.change.table else f"{self.source}: ") + drift_text(self.change)

    def to_dict(self) -> Json:
        """Return the change as a plain dict, for ``--json``."""
        facts = asdict(self.change)
        return {"source": self.source, "change": facts.pop("kind"), **facts, "text": str(self)}


def drift_text(drift: Drift) -> str:
    """Return a change in one line that begins with its table, if it is of one."""
    told = say(f"drift.{drift.kind}", column=drift.column, before=drift.before, after=drift.after)
    return f"{drift.table}: {told}" if drift.table else told


def drift_footer(lines: Sequence[DriftLine]) -> list[str]:
    """Return the lines that stand below a report."""
    shown = [str(line) for line in lines[:SHOWN]]
    more = len(lines) - len(shown)
    return [*shown, say("drift.more", count=more)] if more else shown
