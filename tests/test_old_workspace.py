"""A workspace that version 0.1.0 wrote opens, loads, syncs and searches; ``data/workspace-0.1`` is one."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from larknb.sandbox import Base, Docx, Field, Raw, Sandbox, Spreadsheet, Table, blocks
from larknb.workspace import Workspace
from tests.conftest import Clock, Lab, text

HOUR = 3600.0
OLD = Path(__file__).parent / "data" / "workspace-0.1"
# What stands in the fixture for what every run has its own of: the stand-in's address, the folder, the secrets.
HOST, ROOT = "http://127.0.0.1:8899", "/home/ana/ws"
SECRET, ACCESS, REFRESH = "secret-of-the-stand-in", "access-of-the-stand-in", "refresh-of-the-stand-in"

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
BEIJING = dt.timezone(dt.timedelta(hours=8))


# --- what the stand-in held -----------------------------------------------------------------------------------------

TEAMS = [
    Field("名称", 1, field_id="fldTitle", is_primary=True),
    Field("人数", 20, field_id="fldSize"),
]
PEOPLE = [
    Field("姓名", 1, field_id="fldName", is_primary=True),
    Field("年龄", 2, field_id="fldAge", property={"formatter": "0"}),
    Field("状态", 3, field_id="fldState", property={"options": ["在岗", "休假"]}),
    Field("技能", 4, field_id="fldSkills", property={"options": ["焊接", "标定"]}),
    Field("入职", 5, field_id="fldJoined", property={"date_formatter": "yyyy/MM/dd"}),
    Field("上次登录", 5, field_id="fldSeen", property={"date_formatter": "yyyy-MM-dd HH:mm"}),
    Field("上级", 11, field_id="fldBoss", property={"multiple": True}),
    Field("部门", 18, field_id="fldTeam", property={"multiple": False, "table_id": "tblTeams"}),
    Field("主页", 15, field_id="fldPage"),
    Field("在编", 7, field_id="fldStaff"),
    Field("附件", 17, field_id="fldFiles"),
    Field("工号", 1005, field_id="fldNumber", property={"auto_serial": {"type": "auto_increment_number"}}),
]
TASKS = [
    Field("事项", 1, field_id="fldTask", is_primary=True),
    Field("负责人", 18, field_id="fldOwners", property={"multiple": True, "table_id": "tblPeople"}),
]
LEDGER: list[list[Any]] = [
    ["类别", "编号", "日期", "规格", None, "数量", "链接"],
    [None, None, None, "长", "宽", None, None],
    ["电机", "001", dt.date(2026, 1, 5), 1.5, 2, 3, {"type": "url", "text": "飞书", "link": "https://feishu.cn"}],
    [None, "002", dt.date(2026, 1, 6), 2.5, 4, None, "无"],
]
MERGES = [*((1, column, 2, 1) for column in (1, 2, 3, 6, 7)), (1, 4, 1, 2), (3, 1, 2, 1)]


def count(number: int) -> dict[str, Any]:
    """Return what a formula that counts answers."""
    return {"type": 2, "value": [number]}


@dataclass
class Company:
    """A base, a spreadsheet and a guide in the wiki, in the states that 0.1.0 met at its three syncs."""

    base: Base
    book: Spreadsheet
    guide: Docx
    node: str

    @classmethod
    def found(cls, box: Sandbox) -> Company:
        """Make everything as it was at the first sync."""
        guide = _guide(box)
        node = box.tenant.add_wiki_node(guide, node_token="WikGuide0000000000000000001")
        return cls(_base(box), _book(box), guide, node)

    @property
    def teams(self) -> Table:
        return self.base.table("tblTeams")

    def before_the_second_sync(self) -> None:
        """A person grows older, a team grows, a table is deleted; a cell of the spreadsheet changes."""
        self.base.table("tblPeople").edit("recZhang", {"年龄": 35})
        self.teams.set_quietly("recPower", {"人数": count(3)})
        self.base.remove_table(self.base.table("tblOld"))
        self.book.sheet("台账").set(3, 6, 7)

    def before_the_third_sync(self) -> None:
        """A team is renamed, a line of the guide is written anew."""
        self.teams.edit("recPower", {"名称": text("动力部")})
        self.guide.edit("blkPhenomenon", "报出 P0A1F-01，电机过热。")


def _base(box: Sandbox) -> Base:
    base = box.tenant.add_base("人力盘点", app_token="AppStaff000000000000000001")
    teams = base.add_table("部门", TEAMS, table_id="tblTeams")
    teams.add({"名称": text("动力"), "人数": count(2)}, "recPower")
    teams.add({"名称": text("车身"), "人数": count(1)}, "recBody")
    _add_people(box, base)
    tasks = base.add_table("待办", TASKS, table_id="tblTasks")
    tasks.add({"事项": text("更换密封圈"), "负责人": ["recZhang", "recLi"]}, "recSeal")
    tasks.add({"事项": text("复核扭矩")}, "recTorque")
    old = base.add_table("旧表", [Field("项", 1, field_id="fldItem", is_primary=True)], table_id="tblOld")
    old.add({"项": text("作废")}, "recVoid")
    return base


def _add_people(box: Sandbox, base: Base) -> None:
    people, boss = base.add_table("人员", PEOPLE, table_id="tblPeople"), box.tenant.users[0]
    photo = box.tenant.add_media(PNG, "照片.png", "image/png", "MedPhoto0000000000000000001", base=base)
    file = {"file_token": photo, "name": "照片.png", "type": "image/png", "size": len(PNG)}
    people.add(
        {
            "姓名": text("张三"), "年龄": 34, "状态": "在岗", "技能": ("标定", "焊接"), "入职": dt.date(2019, 3, 1),
            "上次登录": dt.datetime(2026, 1, 9, 17, 20, tzinfo=BEIJING), "上级": [boss], "部门": ["recPower"],
            "主页": {"text": "主页", "link": "https://example.com/zhang"}, "在编": True, "附件": [file],
        },
        "recZhang",
    )  # fmt: skip
    people.add(
        {"姓名": text("李四"), "年龄": Raw("三十"), "状态": "已调离", "技能": ["焊接"], "部门": ["recBody"]}, "recLi"
    )
    people.add({"姓名": text("吴敏"), "年龄": 28.5, "旧列": Raw({"说明": ["没有这一列"]})}, "recWu")


def _book(box: Sandbox) -> Spreadsheet:
    book = box.tenant.add_spreadsheet("在线台账", token="ShtBook0000000000000000001")
    book.add_sheet("台账", LEDGER, "sheet1", 20, 8, 2, merges=MERGES)
    book.add_sheet("说明", [["项", "值"], ["甲", "密封圈 P0A1F"]], "sheet2", 20, 8)
    return book


def _guide(box: Sandbox) -> Docx:
    picture = box.tenant.add_media(PNG, "接线图.png", "image/png", "MedWiring000000000000000001")
    inner = box.tenant.add_spreadsheet("内嵌", token="ShtInner000000000000000001", embedded=True)
    limits = inner.add_sheet("限值", [["部位", "上限"], ["定子", 150], ["转子", 180]], "limits", 20, 4)
    faults = box.tenant.add_base("内嵌", app_token="AppInner000000000000000001", embedded=True)
    table = faults.add_table("缺陷", [Field("缺陷", 1, field_id="fldFault", is_primary=True)], table_id="tblInner")
    table.add({"缺陷": text("冷却液不足")}, "recCoolant")
    written = [
        blocks.heading(1, "现象"),
        blocks.text("报出 P0A1F-00，电机过热。").named("blkPhenomenon"),
        blocks.heading(2, "步骤"),
        blocks.ordered("断开高压", blocks.bullet("等待 5 min")),
        blocks.code("ping 10.0.0.1", "bash"),
        blocks.table([["项", "值"], ["温度", "150"]]),
        blocks.image(picture, caption="接线图"),
        blocks.image("MedGone00000000000000000001"),  # one that nobody has any more
        blocks.sheet(limits),
        blocks.bitable(faults, table),
    ]
    return box.tenant.add_document("电机过热故障定位指引", written, document_id="DocGuide0000000000000000001")


# --- the workspace ----------------------------------------------------------------------------------------------------


def copy_workspace(root: Path, words: Mapping[str, str]) -> None:
    """Copy the fixture, and put into every text of it what this run has for some words."""
    for path in filter(Path.is_file, OLD.rglob("*")):
        is_packed = path.suffix == ".gz"
        data = gzip.decompress(path.read_bytes()) if is_packed else path.read_bytes()
        for then, now in ({} if path.suffix == ".parquet" else words).items():
            data = data.replace(then.encode(), now.encode())
        target = root / path.relative_to(OLD)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(gzip.compress(data) if is_packed else data)


@pytest.fixture
def old(tmp_path: Path, box: Sandbox, clock: Clock) -> Lab:
    """The workspace two hours after its last sync; the stand-in holds what it held then."""
    company = Company.found(box)
    clock.advance(2 * HOUR)
    company.before_the_second_sync()
    clock.advance(2 * HOUR)
    company.before_the_third_sync()
    answer, root = box.sign_in(), tmp_path / "ws"
    own = {HOST: box.url, ROOT: root.as_posix(), SECRET: box.app_secret}
    copy_workspace(root, own | {ACCESS: answer["access_token"], REFRESH: answer["refresh_token"]})
    return Lab(box, Workspace(root, clock=clock, sleep=clock.sleep), clock, company).later(2 * HOUR)


def plain(value: Any) -> Any:
    """Return a cell itself, or None where it is missing."""
    return None if not isinstance(value, tuple) and pd.isna(value) else value


def rows(frame: pd.DataFrame) -> dict[Any, dict[str, Any]]:
    """Return what a frame holds, our own columns left out."""
    told = frame[[name for name in frame if not str(name).startswith("_")]]
    return {key: {str(name): plain(value) for name, value in row.items()} for key, row in told.iterrows()}


def dtypes(frame: pd.DataFrame) -> dict[str, str]:
    """Return the dtypes by column; what pandas has for text is "text", whatever its version."""
    return {str(name): "text" if is_text(frame[name]) else str(frame[name].dtype) for name in frame}


def is_text(column: pd.Series[Any]) -> bool:
    return str(column.dtype) in ("str", "object") and all(isinstance(cell, str) for cell in column.dropna())


def kept(lab: Lab) -> dict[str, bytes]:
    """Return the files of snapshots, media and runs, by path: what a sync has no business to change."""
    work = lab.workspace.root / "work"
    files = {path.relative_to(work): path for path in work.rglob("*") if path.is_file()}
    folders, new = {"snapshots", "media", "runs"}, "snapshot.json.gz"  # the record that every snapshot has by now
    return {name.as_posix(): path.read_bytes() for name, path in files.items()
            if folders & {*name.parts} and name.name != new}  # fmt: skip


def actions(lab: Lab) -> dict[str, str]:
    """Sync, and return what was done, by table."""
    report = lab.workspace.sync(progress=False).raise_for_failures()
    return {f"{row.source}/{row.table}": row.action for row in report}


BASE = ["人力盘点/部门", "人力盘点/人员", "人力盘点/待办", "人力盘点/旧表"]
BOOK = ["在线台账/台账", "在线台账/说明"]
GUIDE = ["电机过热指引/电机过热故障定位指引", "电机过热指引/限值", "电机过热指引/缺陷"]
UNCHANGED = dict.fromkeys([*BASE, *BOOK, *GUIDE], "unchanged") | {"人力盘点/旧表": "kept"}  # it is gone from the base
SYSTEM = {
    "_created_time": "datetime64[ms]", "_last_modified_time": "datetime64[ms]",
    "_created_by": "text", "_last_modified_by": "text",
}  # fmt: skip

# --- it loads ---------------------------------------------------------------------------------------------------------


def test_a_table_with_many_types_loads(old: Lab) -> None:
    """Every cell and every type is what it was; its rows were read at the second sync, its links made at the third."""
    frame = old.workspace.load("人力盘点/人员")
    assert rows(frame) == {
        "recZhang": {
            "姓名": "张三", "年龄": 35, "状态": "在岗", "技能": ("标定", "焊接"), "入职": pd.Timestamp("2019-03-01"),
            "上次登录": pd.Timestamp("2026-01-09 17:20"), "上级": "王敏", "部门": "动力部",
            "主页": "主页", "主页.link": "https://example.com/zhang", "在编": True, "附件": "照片.png", "工号": "1",
        },
        "recLi": EMPTY | {"姓名": "李四", "状态": "已调离", "技能": ("焊接",), "部门": "车身", "工号": "2"},
        "recWu": EMPTY | {"姓名": "吴敏", "年龄": 28.5, "工号": "3"},
    }  # fmt: skip
    assert dtypes(frame) == SYSTEM | {
        "姓名": "text", "年龄": "float64", "状态": "category", "技能": "object", "入职": "datetime64[ms]",
        "上次登录": "datetime64[ms]", "上级": "text", "部门": "text", "主页": "text",
        "主页.link": "text", "在编": "bool", "附件": "text", "工号": "text",
    }  # fmt: skip
    assert [*frame["状态"].cat.categories] == ["在岗", "休假", "已调离"]
    assert frame["_last_modified_time"]["recZhang"] == pd.Timestamp("2026-01-10 09:06:40")
    assert {*frame["_last_modified_by"]} == {"王敏"}


EMPTY: dict[str, Any] = {field.name: None for field in PEOPLE} | {"主页.link": None, "在编": False}


def test_the_other_tables_of_the_base_load(old: Lab) -> None:
    """A computed column, links, and a table that is gone from the base."""
    tables = old.workspace.tables("人力盘点")
    assert [*tables] == ["部门", "人员", "待办", "旧表"]
    assert rows(tables["部门"]) == {"recPower": team("动力部", 3), "recBody": team("车身", 1)}
    assert dtypes(tables["部门"]) == SYSTEM | {"名称": "text", "人数": "float64"}
    assert rows(tables["待办"]) == {
        "recSeal": {"事项": "更换密封圈", "负责人": ("张三", "李四")},
        "recTorque": {"事项": "复核扭矩", "负责人": None},
    }
    assert dtypes(tables["待办"]) == SYSTEM | {"事项": "text", "负责人": "object"}
    assert rows(tables["旧表"]) == {"recVoid": {"项": "作废"}}


def team(name: str, size: int) -> dict[str, Any]:
    return {"名称": name, "人数": size}


def test_the_loss_free_form_loads(old: Lab) -> None:
    """What fits no column is there as it was received, and links are the ids of records."""
    raw = old.workspace.load("人力盘点/人员", raw=True)
    assert all(isinstance(dtype, pd.ArrowDtype) for dtype in raw.dtypes)
    assert json.loads(raw["_extra"]["recLi"]) == {"fldAge": "三十"}
    assert json.loads(raw["_extra"]["recWu"]) == {"旧列": {"说明": ["没有这一列"]}}
    assert plain(raw["fldTeam"]["recZhang"]) == ["recPower"]
    assert raw["fldFiles"]["recZhang"][0]["file_token"] == "MedPhoto0000000000000000001"
    assert plain(old.workspace.load("人力盘点/待办", links="id").loc["recSeal", "负责人"]) == ("recZhang", "recLi")


def test_a_column_tells_what_it_is(old: Lab) -> None:
    """Field id, type, options."""
    column = next(each for each in old.workspace.schema("人力盘点/人员") if each.name == "状态")
    assert (column.field_id, column.type, [*column.options]) == ("fldState", "SingleSelect", ["在岗", "休假"])
    assert column.empty == pytest.approx(1 / 3)


def test_the_worksheets_load(old: Lab) -> None:
    """A header of two rows with merged cells, dates, gaps; a merged cell fills the rows that it spans."""
    frame = old.workspace.load("在线台账/台账")
    first = {"类别": "电机", "编号": "001", "日期": pd.Timestamp("2026-01-05"), "规格 / 长": 1.5, "规格 / 宽": 2}
    second = {"类别": "电机", "编号": "002", "日期": pd.Timestamp("2026-01-06"), "规格 / 长": 2.5, "规格 / 宽": 4}
    assert rows(frame) == {3: first | {"数量": 7, "链接": "飞书"}, 4: second | {"数量": None, "链接": "无"}}
    assert dtypes(frame) == {
        "类别": "text", "编号": "text", "日期": "datetime64[ms]", "规格 / 长": "float64", "规格 / 宽": "int64",
        "数量": "Int64", "链接": "text",
    }  # fmt: skip
    assert old.workspace.cells("在线台账/台账")[["row", "col", "link"]].values.tolist() == [
        [3, "G", "https://feishu.cn"]
    ]
    assert rows(old.workspace.load("在线台账/说明")) == {2: {"项": "甲", "值": "密封圈 P0A1F"}}


def test_the_guide_reads(old: Lab) -> None:
    """Text, headings, code, a picture, a marker for the one that is gone, and the tables inside of it."""
    guide = old.workspace.document("电机过热指引")
    assert guide.title == "电机过热故障定位指引"
    for part in ("报出 P0A1F-01，电机过热。", "## 步骤", "1. 断开高压\n    - 等待 5 min", "```bash\nping 10.0.0.1\n```",
                 "| 温度 | 150 |", "![接线图](media/", "MedGone00000000000000000001", "| 冷却液不足 |"):  # fmt: skip
        assert part in guide.markdown
    assert [entry["text"] for entry in guide.outline] == ["现象", "步骤"]
    assert [path.read_bytes() for path in guide.images] == [PNG]
    assert [rows(table) for table in guide.tables] == [
        {0: {"项": "温度", "值": "150"}},
        {2: {"部位": "定子", "上限": 150}, 3: {"部位": "转子", "上限": 180}},
        {"recCoolant": {"缺陷": "冷却液不足"}},
    ]


@pytest.mark.parametrize(
    ("when", "age", "name", "size"),
    [
        (-1, 35, "动力部", 3),
        (-2, 35, "动力", 3),
        ("20260109T230740Z", 34, "动力", 2),
        (dt.datetime(2026, 1, 10, 2, 0, tzinfo=dt.UTC), 35, "动力", 3),
    ],
)
def test_an_earlier_state_of_the_base(old: Lab, when: Any, age: int, name: str, size: int) -> None:
    """Its values, those of a computed column too, and the texts that links had then."""
    people, teams = (old.workspace.load("人力盘点", table, as_of=when) for table in ("人员", "部门"))
    assert rows(people)["recZhang"]["年龄"] == age
    assert rows(people)["recZhang"]["部门"] == name
    assert rows(teams)["recPower"] == team(name, size)


def test_an_earlier_state_of_spreadsheet_and_guide(old: Lab) -> None:
    """The old number, and the old line of the text."""
    sheet = old.workspace.load("在线台账/台账", as_of=-2)
    assert [plain(cell) for cell in sheet["数量"]] == [3, None]
    assert [*sheet["类别"]] == ["电机", "电机"]
    guide = old.workspace.document("电机过热指引", as_of=-2)
    assert "P0A1F-00" in guide.markdown
    assert [path.read_bytes() for path in guide.images] == [PNG]


# --- what else it tells -----------------------------------------------------------------------------------------------


def test_the_sources_are_known(old: Lab) -> None:
    """Their names and kinds, that of the wiki page too, and the files for other programs."""
    told = [(source.name, source.kind) for source in old.workspace.sources()]
    assert told == [("人力盘点", "bitable"), ("在线台账", "spreadsheet"), ("电机过热指引", "document")]
    assert len(pd.read_parquet(old.workspace.paths("人力盘点")["人员"])) == 3
    assert "P0A1F-01" in Path(old.workspace.paths("电机过热指引")["guide.md"]).read_text(encoding="utf-8")


def test_search_finds_rows_cells_and_passages(old: Lab) -> None:
    """A word of the guide and of a worksheet; another one of a worksheet and of a row of the base."""
    for words, places in {
        "p0a1f": [("document", "电机过热指引", "现象"), ("spreadsheet", "在线台账", "甲")],
        "密封圈": [("bitable", "人力盘点", "更换密封圈"), ("spreadsheet", "在线台账", "甲")],
    }.items():
        hits = old.workspace.search(words)
        assert [(hit.kind, hit.source, hit.path) for hit in hits] == places
        assert all(hit.url.startswith(old.box.url) for hit in hits)


def test_the_status_shows_every_table(old: Lab) -> None:
    """Rows, age, no error, the calls of the month, and whose login it is."""
    status = old.workspace.status()
    assert [(f"{row.source}/{row.table}", row.rows) for row in status] == [
        *zip([*BASE, *BOOK, *GUIDE], [2, 3, 2, 1, 2, 1, None, 2, 1], strict=True)
    ]
    assert {(row.state, row.age, row.last_error) for row in status} == {("stale", 2 * HOUR - 60, "")}
    assert {row.source: row.calls_month for row in status} == {"人力盘点": 24, "在线台账": 7, "电机过热指引": 20}
    assert (status.calls, status.budget) == (56, 10000)
    assert status.login.startswith("王敏")
    assert {who.label for who in status.read_as.values()} == {"王敏 (ou_yrf3arxryiovgcwh4224i3utytyj8p9v)"}


def test_the_run_is_listed(old: Lab) -> None:
    """When it began, how it ended, what it brought, and where the executed notebook is."""
    (run,) = old.workspace.runs()
    assert dt.datetime.fromisoformat(run.started_at).timestamp() == 1_768_014_460
    assert (run.notebook, run.status, run.seconds) == ("夜班", "ok", 2.5)
    assert run.changed == "1 source changed, rows +0 ~1 -0; 1 document edited"
    assert "3 人" in (old.workspace.root / run.output).read_text(encoding="utf-8")


def test_the_login_is_known(old: Lab) -> None:
    """Whose it is, with which app and host, what was granted and when it ends."""
    user = old.workspace.whoami()
    assert (user.name, user.open_id) == ("王敏", old.box.tenant.users[0].open_id)
    assert (user.app_id, f"http://{user.host}") == (old.box.app_id, old.box.url)
    assert user.tenant_key == old.box.tenant.tenant_key
    assert {"base:record:retrieve", "offline_access"} <= {*user.scopes}
    ends = user.access_ends_at, user.refresh_ends_at, user.consent_ends_at
    assert ends == (1_768_021_660, 1_768_619_260, 1_768_000_060 + 365 * 86400)


# --- it goes on -------------------------------------------------------------------------------------------------------


def test_the_login_is_renewed(old: Lab) -> None:
    """The access token is about to end: the old refresh token is spent on a new pair, and the consent's end stays."""
    old.workspace.sync(progress=False).raise_for_failures()
    assert old.box.journal.endpoints()[0] == "token"
    user = old.workspace.whoami()
    assert (user.name, user.access_ends_at) == ("王敏", old.clock.now + 7200)
    assert user.consent_ends_at == 1_768_000_060 + 365 * 86400


