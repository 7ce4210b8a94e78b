"""The base 功能安全业务数据: defects, safety goals and test records."""

from __future__ import annotations

import datetime as dt
from typing import Any

from larknb.sandbox.world.bitable.base import Base
from larknb.sandbox.world.bitable.fields import Field
from larknb.sandbox.world.ids import derived_id
from larknb.sandbox.world.tenant import Tenant
from larknb.sandbox.world.times import local, midnight_of, stamp_of

from .chance import HOUR, TODAY, ZONE, Dice
from .columns import (
    ANYWHERE,
    DAY_AND_TIME,
    DAY_ONLY,
    PERCENT,
    SCAN,
    SITES,
    STAMP,
    column_ref,
    computed_cell,
    formula_of,
    link_to,
    lookup_in,
    select_of,
    site_cell,
    text_segment,
)
from .files import file_object
from .history import give_history
from .tokens import SAFETY_BASE, SAFETY_DEFECTS, SAFETY_GOALS, SAFETY_TESTS

MOST_LINKS = 500  # in one cell, by the platform's limit

# fmt: off
PARTS = [
    "驱动电机", "电池包", "制动控制器", "转向助力", "域控制器", "毫米波雷达", "高压继电器", "DC/DC 变换器", "摄像头",
]
SYMPTOMS = [
    "过热", "通信丢失", "采样值跳变", "上电自检失败", "响应延迟", "误报警", "绝缘电阻偏低", "看门狗复位", "扭矩异常",
]
CAUSES = ["固件版本不匹配", "连接器松动", "滤波参数错误", "中断优先级配置错误", "散热不足", "线束屏蔽不良"]
STATES = ["新建", "分析中", "修复中", "待验证", "已关闭"]
ASIL = ["QM", "ASIL A", "ASIL B", "ASIL C", "ASIL D"]
TAGS = ["偶发", "必现", "客户反馈", "回归", "台架, 高温", "量产阻塞"]
SAFE_STATES = ["切断高压", "限扭", "靠边停车", "提示驾驶员"]
RESULTS = ["通过", "失败", "阻塞"]
TRIALS = ["故障注入", "边界", "耐久", "冷启动"]
# fmt: on

CASE_NUMBER = [
    {"type": "fixed_text", "value": "DF-"},
    {"type": "created_time", "value": "yyyyMMdd"},
    {"type": "fixed_text", "value": "-"},
    {"type": "system_number", "value": "5"},
]


def add_safety(tenant: Tenant, dice: Dice, rows: int) -> Base:
    """Add the base; ``rows`` is the number of defects."""
    return _SafetyBase(tenant, dice).build(rows)


