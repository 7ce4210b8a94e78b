"""Two bases of an automotive functional-safety team.

Between them they hold every field type of the platform, empty cells, and the values that clients trip over.
"""

from __future__ import annotations

from larknb.sandbox.world.tenant import Tenant

from .chance import Dice
from .files import keep_files
from .safety import add_safety
from .staff import add_staff
from .tokens import WIKI_NODE


def add_bases(tenant: Tenant, dice: Dice, rows: int) -> None:
    """Add both bases; ``rows`` is the number of defects, all other tables have their fixed sizes."""
    staff, safety = add_staff(tenant, dice), add_safety(tenant, dice, rows)
    tenant.add_wiki_node(safety, "功能安全 / 业务数据", WIKI_NODE)
    for base in (staff, safety):
        keep_files(tenant, base)