# The friendly forms are made again, and the guide shows the times of its table without a zone: once, and unasked.
REMADE = UNCHANGED | dict.fromkeys(GUIDE[:1], "fetched")


def test_nothing_changed(old: Lab) -> None:
    """A look at everything and no read; what was received is the same to the byte, and the second time all is."""
    before = kept(old)
    assert actions(old) == REMADE
    assert old.requests() == ["metas", "tables", "tables"]  # the gate; the base, and the one inside the guide
    after = kept(old)
    made = [path for path in before if path.endswith(".parquet") and not path.endswith(".raw.parquet")]
    assert {path: after[path] for path in before if path not in made} == {
        path: content for path, content in before.items() if path not in made
    }
    assert actions(old.later(7200)) == UNCHANGED
    assert kept(old) == after


def test_what_was_touched_and_not_changed(old: Lab) -> None:
    """One question more for the spreadsheet and one for the guide: their revisions are those of then."""
    old.made.book.touch()
    old.made.guide.touch()
    assert actions(old) == REMADE
    assert sorted(old.requests()) == ["document", "metainfo", "metas", "tables", "tables"]


def test_one_edit(old: Lab) -> None:
    """The table that was edited is read and no other one; its links show it, search finds it."""
    old.made.teams.edit("recBody", {"名称": text("车身部")})
    assert actions(old) == REMADE | {"人力盘点/部门": "fetched"}
    assert sorted(old.requests()) == ["fields", "metas", "search", "tables", "tables", "tables"]
    assert rows(old.workspace.load("人力盘点/部门"))["recBody"] == team("车身部", 1)
    assert rows(old.workspace.load("人力盘点/人员"))["recLi"]["部门"] == "车身部"
    assert [hit.title for hit in old.workspace.search("车身部")] == ["部门", "人员"]


