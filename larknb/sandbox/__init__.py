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
From the bottom up, each knowing only what stands above it here:

==============  =======================================================================================================
``blocks``      how documents are written
``world``       what exists: people, bases, spreadsheets, documents, drive, wiki, media, bots, and the `Tenant` of all
``sample``      the sample workspace
``wire``        what travels: requests, responses, codes, page tokens
``platform``    the running stand-in as endpoints know it: knobs, sign-ins, what an endpoint is, who may call it
``endpoints``   one module per product: accounts, registration, bitable, sheets, docx, drive, media, wiki, bots
``serving``     how a request is served: routes, faults, rates, journal, HTTP
``box``         `Sandbox`, which puts all of it together
``serve``       the command line
==============  =======================================================================================================

A new product is a `Document` of its own kind in ``world``, a module with ``ENDPOINTS`` in ``endpoints``, and one entry
in ``box.ENDPOINTS``.
"""

from __future__ import annotations

from .box import Sandbox
from .sample import sample_workspace
from .serve import main
from .serving.faults import Fault
from .serving.journal import Call
from .world.bitable.base import Base, Table
from .world.bitable.cells import Raw
from .world.bitable.fields import Field
from .world.bots import Bot
from .world.docx import Docx
from .world.drive import Folder, Shortcut
from .world.media import Media
from .world.people import User
from .world.sheets.cells import Cell, Formula
from .world.sheets.workbook import Sheet, Spreadsheet
from .world.tenant import Tenant
from .world.wiki import WikiNode, WikiSpace

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
