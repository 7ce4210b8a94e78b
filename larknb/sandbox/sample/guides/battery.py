"""The second guide: a battery pack that is not insulated any more."""

from __future__ import annotations

import datetime as dt
from typing import Any

from larknb.sandbox.blocks import (
    Block,
    at,
    bold,
    bullet,
    callout,
    code,
    divider,
    doc,
    equation,
    formula,
    heading,
    italic,
    link,
    mono,
    ordered,
    reference,
    reminder,
    sheet,
    table,
    text,
    todo,
)
from larknb.sandbox.sample.chance import TODAY
from larknb.sandbox.sample.pictures import chain, chart
from larknb.sandbox.sample.tokens import GUIDE_BOOK, GUIDE_SHEET, GUIDES
from larknb.sandbox.world.sheets.cells import Cell
from larknb.sandbox.world.sheets.workbook import Sheet
from larknb.sandbox.world.tenant import Tenant

from .desk import SYNCED, Desk, due


def battery(desk: Desk) -> list[Block]:
    """Blocks of the guide."""
    return [
        *_symptoms(),
        *_segments(desk),
        *_inside_the_pack(desk),
        *_records(desk),
        *_references(desk),
    ]


def _symptoms() -> list[Block]:
    return [
        text("适用：", bold("BMS-2"), "，400 V 平台电池包。", italic("涉水车辆必须先做 2.1。")),
        callout("高压下电后绝缘监测仍会注入 20 V 检测电压，禁止带电插拔采样线。", emoji="rotating_light", color=3),
        heading(1, "1 故障现象"),
        text("仪表点亮绝缘报警灯，上报 ", mono("P0AA6-00"), "；严重时高压无法上电。"),
        bullet("一级：绝缘电阻低于 500 Ω/V，只提示"),
        bullet("二级：绝缘电阻低于 100 Ω/V，禁止上高压", bullet("行驶中不切断高压，靠边停车后切断")),
        bullet("偶发：雨天或洗车后出现，晾干后消失"),
        heading(2, "1.1 判据"),
        text("换算：", formula("R_{iso} / U_{bat}"), "，以 ", mono("U_bat = 400 V"), " 计，二级阈值为 40 kΩ。"),
        table(
            [
                ["等级", "Ω/V", "绝缘电阻 (kΩ)", "动作"],
                ["正常", "≥ 500", "≥ 200", "无"],
                ["一级", "100 … 500", "40 … 200", "报警灯、记录冻结帧"],
                ["二级", "< 100", "< 40", [text("禁止上高压"), bullet("切断继电器"), bullet("点亮红灯")]],
            ],
            header_column=True,
        ),
    ]


def _segments(desk: Desk) -> list[Block]:
    return [
        heading(1, "2 定位步骤"),
        heading(2, "2.1 分段隔离"),
        text("思路：逐段断开高压负载，观察绝缘电阻是否恢复。"),
        desk.picture("分段", chain("HV CHAIN", ["PACK", "PDU", "MCU", "OBC", "PTC"], 3), "高压链路，红叉处断开"),
        ordered("下电，断开电池包总正、总负接插件"),
        ordered(
            "绝缘表 500 V 挡，分别测量两极对壳体，读数 60 s",
            bullet("≥ 20 MΩ：电池包正常，转第 3 步"),
            bullet("否则转 2.2"),
        ),
        ordered("依次接回 PDU、电机控制器、车载充电机、PTC，每接回一段测一次"),
        ordered("读数突降的那一段即故障段，查其线束与端子"),
        table(
            [
                ["接回的部件", "合格", "常见原因", "处理"],
                ["PDU", "≥ 20 MΩ", "盒内凝露", "烘干 60 ℃ × 4 h，更换防水透气阀"],
                ["电机控制器", "≥ 10 MΩ", "Y 电容漏电", [text("换控制器"), text("参见"), text(doc(desk.guides[0]))]],
                ["车载充电机", "≥ 10 MΩ", "充电口进水", text("参见 ", doc(desk.guides[4]))],
                ["PTC", "≥ 5 MΩ", "加热膜破损", "换件"],
                ["", "", "接插件密封圈老化", "换密封圈"],
            ],
            merges=[(5, 1, 2, 1), (5, 2, 2, 1)],
        ),
    ]


