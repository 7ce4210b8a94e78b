"""The past of rows."""

from __future__ import annotations

from collections.abc import Sequence

from larknb.sandbox.world.bitable.base import Table
from larknb.sandbox.world.times import midnight_of

from .chance import DAY, HOUR, TODAY, ZONE, Dice


def give_history(table: Table, dice: Dice, made: Sequence[int]) -> None:
    """Give rows their past: created in their order, four of five edited since."""
    people = table.base.tenant.users
    for record_id, created in zip(list(table.rows), made, strict=True):
        edited = min(created + dice.randrange(60 * DAY), midnight_of(TODAY, ZONE) + 10 * HOUR)
        table.set_history(
            record_id,
            created_time=created,
            modified_time=max(created, dice.maybe(0.8, edited) or 0),
            created_by=dice.choice(people),
            modified_by=dice.choice(people),
        )
