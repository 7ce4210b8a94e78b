"""Two bases of an automotive functional-safety team.

Between them they hold every field type of the platform, empty cells, and the values that clients trip over.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from typing import Any

from larknb.sandbox.base import Base
from larknb.sandbox.cells import ATTACHMENT, local, midnight_of, stamp_of
from larknb.sandbox.objects import User, derived_id
from larknb.sandbox.tables import Field, Table
from larknb.sandbox.tenant import Tenant

from .chance import DAY, HOUR, TODAY, ZONE, Dice
from .tokens import (
    SAFETY_BASE,
    SAFETY_DEFECTS,
    SAFETY_GOALS,
    SAFETY_TESTS,
    STAFF_BASE,
    STAFF_DEPARTMENTS,
    STAFF_PEOPLE,
    STAFF_SKILLS,
    WIKI_NODE,
)

PDF = (  # one blank page
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 420 297]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
MOST_LINKS = 500  # in one cell, by the platform's limit

# fmt: off
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张"
GIVEN = [
    "伟", "芳", "娜", "敏", "静", "磊", "强", "洋", "艳", "勇", "军", "杰", "涛", "明", "秀英", "文博", "雨桐", "子涵",
]
GRADES = ["P5 工程师", "P6 高级工程师", "P7 专家", "P8 资深专家", "M1 经理"]
SITES = [
    ("上海市", "上海市", "嘉定区", "安亭镇墨玉南路888号", "安亭研发中心", "121.160213,31.287439"),
    ("北京市", "北京市", "顺义区", "赵全营镇昌金路2号", "顺义试验场", "116.552801,40.198226"),
    ("湖北省", "武汉市", "蔡甸区", "沌口街道神龙大道165号", "武汉试制工厂", "114.161035,30.497561"),
]
DEPARTMENTS = [
    "系统安全组", "软件安全组", "硬件安全组", "电池与电驱组", "智驾安全组", "测试验证组", "流程与工具组", "芯片安全组",
]
KINDS = ["标准", "分析方法", "软件", "硬件", "测试"]
SKILLS = [
    ("ISO 26262 审核", 0), ("SOTIF (ISO 21448)", 0), ("ISO/SAE 21434", 0), ("HARA 分析", 1), ("FMEA", 1), ("FTA", 1),
    ("STPA", 1), ("AUTOSAR", 2), ("MISRA C, CERT C", 2), ("模型检查", 2), ("Python", 2), ("Simulink", 2), ("FMEDA", 3),
    ("锁步核设计", 3), ("电池管理系统", 3), ("HIL 测试", 4), ("故障注入", 4), ("电磁兼容", 4),
]
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


def add_bases(tenant: Tenant, dice: Dice, rows: int) -> None:
    """Add both bases; ``rows`` is the number of defects, all other tables have their fixed sizes."""
    staff, safety = _StaffBase(tenant, dice).build(), _SafetyBase(tenant, dice).build(rows)
    tenant.add_wiki_node(safety, "功能安全 / 业务数据", WIKI_NODE)
    for base in (staff, safety):
        _keep_files(base)


def add_people(tenant: Tenant, dice: Dice) -> None:
    """Add the staff."""
    names = [surname + given for surname in SURNAMES for given in GIVEN]
    for number, name in enumerate(dice.sample(names, 47), 1):
        mobile = f"139{number:04}{dice.randrange(10_000):04}"
        tenant.add_user(name, en_name=f"Staff {number}", email=f"fs{number:03}@example.com", mobile=mobile)


# Fields and cells ----------------------------------------------------------------------------------------------------

PERCENT = {"formatter": "0%", "min": 0, "max": 1, "range_customize": False}
STARS = {"formatter": "0", "min": 1, "max": 5, "rating": {"symbol": "star"}}
DAY_ONLY = {"date_formatter": "yyyy/MM/dd", "auto_fill": False}
DAY_AND_TIME = {"date_formatter": "yyyy-MM-dd HH:mm", "auto_fill": False}
STAMP = {"date_formatter": "yyyy/MM/dd HH:mm"}
SCAN = {"allowed_edit_modes": {"manual": True, "scan": True}}
ANYWHERE = {"location": {"input_type": "not_limit"}}
COUNTER = {"auto_serial": {"type": "auto_increment_number"}}
CASE_NUMBER = [
    {"type": "fixed_text", "value": "DF-"},
    {"type": "created_time", "value": "yyyyMMdd"},
    {"type": "fixed_text", "value": "-"},
    {"type": "system_number", "value": "5"},
]


def _options(names: Sequence[str]) -> dict[str, Any]:
    return {"options": list(names)}


def _links(table_id: str, table: str, field_id: str, name: str) -> dict[str, Any]:
    """Property of one side of a two-way link, which names the other side."""
    one_way = {"multiple": True, "table_id": table_id, "table_name": table}
    return one_way | {"back_field_id": field_id, "back_field_name": name}


def _formula(expression: str, formatter: str = "", result: tuple[int, str] | None = None) -> dict[str, Any]:
    told = {"type": {"data_type": result[0], "ui_type": result[1], "ui_property": {}}} if result else {}
    return {"formatter": formatter, "formula_expression": expression} | told


def _column(table_id: str, field_id: str) -> str:
    """Column as formulas name it."""
    return f"bitable::$table[{table_id}].$field[{field_id}]"


def _lookup(table_id: str) -> dict[str, Any]:
    return {"filter_info": {"target_table": table_id, "filter_info": {"conjunction": "and", "conditions": []}}}


def _computed(kind: int, values: Sequence[Any]) -> dict[str, Any] | None:
    return {"type": kind, "value": list(values)} if values else None


def _text(value: str) -> dict[str, str]:
    return {"type": "text", "text": value}


def _file(name: str, kind: str) -> dict[str, Any]:
    return {"file_token": derived_id("", 27, "file", name), "name": name, "type": kind, "size": len(_content(name))}


def _content(name: str) -> bytes:
    """Bytes of a file: a page, a line of text, or nothing, as happens with pictures whose upload broke off."""
    if name.endswith(".pdf"):
        return PDF
    return b"" if name.endswith(".png") else f"{name}\n".encode()


def _keep_files(base: Base) -> None:
    """Let the files that lie in cells be downloaded."""
    for table in base.tables:
        columns = [column.field_id for column in table.fields if column.type == ATTACHMENT]
        for row in table.rows.values():
            for file in [file for column in columns for file in row.cells.get(column) or []]:
                base.tenant.add_media(_content(file["name"]), file["name"], file["type"], file["file_token"], base=base)


def _site(place: tuple[str, str, str, str, str, str]) -> dict[str, Any]:
    province, city, district, address, name, position = place
    where = {"location": position, "pname": province, "cityname": city, "adname": district, "address": address}
    return where | {"name": name, "full_address": f"{name}，{city}{district}{address}"}


def _linked(cells: dict[str, Any], name: str) -> list[str]:
    return list(cells.get(name, {}).get("link_record_ids", []))


def _give_history(table: Table, dice: Dice, made: Sequence[int]) -> None:
    """Give rows their past: created in their order, four of five edited since."""
    people = table.base.tenant.users
    for record_id, created in zip(list(table.rows), made, strict=True):
        edited = min(created + dice.randrange(60 * DAY), midnight_of(TODAY, ZONE) + 10 * HOUR)
        table.set_history(
            record_id,
            created_time=created,
            modified_time=max(created, dice.maybe(0.8, edited) or 0),
            created_by=dice.choice(people),
            modified_by=dice.choice(people),
        )


# 功能安全部人力盘点 ------------------------------------------------------------------------------------------------


class _StaffBase:
    """People, departments and skills, linked both ways, with lookups and formulas over the links."""

    def __init__(self, tenant: Tenant, dice: Dice) -> None:
        self.dice = dice
        self.users = tenant.users
        self.base = tenant.add_base("功能安全部人力盘点", STAFF_BASE, formula_type=2)
        self.people = self.base.add_table("人员", self.people_fields(), STAFF_PEOPLE)
        self.departments = self.base.add_table("部门", self.department_fields(), STAFF_DEPARTMENTS)
        self.skills = self.base.add_table("技能", self.skill_fields(), STAFF_SKILLS)

    def build(self) -> Base:
        self.people.add_many([self.person(number, user) for number, user in enumerate(self.users, 1)])
        self.add_odd_people()
        self.departments.add_many([*map(self.department, DEPARTMENTS), {"名称": "新业务筹备组"}])
        self.skills.add_many([self.skill(name, KINDS[kind]) for name, kind in SKILLS])
        self.link("部门", self.departments, "成员", most=1)
        self.link("技能", self.skills, "掌握者", most=5)
        self.compute_people()
        self.compute_departments()
        self.compute_skills()
        for table in self.base.tables:
            _give_history(table, self.dice, sorted(self.dice.moment() for _ in table.rows))
        leads = {"field_id": self.people.field("职级").field_id, "operator": "is", "value": ["M1 经理"]}
        self.people.add_view("经理", {"conjunction": "and", "conditions": [leads]})
        return self.base

    def people_fields(self) -> list[Field]:
        joined, skills = _column(STAFF_PEOPLE, "fldJoinedOn"), _column(STAFF_PEOPLE, "fldSkillsOf")
        return [
            Field("姓名", 1, is_primary=True, description="与工牌一致"),
            Field("账号", 11, property={"multiple": False}),
            Field("工牌", 1, "Barcode", SCAN),
            Field("邮箱", 1, "Email"),
            Field("手机", 13),
            Field("部门", 21, "", _links(STAFF_DEPARTMENTS, "部门", "fldMembers", "成员"), "fldDepartmt"),
            Field("职级", 3, property=_options(GRADES)),
            Field("技能", 21, "", _links(STAFF_SKILLS, "技能", "fldOwnersOf", "掌握者"), "fldSkillsOf"),
            Field("出生日期", 5, property=DAY_ONLY),
            Field("入职日期", 5, "", DAY_ONLY, "fldJoinedOn"),
            Field("在岗", 7),
            Field("满勤率", 2, "Progress", PERCENT),
            Field("月成本", 2, "Currency", {"formatter": "0.00", "currency_code": "CNY"}),
            Field("绩效", 2, "Rating", STARS, "fldMarkOfYr"),
            Field("办公地点", 22, property=ANYWHERE),
            Field("个人主页", 15),
            Field("证书", 17),
            Field("部门负责人", 19, property=_lookup(STAFF_DEPARTMENTS)),
            Field("技能数", 20, property=_formula(f"COUNTA({skills})", "0", (2, "Number"))),
            Field("工龄天数", 20, property=_formula(f"DAYS(TODAY(),{joined})", "0", (2, "Number"))),
            Field("编号", 1005, property=COUNTER),
            Field("创建时间", 1001, property={"date_formatter": "yyyy/MM/dd"}),
            Field("创建人", 1003),
        ]

    def department_fields(self) -> list[Field]:
        members = _column(STAFF_DEPARTMENTS, "fldMembers")
        return [
            Field("名称", 1, is_primary=True),
            Field("负责人", 11, property={"multiple": True}),
            Field("成员", 21, "", _links(STAFF_PEOPLE, "人员", "fldDepartmt", "部门"), "fldMembers"),
            Field("人数", 20, property=_formula(f"COUNTA({members})", "0", (2, "Number"))),
            Field("最近入职", 19, property=_lookup(STAFF_PEOPLE)),
            Field("成员职级", 19, property=_lookup(STAFF_PEOPLE)),
            Field("沟通群", 23, property={"multiple": True}),
            Field("编制", 2, "Number", {"formatter": "0"}),
            Field("修改人", 1004),
        ]

    def skill_fields(self) -> list[Field]:
        owners, mark = _column(STAFF_SKILLS, "fldOwnersOf"), _column(STAFF_PEOPLE, "fldMarkOfYr")
        return [
            Field("技能", 1, is_primary=True),
            Field("类别", 3, property=_options(KINDS)),
            Field("掌握者", 21, "", _links(STAFF_PEOPLE, "人员", "fldSkillsOf", "技能"), "fldOwnersOf"),
            Field("掌握者姓名", 19, property=_lookup(STAFF_PEOPLE)),
            Field("平均绩效", 20, property=_formula(f"AVERAGE({owners}.{mark})", "0.00", (2, "Number"))),
            Field("紧缺", 20, property=_formula(f"COUNTA({owners})<8", "", (7, "Checkbox"))),
            Field("学习资料", 15),
        ]

    def person(self, number: int, user: User) -> dict[str, Any]:
        dice, born = self.dice, dt.date(1968, 1, 1)
        return {
            "姓名": user.name,
            "账号": user,
            "工牌": f"FS{number:04}",
            "邮箱": dice.maybe(0.95, user.email),
            "手机": dice.maybe(0.9, user.mobile),
            "职级": dice.choice(GRADES),
            "出生日期": dice.maybe(0.9, born + dt.timedelta(days=dice.randrange(12_000))),
            "入职日期": dice.day(dt.date(2012, 3, 1)),
            "在岗": dice.maybe(0.85, value=True),
            "满勤率": dice.maybe(0.9, round(dice.uniform(0.7, 1), 2)),
            "月成本": dice.maybe(0.9, round(dice.uniform(18_000, 60_000), 2)),
            "绩效": dice.maybe(0.8, dice.randint(1, 5)),
            "办公地点": dice.maybe(0.8, _site(dice.choice(SITES))),
            "个人主页": dice.maybe(0.3, {"text": f"{user.name}的主页", "link": f"https://example.com/{user.user_id}"}),
            "证书": dice.maybe(0.2, [_file(f"{user.name}-功能安全工程师.pdf", "application/pdf")]),
        }

    def add_odd_people(self) -> None:
        """Two rows that clients trip over: one with nothing but a name, one full of edges."""
        self.people.add({"姓名": "待招聘 (HC-2026)"})
        old = self.base.tenant.add_user("欧阳, 国栋", en_name="Ouyang, Guodong")
        self.people.add(
            {
                "姓名": [_text("欧阳, 国栋 "), _text("(返聘)")],
                "账号": old,
                "职级": "P9 院士",  # an option that was deleted since
                "出生日期": dt.date(1958, 11, 3),
                "入职日期": dt.date(1969, 7, 20),
                "在岗": False,
                "满勤率": 1.05,
                "月成本": 0,
            }
        )

    def department(self, name: str) -> dict[str, Any]:
        dice, chat = self.dice, derived_id("oc_", 32, name).lower()
        group = {"id": chat, "name": f"{name}日常沟通", "avatar_url": "https://example.com/avatar/chat.webp"}
        leaders = dice.sample(self.users, dice.choice([1, 1, 2]))
        return {"名称": name, "负责人": leaders, "沟通群": dice.maybe(0.9, [group]), "编制": dice.randint(4, 10)}

    def skill(self, name: str, kind: str) -> dict[str, Any]:
        link = f"https://example.com/wiki/{derived_id('', 8, name)}"
        return {"技能": name, "类别": kind, "学习资料": self.dice.maybe(0.7, {"text": f"{name} 入门", "link": link})}

    def link(self, forth: str, other: Table, back: str, *, most: int) -> None:
        """Link people to rows of another table both ways; the last rows on both sides stay alone."""
        ways: dict[str, list[str]] = {}
        for record_id in list(self.people.rows)[:-2]:
            chosen = self.dice.sample(list(other.rows)[:-1], self.dice.randint(1, most))
            self.people.set_quietly(record_id, {forth: chosen})
            for one in chosen:
                ways.setdefault(one, []).append(record_id)
        for record_id, linked in ways.items():
            other.set_quietly(record_id, {back: linked})

    def compute_people(self) -> None:
        for record_id in list(self.people.rows):
            cells = self.people.read(record_id)
            led_by = [self.departments.read(one)["负责人"] for one in _linked(cells, "部门")]
            days = [(midnight_of(TODAY, ZONE) - cells["入职日期"]) // DAY] if "入职日期" in cells else []
            computed = {"部门负责人": _computed(11, [*itertools.chain(*led_by)]), "工龄天数": _computed(2, days)}
            self.people.set_quietly(record_id, computed | {"技能数": _computed(2, [len(_linked(cells, "技能"))])})

    def compute_departments(self) -> None:
        for record_id in list(self.departments.rows):
            members = [self.people.read(one) for one in _linked(self.departments.read(record_id), "成员")]
            latest = max([one["入职日期"] for one in members], default=None)
            computed = {
                "人数": _computed(2, [len(members)]),
                "最近入职": latest and _computed(5, [latest]),
                "成员职级": _computed(3, [one["职级"] for one in members]),
            }
            self.departments.set_quietly(record_id, computed)

    def compute_skills(self) -> None:
        for record_id in list(self.skills.rows):
            owners = [self.people.read(one) for one in _linked(self.skills.read(record_id), "掌握者")]
            marks = [one["绩效"] for one in owners if "绩效" in one]
            computed = {
                "掌握者姓名": _computed(1, [segment for one in owners for segment in one["姓名"]]),
                "平均绩效": _computed(2, [round(sum(marks) / len(marks), 2)] if marks else []),
                "紧缺": _computed(7, [len(owners) < 8]),
            }
            self.skills.set_quietly(record_id, computed)


# 功能安全业务数据 --------------------------------------------------------------------------------------------------


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
        _give_history(self.defects, self.dice, [moment + self.dice.randrange(HOUR) for moment in found])
        _give_history(self.goals, self.dice, sorted(self.dice.moment() for _ in self.goals.rows))
        _give_history(self.tests, self.dice, [moment + HOUR for moment in ran])
        is_open = {"field_id": self.defects.field("状态").field_id, "operator": "isNot", "value": ["已关闭"]}
        self.defects.add_view("未关闭", {"conjunction": "and", "conditions": [is_open]})
        return self.base

    def defect_fields(self) -> list[Field]:
        due = _column(SAFETY_DEFECTS, "fldDueToCls")
        return [
            Field("标题", 1, is_primary=True),
            Field("编号", 1005, property={"auto_serial": {"type": "custom", "options": CASE_NUMBER}}),
            Field("现象描述", 1),
            Field("状态", 3, property=_options(STATES)),
            Field("流程阶段", 24),
            Field("ASIL", 3, property=_options(ASIL)),
            Field("标签", 4, property=_options(TAGS)),
            Field("处理人", 11, property={"multiple": True}),
            Field("发现时间", 5, property=DAY_AND_TIME),
            Field("计划关闭", 5, "", DAY_ONLY, "fldDueToCls"),
            Field("里程", 2, "Number", {"formatter": "1,000.00"}),
            Field("解决进度", 2, "Progress", PERCENT),
            Field("损失", 2, "Currency", {"formatter": "¥0.00", "currency_code": "CNY"}),
            Field("可复现", 7),
            Field("日志", 17),
            Field("发生地点", 22, property=ANYWHERE),
            Field("安全目标", 21, "", _links(SAFETY_GOALS, "安全目标", "fldDfOfGoal", "相关缺陷"), "fldGoalOfDf"),
            Field("目标 ASIL", 19, property=_lookup(SAFETY_GOALS)),
            Field("是否超期", 20, property=_formula(f'IF(TODAY()>{due},"超期","✅ 正常")')),
            Field("关闭期限", 20, property=_formula(f"{due}+7", "yyyy/MM/dd")),
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
            Field("ASIL", 3, property=_options(ASIL)),
            Field("安全状态", 4, property=_options(SAFE_STATES)),
            Field("FTTI (ms)", 2, "Number", {"formatter": "0"}),
            Field("相关缺陷", 21, "", _links(SAFETY_DEFECTS, "缺陷", "fldGoalOfDf", "安全目标"), "fldDfOfGoal"),
            Field("缺陷数", 20, property=_formula(f"COUNTA({_column(SAFETY_GOALS, 'fldDfOfGoal')})", "0")),
            Field("评审日期", 5, property=DAY_ONLY),
        ]

    def test_fields(self) -> list[Field]:
        return [
            Field("用例", 1, is_primary=True),
            Field("样件条码", 1, "Barcode", SCAN),
            Field("结果", 3, property=_options(RESULTS)),
            Field("验证的缺陷", 18, property={"multiple": True, "table_id": SAFETY_DEFECTS, "table_name": "缺陷"}),
            Field("缺陷处理人", 19, property=_lookup(SAFETY_DEFECTS)),
            Field("执行时间", 5, property=DAY_AND_TIME),
            Field("执行人", 11, property={"multiple": False}),
            Field("电压 (V)", 2, "Number", {"formatter": "0.0000"}, "fldVoltsNow"),
            Field("余量", 20, property=_formula(f"{_column(SAFETY_TESTS, 'fldVoltsNow')}-9", "0.00")),
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
            "日志": dice.maybe(0.1, [_file(f"can_{number:05}.blf", "application/octet-stream")]),
            "发生地点": dice.maybe(0.4, _site(dice.choice(SITES))),
            "是否超期": _computed(1, [_text("超期" if late else "✅ 正常")]),
            "关闭期限": due and _computed(5, [midnight_of(due + dt.timedelta(days=7), ZONE)]),
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
            _text(f"{text}请 "),
            {"type": "mention", "text": f"@{user.name}", **person},
            _text(" 参照 "),
            {"type": "mention", "text": f"{part}故障定位指引", **document},
            _text("，工单 "),
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
            "余量": volts and _computed(2, [round(volts - 9, 4)]),
            "报告": dice.maybe(0.3, [_file(*pages), _file(*plot)]),
            "台账": dice.maybe(0.2, f"https://example.com/bench/{number}"),
        }

    def link_defects(self) -> None:
        """Link defects to goals both ways; the last goal stays alone."""
        ways: dict[str, list[str]] = {one: [] for one in self.goals.rows}
        for record_id in list(self.defects.rows):
            free = [one for one in list(ways)[:-1] if len(ways[one]) < MOST_LINKS]
            chosen = self.dice.sample(free, min(len(free), self.dice.choice([0, 1, 1, 1, 2])))
            levels = [self.goals.read(one)["ASIL"] for one in chosen]
            self.defects.set_quietly(record_id, {"安全目标": chosen, "目标 ASIL": _computed(3, levels)})
            for one in chosen:
                ways[one].append(record_id)
        for record_id, linked in ways.items():
            self.goals.set_quietly(record_id, {"相关缺陷": linked, "缺陷数": _computed(2, [len(linked)])})

    def link_tests(self) -> None:
        defects = list(self.defects.rows)
        for record_id in list(self.tests.rows):
            chosen = self.dice.sample(defects, min(len(defects), self.dice.choice([0, 1, 1, 2])))
            owners = [person for one in chosen for person in self.defects.read(one).get("处理人", [])]
            self.tests.set_quietly(record_id, {"验证的缺陷": chosen, "缺陷处理人": _computed(11, owners)})
