"""Who a document mentions: by the login, by the cells of bases, by the contact book, or by nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from larknb.sandbox import Fault, Field, Sandbox
from larknb.sandbox.blocks import at, bitable, text
from larknb.workspace import Workspace
from tests.conftest import Clock, sign_in, write_settings
from tests.conftest import text as cell

DAY = 86400.0
BASIC = "contact:user.basic_profile:readonly"


class Office:
    """A workspace with a document that mentions three people, and a base that one of them is in."""

    def __init__(self, root: Path, box: Sandbox, clock: Clock) -> None:
        self.box, self.clock, self.root = box, clock, root
        self.me, self.seen, self.other = box.tenant.users[0], box.tenant.add_user("张三"), box.tenant.add_user("李四")
        self.document = box.tenant.add_document("指引", [text("找 ", at(self.me), at(self.seen), at(self.other))])
        self.base = box.tenant.add_base("人员")
        table = self.base.add_table("表", [Field("名称", 1, is_primary=True), Field("负责人", 11)])
        table.add({"名称": cell("甲"), "负责人": [self.seen.person()]})
        urls = [f"{box.url}/docx/{self.document.document_id}", f"{box.url}/base/{self.base.app_token}"]
        write_settings(root, box, *urls)
        self.workspace = Workspace(root, clock=clock, sleep=clock.sleep)

    def sync(self, **options: Any) -> str:
        """Sync, and return the line of the document."""
        self.box.journal.clear()
        self.workspace.sync(progress=False, **options).raise_for_failures()
        return self.workspace.document("s1").markdown.splitlines()[2]

    def asked(self) -> int:
        return self.box.journal.endpoints().count("people_basic")


@pytest.fixture
def office(tmp_path: Path, box: Sandbox, clock: Clock) -> Office:
    office = Office(tmp_path / "ws", box, clock)
    sign_in(office.workspace, box)
    clock.advance(60)
    return office


def test_people_go_by_their_names(office: Office) -> None:
    """Of the login, of a cell of a base that stands later in the settings, and of the contact book."""
    assert office.sync() == "找 @王敏@张三@李四"
    assert office.asked() == 1
    names = {each["user_id"]: each["name"] for each in office.workspace.document("s1").to_dict()["mentions"]}
    assert names == {user.open_id: user.name for user in (office.me, office.seen, office.other)}
    assert [hit.kind for hit in office.workspace.search("李四")] == ["document"]


def test_without_the_scope_nobody_is_asked(tmp_path: Path, box: Sandbox, clock: Clock) -> None:
    """Whoever no cell names is unnamed; the id stays in the JSON."""
    box.scopes.discard(BASIC)
    office = Office(tmp_path / "ws", box, clock)
    sign_in(office.workspace, box)
    assert office.sync() == "找 @王敏@张三@unnamed"
    assert office.asked() == 0
    document = office.workspace.document("s1")
    assert "ou_" not in document.markdown + repr(document) + document._repr_html_()
    assert document.to_dict()["mentions"][2] == {"user_id": office.other.open_id, "name": None}


def test_nobody_is_asked_for_twice_a_day(office: Office) -> None:
    """Also whom the contact book did not know; the next day they are."""
    office.box.faults.add(Fault.reply(200, {"code": 0, "data": {"users": []}}), endpoint="people_basic")
    assert office.sync() == "找 @王敏@张三@unnamed"
    assert office.sync(force=True) == "找 @王敏@张三@unnamed"
    assert office.asked() == 0
    office.clock.advance(DAY + 60)
    assert office.sync(force=True) == "找 @王敏@张三@李四"


def test_a_cell_that_comes_later_names_somebody(tmp_path: Path, box: Sandbox, clock: Clock) -> None:
    """Cells cost no request: they are looked at whenever the document is read."""
    box.scopes.discard(BASIC)
    office = Office(tmp_path / "ws", box, clock)
    sign_in(office.workspace, box)
    clock.advance(60)
    assert office.sync().endswith("@unnamed")
    office.base.table("表").add({"名称": cell("乙"), "负责人": [office.other.person()]})
    clock.advance(7200)
    assert office.sync(force=True) == "找 @王敏@张三@李四"


def test_cells_that_came_with_a_document_count_for_the_next(tmp_path: Path, box: Sandbox, clock: Clock) -> None:
    """Of three documents the second holds a table in which somebody is named."""
    box.scopes.discard(BASIC)
    office = Office(tmp_path / "ws", box, clock)
    table = box.tenant.add_base("嵌入").add_table("表", [Field("名称", 1, is_primary=True), Field("负责人", 11)])
    table.add({"名称": cell("乙"), "负责人": [office.other.person()]})
    second = box.tenant.add_document("第二", [text("表："), bitable(box.tenant.bases[-1], table)])
    third = box.tenant.add_document("第三", [text("问 ", at(office.other))])
    urls = [f"{box.url}/docx/{each.document_id}" for each in (office.document, second, third)]
    sign_in(write_settings(office.root, box, *urls), box)
    clock.advance(60)
    assert office.sync() == "找 @王敏@unnamed@unnamed"
    assert office.workspace.document("s3").markdown.endswith("问 @李四\n")


@pytest.mark.parametrize("code", [40001, 99991679, 1069704])
def test_what_goes_wrong_there_never_touches_a_document(office: Office, code: int) -> None:
    """The sync succeeds, and whoever could not be named is unnamed."""
    office.box.faults.add(Fault.reply(None, code), endpoint="people_basic", times=9)
    assert office.sync() == "找 @王敏@张三@unnamed"


def test_a_damaged_file_of_names_is_no_failure(office: Office) -> None:
    """Everybody is looked for anew."""
    office.sync()
    (office.root / "work" / "people.json").write_text("{")
    assert office.sync(force=True) == "找 @王敏@张三@李四"
