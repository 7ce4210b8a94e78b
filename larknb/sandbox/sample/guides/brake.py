"""The fourth guide: a brake booster that does not help."""

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
    heading,
    italic,
    mono,
    ordered,
    quote,
    reference,
    reminder,
    table,
    text,
    todo,
)
from larknb.sandbox.sample.pictures import chart, plug
from larknb.sandbox.sample.tokens import GUIDES

from .desk import SYNCED, Desk, due


def brake(desk: Desk) -> list[Block]:
    """Blocks of the guide."""
    return [
        *_symptoms(),
        *_supply_and_pedal(desk),
        *_pressure(desk),
        *_trial(desk),
    ]


def _symptoms() -> list[Block]:
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
    ]


def _supply_and_pedal(desk: Desk) -> list[Block]:
    return [
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
    ]


def _pressure(desk: Desk) -> list[Block]:
    boost = [0.0, 0.4, 1.1, 2.3, 3.9, 5.6, 7.2, 8.4, 9.1, 9.5, 9.6, 9.6]
    weak = [level * 0.42 for level in boost]
    return [
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
    ]


def _trial(desk: Desk) -> list[Block]:
    return [
        heading(1, "3 验证"),
        todo("静态：踩 10 次，建压时间 < 150 ms"),
        todo("动态：60 km/h 制动三次，减速度 ≥ 6 m/s²"),
        todo("故障注入：拔下 S2，应进入等级 1", done=True),
        todo("结果写入测试记录，用例 ", mono("TC-0116")),
        quote("踏板硬不一定是助力器：先排气，再量电压。", "——底盘组"),
        heading(1, "4 安全条款与附件"),
        reference(GUIDES[0], SYNCED),
        desk.paper("EHB 版本对照.csv", "EHB,ESC\n2.0.12,9.1\n2.0.14,9.3\n2.1.0,9.5\n"),
        text("责任人：", at(desk.user(8)), "；下次演练 ", reminder(desk.user(8), due(5, 6), whole_day=True)),
    ]
