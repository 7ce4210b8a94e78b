"""The sample workspace of an automotive functional-safety team, the same one every time.

Two bases, a spreadsheet and five guides; ``tokens`` names everything in it.
"""

from __future__ import annotations

from larknb.sandbox.world.tenant import Tenant
from larknb.sandbox.world.times import midnight_of

from .bases import add_bases
from .book import add_book
from .chance import START, TODAY, ZONE, Dice
from .guides import add_guides
from .staff import add_people
from .tokens import (
    BOOK,
    BOOK_BASE,
    BOOK_CODES,
    BOOK_HIDDEN,
    BOOK_MONTHS,
    BOOK_PARTS,
    BOOK_PLAN,
    BOOK_VALUES,
    EMBEDDED_BASE,
    EMBEDDED_TABLE,
    GUIDE_BOOK,
    GUIDE_NODE,
    GUIDE_SHEET,
    GUIDES,
    SAFETY_BASE,
    SAFETY_DEFECTS,
    SAFETY_GOALS,
    SAFETY_TESTS,
    STAFF_BASE,
    STAFF_DEPARTMENTS,
    STAFF_PEOPLE,
    STAFF_SKILLS,
    WIKI_NODE,
)

__all__ = [
    "BOOK",
    "BOOK_BASE",
    "BOOK_CODES",
    "BOOK_HIDDEN",
    "BOOK_MONTHS",
    "BOOK_PARTS",
    "BOOK_PLAN",
    "BOOK_VALUES",
    "EMBEDDED_BASE",
    "EMBEDDED_TABLE",
    "GUIDES",
    "GUIDE_BOOK",
    "GUIDE_NODE",
    "GUIDE_SHEET",
    "SAFETY_BASE",
    "SAFETY_DEFECTS",
    "SAFETY_GOALS",
    "SAFETY_TESTS",
    "STAFF_BASE",
    "STAFF_DEPARTMENTS",
    "STAFF_PEOPLE",
    "STAFF_SKILLS",
    "WIKI_NODE",
    "sample_workspace",
]


def sample_workspace(rows: int = 2400) -> Tenant:
    """Build the workspace; ``rows`` is the number of defects, everything else has its fixed size."""
    tenant, dice = Tenant("启明汽车", clock=lambda: midnight_of(TODAY, ZONE) / 1000), Dice("larknb")
    add_people(tenant, dice)
    add_bases(tenant, dice, rows)
    add_book(tenant, dice)
    add_guides(tenant)
    for document in tenant.documents:
        document.created_at = midnight_of(START, ZONE) // 1000 - 86_400
        document.mtime = midnight_of(TODAY, ZONE) // 1000 + 10 * 3600
    return tenant
