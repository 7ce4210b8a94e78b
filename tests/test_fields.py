"""Every field type, in every state a cell can be in, through stand-in, sync, Parquet and ``load``."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from larknb.sandbox import Raw, Sandbox
from larknb.workspace import Workspace
from tests.conftest import Clock, sign_in, write_settings

PERSON = {"id": "ou_1", "name": "张三", "en_name": "Zhang San", "email": "", "avatar_url": "https://example.com/1"}
OTHER = {
    "id": "ou_2",
    "name": "李四",
    "en_name": "Li Si",
    "email": "l@example.com",
    "avatar_url": "https://example.com/2",
}
FILE = {
    "file_token": "box1", "name": "a.png", "type": "image/png", "size": 5,
    "url": "https://example.com/a", "tmp_url": "https://example.com/t",
}  # fmt: skip
GROUP = {"id": "oc_1", "name": "武侠聊天组", "avatar_url": "https://example.com/g"}
PLACE = {
    "location": "116.397755,39.903179", "pname": "北京市", "cityname": "北京市", "adname": "东城区",
    "address": "东长安街", "name": "天安门广场", "full_address": "天安门广场，北京市东城区东长安街",
}  # fmt: skip
OPTIONS = {"options": [{"id": "opt1", "name": "甲", "color": 0}, {"id": "opt2", "name": "乙, 丙", "color": 1}]}
DAY = 1_690_992_000_000  # 2023-08-03 00:00 +08:00
MOMENT = 1_674_206_443_000  # 2023-01-20 17:20:43 +08:00
ODD: Any = {"surprise": [1, {"x": None}]}


def text(*parts: str) -> list[dict[str, str]]:
    return [{"type": "text", "text": part} for part in parts]


LINK = (
    {"multiple": True, "table_id": "tblElsewhere"},
    {"link_record_ids": ["rec1"]},
    {"link_record_ids": ["rec1", "rec2"]},
    "object",
    ("rec1",),
    ("rec1", "rec2"),
)
# name: (type, ui_type, property, one, many, dtype, what `one` and `many` are in the frame)
TYPES: dict[str, tuple[int, str, Any, Any, Any, str, Any, Any]] = {
    "Text": (1, "Text", None, text("a"), text("a ", "b"), "str", "a", "a b"),
    "Barcode": (1, "Barcode", None, text("FS01"), text("FS", "01"), "str", "FS01", "FS01"),
    "Email": (
        1,
        "Email",
        None,
        [{"type": "url", "text": "a@b.cn", "link": "mailto:a@b.cn"}],
        text("x", "y"),
        "str",
        "a@b.cn",
        "xy",
    ),
    "Number": (2, "Number", {"formatter": "0"}, 3, -1.5, "float64", 3.0, -1.5),
    "Currency": (2, "Currency", {"formatter": "0.00", "currency_code": "CNY"}, 0.1, 1e9, "float64", 0.1, 1e9),
    "Progress": (2, "Progress", {"formatter": "0%"}, 0.66, 4, "float64", 0.66, 4.0),
    "Rating": (2, "Rating", {"min": 0, "max": 5}, 3, 0, "Int8", 3, 0),
    "SingleSelect": (3, "SingleSelect", OPTIONS, "乙, 丙", "已删除", "category", "乙, 丙", "已删除"),
    "MultiSelect": (4, "MultiSelect", OPTIONS, ["甲"], ["乙, 丙", "甲"], "object", ("甲",), ("乙, 丙", "甲")),
    "Date": (
        5,
        "DateTime",
        {"date_formatter": "yyyy/MM/dd"},
        DAY,
        -28_800_000,
        "datetime64[ms]",
        pd.Timestamp("2023-08-03"),
        pd.Timestamp("1970-01-01"),
    ),
    "DateTime": (
        5,
        "DateTime",
        {"date_formatter": "yyyy-MM-dd HH:mm"},
        MOMENT,
        -1,
        "datetime64[ms]",
        pd.Timestamp("2023-01-20 17:20:43"),
        pd.Timestamp("1970-01-01 07:59:59.999"),
    ),
    "Checkbox": (7, "Checkbox", None, True, False, "bool", True, False),
    "User": (11, "User", {"multiple": True}, [PERSON], [PERSON, OTHER], "str", "张三", "张三; 李四"),
    "Phone": (13, "Phone", None, "+8613100006666", "007", "str", "+8613100006666", "007"),
    "Url": (
        15,
        "Url",
        None,
        {"text": "飞书", "link": "https://f.cn"},
        {"text": "", "link": "https://g.cn"},
        "str",
        "飞书",
        "https://g.cn",
    ),
    "Attachment": (17, "Attachment", None, [FILE], [FILE, {**FILE, "name": "b.txt"}], "str", "a.png", "a.png; b.txt"),
    "SingleLink": (18, "SingleLink", *LINK),
    "DuplexLink": (21, "DuplexLink", *LINK),
    "Location": (
        22,
        "Location",
        {"location": {"input_type": "not_limit"}},
        PLACE,
        {**PLACE, "full_address": "别处"},
        "str",
        "天安门广场，北京市东城区东长安街",
        "别处",
    ),
    "GroupChat": (
        23,
        "GroupChat",
        {"multiple": True},
        [GROUP],
        [GROUP, GROUP],
        "str",
        "武侠聊天组",
        "武侠聊天组; 武侠聊天组",
    ),
    "Stage": (24, "Stage", None, "进行中", "完成", "str", "进行中", "完成"),
    "LookupMany": (
        19,
        "Lookup",
        None,
        {"type": 2, "value": [1]},
        {"type": 2, "value": [1, 2.5]},
        "object",
        (1.0,),
        (1.0, 2.5),
    ),
    "FormulaText": (
        20,
        "Formula",
        None,
        {"type": 1, "value": text("✅")},
        {"type": 1, "value": text("a", "b")},
        "str",
        "✅",
        "ab",
    ),
    "FormulaNumber": (
        20,
        "Formula",
        {"type": {"data_type": 2}},
        {"type": 2, "value": [1.5]},
        {"type": 2, "value": [7]},
        "float64",
        1.5,
        7.0,
    ),
    "CreatedUser": (1003, "CreatedUser", None, [PERSON], PERSON, "str", "张三", "张三"),
    "ModifiedUser": (1004, "ModifiedUser", None, [PERSON], OTHER, "str", "张三", "李四"),
    "CreatedTime": (
        1001,
        "CreatedTime",
        {"date_formatter": "yyyy/MM/dd"},
        MOMENT,
        DAY,
        "datetime64[ms]",
        pd.Timestamp("2023-01-20 17:20:43"),
        pd.Timestamp("2023-08-03"),
    ),
    "ModifiedTime": (
        1002,
        "ModifiedTime",
        {"date_formatter": "yyyy/MM/dd HH:mm"},
        MOMENT,
        DAY,
        "datetime64[ms]",
        pd.Timestamp("2023-01-20 17:20:43"),
        pd.Timestamp("2023-08-03"),
    ),
    "AutoNumber": (
        1005,
        "AutoNumber",
        {"auto_serial": {"type": "auto_increment_number"}},
        "17",
        "018",
        "str",
        "17",
        "018",
    ),
}
STATES = ["one", "many", "missing", "null", "empty text", "empty list", "odd"]


def cells(name: str) -> dict[str, Any]:
    """Return what the stand-in serves for a type in each state; a missing cell has no key."""
    one, many = TYPES[name][3:5]
    return {"one": one, "many": many, "null": None, "empty text": "", "empty list": [], "odd": ODD}


@pytest.fixture
def synced(tmp_path: Path, box: Sandbox, clock: Clock) -> Workspace:
    """One table with a column per type and a row per state."""
    base = box.tenant.add_base("all", app_token="AppAll00000000000000000001", time_zone="Asia/Beijing")
    fields = {
        "code": 0,
        "data": {
            "items": [
                {
                    "field_id": f"fld{name}",
                    "field_name": name,
                    "type": kind,
                    "ui_type": ui_type,
                    "property": prop,
                    "is_primary": name == "Text",
                }
                for name, (kind, ui_type, prop, *_) in TYPES.items()
            ]
            + [{"field_id": "fldButton", "field_name": "Button", "type": 3001, "ui_type": "Button", "property": None}]
        },
    }
    table = base.load("t", fields, {"data": {"items": []}}, table_id="tblAll")
    for state in STATES:
        served = {name: Raw(cells(name)[state]) for name in TYPES if state != "missing"}
        table.add(served, record_id=f"rec {state}".replace(" ", "-"))
    write_settings(tmp_path, box, f"{box.url}/base/AppAll00000000000000000001")
    workspace = Workspace(tmp_path, clock=clock, sleep=clock.sleep)
    sign_in(workspace, box)
    workspace.sync(progress=False).raise_for_failures()
    return workspace


def test_every_type_in_every_state(synced: Workspace, machine_zone: str) -> None:
    """The frame has the promised dtypes and values, whatever the zone of the machine."""
    frame = synced.load("s1")
    for name, (*_, dtype, one, many) in TYPES.items():
        column = frame[name]
        shown = str(column.dtype)
        assert shown == dtype or (dtype == "str" and shown == "object"), name
        assert column["rec-one"] == one, name
        assert column["rec-many"] == many, name
        for state in ("missing", "null", "empty-text", "empty-list", "odd"):
            value = column[f"rec-{state}"]
            if name == "Checkbox":
                assert value == False, name  # noqa: E712  numpy's False is meant
            elif (
                name in ("CreatedUser", "ModifiedUser", "CreatedTime", "ModifiedTime", "AutoNumber")
                and state == "missing"
            ):
                assert value is not None, name  # the platform fills these in itself
            elif (
                name in ("User", "Attachment", "GroupChat", "Url", "Location", "CreatedUser", "ModifiedUser")
                and state == "odd"
            ):
                pass  # an object of a wrong shape: see the raw form
            else:
                assert value is None or value is pd.NaT or pd.isna(value), (name, state)
    assert frame.loc["rec-one", "Url.link"] == "https://f.cn"
    assert (frame.loc["rec-one", "Location.lng"], frame.loc["rec-one", "Location.lat"]) == (116.397755, 39.903179)
    assert "Button" not in frame
    assert frame.index.name == "_record_id"
    assert [*frame.columns[-4:]] == ["_created_time", "_last_modified_time", "_created_by", "_last_modified_by"]


def test_the_loss_free_form_gives_every_cell_back(synced: Workspace) -> None:
    """What the stand-in served is in the raw column, or in ``_extra`` where no type can hold it."""
    raw = synced.load("s1", raw=True)
    assert all(isinstance(dtype, pd.ArrowDtype) for dtype in raw.dtypes)
    extra = {key: json.loads(value) if isinstance(value, str) else {} for key, value in raw["_extra"].items()}
    for name in TYPES:
        kind = TYPES[name][0]
        assert extra["rec-odd"][f"fld{name}"] == ODD, name
        for state in ("one", "many"):
            assert f"fld{name}" not in extra[f"rec-{state}"], name
            assert same(kind, raw.loc[f"rec-{state}", f"fld{name}"], cells(name)[state]), (name, state)
    assert not extra["rec-null"]
    assert not extra["rec-missing"]


def same(kind: int, kept: Any, served: Any) -> bool:
    """Compare a raw cell with what was served, struct members without a value left out."""
    if kind in (5, 1001, 1002):
        return bool(kept == pd.Timestamp(served, unit="ms", tz="UTC"))
    if kind in (18, 21):
        return [*kept] == [*served["link_record_ids"]]
    if kind in (19, 20):
        return bool(kept["type"] == served["type"]) and bool(json.loads(kept["value_json"]) == served["value"])
    if kind in (11, 1003, 1004) and isinstance(served, dict):
        served = [served]
    return bool(without_nulls(kept) == served)


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_nulls(member) for key, member in value.items() if member is not None}
    return [without_nulls(item) for item in value] if isinstance(value, (list, np.ndarray)) else value


# --- the documented bodies ------------------------------------------------------------------------------------

CONTRACT = Path(os.environ.get("LARKNB_CONTRACT", "")) / "examples" / "bitable"
needs_contract = pytest.mark.skipif(
    not os.environ.get("LARKNB_CONTRACT"), reason="LARKNB_CONTRACT names no folder of documented bodies"
)


def body(name: str) -> Any:
    return json.loads((CONTRACT / name).read_text(encoding="utf-8"))


def records_of(recorded: Any) -> list[Any]:
    """Return the records of any recorded body: a page, a list by ids, one record, or its bare fields."""
    if "data" not in recorded:
        return [{"record_id": "recBare", "fields": recorded.get("fields", recorded)}]
    data = recorded["data"]
    return [data["record"]] if "record" in data else data.get("items") or data.get("records") or []


@needs_contract
@pytest.mark.parametrize("fields", ["fields_list.all_types.json", "fields_list.doc.json"])
@pytest.mark.parametrize("records", sorted(path.name for path in CONTRACT.glob("record*.json")))
def test_documented_bodies_arrive(tmp_path: Path, box: Sandbox, clock: Clock, fields: str, records: str) -> None:
    """Every documented record goes through a sync; each of its cells is in the raw file or in ``_extra``."""
    items = records_of(body(records))
    base = box.tenant.add_base("doc", app_token="AppDoc00000000000000000001", time_zone="Asia/Beijing")
    base.load("t", body(fields), {"data": {"items": items}}, table_id="tblDoc")
    write_settings(tmp_path, box, f"{box.url}/base/AppDoc00000000000000000001")
    workspace = Workspace(tmp_path, clock=clock, sleep=clock.sleep)
    sign_in(workspace, box)
    workspace.sync(progress=False).raise_for_failures()
    raw, frame = workspace.load("s1", raw=True), workspace.load("s1")
    assert len(raw) == len(frame) == len(items)
    ids = {item["field_name"]: item["field_id"] for item in body(fields)["data"]["items"] if item["type"] != 3001}
    for item in items:
        row = raw.loc[item["record_id"]]
        extra = json.loads(row["_extra"]) if isinstance(row["_extra"], str) else {}
        for name, cell in item["fields"].items():
            if is_empty(cell):
                continue
            kept = row[ids[name]] if name in ids else None
            assert (kept is not None and kept is not pd.NA) or ids.get(name, name) in extra, (records, name)


def is_empty(cell: Any) -> bool:
    return cell in (None, "", [], {}) or (
        isinstance(cell, dict) and cell.get("link_record_ids", cell.get("value", 0)) in (None, [])
    )


@needs_contract
@pytest.mark.parametrize("path", sorted(CONTRACT.glob("error_*.json")), ids=lambda path: path.stem)
def test_documented_errors_become_what_the_user_can_do(path: Path) -> None:
    """Class and action follow the contract's table; the message names the code and a next step."""
    from larknb.wire.codes import from_answer, remedy

    recorded = json.loads(path.read_text(encoding="utf-8"))
    code = recorded["body"]["code"]
    heals = {1254002, 1254036, 1254290, 1254291, 1254607, 1255001, 1255040, 99991400}
    error = from_answer(recorded["http_status"], recorded["body"])
    heal = remedy(code, recorded["http_status"]).heal
    assert (heal == "retry") == (code in heals)
    assert f"code {code}" in str(error)
    assert "Next:" in str(error)
