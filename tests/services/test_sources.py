"""The list of sources, and what a URL means."""

from __future__ import annotations

from pathlib import Path

import pytest

from larknb.errors import ConfigError, LarkError, NotFound, WrongKind
from larknb.sandbox import Fault, Field, Sandbox
from tests.conftest import Lab, sign_in, text, write_settings


def test_add_looks_up_and_keeps_comments(synced: Lab) -> None:
    """Title and tables are looked up; what somebody wrote into the file stays."""
    base = synced.box.tenant.add_base("功能安全业务数据", app_token="AppMore000000000000000001")
    base.add_table("缺陷", [Field("n", 1, is_primary=True)])
    file = synced.workspace.root / "larknb.toml"
    file.write_text("# mine\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    source = synced.workspace.add(f"{synced.box.url}/base/AppMore000000000000000001#")
    assert (source.name, source.kind) == ("功能安全业务数据", "bitable")
    assert [*source.about["tables"].values()] == ["缺陷"]
    assert file.read_text(encoding="utf-8").startswith("# mine\n")
    assert [each.name for each in synced.workspace.sources()] == ["s1", "功能安全业务数据"]
    again = synced.workspace.add(f"{synced.box.url}/base/AppMore000000000000000001")
    assert again.name == "功能安全业务数据"  # a notebook can be run twice
    assert len(synced.workspace.sources()) == 2
    with pytest.raises(ConfigError, match="already"):
        synced.workspace.add(f"{synced.box.url}/base/AppMore000000000000000001", tables=["缺陷"])


def test_two_bases_of_one_title(synced: Lab) -> None:
    """The second one is numbered."""
    for number in (1, 2):
        token = f"AppSame00000000000000000{number}"
        synced.box.tenant.add_base("同名", app_token=token).add_table("t", [Field("n", 1, is_primary=True)])
        synced.workspace.add(f"{synced.box.url}/base/{token}")
    assert [source.name for source in synced.workspace.sources()] == ["s1", "同名", "同名 2"]


def test_add_refuses_what_cannot_be_read(synced: Lab) -> None:
    """A base that is not there is not written down."""
    with pytest.raises(NotFound):
        synced.workspace.add(f"{synced.box.url}/base/AppNope000000000000000001")
    assert len(synced.workspace.sources()) == 1


def test_add_without_a_login_comes_unseen(tmp_path: Path, box: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    """The first thing a newcomer does may be to add a source; its title comes with the first sync."""
    workspace = write_settings(tmp_path, box)
    base = box.tenant.add_base("staff", app_token="AppStaff000000000000000001")
    base.add_table("t", [Field("n", 1, is_primary=True)]).add({"n": text("a")})
    workspace.add(f"{box.url}/base/AppStaff000000000000000001")
    sign_in(workspace, box)
    workspace.sync(progress=False).raise_for_failures()
    assert workspace.sources()[0].name == "staff"
    assert len(workspace.load("staff")) == 1
    workspace.remove("staff")
    assert not workspace.sources()
    assert len(workspace.load("staff")) == 1  # the cache stays


def test_a_renamed_source_moves_its_folder(synced: Lab) -> None:
    """A source is its token: under the new name the old data is there, and nothing is read again."""
    file = synced.workspace.root / "larknb.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('"s1"', '"人力/盘点"'), encoding="utf-8")
    assert len(synced.workspace.load("人力/盘点/people")) == 30
    synced.later()
    synced.workspace.sync(progress=False).raise_for_failures()
    assert synced.requests() == ["metas", "tables"]
    assert not (synced.workspace.root / "work" / "bitable_cache" / "s1").exists()
    assert len(synced.workspace.load("人力/盘点/people")) == 30


def test_an_address_in_a_configured_base_reads_nothing_twice(synced: Lab) -> None:
    """One table of a base that is synced anyway comes from there."""
    frame = synced.workspace.read(f"{synced.box.url}/base/{synced.base.app_token}?table=tblPeople")
    assert frame.attrs["larknb"]["source"] == "s1"
    assert len(frame) == 30


BASE_PATH = "/base/AppMore000000000000000001"


def add_tables(lab: Lab) -> str:
    """Return the address of a base with two tables."""
    base = lab.box.tenant.add_base("台账", app_token="AppMore000000000000000001")
    for name in ("缺陷", "评审"):
        base.add_table(name, [Field("n", 1, is_primary=True)], table_id=f"tbl{len(base.tables)}")
    return f"{lab.box.url}{BASE_PATH}"


def test_a_table_that_does_not_exist_is_refused(synced: Lab) -> None:
    """The error lists the tables there are, and nothing is written."""
    with pytest.raises(NotFound, match="缺陷, 评审"):
        synced.workspace.add(add_tables(synced) + "?table=tblGone")
    assert len(synced.workspace.sources()) == 1


def test_a_worksheet_that_does_not_exist_is_refused(synced: Lab) -> None:
    """The same for the worksheet that an address names."""
    book = synced.box.tenant.add_spreadsheet("排期", "ShtPlan0000000000000000001")
    book.add_sheet("一月", [["a"], [1]])
    with pytest.raises(NotFound, match="一月"):
        synced.workspace.add(f"{synced.box.url}/sheets/{book.token}?sheet=zzzzzz")


@pytest.mark.parametrize("around", ["【台账】{}", "[台账]({})", "{}%20", "台账 {}&from=copy 请看"])
def test_a_pasted_address_is_written_plainly(synced: Lab, around: str) -> None:
    """What stood around the address is not in the file, and the table that it names is the part."""
    source = synced.workspace.add(around.format(add_tables(synced) + "?table=tbl0"))
    assert (source.part, source.url) == ("tbl0", f"{synced.box.url}{BASE_PATH}?table=tbl0")
    assert source.url in (synced.workspace.root / "larknb.toml").read_text(encoding="utf-8")


def test_the_view_of_an_address_is_told(synced: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    """It limits nothing, and whoever wants that is told how."""
    url = add_tables(synced) + "?table=tbl0&view="
    view = synced.box.tenant.base("台账").table("tbl0").add_view("未关闭")
    synced.workspace.add(url + view)
    assert f'view = "{view}"' in capsys.readouterr().err
    synced.workspace.remove("台账")
    synced.workspace.add(url + view, view=view)
    assert view not in capsys.readouterr().err


def test_a_shared_record_becomes_its_table(synced: Lab) -> None:
    """The platform says which table the record stands in, for adding and for reading."""
    token = synced.box.tenant.share_record(synced.base, "tblPeople", "rec1")
    frame = synced.workspace.read(f"【一行】{synced.box.url}/record/{token}")
    assert (frame.attrs["larknb"]["source"], len(frame)) == ("s1", 30)
    source = synced.workspace.add(f"{synced.box.url}/record/{token}", name="one table")
    assert source.key == f"{synced.base.app_token}/tblPeople"


def test_a_record_that_is_shared_no_more(synced: Lab) -> None:
    """The error names the link."""
    with pytest.raises(NotFound, match="/record/RecGone"):
        synced.workspace.add(f"{synced.box.url}/record/RecGone")


SHARE_REFUSED = {
    "gone": Fault.reply(200, 91402), "gone, 404": Fault.reply(404, 91402), "no record": Fault.reply(200, 1254043),
    "no such path": Fault.html(404), "forbidden": Fault.reply(200, 91403), "forbidden, 403": Fault.reply(403, 91403),
    "advanced permissions": Fault.reply(400, 1254302), "forbidden page": Fault.html(403),
    "scope of the login": Fault.reply(400, 99991679), "scope of the app": Fault.reply(400, 99991672),
    "a code of no table": Fault.reply(200, 800004001), "the same, 400": Fault.reply(400, 800004001),
    "no table": Fault.reply(200, {"code": 0, "data": {"base_token": "AppStaff000000000000000001"}}),
    "no data": Fault.reply(200, {"code": 0, "msg": "success"}), "no base": Fault.reply(200, {"code": 0, "data": {}}),
}  # fmt: skip


@pytest.mark.parametrize("fault", SHARE_REFUSED.values(), ids=SHARE_REFUSED.keys())
def test_a_shared_record_that_is_refused_has_a_way_round(synced: Lab, fault: Fault) -> None:
    """Nobody documents the codes of this call: whatever comes, the error names the link and what a person can do."""
    token = synced.box.tenant.share_record(synced.base, "tblPeople", "rec1")
    synced.box.faults.add(fault, endpoint="record_share", times=None)
    before = (synced.workspace.root / "larknb.toml").read_bytes()
    with pytest.raises(LarkError, match=rf"/record/{token}.*Next: .*open the link in a browser"):
        synced.workspace.add(f"{synced.box.url}/record/{token}")
    assert (synced.workspace.root / "larknb.toml").read_bytes() == before


@pytest.mark.parametrize(("obj_type", "word"), [("doc", "old kind"), ("mindnote", "no API"), ("slides", "slides")])
def test_a_wiki_page_that_cannot_be_read_says_what_it_is(synced: Lab, obj_type: str, word: str) -> None:
    """The error names the page by its address, and no path of an API as its source."""
    node = {"node_token": "wikOld01", "obj_token": "x", "obj_type": obj_type, "title": "t"}
    fault = Fault.reply(200, {"code": 0, "msg": "success", "data": {"node": node}})
    synced.box.faults.add(fault, endpoint="get_node")
    with pytest.raises(WrongKind, match=word) as caught:
        synced.workspace.add(f"{synced.box.url}/wiki/wikOld01")
    assert caught.value.source == f"{synced.box.url}/wiki/wikOld01"
    assert caught.value.next


def test_a_folder_url_holds_no_table(lab: Lab) -> None:
    """What cannot be read yet is refused by name."""
    with pytest.raises(WrongKind, match="folder"):
        lab.workspace.read("https://example.feishu.cn/drive/folder/fldcnAAAAAAAAAAAAAAAAAAAAAA")
