"""What a publish did, source by source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from larknb import display
from larknb.errors import LarkError
from larknb.messages import say
from larknb.results.base import Attribute, Json, Rows, kind_word

__all__ = ["PublishReport", "PublishRow"]


@dataclass(frozen=True)
class PublishRow:
    """What a publish did with one source: ``files`` and ``bytes`` are those that were uploaded."""

    source: str
    kind: str
    action: Literal["published", "unchanged", "removed", "failed"]
    files: int = 0
    bytes: int = 0
    problem: str = ""


class PublishReport(Rows[PublishRow]):
    """What a publish did, one row per source; ``target`` is where to, ``ok`` says that no source failed.

    Examples
    --------
    >>> lk.publish("shared").ok
    True
    """

    title, none = "publish.title", "sources.none"
    COLUMNS = (
        Attribute("source"),
        Attribute("kind", kind_word),
        Attribute("action", lambda action: say(f"publish.action.{action}")),
        Attribute("files", display.count),
        Attribute("bytes", display.size),
        Attribute("problem", last=True),
    )

    def __init__(self, items: Sequence[PublishRow] = (), target: str = "") -> None:
        super().__init__(items)
        self.target = target

    @property
    def ok(self) -> bool:
        """True when no source failed."""
        return all(row.action != "failed" for row in self)

    def raise_for_failures(self) -> PublishReport:
        """Raise the first failure, if there is one; else return the report itself."""
        for row in self:
            if row.action == "failed":
                raise LarkError(row.problem, source=row.source)
        return self

    def footer(self) -> str:
        """Return the line below the table: where to, and how much was uploaded."""
        if not self:
            return super().footer()
        return self.line()

    def line(self) -> str:
        """Return all of it in one line."""
        files, size = sum(row.files for row in self), display.size(sum(row.bytes for row in self))
        return say("publish.line", target=self.target, files=files, size=size or "0 B")

    def to_dict(self) -> Json:
        """Return everything as a plain dict, for ``--json``."""
        return {"ok": self.ok, "target": self.target, "rows": self.to_dicts()}
