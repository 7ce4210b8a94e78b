"""The spreadsheet 在线表格示例: what spreadsheets look like that people, not programs, have made."""

from __future__ import annotations

import datetime as dt
from typing import Any

from larknb.sandbox.world.bitable.fields import Field
from larknb.sandbox.world.sheets.cells import Cell, Formula
from larknb.sandbox.world.sheets.workbook import Spreadsheet
from larknb.sandbox.world.tenant import Tenant

from .chance import TODAY, Dice
from .pictures import plug
from .tokens import (
    BOOK,
    BOOK_BASE,
    BOOK_CODES,
    BOOK_HIDDEN,
    BOOK_MONTHS,
    BOOK_PARTS,
    BOOK_PLAN,
    BOOK_VALUES,
    EMBEDDED_BASE,
    EMBEDDED_TABLE,
    GUIDES,
)

PRICE, SHARE, COUNT = "¥#,##0.00", "0.00%", "#,##0"

# fmt: off
PARTS = [
    ("000127", "IGBT 功率模块", "中车半导体", 1286.5, 3), ("000128", "薄膜电容 500 µF", "法拉电子", 212.0, 2),
    ("000131", "电流传感器", "莱姆", 48.75, 3), ("000140", "NTC 温度传感器", "时恒", 3.2, 6),
    ("000141", "旋变解码芯片", "亚德诺", 61.4, 1), ("000152", "主控芯片 TC387", "英飞凌", 189.0, 1),
    ("000153", "看门狗电源芯片", "英飞凌", 32.6, 1), ("000160", "高压接插件", "安费诺", 96.0, 2),
    ("000161", "低压接插件 35 pin", "泰科", 18.9, 1), ("000170", "水冷板", "银轮", 154.0, 1),
    ("000171", "导热硅脂 (100 g)", "道康宁", 27.5, 1), ("000180", "母排", "中航光电", 41.0, 4),
    ("000181", "熔断器 400 A", "好利来", 65.0, 1), ("000190", "铝压铸壳体", "拓普", 232.0, 1),
]
MONTHS = [
    ("系统安全组", 12, 15, 9, 14), ("软件安全组", 31, 28, 35, 22), ("硬件安全组", 8, 6, 11, 7),
    ("电池与电驱组", 19, 24, 17, 20), ("测试验证组", 44, 39, 51, 47),
]
TRIALS = [
    ("TP-001", "IGBT 过温降额", "台架 1", 4), ("TP-002", "冷却液断流", "台架 1", 6),
    ("TP-003", "旋变信号丢失", "台架 2", 3), ("TP-004", "绝缘监测响应", "高压间", 5),
    ("TP-005", "CAN 总线短路", "台架 3", 2), ("TP-006", "制动助力失效", "试车场", 8),
    ("TP-007", "充电枪电子锁", "充电间", 3), ("TP-008", "低温冷启动 -30 ℃", "环境仓", 12),
]
# fmt: on


def add_book(tenant: Tenant, dice: Dice) -> Spreadsheet:
    """Add the spreadsheet with its worksheets and the Bitable inside it."""
    book = tenant.add_spreadsheet("在线表格示例", BOOK)
    _add_parts(book)
    _add_months(book)
    _add_plan(book, dice)
    _add_codes(tenant, book)
    _add_values(book)
    rows: list[list[Any]] = [["年份", "缺陷数"], [2023, 118], [2024, 96]]
    book.add_sheet("历史归档", rows, BOOK_HIDDEN, hidden=True)
    _embed_base(tenant, book)
    book.revision = 96
    return book


