"""The properties of columns, and cells of the longer sort."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

# fmt: off
SITES = [
    ("上海市", "上海市", "嘉定区", "安亭镇墨玉南路888号", "安亭研发中心", "121.160213,31.287439"),
    ("北京市", "北京市", "顺义区", "赵全营镇昌金路2号", "顺义试验场", "116.552801,40.198226"),
    ("湖北省", "武汉市", "蔡甸区", "沌口街道神龙大道165号", "武汉试制工厂", "114.161035,30.497561"),
]
# fmt: on

PERCENT = {"formatter": "0%", "min": 0, "max": 1, "range_customize": False}
STARS = {"formatter": "0", "min": 1, "max": 5, "rating": {"symbol": "star"}}
DAY_ONLY = {"date_formatter": "yyyy/MM/dd", "auto_fill": False}
DAY_AND_TIME = {"date_formatter": "yyyy-MM-dd HH:mm", "auto_fill": False}
STAMP = {"date_formatter": "yyyy/MM/dd HH:mm"}
SCAN = {"allowed_edit_modes": {"manual": True, "scan": True}}
ANYWHERE = {"location": {"input_type": "not_limit"}}
COUNTER = {"auto_serial": {"type": "auto_increment_number"}}


def select_of(names: Sequence[str]) -> dict[str, Any]:
    """Property of a select."""
    return {"options": list(names)}


def link_to(table_id: str, table: str, field_id: str, name: str) -> dict[str, Any]:
    """Property of one side of a two-way link, which names the other side."""
    one_way = {"multiple": True, "table_id": table_id, "table_name": table}
    return one_way | {"back_field_id": field_id, "back_field_name": name}


def formula_of(expression: str, formatter: str = "", result: tuple[int, str] | None = None) -> dict[str, Any]:
    """Property of a formula; ``result`` is the type that it comes to, where the platform tells it."""
    told = {"type": {"data_type": result[0], "ui_type": result[1], "ui_property": {}}} if result else {}
    return {"formatter": formatter, "formula_expression": expression} | told


def column_ref(table_id: str, field_id: str) -> str:
    """Column as formulas name it."""
    return f"bitable::$table[{table_id}].$field[{field_id}]"


def lookup_in(table_id: str) -> dict[str, Any]:
    """Property of a lookup."""
    return {"filter_info": {"target_table": table_id, "filter_info": {"conjunction": "and", "conditions": []}}}


def computed_cell(kind: int, values: Sequence[Any]) -> dict[str, Any] | None:
    """Cell of a formula or a lookup."""
    return {"type": kind, "value": list(values)} if values else None


def text_segment(value: str) -> dict[str, str]:
    """Segment of plain text."""
    return {"type": "text", "text": value}


def site_cell(place: tuple[str, str, str, str, str, str]) -> dict[str, Any]:
    """Cell of a place."""
    province, city, district, address, name, position = place
    where = {"location": position, "pname": province, "cityname": city, "adname": district, "address": address}
    return where | {"name": name, "full_address": f"{name}，{city}{district}{address}"}


def linked_ids(cells: dict[str, Any], name: str) -> list[str]:
    """Ids of the rows that a cell leads to."""
    return list(cells.get(name, {}).get("link_record_ids", []))
