"""A table beside the tables that it links to."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from larknb.errors import ConfigError, NotSynced, WrongKind
from larknb.sandbox import Base, Field, Sandbox
from larknb.workspace import Workspace
from tests.conftest import Clock, sign_in, text, write_settings


def link(name: str, table_id: str, *, multiple: bool) -> Field:
    return Field(name, 18, field_id=f"fldTo{table_id}", property={"table_id": table_id, "multiple": multiple})


PEOPLE = [
    Field("姓名", 1, field_id="fldName", is_primary=True),
    link("部门", "tblUnit", multiple=True),
    link("驻.地", "tblSite", multiple=False),
]
UNITS = [
    Field("名称", 1, field_id="fldTitle", is_primary=True),
    link("主管", "tblPeople", multiple=False),
    Field("在用", 7, field_id="fldUsed"),
]


def build(box: Sandbox) -> Base:
    """Make people who belong to units, which have chiefs; a site that nobody reads; a dot in a name."""
    base = box.tenant.add_base("org", app_token="AppOrg00000000000000000001", time_zone="Asia/Shanghai")
    people = base.add_table("人员", PEOPLE, table_id="tblPeople")
    units = base.add_table("部门", UNITS, table_id="tblUnit")
    site = base.add_table("驻地", [Field("城市", 1, field_id="fldCity", is_primary=True)], table_id="tblSite")
    site.add({"城市": text("苏州")}, "recSuzhou")
    units.add({"名称": text("测试"), "主管": ["recLi"], "在用": True}, "recTest")
    units.add({"名称": text("平台"), "主管": ["recWang"], "在用": False}, "recPlat")
    people.add({"姓名": text("王敏"), "部门": ["recTest", "recPlat"], "驻.地": ["recSuzhou"]}, "recWang")
    people.add({"姓名": text("李四"), "部门": ["recTest"]}, "recLi")
    people.add({"姓名": text("吴悟")}, "recWu")
    return base


@pytest.fixture
def workspace(tmp_path: Path, box: Sandbox, clock: Clock) -> Workspace:
    build(box)
    return synced(tmp_path, box, clock)


def synced(folder: Path, box: Sandbox, clock: Clock, more: str = "") -> Workspace:
    write_settings(folder, box, f"{box.url}/base/AppOrg00000000000000000001")
    if more:
        settings = folder / "larknb.toml"
        settings.write_text(settings.read_text(encoding="utf-8") + more, encoding="utf-8")
    workspace = Workspace(folder, clock=clock, sleep=clock.sleep)
    sign_in(workspace, box)
    workspace.sync(progress=False).raise_for_failures()
    return workspace


def test_a_row_stands_beside_each_row_that_it_links_to(workspace: Workspace, box: Sandbox) -> None:
    """Offline, one row per pair; rows without links stay, and the linked columns say through which link they came."""
    box.stop()
    frame = workspace.join("s1/人员", "部门")
    assert list(frame.index) == ["recWang", "recWang", "recLi", "recWu"]
    assert frame["部门.名称"].fillna("-").tolist() == ["测试", "平台", "测试", "-"]
    assert frame["部门._record_id"].fillna("-").tolist() == ["recTest", "recPlat", "recTest", "-"]
    assert frame["部门.在用"].dtype == "boolean"
    assert frame.attrs["larknb"]["table"] == "人员"


def test_a_second_link_is_followed(workspace: Workspace) -> None:
    """People beside the chiefs of their units, each pair once."""
    frame = workspace.join("s1/人员", "部门.主管", columns=["姓名"], how="inner")
    assert list(zip(frame["姓名"], frame["部门.主管.姓名"], strict=True)) == [
        ("王敏", "李四"), ("王敏", "王敏"), ("李四", "李四"),
    ]  # fmt: skip


def test_a_name_with_a_dot_is_a_name(workspace: Workspace) -> None:
    """The longest column name counts before a path does."""
    assert workspace.join("s1/人员", "驻.地", how="inner")["驻.地.城市"].tolist() == ["苏州"]


def test_some_rows_of_a_frame_are_joined(workspace: Workspace) -> None:
    """A frame that was filtered, sorted or joined already knows which table it came from."""
    some = workspace.load("s1/人员", where={"姓名": "李四"})
    assert workspace.join(some, "部门")["部门.名称"].tolist() == ["测试"]
    both = workspace.join(workspace.join(some, "部门"), "驻.地")
    assert both.shape[0] == 1 and both["驻.地.城市"].isna().all()


def test_a_frame_from_elsewhere_cannot_be_joined(workspace: Workspace) -> None:
    """It is said what is needed instead."""
    with pytest.raises(ConfigError, match=r"lk\.load"):
        workspace.join(pd.DataFrame({"部门": ["测试"]}), "部门")


def test_what_is_no_link_is_refused(workspace: Workspace) -> None:
    """The message names the links that there are, also at the second step."""
    with pytest.raises(WrongKind, match=r"部门, 驻\.地"):
        workspace.join("s1/人员", "姓名")
    with pytest.raises(WrongKind, match="主管"):
        workspace.join("s1/人员", "部门.城市")


def test_a_table_that_is_not_cached_is_named(tmp_path: Path, box: Sandbox, clock: Clock) -> None:
    """Ids never pass for texts: where the linked table was not synced, the way to have it is told."""
    build(box)
    workspace = synced(tmp_path, box, clock, 'tables = ["人员", "部门"]\n')
    with pytest.raises(NotSynced, match=r"驻\.地.*tables"):
        workspace.join("s1/人员", "驻.地")
    assert workspace.join("s1/人员", "部门", how="inner")["部门.名称"].tolist() == ["测试", "平台", "测试"]