def _add_parts(book: Spreadsheet) -> None:
    """A title above the header, identifiers with leading zeros, prices, sums, and a total at the end."""
    rows: list[list[Any]] = [
        ["电驱系统物料清单（2026 年 1 月）"],
        [],
        ["物料编码", "名称", "供应商", "单价", "数量", "金额", "合格率", "生效日期", "备注"],
    ]
    for place, (code, name, supplier, price, count) in enumerate(PARTS):
        row, since = place + 4, dt.date(2025, 3, 3) + dt.timedelta(days=17 * place)
        amount = Formula(f"=D{row}*E{row}", round(price * count, 2), PRICE)
        note = "停产，见 000153" if code == "000152" else None
        share = Cell(1 - place * 0.0025, SHARE)
        rows.append([code, name, supplier, Cell(price, PRICE), count, amount, share, since, note])
    last = len(rows)
    total = round(sum(price * count for *_, price, count in PARTS), 2)
    rows.append(["合计", None, None, None, None, Formula(f"=SUM(F4:F{last})", total, PRICE)])
    book.add_sheet("物料清单", rows, BOOK_PARTS, column_count=12, merges=[(1, 1, 1, 9)])


def _add_months(book: Spreadsheet) -> None:
    """A header of two rows with merged cells, frozen."""
    rows: list[list[Any]] = [
        ["部门", "2025 年", None, "2026 年", None, "关闭率"],
        [None, "新增", "关闭", "新增", "关闭", None],
    ]
    for place, (name, *counts) in enumerate(MONTHS):
        row, opened, closed = place + 3, counts[0] + counts[2], counts[1] + counts[3]
        share = Formula(f"=(C{row}+E{row})/(B{row}+D{row})", round(closed / opened, 4), SHARE)
        rows.append([name, *[Cell(count, COUNT) for count in counts], share])
    merges = [(1, 1, 2, 1), (1, 2, 1, 2), (1, 4, 1, 2), (1, 6, 2, 1)]
    book.add_sheet("月度统计", rows, BOOK_MONTHS, frozen_rows=2, frozen_columns=1, merges=merges)


def _add_plan(book: Spreadsheet, dice: Dice) -> None:
    """Days, times of day, moments, ticks, errors, and a column in which people wrote whatever they had."""
    rows: list[list[Any]] = [
        ["用例", "名称", "地点", "计划日期", "开始时刻", "实际开始", "完成", "用时", "结果", "偏差"]
    ]
    measured: list[Any] = [12.5, "待定", None, "1,000", True, "#N/A", 0, "见附件"]
    for place, (code, name, site, hours) in enumerate(TRIALS):
        day, start = TODAY - dt.timedelta(days=30 - 3 * place), dt.time(8 + place % 3, 30 * (place % 2))
        began = dt.datetime.combine(day, start) + dt.timedelta(minutes=dice.randrange(40))
        is_done = place < 6
        spent = Formula(f"=G{place + 2}*{hours}", hours if is_done else "#VALUE!")
        error = Formula(f"=H{place + 2}/I{place + 2}", "#DIV/0!" if place == 6 else round(hours / 3, 2))
        moment = Cell(began, "yyyy/MM/dd HH:mm") if is_done else None
        cells = [code, name, site, day, Cell(start, "HH:mm"), moment, is_done, spent, measured[place], error]
        rows += [cells, []] if place == 4 else [cells]  # a blank row between the benches and the field
    book.add_sheet("测试排期", rows, BOOK_PLAN, row_count=60, column_count=10, frozen_rows=1)


