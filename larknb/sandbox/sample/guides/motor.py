"""The first guide: a motor controller that runs too hot."""

from __future__ import annotations

from larknb.sandbox.blocks import (
    Block,
    at,
    bold,
    bullet,
    callout,
    code,
    doc,
    drawing,
    equation,
    formula,
    grid,
    heading,
    link,
    mono,
    old_quote,
    ordered,
    quote,
    reminder,
    struck,
    synced,
    table,
    text,
    todo,
)
from larknb.sandbox.sample.pictures import chart, plug

from .desk import SYNCED, Desk, due


def motor(desk: Desk) -> list[Block]:
    """Blocks of the guide."""
    return [
        *_symptoms(desk),
        *_static_checks(desk),
        *_dynamic_checks(desk),
        *_verdict(),
        *_references(desk),
    ]


def _symptoms(desk: Desk) -> list[Block]:
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
    ]


def _static_checks(desk: Desk) -> list[Block]:
    return [
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
    ]


def _dynamic_checks(desk: Desk) -> list[Block]:
    rising = [60 + 0.9 * second + 0.008 * second**2 for second in range(0, 90, 5)]
    normal = [60 + 28 * (1 - 0.93 ** (second / 5)) for second in range(0, 90, 5)]
    return [
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
    ]


def _verdict() -> list[Block]:
    return [
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
    ]


def _references(desk: Desk) -> list[Block]:
    return [
        heading(1, "4 附件与参考"),
        desk.paper("标定数据 v2.csv", "参数,值,单位\ntMaxIgbt,150,℃\ntDerate,140,℃\ntHyst,8,℃\n"),
        text("复查：", at(desk.user(4)), " ", reminder(desk.user(4), due(3, 2))),
        text(
            "相关：",
            doc(desk.guides[1]),
            "、",
            doc(desk.guides[4]),
            "、",
            link("热设计规范", "https://example.com/spec?id=7&v=2"),
        ),
    ]
