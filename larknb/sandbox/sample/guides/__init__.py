"""Five guides that lead from a symptom to its cause, as a service team writes them."""

from __future__ import annotations

from collections.abc import Callable

from larknb.sandbox.blocks import Block
from larknb.sandbox.sample.tokens import GUIDE_NODE, GUIDES
from larknb.sandbox.world.docx import Docx
from larknb.sandbox.world.tenant import Tenant

from .battery import battery
from .brake import brake
from .can import can
from .charger import charger
from .desk import Desk
from .motor import motor

REVISIONS = (57, 41, 38, 29, 33)


def add_guides(tenant: Tenant) -> list[Docx]:
    """Add the five guides with their pictures and files; the third one is known by its place in the wiki."""
    guides = [tenant.add_document(f"故障定位指引文档{number}", [], token) for number, token in enumerate(GUIDES, 1)]
    writers: list[Callable[[Desk], list[Block]]] = [motor, battery, can, brake, charger]
    for guide, write, revision in zip(guides, writers, REVISIONS, strict=True):
        guide.replace(write(Desk(tenant, guides)))
        guide.revision_id = revision
    tenant.add_wiki_node(guides[2], "CAN 总线故障定位", GUIDE_NODE)
    return guides
