"""An edit in the very second of the gate's answer: modify times are whole seconds, so the stamp does not show it."""

from __future__ import annotations

from pathlib import Path

import pytest

from larknb.sandbox import Sandbox
from tests.conftest import Clock, Lab, open_lab

HOUR = 3600.0


@pytest.fixture
def book(tmp_path: Path, box: Sandbox, clock: Clock) -> Lab:
    """A spreadsheet of one worksheet."""
    spreadsheet = box.tenant.add_spreadsheet("book", token="ShtBook0000000000000000001")
    spreadsheet.add_sheet("data", rows=[["name", "size"], ["a", 1]], sheet_id="sheet1")
    return open_lab(tmp_path, box, clock, f"{box.url}/sheets/ShtBook0000000000000000001", spreadsheet)


def sync(lab: Lab) -> None:
    lab.workspace.sync(progress=False).raise_for_failures()


def test_an_edit_of_the_second_of_the_answer_is_found(book: Lab) -> None:
    """The gate says the same modify time before and after it, and yet the new value comes."""
    book.made.sheets[0].set(2, 2, 2)
    sync(book)
    book.made.sheets[0].set(2, 2, 3)
    sync(book.later())
    assert book.workspace.load("s1/data")["size"].tolist() == [3]


def test_a_young_stamp_costs_one_question_more(book: Lab) -> None:
    """What was just edited when the gate answered is asked for its revision at the next look, and never again."""
    book.made.touch()
    sync(book)
    sync(book.later())
    assert book.requests() == ["metas", "metainfo"]
    sync(book.later())
    assert book.requests() == ["metas"]
