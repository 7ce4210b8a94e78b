"""The base 功能安全部人力盘点: people, departments and skills."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from larknb.sandbox.world.bitable.base import Base, Table
from larknb.sandbox.world.bitable.fields import Field
from larknb.sandbox.world.ids import derived_id
from larknb.sandbox.world.people import User
from larknb.sandbox.world.tenant import Tenant
from larknb.sandbox.world.times import midnight_of

from .chance import DAY, TODAY, ZONE, Dice
from .columns import (
    ANYWHERE,
    COUNTER,
    DAY_ONLY,
    PERCENT,
    SCAN,
    SITES,
    STARS,
    column_ref,
    computed_cell,
    formula_of,
    link_to,
    linked_ids,
    lookup_in,
    select_of,
    site_cell,
    text_segment,
)
from .files import file_object
from .history import give_history
from .tokens import STAFF_BASE, STAFF_DEPARTMENTS, STAFF_PEOPLE, STAFF_SKILLS

# fmt: off
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张"
GIVEN = [
    "伟", "芳", "娜", "敏", "静", "磊", "强", "洋", "艳", "勇", "军", "杰", "涛", "明", "秀英", "文博", "雨桐", "子涵",
]
GRADES = ["P5 工程师", "P6 高级工程师", "P7 专家", "P8 资深专家", "M1 经理"]
DEPARTMENTS = [
    "系统安全组", "软件安全组", "硬件安全组", "电池与电驱组", "智驾安全组", "测试验证组", "流程与工具组", "芯片安全组",
]
KINDS = ["标准", "分析方法", "软件", "硬件", "测试"]
SKILLS = [
    ("ISO 26262 审核", 0), ("SOTIF (ISO 21448)", 0), ("ISO/SAE 21434", 0), ("HARA 分析", 1), ("FMEA", 1), ("FTA", 1),
    ("STPA", 1), ("AUTOSAR", 2), ("MISRA C, CERT C", 2), ("模型检查", 2), ("Python", 2), ("Simulink", 2), ("FMEDA", 3),
    ("锁步核设计", 3), ("电池管理系统", 3), ("HIL 测试", 4), ("故障注入", 4), ("电磁兼容", 4),
]
# fmt: on


def add_staff(tenant: Tenant, dice: Dice) -> Base:
    """Add the base, for the people of the tenant."""
    return _StaffBase(tenant, dice).build()


def add_people(tenant: Tenant, dice: Dice) -> None:
    """Add the staff."""
    names = [surname + given for surname in SURNAMES for given in GIVEN]
    for number, name in enumerate(dice.sample(names, 47), 1):
        mobile = f"139{number:04}{dice.randrange(10_000):04}"
        tenant.add_user(name, en_name=f"Staff {number}", email=f"fs{number:03}@example.com", mobile=mobile)


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
            give_history(table, self.dice, sorted(self.dice.moment() for _ in table.rows))
        leads = {"field_id": self.people.field("职级").field_id, "operator": "is", "value": ["M1 经理"]}
        self.people.add_view("经理", {"conjunction": "and", "conditions": [leads]})
        return self.base

    def people_fields(self) -> list[Field]:
        joined, skills = column_ref(STAFF_PEOPLE, "fldJoinedOn"), column_ref(STAFF_PEOPLE, "fldSkillsOf")
        return [
            Field("姓名", 1, is_primary=True, description="与工牌一致"),
            Field("账号", 11, property={"multiple": False}),
            Field("工牌", 1, "Barcode", SCAN),
            Field("邮箱", 1, "Email"),
            Field("手机", 13),
            Field("部门", 21, "", link_to(STAFF_DEPARTMENTS, "部门", "fldMembers", "成员"), "fldDepartmt"),
            Field("职级", 3, property=select_of(GRADES)),
            Field("技能", 21, "", link_to(STAFF_SKILLS, "技能", "fldOwnersOf", "掌握者"), "fldSkillsOf"),
            Field("出生日期", 5, property=DAY_ONLY),
            Field("入职日期", 5, "", DAY_ONLY, "fldJoinedOn"),
            Field("在岗", 7),
            Field("满勤率", 2, "Progress", PERCENT),
            Field("月成本", 2, "Currency", {"formatter": "0.00", "currency_code": "CNY"}),
            Field("绩效", 2, "Rating", STARS, "fldMarkOfYr"),
            Field("办公地点", 22, property=ANYWHERE),
            Field("个人主页", 15),
            Field("证书", 17),
            Field("部门负责人", 19, property=lookup_in(STAFF_DEPARTMENTS)),
            Field("技能数", 20, property=formula_of(f"COUNTA({skills})", "0", (2, "Number"))),
            Field("工龄天数", 20, property=formula_of(f"DAYS(TODAY(),{joined})", "0", (2, "Number"))),
            Field("编号", 1005, property=COUNTER),
            Field("创建时间", 1001, property={"date_formatter": "yyyy/MM/dd"}),
            Field("创建人", 1003),
        ]

    def department_fields(self) -> list[Field]:
        members = column_ref(STAFF_DEPARTMENTS, "fldMembers")
        return [
            Field("名称", 1, is_primary=True),
            Field("负责人", 11, property={"multiple": True}),
            Field("成员", 21, "", link_to(STAFF_PEOPLE, "人员", "fldDepartmt", "部门"), "fldMembers"),
            Field("人数", 20, property=formula_of(f"COUNTA({members})", "0", (2, "Number"))),
            Field("最近入职", 19, property=lookup_in(STAFF_PEOPLE)),
            Field("成员职级", 19, property=lookup_in(STAFF_PEOPLE)),
            Field("沟通群", 23, property={"multiple": True}),
            Field("编制", 2, "Number", {"formatter": "0"}),
            Field("修改人", 1004),
        ]

    def skill_fields(self) -> list[Field]:
        owners, mark = column_ref(STAFF_SKILLS, "fldOwnersOf"), column_ref(STAFF_PEOPLE, "fldMarkOfYr")
        return [
            Field("技能", 1, is_primary=True),
            Field("类别", 3, property=select_of(KINDS)),
            Field("掌握者", 21, "", link_to(STAFF_PEOPLE, "人员", "fldSkillsOf", "技能"), "fldOwnersOf"),
            Field("掌握者姓名", 19, property=lookup_in(STAFF_PEOPLE)),
            Field("平均绩效", 20, property=formula_of(f"AVERAGE({owners}.{mark})", "0.00", (2, "Number"))),
            Field("紧缺", 20, property=formula_of(f"COUNTA({owners})<8", "", (7, "Checkbox"))),
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
            "办公地点": dice.maybe(0.8, site_cell(dice.choice(SITES))),
            "个人主页": dice.maybe(0.3, {"text": f"{user.name}的主页", "link": f"https://example.com/{user.user_id}"}),
            "证书": dice.maybe(0.2, [file_object(f"{user.name}-功能安全工程师.pdf", "application/pdf")]),
        }

    def add_odd_people(self) -> None:
        """Two rows that clients trip over: one with nothing but a name, one full of edges."""
        self.people.add({"姓名": "待招聘 (HC-2026)"})
        old = self.base.tenant.add_user("欧阳, 国栋", en_name="Ouyang, Guodong")
        self.people.add(
            {
                "姓名": [text_segment("欧阳, 国栋 "), text_segment("(返聘)")],
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
            led_by = [self.departments.read(one)["负责人"] for one in linked_ids(cells, "部门")]
            days = [(midnight_of(TODAY, ZONE) - cells["入职日期"]) // DAY] if "入职日期" in cells else []
            computed = {
                "部门负责人": computed_cell(11, [*itertools.chain(*led_by)]),
                "工龄天数": computed_cell(2, days),
            }
            self.people.set_quietly(
                record_id, computed | {"技能数": computed_cell(2, [len(linked_ids(cells, "技能"))])}
            )

    def compute_departments(self) -> None:
        for record_id in list(self.departments.rows):
            members = [self.people.read(one) for one in linked_ids(self.departments.read(record_id), "成员")]
            latest = max([one["入职日期"] for one in members], default=None)
            computed = {
                "人数": computed_cell(2, [len(members)]),
                "最近入职": latest and computed_cell(5, [latest]),
                "成员职级": computed_cell(3, [one["职级"] for one in members]),
            }
            self.departments.set_quietly(record_id, computed)

    def compute_skills(self) -> None:
        for record_id in list(self.skills.rows):
            owners = [self.people.read(one) for one in linked_ids(self.skills.read(record_id), "掌握者")]
            marks = [one["绩效"] for one in owners if "绩效" in one]
            computed = {
                "掌握者姓名": computed_cell(1, [segment for one in owners for segment in one["姓名"]]),
                "平均绩效": computed_cell(2, [round(sum(marks) / len(marks), 2)] if marks else []),
                "紧缺": computed_cell(7, [len(owners) < 8]),
            }
            self.skills.set_quietly(record_id, computed)
