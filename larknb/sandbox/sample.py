"""The sample workspace: two bases of an automotive functional-safety team, the same ones every time.

Between them they hold every field type of the platform, empty cells, and the values that clients trip over.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from typing import Any

from .base import Base
from .cells import midnight_of, stamp_of, zone_of
from .objects import User, derived_id
from .tables import Field, Table
from .tenant import Tenant

STAFF_BASE = "HcPn5Zq2bYk8WdTfRs1vXgLjMeA"
STAFF_PEOPLE = "tblPeople7Qm2xKdV"
STAFF_DEPARTMENTS = "tblDepart4Rw9cTzN"
STAFF_SKILLS = "tblSkills8Yb3hJfL"
SAFETY_BASE = "FsQd7Vm4cXn2RtKyBw6pZjHgUaE"
SAFETY_DEFECTS = "tblDefect5Ku8nWqX"
SAFETY_GOALS = "tblGoalsX2Pd6vMrT"
SAFETY_TESTS = "tblTestsX9Hs4gBzC"
WIKI_NODE = "WkNd3Fs8Lq5RbTzXcVy1MhJpKoG"

ZONE = zone_of("Asia/Shanghai")
START, TODAY = dt.date(2024, 1, 8), dt.date(2026, 1, 16)  # everything here happened between these days
HOUR, DAY = 3_600_000, 86_400_000  # milliseconds

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张"
GIVEN = ["伟", "芳", "娜", "敏", "静", "磊", "强", "洋", "艳", "勇", "军", "杰", "涛", "明", "超", "秀英", "文博", "雨桐", "子涵"]
GRADES = ["P5 工程师", "P6 高级工程师", "P7 专家", "P8 资深专家", "M1 经理"]
SITES = [
    ("上海市", "上海市", "嘉定区", "安亭镇墨玉南路888号", "安亭研发中心", "121.160213,31.287439"),
    ("北京市", "北京市", "顺义区", "赵全营镇昌金路2号", "顺义试验场", "116.552801,40.198226"),
    ("湖北省", "武汉市", "蔡甸区", "沌口街道神龙大道165号", "武汉试制工厂", "114.161035,30.497561"),
]
DEPARTMENTS = ["系统安全组", "软件安全组", "硬件安全组", "电池与电驱组", "智驾安全组", "测试验证组", "流程与工具组", "芯片安全组"]
SKILLS = [
    ("ISO 26262 审核", "标准"), ("HARA 分析", "分析方法"), ("FMEA", "分析方法"), ("FTA", "分析方法"), ("STPA", "分析方法"),
    ("SOTIF (ISO 21448)", "标准"), ("ISO/SAE 21434", "标准"), ("AUTOSAR", "软件"), ("MISRA C, CERT C", "软件"),
    ("模型检查", "软件"), ("HIL 测试", "测试"), ("故障注入", "测试"), ("电磁兼容", "测试"), ("FMEDA", "硬件"),
    ("锁步核设计", "硬件"), ("电池管理系统", "硬件"), ("Python", "软件"), ("Simulink", "软件"),
]  # fmt: skip
PARTS = ["驱动电机", "电池包", "制动控制器", "转向助力", "域控制器", "毫米波雷达", "高压继电器", "DC/DC 变换器", "整车控制器", "摄像头"]
SYMPTOMS = ["过热", "通信丢失", "采样值跳变", "上电自检失败", "响应延迟", "误报警", "绝缘电阻偏低", "看门狗复位", "校验和错误", "输出扭矩异常"]
CAUSES = ["固件版本不匹配", "连接器松动", "滤波参数错误", "中断优先级配置错误", "散热不足", "线束屏蔽不良"]
STATES = ["新建", "分析中", "修复中", "待验证", "已关闭"]
ASIL = ["QM", "ASIL A", "ASIL B", "ASIL C", "ASIL D"]
TAGS = ["偶发", "必现", "客户反馈", "回归", "台架, 高温", "量产阻塞"]


def sample_workspace(rows: int = 2400) -> Tenant:
    """Build the workspace; ``rows`` is the number of defects, all other tables have their fixed sizes."""
    builder = _Builder(Tenant("启明汽车", clock=lambda: midnight_of(TODAY, ZONE) / 1000), random.Random("larknb"))  # noqa: S311
    builder.add_people()
    staff = builder.staff_base()
    safety = builder.safety_base(rows)
    builder.tenant.add_wiki_node(safety, "功能安全 / 业务数据", WIKI_NODE)
    builder.settle(staff, safety)
    return builder.tenant


def _options(names: list[str]) -> dict[str, Any]:
    return {"options": list(names)}


def _link(table_id: str, table_name: str, back: Field | None = None) -> dict[str, Any]:
    link = {"multiple": True, "table_id": table_id, "table_name": table_name}
    return link | {"back_field_id": back.field_id, "back_field_name": back.name} if back else link


def _formula(expression: str, formatter: str = "") -> dict[str, Any]:
    return {"formatter": formatter, "formula_expression": expression}


def _text(value: str) -> dict[str, Any]:
    return {"type": 1, "value": [{"type": "text", "text": value}]}


def _computed(kind: int, *values: Any) -> dict[str, Any]:
    return {"type": kind, "value": list(values)}


def _file(name: str, kind: str, size: int) -> dict[str, Any]:
    return {"file_token": derived_id("", 27, "file", name), "name": name, "type": kind, "size": size}


def _site(place: tuple[str, str, str, str, str, str]) -> dict[str, Any]:
    province, city, district, address, name, position = place
    return {
        "location": position,
        "pname": province,
        "cityname": city,
        "adname": district,
        "address": address,
        "name": name,
        "full_address": f"{name}，{city}{district}{address}",
    }


PERCENT = {"formatter": "0%", "min": 0, "max": 1, "range_customize": False}
DAY_ONLY = {"date_formatter": "yyyy/MM/dd", "auto_fill": False}
DAY_AND_TIME = {"date_formatter": "yyyy-MM-dd HH:mm", "auto_fill": False}
STARS = {"formatter": "0", "min": 1, "max": 5, "rating": {"symbol": "star"}}
CASE_NUMBER = [("fixed_text", "DF-"), ("created_time", "yyyyMMdd"), ("fixed_text", "-"), ("system_number", "5")]
MEMBERS = Field("成员", 21, field_id="fldMembers")
OWNERS_OF_SKILL = Field("掌握者", 21, field_id="fldOwnersOf")
DEPARTMENT = Field("部门", 21, field_id="fldDepartmt", property=_link(STAFF_DEPARTMENTS, "部门", MEMBERS))
SKILL = Field("技能", 21, field_id="fldSkillsOf", property=_link(STAFF_SKILLS, "技能", OWNERS_OF_SKILL))
GOAL_OF = Field("安全目标", 21, field_id="fldGoalOfDf")
DEFECTS_OF = Field("相关缺陷", 21, field_id="fldDfOfGoal", property=_link(SAFETY_DEFECTS, "缺陷", GOAL_OF))


@dataclass
class _Builder:
    tenant: Tenant
    dice: random.Random

    # People and time

    def add_people(self) -> None:
        names = dict.fromkeys(surname + given for surname in SURNAMES for given in GIVEN)
        for number, name in enumerate(self.dice.sample(list(names), 47), 1):
            mobile = f"139{number:04}{self.dice.randrange(10_000):04}"
            self.tenant.add_user(name, en_name=f"Staff {number}", email=f"fs{number:03}@example.com", mobile=mobile)

    def moment(self, first: dt.date = START) -> int:
        """Working hour of a random day, in milliseconds."""
        day = first + dt.timedelta(days=self.dice.randrange((TODAY - first).days))
        return midnight_of(day, ZONE) + self.dice.randrange(9 * HOUR, 19 * HOUR)

    def day(self, first: dt.date = START) -> int:
        return midnight_of(first + dt.timedelta(days=self.dice.randrange((TODAY - first).days)), ZONE)

    def maybe(self, share: float, value: Any) -> Any:
        """Value of a cell that is filled in this share of the rows."""
        return value if self.dice.random() < share else None

    def give_history(self, table: Table) -> None:
        """Give rows their past, in the order in which they were made."""
        made = sorted(self.moment() for _ in table.rows)
        for record_id, created in zip(list(table.rows), made, strict=True):
            edited = min(created + self.dice.randrange(60 * DAY), midnight_of(TODAY, ZONE) + 10 * HOUR)
            table.set_history(
                record_id,
                created_time=created,
                modified_time=self.maybe(0.8, max(edited, created)) or created,
                created_by=self.dice.choice(self.tenant.users),
                modified_by=self.dice.choice(self.tenant.users),
            )

    def settle(self, *bases: Base) -> None:
        """Put the stamps of the documents into their past."""
        for base in bases:
            base.created_at = midnight_of(START, ZONE) // 1000 - 86_400
            base.mtime = midnight_of(TODAY, ZONE) // 1000 + 10 * 3600

    # 功能安全部人力盘点

    def staff_base(self) -> Base:
        base = self.tenant.add_base("功能安全部人力盘点", STAFF_BASE, formula_type=2)
        people, departments, skills = self.people(base), self.departments(base), self.skills(base)
        self.link(people, DEPARTMENT, departments, MEMBERS, most=1)
        self.link(people, SKILL, skills, OWNERS_OF_SKILL, most=5)
        self.compute_staff(people, departments, skills)
        for table in base.tables:
            self.give_history(table)
        leaders = [{"field_id": people.field("职级").field_id, "operator": "is", "value": ["M1 经理"]}]
        people.add_view("经理", {"conjunction": "and", "conditions": leaders})
        return base

    def people(self, base: Base) -> Table:
        columns = [
            Field("姓名", 1, is_primary=True, description="索引列"),
            Field("账号", 11, property={"multiple": False}),
            Field("工牌", 1, "Barcode", {"allowed_edit_modes": {"manual": True, "scan": True}}),
            Field("邮箱", 1, "Email"),
            Field("手机", 13),
            DEPARTMENT,
            Field("职级", 3, property=_options(GRADES)),
            SKILL,
            Field("出生日期", 5, property=DAY_ONLY),
            Field("入职日期", 5, property=DAY_ONLY),
            Field("在岗", 7),
            Field("满勤率", 2, "Progress", PERCENT),
            Field("月成本", 2, "Currency", {"formatter": "0.00", "currency_code": "CNY"}),
            Field("绩效", 2, "Rating", STARS),
            Field("办公地点", 22, property={"location": {"input_type": "not_limit"}}),
            Field("个人主页", 15),
            Field("证书", 17),
            Field("部门负责人", 19, property=_lookup(STAFF_DEPARTMENTS)),
            Field("技能数", 20, property=_formula("技能.COUNTA()", "0") | _result(2, "Number")),
            Field("工龄天数", 20, property=_formula("TODAY()-入职日期", "0") | _result(2, "Number")),
            Field("编号", 1005, property={"auto_serial": {"type": "auto_increment_number"}}),
            Field("创建时间", 1001, property={"date_formatter": "yyyy/MM/dd"}),
            Field("创建人", 1003),
        ]
        table = base.add_table("人员", columns, STAFF_PEOPLE)
        table.add_many([self.person(number, user) for number, user in enumerate(self.tenant.users, 1)])
        self.odd_people(table)
        return table

    def person(self, number: int, user: User) -> dict[str, Any]:
        born, joined = dt.date(1968, 1, 1), dt.date(2012, 3, 1)
        return {
            "姓名": user.name,
            "账号": user,
            "工牌": f"FS{number:04}",
            "邮箱": self.maybe(0.95, user.email),
            "手机": self.maybe(0.9, user.mobile),
            "职级": self.dice.choice(GRADES),
            "出生日期": self.maybe(0.9, midnight_of(born + dt.timedelta(days=self.dice.randrange(12_000)), ZONE)),
            "入职日期": self.day(joined),
            "在岗": self.maybe(0.85, value=True),
            "满勤率": self.maybe(0.9, round(self.dice.uniform(0.7, 1), 2)),
            "月成本": self.maybe(0.9, round(self.dice.uniform(18_000, 60_000), 2)),
            "绩效": self.maybe(0.8, self.dice.randint(1, 5)),
            "办公地点": self.maybe(0.8, _site(self.dice.choice(SITES))),
            "个人主页": self.maybe(0.3, {"text": f"{user.name}的主页", "link": f"https://example.com/~{user.user_id}"}),
            "证书": self.maybe(0.2, [_file(f"{user.name}-功能安全工程师.pdf", "application/pdf", 182_344)]),
        }

    def odd_people(self, table: Table) -> None:
        """Two rows that clients trip over: one with nothing but a name, one full of edges."""
        table.add({"姓名": "待招聘 (HC-2026)"})
        old = self.tenant.add_user("欧阳, 国栋", en_name="Ouyang, Guodong", email="")
        table.add(
            {
                "姓名": [{"type": "text", "text": "欧阳, 国栋 "}, {"type": "text", "text": "(返聘)"}],
                "账号": old,
                "职级": "P9 院士",  # an option that was deleted since
                "出生日期": midnight_of(dt.date(1958, 11, 3), ZONE),
                "入职日期": midnight_of(dt.date(1969, 7, 20), ZONE),
                "在岗": False,
                "满勤率": 1.05,
                "月成本": 0,
            }
        )

    def departments(self, base: Base) -> Table:
        columns = [
            Field("名称", 1, is_primary=True),
            Field("负责人", 11, property={"multiple": True}),
            Field(MEMBERS.name, 21, field_id=MEMBERS.field_id, property=_link(STAFF_PEOPLE, "人员", DEPARTMENT)),
            Field("人数", 20, property=_formula("成员.COUNTA()", "0") | _result(2, "Number")),
            Field("最近入职", 19, property=_lookup(STAFF_PEOPLE)),
            Field("成员职级", 19, property=_lookup(STAFF_PEOPLE)),
            Field("沟通群", 23, property={"multiple": True}),
            Field("编制", 2, "Number", {"formatter": "0"}),
            Field("修改人", 1004),
        ]
        table = base.add_table("部门", columns, STAFF_DEPARTMENTS)
        for name in DEPARTMENTS:
            group = {"id": derived_id("oc_", 32, name).lower(), "name": f"{name}日常沟通", "avatar_url": "https://example.com/g.webp"}
            leaders = self.dice.sample(self.tenant.users, self.dice.choice([1, 1, 2]))
            row = {"名称": name, "负责人": leaders, "沟通群": self.maybe(0.9, [group]), "编制": self.dice.randint(4, 10)}
            table.add(row)
        table.add({"名称": "新业务筹备组"})
        return table

    def skills(self, base: Base) -> Table:
        columns = [
            Field("技能", 1, is_primary=True),
            Field("类别", 3, property=_options(["标准", "分析方法", "软件", "硬件", "测试"])),
            Field(OWNERS_OF_SKILL.name, 21, field_id=OWNERS_OF_SKILL.field_id, property=_link(STAFF_PEOPLE, "人员", SKILL)),
            Field("掌握者姓名", 19, property=_lookup(STAFF_PEOPLE)),
            Field("平均绩效", 20, property=_formula("掌握者.绩效.AVERAGE()", "0.00") | _result(2, "Number")),
            Field("紧缺", 20, property=_formula("掌握者.COUNTA()<5")),
            Field("学习资料", 15),
        ]
        table = base.add_table("技能", columns, STAFF_SKILLS)
        materials = [{"text": f"{name} 入门", "link": f"https://example.com/wiki/{place}"} for place, (name, _) in enumerate(SKILLS)]
        table.add_many(
            [
                {"技能": name, "类别": kind, "学习资料": self.maybe(0.7, material)}
                for (name, kind), material in zip(SKILLS, materials, strict=True)
            ]
        )
        return table

    def link(self, table: Table, forth: Field, other: Table, back: Field, *, most: int) -> None:
        """Link rows of two tables both ways, leaving the last of each without links."""
        ways: dict[str, list[str]] = {}
        for record_id in list(table.rows)[:-2]:
            chosen = self.dice.sample(list(other.rows)[:-1], self.dice.randint(1, most))
            table.set_quietly(record_id, {forth.name: chosen})
            for one in chosen:
                ways.setdefault(one, []).append(record_id)
        for record_id, linked in ways.items():
            other.set_quietly(record_id, {back.name: linked})

    def compute_staff(self, people: Table, departments: Table, skills: Table) -> None:
        for record_id in people.rows:
            cells = people.read(record_id)
            has, joined = _ids(cells, "技能"), cells.get("入职日期")
            led = [leader for one in _ids(cells, "部门") for leader in departments.read(one).get("负责人", [])]
            days = None if joined is None else (midnight_of(TODAY, ZONE) - joined) // DAY
            computed = {"部门负责人": led and _computed(11, *led), "技能数": _computed(2, len(has))}
            people.set_quietly(record_id, computed | {"工龄天数": None if days is None else _computed(2, days)})
        for record_id in departments.rows:
            members = [people.read(one) for one in _ids(departments.read(record_id), "成员")]
            joined_on = [one["入职日期"] for one in members]
            grades = [one["职级"] for one in members]
            values = {"最近入职": joined_on and _computed(5, max(joined_on)), "成员职级": grades and _computed(3, *grades)}
            departments.set_quietly(record_id, values | {"人数": _computed(2, len(members))})
        for record_id in skills.rows:
            owners = [people.read(one) for one in _ids(skills.read(record_id), "掌握者")]
            names = [segment for one in owners for segment in one["姓名"]]
            marks = [one["绩效"] for one in owners if "绩效" in one]
            values = {"掌握者姓名": names and _computed(1, *names), "紧缺": _computed(7, len(owners) < 5)}
            skills.set_quietly(record_id, values | {"平均绩效": marks and _computed(2, round(sum(marks) / len(marks), 2))})

    # 功能安全业务数据

    def safety_base(self, rows: int) -> Base:
        base = self.tenant.add_base("功能安全业务数据", SAFETY_BASE, owner=self.tenant.users[1])
        defects = self.defects(base, rows)
        goals, tests = self.goals(base), self.tests(base)
        self.link_defects(defects, goals)
        self.link_tests(tests, defects)
        for table in base.tables:
            self.give_history(table)
        is_open = [{"field_id": defects.field("状态").field_id, "operator": "isNot", "value": ["已关闭"]}]
        defects.add_view("未关闭", {"conjunction": "and", "conditions": is_open})
        return base

    def defects(self, base: Base, rows: int) -> Table:
        number = [{"type": kind, "value": value} for kind, value in CASE_NUMBER]
        columns = [
            Field("标题", 1, is_primary=True),
            Field("编号", 1005, property={"auto_serial": {"type": "custom", "options": number}}),
            Field("现象描述", 1),
            Field("状态", 3, property=_options(STATES)),
            Field("流程阶段", 24),
            Field("ASIL", 3, property=_options(ASIL)),
            Field("标签", 4, property=_options(TAGS)),
            Field("处理人", 11, property={"multiple": True}),
            Field("发现时间", 5, property=DAY_AND_TIME),
            Field("计划关闭", 5, property=DAY_ONLY),
            Field("里程", 2, "Number", {"formatter": "1,000.00"}),
            Field("解决进度", 2, "Progress", PERCENT),
            Field("损失", 2, "Currency", {"formatter": "¥0.00", "currency_code": "CNY"}),
            Field("可复现", 7),
            Field("日志", 17),
            Field("发生地点", 22, property={"location": {"input_type": "not_limit"}}),
            Field(GOAL_OF.name, 21, field_id=GOAL_OF.field_id, property=_link(SAFETY_GOALS, "安全目标", DEFECTS_OF)),
            Field("目标 ASIL", 19, property=_lookup(SAFETY_GOALS)),
            Field("是否超期", 20, property=_formula('IF(TODAY()>计划关闭,"超期","✅ 正常")')),
            Field("关闭期限", 20, property=_formula("计划关闭+7", "yyyy/MM/dd")),
            Field("通知", 3001),
            Field("创建时间", 1001, property={"date_formatter": "yyyy/MM/dd HH:mm"}),
            Field("最后更新时间", 1002, property={"date_formatter": "yyyy/MM/dd HH:mm"}),
            Field("创建人", 1003),
            Field("修改人", 1004),
        ]
        table = base.add_table("缺陷", columns, SAFETY_DEFECTS)
        table.add_many([self.defect(number) for number in range(rows)])
        return table

    def defect(self, number: int) -> dict[str, Any]:
        part, symptom = self.dice.choice(PARTS), self.dice.choice(SYMPTOMS)
        if number % 97 == 13:
            return {"标题": f"{part}{symptom}"}  # just noted down: nothing else is filled in
        state, found = self.dice.choice(STATES), self.moment()
        due = self.maybe(0.8, midnight_of(_day_of(found) + dt.timedelta(days=self.dice.randrange(5, 90)), ZONE))
        overdue = due is not None and due < midnight_of(TODAY, ZONE) and state != "已关闭"
        return {
            "标题": f"{part}{symptom}",
            "现象描述": self.maybe(0.9, self.story(number, part, symptom)),
            "状态": "挂起" if number % 211 == 7 else state,  # 挂起: an option that was deleted since
            "流程阶段": self.maybe(0.7, state),
            "ASIL": self.maybe(0.9, self.dice.choice(ASIL)),
            "标签": self.maybe(0.6, self.dice.sample(TAGS, self.dice.randint(1, 3))),
            "处理人": self.maybe(0.9, self.dice.sample(self.tenant.users, self.dice.choice([1, 1, 1, 2, 3]))),
            "发现时间": found,
            "计划关闭": due,
            "里程": self.maybe(0.8, round(self.dice.uniform(0, 180_000), 2)),
            "解决进度": self.maybe(0.8, round(STATES.index(state) / 4, 2)),
            "损失": self.maybe(0.3, round(self.dice.uniform(0, 90_000), 2)),
            "可复现": self.maybe(0.5, self.dice.random() < 0.8),
            "日志": self.maybe(0.1, [_file(f"can_{number:05}.blf", "application/octet-stream", 1_048_576 + number)]),
            "发生地点": self.maybe(0.4, _site(self.dice.choice(SITES))),
            "是否超期": _text("超期" if overdue else "✅ 正常"),
            "关闭期限": due and _computed(5, due + 7 * DAY),
        }

    def story(self, number: int, part: str, symptom: str) -> Any:
        text = f"{part}{symptom}，初步判断为{self.dice.choice(CAUSES)}。\n环境温度 {self.dice.randrange(-30, 60)} ℃。"
        if number % 7:
            return text
        user = self.dice.choice(self.tenant.users)
        link = f"https://example.feishu.cn/docx/{derived_id('', 27, 'guide', part)}"
        return [
            {"type": "text", "text": f"{text}请 "},
            {"type": "mention", "mentionType": "User", "mentionNotify": False, "name": user.name, "text": f"@{user.name}", "token": user.open_id},
            {"type": "text", "text": " 参照 "},
            {"type": "mention", "mentionType": "Docx", "text": f"{part}故障定位指引", "token": derived_id("", 27, "guide", part), "link": link},
            {"type": "text", "text": "，工单 "},
            {"type": "url", "text": f"#{number}", "link": f"https://example.com/tickets/{number}"},
        ]

    def goals(self, base: Base) -> Table:
        columns = [
            Field("编号", 1, is_primary=True),
            Field("安全目标", 1),
            Field("ASIL", 3, property=_options(ASIL)),
            Field("安全状态", 4, property=_options(["切断高压", "限扭", "靠边停车", "提示驾驶员"])),
            Field("FTTI (ms)", 2, "Number", {"formatter": "0"}),
            DEFECTS_OF,
            Field("缺陷数", 20, property=_formula("相关缺陷.COUNTA()", "0")),
            Field("评审日期", 5, property=DAY_ONLY),
        ]
        table = base.add_table("安全目标", columns, SAFETY_GOALS)
        goals = [(part, symptom) for part in PARTS for symptom in ("过热", "输出扭矩异常", "通信丢失", "误报警")]
        safe = ["切断高压", "限扭", "靠边停车", "提示驾驶员"]
        table.add_many(
            [
                {
                    "编号": f"SG-{number:03}",
                    "安全目标": f"避免{part}{symptom}导致人身伤害",
                    "ASIL": self.dice.choice(ASIL),
                    "安全状态": self.dice.sample(safe, self.dice.randint(1, 2)),
                    "FTTI (ms)": self.maybe(0.9, self.dice.choice([50, 100, 200, 500, 1000])),
                    "评审日期": self.maybe(0.8, self.day()),
                }
                for number, (part, symptom) in enumerate(goals, 1)
            ]
        )
        return table

    def tests(self, base: Base) -> Table:
        columns = [
            Field("用例", 1, is_primary=True),
            Field("样件条码", 1, "Barcode", {"allowed_edit_modes": {"manual": True, "scan": True}}),
            Field("结果", 3, property=_options(["通过", "失败", "阻塞"])),
            Field("验证的缺陷", 18, property=_link(SAFETY_DEFECTS, "缺陷")),
            Field("缺陷处理人", 19, property=_lookup(SAFETY_DEFECTS)),
            Field("执行时间", 5, property=DAY_AND_TIME),
            Field("执行人", 11, property={"multiple": False}),
            Field("电压 (V)", 2, "Number", {"formatter": "0.0000"}),
            Field("余量", 20, property=_formula("电压 (V)-9", "0.00")),
            Field("报告", 17),
            Field("台账", 15),
        ]
        table = base.add_table("测试记录", columns, SAFETY_TESTS)
        table.add_many([self.test(number) for number in range(320)])
        return table

    def test(self, number: int) -> dict[str, Any]:
        volts = self.maybe(0.9, round(self.dice.uniform(8.5, 14.5), 4))
        report = [_file(f"TR-{number:04}.pdf", "application/pdf", 640_000 + number), _file(f"波形-{number:04}.png", "image/png", 0)]
        return {
            "用例": f"TC-{number:04} {self.dice.choice(PARTS)}{self.dice.choice(['故障注入', '边界', '耐久', '冷启动'])}",
            "样件条码": f"69{self.dice.randrange(10**11):011}",
            "结果": self.maybe(0.95, self.dice.choice(["通过", "通过", "通过", "失败", "阻塞"])),
            "执行时间": stamp_of(dt.datetime(2025, 1, 6, 9, tzinfo=ZONE)) + number * 7 * HOUR,
            "执行人": self.dice.choice(self.tenant.users),
            "电压 (V)": volts,
            "余量": volts and _computed(2, round(volts - 9, 4)),
            "报告": self.maybe(0.3, report),
            "台账": self.maybe(0.2, f"https://example.com/bench/{number}"),
        }

    def link_defects(self, defects: Table, goals: Table) -> None:
        ways: dict[str, list[str]] = {one: [] for one in goals.rows}
        for record_id in defects.rows:
            chosen = self.dice.sample(list(ways)[:-1], self.dice.choice([0, 1, 1, 1, 2]))
            levels = [goals.read(one)["ASIL"] for one in chosen]
            defects.set_quietly(record_id, {GOAL_OF.name: chosen, "目标 ASIL": levels and _computed(3, *levels)})
            for one in chosen:
                ways[one].append(record_id)
        for record_id, linked in ways.items():
            goals.set_quietly(record_id, {DEFECTS_OF.name: linked[:500], "缺陷数": _computed(2, len(linked[:500]))})

    def link_tests(self, tests: Table, defects: Table) -> None:
        for record_id in tests.rows:
            chosen = self.dice.sample(list(defects.rows), min(len(defects.rows), self.dice.choice([0, 1, 1, 2])))
            owners = [person for one in chosen for person in defects.read(one).get("处理人", [])]
            values = {"验证的缺陷": chosen, "缺陷处理人": owners and _computed(11, *owners)}
            tests.set_quietly(record_id, values)


def _day_of(stamp: int) -> dt.date:
    return (dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(milliseconds=stamp)).astimezone(ZONE).date()


def _ids(cells: dict[str, Any], name: str) -> list[str]:
    return list(cells.get(name, {}).get("link_record_ids", []))


def _lookup(table_id: str) -> dict[str, Any]:
    return {"filter_info": {"target_table": table_id, "filter_info": {"conjunction": "and", "conditions": []}}}


def _result(kind: int, ui_type: str) -> dict[str, Any]:
    return {"type": {"data_type": kind, "ui_type": ui_type, "ui_property": {}}}
