"""Five guides that lead from a symptom to its cause, as a service team writes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
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
    drawing,
    equation,
    file,
    formula,
    grid,
    heading,
    image,
    italic,
    link,
    mono,
    old_quote,
    ordered,
    quote,
    reference,
    reminder,
    run,
    sheet,
    struck,
    synced,
    table,
    text,
    todo,
)
from larknb.sandbox.cells import stamp_of
from larknb.sandbox.documents import Docx
from larknb.sandbox.gridcells import Cell
from larknb.sandbox.objects import User
from larknb.sandbox.tenant import Tenant

from .chance import TODAY, ZONE
from .pictures import chain, chart, plug
from .tokens import GUIDE_BOOK, GUIDE_NODE, GUIDE_SHEET, GUIDES

SYNCED = "GdMtSyncedBlock000000000001"  # the safety rules, which other guides repeat
REVISIONS = (57, 41, 38, 29, 33)


def add_guides(tenant: Tenant) -> list[Docx]:
    """Add the five guides with their pictures and files; the third one is known by its place in the wiki."""
    guides = [tenant.add_document(f"故障定位指引文档{number}", [], token) for number, token in enumerate(GUIDES, 1)]
    writers: list[Callable[[_Desk], list[Block]]] = [_motor, _battery, _can, _brake, _charger]
    for guide, write, revision in zip(guides, writers, REVISIONS, strict=True):
        guide.replace(write(_Desk(tenant, guides)))
        guide.revision_id = revision
    tenant.add_wiki_node(guides[2], "CAN 总线故障定位", GUIDE_NODE)
    return guides


class _Desk:
    """What the writer of a guide has at hand."""

    def __init__(self, tenant: Tenant, guides: list[Docx]) -> None:
        self.tenant = tenant
        self.guides = guides

    def user(self, number: int) -> User:
        return self.tenant.users[number]

    def picture(self, name: str, data: bytes, caption: str | None = None) -> Block:
        return image(self.tenant.add_media(data, f"{name}.png", "image/png"), 320, 180, caption=caption)

    def paper(self, name: str, content: str) -> Block:
        kind = "text/csv" if name.endswith(".csv") else "text/plain"
        return file(self.tenant.add_media(content.encode(), name, kind), name)


def _due(month: int, day: int) -> int:
    """Nine in the morning of a day, for a reminder."""
    return stamp_of(dt.datetime(TODAY.year, month, day, 9, tzinfo=ZONE))


# 1: motor controller -------------------------------------------------------------------------------------------------


def _motor(desk: _Desk) -> list[Block]:
    rising = [60 + 0.9 * second + 0.008 * second**2 for second in range(0, 90, 5)]
    normal = [60 + 28 * (1 - 0.93 ** (second / 5)) for second in range(0, 90, 5)]
    return [
        text(
            "适用平台：", bold("MCU-A1、MCU-B2"), "，软件版本 ", mono("SW 3.4.x"), " 及以上。编写：", at(desk.user(3))
        ),
        callout(
            text(bold("操作前必须断开高压。")),
            text("拔下手动维修开关，等待 ", bold("5 min"), "，确认母线电压低于 36 V 后再接触端子。"),
            emoji="exclamation",
        ),
        heading(1, "1 故障现象"),
        text("整车上报 ", mono("P0A1F-00"), "（电机控制器过温）或仪表提示“电机过热”，扭矩被限制到额定值的 40%。"),
        bullet("仪表：", bullet("电机过热灯点亮"), bullet("“动力受限”文字提示", bullet("持续到下次上电"))),
        bullet("日志关键字：", mono("OVER_TEMP|inv"), "、", mono("DERATE lvl=2")),
        bullet("客户描述：长坡、拖挂或连续急加速后出现，静置 20 min 可自行恢复"),
        heading(2, "1.1 故障码"),
        table(
            [
                ["故障码", "含义", "触发条件", "安全状态"],
                ["P0A1F-00", "电机控制器过温", "IGBT 结温 > 150 ℃，持续 200 ms", [text("限扭 40%"), text("ASIL B")]],
                ["P0A2F-00", "电机过热", "定子温度 > 165 ℃，持续 1 s", "限扭 40%"],
                ["P0A2B-15", "定子温度传感器开路", "NTC 阻值 > 100 kΩ", "限扭 60%"],
                ["P0A3C-00", "冷却液过温", "进水温度 > 70 ℃，持续 30 s", "提示驾驶员"],
            ],
        ),
        heading(1, "2 定位步骤"),
        text("先看数据流，再换件。任何一步的结论都要记到缺陷单里，参见 ", doc(desk.guides[2]), "。"),
        heading(2, "2.1 静态检查"),
        ordered("断开高压，测量母线电压，应低于 36 V"),
        ordered(
            "检查低压接插件 X1：",
            bullet("针脚 5、6（NTC+、NTC-）无退针、无锈蚀"),
            bullet("屏蔽层与壳体导通，电阻 < 1 Ω"),
            desk.picture(
                "X1 针脚", plug("X1 MCU", ["GND", "12V", "CANH", "CANL", "NTC+", "NTC-"], [5, 6]), "X1 针脚图"
            ),
        ),
        ordered("测量定子 NTC 阻值，与下表比对"),
        table(
            [
                ["部位", "温度", "阻值 (kΩ)", "结论"],
                ["定子", "25 ℃", "9.5 … 10.5", "正常"],
                ["", "任意", "> 100", [text("传感器开路"), text("更换线束 W12")]],
                ["", "任意", "< 0.5", "短路 | 查接插件"],
                ["以上均正常时转 2.2", "", "", ""],
            ],
            merges=[(2, 1, 3, 1), (5, 1, 1, 4)],
        ),
        heading(2, "2.2 动态检查"),
        ordered("连接 CAN 分析仪，录制温度报文：", sequence="1"),
        code(
            "candump can0,1A3:7FF -l\n"
            "# 字节 2：IGBT 温度，偏移 -40，单位 ℃\n"
            "# 期望：静置 10 min 后与冷却液温差 < 5 ℃\n",
            "bash",
        ),
        ordered("以 60 km/h 匀速行驶 90 s，对照升温曲线"),
        desk.picture(
            "升温曲线", chart("IGBT TEMP", {"FAULT": rising, "NORMAL": normal}, 150), "蓝为故障件，绿为正常件，红为阈值"
        ),
        ordered("温升按 ", formula("\\Delta T = R_{th} \\cdot P"), " 估算，阈值见标定量 ", mono("tMaxIgbt")),
        equation("R_{th} = \\frac{T_j - T_c}{P_{loss}} \\approx 0.11\\ \\mathrm{K/W}"),
        heading(3, "2.2.1 冷却回路"),
        text("冷却液流量低于 8 L/min 时，正常的控制器也会", bold("过温"), "。"),
        bullet("水泵：占空比 80% 时电流 4 … 6 A"),
        bullet("散热器：正面无遮挡，翅片倒伏 < 10%"),
        bullet("气阻：排气阀打开后 30 s 内无气泡"),
        heading(3, "2.2.2 导热硅脂"),
        text("拆下盖板，硅脂应均匀覆盖水冷板；", struck("目视白色即可"), "，以厚度规 0.10 … 0.15 mm 为准。"),
        grid(
            [text("正常：覆盖率 > 95%"), bullet("边缘有溢出")],
            [text("异常：中部空洞"), bullet("结温高 12 … 18 ℃"), bullet("同一批次需", bold("全检"))],
        ),
        heading(2, "2.3 判定"),
        drawing(
            "graph TD\n"
            "  A[过温] --> B{NTC 正常?}\n"
            "  B -- 否 --> C[换线束]\n"
            "  B -- 是 --> D{流量够?}\n"
            "  D -- 否 --> E[查水泵]\n"
            "  D -- 是 --> F[查硅脂]\n"
        ),
        old_quote("换控制器是最后一步：近三年退回件中 62% 无故障。"),
        quote("先看数据流，再换件。", "——电驱组内部经验"),
        heading(1, "3 恢复与回传"),
        todo("清除故障码，路试 15 km 不复现", done=True),
        todo("记录换件条码，上传日志到缺陷单"),
        todo(
            "更新 ",
            link("缺陷看板", "https://example.feishu.cn/base/FsQd7Vm4cXn2RtKyBw6pZjHgUaE?table=tblDefect5Ku8nWqX"),
        ),
        synced(
            "高压操作安全条款",
            text("仅限持证人员操作，须两人在场。"),
            text("绝缘手套每六个月送检一次，等级不低于 Class 0。"),
        ).named(SYNCED),
        heading(1, "4 附件与参考"),
        desk.paper("标定数据 v2.csv", "参数,值,单位\ntMaxIgbt,150,℃\ntDerate,140,℃\ntHyst,8,℃\n"),
        text("复查：", at(desk.user(4)), " ", reminder(desk.user(4), _due(3, 2))),
        text(
            "相关：",
            doc(desk.guides[1]),
            "、",
            doc(desk.guides[4]),
            "、",
            link("热设计规范", "https://example.com/spec?id=7&v=2"),
        ),
    ]


# 2: battery pack -----------------------------------------------------------------------------------------------------


def _battery(desk: _Desk) -> list[Block]:
    falling = [820 - 1.1 * minute**1.35 for minute in range(0, 120, 6)]
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
        heading(1, "4 安全条款与回传"),
        reference(GUIDES[0], SYNCED),
        todo("绝缘表已校准，编号记入缺陷单", done=True),
        todo("更换的密封圈拍照回传"),
        todo("二级故障 24 h 内上报 ", at(desk.user(6)), bullet("附冻结帧"), bullet("附绝缘表读数照片")),
        divider(),
        desk.paper("绝缘测量步骤.txt", "1 下电\n2 等待 5 min\n3 验电\n4 测量\n5 记录\n"),
        text("下次评审 ", reminder(desk.user(5), _due(4, 15)), "，相关：", doc(desk.guides[0])),
    ]


def _insulation_records(tenant: Tenant) -> Any:
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


# 3: CAN bus ----------------------------------------------------------------------------------------------------------


def _can(desk: _Desk) -> list[Block]:
    square = [2.5 + (1.0 if bit == "1" else 0.0) for bit in "0011010011101000101101" for _ in range(4)]
    low = [5 - level for level in square]
    return [
        text("适用：动力 CAN、底盘 CAN（500 kbit/s）与信息 CAN FD（2 Mbit/s）。"),
        callout(text("测量终端电阻前必须断开蓄电池负极，否则读数无意义。"), emoji="bulb", color=5),
        heading(1, "1 故障现象"),
        table(
            [
                ["故障码", "现象", "最可能的原因"],
                ["U0100-87", "与整车控制器通信丢失", "节点掉电、线束断路"],
                ["U0001-88", "总线关闭（bus off）", "CANH 与 CANL 短接、对地短路"],
                ["U0416-81", "报文内容无效", "校验或计数器错误，软件版本不匹配"],
            ]
        ),
        text("同一时刻出现两个以上节点的 U 码时，按总线故障处理；只有一个节点时，先查该节点的供电和搭铁。"),
        heading(1, "2 定位步骤"),
        heading(2, "2.1 电阻测量"),
        ordered("断开蓄电池负极，等待 3 min"),
        ordered("在 OBD 口 6、14 针之间测量："),
        table(
            [
                ["读数 (Ω)", "结论", "下一步"],
                ["60 ± 3", "正常", "转 2.2"],
                [
                    "120 ± 6",
                    "一端终端电阻缺失",
                    [ordered("断开网关"), ordered("再次测量"), ordered("仍为 120 则网关内终端损坏")],
                ],
                ["< 5", "CANH 与 CANL 短接", "逐节点拔下，读数恢复者为故障节点"],
                ["> 1000", "主干断路", "按线束图分段"],
            ]
        ),
        desk.picture("OBD 针脚", plug("OBD II", ["1", "4", "5", "6 H", "14 L", "16"], [4, 5]), "6、14 针为动力 CAN"),
        heading(2, "2.2 电压与波形"),
        ordered("接回蓄电池，上电，示波器双通道，1 V/格，5 µs/格"),
        ordered(
            "隐性电平 2.5 V，显性 CANH 3.5 V、CANL 1.5 V",
            bullet("偏移 > 0.3 V：查搭铁"),
            bullet("斜率变缓：查支线长度"),
        ),
        desk.picture("波形", chart("CAN LEVELS", {"CANH": square, "CANL": low}), "正常波形"),
        code(
            "ip -details -statistics link show can0\n"
            "# state ERROR-ACTIVE berr-counter tx 0 rx 0   正常\n"
            "# state BUS-OFF                              总线关闭\n"
            "ip link set can0 type can restart-ms 100\n",
            "bash",
        ),
        heading(2, "2.3 报文分析"),
        text("录制 60 s，统计每个 ID 的周期与丢帧："),
        code(
            "import can, collections\n\n"
            "seen = collections.defaultdict(list)\n"
            "for message in can.LogReader('trace.blf'):\n"
            "    seen[message.arbitration_id].append(message.timestamp)\n"
            "for number, stamps in sorted(seen.items()):\n"
            "    gaps = [b - a for a, b in zip(stamps, stamps[1:])]\n"
            "    print(f'{number:03X}', f'{max(gaps) * 1000:.1f} ms')\n",
            "python",
        ),
        table(
            [
                ["ID", "发送节点", "周期 (ms)", "超时 (ms)", "信号"],
                ["0x1A3", "电机控制器", "10", "500", "IGBT 温度、转速"],
                ["0x220", "制动助力器", "10", "100", "踏板行程、助力状态"],
                ["0x3C1", "车载充电机", "100", "1000", "输出电压、电流"],
            ],
            header_column=True,
        ),
        heading(3, "2.3.1 计数器与校验"),
        bullet("4 位滚动计数器，连续两帧不变即判无效"),
        bullet("CRC8，多项式 ", mono("0x1D"), "，初值 ", mono("0xFF"), "，异或 ", mono("0xFF")),
        code(
            '{\n  "id": "0x1A3",\n'
            '  "crc": {"poly": "0x1D", "init": "0xFF", "xor": "0xFF"},\n'
            '  "counter": {"bits": 4, "start": 12}\n}\n',
            "json",
        ),
        heading(2, "2.4 物理检查"),
        bullet("双绞线绞距 ≤ 25 mm，接插件处解绞 ≤ 50 mm"),
        bullet("支线长度：", bullet("500 kbit/s：≤ 1 m"), bullet("2 Mbit/s：≤ 0.3 m")),
        bullet("屏蔽层单端接地，", bold("不得两端接地")),
        grid(
            [text(bold("正常")), desk.picture("正常", chain("TRUNK", ["VCU", "MCU", "BMS", "EHB"]))],
            [text(bold("断路")), desk.picture("断路", chain("TRUNK", ["VCU", "MCU", "BMS", "EHB"], 2))],
        ),
        heading(1, "3 恢复与验证"),
        todo("清除 U 码，休眠唤醒 10 次不复现"),
        todo("总线负载率 < 50%，错误帧 0", done=True),
        todo("把 ", mono("trace.blf"), " 上传到缺陷单"),
        quote("间歇故障要带着故障走：先晃线束，再晃接插件，最后才换件。"),
        heading(1, "4 附件与参考"),
        desk.paper("动力CAN.txt", 'BO_ 419 MCU_Temp: 8 MCU\n SG_ T_Igbt : 16|8@1+ (1,-40) [-40|215] "degC" VCU\n'),
        text("相关：", doc(desk.guides[0]), "、", doc(desk.guides[3]), "；有疑问找 ", at(desk.user(7)), "。"),
    ]


# 4: brake booster ----------------------------------------------------------------------------------------------------


def _brake(desk: _Desk) -> list[Block]:
    boost = [0.0, 0.4, 1.1, 2.3, 3.9, 5.6, 7.2, 8.4, 9.1, 9.5, 9.6, 9.6]
    weak = [level * 0.42 for level in boost]
    return [
        text(
            "适用：电子液压制动助力器 ",
            bold("EHB 2.0"),
            "。安全目标 SG-003：",
            italic("避免制动助力非预期丧失"),
            "（ASIL D）。",
        ),
        callout(
            text(bold("本故障影响制动，未排除前禁止上路。")),
            bullet("移车必须使用拖车"),
            bullet("台架验证时保持急停按钮在手"),
            emoji="no_entry",
        ),
        heading(1, "1 故障现象"),
        text("踏板变硬、行程变短，仪表红色制动灯点亮，蜂鸣器连续鸣叫。"),
        bullet(mono("C1A2B-16"), " 助力器供电过低"),
        bullet(mono("C1A2C-1C"), " 踏板行程传感器两路不一致", bullet("偏差 > 5%，持续 20 ms")),
        bullet(mono("C1A30-00"), " 压力跟随误差过大"),
        bullet(mono("C1A31-4B"), " 助力电机过热，降级为 60% 助力"),
        heading(2, "1.1 降级策略"),
        table(
            [
                ["等级", "条件", "助力", "备份"],
                ["0", "无故障", "100%", "-"],
                ["1", "单路传感器失效", "100%", "另一路"],
                ["2", "电机过温或供电 9 … 10 V", "60%", "ESC 主动增压"],
                ["3", "助力器失效", "0%", [text("ESC 主动增压"), text("机械直连，踏板力 500 N 时减速度 ≥ 2.44 m/s²")]],
            ],
        ),
        heading(1, "2 定位步骤"),
        heading(2, "2.1 供电"),
        ordered("测量 X2 接插件 1 针对搭铁电压", bullet("静态 ≥ 12.0 V"), bullet("急踩时 ≥ 10.5 V，跌落 < 1.5 V")),
        ordered("检查 80 A 熔断器与搭铁点 G104，接触电阻 < 2 mΩ"),
        ordered("电压正常而仍报 ", mono("C1A2B-16"), " 时，读取内部采样值比对，偏差 > 0.3 V 换助力器"),
        desk.picture(
            "X2",
            plug("X2 EHB", ["B+", "GND", "CANH", "CANL", "S1", "S2", "WAKE", "NC"], [1, 2]),
            "X2 针脚图，红色为供电",
        ),
        heading(2, "2.2 踏板行程传感器"),
        text("两路信号互为反相，和恒为 5 V："),
        equation("U_{1} + U_{2} = 5\\ \\mathrm{V} \\pm 0.1\\ \\mathrm{V}"),
        table(
            [
                ["踏板行程 (mm)", "S1 (V)", "S2 (V)", "允许偏差"],
                ["0", "0.50", "4.50", "± 0.05 V"],
                ["20", "1.30", "3.70", ""],
                ["40", "2.10", "2.90", ""],
                ["60", "2.90", "2.10", ""],
            ],
            merges=[(2, 4, 4, 1)],
        ),
        code("uds read 22 F1 9A   # 踏板零点\nuds routine 31 01 02 30   # 零点自学习，车辆静止、踏板松开\n", "shell"),
        ordered("零点偏移 > 2 mm 时做自学习", sequence="1"),
        ordered("自学习失败两次，换踏板总成"),
        heading(2, "2.3 液压与电机"),
        text("以 100 mm/s 踩下踏板，比较目标压力与实际压力："),
        desk.picture(
            "建压", chart("PRESSURE MPA", {"TARGET": boost, "ACTUAL": weak}, 9), "绿线低于蓝线 10% 以上即异常"
        ),
        ordered("排气：", bullet("先左前，后右后"), bullet("每轮至少 300 mL，直到无气泡"), sequence="1"),
        ordered("储液罐液位低：查主缸皮碗与管路接头"),
        ordered(
            "电机过热：",
            bullet("连续制动 20 次后温度 < 120 ℃"),
            bullet("超过则查散热片与导热垫，判据同 ", doc(desk.guides[0])),
        ),
        heading(2, "2.4 通信"),
        text("ESC 与助力器互相监视，任一侧 ", mono("0x220"), " 丢失 100 ms 即进入等级 2。"),
        bullet("先按 ", doc(desk.guides[2]), " 排除总线故障"),
        bullet("再比对两侧的软件版本：", bullet("EHB 2.0.14 需要 ESC 9.3 及以上"), bullet("不匹配时报 U0416-81")),
        drawing(
            "sequenceDiagram\n  踏板->>EHB: 行程 S1/S2\n  EHB->>ESC: 0x220 助力状态\n  ESC-->>EHB: 0x221 主动增压就绪\n"
        ),
        heading(1, "3 验证"),
        todo("静态：踩 10 次，建压时间 < 150 ms"),
        todo("动态：60 km/h 制动三次，减速度 ≥ 6 m/s²"),
        todo("故障注入：拔下 S2，应进入等级 1", done=True),
        todo("结果写入测试记录，用例 ", mono("TC-0116")),
        quote("踏板硬不一定是助力器：先排气，再量电压。", "——底盘组"),
        heading(1, "4 安全条款与附件"),
        reference(GUIDES[0], SYNCED),
        desk.paper("EHB 版本对照.csv", "EHB,ESC\n2.0.12,9.1\n2.0.14,9.3\n2.1.0,9.5\n"),
        text("责任人：", at(desk.user(8)), "；下次演练 ", reminder(desk.user(8), _due(5, 6), whole_day=True)),
    ]


# 5: charger ----------------------------------------------------------------------------------------------------------


def _charger(desk: _Desk) -> list[Block]:
    voltage = [0, 20, 120, 280, 360, 392, 398, 400, 400, 401, 400, 400, 372, 371, 370]
    return [
        text("适用：6.6 kW 与 11 kW 车载充电机（OBC），交流慢充。直流快充不在本文范围。"),
        callout("充电口内有水或异物时，先断开车辆侧高压，", "再处理充电口，禁止带电擦拭。", emoji="zap", color=4),
        heading(1, "1 故障现象"),
        bullet("插枪后无反应，充电口灯不亮"),
        bullet("充电数分钟后中断，上报 ", mono("P0D4D-1C"), "（输出电压异常）"),
        bullet("电子锁不落锁，上报 ", mono("P0D5A-07")),
        bullet("充电慢：", bullet("电流被限制到 8 A"), bullet("充电机过温降额，外壳 > 75 ℃")),
        heading(2, "1.1 先看什么"),
        table(
            [
                ["现象", "先查", "再查", "章节"],
                ["无反应", "CP、CC 信号", "充电桩", "2.1"],
                ["中途断", "输出电压曲线", "绝缘", "2.3"],
                ["", "枪头温度", "充电口端子", ""],
                ["不落锁", "电子锁供电", "锁止反馈", "2.2"],
            ],
            merges=[(3, 1, 2, 1), (3, 4, 2, 1)],
        ),
        heading(1, "2 定位步骤"),
        heading(2, "2.1 控制导引"),
        text("CP 占空比决定电流上限："),
        equation("I_{max} = D \\times 0.6\\ \\mathrm{A}, \\qquad 10\\% \\le D \\le 85\\%"),
        table(
            [
                ["CP 电压 (V)", "状态", "车辆应有的动作"],
                ["12", "A：未插枪", "无"],
                ["9", "B：已插枪，未就绪", "自检"],
                ["6", "C：充电", "闭合 S2，落锁"],
                ["0 或 -12", "E、F：故障", "断开 S2"],
            ]
        ),
        ordered("示波器接 CP 与 PE，插枪，观察 12 V → 9 V → 6 V"),
        ordered(
            "停在 9 V：车辆未闭合 S2",
            bullet("查整车控制器是否允许充电"),
            bullet("查 BMS 是否报绝缘故障，见 ", doc(desk.guides[1])),
        ),
        ordered("停在 12 V：CC 断路，测量 CC 与 PE：", bullet("16 A 枪：680 Ω"), bullet("32 A 枪：220 Ω")),
        desk.picture("充电口", plug("AC INLET", ["L1", "L2", "L3", "N", "PE", "CC", "CP"], [6, 7]), "6、7 针为 CC、CP"),
        heading(2, "2.2 电子锁"),
        ordered("落锁时驱动电压 12 V，持续 0.5 s", sequence="1"),
        ordered("反馈开关：锁止 < 10 Ω，解锁 > 1 MΩ"),
        ordered("机械卡滞：手动拉索解锁，清理锁销后涂润滑脂"),
        callout("应急解锁拉索在后备箱左侧饰板内，", "拉出 20 mm 即可。", emoji="key"),
        heading(2, "2.3 输出电压"),
        text("录制充电全过程，重点看恒流转恒压的拐点："),
        desk.picture("输出", chart("OUTPUT V", {"OBC": voltage}, 380), "末段跌到 372 V，低于允许值"),
        code(
            "SELECT time, u_out, i_out, t_case\nFROM charge_log\n"
            "WHERE vin = 'LNB00042' AND u_out < u_set * 0.95\nORDER BY time;\n",
            "sql",
        ),
        bullet("偏差 > 5%，持续 1 s：", bullet("采样线压降：四线法测量"), bullet("输出电容容量 < 80%")),
        bullet("输入电压 < 176 V：非车辆故障，换桩复测"),
        bullet("外壳 > 75 ℃：查水路，步骤同 ", doc(desk.guides[0])),
        heading(3, "2.3.1 通信超时"),
        text("BMS 与 OBC 之间 ", mono("0x3C1"), " 丢失 1 s 即停止充电，先按 ", doc(desk.guides[2]), " 排查。"),
        grid(
            [text(bold("预充")), bullet("时间 < 3 s"), bullet("电压差 < 10 V")],
            [text(bold("主充")), bullet("纹波 < 2%"), bullet("效率 > 94%")],
            [text(bold("结束")), bullet("电流 < 2 A"), bullet("泄放到 60 V，< 5 s")],
        ),
        heading(2, "2.4 漏电保护"),
        text("桩侧漏保跳闸时，先测车辆侧", bold("绝缘"), "："),
        ordered("L、N 对 PE ≥ 10 MΩ（500 V 挡）", sequence="1"),
        ordered("不合格：拔下 OBC 交流接插件再测", bullet("恢复：换 OBC"), bullet("不恢复：查充电口线束")),
        heading(1, "3 验证"),
        todo("同一台桩、同一把枪复测，充电 30 min 不中断"),
        todo("另一台桩复测", done=True),
        todo("检查端子颜色：", run("发黑、发蓝", bold=True, text_color=1), " 必须更换"),
        divider(),
        heading(1, "4 附件与参考"),
        desk.paper("充电记录.csv", "时间,电压,电流\n0,0,0\n60,392,15.8\n600,400,16.0\n1200,372,9.1\n"),
        quote("桩、枪、车三方，先换枪，再换桩，最后查车。"),
        text("相关：", doc(desk.guides[1]), "、", link("GB/T 18487.1", "https://example.com/gbt18487", encoded=False)),
        text("复查 ", at(desk.user(9)), " ", reminder(desk.user(9), _due(6, 18))),
    ]
