"""The history of a source: the snapshots that are kept of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from larknb import display
from larknb.messages import say
from larknb.results.base import Attribute, Rows
from larknb.visible import person

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["History", "SnapshotRow"]


@dataclass(frozen=True)
class SnapshotRow:
    """One state of a source that is kept, and what the sync that made it did.

    ``revision`` is the document's, or the highest one of the tables; ``bytes`` is what the snapshot's folder takes on
    the disk now; ``note`` says what is special about it.
    """

    snapshot: str
    synced_at: str
    revision: int | str | None
    rows: int | None
    added: int
    changed: int
    removed: int
    bytes: int
    calls: int
    identity: str
    note: str


class History(Rows[SnapshotRow]):
    """The snapshots of a source, the newest first; ``lk.load(name, as_of=row.snapshot)`` loads one.

    Examples
    --------
    >>> history = lk.history("功能安全部人力盘点")
    >>> history[0].rows, history[0].note
    (77, 'current')
    """

    title, none = "history.title", "history.none"
    COLUMNS = (
        Attribute("snapshot"),
        Attribute("synced_at", display.local),
        Attribute("revision"),
        Attribute("rows"),
        Attribute("added", display.count),
        Attribute("changed", display.count),
        Attribute("removed", display.count),
        Attribute("bytes", display.size, last=True),
        Attribute("calls", display.count, last=True),
        Attribute("identity", person, last=True),
        Attribute("note"),
    )

    def __init__(
        self, items: Sequence[SnapshotRow] = (), source: str = "",
        deleted: Callable[[str | None], pd.DataFrame] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(items)
        self.source, self._deleted = source, deleted

    def headline(self) -> str:
        """Return the line above the table: whose history it is."""
        return say(self.title, source=display.plain(self.source))

    def removed(self, table: str | None = None) -> pd.DataFrame:
        """Return the deleted rows of a table: those that a kept snapshot has and the present state has not.

        Each row is as it was last; the column ``_last_in`` names the last snapshot that has it.

        Parameters
        ----------
        table : str, optional
            Name or table_id, as for `larknb.load`.

        Examples
        --------
        >>> len(lk.history("功能安全部人力盘点").removed("人员"))
        0
        """
        assert self._deleted is not None, "a history that a call gave knows its source"
        return self._deleted(table)