def test_what_was_learned_of_a_column_stays(old: Lab) -> None:
    """A choice that is no option and that no cell holds any more is a category all the same."""
    old.made.base.table("tblPeople").edit("recLi", {"状态": "休假"})
    assert actions(old)["人力盘点/人员"] == "fetched"
    states = old.workspace.load("人力盘点/人员")["状态"]
    assert (states["recLi"], [*states.cat.categories]) == ("休假", ["在岗", "休假", "已调离"])


def test_the_states_before_an_edit_stay(old: Lab) -> None:
    """By index and by the id of its snapshot; of the old files none goes but what is made again on demand."""
    before = kept(old)
    old.made.teams.edit("recBody", {"名称": text("车身部")})
    actions(old)
    for when in (-2, "20260110T030740Z"):
        assert rows(old.workspace.load("人力盘点/部门", as_of=when))["recBody"] == team("车身", 1)
        assert rows(old.workspace.load("人力盘点/人员", as_of=when))["recLi"]["部门"] == "车身"
    assert rows(old.workspace.load("人力盘点/人员", as_of=-4))["recZhang"]["年龄"] == 34
    after = kept(old)
    replaced = {f"bitable_cache/人力盘点/snapshots/20260110T030740Z/{name}.parquet" for name in ("部门", "人员")}
    assert before.keys() - after.keys() <= replaced
    assert all(after[path] == before[path] for path in before.keys() & after.keys())
    assert {path.rpartition("/")[0] for path in before} <= {path.rpartition("/")[0] for path in after}


