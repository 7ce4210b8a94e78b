"""What the writers of guides have at hand."""

from __future__ import annotations

import datetime as dt

from larknb.sandbox.blocks import Block, file, image
from larknb.sandbox.sample.chance import TODAY, ZONE
from larknb.sandbox.world.docx import Docx
from larknb.sandbox.world.people import User
from larknb.sandbox.world.tenant import Tenant
from larknb.sandbox.world.times import stamp_of

SYNCED = "GdMtSyncedBlock000000000001"  # the safety rules, which other guides repeat


class Desk:
    """A writer's desk: the staff, the other guides, and a place for pictures and files."""

    def __init__(self, tenant: Tenant, guides: list[Docx]) -> None:
        self.tenant = tenant
        self.guides = guides

    def user(self, number: int) -> User:
        """Somebody of the staff."""
        return self.tenant.users[number]

    def picture(self, name: str, data: bytes, caption: str | None = None) -> Block:
        """A picture, kept among the media."""
        return image(self.tenant.add_media(data, f"{name}.png", "image/png"), 320, 180, caption=caption)

    def paper(self, name: str, content: str) -> Block:
        """A file of text, kept among the media."""
        kind = "text/csv" if name.endswith(".csv") else "text/plain"
        return file(self.tenant.add_media(content.encode(), name, kind), name)


def due(month: int, day: int) -> int:
    """Nine in the morning of a day, for a reminder."""
    return stamp_of(dt.datetime(TODAY.year, month, day, 9, tzinfo=ZONE))
