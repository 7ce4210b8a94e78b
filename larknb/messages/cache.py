"""What `larknb.cache` says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "cache.damaged": (
        "The manifest {path} is damaged; the source counts as never synced",
        "清单文件 {path} 已损坏；该来源视为从未同步",
    ),
    "cache.latest": (
        "Could not replace {path} ({reason}); it follows at the next sync",
        "无法替换 {path}（{reason}）；将在下次同步时更新",
    ),
    "shrink.held": (
        "{before} rows became {after}: held back until a second look 10 minutes later agrees, or accept_shrink",
        "行数从 {before} 变为 {after}：暂不采用，待至少 10 分钟后再次读取结果一致，或使用 accept_shrink",
    ),
    "shrink.held_text": (
        "{before} characters of text became {after}: held back until a second look 10 minutes later agrees,"
        " or accept_shrink",
        "正文从 {before} 个字符变为 {after} 个：暂不采用，待至少 10 分钟后再次读取结果一致，或使用 accept_shrink",
    ),
    "shrink.held_blocks": (
        "{before} blocks became {after}: held back until a second look 10 minutes later agrees, or accept_shrink",
        "内容块从 {before} 个变为 {after} 个：暂不采用，待至少 10 分钟后再次读取结果一致，或使用 accept_shrink",
    ),
    "history.none.what": ("There is no snapshot of {when}", "没有 {when} 的快照"),
    "history.none.next": ("the oldest one is {first}", "最早的快照为 {first}"),
    "history.when.what": ("{when} is no moment", "无法识别的时间：{when}"),
    "history.when.next": (
        "use a time, a date such as 2026-01-16, yesterday, a snapshot id, or a negative index",
        "请使用时间、日期（如 2026-01-16）、yesterday、快照编号或负数序号",
    ),
    "column.missing.what": ("There is no column {column}", "没有列 {column}"),
    "grid.what": ("It is a table of records, not a worksheet", "这是多维表格的数据表，不是工作表"),
    "grid.next": ("use lk.load(name, raw=True) for its loss-free form", "请使用 lk.load(name, raw=True) 查看无损形式"),
    "guide.what": ("It holds tables, it is no document", "该来源是表格，不是文档"),
    "guide.next": ("use lk.load(name)", "请使用 lk.load(name)"),
}
