"""The third guide: nodes on a CAN bus that do not hear each other."""

from __future__ import annotations

from larknb.sandbox.blocks import (
    Block,
    at,
    bold,
    bullet,
    callout,
    code,
    doc,
    grid,
    heading,
    mono,
    ordered,
    quote,
    table,
    text,
    todo,
)
from larknb.sandbox.sample.pictures import chain, chart, plug

from .desk import Desk


def can(desk: Desk) -> list[Block]:
    """Blocks of the guide."""
    return [
        *_symptoms(),
        *_resistance(desk),
        *_waveform(desk),
        *_messages(),
        *_wiring(desk),
        *_recovery(desk),
    ]


def _symptoms() -> list[Block]:
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
    ]


def _resistance(desk: Desk) -> list[Block]:
    return [
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
    ]


def _waveform(desk: Desk) -> list[Block]:
    square = [2.5 + (1.0 if bit == "1" else 0.0) for bit in "0011010011101000101101" for _ in range(4)]
    low = [5 - level for level in square]
    return [
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
    ]


def _messages() -> list[Block]:
    return [
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
    ]


def _wiring(desk: Desk) -> list[Block]:
    return [
        heading(2, "2.4 物理检查"),
        bullet("双绞线绞距 ≤ 25 mm，接插件处解绞 ≤ 50 mm"),
        bullet("支线长度：", bullet("500 kbit/s：≤ 1 m"), bullet("2 Mbit/s：≤ 0.3 m")),
        bullet("屏蔽层单端接地，", bold("不得两端接地")),
        grid(
            [text(bold("正常")), desk.picture("正常", chain("TRUNK", ["VCU", "MCU", "BMS", "EHB"]))],
            [text(bold("断路")), desk.picture("断路", chain("TRUNK", ["VCU", "MCU", "BMS", "EHB"], 2))],
        ),
    ]


def _recovery(desk: Desk) -> list[Block]:
    return [
        heading(1, "3 恢复与验证"),
        todo("清除 U 码，休眠唤醒 10 次不复现"),
        todo("总线负载率 < 50%，错误帧 0", done=True),
        todo("把 ", mono("trace.blf"), " 上传到缺陷单"),
        quote("间歇故障要带着故障走：先晃线束，再晃接插件，最后才换件。"),
        heading(1, "4 附件与参考"),
        desk.paper("动力CAN.txt", 'BO_ 419 MCU_Temp: 8 MCU\n SG_ T_Igbt : 16|8@1+ (1,-40) [-40|215] "degC" VCU\n'),
        text("相关：", doc(desk.guides[0]), "、", doc(desk.guides[3]), "；有疑问找 ", at(desk.user(7)), "。"),
    ]
