"""A stand-in for the Feishu/Lark platform on 127.0.0.1: accounts, Bitable, Sheets, Docx, Drive, Wiki, media and bots.

It is written from the platform's documentation alone and shares no code with the client, so that a mistake on one side
shows. It keeps the documented shapes, limits, codes, HTTP statuses and revisions, and it misbehaves on request::

    from larknb.sandbox import Fault, Sandbox, sample_workspace

    with Sandbox(sample_workspace()) as box:                 # box.url plays both the open and the accounts host
        token = box.sign_in()["access_token"]
        box.faults.add(Fault.reply(200, 1254290), endpoint="search", after=1)
        ...                                                  # talk to box.url
        assert box.journal.count("search") == 6

`Sandbox` has the knobs, `Tenant` the data; documents are written with the functions of ``larknb.sandbox.blocks``.
One module per product holds its endpoints: ``accounts``, ``bitable``, ``sheets``, ``docx``, ``drive``, ``media``,
``wiki`` and ``bots``. A new one is a `Document` of its own kind, a module with ``ENDPOINTS``, and one entry in
``box.ENDPOINTS``.
"""

from __future__ import annotations

from .base import Base
from .bots import Bot
from .box import Sandbox
from .cells import Raw
from .documents import Docx
from .faults import Fault
from .folders import Folder, Shortcut
from .gridcells import Cell, Formula
from .journal import Call
from .media import Media
from .objects import User
from .sample import sample_workspace
from .serve import main
from .spaces import WikiNode, WikiSpace
from .tables import Field, Table
from .tenant import Tenant
from .workbook import Sheet, Spreadsheet

__all__ = [
    "Base",
    "Bot",
    "Call",
    "Cell",
    "Docx",
    "Fault",
    "Field",
    "Folder",
    "Formula",
    "Media",
    "Raw",
    "Sandbox",
    "Sheet",
    "Shortcut",
    "Spreadsheet",
    "Table",
    "Tenant",
    "User",
    "WikiNode",
    "WikiSpace",
    "main",
    "sample_workspace",
]
