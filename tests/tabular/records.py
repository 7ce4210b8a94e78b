"""Raw tables of records, and what an analyst sees of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from larknb.model import USUAL, Shown
from larknb.tabular.cells import to_arrow
from larknb.tabular.frames import to_frame
from larknb.tabular.friendly import Friendly
from larknb.tabular.links import LinkTexts
from larknb.tabular.raw import raw_schema

DATA = Path(__file__).parent.parent / "data" / "bitable"
TEXT = str(pd.Series(["a"]).dtype)  # the installed pandas' default: "str", before pandas 3 "object"
CLOCK = "datetime64[ms]"
SHANGHAI = "datetime64[ms, Asia/Shanghai]"
DAY = 86_400_000
NEW_YEAR = 1704038400000  # 2024-01-01 00:00 in Shanghai
SYSTEM = ("_created_time", "_last_modified_time", "_created_by", "_last_modified_by")
COMPUTED = {19, 20}
DATE_ONLY = {"date_formatter": "yyyy/MM/dd"}


def body(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def schema_of(fields: Sequence[Mapping[str, Any]], zone: str = "Asia/Shanghai") -> pa.Schema:
    return raw_schema("tblFaults", "故障", fields, time_zone=zone)


def raw_table(
    fields: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]], zone: str = "Asia/Shanghai"
) -> pa.Table:
    """Return the raw form of rows given as cells by field name."""
    records = [{"record_id": f"rec{n}", "fields": cells} for n, cells in enumerate(rows)]
    return to_arrow(schema_of(fields, zone), records)


def one_column(type_: int, cells: Sequence[Any], zone: str = "Asia/Shanghai", **more: Any) -> pa.Table:
    field = {"field_id": "fldX", "field_name": "X", "type": type_, **more}
    return raw_table([field], [{"X": cell} for cell in cells], zone)


def raw_table_of_all() -> pa.Table:
    return to_arrow(schema_of(body("fields.json"), "Asia/Beijing"), body("records.json"))


def extras(table: pa.Table) -> list[dict[str, Any]]:
    return [json.loads(extra) if extra else {} for extra in table.column("_extra").to_pylist()]


def befriended(
    raw: pa.Table, known: Any = None, links: Mapping[str, LinkTexts] | None = None, shown: Shown = USUAL
) -> pa.Table:
    friendly = Friendly(raw.schema, known, links, shown)
    friendly.learn(raw)
    return friendly.convert(raw)


def frame_of(raw: pa.Table, **kwargs: Any) -> pd.DataFrame:
    return to_frame(befriended(raw, **kwargs))


def listed(values: Any) -> list[Any]:
    """Return the values of a column as plain Python: None for every kind of missing one."""
    return [None if value is None or value is pd.NaT or (pd.api.types.is_scalar(value) and pd.isna(value))
            else value.tolist() if hasattr(value, "tolist") else value for value in values]  # fmt: skip


def segment(text: str) -> dict[str, str]:
    return {"type": "text", "text": text}


# --- links ----------------------------------------------------------------------------------------------------------

LINK = {"table_id": "tblCars", "multiple": True}


def car_texts() -> LinkTexts:
    fields = [{"field_id": "fldA", "field_name": "a", "type": 2},
              {"field_id": "fldB", "field_name": "b", "type": 1, "is_primary": True}]  # fmt: skip
    cars = raw_table(fields, [{"b": [{"text": "甲, 车"}]}, {"a": 5}, {"b": [{"text": "乙"}]}])
    return LinkTexts.of_groups(cars.schema, [cars.slice(0, 2), cars.slice(2)])


# --- a table of every type ------------------------------------------------------------------------------------------

EXPECTED: dict[str, tuple[str, list[Any]]] = {
    "标题": (TEXT, ["电机过热，见 @周舟 和 排查指引（外部）", None, "两行\n文字"]),
    "条码": (TEXT, ["EV-0042", None, None]),
    "邮箱": (TEXT, ["zhou@example.com", None, None]),
    "里程": ("float64", [12345.5, None, -9007199254740992.0]),
    "费用": ("float64", [800.0, None, 0.0]),
    "进度": ("float64", [0.4, None, 3.5]),
    "评分": ("Int8", [4, None, 0]),
    "状态": ("category", ["处理中", None, "已删除的选项"]),
    "标签": ("object", [("线束, 插头", "电机"), None, ("电池",)]),
    "发现日期": ("datetime64[ms]", [pd.Timestamp("2024-01-01"), None, pd.Timestamp("1900-01-01")]),
    "发现时间": (
        CLOCK,
        [pd.Timestamp("2024-01-01 11:30:45"), None,
         pd.Timestamp("9999-12-31 23:59:59")],
    ),
    "已确认": ("bool", [True, False, False]),
    "负责人": (TEXT, ["周舟; 吴悟", None, "ou_gone"]),
    "电话": (TEXT, ["+8613900000000", None, None]),
    "报告": (TEXT, ["检测报告", None, "https://example.com/bare"]),
    "报告.link": (TEXT, ["https://example.com/report", None, "https://example.com/bare"]),
    "附件": (TEXT, ["热像.png; 日志.txt", None, None]),
    "车辆": ("object", [("recCar1", "recCar2"), None, ("recUnknown",)]),
    "车辆里程": ("object", [(12345.5, 60000.0), None, (0.0,)]),
    "结论": (TEXT, ["需更换", None, "false"]),
    "费用合计": ("float64", [1600.5, None, None]),
    "到期日": ("datetime64[ms]", [pd.Timestamp("2024-02-01"), None, None]),
    "工单": ("object", [("recOrder1",), None, None]),
    "地点": (TEXT, ["人民广场，上海市黄浦区人民大道", None, None]),
    "地点.lng": ("float64", [121.473701, None, None]),
    "地点.lat": ("float64", [31.230416, None, None]),
    "群组": (TEXT, ["质量群", None, None]),
    "流程": (TEXT, ["评审", None, None]),
    "创建时间": (
        CLOCK,
        [pd.Timestamp("2024-01-01 11:30:45.123"),
         pd.Timestamp("2024-01-01 11:30:45.124"), None],
    ),
    "更新时间": (
        CLOCK,
        [pd.Timestamp("2024-01-02 11:30:45.123"),
         pd.Timestamp("2024-01-01 11:30:45.124"), None],
    ),
    "创建人": (TEXT, ["周舟", "吴悟", None]),
    "修改人": (TEXT, ["吴悟", "吴悟", None]),
    "编号": (TEXT, ["0007", "0008", "0009"]),
    "时长": (TEXT, ['{"seconds":5400}', None, None]),
    "_created_time": (CLOCK, [pd.Timestamp("2024-01-01 11:30:45.123")] * 3),
    "_last_modified_time": (
        CLOCK,
        [pd.Timestamp("2024-01-02 11:30:45.123"),
         pd.Timestamp("2024-01-01 11:30:45.124"),
         pd.Timestamp("2024-01-02 11:30:45.123")],
    ),
    "_created_by": (TEXT, ["周舟"] * 3),
    "_last_modified_by": (TEXT, ["吴悟"] * 3),
}  # fmt: skip
