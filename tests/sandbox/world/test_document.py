"""The stamps that all documents have."""

from __future__ import annotations

from larknb.sandbox import Base, Table

from ..conftest import NOON, Clock


def test_stamps_can_be_played_wrong(table: Table, base: Base, clock: Clock) -> None:
    """Touch moves only the time; both stamps can be set."""
    revision = table.revision
    clock.now += 5
    base.touch()
    assert (base.mtime, table.revision) == (int(NOON) + 5, revision)
    table.revision += 1
    base.mtime = 17
    assert (base.mtime, table.revision) == (17, revision + 1)
