"""Somebody who reads from the stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from larknb.api.client import LarkClient
from larknb.sandbox import Sandbox, blocks
from tests.conftest import Clock, Person

from .desks import DOCUMENT, ROWS, SPREADSHEET, BookDesk, PageDesk, Shelf


@pytest.fixture
def waits() -> list[float]:
    """How long the client and the reader wanted to wait."""
    return []


@pytest.fixture
def client(box: Sandbox, clock: Clock, waits: list[float]) -> Iterator[LarkClient]:
    person = Person(box.sign_in()["access_token"])
    client = LarkClient(box.url, person, clock=clock, sleep=waits.append)
    yield client
    client.close()


@pytest.fixture
def book(box: Sandbox, client: LarkClient, waits: list[float], tmp_path: Path) -> BookDesk:
    """A spreadsheet with one worksheet of three rows."""
    made = box.tenant.add_spreadsheet("表", token=SPREADSHEET)
    made.add_sheet("明细", ROWS, sheet_id="aaaaaa", row_count=200, column_count=20, frozen_rows=1)
    return BookDesk(box, client, waits, Shelf(tmp_path), made)


@pytest.fixture
def page(box: Sandbox, client: LarkClient, waits: list[float], tmp_path: Path) -> PageDesk:
    """A document with one paragraph."""
    made = box.tenant.add_document("电机过热", [blocks.text("断开高压")], DOCUMENT)
    return PageDesk(box, client, waits, Shelf(tmp_path), made)