def _add_codes(tenant: Tenant, book: Spreadsheet) -> None:
    """Links, mentions, styled text, pictures, files and lists of choices in cells."""
    owner, other = tenant.users[3], tenant.users[4]
    picture = tenant.add_media(
        plug("X1 35PIN", ["GND", "12V", "CANH", "CANL", "NTC+", "NTC-"], [5, 6]), "X1.png", "image/png"
    )
    report = tenant.add_media("时间,温度\n0,25\n60,148\n".encode(), "过温记录.csv", "text/csv")
    guide = f"https%3A%2F%2Fexample.feishu.cn%2Fdocx%2F{GUIDES[0]}"
    text: dict[str, Any] = {"type": "text", "text": "温度高于 "}
    strong = {"type": "text", "text": "150 ℃", "segmentStyle": {"bold": True, "foreColor": "#d83931"}}
    image = {"type": "embed-image", "fileToken": picture, "link": f"https://example.com/{picture}", "text": ""}
    rows: list[list[Any]] = [
        ["故障码", "含义", "触发条件", "指引", "负责人", "适用平台", "插图", "附件"],
        [
            "P0A1F-00",
            "电机控制器过温",
            [text, strong, {"type": "text", "text": "，持续 200 ms"}],
            {"type": "mention", "text": "故障定位指引文档1", "link": guide},
            [{"type": "mention", "text": f"@{owner.name}", "textType": "openId", "userID": owner.open_id}],
            {"type": "multipleValue", "values": ["MCU-A1", "MCU-B2"]},
            {**image, "width": 320, "height": 180},
            {"type": "attachment", "fileToken": report, "mimeType": "text/csv", "size": 32, "text": "过温记录.csv"},
        ],
        [
            "P0AA6-00",
            "高压绝缘故障",
            "绝缘电阻低于 500 Ω/V",
            {"type": "url", "text": "国标 GB 18384", "link": "https://example.com/gb18384", "cellPosition": None},
            [{"type": "mention", "text": f"@{other.name}", "textType": "openId", "userID": other.open_id}],
            {"type": "multipleValue", "values": ["BMS-2"]},
        ],
        ["U0100-87", "与整车控制器通信丢失", "500 ms 未收到 0x1A3", "https://example.com/u0100", "值班工程师", "全部"],
        [
            "C1A2B-16",
            "制动助力器供电过低",
            [{**text, "text": "电压低于 "}, {**strong, "text": "9 V"}],
            None,
            None,
            "EHB",
        ],
        ["P0D4D-1C", "车载充电机输出电压异常", "偏差大于 5%", None, None, {"type": "multipleValue", "values": []}],
    ]
    book.add_sheet("故障码", rows, BOOK_CODES, frozen_rows=1)


def _add_values(book: Spreadsheet) -> None:
    """Numbers that are too long for a double, very small ones, and formulas whose results cannot be read."""
    rows: list[list[Any]] = [
        ["参数", "值", "单位", "序列号", "说明"],
        ["过温阈值", 150, "℃", 9007199254740993, "大于 2^53 的整数"],
        ["滤波时间常数", 1e-07, "s", 123456789012345678, None],
        ["降额斜率", -2.5, "%/℃", 104000000000001, "15 位"],
        ["证件号", "310101199001011234", None, None, "文本"],
        ["峰值扭矩", 310, "N·m", 9007199254740992, None],
        ["外部汇率", Formula('=IMPORTRANGE("TzBk","汇率!A1")', 7.1), None, None, "跨表引用"],
        ["科学计数", Cell(1024.56, "0.00E+00"), None, None, "显示为 1.02E+03"],
    ]
    book.add_sheet("标定参数", rows, BOOK_VALUES, row_count=40, column_count=6)


def _embed_base(tenant: Tenant, book: Spreadsheet) -> None:
    """A Bitable that lives inside the spreadsheet and nowhere else."""
    base = tenant.add_base("评审问题", EMBEDDED_BASE, embedded=True)
    columns = [
        Field("问题", 1),
        Field("严重度", 3, property={"options": ["高", "中", "低"]}),
        Field("工时", 2),
        Field("关闭", 7),
    ]
    table = base.add_table("评审问题", columns, EMBEDDED_TABLE)
    levels = ["高", "中", "低"]
    table.add_many(
        [
            {"问题": f"{name}：判据不唯一", "严重度": levels[place % 3], "工时": hours, "关闭": place % 2 == 0}
            for place, (_, name, _, hours) in enumerate(TRIALS)
        ]
    )
    book.embed_base(base, table, "评审问题", BOOK_BASE)