def _inside_the_pack(desk: Desk) -> list[Block]:
    falling = [820 - 1.1 * minute**1.35 for minute in range(0, 120, 6)]
    return [
        heading(2, "2.2 电池包内部"),
        text("仅限返厂拆解。拆解前读取单体电压，确定漏电点所在模组："),
        equation("k = \\frac{U_{+}}{U_{+} + U_{-}}, \\qquad n = \\lceil k \\cdot 96 \\rceil"),
        code(
            "import pandas as pd\n\n"
            "cells = pd.read_csv('cells.csv')          # 96 个单体\n"
            "k = cells.u_plus / (cells.u_plus + cells.u_minus)\n"
            "print('漏电点约在第', int((k * 96).median()), '节')\n",
            "python",
        ),
        ordered("拆上盖，目视有无电解液、冷却液痕迹", sequence="1"),
        ordered("逐模组测量绝缘电阻，每个模组 ≥ 100 MΩ"),
        ordered("水冷板保压 200 kPa × 10 min，压降 < 2 kPa"),
        desk.picture("衰减", chart("R ISO KOHM", {"WET": falling}, 200), "涉水后绝缘电阻的变化，红线为一级阈值"),
    ]


def _records(desk: Desk) -> list[Block]:
    return [
        heading(2, "2.3 误报排除"),
        bullet("注入法在 Y 电容过大时读数偏低：", bullet("整车 Y 电容 > 1.2 µF 时延长采样到 6 s")),
        bullet("直流快充时由桩侧监测，车侧应关闭，", bold("两侧同时注入会互相干扰")),
        bullet(
            "软件 ",
            mono("BMS 2.7.1"),
            " 以前的版本在 -20 ℃ 以下误报，",
            link("升级说明", "https://example.com/bms/2.7.1"),
        ),
        heading(1, "3 测量记录"),
        text("每次测量后填入下表，由 ", at(desk.user(5)), " 复核。"),
        sheet(_insulation_records(desk.tenant)),
    ]


def _references(desk: Desk) -> list[Block]:
    return [
        heading(1, "4 安全条款与回传"),
        reference(GUIDES[0], SYNCED),
        todo("绝缘表已校准，编号记入缺陷单", done=True),
        todo("更换的密封圈拍照回传"),
        todo("二级故障 24 h 内上报 ", at(desk.user(6)), bullet("附冻结帧"), bullet("附绝缘表读数照片")),
        divider(),
        desk.paper("绝缘测量步骤.txt", "1 下电\n2 等待 5 min\n3 验电\n4 测量\n5 记录\n"),
        text("下次评审 ", reminder(desk.user(5), due(4, 15)), "，相关：", doc(desk.guides[0])),
    ]


def _insulation_records(tenant: Tenant) -> Sheet:
    """A worksheet that lives inside the guide."""
    book = tenant.add_spreadsheet("绝缘测量记录", GUIDE_BOOK, embedded=True)
    rows: list[list[Any]] = [["日期", "车辆", "正极对壳体 (MΩ)", "负极对壳体 (MΩ)", "湿度", "结论"]]
    for place, (plus, minus) in enumerate([(550, 548), (412, 33.5), (0.038, 12.4), (551, 549.5), (21.7, 20.4)]):
        day = TODAY - dt.timedelta(days=40 - 9 * place)
        verdict = "合格" if min(plus, minus) >= 20 else "不合格"
        rows.append([day, f"LNB{place + 1:05}", plus, minus, Cell(0.35 + place * 0.12, "0%"), verdict])
    found = book.add_sheet("记录", rows, GUIDE_SHEET, row_count=20, column_count=6, frozen_rows=1)
    book.revision = 12
    return found
