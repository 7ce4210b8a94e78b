"""The files in the cells of a base: which are asked for, with which permission parameter, and which are left alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from larknb.api.client import LarkClient
from larknb.sandbox import Fault, Field, Sandbox
from larknb.sandbox.world.bitable.cells import Raw
from tests.conftest import text

from .desks import BASE, PNG, BaseDesk, Shelf


@pytest.fixture
def desk(box: Sandbox, client: LarkClient, waits: list[float], tmp_path: Path) -> BaseDesk:
    """A base with one empty table that has a column for files; they are wanted."""
    base = box.tenant.add_base("staff", app_token=BASE)
    fields = [Field("name", 1, field_id="fldName", is_primary=True), Field("文件", 17, field_id="fldFile")]
    base.add_table("people", fields, table_id="tblPeople")
    return BaseDesk(box, client, waits, Shelf(tmp_path), base, options={"attachments": True})


def attach(desk: BaseDesk, count: int = 1, data: bytes = PNG, **cell: Any) -> list[str]:
    """Add rows with one file each, and return their tokens."""
    tokens = []
    for _ in range(count):
        number = len(desk.people.rows)
        token = desk.box.tenant.add_media(data, f"{number}.png", "image/png", base=desk.base)
        file = {"file_token": token, "name": f"{number}.png", "type": "image/png", "size": len(data), **cell}
        desk.people.add({"name": text(f"row {number}"), "文件": [file]}, f"rec{number}")
        tokens.append(token)
    return tokens


def advanced(desk: BaseDesk, *, manager: bool = True) -> None:
    desk.base.is_advanced = True
    if manager:
        desk.box.roles.add(desk.box.tenant.users[0].open_id)


def extras(desk: BaseDesk) -> list[str]:
    """The permission parameter of each download."""
    return [call.query.get("extra", "") for call in desk.box.journal if call.endpoint == "media"]


def problems(desk: BaseDesk) -> dict[str, str | None]:
    return {token: entry.error for token, entry in desk.shelf.media.items()}


def test_each_file_is_asked_for_once(desk: BaseDesk) -> None:
    """One request for each token, after the rows; what is there costs none, wherever else it turns up."""
    first, second = attach(desk, 2)
    desk.people.add({"name": text("again"), "文件": [{"file_token": first, "name": "b.png", "size": len(PNG)}] * 2})
    desk.visit(full=True)
    assert desk.requests() == ["tables", "app", "fields", "search", "tables", "media", "media"]
    assert (desk.bytes_of(first), desk.bytes_of(second)) == (PNG, PNG)
    assert extras(desk) == ["", ""]
    attach(desk)
    desk.visit()
    assert desk.requests() == ["tables", "fields", "search", "tables", "media"]


@pytest.mark.parametrize("options", [{}, {"attachments": False}, {"attachments": True, "fields": ("name",)}])
def test_what_nobody_wants_is_not_asked_for(desk: BaseDesk, options: dict[str, Any]) -> None:
    """Without the option, or without the column."""
    desk.options = options
    attach(desk)
    desk.visit()
    assert "media" not in desk.requests()


def test_a_base_with_advanced_permissions_is_told_the_place(desk: BaseDesk) -> None:
    """Table, field, record and file, encoded once, in the first request."""
    advanced(desk)
    (token,) = attach(desk)
    desk.visit()
    (sent,) = extras(desk)
    place = {"tableId": "tblPeople", "attachments": {"fldFile": {"rec0": [token]}}}
    assert json.loads(sent) == {"bitablePerm": place}
    assert desk.bytes_of(token) == PNG


@pytest.mark.parametrize("status", [400, 403])
def test_what_the_cell_itself_says_is_the_second_try(desk: BaseDesk, status: int) -> None:
    """Its parameter is decoded before it is sent; what was right once is first for the files that follow."""
    advanced(desk)
    tokens = attach(desk, 3)
    desk.box.faults.add(Fault.reply(status, {}), endpoint="media")
    desk.visit()
    ours, *theirs = map(json.loads, extras(desk))
    assert "attachments" in ours["bitablePerm"]
    revision = desk.people.revision
    assert theirs == [{"bitablePerm": {"tableId": "tblPeople", "rev": revision}}] * 3
    assert [desk.bytes_of(token) for token in tokens] == [PNG] * 3


def test_permissions_that_came_meanwhile_are_met(desk: BaseDesk) -> None:
    """400 without a parameter: the base is an advanced one by now, and is told the place."""
    desk.visit()
    advanced(desk)
    (token,) = attach(desk)
    desk.visit()
    assert len(extras(desk)) == 2
    assert desk.bytes_of(token) == PNG


def test_who_may_not_have_files_asks_for_a_few(desk: BaseDesk) -> None:
    """All of a base are refused to all but managers: after five, twice each, the others are left alone for the day."""
    tokens = attach(desk, 20)
    advanced(desk)
    role = desk.box.tenant.users[0].open_id
    desk.box.roles.add(role)
    desk.meanwhile(lambda: desk.box.roles.remove(role), "media")
    desk.visit()
    assert len(extras(desk)) == 10
    assert all(problems(desk)[token] for token in tokens)
    desk.box.roles.add(role)
    attach(desk)
    desk.visit()
    assert len(extras(desk)) == 1


@pytest.mark.parametrize("empty", [False, True])
@pytest.mark.parametrize("status", [403, 404])
def test_a_refusal_counts_for_the_day(desk: BaseDesk, status: int, *, empty: bool) -> None:
    """The other files come; the refused one is asked for again when all is, and not before."""
    bad, good = attach(desk, 2)
    body = {} if empty else {"code": {403: 1061004, 404: 1061003}[status], "msg": "no"}
    desk.box.faults.add(Fault.reply(status, body), endpoint="media", times=1)
    desk.visit()
    assert len(extras(desk)) == 2
    assert desk.bytes_of(good) == PNG
    assert problems(desk)[bad]
    attach(desk)
    desk.visit()
    assert len(extras(desk)) == 1
    desk.visit(full=True)
    assert desk.bytes_of(bad) == PNG


@pytest.mark.parametrize("empty", [False, True])
def test_what_a_question_was_refused_for_is_asked_again(desk: BaseDesk, *, empty: bool) -> None:
    """A 400 is of the question, and the next read may ask another one."""
    bad, good = attach(desk, 2)
    desk.box.faults.add(Fault.reply(400, {} if empty else {"code": 1061002, "msg": "no"}), endpoint="media", times=2)
    desk.visit()
    assert desk.bytes_of(good) == PNG
    assert problems(desk)[bad]
    attach(desk)
    desk.visit()
    assert desk.bytes_of(bad) == PNG


def test_a_file_of_a_wrong_length_is_asked_for_at_the_next_read(desk: BaseDesk) -> None:
    """Nothing of it is kept, and the report says how long it was."""
    number = len(desk.people.rows)
    (token,) = attach(desk, size=9999)
    desk.visit()
    assert "9,999" in (problems(desk)[token] or "")
    file = {"file_token": token, "name": "a.png", "type": "image/png", "size": len(PNG)}
    desk.people.edit(f"rec{number}", {"文件": [file]})
    desk.visit()
    assert desk.bytes_of(token) == PNG


def test_what_failed_for_no_reason_of_its_own_is_asked_for_at_the_next_read(desk: BaseDesk) -> None:
    """A server that is down says nothing of the file."""
    (token,) = attach(desk)
    desk.reply(1061001, "media", times=5)
    desk.visit()
    assert problems(desk)[token]
    attach(desk)
    desk.visit()
    assert desk.bytes_of(token) == PNG


def test_a_limit_leaves_out_what_is_larger(desk: BaseDesk) -> None:
    """What the cell says is enough to know; the report says why, and a higher limit brings it."""
    desk.options = {"attachments": 100}
    (small,) = attach(desk)
    (large,) = attach(desk, data=bytes(101))
    desk.visit()
    assert len(extras(desk)) == 1
    assert desk.bytes_of(small) == PNG
    assert desk.shelf.media[large].status == "skipped"
    desk.options = {"attachments": 101}
    desk.visit(force=True)
    assert desk.bytes_of(large) == bytes(101)


@pytest.mark.parametrize("size", [0, None])
def test_a_size_that_nobody_told_is_found_out(desk: BaseDesk, size: int | None) -> None:
    """Once: under the same limit it is not asked for again."""
    desk.options = {"attachments": 100}
    attach(desk, data=bytes(5000), size=size)
    desk.visit()
    assert len(extras(desk)) == 1
    attach(desk)
    desk.visit()
    assert len(extras(desk)) == 1


def test_another_size_than_the_cell_says_is_not_the_file(desk: BaseDesk) -> None:
    """It is not shown for it, and told."""
    (token,) = attach(desk, size=len(PNG) + 1)
    desk.visit()
    assert desk.bytes_of(token) is None
    assert "its cell tells of 49" in str(problems(desk)[token])


@pytest.mark.parametrize("token", ["", "../../etc/passwd", "a/b?c", "x" * 101, "名"])
def test_foreign_text_leads_nowhere(desk: BaseDesk, token: str) -> None:
    """What is no token becomes no address and no file; the others come."""
    attach(desk)
    desk.people.add({"文件": Raw([{"file_token": token, "name": "a.png"}, {"name": "b"}])})
    desk.visit()
    assert len(extras(desk)) == 1


def test_files_of_a_table_that_failed_wait(desk: BaseDesk) -> None:
    """Its rows are refused: nobody knows yet which files it shows."""
    attach(desk)
    desk.base.add_table("other", [Field("文件", 17)], table_id="tblOther")
    desk.visit()
    advanced(desk, manager=False)
    attach(desk)
    look = desk.visit(full=True)
    assert "tblPeople" in look.failed
    assert extras(desk) == []