class _SafetyBase:
    """Defects, safety goals and test records."""

    def __init__(self, tenant: Tenant, dice: Dice) -> None:
        self.dice = dice
        self.users = tenant.users
        self.base = tenant.add_base("功能安全业务数据", SAFETY_BASE, owner=tenant.users[1])
        self.defects = self.base.add_table("缺陷", self.defect_fields(), SAFETY_DEFECTS)
        self.goals = self.base.add_table("安全目标", self.goal_fields(), SAFETY_GOALS)
        self.tests = self.base.add_table("测试记录", self.test_fields(), SAFETY_TESTS)

    def build(self, rows: int) -> Base:
        found = sorted(self.dice.moment() for _ in range(rows))
        self.defects.add_many([self.defect(number, moment) for number, moment in enumerate(found)])
        self.goals.add_many([self.goal(number) for number in range(1, 41)])
        first = stamp_of(dt.datetime(2025, 1, 6, 9, tzinfo=ZONE))
        ran = [first + number * 27 * HOUR for number in range(320)]
        self.tests.add_many([self.trial(number, moment) for number, moment in enumerate(ran)])
        self.link_defects()
        self.link_tests()
        give_history(self.defects, self.dice, [moment + self.dice.randrange(HOUR) for moment in found])
        give_history(self.goals, self.dice, sorted(self.dice.moment() for _ in self.goals.rows))
        give_history(self.tests, self.dice, [moment + HOUR for moment in ran])
        is_open = {"field_id": self.defects.field("状态").field_id, "operator": "isNot", "value": ["已关闭"]}
        self.defects.add_view("未关闭", {"conjunction": "and", "conditions": [is_open]})
        return self.base

    def defect_fields(self) -> list[Field]:
        due = column_ref(SAFETY_DEFECTS, "fldDueToCls")
        return [
            Field("标题", 1, is_primary=True),
            Field("编号", 1005, property={"auto_serial": {"type": "custom", "options": CASE_NUMBER}}),
            Field("现象描述", 1),
            Field("状态", 3, property=select_of(STATES)),
            Field("流程阶段", 24),
            Field("ASIL", 3, property=select_of(ASIL)),
            Field("标签", 4, property=select_of(TAGS)),
            Field("处理人", 11, property={"multiple": True}),
            Field("发现时间", 5, property=DAY_AND_TIME),
            Field("计划关闭", 5, "", DAY_ONLY, "fldDueToCls"),
            Field("里程", 2, "Number", {"formatter": "1,000.00"}),
            Field("解决进度", 2, "Progress", PERCENT),
            Field("损失", 2, "Currency", {"formatter": "¥0.00", "currency_code": "CNY"}),
            Field("可复现", 7),
            Field("日志", 17),
            Field("发生地点", 22, property=ANYWHERE),
            Field("安全目标", 21, "", link_to(SAFETY_GOALS, "安全目标", "fldDfOfGoal", "相关缺陷"), "fldGoalOfDf"),
            Field("目标 ASIL", 19, property=lookup_in(SAFETY_GOALS)),
            Field("是否超期", 20, property=formula_of(f'IF(TODAY()>{due},"超期","✅ 正常")')),
            Field("关闭期限", 20, property=formula_of(f"{due}+7", "yyyy/MM/dd")),
            Field("通知", 3001),
            Field("创建时间", 1001, property=STAMP),
            Field("最后更新时间", 1002, property=STAMP),
            Field("创建人", 1003),
            Field("修改人", 1004),
        ]

    def goal_fields(self) -> list[Field]:
        return [
            Field("编号", 1, is_primary=True),
            Field("安全目标", 1),
            Field("ASIL", 3, property=select_of(ASIL)),
            Field("安全状态", 4, property=select_of(SAFE_STATES)),
            Field("FTTI (ms)", 2, "Number", {"formatter": "0"}),
            Field("相关缺陷", 21, "", link_to(SAFETY_DEFECTS, "缺陷", "fldGoalOfDf", "安全目标"), "fldDfOfGoal"),
            Field("缺陷数", 20, property=formula_of(f"COUNTA({column_ref(SAFETY_GOALS, 'fldDfOfGoal')})", "0")),
            Field("评审日期", 5, property=DAY_ONLY),
        ]

    def test_fields(self) -> list[Field]:
        return [
            Field("用例", 1, is_primary=True),
            Field("样件条码", 1, "Barcode", SCAN),
            Field("结果", 3, property=select_of(RESULTS)),
            Field("验证的缺陷", 18, property={"multiple": True, "table_id": SAFETY_DEFECTS, "table_name": "缺陷"}),
            Field("缺陷处理人", 19, property=lookup_in(SAFETY_DEFECTS)),
            Field("执行时间", 5, property=DAY_AND_TIME),
            Field("执行人", 11, property={"multiple": False}),
            Field("电压 (V)", 2, "Number", {"formatter": "0.0000"}, "fldVoltsNow"),
            Field("余量", 20, property=formula_of(f"{column_ref(SAFETY_TESTS, 'fldVoltsNow')}-9", "0.00")),
            Field("报告", 17),
            Field("台账", 15),
        ]

    def defect(self, number: int, found: int) -> dict[str, Any]:
        dice = self.dice
        part, symptom, state = dice.choice(PARTS), dice.choice(SYMPTOMS), dice.choice(STATES)
        if number % 97 == 13:
            return {"标题": f"{part}{symptom}"}  # just noted down: nothing else is filled in
        due = local(found, ZONE).date() + dt.timedelta(days=dice.randrange(5, 90)) if dice.random() < 0.8 else None
        late = due is not None and due < TODAY and state != "已关闭"
        return {
            "标题": f"{part}{symptom}",
            "现象描述": dice.maybe(0.9, self.story(number, part, symptom)),
            "状态": "挂起" if number % 211 == 7 else state,  # 挂起: an option that was deleted since
            "流程阶段": dice.maybe(0.7, state),
            "ASIL": dice.maybe(0.9, dice.choice(ASIL)),
            "标签": dice.maybe(0.6, dice.sample(TAGS, dice.randint(1, 3))),
            "处理人": dice.maybe(0.9, dice.sample(self.users, dice.choice([1, 1, 1, 2, 3]))),
            "发现时间": found,
            "计划关闭": due,
            "里程": dice.maybe(0.8, round(dice.uniform(0, 180_000), 2)),
            "解决进度": dice.maybe(0.8, STATES.index(state) / 4),
            "损失": dice.maybe(0.3, round(dice.uniform(0, 90_000), 2)),
            "可复现": dice.maybe(0.5, dice.random() < 0.8),
            "日志": dice.maybe(0.1, [file_object(f"can_{number:05}.blf", "application/octet-stream")]),
            "发生地点": dice.maybe(0.4, site_cell(dice.choice(SITES))),
            "是否超期": computed_cell(1, [text_segment("超期" if late else "✅ 正常")]),
            "关闭期限": due and computed_cell(5, [midnight_of(due + dt.timedelta(days=7), ZONE)]),
        }

    def story(self, number: int, part: str, symptom: str) -> Any:
        """What somebody wrote: mostly plain, at times with a person, a document and a link in the text."""
        dice = self.dice
        text = f"{part}{symptom}，初步判断为{dice.choice(CAUSES)}。\n环境温度 {dice.randrange(-30, 60)} ℃。"
        if number % 7:
            return text
        user, guide = dice.choice(self.users), derived_id("", 27, "guide", part)
        person = {"mentionType": "User", "mentionNotify": False, "name": user.name, "token": user.open_id}
        document = {"mentionType": "Docx", "token": guide, "link": f"https://example.feishu.cn/docx/{guide}"}
        return [
            text_segment(f"{text}请 "),
            {"type": "mention", "text": f"@{user.name}", **person},
            text_segment(" 参照 "),
            {"type": "mention", "text": f"{part}故障定位指引", **document},
            text_segment("，工单 "),
            {"type": "url", "text": f"#{number}", "link": f"https://example.com/tickets/{number}"},
        ]

    def goal(self, number: int) -> dict[str, Any]:
        dice = self.dice
        return {
            "编号": f"SG-{number:03}",
            "安全目标": f"避免{PARTS[number % len(PARTS)]}{dice.choice(SYMPTOMS)}导致人身伤害",
            "ASIL": dice.choice(ASIL),
            "安全状态": dice.sample(SAFE_STATES, dice.randint(1, 2)),
            "FTTI (ms)": dice.maybe(0.9, dice.choice([50, 100, 200, 500, 1000])),
            "评审日期": dice.maybe(0.8, dice.day()),
        }

    def trial(self, number: int, ran: int) -> dict[str, Any]:
        dice = self.dice
        volts = dice.maybe(0.9, round(dice.uniform(8.5, 14.5), 4))
        pages, plot = (f"TR-{number:04}.pdf", "application/pdf"), (f"波形-{number:04}.png", "image/png")
        return {
            "用例": f"TC-{number:04} {dice.choice(PARTS)}{dice.choice(TRIALS)}",
            "样件条码": f"69{dice.randrange(10**11):011}",
            "结果": dice.maybe(0.95, dice.choice(["通过", "通过", *RESULTS])),
            "执行时间": ran,
            "执行人": dice.choice(self.users),
            "电压 (V)": volts,
            "余量": volts and computed_cell(2, [round(volts - 9, 4)]),
            "报告": dice.maybe(0.3, [file_object(*pages), file_object(*plot)]),
            "台账": dice.maybe(0.2, f"https://example.com/bench/{number}"),
        }

    def link_defects(self) -> None:
        """Link defects to goals both ways; the last goal stays alone."""
        ways: dict[str, list[str]] = {one: [] for one in self.goals.rows}
        for record_id in list(self.defects.rows):
            free = [one for one in list(ways)[:-1] if len(ways[one]) < MOST_LINKS]
            chosen = self.dice.sample(free, min(len(free), self.dice.choice([0, 1, 1, 1, 2])))
            levels = [self.goals.read(one)["ASIL"] for one in chosen]
            self.defects.set_quietly(record_id, {"安全目标": chosen, "目标 ASIL": computed_cell(3, levels)})
            for one in chosen:
                ways[one].append(record_id)
        for record_id, linked in ways.items():
            self.goals.set_quietly(record_id, {"相关缺陷": linked, "缺陷数": computed_cell(2, [len(linked)])})

    def link_tests(self) -> None:
        defects = list(self.defects.rows)
        for record_id in list(self.tests.rows):
            chosen = self.dice.sample(defects, min(len(defects), self.dice.choice([0, 1, 1, 2])))
            owners = [person for one in chosen for person in self.defects.read(one).get("处理人", [])]
            self.tests.set_quietly(record_id, {"验证的缺陷": chosen, "缺陷处理人": computed_cell(11, owners)})
