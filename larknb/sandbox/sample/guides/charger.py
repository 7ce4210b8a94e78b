"""The fifth guide: a charger that does not charge."""

from __future__ import annotations

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
    grid,
    heading,
    link,
    mono,
    ordered,
    quote,
    reminder,
    run,
    table,
    text,
    todo,
)
from larknb.sandbox.sample.pictures import chart, plug

from .desk import Desk, due


def charger(desk: Desk) -> list[Block]:
    """Blocks of the guide."""
    return [
        *_symptoms(),
        *_pilot(desk),
        *_lock_and_output(desk),
        *_leakage(),
        *_trial(desk),
    ]


def _symptoms() -> list[Block]:
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
    ]


def _pilot(desk: Desk) -> list[Block]:
    return [
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
    ]


def _lock_and_output(desk: Desk) -> list[Block]:
    voltage = [0, 20, 120, 280, 360, 392, 398, 400, 400, 401, 400, 400, 372, 371, 370]
    return [
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
    ]


def _leakage() -> list[Block]:
    return [
        heading(2, "2.4 漏电保护"),
        text("桩侧漏保跳闸时，先测车辆侧", bold("绝缘"), "："),
        ordered("L、N 对 PE ≥ 10 MΩ（500 V 挡）", sequence="1"),
        ordered("不合格：拔下 OBC 交流接插件再测", bullet("恢复：换 OBC"), bullet("不恢复：查充电口线束")),
    ]


def _trial(desk: Desk) -> list[Block]:
    return [
        heading(1, "3 验证"),
        todo("同一台桩、同一把枪复测，充电 30 min 不中断"),
        todo("另一台桩复测", done=True),
        todo("检查端子颜色：", run("发黑、发蓝", bold=True, text_color=1), " 必须更换"),
        divider(),
        heading(1, "4 附件与参考"),
        desk.paper("充电记录.csv", "时间,电压,电流\n0,0,0\n60,392,15.8\n600,400,16.0\n1200,372,9.1\n"),
        quote("桩、枪、车三方，先换枪，再换桩，最后查车。"),
        text("相关：", doc(desk.guides[1]), "、", link("GB/T 18487.1", "https://example.com/gbt18487", encoded=False)),
        text("复查 ", at(desk.user(9)), " ", reminder(desk.user(9), due(6, 18))),
    ]
