"""What `larknb.cache` says, in English and Chinese."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "cache.damaged": (
        "A damaged manifest was set aside as {path}; a new one was rebuilt from the snapshots beside it",
        "损坏的清单文件已另存为 {path}；已根据同目录下的快照重建清单",
    ),
    "cache.unreadable": (
        "The manifest {path} is damaged; it is restored from the snapshots beside it as far as possible",
        "清单文件 {path} 已损坏；将尽可能依据同目录下的快照还原其内容",
    ),
    "cache.record": (
        "The record {path} of a snapshot is damaged; the files beside it are left alone",
        "快照记录 {path} 已损坏；其旁边的文件保持不动",
    ),
    "cache.lost": ("{path} is missing or damaged, and is left out of the history", "{path} 缺失或已损坏，未列入历史"),
    "cache.rebuilt": (
        "The manifest was damaged or missing and was rebuilt from {count:# snapshot}; the next sync reads everything",
        "清单文件损坏或缺失，已根据 {count} 个快照重建；下次同步将全部重新读取",
    ),
    "cache.file.what": ("The file {path} is missing or damaged", "文件 {path} 缺失或已损坏"),
    "cache.file.next": ("run larknb sync {name} --force", "请运行 larknb sync {name} --force"),
    "cache.past.what": (
        "The snapshot {when} cannot be read: {path} is gone or damaged",
        "无法读取快照 {when}：{path} 已不存在或已损坏",
    ),
    "cache.past.next": ("use another snapshot, or the present state", "请使用其他快照或当前数据"),
    "cache.table.what": ("There is no table {table} any more", "表 {table} 已不存在"),
    "cache.table.next": ("its tables are {tables}", "该数据源的表有：{tables}"),
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
    "history.same.what": ("There is no earlier snapshot that differs", "没有内容不同的更早快照"),
    "history.none.next": (
        "of {count:# snapshot} the oldest is {first}, the newest {last}: see larknb history",
        "现有 {count} 个快照，最早的为 {first}，最新的为 {last}：见 larknb history",
    ),
    "history.note.current": ("current", "当前"),
    "history.note.clock": ("the clock was wrong, counts as {at}", "当时的时钟有误，按 {at} 计"),
    "history.note.incremental": ("incremental: edited rows alone were read", "增量（incremental）：仅读取了被编辑的行"),
    "history.note.lost": ("cannot be read", "无法读取"),
    "history.removed.what": (
        "Worksheet rows have no ids, so deleted rows cannot be identified",
        "工作表的行没有编号，无法判断删除了哪些行",
    ),
    "history.removed.next": ("compare it with lk.load(name, as_of=…)", "请与 lk.load(name, as_of=…) 的结果比较"),
    "history.lost.what": ("The content of the snapshot in {path} is no longer known", "无法得知快照 {path} 的内容"),
    "history.lost.next": ("use another snapshot; its files are left alone", "请使用其他快照；其文件保持不动"),
    "history.when.what": ("Cannot read {when!r} as a date or time", "无法将 {when!r} 识别为日期或时间"),
    "history.when.next": (
        "use a time, a date such as 2026-01-16, yesterday, friday, 3d (so long ago), a snapshot id, the id of a run,"
        " or a negative index",
        "请使用时间、日期（如 2026-01-16）、yesterday、周五、3d（3 天前）、快照编号、运行编号或负数序号",
    ),
    "sql.missing.what": ("SQL needs DuckDB", "使用 SQL 需要 DuckDB"),
    "sql.missing.next": ('run pip install "larknb[sql]"', '请运行 pip install "larknb[sql]"'),
    "sql.what": ("the query could not be answered: {reason}", "无法执行该查询：{reason}"),
    "sql.next": (
        'put names with special characters in double quotes: SELECT * FROM "source/table"',
        '带符号的名称请加双引号：SELECT * FROM "数据源/表"',
    ),
    "sql.types": (
        "DESCRIBE tells the types; unnest(column) makes rows of a list, CAST(column AS …) another type",
        "请用 DESCRIBE 查看列的类型；列表可用 unnest(列) 展开，其他类型可用 CAST(列 AS …) 转换",
    ),
    "sql.table": ("there is no table {name} in the cache", "缓存中没有表 {name}"),
    "sql.near": ("did you mean {names}?", "是否想查询 {names}？"),
    "sql.tables": ("its tables are: {names}", "缓存中的表有：{names}"),
    "sql.none": ("run larknb sync first", "请先运行 larknb sync"),
    "where.what": ("where= could not be applied: {reason}", "无法按 where= 的条件筛选：{reason}"),
    "where.next": (
        "give a value, a list of values, or a function that returns True or False for each row",
        "请给出一个值、一组值，或对每一行返回 True 或 False 的函数",
    ),
    "attachments.none": (
        "it was not downloaded: set attachments = true for this source, and sync it",
        "尚未下载：请为该数据源设置 attachments = true 并同步",
    ),
    "attachments.embedded": (
        "it was not downloaded: add the base as a source of its own, with attachments = true, and sync it",
        "尚未下载：请将该多维表格单独添加为数据源，设置 attachments = true 并同步",
    ),
    "column.missing.what": ("There is no column {column}", "没有列 {column}"),
    "grid.what": ("This is a table of records, not a worksheet", "这是多维表格的数据表，不是工作表"),
    "grid.next": ("use lk.load(name, raw=True) for its loss-free form", "请使用 lk.load(name, raw=True) 查看无损形式"),
    "guide.what": ("This source holds tables and is not a document", "该数据源是表格，不是文档"),
    "guide.next": ("use lk.load(name)", "请使用 lk.load(name)"),
}
