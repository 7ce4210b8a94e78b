"""Tokens and ids of everything in the sample workspace that docs and tests name."""

STAFF_BASE = "HcPn5Zq2bYk8WdTfRs1vXgLjMeA"  # 功能安全部人力盘点
STAFF_PEOPLE = "tblPeople7Qm2xKdV"
STAFF_DEPARTMENTS = "tblDepart4Rw9cTzN"
STAFF_SKILLS = "tblSkills8Yb3hJfL"

SAFETY_BASE = "FsQd7Vm4cXn2RtKyBw6pZjHgUaE"  # 功能安全业务数据
SAFETY_DEFECTS = "tblDefect5Ku8nWqX"
SAFETY_GOALS = "tblGoalsX2Pd6vMrT"
SAFETY_TESTS = "tblTestsX9Hs4gBzC"
WIKI_NODE = "WkNd3Fs8Lq5RbTzXcVy1MhJpKoG"  # a node that holds it

BOOK = "TzBk9Rw3Xm7QdVnYc2LfHsGpJaE"  # 在线表格示例
BOOK_PARTS = "pTs4Kq"  # 物料清单: a title above the header
BOOK_MONTHS = "mNt7Wb"  # 月度统计: a header of two rows
BOOK_PLAN = "pLn2Xd"  # 测试排期: dates, times, errors, a mixed column
BOOK_CODES = "cDe5Rv"  # 故障码: rich cells
BOOK_VALUES = "vLs8Hj"  # 标定参数: large numbers
BOOK_HIDDEN = "hDn3Zf"  # 历史归档: hidden
BOOK_BASE = "bSe6Ym"  # 评审问题: a Bitable of its own inside the spreadsheet
EMBEDDED_BASE = "EbDq2Xw8Tn5KcRyVs7LmZhGpJaC"
EMBEDDED_TABLE = "tblReview6Fd3kWpN"

GUIDES = (  # 故障定位指引文档1 to 5
    "GdMt1Qx7Vb3KzRwYn5LcHsJpTaE",  # motor controller
    "GdBt2Wc8Xn4LdTyZm6KfJrHqVbS",  # battery pack
    "GdCn3Rf9Yk5MgVzXp7LhKtJsWcD",  # CAN bus
    "GdBr4Tg2Zm6NhWxYq8KjLvHuXdF",  # brake booster
    "GdCh5Vj3Xp7PkYzWr9MlKwJtZeG",  # charger
)
GUIDE_NODE = "GwNd4Kt9Mq6ScVzYdWx2NjLpRoH"  # a wiki node that holds the third guide
GUIDE_BOOK = "GbSh5Lv2Nr7TdWyZeXq3PkMsUaJ"  # a spreadsheet inside the second guide
GUIDE_SHEET = "gSh9Tc"