def test_an_edit_of_the_spreadsheet(old: Lab) -> None:
    """It is read whole, and nothing else is; the old number stays beside the new one."""
    old.made.book.sheet("台账").set(4, 6, 9)
    assert actions(old) == REMADE | dict.fromkeys(BOOK, "fetched")
    assert sorted(old.requests()) == ["metainfo", "metas", "tables", "tables", "values_batch", "values_batch"]
    states = [old.workspace.load("在线台账/台账", as_of=when)["数量"] for when in (-3, -2, -1)]
    assert [[plain(cell) for cell in state] for state in states] == [[3, None], [7, None], [7, 9]]


def test_an_edit_of_the_guide(old: Lab) -> None:
    """The text is read, not the tables inside of it; of the pictures the one that was not to be had is asked for."""
    old.made.guide.edit("blkPhenomenon", "报出 P0A1F-02，电机过热。")
    assert actions(old) == UNCHANGED | dict.fromkeys(GUIDE[:1], "fetched")
    assert sorted(old.requests()) == ["blocks", "document", "document", "media", "metas", "tables", "tables"]
    states = [old.workspace.document("电机过热指引", as_of=when).markdown for when in (-3, -2, -1)]
    assert all(f"P0A1F-0{number}" in state for number, state in enumerate(states))


def test_reading_everything_again_finds_nothing_new(old: Lab) -> None:
    """What is read now says the same as what was read then: no row counts as changed."""
    report = old.workspace.sync(progress=False, force=True).raise_for_failures()
    assert {row.action for row in report} == {"fetched", "kept"}
    assert {(row.added, row.changed, row.removed) for row in report} == {(0, 0, 0)}
