"""What a spreadsheet is made of, and spreadsheets that are not there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from larknb.sandbox import Fault, Sandbox, Sheet, Spreadsheet

from ...conftest import TOKEN, Api, outcome
from ...reading import NEW, OLD


def test_the_layout_in_its_old_and_its_new_form(recorded: Callable[[str], Any], api: Api, box: Sandbox) -> None:
    """A recorded workbook comes back equal from metainfo, from the list of sheets and sheet by sheet."""
    old, new = recorded("sheets/metainfo_workbook.json"), recorded("sheets/sheets_query_workbook.json")
    owner = box.tenant.add_user("陈", old["data"]["properties"]["ownerUserID"])
    book = box.tenant.add_spreadsheet("示例工作簿", old["data"]["spreadsheetToken"], owner=owner)
    book.load(old, new)
    path = f"/sheets/v3/spreadsheets/{book.token}"
    answer = api.get(f"/sheets/v2/spreadsheets/{book.token}/metainfo", user_id_type="open_id")
    assert answer.json() == old
    assert api.get(f"{path}/sheets/query").json() == new
    for item in new["data"]["sheets"]:
        assert api.get(f"{path}/sheets/{item['sheet_id']}").json() == {"code": 0, "msg": "", "data": {"sheet": item}}


def test_info_has_title_and_owner_and_no_times(recorded: Callable[[str], Any], api: Api, book: Spreadsheet) -> None:
    """The v3 info has exactly the documented keys."""
    facts = api.data(NEW)["spreadsheet"]
    assert set(facts) == set(recorded("sheets/spreadsheet_get.json")["data"]["spreadsheet"])
    assert (facts["title"], facts["token"], facts["owner_id"]) == ("台账", TOKEN, book.owner.open_id)


def test_metainfo_names_the_owner_by_the_kind_of_id_asked_for(api: Api, sheet: Sheet, book: Spreadsheet) -> None:
    """Without a kind it is a number that is nobody's open id."""
    assert api.data(f"{OLD}/metainfo")["properties"]["ownerUser"] == int(book.owner.lark_id)
    facts = api.data(f"{OLD}/metainfo", user_id_type="union_id", extFields="protectedRange")
    assert facts["properties"]["ownerUserID"] == book.owner.union_id
    assert facts["sheets"][0]["protectedRange"] == []
    assert outcome(api.get(f"{OLD}/metainfo", user_id_type="user_id")) == (200, 90229)


def test_ids_and_titles(api: Api, sheet: Sheet, book: Spreadsheet) -> None:
    """A missing id, an unknown one and a title have their own codes."""
    assert outcome(api.get(f"{OLD}/values/!A1:B2")) == (200, 90206)
    assert outcome(api.get(f"{OLD}/values/zzzzzz!A1:B2")) == (200, 90215)
    assert outcome(api.get(f"{OLD}/values/明细!A1:B2")) == (200, 90211)
    assert outcome(api.get(f"{NEW}/sheets/zzzzzz")) == (400, 1310215)
    assert outcome(api.get(f"{OLD}/values_batch_get")) == (200, 90206)


def test_documents_that_are_not_there(api: Api, sheet: Sheet, box: Sandbox, book: Spreadsheet) -> None:
    """Unknown, of another kind, a wiki node, forbidden, deleted: each has its code, old and new."""
    node, base = box.tenant.add_wiki_node(book), box.tenant.add_base("多维表格")
    paths = ["/sheets/v2/spreadsheets/{}/metainfo", "/sheets/v3/spreadsheets/{}"]

    def told(token: str) -> list[tuple[int, int]]:
        return [outcome(api.get(path.format(token))) for path in paths]

    assert told("NoSuchSheet") == told(base.token) == [(200, 90214), (400, 1310214)]
    assert told(node) == [(404, 91402)] * 2
    book.readers = set()
    assert told(TOKEN) == [(200, 90213), (400, 1310213)]
    book.readers = None
    box.tenant.remove(book)
    assert told(TOKEN) == [(400, 1310249)] * 2


def test_old_paths_may_answer_with_new_codes(api: Api, sheet: Sheet, box: Sandbox) -> None:
    """Only the last three digits can be relied on."""
    box.new_sheet_codes = True
    assert outcome(api.get(f"{OLD}/values/zzzzzz!A1:B2")) == (400, 1310215)
    assert outcome(api.get("/sheets/v2/spreadsheets/NoSuchSheet/metainfo")) == (400, 1310214)


def test_busy_documents(api: Api, sheet: Sheet, box: Sandbox) -> None:
    """90235 some times, then the answer."""
    box.faults.add(Fault.reply(None, 90235), endpoint="metainfo", times=2)
    assert [api.get(f"{OLD}/metainfo").json()["code"] for _ in range(3)] == [90235, 90235, 0]


def test_scopes(box: Sandbox, sheet: Sheet, connect: Callable[[str | None], Api]) -> None:
    """Any of the four suffices, a Bitable's does not."""
    for scope, code in (("sheets:spreadsheet:readonly", 0), ("drive:drive:readonly", 0), ("bitable:app", 99991679)):
        user = box.tenant.add_user(scope)
        api = connect(box.sign_in(user, [scope])["access_token"])
        assert {api.get(path).json()["code"] for path in (f"{OLD}/metainfo", NEW, f"{OLD}/values/a1B2c3")} == {code}


def test_documented_rates(api: Api, sheet: Sheet, box: Sandbox) -> None:
    """The layout in v3 may be asked for a hundred times a minute, in v2 a hundred times a second."""
    box.rate_limits_on()
    codes = [api.get(NEW).status_code for _ in range(101)]
    assert codes == [200] * 100 + [429]
    assert [api.get(f"{OLD}/metainfo").status_code for _ in range(101)] == [200] * 100 + [429]
